"""Attributes that users have given gensim's objects, and the log of a model: plain data only."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Container, Mapping
from typing import Any

from negw2v.formats import fitting
from negw2v.formats.pickles.objects import plain

__all__ = ["MOST_EVENT_VALUES", "user_value", "user_values"]

#: Of lifecycle events, and of an attribute of the user's: a log of a model has fewer.
MOST_EVENT_VALUES = 100_000


def user_values(
    state: Mapping[str, Any], known: Container[str]
) -> tuple[dict[str, Any], list[str]]:
    """The attributes that a user has given an object of gensim's.

    Parameters
    ----------
    state
        Attributes by name.
    known
        Names of those that are gensim's.

    Returns
    -------
    attributes, others
        Those that are plain data, and the names of the others.
    """
    found, others = {}, []
    for name, value in state.items():
        if name not in known:
            try:
                found[name] = user_value(value)
            except (TypeError, RecursionError):
                others.append(str(name)[:60])
    return found, others


def user_value(value: Any) -> Any:
    """An attribute of the user's, if it is plain data.

    Parameters
    ----------
    value
        What a pickle holds, or an object in memory has.

    Returns
    -------
    object
        None, bool, int, float, str, bytes, an array of numbers; or lists, tuples, sets and dicts
        of these. It shares nothing with `value` but arrays.

    Raises
    ------
    TypeError, RecursionError
        It is something else, or there is too much of it.
    """
    left = MOST_EVENT_VALUES

    def copied(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > 50:
            raise TypeError("too many values")
        value = plain(value)
        if value is None or isinstance(value, (bool, int, float, str, bytes)):
            return value
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                return kind(copied(part, depth + 1) for part in value)
        if type(value) in (dict, defaultdict, OrderedDict):
            return {copied(key, depth + 1): copied(part, depth + 1) for key, part in value.items()}
        if fitting.is_number_array(value):
            return value
        raise TypeError(f"a value of type {type(value).__name__}")

    return copied(value, 0)
