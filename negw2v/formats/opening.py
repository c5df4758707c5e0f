"""Files of whatever kind: recognised by their first bytes, and read by whoever can.

native files       negw2v.formats.native
gensim's pickles   negw2v.formats.gensim_files
compressed files   unpacked into a temporary file first, or by whoever reads them
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from negw2v.corpus.readers import compression
from negw2v.errors import (
    FilePath,
    InputTypeError,
    MissingFileError,
    ModelFileError,
    NegW2VError,
    ParameterError,
    TruncatedFileError,
)
from negw2v.extras import needed_to_open
from negw2v.formats import native
from negw2v.formats.kinds import FIRST_BYTES, is_native, is_pickle, what_it_is
from negw2v.formats.records import ModelRecord, VectorsRecord

__all__ = ["is_remote", "read"]


def is_remote(path: Any) -> TypeGuard[str]:
    """Whether a path is a URI for smart_open, such as s3://bucket/key."""
    return isinstance(path, str) and "://" in path


def read(
    path: FilePath,
    mmap: str | None = None,
    *,
    vectors_only: bool = False,
    encoding: str | None = None,
) -> VectorsRecord | ModelRecord:
    """Read vectors or a model from a file of any kind that load() knows.

    Parameters
    ----------
    path
        The file, or a URI that smart_open reads.
    mmap
        As for :func:`negw2v.formats.native.read`.
    vectors_only, encoding
        Of gensim's files, see :func:`negw2v.formats.gensim_files.read`.

    Raises
    ------
    MissingFileError
        There is no such file, it is a folder, or it may not be read.
    ModelFileError
        The file is damaged, or of a kind that load() does not know.
    ParameterError
        `mmap` is something else than None, "r" and "c"; or there is no such encoding.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InputTypeError(f"the path of a file is needed, not a {type(path).__name__}")
    _check_mmap(mmap)
    _check_encoding(encoding)
    how = GensimOptions(vectors_only, encoding)
    if is_remote(path):
        _refuse_mmap(path, mmap, "it is not on this machine")
        with _unpacked(path, "") as local:
            return _read_local(local, None, path, how)
    return _read_local(path, mmap, path, how)


def _check_mmap(mmap: Any) -> None:
    if mmap is None or mmap in native.MMAP_MODES:
        return
    if mmap in ("r+", "w+"):
        raise ParameterError(
            f"mmap={mmap!r} would change the file itself whenever the vectors change; give "
            'mmap="c" (changes stay in memory) and save() the result'
        )
    raise ParameterError(f'mmap={mmap!r} is not known; give None, "r" or "c"')


def _check_encoding(encoding: Any) -> None:
    try:
        codecs.lookup(encoding or "latin1")
    except (LookupError, TypeError):
        raise ParameterError(
            f"encoding={encoding!r} is not known; give what bytes.decode() knows, such as 'utf8', "
            "or None"
        ) from None


def _refuse_mmap(path: FilePath, mmap: str | None, why: str) -> None:
    if mmap is not None:
        raise ModelFileError(
            path, f"mmap={mmap!r} is not possible: {why}; load it without mmap, and save() it"
        )


class GensimOptions(NamedTuple):
    """How to read a file of gensim's."""

    vectors_only: bool
    encoding: str | None


def _read_local(
    path: FilePath, mmap: str | None, shown: FilePath, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    first = _first_bytes(path, shown)
    # Looked for first: the size of a header may look like the magic number of anything.
    if is_native(first):
        return _read_native(path, mmap, shown)
    suffix = compression(first)
    if suffix is not None:
        _refuse_mmap(shown, mmap, "the file is compressed")
        with _unpacked(path, suffix) as local:
            packed = _first_bytes(local, shown)
            if is_pickle(packed):
                return _read_pickle(shown, None, how)
            if not is_native(packed) and (what := what_it_is(packed)):
                raise ModelFileError(shown, what, position=0)
            return _read_native(local, None, shown)
    if not first:
        raise TruncatedFileError(shown, "the file is empty", position=0)
    if is_pickle(first):
        return _read_pickle(shown, mmap, how)
    if first[8:9] == b"{" or (len(first) < 9 and not what_it_is(first)):
        return _read_native(path, mmap, shown)
    raise ModelFileError(shown, _what_it_may_be(first), position=0)


def _read_native(path: FilePath, mmap: str | None, shown: FilePath) -> VectorsRecord | ModelRecord:
    """Read a file; errors name it as the user did."""
    try:
        return native.read(path, mmap)
    except ModelFileError as error:
        raise type(error)(shown, error.reason, position=error.position, line=error.line) from None


def _read_pickle(
    path: FilePath, mmap: str | None, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    from negw2v.formats import gensim_files  # a good deal to import, and seldom needed

    return gensim_files.read(path, mmap, vectors_only=how.vectors_only, encoding=how.encoding)


def _first_bytes(path: FilePath, shown: FilePath) -> bytes:
    local = Path(os.fsdecode(path))
    if local.is_dir():
        raise MissingFileError(
            shown, "this is a folder; give the path of a file in it", errno.EISDIR
        )
    try:
        with local.open("rb") as file:
            return file.read(FIRST_BYTES)
    except FileNotFoundError:
        raise MissingFileError(shown) from None
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise MissingFileError(shown, reason, error.errno or errno.EIO) from error


def _what_it_may_be(first: bytes) -> str:
    """What to do with a file that load() does not know."""
    if what := what_it_is(first):
        return what
    numbers = first.partition(b"\n")[0].split()
    if len(numbers) == 2 and all(number.isdigit() for number in numbers):
        return (
            "this looks like the format of word2vec.c; load it with "
            "KeyedVectors.load_word2vec_format(), binary=True or False"
        )
    return (
        "this is no file of negw2v's, and none of gensim's; text and word2vec.c's binary format "
        "are loaded with KeyedVectors.load_word2vec_format()"
    )


@contextlib.contextmanager
def _unpacked(path: FilePath, suffix: str) -> Iterator[FilePath]:
    """A temporary file with what a compressed or remote file holds."""
    import smart_open

    given = str(path) if is_remote(path) else os.fsdecode(path)
    compression: Any = suffix or "infer_from_extension"
    handle, name = tempfile.mkstemp(prefix="negw2v-")
    try:
        with os.fdopen(handle, "wb") as copy:
            try:
                with needed_to_open(os.fsdecode(path), suffix or None):
                    packed = smart_open.open(given, "rb", compression=compression)
                with packed:
                    shutil.copyfileobj(packed, copy, 1 << 20)
            except NegW2VError:
                raise
            except (OSError, EOFError, ValueError) as error:
                raise ModelFileError(path, f"it cannot be unpacked: {error}") from error
        yield name
    finally:
        Path(name).unlink()
