"""What must hold between the parts of a record, and what may be otherwise.

Users cut words out of a model by hand, rotate or shorten its vectors, and let a vocabulary grow:
afterwards there may be counts for words that are gone. :func:`misfits` tells such parts. They are
stored as they are, so that nothing is lost, and every computation checks them first.
:func:`check_storable` refuses what no file could give back.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError, warn
from negw2v.formats.flooding import refuse_flood
from negw2v.formats.records import ModelRecord, VectorsRecord

__all__ = [
    "as_attribute",
    "check_attributes",
    "check_storable",
    "is_number_array",
    "lookup",
    "misfits",
    "warn_misfits",
]

#: Dimensions of the arrays of a model.
RANKS = {"syn1neg": 2, "syn1": 2, "cum_table": 1, "vectors_lockf": 1}
#: What they usually hold: the kind of their dtype.
KINDS = {"syn1neg": "f", "syn1": "f", "cum_table": "u", "vectors_lockf": "f"}


def check_storable(record: VectorsRecord | ModelRecord) -> None:
    """Raise where a part of a record is of a kind that could not be read again.

    Parameters
    ----------
    record
        What is to be stored.

    Raises
    ------
    ParameterError
        The message names the part, and what it must be.
    """
    vectors = record.vectors if isinstance(record, ModelRecord) else record
    matrix: Any = vectors.vectors
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise ParameterError(
            f"vectors are {_described(matrix)}; they cannot be stored unless they are a matrix of "
            "floating-point numbers: kv.vectors = numpy.asarray(vectors, dtype=numpy.float32)"
        )
    if len(matrix) != len(vectors.keys) or not matrix.shape[1]:
        raise ParameterError(
            f"vectors of shape {matrix.shape} for {len(vectors.keys)} keys cannot be stored: "
            "one row per key is needed; a model has them once prepare_weights() was called"
        )
    size: Any = vectors.vector_size
    if size is not None and (not isinstance(size, (int, np.integer)) or size < 1):
        raise ParameterError(
            f"vector_size is {size!r}; it must be a whole number, here {matrix.shape[1]}"
        )
    _check_lookup(vectors)
    _check_events("lifecycle_events of the vectors", vectors.lifecycle_events)
    for name, array in _arrays(record).items():
        if (
            not isinstance(array, np.ndarray)
            or array.ndim != RANKS[name]
            or array.dtype.kind not in "iuf"
        ):
            raise ParameterError(
                f"{name} is {_described(array)}, which cannot be stored; assign a NumPy array of "
                f"numbers, of {RANKS[name]} dimension{'s' * (RANKS[name] > 1)}"
            )
    if isinstance(record, ModelRecord):
        _check_events("lifecycle_events", record.lifecycle_events)


def _check_lookup(record: VectorsRecord) -> None:
    rows = len(record.vectors)
    lookup: dict[Any, Any] = record.lookup or {}
    for key, row in lookup.items():
        if isinstance(row, bool) or not isinstance(row, (int, np.integer)) or not 0 <= row < rows:
            raise ParameterError(
                f"key_to_index gives row {row!r} for key {key!r}, but there are {rows} rows; make "
                "it anew: kv.key_to_index = {key: row for row, key in enumerate(kv.index_to_key)}"
            )


def _check_events(what: str, events: Any) -> None:
    if events is None:
        return
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise ParameterError(
            f"{what} are {_described(events)}, which cannot be stored; they must be a list of "
            "dicts, or None"
        )


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    return f"of type {type(value).__name__}"


def _arrays(record: VectorsRecord | ModelRecord) -> dict[str, Any]:
    """The other arrays besides vectors and attributes, by name."""
    found: dict[str, Any] = {"vectors_lockf": record.vectors_lockf}
    if isinstance(record, ModelRecord):
        found |= {name: getattr(record, name) for name in ("syn1neg", "syn1", "cum_table")}
    return {name: array for name, array in found.items() if array is not None}


def misfits(record: VectorsRecord | ModelRecord) -> dict[str, str]:
    """The parts of a storable record that do not fit its keys and vectors.

    Parameters
    ----------
    record
        The record.

    Returns
    -------
    dict
        What is the matter, by name: "attributes.NAME", "syn1neg", "syn1", "cum_table",
        "vectors_lockf", "vector_size", "key_to_index".
    """
    vectors = record.vectors if isinstance(record, ModelRecord) else record
    rows, columns = vectors.vectors.shape
    found = {
        f"attributes.{name}": f"attribute {name!r} has {len(values)} values for {rows} keys"
        for name, values in vectors.attributes.items()
        if len(values) != rows
    }
    for name, array in _arrays(record).items():
        fits = {(rows,), (1,)} if name == "vectors_lockf" else {(rows, *array.shape[1:])}
        if array.shape not in fits or array.dtype.kind != KINDS[name]:
            found[name] = f"{name} has shape {array.shape} and type {array.dtype} for {rows} keys"
    sizes = {vectors.vector_size}
    if isinstance(record, ModelRecord):
        sizes.add(record.parameters.get("vector_size"))
    for size in sizes - {None, columns}:
        found["vector_size"] = f"vector_size is {size}, but vectors have {columns} dimensions"
    if vectors.lookup is not None:
        found["key_to_index"] = "key_to_index is not the inverse of index_to_key"
    return found


def warn_misfits(record: VectorsRecord | ModelRecord, where: str) -> None:
    """Warn of :func:`misfits`.

    Parameters
    ----------
    record
        The record.
    where
        The beginning of the message.
    """
    found = misfits(record)
    if found:
        warn(
            f"{where}: {'; '.join(found.values())}. All of it is kept as it is; make it fit, or "
            "delete it, before you compute with it"
        )


def check_attributes(record: VectorsRecord) -> None:
    """Raise where an attribute is to be written next to the keys, and does not fit them.

    Parameters
    ----------
    record
        The record.

    Raises
    ------
    ParameterError
        The message names the attribute.
    """
    found = [text for name, text in misfits(record).items() if name.startswith("attributes.")]
    if found:
        raise ParameterError(
            f"{'; '.join(found)}; make it fit, or delete it: del kv.expandos[name]. save() keeps "
            "it as it is"
        )


def is_number_array(value: object) -> bool:
    """Whether a value is an array that files hold as it is."""
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind in "biuf"
        and value.dtype.itemsize <= np.dtype(np.float64).itemsize
    )


def lookup(keys: list[Any], rows: Any) -> dict[Any, int] | None:
    """`key_to_index`, unless it says no more than `index_to_key` does.

    Parameters
    ----------
    keys, rows
        `index_to_key` and `key_to_index` of an object.

    Raises
    ------
    ParameterError
        A key cannot be a key of a dict, or is None; or `rows` is not a dict.
    """
    if not isinstance(rows, dict):
        raise ParameterError(
            f"key_to_index is a {type(rows).__name__}; it must be a dict with the row of each key"
        )
    if None in rows:
        raise ParameterError(
            "key_to_index has the key None, which stands for rows without a key in index_to_key; "
            "give that row another key"
        )
    in_order = len(rows) == len(keys) and all(map(operator.is_, rows, keys))
    if in_order and list(rows.values()) == list(range(len(keys))):
        return None  # as nearly always: without looking up each key
    try:
        refuse_flood(keys)
        inverse = dict(zip(keys, range(len(keys)), strict=True))
    except TypeError as error:
        raise ParameterError(f"something in index_to_key cannot be a key: {error}") from None
    free = 0
    if None in inverse:
        del inverse[None]
        free = keys.count(None)
    return None if len(inverse) + free == len(keys) and rows == inverse else rows


def as_attribute(name: Any, values: Any) -> npt.NDArray[Any]:
    """Values of an attribute of the keys as an array.

    Parameters
    ----------
    name, values
        An item of `expandos`.

    Raises
    ------
    ParameterError
        They are not the values of several keys.
    """
    if not isinstance(name, str):
        raise ParameterError(f"expandos has the key {name!r}; names of attributes are texts")
    if isinstance(values, (list, tuple)):
        numbers = all(isinstance(value, (bool, int, float, np.number)) for value in values)
        if numbers and values:
            whole: npt.NDArray[Any] = np.asarray(values)
            if whole.tolist() == list(values):  # not where large ints were made floats
                return whole
        array = np.empty(len(values), dtype=object)
        for row, value in enumerate(values):
            array[row] = value
        return array
    masked = isinstance(values, np.ma.MaskedArray)
    if masked or not isinstance(values, np.ndarray) or not values.ndim:
        raise ParameterError(
            f"attribute {name!r} is {_described(values)}; it must be an array with a value for "
            "each key"
        )
    return values
