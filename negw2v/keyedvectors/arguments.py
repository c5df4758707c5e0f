"""What callers may give as keys, vectors and numbers, brought into one form."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from negw2v.errors import InputTypeError, ParameterError

__all__ = [
    "Key",
    "as_key_list",
    "as_list",
    "as_numbers",
    "as_vector",
    "checked_keys",
    "checked_limit",
    "checked_topn",
    "is_key",
    "split_weights",
]

Key = Hashable

# A single key; everything else that can be iterated over is several. gensim takes bytes for
# several, too: for row numbers.
KEY_TYPES = (str, bytes, int, np.integer)


def is_key(value: object) -> TypeGuard[str | bytes | int | np.integer[Any]]:
    """Whether `value` is a single key, as opposed to several or to a vector."""
    return isinstance(value, KEY_TYPES)


def as_key_list(value: Any) -> list[Any]:
    """A list of keys from one key or any iterable of keys; NumPy's scalars become Python's."""
    if is_key(value):
        return [value]
    several_rows = isinstance(value, np.ndarray) and value.ndim
    return value.tolist() if several_rows else _listed(value, "keys")


def _listed(keys: Any, name: str) -> list[Any]:
    """A list of what can be iterated over, also once only; or an error."""
    try:
        iterator = iter(keys)
    except TypeError:
        raise InputTypeError(
            f"{name}: a {type(keys).__name__} was given where keys are needed; give a list of them"
        ) from None
    return list(iterator)


def as_numbers(value: Any) -> npt.NDArray[Any]:
    """`value` as an array of real numbers, or an error."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # NumPy's own words for it
        raise ParameterError(f"the vectors do not make a matrix: {error}") from None
    if array.dtype.kind == "O":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise InputTypeError(f"vectors of real numbers are needed: {error}") from None
    if array.dtype.kind not in "biuf":
        raise InputTypeError(
            f"vectors of type {array.dtype} were given; they must be real numbers, such as float32"
        )
    return array


def checked_keys(keys: Any, name: str) -> Any:
    """Keys as a list, a tuple or an array; an error where it is a single one.

    The letters of a single key would be taken for keys.
    """
    if isinstance(keys, (list, tuple)) or (isinstance(keys, np.ndarray) and keys.ndim):
        return keys
    if not is_key(keys):
        return _listed(keys, name)
    if isinstance(keys, (str, bytes)):
        words = [str(word) if isinstance(word, str) else word for word in keys.split()]
        raise InputTypeError(
            f"{name} is the {type(keys).__name__} {keys[:40]!r}; several keys are needed: split "
            f"a text into words first, for example {words[:3]!r}"
        )
    raise InputTypeError(f"{name} is {keys!r}; several keys are needed, such as [{keys!r}]")


def as_list(value: Any) -> list[Any]:
    """A list of query items from None, one key, one vector, a matrix or any sequence of items."""
    if value is None:
        return []
    if is_key(value):
        return [value]
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "fiu":
        return [value]
    try:
        return list(value)
    except TypeError:
        raise InputTypeError(
            f"{value!r} is neither a key, nor a vector, nor a sequence of them"
        ) from None


def split_weights(items: list[Any], sign: float) -> tuple[list[Any], list[float]]:
    """Keys or vectors, and their weights: `sign`, or the second part of a (key, weight) pair."""
    keys, weights = [], []
    for item in items:
        if is_key(item) or isinstance(item, np.ndarray):
            keys.append(item)
            weights.append(sign)
            continue
        try:
            key, weight = item
        except (TypeError, ValueError):
            raise InputTypeError(
                f"{item!r} is not a query item; give a key, a vector (numpy.ndarray), "
                "or a pair of one of them and a weight"
            ) from None
        try:
            weights.append(float(weight))
        except (TypeError, ValueError):
            raise ParameterError(
                f"{weight!r} is given as the weight of {key!r}; it must be a number"
            ) from None
        keys.append(key)
    return keys, weights


def checked_topn(topn: Any, name: str = "topn") -> int:
    """`topn` as an int, or an error."""
    if isinstance(topn, (int, np.integer)):
        return int(topn)
    raise InputTypeError(f"{name} is {topn!r}; it must be a whole number")


def checked_limit(limit: Any, name: str) -> int | None:
    """A number of rows as an int, None if there is no limit; or an error."""
    return None if limit is None else checked_topn(limit, name)


def as_vector(value: Any, dimensions: int) -> npt.NDArray[Any]:
    """`value` as one vector of the right length, or an error."""
    vector = np.asarray(value)
    if vector.dtype.kind not in "fiu":
        raise InputTypeError(f"{value!r} was given where a vector of numbers is needed")
    if vector.shape != (dimensions,):
        raise ParameterError(
            f"a vector of shape {vector.shape} was given; here vectors have {dimensions} "
            f"dimensions, so shape ({dimensions},)"
        )
    return vector
