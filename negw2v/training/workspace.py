"""The rows that kernels train, and the arrays of a model that they stand for.

A model's arrays are C-contiguous, as gensim's are: there are programs that read their memory.
Kernels work on rows of whole cache lines. Where an array is not laid out like that, kernels
train a copy of it, which lasts as long as one train().
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from negw2v.arrays import Array, Float32s
from negw2v.kernels import aligned_matrix, plain_matrix
from negw2v.kernels.problem import ROW_BYTES

__all__ = ["Workspace", "trainable"]


def trainable(matrix: Array) -> Float32s:
    """The matrix itself where results can be written into it, otherwise a copy.

    Parameters
    ----------
    matrix
        Real numbers (rows, dimensions).

    Returns
    -------
    numpy.ndarray
        float32 of the same shape and values, C-contiguous and writeable.
    """
    if matrix.dtype == np.float32 and matrix.flags.carray:
        return matrix
    result = plain_matrix(*matrix.shape)
    result[...] = matrix
    return result


class Workspace:
    """Rows that kernels can train, in place of a model's arrays."""

    def __init__(self) -> None:
        self._copies: dict[str, Float32s] = {}
        self._pairs: list[tuple[Float32s, Float32s]] = []

    def take(self, matrices: Mapping[str, Float32s]) -> dict[str, Float32s]:
        """Rows with the present values of some matrices.

        Parameters
        ----------
        matrices
            By name, as :func:`trainable` returns them. A matrix under two names is one.

        Returns
        -------
        dict of str to numpy.ndarray
            float32 (rows, padded), see :func:`negw2v.kernels.aligned_matrix`; the matrix itself
            where it is laid out like that. They are those of the last call, as far as names and
            shapes are the same.
        """
        pairs: dict[tuple[int, tuple[int, ...]], tuple[Float32s, Float32s]] = {}
        rows = {}
        for name, matrix in matrices.items():
            memory = matrix.ctypes.data, matrix.shape
            if memory not in pairs:
                pairs[memory] = matrix, self._rows_of(name, matrix)
            rows[name] = pairs[memory][1]
        self._pairs = list(pairs.values())
        return rows

    def publish(self) -> None:
        """Write what the rows hold now into the matrices that they stand for."""
        for matrix, rows in self._pairs:
            if rows is not matrix:
                matrix[...] = rows[:, : matrix.shape[1]]

    def _rows_of(self, name: str, matrix: Float32s) -> Float32s:
        row_bytes = matrix.shape[1] * matrix.itemsize
        if row_bytes % ROW_BYTES == 0 and matrix.ctypes.data % ROW_BYTES == 0:
            self._copies.pop(name, None)
            return matrix
        copy = self._copies.get(name)
        if copy is None or copy.shape != _padded_shape(matrix):
            self._copies.pop(name, None)  # before its successor takes memory
            copy = self._copies[name] = aligned_matrix(*matrix.shape)
        copy[:, : matrix.shape[1]] = matrix
        return copy


def _padded_shape(matrix: Float32s) -> tuple[int, int]:
    return len(matrix), aligned_matrix(0, matrix.shape[1]).shape[1]
