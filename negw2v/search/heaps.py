"""The best rows for some queries: while they are being found, and as a result."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.search import compiled

__all__ = ["Best", "Exclusions", "Floats", "Heaps", "Rows", "merged"]

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]


@functools.cache
def _up_to(count: int) -> Rows:
    bounds = np.array([0, count], dtype=np.int64)
    bounds.setflags(write=False)
    return bounds


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

    @classmethod
    def of_one(cls, rows: Rows) -> Exclusions:
        """Those of a single query: int64, contiguous."""
        return cls(_up_to(len(rows)), rows)

    def between(self, first: int, last: int) -> Exclusions:
        """Those of the queries first ... last - 1 alone."""
        return Exclusions(self.starts[first : last + 1], self.rows)


@dataclass(frozen=True)
class Heaps:
    """The best so far of n queries, in the form that the compiled functions fill.

    Attributes
    ----------
    scores, rows
        Float and int64 (n, k): the entries, the worst of a query's first.
    filled
        int64 (n,): how many there are.
    """

    scores: Floats
    rows: Rows
    filled: Rows

    @classmethod
    def empty(cls, queries: int, topn: int, dtype: npt.DTypeLike) -> Heaps:
        """Heaps of so many queries for the best `topn` rows, with nothing in them."""
        return cls(
            np.empty((queries, topn), dtype=dtype),
            np.empty((queries, topn), dtype=np.int64),
            np.zeros(queries, dtype=np.int64),
        )

    def best(self) -> Best:
        """The entries in order. After this the heaps are no longer heaps."""
        compiled.topk.sort_heaps(self.scores, self.rows, self.filled)
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
