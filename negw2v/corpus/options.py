"""How a corpus is to be read, where that does not follow from what was given."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

from negw2v.corpus.tokenizers import tokenizer_of
from negw2v.errors import InputTypeError, ParameterError

__all__ = ["AS_IT_IS", "CORPUS_OPTIONS", "CorpusOptions", "checked_options"]

#: What may become of bytes that are not in the encoding. Others of Python's keep them as something
#: that UTF-8 does not have.
ERRORS = ("strict", "ignore", "replace", "backslashreplace")

#: What each option is for.
PURPOSES = {
    "column": "tables: objects with several Arrow columns, and Parquet and Arrow files",
    "tokenizer": "texts that are not split into words yet: strings, columns of strings, and text "
    "files",
    "encoding": "text files that are given as corpus_file",
    "errors": "text files that are given as corpus_file",
    "padding": "arrays and columns of whole numbers",
}


@dataclass(frozen=True)
class CorpusOptions:
    """How a corpus is to be read; None: as its type says.

    Parameters
    ----------
    column
        Name of the column of a table.
    tokenizer
        Text to words: a function, or the name of one; see :mod:`negw2v.corpus.tokenizers`.
    encoding, errors
        Of text files, as for :func:`open`.
    padding
        A number that stands for no word.
    """

    column: str | None = None
    tokenizer: str | Callable[[str], Iterable[Any]] | None = None
    encoding: str | None = None
    errors: str | None = None
    padding: int | None = None

    def given(self) -> dict[str, Any]:
        """The options that are not None."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def allow(self, names: Collection[str], what: str) -> None:
        """Raise if there is an option that a corpus of this kind has no use for.

        Parameters
        ----------
        names
            The options that it has a use for.
        what
            The corpus, for the message.

        Raises
        ------
        ParameterError
            There is one.
        """
        for name, value in self.given().items():
            if name not in names:
                raise ParameterError(
                    f"{name}={value!r} is for {PURPOSES[name]}, but the corpus is {what}; leave "
                    "it out"
                )


#: The options by name.
CORPUS_OPTIONS = tuple(each.name for each in fields(CorpusOptions))

#: No option is given.
AS_IT_IS = CorpusOptions()


def checked_options(options: CorpusOptions) -> CorpusOptions:
    """The options, if they make sense by themselves.

    Raises
    ------
    InputTypeError, ParameterError
        One does not.
    MissingDependencyError
        A tokenizer's package is not installed.
    """
    for name in ("column", "encoding", "errors"):
        value = getattr(options, name)
        if value is not None and not isinstance(value, str):
            raise InputTypeError(f"{name} must be a str or None, got {value!r}")
    tokenizer_of(options.tokenizer)
    if options.errors is not None and options.errors not in ERRORS:
        raise ParameterError(
            f"errors must be one of {', '.join(map(repr, ERRORS))}, got {options.errors!r}"
        )
    if options.encoding is not None:
        try:
            if not codecs.lookup(options.encoding)._is_text_encoding:  # noqa: SLF001 - as open() asks
                raise LookupError(f"{options.encoding!r} is not an encoding of text")
        except LookupError as error:
            raise ParameterError(
                f"encoding={options.encoding!r}: {error}; 'utf-8', 'latin-1' and 'utf-16' are "
                "some that Python has"
            ) from None
    padding = options.padding
    if padding is not None and (isinstance(padding, bool) or not isinstance(padding, int)):
        raise InputTypeError(f"padding must be a whole number, usually -1, got {padding!r}")
    return options
