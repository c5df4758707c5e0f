"""Scans with int8 rows find what scans without them find; threads that help with a scan."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scans import DIMENSIONS, LEVELS, NO_ROWS, encoded, found, found_plainly, module

from negw2v import parallel
from negw2v.search import cosine_scan, int8_rows
from negw2v.search.compiled import scan_kernel
from negw2v.search.cosine import row_norms
from negw2v.search.search_space import SearchSpace
from negw2v.search.topk import Exclusions


@st.composite
def matrices(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Rows of every kind, and norms that are right, nearly right, or wrong."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.sampled_from([1, 63, 64, 65, 200, 3000]))
    dims = draw(st.sampled_from([*DIMENSIONS, 4]))
    matrix = random.standard_normal((rows, dims)).astype(draw(st.sampled_from(["f4", "f8"])))
    match draw(
        st.sampled_from(["plain", "signs", "odd", "alike", "scales", "largest", "duplicates"])
    ):
        case "signs":  # many ties, but for the last bit
            matrix = np.sign(matrix) * random.uniform(0.5, 2, (rows, 1)).astype(matrix.dtype)
        case "odd":
            matrix[random.random(rows) < 0.2] = 0
            matrix[random.random(rows) < 0.1] = np.inf
            matrix[random.random(rows) < 0.1] = np.nan
        case "alike":  # closer to each other than int8 rows can tell
            matrix[:] = matrix[0] + 1e-4 * matrix
        case "scales":  # down to subnormal numbers, up to lengths that overflow
            matrix = (matrix * 10.0 ** random.integers(-44, 38, size=(rows, 1))).astype(
                matrix.dtype
            )
        case "largest":  # sums of them overflow
            matrix[random.random(rows) < 0.1] *= matrix.dtype.type(np.finfo(matrix.dtype).max / 10)
        case "duplicates":
            matrix = matrix[random.integers(0, max(1, rows // 50), rows)]
    with np.errstate(all="ignore"):
        norms = row_norms(matrix)
        match draw(st.sampled_from(["ours", "exact", "wrong"])):
            case "exact":
                norms = np.linalg.norm(matrix.astype(np.longdouble), axis=1).astype(matrix.dtype)
            case "wrong":
                factor = draw(st.sampled_from([3, 1e-3, 1e-30, 1e30, 3e38, 0, -1, np.inf, np.nan]))
                norms[random.integers(0, rows, rows // 3)] *= matrix.dtype.type(factor)
    return matrix, norms, random


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    made=matrices(),
    count=st.integers(1, 14),
    topn=st.sampled_from([1, 3, 10, 100, 700]),
    parts=st.integers(1, 3),
    whole=st.booleans(),
    partly=st.booleans(),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_as_without_int8_rows(
    level: str,
    made: tuple[np.ndarray, np.ndarray, np.random.Generator],
    count: int,
    topn: int,
    parts: int,
    whole: bool,
    partly: bool,
) -> None:
    kernel = module(level)
    matrix, norms, random = made
    queries = random.standard_normal((count, matrix.shape[1])).astype(matrix.dtype)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    queries[random.random(count) < 0.1] = 0
    usual = matrix[np.isfinite(norms) & (norms > 1e-3)][:1]
    queries[: len(usual)] = usual / np.linalg.norm(usual, axis=1, keepdims=True)
    edges = sorted(random.integers(0, len(matrix) + 1, 2).tolist())
    rows = (0, len(matrix)) if whole else (edges[0], edges[1])
    excluded = random.integers(0, len(matrix), (count, random.integers(0, 4)))
    blocks = int(random.integers(0, -(-len(matrix) // 64) + 1)) if partly else None
    int8 = encoded(kernel, matrix, norms, blocks)
    best = found(kernel, int8, matrix, norms, queries, topn, rows, Exclusions.of(excluded), parts)
    for line, query in enumerate(queries):
        plain = found_plainly(kernel, matrix, norms, query, topn, rows, excluded[line])
        np.testing.assert_array_equal(best.rows[line], plain.rows[0])
        np.testing.assert_array_equal(best.scores[line], plain.scores[0])


def rounded_away(limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors of 100 dimensions whose 8-bit values are off by almost as much as is possible.

    The sums of the values differ by 95. The residual is half a step in every dimension, up in
    the first and down in the second, so that the true sum of the first is the larger one.
    """
    values = np.random.default_rng(9).integers(-40, 40, (2, 100))
    values[:, 0] = limit
    values[1, 1:] += (values[0].sum() + 95 - values[1].sum()) // 99
    values[1, 1] += values[0].sum() + 95 - values[1].sum()
    residuals = np.full((2, 100), 0.49)
    residuals[1] *= -1
    residuals[:, 0] = 0
    first, second = ((values + residuals) / 1000).astype(np.float32)
    return first, second


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("copies", [1, 700])
def test_bounds_are_just_wide_enough_for_rows(level: str, copies: int) -> None:
    kernel = module(level)
    first, second = rounded_away(127)
    matrix = np.stack([*[second] * copies, first])
    norms = np.ones(len(matrix), np.float32)
    query = np.full((1, 100), 0.1, np.float32)
    rows = 0, len(matrix)
    plain = found_plainly(kernel, matrix, norms, query[0], 1, rows, np.empty(0, np.int64))
    assert plain.rows.tolist() == [[copies]]
    int8 = encoded(kernel, matrix, norms)
    best = found(kernel, int8, matrix, norms, query, 1, rows, NO_ROWS)
    assert best.rows.tolist() == [[copies]]


