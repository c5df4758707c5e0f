"""The rows among which a search looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from negw2v.arrays import Floats, Int64s
from negw2v.search.cosine import divide_by_norms
from negw2v.search.int8_rows import Int8Rows

__all__ = ["SearchSpace"]


@dataclass(slots=True)
class SearchSpace:
    """A matrix, the norms of its rows, and which of them may be found.

    Parameters
    ----------
    matrix
        Float (V, dims), any strides.
    norms
        Float (V,): the norms of its rows.
    candidates
        int64, increasing: the only rows that may be found; None: all.
    banned
        int64: rows that no query may find.
    int8_rows
        The int8 copy of the matrix, if there is one.
    """

    matrix: Floats
    norms: Floats
    candidates: Int64s | None = None
    banned: Int64s | None = None
    int8_rows: Int8Rows | None = None

    def __len__(self) -> int:
        return len(self.matrix if self.candidates is None else self.candidates)

    def is_whole(self) -> bool:
        """Whether every row may be found."""
        return self.candidates is None and self.banned is None

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type in which cosines are computed."""
        return np.dtype(np.float64 if self.matrix.dtype == np.float64 else np.float32)

    def unit_rows(self, first: int, last: int) -> Floats:
        """A contiguous copy of the candidates first ... last - 1 at length 1.

        Banned rows become NaN, and so do their scores: NaN is never among the best.
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

    def positions(self, rows: Int64s) -> Int64s:
        """The positions of rows among the candidates; -1 for a row that is not a candidate."""
        if self.candidates is None:
            return rows
        positions = np.searchsorted(self.candidates, rows)
        found = np.append(self.candidates, -1)[positions] == rows
        return np.where(found, positions, -1)
