"""The best k of scores against sorting them all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_cases import expected

from negw2v.search.compiled import topk_kernel
from negw2v.search.topk import largest

NONE = np.empty(0, dtype=np.int64)


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
        lambda: topk_kernel.sort_heaps(*heaps()[:2], np.zeros(3, np.int64)),
        lambda: topk_kernel.sort_heaps(*heaps()[:2], np.full(2, 4)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(call: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        call()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    scores=st.lists(st.sampled_from([0.0, 0.5, 1.0, -1.0, np.nan]), max_size=40),
    topn=st.integers(1, 50),
    excluded=st.sets(st.integers(0, 60), max_size=5),
)
def test_the_largest_of_one_list(scores: list[float], topn: int, excluded: set[int]) -> None:
    array = np.array(scores)
    found = largest(array, topn, np.array(sorted(excluded), dtype=np.int64)).tolist()
    numbers = expected(array, topn, excluded)
    assert found[: len(numbers)] == numbers
    left = [row for row in range(len(scores)) if row not in excluded]
    assert len(found) == min(topn, len(left))
    assert set(found) <= set(left)
