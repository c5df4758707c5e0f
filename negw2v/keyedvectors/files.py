"""Vectors to files and back."""

from __future__ import annotations

from collections.abc import Collection
from typing import IO, Any

from negw2v.errors import FilePath, ModelFileError, ParameterError
from negw2v.formats import opening, saving
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

        Raises
        ------
        SaveError
            The file cannot be written; an old one is as it was.
        ParameterError
            A key or an attribute is of a type that cannot be stored.
        """
        self.add_lifecycle_event("saving", fname_or_handle=str(fname_or_handle))
        saving.save_record(
            fname_or_handle, to_record(self), separately, sep_limit, ignore, pickle_protocol
        )

    @classmethod
    def load(cls, fname: FilePath, mmap: str | None = None) -> Any:
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

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read.
        ModelFileError
            The file is damaged, or of another kind; or it cannot be mapped.
        """
        record = opening.read(fname, mmap)
        try:
            if isinstance(record, ModelRecord):
                loaded = from_record(cls, record.vectors)
                if record.vectors_lockf is not None:
                    loaded.vectors_lockf = record.vectors_lockf
            else:
                warn_of_class(fname, record.derived_class, cls)
                loaded = from_record(cls, record)
        except ParameterError as error:
            raise ModelFileError(fname, str(error)) from None
        loaded.add_lifecycle_event("loaded", fname=str(fname), mmap=mmap)
        return loaded
