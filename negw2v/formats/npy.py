"""NumPy's own files, which may be hostile: .npy files and .npz archives."""

from __future__ import annotations

import errno
import math
import os
import re
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FileMemoryError, ModelFileError, TruncatedFileError, UnsafeFileError
from negw2v.io.reading import Source, opened

__all__ = ["NPY_MAGIC", "checked_shape", "read_npy", "read_npz"]

#: What deflate can make of a byte at most, about.
BEST_COMPRESSION = 1100
PIECE_BYTES = 1 << 22

NPY_MAGIC = b"\x93NUMPY"
#: Bytes of the header's length by the format's version.
NPY_LENGTHS = {1: 2, 2: 4, 3: 4}
NPY_LONGEST_HEADER = 10_000
_VALUE = r"""'[^'\\]*'|"[^"\\]*"|True|False|\((?:\s*\d{1,20}L?\s*(?:,|(?=\))))*\s*\)"""
_PAIR = rf"""['"](\w{{1,20}})['"]\s*:\s*({_VALUE})"""
NPY_ENTRY = re.compile(_PAIR)
NPY_HEADER = re.compile(rf"\s*\{{\s*{_PAIR}\s*,\s*{_PAIR}\s*,\s*{_PAIR}\s*,?\s*\}}\s*")


def read_npy(path: Any, mmap: str | None = None) -> npt.NDArray[Any]:
    """Read a .npy file.

    Parameters
    ----------
    path
        The file, or a URI.
    mmap
        Map it into memory: "r" or "c" as for ``numpy.memmap``; None: read it.

    Raises
    ------
    MissingFileError
        There is no such file.
    ModelFileError
        It is damaged. UnsafeFileError: it holds a pickle.
    """
    with opened(path) as source:
        shape, fortran, dtype, start = _npy_header(source)
        needed = math.prod(shape) * dtype.itemsize
        if source.size is not None:
            if needed != source.size - start:
                kind = TruncatedFileError if needed > source.size - start else ModelFileError
                raise kind(
                    path,
                    f"an array of shape {shape} and type {dtype} takes {needed} bytes; "
                    f"{source.size - start} follow the header",
                    position=start,
                )
            if mmap is not None and needed:
                return _mapped(source, mmap, dtype, start, shape, "F" if fortran else "C")
        elif mmap is not None:
            raise ModelFileError(path, f"mmap={mmap!r} is for files on this machine")
        return _npy_data(source, shape, fortran, dtype)


def read_npz(path: Any, name: str = "val") -> npt.NDArray[Any]:
    """Read one array of a .npz archive.

    Parameters
    ----------
    path
        The file, or a URI.
    name
        Of the array.

    Raises
    ------
    MissingFileError, ModelFileError
        As for :func:`read_npy`.
    """
    import zipfile

    with opened(path) as source:
        try:
            # What fails below the archive is the stream's fault, which knows more about it.
            with (
                source.faults(),
                zipfile.ZipFile(source.stream) as archive,
                archive.open(f"{name}.npy") as member,
            ):
                found = archive.getinfo(f"{name}.npy")
                inner = Source(member, path, None)
                shape, fortran, dtype, _ = _npy_header(inner)
                needed = math.prod(shape) * dtype.itemsize
                if needed > found.file_size or needed > BEST_COMPRESSION * found.compress_size:
                    raise TruncatedFileError(
                        path, f"an array of shape {shape} in {found.compress_size} bytes"
                    )
                return _npy_data(inner, shape, fortran, dtype)
        except (
            *(zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError),
            *(struct.error, IndexError, OverflowError),
        ) as error:
            raise ModelFileError(path, f"this is not an archive with {name}.npy: {error}") from None


