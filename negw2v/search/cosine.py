"""Norms and cosines of the rows of a matrix.

A zero vector has no direction; here its cosine with everything is 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.search import compiled
from negw2v.search.threads import run_in_threads

__all__ = [
    "between",
    "cosines",
    "divide_by_norm",
    "divide_by_norms",
    "is_scannable",
    "pairwise",
    "product_scores",
    "row_norms",
    "scan_threads",
    "unit",
]

FloatArray = npt.NDArray[np.floating[Any]]

SCANNABLE_TYPES = (np.dtype(np.float32), np.dtype(np.float64))

# Rows that one step of a blockwise computation handles: a few MB at common dimensions.
BLOCK_ROWS = 16384

# Values that a thread must have to scan to be worth waking: some tenths of a millisecond.
SCAN_VALUES = 1 << 20


def row_norms(matrix: FloatArray) -> FloatArray:
    """Euclidean length of every row.

    Parameters
    ----------
    matrix
        Float (n, dims), any strides.

    Returns
    -------
    numpy.ndarray
        (n,), of the matrix's dtype; float32 for float16.
    """
    if matrix.dtype != np.float16:
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", matrix, matrix)))
    norms = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), BLOCK_ROWS):
        block = matrix[start : start + BLOCK_ROWS].astype(np.float32)
        norms[start : start + BLOCK_ROWS] = row_norms(block)
    return norms


def divide_by_norms(values: FloatArray, norms: FloatArray) -> FloatArray:
    """`values` / `norms`, and 0 where the norm is 0.

    Parameters
    ----------
    values
        Float array whose shape `norms` broadcasts to.
    norms
        Lengths, >= 0.

    Returns
    -------
    numpy.ndarray
        A new array of `values`' shape and dtype.
    """
    quotient = np.zeros_like(values)
    with np.errstate(invalid="ignore"):  # infinity in a vector makes NaN, as it should
        np.divide(values, norms, out=quotient, where=norms != 0, casting="same_kind")
    return quotient


def divide_by_norm(vector: FloatArray, norm: Any) -> FloatArray:
    """What :func:`divide_by_norms` makes of one vector, in less time.

    Parameters
    ----------
    vector
        Float (dims,).
    norm
        Its length, a NumPy number.
    """
    if norm > 0 and math.isfinite(norm):
        return np.asarray(vector / norm, dtype=vector.dtype)
    return divide_by_norms(vector, norm)


def unit(vector: FloatArray) -> FloatArray:
    """`vector` at length 1; a zero vector stays zero, one of no finite length becomes NaN.

    Parameters
    ----------
    vector
        Float (dims,).

    Returns
    -------
    numpy.ndarray
        A new (dims,) array of the same dtype.
    """
    wide = vector.astype(np.float64)
    length = math.sqrt(wide @ wide)
    if not math.isfinite(length):
        return np.full_like(vector, np.nan)
    return (wide / length if length else wide).astype(vector.dtype)


def between(first: FloatArray, second: FloatArray) -> float:
    """Cosine of two vectors, float (dims,); 0 where one is zero."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    lengths = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / lengths if lengths else 0.0


def cosines(vectors: FloatArray, matrix: FloatArray, norms: FloatArray | None = None) -> FloatArray:
    """Cosine of one vector, or of each of several, with every row of a matrix.

    Parameters
    ----------
    vectors
        Float (dims,) or (n, dims), of any length; a zero vector gives cosines of 0.
    matrix
        Float (V, dims), any strides.
    norms
        The rows' lengths (V,), where they are known already.

    Returns
    -------
    numpy.ndarray
        (V,) or (n, V), float64 for a matrix of float64, else float32.
    """
    if norms is None:
        norms = row_norms(matrix)
    if not is_scannable(matrix):
        wide = np.result_type(matrix.dtype.newbyteorder("="), np.float32)
        matrix = np.ascontiguousarray(matrix, dtype=wide)
    queries = np.stack([unit(vector.astype(matrix.dtype)) for vector in np.atleast_2d(vectors)])
    lengths = np.ascontiguousarray(norms, dtype=matrix.dtype)
    scores: FloatArray = np.zeros((len(queries), len(matrix)), dtype=matrix.dtype)

    next_row = np.zeros(1, dtype=np.int64)

    def score() -> None:
        compiled.topk.score_rows(matrix, lengths, queries, next_row, len(matrix), scores)

    run_in_threads(score, scan_threads(matrix, len(matrix)))
    return scores if vectors.ndim == 2 else scores[0]


def scan_threads(matrix: FloatArray, rows: int) -> int:
    """How many threads so many of the matrix's rows are worth, where each is read once."""
    return 1 + rows * int(matrix.shape[1]) // SCAN_VALUES


def is_scannable(matrix: FloatArray) -> bool:
    """Whether the compiled functions can read the rows as they are."""
    return matrix.dtype in SCANNABLE_TYPES and matrix.strides[1] == matrix.itemsize


def pairwise(first: FloatArray, second: FloatArray) -> npt.NDArray[np.float32]:
    """Cosine of each row of one matrix with the same row of another.

    They are computed in double precision, then rounded, so that equal ones come out equal.

    Parameters
    ----------
    first, second
        Float (n, dims).

    Returns
    -------
    numpy.ndarray
        float32 (n,).
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    products = np.einsum("ij,ij->i", first, second)
    return divide_by_norms(products, row_norms(first) * row_norms(second)).astype(np.float32)


def product_scores(
    matrix: FloatArray, norms: FloatArray, terms: FloatArray, positive: int
) -> FloatArray:
    """3CosMul (Levy and Goldberg 2014, eq. 4) of every row with several terms.

    Parameters
    ----------
    matrix
        Float (n, dims).
    norms
        Float (n,): lengths of its rows.
    terms
        Float (m, dims), commonly of length 1.
    positive
        The first so many terms count for a row, the others against it.

    Returns
    -------
    numpy.ndarray
        Float (n,): the product of (1 + term . row / |row|) / 2 over the positive terms,
        divided by that over the others + 0.000001.
    """
    scores = cosines(terms, matrix, norms)
    similarities = (1 + row_norms(terms)[:, np.newaxis] * scores) / 2
    return np.asarray(
        similarities[:positive].prod(axis=0) / (similarities[positive:].prod(axis=0) + 1e-6)
    )
