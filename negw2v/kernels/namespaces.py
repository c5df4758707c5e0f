"""Arrays of any library: its namespace, and what the Array API standard has no function for.

Source: the Python Array API standard. array-api-compat gives every library the standard's names;
NumPy has them itself.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from negw2v.extras import needed

__all__ = ["NUMPY", "add_rows", "is_numpy", "library_name", "namespace_of", "owners_of", "put_rows"]


def _standard_numpy() -> Any:
    """NumPy by the standard's names; those before 2.1 lack some that the package uses."""
    if hasattr(np, "cumulative_sum"):
        return np
    return SimpleNamespace(
        **{name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
        | {
            "argsort": lambda x, *, stable=True: np.argsort(x, kind="stable" if stable else None),
            "astype": lambda x, dtype, *, copy=True: x.astype(dtype, copy=copy),
            "concat": np.concatenate,
            "cumulative_sum": np.cumsum,
            "unique_values": np.unique,
        }
    )


#: NumPy's functions by the standard's names.
NUMPY = _standard_numpy()


def is_numpy(array: Any) -> bool:
    """Whether it is an array of NumPy's, or one of its scalars."""
    return isinstance(array, (np.ndarray, np.generic))


def library_name(array: Any) -> str:
    """The package that an array's type comes from: "numpy", "torch", "cupy"."""
    return type(array).__module__.partition(".")[0]


def namespace_of(array: Any) -> Any:
    """The functions of an array's library, by the standard's names.

    Parameters
    ----------
    array
        An array of NumPy's, or of another library that array-api-compat knows.

    Raises
    ------
    MissingDependencyError
        It is not NumPy's, and array-api-compat is not installed.
    """
    if is_numpy(array):
        return NUMPY
    with needed(f"an array of {library_name(array)}", "array-api-compat"):
        from array_api_compat import array_namespace
    return array_namespace(array)


def put_rows(matrix: Any, rows: Any, values: Any) -> None:
    """``matrix[rows[i]] = values[i]`` for all i; no row is there twice.

    Parameters
    ----------
    matrix
        (rows, ...), changed in place.
    rows
        Integers (n,).
    values
        (n, ...).
    """
    if library_name(matrix) in _ASSIGNING:
        matrix[rows] = values
        return
    for i in range(rows.shape[0]):  # the standard assigns to one row at a time
        matrix[int(rows[i]), ...] = values[i, ...]


def add_rows(matrix: Any, rows: Any, values: Any) -> None:
    """``matrix[rows[i]] += values[i]`` for all i, also for a row that is there again.

    Parameters
    ----------
    matrix
        (rows, ...), changed in place.
    rows
        Integers (n,).
    values
        (n, ...), of the matrix' type.
    """
    name = library_name(matrix)
    if name in _ASSIGNING:
        _ASSIGNING[name](matrix, rows, values)
        return
    for i in range(rows.shape[0]):
        matrix[int(rows[i]), ...] += values[i, ...]


def _add_by_cupy(matrix: Any, rows: Any, values: Any) -> None:
    import cupyx

    cupyx.scatter_add(matrix, rows, values)


def _add_by_torch(matrix: Any, rows: Any, values: Any) -> None:
    matrix.index_add_(0, rows, values)


#: The libraries that assign to many rows at once, and how they add to them.
_ASSIGNING: dict[str, Callable[[Any, Any, Any], None]] = {
    "cupy": _add_by_cupy,
    "numpy": np.add.at,
    "torch": _add_by_torch,
}


def owners_of(starts: Any, first: int, last: int) -> Any:
    """The number of each element's part: 0 for those of part `first`, 1 for the next.

    Parameters
    ----------
    starts
        Integers (parts + 1,): elements ``starts[i] .. starts[i + 1] - 1`` belong to part i.
    first, last
        The parts ``first .. last - 1``.

    Returns
    -------
    array
        Integers (elements of these parts,).
    """
    xp = namespace_of(starts)
    lengths = starts[first + 1 : last + 1] - starts[first:last]
    return xp.repeat(_arange_like(starts, last - first), lengths)


def _arange_like(array: Any, count: int) -> Any:
    """0, 1, ..., on the device of `array`, of its type."""
    xp = namespace_of(array)
    if not count:
        return array[:0]
    ones = xp.broadcast_to(xp.ones_like(array[:1]), (count,))
    return xp.cumulative_sum(ones, dtype=array.dtype) - 1
