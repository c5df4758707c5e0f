"""The native format to records: the container, then checks of names, types and shapes.

Everything that a header says is checked before anything is allocated for it.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ParameterError
from negw2v.formats.flooding import refuse_flood
from negw2v.formats.native.container import Tensor, TensorFile
from negw2v.formats.native.layout import (
    ARRAYS,
    EXTENDED,
    FORMAT,
    KINDS,
    NUMBERS,
    PHRASES,
    VALUES,
    VERSIONS,
    Record,
)
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import StoredValues, from_json

__all__ = ["check_header", "read"]

Kind = TypeVar("Kind")


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
        if kind in PHRASES:
            raise self._file.fail(
                "the file holds phrases, no vectors; load it with negw2v.phrases.Phrases.load()"
            )
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
