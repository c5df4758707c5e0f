"""Text files of a corpus: opened, unpacked, and the errors for those that cannot be read."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from negw2v.errors import (
    CorpusDecodeError,
    CorpusFileError,
    CorpusReadError,
    MissingFileError,
    TruncatedCorpusError,
)
from negw2v.io.faults import reading_fault
from negw2v.io.kinds import FIRST_BYTES, why_not_a_corpus
from negw2v.io.paths import file_status, is_remote
from negw2v.io.reading import open_unpacked, with_first_bytes

__all__ = ["decode_error", "open_text", "reading"]


def open_text(path: str) -> IO[bytes]:
    """Open a text file for reading its bytes, unpacked; URIs through smart_open.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    CorpusFileError
        There is no such file, it is a folder; or it is not text: a web page (HTML) or a pointer
        of Git LFS that was downloaded in its place, an archive, a model, an array, a table.
    CorpusReadError
        The system does not allow to read it.
    MissingDependencyError
        A package is missing.
    """
    try:
        file = open_unpacked(path)
    except MissingFileError as error:
        if error.errno == errno.EISDIR:
            raise CorpusFileError(
                f"{path!r} is a folder; PathLineSentences reads all the files in a folder"
            ) from None
        if error.errno == errno.ENOENT or not (is_remote(path) or file_status(path)):
            raise CorpusFileError(f"there is no file {path!r}") from error
        reason = error.reason.removeprefix("the file cannot be read: ")
        number = error.errno or errno.EIO
        raise CorpusReadError(f"{path} cannot be read: {reason}", number) from error
    try:
        with reading(path, lambda: 0):
            first, file = with_first_bytes(file, FIRST_BYTES)
        instead = why_not_a_corpus(first)
        if instead is not None:
            raise CorpusFileError(f"{path}: {instead}")
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def reading(name: str, position: Callable[[], int]) -> Iterator[None]:
    """Turn what can go wrong while a corpus is read into errors of ours.

    Parameters
    ----------
    name
        Of the file.
    position
        How many bytes (of what it decompresses to) were read.

    Raises
    ------
    CorpusReadError
        The system cannot read on, or compressed bytes are damaged; TruncatedCorpusError: they
        end too early.
    """
    try:
        yield
    except Exception as error:
        fault = reading_fault(error)
        if fault is None:
            raise
        kind = TruncatedCorpusError if fault.ends_early else CorpusReadError
        raise kind(f"{name}, byte {position()}: {fault.reason}", fault.number) from error


def decode_error(name: str, line: int, offset: int, found: bytes = b"") -> CorpusDecodeError:
    """The exception for a byte that is not UTF-8; `line` counts from 1, `offset` from 0."""
    shown = f" ({found[:8]!r})" if found else ""
    return CorpusDecodeError(
        f"{name} is not valid UTF-8: line {line}, byte offset {offset}{shown}; "
        "convert the file to UTF-8 first, for example with iconv, or read it yourself: with "
        "open(path, encoding='utf-8', errors='replace') as lines: sentences = [line.split() for "
        "line in lines]",
        found,
    )
