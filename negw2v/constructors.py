"""Class methods that make a new object, called on one that is there already."""

from __future__ import annotations

import functools
import warnings
from typing import Any, NoReturn

from negw2v.errors import NegW2VWarning, RemovedNameError

__all__ = ["MakesAnother", "OnClassOnly"]


class OnClassOnly(classmethod):  # type: ignore[type-arg]
    """A class method that refuses to be called on an object, as gensim's ``Word2Vec.load`` does.

    ``model.load(path)``, and ``model.resume(path)``, would return another model and leave `model`
    as it was; ``model.preflight(corpus)`` would not know its parameters.
    """

    def __get__(self, instance: Any, owner: Any = None, /) -> Any:
        if instance is None:
            return super().__get__(instance, owner)
        name, kind = self.__func__.__name__, type(instance).__name__

        def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
            raise RemovedNameError(
                f"{name}() belongs to the class, and leaves a model as it is: write "
                f"{kind}.{name}(...)"
            )

        return refuse


class MakesAnother(classmethod):  # type: ignore[type-arg]
    """A class method that warns where it is called on an object, which it leaves as it is.

    ``model.wv.load_word2vec_format(path)`` looks as if it filled `model.wv`.
    """

    def __get__(self, instance: Any, owner: Any = None, /) -> Any:
        bound = super().__get__(instance, owner)
        if instance is None:
            return bound
        name, kind = self.__func__.__name__, type(instance).__name__

        @functools.wraps(bound)
        def warn(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(
                f"{name}() returns a new {kind} and leaves the one it is called on as it is; "
                f"write vectors = {kind}.{name}(...), and model.wv = vectors where a model is to "
                "have them",
                NegW2VWarning,
                stacklevel=2,
            )
            return bound(*args, **kwargs)

        return warn
