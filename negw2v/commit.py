"""Changes of several things that happen together, or not at all.

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
        Of one item, or of several rows of an array; of a type that needs no conversion.
    """
    return partial(setitem, container, key, value)


def entries(table: dict[Any, Any], values: Mapping[Any, Any]) -> Change:
    """The change ``table[name] = value`` for all names.

    Parameters
    ----------
    table
        The dict that changes.
    values
        What it is to hold.
    """
    return partial(dict.update, table, values)


def attributes(owner: Any, values: Mapping[str, Any]) -> Change:
    """The change ``owner.name = value`` for all names, past properties.

    Parameters
    ----------
    owner
        An object with a ``__dict__``.
    values
        What its ``__dict__`` is to hold.
    """
    return entries(vars(owner), values)


def at_once(*changes: Change) -> None:
    """Make changes with nothing in between: no signal handler, no other thread that holds the GIL.

    It is a single call of C code, which runs no line of Python. One that may fail, such as an
    entry in a dict that needs room for it, comes first.

    Parameters
    ----------
    *changes
        What :func:`item` and :func:`attributes` return, or other calls of functions written in C.
    """
    deque(map(_call, changes), maxlen=0)


def all_or_nothing(method: Callable[P, Result]) -> Callable[P, Result]:
    """Decorate a method of a model: where it raises, the model and its vectors are as before.

    It is for methods that are made of others, which subclasses may override. What these set must
    be new objects: the contents of lists, dicts and arrays are not brought back, but for
    ``wv.expandos`` and ``lifecycle_events``.

    Parameters
    ----------
    method
        The method. What it changes are attributes of its object, and of the ``wv`` of that.
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
            # one call of C code: even a second Ctrl-C finds the work done
            deque(map(dict.update, states, before), maxlen=0)
            for state, old in zip(states, before, strict=True):
                for name in state.keys() - old.keys():
                    del state[name]
            del events[recorded:]
            raise

    return guarded
