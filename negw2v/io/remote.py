"""Files behind URIs, which smart_open reads and writes."""

from __future__ import annotations

from typing import IO, Any

from negw2v.errors import NegW2VError, SaveError
from negw2v.extras import needed_to_open
from negw2v.io.paths import unreadable

__all__ = ["open_remote", "open_remote_target"]


def open_remote(uri: str, *, unpack: bool) -> IO[bytes]:
    """Open what is behind a URI for reading.

    Parameters
    ----------
    uri
        Such as ``s3://bucket/key``.
    unpack
        Unpack what is compressed, if its suffix says so.

    Raises
    ------
    MissingFileError
        It cannot be opened.
    MissingDependencyError
        A package for this kind of URI is not installed.
    """
    import smart_open

    how: dict[str, Any] = {} if unpack else {"compression": "disable"}
    try:
        with needed_to_open(uri):
            stream: IO[bytes] = smart_open.open(uri, "rb", **how)
    except NegW2VError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(uri, error) from error
    return stream


def open_remote_target(uri: str) -> IO[bytes]:
    """Open what is behind a URI for writing; its suffix says whether to compress.

    Parameters
    ----------
    uri
        Such as ``s3://bucket/key``.

    Raises
    ------
    SaveError
        It cannot be opened.
    MissingDependencyError
        A package for this kind of URI is not installed.
    """
    import smart_open

    try:
        with needed_to_open(uri):
            stream: IO[bytes] = smart_open.open(uri, "wb")
    except OSError as error:
        raise SaveError(uri, f"writing failed: {error}") from error
    return stream
