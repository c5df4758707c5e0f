"""The searches against sorting all scores, across every seam between blocks and threads."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import parallel
from negw2v.search import cosine, cosine_scan, int8_rows, nearest
from negw2v.search.compiled import topk_kernel
from negw2v.search.cosine import cosines, divide_by_norms, pairwise, row_norms, unit
from negw2v.search.search_space import SearchSpace
from negw2v.search.topk import Exclusions, largest

NONE = np.empty(0, dtype=np.int64)
FIRST = np.zeros(1, dtype=np.int64)


@pytest.fixture(scope="module", autouse=True)
def many_seams() -> Iterator[None]:
    """Small blocks and three threads, so that small cases cross all seams."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "BLOCK_QUERIES", 5)
        patch.setattr(nearest, "FEW_QUERIES", 2)
        patch.setattr(nearest, "BLOCK_BYTES", 1)
        patch.setattr(cosine, "SCAN_VALUES", 50)
        patch.setattr(cosine_scan, "SHARED_BYTES", 50)
        patch.setattr(int8_rows, "SHARED_BYTES", 50)
        patch.setattr(cosine_scan, "ROWS_PER_BEST", 0)
        patch.setattr(cosine_scan, "FEWEST_TOGETHER", 2)
        patch.setattr(cosine_scan, "MOST_TOGETHER", 7)
        patch.setattr(parallel, "thread_count", lambda: 3)
        patch.setattr(parallel, "_pool", None)
        yield


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


@settings(max_examples=250, deadline=None, derandomize=True)
@given(case=cases())
def test_nearest(case: dict[str, Any]) -> None:
    matrix, queries, topn = case["matrix"], case["queries"], case["topn"]
    space = SearchSpace(
        matrix, row_norms(matrix), case["candidates"], case["banned"], case["int8_rows"]
    )
    excluded = case["excluded"][: len(queries)]
    best = nearest.nearest(space, queries, topn, Exclusions.of(excluded))
    width = min(topn, len(space))
    assert best.rows.shape == best.scores.shape == (len(queries), width)
    assert best.scores.dtype == matrix.dtype
    scores = queries @ divide_by_norms(matrix, row_norms(matrix)[:, np.newaxis]).T
    allowed = set(range(len(matrix)) if case["candidates"] is None else case["candidates"])
    allowed -= set([] if case["banned"] is None else case["banned"].tolist())
    for line in range(len(queries)):
        out = set(range(len(matrix))) - allowed | set(excluded[line].tolist())
        rows = expected(scores[line], width, out)
        found = best.rows[line]
        assert found[: len(rows)].tolist() == rows
        assert (found[len(rows) :] == -1).all()
        np.testing.assert_allclose(best.scores[line, : len(rows)], scores[line, rows], atol=1e-6)
        assert np.isnan(best.scores[line, len(rows) :]).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(case=cases(), first=st.integers(0, 70), last=st.integers(0, 700))
def test_scan_of_some_rows(case: dict[str, Any], first: int, last: int) -> None:
    matrix, topn = case["matrix"], case["topn"]
    query = case["queries"][0]
    last = min(last, len(matrix))
    first = min(first, last)
    norms = row_norms(matrix)
    excluded = case["excluded"][0]
    space = SearchSpace(matrix, norms, int8_rows=case["int8_rows"])
    own = Exclusions.of(excluded[np.newaxis])
    best = cosine_scan.scan(space, query[np.newaxis], topn, first, last, own)
    scores = divide_by_norms(matrix @ query, norms)
    out = {*range(first), *range(last, len(matrix)), *excluded.tolist()}
    rows = expected(scores, min(topn, last - first), out)
    assert best.rows[0][: len(rows)].tolist() == rows
    assert (best.rows[0][len(rows) :] == -1).all()
    np.testing.assert_allclose(best.scores[0, : len(rows)], scores[rows], atol=1e-6)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), rows=st.sampled_from([3, 64, 65, 700]), product=st.booleans())
def test_analogies(seed: int, rows: int, product: bool) -> None:
    random = np.random.default_rng(seed)
    matrix = random.standard_normal((rows, 12)).astype(np.float32)
    questions = random.integers(0, rows, (20, 3))
    norms = row_norms(matrix)
    best = nearest.analogies(SearchSpace(matrix, norms), questions, 5, product)
    units = (matrix / norms[:, np.newaxis]).astype(np.float64)
    cosines = units @ units.T
    for line, (a, b, c) in enumerate(questions):
        if product:
            moved = (1 + cosines) / 2
            scores = moved[b] * moved[c] / (moved[a] + 1e-6)
        else:
            direction = units[b] + units[c] - units[a]
            scores = units @ direction / np.linalg.norm(direction)
        order = expected(scores, 5, {a, b, c})
        found = best.rows[line]
        np.testing.assert_allclose(
            best.scores[line, : len(order)], scores[order], rtol=1e-3, atol=1e-5
        )
        np.testing.assert_allclose(scores[found[: len(order)]], scores[order], rtol=1e-3, atol=1e-5)
        assert (found[len(order) :] == -1).all()
        assert not {a, b, c} & set(found.tolist())


