"""Scans of a matrix for the rows with the largest cosines: choice of rows, threads, results.

The scan itself is ``src_cython/search/cosine_scan.pyx``. It reads the rows, or first their 8-bit
copies (:mod:`negw2v.search.int8_rows`) where these are faster; the results are the same, bit for
bit.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np

from negw2v import parallel
from negw2v.arrays import Floats
from negw2v.search.compiled import scan_kernel
from negw2v.search.topk import Best, Exclusions

if TYPE_CHECKING:
    from negw2v.search.int8_rows import Int8Rows
    from negw2v.search.search_space import SearchSpace

__all__ = [
    "SpinningThreads",
    "is_scannable",
    "scan",
    "scan_batches",
    "spinning_threads",
    "suits_int8",
    "threads_for",
]

SCANNABLE_TYPES = (np.dtype(np.float32), np.dtype(np.float64))

# The fewest rows for each of the k best: with fewer, too many rows are read in full.
ROWS_PER_BEST = 64

# Bytes that a thread must have to read to be worth waking: some hundredths of a millisecond.
SHARED_BYTES = 1 << 20

# Queries that a thread answers together, while a block of int8 rows is in its cache.
MOST_TOGETHER = 96
FEWEST_TOGETHER = 24


class SpinningThreads:
    """Threads that wait for the next scan without sleeping, for a millisecond after each.

    Waking a thread can take longer than a scan does.
    """

    # More gain nothing, as all read memory.
    MOST = 7

    # Seconds for which they stay awake.
    AWAKE_SECONDS = 0.001

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        if hasattr(os, "register_at_fork"):
            # a forked child has this object, but none of the threads
            os.register_at_fork(after_in_child=self._forget)

    def __len__(self) -> int:
        return len(self._threads)

    def call(self, wanted: int) -> int:
        """Get threads to help with the next scan of the calling thread.

        Those that sleep are woken: for this scan if it takes long enough, and for the next one.

        Parameters
        ----------
        wanted
            How many threads the scan could use, the calling one among them.

        Returns
        -------
        int
            How many may take part, the calling one among them.
        """
        if wanted <= 1:
            return 1
        awake: int = scan_kernel.helpers_awake()
        if self._threads and awake >= min(wanted - 1, len(self._threads)):
            return min(wanted, 1 + awake)
        wanted = min(wanted, parallel.thread_count(), 1 + self.MOST)
        if wanted <= 1 or not (scan_kernel.HAS_HELPERS and self._start()):
            return 1
        scan_kernel.wake_helpers()
        return wanted

    def _start(self) -> bool:
        """Start as many threads as any scan can use; False: none could be started."""
        while len(self._threads) < min(parallel.thread_count() - 1, self.MOST):
            # never joined: it never returns, and holds nothing that needs to be released
            thread = threading.Thread(
                target=scan_kernel.help,
                args=(self.AWAKE_SECONDS,),
                name="negw2v-helper",
                daemon=True,
            )
            if not parallel.started(thread):
                break
            self._threads.append(thread)
        return bool(self._threads)

    def _forget(self) -> None:
        self._threads.clear()
        scan_kernel.forget_helpers()


spinning_threads = SpinningThreads()


def is_scannable(matrix: Floats) -> bool:
    """Whether the compiled functions can read the rows of a matrix (V, dims) in place."""
    return matrix.dtype in SCANNABLE_TYPES and matrix.strides[1] == matrix.itemsize


def threads_for(matrix: Floats) -> int:
    """How many threads may read a matrix, the calling one among them; the others are called."""
    return spinning_threads.call(1 + matrix.nbytes // SHARED_BYTES)


def suits_int8(topn: int, rows: int) -> bool:
    """Whether int8 rows help to find the best `topn` of `rows` rows."""
    return topn * ROWS_PER_BEST <= rows


def scan(
    space: SearchSpace, queries: Floats, topn: int, first: int, last: int, excluded: Exclusions
) -> Best:
    """The rows with the largest cosines with a few queries; threads share the rows.

    Parameters
    ----------
    space
        Where to search. Its matrix must be scannable; candidates and banned rows are ignored.
    queries
        Float (n, dims) of the matrix's dtype, contiguous, each of length 1 or zero.
    topn
        How many rows to find for each.
    first, last
        Rows first ... last - 1 are searched.
    excluded
        Rows that single queries must not find.

    Returns
    -------
    Best
        With min(topn, last - first) columns.
    """
    topn = min(topn, last - first)
    best = _empty(len(queries), topn, space.matrix)
    int8_rows = space.int8_rows if suits_int8(topn, last - first) else None
    is_encoded = int8_rows is not None and int8_rows.blocks * scan_kernel.BLOCK_ROWS >= last
    value_bytes = 1 if is_encoded else space.matrix.itemsize
    scanned_bytes = (last - first) * space.matrix.shape[1] * value_bytes
    threads = spinning_threads.call(1 + scanned_bytes // SHARED_BYTES)
    _scan(space, int8_rows, queries, first, last, excluded, best, threads)
    return best


def scan_batches(space: SearchSpace, queries: Floats, topn: int, excluded: Exclusions) -> Best:
    """The rows with the largest cosines with any number of queries; threads share the queries.

    Parameters
    ----------
    space
        Where to search; it must have int8 rows. Otherwise as for :func:`scan`.
    queries, topn, excluded
        As for :func:`scan`.

    Returns
    -------
    Best
        With min(topn, V) columns.
    """
    count, rows = len(queries), len(space.matrix)
    if count < 2 * FEWEST_TOGETHER:
        return scan(space, queries, topn, 0, rows, excluded)
    share = count // (4 * parallel.thread_count())
    together = min(MOST_TOGETHER, max(FEWEST_TOGETHER, share - share % 6))
    best = _empty(count, min(topn, rows), space.matrix)

    def work(_: None, start: int, stop: int) -> None:
        own = Best(best.rows[start:stop], best.scores[start:stop])
        out = excluded.between(start, stop)
        _scan(space, space.int8_rows, queries[start:stop], 0, rows, out, own, 1)

    parallel.share_over_threads(lambda: None, work, [*range(0, count, together), count])
    return best


def _empty(queries: int, topn: int, matrix: Floats) -> Best:
    return Best(
        np.empty((queries, topn), dtype=np.int64), np.empty((queries, topn), dtype=matrix.dtype)
    )


def _scan(
    space: SearchSpace,
    int8_rows: Int8Rows | None,
    queries: Floats,
    first: int,
    last: int,
    excluded: Exclusions,
    best: Best,
    threads: int,
) -> None:
    norms = np.ascontiguousarray(space.norms, dtype=space.matrix.dtype)
    arguments = (
        space.matrix, norms, queries, first, last, *excluded, best.scores, best.rows, threads
    )  # fmt: skip
    if int8_rows is None:
        scan_kernel.scan_rows(*arguments)
    else:
        scan_kernel.scan_int8_rows(*int8_rows, *arguments)
