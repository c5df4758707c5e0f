"""KeyedVectors from a file's record, and back: the one place where the two meet."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError, shown_path, warn
from negw2v.formats import fitting
from negw2v.formats.records import VectorsRecord, in_c_order
from negw2v.formats.values import StoredValues
from negw2v.keyedvectors import arrays, lookup
from negw2v.suggestions import FormerName

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["extra_attributes", "from_record", "set_extra", "to_record", "warn_of_class"]

logger = logging.getLogger(__name__)

Vectors = TypeVar("Vectors", bound="KeyedVectors")

#: What :class:`KeyedVectors` itself keeps; whatever else an object has is the user's.
OWN_ATTRIBUTES = frozenset(
    {
        *arrays.PRIVATE,
        "byte_copy",
        "expandos",
        "index_to_key",
        "key_to_index",
        "lifecycle_events",
        "mapfile_path",
        "next_index",
        "norms",
        "stored_keys",
        "vector_size",
        "vectors",
        "vectors_lockf",
    }
)

#: Class attributes of these types are defaults that an object may have another value of.
PLAIN_TYPES = (type(None), bool, int, float, str, bytes, list, tuple, dict, np.ndarray)


def to_record(store: KeyedVectors) -> VectorsRecord:
    """What a file must hold to bring `store` back; no array is copied.

    Parameters
    ----------
    store
        The KeyedVectors.

    Raises
    ------
    ParameterError
        An attribute was replaced by something that no file could give back.
    """
    while True:
        before = arrays.identity(store)
        record = _record(store)
        if arrays.identity(store) is before:
            return record
        # another thread has changed keys and vectors meanwhile


def _record(store: KeyedVectors) -> VectorsRecord:
    for name in ("index_to_key", "key_to_index", "expandos", "vector_size"):
        if not hasattr(store, name):
            raise ParameterError(f"the vectors have lost their attribute {name!r}; set it again")
    keys, rows = _key_list(store.index_to_key), store.key_to_index
    rows = dict(rows) if type(rows) is dict else rows
    if not isinstance(store.expandos, dict):
        raise ParameterError(f"expandos is a {type(store.expandos).__name__}; it must be a dict")
    extra, not_stored = extra_attributes(store, OWN_ATTRIBUTES)
    return VectorsRecord(
        keys=keys,
        vectors=store.vectors,
        attributes={
            name: fitting.as_attribute(name, values) for name, values in store.expandos.items()
        },
        lifecycle_events=getattr(store, "lifecycle_events", None),
        extra=extra,
        lookup=fitting.lookup(keys, rows),
        vector_size=store.vector_size,
        vectors_lockf=_lock_factors(store),
        not_stored=not_stored,
    )


def _key_list(keys: Any) -> list[Any]:
    """`index_to_key` as a list, if it is a sequence."""
    if isinstance(keys, (list, tuple)):
        return list(keys)  # another thread may add to it
    if hasattr(keys, "tolist"):  # an array, or an index of pandas'
        found = keys.tolist()
        if isinstance(found, list):
            return found
    raise ParameterError(
        f"index_to_key is a {type(keys).__name__}; it must be the list of the keys of all rows: "
        "kv.index_to_key = list(kv.key_to_index), where that has them in their order"
    )


def _lock_factors(store: KeyedVectors) -> npt.NDArray[Any] | None:
    """Lock factors, unless they say what is the case without them."""
    locks = getattr(store, "vectors_lockf", None)
    if isinstance(locks, np.ndarray) and locks.shape == (1,) and locks[0] == 1:
        return None
    return locks


def extra_attributes(owner: object, own: frozenset[str]) -> tuple[dict[str, Any], list[str]]:
    """The attributes that a user has given an object.

    Parameters
    ----------
    owner
        The object.
    own
        Names of attributes that are not the user's.

    Returns
    -------
    attributes, others
        By name; and names that a file may not set.
    """
    extra = {name: value for name, value in vars(owner).items() if name not in own}
    others = [name for name in extra if not _may_be_set(type(owner), name, own)]
    for name in others:
        del extra[name]
    return extra, others


def set_extra(owner: object, extra: dict[str, Any], own: frozenset[str]) -> None:
    """Give an object the user's attributes that a file has.

    Parameters
    ----------
    owner
        The object.
    extra
        The attributes by name. Those that would hide a method or are private are logged.
    own
        As for :func:`extra_attributes`.
    """
    refused = []
    for name, value in extra.items():
        if _may_be_set(type(owner), name, own):
            setattr(owner, name, value)
        else:
            refused.append(name[:60])
    if refused:
        logger.warning(
            "attributes of the file that %s does not take: %s; it has methods or attributes of "
            "these names, or they are private or no names",
            type(owner).__name__,
            ", ".join(sorted(refused)),
        )


def _may_be_set(kind: type, name: str, own: frozenset[str]) -> bool:
    if not name.isidentifier() or name.startswith("_") or name in own:
        return False
    return isinstance(inspect.getattr_static(kind, name, None), (*PLAIN_TYPES, FormerName))


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
        warn(
            f"{shown_path(path)} holds an object of the class {derived_class}; it is read as a "
            f"{kind.__name__}, without what that class adds. To have an object of that class, "
            "derive it from negw2v's, and call load() on it"
        )


def from_record(kind: type[Vectors], record: VectorsRecord) -> Vectors:
    """An object of class `kind` with what a file held; arrays in C order are not copied.

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
        if len(values) != rows and f"attributes.{name}" not in record.irregular:
            raise ParameterError(f"attribute {name!r} has {len(values)} values for {rows} keys")
    store = kind.__new__(kind)
    arrays.initialize(store, record.vectors.shape[1], dtype=record.vectors.dtype)
    if record.lookup is not None:
        keys = record.keys.decode() if isinstance(record.keys, StoredValues) else record.keys
        try:
            set(keys)
        except TypeError as error:
            raise ParameterError(f"something that cannot be a key is one: {error}") from None
        store.index_to_key = keys
        store.key_to_index = record.lookup
        free = None in store.index_to_key and None not in record.lookup
        store.next_index = store.index_to_key.index(None) if free else rows
    elif isinstance(record.keys, StoredValues):
        store.next_index = rows  # unless a row is free, which the keys will tell
        lookup.decode_at_first_use(store, record.keys)
    else:
        store.take_keys(record.keys)
    store.vectors = in_c_order(record.vectors)
    store.expandos = dict(record.attributes)
    if record.vector_size is not None:
        store.vector_size = record.vector_size
    if record.vectors_lockf is not None:
        store.vectors_lockf = record.vectors_lockf
    if record.lifecycle_events is not None:
        store.lifecycle_events = record.lifecycle_events
    set_extra(store, record.extra, OWN_ATTRIBUTES)
    return store
