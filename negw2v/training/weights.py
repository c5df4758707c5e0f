"""The arrays that training changes: how they grow, lock factors, seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Float32s
from negw2v.errors import ParameterError
from negw2v.kernels import plain_matrix

__all__ = [
    "Seed",
    "grown",
    "legacy_seed",
    "lock_factors",
    "seeded_vector",
    "stream_seed",
]

#: What a model's `seed` may be.
Seed = int | list[int] | tuple[int, ...] | None


def grown(matrix: Array, rows: int) -> Float32s:
    """A matrix of `rows` rows that starts with those of `matrix`; the new ones are zero.

    Parameters
    ----------
    matrix
        (n, dimensions) with ``n <= rows``.
    rows
        Number of rows wanted.
    """
    result = plain_matrix(rows, matrix.shape[1])
    result[: len(matrix)] = matrix
    return result


def seeded_vector(size: int, seed_string: str, hash_function: Callable[[str], int]) -> Float32s:
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
    result: Float32s = (uniform - np.float32(0.5)) / np.float32(size)
    return result


def stream_seed(seed: Seed) -> int:
    """One 64-bit number for the random streams of training, from whatever the seed is."""
    if isinstance(seed, int) and 0 <= seed < 1 << 64:
        return seed
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def legacy_seed(seed: Seed) -> Any:
    """The seed for ``numpy.random.RandomState``, which takes 32 bits only."""
    return seed & 0xFFFFFFFF if isinstance(seed, int) else seed


def lock_factors(factors: Array, rows: int) -> npt.NDArray[np.float32]:
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
