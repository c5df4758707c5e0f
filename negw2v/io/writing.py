"""Where files are written to: a path, a URI, or an open file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import IO, Any

from negw2v.errors import FilePath, InputTypeError, ParameterError, SaveError
from negw2v.io.atomic import appending, replacing
from negw2v.io.compression import packed
from negw2v.io.paths import is_remote
from negw2v.io.remote import open_remote_target

__all__ = ["writing", "writing_behind"]


@contextlib.contextmanager
def writing(target: FilePath | IO[bytes]) -> Iterator[IO[bytes]]:
    """A binary file to write to, front to back.

    Parameters
    ----------
    target
        A path: written whole or not at all (:mod:`negw2v.io.atomic`), compressed if its suffix
        says so (.gz, .bz2, .xz, .zst, in upper or lower case). A URI that smart_open knows. Or a
        binary file, which is not closed.

    Yields
    ------
    IO[bytes]
        The file.

    Raises
    ------
    SaveError
        It cannot be written.
    InputTypeError
        `target` is none of these.
    """
    given: Any = target
    if hasattr(given, "write"):
        yield given
    elif not isinstance(given, (str, bytes, os.PathLike)):
        raise InputTypeError(f"save() needs a path or a binary file, not a {type(given).__name__}")
    elif is_remote(given):
        try:
            with open_remote_target(given) as file:
                yield file
        except SaveError:
            raise
        except OSError as error:
            raise SaveError(given, f"writing failed: {error}") from error
    else:
        with replacing(given) as plain, packed(plain, given) as file:
            yield file


@contextlib.contextmanager
def writing_behind(target: FilePath | IO[bytes]) -> Iterator[IO[bytes]]:
    """A binary file to write to, behind what it holds already.

    Parameters
    ----------
    target
        As for :func:`writing`, but not a URI.

    Yields
    ------
    IO[bytes]
        The file.

    Raises
    ------
    SaveError
        It cannot be written.
    ParameterError
        `target` is a URI.
    """
    if hasattr(target, "write"):
        with writing(target) as file:
            yield file
        return
    if is_remote(target):
        raise ParameterError(f"append=True is for files on this machine, not for {target!r}")
    # A second compressed stream behind the first is read as one.
    with appending(target) as plain, packed(plain, target) as file:
        yield file
