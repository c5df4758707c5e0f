"""What gensim's own code does although the plugin is on, and why: a log, and a list."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any, NamedTuple

from negw2v.word2vec import Word2Vec
from negw2v.word2vec.subclassing import UNUSED_HOOKS

__all__ = ["Fallback", "FallbackLog", "needs_gensim", "outside_subclasses"]

logger = logging.getLogger(__name__)


class Fallback(NamedTuple):
    """Something that gensim does although the plugin is on.

    Parameters
    ----------
    what
        What gensim does.
    reason
        Why negw2v does not.
    """

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


class FallbackLog:
    """Fallbacks, in the order of their first occurrence."""

    def __init__(self) -> None:
        self._found: dict[Fallback, None] = {}

    def add(self, what: str, reason: str) -> None:
        """Record a fallback; it is logged if it is new.

        Parameters
        ----------
        what, reason
            See :class:`Fallback`.
        """
        fallback = Fallback(what, reason)
        if fallback not in self._found:
            self._found[fallback] = None
            logger.warning("gensim's own code runs: %s", fallback)

    def pickled(self, module: str, name: str) -> None:
        """Record that pickle got gensim's own class."""
        self.add(
            f"{module}.{name} in a pickle",
            "pickles of gensim's objects (FastText, Doc2Vec, models from before) name its classes",
        )

    def __iter__(self) -> Iterator[Fallback]:
        return iter(tuple(self._found))


def needs_gensim(log: FallbackLog, name: str, namespace: Mapping[str, Any]) -> bool:
    """Whether a subclass of Word2Vec overrides methods that negw2v never calls.

    Parameters
    ----------
    log
        Records such a subclass.
    name, namespace
        Name and body of the subclass.
    """
    unused = sorted(UNUSED_HOOKS.intersection(namespace))
    if not unused or _calls_by_name(namespace):  # then Word2Vec.__init_subclass__ warns
        return False
    log.add(
        f"class {namespace.get('__module__', '?')}.{name}",
        f"it overrides {', '.join(unused)}, which negw2v does not have; it is built on "
        "gensim's Word2Vec",
    )
    return True


def _calls_by_name(namespace: Mapping[str, Any]) -> bool:
    """Whether methods call those of Word2Vec as ``Word2Vec.train(self, ...)``.

    Such a call reaches negw2v's class even if the subclass derives from gensim's; a call by
    ``super()`` does not.
    """
    functions = [value for value in namespace.values() if isinstance(value, FunctionType)]
    return any(
        function.__globals__.get(name) is Word2Vec
        for function in functions
        for name in function.__code__.co_names
    )


def outside_subclasses(cls: Any) -> Iterator[type]:
    """All subclasses of one of gensim's classes that are not gensim's own."""
    for subclass in type.__subclasses__(cls):
        if not subclass.__module__.startswith("gensim."):
            yield subclass
        yield from outside_subclasses(subclass)
