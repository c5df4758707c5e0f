"""Every exception and warning that negw2v raises on purpose.

All of them derive from :class:`NegW2VError`, and each also derives from the
built-in exception that gensim (or Python itself) raises in the same situation,
so that ``except ValueError`` around existing code goes on working::

    NegW2VError
    +-- ParameterError          (ValueError)    a parameter's value makes no sense
    |   +-- EmptyQueryError     (ZeroDivisionError)    a query without any key or vector
    |   +-- RowIndexError       (IndexError)           a row that a matrix does not have
    +-- ArrayMemoryError        (MemoryError)   there is no memory for an array
    +-- InputTypeError          (TypeError)     an argument of the wrong kind
    +-- CorpusError             (RuntimeError)  the corpus cannot be used
    |   +-- EmptyCorpusError                    it holds no sentence or no word
    |   +-- OneShotCorpusError  (TypeError)     it can be read only once
    |   +-- CorpusFileError     (FileNotFoundError, TypeError) there is no such file
    |   +-- CorpusDecodeError   (UnicodeDecodeError) it is not valid UTF-8
    +-- VocabularyError         (RuntimeError)  no vocabulary, or none left
    +-- NotTrainableError       (RuntimeError)  the model's state forbids this call
    +-- DivergenceError         (FloatingPointError) the loss is no longer a number
    +-- KeyNotFoundError        (KeyError)      a key is not in the vocabulary
    +-- RemovedNameError        (AttributeError) a name that gensim 4 did away with
    +-- DatasetError            (RuntimeError)  a data set is not available
    +-- ModelFileError          (ValueError)    a file is damaged, or not what it claims to be
    |   +-- TruncatedFileError  (EOFError)      it ends too early
    |   +-- FileDecodeError     (UnicodeDecodeError) its text is not in the encoding given
    |   +-- NotAModelError      (AttributeError) it holds vectors alone
    |   +-- UnsafeFileError                     it asks for code that is never run
    +-- MissingFileError        (FileNotFoundError) there is no such file, or it is a folder
    +-- SaveError               (OSError)       a file cannot be written; the old one is untouched
    |                                           (FileNotFoundError, ..., by its error number)
    +-- HubError                (OSError)       the Hugging Face Hub is out of reach, or refuses
    +-- ConfigurationError      (RuntimeError)  this build or machine cannot do it
    |   +-- MissingDependencyError (ImportError)    an optional package is not installed
    |   |   +-- MissingDownloaderError (and DatasetError) a data set needs it
    |   |   +-- GensimNeededError (ModuleNotFoundError) a part of gensim that negw2v does not have
    |   +-- GensimNameError     (AttributeError) a module in gensim's place lacks a name
    +-- ClusterError            (ConnectionError) a Ray cluster does not answer, or is lost

    NegW2VWarning               (UserWarning)   the result is right but may surprise
"""

from __future__ import annotations

import errno
import inspect
import os
import warnings
from collections.abc import Callable
from typing import Any

