"""The arrays of a KeyedVectors: vectors, their lengths, and their copy in bytes.

The only module that touches the private attributes of :class:`KeyedVectors`, and so the only one
that knows how a change of an array by somebody else is noticed.
"""

# ruff: noqa: SLF001 - see above

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import at_once, attributes
from negw2v.errors import InputTypeError, ParameterError, RowIndexError
from negw2v.keyedvectors.custody import ByteCopy, Custody, Norms
from negw2v.search import cosine
from negw2v.search.int8_rows import Int8Rows

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "PRIVATE",
    "change",
    "current_norms",
    "identity",
    "initialize",
    "int8_rows",
    "known_norms",
    "matrix",
    "matrix_and_norms",
    "matrix_and_sure_norms",
    "no_row",
    "row",
    "set_norms",
    "writable",
]

#: Names of the attributes that are private to this module.
PRIVATE = ("_byte_copy", "_custody", "_norms")

Array = npt.NDArray[Any]


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
    store._byte_copy = ByteCopy()
    store.expandos = {}
    store.mapfile_path = mapfile_path
    store.vectors = np.zeros((count, store.vector_size), dtype=dtype)


def matrix(store: KeyedVectors) -> Array:
    """`vectors`, read-only."""
    return store._custody.read_only()


def row(store: KeyedVectors, index: int, norm: bool) -> Array:
    """Row `index` of `vectors`, read-only; with `norm` a copy at length 1."""
    try:
        if not norm:
            found: Array = store._custody.read_only()[index]
            return found
        vectors, norms = matrix_and_norms(store)
        scaled = cosine.divide_by_norm(vectors[index], norms[index])
    except IndexError:
        raise no_row(store, index) from None
    scaled.setflags(write=False)
    return scaled


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
    return store._custody


def change(
    store: KeyedVectors, array: Array, lengths: Array | None = None, **others: Any
) -> partial[Any]:
    """The change to these vectors, to their lengths (None: not known) and other attributes.

    It is needed after a change of rows in place, too: lengths that another thread computes
    meanwhile belong to the former vectors, and are ignored.
    """
    vectors = Custody(array)
    norms = None if lengths is None else Norms(vectors, Custody(lengths), None)
    return attributes(store, {"_custody": vectors, "_norms": norms, **others})


def known_norms(store: KeyedVectors) -> Array | None:
    """The lengths of the vectors if they were computed, else None."""
    norms = store._norms
    if norms is None or norms.vectors is not store._custody:  # those of former vectors
        return None
    return norms.lengths.expose()


def set_norms(store: KeyedVectors, array: npt.ArrayLike | None) -> None:
    """Make these the lengths of the vectors; None: they are not known."""
    if array is None:
        at_once(change(store, store.vectors))
    else:
        store._norms = Norms(store._custody, Custody(np.asarray(array)), None)


def current_norms(store: KeyedVectors, force: bool = False) -> Norms:
    """The vectors and their lengths, which belong together whatever other threads do."""
    norms = store._norms
    if norms is None or norms.vectors is not store._custody or force:
        vectors = store._custody
        state = vectors.state()
        lengths = Custody(cosine.row_norms(vectors.read_only()))
        norms = Norms(vectors, lengths, (state, lengths.state()))
        store._norms = norms
    return norms


def matrix_and_norms(store: KeyedVectors) -> tuple[Array, Array]:
    """`vectors` and `norms`, read-only; lengths are computed if they are not known."""
    norms = current_norms(store)
    return norms.vectors.read_only(), norms.lengths.read_only()


def matrix_and_sure_norms(store: KeyedVectors) -> tuple[Array, Array | None]:
    """The same; None for norms that may be those of vectors as they were before a change."""
    norms = current_norms(store)
    states = norms.vectors.state(), norms.lengths.state()
    is_sure = None not in states and states == norms.states
    return norms.vectors.read_only(), norms.lengths.read_only() if is_sure else None


def int8_rows(store: KeyedVectors, queries: int) -> tuple[Array, Array, Int8Rows | None]:
    """Vectors, lengths, and the copy in bytes if it can serve that many queries now."""
    vectors, norms, _ = current_norms(store)
    rows = None
    if not store.byte_copy:
        store._byte_copy.forget()
    elif queries:
        rows = store._byte_copy.rows(vectors, norms, queries)
    return vectors.read_only(), norms.read_only(), rows
