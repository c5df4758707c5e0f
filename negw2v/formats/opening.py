"""Files of any kind: recognised by their first bytes, and read by the reader for it.

native files       negw2v.formats.native
gensim's pickles   negw2v.formats.gensim
compressed files   what they hold, recognised likewise

A file is opened once: what comes through a pipe cannot be read again. A native file that is not
a file on this machine as it is (compressed, remote, a pipe) is copied to a temporary one.
"""

from __future__ import annotations

import codecs
import os
import stat
from typing import Any, NamedTuple

from negw2v.errors import (
    FilePath,
    InputTypeError,
    ModelFileError,
    ParameterError,
    TruncatedFileError,
)
from negw2v.formats.native.copying import file_copy
from negw2v.formats.native.reading import read as read_native
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.io.compression import compression_of, is_safetensors
from negw2v.io.kinds import FIRST_BYTES, is_pickle, what_it_is
from negw2v.io.mapping import check_mmap, no_mapping
from negw2v.io.paths import is_remote
from negw2v.io.reading import Source, content_of, open_local, peeked
from negw2v.io.remote import open_remote

__all__ = ["read"]


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
        Of gensim's files, see :func:`negw2v.formats.gensim.reading.read`.

    Raises
    ------
    MissingFileError
        There is no such file, it is a folder, or it may not be read.
    ModelFileError
        The file is damaged, or of a kind that load() does not know.
    ParameterError
        `mmap` is not None, "r" or "c"; or Python does not know the encoding.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InputTypeError(f"the path of a file is needed, not a {type(path).__name__}")
    check_mmap(mmap)
    _check_encoding(encoding)
    how = GensimOptions(vectors_only, encoding)
    if is_remote(path):
        _refuse_mmap(path, mmap, "it is not on this machine")
        with open_remote(path, unpack=False) as stream:
            return _recognised(Source(stream, path, None), None, None, how)
    with open_local(path) as file:
        status = os.fstat(file.fileno())
        regular = stat.S_ISREG(status.st_mode)
        if not regular:
            _refuse_mmap(path, mmap, "it is a pipe, not a file")
        source = Source(file, path, status.st_size if regular else None)
        return _recognised(source, mmap, path if regular else None, how)


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
        raise no_mapping(path, mmap, why)


class GensimOptions(NamedTuple):
    """How to read a file of gensim's."""

    vectors_only: bool
    encoding: str | None


def _recognised(
    source: Source, mmap: str | None, local: FilePath | None, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    """Have the reader for a source read it; `local`: the path by which it may be opened again."""
    first, source = peeked(source, FIRST_BYTES)
    # Looked for first: the size of a header may look like the magic number of anything.
    if is_safetensors(first):
        return _read_native(source, mmap, local)
    suffix = compression_of(first)
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
            return read_native(local, mmap)
        with file_copy(source) as copy:
            return read_native(copy)
    except ModelFileError as error:
        raise type(error)(
            source.path, error.reason, position=error.position, line=error.line
        ) from None


def _read_pickle(
    source: Source, mmap: str | None, how: GensimOptions
) -> VectorsRecord | ModelRecord:
    from negw2v.formats.gensim import reading  # a good deal to import, and seldom needed

    return reading.read(
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
        "this is neither a file of negw2v nor one of gensim; text and word2vec.c's binary format "
        "are loaded with KeyedVectors.load_word2vec_format()"
    )
