"""Every public name of negw2v, for tests of its documentation: names, docstrings, examples."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

# The modules whose names users import. negw2v itself gives the names of many others.
PUBLIC_MODULES = (
    "negw2v",
    "negw2v.layers",
    "negw2v.plugin",
    "negw2v.datasets.benchmarks",
    "negw2v.datasets.dictionaries",
    "negw2v.datasets.ptb",
    "negw2v.datasets.synthetic",
    "negw2v.datasets.wiki17",
    "negw2v.utils",
    "negw2v.errors",
)


class Member(NamedTuple):
    """A public class, function or method."""

    name: str
    module: str
    value: Any
    documentation: str

    @property
    def of_the_past(self) -> bool:
        """Whether it is only there for programs written for earlier versions of gensim."""
        return self.documentation.startswith(("Deprecated", "Removed"))

    @property
    def has_examples(self) -> bool:
        """Whether its docstring has an Examples section."""
        return "Examples\n--------\n" in self.documentation


def exported(module_name: str) -> Iterator[tuple[str, Any]]:
    """The classes and functions in a module's ``__all__``; exceptions, too."""
    module = importlib.import_module(module_name)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value


def methods(owner: type) -> Iterator[tuple[str, Any]]:
    """The public methods of a class that this package defines, those of its bases included."""
    for name in dir(owner):
        if name.startswith("_"):
            continue
        found = inspect.getattr_static(owner, name)
        function = inspect.unwrap(getattr(found, "__func__", found))
        if inspect.isfunction(function) and function.__module__.startswith("negw2v"):
            yield name, getattr(owner, name)


def public_members() -> list[Member]:
    """Every public class, function and method, each once, without the exceptions."""
    found: list[Member] = []
    seen: set[Any] = set()
    for module in PUBLIC_MODULES:
        for name, value in exported(module):
            if inspect.isclass(value) and issubclass(value, BaseException):
                continue
            members = [(f"{module}.{name}", value)]
            if inspect.isclass(value):
                members += [(f"{module}.{name}.{method}", m) for method, m in methods(value)]
            for full_name, member in members:
                itself = getattr(member, "__func__", member)
                if itself not in seen:
                    seen.add(itself)
                    found.append(Member(full_name, module, member, inspect.getdoc(member) or ""))
    return found
