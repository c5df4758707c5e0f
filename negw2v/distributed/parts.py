"""A corpus in parts, each of which a machine can read by itself: counted, and encoded.

Text files are cut into ranges of bytes. A part is the lines that begin in its range, so that all
sentences are whole. What is compressed or converted, and files of tables, are parts as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from negw2v.arrays import Int64s
from negw2v.corpus.base import Corpus, Nulls, TokenBlock
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.files import FileCorpus, Stretch
from negw2v.corpus.options import CorpusOptions
from negw2v.corpus.paths import corpus_paths
from negw2v.corpus.tables import is_table_file
from negw2v.corpus.text_files import is_converted, open_text, reading
from negw2v.errors import CorpusError, CorpusFileError, EmptyCorpusError, InputTypeError
from negw2v.io.compression import compression_suffix, is_plain_file
from negw2v.io.paths import file_status, is_remote
from negw2v.parallel import ordered_map

__all__ = [
    "PART_BYTES",
    "Counted",
    "Part",
    "check_same",
    "count",
    "cut_files",
    "encode",
    "fingerprint",
    "paths_of",
]

#: Of text. Some tenths of a second of counting: long beside handing a part out.
PART_BYTES = 1 << 26
#: Files behind URIs whose sizes are asked for at once.
ASKED_AT_ONCE = 8
#: Bytes at the beginning and at the end of a file that are compared between machines.
COMPARED_BYTES = 1 << 12


@dataclass(frozen=True)
class Part:
    """What one task reads.

    Parameters
    ----------
    path
        A file; empty: a table.
    start, stop
        The lines that begin in these bytes of it; `stop` None: the whole file.
    table
        A reference to rows in Ray's object store.
    """

    path: str = ""
    start: int = 0
    stop: int | None = None
    table: Any = None

    def __str__(self) -> str:
        if self.table is not None:
            return "a block of the data set"
        return self.path if self.stop is None else f"{self.path}, bytes {self.start}-{self.stop}"


class Counted(NamedTuple):
    """The words of some parts.

    Attributes
    ----------
    words
        Each once, in the order of their first appearance.
    counts
        int64: occurrences of each.
    """

    words: list[Any]
    counts: Int64s

    @classmethod
    def of_all(cls, counted: Sequence[Counted]) -> Counted:
        """Those of several, in their order."""
        sums: dict[Any, int] = {}
        for words, counts in counted:
            for word, n in zip(words, counts.tolist(), strict=True):
                sums[word] = sums.get(word, 0) + n
        return cls(list(sums), np.fromiter(sums.values(), np.int64, len(sums)))


class Size(NamedTuple):
    """How much there is in a part; every pass must find the same."""

    sentences: int = 0
    words: int = 0
    nulls: Nulls = Nulls()


# --- files --------------------------------------------------------------------------------


def paths_of(given: Any) -> list[str]:
    """The files that a corpus is given as, in order.

    Parameters
    ----------
    given
        A path, a folder, a pattern, a URI, or a list of these.

    Raises
    ------
    InputTypeError
        It is something else.
    CorpusFileError
        There is no such file.
    """
    if isinstance(given, (list, tuple)):
        if not given:
            raise InputTypeError("the corpus is an empty list; give the paths of text files")
        return [path for each in given for path in paths_of(each)]
    if not isinstance(given, (str, os.PathLike)):
        raise InputTypeError(
            f"the corpus of distributed training is given as files (a path, a folder, a pattern, a "
            f"URI, or a list of these) or as a data set of Ray's, not as a "
            f"{type(given).__name__}; sentences in memory are for Word2Vec(deterministic=True)"
        )
    return [given] if is_remote(given) else corpus_paths(given, "sentences")


def cut_files(paths: Sequence[str], options: CorpusOptions, part_bytes: int) -> list[Part]:
    """Files in parts of about so many bytes.

    Parameters
    ----------
    paths
        The files.
    options
        How they are read.
    part_bytes
        The size of a part; those that cannot be cut are parts as a whole.
    """
    whole = options.tokenizer is not None or is_converted(options.encoding, options.errors)

    def parts(path: str) -> list[Part]:
        size = 0 if whole else _size_if_plain(path)
        if size <= part_bytes:
            return [Part(path)]
        edges = [size * i // -(-size // part_bytes) for i in range(-(-size // part_bytes) + 1)]
        return [Part(path, a, b) for a, b in pairwise(edges)]

    found = ordered_map(parts, paths, ASKED_AT_ONCE, "negw2v-sizes")
    return [part for several in found for part in several]


def _size_if_plain(path: str) -> int:
    """Bytes of a text file that can be cut; 0: it cannot."""
    if not is_remote(path):
        status = file_status(path)
        can_be_cut = status is not None and is_plain_file(path) and not is_table_file(path)
        return status.st_size if can_be_cut and status is not None else 0
    if compression_suffix(path) is not None:
        return 0
    with open_text(path) as file:
        return file.seek(0, os.SEEK_END) if file.seekable() else 0


def fingerprint(paths: Sequence[str]) -> list[str]:
    """What tells files of one name from each other: sizes, and how they begin and end."""
    return [_fingerprint(path) for path in paths]


def _fingerprint(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.blake2b(file.read(COMPARED_BYTES), digest_size=8)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - COMPARED_BYTES))
            digest.update(file.read(COMPARED_BYTES))
    except OSError as error:
        return f"not readable ({error.strerror})"
    return f"{size:,} bytes with digest {digest.hexdigest()}"


def check_same(paths: Sequence[str], seen: Mapping[str, Sequence[str]]) -> None:
    """Refuse files that are not the same on all machines.

    Parameters
    ----------
    paths
        The files.
    seen
        What :func:`fingerprint` returned on each machine, by its name.

    Raises
    ------
    CorpusFileError
        Machines see different files.
    """
    for number, path in enumerate(paths):
        first: tuple[str, str] | None = None
        for machine, prints in seen.items():
            if first is not None and prints[number] != first[1]:
                raise CorpusFileError(
                    f"{path} is {first[1]} on {first[0]}, but {prints[number]} on {machine}; every "
                    "machine of the cluster must see the same files: put them on storage that "
                    "all share, or copy them to all"
                )
            first = first or (machine, prints[number])


# --- one part -----------------------------------------------------------------------------


class _Lines(FileCorpus):
    """The lines of a file that begin in a range of its bytes."""

    def __init__(self, part: Part, options: CorpusOptions) -> None:
        super().__init__([part.path], encoding=options.encoding, errors=options.errors)
        self._part = part

    def _plan(self) -> list[list[Stretch]]:
        path, start, stop = self._part.path, self._part.start, self._part.stop
        if stop is None:
            return [[Stretch(path, 0, None, True)]]
        with open_text(path) as file, reading(path, file.tell):
            start, stop = _next_line(file, start), _next_line(file, stop)
        return [[Stretch(path, start, stop, True)]] if start < stop else [[]]


def _next_line(file: IO[bytes], position: int) -> int:
    """The first place from `position` on where a line begins, or the end."""
    if position == 0:
        return 0
    file.seek(position - 1)
    position -= 1
    while block := file.read(1 << 16):
        found = block.find(b"\n")
        if found >= 0:
            return position + found + 1
        position += len(block)
    return position


def opened(part: Part, options: CorpusOptions) -> Corpus:
    """A part as a corpus."""
    if part.table is not None:
        return open_corpus(part.table, workers=1, passes=1, options=options)
    if part.stop is not None or is_remote(part.path):
        options.allow(("encoding", "errors"), f"text at {part.path}")
        return _Lines(part, options)
    return open_corpus(None, part.path, workers=1, passes=1, options=options)


def count(part: Part, options: CorpusOptions) -> tuple[Counted, Size]:
    """The words of a part, and how much there is in it."""
    corpus = opened(part, options)
    try:
        found = corpus.scan()
    except EmptyCorpusError:
        return Counted([], np.zeros(0, np.int64)), Size()
    size = Size(found.corpus_count, found.corpus_total_words, corpus.nulls)
    return Counted(found.words, found.counts), size


def encode(
    part: Part, options: CorpusOptions, key_to_index: Mapping[Any, int], expected: Size | None
) -> TokenBlock:
    """A part as ids of words.

    Parameters
    ----------
    part, options
        What to read.
    key_to_index
        The vocabulary.
    expected
        What the vocabulary was counted with; None: it was not.

    Raises
    ------
    CorpusError
        There is something else in it now.
    """
    try:
        (block,) = opened(part, options).blocks(key_to_index)
    except EmptyCorpusError:
        nothing = np.zeros(0, np.int64)
        block = TokenBlock(np.zeros(0, np.int32), np.zeros(1, np.int64), nothing)
    found = len(block.raw_lengths), int(block.raw_lengths.sum())
    if expected is not None and found != expected[:2]:
        raise CorpusError(
            f"{part} has {found[0]:,} sentences and {found[1]:,} words now, but had "
            f"{expected[0]:,} and {expected[1]:,} when the vocabulary was counted; train again "
            "when nobody changes it"
        )
    return block
