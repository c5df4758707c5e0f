"""What can go wrong while bytes are read: in the system, and in what unpacks them."""

from __future__ import annotations

import errno
import zlib
from typing import NamedTuple

from negw2v.errors import NegW2VError

__all__ = ["Fault", "reading_fault"]

#: Whose exceptions say that compressed bytes are damaged. By name: the modules may not be there.
UNPACKERS = {"_lzma", "lzma", "zstandard", "backports", "compression", "_zstd"}


class Fault(NamedTuple):
    """Why bytes could not be read.

    Attributes
    ----------
    reason
        In words.
    ends_early
        The bytes end too early.
    number
        The system's error number.
    """

    reason: str
    ends_early: bool = False
    number: int = errno.EIO


def reading_fault(error: BaseException) -> Fault | None:
    """What an exception says that came out of reading bytes; None: something else."""
    if isinstance(error, NegW2VError):
        return None
    if isinstance(error, EOFError):
        return Fault("what is compressed ends too early; the file was cut off", ends_early=True)
    if isinstance(error, OSError) and error.errno is not None:
        return Fault(f"reading failed: {error.strerror or error}", number=error.errno)
    module = type(error).__module__.partition(".")[0]
    if isinstance(error, (OSError, zlib.error)) or module in UNPACKERS:
        return Fault(f"what is compressed is damaged: {error}")
    return None
