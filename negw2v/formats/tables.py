"""Vectors as other programs take them: .npy files, Arrow and Parquet.

Functions on records; each writer writes its files whole or not at all.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import (
    FilePath,
    InputTypeError,
    ModelFileError,
    ParameterError,
)
from negw2v.extras import needed
from negw2v.formats import npy
from negw2v.formats.records import VectorsRecord
from negw2v.formats.values import StoredValues
from negw2v.io.compression import SUFFIXES
from negw2v.io.kinds import what_it_is_instead
from negw2v.io.mapping import check_mmap
from negw2v.io.paths import path_text
from negw2v.io.reading import open_local, read_all
from negw2v.io.writing import writing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "from_arrow",
    "keys_of",
    "read_npy",
    "read_table",
    "to_arrow",
    "write_npy",
    "write_table",
]

BLOCK_ROWS = 4096

PARQUET_SUFFIXES = {".parquet", ".pq"}
ARROW_SUFFIXES = {".arrow", ".feather", ".ipc", ""}


def keys_of(record: VectorsRecord) -> list[Any]:
    """The keys; a row without one has no place in a table.

    Raises
    ------
    ParameterError
        There is such a row.
    """
    keys = record.keys.decode() if isinstance(record.keys, StoredValues) else record.keys
    if None in keys:
        raise ParameterError(
            f"row {keys.index(None)} (counted from 0) was preallocated and has no key; fill it "
            "with add_vector(), or make a smaller set with vectors_for_all()"
        )
    return keys


# ---------------------------------------------------------------- .npy


def write_npy(record: VectorsRecord, vectors: FilePath, vocabulary: FilePath) -> None:
    """Write the vectors as a .npy file, and the keys as a text file, one to a line.

    Parameters
    ----------
    record
        What to write. Keys that are numbers come back as text.
    vectors, vocabulary
        Paths of the two files.

    Raises
    ------
    ParameterError
        A key has a line feed in it, or a path is the name of another kind of file.
    """
    for path, suffixes in ((vectors, {".npy", ""}), (vocabulary, None)):
        suffix = Path(path_text(path)).suffix.lower()
        if suffix in SUFFIXES or (suffixes and suffix not in suffixes):
            raise ParameterError(
                f"{path_text(path)!r} is the name of another kind of file: vectors go to a .npy "
                "file and keys to a text file, neither of them compressed; save() compresses, "
                "and save_table() and save_word2vec_format() write other formats"
            )
    lines = [str(key) for key in keys_of(record)]
    for line in lines:
        if "\n" in line or "\r" in line:
            raise ParameterError(
                f"the key {line!r} has a line feed in it, and would be two lines of "
                f"{path_text(vocabulary)!r}; save() stores keys of any kind"
            )
    text = "".join(f"{line}\n" for line in lines).encode()
    with writing(vocabulary) as second, writing(vectors) as file:  # neither without the other
        second.write(text)
        _write_array(file, record.vectors)


def _write_array(file: Any, array: npt.NDArray[Any]) -> None:
    """What numpy.save() does, in blocks: it would copy what is not contiguous as a whole."""
    header = {
        "descr": np.lib.format.dtype_to_descr(array.dtype),
        "fortran_order": False,
        "shape": array.shape,
    }
    np.lib.format.write_array_header_1_0(file, header)
    for first in range(0, len(array), BLOCK_ROWS):
        block: Any = np.ascontiguousarray(array[first : first + BLOCK_ROWS])
        file.write(memoryview(block).cast("B") if block.size else b"")


def read_npy(vectors: FilePath, vocabulary: FilePath, mmap: str | None = None) -> VectorsRecord:
    """Read vectors from a .npy file, and their keys from a text file, one to a line.

    Parameters
    ----------
    vectors, vocabulary
        Paths of the two files.
    mmap
        None, "r" or "c": map the vectors into memory.

    Raises
    ------
    MissingFileError, ModelFileError
        A file is missing or damaged, or they do not belong together.
    """
    check_mmap(mmap)
    try:
        matrix = npy.read_npy(vectors, mmap)
    except ModelFileError:
        if reason := what_it_is_instead(vectors, (npy.NPY_MAGIC,)):
            raise ModelFileError(vectors, reason) from None
        raise
    if matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise ModelFileError(
            vectors,
            f"a matrix of floats is needed, but it is an array of {matrix.dtype} of shape "
            f"{matrix.shape}",
        )
    try:
        text = read_all(vocabulary).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelFileError(
            vocabulary, f"invalid UTF-8: {error.reason}", position=error.start
        ) from None
    lines = text.replace("\r\n", "\n").split("\n")
    keys = lines[:-1] if lines[-1] == "" else lines
    if len(keys) != len(matrix):
        raise ModelFileError(
            vocabulary,
            f"there are {len(keys)} lines, but {len(matrix)} vectors in {path_text(vectors)!r}",
        )
    return VectorsRecord(list(keys), matrix)


# ---------------------------------------------------------------- Arrow and Parquet


def _pyarrow() -> Any:
    with needed("a table", "pyarrow"):
        import pyarrow as pa
    return pa


def to_arrow(record: VectorsRecord) -> pa.Table:
    """A table with the columns ``word``, ``vector`` and one per attribute.

    Parameters
    ----------
    record
        The vectors; a list of fixed size in the table. Attributes that are arrays are lists.

    Raises
    ------
    MissingDependencyError
        pyarrow is not installed.
    ParameterError
        Keys, or the values of an attribute, are of several types, or of one that Arrow lacks.
    """
    arrow = _pyarrow()
    rows, dimensions = record.vectors.shape
    flat = arrow.array(np.ascontiguousarray(record.vectors).reshape(-1))
    columns = {
        "word": _column(arrow, "the keys", keys_of(record)),
        "vector": arrow.FixedSizeListArray.from_arrays(flat, dimensions)
        if rows
        else arrow.array([], arrow.list_(flat.type, dimensions)),
    }
    for name, values in record.attributes.items():
        if name in columns:
            raise ParameterError(f"attribute {name!r} has the name of a column; rename it")
        plain = values if values.dtype != object and values.ndim == 1 else list(values)
        columns[name] = _column(arrow, f"attribute {name!r}", plain)
    return arrow.table(columns)


def _column(arrow: Any, what: str, values: Any) -> Any:
    try:
        return arrow.array(values)
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise ParameterError(
            f"{what} cannot be a column of a table: {error}; save() stores mixed types, too"
        ) from None


def from_arrow(
    table: pa.Table, word: str = "word", vector: str = "vector", path: FilePath | None = None
) -> VectorsRecord:
    """The vectors in a table; its further columns become attributes.

    Parameters
    ----------
    table
        The table; ``vector`` holds lists of numbers, all of one length.
    word, vector
        Names of the two columns.
    path
        Where the table is from, for messages.

    Raises
    ------
    ModelFileError
        A column is missing or of the wrong type, or the lists differ in length.
    """
    arrow = _pyarrow()
    source = path if path is not None else "<table>"
    if not isinstance(table, arrow.Table):
        if not hasattr(table, "__arrow_c_stream__"):
            raise InputTypeError(
                f"a pyarrow.Table is needed, or an object with __arrow_c_stream__ such as a "
                f"DataFrame of polars, not a {type(table).__name__}"
            )
        table = arrow.table(table)
    for name in (word, vector):
        if name not in table.column_names:
            raise ModelFileError(
                source, f"there is no column {name!r}; there are {', '.join(table.column_names)}"
            )
    attributes = {}
    for name in table.column_names:
        if name not in (word, vector):
            attributes[name] = _attribute(arrow, table.column(name))
    return VectorsRecord(
        table.column(word).to_pylist(), _matrix(arrow, table.column(vector), source), attributes
    )


def _matrix(arrow: Any, column: Any, source: FilePath) -> npt.NDArray[Any]:
    """A column of lists of numbers as a matrix."""
    kind = column.type
    lists = (
        arrow.types.is_list(kind)
        or arrow.types.is_large_list(kind)
        or arrow.types.is_fixed_size_list(kind)
    )
    if not lists or not arrow.types.is_floating(kind.value_type) or column.null_count:
        raise ModelFileError(source, f"the vectors are of type {kind}; lists of floats are needed")
    whole = column.combine_chunks()
    flat = whole.flatten()
    values = flat.to_numpy(zero_copy_only=False)
    if not len(whole) or len(values) % len(whole) or flat.null_count:
        raise ModelFileError(source, "the vectors are missing, or differ in length")
    width = len(values) // len(whole)
    if not arrow.types.is_fixed_size_list(kind):
        lengths = whole.value_lengths().to_numpy(zero_copy_only=False)
        if (lengths != width).any():
            row = int((lengths != lengths[0]).argmax())
            raise ModelFileError(
                source,
                f"the vectors differ in length: {lengths[0]} in row 0, {lengths[row]} in row {row}",
            )
    matrix: npt.NDArray[Any] = values.reshape(len(whole), width)
    return matrix


def _attribute(arrow: Any, column: Any) -> npt.NDArray[Any]:
    """A column as an attribute of the keys: numbers where it can be."""
    kind = column.type
    numeric = arrow.types.is_integer(kind) or arrow.types.is_floating(kind)
    if (numeric or arrow.types.is_boolean(kind)) and not column.null_count:
        numbers: npt.NDArray[Any] = column.to_numpy()
        return numbers
    result = np.empty(len(column), dtype=object)
    if arrow.types.is_list(kind) and not column.null_count:
        whole = column.combine_chunks()
        if arrow.types.is_primitive(kind.value_type) and not whole.values.null_count:
            values = whole.values.to_numpy(zero_copy_only=False)
            for row, (start, end) in enumerate(pairwise(whole.offsets.to_pylist())):
                result[row] = values[start:end]
            return result
    for row, value in enumerate(column.to_pylist()):
        result[row] = value
    return result


def _is_parquet(path: FilePath) -> bool:
    """Whether a path says Parquet or Arrow; an error where it says something else."""
    suffix = Path(path_text(path)).suffix.lower()
    if suffix not in PARQUET_SUFFIXES | ARROW_SUFFIXES:
        raise ParameterError(
            f"{path_text(path)!r}: tables are written as Parquet (.parquet, .pq) or Arrow "
            f"(.arrow, .feather, .ipc, or no suffix), not as {suffix}; save_word2vec_format() "
            "writes text, and to_pandas() makes a DataFrame, which has to_csv() and others"
        )
    return suffix in PARQUET_SUFFIXES


def write_table(table: pa.Table, path: FilePath) -> None:
    """Write a table to a file.

    Parameters
    ----------
    table
        What :func:`to_arrow` made, perhaps with further columns.
    path
        With the suffix .parquet or .pq a Parquet file; with .arrow, .feather, .ipc or none an
        Arrow (Feather) file.

    Raises
    ------
    ParameterError
        The path has another suffix.
    """
    parquet = _is_parquet(path)
    with writing(path) as file:
        if parquet:
            import pyarrow.parquet

            pyarrow.parquet.write_table(table, file)
        else:
            import pyarrow.feather

            pyarrow.feather.write_feather(table, file, compression="uncompressed")


def read_table(path: FilePath, word: str = "word", vector: str = "vector") -> VectorsRecord:
    """Read :func:`from_arrow` from a Parquet or Arrow file, told apart by its first bytes.

    Parameters
    ----------
    path
        The file.
    word, vector
        Names of the columns.

    Raises
    ------
    MissingFileError, ModelFileError
        There is no such file, it is damaged, or it is another table.
    """
    arrow = _pyarrow()
    with open_local(path) as file:
        if not file.seekable():
            raise ModelFileError(path, "this is a pipe; write its content to a file first")
        try:
            parquet = file.read(4) == b"PAR1"
            file.seek(0)
            if parquet:
                import pyarrow.parquet

                table = pyarrow.parquet.read_table(file)
            else:
                import pyarrow.feather

                table = pyarrow.feather.read_table(file)
        except (arrow.ArrowException, OSError) as error:
            reason = what_it_is_instead(path, (b"PAR1", b"ARROW1"))
            raise ModelFileError(
                path, reason or f"this is not a Parquet or Arrow file: {error}"
            ) from None
    return from_arrow(table, word, vector, path)
