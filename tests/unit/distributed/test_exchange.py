"""Messages of distributed training: nothing is lost on the way, or as little as promised."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import kernels
from negw2v.distributed.exchange import (
    BFloat16Wire,
    Float32Wire,
    changes_in,
    cut,
    divided,
    from_bfloat16,
    merged_rows,
    piece_of_rows,
    slices_of,
    to_bfloat16,
)
from negw2v.kernels import Changes

Array = npt.NDArray[Any]
NAMES = ("input_vectors", "output_vectors")


def shards_of(seed: int, count: int, rows: int, dimensions: int) -> dict[str, list[Changes]]:
    rng = np.random.default_rng(seed)
    result: dict[str, list[Changes]] = {}
    for name in NAMES:
        result[name] = []
        for _ in range(count):
            touched = np.flatnonzero(rng.random(rows) < 0.4).astype(np.int32)
            values = rng.normal(size=(len(touched), dimensions)).astype(np.float32)
            result[name].append(Changes(touched, values))
    return result


@pytest.mark.parametrize("dimensions", [16, 20])
@pytest.mark.parametrize("owners", [1, 2, 3, 7])
def test_pieces_hold_what_was_cut(owners: int, dimensions: int) -> None:
    rows = 50
    changes = shards_of(1, 3, rows, dimensions)
    edges = {name: np.linspace(0, rows, owners + 1).astype(np.int64) for name in NAMES}
    pieces = cut(changes, NAMES, edges)
    assert len(pieces) == owners
    found = [changes_in(piece, NAMES, dimensions, Float32Wire()) for piece in pieces]
    for name in NAMES:
        for shard in range(3):
            parts = [each[name][shard] for each in found]
            np.testing.assert_array_equal(
                np.concatenate([part.rows for part in parts]), changes[name][shard].rows
            )
            values = np.concatenate([part.values for part in parts])
            assert values.shape[1] == kernels.padded_length(dimensions)
            np.testing.assert_array_equal(values[:, :dimensions], changes[name][shard].values)
            assert not values[:, dimensions:].any()
    for owner, each in enumerate(found):
        for name in NAMES:
            for part in each[name]:
                inside = (part.rows >= edges[name][owner]) & (part.rows < edges[name][owner + 1])
                assert inside.all()


def test_a_node_without_shards_sends_empty_pieces() -> None:
    edges = {name: np.array([0, 20, 50]) for name in NAMES}
    for piece in cut({}, NAMES, edges):
        assert changes_in(piece, NAMES, 20, Float32Wire()) == {name: [] for name in NAMES}
        assert piece.nbytes == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.sampled_from([16, 20, 100]))
def test_merged_rows_are_those_of_the_rule(seed: int, count: int, dimensions: int) -> None:
    matrix = kernels.aligned_matrix(40, dimensions)
    matrix[:, :dimensions] = np.random.default_rng(seed).normal(size=(40, dimensions))
    shards = []
    for rows, values in shards_of(seed, count, 40, dimensions)["input_vectors"]:
        padded = kernels.aligned_matrix(len(rows), dimensions)
        padded[:, :dimensions] = values
        shards.append(Changes(rows, padded))
    expected = kernels.aligned_matrix(40, dimensions)
    expected[:] = matrix
    kernels.merge_changes(expected, shards)
    before = matrix.copy()
    rows, values = merged_rows(matrix, dimensions, shards, kernels.merge_changes)
    np.testing.assert_array_equal(matrix, before)
    matrix[rows] = values
    np.testing.assert_array_equal(matrix, expected)


def test_read_only_changes_are_merged() -> None:
    """As they come out of an object store."""
    matrix, values = kernels.aligned_matrix(3, 16), kernels.aligned_matrix(2, 16)
    values[:] = 1
    values.flags.writeable = False
    kernels.merge_changes(matrix, [Changes(np.array([0, 2], np.int32), values)])
    assert matrix.sum(axis=1).tolist() == [16, 0, 16]


def test_rows_of_several_matrices_are_one_piece() -> None:
    rows = {"a": np.array([3, 5], np.int32), "b": np.array([1], np.int32)}
    values = {"a": np.ones((2, 4), np.float32), "b": np.zeros((1, 4), np.float32)}
    piece = piece_of_rows(rows, values)
    assert slices_of(piece, ("a", "b")) == {"a": [slice(0, 2)], "b": [slice(2, 3)]}
    assert piece.rows.tolist() == [3, 5, 1]


def test_bfloat16_is_the_nearest_one_and_ties_go_to_the_even_one() -> None:
    values = np.array([1.0, 1 + 2**-8, 1 + 3 * 2**-8, -0.0, 1e-40, np.inf, -np.inf], np.float32)
    found = from_bfloat16(to_bfloat16(values))
    np.testing.assert_array_equal(found[:2], [1.0, 1.0])
    assert found[2] == np.float32(1 + 2**-6)
    assert np.signbit(found[3])
    assert found[3] == 0
    assert abs(found[4] - 1e-40) < 1e-41
    np.testing.assert_array_equal(found[5:], values[5:])
    assert np.isnan(from_bfloat16(to_bfloat16(np.array([np.nan], np.float32))))[0]


@settings(max_examples=50, deadline=None)
@given(st.floats(width=32, allow_nan=False, min_value=-(2.0**100), max_value=2.0**100))
def test_bfloat16_loses_at_most_a_256th(value: float) -> None:
    found = from_bfloat16(to_bfloat16(np.array([value], np.float32)))[0]
    assert abs(found - value) <= abs(value) / 256 + 1e-40


def test_what_rounding_takes_off_is_sent_later() -> None:
    """Sums of many changes are right, though each is rounded to 8 bits."""
    wire = BFloat16Wire({"m": (5, 3)})
    rows = np.array([1, 4], np.int32)
    values = np.full((2, 3), 1.003, np.float32)
    sent = sum(from_bfloat16(wire.changes("m", rows, values)).astype(np.float64) for _ in range(99))
    assert np.abs(sent - 99 * 1.003).max() < 0.01
    rounded_alone = 99 * from_bfloat16(to_bfloat16(values)).astype(np.float64)
    assert np.abs(rounded_alone - 99 * 1.003).max() > 0.1


def test_all_nodes_apply_the_same_rounded_rows() -> None:
    wire = BFloat16Wire({"m": (4, 2)})
    before = np.full((1, 2), 0.5, np.float32)
    message = wire.merged("m", np.array([2], np.int32), before, before + np.float32(0.1003))
    after = wire.apply(before, message)
    assert message.dtype == np.uint16
    assert np.abs(after - 0.6003).max() < 0.1003 / 256


@pytest.mark.parametrize("owners", [1, 2, 5])
def test_rows_are_divided_by_how_often_they_change(owners: int) -> None:
    weights = 1 / (np.arange(1000) + 1)
    edges = divided(weights, owners)
    assert edges[0] == 0
    assert edges[-1] == 1000
    assert (np.diff(edges) >= 0).all()
    shares = [weights[a:b].sum() / weights.sum() for a, b in pairwise(edges)]
    assert max(shares) < 1 / owners + 0.14  # the first row alone is 0.13
    assert divided(np.zeros(0), owners).tolist() == [0] * (owners + 1)
