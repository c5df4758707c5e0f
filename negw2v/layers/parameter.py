"""Weight matrices; an optimizer may defer updates of rows that nobody reads."""

from __future__ import annotations

import weakref
from typing import Any, Protocol

import numpy.typing as npt

from negw2v.array_ownership import Lease
from negw2v.arrays import Array, Int32s
from negw2v.errors import InputTypeError, ParameterError
from negw2v.layers.arrays import ArrayLike, converted
from negw2v.layers.libraries import HOST, Library, library_of

__all__ = ["Parameter", "PendingUpdates"]


class PendingUpdates(Protocol):
    """Updates of rows that an optimizer has deferred."""

    def catch_up(self, rows: Int32s | None) -> None:
        """Make the deferred updates of these rows (None: all)."""


class Parameter(ArrayLike):
    """A matrix of weights that layers share and optimizers change.

    An optimizer such as :class:`negw2v.layers.Adam` moves every row in every step, also rows
    without a gradient. It may defer that for rows that nobody reads; whoever reads rows through
    this class gets their present values. A Parameter takes part in NumPy's arithmetic and
    indexing as if it were the matrix itself.

    As long as somebody holds the array (``W = model.word_vecs``), or a view of it, no update is
    deferred, so the array always has the present values, but steps are slower. Who holds an array
    of CuPy's or PyTorch's cannot be known: once one was handed out, no update is deferred any more.

    Parameters
    ----------
    values
        Real numbers (rows, d), of NumPy or another library. They are copied, on their device;
        floating-point types are kept, others become float32.

    Attributes
    ----------
    shape : tuple of int
        (rows, d).
    dtype
        The type of the weights, of their library. The compiled operations need NumPy's float32;
        all other types take the operations of their library.
    library : Library
        Where the weights are: NumPy, or another library on its device.

    Raises
    ------
    InputTypeError, ParameterError
        `values` is not a matrix of real numbers.

    Examples
    --------
    >>> weights = Parameter([[1, 2], [3, 4]])
    >>> weights
    Parameter(shape=(2, 2), dtype=float32)
    >>> weights[1] + 1
    array([4., 5.], dtype=float32)
    """

    def __init__(self, values: npt.ArrayLike) -> None:
        library = library_of(values)
        given = _checked(library, values)
        if not library.is_float(given.dtype):
            given = library.floats("the weights", given, library.float32)
        matrix = library.zero_matrix("the weights", given)
        matrix[...] = given
        self._take(library, matrix, borrowed=False)

    @classmethod
    def of(cls, weights: Any) -> Parameter:
        """The Parameter of a weight matrix.

        Parameters
        ----------
        weights
            A Parameter; or a matrix of the caller's. Layers that get the same array share one
            Parameter, which uses the caller's memory. No update of it is ever deferred, because
            the caller may read the array at any time.

        Returns
        -------
        Parameter
            `weights` itself, if it is one.

        Raises
        ------
        InputTypeError, ParameterError
            It is not a matrix of real numbers, or it is read-only.

        Examples
        --------
        >>> W = np.zeros((2, 2), dtype=np.float32)
        >>> Parameter.of(W) is Parameter.of(W)
        True
        """
        if isinstance(weights, Parameter):
            return weights
        library = library_of(weights)
        matrix = _checked(library, weights)
        found = _borrowed.get(id(matrix)) if matrix is weights else None
        if found is not None:
            return found
        if library is HOST and not matrix.flags.writeable:
            raise ParameterError(
                "the weights are a read-only array, so they cannot be trained; give a copy"
            )
        parameter = cls.__new__(cls)
        parameter._take(library, matrix, borrowed=True)  # noqa: SLF001 - its own class
        _borrowed[id(matrix)] = parameter
        return parameter

    def _take(self, library: Library, matrix: Array, *, borrowed: bool) -> None:
        self._matrix = matrix
        self.library = library
        self.shape = tuple(matrix.shape)
        self.dtype = matrix.dtype
        self._is_borrowed = borrowed
        self._pending: PendingUpdates | None = None
        self._lease = Lease(matrix) if library is HOST else None

    # for layers and optimizers

    def read(self, rows: Int32s) -> Array:
        """The matrix, with these rows up to date; other rows may not be. For layers.

        Parameters
        ----------
        rows
            int32 of any shape, each in 0..len(self)-1.

        Returns
        -------
        numpy.ndarray
            The whole matrix (rows, d): its own memory.

        Examples
        --------
        >>> Parameter([[1, 2], [3, 4]]).read(np.int32([1]))[1]
        array([3., 4.], dtype=float32)
        """
        if self._pending is not None:
            self._pending.catch_up(rows)
        return self._matrix

    def flush(self) -> Array:
        """The matrix, with all rows up to date.

        Returns
        -------
        numpy.ndarray
            (rows, d): its own memory. Unlike :attr:`array`, it does not stop optimizers from
            deferring later updates.

        Examples
        --------
        >>> Parameter([[1, 2]]).flush()
        array([[1., 2.]], dtype=float32)
        """
        if self._pending is not None:
            self._pending.catch_up(None)
        return self._matrix

    @property
    def memory(self) -> Array:
        """The matrix as it is in memory; some rows may not be up to date."""
        return self._matrix

    @property
    def is_watched(self) -> bool:
        """Whether somebody holds the array, so that no update may be deferred."""
        return self._is_borrowed or (self._lease is not None and self._lease.is_held)

    def defer(self, pending: PendingUpdates | None) -> None:
        """Let an optimizer defer updates; those of another optimizer are made first.

        Parameters
        ----------
        pending
            Makes the updates when they are needed; None: none are deferred from now on.

        Examples
        --------
        >>> weights = Parameter([[1, 2]])
        >>> weights.defer(None)  # makes all updates that are pending
        >>> weights.memory
        array([[1., 2.]], dtype=float32)
        """
        if self._pending is not pending:
            self.flush()
            self._pending = pending

    # for users

    @property
    def array(self) -> Array:
        """The matrix (rows, d): its own memory, up to date as long as anyone holds it."""
        self.flush()
        if self._lease is not None and not self._is_borrowed:
            return self._lease.hand_out()
        self._is_borrowed = True  # who holds an array of another library cannot be known
        return self._matrix

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self.library is not HOST:
            return converted(self.library.download(self.flush()), dtype, copy, own=False)
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
        return Parameter, (self.library.xp.asarray(self.flush(), copy=True),)


#: By the id() of a caller's array. A Parameter keeps its array alive, so no id is reused.
_borrowed: weakref.WeakValueDictionary[int, Parameter] = weakref.WeakValueDictionary()


def _checked(library: Library, values: Any) -> Array:
    array: Array = library.matrix("the weights", values)
    if not library.is_real(array.dtype):
        raise InputTypeError(
            f"weights must be real numbers, not {array.dtype}; give a float32 array"
        )
    if array.ndim != 2:
        raise ParameterError(
            f"weights must be a matrix, one row per word, not an array of shape {array.shape}"
        )
    return array
