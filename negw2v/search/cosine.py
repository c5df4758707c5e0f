"""Norms and cosines of the rows of a matrix.

A zero vector has no direction; here its cosine with everything is 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Floats
from negw2v.search.compiled import scan_kernel
from negw2v.search.cosine_scan import is_scannable, threads_for

__all__ = [
    "between",
    "cosines",
    "divide_by_norm",
    "divide_by_norms",
    "pairwise",
    "product_scores",
    "row_norms",
    "unit",
]


# Rows that one step of a blockwise computation handles: a few MB at common dimensions.
BLOCK_ROWS = 16384

# Up to this many norms are looked at one by one.
FEW_NORMS = 16


def row_norms(matrix: Floats) -> Floats:
    """Euclidean norm of every row.

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


def divide_by_norms(values: Floats, norms: Floats) -> Floats:
    """`values` / `norms`, and 0 where the norm is 0.

    Parameters
    ----------
    values
        Float array whose shape `norms` broadcasts to.
    norms
        Float, >= 0.

    Returns
    -------
    numpy.ndarray
        A new array of `values`' shape and dtype.
    """
    few = norms.size <= FEW_NORMS and norms.dtype == values.dtype
    if few and all(0 < norm < math.inf for norm in norms.ravel().tolist()):
        return np.divide(values, norms)  # in a third of the time
    quotient = np.zeros_like(values)
    with np.errstate(invalid="ignore"):  # infinity in a vector makes NaN, as it should
        np.divide(values, norms, out=quotient, where=norms != 0, casting="same_kind")
    return quotient


def divide_by_norm(vector: Floats, norm: Any) -> Floats:
    """One vector divided by its norm; the result is that of :func:`divide_by_norms`, faster.

    Parameters
    ----------
    vector
        Float (dims,).
    norm
        Its norm, a NumPy number.
    """
    if norm > 0 and math.isfinite(norm):
        return np.asarray(vector / norm, dtype=vector.dtype)
    return divide_by_norms(vector, norm)


def unit(vector: Floats) -> Floats:
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
    length = math.sqrt(wide.dot(wide))
    if not math.isfinite(length):
        return np.full_like(vector, np.nan)
    return (wide / length if length else wide).astype(vector.dtype)


def between(first: Floats, second: Floats) -> float:
    """Cosine of two vectors, float (dims,); 0 where one is zero."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    lengths = math.sqrt(float(first.dot(first)) * float(second.dot(second)))
    return float(first.dot(second)) / lengths if lengths else 0.0


def cosines(vectors: Floats, matrix: Floats, norms: Floats | None = None) -> Floats:
    """Cosine of one vector, or of each of several, with every row of a matrix.

    Parameters
    ----------
    vectors
        Float (dims,) or (n, dims), of any length; a zero vector gives cosines of 0.
    matrix
        Float (V, dims), any strides.
    norms
        The norms of the rows (V,); None: they are computed.

    Returns
    -------
    numpy.ndarray
        (V,) or (n, V), float64 for a matrix of float64, else float32.
    """
    if norms is None:
        norms = row_norms(matrix)
    matrix, lengths = _scannable(matrix, norms)
    queries: Floats = vectors.astype(matrix.dtype)
    queries = unit(queries)[np.newaxis] if vectors.ndim == 1 else _units(queries)
    scores: Floats = np.empty((len(queries), len(matrix)), dtype=matrix.dtype)
    scan_kernel.score_rows(matrix, lengths, queries, scores, threads_for(matrix))
    return scores if vectors.ndim == 2 else scores[0]


def _scannable(matrix: Floats, norms: Floats) -> tuple[Floats, Floats]:
    """A matrix as compiled functions can read it, and its norms."""
    if not is_scannable(matrix):
        wide = np.result_type(matrix.dtype.newbyteorder("="), np.float32)
        matrix = np.ascontiguousarray(matrix, dtype=wide)
    return matrix, np.ascontiguousarray(norms, dtype=matrix.dtype)


def _units(vectors: Floats) -> Floats:
    """Vectors (n, dims) at length 1; as :func:`unit` has each of them."""
    return np.stack([unit(vector) for vector in vectors])


def pairwise(first: Floats, second: Floats) -> npt.NDArray[np.float32]:
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


def product_scores(matrix: Floats, norms: Floats, terms: Floats, positive: int) -> Floats:
    """3CosMul (Levy and Goldberg 2014, eq. 4) of every row with several terms.

    Parameters
    ----------
    matrix
        Float (n, dims).
    norms
        Float (n,): the norms of its rows.
    terms
        Float (m, dims), commonly of length 1.
    positive
        The number of terms, the first ones, that count for a row; the others count against it.

    Returns
    -------
    numpy.ndarray
        Float (n,), float64 for a matrix of float64, else float32: the product of
        (1 + term . row / |row|) / 2 over the positive terms, divided by that over the others
        + 0.000001.
    """
    matrix, norms = _scannable(matrix, norms)
    units = _units(terms.astype(matrix.dtype))
    scores = np.empty(len(matrix), dtype=matrix.dtype)
    lengths = row_norms(terms).astype(matrix.dtype)
    scan_kernel.score_products(matrix, norms, units, lengths, positive, scores, threads_for(matrix))
    return scores
