"""Every compiled level's operations of layers do what their NumPy specification does."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from negw2v import kernels
from negw2v.errors import ParameterError
from negw2v.kernels import layer_reference as reference

DIMENSIONS = (1, 3, 16, 97, 100, 256, 300)  # around the widths of vectors
ROWS = 37
Array = npt.NDArray[Any]


@pytest.fixture(params=kernels.levels())
def operations(request: pytest.FixtureRequest) -> ModuleType:
    return kernels.layer_level(request.param)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def matrix(random: np.random.Generator, rows: int, dimensions: int, *, padding: int = 0) -> Array:
    """Float32; with padding, a view of longer rows, whose ends must not be touched."""
    whole = random.standard_normal((rows, dimensions + padding)).astype(np.float32)
    return whole[:, :dimensions]


def outside(view: Array) -> Array:
    """What lies between the rows of a padded matrix."""
    assert view.base is not None
    return np.asarray(view.base)[:, view.shape[1] :]


def ragged(random: np.random.Generator, n: int, rows: int) -> tuple[Array, Array]:
    """Starts and indices of n inputs with 0 to 9 pairs each."""
    starts = np.concatenate([[0], np.cumsum(random.integers(0, 10, n))]).astype(np.int32)
    return starts, random.integers(0, rows, starts[-1]).astype(np.int32)


# rows and pairs


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_narrow(operations: ModuleType, dtype: npt.DTypeLike) -> None:
    for values in ([0, 5, 36], [], [3, 37], [3, -1, 99], [0, 1, 2**31 - 1]):
        results = []
        for module in (operations, reference):
            out = np.full(len(values), -7, np.int32)
            results.append((module.narrow(np.array(values, dtype), ROWS, out), out))
        assert results[0][0] == results[1][0]
        if results[0][0] < 0:
            np.testing.assert_array_equal(results[0][1], results[1][1])
    # what would be a row number if only the low 32 bits counted
    assert operations.narrow(np.array([2**32 + 1]), ROWS, np.empty(1, np.int32)) == 0


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("context", [1, 4, 10])
def test_gather_sums(
    operations: ModuleType, random: np.random.Generator, dimensions: int, context: int
) -> None:
    weights = matrix(random, ROWS, dimensions, padding=5)
    indices = random.integers(0, ROWS, (13, context)).astype(np.int32)
    out, expected = (matrix(random, 13, dimensions, padding=3) for _ in range(2))
    expected[:] = out
    between = outside(out).copy()
    operations.gather_sums(weights, indices, 0.5, out, 2, 11)
    reference.gather_sums(weights.astype(np.float64), indices, 0.5, expected, 2, 11)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(outside(out), between)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_scores_and_gradients_of_pairs(
    operations: ModuleType, random: np.random.Generator, dimensions: int
) -> None:
    n = 19
    inputs = matrix(random, n, dimensions, padding=2)
    outputs = matrix(random, ROWS, dimensions, padding=7)
    starts, indices = ragged(random, n, ROWS)
    sources = np.repeat(np.arange(n), np.diff(starts)).astype(np.int32)
    scores, expected = np.zeros((2, len(indices)), np.float32)
    operations.pair_scores(inputs, outputs, starts, indices, scores, 0, n)
    reference.pair_scores(inputs, outputs, starts, indices, expected, 0, n)
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)

    steps = random.standard_normal(len(indices)).astype(np.float32)
    ours, theirs = np.full((2, n, dimensions), 7.0, np.float32)
    operations.input_gradients(steps, 0.25, outputs, starts, indices, ours, 0, n)
    reference.input_gradients(steps, 0.25, outputs, starts, indices, theirs, 0, n)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)

    rows, positions, order = grouped(operations, indices)
    for factors in (steps, None):
        ours, theirs = np.full((2, len(rows), dimensions), 7.0, np.float32)
        arguments = (inputs, sources, factors, 3.0, positions, order)
        operations.row_gradients(*arguments, ours, 0, len(rows))
        reference.row_gradients(*arguments, theirs, 0, len(rows))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
        dense = np.zeros((ROWS, dimensions))
        weights = np.ones(len(indices)) if factors is None else factors
        np.add.at(dense, indices, 3.0 * weights[:, None] * inputs[sources])
        np.testing.assert_allclose(ours, dense[rows], rtol=1e-4, atol=1e-5)


def grouped(module: Any, indices: Array) -> tuple[Array, Array, Array]:
    slots = np.full(ROWS, -1, np.int32)
    rows, order = np.empty((2, len(indices)), np.int32)
    starts = np.empty(len(indices) + 1, np.int32)
    found = module.group_rows(indices, slots, rows, starts, order)
    assert (slots == -1).all()
    return rows[:found], starts[: found + 1], order


@pytest.mark.parametrize("n", [0, 1, 2, 50, 500])
def test_groups(operations: ModuleType, random: np.random.Generator, n: int) -> None:
    indices = random.integers(0, ROWS, n).astype(np.int32)
    for ours, theirs in zip(grouped(operations, indices), grouped(reference, indices), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n", [0, 1, 3, 16, 97, 1000])
def test_logistic(operations: ModuleType, random: np.random.Generator, n: int) -> None:
    scores = (random.standard_normal(n) * 10.0 ** random.uniform(-3, 2, n)).astype(np.float32)
    signs = random.choice([-1, 1], n).astype(np.float32)
    ours, theirs = np.zeros(n, np.float32), np.zeros(n)
    loss = operations.logistic_gradients(scores, signs, ours)
    expected = reference.logistic_gradients(scores.astype(np.float64), signs, theirs)
    assert loss == pytest.approx(expected, rel=1e-5, abs=1e-12)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_logistic_keeps_nan(operations: ModuleType) -> None:
    ours = np.zeros(20, np.float32)
    scores = np.zeros(20, np.float32)
    scores[17] = np.nan
    assert np.isnan(operations.logistic_gradients(scores, np.ones(20, np.float32), ours))
    assert np.isnan(ours).tolist() == [i == 17 for i in range(20)]


def test_the_logistic_specification_against_numbers() -> None:
    scores, signs = np.array([-3.0, 0.0, 0.5, 40.0, -800.0]), np.array([1.0, -1, -1, -1, 1])
    gradients = np.empty(5)
    total = reference.logistic_gradients(scores, signs, gradients)
    losses = [3.04858735157, 0.69314718056, 0.97407698418, 40.0, 800.0]
    assert total == pytest.approx(sum(losses), rel=1e-11)
    h = 1e-6
    for i in range(4):
        moved = [scores[i : i + 1] + d for d in (h, -h)]
        up, down = (reference.logistic_gradients(s, signs[i : i + 1], np.empty(1)) for s in moved)
        assert gradients[i] == pytest.approx((up - down) / (2 * h), rel=1e-6, abs=1e-8)


# negative samples


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("skew", [0.0, 1.0, 12.0])
@pytest.mark.parametrize("k", [1, 5, 8])
def test_negatives(
    operations: ModuleType, random: np.random.Generator, replace: bool, skew: float, k: int
) -> None:
    """The same draws, also where the distribution is so skewed that most are thrown away."""
    weights = 1.0 / np.arange(1, 10) ** skew
    weights[4] = weights[8] * 1e-9
    p = weights / weights.sum()
    alias = kernels.alias_table(p)
    targets = random.integers(0, 9, 40).astype(np.int32)
    ours, theirs = np.full((2, 40, k), -1, np.int32)
    for module, out in ((operations, ours), (reference, theirs)):
        module.draw_negatives(alias, p, targets, 2**63 + 12345, replace, out, 3, 40)
    np.testing.assert_array_equal(ours, theirs)
    assert (ours[3:] >= 0).all()
    assert (ours[:3] == -1).all()
    assert not (ours[3:] == targets[3:, None]).any()
    different = [len(set(row)) for row in ours[3:].tolist()]
    assert replace or set(different) == {k}


# optimizers' steps


def state(random: np.random.Generator, dimensions: int) -> list[Array]:
    arrays = [matrix(random, ROWS, dimensions, padding=4) for _ in range(3)]
    arrays[2][:] = arrays[2] ** 2
    return arrays


def copies(arrays: list[Array]) -> list[Array]:
    return [array.astype(np.float64) for array in arrays]


def assert_same(ours: list[Array], theirs: list[Array], before: list[Array]) -> None:
    for mine, expected, old in zip(ours, theirs, before, strict=True):
        assert not np.array_equal(mine, old), "nothing moved"
        np.testing.assert_allclose(mine, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_steps(operations: ModuleType, random: np.random.Generator, dimensions: int) -> None:
    rows = random.permutation(ROWS)[:20].astype(np.int32)
    gradients = matrix(random, 20, dimensions, padding=1)
    for name, memories, arguments in (
        ("SGDRows", [], (0.1,)),
        ("AdaGradRows", [2], (1e-7, 0.1)),
        ("MomentumRows", [1], (9, 0.8, 0.1)),
        ("RMSpropRows", [2], (9, 0.95, 1e-7, 0.1)),
        ("AdamRows", [1, 2], (9, 0.1, 0.001, 1e-7, 0.1)),
    ):
        arrays = state(random, dimensions)
        ours = [arrays[i] for i in (0, *memories)]
        before, between = copies(ours), [outside(array).copy() for array in ours]
        theirs = copies(ours)
        stamped = name not in ("SGDRows", "AdaGradRows")
        stamps = [np.full(ROWS, -1, np.int32) for _ in range(2)]
        for module, chosen, stamp in (
            (operations, ours, stamps[0]),
            (reference, theirs, stamps[1]),
        ):
            kernel = getattr(module, name)(*chosen, *([stamp] if stamped else []))
            kernel.step(rows, gradients, *arguments, 1, 18)
        assert_same(ours, theirs, before)
        for array, old in zip(ours, between, strict=True):
            np.testing.assert_array_equal(outside(array), old)
        np.testing.assert_array_equal(stamps[0], stamps[1])
        assert (stamps[0] == 9).sum() == (17 if stamped else 0)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("terms", [1, 4, 8])
def test_catching_up(
    operations: ModuleType, random: np.random.Generator, dimensions: int, terms: int
) -> None:
    step = 40
    rows = random.integers(0, ROWS, 30).astype(np.int32)  # some of them more than once
    moves, keeps = random.uniform(0, 1, (2, step + 1)).astype(np.float32)
    sums = random.uniform(0, 1, (step + 1, terms)).astype(np.float32)
    for name, memories, arguments in (
        ("MomentumRows", [1], (step, moves, keeps)),
        ("RMSpropRows", [2], (step, keeps)),
        ("AdamRows", [1, 2], (step, sums, np.stack([keeps, moves]), 1e-3)),
    ):
        arrays = state(random, dimensions)
        ours = [arrays[i] for i in (0, *memories)]
        before, theirs = copies(ours), copies(ours)
        first = random.integers(-1, step + 1, ROWS).astype(np.int32)
        stamps = [first.copy(), first.copy()]
        getattr(operations, name)(*ours, stamps[0]).catch_up(rows, *arguments, 0, 30)
        getattr(reference, name)(*theirs, stamps[1]).catch_up(rows, *arguments, 0, 30)
        moved = slice(1, None) if name == "RMSpropRows" else slice(None)
        assert_same(ours[moved], theirs[moved], before[moved])
        np.testing.assert_array_equal(stamps[0], stamps[1])
        still = np.setdiff1d(np.arange(ROWS), rows[first[rows] >= 0])
        for mine, old in zip(ours, before, strict=True):
            np.testing.assert_array_equal(mine[still], old[still])


def test_adams_sums(operations: ModuleType, random: np.random.Generator) -> None:
    terms, steps = 4, 50
    transition, entry = np.tril(random.uniform(0, 0.5, (terms, terms))), random.uniform(0, 1, terms)
    rates = random.uniform(0, 1, steps + 1)
    ours, theirs = np.zeros((2, steps + 1, terms), np.float32)
    for step in range(1, steps + 1):
        operations.adam_sums(rates, step, 10, transition, entry, ours)
        reference.adam_sums(rates, step, 10, transition, entry, theirs)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert (ours[:steps] > 0).all()


# what would read or write outside an array


def test_what_does_not_fit_is_refused(operations: ModuleType) -> None:
    weights, out = np.zeros((4, 3), np.float32), np.zeros((5, 3), np.float32)
    indices, starts = np.array([0, 4], np.int32), np.array([0, 1, 2], np.int32)
    scores = np.zeros(2, np.float32)
    slots = np.full(4, -1, np.int32)
    ints = [np.empty(9, np.int32) for _ in range(3)]
    one = np.zeros(1, np.int32)
    stamps = np.full(4, -1, np.int32)
    adam = operations.AdamRows(weights, weights.copy(), weights.copy(), stamps)
    tables = np.ones((9, 2), np.float32), np.ones((2, 9), np.float32)
    refused = [
        lambda: operations.gather_sums(weights, indices.reshape(2, 1), 1.0, out, 0, 2),
        lambda: operations.gather_sums(weights, starts[:2].reshape(2, 1), 1.0, out, 0, 3),
        lambda: operations.gather_sums(weights, one.reshape(1, 1), 1.0, out[:, :2], 0, 1),
        lambda: operations.pair_scores(out, weights, starts, indices, scores, 0, 2),
        lambda: operations.pair_scores(out, weights, starts[::-1].copy(), one, scores, 0, 2),
        lambda: operations.pair_scores(out, weights, starts, one, scores, 0, 2),
        lambda: operations.input_gradients(scores, 1.0, weights, starts, indices, out, 0, 2),
        lambda: operations.group_rows(indices, slots, *ints),
        lambda: operations.group_rows(one, slots, ints[0], ints[1][:1], ints[2]),
        lambda: operations.row_gradients(
            out, indices + 3, None, 1.0, starts, starts[:2], out, 0, 2
        ),
        lambda: operations.row_gradients(out, one, None, 1.0, starts, indices, out, 0, 2),
        lambda: operations.logistic_gradients(scores, scores[:1], scores),
        lambda: operations.AdamRows(weights, weights[:3], weights, stamps),
        lambda: operations.AdamRows(weights, weights, weights[:, :2], stamps),
        lambda: operations.AdamRows(weights, weights, weights, stamps[:2]),
        lambda: operations.SGDRows(weights.T.copy().T),
        lambda: adam.step(indices, out, 1, 0.1, 0.1, 1e-7, 0.1, 0, 2),
        lambda: adam.step(one, out, 1, 0.1, 0.1, 1e-7, 0.1, 0, 2),
        lambda: adam.step(one, out[:, :2], 1, 0.1, 0.1, 1e-7, 0.1, 0, 1),
        lambda: adam.catch_up(indices, 1, *tables, 1e-7, 0, 2),
        lambda: adam.catch_up(one, 9, *tables, 1e-7, 0, 1),
        lambda: operations.adam_sums(
            np.ones(3), 3, 2, np.ones((2, 2)), np.ones(2), np.ones((9, 2), np.float32)
        ),
    ]
    for call in refused:
        with pytest.raises(ParameterError):
            call()
