"""A text file into another one with its phrases joined, block by block.

The calling thread reads and writes. Others split blocks of whole lines into words, look them up
among those of the phrases, join, and write what is left as text: no word becomes an object of
Python's. So memory is bounded, whatever the size of the file is, as long as lines have blanks: a
line that is longer than a block is cut before a word that is in no phrase, where nothing can be
joined.
"""

from __future__ import annotations

import os
from collections.abc import Container, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from negw2v.arrays import offsets_of
from negw2v.corpus._tokenizer import LineTokenizer, WordTable
from negw2v.corpus.files import LONGEST_WORD
from negw2v.corpus.readers import LineSentence
from negw2v.corpus.text_files import decode_error, open_text, reading
from negw2v.errors import CorpusError, EmptyCorpusError, FilePath
from negw2v.io.writing import writing
from negw2v.parallel import ordered_map
from negw2v.phrases._joining import PhraseTable, write_lines
from negw2v.phrases.arguments import checked_workers
from negw2v.phrases.joining import Joiner, phrase_table

if TYPE_CHECKING:
    from negw2v.phrases.models import PhrasesTransformation

__all__ = ["ANY_LENGTH", "write_corpus"]

#: Words of a line, where all of them are one sentence.
ANY_LENGTH = 1 << 62
#: Bytes that a thread joins at a time: what it makes of them fits into a core's cache.
BLOCK_BYTES = 1 << 18
#: Bytes at the end of a block without a line's end in which a place to cut it is looked for.
CUT_BYTES = 1 << 12


def write_corpus(
    source: FilePath,
    target: FilePath | IO[bytes],
    rounds: Sequence[PhrasesTransformation],
    workers: int | None,
) -> tuple[int, int]:
    """Write a text file with its phrases joined, line by line.

    Parameters
    ----------
    source
        The file.
    target
        As for :func:`negw2v.io.writing.writing`.
    rounds
        The phrases, one round after the other.
    workers
        Number of threads; None: one for each CPU.

    Returns
    -------
    lines, words
        How many were written.
    """
    workers = checked_workers(workers)
    joiners = [joiner for each in rounds if (joiner := each.joiner()) is not None]
    path = os.fsdecode(source)
    pieces = (
        _joined_blocks(path, _Lines(path, joiners), workers)
        if len(joiners) == len(rounds)
        else _joined_sentences(path, rounds)
    )
    lines = words = 0
    with closing(pieces), writing(target) as file:
        for piece in pieces:
            file.write(piece.text)
            lines += piece.lines
            words += piece.words
        if not words:
            raise EmptyCorpusError(f"{path} has no word; a corpus is at least one line with a word")
    return lines, words


class _Joined(NamedTuple):
    """Some text with its phrases joined, and how many lines end in it and words are in it."""

    text: bytes
    lines: int
    words: int


class _Block(NamedTuple):
    """Text of a file.

    Attributes
    ----------
    text
        Whole lines, or the beginning of one.
    offset, line
        Where in the file it is, in bytes from 0 and in lines from 1.
    goes_on
        Whether its last line has more words.
    """

    text: bytes
    offset: int
    line: int
    goes_on: bool


