"""Exact search for the rows of a matrix that have the largest cosines with a query.

One query is a single pass over the matrix, by several threads. Many go block by block: a block
of queries times a block of rows is one matrix product, whose scores are offered to the queries'
heaps at once and then overwritten, so that memory does not grow with the vocabulary. Where the
rows in bytes are at hand, both are passes over those (:mod:`negw2v.search.passes`)::

    nearest_to_one     one query                  a pass over the rows, no product
    nearest            many queries               heaps <- queries x rows
    analogies          "a is to b as c is to ?"   heaps <- (words of the questions) x rows

Threads share the blocks of rows. Products (BLAS, a thread each) and heaps
(``src_cython/search/topk.pyx``) run without the GIL; each thread has heaps of its own, which are
merged at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from negw2v.search import compiled, passes
from negw2v.search.cosine import divide_by_norms, is_scannable, row_norms
from negw2v.search.heaps import Best, Exclusions, Floats, Heaps, Rows, merged
from negw2v.search.threads import share_over_threads, single_threaded_blas

__all__ = ["Best", "Exclusions", "Rows", "Vocabulary", "analogies", "nearest", "nearest_to_one"]

# Queries that one matrix product serves, and the most bytes that its result may have, for each
# thread: they should still be in a cache when the heaps read them.
BLOCK_QUERIES = 1024
BLOCK_BYTES = 4 << 20

# So few queries are answered as a single one is, to the last bit.
FEW_QUERIES = 8

# Different words among the analogy questions that are answered together.
BLOCK_WORDS = 4096


@dataclass(slots=True)
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
    codes
        The rows in bytes, where they are at hand.
    """

    matrix: Floats
    norms: Floats
    candidates: Rows | None = None
    banned: Rows | None = None
    codes: passes.Codes | None = None

    def __len__(self) -> int:
        return len(self.matrix if self.candidates is None else self.candidates)

    def is_whole(self) -> bool:
        """Whether every row may be found."""
        return self.candidates is None and self.banned is None

    def lengths(self) -> Floats:
        """`norms` in the form that passes over the rows take."""
        return np.ascontiguousarray(self.norms, dtype=self.matrix.dtype)

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


def nearest_to_one(
    vocabulary: Vocabulary, query: Floats, topn: int, first: int, last: int, excluded: Rows
) -> Best:
    """The rows with the largest cosines with one query.

    Parameters
    ----------
    vocabulary
        Where to search; its candidates and banned rows are not regarded.
    query
        Float (dims,), contiguous, of the matrix's type, of length 1 or zero.
    topn
        How many rows to find.
    first, last
        Rows first ... last - 1 are searched.
    excluded
        int64, contiguous: rows that must not be found.

    Returns
    -------
    Best
        Of one query, with min(topn, last - first) columns.
    """
    matrix, codes = vocabulary.matrix, vocabulary.codes
    topn = min(topn, last - first)
    own = Exclusions.of_one(excluded)
    if not is_scannable(matrix):
        chosen = np.arange(first, last)
        part = Vocabulary(matrix, vocabulary.norms, candidates=chosen)
        return nearest(part, query[np.newaxis], topn, own)
    if not passes.suits_codes(topn, last - first):
        codes = None
    lengths, queries = vocabulary.lengths(), query[np.newaxis]
    return passes.find(matrix, lengths, codes, queries, topn, first, last, own)


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
    if vocabulary.is_whole() and is_scannable(vocabulary.matrix):
        matrix, lengths, codes = vocabulary.matrix, vocabulary.lengths(), vocabulary.codes
        if codes is not None and passes.suits_codes(topn, len(matrix)):
            return passes.find_all(matrix, lengths, codes, queries, topn, excluded)
        if len(queries) <= FEW_QUERIES:
            return passes.find(matrix, lengths, None, queries, topn, 0, len(matrix), excluded)
    positions = Exclusions(excluded.starts, vocabulary.positions(excluded.rows))
    blocks = []
    for first in range(0, len(queries), BLOCK_QUERIES):
        block = queries[first : first + BLOCK_QUERIES]
        own = positions.between(first, first + len(block))

        def offer(scores: Floats, row: int, heaps: Heaps, own: Exclusions = own) -> None:
            compiled.topk.offer_scores(scores, row, heaps.scores, heaps.rows, heaps.filled, *own)

        blocks.append(_search(vocabulary, block, len(block), topn, offer))
    return _joined(blocks, topn, vocabulary)


def _search(
    vocabulary: Vocabulary,
    words: Floats,
    queries: int,
    topn: int,
    offer: Callable[[Floats, int, Heaps], None],
) -> Best:
    """The best rows for `queries` queries, whose scores derive from words x rows.

    ``offer(scores, first_row, heaps)`` is called for every block of rows with the cosines
    of all `words`, float (len(words), width).
    """
    columns = max(len(words), words.shape[1]) * words.itemsize
    width = max(256, BLOCK_BYTES // columns)
    last = len(vocabulary)

    def start() -> tuple[Heaps, Floats]:
        buffer = np.empty(len(words) * min(width, last), dtype=vocabulary.dtype)
        return Heaps.empty(queries, topn, vocabulary.dtype), buffer

    def search(state: tuple[Heaps, Floats], first: int, stop: int) -> None:
        heaps, buffer = state
        rows = vocabulary.unit_rows(first, stop)
        scores = buffer[: len(words) * len(rows)].reshape(len(words), len(rows))
        np.matmul(words, rows.T, out=scores)
        offer(scores, first, heaps)

    edges = [*range(0, last, width), last] if last else [0]
    with single_threaded_blas:
        states = share_over_threads(start, search, edges)
    return merged([heaps for heaps, _ in states])


def _joined(blocks: list[Best], topn: int, vocabulary: Vocabulary) -> Best:
    """The results of consecutive blocks of queries, with rows in place of positions."""
    if not blocks:
        return Heaps.empty(0, topn, vocabulary.dtype).best()
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
            scores: Floats, row: int, heaps: Heaps, own: Exclusions = own, terms: Rows = terms
        ) -> None:
            if product:
                np.divide(scores + 1, 2, out=scores)
            compiled.topk.offer_analogies(
                scores, row, terms, product, heaps.scores, heaps.rows, heaps.filled, *own
            )

        best = _search(vocabulary, units, len(block), topn, offer)
        if not product:
            directions = units[terms[:, 1]] + units[terms[:, 2]] - units[terms[:, 0]]
            lengths = row_norms(directions)[:, np.newaxis]
            best = Best(best.rows, divide_by_norms(best.scores, lengths))
        blocks.append(best)
    return _joined(blocks, topn, vocabulary)
