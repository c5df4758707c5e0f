"""Names in error messages: what to write instead of an unknown one; public names of methods.

- :func:`suggested`, :func:`check_parameters` and :func:`suggests_names`: an unknown keyword
  argument gets an error that names the parameter that was probably meant;
- :class:`FormerName` and :func:`answers_former_names`: an attribute of gensim 3 gets an error that
  names its successor;
- :func:`name_methods`: errors that Python itself raises name the public class of a method.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from types import FunctionType
from typing import Any, NoReturn, ParamSpec, TypeVar

from negw2v.errors import InputTypeError, RemovedNameError

__all__ = [
    "FormerName",
    "answers_former_names",
    "check_parameters",
    "name_methods",
    "shown_names",
    "suggested",
    "suggests_names",
]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Class = TypeVar("Class", bound=type)

#: Smallest ratio (of :class:`difflib.SequenceMatcher`) of a name that is suggested.
LEAST_LIKENESS = 0.7


class FormerName:
    """A removed attribute: reading it raises an error that says what to use instead.

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


def answers_former_names(answers: Mapping[str, str]) -> Callable[[Class], Class]:
    """A decorator of classes: reading one of these names says what to use instead.

    They are attributes of the class, and not answered by ``__getattr__``, because a class is asked
    for them, too, as in ``Word2Vec.load_word2vec_format()``. What the class has is left as it is.

    Parameters
    ----------
    answers
        Names, and what to use instead of each.
    """

    def decorate(kind: Class) -> Class:
        for name, answer in answers.items():
            if inspect.getattr_static(kind, name, None) is None:
                attribute = FormerName(answer)
                attribute.__set_name__(kind, name)
                setattr(kind, name, attribute)
        return kind

    return decorate


def shown_names(kind: type, names: Iterable[str]) -> list[str]:
    """`names` without those that are a :class:`FormerName` of the class `kind`."""
    return [
        name
        for name in names
        if not isinstance(inspect.getattr_static(kind, name, None), FormerName)
    ]


def suggested(name: str, known: Iterable[str], former: Mapping[str, str] | None = None) -> str:
    """The end of a message about an unknown name: what was probably meant.

    Parameters
    ----------
    name
        The unknown name.
    known
        The names that exist.
    former
        Former names, and what replaces each of them.

    Returns
    -------
    str
        "; did you mean ...?", or "; there are ..." with all known names.

    Examples
    --------
    >>> suggested("vectorsize", ["vector_size", "window"])
    '; did you mean vector_size?'
    """
    likely = (former or {}).get(name)
    if likely is None:
        import difflib

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
    """Raise if a function does not have all of these keyword arguments.

    Parameters
    ----------
    given
        Names of the keyword arguments.
    function
        The function.
    former
        Former names of its parameters, and what replaces each of them.
    name
        The function's name in the message; None: its own.

    Raises
    ------
    InputTypeError
        The message suggests the parameter that was probably meant.
    """
    if not given:
        return
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
    """A decorator: an unknown keyword argument raises an error that suggests a parameter.

    It adds a frame between the function and its caller; the `stacklevel` of warnings must
    count it.

    Parameters
    ----------
    former
        Former names of parameters, and what replaces each of them.
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


def name_methods(public: type) -> None:
    """Give methods that a public class inherits from internal classes its name.

    Python's own errors, such as that of a missing argument, show a method's qualified name.
    Inherited methods are called ``Public.method`` then; just ``method`` where several public
    classes inherit them.

    Parameters
    ----------
    public
        The class. Its bases in this package are internal.
    """
    for base in public.__mro__[1:]:
        if not base.__module__.startswith("negw2v."):
            continue
        for name, attribute in vars(base).items():
            method = getattr(attribute, "__func__", attribute)
            while isinstance(method, FunctionType) and method.__name__ == name:
                if method.__qualname__ == f"{base.__qualname__}.{name}":
                    method.__qualname__ = f"{public.__qualname__}.{name}"
                    method.__module__ = public.__module__
                elif method.__qualname__ != f"{public.__qualname__}.{name}":
                    method.__qualname__ = name
                method = getattr(method, "__wrapped__", None)  # what a decorator calls