@pytest.mark.parametrize("level", LEVELS)
def test_bounds_are_just_wide_enough_for_queries(level: str) -> None:
    """The same the other way round: the rows have no residual, the query has."""
    kernel = module(level)
    for limit in (127, 63):  # whichever this level has
        query = (rounded_away(limit)[0] - rounded_away(limit)[1])[np.newaxis] / 2
        query[0, 0] = limit / 1000
        direction = np.sign(np.random.default_rng(10).standard_normal(100)).astype(np.float32)
        values_of_query = np.rint(query[0] * 1000)
        # against the values of the query, along its residual
        query[0, 1:] = (values_of_query[1:] + 0.49 * direction[1:]) / 1000
        matrix = np.stack([-direction, direction])
        matrix[:, 0] = 0
        excess = int(values_of_query[1:] @ direction[1:]) + 45
        for place in range(1, 100):  # until their sum along the direction is -45
            step = max(-30, min(30, excess))
            query[0, place] -= step * direction[place] / 1000
            excess -= step
        norms = row_norms(matrix)
        plain = found_plainly(kernel, matrix, norms, query[0], 1, (0, 2), np.empty(0, np.int64))
        assert plain.rows.tolist() == [[1]]
        int8 = encoded(kernel, matrix, norms)
        best = found(kernel, int8, matrix, norms, query, 1, (0, 2), NO_ROWS)
        assert best.rows.tolist() == [[1]]


@pytest.mark.parametrize("level", LEVELS)
def test_bounds_count_in_how_floats_are_added_up(level: str) -> None:
    """Codes leave next to nothing of these vectors; rounding decides which cosine is larger."""
    kernel = module(level)
    random = np.random.default_rng(11)
    values = random.integers(60, 64, 4096)
    values[0] = 127
    matrix = np.stack([random.permutation(values) for _ in range(200)]).astype(np.float32)
    matrix[:, -1] = random.integers(-20, 20, 200)
    matrix[np.arange(200), random.integers(0, 4095, 200)] = 127
    matrix[:, 0] += values.sum() + 64 - matrix[:, :-1].sum(axis=1)
    query = np.full((1, 4096), 63, np.float32)
    query[0, -1] = 1
    sums = matrix.astype(int) @ query[0].astype(int)
    matrix *= np.float32(0.00123457)
    query *= np.float32(0.00234567)
    norms = np.ones(200, np.float32)
    plain = found_plainly(kernel, matrix, norms, query[0], 9, (0, 200), np.empty(0, np.int64))
    assert plain.rows[0].tolist() != np.argsort(-sums, kind="stable")[:9].tolist()
    int8 = encoded(kernel, matrix, norms)
    best = found(kernel, int8, matrix, norms, query, 9, (0, 200), NO_ROWS)
    np.testing.assert_array_equal(best.rows, plain.rows)
    np.testing.assert_array_equal(best.scores, plain.scores)


