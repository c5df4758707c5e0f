"""Files that gensim's ``save()`` wrote, 0.12 to 4.x: read without gensim, and without running them.

gensim pickles a model, and puts large arrays into .npy (or .npz) files next to it. The pickle is
read by :mod:`negw2v.formats.pickles`; objects of gensim's classes become plain records, and so do
those of classes that are derived from them.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import MissingFileError, ModelFileError, ParameterError, warn
from negw2v.formats import fitting
from negw2v.formats.gensim import old_models
from negw2v.formats.gensim.allowlist import ALLOWED
from negw2v.formats.gensim.attributes import MOST_EVENT_VALUES, user_value, user_values
from negw2v.formats.gensim.names import (
    KEYS,
    MODEL,
    MODEL_NAMES,
    PARAMETERS,
    STATE,
    TRAINABLES,
    TRAINING_ARRAYS,
    VECTORS,
    VECTORS_NAMES,
    VOCABULARY,
    WORD,
)
from negw2v.formats.npy import read_npy, read_npz
from negw2v.formats.pickles.machine import Machine
from negw2v.formats.pickles.objects import UnpickledObject, hashable, plain
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.io.mapping import no_mapping
from negw2v.io.reading import Source, opened

__all__ = ["read"]

logger = logging.getLogger(__name__)

RecordKind = TypeVar("RecordKind", VectorsRecord, ModelRecord)

LARGEST_UINT32 = (1 << 32) - 1


def read(
    path: Any,
    mmap: str | None = None,
    source: Source | None = None,
    *,
    vectors_only: bool = False,
    encoding: str | None = None,
) -> VectorsRecord | ModelRecord:
    """Read a model or vectors.

    Parameters
    ----------
    path
        The file; the arrays that belong to it are looked for next to it. Also .gz and .bz2.
    mmap
        "r" or "c": map the arrays that lie in .npy files; None: read them.
    source
        The file, where it is open already.
    vectors_only
        Of a model, leave the arrays that only training needs where they are.
    encoding
        Of words that Python 2 saved as bytes, see :class:`negw2v.formats.gensim.old_models.Keys`.

    Returns
    -------
    ModelRecord or VectorsRecord
        As :meth:`negw2v.Word2Vec.load` and :meth:`negw2v.KeyedVectors.load` take them.

    Raises
    ------
    UnsafeFileError
        The pickle refers to a name that is not part of gensim's files.
    ModelFileError
        The file is damaged; or `mmap` is given, and the vectors are in the pickle itself or
        compressed.
    MissingFileError
        The file is not there, or one with an array of it.
    """
    with opened(path) if source is None else nullcontext(source) as pickle:
        machine = Machine(pickle, ALLOWED)
        root = machine.load()
    kind = _kind(root)
    if kind not in (MODEL, VECTORS):
        if isinstance(root, UnpickledObject) and root.of is not None:
            kind = root.of.text
        else:
            machine.check_names()
        where = ""
        if kind.startswith("gensim.models.phrases."):
            where = "; load it with negw2v.phrases.Phrases.load()"
        raise ModelFileError(path, f"the pickle holds a {kind}, neither a model nor vectors{where}")
    loader = _Loader(path, mmap, vectors_only)
    loader.add_arrays(root, os.fspath(path))
    if kind == MODEL:
        old_models.with_vectors_apart(root, VECTORS)
    old_models.Keys(path, encoding).decode(root)
    record = loader.model(root) if kind == MODEL else loader.vectors(root)
    record.derived_class = root.of and root.of.text
    return record


def _kind(value: Any) -> str:
    """What a value of a pickle is; an object of a derived class is what its attributes make it."""
    if not isinstance(value, UnpickledObject):
        return type(value).__name__
    # gensim's own derived classes, FastText and Doc2Vec, are more than what they derive from
    if value.of is None or value.of.module.startswith("gensim."):
        return value.kind
    if isinstance(value.state.get("wv"), UnpickledObject) or old_models.is_old_model(value.state):
        return MODEL
    return VECTORS if any(name in value.state for name in KEYS) else value.kind


class _Loader:
    """Records from what the pickle of one file stands for."""

    def __init__(self, path: Any, mmap: str | None, vectors_only: bool) -> None:
        self._path = path
        self._mmap = mmap
        self._vectors_only = vectors_only
        self._mapped: set[int] = set()

    def _fail(self, reason: str) -> ModelFileError:
        return ModelFileError(self._path, reason)

    # -- arrays in files next to this one

    def add_arrays(self, made: UnpickledObject, name: Any, depth: int = 0) -> None:
        """Read the arrays of an object, and of those in it, that lie in files of their own."""
        state = made.state
        name = os.fsdecode(name)
        if depth > 3:
            raise self._fail("objects within objects within objects")
        for attribute in self._names(state, "__recursive_saveloads"):
            part = state.get(attribute)
            if not isinstance(part, UnpickledObject):
                raise self._fail(f"the part {attribute!r} is missing")
            self.add_arrays(part, f"{name}.{attribute}", depth + 1)
        packed = os.fsdecode(self._path).endswith((".gz", ".bz2"))
        for attribute in self._names(state, "__numpys"):
            if self._vectors_only and attribute in TRAINING_ARRAYS:
                continue
            file = f"{name}.{attribute}.np{'z' if packed else 'y'}"
            if packed:
                if self._mmap is not None:
                    raise no_mapping(file, self._mmap, "it is compressed")
                state[attribute] = self._array_file(attribute, file, read_npz)
            else:
                state[attribute] = self._array_file(
                    attribute, file, lambda file: read_npy(file, self._mmap)
                )
                self._mapped.add(id(state[attribute]))
        if self._names(state, "__scipys"):
            raise self._fail("it has sparse matrices, which vectors do not have")
        for attribute in self._names(state, "__ignoreds"):
            state.setdefault(attribute, None)

    def _array_file(
        self, attribute: str, file: str, read: Callable[[str], npt.NDArray[Any]]
    ) -> npt.NDArray[Any]:
        """An array in a file of its own."""
        try:
            return read(file)
        except MissingFileError as error:
            if error.errno != errno.ENOENT:
                raise
            reason = (
                f"there is no such file; it has an array ({attribute}) of "
                f"{os.fsdecode(self._path)!r}: gensim saves a large model as several files, whose "
                "names all begin with that of the first. Keep them in one folder, and rename "
                "them together"
            )
            if attribute in TRAINING_ARRAYS:
                reason += "; the vectors alone are loaded without it by KeyedVectors.load()"
            raise MissingFileError(file, reason) from None

    def _names(self, state: dict[str, Any], entry: str) -> list[str]:
        names = state.pop(entry, None) or []
        # They become parts of paths.
        if not isinstance(names, list) or not all(
            isinstance(name, str) and name.isidentifier() for name in names
        ):
            raise self._fail(f"{entry} is not a list of names")
        return names

    def _array(self, value: Any, what: str, dimensions: int) -> npt.NDArray[Any] | None:
        array = plain(value)
        if array is None or isinstance(array, UnpickledObject):
            return None
        if not isinstance(array, np.ndarray) or array.ndim != dimensions:
            raise self._fail(f"{what} is not an array of {dimensions} dimensions")
        return array

    # -- records

    def vectors(self, made: Any) -> VectorsRecord:
        """Keys and vectors."""
        if _kind(made) != VECTORS:
            raise self._fail("it has no vectors")
        state = made.state
        if any(name in state for name in ("vectors_ngrams", "vectors_vocab")):
            warn(
                f"{self._path!s}: fastText's vectors of whole words are loaded; its n-grams, "
                "which make vectors of unknown words, are not"
            )
        vectors = self._array(state.get("vectors", state.get("syn0")), "vectors", 2)
        if vectors is None:
            raise self._fail("the vectors are missing: they were not saved")
        if vectors.dtype.kind != "f":
            raise self._fail(f"the vectors are of type {vectors.dtype}")
        if self._mmap is not None and id(vectors) not in self._mapped:
            why = "the vectors are in the pickle itself, as gensim saves small ones"
            raise no_mapping(self._path, self._mmap, why)
        keys = next((state[name] for name in KEYS if name in state), None)
        if not isinstance(keys, list) or len(keys) != len(vectors):
            raise self._fail("there is not one key for each vector")
        try:
            keys = [key if type(key) is str else hashable(key) for key in keys]
            rows = state.get("key_to_index")
            lookup = fitting.lookup(keys, rows) if isinstance(rows, dict) else None
        except (ValueError, ParameterError) as error:
            raise self._fail(f"the keys make no sense: {error}") from None
        old = state.get("vocab")
        expandos = state.get("expandos")
        if isinstance(old, dict):
            attributes = self._old_attributes(old, keys)
        else:
            attributes = self._attributes(expandos if isinstance(expandos, dict) else {})
        size = state.get("vector_size")
        record = VectorsRecord(
            keys=keys,
            vectors=vectors,
            attributes=attributes,
            lifecycle_events=_events(state.get("lifecycle_events")),
            extra=self._extra(made, state, VECTORS_NAMES),
            lookup=lookup,
            vector_size=size if type(size) is int and size > 0 else None,
            vectors_lockf=self._array(state.get("vectors_lockf"), "vectors_lockf", 1),
        )
        return self._checked(record)

    def _attributes(self, expandos: dict[Any, Any]) -> dict[str, npt.NDArray[Any]]:
        found = {}
        for name, value in expandos.items():
            try:
                found[name] = fitting.as_attribute(name, plain(value))
            except ParameterError as error:
                raise self._fail(str(error)) from None
        return found

    def _extra(
        self,
        made: UnpickledObject,
        state: dict[str, Any],
        known: frozenset[str],
        left: Iterable[str] = (),
    ) -> dict[str, Any]:
        """What users have set on an object of gensim's; a warning names what is left out.

        Of an object of a derived class another warning says that it is not read as a whole; the
        names are in the log.
        """
        found, others = user_values(state, known)
        others += left
        if others:
            message = (
                f"{self._path!s}: attributes that are not read: {', '.join(sorted(others))}; "
                "they are objects, or too large"
            )
            if made.of is None:
                warn(message)
            else:
                logger.warning("%s", message)
        return found

    def _checked(self, record: RecordKind) -> RecordKind:
        """A record that says which of its parts do not fit: gensim saves such objects, too."""
        try:
            fitting.check_storable(record)
        except ParameterError as error:
            raise self._fail(str(error)) from None
        record.irregular = frozenset(fitting.misfits(record))
        return record

    def _old_attributes(
        self, vocab: dict[Any, Any], keys: list[Any]
    ) -> dict[str, npt.NDArray[Any]]:
        """Before gensim 4 each word had an object with its attributes."""
        words = [vocab.get(key) for key in keys]
        if not all(isinstance(word, UnpickledObject) and word.kind == WORD for word in words):
            raise self._fail("a word has no entry in the vocabulary")
        states: list[dict[str, Any]] = [word.state for word in words]  # type: ignore[union-attr]
        if any(state.get("index") != row for row, state in enumerate(states)):
            raise self._fail("the vocabulary and the list of words do not agree")
        found: dict[str, npt.NDArray[Any]] = {}
        for name, dtype in (("count", np.int64), ("sample_int", np.uint32)):
            values: list[Any] = [state.get(name) for state in states]
            if all(type(value) in (int, float) for value in values):
                # 3.8 writes 2^32 for words that are never dropped
                limit = LARGEST_UINT32 if dtype is np.uint32 else (1 << 62)
                found[name] = np.array([max(0, min(int(v), limit)) for v in values], dtype=dtype)
        for name, item in (("code", np.uint8), ("point", np.uint32)):
            values = [plain(state.get(name)) for state in states]
            if values and all(isinstance(value, (np.ndarray, list)) for value in values):
                found[name] = np.empty(len(values), dtype=object)
                found[name][:] = [np.asarray(value, dtype=item) for value in values]
        return found

    def model(self, made: UnpickledObject) -> ModelRecord:
        """A whole model."""
        state = dict(made.state)
        for part, kind in (("vocabulary", VOCABULARY), ("trainables", TRAINABLES)):
            found = state.pop(part, None)  # before gensim 4 a model had these parts
            if isinstance(found, UnpickledObject) and found.kind == kind:
                state = {**found.state, **state}
        if "epochs" not in state and "iter" in state:
            state["epochs"] = state["iter"]
        vectors = self.vectors(state.get("wv"))
        locks = made.state["wv"].state.get("vectors_lockf", state.get("vectors_lockf"))
        parameters = _plain_values(state, PARAMETERS)
        parameters.setdefault("vector_size", int(vectors.vectors.shape[1]))
        counts = plain(state.get("raw_vocab"))
        locks = self._array(locks, "vectors_lockf", 1)
        vectors.vectors_lockf = None
        record = ModelRecord(
            vectors=vectors,
            parameters=parameters,
            state={
                name: value
                for name, value in _plain_values(state, STATE).items()
                if isinstance(value, (int, float)) and not isinstance(value, bool)
            },
            syn1neg=self._array(state.get("syn1neg"), "syn1neg", 2),
            syn1=self._array(state.get("syn1"), "syn1", 2),
            vectors_lockf=locks,
            raw_vocab=_counts(counts),
            lifecycle_events=_events(state.get("lifecycle_events")),
            extra=self._extra(
                made,
                state,
                MODEL_NAMES,
                [name for name in PARAMETERS if name in state.keys() - parameters],
            ),
        )
        return self._checked(record)


def _plain_values(state: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for name in names:
        if name in state:
            try:
                found[name] = user_value(state[name])
            except (TypeError, RecursionError):
                continue
    return found


def _counts(value: Any) -> dict[Any, int] | None:
    if not isinstance(value, dict) or not value:
        return None
    return {key: count for key, count in value.items() if type(count) is int}


def _events(value: Any) -> list[dict[str, Any]] | None:
    """The log of a model's life: flat records of texts and numbers."""
    if not isinstance(value, list):
        return None
    events, budget = [], MOST_EVENT_VALUES
    for event in value:
        if isinstance(event, dict):
            budget -= len(event) + 1
            if budget < 0:
                break
            events.append(
                {
                    name: item
                    for name, item in event.items()
                    if isinstance(name, str)
                    and (item is None or isinstance(item, (str, int, float)))
                }
            )
    return events
