"""Classes that can take the place of another library's classes while a program runs.

The plugin (:mod:`negw2v.plugin`) puts negw2v's classes where a program looks for gensim's. What
the program does with a class beyond calling it must then still come out right, and Python asks
the metaclass about it:

- ``isinstance(x, KeyedVectors)`` is true for gensim's objects, too: FastText and Doc2Vec, which
  stay gensim's, and all that was made before;
- a subclass that needs more of gensim's class than ours has is built on gensim's.

Nothing of this is known here: :data:`COUNTERPARTS` is empty until the plugin fills it.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["COUNTERPARTS", "Counterpart", "StandIn"]


class Counterpart(NamedTuple):
    """The class whose place one of ours takes.

    Parameters
    ----------
    other
        That class.
    is_needed
        ``is_needed(name, namespace)``: whether a subclass with this name and body must be
        built on `other`.
    """

    other: type
    is_needed: Callable[[str, Mapping[str, Any]], bool]


#: Our class -> its counterpart, while it takes the place of that.
COUNTERPARTS: dict[type, Counterpart] = {}


class StandIn(ABCMeta):
    """Metaclass of the classes that can take another's place.

    It derives from ABCMeta so that subclasses may have abstract base classes beside ours.
    """

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any
    ) -> Any:
        """Create a class: one of ours, or of the counterpart where that is needed."""
        replaced = tuple(
            found.other
            if (found := COUNTERPARTS.get(base)) and found.is_needed(name, namespace)
            else base
            for base in bases
        )
        if replaced != bases:
            return type(name, replaced, namespace, **kwargs)
        return super().__new__(mcls, name, bases, namespace, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return super().__instancecheck__(instance) or _is_counterpart(cls, type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return super().__subclasscheck__(subclass) or _is_counterpart(cls, subclass)


def _is_counterpart(cls: type, candidate: type) -> bool:
    found = COUNTERPARTS.get(cls)
    return found is not None and issubclass(candidate, found.other)