def _mapped(
    source: Source, mmap: str, dtype: np.dtype[Any], start: int, shape: tuple[int, ...], order: Any
) -> npt.NDArray[Any]:
    mode: Any = mmap
    try:
        return np.memmap(os.fsdecode(source.path), dtype, mode, start, shape, order)
    except OSError as error:
        reason = f"it cannot be mapped into memory: {error.strerror or error}"
        kind = FileMemoryError if error.errno == errno.ENOMEM else ModelFileError
        raise kind(source.path, reason) from error
    except ValueError as error:  # it is shorter than it was a moment ago
        reason = f"it cannot be mapped into memory: {error}"
        raise TruncatedFileError(source.path, reason) from error


def _npy_header(source: Source) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, order and type, and how many bytes the header takes.

    NumPy's own reader hands the text to Python's parser, which answers damaged ones with half a
    dozen kinds of exceptions, MemoryError and RecursionError among them.
    """
    start = _exactly(source, 8, 0)
    if start[:6] != NPY_MAGIC or start[6] not in NPY_LENGTHS:
        reason = f"this is not a .npy file: it begins with {start[:8]!r}"
        raise ModelFileError(source.path, reason, position=0)
    width = NPY_LENGTHS[start[6]]
    length = int.from_bytes(_exactly(source, width, 8), "little")
    if length > NPY_LONGEST_HEADER:
        reason = f"its header is said to take {length} bytes; {NPY_LONGEST_HEADER} are allowed"
        raise ModelFileError(source.path, f"this is not a .npy file: {reason}", position=8)
    text = _exactly(source, length, 8 + width).decode("latin-1")
    entries = dict(NPY_ENTRY.findall(text)) if NPY_HEADER.fullmatch(text) else {}
    if entries.keys() != {"descr", "fortran_order", "shape"}:
        reason = f"this is not a .npy file of numbers: its header is {text[:60]!r}"
        raise ModelFileError(source.path, reason, position=8 + width)
    sides = entries["shape"].strip("()").replace("L", "").split(",")
    try:
        dtype: np.dtype[Any] = np.dtype(entries["descr"].strip("\"'"))
        shape = checked_shape(tuple(int(side) for side in sides if side.strip()))
    except (SyntaxError, TypeError, ValueError) as error:  # NumPy parses types as Python
        raise ModelFileError(
            source.path, f"this is not a .npy file of numbers: {error}", position=8 + width
        ) from None
    if dtype.hasobject or dtype.kind not in "biuf":
        raise UnsafeFileError(
            source.path, f"an array of type {dtype} is not read: it may hold a pickle"
        )
    return shape, entries["fortran_order"] == "True", dtype, 8 + width + length


def _exactly(source: Source, size: int, position: int) -> bytes:
    """The next bytes, in whose stead an early end is an error."""
    data = bytearray(size)
    filled = 0
    while filled < size:
        read = source.read_into(memoryview(data)[filled:])
        if not read:
            raise TruncatedFileError(
                source.path,
                "this is not a .npy file of numbers: it ends within its header",
                position=position,
            )
        filled += read
    return bytes(data)


def _npy_data(
    source: Source, shape: tuple[int, ...], fortran: bool, dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    """The numbers behind a header, in memory that grows as far only as there are bytes."""
    needed, filled = math.prod(shape) * dtype.itemsize, 0
    data = np.empty(needed if source.size is not None else 0, dtype=np.uint8)
    while filled < needed:
        if filled == len(data):
            data.resize(min(needed, 2 * filled + PIECE_BYTES), refcheck=False)
        read = source.read_into(data.data[filled:])
        if not read:
            raise TruncatedFileError(
                source.path, f"the file ends after {filled} of {needed} bytes of an array"
            )
        filled += read
    return data.view(dtype).reshape(shape, order="F" if fortran else "C")


def checked_shape(value: Any) -> tuple[int, ...]:
    """A shape from a file, if an array can have it.

    Raises
    ------
    ValueError
        It is not a tuple of a few sizes.
    """
    if (
        not isinstance(value, tuple)
        or len(value) > 8
        or not all(type(side) is int and 0 <= side < 1 << 48 for side in value)
    ):
        raise ValueError("a shape that no array can have")
    return value
