"""What makes an object of ours take part in NumPy's arithmetic, and checks of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from negw2v import kernels
from negw2v.errors import InputTypeError, NotTrainableError, ParameterError, RowIndexError
from negw2v.search.threads import share_over_threads

__all__ = [
    "Array",
    "ArrayLike",
    "Int32s",
    "as_rows",
    "converted",
    "operations_for",
    "over_threads",
    "require_forward",
    "require_shape",
]

Array = npt.NDArray[Any]
Int32s = npt.NDArray[np.int32]

#: Numbers that are worth a thread of their own: below, handing over costs more than it saves.
NUMBERS_PER_THREAD = 1 << 19


class ArrayLike(NDArrayOperatorsMixin):
    """An object that NumPy takes for the array that ``__array__`` gives."""

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
        """Whether ``__array__`` of this object gives its own memory."""
        return not isinstance(out, ArrayLike)


def _array_of(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, ArrayLike) else value


def converted(array: Array, dtype: npt.DTypeLike | None, copy: bool | None, *, own: bool) -> Array:
    """What ``__array__`` returns: the array itself, or a copy where one is asked for.

    Parameters
    ----------
    array, dtype, copy
        The values, and what NumPy asks for.
    own
        Whether the array was made for this call alone, so that it is a copy already.
    """
    if dtype is not None and np.dtype(dtype) != array.dtype:
        if copy is False:
            raise ParameterError(f"a change of dtype to {np.dtype(dtype)} needs a copy")
        return array.astype(dtype)
    return array.copy() if copy and not own else array


def as_rows(name: str, indices: Any, rows: int) -> Int32s:
    """Row numbers, checked, as int32 of the same shape.

    Parameters
    ----------
    name
        What they are, for error messages.
    indices
        Integers of any shape.
    rows
        They must lie in 0..rows-1.

    Raises
    ------
    InputTypeError
        They are no integers.
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


_narrow: Callable[[Array, int, Int32s], int] = kernels.batch_operations(np.float32).narrow


def require_shape(name: str, array: Any, shape: tuple[int, ...], like: str) -> Array:
    """An array, if it has this shape.

    Parameters
    ----------
    name, like
        What the array is, and what it has to fit, for the error message.
    array, shape
        The array and the shape that it should have.

    Raises
    ------
    ParameterError
        The shape is another one.
    """
    values = np.asarray(array)
    if values.shape != shape:
        raise ParameterError(
            f"{name} has the shape {values.shape}; to fit {like} it must have the shape {shape}"
        )
    return values


def require_forward(layer: object, *, done: bool) -> None:
    """Refuse backward() where forward() has not been done."""
    if not done:
        raise NotTrainableError(
            f"{type(layer).__name__}.backward() needs what forward() has seen: call forward() first"
        )


def operations_for(matrix: Array) -> Any:
    """The batch operations that work on a matrix: compiled ones where its layout allows it."""
    side_by_side = matrix.shape[1] < 2 or matrix.strides[1] == matrix.itemsize
    whole = matrix.strides[0] % matrix.itemsize == 0 and matrix.flags.aligned
    if matrix.dtype == np.float32 and side_by_side and whole:
        return kernels.batch_operations(np.float32)
    return kernels.batch_reference


def over_threads(work: Callable[[int, int], None], rows: int, numbers_per_row: float) -> None:
    """``work(first, last)`` for all rows, shared over threads where that is worth it.

    Parameters
    ----------
    work
        Does rows first..last-1. What it writes must not depend on how rows are divided.
    rows
        How many there are.
    numbers_per_row
        About how many numbers are computed for each.
    """
    parts = int(rows * numbers_per_row) // NUMBERS_PER_THREAD
    if parts < 2:
        work(0, rows)
        return
    edges = np.linspace(0, rows, min(parts, 64) + 1).astype(int).tolist()
    share_over_threads(lambda: None, lambda _, first, last: work(first, last), edges)
