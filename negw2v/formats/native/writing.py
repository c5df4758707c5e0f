"""Records to the native format: checks, then tensors and metadata, then the container."""

from __future__ import annotations

import json
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.errors import ParameterError
from negw2v.formats import fitting
from negw2v.formats.native.container import Container, container
from negw2v.formats.native.layout import (
    ARRAYS,
    EXTENDED,
    FORMAT,
    KINDS,
    NUMBERS,
    PLAIN,
    VALUES,
    Record,
)
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import (
    TAGGED,
    StoredValues,
    as_json,
    encoded,
    has_tags,
    refuse_nan,
)

__all__ = ["contained", "write"]

#: Parts of `content` that as_json() made, and arrays that the plain format does not have.
TAGGED_PARTS = ("parameters", "extra", "vectors_extra")
EXTENDED_ARRAYS = ("lookup.", "extra.", "vectors_extra.")


def write(file: IO[bytes], record: Record) -> None:
    """Write :func:`contained` to a file.

    Parameters
    ----------
    file
        Where to; it need not be seekable.
    record
        What to write.

    Raises
    ------
    ParameterError
        As for :func:`contained`.
    """
    contained(record).write(file)


def contained(record: Record) -> Container:
    """A record as a file that is ready to be written.

    Parameters
    ----------
    record
        What to write.

    Raises
    ------
    ParameterError
        A key, an attribute or a parameter cannot be stored; the message names it.
    """
    fitting.check_storable(record)
    vectors = record.vectors if isinstance(record, ModelRecord) else record
    arrays, kinds = _vector_arrays(vectors)
    content: dict[str, Any] = {
        "attributes": kinds,
        "vectors_lifecycle_events": _events(vectors.lifecycle_events),
        "vectors_extra": _extra("vectors_extra", vectors.extra, arrays),
    }
    if isinstance(record, ModelRecord):
        arrays |= _model_arrays(record)
        content |= {
            "parameters": {
                name: _as_json(f"parameter {name}", value)
                for name, value in record.parameters.items()
            },
            "state": {name: _as_json(name, value) for name, value in record.state.items()},
            "lifecycle_events": _events(record.lifecycle_events),
            "extra": _extra("extra", record.extra, arrays),
            "training": record.training,
        }
    if vectors.vector_size not in (None, vectors.vectors.shape[1]):
        content["vectors_vector_size"] = _as_json("vector_size", vectors.vector_size)
    if irregular := sorted(fitting.misfits(record)):
        content["irregular"] = irregular
    metadata = {
        "format": FORMAT,
        "format_version": EXTENDED if _is_extended(record, content, arrays) else PLAIN,
        "kind": KINDS[type(record)],
        "content": _json(content),
    }
    return container(arrays, metadata)


def _is_extended(
    record: Record, content: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]
) -> bool:
    """Whether readers of the plain format would miss something, or not understand it."""
    return (
        "irregular" in content
        or any(has_tags(content.get(part)) for part in TAGGED_PARTS)
        or any(name.startswith(EXTENDED_ARRAYS) for name in arrays)
        or (isinstance(record, VectorsRecord) and record.vectors_lockf is not None)
        or any(
            bool((array == TAGGED).any())
            for name, array in arrays.items()
            if name.endswith(".kinds") and array.dtype == np.uint8
        )
    )


def _as_json(what: str, value: Any) -> Any:
    try:
        return as_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"{what} cannot be stored: {error}; None, bool, int, float, str, bytes, and lists, "
            "tuples and dicts of these can"
        ) from None


def _extra(
    prefix: str, values: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]
) -> dict[str, Any]:
    """Attributes of the user's as JSON; arrays of numbers go to the other arrays."""
    plain = {}
    for name, value in values.items():
        if fitting.is_number_array(value):
            arrays[f"{prefix}.{name}"] = value
        else:
            plain[name] = _as_json(f"attribute {name!r}", value)
    return plain


def _json(content: dict[str, Any]) -> str:
    try:
        return json.dumps(content, separators=(",", ":"), sort_keys=True, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"a parameter or an attribute of the model cannot be stored: {error}"
        ) from None


def _events(events: list[dict[str, Any]] | None) -> Any:
    """A log is kept as far as JSON can hold it, and as text beyond that."""
    try:
        return json.loads(json.dumps(events, default=str, skipkeys=True))
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"lifecycle_events cannot be stored: {error}") from None


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} of type {type(value).__name__} is nothing that JSON can hold")


def _vector_arrays(
    record: VectorsRecord,
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """The tensors of a record of vectors, and how each attribute is stored."""
    keys = record.keys
    if not isinstance(keys, StoredValues):
        refuse_nan(keys, "key")
        keys = encoded(keys, "key")
    arrays = {"vectors": record.vectors, **_value_arrays("keys", keys)}
    if record.lookup is not None:
        refuse_nan(record.lookup, "key")
        arrays |= _value_arrays("lookup", encoded(list(record.lookup), "key"))
        arrays["lookup.rows"] = np.array(list(record.lookup.values()), dtype=np.int64)
    if record.vectors_lockf is not None:
        arrays["vectors_lockf"] = record.vectors_lockf
    kinds = {}
    for name, values in record.attributes.items():
        kinds[name], parts = _attribute_arrays(f"attributes.{name}", name, values)
        if not arrays.keys().isdisjoint(parts):
            raise ParameterError(
                f"attribute {name!r} would be stored under a name that is taken; rename it"
            )
        arrays |= parts
    return arrays, kinds


def _value_arrays(name: str, values: StoredValues) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {
        f"{name}.text": values.text,
        f"{name}.offsets": values.offsets,
    }
    if values.kinds is not None:
        arrays[f"{name}.kinds"] = values.kinds
    return arrays


def _attribute_arrays(
    tensor: str, name: str, values: npt.NDArray[Any]
) -> tuple[str, dict[str, npt.NDArray[Any]]]:
    """How an attribute is stored, and its tensors."""
    if values.dtype.kind not in "OUS":
        return NUMBERS, {tensor: values}
    if values.ndim != 1:
        raise ParameterError(
            f"attribute {name!r} has shape {values.shape}; what is not an array of numbers can be "
            "stored with a single value for each key"
        )
    parts = list(values)
    first = parts[0] if parts else None
    if isinstance(first, np.ndarray):
        same = all(
            isinstance(part, np.ndarray) and part.ndim == 1 and part.dtype == first.dtype
            for part in parts
        )
        if same and first.dtype != object:
            offsets = offsets_of([len(part) for part in parts])
            return ARRAYS, {tensor: np.concatenate(parts), f"{tensor}.offsets": offsets}
    return VALUES, _value_arrays(tensor, encoded(parts, f"value of the attribute {name!r}"))


def _model_arrays(record: ModelRecord) -> dict[str, npt.NDArray[Any]]:
    named = {
        "syn1neg": record.syn1neg,
        "syn1": record.syn1,
        "cum_table": record.cum_table,
        "vectors_lockf": record.vectors_lockf,
    }
    arrays = {name: array for name, array in named.items() if array is not None}
    if record.raw_vocab:
        counts = np.array(list(record.raw_vocab.values()))
        if counts.ndim != 1 or counts.dtype.kind not in "iuf":
            raise ParameterError(
                "raw_vocab cannot be stored: it must have a number for each word, or be None"
            )
        arrays |= _value_arrays("raw_vocab", encoded(list(record.raw_vocab), "word"))
        arrays["raw_vocab.counts"] = counts
    arrays |= {f"training.{name}": array for name, array in record.training_arrays.items()}
    return arrays
