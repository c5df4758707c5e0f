"""A copy of a matrix with one byte per value, from which a search rules most rows out.

Each row is scaled to length 1 and rounded to 8-bit integers: row = scale * integers + residual.
``src_cython/search/int8_rows.h`` has the format, and the bound of the error of a cosine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Floats
from negw2v.search.compiled import scan_kernel
from negw2v.search.cosine_scan import is_scannable, threads_for

__all__ = ["Int8Rows", "encode", "encoding_pays"]

# Values of a matrix below which reading the matrix itself is as fast.
FEWEST_VALUES = 1 << 18

LARGE_PAGE = 2 << 20


class Int8Rows(NamedTuple):
    """The rows of a matrix at length 1, as 8-bit integers (see ``scan_kernel.encode_rows``).

    They may be those of the first rows only: searches read the others from the matrix.

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

    @classmethod
    def empty(cls, matrix: Floats) -> Int8Rows:
        """Room for all rows of a matrix."""
        blocks = -(-len(matrix) // scan_kernel.BLOCK_ROWS)
        quads = -(-matrix.shape[1] // 4)
        return cls(
            _on_large_pages(blocks, quads * 4 * scan_kernel.BLOCK_ROWS),
            np.empty(blocks * scan_kernel.BLOCK_ROWS, dtype=np.float32),
            np.empty(blocks, dtype=np.float32),
            np.empty(blocks, dtype=np.float32),
        )

    @property
    def blocks(self) -> int:
        """How many blocks of ``scan_kernel.BLOCK_ROWS`` rows there are."""
        return len(self.norms)

    def first(self, blocks: int) -> Int8Rows:
        """The first blocks, in the same memory."""
        if blocks >= self.blocks:
            return self
        return Int8Rows(
            self.values[:blocks],
            self.scales[: blocks * scan_kernel.BLOCK_ROWS],
            self.residual_norms[:blocks],
            self.norms[:blocks],
        )

    def encode(self, matrix: Floats, norms: Floats, first: int, last: int) -> None:
        """Fill in the blocks first ... last - 1.

        Parameters
        ----------
        matrix
            Float32 or float64 (V, dims), each row contiguous, dims >= 1.
        norms
            Float (V,): the norms of its rows.
        first, last
            Which blocks.
        """
        lengths = np.ascontiguousarray(norms, dtype=matrix.dtype)
        threads = threads_for(matrix[: (last - first) * scan_kernel.BLOCK_ROWS])
        scan_kernel.encode_rows(matrix, lengths, first, last, *self, threads)


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
    """The int8 rows of a matrix, all of them: a quarter of its size in float32.

    Parameters
    ----------
    matrix, norms
        As for :meth:`Int8Rows.encode`.
    """
    rows = Int8Rows.empty(matrix)
    rows.encode(matrix, norms, 0, rows.blocks)
    return rows


def _on_large_pages(rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """An empty matrix of bytes, of which as much as possible is on memory pages of 2 MB."""
    size = rows * columns
    if size < LARGE_PAGE:
        return np.empty((rows, columns), dtype=np.uint8)
    memory = np.empty(size + LARGE_PAGE, dtype=np.uint8)
    start = -memory.ctypes.data % LARGE_PAGE
    return memory[start : start + size].reshape(rows, columns)
