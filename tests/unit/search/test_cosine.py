"""Norms and cosines against NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_cases import cases

from negw2v import parallel
from negw2v.search import cosine_scan
from negw2v.search.cosine import (
    cosines,
    divide_by_norms,
    pairwise,
    product_scores,
    row_norms,
    unit,
)


@pytest.fixture(scope="module", autouse=True)
def three_threads() -> Iterator[None]:
    """Even small matrices are divided among three threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine_scan, "SHARED_BYTES", 50)
        patch.setattr(parallel, "thread_count", lambda: 3)
        patch.setattr(parallel, "_pool", None)
        yield


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


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=cases(), order=st.sampled_from("CF"), data=st.data())
def test_products(case: dict[str, Any], order: Any, data: st.DataObject) -> None:
    """3CosMul, whatever the lengths of its terms."""
    matrix, terms = np.asarray(case["matrix"], order=order), case["queries"]
    lengths = np.random.default_rng(1).uniform(0.5, 2, (len(terms), 1)).astype(terms.dtype)
    positive = data.draw(st.integers(1, len(terms)))
    norms = row_norms(matrix)
    found = product_scores(matrix, norms, lengths * terms, positive)
    assert found.dtype == matrix.dtype
    factors = (1 + lengths * divide_by_norms(terms.astype(float) @ matrix.T, norms)) / 2
    expected = factors[:positive].prod(axis=0) / (factors[positive:].prod(axis=0) + 1e-6)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


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
