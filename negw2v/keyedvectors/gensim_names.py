"""Further names that code imports from ``gensim.models.keyedvectors``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.keyedvectors.rows import resized
from negw2v.training.weights import seeded_vector

__all__ = ["REAL", "CompatVocab", "Vocab", "prep_vectors", "pseudorandom_weak_vector"]

#: The type of trained vectors.
REAL = np.float32


class CompatVocab:
    """What a word had before gensim 4: attributes such as ``count`` and ``index``.

    Parameters
    ----------
    **kwargs
        The attributes.
    """

    count: int = 0

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)

    def __lt__(self, other: CompatVocab) -> bool:
        return self.count < other.count

    def __str__(self) -> str:
        values = ", ".join(f"{name}:{value!r}" for name, value in sorted(vars(self).items()))
        return f"{type(self).__name__}<{values}>"


Vocab = CompatVocab


def pseudorandom_weak_vector(
    size: int, seed_string: str | None = None, hashfxn: Callable[[str], int] = hash
) -> npt.NDArray[np.float32]:
    """A random vector, uniform in [-0.5, 0.5) / `size`.

    Parameters
    ----------
    size
        Its length.
    seed_string
        The random numbers depend on it and on `hashfxn`; None: on nothing.
    hashfxn
        From a str to an int.

    Returns
    -------
    numpy.ndarray
        float32 (size,).
    """
    if seed_string:
        return seeded_vector(size, seed_string, hashfxn)
    uniform = np.random.default_rng().random(size).astype(np.float32)
    result: npt.NDArray[np.float32] = (uniform - np.float32(0.5)) / np.float32(size)
    return result


def prep_vectors(
    target_shape: tuple[int, int],
    prior_vectors: npt.NDArray[Any] | None = None,
    seed: int = 0,
    dtype: npt.DTypeLike = REAL,
) -> npt.NDArray[Any]:
    """A matrix with the entries of another one, and random ones, uniform in ±1 / columns.

    Parameters
    ----------
    target_shape
        Rows and columns wanted.
    prior_vectors
        Float, with no more rows and columns than that; None: nothing. It is returned itself
        where it has the shape.
    seed
        Of the random entries.
    dtype
        Type of a new matrix.

    Returns
    -------
    numpy.ndarray
    """
    rows, columns = target_shape
    if prior_vectors is None:
        prior_vectors = np.zeros((0, 0), dtype=dtype)
    if prior_vectors.shape != (rows, columns):
        prior_vectors = prior_vectors.astype(dtype, copy=False)
    return resized(prior_vectors, rows, columns, seed)
