"""The arrays of a KeyedVectors: vectors, their norms, and the int8 copy that searches read.

Users may change ``vectors`` and ``norms`` in place at any time, and comparing takes as long as a
search without derived data. So norms and int8 copy are trusted only while nobody can have made a
change: from a search at which nobody else holds an array, or a view of it, until the array is
asked for again. This is the only module that touches the private attributes of
:class:`KeyedVectors`.
"""

# ruff: noqa: SLF001 - see above

from __future__ import annotations

import logging
import math
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.array_ownership import OwnedArray
from negw2v.arrays import Array
from negw2v.commit import at_once, attributes
from negw2v.errors import InputTypeError, ParameterError, RowIndexError
from negw2v.search import cosine
from negw2v.search import int8_rows as search_int8
from negw2v.search.int8_rows import Int8Rows

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "PRIVATE",
    "Int8Copy",
    "Norms",
    "change",
    "current_norms",
    "identity",
    "initialize",
    "int8_rows",
    "is_asked_for_each",
    "known_norms",
    "matrix",
    "matrix_and_norms",
    "matrix_and_sure_norms",
    "no_row",
    "row",
    "set_norms",
    "some_rows",
    "writable",
]

#: Names of the attributes that are private to this module.
PRIVATE = ("_int8_copy", "_owned_vectors", "_norms")

logger = logging.getLogger(__name__)


class Norms:
    """Lengths of vectors, and the vectors that they belong to; it does not change.

    Parameters
    ----------
    vectors
        The vectors.
    lengths
        Float (V,): the length of each.
    versions
        Versions of both arrays when the lengths were computed; None: the user set them.
    """

    __slots__ = ("lengths", "vectors", "versions")

    def __init__(
        self,
        vectors: OwnedArray,
        lengths: OwnedArray,
        versions: tuple[int | None, int | None] | None,
    ) -> None:
        self.vectors = vectors
        self.lengths = lengths
        self.versions = versions


