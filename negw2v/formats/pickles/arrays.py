"""NumPy's arrays in pickles: what pickles may ask NumPy for, in the names of NumPy 1 and 2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.formats.npy import checked_shape
from negw2v.formats.pickles.objects import LARGE, UnpickledObject, plain

__all__ = ["NAMES", "SET_STATE"]

ARRAY, DTYPE = "numpy.ndarray", "numpy.dtype"


def _new_array(kind: Any, shape: Any, code: Any) -> UnpickledObject:
    """numpy.core.multiarray._reconstruct: an array whose state comes later."""
    del shape, code
    if getattr(kind, "text", None) != "numpy.ndarray":
        raise ValueError("the class of an array is not numpy.ndarray")
    return UnpickledObject(ARRAY)


def _new_dtype(code: Any, align: Any = False, copy: Any = True) -> UnpickledObject:
    """numpy.dtype."""
    del align, copy
    if not isinstance(code, str) or code[:1] not in "biufOSU" or not code[1:].isdigit():
        raise ValueError(f"a dtype {code!r}")
    return UnpickledObject(DTYPE, value=np.dtype(code))


def _set_dtype(made: UnpickledObject, state: Any) -> None:
    order, names = state[1], state[3]
    if order not in ("<", ">", "|", "=") or names is not None:
        raise ValueError("a dtype of several parts")
    if order in "<>":
        made.value = made.value.newbyteorder(order)


def _filled(data: Any, dtype: Any, shape: Any, order: str) -> npt.NDArray[Any]:
    """An array of bytes that are there; never larger than these."""
    shape = checked_shape(shape)
    if not (isinstance(dtype, UnpickledObject) and dtype.kind == DTYPE):
        raise ValueError("an array without a dtype")
    if isinstance(data, str):  # pickled by Python 2
        data = data.encode("latin-1")
    if not isinstance(data, (bytes, bytearray)) or dtype.value.hasobject:
        raise ValueError("an array without bytes")
    if math.prod(shape) * dtype.value.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes for an array of shape {shape}")
    if not dtype.value.itemsize or not data:
        return np.empty(shape, dtype=dtype.value)
    array = np.frombuffer(data, dtype=dtype.value).reshape(shape, order=order)  # type: ignore[call-overload]
    array = array if len(data) >= LARGE and isinstance(data, bytearray) else array.copy(order="A")
    native: npt.NDArray[Any] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return native


def _set_array(made: UnpickledObject, state: Any) -> None:
    _, shape, dtype, fortran, data = state
    if isinstance(data, list):
        if not (isinstance(dtype, UnpickledObject) and dtype.value.kind == "O"):
            raise ValueError("a list for an array of numbers")
        if math.prod(checked_shape(shape)) != len(data):
            raise ValueError(f"{len(data)} objects for an array of shape {shape}")
        array = np.empty(len(data), dtype=object)
        for at, item in enumerate(data):
            array[at] = plain(item)
        made.value = array.reshape(shape)
    else:
        made.value = _filled(data, dtype, shape, "F" if fortran else "C")


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> UnpickledObject:
    """numpy.core.numeric._frombuffer: protocol 5."""
    if order not in ("C", "F"):
        raise ValueError("an order that is neither C nor F")
    return UnpickledObject(ARRAY, value=_filled(data, dtype, shape, order))


def _scalar(dtype: Any, data: Any = b"") -> Any:
    """numpy.core.multiarray.scalar, as a number of Python's."""
    return _filled(data, dtype, (), "C").item()


_ARRAY_NAMES: dict[str, dict[str, Any]] = {
    "multiarray": {"_reconstruct": _new_array, "scalar": _scalar},
    "numeric": {"_frombuffer": _from_buffer},
}
#: What pickles may ask NumPy for, in the names of NumPy 1 and 2.
NAMES: dict[tuple[str, str], Any] = {
    (f"numpy.{core}.{module}", name): make
    for core in ("core", "_core")
    for module, names in _ARRAY_NAMES.items()
    for name, make in names.items()
}
NAMES["numpy", "ndarray"] = None
NAMES["numpy", "dtype"] = _new_dtype

SET_STATE = {ARRAY: _set_array, DTYPE: _set_dtype}
