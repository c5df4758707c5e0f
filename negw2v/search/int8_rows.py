"""A copy of a matrix with one byte per value, from which a search rules most rows out.

Each row is scaled to length 1 and rounded to 8-bit integers: row = scale * integers + residual.
``src_cython/search/int8_rows.h`` has the format, and the bound of the error of a cosine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Floats
from negw2v.parallel import run_in_threads
from negw2v.search.compiled import scan_kernel
from negw2v.search.cosine_scan import SHARED_BYTES, is_scannable

__all__ = ["Int8Rows", "encode", "encoding_pays"]

# Values of a matrix below which reading the matrix itself is as fast.
FEWEST_VALUES = 1 << 18

LARGE_PAGE = 2 << 20


class Int8Rows(NamedTuple):
    """The rows of a matrix at length 1, as 8-bit integers (see ``scan_kernel.encode_rows``).

    Attributes
    ----------
    values
        uint8 (blocks, bytes of a block): the integers + 128.
    scales
        float32, one for each row.
    residual_norms, norms
        float32 (blocks,): the largest norms of residuals, and of scaled integers, in each block;
        they bound the error of a cosine.
    """

    values: npt.NDArray[np.uint8]
    scales: npt.NDArray[np.float32]
    residual_norms: npt.NDArray[np.float32]
    norms: npt.NDArray[np.float32]


def encoding_pays(matrix: Floats) -> bool:
    """Whether int8 rows make searches in this matrix faster.

    Parameters
    ----------
    matrix
        Float (V, dims), any strides.
    """
    return (
        scan_kernel.IS_FAST
        and is_scannable(matrix)
        and matrix.size >= FEWEST_VALUES
        and matrix.shape[1] <= scan_kernel.MOST_DIMENSIONS
    )


def encode(matrix: Floats, norms: Floats) -> Int8Rows:
    """The int8 rows of a matrix: a quarter of its size in float32.

    Parameters
    ----------
    matrix
        Float32 or float64 (V, dims), each row contiguous, dims >= 1.
    norms
        Float (V,): the norms of its rows.
    """
    norms = np.ascontiguousarray(norms, dtype=matrix.dtype)
    blocks = -(-len(matrix) // scan_kernel.BLOCK_ROWS)
    quads = -(-matrix.shape[1] // 4)
    rows = Int8Rows(
        _on_large_pages(blocks, quads * 4 * scan_kernel.BLOCK_ROWS),
        np.empty(blocks * scan_kernel.BLOCK_ROWS, dtype=np.float32),
        np.empty(blocks, dtype=np.float32),
        np.empty(blocks, dtype=np.float32),
    )
    next_block = np.zeros(1, dtype=np.int64)

    def work() -> None:
        scan_kernel.encode_rows(matrix, norms, next_block, *rows)

    run_in_threads(work, 1 + matrix.nbytes // SHARED_BYTES)
    return rows


def _on_large_pages(rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """An empty matrix of bytes, of which as much as possible is on memory pages of 2 MB."""
    size = rows * columns
    if size < LARGE_PAGE:
        return np.empty((rows, columns), dtype=np.uint8)
    memory = np.empty(size + LARGE_PAGE, dtype=np.uint8)
    start = -memory.ctypes.data % LARGE_PAGE
    return memory[start : start + size].reshape(rows, columns)
