"""Files that gensim's ``save()`` wrote, 0.12 to 4.x: read without gensim, and without running them.

gensim pickles a model, and puts large arrays into .npy (or .npz) files beside it. The pickle
is read by :mod:`negw2v.formats.pickles`, which knows the names below; objects of gensim's classes
become plain records, and so do those of classes that are derived from them.
"""

from __future__ import annotations

import errno
import logging
import os
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import MissingFileError, ModelFileError, ParameterError, warn
from negw2v.formats import arrays, fitting, old_models
from negw2v.formats.arrays import plain
from negw2v.formats.pickles import Known, Machine, Made, Name, hashable
from negw2v.formats.reading import Source, opened
from negw2v.formats.records import ModelRecord, VectorsRecord

__all__ = ["MODEL_NAMES", "PARAMETERS", "STATE", "VECTORS_NAMES", "read", "user_values"]

logger = logging.getLogger(__name__)

RecordKind = TypeVar("RecordKind", VectorsRecord, ModelRecord)

MODEL, VECTORS, VOCABULARY, TRAINABLES, WORD, IGNORED = (
    "Word2Vec",
    "KeyedVectors",
    "Word2VecVocab",
    "Word2VecTrainables",
    "Vocab",
    "a random generator",
)

CLASSES = {
    MODEL: [("word2vec", "Word2Vec")],
    VECTORS: [
        ("keyedvectors", "KeyedVectors"),
        ("keyedvectors", "Word2VecKeyedVectors"),
        ("keyedvectors", "EuclideanKeyedVectors"),
        ("fasttext", "FastTextKeyedVectors"),
    ],
    VOCABULARY: [("word2vec", "Word2VecVocab")],
    TRAINABLES: [("word2vec", "Word2VecTrainables")],
    WORD: [
        ("keyedvectors", "Vocab"),
        ("keyedvectors", "CompatVocab"),
        ("word2vec", "Vocab"),
    ],
}

#: Large arrays of a model that only training needs.
TRAINING_ARRAYS = frozenset({"syn1", "syn1neg", "syn0_lockf", "cum_table", "table"})

#: Mentioned as functions or types, never called; protocol 2 has Python 2's names.
BUILTINS = ("object", "int", "long", "float", "hash", "str", "unicode")

#: The attribute of vectors that lists their keys: today's name, and those before gensim 4.
KEYS = ("index_to_key", "index2word", "index2entity")
#: Attributes of a model that are parameters of negw2v's constructor.
PARAMETERS = (
    *("vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed"),
    *("workers", "min_alpha", "sg", "hs", "negative", "ns_exponent", "cbow_mean", "epochs"),
    *("null_word", "sorted_vocab", "batch_words", "compute_loss", "comment"),
    *("max_final_vocab", "shrink_windows"),
)
STATE = (
    *("corpus_count", "corpus_total_words", "effective_min_count", "layer1_size"),
    *("min_alpha_yet_reached", "running_training_loss", "total_train_time", "train_count"),
)
#: What else gensim's own objects have, of any version; other attributes are the user's.
VECTORS_NAMES = frozenset(
    {
        *("vectors", "vectors_norm", "syn0", "syn0norm", "vectors_lockf", "vector_size", "norms"),
        *("index_to_key", "index2word", "index2entity", "key_to_index", "vocab", "expandos"),
        *("next_index", "mapfile_path", "lifecycle_events", "load"),
        # of fastText
        *("vectors_vocab", "vectors_vocab_norm", "vectors_ngrams", "vectors_ngrams_norm"),
        *("vectors_vocab_lockf", "vectors_ngrams_lockf", "buckets_word", "hash2index", "bucket"),
        *("min_n", "max_n", "ngrams_word", "num_ngram_vectors", "compatible_hash"),
    }
)
MODEL_NAMES = VECTORS_NAMES.union(
    PARAMETERS,
    STATE,
    ("wv", "syn0_lockf", "syn1", "syn1neg", "cum_table", "table", "raw_vocab", "iter", "random"),
    ("hashfxn", "callbacks", "neg_labels", "model_trimmed_post_training", "trainables"),
    ("vocabulary", "load_word2vec_format", "kv"),
)
#: Of lifecycle events, and of an attribute of the user's: what is more is no log of a model.
MOST_EVENT_VALUES = 100_000
LARGEST_UINT32 = (1 << 32) - 1


