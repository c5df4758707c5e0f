"""Text files of a corpus: opened, unpacked, and the errors for those that cannot be read."""

from __future__ import annotations

import codecs
import errno
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

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

__all__ = ["decode_error", "is_converted", "open_text", "reading"]

BLOCK_BYTES = 1 << 18


def is_converted(encoding: str | None, errors: str | None) -> bool:
    """Whether text has to be converted before it is read as valid UTF-8."""
    is_utf8 = encoding is None or codecs.lookup(encoding).name == "utf-8"
    return not is_utf8 or errors not in (None, "strict")


def open_text(path: str, encoding: str | None = None, errors: str | None = None) -> IO[bytes]:
    """Open a text file for reading its bytes in UTF-8, unpacked; URIs through smart_open.

    Parameters
    ----------
    path
        The file.
    encoding, errors
        Of the file, as for :func:`open`; None: UTF-8, which is not looked at yet; "strict".

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
        # Who names an encoding knows that it is text; in UTF-8 it may not look so.
        instead = why_not_a_corpus(first) if encoding is None else None
        if instead is not None:
            raise CorpusFileError(f"{path}: {instead}")
    except BaseException:
        file.close()
        raise
    if is_converted(encoding, errors):
        converted = _Converted(file, path, encoding or "utf-8", errors or "strict")
        return io.BufferedReader(converted, BLOCK_BYTES)
    return file


class _Converted(io.RawIOBase):
    """Text of any encoding as the bytes of UTF-8.

    Parameters
    ----------
    file
        The text; it is closed with this one.
    path
        Its name in messages.
    encoding, errors
        Of the text.
    """

    def __init__(self, file: IO[bytes], path: str, encoding: str, errors: str) -> None:
        self._file = file
        self._path = path
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ready = memoryview(b"")
        self._bytes = 0
        self._lines = 1
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        space = memoryview(buffer).cast("B")
        while not len(self._ready) and not self._ended:
            block = self._file.read(BLOCK_BYTES)
            self._bytes += len(block)
            self._ended = not block
            self._ready = memoryview(self._convert(block))
        n = min(len(space), len(self._ready))
        space[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n

    def close(self) -> None:
        self._file.close()
        super().close()

    def _convert(self, block: bytes) -> bytes:
        try:
            text = self._decoder.decode(block, final=not block)
            self._lines += text.count("\n")
            return text.encode("utf-8")
        except UnicodeDecodeError as error:
            line = self._lines + error.object[: error.start].count(b"\n")
            offset = self._bytes - len(error.object) + error.start
            found = error.object[error.start : error.end]
            raise decode_error(self._path, line, offset, found, self._encoding) from error
        except UnicodeEncodeError as error:  # half a pair of UTF-16
            raise decode_error(
                self._path, self._lines, self._bytes - len(block), b"", self._encoding
            ) from error


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


def decode_error(
    name: str, line: int, offset: int, found: bytes = b"", encoding: str = "utf-8"
) -> CorpusDecodeError:
    """The exception for a byte that is not in the encoding; `line` from 1, `offset` from 0."""
    shown = f" ({found[:8]!r})" if found else ""
    called = "UTF-8" if encoding == "utf-8" else encoding
    return CorpusDecodeError(
        f"{name} is not valid {called}: line {line}, byte offset {offset}{shown}; "
        "say how it is written, for example corpus_file=..., encoding='latin-1', or what becomes "
        "of such bytes, errors='replace'; or convert the file to UTF-8 first, for example with "
        "iconv",
        found,
        encoding,
    )
