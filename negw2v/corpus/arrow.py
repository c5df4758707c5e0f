"""Columns that any library hands over through Arrow's C data interface: which of them, and how.

:func:`choose` finds the column in a schema; :class:`ArrowSource` reads it (compiled: _arrow takes
the arrays over, _rows reads them). No library of Arrow's is needed for that.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from negw2v.corpus._arrow import Batch, Field, Stream, schema_of
from negw2v.corpus._rows import Rows, rows_of_batch
from negw2v.corpus.columns import Kind, Opened, RowSource
from negw2v.errors import (
    CorpusError,
    CorpusReadError,
    InputTypeError,
    OneShotCorpusError,
    ParameterError,
)
from negw2v.extras import OPTIONAL, missing

__all__ = [
    "ArrowSource",
    "Layout",
    "as_columns",
    "choose",
    "is_arrow",
    "layout_of",
    "rows_of_stream",
    "type_name",
]

STRINGS = {"u": "string", "U": "large_string", "vu": "string_view"}
INTEGERS = {
    "c": "int8",
    "C": "uint8",
    "s": "int16",
    "S": "uint16",
    "i": "int32",
    "I": "uint32",
    "l": "int64",
    "L": "uint64",
}
LISTS = {"+l": "list", "+L": "large_list", "+vl": "list_view", "+vL": "large_list_view"}
EQUAL_LISTS = "+w:"
#: Types that cannot be a corpus, by the beginning of what a schema calls them.
OTHERS = {
    "n": "null",
    "b": "bool",
    "e": "float16",
    "f": "float32",
    "g": "float64",
    "z": "binary",
    "Z": "large_binary",
    "vz": "binary_view",
    "w:": "fixed_size_binary",
    "d:": "decimal",
    "td": "date",
    "tt": "time",
    "ts": "timestamp",
    "tD": "duration",
    "ti": "interval",
    "+s": "struct",
    "+m": "map",
    "+u": "union",
    "+r": "run_end_encoded",
}

DATASET = "datasets.arrow_dataset.Dataset"

ACCEPTED = (
    "a corpus is a column of lists of strings, of lists of whole numbers, or of strings, which "
    "tokenizer= splits into words"
)


class Layout(NamedTuple):
    """How a column is to be read, as :func:`negw2v.corpus._rows.rows_of_batch` takes it.

    Attributes
    ----------
    kind
        "words", "numbers" or "texts".
    rows, values, entries
        Types of the lists, of their values, and of the numbers of a dictionary's entries; b""
        where there are none.
    """

    kind: Kind
    rows: bytes
    values: bytes
    entries: bytes


def as_columns(given: Any) -> Any:
    """The columns of a Dataset of the package datasets, which iterates over rows as dicts.

    Parameters
    ----------
    given
        Any corpus; others than that are returned as they are.
    """
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(given).__mro__}
    return given.with_format("arrow")[:] if DATASET in names else given


def is_arrow(given: Any) -> bool:
    """Whether an object hands its columns over.

    A Series of pandas that holds lists of Python is such an object, too, but would have to convert
    them first; it is read as the sequence of lists that it is.
    """
    dtype = getattr(given, "dtype", None)
    if isinstance(given, type) or (isinstance(dtype, np.dtype) and dtype.kind == "O"):
        return False
    return hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")


def type_name(field: Field) -> str:
    """The type of a column as Arrow's libraries show it."""
    if field.dictionary is not None:
        return f"dictionary<{type_name(field.dictionary)}>"
    code = field.format
    inner = ", ".join(map(type_name, field.children))
    if code in LISTS or code.startswith(EQUAL_LISTS):
        return f"{LISTS.get(code, 'fixed_size_list')}<{inner}>"
    if code in STRINGS or code in INTEGERS:
        return STRINGS.get(code) or INTEGERS[code]
    for beginning, name in OTHERS.items():
        if code.startswith(beginning):
            return f"{name}<{inner}>" if inner else name
    return f"an unknown type {code!r}"


def layout_of(field: Field) -> Layout | None:
    """How a column is to be read; None: it cannot be a corpus."""
    rows = b""
    values = field
    if field.dictionary is None and field.children:
        is_list = field.format in LISTS or field.format.startswith(EQUAL_LISTS)
        if not is_list or len(field.children) != 1:
            return None
        rows = field.format.encode()
        values = field.children[0]
    entries = b""
    if values.dictionary is not None:
        entries, values = values.format.encode(), values.dictionary
    if values.format in STRINGS:
        kind: Kind = "words" if rows else "texts"
    elif values.format in INTEGERS and rows and not entries:
        kind = "numbers"
    else:
        return None
    return Layout(kind, rows, values.format.encode(), entries)


