"""Every exception and warning that negw2v raises on purpose.

All of them derive from :class:`NegW2VError`, and each also derives from the
built-in exception that gensim (or Python itself) raises in the same situation,
so that ``except ValueError`` around existing code goes on working::

    NegW2VError
    +-- ParameterError          (ValueError)    a parameter's value makes no sense
    |   +-- EmptyQueryError     (ZeroDivisionError)    a query without any key or vector
    +-- InputTypeError          (TypeError)     an argument of the wrong kind
    +-- CorpusError             (RuntimeError)  the corpus cannot be used
    |   +-- EmptyCorpusError                    it holds no sentence or no word
    |   +-- OneShotCorpusError  (TypeError)     it can be read only once
    |   +-- CorpusFileError     (FileNotFoundError, TypeError) there is no such file
    |   +-- CorpusDecodeError   (UnicodeDecodeError) a file is not valid UTF-8
    +-- VocabularyError         (RuntimeError)  no vocabulary, or none left
    +-- NotTrainableError       (RuntimeError)  the model's state forbids this call
    +-- KeyNotFoundError        (KeyError)      a key is not in the vocabulary
    +-- RemovedNameError        (AttributeError) a name that gensim 4 did away with
    +-- DatasetError            (RuntimeError)  a data set cannot be had
    +-- ConfigurationError      (RuntimeError)  this build or machine cannot do it
    |   +-- MissingDependencyError (ImportError)    an optional package is not installed

    NegW2VWarning               (UserWarning)   the result is right but may surprise
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "ConfigurationError",
    "CorpusDecodeError",
    "CorpusError",
    "CorpusFileError",
    "DatasetError",
    "EmptyCorpusError",
    "EmptyQueryError",
    "InputTypeError",
    "KeyNotFoundError",
    "MissingDependencyError",
    "NegW2VError",
    "NegW2VWarning",
    "NotTrainableError",
    "OneShotCorpusError",
    "ParameterError",
    "RemovedNameError",
    "VocabularyError",
]


class NegW2VError(Exception):
    """Base class of all exceptions that negw2v raises on purpose."""


class ParameterError(NegW2VError, ValueError):
    """A parameter has a value that makes no sense, such as ``vector_size=0``."""


class EmptyQueryError(ParameterError, ZeroDivisionError):
    """A query names no key and no vector.

    Also a ZeroDivisionError, since gensim raises that for some queries, ValueError for others.
    """


class InputTypeError(NegW2VError, TypeError):
    """An argument is of the wrong kind, such as a str where sentences are expected."""


class CorpusError(NegW2VError, RuntimeError):
    """The corpus cannot be used as it was given."""


class EmptyCorpusError(CorpusError):
    """The corpus holds no sentence, or no word, in this pass."""


class OneShotCorpusError(CorpusError, TypeError):
    """The corpus can be read only once, but more than one pass is needed."""


class CorpusFileError(CorpusError, FileNotFoundError, TypeError):
    """A corpus file does not exist, or is not a file."""


class CorpusDecodeError(CorpusError, UnicodeDecodeError):
    """A corpus file is not valid UTF-8."""

    def __init__(self, message: str, found: bytes = b"") -> None:
        UnicodeDecodeError.__init__(self, "utf-8", found, 0, len(found), message)

    def __str__(self) -> str:
        return self.reason

    def __reduce__(self) -> tuple[type[CorpusDecodeError], tuple[str, bytes]]:
        return type(self), (self.reason, self.object)


class VocabularyError(NegW2VError, RuntimeError):
    """There is no vocabulary yet, or trimming it left no word."""


class NotTrainableError(NegW2VError, RuntimeError):
    """The model's state does not allow this call."""


class KeyNotFoundError(NegW2VError, KeyError):
    """A key is not in the vocabulary.

    Parameters
    ----------
    message
        What was looked for, and where.
    hint
        Called for more text when the message is shown, and only then: looking for close
        spellings would be dear for callers that catch the error and go on.
    """

    def __init__(self, message: object = "", hint: Callable[[], str] | None = None) -> None:
        super().__init__(message)
        self._hint = hint

    def __str__(self) -> str:
        # KeyError shows repr() of its argument, which garbles a sentence.
        return f"{self.args[0]}{self._hint() if self._hint else ''}"

    def __reduce__(self) -> tuple[type[KeyNotFoundError], tuple[str]]:
        return type(self), (str(self),)


class RemovedNameError(NegW2VError, AttributeError):
    """A name from before gensim 4; the message says what has taken its place."""


class DatasetError(NegW2VError, RuntimeError):
    """A data set is neither on this machine nor can it be downloaded."""


class ConfigurationError(NegW2VError, RuntimeError):
    """This build or this machine cannot do what was asked."""


class MissingDependencyError(ConfigurationError, ImportError):
    """A package that is not installed is needed for this; the message names the extra."""


class NegW2VWarning(UserWarning):
    """The result is right, but it may not be what was meant."""
