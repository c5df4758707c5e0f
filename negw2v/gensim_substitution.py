"""Lets a class of negw2v stand where a program expects gensim's class.

The plugin (:mod:`negw2v.plugin`) puts negw2v's classes where a program looks for gensim's.
Python asks the metaclass what a class means to ``isinstance`` and to ``class`` statements, so
:class:`SubstituteMeta` answers there:

- ``isinstance(x, KeyedVectors)`` is also true for gensim's objects: FastText and Doc2Vec stay
  gensim's, and so does everything that was made before the patch;
- a subclass that overrides what only gensim's class has is built on gensim's class.

This module does not know gensim: :data:`REPLACED` is empty until the plugin fills it.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["REPLACED", "ReplacedClass", "SubstituteMeta", "original_gensim_class"]


class ReplacedClass(NamedTuple):
    """The class of gensim's whose place one of ours takes.

    Parameters
    ----------
    original
        That class.
    needs_original
        ``needs_original(name, namespace)``: whether a subclass with this name and body must
        derive from `original`.
    """

    original: type
    needs_original: Callable[[str, Mapping[str, Any]], bool]


#: Our class -> the class that it replaces, as long as it does.
REPLACED: dict[type, ReplacedClass] = {}


def original_gensim_class(name: str) -> type | None:
    """The class of gensim's that our class of this name replaces; None without the plugin.

    Parameters
    ----------
    name
        "Word2Vec" or "KeyedVectors".
    """
    return next((found.original for ours, found in REPLACED.items() if ours.__name__ == name), None)


class SubstituteMeta(ABCMeta):
    """Metaclass of the classes that can replace a class of gensim's.

    It derives from ABCMeta, so that subclasses of ours may also have abstract base classes.
    """

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any
    ) -> Any:
        """Create a subclass of ours, or of the replaced class where it is needed."""
        chosen = tuple(
            found.original
            if (found := REPLACED.get(base)) and found.needs_original(name, namespace)
            else base
            for base in bases
        )
        if chosen != bases:
            return type(name, chosen, namespace, **kwargs)
        return super().__new__(mcls, name, bases, namespace, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return super().__instancecheck__(instance) or _derives_from_original(cls, type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return super().__subclasscheck__(subclass) or _derives_from_original(cls, subclass)


def _derives_from_original(cls: type, candidate: type) -> bool:
    found = REPLACED.get(cls)
    return found is not None and issubclass(candidate, found.original)
