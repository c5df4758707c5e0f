"""Further attributes of keys, such as counts: one array each, with a value per row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import InputTypeError, KeyNotFoundError, ParameterError
from negw2v.keyedvectors.arguments import Key

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["allocate", "fitting", "get_value", "set_value"]


def allocate(
    store: KeyedVectors, attrs: Collection[str] | None, types: Iterable[Any] | None
) -> None:
    """Implement :meth:`KeyedVectors.allocate_vecattrs`."""
    if attrs is None:
        attrs = store.expandos
    store.expandos.update(fitting(store, len(store), attrs, types))


def fitting(
    store: KeyedVectors, size: int, attrs: Collection[str], types: Iterable[Any] | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Attributes with `size` values each: those that there are where they fit already."""
    if types is None:
        types = [store.expandos[name].dtype for name in attrs]
    fitting = {}
    for name, wanted in zip(attrs, types, strict=True):
        # NumPy's own choice for int is platform-dependent, that for str of fixed width.
        dtype = np.dtype({int: np.int64, str: object}.get(wanted, wanted))
        old = store.expandos.get(name)
        if old is None:
            fitting[name] = np.zeros(size, dtype=dtype)
            continue
        if not np.issubdtype(dtype, old.dtype):
            raise InputTypeError(
                f"attribute {name!r} is stored as {old.dtype} and cannot hold {dtype}"
            )
        if len(old) != size:
            fitted = np.zeros((size, *old.shape[1:]), dtype=old.dtype)
            kept = min(len(old), size)
            fitted[:kept] = old[:kept]
            old = fitted
        fitting[name] = old
    return fitting


def set_value(store: KeyedVectors, key: Key, attr: str, val: Any) -> None:
    """Implement :meth:`KeyedVectors.set_vecattr`."""
    row = store.get_index(key)
    values = fitting(store, len(store), [attr], [type(val)])[attr]
    if not values.flags.writeable:  # of a mapped file
        values = values.copy()
    values[row] = val
    store.expandos[attr] = values


def get_value(store: KeyedVectors, key: Key, attr: str) -> Any:
    """Implement :meth:`KeyedVectors.get_vecattr`."""
    index = store.get_index(key)
    values = store.expandos.get(attr)
    if values is None:
        known = ", ".join(map(repr, store.expandos)) or "none"
        raise KeyNotFoundError(f"there is no attribute {attr!r}; stored are: {known}")
    if not index < len(values) <= len(store.index_to_key):
        raise ParameterError(
            f"attribute {attr!r} has {len(values)} values for {len(store)} keys, so that none can "
            f"be told to be that of {key!r}; give it one value per key: kv.expandos[{attr!r}] = "
            "values"
        )
    try:
        value = values.item(index) if values.ndim == 1 else values[index]
    except AttributeError:  # a list
        value = values[index]
    return value.item() if isinstance(value, np.generic) else value