def test_a_block_of_rows_wider_than_a_strip() -> None:
    random = np.random.default_rng(8)
    scores = random.standard_normal((6, 1300)).astype(np.float32)
    terms = random.integers(0, 6, (9, 3))
    best, rows, filled = np.empty((9, 4), np.float32), np.empty((9, 4), np.int64), np.zeros(9, int)
    topk_kernel.offer_analogies(
        scores, 1000, terms, False, best, rows, filled, np.zeros(10, np.int64), NONE
    )
    topk_kernel.sort_heaps(best, rows, filled)
    for line, (a, b, c) in enumerate(terms):
        assert (rows[line] - 1000).tolist() == expected(scores[b] + scores[c] - scores[a], 4, set())


def test_nan_is_never_among_the_best() -> None:
    scores = np.array([[np.nan, 1, np.nan, -np.inf, 3, 2]], dtype=np.float32)
    best, rows = np.empty((1, 5), np.float32), np.empty((1, 5), np.int64)
    filled = np.zeros(1, np.int64)
    starts = np.zeros(2, np.int64)
    topk_kernel.offer_scores(scores, 10, best, rows, filled, starts, NONE)
    topk_kernel.sort_heaps(best, rows, filled)
    assert filled.tolist() == [3]
    assert rows[0, :3].tolist() == [14, 15, 11]


def heaps(n: int = 2, k: int = 3) -> list[Any]:
    return [np.empty((n, k), np.float32), np.empty((n, k), np.int64), np.zeros(n, np.int64)]


SCORES = np.ones((2, 9), np.float32)
ONES = np.ones((2, 3), np.float32)
STARTS = np.zeros(3, np.int64)


