"""Exact search for the rows of a matrix that have the largest cosines with a query.

One query is a single pass over the matrix, by several threads. Many go block by block: a block
of queries times a block of rows is one matrix product, whose scores are offered to the queries'
heaps at once and then overwritten, so that memory does not grow with the vocabulary::

    nearest_to_one     one query                  a pass over the rows, no product
    nearest            many queries               heaps <- queries x rows
    analogies          "a is to b as c is to ?"   heaps <- (words of the questions) x rows

Threads share the blocks of rows. Products (BLAS, a thread each) and heaps
(``src_cython/ranking.pyx``) run without the GIL; each thread has heaps of its own, which are
merged at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.queries import compiled
from negw2v.queries.cosine import divide_by_norms, is_scannable, row_norms, scan_threads
from negw2v.queries.threads import run_in_threads, share_over_threads, single_threaded_blas

__all__ = ["Best", "Exclusions", "Vocabulary", "analogies", "nearest", "nearest_to_one"]

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]

# Queries that one matrix product serves, and the most bytes that its result may have, for each
# thread: they should still be in a cache when the heaps read them.
BLOCK_QUERIES = 1024
BLOCK_BYTES = 4 << 20

# Different words among the analogy questions that are answered together.
BLOCK_WORDS = 4096


class Best(NamedTuple):
    """The best rows of n queries, the best first.

    Attributes
    ----------
    rows
        int64 (n, k): row numbers; -1 where there were fewer than k rows to find.
    scores
        Float (n, k): their scores; NaN where the row is -1.
    """

    rows: Rows
    scores: Floats


class Exclusions(NamedTuple):
    """Rows that single queries must not find.

    Attributes
    ----------
    starts
        int64 (n + 1,): query i owns ``rows[starts[i]:starts[i + 1]]``.
    rows
        int64: row numbers.
    """

    starts: Rows
    rows: Rows

    @classmethod
    def of(cls, rows: Rows) -> Exclusions:
        """Those of a matrix (n, m): query i must not find the rows in its line i."""
        starts = np.arange(len(rows) + 1, dtype=np.int64) * rows.shape[1]
        return cls(starts, np.ascontiguousarray(rows.reshape(-1), dtype=np.int64))

    @classmethod
    def none(cls, queries: int) -> Exclusions:
        """No exclusions for any of so many queries."""
        return cls.of(np.empty((queries, 0), dtype=np.int64))

    def between(self, first: int, last: int) -> Exclusions:
        """Those of the queries first ... last - 1 alone."""
        return Exclusions(self.starts[first : last + 1], self.rows)


@dataclass(frozen=True)
class Vocabulary:
    """The rows among which is searched.

    Parameters
    ----------
    matrix
        Float (V, dims), any strides.
    norms
        Float (V,): the lengths of its rows.
    candidates
        int64, increasing: the only rows that may be found; None: all.
    banned
        int64: rows that no query may find.
    """

    matrix: Floats
    norms: Floats
    candidates: Rows | None = None
    banned: Rows | None = None

    def __len__(self) -> int:
        return len(self.matrix if self.candidates is None else self.candidates)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type in which cosines are computed."""
        return np.dtype(np.float64 if self.matrix.dtype == np.float64 else np.float32)

    def unit_rows(self, first: int, last: int) -> Floats:
        """A contiguous copy of the candidates first ... last - 1 at length 1.

        Banned ones are NaN: their scores are, too, and NaN is never among the best.
        """
        chosen: Any = slice(first, last)
        if self.candidates is not None:
            chosen = self.candidates[first:last]
        rows = np.asarray(self.matrix[chosen], dtype=self.dtype)
        rows = divide_by_norms(np.ascontiguousarray(rows), self.norms[chosen][:, np.newaxis])
        if self.banned is not None:
            positions = self.positions(self.banned)
            rows[positions[(positions >= first) & (positions < last)] - first] = np.nan
        return rows

    def positions(self, rows: Rows) -> Rows:
        """Where among the candidates some rows are; -1 for those that are none."""
        if self.candidates is None:
            return rows
        positions = np.searchsorted(self.candidates, rows)
        found = np.append(self.candidates, -1)[positions] == rows
        return np.where(found, positions, -1)


