"""The two files of tab-separated values of TensorBoard's embedding projector.

One has the vectors, a row for each key; the other the keys and, with headings, what else is known
of them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ModelFileError
from negw2v.formats.records import VectorsRecord
from negw2v.formats.tables import keys_of
from negw2v.io.paths import path_text
from negw2v.io.reading import read_all
from negw2v.io.writing import writing

__all__ = ["read_projector", "write_projector"]

BLOCK_ROWS = 4096


def write_projector(record: VectorsRecord, vectors: FilePath, metadata: FilePath) -> None:
    r"""Write the two files of tab-separated values that TensorBoard's projector loads.

    Parameters
    ----------
    record
        What to write.
    vectors
        Path of the file of vectors, one row per key.
    metadata
        Path of the file of keys, and of the attributes that are single values. With more than
        one column there is a line of headings, as the projector demands. Tabs and line feeds
        in keys are written as ``\t`` and ``\n``.
    """
    keys = keys_of(record)
    columns: dict[str, Sequence[Any]] = {"word": keys}
    for name, values in record.attributes.items():
        single = values.ndim == 1 and not any(isinstance(value, np.ndarray) for value in values)
        if single:
            columns[name] = values.tolist()
    pattern = "\t".join(["%.9g"] * record.vectors.shape[1]) + "\n"
    lines = [[_cell(value) for value in row] for row in zip(*columns.values(), strict=True)]
    if len(columns) > 1:
        lines.insert(0, [_cell(name) for name in columns])
    text = "".join(["\t".join(line) + "\n" for line in lines]).encode(errors="replace")
    with writing(metadata) as second, writing(vectors) as file:  # neither without the other
        second.write(text)
        for first in range(0, len(keys), BLOCK_ROWS):
            rows = record.vectors[first : first + BLOCK_ROWS].tolist()
            file.write("".join([pattern % tuple(row) for row in rows]).encode())


def _cell(value: Any) -> str:
    text = str(value)
    for character, shown in (("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, shown)
    return text


def read_projector(vectors: FilePath, metadata: FilePath) -> VectorsRecord:
    """Read vectors and keys from the two files.

    Parameters
    ----------
    vectors
        Path of the file of vectors.
    metadata
        Path of the file of keys: one in each line; or several columns with a line of headings,
        of which the first, or that with the heading ``word``, has the keys. The others become
        attributes: whole numbers, numbers, or text.

    Raises
    ------
    MissingFileError, ModelFileError
        A file is missing or damaged, or they do not belong together.
    """
    matrix = _numbers(vectors)
    lines = _cells(metadata)
    headings = lines.pop(0) if len(lines) == len(matrix) + 1 else None
    if len(lines) != len(matrix):
        raise ModelFileError(
            metadata,
            f"there are {len(lines)} lines, but {len(matrix)} vectors in {path_text(vectors)!r}",
        )
    width = len(headings or lines[0])
    if headings is None and width > 1:
        raise ModelFileError(metadata, f"{width} columns need a line of headings")
    for number, line in enumerate(lines):
        if len(line) != width:
            raise ModelFileError(
                metadata,
                f"{len(line)} columns, where {width} are expected",
                line=number + (1 if headings is None else 2),
            )
    columns = list(zip(*lines, strict=True))
    place = headings.index("word") if headings and "word" in headings else 0
    attributes = {
        name: _values(columns[column])
        for column, name in enumerate(headings or ["word"])
        if column != place
    }
    return VectorsRecord(list(columns[place]), matrix, attributes)


def _numbers(path: FilePath) -> npt.NDArray[np.float32]:
    content = read_all(path)
    if not content.strip():
        raise ModelFileError(path, "there are no vectors in it")
    try:
        return np.loadtxt(
            io.BytesIO(content),
            np.float32,
            comments=None,
            delimiter="\t",
            ndmin=2,
            encoding="utf-8",
        )
    except ValueError as error:
        raise ModelFileError(path, f"numbers with tabs between them are needed: {error}") from None


def _cells(path: FilePath) -> list[list[str]]:
    try:
        text = read_all(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelFileError(path, f"invalid UTF-8: {error.reason}", position=error.start) from None
    lines = text.replace("\r\n", "\n").split("\n")
    return [line.split("\t") for line in (lines[:-1] if lines[-1] == "" else lines)]


def _values(cells: Sequence[str]) -> npt.NDArray[Any]:
    """Numbers, where all cells are such; otherwise text."""
    for number, kind in ((int, np.int64), (float, np.float64)):
        try:
            return np.array([number(cell) for cell in cells], dtype=kind)
        except (ValueError, OverflowError):
            continue
    found = np.empty(len(cells), dtype=object)
    found[:] = cells
    return found
