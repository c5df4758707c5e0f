"""Files of whatever kind: recognised by their first bytes, and read by whoever can.

native files       negw2v.formats.native
gensim's pickles   negw2v.formats.gensim_files
compressed files   what they hold, recognised likewise

A file is opened once: what comes through a pipe cannot be read again. A native file that is not
a file on this machine as it is (compressed, remote, a pipe) is copied to a temporary one.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import stat
from collections.abc import Iterator
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
from negw2v.formats.reading import Source, open_local
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.streams import content_of, native_copy, peeked

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
        with _downloaded(path) as source:
            return _recognised(source, None, None, how)
    with open_local(path) as file:
        status = os.fstat(file.fileno())
        regular = stat.S_ISREG(status.st_mode)
        if not regular:
            _refuse_mmap(path, mmap, "it is a pipe, not a file")
        source = Source(file, path, status.st_size if regular else None)
        return _recognised(source, mmap, path if regular else None, how)


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


def _recognised(
    source: Source, mmap: str | None, local: FilePath | None, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    """Have a source read by whoever can; `local`: the path by which it may be opened again."""
    first, source = peeked(source, FIRST_BYTES)
    # Looked for first: the size of a header may look like the magic number of anything.
    if is_native(first):
        return _read_native(source, mmap, local)
    suffix = compression(first)
    if suffix is not None:
        if source.packed is not None:
            raise ModelFileError(source.path, _what_it_may_be(first), position=0)
        _refuse_mmap(source.path, mmap, "the file is compressed")
        with content_of(source, suffix) as content:
            return _recognised(content, None, None, how)
    if not first:
        raise TruncatedFileError(source.path, "the file is empty", position=0)
    if is_pickle(first):
        return _read_pickle(source, mmap, how)
    if first[8:9] == b"{" or (len(first) < 9 and not what_it_is(first)):
        return _read_native(source, mmap, local)
    raise ModelFileError(source.path, _what_it_may_be(first), position=0)


def _read_native(
    source: Source, mmap: str | None, local: FilePath | None
) -> VectorsRecord | ModelRecord:
    """Read a file, or a copy of it; errors name it as the user did."""
    try:
        if local is not None:
            return native.read(local, mmap)
        with native_copy(source) as copy:
            return native.read(copy)
    except ModelFileError as error:
        raise type(error)(
            source.path, error.reason, position=error.position, line=error.line
        ) from None


def _read_pickle(
    source: Source, mmap: str | None, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    from negw2v.formats import gensim_files  # a good deal to import, and seldom needed

    return gensim_files.read(
        source.path, mmap, source, vectors_only=how.vectors_only, encoding=how.encoding
    )


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
def _downloaded(path: str) -> Iterator[Source]:
    """The bytes behind a URI, as they are."""
    import smart_open

    try:
        with needed_to_open(path):
            stream = smart_open.open(path, "rb", compression="disable")
    except NegW2VError:
        raise
    except FileNotFoundError:
        raise MissingFileError(path) from None
    except (OSError, ValueError) as error:
        reason = f"it cannot be read: {error}"
        raise MissingFileError(path, reason, getattr(error, "errno", None) or errno.EIO) from error
    with stream:
        yield Source(stream, path, None)
