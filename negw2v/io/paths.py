"""What a path stands for, and the errors for one that cannot be read or written."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any, TypeGuard

from negw2v.errors import FilePath, InputTypeError, MissingFileError, SaveError

__all__ = [
    "FOLDER_REASON",
    "file_status",
    "is_folder",
    "is_pipe",
    "is_regular",
    "is_remote",
    "path_text",
    "possible_path",
    "unreadable",
]

#: What errors say of a folder that was given in place of a file.
FOLDER_REASON = "this is a folder; give the path of a file in it"


def is_remote(path: Any) -> TypeGuard[str]:
    """Whether a path is a URI for smart_open, such as s3://bucket/key."""
    return isinstance(path, str) and "://" in path


def file_status(path: FilePath) -> os.stat_result | None:
    """What the path leads to; None: nothing, also where no file can have such a name."""
    try:
        return os.stat(path)  # noqa: PTH116 - there may be a NUL in it
    except (OSError, ValueError):
        return None


def is_folder(path: FilePath) -> bool:
    """Whether the path leads to a folder on this machine."""
    status = file_status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def is_regular(path: FilePath) -> bool:
    """Whether the path leads to a regular file on this machine."""
    status = file_status(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def is_pipe(path: FilePath) -> bool:
    """Whether the path leads to something on this machine whose bytes can be read only once."""
    status = file_status(path)
    kinds = (stat.S_ISFIFO, stat.S_ISSOCK, stat.S_ISCHR)
    return status is not None and any(is_kind(status.st_mode) for is_kind in kinds)


def path_text(path: Any) -> str:
    """A path as text.

    Parameters
    ----------
    path
        What was given as one.

    Raises
    ------
    InputTypeError
        It is something else, such as None.
    """
    try:
        return os.fsdecode(path)
    except TypeError:
        raise InputTypeError(
            f"{str(path)[:60]!r}, of type {type(path).__name__}, was given where the path of a "
            "file is needed: a str, bytes or a pathlib.Path"
        ) from None


def possible_path(path: FilePath) -> str:
    """The path as text, if a file can have it.

    Parameters
    ----------
    path
        Where a file is to be written.

    Raises
    ------
    SaveError
        No file can have this path.
    InputTypeError
        It is not a path.
    """
    name = path_text(path)
    if "\0" in name:
        raise SaveError(path, "no file can have a NUL in its name", errno.EINVAL)
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        reason = f"no file here can have such a name: {error.reason}"
        raise SaveError(path, reason, errno.EILSEQ) from None
    return name


def unreadable(path: FilePath, error: Exception) -> MissingFileError:
    """The error for a file that cannot be opened: missing, a folder, or not readable.

    Parameters
    ----------
    path
        The file, or a URI.
    error
        What opening it raised.
    """
    if isinstance(error, FileNotFoundError):
        return MissingFileError(path)
    if is_folder(os.fsdecode(path)):
        return MissingFileError(path, FOLDER_REASON, errno.EISDIR)
    otherwise = errno.EIO if isinstance(error, OSError) else errno.EINVAL
    reason = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
    return MissingFileError(path, reason, getattr(error, "errno", None) or otherwise)
