"""Streams that are looked into before it is known who reads them, and streams in others."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from negw2v.corpus.readers import unpacked
from negw2v.errors import ModelFileError, TruncatedFileError, shown_path
from negw2v.formats import native
from negw2v.formats.reading import Replayed, Source
from negw2v.formats.tensors import HEADER_LIMIT, described_end

__all__ = ["content_of", "native_copy", "peeked"]

BLOCK_BYTES = 1 << 20


def peeked(source: Source, size: int) -> tuple[bytes, Source]:
    """The first bytes of a source, and a source that gives them again.

    Parameters
    ----------
    source
        The source.
    size
        How many; there are fewer at its end.
    """
    first = _up_to(source, size)
    return first, Source(Replayed(first, source), source.path, source.size, source.packed)


@contextlib.contextmanager
def content_of(source: Source, suffix: str) -> Iterator[Source]:
    """What a compressed source holds.

    Parameters
    ----------
    source
        The compressed bytes.
    suffix
        How they are compressed: what :func:`negw2v.corpus.readers.compression` returned.
    """
    counted = Replayed(b"", source)
    packed = io.BufferedReader(counted)
    with unpacked(packed, suffix, shown_path(source.path)) as stream:
        yield Source(stream, source.path, None, lambda: counted.taken)


@contextlib.contextmanager
def native_copy(source: Source) -> Iterator[str]:
    """A temporary file with a native file that comes as a stream.

    Nothing is written but the header before it is known to be that of a file of ours; and no
    more than it describes, and than there is room for, after it.

    Parameters
    ----------
    source
        The stream.

    Yields
    ------
    str
        The path of the temporary file.

    Raises
    ------
    ModelFileError
        The header is damaged, or does not fit what follows it; or there is no room.
    """
    prefix = _up_to(source, 8)
    length = int.from_bytes(prefix, "little")
    if length > HEADER_LIMIT:
        reason = f"the header is said to take {length} bytes; {HEADER_LIMIT} are allowed"
        raise ModelFileError(source.path, reason, position=0)
    header = _up_to(source, length)
    if len(prefix) < 8 or len(header) < length:
        reason = "the file ends within its header, or the size of it"
        raise TruncatedFileError(source.path, reason, position=len(prefix) + len(header))
    handle, name = tempfile.mkstemp(prefix="negw2v-")
    try:
        with os.fdopen(handle, "wb", buffering=0) as copy:
            copy.write(prefix + header)
            end = described_end(header)
            if end is not None:
                end += 8 + length
                _require_room(source, end, Path(name).parent)
                copy.truncate(end)
            native.check_header(name)
            _fill(copy, source, 8 + length, end or 0)
        yield name
    finally:
        Path(name).unlink()


def _require_room(source: Source, size: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ModelFileError(
            source.path,
            f"it unpacks to {size:,} bytes, but {str(folder)!r} has room for {free:,}; unpack it "
            "where there is room, or name another folder for temporary files in $TMPDIR",
        )


def _fill(copy: io.FileIO, source: Source, start: int, end: int) -> None:
    """Write what follows the header, which must end where it says."""
    space = memoryview(bytearray(BLOCK_BYTES))
    copy.seek(start)
    while start < end:
        read = source.read_into(space[: min(end - start, BLOCK_BYTES)])
        if not read:
            reason = f"it ends after {start} bytes, but its header describes {end}: it was cut off"
            raise TruncatedFileError(source.path, reason, position=start)
        try:
            copy.write(space[:read])
        except OSError as error:
            folder = str(Path(tempfile.gettempdir()))
            reason = f"it cannot be unpacked to {folder!r}: {error.strerror}"
            raise ModelFileError(source.path, reason, position=start) from error
        start += read
    if source.read_into(space[:1]):
        raise ModelFileError(source.path, "bytes follow the end of the last tensor", position=end)


def _up_to(source: Source, size: int) -> bytes:
    """The next bytes, fewer at the end; in memory that grows as far only as they come."""
    data = bytearray()
    while len(data) < size:
        space = bytearray(min(size - len(data), BLOCK_BYTES))
        read = source.read_into(memoryview(space))
        if not read:
            break
        data += memoryview(space)[:read]
    return bytes(data)
