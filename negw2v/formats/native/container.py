"""The container of the native format: safetensors.

The safetensors library reads and checks headers: nothing is allocated before it has found
that every tensor lies within the file, that none overlaps another, and that no byte is left
over. What is read here, straight into its final place, and what is written, block by block
from wherever it lies, are the tensors: the library would copy what is not contiguous as a whole
first, and knows no file objects.
"""

from __future__ import annotations

import errno
import io
import json
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.errors import (
    FileMemoryError,
    FilePath,
    MissingFileError,
    ModelFileError,
    ParameterError,
    TruncatedFileError,
)
from negw2v.io.paths import file_status
from negw2v.io.reading import open_local
from negw2v.kernels import plain_matrix

__all__ = ["HEADER_LIMIT", "Container", "Tensor", "TensorFile", "container"]

DTYPES = {
    "BOOL": "?",
    "U8": "<u1",
    "I8": "<i1",
    "U16": "<u2",
    "I16": "<i2",
    "F16": "<f2",
    "U32": "<u4",
    "I32": "<i4",
    "F32": "<f4",
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
    "C64": "<c8",
}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}

#: The library reads no larger headers.
HEADER_LIMIT = 100_000_000
BLOCK_BYTES = 1 << 22


class Tensor(NamedTuple):
    """Where a tensor lies.

    Attributes
    ----------
    dtype, shape
        As NumPy has them.
    start
        Byte in the file.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


# ---------------------------------------------------------------- writing


class Container(NamedTuple):
    """A safetensors file that is ready to be written: nothing in it can be refused any more.

    Attributes
    ----------
    header
        The first bytes.
    arrays
        What follows them.
    """

    header: bytes
    arrays: list[npt.NDArray[Any]]

    def write(self, file: IO[bytes]) -> None:
        """Write it, in blocks of a few megabytes.

        Parameters
        ----------
        file
            Where to; it need not be seekable.
        """
        file.write(self.header)
        for array in self.arrays:
            for block in _blocks(array):
                file.write(block)


def container(tensors: Mapping[str, npt.NDArray[Any]], metadata: dict[str, str]) -> Container:
    """Make a safetensors file; no array is copied.

    Parameters
    ----------
    tensors
        Arrays by name, with any strides.
    metadata
        Texts by name.

    Raises
    ------
    ParameterError
        An array is of a type that the format does not have, a name is one that it cannot hold,
        or the header gets too large.
    """
    # Large items first: with a header of whole 8 bytes, every tensor is then aligned.
    order = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name in order:
        array = tensors[name]
        dtype = NAMES.get(array.dtype.newbyteorder("<"))
        if dtype is None:
            raise ParameterError(
                f"{name} is of type {array.dtype}, which cannot be stored; convert it to one of "
                f"{', '.join(np.dtype(known).name for known in DTYPES.values())}"
            )
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ParameterError(
                f"{name!r} has half a character in it, which UTF-8 cannot hold; rename it"
            ) from None
        start, end = end, end + array.nbytes
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > HEADER_LIMIT:
        raise ParameterError(
            f"the description of the file takes {len(text)} bytes, {HEADER_LIMIT} are allowed; "
            "lifecycle_events and attributes of your own are part of it"
        )
    return Container(len(text).to_bytes(8, "little") + text, [tensors[name] for name in order])


def _blocks(array: npt.NDArray[Any]) -> Iterator[memoryview]:
    """The bytes of an array in C order, little-endian, a few megabytes at a time."""
    if not array.size:
        return
    rows = array.reshape(1) if array.ndim == 0 else array
    step = max(1, BLOCK_BYTES // max(1, rows.nbytes // len(rows)))
    for first in range(0, len(rows), step):
        block = rows[first : first + step]
        block = np.ascontiguousarray(block, dtype=block.dtype.newbyteorder("<"))
        data: Any = block.reshape(-1).view(np.uint8)
        yield memoryview(data)


# ---------------------------------------------------------------- reading

# How the library's messages end where it was the system that failed.
SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


def described_end(header: bytes) -> int | None:
    """Where the last tensor ends that a header describes, from its own end; None: it is damaged.

    Parameters
    ----------
    header
        The JSON text.
    """
    try:
        described = json.loads(header)
        described.pop("__metadata__", None)
        end = max((tensor["data_offsets"][1] for tensor in described.values()), default=0)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return end if isinstance(end, int) and 0 <= end < 1 << 62 else None


class TensorFile:
    """A safetensors file whose header has been checked.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    metadata : dict of str to str
        The texts in the header.
    tensors : dict of str to Tensor
        Where each tensor lies, in the order of the file.

    Raises
    ------
    ModelFileError
        The header is damaged, or does not fit the file.
    """

    def __init__(self, path: FilePath) -> None:
        self.path = os.fsdecode(path)
        self._file = io.BufferedReader(open_local(path))
        try:
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; arrays that were read or mapped stay."""
        self._file.close()

    def fail(self, reason: str, position: int | None = None) -> ModelFileError:
        """An error about this file."""
        return ModelFileError(self.path, reason, position=position)

    def _read_header(self) -> None:
        import safetensors

        size = os.fstat(self._file.fileno()).st_size
        prefix = self._file.read(8)
        if len(prefix) < 8:
            raise TruncatedFileError(self.path, "the file ends within the size of its header")
        length = int.from_bytes(prefix, "little")
        if length > min(HEADER_LIMIT, size - 8):
            kind = TruncatedFileError if length <= HEADER_LIMIT else ModelFileError
            raise kind(
                self.path,
                f"the header is said to take {length} bytes, the file has {size} "
                f"(and {HEADER_LIMIT} are allowed)",
                position=0,
            )
        while True:
            try:
                with safetensors.safe_open(self.path, framework="numpy") as opened:
                    self._take(opened, 8 + length)
            except safetensors.SafetensorError as error:
                raise self._header_error(error, size) from None
            except MemoryError as error:
                raise self._no_memory() from error
            except (OverflowError, ValueError) as error:
                if isinstance(error, ModelFileError):
                    raise
                raise self.fail(f"the header is damaged: {error}", 8) from None
            if self._still_there():
                return
            # Replaced by another file between the two looks at it: look again.
            self._file.close()
            self.__init__(self.path)  # type: ignore[misc]
            return

    def _header_error(self, error: Exception, size: int) -> ModelFileError:
        """What the library found, in our words where they are clearer."""
        system = SYSTEM_ERROR.search(str(error))
        if system is not None:
            return self.fail(f"reading failed: {os.strerror(int(system[1]))}", 0)
        self._file.seek(0)
        start = 8 + int.from_bytes(self._file.read(8), "little")
        described = described_end(self._file.read(start - 8))
        end = size if described is None else start + described
        uncovered = "not fully covered" in str(error) or "IncompleteBuffer" in str(error)
        if end > size and uncovered:
            reason = f"the file has {size} bytes, but its header describes {end}: it was cut off"
            return TruncatedFileError(self.path, reason, position=size)
        if end < size and uncovered:
            return self.fail(f"{size - end} bytes follow the end of the last tensor", end)
        return self.fail(f"the header is damaged: {str(error).partition(': ')[2] or error}", 8)

    def _no_memory(self) -> FileMemoryError:
        return FileMemoryError(
            self.path,
            f"{os.fstat(self._file.fileno()).st_size:,} bytes cannot be mapped into memory: "
            f"{os.strerror(errno.ENOMEM)}; there is too little of it, or a limit (ulimit -v) is "
            "too low",
        )

    def _still_there(self) -> bool:
        """Whether the path still stands for the file that is open."""
        ours, now = os.fstat(self._file.fileno()), file_status(self.path)
        if now is None:
            raise MissingFileError(self.path, "it was deleted while it was read")
        return (ours.st_dev, ours.st_ino) == (now.st_dev, now.st_ino)

    def _take(self, opened: Any, start: int) -> None:
        self.metadata: dict[str, str] = dict(opened.metadata() or {})
        self.tensors: dict[str, Tensor] = {}
        # Tensors follow each other without holes: the library has checked it.
        for name in opened.offset_keys():
            described = opened.get_slice(name)
            code = described.get_dtype()
            if code not in DTYPES:
                raise self.fail(f"tensor {name!r} is of type {code}, which is not used", 8)
            tensor = Tensor(np.dtype(DTYPES[code]), tuple(described.get_shape()), start)
            self.tensors[name] = tensor
            start += tensor.size

    def read(self, name: str) -> npt.NDArray[Any]:
        """A tensor, in memory.

        Parameters
        ----------
        name
            Its name.
        """
        tensor = self.tensors[name]
        result: npt.NDArray[Any]
        if len(tensor.shape) == 2 and tensor.dtype == np.float32:
            result = plain_matrix(*tensor.shape)  # it may be trained
        else:
            result = np.empty(tensor.shape, dtype=tensor.dtype)
        self._file.seek(tensor.start)
        self._fill(name, result.reshape(-1))
        return result if sys.byteorder == "little" else result.astype(result.dtype.newbyteorder())

    def _fill(self, name: str, array: npt.NDArray[Any]) -> None:
        """Read from the present position until the array is full."""
        data: Any = array.view(np.uint8)
        left = memoryview(data)
        while left.nbytes:
            try:
                count = self._file.readinto(left)
            except OSError as error:
                reason = f"reading failed: {error.strerror}"
                raise self.fail(reason, self._file.tell()) from error
            if not count:
                raise TruncatedFileError(
                    self.path, f"the file ends within {name!r}", position=self._file.tell()
                )
            left = left[count:]

    def map(self, mode: str) -> dict[str, npt.NDArray[Any]]:
        """All tensors, mapped into memory: read from the disk when they are looked at.

        Parameters
        ----------
        mode
            Of the ``numpy.memmap``: "r", read-only; or "c", changes stay in memory.
        """
        for name, tensor in self.tensors.items():
            if tensor.start % tensor.dtype.alignment:
                raise self.fail(
                    f"{name!r} cannot be mapped into memory, because it starts in the middle of a "
                    "number of its size; load the file without mmap, and save it again",
                    tensor.start,
                )
        try:
            whole = np.memmap(self._file, dtype=np.uint8, mode=mode)  # type: ignore[call-overload]
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise self._no_memory() from error
            raise self.fail(f"it cannot be mapped into memory: {error.strerror}") from error
        whole.filename = os.path.abspath(self.path)  # noqa: PTH100 - joblib reads it as a str
        return {name: self._part_of(whole, tensor) for name, tensor in self.tensors.items()}

    @staticmethod
    def _part_of(whole: np.memmap[Any, Any], tensor: Tensor) -> npt.NDArray[Any]:
        if not tensor.size:
            return np.empty(tensor.shape, dtype=tensor.dtype)
        part: Any = whole[tensor.start : tensor.start + tensor.size]
        part.offset = tensor.start
        part = part.view(tensor.dtype)
        return part.reshape(tensor.shape)  # type: ignore[no-any-return]
