"""A native file that comes as a stream (compressed, remote, a pipe): copied to a temporary one."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from negw2v.errors import ModelFileError, NegW2VError, TruncatedFileError
from negw2v.formats.native.container import HEADER_LIMIT, described_end
from negw2v.formats.native.reading import check_header
from negw2v.io.reading import Source, read_up_to
from negw2v.io.temporaries import private_file

__all__ = ["file_copy"]

BLOCK_BYTES = 1 << 20


@contextlib.contextmanager
def file_copy(source: Source, check: Callable[[str], object] = check_header) -> Iterator[str]:
    """A temporary file with a native file that comes as a stream.

    Nothing is written but the header before it is known to be that of a file of ours; and no
    more than it describes, and than there is room for, after it.

    Parameters
    ----------
    source
        The stream.
    check
        Raises where the header, in the file of this path, is not what is expected.

    Yields
    ------
    str
        The path of the temporary file.

    Raises
    ------
    ModelFileError
        The header is damaged, or does not fit what follows it; or there is no room.
    """
    prefix = read_up_to(source, 8)
    length = int.from_bytes(prefix, "little")
    if length > HEADER_LIMIT:
        reason = f"the header is said to take {length} bytes; {HEADER_LIMIT} are allowed"
        raise ModelFileError(source.path, reason, position=0)
    header = read_up_to(source, length)
    if len(prefix) < 8 or len(header) < length:
        reason = "the file ends within its header, or the size of it"
        raise TruncatedFileError(source.path, reason, position=len(prefix) + len(header))
    with contextlib.ExitStack() as stack:
        try:
            path, descriptor = stack.enter_context(private_file())
            # not closed: the lock on it says that it is in use
            with os.fdopen(descriptor, "wb", buffering=0, closefd=False) as copy:
                copy.write(prefix + header)
                end = described_end(header)
                if end is not None:
                    end += 8 + length
                    _require_room(source, end, path.parent)
                    copy.truncate(end)
                check(str(path))
                _fill(copy, source, 8 + length, end or 0)
        except NegW2VError:
            raise
        except OSError as error:
            raise _not_unpacked(source, error) from error
        yield str(path)


def _require_room(source: Source, size: int, folder: Path) -> None:
    import shutil

    free = shutil.disk_usage(folder).free
    if size > free:
        raise ModelFileError(
            source.path,
            f"it unpacks to {size:,} bytes, but {str(folder)!r} has room for {free:,}; unpack it "
            "where there is room, or name another folder for temporary files in $TMPDIR",
        )


def _not_unpacked(source: Source, error: OSError, position: int | None = None) -> ModelFileError:
    import tempfile

    folder = str(Path(tempfile.gettempdir()))
    reason = f"it cannot be unpacked to {folder!r}: {error.strerror}"
    return ModelFileError(source.path, reason, position=position)


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
            raise _not_unpacked(source, error, start) from error
        start += read
    if source.read_into(space[:1]):
        raise ModelFileError(source.path, "bytes follow the end of the last tensor", position=end)
