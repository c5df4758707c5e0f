"""The native file: a record as one safetensors file (docs/model_format.md).

    write   record -> checks -> tensors and metadata -> tensors.container
    read    tensors.TensorFile -> checks of names, types and shapes -> record

Everything that a header says is checked before anything is allocated for it.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import IO, Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ParameterError
from negw2v.formats import fitting, tensors
from negw2v.formats.flooding import refuse_flood
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.tensors import Tensor, TensorFile
from negw2v.formats.values import TAGGED, StoredValues, as_json, encoded, from_json, has_tags

__all__ = ["FORMAT", "MMAP_MODES", "VERSIONS", "check_header", "contained", "read", "write"]

FORMAT = "negw2v"
#: The plain format, and the one with what the plain one cannot hold: see docs/model_format.md.
PLAIN, EXTENDED = VERSIONS = ("1", "1.1")
KINDS = {VectorsRecord: "KeyedVectors", ModelRecord: "Word2Vec"}

#: What `mmap` may be.
MMAP_MODES = ("r", "c")

#: Parts of `content` that as_json() made, and arrays that the plain format does not have.
TAGGED_PARTS = ("parameters", "extra", "vectors_extra")
EXTENDED_ARRAYS = ("lookup.", "extra.", "vectors_extra.")

# How the values of an attribute are stored.
NUMBERS, ARRAYS, VALUES = "numbers", "arrays", "values"

Record = VectorsRecord | ModelRecord
Kind = TypeVar("Kind")


# ---------------------------------------------------------------- writing


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


def contained(record: Record) -> tensors.Container:
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
    return tensors.container(arrays, metadata)


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
    keys = record.keys if isinstance(record.keys, StoredValues) else encoded(record.keys, "key")
    arrays = {"vectors": record.vectors, **_value_arrays("keys", keys)}
    if record.lookup is not None:
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
            f"attribute {name!r} has shape {values.shape}; what is no array of numbers can be "
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
            offsets = np.zeros(len(parts) + 1, dtype=np.int64)
            np.cumsum([len(part) for part in parts], out=offsets[1:])
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
                "raw_vocab cannot be stored: it must have a number for each word; set it to None "
                "to do without"
            )
        arrays |= _value_arrays("raw_vocab", encoded(list(record.raw_vocab), "word"))
        arrays["raw_vocab.counts"] = counts
    arrays |= {f"training.{name}": array for name, array in record.training_arrays.items()}
    return arrays


# ---------------------------------------------------------------- reading


def read(path: FilePath, mmap: str | None = None) -> Record:
    """Read a record.

    Parameters
    ----------
    path
        The file.
    mmap
        None: read everything. "r": map the file into memory: arrays are read-only and come
        from the disk when they are looked at, and keys are decoded when they are needed.
        "c": likewise, but arrays may be changed; the changes stay in memory.

    Raises
    ------
    ModelFileError
        The file is damaged, or not of this format.
    """
    with TensorFile(path) as file:
        return _Reader(file, mmap).record()


def check_header(path: FilePath) -> None:
    """Raise where the header is not that of a file that :func:`read` can read.

    Parameters
    ----------
    path
        The file; what follows its header need not be there yet, but for its length.

    Raises
    ------
    ModelFileError
        The header is damaged, or not of this format.
    """
    with TensorFile(path) as file:
        _Reader(file, None)


class _Reader:
    """One file, read into a record."""

    def __init__(self, file: TensorFile, mmap: str | None) -> None:
        self._file = file
        self._mapped = mmap is not None
        self._kind, self._content = self._metadata()
        self._extended = file.metadata["format_version"] == EXTENDED
        self._irregular = self._names("irregular") if self._extended else frozenset()
        # Of a file that is not ours, nothing is mapped.
        self._arrays = file.map(mmap) if mmap is not None else {}

    def _metadata(self) -> tuple[str, dict[str, Any]]:
        """The kind of the file, and the JSON in its header."""
        metadata = self._file.metadata
        if metadata.get("format") != FORMAT:
            raise self._file.fail(
                "this is a safetensors file, but not one of negw2v's: its header has no "
                f'"format": "{FORMAT}"'
            )
        version = metadata.get("format_version", "")
        if version not in VERSIONS:
            raise self._file.fail(
                f"the file is of format version {version[:20]!r}, this negw2v reads versions "
                f"{' and '.join(VERSIONS)}; install a newer one"
            )
        kind = metadata.get("kind", "")
        if kind not in KINDS.values():
            raise self._file.fail(f"the file is of kind {kind[:60]!r}, which is not known")
        try:
            content = json.loads(metadata.get("content", ""))
        except (ValueError, RecursionError) as error:
            raise self._file.fail(f"the metadata is not valid JSON: {error}", 8) from None
        return kind, self._of_type(content, dict, "the metadata")

    def _of_type(self, value: Any, kind: type[Kind], what: str) -> Kind:
        if not isinstance(value, kind):
            raise self._file.fail(
                f"{what} should be a {kind.__name__}, but is {str(value)[:60]!r}", 8
            )
        return value

    def _part(self, name: str) -> dict[str, Any]:
        """A JSON object of the metadata; empty where it is missing."""
        return self._of_type(self._content.get(name, {}), dict, f"{name!r} in the metadata")

    def _names(self, name: str) -> frozenset[str]:
        """A list of texts in the metadata; empty where it is missing."""
        what = f"{name!r} in the metadata"
        found = self._of_type(self._content.get(name, []), list, what)
        return frozenset(self._of_type(entry, str, what) for entry in found)

    def _values_of(self, name: str) -> dict[str, Any]:
        """An object of the metadata whose values as_json() made."""
        part = self._part(name)
        if not self._extended:
            return part
        try:
            return {key: from_json(value) for key, value in part.items()}
        except (ValueError, TypeError, RecursionError) as error:
            raise self._file.fail(f"{name!r} in the metadata makes no sense: {error}", 8) from None

    def _extra(self, name: str) -> dict[str, Any]:
        """Attributes of the user's."""
        found = self._values_of(name)
        prefix = f"{name}."
        if self._extended:
            found |= {
                tensor.removeprefix(prefix): self._array(tensor, described.shape, "biuf")
                for tensor, described in self._file.tensors.items()
                if tensor.startswith(prefix)
            }
        return found

    def _events(self, name: str) -> list[dict[str, Any]] | None:
        events = self._content.get(name)
        if events is None:
            return None
        what = f"{name!r} in the metadata"
        return [self._of_type(event, dict, what) for event in self._of_type(events, list, what)]

    def _tensor(self, name: str, shape: tuple[int | None, ...], kinds: str) -> Tensor:
        """A tensor's description, which is as it must be."""
        tensor = self._file.tensors.get(name)
        if tensor is None:
            raise self._file.fail(f"the array {name!r} is missing", 8)
        fits = len(tensor.shape) == len(shape) and all(
            wanted in (None, given) for wanted, given in zip(shape, tensor.shape, strict=True)
        )
        if not fits or tensor.dtype.kind not in kinds:
            wanted = " x ".join("any" if size is None else str(size) for size in shape)
            raise self._file.fail(
                f"the array {name!r} has shape {tensor.shape} and type {tensor.dtype}; needed is "
                f"shape ({wanted}) and a type of kind {', '.join(kinds)}",
                tensor.start,
            )
        return tensor

    def _array(self, name: str, shape: tuple[int | None, ...], kinds: str) -> npt.NDArray[Any]:
        """An array, read or mapped, after its description was checked."""
        self._tensor(name, shape, kinds)
        return self._arrays[name] if self._mapped else self._file.read(name)

    def _optional(
        self, name: str, shape: tuple[int | None, ...], kinds: str
    ) -> npt.NDArray[Any] | None:
        if name not in self._file.tensors:
            return None
        if name in self._irregular:
            shape, kinds = (None,) * len(shape), "iuf"
        return self._array(name, shape, kinds)

    def _values(self, name: str, count: int | None = None) -> StoredValues:
        """Stored values, checked as far as that is cheap."""
        offsets = self._array(
            f"{name}.offsets", (None if count is None else count + 1,), "i"
        ).astype(np.int64, copy=False)
        text = self._tensor(f"{name}.text", (None,), "u")
        if text.dtype != np.uint8:
            raise self._file.fail(f"the text of {name!r} is of type {text.dtype}, not uint8")
        values = StoredValues(
            self._array(f"{name}.text", (None,), "u"),
            offsets,
            self._optional(f"{name}.kinds", (len(offsets) - 1,), "u") if len(offsets) else None,
            path=self._file.path,
            name=name,
            position=text.start,
        )
        values.check()
        return values

    def record(self) -> Record:
        """The whole file."""
        vectors = self._vectors()
        if self._kind == KINDS[VectorsRecord]:
            return vectors
        count = len(vectors.keys)
        training = self._content.get("training")
        if training is not None:
            training = self._of_type(training, dict, "'training' in the metadata")
        return ModelRecord(
            vectors,
            parameters=self._values_of("parameters"),
            state=self._part("state"),
            syn1neg=self._optional("syn1neg", (count, None), "f"),
            syn1=self._optional("syn1", (count, None), "f"),
            cum_table=self._optional("cum_table", (count,), "u"),
            vectors_lockf=self._locks(count),
            raw_vocab=self._raw_vocab(),
            lifecycle_events=self._events("lifecycle_events"),
            extra=self._extra("extra"),
            training=training,
            training_arrays={
                name.removeprefix("training."): self._array(name, (None,), "iuf")
                for name in self._file.tensors
                if name.startswith("training.")
            },
            irregular=self._irregular,
        )

    def _locks(self, count: int) -> npt.NDArray[Any] | None:
        locks = self._file.tensors.get("vectors_lockf")
        length = 1 if locks and locks.shape == (1,) else count
        return self._optional("vectors_lockf", (length,), "f")

    def _vectors(self) -> VectorsRecord:
        # Shapes first: that of the vectors says how many keys there may be.
        count, dimensions = self._tensor("vectors", (None, None), "f").shape
        if not dimensions:
            raise self._file.fail("the vectors have no dimensions", 8)
        keys = self._values("keys", count)
        attributes = {}
        for name, how in self._part("attributes").items():
            attributes[name] = self._attribute(f"attributes.{name}", how, count)
        lookup = self._lookup(count)
        size = self._content.get("vectors_vector_size") if self._extended else None
        return VectorsRecord(
            keys=keys if self._mapped and lookup is None else keys.decode(),
            vectors=self._array("vectors", (None, None), "f"),
            attributes=attributes,
            lifecycle_events=self._events("vectors_lifecycle_events"),
            extra=self._extra("vectors_extra"),
            lookup=lookup,
            vector_size=None if size is None else self._of_type(size, int, "vectors_vector_size"),
            vectors_lockf=self._locks(count) if self._kind == KINDS[VectorsRecord] else None,
            irregular=self._irregular,
        )

    def _lookup(self, count: int) -> dict[Any, int] | None:
        """The row of every key, where the file gives it."""
        if not self._extended or "lookup.text" not in self._file.tensors:
            return None
        keys = self._values("lookup").decode()
        rows = self._array("lookup.rows", (len(keys),), "i")
        if len(rows) and not (rows.min() >= 0 and rows.max() < count):
            raise self._file.fail(f"'lookup.rows' has rows that the {count} vectors do not have")
        return self._dictionary("lookup", keys, rows.tolist())

    def _dictionary(self, name: str, keys: list[Any], values: list[Any]) -> dict[Any, Any]:
        try:
            refuse_flood(keys)
            return dict(zip(keys, values, strict=True))
        except TypeError as error:
            raise self._file.fail(f"{name}: a key is {error}") from None
        except ParameterError as error:
            raise self._file.fail(f"{name}: {error}") from None

    def _attribute(self, name: str, how: Any, count: int) -> npt.NDArray[Any]:
        """An attribute; mapped, too, but no np.memmap, as no value of it is one."""
        if name in self._irregular:
            count = self._length(name, how)
        if how == NUMBERS:
            tensor = self._file.tensors.get(name)
            shape = (count, *(tensor.shape[1:] if tensor else ()))
            return np.asarray(self._array(name, shape, "biufc"))
        result = np.empty(count, dtype=object)
        if how == VALUES:
            for row, value in enumerate(self._values(name, count).decode()):
                result[row] = value
            return result
        if how != ARRAYS:
            raise self._file.fail(f"{name!r} is stored as {str(how)[:60]!r}, which is not known", 8)
        values = np.asarray(self._array(name, (None,), "biufc"))
        offsets = self._array(f"{name}.offsets", (count + 1,), "i")
        if offsets[0] != 0 or offsets[-1] != len(values) or (offsets[1:] < offsets[:-1]).any():
            raise self._file.fail(f"the offsets of {name!r} do not fit its {len(values)} values")
        for row, (start, end) in enumerate(pairwise(offsets.tolist())):
            result[row] = values[start:end]
        return result

    def _raw_vocab(self) -> dict[Any, int] | None:
        if "raw_vocab.text" not in self._file.tensors:
            return None
        words = self._values("raw_vocab").decode()
        counts = self._array("raw_vocab.counts", (len(words),), "iuf").tolist()
        return self._dictionary("raw_vocab", words, counts)

    def _length(self, name: str, how: Any) -> int:
        """How many values an attribute has that need not have one for each key."""
        if how == NUMBERS:
            tensor = self._file.tensors.get(name)
            return tensor.shape[0] if tensor and tensor.shape else 0
        offsets = self._file.tensors.get(f"{name}.offsets")
        return max(0, offsets.shape[0] - 1) if offsets and offsets.shape else 0
