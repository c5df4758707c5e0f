"""Exact search for the rows of a matrix that have the largest cosines with a query.

Many queries go block by block: a block of queries times a block of rows is one matrix product,
whose scores are offered to the queries' heaps at once and then overwritten, so that memory does
not grow with the vocabulary. A few queries, and many where there are int8 rows, are answered by a
scan (:mod:`negw2v.search.cosine_scan`)::

    nearest            many queries               heaps <- queries x rows, or a scan
    analogies          "a is to b as c is to ?"   heaps <- (words of the questions) x rows

Threads share the blocks of rows. Products (BLAS, a thread each) and heaps
(``src_cython/search/topk.pyx``) run without the GIL; each thread has heaps of its own, which are
merged at the end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from negw2v.arrays import Floats, Int64s
from negw2v.parallel import share_over_threads, single_threaded_blas
from negw2v.search.compiled import topk_kernel
from negw2v.search.cosine import divide_by_norms, row_norms
from negw2v.search.cosine_scan import is_scannable, scan, scan_batches, suits_int8
from negw2v.search.search_space import SearchSpace
from negw2v.search.topk import Best, Exclusions, Heaps, merged

__all__ = ["analogies", "nearest"]

# Queries that one matrix product serves, and the most bytes that its result may have, for each
# thread: they should still be in a cache when the heaps read them.
BLOCK_QUERIES = 1024
BLOCK_BYTES = 4 << 20

# Up to this number, queries are answered as a single one is, to the last bit.
FEW_QUERIES = 8

# Different words among the analogy questions that are answered together.
BLOCK_WORDS = 4096


def nearest(space: SearchSpace, queries: Floats, topn: int, excluded: Exclusions) -> Best:
    """The rows with the largest cosines with each of many queries.

    Parameters
    ----------
    space
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
    topn = min(topn, len(space))
    queries = np.ascontiguousarray(queries, dtype=space.dtype)
    if space.is_whole() and is_scannable(space.matrix):
        if space.int8_rows is not None and suits_int8(topn, len(space)):
            return scan_batches(space, queries, topn, excluded)
        if len(queries) <= FEW_QUERIES:
            return scan(space, queries, topn, 0, len(space), excluded)
    positions = Exclusions(excluded.starts, space.positions(excluded.rows))
    blocks = []
    for first in range(0, len(queries), BLOCK_QUERIES):
        block = queries[first : first + BLOCK_QUERIES]
        own = positions.between(first, first + len(block))

        def offer(scores: Floats, row: int, heaps: Heaps, own: Exclusions = own) -> None:
            topk_kernel.offer_scores(scores, row, heaps.scores, heaps.rows, heaps.filled, *own)

        blocks.append(_search(space, block, len(block), topn, offer))
    return _joined(blocks, topn, space)


def _search(
    space: SearchSpace,
    words: Floats,
    queries: int,
    topn: int,
    offer: Callable[[Floats, int, Heaps], None],
) -> Best:
    """The best rows for `queries` queries, whose scores follow from words x rows.

    ``offer(scores, first_row, heaps)`` is called for every block of rows with the cosines
    of all `words`, float (len(words), width).
    """
    columns = max(len(words), words.shape[1]) * words.itemsize
    width = max(256, BLOCK_BYTES // columns)
    last = len(space)

    def start() -> tuple[Heaps, Floats]:
        buffer = np.empty(len(words) * min(width, last), dtype=space.dtype)
        return Heaps.empty(queries, topn, space.dtype), buffer

    def search(state: tuple[Heaps, Floats], first: int, stop: int) -> None:
        heaps, buffer = state
        rows = space.unit_rows(first, stop)
        scores = buffer[: len(words) * len(rows)].reshape(len(words), len(rows))
        with np.errstate(invalid="ignore"):  # raised by BLAS for what was in `scores` before, too
            np.matmul(words, rows.T, out=scores)
        offer(scores, first, heaps)

    edges = [*range(0, last, width), last] if last else [0]
    with single_threaded_blas:
        states = share_over_threads(start, search, edges)
    return merged([heaps for heaps, _ in states])


def _joined(blocks: list[Best], topn: int, space: SearchSpace) -> Best:
    """The results of consecutive blocks of queries, with rows in place of positions."""
    if not blocks:
        return Heaps.empty(0, topn, space.dtype).best()
    rows = np.concatenate([block.rows for block in blocks])
    if space.candidates is not None:
        rows = np.where(rows >= 0, np.append(space.candidates, -1)[rows], -1)
    return Best(rows, np.concatenate([block.scores for block in blocks]))


def analogies(space: SearchSpace, questions: Int64s, topn: int, product: bool = False) -> Best:
    """The best answers to questions of the form "a is to b as c is to ?".

    Parameters
    ----------
    space
        Where to search. A question's own three rows are never its answer.
    questions
        int64 (n, 3): the rows of a, b and c.
    topn
        How many answers to find for each.
    product
        False: the score is the cosine with b - a + c, all at length 1 (3CosAdd, Mikolov et
        al. 2013). True: it is cos'(b) cos'(c) / (cos'(a) + 0.000001), where cos' is
        (1 + cosine) / 2 (3CosMul, Levy and Goldberg 2014).

    Returns
    -------
    Best
        With min(topn, number of candidates) columns.
    """
    topn = min(topn, len(space))
    excluded = Exclusions.of(questions)
    positions = Exclusions(excluded.starts, space.positions(excluded.rows))
    blocks = []
    step = max(1, len(questions))
    if step * 3 > BLOCK_WORDS and len(np.unique(questions)) > BLOCK_WORDS:
        step = BLOCK_WORDS // 3
    for first in range(0, len(questions), step):
        block = questions[first : first + step]
        own = positions.between(first, first + len(block))
        words, terms = np.unique(block, return_inverse=True)
        terms = np.ascontiguousarray(terms.reshape(block.shape), dtype=np.int64)
        asked = SearchSpace(space.matrix, space.norms, candidates=words)
        units = asked.unit_rows(0, len(words))

        def offer(
            scores: Floats, row: int, heaps: Heaps, own: Exclusions = own, terms: Int64s = terms
        ) -> None:
            if product:
                np.divide(scores + 1, 2, out=scores)
            topk_kernel.offer_analogies(
                scores, row, terms, product, heaps.scores, heaps.rows, heaps.filled, *own
            )

        best = _search(space, units, len(block), topn, offer)
        if not product:
            directions = units[terms[:, 1]] + units[terms[:, 2]] - units[terms[:, 0]]
            lengths = row_norms(directions)[:, np.newaxis]
            best = Best(best.rows, divide_by_norms(best.scores, lengths))
        blocks.append(best)
    return _joined(blocks, topn, space)
