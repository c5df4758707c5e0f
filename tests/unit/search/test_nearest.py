"""The searches against sorting all scores, across every seam between blocks and threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_cases import cases, expected

from negw2v import parallel
from negw2v.search import cosine_scan, nearest
from negw2v.search.cosine import divide_by_norms, row_norms
from negw2v.search.search_space import SearchSpace
from negw2v.search.topk import Exclusions


@pytest.fixture(scope="module", autouse=True)
def many_seams() -> Iterator[None]:
    """Small blocks and three threads, so that small cases cross all seams."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "BLOCK_QUERIES", 5)
        patch.setattr(nearest, "FEW_QUERIES", 2)
        patch.setattr(nearest, "BLOCK_BYTES", 1)
        patch.setattr(cosine_scan, "SHARED_BYTES", 50)
        patch.setattr(cosine_scan, "ROWS_PER_BEST", 0)
        patch.setattr(cosine_scan, "FEWEST_TOGETHER", 2)
        patch.setattr(cosine_scan, "MOST_TOGETHER", 7)
        patch.setattr(parallel, "thread_count", lambda: 3)
        patch.setattr(parallel, "_pool", None)
        yield


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


def test_without_threadpoolctl_batches_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_blas_controller", lambda: None)
    matrix = np.eye(4, dtype=np.float32)
    space = SearchSpace(matrix, row_norms(matrix))
    best = nearest.nearest(space, matrix, 1, Exclusions.of(np.empty((4, 0), np.int64)))
    assert best.rows.ravel().tolist() == [0, 1, 2, 3]
