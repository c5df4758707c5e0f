"""Names that a running program has imported already: found in its modules and exchanged."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from negw2v.commit import Change, item

__all__ = ["FURTHER", "Binding", "Exchange", "bindings", "exchanges", "going_back", "going_through"]

#: Namespaces beside those of ``sys.modules``, by a name to show: that of an IPython shell.
FURTHER: dict[str, dict[str, Any]] = {}


class Binding(NamedTuple):
    """A name in a module, and its value.

    Parameters
    ----------
    module
        Name of the module.
    namespace
        The module's dict.
    name
        The name in it.
    value
        What it is bound to.
    """

    module: str
    namespace: dict[str, Any]
    name: str
    value: Any


class Exchange(NamedTuple):
    """A binding that gets another value.

    Parameters
    ----------
    before
        The binding as it is.
    after
        The value that it gets.
    """

    before: Binding
    after: Any


def _namespaces(skip: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    seen = {id(vars(sys.modules[name])) for name in skip}
    found = [(name, getattr(module, "__dict__", None)) for name, module in sys.modules.items()]
    for module_name, namespace in [*found, *FURTHER.items()]:
        if isinstance(namespace, dict) and id(namespace) not in seen:
            seen.add(id(namespace))  # a module may have two names
            yield module_name, namespace


def bindings(values: Iterable[Any], skip: Iterable[str] = ()) -> Iterator[Binding]:
    """Where values are bound to a name of a module.

    Parameters
    ----------
    values
        What is looked for, by identity.
    skip
        Names of modules that are not looked into.

    Yields
    ------
    Binding
        Each name that is bound to one of them.
    """
    wanted = {id(value) for value in values}
    for module_name, namespace in _namespaces(skip):
        for name, value in list(namespace.items()):
            if id(value) in wanted:
                yield Binding(module_name, namespace, name, value)


def exchanges(values: Mapping[Any, Any], skip: Iterable[str]) -> list[Exchange]:
    """How every name of a module that is bound to a key of `values` gets its value instead.

    Parameters
    ----------
    values
        What replaces what.
    skip
        Names of modules that stay as they are.
    """
    return [Exchange(each, values[each.value]) for each in bindings(values, skip)]


def going_through(planned: Iterable[Exchange]) -> list[Change]:
    """The changes that make exchanges."""
    return [item(before.namespace, before.name, after) for before, after in planned]


def going_back(done: Iterable[Exchange]) -> list[Change]:
    """Those that undo exchanges, but leave names alone that were bound to something else since."""
    return [
        item(before.namespace, before.name, before.value)
        for before, after in done
        if before.namespace.get(before.name) is after
    ]
