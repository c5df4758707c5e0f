"""Placeholders for what only gensim has: they can be imported and derived from, but not used.

Packages import names that a program of theirs does not need: a library of graph embeddings
imports Doc2Vec for one of its classes, and then none of the others can be imported without it. So
these are made on demand only, ``negw2v.patch_gensim(placeholders=True)``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from negw2v.errors import GensimNameError, GensimNeededError

__all__ = ["is_a_module", "placeholder"]

# gensim's packages; what else is in lower case is a function, or a module of one of these.
_PACKAGES = frozenset(
    {
        "gensim",
        "gensim.corpora",
        "gensim.models",
        "gensim.parsing",
        "gensim.scripts",
        "gensim.similarities",
        "gensim.topic_coherence",
    }
)


class _Placeholder(type):
    """The type of all placeholders."""

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise GensimNeededError(
            f"{_origin(cls)} is a placeholder, because gensim is not in use here and negw2v does "
            "not have it; gensim proper is needed to use it: pip install gensim"
        )

    def __getattr__(cls, name: str) -> NoReturn:
        raise GensimNameError(
            f"{_origin(cls)}.{name}: {_origin(cls)} is a placeholder, because gensim is not in use "
            "here and negw2v does not have it; gensim proper is needed to use it: "
            "pip install gensim"
        )


def _origin(cls: type) -> str:
    """The placeholder's name, also where a program has derived a class from it."""
    made = next(each for each in reversed(cls.__mro__[:-1]) if isinstance(each, _Placeholder))
    return f"{made.__module__}.{made.__qualname__}"


def placeholder(module: str, name: str) -> type:
    """A class that raises when it is called, or asked for an attribute.

    Parameters
    ----------
    module, name
        What it takes the place of.
    """
    return _Placeholder(
        name, (), {"__module__": module, "__doc__": f"A placeholder for {module}.{name}."}
    )


def is_a_module(package: str, name: str) -> bool:
    """Whether a name that is not served is that of a module, as far as can be told from it.

    Parameters
    ----------
    package
        The module that was asked for it.
    name
        The name.
    """
    return package in _PACKAGES and name.islower()
