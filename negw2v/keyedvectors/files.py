"""Vectors to files and objects of this and other programs, and back."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import at_once, item
from negw2v.errors import FilePath, InputTypeError, ModelFileError, ParameterError, shown_path, warn
from negw2v.formats import atlas, fitting, opening, projector, saving, tables
from negw2v.formats.finite import check_finite, check_finite_file, check_finite_rows
from negw2v.formats.gensim import objects as gensim_objects
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.word2vec import reading as word2vec_reading
from negw2v.formats.word2vec import writing as word2vec_writing
from negw2v.gensim_substitution import original_gensim_class
from negw2v.io.paths import path_text
from negw2v.kernels import no_locks
from negw2v.keyedvectors import arrays
from negw2v.keyedvectors.records import from_record, to_record, warn_of_class
from negw2v.pictures import project

if TYPE_CHECKING:
    import pyarrow as pa

    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "from_arrow",
    "from_gensim",
    "intersect_word2vec_format",
    "load",
    "load_npy",
    "load_projector",
    "load_table",
    "load_word2vec_format",
    "save",
    "save_atlas",
    "save_npy",
    "save_projector",
    "save_table",
    "save_word2vec_format",
    "to_arrow",
    "to_gensim",
]

logger = logging.getLogger(__name__)


def save(
    store: KeyedVectors,
    fname_or_handle: FilePath | IO[bytes],
    separately: Any,
    sep_limit: int,
    ignore: Collection[str],
    pickle_protocol: int,
    *,
    allow_nonfinite: bool,
) -> None:
    """Implement :meth:`KeyedVectors.save`."""
    with store.event_unless_failed("saving", fname_or_handle=str(fname_or_handle)):
        saving.save_record(
            fname_or_handle,
            to_record(store),
            separately,
            sep_limit,
            ignore,
            pickle_protocol,
            allow_nonfinite=allow_nonfinite,
        )


def load(
    kind: type[Any],
    fname: FilePath,
    mmap: str | None,
    *,
    encoding: str | None,
    allow_nonfinite: bool,
) -> Any:
    """Implement :meth:`KeyedVectors.load`."""
    record = opening.read(fname, mmap, vectors_only=True, encoding=encoding)
    if isinstance(record, ModelRecord):
        record.vectors.vectors_lockf = record.vectors_lockf
        record = record.vectors
    else:
        warn_of_class(fname, record.derived_class, kind)
    check_finite_file(fname, record, mmap, allow_nonfinite)
    try:
        loaded = from_record(kind, record)
    except ParameterError as error:
        raise ModelFileError(fname, str(error)) from None
    fitting.warn_misfits(record, shown_path(fname))
    loaded.add_lifecycle_event("loaded", fname=str(fname), mmap=mmap)
    return loaded


def load_word2vec_format(
    kind: type[Any],
    fname: Any,
    fvocab: Any,
    binary: bool,
    encoding: str,
    unicode_errors: str,
    limit: int | None,
    datatype: Any,
    no_header: bool,
    *,
    binary_chunk_size: int | None,
    allow_nonfinite: bool,
    allow_blanks: bool | None,
) -> Any:
    """Implement :meth:`KeyedVectors.load_word2vec_format`."""
    del binary_chunk_size
    options = word2vec_reading.Options(
        binary,
        encoding,
        unicode_errors,
        limit,
        datatype,
        no_header,
        allow_nonfinite,
        allow_blanks,
    )
    counts = None if fvocab is None else word2vec_reading.read_counts(fvocab, options)
    vectors = from_record(kind, word2vec_reading.read(fname, options, counts))
    vectors.add_lifecycle_event(
        "load_word2vec_format",
        msg=f"loaded {vectors.vectors.shape} matrix of type {vectors.vectors.dtype} from {fname}",
        binary=binary,
        encoding=encoding,
    )
    return vectors


def save_word2vec_format(
    store: KeyedVectors,
    fname: Any,
    fvocab: Any,
    binary: bool,
    total_vec: int | None,
    write_header: bool,
    prefix: str,
    append: bool,
    sort_attr: str,
    *,
    allow_blanks: bool | None,
    allow_nonfinite: bool,
) -> None:
    """Implement :meth:`KeyedVectors.save_word2vec_format`."""
    if store.vectors.shape != (len(store), store.vector_size):
        raise ParameterError(
            f"vectors have shape {store.vectors.shape}, but {len(store)} keys of "
            f"{store.vector_size} dimensions need {(len(store), store.vector_size)}"
        )
    if not isinstance(prefix, str):
        raise InputTypeError(f"prefix is {prefix!r}; it must be a str")
    if not allow_nonfinite:
        check_finite_rows(
            arrays.matrix(store),
            store.index_to_key,
            "save",
            np.dtype(np.float32) if binary else None,
        )
    content, values = in_order(store, sort_attr)
    content = replace(content, prefix=prefix, binary=binary, allow_blanks=allow_blanks)
    vocabulary = None
    if fvocab is not None:
        if values is None:
            raise ParameterError(
                f"cannot store a vocabulary with {sort_attr!r}: there is no such attribute "
                f"with {len(store)} values, one for each key; "
                f"there are: {', '.join(store.expandos) or 'none'}"
            )
        vocabulary = fvocab, values.tolist()
    count = len(content.keys) if total_vec is None else int(total_vec)
    word2vec_writing.write(
        fname,
        content,
        header=(count, store.vector_size) if write_header else None,
        append=append,
        vocabulary=vocabulary,
    )
    if content.blank_keys:
        warn(
            f"{len(content.blank_keys):,} keys have blanks in them, such as "
            f"{min(content.blank_keys)!r}: KeyedVectors.load_word2vec_format() reads them, "
            "other programs, such as gensim, may not (allow_blanks=True says that this is "
            "meant)"
        )


def in_order(
    store: KeyedVectors, sort_attr: str
) -> tuple[word2vec_writing.Vectors, npt.NDArray[Any] | None]:
    """Keys and vectors in the order of a file, and the attribute that makes it."""
    if None in store.index_to_key:
        rows = np.array([row for row, key in enumerate(store.index_to_key) if key is not None])
    else:
        rows = np.arange(len(store))
    values = store.expandos.get(sort_attr)
    if values is None:
        logger.warning(
            "attribute %s is not present; keys are stored in the order of index_to_key",
            sort_attr,
        )
    elif len(values) != len(store):  # of other keys: words were cut out by hand
        warn(
            f"attribute {sort_attr!r} has {len(values)} values for {len(store)} keys; keys are "
            "stored in the order of index_to_key"
        )
        values = None
    else:
        # descending, and equal ones in the order of their rows
        rows = rows[len(rows) - 1 - np.argsort(values[rows][::-1], kind="stable")[::-1]]
        values = values[rows]
    own = 0
    while own < len(store) and store.index_to_key[own] == own:
        own += 1
    if own:
        leading = rows < own
        rows = np.concatenate((np.arange(own), rows[~leading]))
        values = values if values is None else store.expandos[sort_attr][rows]
    if (rows == np.arange(len(store))[: len(rows)]).all():
        keys, order = store.index_to_key[: len(rows)], None
    else:
        keys, order = [store.index_to_key[row] for row in rows.tolist()], rows
    return word2vec_writing.Vectors(keys, store.vectors, order), values


def intersect_word2vec_format(
    store: KeyedVectors,
    fname: Any,
    lockf: float,
    binary: bool,
    encoding: str,
    unicode_errors: str,
    *,
    no_header: bool,
    allow_nonfinite: bool,
    allow_blanks: bool | None,
) -> None:
    """Implement :meth:`KeyedVectors.intersect_word2vec_format`."""
    options = word2vec_reading.Options(
        binary,
        encoding,
        unicode_errors,
        no_header=no_header,
        allow_nonfinite=allow_nonfinite,
        allow_blanks=allow_blanks,
    )
    words, vectors = word2vec_reading.read_matching(
        fname, options, store.key_to_index, store.vector_size
    )
    if words:
        # of a word that occurs twice the last vector counts
        last = {store.key_to_index[word]: row for row, word in enumerate(words)}
        targets = np.array(list(last), dtype=np.intp)
        array = arrays.writable(store)
        rows = np.array([vectors[row] for row in last.values()], dtype=array.dtype)
        locks = getattr(store, "vectors_lockf", no_locks())
        if len(locks) != len(store):
            locks = np.broadcast_to(locks[:1], len(store))
        locks = locks.astype(np.float32)
        locks[targets] = lockf
        at_once(item(array, targets, rows), arrays.change(store, array, vectors_lockf=locks))
    store.add_lifecycle_event(
        "intersect_word2vec_format",
        msg=f"merged {len(words)} vectors into {store.vectors.shape} matrix from {fname}",
    )


def save_projector(
    store: KeyedVectors, vectors: FilePath, metadata: FilePath | None, *, allow_nonfinite: bool
) -> None:
    """Implement :meth:`KeyedVectors.save_projector`."""
    metadata = metadata or _beside(vectors, ".metadata.tsv")
    projector.write_projector(checked_record(store, allow_nonfinite), vectors, metadata)


def load_projector(
    kind: type[Any], vectors: FilePath, metadata: FilePath | None, *, allow_nonfinite: bool
) -> Any:
    """Implement :meth:`KeyedVectors.load_projector`."""
    metadata = metadata or _beside(vectors, ".metadata.tsv")
    record = projector.read_projector(vectors, metadata)
    return made_from(kind, vectors, record, allow_nonfinite=allow_nonfinite)


def save_npy(
    store: KeyedVectors, vectors: FilePath, vocabulary: FilePath | None, *, allow_nonfinite: bool
) -> None:
    """Implement :meth:`KeyedVectors.save_npy`."""
    vocabulary = vocabulary or _beside(vectors, ".vocab.txt")
    tables.write_npy(checked_record(store, allow_nonfinite, attributes=False), vectors, vocabulary)


def load_npy(
    kind: type[Any],
    vectors: FilePath,
    vocabulary: FilePath | None,
    mmap: str | None,
    *,
    allow_nonfinite: bool,
) -> Any:
    """Implement :meth:`KeyedVectors.load_npy`."""
    words = vocabulary or _beside(vectors, ".vocab.txt")
    record = tables.read_npy(vectors, words, mmap)
    check_finite_file(vectors, record, mmap, allow_nonfinite)
    return made_from(kind, words, record, allow_nonfinite=True)


def to_arrow(store: KeyedVectors, *, allow_nonfinite: bool) -> pa.Table:
    """Implement :meth:`KeyedVectors.to_arrow`."""
    return tables.to_arrow(checked_record(store, allow_nonfinite))


def from_arrow(
    kind: type[Any], table: pa.Table, word: str, vector: str, *, allow_nonfinite: bool
) -> Any:
    """Implement :meth:`KeyedVectors.from_arrow`."""
    return made_from(
        kind, "<table>", tables.from_arrow(table, word, vector), allow_nonfinite=allow_nonfinite
    )


def save_table(store: KeyedVectors, path: FilePath, *, allow_nonfinite: bool) -> None:
    """Implement :meth:`KeyedVectors.save_table`."""
    tables.write_table(tables.to_arrow(checked_record(store, allow_nonfinite)), path)


def save_atlas(store: KeyedVectors, path: FilePath, topn: int, method: str) -> None:
    """Implement :meth:`KeyedVectors.save_atlas`."""
    table = tables.to_arrow(checked_record(store, False))
    matrix, norms = arrays.matrix_and_norms(store)
    points = project(matrix / np.where(norms > 0, norms, 1)[:, np.newaxis], method)
    others = min(topn, len(store) - 1)  # a key is no neighbour of its own
    nearest = store.nearest(store.index_to_key, topn=others, return_keys=False)
    tables.write_table(atlas.with_map(table, points, nearest.rows, 1 - nearest.cosines), path)


def load_table(
    kind: type[Any], path: FilePath, word: str, vector: str, *, allow_nonfinite: bool
) -> Any:
    """Implement :meth:`KeyedVectors.load_table`."""
    return made_from(
        kind, path, tables.read_table(path, word, vector), allow_nonfinite=allow_nonfinite
    )


def to_gensim(store: KeyedVectors, *, allow_nonfinite: bool) -> Any:
    """Implement :meth:`KeyedVectors.to_gensim`."""
    record = to_record(store)
    if not allow_nonfinite:
        check_finite(record, "convert")
    return gensim_objects.gensim_vectors(record, original_gensim_class("KeyedVectors"))


def from_gensim(kind: type[Any], vectors: Any, *, allow_nonfinite: bool) -> Any:
    """Implement :meth:`KeyedVectors.from_gensim`."""
    record = gensim_objects.vectors_record(vectors)
    if not allow_nonfinite:
        check_finite(record, "convert")
    return from_record(kind, record)


def made_from(
    kind: type[Any],
    path: FilePath,
    record: VectorsRecord,
    *,
    allow_nonfinite: bool,
) -> Any:
    """Vectors of a class from a record; errors name the file that the record was read from."""
    check_finite_file(path, record, None, allow_nonfinite)
    try:
        return from_record(kind, record)
    except ParameterError as error:
        raise ModelFileError(path, str(error)) from None


def checked_record(
    store: KeyedVectors, allow_nonfinite: bool, *, attributes: bool = True
) -> VectorsRecord:
    """A record that the writers can write, or an error before anything is written."""
    record = to_record(store)
    fitting.check_storable(record)
    if attributes:
        fitting.check_attributes(record)
    if not allow_nonfinite:
        check_finite(record, "export")
    return record


def _beside(path: FilePath, ending: str) -> str:
    """The path with another ending: v.npy -> v.vocab.txt."""
    return os.path.splitext(path_text(path))[0] + ending  # noqa: PTH122 - bytes are paths, too
