"""Columns of other libraries, taken over through Arrow's C data interface.

In the map: compiled once, for any processor, into negw2v.corpus._arrow, which
negw2v/corpus/arrow.py calls; above arrow_data.pxd.

What is taken over is released once: when the object that holds it goes, also after an error.
"""

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.errno cimport EINVAL
from libc.stdint cimport int64_t
from libc.string cimport memset

from arrow_data cimport ArrowArray, ArrowArrayStream, ArrowSchema

cdef enum:
    DEEPEST = 16        # of types in types: a schema that refers to itself would not end
    WIDEST = 1 << 20    # columns of a table


@cython.final
cdef class Field:
    """The name and type of a column; a copy of what a schema says."""

    #: Its name; "" where it has none.
    cdef readonly str name
    #: Its type, as the specification writes it: "u", "+l", ...
    cdef readonly str format
    #: Fields that it consists of: a list's values, a table's columns.
    cdef readonly list children
    #: Field of the values, where the column holds numbers of entries of a dictionary; else None.
    cdef readonly Field dictionary


cdef Field field_of(const ArrowSchema *schema, int depth):
    cdef Field field = Field.__new__(Field)
    cdef int64_t i
    if schema == NULL or schema.format == NULL or (depth == 0 and schema.release == NULL):
        raise ValueError("its schema is not there, or was released")
    if depth == DEEPEST or not 0 <= schema.n_children <= WIDEST:
        raise ValueError("its schema has no end")
    field.format = schema.format.decode("utf-8", "replace")
    field.name = schema.name.decode("utf-8", "replace") if schema.name != NULL else ""
    field.children = []
    if schema.n_children and schema.children == NULL:
        raise ValueError("its schema lacks its children")
    for i in range(schema.n_children):
        field.children.append(field_of(schema.children[i], depth + 1))
    if schema.dictionary != NULL:
        field.dictionary = field_of(schema.dictionary, depth + 1)
    return field


cdef Field take_field(ArrowSchema *schema):
    """A copy of a schema, which is released."""
    try:
        return field_of(schema, 0)
    finally:
        if schema.release != NULL:
            schema.release(schema)


cdef void *content(object capsule, const char *name) except NULL:
    if not PyCapsule_IsValid(capsule, name):
        raise TypeError(
            f"a capsule named {name.decode()} is needed, not a {type(capsule).__name__}"
        )
    return PyCapsule_GetPointer(capsule, name)


def schema_of(capsule):
    """The :class:`Field` in a capsule of ``__arrow_c_schema__`` or ``__arrow_c_array__``."""
    return take_field(<ArrowSchema *>content(capsule, "arrow_schema"))


@cython.final
cdef class Batch:
    """An array that was taken over; it is released with this object.

    Parameters
    ----------
    capsule
        The second of ``__arrow_c_array__``; None: to be filled by a stream.
    """

    cdef ArrowArray array

    def __cinit__(self, capsule=None):
        cdef ArrowArray *given
        memset(&self.array, 0, sizeof(ArrowArray))
        if capsule is None:
            return
        given = <ArrowArray *>content(capsule, "arrow_array")
        if given.release == NULL:
            raise ValueError("its array was released before it was read")
        self.array = given[0]
        given.release = NULL    # it is ours now

    def __dealloc__(self):
        if self.array.release != NULL:
            self.array.release(&self.array)

    @property
    def address(self):
        """Where the array's structure is in memory."""
        return <size_t>&self.array

    @property
    def length(self):
        """Number of rows."""
        return self.array.length


@cython.final
cdef class Stream:
    """A stream of arrays of one type that was taken over; it is released with this object.

    Parameters
    ----------
    capsule
        What ``__arrow_c_stream__`` returned.
    """

    cdef ArrowArrayStream stream

    def __cinit__(self, capsule):
        cdef ArrowArrayStream *given
        memset(&self.stream, 0, sizeof(ArrowArrayStream))
        given = <ArrowArrayStream *>content(capsule, "arrow_array_stream")
        if given.release == NULL:
            raise ValueError("its stream was released before it was read")
        self.stream = given[0]
        given.release = NULL    # it is ours now

    def __dealloc__(self):
        if self.stream.release != NULL:
            self.stream.release(&self.stream)

    def schema(self):
        """The :class:`Field` of all arrays."""
        cdef ArrowSchema schema
        cdef int status
        memset(&schema, 0, sizeof(ArrowSchema))
        with nogil:             # what answers may need another thread of Python's
            status = self.stream.get_schema(&self.stream, &schema)
        self.check(status)
        return take_field(&schema)

    def next(self):
        """The next :class:`Batch`, or None at the end.

        Raises
        ------
        OSError
            The stream says so, with the number and the message that it gives.
        """
        cdef Batch batch = Batch()
        cdef int status
        with nogil:
            status = self.stream.get_next(&self.stream, &batch.array)
        self.check(status)
        return batch if batch.array.release != NULL else None

    cdef int check(self, int status) except -1:
        cdef const char *message
        if status == 0:
            return 0
        message = self.stream.get_last_error(&self.stream)
        text = "it gives no reason" if message == NULL else message.decode("utf-8", "replace")
        raise OSError(status if status > 0 else EINVAL, text)
