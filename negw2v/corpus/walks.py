"""Whole numbers as a corpus: the rows of an array, and files with a walk on each line.

Numbers are words as they are: the keys of the vectors are ints. No str is ever made of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int64s, offsets_of
from negw2v.corpus._rows import Rows, parse_numbers, rows_of_array
from negw2v.corpus.columns import Opened, RowSource
from negw2v.corpus.text_files import open_text, reading
from negw2v.errors import CorpusError, InputTypeError

__all__ = ["ArraySource", "NumberFileSource", "checked_pair", "is_pair", "read_numbers"]

#: What Arrow calls the types of whole numbers, by NumPy's kinds and sizes.
FORMATS = {
    "i1": b"c",
    "u1": b"C",
    "i2": b"s",
    "u2": b"S",
    "i4": b"i",
    "u4": b"I",
    "i8": b"l",
    "u8": b"L",
}

BLOCK_BYTES = 1 << 20


def is_pair(given: Any) -> bool:
    """Whether an object is a pair (indices, offsets): a tuple of two arrays of whole numbers."""
    return (
        type(given) is tuple
        and len(given) == 2
        and all(
            isinstance(each, np.ndarray) and each.ndim == 1 and each.dtype.kind in "iu"
            for each in given
        )
    )


def checked_pair(given: tuple[Array, Array], name: str) -> tuple[Array, Int64s]:
    """A pair (indices, offsets) whose offsets say where each row of the indices is.

    Raises
    ------
    InputTypeError
        They do not.
    """
    indices, offsets = given
    places = offsets.astype(np.int64)
    what = None
    if not len(places) or places[0] != 0:
        what = "they begin with 0"
    elif (offsets[1:] < offsets[:-1]).any() or (places < 0).any():
        row = int(np.argmax(offsets[1:] < offsets[:-1]))
        what = f"they never become smaller, as they do behind row {row} (counted from 0)"
    elif places[-1] != len(indices):
        what = f"the last one is the number of indices, {len(indices)}, not {places[-1]}"
    if what is not None:
        raise InputTypeError(
            f"{name} is a tuple of two arrays of whole numbers, which is read as (indices, "
            f"offsets): row i is indices[offsets[i]:offsets[i + 1]]; but the second array is not "
            f"such offsets: {what}. Two sentences are given as a list: [first, second]"
        )
    return indices, places


class ArraySource(RowSource):
    """The rows of an array of whole numbers.

    Parameters
    ----------
    values
        Shape (rows, words), or (words,) with `offsets`. An array that is not contiguous, or of
        another byte order, is copied.
    offsets
        int64 (rows + 1,): row i is ``values[offsets[i]:offsets[i + 1]]``; None: the rows of
        `values`.
    name
        Its name in messages.
    """

    def __init__(self, values: Array, offsets: Int64s | None, name: str) -> None:
        self.name = name
        native = values.dtype.newbyteorder("=")
        self._values = np.require(values, native, ["C_CONTIGUOUS", "ALIGNED"])
        self._offsets = offsets

    def open(self) -> Opened:
        """See :meth:`RowSource.open`."""
        return Opened("numbers", self.name, iter([self._rows()]))

    def _rows(self) -> Rows:
        values, offsets = self._values, self._offsets
        places = np.empty(0, np.int64) if offsets is None else offsets
        return rows_of_array(
            values,
            FORMATS[f"{values.dtype.kind}{values.dtype.itemsize}"],
            values.ctypes.data,
            values.size,
            places,
            len(values) if offsets is None else len(offsets) - 1,
            values.shape[1] if offsets is None else 0,
        )


class NumberFileSource(RowSource):
    """A text file with a row of whole numbers on each line; it is read anew in each pass.

    Parameters
    ----------
    path
        The file.
    limit
        Read only this many lines; None: all.
    """

    def __init__(self, path: str, limit: int | None) -> None:
        self.name = path
        self._path = path
        self._limit = limit

    def open(self) -> Opened:
        """See :meth:`RowSource.open`."""
        return Opened("numbers", self.name, self._parts())

    def _parts(self) -> Iterator[Rows]:
        for values, offsets in read_numbers(self._path, self._limit):
            yield from ArraySource(values, offsets, self.name).open().parts


def read_numbers(path: str, limit: int | None) -> Iterator[tuple[npt.NDArray[np.uint64], Int64s]]:
    """The lines of a file as arrays of whole numbers, block by block.

    Parameters
    ----------
    path
        A text file, which may be compressed. Numbers are separated by blanks; a blank line is not
        a row.
    limit
        Read only this many lines; None: all.

    Yields
    ------
    values, offsets
        uint64 (n,) and int64 (rows + 1,), see :class:`ArraySource`.

    Raises
    ------
    CorpusError
        Something is not a whole number from 0 to 2**64 - 1; the message has its line.
    CorpusFileError, CorpusReadError
        The file cannot be read.
    """
    lines = 0
    rest = b""
    with open_text(path) as file:
        ended = limit == 0
        while not ended:
            with reading(path, file.tell):
                block = file.read(max(BLOCK_BYTES, len(rest)))  # a line may be long
            data = rest + block
            stop = data.rfind(b"\n") + 1 if block else len(data)
            most = -1 if limit is None else limit - lines
            values, lengths, read, wrong = parse_numbers(data[:stop], most)
            if wrong >= 0:
                word = data[wrong : wrong + 30].split(maxsplit=1)[0]
                raise CorpusError(
                    f"{path}, line {lines + read + 1}: {word.decode(errors='replace')!r} is not a "
                    "whole number from 0 to 2**64 - 1; LineSentence reads files of words"
                )
            lines += read
            ended = not block or lines == limit
            rest = data[stop:]
            rows = np.frombuffer(lengths, np.int64)
            if len(rows):
                yield np.frombuffer(values, np.uint64), offsets_of(rows)
