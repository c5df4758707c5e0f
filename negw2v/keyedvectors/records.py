"""KeyedVectors from a file's record, and back: the one place where the two meet."""

from __future__ import annotations

import warnings
from typing import TypeVar

from negw2v.errors import NegW2VWarning, ParameterError, shown_path
from negw2v.formats.records import VectorsRecord
from negw2v.formats.values import StoredValues
from negw2v.keyedvectors.store import VectorStore

__all__ = ["from_record", "to_record", "warn_of_class"]

Vectors = TypeVar("Vectors", bound=VectorStore)

#: What :class:`VectorStore` itself keeps; whatever else an object has is the user's.
OWN_ATTRIBUTES = frozenset(
    {
        "_byte_copy",
        "_custody",
        "_norms",
        "_norms_states",
        "byte_copy",
        "expandos",
        "index_to_key",
        "key_to_index",
        "lifecycle_events",
        "mapfile_path",
        "next_index",
        "stored_keys",
        "vector_size",
        "vectors_lockf",
    }
)


def to_record(store: VectorStore) -> VectorsRecord:
    """What a file must hold to bring `store` back; nothing is copied.

    Parameters
    ----------
    store
        The KeyedVectors.
    """
    return VectorsRecord(
        keys=store.index_to_key,
        vectors=store.vectors,
        attributes=dict(store.expandos),
        lifecycle_events=getattr(store, "lifecycle_events", None),
        extra={name: value for name, value in vars(store).items() if name not in OWN_ATTRIBUTES},
    )


def warn_of_class(path: object, derived_class: str | None, kind: type) -> None:
    """Warn where a file holds an object of another class than the one it is loaded as.

    Parameters
    ----------
    path
        The file.
    derived_class
        Module and name of the class that the file names; None: it names none.
    kind
        The class of the object that is made of it.
    """
    if derived_class not in (None, f"{kind.__module__}.{kind.__qualname__}"):
        warnings.warn(
            f"{shown_path(path)} holds an object of the class {derived_class}; it is read as a "
            f"{kind.__name__}, without what that class adds. To have an object of that class, "
            "derive it from negw2v's, and call load() on it",
            NegW2VWarning,
            stacklevel=4,
        )


def from_record(kind: type[Vectors], record: VectorsRecord) -> Vectors:
    """An object of class `kind` with what a file held; arrays are not copied.

    Parameters
    ----------
    kind
        KeyedVectors or a class derived from it, whose constructor is not called.
    record
        What a reader returned.

    Raises
    ------
    ParameterError
        A key occurs twice (which is found at the first use of keys that were not decoded
        yet), or an array does not have one row, or one value, per key.
    """
    rows = len(record.keys)
    if record.vectors.ndim != 2 or len(record.vectors) != rows or not record.vectors.shape[1]:
        raise ParameterError(
            f"vectors of shape {record.vectors.shape} for {rows} keys; one row per key is needed"
        )
    for name, values in record.attributes.items():
        if len(values) != rows:
            raise ParameterError(f"attribute {name!r} has {len(values)} values for {rows} keys")
    store = kind.__new__(kind)
    VectorStore.__init__(store, record.vectors.shape[1], dtype=record.vectors.dtype)
    if isinstance(record.keys, StoredValues):
        del store.index_to_key, store.key_to_index
        store.next_index = rows  # unless a row is free, which the keys will tell
        store.stored_keys = record.keys
    else:
        store.take_keys(record.keys)
    store.vectors = record.vectors
    store.expandos = dict(record.attributes)
    if record.lifecycle_events is not None:
        store.lifecycle_events = record.lifecycle_events
    for name, value in record.extra.items():
        if name.isidentifier() and not name.startswith("_") and not hasattr(kind, name):
            setattr(store, name, value)
    return store