class Int8Copy:
    """The 8-bit copy of the vectors, while nobody can have changed them.

    Each query makes a part of it, of the rows that follow those that are there: so none takes
    longer than without a copy, and what was made is of use from the next one on.
    """

    # Queries without a change in between after which the copy is begun. To make it takes as long
    # as a few queries do, which would be wasted if no more queries came.
    PATIENCE = 3

    # In so many parts. To make one, and to search it, takes as long as to search its rows; with
    # fewer parts the first of these queries would take noticeably longer.
    PARTS = 8

    def __init__(self) -> None:
        # taken without waiting: a thread that does not get it searches without the copy
        self._lock = threading.Lock()
        self.forget()

    def __reduce__(self) -> tuple[type[Int8Copy], tuple[()]]:
        return Int8Copy, ()

    def forget(self) -> None:
        """Drop the copy."""
        # with the number of blocks that are made: one attribute, as other threads may forget both
        self._made: tuple[Int8Rows, int] | None = None
        self._versions: tuple[int, int] | None = None
        self._queries = 0
        self._pays = True

    def rows(self, vectors: OwnedArray, norms: OwnedArray, queries: int) -> Int8Rows | None:
        """The copy, as far as it is made, or None where searches cannot use it now.

        Parameters
        ----------
        vectors, norms
            Float (V, dims), and the rows' lengths.
        queries
            How many queries are about to be answered.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            versions = vectors.version(), norms.version()
            if versions != self._versions or None in versions:
                self.forget()
                if versions[0] is None or versions[1] is None:
                    return None
                self._versions = versions[0], versions[1]
            self._queries += queries
            if self._pays and self._queries >= self.PATIENCE:
                self._grow(vectors.read_only(), norms.read_only(), queries)
            made = self._made
            return None if made is None else made[0].first(made[1])
        finally:
            self._lock.release()

    def _grow(self, matrix: Array, norms: Array, queries: int) -> None:
        """Make more of the copy: a part of it for each query."""
        made = self._made
        if made is None and not search_int8.encoding_pays(matrix):
            self._pays = False
            return
        try:
            rows, first = made or (Int8Rows.empty(matrix), 0)
            if first < rows.blocks:
                last = min(rows.blocks, first + -(-rows.blocks * queries // self.PARTS))
                rows.encode(matrix, norms, first, last)
                self._made = rows, last
        except MemoryError:
            self._pays = False
            logger.warning(
                "there is no memory for an int8 copy of vectors of %d bytes; searches will take "
                "longer without it",
                matrix.nbytes,
            )


def initialize(
    store: KeyedVectors,
    vector_size: int,
    count: int = 0,
    dtype: npt.DTypeLike = np.float32,
    mapfile_path: str | None = None,
) -> None:
    """Give a new object its state: `count` rows of zeros without a key."""
    if isinstance(vector_size, bool) or not isinstance(vector_size, (int, np.integer)):
        raise InputTypeError(
            f"vector_size is {vector_size!r}; it must be a whole number of dimensions"
        )
    if vector_size < 1 or count < 0:
        raise ParameterError(
            f"vector_size={vector_size} and count={count} were given; a vector has at least "
            "one dimension, and the number of vectors cannot be negative"
        )
    store.vector_size = int(vector_size)
    store.index_to_key = [None] * count
    store.key_to_index = {}
    store.next_index = 0
    store._int8_copy = Int8Copy()
    store.expandos = {}
    store.mapfile_path = mapfile_path
    store.vectors = np.zeros((count, store.vector_size), dtype=dtype)


def matrix(store: KeyedVectors) -> Array:
    """`vectors`, read-only."""
    return store._owned_vectors.read_only()


def row(store: KeyedVectors, index: int, unit: bool) -> Array:
    """Row `index` of `vectors`, read-only; with `unit` a copy at length 1."""
    # A look-up takes less than a microsecond, of which each call of a function is a part.
    owned = store._owned_vectors
    view = owned.view
    if view is None:
        view = owned.read_only()
    try:
        vector: Array = view[index]
        if not unit:
            return vector
        norms = store._norms
        if norms is None or norms.vectors is not owned:
            norms = current_norms(store)
            vector = norms.vectors.read_only()[index]
        lengths = norms.lengths.view
        if lengths is None:
            lengths = norms.lengths.read_only()
        norm = lengths[index]
        if 0 < lengths.item(index) < math.inf and vector.dtype is lengths.dtype:
            vector = np.divide(vector, norm)  # faster than vector / norm
        else:
            vector = cosine.divide_by_norm(vector, norm)
    except IndexError:
        raise no_row(store, index) from None
    vector.setflags(write=False)
    return vector


def some_rows(store: KeyedVectors, indices: list[int], unit: bool) -> Array:
    """A copy of some rows of `vectors`; with `unit` at length 1."""
    vectors, lengths = matrix_and_norms(store) if unit else (matrix(store), None)
    try:
        rows: Array = vectors.take(indices, axis=0)
    except IndexError:
        raise no_row(store, max(indices)) from None
    if lengths is None:
        return rows
    return cosine.divide_by_norms(rows, lengths.take(indices)[:, np.newaxis])


def is_asked_for_each(store: KeyedVectors) -> bool:
    """Whether a subclass looks keys up in a way of its own, and so must be asked for each."""
    return store._own_look_up


def no_row(store: KeyedVectors, index: int) -> RowIndexError:
    """What to raise where keys are ahead of the vectors."""
    return RowIndexError(
        f"key {store.index_to_key[index]!r} stands for row {index}, but vectors has only "
        f"{len(matrix(store))} rows; give it one row per key: resize_vectors() adds rows, "
        "update_weights() does in a model"
    )


def writable(store: KeyedVectors) -> Array:
    """`vectors`, or a copy of them where they are read-only, as those of a mapped file."""
    array = store.vectors
    return array if array.flags.writeable else array.copy()


def identity(store: KeyedVectors) -> object:
    """An object that is another one after any change of keys or vectors."""
    return store._owned_vectors


def change(
    store: KeyedVectors, array: Array, lengths: Array | None = None, **others: Any
) -> partial[Any]:
    """The change to these vectors, to their lengths (None: not known) and other attributes.

    It is needed after a change of rows in place, too: lengths that another thread computes
    meanwhile belong to the former vectors, and are ignored.
    """
    vectors = OwnedArray(array)
    norms = None if lengths is None else Norms(vectors, OwnedArray(lengths), None)
    return attributes(store, {"_owned_vectors": vectors, "_norms": norms, **others})


def known_norms(store: KeyedVectors) -> Array | None:
    """The lengths of the vectors if they were computed, else None."""
    norms = store._norms
    if norms is None or norms.vectors is not store._owned_vectors:  # those of former vectors
        return None
    return norms.lengths.expose()


def set_norms(store: KeyedVectors, array: npt.ArrayLike | None) -> None:
    """Make these the lengths of the vectors; None: they are not known."""
    if array is None:
        at_once(change(store, store.vectors))
    else:
        store._norms = Norms(store._owned_vectors, OwnedArray(np.asarray(array)), None)


def current_norms(store: KeyedVectors, force: bool = False) -> Norms:
    """The vectors and their lengths, which belong together whatever other threads do."""
    norms = store._norms
    if norms is None or norms.vectors is not store._owned_vectors or force:
        vectors = store._owned_vectors
        version = vectors.version()
        lengths = OwnedArray(cosine.row_norms(vectors.read_only()))
        norms = Norms(vectors, lengths, (version, lengths.version()))
        store._norms = norms
    return norms


def matrix_and_norms(store: KeyedVectors) -> tuple[Array, Array]:
    """`vectors` and `norms`, read-only; lengths are computed if they are not known."""
    norms = current_norms(store)
    return norms.vectors.read_only(), norms.lengths.read_only()


def matrix_and_sure_norms(store: KeyedVectors, compute: bool = True) -> tuple[Array, Array | None]:
    """The same; None for norms that may be those of vectors as they were before a change.

    Without `compute` it is None for norms that are not known, too.
    """
    if store._norms is None and not compute:
        return matrix(store), None
    norms = current_norms(store)
    versions = norms.vectors.version(), norms.lengths.version()
    is_sure = None not in versions and versions == norms.versions
    return norms.vectors.read_only(), norms.lengths.read_only() if is_sure else None


def int8_rows(store: KeyedVectors, queries: int) -> tuple[Array, Array, Int8Rows | None]:
    """Vectors, norms, and the int8 copy if `queries` queries can use it now."""
    known = current_norms(store)
    vectors, norms = known.vectors, known.lengths
    rows = None
    if not store.byte_copy:
        store._int8_copy.forget()
    elif queries:
        rows = store._int8_copy.rows(vectors, norms, queries)
    return vectors.read_only(), norms.read_only(), rows
