"""NaN and infinity in vectors: one rule for whatever takes them in or gives them out.

They pass where the caller says ``allow_nonfinite=True``, and are an error everywhere else: when
vectors are added, saved, loaded, exported or converted, and in checkpoints. An error says so
before anything is changed or written. What is mapped into memory is not looked at: that would
read the whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ModelFileError, ParameterError
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import StoredValues

__all__ = ["check_finite", "check_finite_file", "check_finite_rows"]

BLOCK_BYTES = 1 << 19


def check_finite_rows(
    rows: npt.NDArray[Any],
    keys: Sequence[Any] | StoredValues | None,
    to_do: str,
    dtype: np.dtype[Any] | None = None,
) -> None:
    """Raise where a matrix has NaN or infinity in it.

    Parameters
    ----------
    rows
        The matrix.
    keys
        What its rows belong to; None: messages name no key.
    to_do
        What is about to happen: "save", "load", "add", "convert".
    dtype
        Floating-point type that the numbers are about to become, where it is another one.

    Raises
    ------
    ParameterError
        It has; the message names the first such row.
    """
    row = _first_nonfinite(rows, dtype or rows.dtype)
    if row is None:
        return
    whose = f"row {row} (counted from 0)"
    if keys is not None and not isinstance(keys, StoredValues) and row < len(keys):
        whose = f"the vector of {keys[row]!r}"
    as_what = f", as {dtype}" if dtype else ""
    raise ParameterError(
        f"{whose} has NaN or infinity in it{as_what}; repair it, or give allow_nonfinite=True to "
        f"{to_do} it anyway"
    )


def check_finite(record: VectorsRecord | ModelRecord, to_do: str) -> None:
    """Raise where vectors, or weights of a model, have NaN or infinity in them.

    Parameters
    ----------
    record
        What is about to be written, or was read.
    to_do
        As for :func:`check_finite_rows`.

    Raises
    ------
    ParameterError
        They have.
    """
    vectors = record.vectors if isinstance(record, ModelRecord) else record
    check_finite_rows(vectors.vectors, vectors.keys, to_do)
    if isinstance(record, ModelRecord):
        for name, matrix in (("syn1neg", record.syn1neg), ("syn1", record.syn1)):
            if isinstance(matrix, np.ndarray):
                try:
                    check_finite_rows(matrix, None, to_do)
                except ParameterError as error:
                    raise ParameterError(f"{name}: {error}") from None


def check_finite_file(
    path: FilePath, record: VectorsRecord | ModelRecord, mmap: str | None, allow_nonfinite: bool
) -> None:
    """:func:`check_finite` for what was read from a file.

    Parameters
    ----------
    path
        The file, for the message.
    record
        What it holds.
    mmap
        How it was opened: what is mapped is not looked at.
    allow_nonfinite
        Whether NaN and infinity may be there.

    Raises
    ------
    ModelFileError
        There are.
    """
    if mmap is None and not allow_nonfinite:
        try:
            check_finite(record, "load")
        except ParameterError as error:
            raise ModelFileError(path, str(error)) from None


def _first_nonfinite(matrix: npt.NDArray[Any], dtype: np.dtype[Any]) -> int | None:
    """The first row with NaN or infinity in it."""
    if matrix.dtype.kind != "f" or matrix.ndim == 0 or not matrix.size:
        return None
    step = max(1, BLOCK_BYTES // max(1, matrix.nbytes // len(matrix)))
    for start in range(0, len(matrix), step):
        with np.errstate(over="ignore"):
            block = matrix[start : start + step].astype(dtype, copy=False)
        finite = np.isfinite(block)
        if not finite.all():
            return start + int(np.argmin(finite.reshape(len(finite), -1).all(axis=1)))
    return None