def overflowing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A row of finite length whose sum is infinite in floats, half in truth."""
    query = np.zeros(20)
    query[[0, 16]], query[[1, 17]] = 0.6, 0.37
    matrix = np.tile(0.9 * query, (70, 1)).astype(np.float32)
    matrix[69] = np.sign(query) * 3e38
    matrix[69, [1, 17]] *= -1
    return matrix, np.array([1] * 69 + [3e38], np.float32), query


def underflowing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A row that is the smallest float: six tenths of it are it, too."""
    query = np.array([0.6, 0.8])
    matrix = np.tile(0.9 * query, (70, 1)).astype(np.float32)
    matrix[69] = [np.finfo(np.float32).smallest_subnormal, 0]
    return matrix, np.array([1] * 69 + [matrix[69, 0]], np.float32), query


def too_long() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cosines, given a length that is none, beyond what a float can be."""
    matrix = np.ones((2, 16))
    matrix[1] = -1e21
    return matrix, np.array([1, 1e-17]), np.full(16, 0.25)


def too_short() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squares that are nothing in floats."""
    random = np.random.default_rng(12)
    matrix = (1e-8 * random.standard_normal((20_000, 16))).astype(np.float32)
    return matrix, np.full(20_000, 1e17, np.float32), random.standard_normal(16) / 4


