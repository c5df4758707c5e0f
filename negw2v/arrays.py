"""Names of array types, and offsets: what every layer of the package shares about arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "Float32s",
    "Floats",
    "Int32s",
    "Int64s",
    "UInt32s",
    "UInt64s",
    "offsets_of",
]

#: An array whose type the user chooses.
Array = npt.NDArray[Any]

#: Real numbers of any precision.
Floats = npt.NDArray[np.floating[Any]]

Float32s = npt.NDArray[np.float32]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt32s = npt.NDArray[np.uint32]
UInt64s = npt.NDArray[np.uint64]


def offsets_of(lengths: npt.ArrayLike) -> Int64s:
    """Where each of several parts starts when they stand one after the other.

    Parameters
    ----------
    lengths
        Integers (n,): the length of each part.

    Returns
    -------
    numpy.ndarray
        int64 (n + 1,). Part i is at ``[offsets[i], offsets[i + 1])``; the last offset is the
        total length.

    Examples
    --------
    >>> offsets_of([2, 0, 3])
    array([0, 2, 2, 5])
    """
    offsets = np.zeros(np.size(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
