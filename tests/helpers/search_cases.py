"""What tests of searches share: random matrices with ties, and the ranking by sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from negw2v.search import int8_rows
from negw2v.search.cosine import row_norms


def expected(scores: np.ndarray, topn: int, excluded: set[int]) -> list[int]:
    """Rows by descending score, then by number; NaN is left out."""
    rows = [row for row in range(len(scores)) if row not in excluded and scores[row] == scores[row]]
    return sorted(rows, key=lambda row: (-scores[row], row))[:topn]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Vectors of signs: many of the same cosine, and zero vectors among them.

    Their lengths are powers of two, so that equal cosines are equal to the last bit.
    """
    rows = draw(st.sampled_from([1, 2, 63, 64, 65, 130, 700]))
    signs, dims = draw(st.sampled_from([(1, 1), (4, 4), (16, 16), (16, 19), (64, 70)]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))

    def vectors(count: int) -> np.ndarray:
        drawn = np.zeros((count, dims), dtype=dtype)
        drawn[:, :signs] = random.choice([-1, 1], (count, signs))
        return random.permuted(drawn, axis=1)

    matrix = vectors(rows)
    matrix[random.random(rows) < 0.1] = 0
    return {
        "matrix": matrix,
        "queries": vectors(draw(st.integers(1, 12))) / signs**0.5,
        "topn": draw(st.sampled_from([1, 2, 7, 64, 1000])),
        "excluded": random.integers(0, rows, (12, draw(st.integers(0, 3)))),
        "candidates": np.flatnonzero(random.random(rows) < 0.5) if draw(st.booleans()) else None,
        "banned": np.unique(random.integers(0, rows, 3)) if draw(st.booleans()) else None,
        "int8_rows": int8_rows.encode(matrix, row_norms(matrix)) if draw(st.booleans()) else None,
    }
