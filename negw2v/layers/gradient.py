"""Gradients of a few rows of a large matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import Array, Int32s
from negw2v.errors import ParameterError
from negw2v.layers.arrays import ArrayLike, converted, over_threads

__all__ = ["Gradient", "Groups", "SparseGradient", "merge_shared", "row_totals", "store"]


class SparseGradient(ArrayLike):
    """The gradient of a matrix; most rows of it are zero.

    NumPy takes it for the dense matrix (``np.asarray(gradient)``, ``gradient[3]``).

    Parameters
    ----------
    shape
        Shape of the matrix, (rows, d).
    dtype
        Type of the values.

    Attributes
    ----------
    rows : numpy.ndarray
        int32 (n,): the rows that have a gradient, each once, in order of first appearance.
    values : numpy.ndarray
        (n, d): their gradients.

    Examples
    --------
    >>> gradient = SparseGradient((1000, 2))
    >>> gradient.rows, gradient.values = np.int32([7]), np.float32([[1, 2]])
    >>> gradient
    SparseGradient(shape=(1000, 2), 1 rows with a gradient)
    >>> gradient[6:8]
    array([[0., 0.],
           [1., 2.]], dtype=float32)
    """

    def __init__(self, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32) -> None:
        self.shape = shape
        self.rows: Int32s = np.empty(0, dtype=np.int32)
        self.values: Array = np.empty((0, *shape[1:]), dtype=dtype)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.values.dtype

    def dense(self) -> Array:
        """The gradient as a new matrix.

        Returns
        -------
        numpy.ndarray
            `shape`; rows without a gradient are zero.

        Examples
        --------
        >>> SparseGradient((2, 3)).dense()
        array([[0., 0., 0.],
               [0., 0., 0.]], dtype=float32)
        """
        result = np.zeros(self.shape, dtype=self.dtype)
        result[self.rows] = self.values
        return result

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return converted(self.dense(), dtype, copy, own=True)

    def __imul__(self, factor: float) -> SparseGradient:  # type: ignore[misc]
        self.values *= factor
        return self

    def __iadd__(self, other: Any) -> Any:
        if not isinstance(other, SparseGradient):
            return self.dense() + other
        self.rows, self.values = row_totals(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.values, other.values]),
            None,
            1.0,
            Groups(self.shape[0]),
        )
        return self

    def __repr__(self) -> str:
        return f"SparseGradient(shape={self.shape}, {len(self.rows)} rows with a gradient)"


#: The type of what layers have in ``grads``.
Gradient = SparseGradient | npt.NDArray[Any]


class Groups:
    """Groups the positions of an array of row numbers by their row.

    Parameters
    ----------
    rows
        Row numbers are in 0..rows-1.
    """

    def __init__(self, rows: int) -> None:
        self._slots = np.full(rows, -1, dtype=np.int32)

    def __call__(self, indices: Int32s) -> tuple[Int32s, Int32s, Int32s]:
        """The rows, each once; where the positions of each start; the positions, in this order."""
        n = len(indices)
        rows, order = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
        starts = np.empty(n + 1, dtype=np.int32)
        found = kernels.layer_operations(np.float32).group_rows(
            indices, self._slots, rows, starts, order
        )
        return rows[:found], starts[: found + 1], order


def row_totals(
    indices: Int32s,
    inputs: Array,
    steps: Array | None,
    scale: float,
    groups: Groups,
    sources: Int32s | None = None,
) -> tuple[Int32s, Array]:
    """Add up ``scale * steps[p] * inputs[sources[p]]`` over the positions p of each row.

    Parameters
    ----------
    indices
        int32 (pairs,): the row of each position.
    inputs
        (n, d).
    steps
        (pairs,), or None for ones.
    scale
        Factor of all sums.
    groups
        Made for the number of rows of the matrix.
    sources
        int32 (pairs,): the input of each position; None: 0, 1, 2, ...

    Returns
    -------
    rows, values
        int32 (m,): the rows, each once; and (m, d): their sums.
    """
    rows, starts, order = groups(indices)
    if sources is None:
        sources = np.arange(len(indices), dtype=np.int32)
    values = np.empty((len(rows), inputs.shape[1]), dtype=inputs.dtype)
    operations = kernels.layer_operations(inputs.dtype)

    def work(first: int, last: int) -> None:
        operations.row_gradients(inputs, sources, steps, scale, starts, order, values, first, last)

    over_threads(work, len(rows), inputs.shape[1] * len(indices) / max(len(rows), 1))
    return rows, values


def store(target: Gradient, rows: Int32s, values: Array) -> None:
    """Replace the contents of `target`: these rows have these values, the others are zero."""
    if isinstance(target, SparseGradient):
        target.rows, target.values = rows, values
    else:
        target[...] = 0
        target[rows] = values


def merge_shared(
    params: Sequence[Any], grads: Sequence[Gradient]
) -> tuple[Sequence[Any], Sequence[Gradient]]:
    """Each matrix of weights once, with the sum of its gradients.

    Parameters
    ----------
    params, grads
        Weights and gradients of all layers; layers may share weights. The first gradient of
        a matrix becomes the sum, in place.

    Raises
    ------
    ParameterError
        The numbers of gradients and of matrices differ.
    """
    if len(params) != len(grads):
        raise ParameterError(
            f"{len(params)} matrices of weights and {len(grads)} gradients: each needs one"
        )
    if len({id(param) for param in params}) == len(params):
        return params, grads
    sums: dict[int, tuple[Any, Gradient]] = {}
    for param, gradient in zip(params, grads, strict=True):
        total = gradient
        if id(param) in sums:
            total = sums[id(param)][1]
            total += gradient
        sums[id(param)] = param, total
    return [param for param, _ in sums.values()], [total for _, total in sums.values()]
