"""Temporary files, most of them next to the file that they will replace.

Whoever writes one holds a lock on it. So one that nobody has locked was left behind by a process
that was killed, and the next that writes to the same name removes it. Where the file system has
no locks, and for files of other machines, whose locks it may not show, a day without a change is
the sign.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

fcntl: Any = None
with suppress(ImportError):  # Windows, where a file that is open cannot be removed
    import fcntl

__all__ = ["create", "new_name", "private_file", "remove_abandoned"]

#: Seconds without a change, after which a file is abandoned that shows no lock.
ABANDONED_AFTER = 24 * 3600

#: Part of the names of private files.
PRIVATE_NAME = "negw2v"

_WHOSE = re.compile(r"([0-9a-f]{8})-[0-9a-f]{16}\.tmp")


def new_name(target: Path) -> Path:
    """A name for a temporary file next to `target`: ``.NAME.MACHINE-XXXXXXXXXXXXXXXX.tmp``."""
    return target.with_name(f"{_prefix(target)}{_machine()}-{os.urandom(8).hex()}.tmp")


def _prefix(target: Path) -> str:
    # shortened to leave room for the rest within the system's 255 bytes
    return f".{os.fsdecode(os.fsencode(target.name)[:200])}."


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode(errors='replace')):08x}"


def create(path: Path, mode: int = 0o666) -> int:
    """Make a new file and lock it, until its descriptor and all duplicates of it are closed.

    Parameters
    ----------
    path
        A :func:`new_name`.
    mode
        Its permissions, as far as the process's umask allows them.

    Returns
    -------
    int
        Its descriptor, for reading and writing.

    Raises
    ------
    OSError
        It cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for _ in range(100):
        descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), mode)
        try:
            _lock(descriptor, wait=True)
            # another process may have found and removed it before it was locked
            if fcntl is None or _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise OSError(errno.EAGAIN, "other processes remove every temporary file", str(path))


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the path still leads to the file that is open."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, *, wait: bool) -> bool | None:
    """Whether the file is locked now, or somebody else has it; None: there are no locks here."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without them
        return None
    return True


def remove_abandoned(target: Path) -> None:
    """Remove what killed processes have left behind while they wrote to `target`.

    What cannot be looked at or removed stays: it does no harm but to take up room.

    Parameters
    ----------
    target
        The file that they meant to replace.
    """
    prefix = _prefix(target)
    names: list[str] = []
    with suppress(OSError):
        names = os.listdir(target.parent)  # noqa: PTH208 - no Path for each of many files
    for name in names:
        whose = _WHOSE.fullmatch(name, len(prefix)) if name.startswith(prefix) else None
        if whose is not None:
            with suppress(OSError):
                _remove_if_abandoned(target.with_name(name), whose[1] == _machine())


def _remove_if_abandoned(path: Path, is_of_this_machine: bool) -> None:
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    try:
        status = os.fstat(descriptor)
        is_mine = fcntl is None or os.geteuid() in {0, status.st_uid}
        if not stat.S_ISREG(status.st_mode) or not is_mine:
            return
        locked = _lock(descriptor, wait=False)
        is_old = time.time() - status.st_mtime > ABANDONED_AFTER
        if locked is False or not (is_old or (locked and is_of_this_machine)):
            return
        if fcntl is not None:
            # Only the holder of the lock removes the file, and only if it is still the same file.
            if _is_at(path, descriptor):
                path.unlink()
            return
    finally:
        os.close(descriptor)
    path.unlink()  # Windows removes no file that is open


@contextmanager
def private_file() -> Iterator[tuple[Path, int]]:
    """A file in the folder for temporary files ($TMPDIR) that only this user can read.

    It is removed when the block is left; if the process is killed, by the next process that
    makes one.

    Yields
    ------
    path, descriptor
        The file, open for reading and writing, and locked as long as it is.

    Raises
    ------
    OSError
        It cannot be made.
    """
    import tempfile

    target = Path(tempfile.gettempdir(), PRIVATE_NAME)
    remove_abandoned(target)
    path = new_name(target)
    descriptor = create(path, 0o600)
    try:
        yield path, descriptor
    finally:
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
