"""Gradients of a few rows of a large matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s
from negw2v.errors import ParameterError
from negw2v.kernels.namespaces import put_rows
from negw2v.layers.arrays import ArrayLike, converted
from negw2v.layers.libraries import HOST, Library

__all__ = ["Gradient", "Groups", "SparseGradient", "merge_shared", "row_totals", "store"]


class SparseGradient(ArrayLike):
    """The gradient of a matrix; most rows of it are zero.

    NumPy takes it for the dense matrix (``np.asarray(gradient)``, ``gradient[3]``).

    Parameters
    ----------
    shape
        Shape of the matrix, (rows, d).
    dtype
        Type of the values; None: float32.
    library
        Where the arrays are: that of the matrix of weights.

    Attributes
    ----------
    rows : array
        int32 (n,): the rows that have a gradient, each once, in order of first appearance.
    values : array
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

    def __init__(
        self, shape: tuple[int, ...], dtype: Any = None, *, library: Library = HOST
    ) -> None:
        dtype = library.float32 if dtype is None else dtype
        self.shape = shape
        self.library = library
        self.rows: Int32s = library.empty("rows", (0,), library.xp.int32)
        self.values: Array = library.empty("values", (0, *shape[1:]), dtype)

    @property
    def dtype(self) -> Any:
        """The type of the values."""
        return self.values.dtype

    def dense(self) -> Array:
        """The gradient as a new matrix.

        Returns
        -------
        array
            `shape`; rows without a gradient are zero.

        Examples
        --------
        >>> SparseGradient((2, 3)).dense()
        array([[0., 0., 0.],
               [0., 0., 0.]], dtype=float32)
        """
        result: Array = self.library.zeros("the dense gradient", self.shape, self.dtype)
        put_rows(result, self.rows, self.values)
        return result

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return converted(self.library.download(self.dense()), dtype, copy, own=True)

    def __imul__(self, factor: float) -> SparseGradient:  # type: ignore[misc]
        self.values *= factor
        return self

    def __iadd__(self, other: Any) -> Any:
        if not isinstance(other, SparseGradient):
            return self.dense() + other
        concat = self.library.xp.concat
        self.rows, self.values = row_totals(
            concat([self.rows, other.rows]),
            concat([self.values, other.values]),
            None,
            1.0,
            Groups(self.shape[0], self.library),
        )
        return self

    def __repr__(self) -> str:
        return f"SparseGradient(shape={self.shape}, {self.rows.shape[0]} rows with a gradient)"


#: The type of what layers have in ``grads``.
Gradient = SparseGradient | npt.NDArray[Any]


class Groups:
    """Groups the positions of an array of row numbers by their row.

    Parameters
    ----------
    rows
        Row numbers are in 0..rows-1.
    library
        That of the arrays.
    """

    def __init__(self, rows: int, library: Library = HOST) -> None:
        self.library = library
        self._slots = library.zeros("slots", (rows if library is HOST else 0,), library.xp.int32)
        self._slots -= 1
        self._group = library.operations_of(library.float32).group_rows

    def __call__(self, indices: Int32s) -> tuple[Int32s, Int32s, Int32s]:
        """The rows, each once; where the positions of each start; the positions, in this order."""
        n, empty, int32 = indices.shape[0], self.library.empty, self.library.xp.int32
        rows, order = empty("rows", (n,), int32), empty("positions", (n,), int32)
        starts = empty("starts", (n + 1,), int32)
        found = self._group(indices, self._slots, rows, starts, order)
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
    library = groups.library
    rows, starts, order = groups(indices)
    pairs, found = indices.shape[0], rows.shape[0]
    if sources is None:
        sources = library.upload(np.arange(pairs, dtype=np.int32))
    values = library.empty("the gradient", (found, inputs.shape[1]), inputs.dtype)
    operations = library.operations_of(inputs.dtype)

    def work(first: int, last: int) -> None:
        operations.row_gradients(inputs, sources, steps, scale, starts, order, values, first, last)

    library.share(work, found, inputs.shape[1] * pairs / max(found, 1))
    return rows, values


def store(target: Gradient, rows: Int32s, values: Array) -> None:
    """Replace the contents of `target`: these rows have these values, the others are zero."""
    if isinstance(target, SparseGradient):
        target.rows, target.values = rows, values
    else:
        target[...] = 0
        put_rows(target, rows, values)


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
