"""Vectors to files and back."""

from __future__ import annotations

from collections.abc import Collection
from typing import IO, Any

from negw2v.constructors import MakesAnother
from negw2v.errors import FilePath, ModelFileError, ParameterError, shown_path
from negw2v.formats import fitting, opening, saving
from negw2v.formats.finite import check_finite_file
from negw2v.formats.records import ModelRecord
from negw2v.keyedvectors.records import from_record, to_record, warn_of_class
from negw2v.keyedvectors.store import VectorStore

__all__ = ["Files"]


class Files(VectorStore):
    """Files of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def save(
        self,
        fname_or_handle: FilePath | IO[bytes],
        separately: Any = None,
        sep_limit: int = saving.SEP_LIMIT,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int = saving.PICKLE_PROTOCOL,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Save everything to one file, to be loaded with :meth:`load`.

        The file is in the format of docs/model_format.md, which other programs read, too. It
        replaces a file of that name only when it is complete and on the disk.

        Parameters
        ----------
        fname_or_handle
            Path of the file; a suffix .gz, .bz2, .xz or .zst compresses it. A URI of
            smart_open's, or a binary file that is open for writing, will do as well.
        separately, sep_limit, pickle_protocol
            No effect; gensim has them.
        ignore
            Names of attributes that are not stored.
        allow_nonfinite
            Save NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            The file cannot be written; an old one is as it was.
        ParameterError
            A key or an attribute is of a type that cannot be stored, or there is not one row of
            `vectors` for each key. Nothing was written.
        """
        with self.event_unless_failed("saving", fname_or_handle=str(fname_or_handle)):
            saving.save_record(
                fname_or_handle,
                to_record(self),
                separately,
                sep_limit,
                ignore,
                pickle_protocol,
                allow_nonfinite=allow_nonfinite,
            )

    @MakesAnother
    def load(
        cls: type[Any],
        fname: FilePath,
        mmap: str | None = None,
        *,
        encoding: str | None = None,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Load vectors from a file of :meth:`save`, or from one that gensim saved.

        No code in the file is run. From the file of a model its vectors are loaded.

        Parameters
        ----------
        fname
            Path of the file, or a URI of smart_open's.
        mmap
            None: read the file into memory. "r": map it into memory, which takes no time and
            no memory of its own; the vectors are read-only. "c": map it; vectors may be
            changed, the changes are not written to the file. Several processes that map the
            same file share its memory.
        encoding
            Of words in models that Python 2 saved as bytes, such as "utf8". None: they are read
            as gensim reads them, as Latin-1, with a warning where they seem to be UTF-8.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise. What is mapped is not looked
            at.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read; or one of the others that belong to it,
            as gensim saves large models.
        ModelFileError
            The file is damaged, or of another kind; or it cannot be mapped.
        """
        record = opening.read(fname, mmap, vectors_only=True, encoding=encoding)
        if isinstance(record, ModelRecord):
            record.vectors.vectors_lockf = record.vectors_lockf
            record = record.vectors
        else:
            warn_of_class(fname, record.derived_class, cls)
        check_finite_file(fname, record, mmap, allow_nonfinite)
        try:
            loaded = from_record(cls, record)
        except ParameterError as error:
            raise ModelFileError(fname, str(error)) from None
        fitting.warn_misfits(record, shown_path(fname))
        loaded.add_lifecycle_event("loaded", fname=str(fname), mmap=mmap)
        return loaded
