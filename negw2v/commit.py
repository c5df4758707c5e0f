"""Several changes that happen together, or not at all.

An exception can come between any two lines of Python: Ctrl-C, a MemoryError, an alarm. A method
that changes several things computes all of them first, and then sets them with :func:`at_once`.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from operator import methodcaller, setitem
from typing import Any, ParamSpec, TypeVar

__all__ = ["Change", "all_or_nothing", "at_once", "attributes", "entries", "item"]

P = ParamSpec("P")
Result = TypeVar("Result")

Change = partial[Any]

_call = methodcaller("__call__")


def item(container: Any, key: Any, value: Any) -> Change:
    """The change ``container[key] = value``.

    Parameters
    ----------
    container
        A list, a dict or an array.
    key, value
        One item, or several rows of an array. The value's type must not need a conversion.
    """
    return partial(setitem, container, key, value)


def entries(table: dict[Any, Any], values: Mapping[Any, Any]) -> Change:
    """The change ``table[name] = value`` for all names.

    Parameters
    ----------
    table
        The dict.
    values
        New entries of it.
    """
    return partial(dict.update, table, values)


def attributes(owner: Any, values: Mapping[str, Any]) -> Change:
    """The change ``owner.name = value`` for all names; properties are bypassed.

    Parameters
    ----------
    owner
        An object with a ``__dict__``.
    values
        New entries of its ``__dict__``.
    """
    return entries(vars(owner), values)


def at_once(*changes: Change) -> None:
    """Make changes without interruption: by a signal handler, or by a thread that needs the GIL.

    They are a single call of C code, which runs no Python code. A change that may fail, such as
    a new entry of a dict, must come first.

    Parameters
    ----------
    *changes
        Results of :func:`item` and :func:`attributes`, or partial calls of functions in C.
    """
    deque(map(_call, changes), maxlen=0)


def all_or_nothing(method: Callable[P, Result]) -> Callable[P, Result]:
    """Decorate a method of a model: if it raises, the model and its vectors are as before.

    It is for methods that call others, which subclasses may override. The attributes that they
    set must be new objects: except for ``wv.expandos`` and ``lifecycle_events``, the contents
    of lists, dicts and arrays are not restored.

    Parameters
    ----------
    method
        The method. It changes attributes of its object, and of the object's ``wv``.
    """

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Result:
        model: Any = args[0]
        states = [vars(model), vars(model.wv), model.wv.expandos]
        before = [dict(state) for state in states]
        events = getattr(model, "lifecycle_events", None) or []
        recorded = len(events)
        try:
            return method(*args, **kwargs)
        except BaseException:
            # one call of C code, which a second Ctrl-C cannot interrupt
            deque(map(dict.update, states, before), maxlen=0)
            for state, old in zip(states, before, strict=True):
                for name in state.keys() - old.keys():
                    del state[name]
            del events[recorded:]
            raise

    return guarded
