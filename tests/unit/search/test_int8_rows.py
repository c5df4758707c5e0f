"""The int8 copy of a matrix against NumPy: values, scales, and the norms that bound errors."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scans import DIMENSIONS, LEVELS, encoded, module

from negw2v import kernels
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


#: int8_dots() as AVX-VNNI has it, with its instruction replaced by what Intel's manual says of it:
#: four products of unsigned and signed bytes are added to each sum of 32 bits.
EMULATED = """
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static __m256i emulated(__m256i sums, __m256i rows, __m256i query) {
    int32_t sum[8];
    uint8_t row[32];
    int8_t value[32];
    memcpy(sum, &sums, 32);
    memcpy(row, &rows, 32);
    memcpy(value, &query, 32);
    for (int i = 0; i < 32; i++) sum[i / 4] += row[i] * value[i];
    memcpy(&sums, sum, 32);
    return sums;
}
#define __AVXVNNI__ 1
#define _mm256_dpbusd_avx_epi32 emulated
#include "int8_rows.h"
#if !INT8_HAS_DOT4 || LANES != 8
#error "not the code of AVX-VNNI"
#endif
int main(void) {
    static uint8_t block[7 * 4 * INT8_ROWS + INT8_AHEAD], queries[6 * 28];
    int32_t starts[6], dots[6 * INT8_ROWS];
    for (int i = 0; i < 7 * 4 * INT8_ROWS; i++) block[i] = (uint8_t)(i * 37 + i / 11);
    for (int i = 0; i < 6 * 28; i++) queries[i] = (uint8_t)(i * 91 + i / 5);
    for (int i = 0; i < 6; i++) starts[i] = 1000 * i - 7;
    for (int n = 1; n <= INT8_TILE_QUERIES; n++) {
        for (int quads = 1; quads <= 7; quads++) {
            int8_dots(block, quads, queries, 28, n, starts, dots);
            for (int i = 0; i < n; i++) {
                for (int row = 0; row < INT8_ROWS; row++) {
                    int32_t sum = starts[i];
                    for (int d = 0; d < 4 * quads; d++) {
                        int of_row = block[4 * (d / 4 * INT8_ROWS + row) + d % 4];
                        sum += of_row * (int8_t)queries[28 * i + d];
                    }
                    if (dots[i * INT8_ROWS + row] != sum) return 1;
                }
            }
        }
    }
    return 0;
}
"""


@pytest.mark.skipif(
    "v3" not in kernels.levels() or shutil.which("gcc") is None, reason="needs AVX2 and GCC"
)
def test_the_code_for_avx_vnni_adds_up_what_its_instruction_does(
    repository: Path, tmp_path: Path
) -> None:
    """Most machines have AVX-512 and no AVX-VNNI, or neither."""
    (tmp_path / "emulated.c").write_text(EMULATED)
    folders = [f"-I{repository / 'src_cython' / name}" for name in ("search", "simd")]
    program = tmp_path / "emulated"
    options = ["-mavx2", "-mfma", "-O1", *folders]
    subprocess.run(
        ["gcc", *options, str(tmp_path / "emulated.c"), "-o", str(program), "-lm"], check=True
    )
    assert subprocess.run([str(program)], check=False).returncode == 0