@dataclass(frozen=True)
class _Heaps:
    """The best so far of n queries, in the form that the compiled functions fill."""

    scores: Floats
    rows: Rows
    filled: Rows

    @classmethod
    def empty(cls, queries: int, topn: int, dtype: npt.DTypeLike) -> _Heaps:
        return cls(
            np.empty((queries, topn), dtype=dtype),
            np.empty((queries, topn), dtype=np.int64),
            np.zeros(queries, dtype=np.int64),
        )

    def best(self) -> Best:
        """The entries in order. After this the heaps are no longer heaps."""
        compiled.ranking.sort_heaps(self.scores, self.rows, self.filled)
        missing = np.arange(self.rows.shape[1]) >= self.filled[:, np.newaxis]
        self.rows[missing] = -1
        self.scores[missing] = np.nan
        return Best(self.rows, self.scores)


def _merged(heaps: list[_Heaps]) -> Best:
    """The best of the heaps of several threads."""
    parts = [heap.best() for heap in heaps]
    if len(parts) == 1:
        return parts[0]
    topn = parts[0].rows.shape[1]
    rows = np.concatenate([part.rows for part in parts], axis=1)
    scores = np.concatenate([part.scores for part in parts], axis=1)
    # NaN, where nothing was found, comes last
    order = np.lexsort((rows, -scores), axis=1)[:, :topn]
    return Best(np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1))


def nearest_to_one(
    vocabulary: Vocabulary, query: Floats, topn: int, first: int, last: int, excluded: Rows
) -> Best:
    """The rows with the largest cosines with one query.

    Parameters
    ----------
    vocabulary
        Where to search; its candidates and banned rows are not regarded.
    query
        Float (dims,), of length 1 or zero.
    topn
        How many rows to find.
    first, last
        Rows first ... last - 1 are searched.
    excluded
        int64: rows that must not be found.

    Returns
    -------
    Best
        Of one query, with min(topn, last - first) columns.
    """
    matrix, norms = vocabulary.matrix, vocabulary.norms
    topn = min(topn, last - first)
    if not is_scannable(matrix):
        chosen = np.arange(first, last)
        part = Vocabulary(matrix, norms, candidates=chosen)
        return nearest(part, query[np.newaxis], topn, Exclusions.of(excluded[np.newaxis]))
    query = np.ascontiguousarray(query, dtype=matrix.dtype)
    norms = np.ascontiguousarray(norms, dtype=matrix.dtype)
    excluded = np.ascontiguousarray(excluded, dtype=np.int64)

    next_row = np.array([first], dtype=np.int64)

    def search() -> _Heaps:
        heap = _Heaps.empty(1, topn, matrix.dtype)
        compiled.ranking.offer_rows(
            matrix, norms, query, next_row, last, heap.scores, heap.rows, heap.filled, excluded
        )
        return heap

    heaps = run_in_threads(search, scan_threads(matrix, last - first))
    return _merged(heaps)


def nearest(vocabulary: Vocabulary, queries: Floats, topn: int, excluded: Exclusions) -> Best:
    """The rows with the largest cosines with each of many queries.

    Parameters
    ----------
    vocabulary
        Where to search.
    queries
        Float (n, dims), each of length 1 or zero.
    topn
        How many rows to find for each.
    excluded
        Rows that single queries must not find.

    Returns
    -------
    Best
        With min(topn, number of candidates) columns.
    """
    topn = min(topn, len(vocabulary))
    queries = np.ascontiguousarray(queries, dtype=vocabulary.dtype)
    positions = Exclusions(excluded.starts, vocabulary.positions(excluded.rows))
    blocks = []
    for first in range(0, len(queries), BLOCK_QUERIES):
        block = queries[first : first + BLOCK_QUERIES]
        own = positions.between(first, first + len(block))

        def offer(scores: Floats, row: int, heaps: _Heaps, own: Exclusions = own) -> None:
            compiled.ranking.offer_scores(scores, row, heaps.scores, heaps.rows, heaps.filled, *own)

        blocks.append(_search(vocabulary, block, len(block), topn, offer))
    return _joined(blocks, topn, vocabulary)


