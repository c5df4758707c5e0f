"""Every compiled level does what the NumPy specification does."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from negw2v import kernels
from negw2v.errors import ParameterError
from negw2v.kernels import problem as records
from negw2v.kernels import reference
from negw2v.kernels.instruction_sets import LEVELS

WORDS = 23
DIMENSIONS = (1, 3, 16, 97, 100, 256, 300, 512)  # around the widths of vectors and rows
Array = npt.NDArray[Any]


def huffman_paths(words: int) -> kernels.HuffmanPaths:
    """Paths of several lengths; kernels need not know whether they form a tree."""
    lengths = np.arange(words) % 9 + 1
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    nodes = [np.arange(n) * (words // 11) % (words - 1) for n in lengths]
    signs = np.where(np.arange(starts[-1]) % 3 == 0, -1, 1)
    return kernels.HuffmanPaths(starts, np.concatenate(nodes).astype(np.int32), signs.astype("i1"))


class Problem:
    """A small training problem whose every array is drawn from one seed."""

    def __init__(
        self,
        objective: kernels.Objective,
        dimensions: int,
        *,
        hs: bool = False,
        locks: str = "one",
        words: int = WORDS,
    ) -> None:
        rng = np.random.default_rng(5)
        negative = objective.negative > 0

        def matrix(rows: int) -> Array:
            result = kernels.aligned_matrix(rows, dimensions)
            result[:, :dimensions] = rng.normal(0, 0.8 / np.sqrt(dimensions), (rows, dimensions))
            return result

        self.objective = objective
        self.weights = kernels.Weights(
            dimensions,
            matrix(words),
            matrix(words) if negative else None,
            matrix(words - 1) if hs else None,
            {
                "one": np.ones(1, np.float32),
                "same": np.full(1, 0.5, np.float32),
                "each": rng.uniform(0, 2, words).astype(np.float32),
            }[locks],
        )
        self.tables = kernels.Tables(
            keep=rng.integers(2**31, 2**32, words).astype(np.uint32),
            alias=kernels.alias_table(rng.uniform(0.1, 1, words)) if negative else None,
            huffman=huffman_paths(words) if hs else None,
        )
        lengths = np.array([9, 0, 1, 14, 2, 30, 5])
        # of a large vocabulary the most and the least frequent words
        some = rng.integers(0, WORDS, lengths.sum())
        self.tokens = np.where(some < WORDS // 2, some, words - WORDS + some).astype(np.int32)
        self.sentence_starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.span_starts = np.array([0, 4, 4, 7], dtype=np.int64)

    def with_weights(self, dtype: npt.DTypeLike = np.float32) -> kernels.Weights:
        w = self.weights

        def copy(matrix: Array | None) -> Array | None:
            if matrix is None:
                return None
            if dtype == np.float32:
                result = kernels.aligned_matrix(len(matrix), w.dimensions)
                result[:] = matrix
                return result
            return matrix.astype(dtype)

        inputs = copy(w.input_vectors)
        assert inputs is not None
        return replace(
            w,
            input_vectors=inputs,
            output_vectors=copy(w.output_vectors),
            node_vectors=copy(w.node_vectors),
            lock_factors=w.lock_factors.astype(dtype),
        )

    def run(
        self,
        trainer: Any,
        dtype: npt.DTypeLike = np.float32,
        rate: float = 0.05,
        threads: int = 1,
    ) -> tuple[kernels.Weights, Array]:
        weights = self.with_weights(dtype)
        totals = np.zeros(3, dtype=kernels.TOTALS)
        trainer(self.objective, weights, self.tables, threads).train(
            self.tokens,
            self.sentence_starts,
            self.span_starts,
            0,
            3,
            kernels.random_streams(11, 2, 40, 3),
            np.full(3, rate, np.float32),
            totals,
        )
        return weights, totals


def assert_same(problem: Problem, level: str, threads: int = 1, rate: float = 0.05) -> None:
    trainer = kernels.level(level).SpanTrainer
    compiled, compiled_totals = problem.run(trainer, rate=rate, threads=threads)
    expected, totals = problem.run(reference.SpanTrainer, np.float64, rate=rate)
    for name in ("input_vectors", "output_vectors", "node_vectors"):
        ours, theirs = getattr(compiled, name), getattr(expected, name)
        if theirs is not None:
            before = getattr(problem.weights, name)
            assert np.abs(theirs - before).max() > 0.008, f"{name} did not move"
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=3e-6, err_msg=name)
            assert not ours[:, problem.weights.dimensions :].any(), f"{name}: padding written"
    np.testing.assert_array_equal(compiled_totals["kept"], totals["kept"])
    np.testing.assert_array_equal(compiled_totals["pairs"], totals["pairs"])
    np.testing.assert_allclose(compiled_totals["loss"], totals["loss"], rtol=3e-6)


ARCHITECTURES = {
    "sg": kernels.Objective(skip_gram=True, window=5),
    "sg-per-pair": kernels.Objective(skip_gram=True, window=5, share_negatives=False),
    "cbow": kernels.Objective(skip_gram=False, window=5),
    "cbow-sum": kernels.Objective(skip_gram=False, window=5, cbow_mean=False),
    "cbow-corrected": kernels.Objective(skip_gram=False, window=5, corrected_cbow=True),
    "cbow-paired": kernels.Objective(skip_gram=False, window=5, paired_windows=True),
}


@pytest.fixture(params=kernels.levels())
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_compiled_for_its_instruction_set(level: str) -> None:
    module = kernels.level(level)
    (row,) = (row for row in LEVELS if row.name == level)
    assert module.lanes == row.lanes
    assert level == "baseline" or not module.portable  # whose form depends on the machine


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("architecture", ["sg", "cbow"])
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (3, True)])
def test_equals_the_specification_at_every_size(
    level: str, architecture: str, negative: int, hs: bool, dimensions: int
) -> None:
    objective = replace(ARCHITECTURES[architecture], negative=negative)
    assert_same(Problem(objective, dimensions, hs=hs), level)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("negative", [1, 2, 5, 6, 11, 25])
@pytest.mark.parametrize("hs", [False, True])
def test_equals_the_specification_for_every_number_of_negatives(
    level: str, architecture: str, negative: int, hs: bool
) -> None:
    assert_same(Problem(replace(ARCHITECTURES[architecture], negative=negative), 20, hs=hs), level)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("locks", ["one", "same", "each"])
@pytest.mark.parametrize("hs", [False, True])
@pytest.mark.parametrize("window", [1, 2, 13])
def test_equals_the_specification_with_locks_and_windows(
    level: str, architecture: str, locks: str, hs: bool, window: int
) -> None:
    objective = replace(ARCHITECTURES[architecture], window=window, shrink_windows=window != 2)
    assert_same(Problem(objective, 33, hs=hs, locks=locks), level)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (9, True)])
@pytest.mark.parametrize("window", [10, 11, 17, 40])
@pytest.mark.parametrize("locks", ["one", "each"])
def test_equals_the_specification_in_wide_windows(
    level: str, architecture: str, negative: int, hs: bool, window: int, locks: str
) -> None:
    objective = replace(ARCHITECTURES[architecture], negative=negative, window=window)
    assert_same(Problem(objective, 33, hs=hs, locks=locks), level)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (3, True)])
@pytest.mark.parametrize("rate", [0.02, 0.06, 0.15])
def test_equals_the_specification_at_high_rates(
    level: str, architecture: str, negative: int, hs: bool, rate: float
) -> None:
    objective = replace(ARCHITECTURES[architecture], negative=negative)
    assert_same(Problem(objective, 33, hs=hs), level, rate=rate)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (20, False)])
@pytest.mark.parametrize("window", [3, 8, 15])
@pytest.mark.parametrize("symbols", [1, 2, 4])
def test_equals_the_specification_with_few_words(
    level: str, architecture: str, negative: int, hs: bool, window: int, symbols: int
) -> None:
    """Words are there many times in a window, and many times among the negatives."""
    objective = replace(ARCHITECTURES[architecture], negative=negative, window=window)
    problem = Problem(objective, 20, hs=hs)
    problem.tokens %= symbols
    if negative:
        weights = np.where(np.arange(WORDS) < symbols + 1, 1.0, 0.0)
        problem.tables = replace(problem.tables, alias=kernels.alias_table(weights))
    assert_same(problem, level)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (9, True)])
@pytest.mark.parametrize("window", [1, 5, 12])
def test_equals_the_specification_where_scores_are_badly_wrong(
    level: str, architecture: str, negative: int, hs: bool, window: int
) -> None:
    """Vectors of length 4: scores of many pairs are beyond 6, and their steps are bounded."""
    objective = replace(ARCHITECTURES[architecture], negative=negative, window=window)
    problem = Problem(objective, 12, hs=hs)
    for matrix in (
        problem.weights.input_vectors,
        problem.weights.output_vectors,
        problem.weights.node_vectors,
    ):
        if matrix is not None:
            np.multiply(matrix, 5, out=matrix)
    # Two windows only: what rounds to one side or the other of a limit would go on to differ.
    problem.tokens = problem.tokens[:6]
    problem.sentence_starts = np.array([0, 4, 6], np.int64)
    problem.span_starts = np.array([0, 1, 1, 2], np.int64)
    problem.tables = replace(problem.tables, keep=None)
    compiled, compiled_totals = problem.run(kernels.level(level).SpanTrainer, rate=0.8)
    expected, totals = problem.run(reference.SpanTrainer, np.float64, rate=0.8)
    for name in ("input_vectors", "output_vectors", "node_vectors"):
        theirs = getattr(expected, name)
        if theirs is not None:
            np.testing.assert_allclose(getattr(compiled, name), theirs, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(compiled_totals["loss"], totals["loss"], rtol=1e-4)


def test_the_limits_of_blocks_are_those_of_the_specification(level: str) -> None:
    limits = (
        records.WIDEST_BLOCK,
        records.BLOCK_WORDS,
        records.RUN_WORDS,
        records.BADLY_WRONG,
        records.HIGHEST_RATE,
    )
    assert kernels.level(level).block_limits == limits


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (5, True), (100, False)])
@pytest.mark.parametrize("window", [5, 60])
@pytest.mark.parametrize("rate", [0.5, 1.0, 10.0])
def test_no_rate_makes_the_vectors_explode(
    architecture: str, negative: int, hs: bool, window: int, rate: float
) -> None:
    objective = replace(ARCHITECTURES[architecture], negative=negative, window=window)
    problem = Problem(objective, 20, hs=hs)
    problem.tokens = np.tile(problem.tokens, 50)
    problem.sentence_starts = np.arange(0, len(problem.tokens) + 1, 61)
    problem.span_starts = np.array([0, 1, 2, len(problem.sentence_starts) - 1], np.int64)
    weights, totals = problem.run(kernels.SpanTrainer, rate=rate)
    assert np.isfinite(totals["loss"]).all()
    assert np.abs(weights.input_vectors).max() < 1e4 * rate


def test_wide_windows_equal_pair_after_pair() -> None:
    """With the negatives fixed there is nothing that sharing them could change.

    But for the scores of two rows, which are taken together: that matters little at low rates.
    """
    both = []
    for share in (True, False):
        objective = replace(ARCHITECTURES["sg"], window=30, share_negatives=share, negative=1)
        problem = Problem(objective, 24)
        problem.tables = replace(problem.tables, alias=only_negative(3), keep=None)
        weights, totals = problem.run(kernels.SpanTrainer, rate=0.01)
        both.append((weights, totals["loss"].sum()))
        moved = np.abs(weights.input_vectors - problem.weights.input_vectors)
        assert moved.max() > 0.02
    (one, one_loss), (other, other_loss) = both
    np.testing.assert_allclose(one.input_vectors, other.input_vectors, rtol=1e-3, atol=2e-4)
    np.testing.assert_allclose(one.output_vectors, other.output_vectors, rtol=1e-3, atol=2e-4)
    np.testing.assert_allclose(one_loss, other_loss, rtol=1e-4)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_without_subsampling(level: str, architecture: str) -> None:
    problem = Problem(ARCHITECTURES[architecture], 100)
    problem.tables = replace(problem.tables, keep=None)
    assert_same(problem, level)
    assert problem.run(kernels.level(level).SpanTrainer)[1]["kept"].sum() == len(problem.tokens)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("negative", "hs"), [(5, False), (0, True), (3, True)])
@pytest.mark.parametrize("words", [WORDS, 3000])
def test_equals_the_specification_with_copies_of_hot_rows(
    level: str, architecture: str, negative: int, hs: bool, words: int
) -> None:
    """Of few words all rows are hot, of many those of some."""
    objective = replace(ARCHITECTURES[architecture], negative=negative)
    assert_same(Problem(objective, 100, hs=hs, locks="each", words=words), level, threads=2)


@pytest.mark.parametrize("architecture", ["sg", "cbow"])
@pytest.mark.parametrize("hs", [False, True])
def test_what_threads_learn_at_once_adds_up(level: str, architecture: str, hs: bool) -> None:
    """At a tiny learning rate every update is the same whoever makes it, and when."""
    objective = replace(ARCHITECTURES[architecture], negative=0 if hs else 5)
    problem = Problem(objective, 64, hs=hs)
    problem.tables = replace(problem.tables, keep=None)
    threads, copies = 4, 400
    problem.tokens = np.tile(problem.tokens, copies)
    problem.sentence_starts = np.arange(0, len(problem.tokens) + 1, 61)
    spans = len(problem.sentence_starts) - 1
    problem.span_starts = np.arange(spans + 1)
    streams = kernels.random_streams(1, 0, 0, spans)
    rates = np.full(spans, 1e-5, np.float32)

    def changes(threads: int) -> dict[str, Array]:
        weights = problem.with_weights()
        trainer = kernels.level(level).SpanTrainer(objective, weights, problem.tables, threads)
        totals = np.zeros(spans, kernels.TOTALS)

        def train(part: int) -> None:
            first, last = spans * part // threads, spans * (part + 1) // threads
            trainer.train(
                problem.tokens, problem.sentence_starts, problem.span_starts, first, last,
                streams, rates, totals,
            )  # fmt: skip

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(train, range(threads)))
        names = ["input_vectors", "node_vectors" if hs else "output_vectors"]
        return {n: getattr(weights, n) - getattr(problem.weights, n) for n in names}

    alone = changes(1)
    assert all(np.abs(expected).max() > 1e-3 for expected in alone.values())

    def most_lost() -> float:
        together = changes(threads)
        return max(
            float(np.abs(together[name] - expected).sum() / np.abs(expected).sum())
            for name, expected in alone.items()
        )

    # Merging is not atomic: a thread that is paused in the midst of it, as happens on a busy
    # machine, undoes what others have merged meanwhile. That does not happen three times in turn.
    lost = [most_lost()]
    while lost[-1] >= 0.1 and len(lost) < 3:
        lost.append(most_lost())
    assert min(lost) < 0.1, f"in three runs {lost} of the change differ"


def only_negative(word: int) -> Array:
    return kernels.alias_table(np.eye(WORDS)[word])


@pytest.mark.parametrize("architecture", ["sg", "sg-per-pair", "cbow"])
@pytest.mark.parametrize("negative", [2, 5, 9])
def test_a_negative_drawn_again_and_again_counts_each_time(
    level: str, architecture: str, negative: int
) -> None:
    """Every draw gives word 3: its row moves `negative` times as far as by one draw."""
    moves = []
    for count in (1, negative):
        problem = Problem(replace(ARCHITECTURES[architecture], negative=count, window=1), 40)
        problem.tables = replace(problem.tables, alias=only_negative(3), keep=None)
        problem.tokens = np.array([7, 8], np.int32)
        problem.sentence_starts = np.array([0, 2], np.int64)
        problem.span_starts = np.array([0, 0, 0, 1], np.int64)
        assert_same_move = problem.weights.output_vectors
        assert assert_same_move is not None
        # The same score for both centres: both contexts have one vector, so the order in which
        # the two windows come does not matter to first order in a tiny learning rate.
        weights, _ = problem.run(kernels.level(level).SpanTrainer, rate=1e-3)
        assert weights.output_vectors is not None
        moves.append(weights.output_vectors[3] - assert_same_move[3])
    assert np.abs(moves[0]).max() > 1e-5
    np.testing.assert_allclose(moves[1], negative * moves[0], rtol=5e-3, atol=1e-7)


@pytest.mark.parametrize("architecture", ["sg", "cbow"])
@pytest.mark.parametrize("negative", [5, 8])
def test_a_context_word_there_twice_counts_twice(
    level: str, architecture: str, negative: int
) -> None:
    problem = Problem(
        replace(ARCHITECTURES[architecture], negative=negative, shrink_windows=False), 40
    )
    problem.tables = replace(problem.tables, keep=None)
    problem.tokens = np.array([4, 4, 9, 4, 4, 1, 4], np.int32)
    problem.sentence_starts = np.array([0, 7], np.int64)
    problem.span_starts = np.array([0, 0, 0, 1], np.int64)
    assert_same(problem, level)


@pytest.mark.parametrize("architecture", ["sg", "sg-per-pair", "cbow"])
def test_a_negative_that_is_the_centre_is_skipped(level: str, architecture: str) -> None:
    problem = Problem(ARCHITECTURES[architecture], 40)
    problem.tables = replace(problem.tables, alias=only_negative(7), keep=None)
    problem.tokens = np.array([7, 7, 7], np.int32)
    problem.sentence_starts = np.array([0, 3], np.int64)
    problem.span_starts = np.array([0, 0, 0, 1], np.int64)
    weights, totals = problem.run(kernels.level(level).SpanTrainer, rate=1e-3)
    before = problem.weights
    assert weights.output_vectors is not None
    assert before.output_vectors is not None
    # Only "7 predicts 7" is left to learn: the loss is that of the positive pairs alone.
    score = float(before.input_vectors[7] @ before.output_vectors[7])
    pairs = totals["pairs"].sum()
    np.testing.assert_allclose(totals["loss"].sum(), pairs * np.log1p(np.exp(-score)), rtol=1e-2)
    assert weights.input_vectors[7] @ weights.output_vectors[7] > score


@pytest.mark.parametrize("implementation", ["numpy", *kernels.levels()])
@pytest.mark.parametrize("window", [3, 30])
@pytest.mark.parametrize("skip_gram", [True, False])
@pytest.mark.parametrize("cbow_mean", [True, False])
def test_the_path_of_an_only_word_has_no_nodes(
    implementation: str, window: int, skip_gram: bool, cbow_mean: bool
) -> None:
    objective = kernels.Objective(skip_gram, window, cbow_mean=cbow_mean, negative=0)
    weights = kernels.Weights(
        dimensions=3,
        input_vectors=kernels.aligned_matrix(1, 3),
        output_vectors=None,
        node_vectors=kernels.aligned_matrix(1, 3),
        lock_factors=kernels.no_locks(),
    )
    weights.input_vectors[0, :3] = [1, 2, 3]
    no_nodes = kernels.HuffmanPaths(
        np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8)
    )
    module = reference if implementation == "numpy" else kernels.level(implementation)
    totals = np.zeros(1, dtype=kernels.TOTALS)
    module.SpanTrainer(objective, weights, kernels.Tables(huffman=no_nodes)).train(
        np.zeros(50, np.int32),
        np.array([0, 50]),
        np.array([0, 1]),
        0,
        1,
        kernels.random_streams(1, 0, 0, 1),
        np.full(1, 0.05, np.float32),
        totals,
    )
    assert totals["kept"][0] == 50
    assert totals["pairs"][0] > 0
    assert totals["loss"][0] == 0
    np.testing.assert_array_equal(weights.input_vectors[0, :3], [1, 2, 3])
    assert not weights.node_vectors.any()


def test_large_scores_saturate(level: str) -> None:
    for size in (30.0, 300.0, 1e5):
        problem = Problem(ARCHITECTURES["sg"], 16)
        problem.weights.input_vectors[:] = 0
        problem.weights.input_vectors[:, 0] = size
        outputs = problem.weights.output_vectors
        assert outputs is not None
        outputs[:] = 0
        outputs[:, 0] = -1.0
        ours, totals = problem.run(kernels.level(level).SpanTrainer, rate=1e-6)
        _, expected = problem.run(reference.SpanTrainer, np.float64, rate=1e-6)
        np.testing.assert_allclose(totals["loss"], expected["loss"], rtol=1e-5)
        assert np.isfinite(ours.input_vectors).all()


@pytest.mark.parametrize("window", [30, 200])
def test_the_loss_of_wide_windows(level: str, window: int) -> None:
    """Untrained outputs: every pair, and every negative, costs log 2, however many there are."""
    objective = replace(ARCHITECTURES["sg"], window=window, shrink_windows=False)
    problem = Problem(objective, 16)
    assert problem.weights.output_vectors is not None
    problem.weights.output_vectors[:] = 0
    problem.tables = replace(problem.tables, alias=only_negative(0), keep=None)
    problem.tokens = np.arange(500, dtype=np.int32) % (WORDS - 1) + 1  # never word 0
    problem.sentence_starts = np.array([0, 500], np.int64)
    problem.span_starts = np.array([0, 0, 0, 1], np.int64)
    _, totals = problem.run(kernels.level(level).SpanTrainer, rate=0.0)
    pairs = totals["pairs"].sum()
    assert pairs > 500 * window
    np.testing.assert_allclose(totals["loss"].sum(), pairs * 6 * np.log(2), rtol=1e-5)


def test_nan_reaches_the_loss(level: str) -> None:
    problem = Problem(ARCHITECTURES["cbow"], 16)
    problem.weights.input_vectors[:] = np.nan
    assert np.isnan(problem.run(kernels.level(level).SpanTrainer)[1]["loss"]).any()


def test_same_stream_same_bits_other_stream_other_result(level: str) -> None:
    problem = Problem(ARCHITECTURES["sg"], 100)
    trainer = kernels.level(level).SpanTrainer
    first, _ = problem.run(trainer)
    second, _ = problem.run(trainer)
    np.testing.assert_array_equal(first.input_vectors, second.input_vectors)
    weights = problem.with_weights()
    totals = np.zeros(3, dtype=kernels.TOTALS)
    trainer(problem.objective, weights, problem.tables).train(
        problem.tokens, problem.sentence_starts, problem.span_starts, 0, 3,
        kernels.random_streams(11, 3, 40, 3), np.full(3, 0.05, np.float32), totals,
    )  # fmt: skip
    assert not np.array_equal(first.input_vectors, weights.input_vectors)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("window", [1, 5, 13, 40])
@pytest.mark.parametrize("subsampled", [False, True])
def test_negatives_are_those_of_the_specification_and_of_training(
    level: str, architecture: str, window: int, subsampled: bool
) -> None:
    objective = replace(ARCHITECTURES[architecture], window=window)
    problem = Problem(objective, 20, hs=True)
    if not subsampled:
        problem.tables = replace(problem.tables, keep=None)
    module = kernels.level(level)
    spans = problem.tokens, problem.sentence_starts, problem.span_starts, 0, 3
    streams = kernels.random_streams(11, 2, 40, 3)
    drawn = module.negatives(objective, problem.tables, *spans, streams)
    assert drawn.dtype == np.int32
    assert len(drawn) > 20
    expected = reference.negatives(objective, problem.tables, *spans, streams)
    np.testing.assert_array_equal(drawn, expected)
    for trainer, dtype in ((module.SpanTrainer, np.float32), (reference.SpanTrainer, np.float64)):
        usual, usual_totals = problem.run(trainer, dtype)
        tables = problem.tables
        problem.tables = replace(tables, alias=None, negatives=drawn)
        given, totals = problem.run(trainer, dtype)
        problem.tables = tables
        np.testing.assert_array_equal(given.output_vectors, usual.output_vectors)
        np.testing.assert_array_equal(given.input_vectors, usual.input_vectors)
        np.testing.assert_array_equal(totals, usual_totals)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda drawn: drawn[:-5], "negatives are given, but these spans draw"),
        (lambda drawn: drawn + WORDS, "negatives must lie in 0..22"),
        (lambda drawn: drawn.astype(np.int64), "negatives must be a contiguous vector of int32"),
    ],
)
def test_negatives_that_do_not_fit_are_refused(level: str, change: Any, message: str) -> None:
    problem = Problem(ARCHITECTURES["sg"], 20)
    spans = problem.tokens, problem.sentence_starts, problem.span_starts, 0, 3
    streams = kernels.random_streams(11, 2, 40, 3)
    drawn = kernels.level(level).negatives(problem.objective, problem.tables, *spans, streams)
    problem.tables = replace(problem.tables, alias=None, negatives=change(drawn))
    for trainer in (kernels.level(level).SpanTrainer, reference.SpanTrainer):
        with pytest.raises(ParameterError, match=message):
            problem.run(trainer)


def numeric_gradient(function: Any, array: Array) -> Array:
    gradient = np.zeros_like(array)
    for index in itertools.product(*map(range, array.shape)):
        old = array[index]
        array[index] = old + 1e-6
        above = function()
        array[index] = old - 1e-6
        gradient[index] = (above - function()) / 2e-6
        array[index] = old
    return gradient


@pytest.mark.parametrize(("n", "m", "dimensions"), [(1, 6, 3), (4, 1, 16), (10, 6, 5), (3, 14, 7)])
def test_block_update_is_the_gradient_of_the_loss(n: int, m: int, dimensions: int) -> None:
    rng = np.random.default_rng(n)
    inputs, outputs = rng.normal(size=(n, dimensions)), rng.normal(size=(m, dimensions))
    signs = rng.choice([-1.0, 1.0, 0.0], m, p=[0.6, 0.3, 0.1])

    def loss() -> float:
        return float(reference.block_loss(inputs, outputs, signs).sum())

    input_change, output_change = reference.block_update(inputs, outputs, signs, 0.01)
    np.testing.assert_allclose(input_change, -0.01 * numeric_gradient(loss, inputs), atol=1e-9)
    np.testing.assert_allclose(output_change, -0.01 * numeric_gradient(loss, outputs), atol=1e-9)


@pytest.mark.parametrize(
    ("architecture", "gradient_scale"),
    [("sg", 1.0), ("cbow-corrected", 1.0), ("cbow", 2.0), ("cbow-sum", 2**-0.5)],
)
@pytest.mark.parametrize("hs", [False, True])
def test_span_step_is_the_gradient_of_the_span_loss(
    architecture: str, gradient_scale: float, hs: bool
) -> None:
    """One window, distinct words: the step is minus learning rate times the loss's gradient.

    The loss that a span reports, differentiated numerically in float64, is all there is to
    compare with, so this also checks the loss. Gensim's CBOW (not "corrected") moves each of
    the two context words by the whole gradient of their mean: twice the true one. That of their
    sum is divided by the square root of their number.
    """
    objective = replace(ARCHITECTURES[architecture], window=1, shrink_windows=False)
    problem = Problem(objective, 3, hs=hs)
    problem.tables = replace(problem.tables, keep=None)
    problem.tokens = np.array([4, 9, 4 if objective.skip_gram else 12], np.int32)[:3]
    rate = 1e-7

    def run_with(weights: kernels.Weights) -> tuple[float, kernels.Weights]:
        problem.weights = weights
        after, totals = problem.run(reference.SpanTrainer, np.float64, rate)
        return float(totals["loss"].sum()), after

    # Only the middle word has two neighbours; the first sentence is all there is.
    problem.sentence_starts = np.array([0, 3], np.int64)
    problem.span_starts = np.array([0, 0, 0, 1], np.int64)
    start = problem.with_weights(np.float64)
    _, after = run_with(start)
    step = (after.input_vectors - start.input_vectors) / rate

    def loss() -> float:
        return run_with(start)[0]

    gradient = -numeric_gradient(loss, start.input_vectors)[:, :3]
    if architecture == "cbow-sum":
        # The last word is context of the middle one only, whose window has two context words.
        np.testing.assert_allclose(
            step[12, :3], gradient_scale * gradient[12], rtol=1e-3, atol=1e-4
        )
        assert np.abs(step[12]).max() > 1e-3
        return
    if architecture == "cbow":
        # The windows of the outer words have one context word, that of the middle one two.
        middle_only = Problem(replace(objective, corrected_cbow=True), 3, hs=hs)
        middle_only.tables, middle_only.tokens = problem.tables, problem.tokens
        middle_only.sentence_starts = problem.sentence_starts
        middle_only.span_starts = problem.span_starts
        middle_only.weights = start
        corrected, _ = middle_only.run(reference.SpanTrainer, np.float64, rate)
        true_step = (corrected.input_vectors - start.input_vectors) / rate
        np.testing.assert_allclose(true_step[:, :3], gradient, rtol=1e-3, atol=1e-4)
        outer = step[9]  # the middle word itself is context of the outer ones only
        np.testing.assert_allclose(outer, true_step[9], rtol=1e-3, atol=1e-4)
        assert np.abs(step[12] - true_step[12]).max() > 1e-3
        return
    assert gradient_scale == 1.0
    np.testing.assert_allclose(step[:, :3], gradient, rtol=1e-3, atol=1e-4)


BAD_SPANS: list[tuple[str, dict[str, Any]]] = [
    ("tokens must lie in 0..22", {"tokens": np.array([0, 23] * 40, np.int32)}),
    ("tokens must lie in 0..22", {"tokens": np.array([0, -1] * 40, np.int32)}),
    ("tokens must be a contiguous vector of int32", {"tokens": np.zeros(80)}),
    ("sentence_starts must rise", {"sentence_starts": np.array([0, 5, 3, 9, 9, 9, 9, 9])}),
    ("sentence_starts must rise", {"sentence_starts": np.array([0, 5, 9, 9, 9, 9, 9, 999])}),
    ("span_starts must rise", {"span_starts": np.array([0, 4, 4, 99])}),
    ("span_starts has 2 entries, 4 are needed", {"span_starts": np.array([0, 4])}),
    ("streams has 1 entries, 3 are needed", {"streams": np.zeros(1, np.uint64)}),
    ("spans 2 to 1 are not a range", {"first": 2, "last": 1}),
]


@pytest.mark.parametrize(("message", "change"), BAD_SPANS)
@pytest.mark.parametrize("implementation", ["compiled", "reference"])
def test_bad_spans_are_refused(implementation: str, message: str, change: dict[str, Any]) -> None:
    problem = Problem(ARCHITECTURES["sg"], 16)
    arguments: dict[str, Any] = {
        "tokens": problem.tokens,
        "sentence_starts": problem.sentence_starts,
        "span_starts": problem.span_starts,
        "first": 0,
        "last": 3,
        "streams": kernels.random_streams(1, 0, 0, 3),
        "learning_rates": np.full(3, 0.1, np.float32),
        "totals": np.zeros(3, kernels.TOTALS),
    }
    module = reference if implementation == "reference" else kernels
    trainer = module.SpanTrainer(problem.objective, problem.with_weights(), problem.tables)
    with pytest.raises(ParameterError, match=message):
        trainer.train(**(arguments | change))


@pytest.mark.parametrize("implementation", ["compiled", "reference"])
def test_bad_problems_are_refused(implementation: str) -> None:
    trainer = (reference if implementation == "reference" else kernels).SpanTrainer
    good = Problem(ARCHITECTURES["sg"], 16, hs=True)
    wide = kernels.aligned_matrix(WORDS, 20)
    huffman = good.tables.huffman
    assert huffman is not None
    bad_nodes = replace(huffman, nodes=huffman.nodes + np.int32(10))
    for message, objective, weights, tables in [
        ("window must be at least 1", replace(good.objective, window=0), {}, {}),
        ("must be from 0 to 1048576, not -1", replace(good.objective, negative=-1), {}, {}),
        ("not 2147483640", replace(good.objective, negative=2**31 - 8), {}, {}),
        ("nothing to train", replace(good.objective, negative=0), {}, {"huffman": None}),
        ("needs output vectors", good.objective, {"output_vectors": None}, {}),
        ("have 32 columns, the input vectors 16", good.objective, {"output_vectors": wide}, {}),
        ("needs an alias table", good.objective, {}, {"alias": None}),
        ("alias table must be", good.objective, {}, {"alias": np.zeros((3, 2), np.uint32)}),
        ("paths name nodes 10 to", good.objective, {}, {"huffman": bad_nodes}),
        ("lock_factors must have 1 or 23", good.objective, {"lock_factors": np.ones(2, "f4")}, {}),
    ]:
        with pytest.raises(ParameterError, match=message):
            trainer(objective, replace(good.weights, **weights), replace(good.tables, **tables))
    with pytest.raises(ParameterError, match="threads must be at least 1, not 0"):
        trainer(good.objective, good.weights, good.tables, threads=0)
