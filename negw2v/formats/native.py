"""The native file: a record as one safetensors file (docs/model_format.md).

    write   record -> tensors and metadata -> tensors.write
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
from negw2v.formats import tensors
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.tensors import Tensor, TensorFile
from negw2v.formats.values import StoredValues, encoded

__all__ = ["FORMAT", "MMAP_MODES", "VERSION", "read", "write"]

FORMAT = "negw2v"
VERSION = 1
KINDS = {VectorsRecord: "KeyedVectors", ModelRecord: "Word2Vec"}

#: What `mmap` may be.
MMAP_MODES = ("r", "c")

# How the values of an attribute are stored.
NUMBERS, ARRAYS, VALUES = "numbers", "arrays", "values"

Record = VectorsRecord | ModelRecord
Kind = TypeVar("Kind")


# ---------------------------------------------------------------- writing


def write(file: IO[bytes], record: Record) -> None:
    """Write a record.

    Parameters
    ----------
    file
        Where to; it need not be seekable.
    record
        What to write.

    Raises
    ------
    ParameterError
        A key or an attribute cannot be stored; the message names it.
    """
    vectors = record.vectors if isinstance(record, ModelRecord) else record
    arrays, kinds = _vector_arrays(vectors)
    content: dict[str, Any] = {
        "attributes": kinds,
        "vectors_lifecycle_events": _events(vectors.lifecycle_events),
        "vectors_extra": vectors.extra,
    }
    if isinstance(record, ModelRecord):
        arrays |= _model_arrays(record)
        content |= {
            "parameters": record.parameters,
            "state": record.state,
            "lifecycle_events": _events(record.lifecycle_events),
            "extra": record.extra,
            "training": record.training,
        }
    metadata = {
        "format": FORMAT,
        "format_version": str(VERSION),
        "kind": KINDS[type(record)],
        "content": _json(content),
    }
    tensors.write(file, arrays, metadata)


def _json(content: dict[str, Any]) -> str:
    try:
        return json.dumps(content, separators=(",", ":"), sort_keys=True, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"a parameter or an attribute of the model cannot be stored: {error}"
        ) from None


def _events(events: list[dict[str, Any]] | None) -> Any:
    """A log is kept as far as JSON can hold it, and as text beyond that."""
    return json.loads(json.dumps(events, default=str, skipkeys=True))


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
        if record.vectors.ndim != 2 or len(record.vectors) != len(keys):
            raise ParameterError(
                f"vectors of shape {record.vectors.shape} for {len(keys)} keys cannot be stored: "
                "one row per key is needed; a model has them once prepare_weights() was called"
            )
        keys = encoded(keys, "key")
    arrays = {"vectors": record.vectors, **_value_arrays("keys", keys)}
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
        arrays |= _value_arrays("raw_vocab", encoded(list(record.raw_vocab), "word"))
        arrays["raw_vocab.counts"] = np.array(list(record.raw_vocab.values()))
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


class _Reader:
    """One file, read into a record."""

    def __init__(self, file: TensorFile, mmap: str | None) -> None:
        self._file = file
        self._mapped = mmap is not None
        self._kind, self._content = self._metadata()
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
        if not (version.isascii() and version.isdigit()) or int(version[:9]) > VERSION:
            raise self._file.fail(
                f"the file is of format version {version[:20]!r}, this negw2v reads versions up "
                f"to {VERSION}; install a newer one"
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
        locks = self._file.tensors.get("vectors_lockf")
        return ModelRecord(
            vectors,
            parameters=self._part("parameters"),
            state=self._part("state"),
            syn1neg=self._optional("syn1neg", (count, None), "f"),
            syn1=self._optional("syn1", (count, None), "f"),
            cum_table=self._optional("cum_table", (count,), "u"),
            vectors_lockf=self._optional(
                "vectors_lockf", (1 if locks and locks.shape == (1,) else count,), "f"
            ),
            raw_vocab=self._raw_vocab(),
            lifecycle_events=self._events("lifecycle_events"),
            extra=self._part("extra"),
            training=training,
            training_arrays={
                name.removeprefix("training."): self._array(name, (None,), "iuf")
                for name in self._file.tensors
                if name.startswith("training.")
            },
        )

    def _vectors(self) -> VectorsRecord:
        # Shapes first: that of the vectors says how many keys there may be.
        count, dimensions = self._tensor("vectors", (None, None), "f").shape
        if not dimensions:
            raise self._file.fail("the vectors have no dimensions", 8)
        keys = self._values("keys", count)
        attributes = {}
        for name, how in self._part("attributes").items():
            attributes[name] = self._attribute(f"attributes.{name}", how, count)
        return VectorsRecord(
            keys=keys if self._mapped else keys.decode(),
            vectors=self._array("vectors", (None, None), "f"),
            attributes=attributes,
            lifecycle_events=self._events("vectors_lifecycle_events"),
            extra=self._part("vectors_extra"),
        )

    def _attribute(self, name: str, how: Any, count: int) -> npt.NDArray[Any]:
        """An attribute; mapped, too, but no np.memmap, as no value of it is one."""
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
        try:
            return dict(zip(words, counts, strict=True))
        except TypeError as error:
            raise self._file.fail(f"raw_vocab: a word is {error}") from None
