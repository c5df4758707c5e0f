"""Exact search by passes over the rows, or over the rows in bytes.

What ``src_cython/search/cosine_scan.pyx`` does, by how many threads, and when the bytes pay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.cpus import thread_count
from negw2v.search import compiled
from negw2v.search.cosine import is_scannable
from negw2v.search.heaps import Best, Exclusions, Floats
from negw2v.search.threads import call_helpers, run_in_threads, share_over_threads

__all__ = ["Codes", "encode", "encoding_pays", "find", "find_all", "suits_codes"]

# Values of a matrix below which a plain pass over it is as good.
FEWEST_VALUES = 1 << 18

# Rows for each of the best that are asked for, or too many rows are read in full.
ROWS_PER_BEST = 64

# Bytes that a thread must have to read to be worth asking: some hundredths of a millisecond.
SHARED_BYTES = 1 << 20

LARGE_PAGE = 2 << 20

# Queries that a thread does together, while a block of codes is in its cache.
MOST_TOGETHER = 96
FEWEST_TOGETHER = 24


class Codes(NamedTuple):
    """The rows of a matrix at length 1, in bytes (see ``passes.encode_rows``).

    Attributes
    ----------
    codes
        uint8 (blocks, bytes of a block).
    steps
        float32, one for each row.
    rests, lengths
        float32 (blocks,): what bounds the error of a cosine.
    """

    codes: npt.NDArray[np.uint8]
    steps: npt.NDArray[np.float32]
    rests: npt.NDArray[np.float32]
    lengths: npt.NDArray[np.float32]


def encoding_pays(matrix: Floats) -> bool:
    """Whether searches in this matrix are faster with codes.

    Parameters
    ----------
    matrix
        Float (V, dims), any strides.
    """
    return (
        compiled.cosine_scan.IS_FAST
        and is_scannable(matrix)
        and matrix.size >= FEWEST_VALUES
        and matrix.shape[1] <= compiled.cosine_scan.MOST_DIMENSIONS
    )


def encode(matrix: Floats, norms: Floats) -> Codes:
    """The codes of a matrix: a quarter of its size in float32.

    Parameters
    ----------
    matrix
        Float32 or float64 (V, dims), each row contiguous, dims >= 1.
    norms
        Float (V,): the lengths of its rows.
    """
    norms = np.ascontiguousarray(norms, dtype=matrix.dtype)
    passes = compiled.cosine_scan
    blocks = -(-len(matrix) // passes.BLOCK_ROWS)
    quads = -(-matrix.shape[1] // 4)
    codes = Codes(
        _on_large_pages(blocks, quads * 4 * passes.BLOCK_ROWS),
        np.empty(blocks * passes.BLOCK_ROWS, dtype=np.float32),
        np.empty(blocks, dtype=np.float32),
        np.empty(blocks, dtype=np.float32),
    )
    next_block = np.zeros(1, dtype=np.int64)

    def work() -> None:
        passes.encode_rows(matrix, norms, next_block, *codes)

    run_in_threads(work, 1 + matrix.nbytes // SHARED_BYTES)
    return codes


def _on_large_pages(rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """An empty matrix of bytes, of which as much as possible is on memory pages of 2 MB."""
    size = rows * columns
    if size < LARGE_PAGE:
        return np.empty((rows, columns), dtype=np.uint8)
    memory = np.empty(size + LARGE_PAGE, dtype=np.uint8)
    start = -memory.ctypes.data % LARGE_PAGE
    return memory[start : start + size].reshape(rows, columns)


def suits_codes(topn: int, rows: int) -> bool:
    """Whether codes are of use for finding the best `topn` of so many rows."""
    return topn * ROWS_PER_BEST <= rows


def find(
    matrix: Floats,
    norms: Floats,
    codes: Codes | None,
    queries: Floats,
    topn: int,
    first: int,
    last: int,
    excluded: Exclusions,
) -> Best:
    """The rows with the largest cosines with a few queries; threads share the rows.

    Parameters
    ----------
    matrix
        Float32 or float64 (V, dims), each row contiguous, dims >= 1.
    norms
        Float (V,), contiguous, of the matrix's type: the lengths of its rows.
    codes
        What :func:`encode` has made of them, or None.
    queries
        Float (n, dims) of the matrix's type, contiguous, each of length 1 or zero.
    topn
        How many rows to find for each.
    first, last
        Rows first ... last - 1 are searched.
    excluded
        Rows that single queries must not find.

    Returns
    -------
    Best
        With `topn` columns.
    """
    best = _room_for(len(queries), topn, matrix)
    row_bytes = matrix.shape[1] * (matrix.itemsize if codes is None else 1)
    threads = call_helpers(1 + (last - first) * row_bytes // SHARED_BYTES)
    _find(matrix, norms, codes, queries, first, last, excluded, best, threads)
    return best


def find_all(
    matrix: Floats,
    norms: Floats,
    codes: Codes,
    queries: Floats,
    topn: int,
    excluded: Exclusions,
) -> Best:
    """The rows with the largest cosines with any number of queries.

    Parameters
    ----------
    matrix, norms, codes, queries, topn, excluded
        As for :func:`find`.

    Returns
    -------
    Best
        With `topn` columns.
    """
    count, rows = len(queries), len(matrix)
    if count < 2 * FEWEST_TOGETHER:
        return find(matrix, norms, codes, queries, topn, 0, rows, excluded)
    share = count // (4 * thread_count())
    together = min(MOST_TOGETHER, max(FEWEST_TOGETHER, share - share % 6))
    best = _room_for(count, topn, matrix)

    def work(_: None, start: int, stop: int) -> None:
        own = Best(best.rows[start:stop], best.scores[start:stop])
        out = excluded.between(start, stop)
        _find(matrix, norms, codes, queries[start:stop], 0, rows, out, own, 1)

    share_over_threads(lambda: None, work, [*range(0, count, together), count])
    return best


def _room_for(queries: int, topn: int, matrix: Floats) -> Best:
    return Best(
        np.empty((queries, topn), dtype=np.int64), np.empty((queries, topn), dtype=matrix.dtype)
    )


def _find(
    matrix: Floats,
    norms: Floats,
    codes: Codes | None,
    queries: Floats,
    first: int,
    last: int,
    excluded: Exclusions,
    best: Best,
    threads: int,
) -> None:
    search = (matrix, norms, queries, first, last, *excluded, best.scores, best.rows, threads)
    if codes is None:
        compiled.cosine_scan.find_plain(*search)
    else:
        compiled.cosine_scan.find_coded(*codes, *search)
