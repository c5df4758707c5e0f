"""Files that are open for reading: local, compressed, remote, or file objects.

    opened            a path, a URI or a file object -> Source
      open_local        a file on this machine, as it is
      open_unpacked     a file on this machine or behind a URI, unpacked
    Source            reads, and says what went wrong and where
      peeked            its first bytes, which come again
      content_of        what it holds, where it is compressed
    read_all          the whole content of a small file

A file is opened once: what comes through a pipe cannot be read again.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from negw2v.errors import (
    FilePath,
    InputTypeError,
    ModelFileError,
    NegW2VError,
    TruncatedFileError,
    shown_path,
)
from negw2v.io.compression import (
    FIRST_BYTES,
    ClosingReader,
    compression_of,
    is_plain_file,
    unpacked,
)
from negw2v.io.faults import Fault, reading_fault
from negw2v.io.paths import file_status, is_remote, path_text, unreadable
from negw2v.io.remote import open_remote

__all__ = [
    "Replayed",
    "Source",
    "content_of",
    "open_local",
    "open_unpacked",
    "opened",
    "peeked",
    "read_all",
    "read_into",
    "read_up_to",
    "with_first_bytes",
]

BLOCK_BYTES = 1 << 20


def read_into(file: Any, space: memoryview) -> int:
    """Read bytes into `space`, as many as there are or fit; their number, 0 at the end."""
    if hasattr(file, "readinto"):
        return int(file.readinto(space))
    block = file.read(len(space))
    space[: len(block)] = block
    return len(block)


@dataclass
class Source:
    """A file that is open for reading.

    Parameters
    ----------
    stream
        Gives the bytes.
    path
        What messages call it.
    size
        Its bytes; None where only reading can tell: compressed and remote files, pipes.
    packed
        How many compressed bytes were read; None: they are not compressed, or nobody knows.
    """

    stream: Any
    path: Any
    size: int | None
    packed: Callable[[], int] | None = None
    _read: int = 0

    def read_into(self, space: memoryview) -> int:
        """Fill `space` with the next bytes; their number is 0 at the end only."""
        with self.faults():
            count = read_into(self.stream, space)
        self._read += count
        return count

    @contextlib.contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what can go wrong while the stream is read into errors of ours.

        Raises
        ------
        ModelFileError
            The system cannot read on, or compressed bytes are damaged; TruncatedFileError:
            they end too early.
        """
        try:
            yield
        except Exception as error:
            fault = reading_fault(error)
            if fault is None:
                if isinstance(error, NegW2VError) or not isinstance(error, ValueError):
                    raise
                fault = Fault(f"reading failed: {error}")  # such as of a file that is closed
            kind = TruncatedFileError if fault.ends_early else ModelFileError
            raise kind(self.path, fault.reason, position=self._read) from error


@contextlib.contextmanager
def opened(path: Any) -> Iterator[Source]:
    """Open a file of any kind to read bytes from it.

    Parameters
    ----------
    path
        A path; a URI that smart_open knows; or a binary file object, which is not closed. What is
        compressed (gzip, bzip2, xz, Zstandard) is unpacked, whatever its name is.

    Yields
    ------
    Source
        The file.

    Raises
    ------
    MissingFileError
        There is no such file, it is a folder, or it may not be read.
    InputTypeError
        `path` is none of these.
    """
    if hasattr(path, "read"):
        yield Source(_file_object(path), path, None)
        return
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InputTypeError(
            f"a path, a URI or a binary file is needed, not a {type(path).__name__}"
        )
    name = path_text(path)
    if is_plain_file(name):
        with open_local(path) as file:
            yield Source(file, path, os.fstat(file.fileno()).st_size)
        return
    with open_unpacked(path) as stream:
        status = file_status(name)
        regular = status is not None and stat.S_ISREG(status.st_mode)
        packed = status.st_size if status is not None and regular else None
        yield Source(stream, path, None, None if packed is None else lambda: packed)


def open_local(path: FilePath) -> io.FileIO:
    """Open a file on this machine, as it is and without a buffer.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    MissingFileError
        There is no such file, it is a folder, or it may not be read.
    """
    try:
        file: io.FileIO = Path(path_text(path)).open("rb", buffering=0)  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    return file


