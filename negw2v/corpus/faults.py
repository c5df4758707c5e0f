"""What can go wrong while bytes are read: of the system, and of what unpacks them."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from negw2v.errors import CorpusReadError, NegW2VError, TruncatedCorpusError

__all__ = ["Fault", "reading", "reading_fault"]

#: Whose exceptions say that compressed bytes are damaged. By name: the modules may not be there.
UNPACKERS = {"_lzma", "lzma", "zstandard", "backports", "compression", "_zstd"}


class Fault(NamedTuple):
    """Why bytes could not be read: in words, whether they end too early, the system's number."""

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