class _Lines:
    """Joins lines of text.

    Parameters
    ----------
    path
        The file that they are of, for messages.
    rounds
        The phrases, one round after the other.
    """

    def __init__(self, path: str, rounds: Sequence[Joiner]) -> None:
        self._path = path
        ids: dict[str, int] = {}
        for joiner in rounds:
            for word in joiner.words:
                ids.setdefault(word, len(ids))
            for joint in joiner.joints:
                ids.setdefault(joint.phrase, len(ids))
        self.known: Container[str] = ids
        self._table = WordTable()
        self._table.fill(ids)
        self._rounds: list[tuple[PhraseTable, Any]] = [
            (
                phrase_table(joiner.joints, ids, joiner.connector_words),
                np.array([ids[joint.phrase] for joint in joiner.joints], np.int32),
            )
            for joiner in rounds
        ]
        # Phrases that were loaded may have any text; what is in the file is valid.
        encoded = [word.encode("utf-8", "surrogatepass") for word in ids]
        self._text = np.frombuffer(b"".join(encoded), np.uint8)
        self._offsets = offsets_of([len(word) for word in encoded])

    def join(self, block: _Block) -> _Joined:
        """The lines of a block with their phrases joined."""
        tokenizer = LineTokenizer(
            self._table,
            grow=False,
            keep=True,
            offset=block.offset,
            block_bytes=len(block.text),
            longest=LONGEST_WORD,
            places=True,
        )
        tokenizer.free_space()[: len(block.text)] = block.text
        try:
            tokenizer.feed(len(block.text), last=True)
        except OverflowError as error:
            raise CorpusError(
                f"{self._path}, line {block.line + tokenizer.lines}, behind byte "
                f"{tokenizer.offset}: {error}"
            ) from None
        if tokenizer.invalid >= 0:
            line = block.line + tokenizer.lines
            raise decode_error(self._path, line, tokenizer.invalid)
        if not tokenizer.n_words:
            return _Joined(b"", 0, 0)
        ids = np.asarray(tokenizer.tokens())
        sources = np.arange(len(ids), dtype=np.int32)
        places = np.frombuffer(tokenizer.places(), np.int64)
        starts = offsets_of(np.frombuffer(tokenizer.line_lengths(), np.int64))
        lines = len(starts) - 1
        for table, phrase_ids in self._rounds:
            lengths = np.empty(lines, np.int64)
            table.join_ids(ids, starts, 0, lines, phrase_ids, lengths, sources)
            starts = offsets_of(lengths)
        words = int(starts[-1])
        text, ended = write_lines(
            np.frombuffer(block.text, np.uint8),
            places,
            sources[:words],
            starts,
            self._text,
            self._offsets,
            block.goes_on,
        )
        return _Joined(text, ended, words)


def _joined_blocks(path: str, lines: _Lines, workers: int) -> Generator[_Joined, None, None]:
    with open_text(path) as file:
        blocks = _blocks(file, path, lines.known)
        yield from ordered_map(lines.join, blocks, workers, "negw2v-phrases")


def _blocks(file: IO[bytes], path: str, known: Container[str]) -> Iterator[_Block]:
    """The text of a file; words that are not in `known` are in no phrase."""
    offset, line = 0, 1
    rest = b""
    while True:
        with reading(path, partial(int, offset + len(rest))):
            more = file.read(BLOCK_BYTES)
        text = rest + more
        end = len(text) if not more else text.rfind(b"\n") + 1
        goes_on = not end and len(text) >= BLOCK_BYTES
        if goes_on:
            end = _end_within_line(text, known)
        if end:
            yield _Block(text[:end], offset, line, goes_on)
            offset += end
            line += text.count(b"\n", 0, end)
        if not more:
            return
        rest = text[end:]


def _end_within_line(text: bytes, known: Container[str]) -> int:
    """Where to cut a line so that no phrase is cut; 0: nowhere."""
    end = len(text)
    while (begin := text.rfind(b" ", max(0, len(text) - CUT_BYTES), end)) > 0:
        # The bytes behind the last blank may be a part of a word.
        words = text[begin + 1 : end].decode("utf-8", "replace").split() if end < len(text) else ()
        if words and words[0] not in known:
            return begin + 1
        end = begin
    return 0


def _joined_sentences(
    path: str, rounds: Sequence[PhrasesTransformation]
) -> Generator[_Joined, None, None]:
    """The same by a function of the user's, which decides what a phrase is."""
    for sentence in LineSentence(path, ANY_LENGTH):
        joined: Any = sentence
        for each in rounds:
            joined = each[joined]
        if joined:
            yield _Joined(f"{' '.join(joined)}\n".encode(), 1, len(joined))