def _made(kind: str) -> Any:
    def make(*arguments: Any) -> Made:
        if arguments:
            raise ValueError("an object is made with arguments")
        return Made(kind)

    return make


def _old_object(kind: Any, base: Any, state: Any) -> Any:
    """copyreg._reconstructor."""
    if getattr(base, "text", "").rpartition(".")[2] != "object" or state is not None:
        raise ValueError("an object with a base of its own")
    if not isinstance(kind, Name):
        raise ValueError("an object of what is no class")
    return kind.new()


def _encoded(text: Any, encoding: Any) -> bytearray:
    """_codecs.encode: bytes in protocol 2."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise ValueError("bytes in another encoding than latin1")
    return bytearray(text, "latin-1")


def _empty_bytes(*arguments: Any) -> bytes:
    if arguments:
        raise ValueError("bytes with arguments")
    return b""


def _dictionary(*arguments: Any) -> dict[Any, Any]:
    """dict, OrderedDict and defaultdict(int)."""
    if arguments and getattr(arguments[0], "text", "").rpartition(".")[2] not in {"int", "long"}:
        raise ValueError("a dict with arguments")
    return {}


def _frozen_set(items: Any = ()) -> frozenset[Any]:
    """frozenset, which protocols before 4 make by a call."""
    if not isinstance(items, (list, tuple)):
        raise ValueError("a frozenset of what is no list")
    return frozenset(map(hashable, items))


def _ignored(*arguments: Any) -> Made:
    """Random generators: their state is of no use here."""
    del arguments
    return Made(IGNORED)


def _forget(made: Made, state: Any) -> None:
    """The state of what is ignored."""


def _known() -> Known:
    names: dict[tuple[str, str], Any] = dict(arrays.NAMES)
    for kind, places in CLASSES.items():
        names |= {(f"gensim.models.{module}", name): _made(kind) for module, name in places}
    for builtins in ("builtins", "__builtin__"):
        names |= {(builtins, name): None for name in BUILTINS}
        names |= {(builtins, "dict"): _dictionary, (builtins, "bytes"): _empty_bytes}
        names[builtins, "frozenset"] = _frozen_set
    for copyreg in ("copyreg", "copy_reg"):
        names[copyreg, "_reconstructor"] = _old_object
    for name in ("defaultdict", "OrderedDict"):
        names["collections", name] = _dictionary
    names["_codecs", "encode"] = _encoded
    names["gensim.utils", "call_on_class_only"] = None  # every instance has it as `load`
    for module, name in (
        ("numpy.random", "__RandomState_ctor"),
        ("numpy.random._pickle", "__randomstate_ctor"),
        ("numpy.random._pickle", "__generator_ctor"),
        ("numpy.random._pickle", "__bit_generator_ctor"),
    ):
        names[module, name] = _ignored
    for generator in ("MT19937", "PCG64", "SFC64"):
        names[f"numpy.random._{generator.lower()}", generator] = _ignored
    return Known(names, {**arrays.SET_STATE, IGNORED: _forget})


KNOWN = _known()


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
        The file; the arrays that belong to it are looked for beside it. Also .gz and .bz2.
    mmap
        "r" or "c": map the arrays that lie in .npy files; None: read them.
    source
        The file, where it is open already.
    vectors_only
        Of a model, leave the arrays that only training needs where they are.
    encoding
        Of words that Python 2 saved as bytes, see :class:`negw2v.formats.old_models.Keys`.

    Returns
    -------
    ModelRecord or VectorsRecord
        As :meth:`negw2v.Word2Vec.load` and :meth:`negw2v.KeyedVectors.load` take them.

    Raises
    ------
    UnsafeFileError
        The pickle asks for something else than gensim's files consist of.
    ModelFileError
        The file is damaged; or `mmap` is given, and the vectors are in the pickle itself or
        compressed.
    MissingFileError
        The file is not there, or one with an array of it.
    """
    with opened(path) if source is None else nullcontext(source) as pickle:
        machine = Machine(pickle, KNOWN)
        root = machine.load()
    kind = _kind(root)
    if kind not in (MODEL, VECTORS):
        if isinstance(root, Made) and root.of is not None:
            kind = root.of.text
        else:
            machine.check_names()
        raise ModelFileError(path, f"the pickle holds a {kind}, neither a model nor vectors")
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
    if not isinstance(value, Made):
        return type(value).__name__
    # gensim's own derived classes, FastText and Doc2Vec, are more than what they derive from
    if value.of is None or value.of.module.startswith("gensim."):
        return value.kind
    if isinstance(value.state.get("wv"), Made) or old_models.is_old_model(value.state):
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

    # -- arrays beside the file

    def add_arrays(self, made: Made, name: Any, depth: int = 0) -> None:
        """Read the arrays of an object, and of those in it, that lie in files of their own."""
        state = made.state
        name = os.fsdecode(name)
        if depth > 3:
            raise self._fail("objects within objects within objects")
        for attribute in self._names(state, "__recursive_saveloads"):
            part = state.get(attribute)
            if not isinstance(part, Made):
                raise self._fail(f"the part {attribute!r} is missing")
            self.add_arrays(part, f"{name}.{attribute}", depth + 1)
        packed = os.fsdecode(self._path).endswith((".gz", ".bz2"))
        for attribute in self._names(state, "__numpys"):
            if self._vectors_only and attribute in TRAINING_ARRAYS:
                continue
            file = f"{name}.{attribute}.np{'z' if packed else 'y'}"
            if packed:
                if self._mmap is not None:
                    raise ModelFileError(file, self._cannot_map("it is compressed"))
                state[attribute] = self._beside(attribute, file, arrays.read_npz)
            else:
                state[attribute] = self._beside(
                    attribute, file, lambda file: arrays.read_npy(file, self._mmap)
                )
                self._mapped.add(id(state[attribute]))
        if self._names(state, "__scipys"):
            raise self._fail("it has sparse matrices, which vectors do not have")
        for attribute in self._names(state, "__ignoreds"):
            state.setdefault(attribute, None)

    def _beside(
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
            raise self._fail(f"{entry} is no list of names")
        return names

    def _cannot_map(self, why: str) -> str:
        return f"mmap={self._mmap!r} is not possible: {why}; load it without mmap, and save() it"

    def _array(self, value: Any, what: str, dimensions: int) -> npt.NDArray[Any] | None:
        array = plain(value)
        if array is None or isinstance(array, Made):
            return None
        if not isinstance(array, np.ndarray) or array.ndim != dimensions:
            raise self._fail(f"{what} is no array of {dimensions} dimensions")
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
            raise self._fail(
                self._cannot_map("the vectors are in the pickle itself, as gensim saves small ones")
            )
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
        self, made: Made, state: dict[str, Any], known: frozenset[str], left: Iterable[str] = ()
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
        if not all(isinstance(word, Made) and word.kind == WORD for word in words):
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

    def model(self, made: Made) -> ModelRecord:
        """A whole model."""
        state = dict(made.state)
        for part, kind in (("vocabulary", VOCABULARY), ("trainables", TRAINABLES)):
            found = state.pop(part, None)  # before gensim 4 a model had these parts
            if isinstance(found, Made) and found.kind == kind:
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


def user_values(
    state: Mapping[str, Any], known: Container[str]
) -> tuple[dict[str, Any], list[str]]:
    """The attributes that a user has given an object of gensim's.

    Parameters
    ----------
    state
        Attributes by name.
    known
        Names of those that are gensim's.

    Returns
    -------
    attributes, others
        Those that are plain data, and the names of the others.
    """
    found, others = {}, []
    for name, value in state.items():
        if name not in known:
            try:
                found[name] = user_value(value)
            except (TypeError, RecursionError):
                others.append(str(name)[:60])
    return found, others


def user_value(value: Any) -> Any:
    """An attribute of the user's, if it is plain data.

    Parameters
    ----------
    value
        What a pickle holds, or an object in memory has.

    Returns
    -------
    object
        None, bool, int, float, str, bytes, an array of numbers; or lists, tuples, sets and dicts
        of these. It shares nothing with `value` but arrays.

    Raises
    ------
    TypeError, RecursionError
        It is something else, or there is too much of it.
    """
    left = MOST_EVENT_VALUES

    def copied(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > 50:
            raise TypeError("too many values")
        value = plain(value)
        if value is None or isinstance(value, (bool, int, float, str, bytes)):
            return value
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                return kind(copied(part, depth + 1) for part in value)
        if type(value) in (dict, defaultdict, OrderedDict):
            return {copied(key, depth + 1): copied(part, depth + 1) for key, part in value.items()}
        if fitting.is_number_array(value):
            return value
        raise TypeError(f"a value of type {type(value).__name__}")

    return copied(value, 0)


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