__all__ = [
    "ArrayMemoryError",
    "ClusterError",
    "ConfigurationError",
    "CorpusDecodeError",
    "CorpusError",
    "CorpusFileError",
    "CorpusReadError",
    "DatasetError",
    "DivergenceError",
    "EmptyCorpusError",
    "EmptyQueryError",
    "FileDecodeError",
    "FileMemoryError",
    "GensimNameError",
    "GensimNeededError",
    "HubError",
    "InputTypeError",
    "KeyNotFoundError",
    "MissingDependencyError",
    "MissingDownloaderError",
    "MissingFileError",
    "ModelFileError",
    "NegW2VError",
    "NegW2VWarning",
    "NotAModelError",
    "NotTrainableError",
    "OneShotCorpusError",
    "ParameterError",
    "RemovedNameError",
    "RowIndexError",
    "SaveError",
    "TruncatedCorpusError",
    "TruncatedFileError",
    "UnsafeFileError",
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


class RowIndexError(ParameterError, IndexError):
    """An index names a row that a matrix does not have."""


class InputTypeError(NegW2VError, TypeError):
    """An argument is of the wrong kind, such as a str where sentences are expected."""


class ArrayMemoryError(NegW2VError, MemoryError):
    """There is no memory for an array; the message names it, its size and its device."""


class CorpusError(NegW2VError, RuntimeError):
    """The corpus cannot be used as it was given."""


class EmptyCorpusError(CorpusError):
    """The corpus holds no sentence, or no word, in this pass."""


class OneShotCorpusError(CorpusError, TypeError):
    """The corpus can be read only once, but more than one pass is needed."""


class CorpusFileError(CorpusError, FileNotFoundError, TypeError):
    """A corpus file does not exist, or is not a file."""


class CorpusReadError(CorpusError, OSError):
    """A corpus file cannot be read to its end: the system fails, or compressed bytes are damaged.

    Parameters
    ----------
    message
        The file, how far it was read, and what is wrong.
    number
        The system's error number.
    """

    def __init__(self, message: str, number: int = errno.EIO) -> None:
        OSError.__init__(self, number, message)

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> tuple[type[CorpusReadError], tuple[Any, ...]]:
        return type(self), (self.strerror, self.errno)


class TruncatedCorpusError(CorpusReadError, EOFError):
    """What is compressed in a corpus file ends too early."""


class CorpusDecodeError(CorpusError, UnicodeDecodeError):
    """A corpus is not valid UTF-8, or not in the encoding that was given for it."""

    def __init__(self, message: str, found: bytes = b"", encoding: str = "utf-8") -> None:
        UnicodeDecodeError.__init__(self, encoding, found, 0, len(found), message)

    def __str__(self) -> str:
        return self.reason

    def __reduce__(self) -> tuple[type[CorpusDecodeError], tuple[str, bytes, str]]:
        return type(self), (self.reason, self.object, self.encoding)


class VocabularyError(NegW2VError, RuntimeError):
    """There is no vocabulary yet, or trimming it left no word."""


class NotTrainableError(NegW2VError, RuntimeError):
    """The model's state does not allow this call."""


class DivergenceError(NegW2VError, FloatingPointError):
    """Training was stopped because its loss is NaN or infinite."""


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


#: What names a file.
FilePath = str | bytes | os.PathLike[Any]


def shown_path(path: object) -> str:
    """What messages call a file: its path, or what kind of file object it is."""
    if isinstance(path, (str, bytes, os.PathLike)):
        return repr(os.fsdecode(path))
    return f"a file object ({type(path).__name__})"


class ModelFileError(NegW2VError, ValueError):
    """A file of vectors or a model is damaged, or not what it claims to be.

    Parameters
    ----------
    path
        The file.
    reason
        What is wrong with it, and what to do.
    position
        Where: byte from the start of the file (of what it decompresses to), from 0.
    line
        Where: number of the line, from 1, in text files.

    Attributes
    ----------
    path, reason, position, line
        As given.
    message
        All of it in one sentence.
    """

    def __init__(
        self,
        path: object,
        reason: str,
        *,
        position: int | None = None,
        line: int | None = None,
    ) -> None:
        self._describe(path, reason, position, line)
        super().__init__(self.message)

    def _describe(self, path: object, reason: str, position: int | None, line: int | None) -> None:
        self.path = path
        self.reason = reason
        self.position = position
        self.line = line
        places = [f"line {line}"] if line is not None else []
        places += [f"byte {position}"] if position is not None else []
        self.message = f"{', '.join([shown_path(path), *places])}: {reason}"

    def __reduce__(self) -> tuple[Callable[..., ModelFileError], tuple[Any, ...]]:
        path = self.path if isinstance(self.path, (str, bytes, os.PathLike)) else None
        return _file_error, (type(self), path, self.reason, self.position, self.line)


def _file_error(
    kind: type[ModelFileError],
    path: object,
    reason: str,
    position: int | None,
    line: int | None,
) -> ModelFileError:
    return kind(path, reason, position=position, line=line)


class TruncatedFileError(ModelFileError, EOFError):
    """A file ends before what it announces."""


class FileMemoryError(ModelFileError, MemoryError):
    """A file cannot be mapped into memory, because there is too little of it."""


class NotAModelError(ModelFileError, AttributeError):
    """A file holds vectors alone, where a model that can be trained is needed."""


class FileDecodeError(ModelFileError, UnicodeDecodeError):
    """Text in a file is not in the encoding that was given."""

    def __init__(
        self,
        path: object,
        reason: str,
        *,
        position: int | None = None,
        line: int | None = None,
        encoding: str = "utf-8",
        found: bytes = b"",
    ) -> None:
        # not super(): the arguments of UnicodeDecodeError are its own
        UnicodeDecodeError.__init__(self, encoding, found, 0, len(found), reason)
        self._describe(path, reason, position, line)

    def __str__(self) -> str:
        return self.message


class UnsafeFileError(ModelFileError):
    """A pickle asks for something that is not needed for vectors; none of it was run."""


class _PathError(NegW2VError, OSError):
    """An OSError whose message is a sentence of ours; `errno` and `filename` are set."""

    def __init__(self, path: FilePath, reason: str, number: int) -> None:
        super().__init__(number, reason, os.fspath(path))
        self.reason = reason

    def __str__(self) -> str:
        return f"{shown_path(self.filename)}: {self.reason}"

    def __reduce__(self) -> tuple[type[_PathError], tuple[Any, ...]]:
        return type(self), (self.filename, self.reason, self.errno)


class MissingFileError(_PathError, FileNotFoundError):
    """There is no such file, or it is a folder.

    Parameters
    ----------
    path
        The file.
    reason
        What was looked for, and what to do.
    number
        The system's error number.
    """

    def __init__(
        self, path: FilePath, reason: str = "there is no such file", number: int = errno.ENOENT
    ) -> None:
        super().__init__(path, reason, number)


class SaveError(_PathError):
    """A file cannot be written; where there was one of its name, it is as it was.

    As with OSError, the error is also one of Python's class for its number: FileNotFoundError
    (there is no such folder), NotADirectoryError, IsADirectoryError or PermissionError.

    Parameters
    ----------
    path
        The file.
    reason
        Why, and what to do.
    number
        The system's error number.

    Examples
    --------
    >>> try:
    ...     model.save("no-such-folder/words.model")
    ... except FileNotFoundError as error:
    ...     print(type(error).__name__)
    SaveError
    """

    def __new__(cls, path: FilePath, reason: str, number: int = errno.EIO) -> SaveError:  # noqa: D102
        kind = _SAVE_ERRORS.get(number, cls) if cls is SaveError else cls
        # OSError takes its fields here from a class that has a __new__, not in __init__
        return super().__new__(kind, number, reason, os.fspath(path))

    def __init__(self, path: FilePath, reason: str, number: int = errno.EIO) -> None:
        super().__init__(path, reason, number)

    def __reduce__(self) -> tuple[type[SaveError], tuple[Any, ...]]:
        return SaveError, (self.filename, self.reason, self.errno)


def _save_error(system: type[OSError]) -> type[SaveError]:
    """A SaveError that is an error of the system's, too."""
    return type("SaveError", (SaveError, system), {"__module__": __name__})


_SAVE_ERRORS: dict[int, type[SaveError]] = {
    errno.ENOENT: _save_error(FileNotFoundError),
    errno.ENOTDIR: _save_error(NotADirectoryError),
    errno.EISDIR: _save_error(IsADirectoryError),
    errno.EACCES: _save_error(PermissionError),
    errno.EPERM: _save_error(PermissionError),
}


class HubError(_PathError):
    """The Hugging Face Hub cannot be reached, or it refuses what was asked.

    Parameters
    ----------
    path
        The name of the model there.
    reason
        Why, and what to do.
    number
        The error number of the system that comes closest: EACCES where permission is missing.
    """

    def __init__(self, path: FilePath, reason: str, number: int = errno.EIO) -> None:
        super().__init__(path, reason, number)


class ConfigurationError(NegW2VError, RuntimeError):
    """This build or this machine cannot do what was asked."""


class MissingDependencyError(ConfigurationError, ImportError):
    """A package that is not installed is needed for this; the message names the extra.

    Parameters
    ----------
    message
        What needs which package, and how to install it.
    name
        The module that cannot be imported.
    """

    def __init__(self, message: str = "", name: str | None = None) -> None:
        super().__init__(message)
        self.name = name

    def __reduce__(self) -> tuple[type[MissingDependencyError], tuple[str, str | None]]:
        return type(self), (str(self), self.name)


class MissingDownloaderError(DatasetError, MissingDependencyError):
    """A data set is not on this machine, and the package that would download it is missing."""


class GensimNeededError(MissingDependencyError, ModuleNotFoundError):
    """A program asks negw2v, which is in gensim's place, for what only gensim has."""

    def __init__(self, message: str = "", name: str | None = "gensim") -> None:
        super().__init__(message, name)


class GensimNameError(ConfigurationError, AttributeError):
    """A module that negw2v serves in gensim's place does not have this name."""


class ClusterError(NegW2VError, ConnectionError):
    """A Ray cluster cannot be reached, has too little of something, or has lost all its nodes."""


class NegW2VWarning(UserWarning):
    """The result is right, but it may not be what was meant."""


def warn(message: str, category: type[Warning] = NegW2VWarning) -> None:
    """Warn, and name the line of the user's program that called this package.

    Parameters
    ----------
    message
        What the user should know.
    category
        The class of the warning.
    """
    level, frame = 1, inspect.currentframe()
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith("negw2v."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=max(level, 2))
