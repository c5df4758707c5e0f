"""Phrases as a native file: texts and arrays in one safetensors file (docs/model_format.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ParameterError
from negw2v.formats.native.container import Container, TensorFile, container
from negw2v.formats.native.layout import FORMAT, PHRASES, PLAIN
from negw2v.formats.values import StoredValues, encoded

__all__ = ["COUNTS", "FROZEN", "PhrasesRecord", "check_header", "contained", "read"]

COUNTS, FROZEN = PHRASES
#: The arrays of each kind, in order, with their types.
ARRAYS: dict[str, dict[str, type]] = {
    COUNTS: {
        "word_counts": np.int64,
        "word_firsts": np.int64,
        "prefixes": np.uint64,
        "pairs": np.uint64,
        "pair_counts": np.int64,
        "pair_firsts": np.int64,
    },
    FROZEN: {"scores": np.float64},
}
#: Arrays that have a value for each text; those of pairs have the length of "pairs".
PER_TEXT = {"word_counts", "word_firsts", "scores"}
FIRST_NODE = 1 << 31
LARGEST_COUNT = (1 << 32) - 1


@dataclass
class PhrasesRecord:
    """What a file of phrases holds.

    Parameters
    ----------
    kind
        :data:`COUNTS`, or :data:`FROZEN`.
    parameters
        What JSON can hold.
    texts
        The words that were counted; or the phrases.
    arrays
        Those of :data:`ARRAYS`.
    lifecycle_events
        The log.
    """

    kind: str
    parameters: dict[str, Any]
    texts: list[str]
    arrays: dict[str, npt.NDArray[Any]]
    lifecycle_events: list[dict[str, Any]] | None = field(default=None)


def contained(record: PhrasesRecord) -> Container:
    """A record as a file that is ready to be written.

    Parameters
    ----------
    record
        What to write.

    Raises
    ------
    ParameterError
        A parameter cannot be stored.
    """
    texts = encoded(record.texts, "word")
    arrays: dict[str, npt.NDArray[Any]] = {
        "texts.text": texts.text,
        "texts.offsets": texts.offsets,
        **record.arrays,
    }
    if texts.kinds is not None:
        arrays["texts.kinds"] = texts.kinds
    content = {"parameters": record.parameters, "lifecycle_events": record.lifecycle_events}
    try:
        text = json.dumps(content, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(f"a parameter of the phrases cannot be stored: {error}") from None
    metadata = {"format": FORMAT, "format_version": PLAIN, "kind": record.kind, "content": text}
    return container(arrays, metadata)


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
        _content(file)


def read(path: FilePath) -> PhrasesRecord:
    """Read a record; what it says is checked.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ModelFileError
        The file is damaged, or does not hold phrases.
    """
    with TensorFile(path) as file:
        kind, content = _content(file)
        parameters, events = content.get("parameters"), content.get("lifecycle_events")
        if not isinstance(parameters, dict) or not isinstance(events, (list, type(None))):
            raise file.fail("the metadata is not that of phrases", 8)
        texts = StoredValues(
            _array(file, "texts.text", np.uint8),
            _array(file, "texts.offsets", np.int64),
            _array(file, "texts.kinds", np.uint8) if "texts.kinds" in file.tensors else None,
            path=file.path,
            name="texts",
            position=file.tensors["texts.text"].start,
        )
        texts.check()
        words = texts.decode()
        if set(map(type, words)) - {str} or len(set(words)) < len(words):
            raise file.fail("the words are not different texts")
        arrays: dict[str, npt.NDArray[Any]] = {}
        for name, dtype in ARRAYS[kind].items():
            length = len(words) if name in PER_TEXT else None
            if name.startswith("pair_"):
                length = len(arrays["pairs"])
            arrays[name] = _array(file, name, dtype, length)
        if kind == COUNTS:
            _check_counts(file, len(words), arrays)
        return PhrasesRecord(kind, parameters, words, arrays, events)


def _content(file: TensorFile) -> tuple[str, dict[str, Any]]:
    metadata = file.metadata
    kind = metadata.get("kind", "")
    if metadata.get("format") != FORMAT or kind not in ARRAYS:
        raise file.fail(
            f"this file holds no phrases (its kind is {kind[:60]!r}); vectors and models are "
            "loaded with KeyedVectors.load() and Word2Vec.load()"
        )
    version = metadata.get("format_version", "")
    if version != PLAIN:
        raise file.fail(
            f"the file is of format version {version[:20]!r}, this negw2v reads version {PLAIN}; "
            "install a newer one"
        )
    try:
        content = json.loads(metadata.get("content", ""))
    except (ValueError, RecursionError) as error:
        raise file.fail(f"the metadata is not valid JSON: {error}", 8) from None
    if not isinstance(content, dict):
        raise file.fail("the metadata is not that of phrases", 8)
    return kind, content


def _array(file: TensorFile, name: str, dtype: type, length: int | None = None) -> npt.NDArray[Any]:
    tensor = file.tensors.get(name)
    if tensor is None:
        raise file.fail(f"the array {name!r} is missing", 8)
    fits = len(tensor.shape) == 1 and length in (None, tensor.shape[0])
    if not fits or tensor.dtype != np.dtype(dtype):
        wanted = "any" if length is None else length
        raise file.fail(
            f"the array {name!r} has shape {tensor.shape} and type {tensor.dtype}; needed are "
            f"shape ({wanted},) and type {np.dtype(dtype)}",
            tensor.start,
        )
    return file.read(name)


def _check_counts(file: TensorFile, words: int, arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Raise where a number stands for a word, or a node, that there is not."""
    prefixes, pairs = arrays["prefixes"], arrays["pairs"]
    low, shift = np.uint64(FIRST_NODE * 2 - 1), np.uint64(32)
    nodes = np.arange(len(prefixes), dtype=np.uint64)
    for name, keys, known in (("prefixes", prefixes, nodes), ("pairs", pairs, len(prefixes))):
        before = keys >> shift
        longer = before >= FIRST_NODE
        beyond = np.where(longer, before - np.uint64(FIRST_NODE) >= known, before >= words)
        if bool(beyond.any() or ((keys & low) >= words).any()):
            raise file.fail(f"{name!r} refers to a word that is not there")
        if len(np.unique(keys)) < len(keys):
            raise file.fail(f"{name!r} has an entry twice")
    for name in ("word", "pair"):
        counts, firsts = arrays[f"{name}_counts"], arrays[f"{name}_firsts"]
        wrong = (counts < 0) | (firsts < -1) | (firsts >= 1 << 61)
        if name == "pair":
            wrong |= (counts == 0) | (counts > LARGEST_COUNT)
        if bool(wrong.any()):
            raise file.fail(f"'{name}_counts' or '{name}_firsts' has numbers that make no sense")
