"""Weight matrices whose rows an optimizer may owe updates."""

from __future__ import annotations

import weakref
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.errors import InputTypeError, ParameterError
from negw2v.layers.arrays import Array, ArrayLike, Int32s, converted

__all__ = ["Parameter", "PendingUpdates", "zeros_like_rows"]


class PendingUpdates(Protocol):
    """Updates of rows that an optimizer has put off."""

    def catch_up(self, rows: Int32s | None) -> None:
        """Make up for what these rows (None: all) have missed."""


class Parameter(ArrayLike):
    """A matrix of weights that layers share and optimizers change.

    An optimizer such as :class:`negw2v.layers.Adam` moves every row in every step, also those
    without a gradient. It may put that off for rows that nobody looks at; whoever reads rows
    through this class gets them as they should be by now. A Parameter takes part in NumPy's
    arithmetic and indexing as if it were the matrix itself.

    While an array that was handed out is alive (``W = model.word_vecs``), or a view of it,
    nothing is put off, so it always shows the present values, at the price of slower steps.

    Parameters
    ----------
    values
        Real numbers (rows, d). They are copied; floating-point types are kept, others become
        float32.

    Attributes
    ----------
    shape : tuple of int
        (rows, d).
    dtype : numpy.dtype
        float32: the compiled operations work on it; any other type: NumPy does.

    Raises
    ------
    InputTypeError, ParameterError
        `values` are no matrix of real numbers.
    """

    def __init__(self, values: npt.ArrayLike) -> None:
        given = _checked(values)
        if given.dtype.kind != "f":
            given = given.astype(np.float32)
        matrix = zeros_like_rows(given)
        matrix[...] = given
        self._take(matrix, borrowed=False)

    @classmethod
    def of(cls, weights: Any) -> Parameter:
        """The Parameter of a weight matrix.

        Parameters
        ----------
        weights
            A Parameter, which is returned; or a matrix of the caller's, whose Parameter works
            in the caller's own memory, and is the same one for every layer that is given the
            same array. As nobody can tell when the caller looks at it, no update of it is put
            off.

        Raises
        ------
        InputTypeError, ParameterError
            It is no matrix of real numbers, or it may not be written to.
        """
        if isinstance(weights, Parameter):
            return weights
        matrix = _checked(weights)
        found = _borrowed.get(id(matrix)) if matrix is weights else None
        if found is not None:
            return found
        if not matrix.flags.writeable:
            raise ParameterError(
                "the weights are a read-only array, so they cannot be trained; give a copy"
            )
        parameter = cls.__new__(cls)
        parameter._take(matrix, borrowed=True)  # noqa: SLF001 - its own class
        _borrowed[id(matrix)] = parameter
        return parameter

    def _take(self, matrix: Array, *, borrowed: bool) -> None:
        self._matrix = matrix
        self.shape = matrix.shape
        self.dtype = matrix.dtype
        self._is_borrowed = borrowed
        self._pending: PendingUpdates | None = None
        self._handed_out: weakref.ref[_Lease] | None = None

    # what layers and optimizers use

    def read(self, rows: Int32s) -> Array:
        """The matrix, in which these rows are up to date; others may not be.

        Parameters
        ----------
        rows
            int32 of any shape, each in 0..len(self)-1.
        """
        if self._pending is not None:
            self._pending.catch_up(rows)
        return self._matrix

    def flush(self) -> Array:
        """The matrix, all of whose rows are up to date."""
        if self._pending is not None:
            self._pending.catch_up(None)
        return self._matrix

    @property
    def memory(self) -> Array:
        """The matrix as it lies in memory: some of its rows may be late."""
        return self._matrix

    @property
    def is_watched(self) -> bool:
        """Whether somebody holds the array, so that no update may be put off."""
        return self._is_borrowed or (
            self._handed_out is not None and self._handed_out() is not None
        )

    def defer(self, pending: PendingUpdates | None) -> None:
        """Let an optimizer put off updates; those of another one are made up for first."""
        if self._pending is not pending:
            self.flush()
            self._pending = pending

    # what users see

    @property
    def array(self) -> Array:
        """The matrix (rows, d): its own memory, up to date for as long as anyone holds it."""
        self.flush()
        if self._is_borrowed:
            return self._matrix
        lease = self._handed_out() if self._handed_out is not None else None
        if lease is None:
            lease = _Lease(self._matrix)
            self._handed_out = weakref.ref(lease)
        return np.asarray(lease)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return converted(self.array, dtype, copy, own=False)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.array[key] = value

    def _may_be_written(self, out: Any) -> bool:
        return not isinstance(out, ArrayLike) or isinstance(out, Parameter)

    def __repr__(self) -> str:
        return f"Parameter(shape={self.shape}, dtype={self.dtype})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        return Parameter(self.flush())

    def __reduce__(self) -> tuple[type[Parameter], tuple[Array]]:
        return Parameter, (self.flush().copy(),)


def zeros_like_rows(matrix: Array) -> Array:
    """A zero matrix of the same shape and type, C-contiguous: users may read its memory."""
    if matrix.dtype != np.float32:
        return np.zeros(matrix.shape, dtype=matrix.dtype)
    return kernels.plain_matrix(*matrix.shape)


class _Lease:
    """Stands behind an array that was handed out: alive as long as the array and its views."""

    def __init__(self, matrix: Array) -> None:
        self._matrix = matrix
        self.__array_interface__ = matrix.__array_interface__


#: By the id() of an array of the caller's. A Parameter keeps its array, so an id stays its own.
_borrowed: weakref.WeakValueDictionary[int, Parameter] = weakref.WeakValueDictionary()


def _checked(values: Any) -> Array:
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise InputTypeError(
            f"weights must be real numbers, not {array.dtype}; give a float32 array"
        )
    if array.ndim != 2:
        raise ParameterError(
            f"weights must be a matrix, one row per word, not an array of shape {array.shape}"
        )
    return array
