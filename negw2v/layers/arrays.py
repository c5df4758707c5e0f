"""Checks of arrays, objects that NumPy takes for arrays, and work shared over threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from negw2v import kernels
from negw2v.arrays import Array, Int32s
from negw2v.errors import InputTypeError, NotTrainableError, ParameterError, RowIndexError
from negw2v.parallel import share_over_threads

__all__ = [
    "ArrayLike",
    "as_rows",
    "converted",
    "operations_for",
    "over_threads",
    "require_forward",
    "require_shape",
]

Kept = TypeVar("Kept")

#: Fewer numbers than this are not worth a thread of their own.
NUMBERS_PER_THREAD = 1 << 19


class ArrayLike(NDArrayOperatorsMixin):
    """An object that NumPy takes for the array that ``__array__`` returns."""

    shape: tuple[int, ...]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        raise NotImplementedError

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
        out = keywords.get("out", ())
        keywords_of_arrays = dict(keywords)
        if out:
            if not all(self._may_be_written(one) for one in out):
                return NotImplemented
            keywords_of_arrays["out"] = tuple(_array_of(one) for one in out)
        result = getattr(ufunc, method)(*map(_array_of, inputs), **keywords_of_arrays)
        return out[0] if len(out) == 1 else result

    def _may_be_written(self, out: Any) -> bool:
        """Whether NumPy can write into `out`: ``__array__`` returns its own memory."""
        return not isinstance(out, ArrayLike)


def _array_of(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, ArrayLike) else value


def converted(array: Array, dtype: npt.DTypeLike | None, copy: bool | None, *, own: bool) -> Array:
    """The return value of ``__array__``: the array itself, or a copy if NumPy asks for one.

    Parameters
    ----------
    array
        The values.
    dtype, copy
        The arguments of ``__array__``.
    own
        Whether `array` is a copy already.
    """
    if dtype is not None and np.dtype(dtype) != array.dtype:
        if copy is False:
            raise ParameterError(f"a change of dtype to {np.dtype(dtype)} needs a copy")
        return array.astype(dtype)
    return array.copy() if copy and not own else array


def as_rows(name: str, indices: Any, rows: int) -> Int32s:
    """Check row numbers and convert them to int32, of the same shape.

    Parameters
    ----------
    name
        Their name in error messages.
    indices
        Integers of any shape.
    rows
        They must lie in 0..rows-1.

    Raises
    ------
    InputTypeError
        They are not integers.
    RowIndexError
        One is negative or too large.
    """
    array = np.asarray(indices)
    if array.dtype.kind not in "iu":
        if array.size:
            raise InputTypeError(
                f"{name} must be integers, the numbers of rows, not {array.dtype}; convert "
                "them with .astype(int) if that is what they are"
            )
        array = array.astype(np.int32)
    if array.dtype not in (np.int32, np.int64):
        array = array.astype(np.int64)
    flat = array.reshape(-1)
    result = np.empty(flat.shape, dtype=np.int32)
    wrong = _narrow(flat, rows, result)
    if wrong >= 0:
        raise RowIndexError(
            f"{name} hold {np.asarray(indices).reshape(-1)[wrong]} at position {wrong}; there "
            f"are {rows}, so they must lie in 0..{rows - 1}"
        )
    return result.reshape(array.shape)


_narrow: Callable[[Array, int, Int32s], int] = kernels.layer_operations(np.float32).narrow


def require_shape(name: str, array: Array, shape: tuple[int, ...], like: str) -> Array:
    """Return an array if it has the given shape.

    Parameters
    ----------
    name, like
        For the error message: the array's name, and what requires the shape.
    array, shape
        The array, and the shape that it must have.

    Raises
    ------
    ParameterError
        It has another shape.
    """
    if tuple(array.shape) != shape:
        raise ParameterError(
            f"{name} has the shape {tuple(array.shape)}; to fit {like} it must have the shape "
            f"{shape}"
        )
    return array


def require_forward(layer: object, kept: Kept | None) -> Kept:
    """Return what forward() kept for backward().

    Raises
    ------
    NotTrainableError
        It is None: forward() has not been called.
    """
    if kept is None:
        raise NotTrainableError(
            f"{type(layer).__name__}.backward() needs what forward() has seen: call forward() first"
        )
    return kept


def operations_for(matrix: Array) -> Any:
    """The operations for a matrix: compiled if its dtype and layout allow it, else NumPy's."""
    side_by_side = matrix.shape[1] < 2 or matrix.strides[1] == matrix.itemsize
    whole = matrix.strides[0] % matrix.itemsize == 0 and matrix.flags.aligned
    if matrix.dtype == np.float32 and side_by_side and whole:
        return kernels.layer_operations(np.float32)
    return kernels.layer_reference


def over_threads(work: Callable[[int, int], None], rows: int, numbers_per_row: float) -> None:
    """Call ``work(first, last)`` for all rows, in several threads if it is worth it.

    Parameters
    ----------
    work
        Computes rows first..last-1. Its results must not depend on how the rows are divided.
    rows
        Number of rows.
    numbers_per_row
        About how many numbers it computes for each row.
    """
    parts = int(rows * numbers_per_row) // NUMBERS_PER_THREAD
    if parts < 2:
        work(0, rows)
        return
    edges = np.linspace(0, rows, min(parts, 64) + 1).astype(int).tolist()
    share_over_threads(lambda: None, lambda _, first, last: work(first, last), edges)
