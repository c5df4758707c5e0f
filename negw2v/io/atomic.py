"""A file that is written whole or not at all.

The new content goes into a temporary file in the same folder, is forced to the disk, and is
then renamed over the old file: whatever happens at whatever moment (an exception, a full
disk, a kill -9, a power cut), the name stands for the whole old file or the whole new one.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from negw2v.errors import FilePath, NegW2VError, SaveError
from negw2v.io import temporaries
from negw2v.io.paths import FOLDER_REASON, possible_path

__all__ = ["appending", "check_replaceable", "replacing", "replacing_path"]

WINDOWS = os.name == "nt"


@contextmanager
def replacing(path: FilePath) -> Iterator[BinaryIO]:
    """A binary file to write to; when the block is left, it takes the place of `path`.

    If the block raises, `path` is as it was before, and the temporary file is removed. What a
    killed process has left behind is removed, see :mod:`negw2v.io.temporaries`. The file may be
    seeked in, and closed early. Permission bits are those of the file that is replaced, else
    those that open() would give. Links are followed. What is not a regular file, such as a pipe
    or /dev/null, is written to directly.

    Parameters
    ----------
    path
        The file to make or replace.

    Yields
    ------
    BinaryIO
        The file, opened for reading and writing.

    Raises
    ------
    SaveError
        The file cannot be written: `path` is a folder, its folder is missing or may not be
        written to, the disk is full, ... Every OSError of the system in the block becomes one.
    """
    with _replacement(path) as (place, descriptor):
        if descriptor is None:
            with place.open("wb") as special:
                yield special
            return
        with os.fdopen(os.dup(descriptor), "w+b") as file:
            yield file
            if not file.closed:
                file.flush()


@contextmanager
def replacing_path(path: FilePath) -> Iterator[Path]:
    """Like :func:`replacing`, for libraries that open the file themselves.

    Parameters
    ----------
    path
        The file to make or replace.

    Yields
    ------
    pathlib.Path
        The path of an empty file to write to.

    Raises
    ------
    SaveError
        As for :func:`replacing`.
    """
    with _replacement(path) as (place, _):
        yield place


def check_replaceable(path: FilePath) -> None:
    """Raise where :func:`replacing` could not begin; nothing is written.

    For work that takes long, and shall not end with a folder that is not there.

    Parameters
    ----------
    path
        The file that will be made or replaced.

    Raises
    ------
    SaveError
        It cannot be.
    """
    target = Path(os.path.realpath(possible_path(path)))
    old = _old_status(path, target)
    if old is not None and not stat.S_ISREG(old.st_mode):
        return
    folder = target.parent
    if not folder.is_dir():
        number = errno.ENOTDIR if folder.exists() else errno.ENOENT
    elif not os.access(folder, os.W_OK):
        number = errno.EACCES
    else:
        return
    raise SaveError(path, _why_not_in(str(folder), number), number)


@contextmanager
def _replacement(path: FilePath) -> Iterator[tuple[Path, int | None]]:
    """What is written to in place of `path`: a temporary file, and its descriptor.

    The descriptor is None for what is not a regular file, which is written to directly.
    """
    target = Path(os.path.realpath(possible_path(path)))
    old = _old_status(path, target)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with _reporting(path):
            yield target, None
        return
    temporaries.remove_abandoned(target)
    temporary = temporaries.new_name(target)
    with _reporting(path):
        try:
            with _made(path, temporary, old) as descriptor:
                yield temporary, descriptor
                os.fsync(descriptor)
                if not WINDOWS:  # the file is locked until it has its name
                    temporary.replace(target)
            if WINDOWS:  # where a file that is open cannot be renamed
                temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if not WINDOWS:  # there, folders cannot be opened
            _to_disk(target.parent, os.O_RDONLY)


@contextmanager
def appending(path: FilePath) -> Iterator[BinaryIO]:
    """A binary file whose end is written to; where the block raises, it is as it was before.

    Unlike :func:`replacing` this cannot undo what a process wrote that was killed.

    Parameters
    ----------
    path
        The file; it is made where there is none.

    Yields
    ------
    BinaryIO
        The file, opened for writing at its end.

    Raises
    ------
    SaveError
        The file cannot be written to.
    """
    target = Path(possible_path(path))
    old = _old_status(path, target)
    with _reporting(path):
        try:
            with target.open("ab") as file, _giving_up(file):
                yield file
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            if old is None:
                target.unlink(missing_ok=True)
            elif stat.S_ISREG(old.st_mode) and target.stat().st_size > old.st_size:
                os.truncate(target, old.st_size)
            raise


@contextmanager
def _giving_up(file: BinaryIO) -> Iterator[None]:
    """Where the block raises, close the file: what it has not written yet may not fit."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            file.close()
        raise


@contextmanager
def _reporting(path: FilePath) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except NegW2VError:
        raise
    except OSError as error:
        number = error.errno or errno.EIO
        hints = {
            errno.ENOSPC: "; make room on the disk",
            errno.EDQUOT: "; make room in your quota",
            errno.EFBIG: "; the system or a limit (ulimit -f) allows no larger file",
        }
        reason = f"writing failed: {error.strerror or error}{hints.get(number, '')}"
        raise SaveError(path, reason, number) from error


def _old_status(path: FilePath, target: Path) -> os.stat_result | None:
    """The file that is to be replaced, or None; an error where it may not be."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SaveError(path, error.strerror or str(error), error.errno or errno.EIO) from error
    if stat.S_ISDIR(old.st_mode):
        raise SaveError(path, FOLDER_REASON, errno.EISDIR)
    if not os.access(target, os.W_OK):
        reason = "the file is write-protected; make it writable, or choose another name"
        raise SaveError(path, reason, errno.EACCES)
    return old


@contextmanager
def _made(path: FilePath, temporary: Path, old: os.stat_result | None) -> Iterator[int]:
    """A new file, with the owner and permissions of the old one: its descriptor."""
    folder = str(temporary.parent)
    try:
        descriptor = temporaries.create(temporary)
    except OSError as error:
        number = error.errno or errno.EIO
        raise SaveError(path, _why_not_in(folder, number), number) from error
    try:
        if old is not None and not WINDOWS:
            with suppress(PermissionError):  # only the superuser gives files away
                os.fchown(descriptor, old.st_uid, old.st_gid)
            with suppress(PermissionError):
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        yield descriptor
    finally:
        os.close(descriptor)


def _why_not_in(folder: str, number: int) -> str:
    """Why no file can be made in a folder, where the system said `number`."""
    reasons = {
        errno.ENOENT: f"there is no folder {folder!r}; make it first",
        errno.ENOTDIR: f"{folder!r} is not a folder",
        errno.EACCES: f"no permission to make files in {folder!r}, and a "
        "file is replaced by one that was written next to it",
    }
    return reasons.get(number, f"no file can be made next to it: {os.strerror(number)}")


def _to_disk(path: Path, flags: int) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
