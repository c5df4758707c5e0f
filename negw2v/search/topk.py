"""The best k rows of some queries: while they are being found, and as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Floats, Int64s
from negw2v.search.compiled import topk_kernel

__all__ = ["Best", "Exclusions", "Heaps", "largest", "merged"]

# Up to so many entries, one pass of a heap takes less time than a partition of all scores.
HEAP_ENTRIES = 64
HEAP_TYPES = (np.dtype(np.float32), np.dtype(np.float64))


class Best(NamedTuple):
    """The best rows of n queries, the best first.

    Attributes
    ----------
    rows
        int64 (n, k): row numbers; -1 where there were fewer than k rows to find.
    scores
        Float (n, k): their scores; NaN where the row is -1.
    """

    rows: Int64s
    scores: Floats


class Exclusions(NamedTuple):
    """Rows that single queries must not find.

    Attributes
    ----------
    starts
        int64 (n + 1,): ``rows[starts[i]:starts[i + 1]]`` are excluded for query i.
    rows
        int64: row numbers.
    """

    starts: Int64s
    rows: Int64s

    @classmethod
    def of(cls, rows: Int64s) -> Exclusions:
        """Exclude the rows in line i of a matrix (n, m) for query i."""
        starts = np.arange(len(rows) + 1, dtype=np.int64) * rows.shape[1]
        return cls(starts, np.ascontiguousarray(rows.reshape(-1), dtype=np.int64))

    def between(self, first: int, last: int) -> Exclusions:
        """The exclusions of the queries first ... last - 1."""
        return Exclusions(self.starts[first : last + 1], self.rows)


@dataclass(frozen=True)
class Heaps:
    """The best rows so far of n queries, in the form that the compiled functions fill.

    Attributes
    ----------
    scores, rows
        Float and int64 (n, k): the entries, the worst of a query's first.
    filled
        int64 (n,): how many entries there are.
    """

    scores: Floats
    rows: Int64s
    filled: Int64s

    @classmethod
    def empty(cls, queries: int, topn: int, dtype: npt.DTypeLike) -> Heaps:
        """Empty heaps of `queries` queries for the best `topn` rows."""
        return cls(
            np.empty((queries, topn), dtype=dtype),
            np.empty((queries, topn), dtype=np.int64),
            np.zeros(queries, dtype=np.int64),
        )

    def best(self) -> Best:
        """The entries in order. After this the heaps are no longer heaps."""
        topk_kernel.sort_heaps(self.scores, self.rows, self.filled)
        if (self.filled < self.rows.shape[1]).any():
            missing = np.arange(self.rows.shape[1]) >= self.filled[:, np.newaxis]
            self.rows[missing] = -1
            self.scores[missing] = np.nan
        return Best(self.rows, self.scores)


def merged(heaps: list[Heaps]) -> Best:
    """The best of what several threads have found for the same queries."""
    parts = [heap.best() for heap in heaps]
    if len(parts) == 1:
        return parts[0]
    topn = parts[0].rows.shape[1]
    rows = np.concatenate([part.rows for part in parts], axis=1)
    scores = np.concatenate([part.scores for part in parts], axis=1)
    # NaN, where nothing was found, comes last
    order = np.lexsort((rows, -scores), axis=1)[:, :topn]
    return Best(np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1))


def largest(
    scores: npt.NDArray[Any], topn: int, excluded: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Positions of the `topn` largest scores, best first.

    Parameters
    ----------
    scores
        Float (n,). NaN counts as lowest.
    topn
        How many positions are wanted, >= 1.
    excluded
        Positions to leave out, in any order.

    Returns
    -------
    numpy.ndarray
        int64, as many as there are up to `topn`. Equal scores come in order of position.
    """
    excluded = np.unique(excluded) if excluded is not None else np.empty(0, dtype=np.int64)
    if topn <= HEAP_ENTRIES and len(excluded) <= HEAP_ENTRIES and scores.dtype in HEAP_TYPES:
        heaps = Heaps.empty(1, min(topn, len(scores)), scores.dtype)
        starts = np.array([0, len(excluded)])
        contiguous = np.ascontiguousarray(scores)[np.newaxis]
        topk_kernel.offer_scores(
            contiguous, 0, heaps.scores, heaps.rows, heaps.filled, starts, excluded
        )
        if heaps.filled[0] == heaps.rows.shape[1]:  # else there are too few that are not NaN
            best: npt.NDArray[np.int64] = heaps.best().rows[0]
            return best
    wanted = topn + len(excluded)
    candidates = np.arange(len(scores))
    if wanted < len(scores):
        descending = -scores
        bound = np.partition(descending, wanted - 1)[wanted - 1]
        # everything as good as the last one that fits, so that ties are cut by position
        if not np.isnan(bound):
            candidates = np.flatnonzero(descending <= bound)
    order = candidates[np.argsort(-scores[candidates], kind="stable")]
    if len(excluded):
        order = order[~np.isin(order, excluded)]
    return np.asarray(order[:topn], dtype=np.int64)