def open_unpacked(path: FilePath) -> IO[bytes]:
    """Open what a file holds: unpacked, whatever its name is.

    Parameters
    ----------
    path
        The file, or a URI.

    Raises
    ------
    MissingFileError
        There is no such file, it is a folder, or it may not be read.
    MissingDependencyError
        A package is missing.
    """
    name = path_text(path)
    if is_remote(name) and file_status(name) is None:
        return open_remote(name, unpack=True)
    file = io.BufferedReader(open_local(path))
    try:
        suffix = compression_of(file.peek(FIRST_BYTES)[:FIRST_BYTES])
        return file if suffix is None else unpacked(file, suffix, name)
    except OSError as error:
        file.close()
        raise unreadable(path, error) from error
    except BaseException:
        file.close()
        raise


def read_all(path: Any) -> bytes:
    """The whole content of a file that is not large.

    Parameters
    ----------
    path
        As for :func:`opened`.

    Raises
    ------
    MissingFileError, ModelFileError
        As for :func:`opened` and :meth:`Source.read_into`.
    """
    parts = []
    with opened(path) as source:
        space = bytearray(BLOCK_BYTES)
        while read := source.read_into(memoryview(space)):
            parts.append(bytes(memoryview(space)[:read]))
    return b"".join(parts)


def read_up_to(source: Source, size: int) -> bytes:
    """The next bytes, fewer at the end; in memory that grows as far only as they come.

    Parameters
    ----------
    source
        Where they come from.
    size
        How many.
    """
    data = bytearray()
    while len(data) < size:
        space = bytearray(min(size - len(data), BLOCK_BYTES))
        read = source.read_into(memoryview(space))
        if not read:
            break
        data += memoryview(space)[:read]
    return bytes(data)


class Replayed(io.RawIOBase):
    """A stream whose first bytes were read already, and come again.

    Parameters
    ----------
    first
        These bytes.
    read_more
        Fills memory with the bytes that follow them, and returns their number.

    Attributes
    ----------
    taken : int
        Bytes that were given out.
    """

    def __init__(self, first: bytes, read_more: Callable[[memoryview], int]) -> None:
        self._first = first
        self._read_more = read_more
        self.taken = 0

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, space: Any) -> int:
        """See io.RawIOBase."""
        with memoryview(space) as view, view.cast("B") as target:
            count = min(len(self._first), len(target))
            if count:
                target[:count] = self._first[:count]
                self._first = self._first[count:]
            else:
                count = self._read_more(target)
        self.taken += count
        return count


def peeked(source: Source, size: int) -> tuple[bytes, Source]:
    """The first bytes of a source, and a source that gives them again.

    Parameters
    ----------
    source
        The source.
    size
        How many; there are fewer at its end.
    """
    first = read_up_to(source, size)
    again = Replayed(first, source.read_into)
    return first, Source(again, source.path, source.size, source.packed)


def with_first_bytes(stream: Any, size: int) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a stream, and a stream that gives them again and closes the first one.

    Parameters
    ----------
    stream
        Open for reading bytes.
    size
        How many; there may be fewer.
    """
    if hasattr(stream, "peek"):
        return stream.peek(size)[:size], stream
    first = stream.read(size)
    return first, ClosingReader(Replayed(first, partial(read_into, stream)), stream)


@contextlib.contextmanager
def content_of(source: Source, suffix: str) -> Iterator[Source]:
    """What a compressed source holds.

    Parameters
    ----------
    source
        The compressed bytes.
    suffix
        How they are compressed: what :func:`negw2v.io.compression.compression_of` returned.
    """
    counted = Replayed(b"", source.read_into)
    packed = io.BufferedReader(counted)
    with unpacked(packed, suffix, shown_path(source.path)) as stream:
        yield Source(stream, source.path, None, lambda: counted.taken)


def _file_object(stream: Any) -> Any:
    """What a file object gives, unpacked; it is not closed."""
    seekable = getattr(stream, "seekable", lambda: False)()
    start = stream.tell() if seekable else 0
    first = stream.read(FIRST_BYTES)
    if isinstance(first, str):
        raise InputTypeError(
            f"the file object ({type(stream).__name__}) gives text; bytes are needed: open the "
            "file with mode 'rb'"
        )
    whole = stream
    if seekable:
        stream.seek(start)
    else:
        whole = Replayed(first, Source(stream, stream, None).read_into)
    suffix = compression_of(first)
    return whole if suffix is None else unpacked(whole, suffix, stream, closes=False)
