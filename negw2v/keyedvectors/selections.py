"""Other sets of vectors made of some rows of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import KeyNotFoundError
from negw2v.extras import needed
from negw2v.keyedvectors import lookup
from negw2v.keyedvectors.arguments import Key, as_key_list

if TYPE_CHECKING:
    import pandas as pd

    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["drop", "subset", "to_pandas", "vectors_for_all"]


def with_rows(
    store: KeyedVectors, keys: list[Any], vectors: npt.NDArray[Any], kind: type[KeyedVectors]
) -> KeyedVectors:
    """A new set of vectors, of the class `kind`."""
    result = kind(store.vector_size, dtype=vectors.dtype)
    result.index_to_key = keys
    result.key_to_index = {key: row for row, key in enumerate(keys)}
    result.next_index = len(keys)
    result.vectors = vectors
    return result


def of_rows(
    store: KeyedVectors, rows: npt.NDArray[np.int64], kind: type[KeyedVectors]
) -> KeyedVectors:
    """Copies of some rows with all their attributes."""
    result = with_rows(
        store, [store.index_to_key[row] for row in rows.tolist()], store.vectors[rows], kind
    )
    result.expandos = {name: values[rows] for name, values in store.expandos.items()}
    return result


def subset(store: KeyedVectors, keys: Iterable[Key], kind: type[KeyedVectors]) -> KeyedVectors:
    """Implement :meth:`KeyedVectors.subset`."""
    rows = {store.get_index(key): key for key in as_key_list(keys)}
    for row, key in rows.items():
        if store.index_to_key[row] is None:
            raise KeyNotFoundError(f"row {key!r} has no key yet")
    return of_rows(store, np.array(list(rows), dtype=np.int64), kind)


def drop(store: KeyedVectors, keys: Iterable[Key], kind: type[KeyedVectors]) -> KeyedVectors:
    """Implement :meth:`KeyedVectors.drop`."""
    dropped = [store.get_index(key) for key in as_key_list(keys)]
    kept = np.ones(len(store), dtype=bool)
    kept[dropped] = False
    rows, used = np.flatnonzero(kept), lookup.used_rows(store)
    return of_rows(store, rows if used is None else np.intersect1d(rows, used), kind)


def vectors_for_all(
    store: KeyedVectors,
    keys: Iterable[Key],
    allow_inference: bool,
    copy_vecattrs: bool,
    kind: type[KeyedVectors],
) -> KeyedVectors:
    """Implement :meth:`KeyedVectors.vectors_for_all`."""
    known: Any = store if allow_inference else store.key_to_index
    wanted = [key for key in dict.fromkeys(as_key_list(keys)) if key in known]
    vectors = np.empty((len(wanted), store.vector_size), dtype=store.vectors.dtype)
    for row, key in enumerate(wanted):
        vectors[row] = store.get_vector(key)
    result = with_rows(store, wanted, vectors, kind)
    result.expandos["count"] = np.arange(len(wanted), 0, -1, dtype=np.int64)
    if copy_vecattrs:
        rows = np.array([store.get_index(key, -1) for key in wanted], dtype=np.int64)
        present = rows >= 0
        for name, values in store.expandos.items():
            copied = np.zeros(len(wanted), dtype=values.dtype)
            copied[present] = values[rows[present]]
            result.expandos[name] = copied
    return result


def to_pandas(store: KeyedVectors) -> pd.DataFrame:
    """Implement :meth:`KeyedVectors.to_pandas`."""
    with needed("to_pandas()", "pandas"):
        import pandas as pd
    used = lookup.used_rows(store)
    rows = range(len(store)) if used is None else used.tolist()
    keys = pd.Index([store.index_to_key[row] for row in rows], name="key")
    vectors = store.vectors.copy() if used is None else store.vectors[used]
    frame: pd.DataFrame = pd.DataFrame(vectors, index=keys)
    return frame
