"""What layers need of an array library: NumPy on the host, or another one on its device.

A layer asks once for the library of its weights, and then computes with that: where its arrays
are made, how a batch is checked and converted, which operations run on it, and whether threads
share the work. NumPy's arrays take the compiled operations. All others take the same operations
as the specification has them, by the functions of their own library
(:mod:`negw2v.kernels.layer_reference`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.errors import ArrayMemoryError, InputTypeError, RowIndexError
from negw2v.kernels.namespaces import NUMPY, is_numpy, library_name, namespace_of
from negw2v.layers.arrays import as_rows, operations_for, over_threads

__all__ = ["HOST", "DeviceLibrary", "HostLibrary", "is_foreign", "library_of"]

Result = TypeVar("Result")


def is_foreign(value: Any) -> bool:
    """Whether it is an array of another library than NumPy."""
    if is_numpy(value) or isinstance(value, (list, tuple, int, float)):
        return False
    return hasattr(value, "__array_namespace__") or library_name(value) in ("torch", "cupy")


class HostLibrary:
    """NumPy, with the compiled operations of this processor."""

    name = "numpy"
    xp: Any = NUMPY

    def __repr__(self) -> str:
        return "NumPy"

    def matrix(self, name: str, values: Any) -> Any:
        """An array as it is; anything else becomes one."""
        _require_host(name, values)
        return np.asarray(values)

    def as_rows(self, name: str, indices: Any, rows: int) -> Any:
        """Row numbers, checked, int32, in their shape: see :func:`negw2v.layers.arrays.as_rows`."""
        _require_host(name, indices)
        return as_rows(name, indices, rows)

    def host_rows(self, name: str, indices: Any, rows: int) -> npt.NDArray[np.int32]:
        """Row numbers, checked, as an array of NumPy's."""
        rows_checked: npt.NDArray[np.int32] = self.as_rows(name, indices, rows)
        return rows_checked

    def floats(self, name: str, values: Any, dtype: Any) -> Any:
        """Numbers of this type, C-contiguous; the array itself if it is so already."""
        _require_host(name, values)
        return np.ascontiguousarray(values, dtype=dtype)

    def empty(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ARG002
        """A new array with any contents."""
        return np.empty(shape, dtype=dtype)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ARG002
        """A new array of zeros."""
        return np.zeros(shape, dtype=dtype)

    def zero_matrix(self, name: str, like: Any) -> Any:  # noqa: ARG002
        """A zero matrix like another one, C-contiguous: users may read its memory."""
        if like.dtype != np.float32:
            return np.zeros(like.shape, dtype=like.dtype)
        return kernels.plain_matrix(*like.shape)

    def upload(self, array: npt.NDArray[Any]) -> Any:
        """An array of NumPy's, where the library computes."""
        return array

    def download(self, array: Any) -> npt.NDArray[Any]:
        """An array of the library's as one of NumPy's."""
        result: npt.NDArray[Any] = np.asarray(array)
        return result

    def number(self, total: Any) -> Any:
        """A sum, as the caller of a layer gets it."""
        return float(total)

    def is_float(self, dtype: Any) -> bool:
        """Whether a type is one of real numbers."""
        return bool(np.dtype(dtype).kind == "f")

    def is_real(self, dtype: Any) -> bool:
        """Whether a type is one of whole or real numbers."""
        return np.dtype(dtype).kind in "fiu"

    @property
    def float32(self) -> Any:
        """The type of weights that were whole numbers."""
        return np.dtype(np.float32)

    @property
    def float64(self) -> Any:
        """The widest type."""
        return np.dtype(np.float64)

    def operations(self, matrix: Any) -> Any:
        """The operations of layers for a matrix."""
        return operations_for(matrix)

    def operations_of(self, dtype: Any) -> Any:
        """The operations of layers for C-contiguous arrays of a type."""
        return kernels.layer_operations(dtype)

    def share(self, work: Callable[[int, int], None], rows: int, numbers_per_row: float) -> None:
        """Call ``work(first, last)`` for all rows, in several threads if it is worth it."""
        over_threads(work, rows, numbers_per_row)


class DeviceLibrary:
    """Another library, on one of its devices.

    Parameters
    ----------
    xp
        Its namespace, by the names of the Array API standard.
    device
        Where new arrays are made.
    name
        The package.
    """

    def __init__(self, xp: Any, device: Any, name: str) -> None:
        self.xp, self.device, self.name = xp, device, name

    def __repr__(self) -> str:
        return f"{self.name} on {self.device}"

    def matrix(self, name: str, values: Any) -> Any:
        """An array as it is, if it is of this library and on this device; a list becomes one."""
        if not is_foreign(values):
            if is_numpy(values):
                raise InputTypeError(
                    f"{name} is an array of NumPy's, but the weights are of {self!r}: convert it, "
                    "with to_gpu() or with the library's own asarray()"
                )
            numbers = np.asarray(values)
            if numbers.dtype.kind not in "biuf":
                raise InputTypeError(f"{name} must be numbers, not {numbers.dtype}")
            return self.upload(numbers)
        given = library_of(values)
        if given is not self:
            raise InputTypeError(
                f"{name} is an array of {given!r}, but the weights are of {self!r}: all arrays of "
                "a call must be of one library, on one device"
            )
        return _without_grad(name, values)

    def as_rows(self, name: str, indices: Any, rows: int) -> Any:
        """Row numbers, checked, in their shape."""
        if not is_foreign(indices) and not is_numpy(indices):
            return self.upload(as_rows(name, indices, rows))
        array = self.matrix(name, indices)
        if self.xp.isdtype(array.dtype, "unsigned integer"):  # PyTorch compares few of these
            return self.upload(self.host_rows(name, array, rows))
        size = math.prod(array.shape)
        if not self.xp.isdtype(array.dtype, "integral"):
            if size:
                raise InputTypeError(
                    f"{name} must be integers, the numbers of rows, not {array.dtype}; convert "
                    "them to integers if that is what they are"
                )
            return self.xp.zeros(array.shape, dtype=self.xp.int32, device=self.device)
        if size:
            extremes = self.xp.stack([self.xp.min(array), self.xp.max(array)])
            lowest, highest = self.download(extremes).tolist()
            if lowest < 0 or highest >= rows:
                flat = self.download(self.xp.reshape(array, (-1,)))
                wrong = np.flatnonzero((flat < 0) | (flat >= rows))[0]
                raise RowIndexError(
                    f"{name} hold {flat[wrong]} at position {wrong}; there are {rows}, so they "
                    f"must lie in 0..{rows - 1}"
                )
        return self.xp.astype(array, self.xp.int32, copy=False)

    def host_rows(self, name: str, indices: Any, rows: int) -> npt.NDArray[np.int32]:
        """Row numbers, checked, as an array of NumPy's."""
        return as_rows(name, self.download(self.matrix(name, indices)), rows)

    def floats(self, name: str, values: Any, dtype: Any) -> Any:
        """Numbers of this type; the array itself if it is so already."""
        array = self.matrix(name, values)
        return self._made(name, array.shape, lambda: self.xp.astype(array, dtype, copy=False))

    def empty(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
        """A new array with any contents."""
        return self._made(
            name, shape, lambda: self.xp.empty(shape, dtype=dtype, device=self.device)
        )

    def zeros(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
        """A new array of zeros."""
        return self._made(
            name, shape, lambda: self.xp.zeros(shape, dtype=dtype, device=self.device)
        )

    def zero_matrix(self, name: str, like: Any) -> Any:
        """A zero matrix like another one."""
        return self.zeros(name, like.shape, like.dtype)

    def upload(self, array: npt.NDArray[Any]) -> Any:
        """An array of NumPy's, as a copy on the device."""
        return self._made("an array", array.shape, lambda: self._asarray(array))

    def _asarray(self, values: Any) -> Any:
        return self.xp.asarray(values, device=self.device, copy=True)

    def download(self, array: Any) -> npt.NDArray[Any]:
        """An array of the library's as one of NumPy's."""
        if hasattr(array, "get"):  # CuPy
            array = array.get()
        elif hasattr(array, "detach"):  # PyTorch
            array = array.detach().cpu()
        result: npt.NDArray[Any] = np.asarray(array)
        return result

    def number(self, total: Any) -> Any:
        """A sum, which stays on the device: to read it would wait for all that goes before."""
        return total

    def is_float(self, dtype: Any) -> bool:
        """Whether a type is one of real numbers."""
        return bool(self.xp.isdtype(dtype, "real floating"))

    def is_real(self, dtype: Any) -> bool:
        """Whether a type is one of whole or real numbers."""
        return bool(self.xp.isdtype(dtype, ("real floating", "integral")))

    @property
    def float32(self) -> Any:
        """The type of weights that were whole numbers."""
        return self.xp.float32

    @property
    def float64(self) -> Any:
        """The widest type."""
        return self.xp.float64

    def operations(self, matrix: Any) -> Any:  # noqa: ARG002 - as HostLibrary's
        """The operations of layers for a matrix."""
        return kernels.layer_reference

    def operations_of(self, dtype: Any) -> Any:  # noqa: ARG002 - as HostLibrary's
        """The operations of layers for arrays of a type."""
        return kernels.layer_reference

    def share(self, work: Callable[[int, int], None], rows: int, numbers_per_row: float) -> None:  # noqa: ARG002
        """Call ``work(0, rows)``: the device itself divides the work."""
        work(0, rows)

    def _made(self, name: str, shape: tuple[int, ...], make: Callable[[], Result]) -> Result:
        """Make an array; if there is no memory for it, the error says for what."""
        try:
            return make()
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            raise ArrayMemoryError(
                f"there is no memory on {self!r} for {name}, of shape {tuple(shape)}: use a "
                f"smaller batch, or smaller matrices ({error})"
            ) from error


#: The library of NumPy's arrays, and of lists and numbers.
HOST = HostLibrary()

Library = HostLibrary | DeviceLibrary


def library_of(array: Any) -> Library:
    """The library of an array, and its device.

    Parameters
    ----------
    array
        Any array; what is none belongs to NumPy.

    Raises
    ------
    MissingDependencyError
        It is not NumPy's, and array-api-compat is not installed.
    InputTypeError
        Its library's arrays cannot be changed in place.
    """
    if not is_foreign(array):
        return HOST
    name = library_name(array)
    xp = namespace_of(array)
    if not hasattr(type(array), "__setitem__") or name in ("jax", "jaxlib", "dask"):
        raise InputTypeError(
            f"arrays of {name} cannot be changed in place, as training does: use arrays of NumPy, "
            "CuPy or PyTorch"
        )
    from array_api_compat import device

    return _on_device(xp, device(array), name)


@functools.cache
def _on_device(xp: Any, device: Any, name: str) -> DeviceLibrary:
    return DeviceLibrary(xp, device, name)


def _require_host(name: str, values: Any) -> None:
    if is_foreign(values):
        raise InputTypeError(
            f"{name} is an array of {library_name(values)}, but the weights are NumPy's: all "
            "arrays of a call must be of one library; convert it with to_cpu()"
        )


def _without_grad(name: str, tensor: Any) -> Any:
    """Refuse a tensor that PyTorch's autograd follows: layers compute gradients themselves."""
    if getattr(tensor, "requires_grad", False):
        raise InputTypeError(
            f"{name} requires grad, but layers compute their own gradients, outside PyTorch's "
            "autograd: give tensor.detach()"
        )
    return tensor


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)
