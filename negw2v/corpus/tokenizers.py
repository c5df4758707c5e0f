"""Texts to words: the tokenizers that have names, and corpora of texts.

A tokenizer is any function from a str to an iterable of words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from negw2v.corpus.preprocessing import simple_preprocess
from negw2v.errors import InputTypeError, ParameterError
from negw2v.extras import needed

__all__ = [
    "NAMED",
    "WHITESPACE",
    "Tokenized",
    "Tokenizer",
    "tokenizer_of",
    "unicode_words",
    "words_of",
]

Tokenizer = Callable[[str], Iterable[Any]]

#: The name of the tokenizer that compiled code has, too.
WHITESPACE = "whitespace"


@cache
def _unicode_parts() -> tuple[Any, Any]:
    """The patterns of what lies between words, and of what makes one."""
    with needed("tokenizer='unicode'", "regex"):
        import regex
    return regex.compile(r"\b", regex.V1 | regex.WORD), regex.compile(r"[\p{L}\p{N}]")


def unicode_words(text: str) -> list[str]:
    """The words of a text as Unicode defines them (Standard Annex 29, default word boundaries).

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    list of str
        Parts between two boundaries that have a letter or a digit in them.

    Raises
    ------
    MissingDependencyError
        The package regex is not installed.

    Examples
    --------
    >>> unicode_words("Can't you see 3.5 €? Déjà-vu!")
    ["Can't", 'you', 'see', '3.5', 'Déjà', 'vu']
    """
    boundaries, letters = _unicode_parts()
    return [part for part in boundaries.split(text) if letters.search(part)]


#: The tokenizers that can be named.
NAMED: dict[str, Tokenizer] = {
    WHITESPACE: str.split,
    "simple": simple_preprocess,
    "unicode": unicode_words,
}


def tokenizer_of(given: Any) -> Tokenizer | None:
    """The function that a tokenizer's name stands for; a function is returned as it is.

    Raises
    ------
    ParameterError, InputTypeError
        There is no tokenizer of this name; or it is neither a name nor a function.
    MissingDependencyError
        Its package is not installed.
    """
    if given is None:
        return None
    names = ", ".join(map(repr, NAMED))
    if isinstance(given, str):
        if given not in NAMED:
            raise ParameterError(
                f"there is no tokenizer {given!r}; give one of {names}, or a function from a str "
                "to a list of words"
            )
        if NAMED[given] is unicode_words:
            _unicode_parts()  # the error comes before any work is done
        return NAMED[given]
    if not callable(given):
        raise InputTypeError(
            f"tokenizer must be one of {names}, or a function from a str to a list of words, got "
            f"{given!r}"
        )
    function: Tokenizer = given
    return function


class Tokenized(Iterable[list[Any]]):
    """Texts as lists of words, anew in each iteration.

    Parameters
    ----------
    texts
        Iterable of str.
    tokenizer
        Splits one.
    what
        What the texts are called in messages.

    Raises
    ------
    InputTypeError
        While iterating: a text is not a str; the tokenizer returns something else than words.
    """

    def __init__(self, texts: Iterable[Any], tokenizer: Tokenizer, what: str = "text") -> None:
        self._texts = texts
        self._tokenizer = tokenizer
        self._what = what

    def __iter__(self) -> Iterator[list[Any]]:
        for number, text in enumerate(self._texts):
            if not isinstance(text, str):
                raise InputTypeError(
                    f"{self._what} {number} (counted from 0) is a {type(text).__name__}, but "
                    "tokenizer= is for texts, each a str; leave it out where sentences are lists "
                    "of words"
                )
            yield words_of(self._tokenizer, text, self._what, number)


def words_of(tokenizer: Tokenizer, text: str, what: str, number: int) -> list[Any]:
    """What a tokenizer makes of a text, if it is an iterable of words.

    Parameters
    ----------
    tokenizer
        The function.
    text
        The text.
    what, number
        Where the text is, for messages.

    Raises
    ------
    InputTypeError
        It is something else, such as a str.
    """
    words = tokenizer(text)
    if not isinstance(words, (str, bytes)):
        try:
            return list(words)
        except TypeError:
            if hasattr(words, "__iter__"):  # an error while it runs is the tokenizer's own
                raise
    shown = repr(words)
    raise InputTypeError(
        f"the tokenizer returned {shown if len(shown) <= 60 else shown[:57] + '...'} of type "
        f"{type(words).__name__} for {what} {number}, but it must return a list of words, as "
        "str.split does"
    )
