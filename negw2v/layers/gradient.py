"""Gradients of a few rows of a large matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.errors import ParameterError
from negw2v.layers.arrays import Array, ArrayLike, Int32s, converted, over_threads

__all__ = ["Gradient", "Groups", "SparseGradient", "merge_shared", "row_totals", "store"]


class SparseGradient(ArrayLike):
    """The gradient of a matrix most of whose rows have none.

    NumPy takes it for the dense matrix (``np.asarray(gradient)``, ``gradient[3]``).

    Parameters
    ----------
    shape
        Of the matrix, (rows, d).
    dtype
        Of the values.

    Attributes
    ----------
    rows : numpy.ndarray
        int32 (n,): the different rows that have a gradient, in order of first appearance.
    values : numpy.ndarray
        (n, d): their gradients.
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
        """The gradient as a matrix of its own, zero where there is none."""
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


#: What a layer keeps in ``grads``.
Gradient = SparseGradient | npt.NDArray[Any]


class Groups:
    """Finds which positions of an array of row numbers name which row.

    Parameters
    ----------
    rows
        Row numbers lie in 0..rows-1.
    """

    def __init__(self, rows: int) -> None:
        self._slots = np.full(rows, -1, dtype=np.int32)

    def __call__(self, indices: Int32s) -> tuple[Int32s, Int32s, Int32s]:
        """The different rows, where the positions of each start, and these positions."""
        n = len(indices)
        rows, order = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
        starts = np.empty(n + 1, dtype=np.int32)
        found = kernels.batch_operations(np.float32).group_rows(
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
    """Add up what belongs to one row: ``scale * steps[p] * inputs[sources[p]]`` by indices[p].

    Parameters
    ----------
    indices
        int32 (pairs,): the row of each position.
    inputs
        (n, d).
    steps
        (pairs,), or None for ones.
    scale
        A factor of everything.
    groups
        Made for as many rows as the matrix has.
    sources
        int32 (pairs,): the input of each position; None: one after the other.

    Returns
    -------
    rows, values
        int32 (different rows,) and (different rows, d).
    """
    rows, starts, order = groups(indices)
    if sources is None:
        sources = np.arange(len(indices), dtype=np.int32)
    values = np.empty((len(rows), inputs.shape[1]), dtype=inputs.dtype)
    operations = kernels.batch_operations(inputs.dtype)

    def work(first: int, last: int) -> None:
        operations.row_gradients(inputs, sources, steps, scale, starts, order, values, first, last)

    over_threads(work, len(rows), inputs.shape[1] * len(indices) / max(len(rows), 1))
    return rows, values


def store(target: Gradient, rows: Int32s, values: Array) -> None:
    """Make these rows' values what `target` holds, in place of what it held."""
    if isinstance(target, SparseGradient):
        target.rows, target.values = rows, values
    else:
        target[...] = 0
        target[rows] = values


def merge_shared(
    params: Sequence[Any], grads: Sequence[Gradient]
) -> tuple[Sequence[Any], Sequence[Gradient]]:
    """Weights and gradients, each matrix once, with the sum of its gradients.

    Parameters
    ----------
    params, grads
        As layers have them: layers that share weights all name them. The first gradient of
        a matrix becomes the sum.

    Raises
    ------
    ParameterError
        There are not as many gradients as matrices.
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
