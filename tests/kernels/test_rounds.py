"""Rounds of shards: the compiled levels do what NumPy does, whoever trains which shard."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import kernels
from negw2v.errors import ParameterError
from negw2v.kernels import merge, rounds_reference
from negw2v.kernels import problem as records
from negw2v.kernels.merge import Changes

Array = npt.NDArray[Any]
WORDS = 90  # more than the bits of a word of 64
SPANS = 7  # two rounds of three shards, and one of a single shard
DIMENSIONS = 20
MATRICES = ("input_vectors", "output_vectors", "node_vectors")

OBJECTIVES = {
    "sg": kernels.Objective(skip_gram=True, window=5),
    "sg-per-pair": kernels.Objective(skip_gram=True, window=3, share_negatives=False),
    "sg-wide": kernels.Objective(skip_gram=True, window=30, negative=3),
    "cbow": kernels.Objective(skip_gram=False, window=5),
    "cbow-sum": kernels.Objective(skip_gram=False, window=5, cbow_mean=False),
}


@pytest.fixture(params=kernels.levels())
def level(request: pytest.FixtureRequest) -> Any:
    return kernels.level(str(request.param))


def huffman_paths() -> kernels.HuffmanPaths:
    lengths = np.arange(WORDS) % 9 + 1
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    nodes = [np.arange(n) * (WORDS // 11) + word % 5 for word, n in enumerate(lengths)]
    signs = np.where(np.arange(starts[-1]) % 3 == 0, -1, 1)
    return kernels.HuffmanPaths(starts, np.concatenate(nodes).astype(np.int32), signs.astype("i1"))


class Problem:
    """Weights, tables and spans, all drawn from one seed."""

    def __init__(self, objective: kernels.Objective, *, hs: bool = False, locks: bool = False):
        rng = np.random.default_rng(7)

        def matrix(rows: int) -> Array:
            result = kernels.aligned_matrix(rows, DIMENSIONS)
            result[:, :DIMENSIONS] = rng.normal(0, 0.2, (rows, DIMENSIONS))
            return result

        self.objective = objective
        self.weights = kernels.Weights(
            DIMENSIONS,
            matrix(WORDS),
            matrix(WORDS) if objective.negative else None,
            matrix(WORDS - 1) if hs else None,
            rng.uniform(0, 2, WORDS).astype(np.float32) if locks else kernels.no_locks(),
        )
        frequencies = 1 / (np.arange(WORDS) + 2)
        self.tables = kernels.Tables(
            keep=rng.integers(2**31, 2**32, WORDS).astype(np.uint32),
            alias=kernels.alias_table(frequencies / frequencies.sum()),
            huffman=huffman_paths() if hs else None,
        )
        lengths = rng.integers(0, 12, 4 * SPANS)
        tokens = rng.choice(WORDS, lengths.sum(), p=frequencies / frequencies.sum())
        self.spans = (
            tokens.astype(np.int32),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.arange(0, 4 * SPANS + 1, 4),
        )

    def copied(self) -> kernels.Weights:
        copies = {}
        for name in MATRICES:
            matrix = getattr(self.weights, name)
            if matrix is not None:
                copies[name] = kernels.aligned_matrix(len(matrix), DIMENSIONS)
                copies[name][:] = matrix
        return replace(self.weights, **copies)

    def arguments(self, first: int = 0, last: int = SPANS) -> tuple[tuple[Any, ...], Array]:
        totals = np.zeros(SPANS, dtype=kernels.TOTALS)
        streams = kernels.random_streams(11, 2, 40, SPANS)
        return (*self.spans, first, last, streams, np.full(SPANS, 0.04, np.float32), totals), totals


def trained(
    problem: Problem, module: Any, shards: int = 3, threads: int = 1
) -> tuple[kernels.Weights, Array]:
    weights = problem.copied()
    trainer = module.RoundTrainer(problem.objective, weights, problem.tables, shards)
    arguments, totals = problem.arguments()
    team = module.Team() if threads > 1 else None
    members = [
        threading.Thread(target=trainer.train, args=(*arguments, team)) for _ in range(threads - 1)
    ]
    for member in members:
        member.start()
    trainer.train(*arguments, team)
    for member in members:
        member.join()
    return weights, totals


def assert_equal(ours: kernels.Weights, theirs: kernels.Weights, **tolerance: float) -> None:
    for name in MATRICES:
        if getattr(theirs, name) is not None:
            compare = np.testing.assert_allclose if tolerance else np.testing.assert_array_equal
            compare(getattr(ours, name), getattr(theirs, name), err_msg=name, **tolerance)


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("hs", [False, True])
def test_every_level_does_what_numpy_does(level: Any, name: str, hs: bool) -> None:
    problem = Problem(OBJECTIVES[name], hs=hs, locks=name == "sg")
    ours, our_totals = trained(problem, level)
    theirs, totals = trained(problem, rounds_reference)
    assert np.abs(theirs.input_vectors - problem.weights.input_vectors).max() > 0.01
    assert_equal(ours, theirs, rtol=1e-4, atol=3e-6)
    np.testing.assert_array_equal(our_totals["kept"], totals["kept"])
    np.testing.assert_array_equal(our_totals["pairs"], totals["pairs"])
    np.testing.assert_allclose(our_totals["loss"], totals["loss"], rtol=1e-5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_hierarchical_softmax_alone(level: Any, name: str) -> None:
    problem = Problem(replace(OBJECTIVES[name], negative=0), hs=True)
    assert_equal(
        trained(problem, level)[0], trained(problem, rounds_reference)[0], rtol=1e-4, atol=3e-6
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_round_is_spans_on_copies_and_their_changes_merged(level: Any, name: str) -> None:
    """The same bits as from the parts: whole copies, the trainer of single spans, the rule."""
    problem = Problem(OBJECTIVES[name], hs=True)
    ours, _ = trained(problem, level)
    expected = problem.copied()
    arguments, _ = problem.arguments()
    for first in range(0, SPANS, 3):
        changes: dict[str, list[Changes]] = {name: [] for name in MATRICES}
        for span in range(first, min(first + 3, SPANS)):
            copies = replace(expected)
            for name in MATRICES:
                copy = kernels.aligned_matrix(len(getattr(expected, name)), DIMENSIONS)
                copy[:] = getattr(expected, name)
                copies = replace(copies, **{name: copy})
            pooled = rounds_reference.pooled_negatives(
                problem.objective, problem.tables, *arguments[:3], span, arguments[5]
            )
            tables = replace(problem.tables, alias=None, negatives=pooled)
            trainer = level.SpanTrainer(problem.objective, copies, tables)
            trainer.train(*arguments[:3], span, span + 1, *arguments[5:])
            for name in MATRICES:
                change = getattr(copies, name) - getattr(expected, name)
                rows = np.arange(len(change), dtype=np.int32)
                changes[name].append(Changes(rows, change))
        for name in MATRICES:
            level.merge_changes(getattr(expected, name), changes[name])
    assert_equal(ours, expected)


def test_the_changes_of_a_round_are_what_training_merges(level: Any) -> None:
    problem = Problem(OBJECTIVES["sg"], hs=True)
    weights = problem.copied()
    trainer = level.RoundTrainer(problem.objective, weights, problem.tables, 3)
    numpys = rounds_reference.RoundTrainer(problem.objective, problem.copied(), problem.tables, 3)
    for first in range(0, SPANS, 3):
        arguments, totals = problem.arguments(first, min(first + 3, SPANS))
        changes = trainer.changes(*arguments)
        assert totals["kept"][first] > 0
        if first == 0:
            assert_equal(weights, problem.weights)
            for name, shards in numpys.changes(*arguments).items():
                for ours, theirs in zip(changes[name], shards, strict=True):
                    assert set(theirs.rows) <= set(ours.rows)
                    moved = np.isin(ours.rows, theirs.rows)
                    np.testing.assert_allclose(
                        ours.values[moved], theirs.values, rtol=1e-3, atol=3e-6
                    )
                    assert not ours.values[~moved].any()
        for name, shards in changes.items():
            level.merge_changes(getattr(weights, name), shards)
    assert_equal(weights, trained(problem, level)[0])


@pytest.mark.parametrize("most", [0.5, 1.0, 1.1])
def test_sums_are_shortened_to_the_same_bits_whoever_merges(level: Any, most: float) -> None:
    """A compiler may round a product and a sum once or twice, and not the same in two places."""
    problem = Problem(OBJECTIVES["cbow"])
    plain, merged, elsewhere = (problem.copied() for _ in range(3))
    shards = SPANS  # in one round
    for weights, limit in ((plain, 1000.0), (merged, most)):
        trainer = level.RoundTrainer(problem.objective, weights, problem.tables, shards, limit)
        trainer.train(*problem.arguments()[0])
    trainer = level.RoundTrainer(problem.objective, elsewhere, problem.tables, shards, most)
    for name, changes in trainer.changes(*problem.arguments()[0]).items():
        level.merge_changes(getattr(elsewhere, name), changes, most)
    shortened = (plain.output_vectors != merged.output_vectors).any(axis=1)
    assert shortened.any()
    assert_equal(elsewhere, merged)


@pytest.mark.skipif(not kernels.has_teams, reason="this compiler's teams are one thread")
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(level: Any, threads: int) -> None:
    problem = Problem(OBJECTIVES["sg"], hs=True)
    alone, totals_alone = trained(problem, level)
    for _ in range(3):
        together, totals = trained(problem, level, threads=threads)
        assert_equal(together, alone)
        assert totals.tobytes() == totals_alone.tobytes()


def test_negatives_are_picked_from_a_pool(level: Any) -> None:
    """As often as they are drawn, each from the few that a span draws."""
    words = 40
    frequencies = 1 / (np.arange(words) + 2)
    frequencies /= frequencies.sum()
    tables = kernels.Tables(alias=kernels.alias_table(frequencies))
    objective = kernels.Objective(skip_gram=False, window=2)
    tokens = np.zeros(20_000, dtype=np.int32)
    edges = np.arange(0, 20_001, 20)
    streams = kernels.random_streams(3, 0, 0, 1000)
    counts = np.zeros(words)
    for span in range(1000):
        pooled = rounds_reference.pooled_negatives(
            objective, tables, tokens, edges, np.arange(1001), span, streams
        )
        assert len(pooled) == 100
        assert len(np.unique(pooled)) <= 13
        counts += np.bincount(pooled, minlength=words)
    spread = np.sqrt(frequencies * 100_000) * 4  # variance: 8 + 1 picks for each that is drawn
    assert (np.abs(counts - 100_000 * frequencies) < 4 * spread).all()
    assert level.round_limits == (records.PICKS_PER_DRAW, merge.MOST_SHARDS)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Array, list[Changes]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = draw(st.integers(1, 9))
    matrix = kernels.aligned_matrix(rows, draw(st.sampled_from([1, 16, 17, 100])))
    matrix[:] = rng.normal(size=matrix.shape)
    shared = rng.normal(size=matrix.shape)
    shards = []
    for _ in range(draw(st.integers(1, 9))):
        touched = np.flatnonzero(rng.random(rows) < 0.7).astype(np.int32)
        agreement = draw(st.sampled_from([0.0, 0.5, 1.0]))
        values = rng.normal(size=matrix.shape) * (1 - agreement) + shared * agreement
        changes = kernels.aligned_matrix(len(touched), matrix.shape[1])
        changes[:] = values[touched]
        shards.append(Changes(touched, changes))
    return matrix, shards


def merged_by(merge_changes: Any, matrix: Array, shards: list[Changes], **most: float) -> Array:
    result = kernels.aligned_matrix(*matrix.shape)
    result[:] = matrix
    merge_changes(result, shards, **most)
    return result


@settings(max_examples=60, deadline=None)
@given(rounds())
def test_the_rule(round_: tuple[Array, list[Changes]]) -> None:
    matrix, shards = round_
    before = [Changes(rows.copy(), values.copy()) for rows, values in shards]
    merged = merged_by(kernels.merge_changes, matrix, shards)
    np.testing.assert_allclose(
        merged, merged_by(merge.merge_changes, matrix, shards), rtol=1e-5, atol=1e-6
    )
    for row in range(len(matrix)):
        changes = [values[rows == row][0] for rows, values in shards if row in rows]
        change = merged[row] - matrix[row]
        if not changes:
            assert not change.any()
        elif len(changes) == 1:  # to the bit
            np.testing.assert_array_equal(merged[row], matrix[row] + changes[0])
        else:
            lengths = np.linalg.norm(changes, axis=1)
            assert np.linalg.norm(change) <= 2 * lengths.max() * (1 + 1e-5)
            total = np.sum(changes, axis=0)
            direction = change * np.linalg.norm(total) - total * np.linalg.norm(change)
            assert np.abs(direction).max() < 1e-3 * max(1, float(total @ total))
    for one, other in zip(before, shards, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


@settings(max_examples=30, deadline=None)
@given(rounds())
def test_two_changes_are_always_added_up(round_: tuple[Array, list[Changes]]) -> None:
    matrix, shards = round_
    merged = merged_by(kernels.merge_changes, matrix, shards[:2])
    expected = np.zeros_like(matrix)
    for rows, values in shards[:2]:
        expected[rows] += values
    np.testing.assert_array_equal(merged, matrix + expected)


def test_the_order_is_that_of_the_shards(level: Any) -> None:
    """Sums of floats depend on their order: the reverse one gives other bits somewhere."""
    rng = np.random.default_rng(3)
    matrix = kernels.aligned_matrix(40, 16)
    rows = np.arange(40, dtype=np.int32)
    shards = []
    for _ in range(3):
        changes = kernels.aligned_matrix(40, 16)
        changes[:] = rng.normal(size=(40, 16))
        shards.append(Changes(rows, changes))
    in_order = merged_by(level.merge_changes, matrix, shards, most=9)
    first, second, third = (each.values for each in shards)
    np.testing.assert_array_equal(in_order, (first + second) + third)
    assert (in_order != merged_by(level.merge_changes, matrix, shards[::-1], most=9)).any()


def bad_changes(what: str) -> list[Changes]:
    rows, values = np.array([1, 3], np.int32), kernels.aligned_matrix(2, 16)
    return {
        "rise": [Changes(rows[::-1].copy(), values)],
        "rise within": [Changes(rows + np.int32(7), values)],
        "has 2 rows": [Changes(rows, kernels.aligned_matrix(3, 16))],
        "columns": [Changes(rows, kernels.aligned_matrix(2, 32))],
        "int32": [Changes(rows.astype(np.int64), values)],  # type: ignore[arg-type]
        "more than the 64": [Changes(rows, values)] * 65,
    }[what]


@pytest.mark.parametrize(
    "what", ["rise", "rise within", "has 2 rows", "columns", "int32", "more than the 64"]
)
def test_changes_that_do_not_fit_are_refused(level: Any, what: str) -> None:
    matrix = kernels.aligned_matrix(9, 16)
    with pytest.raises(ParameterError, match=what):
        level.merge_changes(matrix, bad_changes(what))
    assert not matrix.any()


@pytest.mark.parametrize("shards", [0, 65])
def test_a_number_of_shards_that_no_round_can_have(level: Any, shards: int) -> None:
    problem = Problem(OBJECTIVES["sg"])
    for module in (level, rounds_reference):
        with pytest.raises(ParameterError, match="shards must be 1 to 64"):
            module.RoundTrainer(problem.objective, problem.weights, problem.tables, shards)


def test_more_spans_than_shards_are_no_round(level: Any) -> None:
    problem = Problem(OBJECTIVES["sg"])
    trainer = level.RoundTrainer(problem.objective, problem.copied(), problem.tables, 3)
    with pytest.raises(ParameterError, match="4 spans are more than the 3 shards"):
        trainer.changes(*problem.arguments(0, 4)[0])


def test_spans_outside_the_arrays_are_refused(level: Any) -> None:
    problem = Problem(OBJECTIVES["sg"])
    trainer = level.RoundTrainer(problem.objective, problem.copied(), problem.tables, 3)
    arguments, _ = problem.arguments()
    arguments[0][5] = WORDS
    with pytest.raises(ParameterError, match="tokens must lie in"):
        trainer.train(*arguments)
