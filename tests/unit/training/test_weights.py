"""Growth, lock factors, seeds."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v.errors import ParameterError
from negw2v.training import weights


def test_growth_keeps_the_rows_and_adds_zeros() -> None:
    old = np.arange(6, dtype=np.float32).reshape(2, 3)
    new = weights.grown(old, 4)
    np.testing.assert_array_equal(new, [[0, 1, 2], [3, 4, 5], [0, 0, 0], [0, 0, 0]])
    assert new.flags.carray


def test_lock_factors() -> None:
    assert weights.lock_factors(np.ones(1), 5).tolist() == [1.0]
    assert weights.lock_factors(np.array([0, 1, 2]), 3).dtype == np.float32
    with pytest.raises(ParameterError, match=r"one per word \(5\).*\(3,\)"):
        weights.lock_factors(np.ones(3), 5)
    with pytest.raises(ParameterError, match="NaN"):
        weights.lock_factors(np.array([np.nan]), 5)


def test_stream_seeds() -> None:
    assert weights.stream_seed(7) == 7
    assert weights.stream_seed([1, 2]) == weights.stream_seed([1, 2])
    assert weights.stream_seed([1, 2]) != weights.stream_seed([2, 1])
    assert weights.stream_seed(1 << 70) < 1 << 64
    assert weights.stream_seed(None) != weights.stream_seed(None)


def test_a_seeded_vector_depends_on_the_string_alone() -> None:
    first = weights.seeded_vector(50, "word1", len)
    assert first.shape == (50,)
    assert first.dtype == np.float32
    assert np.abs(first).max() <= 0.5 / 50
    np.testing.assert_array_equal(first, weights.seeded_vector(50, "drow2", len))
    assert (first != weights.seeded_vector(50, "longer", len)).any()
