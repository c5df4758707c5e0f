"""Compression: how such files begin, which suffixes they have, unpacking and packing.

A file that is read is recognised by its first bytes, whatever its name is. A file that is written
is compressed if its suffix says so.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from negw2v.errors import FilePath
from negw2v.extras import needed_to_open
from negw2v.io.paths import is_regular, path_text

__all__ = [
    "FIRST_BYTES",
    "SUFFIXES",
    "ClosingReader",
    "compression_of",
    "compression_suffix",
    "is_plain_file",
    "is_safetensors",
    "packed",
    "unpacked",
]

#: What smart_open calls the kinds of compression, and how such files begin. Of bzip2's, the mark
#: of the first block or of the end is part of it: texts may begin with "BZh", too.
MARKS: dict[str, tuple[bytes, ...]] = {
    ".gz": (b"\x1f\x8b",),
    ".bz2": tuple(
        b"BZh%d%b" % (level, mark)
        for level in range(1, 10)
        for mark in (b"1AY&SY", b"\x17rE8P\x90")
    ),
    ".xz": (b"\xfd7zXZ\0",),
    ".zst": (b"\x28\xb5\x2f\xfd", *(b"%c\x2a\x4d\x18" % first for first in range(0x50, 0x60))),
}
#: The suffixes of compressed files, in lower case.
SUFFIXES = frozenset(MARKS)
#: A file that is cut off after so many bytes of its mark is still recognised by them.
SHORTEST_MARK = 4
#: So many first bytes tell what a file is compressed with.
FIRST_BYTES = 16


def is_safetensors(first: bytes) -> bool:
    """Whether a file may be a safetensors file, such as ours, by its first bytes.

    It begins with the size of its header in 8 bytes, of which the upper half is zero, and the
    header, which is JSON.
    """
    return first[4:9] == b"\0\0\0\0{"


def compression_of(first: bytes) -> str | None:
    """What a file is compressed with, whatever its name is.

    Parameters
    ----------
    first
        Its first FIRST_BYTES bytes.

    Returns
    -------
    str or None
        The suffix that such files have; None: it is not compressed.
    """
    if is_safetensors(first):  # it begins with a size, whose bytes may be any mark
        return None
    for suffix, marks in MARKS.items():
        for mark in marks:
            if first.startswith(mark) or (
                SHORTEST_MARK <= len(first) < len(mark) and mark.startswith(first)
            ):
                return suffix
    return None


def compression_suffix(path: FilePath) -> str | None:
    """What the name of a file says that it is compressed with, in upper or lower case.

    Parameters
    ----------
    path
        The file, or a URI.

    Returns
    -------
    str or None
        One of SUFFIXES; None: its name says nothing like that.
    """
    suffix = Path(path_text(path)).suffix.lower()
    return suffix if suffix in SUFFIXES else None


def is_plain_file(path: str) -> bool:
    """Whether the path names a file on this machine that is not compressed."""
    if not is_regular(path):
        return False
    try:
        with Path(path).open("rb", buffering=0) as file:
            return compression_of(file.read(FIRST_BYTES)) is None
    except OSError:
        return True  # whoever reads it says why that is not possible


class ClosingReader(io.BufferedReader):
    """A stream of bytes that closes the file they come from, too.

    Parameters
    ----------
    stream
        Gives the bytes.
    file
        Closed with it; None: nothing else is closed.
    """

    def __init__(self, stream: Any, file: Any) -> None:
        super().__init__(stream)
        self._file = file

    def close(self) -> None:
        """Close both."""
        try:
            super().close()
        finally:
            if self._file is not None:
                self._file.close()


def unpacked(file: Any, suffix: str, name: object, *, closes: bool = True) -> IO[bytes]:
    """The content of a compressed file.

    Parameters
    ----------
    file
        Open for reading bytes, at its start.
    suffix
        What it is compressed with: what :func:`compression_of` returned.
    name
        What messages call it.
    closes
        ClosingReader the result closes `file`, too.

    Raises
    ------
    MissingDependencyError
        The module that unpacks .zst files is not installed.
    """
    from smart_open.compression import compression_wrapper

    with needed_to_open(str(name), suffix):
        stream = compression_wrapper(file, "rb", suffix)
    return ClosingReader(stream, file if closes else None)


@contextlib.contextmanager
def packed(file: IO[bytes], path: FilePath) -> Iterator[IO[bytes]]:
    """The file itself, or one that compresses into it.

    Parameters
    ----------
    file
        Open for writing bytes.
    path
        Its suffix says whether, and how, to compress.

    Raises
    ------
    MissingDependencyError
        The module that makes .zst files is not installed.
    """
    suffix = compression_suffix(path)
    if suffix is None:
        yield file
        return
    from smart_open.compression import compression_wrapper

    # A duplicate, because closing the compressed file closes what it writes to.
    with os.fdopen(os.dup(file.fileno()), "wb") as under:
        with needed_to_open(os.fsdecode(path), suffix):
            stream = compression_wrapper(under, "wb", compression=suffix)
        with stream:
            yield stream
