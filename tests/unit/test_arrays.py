"""Offsets of parts that stand one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v.arrays import offsets_of


@pytest.mark.parametrize(
    ("lengths", "offsets"),
    [
        ([2, 0, 3], [0, 2, 2, 5]),
        ([], [0]),
        (np.zeros(0, dtype=np.int32), [0]),
        (np.array([2**31 - 1, 2], dtype=np.int32), [0, 2**31 - 1, 2**31 + 1]),
    ],
)
def test_offsets(lengths: object, offsets: list[int]) -> None:
    found = offsets_of(lengths)  # type: ignore[arg-type]
    assert found.dtype == np.int64
    assert found.tolist() == offsets
