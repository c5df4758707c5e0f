"""Arrow arrays made by hand with ctypes: right and wrong ones, which count their releases."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np


class Schema(ctypes.Structure):
    """ArrowSchema."""


class Array(ctypes.Structure):
    """ArrowArray."""


class Stream(ctypes.Structure):
    """ArrowArrayStream."""


RELEASE_SCHEMA = ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))
RELEASE_ARRAY = ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))
GET_SCHEMA = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))
GET_NEXT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))
LAST_ERROR = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(Stream))
RELEASE_STREAM = ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))

Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", RELEASE_SCHEMA),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", RELEASE_ARRAY),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", GET_SCHEMA),
    ("get_next", GET_NEXT),
    ("get_last_error", LAST_ERROR),
    ("release", RELEASE_STREAM),
    ("private_data", ctypes.c_void_p),
]

new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


#: Whoever was handed a structure calls its release, which must still be there.
_ALIVE: list[Any] = []


def forget() -> None:
    """Free what was made: all of it was released."""
    _ALIVE.clear()


class Column:
    """A column by hand: its type, its buffers, its children; and how often it was released.

    Parameters
    ----------
    code
        The type as a schema writes it.
    length, offset
        As the array claims.
    buffers
        NumPy arrays, bytes or None; what they are is not checked.
    children
        Columns in it.
    dictionary
        The column of a dictionary's entries.
    nulls
        ``null_count``.
    name
        In a table.
    """

    def __init__(
        self,
        code: str,
        length: int,
        buffers: list[Any],
        children: tuple[Column, ...] = (),
        *,
        dictionary: Column | None = None,
        nulls: int = 0,
        offset: int = 0,
        name: str = "",
    ) -> None:
        _ALIVE.append(self)
        self.released = {"schema": 0, "array": 0, "stream": 0}
        self.asked = 0  # how often it was handed over as it is, in no stream
        self.code, self.name = code, name
        self._texts: list[bytes] = []  # structures point to them
        self.children, self.dictionary = children, dictionary
        self._arrays = [None if each is None else np.frombuffer(each, np.uint8) for each in buffers]
        addresses = [None if each is None else each.ctypes.data for each in self._arrays]
        self._buffers = (ctypes.c_void_p * max(1, len(buffers)))(*addresses)
        self._release_schema = RELEASE_SCHEMA(self._end_schema)
        self._release_array = RELEASE_ARRAY(self._end_array)
        self.sizes = (length, nulls, offset, len(buffers))

    def _end_schema(self, schema: Any) -> None:
        self.released["schema"] += 1
        schema[0].release = RELEASE_SCHEMA()

    def _end_array(self, array: Any) -> None:
        self.released["array"] += 1
        array[0].release = RELEASE_ARRAY()

    def schema(self) -> Schema:
        """The structure of its type."""
        n = len(self.children)
        self._schemas = [each.schema() for each in self.children]
        pointers = (ctypes.POINTER(Schema) * max(1, n))(*map(ctypes.pointer, self._schemas))
        self._schema_pointers = pointers
        texts = self.code.encode(), self.name.encode()
        self._texts += texts
        result = Schema(*texts, None, 0, n, pointers)
        if self.dictionary is not None:
            self._dictionary_schema = self.dictionary.schema()
            result.dictionary = ctypes.pointer(self._dictionary_schema)
        result.release = self._release_schema
        return result

    def array(self) -> Array:
        """The structure of its data."""
        n = len(self.children)
        self._children = [each.array() for each in self.children]
        self._child_pointers = (ctypes.POINTER(Array) * max(1, n))(
            *map(ctypes.pointer, self._children)
        )
        length, nulls, offset, buffers = self.sizes
        result = Array(length, nulls, offset, buffers, n, self._buffers, self._child_pointers)
        if self.dictionary is not None:
            self._dictionary_array = self.dictionary.array()
            result.dictionary = ctypes.pointer(self._dictionary_array)
        result.release = self._release_array
        return result

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        self.asked += 1
        self.kept = self.schema(), self.array()
        return (
            new_capsule(ctypes.addressof(self.kept[0]), b"arrow_schema", None),
            new_capsule(ctypes.addressof(self.kept[1]), b"arrow_array", None),
        )


class Streamed:
    """A stream of one column, several times; it may end in an error.

    Parameters
    ----------
    column
        What is handed over.
    times
        How often.
    error
        A number that the stream returns behind that; 0: it ends.
    """

    def __init__(self, column: Column, times: int, error: int = 0) -> None:
        _ALIVE.append(self)
        self.column = column
        self.left = times
        self.error = error
        self.released = 0
        self._callbacks = (
            GET_SCHEMA(self._get_schema),
            GET_NEXT(self._get_next),
            LAST_ERROR(self._last_error),
            RELEASE_STREAM(self._end),
        )
        self._message = ctypes.create_string_buffer(b"the disk is on fire")

    def _get_schema(self, stream: Any, out: Any) -> int:
        out[0] = self.column.schema()
        return 0

    def _get_next(self, stream: Any, out: Any) -> int:
        if self.left:
            self.left -= 1
            out[0] = self.column.array()
            return 0
        if self.error:
            return self.error
        out[0].release = RELEASE_ARRAY()
        return 0

    def _last_error(self, stream: Any) -> int:
        return ctypes.addressof(self._message)

    def _end(self, stream: Any) -> None:
        self.released += 1
        stream[0].release = RELEASE_STREAM()

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        self.stream = Stream(*self._callbacks)
        return new_capsule(ctypes.addressof(self.stream), b"arrow_array_stream", None)


def int32s(*values: int) -> np.ndarray[Any, Any]:
    """Offsets, indices or numbers of 32 bits."""
    return np.array(values, np.int32)


def strings(*words: str, offsets: Any = None) -> Column:
    """A column of strings."""
    data = [word.encode() for word in words]
    places = int32s(0, *np.cumsum([len(each) for each in data])) if offsets is None else offsets
    return Column("u", len(words), [None, places, b"".join(data) or b"\0"])


def lists(values: Column, *offsets: int, **further: Any) -> Column:
    """A column of lists."""
    return Column("+l", len(offsets) - 1, [None, int32s(*offsets)], (values,), **further)
