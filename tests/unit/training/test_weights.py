"""Growth, lock factors, seeds, and what kernels train in place of a model's arrays."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v.errors import ParameterError
from negw2v.kernels import aligned_matrix, plain_matrix
from negw2v.training import weights
from negw2v.training.weights import Workspace, trainable


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


def test_of_a_plain_matrix_results_can_be_written_into_it() -> None:
    for dimensions in (1, 16, 100):
        matrix = plain_matrix(7, dimensions)
        assert matrix.shape == (7, dimensions)
        assert not matrix.any()
        assert trainable(matrix) is matrix


@pytest.mark.parametrize("dimensions", [16, 20])
@pytest.mark.parametrize(
    "foreign",
    [
        lambda ones: ones.astype(np.float64),
        lambda ones: ones.astype(np.int32),
        lambda ones: ones.astype(">f4"),
        np.asfortranarray,
        lambda ones: np.repeat(ones, 2, axis=1)[:, ::2],
        lambda ones: np.pad(ones, ((0, 0), (0, 12)))[:, : ones.shape[1]],
        lambda ones: np.frombuffer(ones.tobytes(), np.float32).reshape(ones.shape),
        lambda ones: np.ones(2 + ones.nbytes, np.uint8)[2:].view("f4").reshape(ones.shape) * 0 + 1,
    ],
)
def test_others_are_copied(foreign, dimensions: int) -> None:
    matrix = foreign(np.ones((5, dimensions), np.float32))
    copy = trainable(matrix)
    if copy is not matrix:
        assert not np.shares_memory(copy, matrix)
    assert copy.dtype == np.float32
    assert copy.flags.carray
    np.testing.assert_array_equal(copy, np.ones((5, dimensions)))


@pytest.mark.parametrize("dimensions", [1, 15, 17, 100])
def test_narrow_rows_are_padded_and_written_back(dimensions: int) -> None:
    values = np.random.default_rng(1).random((7, dimensions), dtype=np.float32)
    matrix = values.copy()
    workspace = Workspace()
    rows = workspace.take({"vectors": matrix})["vectors"]
    assert rows.shape == (7, -(-dimensions // 16) * 16)
    assert rows.ctypes.data % 64 == 0
    np.testing.assert_array_equal(rows[:, :dimensions], values)
    assert not rows[:, dimensions:].any()
    rows[:, :dimensions] += 1
    np.testing.assert_array_equal(matrix, values)
    workspace.publish()
    np.testing.assert_array_equal(matrix, values + 1)


def test_aligned_rows_of_whole_lines_are_trained_in_place() -> None:
    matrix = plain_matrix(7, 32)
    assert Workspace().take({"vectors": matrix})["vectors"] is matrix


@pytest.mark.parametrize("dimensions", [512, 1024, 1500, 1536])
def test_rows_of_multiples_of_2048_bytes_get_one_more_line(dimensions: int) -> None:
    values = np.random.default_rng(1).random((3, dimensions), dtype=np.float32)
    matrix = plain_matrix(3, dimensions)
    matrix[:] = values
    workspace = Workspace()
    rows = workspace.take({"vectors": matrix})["vectors"]
    length = -(-dimensions // 16) * 16
    assert rows.shape == (3, length + 16 if length % 512 == 0 else length)
    assert len({row.ctypes.data % 4096 for row in rows}) == 3
    rows[:, :dimensions] += 1
    workspace.publish()
    np.testing.assert_array_equal(matrix, values + 1)


@pytest.mark.parametrize("dimensions", [16, 256, 512])
def test_a_plain_matrix_of_whole_lines_begins_on_one(dimensions: int) -> None:
    matrix = plain_matrix(3, dimensions)
    assert matrix.shape == (3, dimensions)
    assert matrix.flags.c_contiguous
    assert matrix.ctypes.data % 64 == 0


def test_rows_that_begin_within_a_line_are_copied() -> None:
    matrix = aligned_matrix(8, 32).reshape(-1)[4 : 4 + 7 * 32].reshape(7, 32)
    workspace = Workspace()
    rows = workspace.take({"vectors": matrix})["vectors"]
    assert rows.ctypes.data % 64 == 0
    rows[:] = 3
    workspace.publish()
    assert (matrix == 3).all()


def test_the_rows_are_taken_again_for_the_same_shape() -> None:
    workspace = Workspace()
    first = workspace.take({"vectors": np.ones((4, 5), np.float32)})["vectors"]
    matrix = np.full((4, 5), 2, np.float32)
    again = workspace.take({"vectors": matrix})["vectors"]
    assert again is first
    assert (again[:, :5] == 2).all()
    more = workspace.take({"vectors": np.ones((6, 5), np.float32)})["vectors"]
    assert more.shape == (6, 16)
    more[:] = 9
    workspace.publish()
    assert (matrix == 2).all()  # no longer what is trained


def test_one_matrix_under_two_names_is_trained_as_one() -> None:
    matrix = np.ones((4, 5), np.float32)
    workspace = Workspace()
    rows = workspace.take({"vectors": matrix, "syn1neg": matrix[:]})
    assert rows["vectors"] is rows["syn1neg"]
    rows["syn1neg"][1, 2] = 7
    workspace.publish()
    assert matrix[1, 2] == 7


def test_rows_that_are_used_again_hold_nothing_of_before() -> None:
    workspace = Workspace()
    rows = workspace.take({"vectors": np.ones((9, 20), np.float32)})["vectors"]
    rows[:] = np.nan
    workspace.release()
    values = np.random.default_rng(2).random((9, 20), dtype=np.float32)
    again, other = Workspace(), Workspace()
    second = again.take({"vectors": values})["vectors"]
    np.testing.assert_array_equal(second[:, :20], values)
    assert not second[:, 20:].any()
    third = other.take({"vectors": values})["vectors"]
    assert not np.shares_memory(second, third)
    other.release()
    different = Workspace().take({"vectors": values[:4]})["vectors"]
    np.testing.assert_array_equal(different[:, :20], values[:4])