@pytest.mark.parametrize(
    "call",
    [
        lambda: topk_kernel.offer_scores(SCORES, 0, *heaps(3), STARTS, NONE),
        lambda: topk_kernel.offer_scores(SCORES.T.copy().T, 0, *heaps(), STARTS, NONE),
        lambda: topk_kernel.offer_scores(SCORES, 0, *heaps(), STARTS[:2], NONE),
        lambda: topk_kernel.offer_scores(SCORES, 0, *heaps(), np.array([0, 1, 2]), NONE),
        lambda: topk_kernel.offer_scores(SCORES, 0, *heaps(), np.array([0, 2, 1]), np.arange(2)),
        lambda: topk_kernel.offer_scores(SCORES, 0, *heaps()[:2], np.full(2, 4), STARTS, NONE),
        lambda: topk_kernel.offer_analogies(
            SCORES, 0, np.array([[0, 1, 2]] * 2), False, *heaps(), STARTS, NONE
        ),
        lambda: topk_kernel.offer_analogies(
            SCORES, 0, np.array([[0, 1]] * 2), False, *heaps(), STARTS, NONE
        ),
        lambda: topk_kernel.score_rows(
            SCORES, ONES[0, :2], SCORES[:1], FIRST, 3, ONES[:1, :2].copy()
        ),
        lambda: topk_kernel.score_rows(SCORES, ONES[0, :2], SCORES[:1], FIRST, 2, ONES[:1]),
        lambda: topk_kernel.score_rows(SCORES, ONES[0, :2], SCORES, FIRST, 2, ONES[:1, :2].copy()),
        lambda: topk_kernel.score_rows(SCORES, ONES[0], SCORES[:1], FIRST, 2, ONES[:1, :2].copy()),
        lambda: topk_kernel.score_rows(
            SCORES, ONES[0, :2], SCORES[:1], FIRST - 1, 2, ONES[:1, :2].copy()
        ),
        lambda: topk_kernel.score_rows(
            SCORES, ONES[0, :2], SCORES[:1], np.zeros(2, np.int64), 2, ONES[:1, :2].copy()
        ),
        lambda: topk_kernel.sort_heaps(*heaps()[:2], np.zeros(3, np.int64)),
        lambda: topk_kernel.sort_heaps(*heaps()[:2], np.full(2, 4)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(call: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        call()


# one score after the other


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    scores=st.lists(st.sampled_from([0.0, 0.5, 1.0, -1.0, np.nan]), max_size=40),
    topn=st.integers(1, 50),
    excluded=st.sets(st.integers(0, 60), max_size=5),
)
def test_best(scores: list[float], topn: int, excluded: set[int]) -> None:
    array = np.array(scores)
    found = largest(array, topn, np.array(sorted(excluded), dtype=np.int64)).tolist()
    numbers = expected(array, topn, excluded)
    assert found[: len(numbers)] == numbers
    left = [row for row in range(len(scores)) if row not in excluded]
    assert len(found) == min(topn, len(left))
    assert set(found) <= set(left)


# norms and cosines


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=cases(), known=st.booleans(), order=st.sampled_from("CF"))
def test_cosines(case: dict[str, Any], known: bool, order: Any) -> None:
    matrix = np.asarray(case["matrix"], order=order)
    norms = row_norms(matrix)
    found = cosines(3 * case["queries"], matrix, norms if known else None)
    assert found.dtype == matrix.dtype
    expected_cosines = divide_by_norms(case["queries"] @ matrix.T, norms)
    np.testing.assert_allclose(found, expected_cosines, atol=1e-6)
    one = cosines(3 * case["queries"][0], matrix, norms)
    np.testing.assert_array_equal(one, found[0])


def test_norms_of_small_types() -> None:
    matrix = np.full((70_000, 3), 300, dtype=np.float16)
    norms = row_norms(matrix)
    assert norms.dtype == np.float32
    np.testing.assert_allclose(norms, 300 * 3**0.5, rtol=1e-6)


def test_unit_and_pairwise_of_zero() -> None:
    assert unit(np.zeros(3, np.float32)).tolist() == [0, 0, 0]
    assert unit(np.array([3, 4], np.float32)).tolist() == pytest.approx([0.6, 0.8])
    assert np.isnan(unit(np.array([3, np.inf], np.float32))).all()
    assert pairwise(np.zeros((1, 2)), np.ones((1, 2))).tolist() == [0]
    assert pairwise(np.ones((1, 2)), np.ones((1, 2))).tolist() == [1]


# threads


EDGES = [0, 3, 5, 9, 10, 17, 20]


def shared(work: Callable[[list[Any], int, int], None]) -> list[list[Any]]:
    return parallel.share_over_threads(list, work, EDGES)


def test_every_range_is_done_once_and_in_order() -> None:
    states = shared(lambda state, first, last: state.append((first, last)))
    assert 1 <= len(states) <= 3
    assert sorted(itertools.chain(*states)) == list(itertools.pairwise(EDGES))
    assert all(state == sorted(state) for state in states)
    assert parallel.share_over_threads(list, lambda *_: None, [4]) == [[]]


def test_threads_take_part() -> None:
    met = threading.Barrier(3)
    states = shared(lambda state, first, last: state.append(first < 9 and met.wait(60)))
    assert len(states) == 3
    assert sum(map(len, states)) == 6


def test_errors_of_threads_reach_the_caller() -> None:
    failed = threading.Event()

    def work(_: list[Any], first: int, last: int) -> None:
        if threading.current_thread() is threading.main_thread():
            assert failed.wait(60)
        else:
            failed.set()
            raise RuntimeError(threading.current_thread().name)

    with pytest.raises(RuntimeError, match="negw2v-query"):
        shared(work)


def test_errors_of_the_calling_thread_stop_the_others() -> None:
    done = []
    stopped = threading.Event()

    def work(_: list[Any], first: int, last: int) -> None:
        if threading.current_thread() is threading.main_thread():
            stopped.set()
            raise RuntimeError("here")
        assert stopped.wait(60)
        time.sleep(0.05)
        done.append(first)

    with pytest.raises(RuntimeError, match="here"):
        shared(work)
    parallel._pool.shutdown()
    assert len(done) <= 2
    parallel._pool = None


def test_blas_is_limited_until_the_last_has_left() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    # NumPy's, which is there from the start: that of SciPy, which other tests load, is not ours.
    used = {part["filepath"] for part in parallel._blas_controller().info()}

    def limits() -> set[int]:
        found = threadpoolctl.threadpool_info()
        return {
            part["num_threads"]
            for part in found
            if part["user_api"] == "blas" and part["filepath"] in used
        }

    before = limits()
    with parallel.single_threaded_blas:
        with parallel.single_threaded_blas:
            assert limits() <= {1}
        assert limits() <= {1}
    assert limits() == before


OTHER_BLAS = """
import threadpoolctl
from negw2v import parallel

def numbers():
    return {p["filepath"]: p["num_threads"] for p in threadpoolctl.threadpool_info()
            if p["user_api"] == "blas"}

own = set(numbers())
with parallel.single_threaded_blas:
    assert all(numbers()[path] == 1 for path in own)
import scipy.linalg
later = numbers()
with parallel.single_threaded_blas:
    assert all(numbers()[path] == 1 for path in own)
    assert all(numbers()[path] == later[path] for path in set(later) - own)
assert numbers() == later
"""


def test_blas_that_is_loaded_later_is_not_the_one_that_products_use() -> None:
    pytest.importorskip("threadpoolctl")
    pytest.importorskip("scipy")
    subprocess.run(
        [sys.executable, "-c", OTHER_BLAS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )


def test_without_threadpoolctl_batches_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_blas_controller", lambda: None)
    matrix = np.eye(4, dtype=np.float32)
    space = SearchSpace(matrix, row_norms(matrix))
    best = nearest.nearest(space, matrix, 1, Exclusions.of(np.empty((4, 0), np.int64)))
    assert best.rows.ravel().tolist() == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own() -> None:
    shared(lambda *_: None)
    child = os.fork()
    if child == 0:
        try:
            met = threading.Barrier(3)
            states = shared(lambda state, first, last: first < 9 and met.wait(60))
            os._exit(0 if len(states) == 3 else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
