"""The int8 copy of a matrix against NumPy: values, scales, and the norms that bound errors."""

from __future__ import annotations

import numpy as np
import pytest
from scans import DIMENSIONS, LEVELS, encoded, module

from negw2v.search import int8_rows
from negw2v.search.compiled import scan_kernel
from negw2v.search.cosine import divide_by_norms, row_norms


def whole_numbers(values: np.ndarray, level: str) -> np.ndarray:
    """Stored 8-bit values as integers: ARM's instructions take them signed, x86's 128 greater."""
    if level.startswith("arm64"):
        return values.view(np.int8).astype(int)
    return values.astype(int) - 128


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dims", DIMENSIONS)
def test_values_scales_and_residuals(level: str, dims: int) -> None:
    """As in NumPy: rows at length 1, in units of a 127th of their largest value."""
    kernel = module(level)
    matrix = np.random.default_rng(dims).standard_normal((150, dims)).astype(np.float32)
    matrix[3] = 0
    norms = row_norms(matrix)
    values, scales, residual_norms, int8_norms = encoded(kernel, matrix, norms)

    units = divide_by_norms(matrix, norms[:, np.newaxis])
    np.testing.assert_allclose(scales[:150], np.abs(units).max(axis=1) / 127, rtol=1e-6)
    assert not scales[150:].any()

    in_rows = whole_numbers(values, level)
    in_rows = in_rows.reshape(3, -1, 64, 4).transpose(0, 2, 1, 3).reshape(192, -1)
    assert not in_rows[150:].any()
    assert not in_rows[:, dims:].any()
    assert np.abs(in_rows).max() == 127
    scaled = in_rows[:150, :dims] * scales[:150, np.newaxis].astype(np.float64)
    residuals = units - scaled
    assert (np.abs(residuals) <= scales[:150, np.newaxis] * 0.50001).all()
    for bounds, vectors in ((residual_norms, residuals), (int8_norms, scaled)):
        sizes = np.zeros(192)
        sizes[:150] = np.linalg.norm(vectors, axis=1)
        np.testing.assert_allclose(bounds, sizes.reshape(3, 64).max(axis=1), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_without_a_direction_are_never_ruled_out(level: str, value: float) -> None:
    kernel = module(level)
    matrix = np.ones((130, 5), np.float32)
    matrix[70, 2] = value
    with np.errstate(invalid="ignore"):
        norms = row_norms(matrix)
    values, scales, residual_norms, int8_norms = encoded(kernel, matrix, norms)
    assert np.isinf(residual_norms).tolist() == [False, True, False]
    assert np.isfinite(int8_norms).all()
    assert scales[70] == 0
    assert not whole_numbers(values, level).reshape(3, -1, 64, 4)[1, :, 6].any()


def test_when_encoding_pays() -> None:
    large = np.zeros((3000, 100), np.float32)
    assert int8_rows.encoding_pays(large) == scan_kernel.IS_FAST
    assert not int8_rows.encoding_pays(large[:100])
    assert not int8_rows.encoding_pays(np.asfortranarray(large))
    assert not int8_rows.encoding_pays(large.astype(np.float16))
    assert not int8_rows.encoding_pays(np.zeros((10, 70_000), np.float32))