def choose(field: Field, column: str | None, name: str) -> tuple[int | None, str, Layout]:
    """The column that is the corpus.

    Parameters
    ----------
    field
        The type of the whole.
    column
        The name that was given for it.
    name
        What the whole is called in messages.

    Returns
    -------
    number, name, layout
        Number of the table's column; None: the whole is the column. What it is called in
        messages, and how it is to be read.

    Raises
    ------
    InputTypeError
        It is of the wrong type; or there are several, or none, and no name was given.
    ParameterError
        There is no column of this name, or there are two.
    """
    if field.format != "+s":
        if column is not None:
            raise ParameterError(
                f"column={column!r} is for tables, but {name} is a single column of "
                f"{type_name(field)}; leave it out"
            )
        layout = layout_of(field)
        if layout is None:
            raise InputTypeError(f"{name} is a column of {type_name(field)}, but {ACCEPTED}")
        return None, name, layout
    columns = field.children
    shown = ", ".join(f"{each.name!r} ({type_name(each)})" for each in columns) or "none"
    if column is None:
        usable = [number for number, each in enumerate(columns) if layout_of(each) is not None]
        if not usable:
            raise InputTypeError(f"{name} has no column that can be a corpus: {shown}; {ACCEPTED}")
        if len(usable) > 1:
            raise InputTypeError(
                f"{name} has several columns that can be a corpus; name one of them, as in "
                f"column={columns[usable[0]].name!r}. Its columns: {shown}"
            )
        number = usable[0]
    else:
        found = [number for number, each in enumerate(columns) if each.name == column]
        if len(found) != 1:
            how_many = "no column" if not found else f"{len(found)} columns"
            raise ParameterError(f"{name} has {how_many} {column!r}; its columns: {shown}")
        number = found[0]
    layout = layout_of(columns[number])
    where = f"column {columns[number].name!r} of {name}"
    if layout is None:
        raise InputTypeError(f"{where} has the type {type_name(columns[number])}, but {ACCEPTED}")
    return number, where, layout


class ArrowSource(RowSource):
    """The rows of an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.

    Parameters
    ----------
    given
        The object. Each pass asks it for its data anew.
    column
        Name of the column, where it is a table.
    name
        What it is called in messages.
    """

    def __init__(self, given: Any, column: str | None, name: str) -> None:
        self.name = name
        self._given = given
        self._column = column
        self._passes = 0

    def open(self) -> Opened:
        """See :meth:`RowSource.open`."""
        self._passes += 1
        try:
            field, batches = self._batches()
        except (ValueError, TypeError) as error:
            if self._passes > 1:
                raise OneShotCorpusError(
                    f"{self.name} can be read only once, but another pass is needed: {error}; "
                    "read it into a table first"
                ) from error
            raise
        number, where, layout = choose(field, self._column, self.name)
        return Opened(layout.kind, where, _rows(batches, number, layout, where))

    def _batches(self) -> tuple[Field, Iterator[Batch]]:
        kind = type(self._given).__name__
        try:
            if hasattr(self._given, "__arrow_c_stream__"):
                capsule = self._given.__arrow_c_stream__()
            else:
                schema, capsule = self._given.__arrow_c_array__()
        except ImportError as error:  # pandas needs pyarrow for it
            raise missing(f"reading a {kind}", OPTIONAL["pyarrow"], error) from error
        try:
            if not hasattr(self._given, "__arrow_c_stream__"):
                return schema_of(schema), iter([Batch(capsule)])
            stream = Stream(capsule)
            with_schema = stream.schema()
        except TypeError as error:
            raise InputTypeError(
                f"{self.name}: what {kind} hands over does not follow Arrow's interface: {error}"
            ) from None
        except ValueError as error:
            raise CorpusError(f"{self.name}: {error}") from None
        except OSError as error:
            raise _stream_error(self.name, error) from error
        return with_schema, _batches_of(stream, self.name)


def rows_of_stream(
    stream: Stream, number: int | None, layout: Layout, where: str
) -> Iterator[Rows]:
    """The rows of a column of a stream.

    Parameters
    ----------
    stream
        The stream.
    number, layout, where
        The column, as :func:`choose` returns it.

    Raises
    ------
    CorpusReadError
        The stream cannot go on.
    CorpusError
        An array contradicts itself.
    """
    return _rows(_batches_of(stream, where), number, layout, where)


def _batches_of(stream: Stream, name: str) -> Iterator[Batch]:
    while True:
        try:
            batch = stream.next()
        except OSError as error:
            raise _stream_error(name, error) from error
        if batch is None:
            return
        yield batch


def _stream_error(name: str, error: OSError) -> CorpusReadError:
    reason = f"{name}: the stream of its data ended in an error: {error.strerror}"
    return CorpusReadError(reason, error.errno or errno.EIO)


def _rows(
    batches: Iterator[Batch], number: int | None, layout: Layout, where: str
) -> Iterator[Rows]:
    first = 0
    for batch in batches:
        try:
            rows = rows_of_batch(batch, number, layout.rows, layout.values, layout.entries, first)
        except ValueError as error:
            raise CorpusError(f"{where}: {error}") from None
        first += rows.length
        yield rows
