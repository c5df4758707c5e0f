"""Names that are not there, of gensim 3 or misspelled: errors that say what to write instead."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

from negw2v.errors import InputTypeError, RemovedNameError

__all__ = [
    "Answering",
    "FormerName",
    "check_parameters",
    "suggested",
    "suggests_names",
]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: Least likeness of a name that is suggested, as difflib measures it.
LEAST_LIKENESS = 0.7


class FormerName:
    """An attribute that is not there; whoever asks for it is told what is.

    Parameters
    ----------
    answer
        What to use instead.
    """

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise RemovedNameError(f"{owner.__name__} has no {self.name!r}; use {self.answer}")


class Answering:
    """A class some of whose attributes are :class:`FormerName`."""

    def __init_subclass__(cls, former: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, answer in (former or {}).items():
            attribute = FormerName(answer)
            attribute.__set_name__(cls, name)
            setattr(cls, name, attribute)

    def __dir__(self) -> Iterable[str]:
        kind = type(self)
        return [
            name
            for name in super().__dir__()
            if not isinstance(inspect.getattr_static(kind, name, None), FormerName)
        ]


def suggested(name: str, known: Iterable[str], former: Mapping[str, str] | None = None) -> str:
    """What somebody meant by a name that is not there, as the end of a message.

    Parameters
    ----------
    name
        The name.
    known
        The names that there are.
    former
        What some of them were called before.
    """
    likely = (former or {}).get(name)
    if likely is None:
        spelled = {_spelling(each): each for each in known}
        close = difflib.get_close_matches(_spelling(name), spelled, 1, LEAST_LIKENESS)
        likely = spelled[close[0]] if close else None
    return f"; did you mean {likely}?" if likely else f"; there are {', '.join(known)}"


def _spelling(name: str) -> str:
    return name.casefold().replace("_", "")


def check_parameters(
    given: Collection[str],
    function: Callable[..., Any],
    former: Mapping[str, str] | None = None,
    name: str | None = None,
) -> None:
    """Raise where there are keyword arguments that a function does not have.

    Parameters
    ----------
    given
        Names of the keyword arguments.
    function
        The function.
    former
        What some of its parameters were called before.
    name
        The function's name in the message; None: its own.

    Raises
    ------
    InputTypeError
        The message says what was meant, if it can be guessed.
    """
    known = [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.name != "self" and each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
    ]
    unknown = sorted(set(given).difference(known))
    if unknown:
        name = name or function.__name__
        raise InputTypeError(
            ". ".join(
                f"{name}() has no parameter {each!r}{suggested(each, known, former)}"
                for each in unknown
            )
        )


def suggests_names(
    former: Mapping[str, str] | None = None,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """A decorator: a keyword argument that a function does not have is answered with its name.

    It puts a frame between the function and its caller, which warnings must reckon with.

    Parameters
    ----------
    former
        What some parameters were called before: the old name, and what to write now.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @functools.wraps(function)
        def answering(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                is_constructor = function.__name__ == "__init__"
                shown = type(args[0]).__name__ if is_constructor else function.__name__
                if not isinstance(error, InputTypeError):
                    try:
                        check_parameters(kwargs, function, former, shown)
                    except InputTypeError as answer:
                        raise answer from None
                raise

        return answering

    return decorate
