"""Growing a matrix of vectors: new rows start at small random values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.kernels.problem import plain_matrix

__all__ = ["resized"]

BLOCK_ROWS = 16384


def resized(vectors: npt.NDArray[Any], rows: int, dimensions: int, seed: int) -> npt.NDArray[Any]:
    """`vectors` with `rows` rows; new entries are uniform in ±1 / dimensions.

    Parameters
    ----------
    vectors
        Float (n, dims) with n <= rows and dims <= dimensions.
    rows, dimensions
        The shape wanted.
    seed
        Of the random values. An entry's value depends on its place and the seed alone, not on
        the size of `vectors`; for float32 it is the one that gensim draws.

    Returns
    -------
    numpy.ndarray
        (rows, dimensions) of the same dtype, C-contiguous;
        `vectors` itself where it has that shape already.
    """
    if vectors.shape == (rows, dimensions):
        return vectors
    random = np.random.default_rng(seed)
    # NumPy draws random floats of 32 and 64 bits only
    drawn = np.float64 if vectors.dtype == np.float64 else np.float32
    result: npt.NDArray[Any] = (
        plain_matrix(rows, dimensions)
        if vectors.dtype == np.float32
        else np.empty((rows, dimensions), dtype=vectors.dtype)
    )
    for start in range(0, rows, BLOCK_ROWS):
        block = result[start : start + BLOCK_ROWS]
        values = random.random(block.shape, dtype=drawn)
        block[...] = (values * 2 - 1) / dimensions
    result[: vectors.shape[0], : vectors.shape[1]] = vectors
    return result
