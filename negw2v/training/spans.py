"""The token stream cut into spans: the unit of work, of random streams and of learning rates.

Spans depend on the data alone: not on the number of threads, and not on the blocks in which
the corpus happened to be read. A list, a file and a stream of the same sentences are
therefore trained in the same spans, and with one thread to the same bits.

A sentence longer than the limit is cut into pieces of nearly equal length, none of it is
dropped. A span holds the pieces that start in one stretch of `span_tokens` tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus.base import TokenBlock

__all__ = ["LONGEST_SENTENCE", "SpanTable", "cut_spans"]

#: Sentences are cut into pieces of at most so many tokens (gensim drops what lies beyond).
LONGEST_SENTENCE = 10_000


class SpanTable(NamedTuple):
    """Spans that follow each other, and where in the epoch they lie.

    Attributes
    ----------
    tokens
        int32 (n,): word ids.
    piece_starts
        int64 (q + 1,): piece j, a sentence or a part of one, is
        ``tokens[piece_starts[j]:piece_starts[j + 1]]``.
    span_starts
        int64 (p + 1,): span i is the pieces ``span_starts[i]`` to ``span_starts[i + 1] - 1``.
    examples
        float64 (p + 1,): sentences of the epoch before each span, and before the end.
        A fraction where a span starts inside a sentence.
    words
        int64 (p + 1,): raw words (in and out of the vocabulary) likewise.
    first_span
        Number of the first span within the epoch.
    """

    tokens: npt.NDArray[np.int32]
    piece_starts: npt.NDArray[np.int64]
    span_starts: npt.NDArray[np.int64]
    examples: npt.NDArray[np.float64]
    words: npt.NDArray[np.int64]
    first_span: int

    @property
    def span_count(self) -> int:
        """Number of spans."""
        return len(self.span_starts) - 1

    def token_starts(self) -> npt.NDArray[np.int64]:
        """int64 (p + 1,): where each span starts in `tokens`, and where the last one ends."""
        return self.piece_starts[self.span_starts]

    def ranges(self, tokens_per_task: int, together: int = 1) -> Iterator[tuple[int, int]]:
        """Whole spans in runs of about `tokens_per_task` tokens: (first, end) of each run.

        A run begins with a whole multiple of `together` spans.
        """
        bins = self.token_starts()[:-1:together] // max(1, tokens_per_task)
        edges = np.flatnonzero(np.diff(bins, prepend=-1, append=-1)) * together
        edges[-1] = self.span_count
        yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


class _Pieces(NamedTuple):
    """Pieces of sentences with their positions in the epoch; `end_*` follow the last one."""

    tokens: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    examples: npt.NDArray[np.float64]
    words: npt.NDArray[np.int64]
    end_examples: int
    end_words: int


def _cut_sentences(block: TokenBlock, longest: int, examples: int, words: int) -> _Pieces:
    """Sentences as pieces of at most `longest` tokens.

    Positions are rounded once, from whole numbers counted from the start of the epoch: so
    they are the same bits wherever a block starts.
    """
    starts = block.sentence_starts
    count = len(starts) - 1
    lengths = np.diff(starts)
    words_before = offsets_of(block.raw_lengths)
    words_before += words
    end_examples, end_words = examples + count, int(words_before[-1])
    if count == 0 or int(lengths.max()) <= longest:
        positions = np.arange(examples, end_examples, dtype=np.float64)
        return _Pieces(block.tokens, starts, positions, words_before[:-1], end_examples, end_words)
    pieces = np.maximum(1, -(-lengths // longest))
    sentence = np.repeat(np.arange(count, dtype=np.int64), pieces)
    number = np.arange(len(sentence)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    of = pieces[sentence]
    piece_starts = np.append(starts[sentence] + lengths[sentence] * number // of, starts[-1])
    piece_words = words_before[sentence] + block.raw_lengths[sentence] * number // of
    return _Pieces(
        block.tokens,
        piece_starts,
        (examples + sentence) + number / of,
        piece_words,
        end_examples,
        end_words,
    )


def _joined(held: _Pieces | None, new: _Pieces) -> _Pieces:
    """The pieces held back, followed by the new ones."""
    if held is None:
        return new
    return _Pieces(
        np.concatenate([held.tokens, new.tokens]),
        np.concatenate([held.starts[:-1], new.starts + len(held.tokens)]),
        np.concatenate([held.examples, new.examples]),
        np.concatenate([held.words, new.words]),
        new.end_examples,
        new.end_words,
    )


def _tail(pieces: _Pieces, first: int) -> _Pieces:
    """The pieces from `first` on, copied so that the block before them can go."""
    start = pieces.starts[first]
    return _Pieces(
        pieces.tokens[start:].copy(),
        pieces.starts[first:] - start,
        pieces.examples[first:].copy(),
        pieces.words[first:].copy(),
        pieces.end_examples,
        pieces.end_words,
    )


def _table(pieces: _Pieces, edges: npt.NDArray[np.int64], first_span: int) -> SpanTable:
    """The spans between `edges`; the last edge is the end, or the start of what is held back."""
    return SpanTable(
        pieces.tokens,
        pieces.starts,
        edges,
        np.append(pieces.examples, pieces.end_examples)[edges],
        np.append(pieces.words, pieces.end_words)[edges],
        first_span,
    )


def cut_spans(
    blocks: Iterable[TokenBlock],
    span_tokens: int,
    longest_sentence: int = LONGEST_SENTENCE,
    together: int = 1,
) -> Iterator[SpanTable]:
    """Cut one pass over a corpus into spans.

    Parameters
    ----------
    blocks
        The pass: consecutive blocks of whole sentences.
    span_tokens
        Tokens per span, about: a span ends with the last piece that starts in its stretch.
    longest_sentence
        Longer sentences are cut into pieces of at most so many tokens.
    together
        Spans that stay together: all tables but the last hold a multiple of so many.

    Yields
    ------
    SpanTable
        The spans that each block completes; what the last block leaves unfinished comes in a
        table of its own at the end.
    """
    held: _Pieces | None = None
    examples = words = tokens_before = span = 0
    for block in blocks:
        new = _cut_sentences(block, longest_sentence, examples, words)
        examples, words = new.end_examples, new.end_words
        pieces = _joined(held, new)
        if len(pieces.examples) == 0:
            continue
        edges = _span_edges(pieces, tokens_before, span_tokens)[:-1]
        edges = edges[: (len(edges) - 1) // together * together + 1]
        if len(edges) > 1:
            yield _table(pieces, edges, span)
            span += len(edges) - 1
        held = _tail(pieces, int(edges[-1]))
        tokens_before += int(pieces.starts[edges[-1]])
    if held is not None:
        yield _table(held, _span_edges(held, tokens_before, span_tokens), span)


def _span_edges(pieces: _Pieces, tokens_before: int, span_tokens: int) -> npt.NDArray[np.int64]:
    """The pieces with which spans begin, and the number of pieces."""
    stretch = (pieces.starts[:-1] + tokens_before) // span_tokens
    inner = np.flatnonzero(np.diff(stretch)) + 1
    return np.concatenate([[0], inner, [len(pieces.examples)]])
