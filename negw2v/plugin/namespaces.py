"""Names that a running program imported before the patch: finds and replaces them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from negw2v.commit import Change, item

__all__ = ["FURTHER", "Binding", "Exchange", "bindings", "exchanges", "going_back", "going_through"]

#: Namespaces that are not in ``sys.modules``, such as that of an IPython shell, by a name for
#: messages.
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
        The present binding.
    after
        Its new value.
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
    """The names of modules that are bound to given values.

    Parameters
    ----------
    values
        The values; they are compared by identity.
    skip
        Names of modules to leave out.

    Yields
    ------
    Binding
        Each name that is bound to one of the values.
    """
    wanted = {id(value) for value in values}
    for module_name, namespace in _namespaces(skip):
        for name, value in list(namespace.items()):
            if id(value) in wanted:
                yield Binding(module_name, namespace, name, value)


def exchanges(values: Mapping[Any, Any], skip: Iterable[str]) -> list[Exchange]:
    """The exchanges that replace the keys of `values` by their values, in all modules.

    Parameters
    ----------
    values
        Old value -> new value.
    skip
        Names of modules to leave out.
    """
    return [Exchange(each, values[each.value]) for each in bindings(values, skip)]


def going_through(planned: Iterable[Exchange]) -> list[Change]:
    """The changes that make exchanges."""
    return [item(before.namespace, before.name, after) for before, after in planned]


def going_back(done: Iterable[Exchange]) -> list[Change]:
    """The changes that undo exchanges, except for names that were bound again since then."""
    return [
        item(before.namespace, before.name, before.value)
        for before, after in done
        if before.namespace.get(before.name) is after
    ]
