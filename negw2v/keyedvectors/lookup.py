"""Keys and the rows that belong to them."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from negw2v.arrays import Int64s
from negw2v.commit import at_once, attributes
from negw2v.errors import InputTypeError, KeyNotFoundError, ModelFileError, ParameterError
from negw2v.formats.flooding import refuse_flood
from negw2v.keyedvectors.arguments import Key, as_key_list
from negw2v.search import spelling

if TYPE_CHECKING:
    from negw2v.formats.values import StoredValues
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "DecodedAtFirstUse",
    "decode_at_first_use",
    "decode_keys",
    "has_key",
    "index_of_other",
    "rows_of",
    "take_keys",
    "used_rows",
]

#: One thread decodes keys; the others wait for them.
_decoding = threading.RLock()


def _forget_lock() -> None:
    global _decoding  # noqa: PLW0603
    _decoding = threading.RLock()


if hasattr(os, "register_at_fork"):
    # a forked child may have the lock of a thread that it does not have
    os.register_at_fork(after_in_child=_forget_lock)


class DecodedAtFirstUse:
    """`index_to_key` or `key_to_index` of an object that does not have them yet.

    Unlike a ``cached_property`` it sets nothing itself: between its call and that another thread
    may have added a key.

    Parameters
    ----------
    name
        Which of the two.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, store: KeyedVectors | None, owner: type[KeyedVectors]) -> Any:
        if store is None:
            return self
        decode_keys(store)
        try:
            return vars(store)[self._name]
        except KeyError:
            raise AttributeError(
                f"this {owner.__name__} has no keys yet", name=self._name, obj=store
            ) from None


def decode_at_first_use(store: KeyedVectors, keys: StoredValues) -> None:
    """Give an object keys as they lie in a file that is mapped into memory.

    Its class gets what decodes them only here: every look-up would take longer with attributes of
    these names in the class.
    """
    for name in ("index_to_key", "key_to_index"):
        vars(store).pop(name, None)
        if not hasattr(type(store), name):
            setattr(type(store), name, DecodedAtFirstUse(name))
    store.stored_keys = keys


def take_keys(store: KeyedVectors, keys: list[Any]) -> None:
    """Implement :meth:`KeyedVectors.take_keys`."""
    try:
        refuse_flood(keys)
        rows = dict(zip(keys, range(len(keys)), strict=True))
    except TypeError as error:
        raise ParameterError(f"something that cannot be a key is given as one: {error}") from None
    free, next_index = 0, len(keys)
    if None in rows:
        del rows[None]
        free, next_index = keys.count(None), keys.index(None)
    if len(rows) + free != len(keys):
        seen: dict[Any, int] = {}
        for row, key in enumerate(keys):
            first = seen.setdefault(key, row)
            if first != row and key is not None:
                raise ParameterError(
                    f"key {key!r} stands for row {first} and for row {row} (counted from 0); "
                    "keys must differ"
                )
    state = {
        "index_to_key": keys,
        "key_to_index": rows,
        "next_index": next_index,
        "stored_keys": None,
    }
    at_once(attributes(store, state))


def decode_keys(store: KeyedVectors) -> None:
    """Decode the keys of a mapped file, if they were not yet."""
    if vars(store).get("stored_keys") is None:
        return
    with _decoding:
        stored = vars(store)["stored_keys"]
        if stored is not None:  # nor decoded by another thread meanwhile
            try:
                store.take_keys(stored.decode())
            except ParameterError as error:
                raise ModelFileError(stored.path, str(error)) from None


def index_of_other(store: KeyedVectors, key: Key, default: int | None) -> int:
    """The row of what is not in `key_to_index`: a row number, or `default`."""
    kind = type(key)
    if kind is int and 0 <= key < len(store.index_to_key):  # type: ignore[operator]
        return key  # type: ignore[return-value]
    if kind is str and default is not None:
        return default
    try:
        hash(key)
    except TypeError:
        raise InputTypeError(
            f"a {type(key).__name__} was given where a single key is needed"
        ) from None
    if isinstance(key, (int, np.integer)) and 0 <= key < len(store.index_to_key):
        return int(key)
    if default is not None:
        return default
    raise KeyNotFoundError(f"Key {key!r} not present", lambda: hint(store, key))


def hint(store: KeyedVectors, key: Key) -> str:
    """What may have been meant by an unknown key."""
    if isinstance(key, (float, np.floating)):
        return "; if a vector was meant, give it as a numpy.ndarray of floats"
    if isinstance(key, bytes) and (text := key.decode(errors="replace")) in store.key_to_index:
        return f"; there is the str {text!r}: decode bytes first"
    return spelling.hint(key, store.index_to_key)


def rows_of(store: KeyedVectors, keys: Any) -> Int64s:
    """The rows of one key or several."""
    try:
        rows = [store.get_index(key) for key in as_key_list(keys)]
    except TypeError:
        raise InputTypeError(
            f"{type(keys).__name__} was given where keys are needed; vectors must be a "
            "numpy.ndarray of floats"
        ) from None
    return np.array(rows, dtype=np.int64)


def used_rows(store: KeyedVectors) -> Int64s | None:
    """The rows that have a key, in ascending order; None: all of them.

    Rows without a key are those that ``KeyedVectors(vector_size, count)`` has preallocated and
    nobody has filled yet. Their numbers mean nothing, so no search may find them.
    """
    keys = store.index_to_key
    if len(store.key_to_index) >= len(keys):
        return None
    used = np.array([row for row, key in enumerate(keys) if key is not None], dtype=np.int64)
    return None if len(used) == len(keys) else used


def has_key(store: KeyedVectors, key: Key) -> bool:
    """Whether what stands for a row, such as its number, stands for one that has a key."""
    row = store.get_index(key, -1)
    return row < 0 or store.index_to_key[row] is not None