def without_length() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Finite rows whose lengths are too large for a float; all others point away."""
    matrix = -np.random.default_rng(13).random((70, 16), np.float32)
    matrix[:3] = 3e38
    with np.errstate(over="ignore"):
        return matrix, row_norms(matrix), np.full(16, 0.25)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("make", [overflowing, underflowing, too_long, too_short, without_length])
def test_at_the_ends_of_what_a_float_can_be(
    level: str, make: Callable[[], tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> None:
    kernel = module(level)
    matrix, norms, query = make()
    query = query.astype(matrix.dtype)
    rows, topn = (0, len(matrix)), 2 if len(matrix) < 100 else 40
    plain = found_plainly(kernel, matrix, norms, query, topn, rows, np.empty(0, np.int64))
    int8 = encoded(kernel, matrix, norms)
    best = found(kernel, int8, matrix, norms, query[np.newaxis], topn, rows, NO_ROWS)
    assert (plain.rows >= 0).all()
    np.testing.assert_array_equal(best.rows, plain.rows)
    np.testing.assert_array_equal(best.scores, plain.scores)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_sums(level: str, sign: int) -> None:
    """Every code at its limit, in the most dimensions there may be: no sum overflows."""
    kernel = module(level)
    dims = kernel.MOST_DIMENSIONS
    matrix = np.full((3, dims), sign, np.float32)
    matrix[1, ::2] *= -1
    norms = row_norms(matrix)
    query = np.full((1, dims), 1 / dims**0.5, np.float32)
    int8 = encoded(kernel, matrix, norms)
    best = found(kernel, int8, matrix, norms, query, 3, (0, 3), NO_ROWS)
    plain = found_plainly(kernel, matrix, norms, query[0], 3, (0, 3), np.empty(0, np.int64))
    assert best.rows.tolist() == plain.rows.tolist() == [[[1, 0, 2], [0, 2, 1]][sign > 0]]
    np.testing.assert_array_equal(best.scores, plain.scores)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", range(16))
def test_large_values_of_a_query_next_to_each_other(level: str, place: int) -> None:
    """Sums of neighbouring products fit 16 bits, where that is what instructions add up to."""
    kernel = module(level)
    for width in (2, 4, 6, 8):
        query = np.full((1, 68), 0.06, np.float32)
        query[0, place : place + width] = 0.9 / width**0.5
        query /= row_norms(query)
        # like the query; only as far as its small values go, where no sum is large
        matrix = np.concatenate([query, np.where(query < 0.1, query, 0), -query])
        norms = row_norms(matrix)
        codes = encoded(kernel, matrix, norms)
        best = found(kernel, codes, matrix, norms, query, 1, (0, 3), NO_ROWS)
        assert best.rows.tolist() == [[0]]
        assert best.scores[0, 0] == pytest.approx(1, rel=1e-6)


def test_few_rows_are_read_in_full() -> None:
    """Where rows point in all directions, the int8 rows rule most of them out."""
    matrix = np.random.default_rng(2).standard_normal((20_000, 100)).astype(np.float32)
    norms = row_norms(matrix)
    space = SearchSpace(matrix, norms, int8_rows=int8_rows.encode(matrix, norms))
    query = matrix[:1] / norms[0]
    best = cosine_scan.scan(space, query, 10, 0, 20_000, NO_ROWS)
    # a row that is not read leaves no trace in the results, so it may as well be changed
    ruled_out = matrix @ matrix[0] / norms / norms[0] < best.scores[0, -1] - 0.04
    assert ruled_out.sum() > 19_500
    matrix[ruled_out] = np.nan
    again = cosine_scan.scan(space, query, 10, 0, 20_000, NO_ROWS)
    np.testing.assert_array_equal(again.rows, best.rows)
    np.testing.assert_array_equal(again.scores, best.scores)


@pytest.mark.parametrize("count", [1, 5, 60, 500])
def test_queries_are_shared_among_threads(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    matrix = np.random.default_rng(3).standard_normal((3000, 20)).astype(np.float32)
    norms = row_norms(matrix)
    queries = matrix[:count] / norms[:count, np.newaxis]
    excluded = np.arange(count)[:, np.newaxis]
    space = SearchSpace(matrix, norms, int8_rows=int8_rows.encode(matrix, norms))
    best = cosine_scan.scan_batches(space, queries, 5, Exclusions.of(excluded))
    for line, query in enumerate(queries):
        plain = found_plainly(scan_kernel, matrix, norms, query, 5, (0, 3000), excluded[line])
        np.testing.assert_array_equal(best.rows[line], plain.rows[0])
        np.testing.assert_array_equal(best.scores[line], plain.scores[0])


ONES = np.ones((70, 5), np.float32)
LENGTHS = np.full(70, 5**0.5, np.float32)


def changed(at: int, value: Any) -> Callable[[], None]:
    """A call of scan_int8_rows() with one argument that does not fit."""
    int8 = encoded(scan_kernel, ONES, LENGTHS)
    arguments = [
        *int8, ONES, LENGTHS, ONES[:1], 0, 70, *NO_ROWS,
        np.ones((1, 2), np.float32), np.ones((1, 2), np.int64), 1,
    ]  # fmt: skip
    arguments[at] = value
    return lambda: scan_kernel.scan_int8_rows(*arguments)


def scored(at: int, value: Any) -> Callable[[], None]:
    """The same for score_rows()."""
    arguments = [ONES, LENGTHS, ONES[:1], np.ones((1, 70), np.float32), 1]
    arguments[at] = value
    return lambda: scan_kernel.score_rows(*arguments)


def multiplied(at: int, value: Any) -> Callable[[], None]:
    """The same for score_products()."""
    arguments = [ONES, LENGTHS, ONES[:2], LENGTHS[:2], 1, np.ones(70, np.float32), 1]
    arguments[at] = value
    return lambda: scan_kernel.score_products(*arguments)


@pytest.mark.parametrize(
    "call",
    [
        changed(0, np.zeros((1, 512), np.uint8)),
        changed(0, np.zeros((3, 512), np.uint8)),
        changed(0, np.zeros((2, 256), np.uint8)),
        changed(1, np.zeros(64, np.float32)),
        changed(2, np.zeros(1, np.float32)),
        changed(3, np.zeros(3, np.float32)),
        changed(4, ONES[:60]),
        changed(4, np.asfortranarray(ONES)),
        changed(5, LENGTHS[:5]),
        changed(6, ONES[:1, :4].copy()),
        changed(7, -1),
        changed(8, 71),
        changed(9, np.zeros(3, np.int64)),
        changed(9, np.array([0, 1])),
        changed(10, np.zeros((0,), np.int64)[:0].astype(np.float32)),
        changed(11, np.ones((2, 2), np.float32)),
        changed(12, np.ones((1, 3), np.int64)),
        changed(13, 0),
        lambda: scan_kernel.encode_rows(
            ONES, LENGTHS[:3], 0, 2, *encoded(scan_kernel, ONES, LENGTHS)
        ),
        lambda: scan_kernel.encode_rows(
            ONES[:60], LENGTHS[:60], 0, 1, *encoded(scan_kernel, ONES, LENGTHS)
        ),
        *(
            lambda blocks=blocks: scan_kernel.encode_rows(
                ONES, LENGTHS, *blocks, *encoded(scan_kernel, ONES, LENGTHS)
            )
            for blocks in [(-1, 1), (1, 0), (0, 3)]
        ),
        lambda: scan_kernel.encode_rows(
            ONES, LENGTHS, 0, 2, *encoded(scan_kernel, ONES, LENGTHS), 0
        ),
        lambda: encoded(scan_kernel, np.ones((1, 70_000), np.float32), LENGTHS[:1]),
        scored(2, ONES[:2]),
        scored(2, ONES[:1, :4].copy()),
        scored(3, np.ones((1, 69), np.float32)),
        scored(1, LENGTHS[:69]),
        scored(0, np.asfortranarray(ONES)),
        scored(4, 0),
        multiplied(3, LENGTHS[:1]),
        multiplied(4, 0),
        multiplied(4, 3),
        multiplied(5, LENGTHS[:69]),
        multiplied(6, 0),
    ],
)
def test_arrays_that_do_not_fit_are_refused(call: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        call()


def test_nothing_to_find_and_nothing_to_search() -> None:
    int8 = encoded(scan_kernel, ONES, LENGTHS)
    query = ONES[:1] / LENGTHS[0]
    none = NO_ROWS
    assert found(scan_kernel, int8, ONES, LENGTHS, query, 0, (0, 70), none).rows.size == 0
    best = found(scan_kernel, int8, ONES, LENGTHS, query, 2, (30, 30), none)
    assert best.rows.tolist() == [[-1, -1]]
    assert np.isnan(best.scores).all()
    best = found(scan_kernel, int8, ONES, LENGTHS, query, 3, (69, 70), none)
    assert best.rows.tolist() == [[69, -1, -1]]


# the threads that help

needs_helpers = pytest.mark.skipif(
    not scan_kernel.HAS_HELPERS, reason="there are no helping threads on this system"
)


def search_until_helped(seconds: float = 60) -> bool:
    """Search until a thread is found awake that helps; every result must be right."""
    matrix = np.random.default_rng(4).standard_normal((30_000, 64)).astype(np.float32)
    norms = row_norms(matrix)
    space = SearchSpace(matrix, norms, int8_rows=int8_rows.encode(matrix, norms))
    query = matrix[:1] / norms[0]
    plain = found_plainly(
        scan_kernel, matrix, norms, query[0], 7, (0, 30_000), np.empty(0, np.int64)
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        best = cosine_scan.scan(space, query, 7, 0, 30_000, NO_ROWS)
        np.testing.assert_array_equal(best.rows, plain.rows)
        np.testing.assert_array_equal(best.scores, plain.scores)
        if scan_kernel.helpers_awake():
            return True
    return False


@needs_helpers
def test_helpers_wake_and_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    assert search_until_helped()
    end = time.monotonic() + 60
    while scan_kernel.helpers_awake() and time.monotonic() < end:
        time.sleep(0.01)
    assert scan_kernel.helpers_awake() == 0
    assert search_until_helped()


@needs_helpers
def test_many_threads_search_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    helped: list[bool] = []
    searchers = [
        threading.Thread(target=lambda: helped.append(search_until_helped())) for _ in range(4)
    ]
    for searcher in searchers:
        searcher.start()
    for searcher in searchers:
        searcher.join(120)
    assert helped == [True] * 4


def test_one_cpu_needs_no_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 1)
    spinning = cosine_scan.SpinningThreads()
    assert spinning.call(5) == 1
    assert len(spinning) == 0


@needs_helpers
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_helpers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 2)
    assert search_until_helped()
    child = os.fork()
    if child == 0:
        try:
            alone = scan_kernel.helpers_awake() == 0 and not len(cosine_scan.spinning_threads)
            os._exit(0 if alone and search_until_helped() else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
