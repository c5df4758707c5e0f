"""Names that a running program has imported already: found in ``sys.modules`` and exchanged."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["Exchange", "exchange", "holders", "put_back"]


class Exchange(NamedTuple):
    """One name in one module, and what it was bound to before and after.

    Parameters
    ----------
    module
        Name of the module.
    name
        The name in it.
    before, after
        The two values.
    """

    module: str
    name: str
    before: Any
    after: Any


def _namespaces(skip: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    seen = {id(vars(sys.modules[name])) for name in skip}
    for module_name, module in list(sys.modules.items()):
        namespace = getattr(module, "__dict__", None)
        if isinstance(namespace, dict) and id(namespace) not in seen:
            seen.add(id(namespace))  # a module may have two names
            yield module_name, namespace


def holders(values: Iterable[Any], skip: Iterable[str] = ()) -> Iterator[tuple[str, str, Any]]:
    """Where values are bound to a name of a module.

    Parameters
    ----------
    values
        What is looked for, by identity.
    skip
        Names of modules that are not looked into.

    Yields
    ------
    (str, str, object)
        Module, name, value.
    """
    wanted = {id(value): value for value in values}
    for module_name, namespace in _namespaces(skip):
        for name, value in list(namespace.items()):
            if id(value) in wanted:
                yield module_name, name, value


def exchange(values: Mapping[Any, Any], skip: Iterable[str]) -> list[Exchange]:
    """Bind every name of a module that is bound to a key of `values` to its value instead.

    Parameters
    ----------
    values
        What replaces what.
    skip
        Names of modules that stay as they are.

    Returns
    -------
    list of Exchange
        What was done, for :func:`put_back`.
    """
    done = [
        Exchange(module, name, value, values[value])
        for module, name, value in holders(values, skip)
    ]
    for each in done:
        vars(sys.modules[each.module])[each.name] = each.after
    return done


def put_back(done: Iterable[Exchange]) -> None:
    """Undo exchanges, but leave names alone that were bound to something else since."""
    for each in done:
        module = sys.modules.get(each.module)
        if module is not None and vars(module).get(each.name) is each.after:
            vars(module)[each.name] = each.before
