"""Padded rows behind views, growth, lock factors, seeds."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from negw2v.errors import NotTrainableError, ParameterError
from negw2v.kernels import aligned_matrix
from negw2v.training import weights


@pytest.mark.parametrize("dimensions", [1, 15, 16, 17, 100])
def test_a_view_of_padded_rows_is_used_in_place(dimensions: int) -> None:
    view = weights.zeros(7, dimensions)
    view[:] = np.random.default_rng(1).random(view.shape)
    padded, same = weights.kernel_matrix(view)
    assert same is view
    assert padded.shape == (7, -(-dimensions // 16) * 16)
    assert padded.flags.c_contiguous
    padded[3, 0] = 5
    assert view[3, 0] == 5
    assert not padded[:, dimensions:].any()


@pytest.mark.parametrize(
    "foreign",
    [
        np.ones((5, 20), dtype=np.float32),
        np.ones((5, 20), dtype=np.float64),
        np.ones((5, 20), dtype=np.int32),
        np.ones((20, 5), dtype=np.float32).T,
        np.ones((5, 40), dtype=np.float32)[:, ::2],
        np.ones((5, 32), dtype=np.float32)[:, :20],
        copy.deepcopy(weights.zeros(5, 20) + np.float32(1)),
        pickle.loads(pickle.dumps(weights.zeros(5, 20) + np.float32(1))),
    ],
)
def test_any_other_array_is_copied_into_padded_rows(foreign: np.ndarray) -> None:
    padded, view = weights.kernel_matrix(foreign)
    assert view is not foreign
    assert view.dtype == np.float32
    np.testing.assert_array_equal(view, np.ones((5, 20)))
    assert not padded[:, 20:].any()
    padded[0, 0] = 9
    assert foreign[0, 0] == 1
    assert weights.kernel_matrix(view)[1] is view


def test_columns_in_use_are_never_taken_for_padding() -> None:
    rows = aligned_matrix(4, 32)
    rows[:] = 1
    padded, view = weights.kernel_matrix(rows[:, :20])
    assert not np.shares_memory(padded, rows)
    assert view.sum() == 80


def test_the_last_rows_of_a_buffer_are_not_read_beyond_its_end() -> None:
    # the last row of this buffer is cut off after 20 of 32 columns
    buffer = aligned_matrix(4, 32).reshape(-1)[: 3 * 32 + 20]
    owner = buffer.copy()
    start = -owner.ctypes.data % 64 // 4
    if start:
        owner = np.concatenate([np.zeros(start, np.float32), owner])[start:]
    view = np.lib.stride_tricks.as_strided(owner, (4, 20), (128, 4))
    padded, _ = weights.kernel_matrix(view)
    assert not np.shares_memory(padded, owner)


def test_a_read_only_array_is_copied() -> None:
    view = weights.zeros(3, 4)
    view.flags.writeable = False
    padded, _ = weights.kernel_matrix(view)
    padded[0, 0] = 1
    assert view[0, 0] == 0


@pytest.mark.parametrize("wrong", [np.ones(3), np.ones((2, 2), complex), np.array([["a"]])])
def test_what_is_no_matrix_of_numbers_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(NotTrainableError, match="matrix of real numbers"):
        weights.kernel_matrix(wrong)


def test_growth_keeps_the_rows_and_adds_zeros() -> None:
    old = np.arange(6, dtype=np.float32).reshape(2, 3)
    new = weights.grown(old, 4)
    np.testing.assert_array_equal(new, [[0, 1, 2], [3, 4, 5], [0, 0, 0], [0, 0, 0]])
    assert weights.kernel_matrix(new)[1] is new


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
