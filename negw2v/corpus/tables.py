"""Files of tables, Parquet and Arrow, as a corpus: one of their columns, through pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from negw2v.corpus._arrow import Stream, schema_of
from negw2v.corpus._rows import Rows
from negw2v.corpus.arrow import Layout, choose, rows_of_stream
from negw2v.corpus.columns import Opened, RowSource
from negw2v.errors import CorpusReadError, InputTypeError
from negw2v.extras import needed

if TYPE_CHECKING:
    import pyarrow.dataset as ds

__all__ = ["TableFiles", "is_table_file"]

PARQUET = b"PAR1"
ARROW = b"ARROW1\0\0"

#: Batches that pyarrow reads ahead, so that memory does not grow with the file.
READ_AHEAD = 2


def _format(path: str) -> str | None:
    """What pyarrow calls the format of a file of tables; None: it is another kind of file."""
    with Path(path).open("rb") as file:
        first = file.read(len(ARROW))
        if first == ARROW:
            return "ipc"
        # A text may begin with these letters, too; it does not end with them.
        if first.startswith(PARQUET) and file.seek(0, 2) >= 12:
            file.seek(-len(PARQUET), 2)
            return "parquet" if file.read() == PARQUET else None
    return None


def is_table_file(path: str) -> bool:
    """Whether a file on this machine is one of tables: Parquet, Arrow (Feather)."""
    try:
        return _format(path) is not None
    except OSError:  # whoever reads it says so
        return False


class TableFiles(RowSource):
    """A column of files of tables, one file after the other.

    Parameters
    ----------
    paths
        The files in order.
    column
        Its name; None: the only one that can be a corpus. It has the same type in all files.
    """

    def __init__(self, paths: Sequence[str], column: str | None) -> None:
        self.name = paths[0] if len(paths) == 1 else f"{len(paths)} files"
        self._paths = list(paths)
        self._column = column
        with needed("reading files of tables", "pyarrow"):
            import pyarrow.dataset  # noqa: F401 - the error comes before any work is done

    def open(self) -> Opened:
        """See :meth:`RowSource.open`."""
        _, where, layout = self._choice(self._paths[0])
        return Opened(layout.kind, where, self._parts(layout))

    def _choice(self, path: str) -> tuple[int, str, Layout]:
        with _reading(path):
            schema = _dataset(path).schema
        number, where, layout = choose(schema_of(schema.__arrow_c_schema__()), self._column, path)
        assert number is not None  # a file is a table
        return number, where, layout

    def _parts(self, expected: Layout) -> Iterator[Rows]:
        for path in self._paths:
            number, where, layout = self._choice(path)
            if layout.kind != expected.kind:
                raise InputTypeError(
                    f"{where} holds {layout.kind}, but that of {self._paths[0]} holds "
                    f"{expected.kind}; files of one corpus have the same type of column"
                )
            with _reading(path):
                data = _dataset(path)
                reader = data.scanner(
                    columns=[data.schema.names[number]],
                    batch_readahead=READ_AHEAD,
                    fragment_readahead=1,
                ).to_reader()
                stream = Stream(reader.__arrow_c_stream__())
            yield from rows_of_stream(stream, 0, layout, where)


def _dataset(path: str) -> ds.Dataset:
    import pyarrow.dataset as ds

    return ds.dataset(path, format=_format(path))


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Errors of pyarrow's become ours."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise CorpusReadError(f"{path} cannot be read: {reason}") from error
