"""Rows of vectors by key: reading, adding, replacing and reordering them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import at_once, entries, item
from negw2v.commit import attributes as attribute_change
from negw2v.errors import (
    EmptyQueryError,
    InputTypeError,
    KeyNotFoundError,
    ParameterError,
    warn,
)
from negw2v.formats.finite import check_finite_rows
from negw2v.kernels.problem import plain_matrix
from negw2v.keyedvectors import arrays, attributes
from negw2v.keyedvectors.arguments import Key, as_key_list, as_numbers, is_key
from negw2v.search import cosine

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "add_vector",
    "add_vectors",
    "as_array",
    "get_item",
    "get_normed_vectors",
    "resize_vectors",
    "resized",
    "set_item",
    "sort_by_descending_frequency",
    "unit_normalize_all",
]

# Rows for which random values are drawn at a time.
BLOCK_ROWS = 16384


def get_item(store: KeyedVectors, key_or_keys: Any) -> npt.NDArray[Any]:
    """Implement :meth:`KeyedVectors.__getitem__`."""
    if is_key(key_or_keys):
        return store.get_vector(key_or_keys)
    if isinstance(key_or_keys, slice):
        some: npt.NDArray[Any] = arrays.matrix(store)[key_or_keys].copy()
        return some
    rows = [store.get_index(key) for key in key_or_keys]
    if not rows:
        raise EmptyQueryError("no key was given; give at least one")
    return arrays.some_rows(store, rows, unit=False)


def as_array(
    store: KeyedVectors, dtype: npt.DTypeLike | None = None, copy: bool | None = None
) -> npt.NDArray[Any]:
    """Implement :meth:`KeyedVectors.__array__`."""
    if dtype is not None and arrays.matrix(store).dtype != np.dtype(dtype):
        if copy is False:
            raise ParameterError(f"a change of dtype to {np.dtype(dtype)} needs a copy")
        return arrays.matrix(store).astype(dtype)
    return arrays.matrix(store).copy() if copy else store.vectors


def add_vector(
    store: KeyedVectors, key: Key, vector: npt.ArrayLike, *, allow_nonfinite: bool
) -> int:
    """Implement :meth:`KeyedVectors.add_vector`."""
    keys = store.index_to_key  # first: in a mapped file it says which row is free
    try:
        known = key in store.key_to_index
    except TypeError:
        raise InputTypeError(
            f"a {type(key).__name__} was given where a single key is needed; add_vectors() adds "
            "several"
        ) from None
    if known:
        raise ParameterError(
            f"key {key!r} is there already, in row {store.key_to_index[key]}; to give it "
            "another vector, write kv[key] = vector"
        )
    row = store.next_index
    if row < len(keys) and keys[row] is None:
        values = checked_rows(store, [key], vector, allow_nonfinite)[0]
        array = arrays.writable(store)
        if row >= len(array):
            raise arrays.no_row(store, row)
        # Where there is no lock of the interpreter, other threads look in between: they find the
        # key when everything else of it is there.
        try:
            at_once(
                item(array, row, values),
                arrays.change(store, array),
                item(keys, row, key),
                item(store.key_to_index, key, row),
                attribute_change(store, {"next_index": row + 1}),
            )
        except MemoryError:  # of the dict; the row is still a free one
            keys[row] = None
            raise
    else:
        warn(
            "every add_vector() beyond the preallocated rows copies all vectors; add many "
            "at once with add_vectors(), or preallocate them with KeyedVectors(count=...)"
        )
        row = len(store)
        store.add_vectors([key], [vector], allow_nonfinite=allow_nonfinite)
    return row


def add_vectors(
    store: KeyedVectors,
    keys: Any,
    weights: Any,
    extras: Mapping[str, npt.NDArray[Any]] | None,
    replace: bool,
    *,
    allow_nonfinite: bool,
) -> None:
    """Implement :meth:`KeyedVectors.add_vectors`."""
    keys = as_key_list(keys)
    rows = checked_rows(store, keys, weights, allow_nonfinite)
    values = {name: np.asarray(given) for name, given in (extras or {}).items()}
    for name, array in values.items():
        if array.ndim != 1:
            raise ParameterError(
                f"extras[{name!r}] has the shape {array.shape}; one value for each of "
                f"{len(keys)} keys is needed, so the shape ({len(keys)},)"
            )
        if len(array) != len(keys):
            raise ParameterError(f"extras[{name!r}] has {len(array)} values for {len(keys)} keys")
    add_checked(store, keys, rows, values, replace)


def add_checked(
    store: KeyedVectors,
    keys: list[Any],
    rows: npt.NDArray[Any],
    extras: Mapping[str, npt.NDArray[Any]],
    replace: bool,
) -> None:
    """What :meth:`add_vectors` does once its arguments are checked."""
    check_one_row_per_key(store)
    size = len(store)
    state: dict[str, Any] = {}
    known = np.fromiter((key in store.key_to_index for key in keys), bool, len(keys))
    new, old = np.flatnonzero(~known), np.flatnonzero(known & replace)
    targets = np.array([store.key_to_index[keys[each]] for each in old], dtype=np.intp)
    change = []
    array = arrays.matrix(store)
    if len(new):
        added = [keys[each] for each in new.tolist()]
        array = np.concatenate((array, rows if len(new) == len(rows) else rows[new]))
        array[targets] = rows[old]
        key_to_index = dict(store.key_to_index)
        key_to_index.update(zip(added, range(size, len(array)), strict=True))
        state = {"index_to_key": [*store.index_to_key, *added], "key_to_index": key_to_index}
        if None not in store.index_to_key[store.next_index : store.next_index + 1]:
            state["next_index"] = len(array)
    elif len(old):
        array = arrays.writable(store)
        change = [item(array, targets, rows[old])]
    expandos = attributes.fitting(store, len(array), store.expandos)
    types = [values.dtype for values in extras.values()]
    expandos |= attributes.fitting(store, len(array), list(extras), types)
    for name, values in extras.items():
        column = expandos[name].copy()
        column[size:], column[targets] = values[new], values[old]
        expandos[name] = column
    if len(new) or len(old):
        change.append(arrays.change(store, array, **state))
    else:
        change.append(attribute_change(store, state))
    at_once(entries(store.expandos, expandos), *change)


def check_one_row_per_key(store: KeyedVectors) -> None:
    """Implement :meth:`KeyedVectors._check_one_row_per_key`."""
    if len(arrays.matrix(store)) != len(store):
        raise ParameterError(
            f"vectors has {len(arrays.matrix(store))} rows for {len(store)} keys; give it "
            "one row per key first: assign a matrix, or call resize_vectors()"
        )


def set_item(store: KeyedVectors, keys: Any, weights: Any) -> None:
    """Implement :meth:`KeyedVectors.__setitem__`."""
    store.add_vectors(keys if isinstance(keys, list) else [keys], weights, replace=True)


def checked_rows(
    store: KeyedVectors, keys: Sequence[Key], weights: Any, allow_nonfinite: bool
) -> npt.NDArray[Any]:
    """`weights` as an array (len(keys), vector_size), or an error that says what is wrong."""
    try:
        different = len(set(keys))
    except TypeError as error:
        raise InputTypeError(f"something that cannot be a key is given as one: {error}") from None
    if different != len(keys):
        twice = Counter(keys).most_common(1)[0][0]
        raise ParameterError(f"key {twice!r} is given more than once; keys must differ")
    if None in keys:
        raise ParameterError("None cannot be a key: it stands for a row that is still free")
    columns = arrays.matrix(store).shape[-1]
    if columns != store.vector_size:
        raise ParameterError(
            f"vector_size is {store.vector_size}, but vectors have {columns} dimensions; set "
            f"kv.vector_size = {columns}, or give kv.vectors other columns"
        )
    rows = as_numbers(weights)
    if rows.ndim == 1 and len(keys) == 1:
        rows = rows[np.newaxis]
    dtype = arrays.matrix(store).dtype
    if not keys and not rows.size:
        return np.zeros((0, store.vector_size), dtype=dtype)
    if rows.shape != (len(keys), store.vector_size):
        raise ParameterError(
            f"vectors of shape {rows.shape} were given for {len(keys)} keys; "
            f"{(len(keys), store.vector_size)} is needed"
        )
    if rows.dtype != dtype:
        with np.errstate(over="ignore", invalid="ignore"):
            rows = rows.astype(dtype)
    if not allow_nonfinite:
        check_finite_rows(rows, keys, "add")
    return rows


def resize_vectors(store: KeyedVectors, seed: int) -> None:
    """Implement :meth:`KeyedVectors.resize_vectors`."""
    rows = len(store)
    if len(arrays.matrix(store)) > rows:
        raise ParameterError(
            f"vectors has {len(arrays.matrix(store))} rows for {rows} keys; cut it to "
            "the rows of the keys first: kv.vectors = kv.vectors[...]"
        )
    array = resized(store.vectors, rows, store.vector_size, seed)
    expandos = attributes.fitting(store, rows, store.expandos)
    at_once(entries(store.expandos, expandos), arrays.change(store, array))


def resized(vectors: npt.NDArray[Any], rows: int, dimensions: int, seed: int) -> npt.NDArray[Any]:
    """`vectors` with `rows` rows; new entries are uniform in ±1 / dimensions.

    Parameters
    ----------
    vectors
        Float (n, dims) with n <= rows and dims <= dimensions.
    rows, dimensions
        The shape wanted.
    seed
        Of the random values. An entry's value depends on its place and the seed alone, not on
        the size of `vectors`; for float32 it is the one that gensim draws.

    Returns
    -------
    numpy.ndarray
        (rows, dimensions) of the same dtype, C-contiguous;
        `vectors` itself where it has that shape already.
    """
    if vectors.shape == (rows, dimensions):
        return vectors
    random = np.random.default_rng(seed)
    # NumPy draws random floats of 32 and 64 bits only
    drawn = np.float64 if vectors.dtype == np.float64 else np.float32
    result: npt.NDArray[Any] = (
        plain_matrix(rows, dimensions)
        if vectors.dtype == np.float32
        else np.empty((rows, dimensions), dtype=vectors.dtype)
    )
    for start in range(0, rows, BLOCK_ROWS):
        block = result[start : start + BLOCK_ROWS]
        values = random.random(block.shape, dtype=drawn)
        block[...] = (values * 2 - 1) / dimensions
    result[: vectors.shape[0], : vectors.shape[1]] = vectors
    return result


def sort_by_descending_frequency(store: KeyedVectors) -> None:
    """Implement :meth:`KeyedVectors.sort_by_descending_frequency`."""
    size = len(store)
    if not size:
        return
    expandos = attributes.fitting(store, size, store.expandos)
    if "count" not in expandos:
        known = ", ".join(map(repr, expandos)) or "none"
        raise KeyNotFoundError(
            f"there is no attribute 'count' to sort by; stored are: {known}; set_vecattr() "
            "sets it, key by key"
        )
    counts = np.asarray(expandos["count"], dtype=np.int64)
    order = np.argsort(counts, kind="stable")[::-1]
    keys = [store.index_to_key[row] for row in order.tolist()]
    state: dict[str, Any] = {
        "index_to_key": keys,
        "key_to_index": {key: row for row, key in enumerate(keys) if key is not None},
        "expandos": {name: values[order] for name, values in expandos.items()},
    }
    if None in keys:  # a row that is still free
        state["next_index"] = keys.index(None)
    locks = getattr(store, "vectors_lockf", None)
    if locks is not None and len(locks) == size:
        state["vectors_lockf"] = locks[order]
    array = arrays.matrix(store)
    if len(array):
        check_one_row_per_key(store)
        array = array[order]
    at_once(arrays.change(store, array, **state))


def get_normed_vectors(store: KeyedVectors) -> npt.NDArray[Any]:
    """Implement :meth:`KeyedVectors.get_normed_vectors`."""
    matrix, norms = arrays.matrix_and_norms(store)
    return cosine.divide_by_norms(matrix, norms[:, np.newaxis])


def unit_normalize_all(store: KeyedVectors) -> None:
    """Implement :meth:`KeyedVectors.unit_normalize_all`."""
    norms = cosine.row_norms(arrays.matrix(store))  # the vectors may have been changed in place
    scaled = np.isfinite(norms) & (norms != 0)
    unscaled = len(norms) - np.count_nonzero(np.isfinite(norms))
    if unscaled:
        warn(f"{unscaled} rows of vectors have NaN or infinity in them and stay as they are")
    array = arrays.writable(store)
    divide = partial(np.divide, array, norms[:, np.newaxis], out=array, where=scaled[:, np.newaxis])
    at_once(divide, arrays.change(store, array, np.where(scaled, np.ones_like(norms), norms)))
