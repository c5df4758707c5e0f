"""What `mmap` may be, and the error where a file cannot be mapped into memory."""

from __future__ import annotations

from typing import Any

from negw2v.errors import ModelFileError, ParameterError

__all__ = ["MMAP_MODES", "check_mmap", "no_mapping"]

#: What `mmap` may be, besides None.
MMAP_MODES = ("r", "c")


def check_mmap(mmap: Any) -> None:
    """Raise unless `mmap` is a way to open a file.

    Parameters
    ----------
    mmap
        None, "r" or "c".

    Raises
    ------
    ParameterError
        It is something else.
    """
    if mmap is None or mmap in MMAP_MODES:
        return
    if mmap in ("r+", "w+"):
        raise ParameterError(
            f"mmap={mmap!r} would change the file itself whenever the vectors change; give "
            'mmap="c" (changes stay in memory) and save() the result'
        )
    raise ParameterError(f'mmap={mmap!r} is not known; give None, "r" or "c"')


def no_mapping(path: Any, mmap: str, why: str) -> ModelFileError:
    """The error for a file that can be read, but not mapped into memory.

    Parameters
    ----------
    path
        The file.
    mmap
        What was asked for.
    why
        Why it is not possible.
    """
    return ModelFileError(
        path, f"mmap={mmap!r} is not possible: {why}; load it without mmap, and save() it"
    )