def _search(
    vocabulary: Vocabulary,
    words: Floats,
    queries: int,
    topn: int,
    offer: Callable[[Floats, int, _Heaps], None],
) -> Best:
    """The best rows for `queries` queries, whose scores derive from words x rows.

    ``offer(scores, first_row, heaps)`` is called for every block of rows with the cosines
    of all `words`, float (len(words), width).
    """
    columns = max(len(words), words.shape[1]) * words.itemsize
    width = max(256, BLOCK_BYTES // columns)
    last = len(vocabulary)

    def start() -> tuple[_Heaps, Floats]:
        buffer = np.empty(len(words) * min(width, last), dtype=vocabulary.dtype)
        return _Heaps.empty(queries, topn, vocabulary.dtype), buffer

    def search(state: tuple[_Heaps, Floats], first: int, stop: int) -> None:
        heaps, buffer = state
        rows = vocabulary.unit_rows(first, stop)
        scores = buffer[: len(words) * len(rows)].reshape(len(words), len(rows))
        np.matmul(words, rows.T, out=scores)
        offer(scores, first, heaps)

    edges = [*range(0, last, width), last] if last else [0]
    with single_threaded_blas:
        states = share_over_threads(start, search, edges)
    return _merged([heaps for heaps, _ in states])


def _joined(blocks: list[Best], topn: int, vocabulary: Vocabulary) -> Best:
    """The results of consecutive blocks of queries, with rows in place of positions."""
    if not blocks:
        return _Heaps.empty(0, topn, vocabulary.dtype).best()
    rows = np.concatenate([block.rows for block in blocks])
    if vocabulary.candidates is not None:
        rows = np.where(rows >= 0, np.append(vocabulary.candidates, -1)[rows], -1)
    return Best(rows, np.concatenate([block.scores for block in blocks]))


def analogies(vocabulary: Vocabulary, questions: Rows, topn: int, product: bool = False) -> Best:
    """The best answers to questions of the form "a is to b as c is to ?".

    Parameters
    ----------
    vocabulary
        Where to search. A question's own three rows are never its answer.
    questions
        int64 (n, 3): the rows of a, b and c.
    topn
        How many answers to find for each.
    product
        False: the score is the cosine with b - a + c, all at length 1 (3CosAdd, Mikolov et
        al. 2013). True: it is cos'(b) cos'(c) / (cos'(a) + 0.000001), where cos' is a cosine
        moved to 0 ... 1 (3CosMul, Levy and Goldberg 2014).

    Returns
    -------
    Best
        With min(topn, number of candidates) columns.
    """
    topn = min(topn, len(vocabulary))
    excluded = Exclusions.of(questions)
    positions = Exclusions(excluded.starts, vocabulary.positions(excluded.rows))
    blocks = []
    step = max(1, len(questions))
    if step * 3 > BLOCK_WORDS and len(np.unique(questions)) > BLOCK_WORDS:
        step = BLOCK_WORDS // 3
    for first in range(0, len(questions), step):
        block = questions[first : first + step]
        own = positions.between(first, first + len(block))
        words, terms = np.unique(block, return_inverse=True)
        terms = np.ascontiguousarray(terms.reshape(block.shape), dtype=np.int64)
        units = Vocabulary(vocabulary.matrix, vocabulary.norms, candidates=words).unit_rows(
            0, len(words)
        )

        def offer(
            scores: Floats, row: int, heaps: _Heaps, own: Exclusions = own, terms: Rows = terms
        ) -> None:
            if product:
                np.divide(scores + 1, 2, out=scores)
            compiled.ranking.offer_analogies(
                scores, row, terms, product, heaps.scores, heaps.rows, heaps.filled, *own
            )

        best = _search(vocabulary, units, len(block), topn, offer)
        if not product:
            directions = units[terms[:, 1]] + units[terms[:, 2]] - units[terms[:, 0]]
            lengths = row_norms(directions)[:, np.newaxis]
            best = Best(best.rows, divide_by_norms(best.scores, lengths))
        blocks.append(best)
    return _joined(blocks, topn, vocabulary)
