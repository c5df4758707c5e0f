"""Vectors to and from other programs: TensorBoard, .npy, Arrow and Parquet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from negw2v.constructors import MakesAnother
from negw2v.errors import FilePath, ModelFileError, ParameterError
from negw2v.formats import fitting, tables
from negw2v.formats.finite import check_finite, check_finite_file
from negw2v.formats.records import VectorsRecord
from negw2v.keyedvectors.records import from_record, to_record
from negw2v.keyedvectors.store import VectorStore

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Exchange"]


def _beside(path: FilePath, ending: str) -> str:
    """The path with another ending: v.npy -> v.vocab.txt."""
    return os.path.splitext(os.fsdecode(path))[0] + ending  # noqa: PTH122 - bytes are paths, too


class Exchange(VectorStore):
    """Files of other programs; a part of :class:`negw2v.keyedvectors.KeyedVectors`."""

    @classmethod
    def _made_from(
        cls,
        path: FilePath,
        record: VectorsRecord,
        mmap: str | None = None,
        *,
        allow_nonfinite: bool,
    ) -> Any:
        check_finite_file(path, record, mmap, allow_nonfinite)
        try:
            return from_record(cls, record)
        except ParameterError as error:
            raise ModelFileError(path, str(error)) from None

    def _to_export(self, allow_nonfinite: bool, *, attributes: bool = True) -> VectorsRecord:
        """A record that the writers can write, or an error before anything is written."""
        record = to_record(self)
        fitting.check_storable(record)
        if attributes:
            fitting.check_attributes(record)
        if not allow_nonfinite:
            check_finite(record, "export")
        return record

    def save_projector(
        self,
        vectors: FilePath,
        metadata: FilePath | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write the two .tsv files that TensorBoard's embedding projector loads.

        Parameters
        ----------
        vectors
            Path of the file of vectors.
        metadata
            Path of the file of keys and attributes (such as counts); None: as `vectors`, with
            the ending ``.metadata.tsv``.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written.
        """
        metadata = metadata or _beside(vectors, ".metadata.tsv")
        tables.write_projector(self._to_export(allow_nonfinite), vectors, metadata)

    def save_npy(
        self,
        vectors: FilePath,
        vocabulary: FilePath | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write the vectors as a .npy file, and the keys as a text file, one to a line.

        Parameters
        ----------
        vectors
            Path of the .npy file.
        vocabulary
            Path of the text file; None: as `vectors`, with the ending ``.vocab.txt``.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written.
        ParameterError
            A key has a line feed in it, or a path has the suffix of another kind of file.
        """
        vocabulary = vocabulary or _beside(vectors, ".vocab.txt")
        tables.write_npy(self._to_export(allow_nonfinite, attributes=False), vectors, vocabulary)

    @MakesAnother
    def load_npy(
        cls: type[Any],
        vectors: FilePath,
        vocabulary: FilePath | None = None,
        mmap: str | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Read vectors from a .npy file, and their keys from a text file, one to a line.

        Parameters
        ----------
        vectors, vocabulary
            The two files, as for :meth:`save_npy`.
        mmap
            None, "r" or "c", as for :meth:`load`.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise. What is mapped is not looked
            at.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError, ModelFileError
            A file is missing or damaged, or they do not belong together.
        """
        words = vocabulary or _beside(vectors, ".vocab.txt")
        return cls._made_from(
            words, tables.read_npy(vectors, words, mmap), mmap, allow_nonfinite=allow_nonfinite
        )

    def to_arrow(self, *, allow_nonfinite: bool = False) -> pa.Table:
        """A pyarrow.Table with the columns ``word``, ``vector`` and one per attribute.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        pyarrow.Table
            ``vector`` is a list of fixed size; attributes that are arrays are lists.

        Raises
        ------
        MissingDependencyError
            pyarrow is not installed; the extra ``arrow`` brings it.
        ParameterError
            Keys are of several types.
        """
        return tables.to_arrow(self._to_export(allow_nonfinite))

    @MakesAnother
    def from_arrow(
        cls: type[Any],
        table: pa.Table,
        word: str = "word",
        vector: str = "vector",
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Vectors from a pyarrow.Table; further columns become attributes.

        Parameters
        ----------
        table
            The table.
        word, vector
            Names of the columns of keys and of vectors (lists of floats of one length).
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ModelFileError
            A column is missing or of the wrong type, vectors differ in length, or a word
            occurs twice.
        """
        return cls._made_from(
            "<table>", tables.from_arrow(table, word, vector), allow_nonfinite=allow_nonfinite
        )

    def save_table(self, path: FilePath, *, allow_nonfinite: bool = False) -> None:
        """Write :meth:`to_arrow` to a file.

        Parameters
        ----------
        path
            With the suffix .parquet or .pq a Parquet file; with .arrow, .feather, .ipc or none
            an Arrow (Feather) file.
        allow_nonfinite
            Write NaN and infinity, which are an error otherwise.

        Raises
        ------
        ParameterError
            The path has another suffix, such as .csv.
        MissingDependencyError
            pyarrow is not installed; the extra ``arrow`` brings it.
        SaveError
            The file cannot be written.
        """
        tables.write_table(self._to_export(allow_nonfinite), path)

    @MakesAnother
    def load_table(
        cls: type[Any],
        path: FilePath,
        word: str = "word",
        vector: str = "vector",
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Vectors from a Parquet or Arrow file, see :meth:`from_arrow`.

        Parameters
        ----------
        path
            The file.
        word, vector
            Names of the columns.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError, ModelFileError
            There is no such file, it is damaged, or it is another table.
        """
        return cls._made_from(
            path, tables.read_table(path, word, vector), allow_nonfinite=allow_nonfinite
        )
