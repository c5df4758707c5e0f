"""The arrays that training changes: how they grow, and how kernels see them.

Users and queries see views of `dimensions` columns; kernels need rows padded to whole cache
lines (:func:`negw2v.kernels.aligned_matrix`). :func:`kernel_matrix` finds the padded matrix
behind a view again, and copies an array of any other origin into one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import NotTrainableError, ParameterError
from negw2v.kernels import aligned_matrix
from negw2v.kernels.problem import ROW_BYTES

__all__ = [
    "Seed",
    "grown",
    "kernel_matrix",
    "legacy_seed",
    "lock_factors",
    "seeded_vector",
    "stream_seed",
    "zeros",
]

#: What a model's `seed` may be.
Seed = int | list[int] | tuple[int, ...] | None

Matrix = npt.NDArray[np.float32]


def zeros(rows: int, dimensions: int) -> Matrix:
    """A zero matrix (rows, dimensions), float32, a view of padded rows."""
    return aligned_matrix(rows, dimensions)[:, :dimensions]


def grown(matrix: npt.NDArray[Any], rows: int) -> Matrix:
    """A matrix of `rows` rows that starts with those of `matrix`; the new ones are zero.

    Parameters
    ----------
    matrix
        (n, dimensions) with ``n <= rows``.
    rows
        Number of rows wanted.
    """
    result = zeros(rows, matrix.shape[1])
    result[: len(matrix)] = matrix
    return result


def seeded_vector(size: int, seed_string: str, hash_function: Callable[[str], int]) -> Matrix:
    """A random vector that depends on a string, uniform in [-0.5, 0.5) / size.

    Parameters
    ----------
    size
        Length.
    seed_string
        The generator (NumPy's SFC64) is seeded with the lower 32 bits of its hash.
    hash_function
        From a string to an integer.

    Returns
    -------
    numpy.ndarray
        float32 (size,).
    """
    bits = np.random.SFC64(hash_function(seed_string) & 0xFFFFFFFF)
    uniform = np.random.Generator(bits).random(size).astype(np.float32)
    result: Matrix = (uniform - np.float32(0.5)) / np.float32(size)
    return result


def stream_seed(seed: Seed) -> int:
    """One 64-bit number for the random streams of training, from whatever the seed is."""
    if isinstance(seed, int) and 0 <= seed < 1 << 64:
        return seed
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def legacy_seed(seed: Seed) -> Any:
    """The seed for ``numpy.random.RandomState``, which takes 32 bits only."""
    return seed & 0xFFFFFFFF if isinstance(seed, int) else seed


def kernel_matrix(view: npt.NDArray[Any]) -> tuple[Matrix, Matrix]:
    """The padded matrix behind a matrix of vectors.

    Parameters
    ----------
    view
        (rows, dimensions) of any number type.

    Returns
    -------
    padded, view : numpy.ndarray
        float32 (rows, padded) for a kernel and its first `dimensions` columns. Where `view`
        already shows writable, aligned rows, it is returned itself; otherwise its values are
        copied, and the caller must put the new view in the old one's place.

    Raises
    ------
    NotTrainableError
        The array is not two-dimensional, or holds something else than real numbers.
    """
    if view.ndim != 2 or view.dtype.kind not in "fiu":
        msg = (
            f"vectors must be a matrix of real numbers, got an array of shape {view.shape} and "
            f"type {view.dtype}; assign a float32 array with one row per word"
        )
        raise NotTrainableError(msg)
    rows, dimensions = view.shape
    padded = _padded_rows(view)
    if padded is not None:
        return padded, view
    padded = aligned_matrix(rows, dimensions)
    padded[:, :dimensions] = view
    return padded, padded[:, :dimensions]


def _padded_rows(view: npt.NDArray[Any]) -> Matrix | None:
    """The whole rows of which `view` shows the first columns, or None if they are not ours."""
    rows, dimensions = view.shape
    like = aligned_matrix(0, dimensions)
    if view.dtype != np.float32 or not view.flags.writeable or view.size == 0:
        return None
    row_bytes = like.shape[1] * like.itemsize
    start = view.ctypes.data
    if view.strides != (row_bytes, like.itemsize) or start % ROW_BYTES:
        return None
    owner = view
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if not owner.flags.c_contiguous:
        return None
    offset = start - owner.ctypes.data
    if offset < 0 or offset + rows * row_bytes > owner.nbytes:
        return None
    padded: Matrix = np.lib.stride_tricks.as_strided(
        view, (rows, like.shape[1]), view.strides, subok=False
    )
    # Columns that somebody else uses are not padding.
    return None if padded[:, dimensions:].any() else padded


def lock_factors(factors: npt.NDArray[Any], rows: int) -> npt.NDArray[np.float32]:
    """Lock factors as kernels take them.

    Parameters
    ----------
    factors
        ``wv.vectors_lockf``: one factor for all words, or one for each.
    rows
        Number of words.

    Raises
    ------
    ParameterError
        Another number of factors, or one that is not finite.
    """
    result = np.ascontiguousarray(factors, dtype=np.float32)
    if result.shape not in {(1,), (rows,)}:
        msg = (
            f"wv.vectors_lockf must hold 1 factor, or one per word ({rows}), but its shape is "
            f"{result.shape}; give it the new length when the vocabulary grows"
        )
        raise ParameterError(msg)
    if not np.isfinite(result).all():
        msg = "wv.vectors_lockf holds NaN or infinity; 0.0 stops a word, 1.0 lets it move"
        raise ParameterError(msg)
    return result
