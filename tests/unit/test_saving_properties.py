"""Whatever hand edits and calls make of an object: save() and load() give it back, or save()
raises before anything is written."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import InputTypeError, NegW2VError, ParameterError
from negw2v.word2vec.files import STATE
from negw2v.word2vec.hyperparameters import STORED

SENTENCES = [[f"w{number}" for number in range(start, start + 4)] for start in range(6)]

# -- values that somebody may assign to something

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.booleans(),
    st.integers(-5, 5).map(np.int64),
    st.floats(width=32, allow_nan=False).map(np.float32),
)
PLAIN = st.one_of(NUMBERS, st.none(), st.text(), st.binary(max_size=5))
KEYS = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)
ODD = st.sampled_from([object(), len, {1, 2}, 1j, frozenset("a"), np.datetime64("2020"), ...])
VALUES = st.recursive(
    st.one_of(KEYS, ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(KEYS, st.sampled_from(["tuple", "bytes", "dict"])), inner, max_size=3
        ),
    ),
    max_leaves=6,
)
DTYPES = st.sampled_from(
    ["f2", "f4", ">f4", "f8", "i1", "i8", "u4", "?", "c8", "c16", "O", "U3", "S3", "M8[s]"]
)
SHAPES = st.one_of(
    st.tuples(st.integers(0, 9)),
    st.tuples(st.integers(0, 9), st.integers(0, 4)),
    st.sampled_from([(), (6, 4), (9, 4), (9,), (2, 2, 2)]),
)


@st.composite
def arrays(draw: Any) -> Any:
    shape, dtype = draw(SHAPES), np.dtype(draw(DTYPES))
    array = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    if dtype.kind in "US":
        return array.astype(dtype)
    if dtype.kind != "O":
        return array.astype("i8").astype(dtype)
    result = np.empty(shape, dtype=object)
    parts = draw(st.sampled_from([["x", 5, None], [b"y", (1, "z")], [np.arange(2)], [object()]]))
    for place, index in enumerate(np.ndindex(shape)):
        result[index] = parts[place % len(parts)]
    return result


ANYTHING = st.one_of(VALUES, arrays(), st.lists(NUMBERS, max_size=9))

# -- what is done to an object

Change = Callable[[KeyedVectors], object]


def cut(keys: list[Any]) -> Change:
    def change(vectors: KeyedVectors) -> None:
        vectors.index_to_key = keys
        vectors.key_to_index = {key: row for row, key in enumerate(keys)}

    return change


def assign(name: str, value: Any) -> Callable[[Any], object]:
    return lambda owner: setattr(owner, name, value)


CHANGES = st.one_of(
    st.lists(KEYS, min_size=0, max_size=9).map(cut),
    st.tuples(st.just("vectors"), arrays()).map(lambda given: assign(*given)),
    st.tuples(
        st.sampled_from(
            ["index_to_key", "key_to_index", "expandos", "vectors_lockf", "vector_size",
             "lifecycle_events", "mine", "other", "_private", "most_similar", "next_index"]
        ),
        ANYTHING,
    ).map(lambda given: assign(*given)),
    st.tuples(KEYS, st.integers(-1, 10)).map(
        lambda given: lambda kv: kv.key_to_index.__setitem__(*given)
    ),
    st.tuples(st.one_of(st.text(), st.integers(0, 3)), ANYTHING).map(
        lambda given: lambda kv: kv.expandos.__setitem__(*given)
    ),
    st.tuples(st.integers(0, 5), KEYS).map(
        lambda given: lambda kv: kv.index_to_key.__setitem__(*given)
    ),
    KEYS.map(lambda key: lambda kv: kv.add_vector(key, [1, 2, 3, 4])),
    st.lists(KEYS, max_size=3).map(lambda keys: lambda kv: kv.add_vectors(keys, [[1.0] * 4] * 3)),
    st.tuples(st.sampled_from(["w1", "w3"]), st.text(max_size=3), VALUES).map(
        lambda given: lambda kv: kv.set_vecattr(*given)
    ),
    st.sampled_from(
        [lambda kv: kv.sort_by_descending_frequency(), lambda kv: kv.unit_normalize_all(),
         lambda kv: kv.resize_vectors(), lambda kv: kv.allocate_vecattrs(),
         lambda kv: kv.fill_norms()]
    ),
)  # fmt: skip
MODEL_CHANGES = st.one_of(
    CHANGES.map(lambda change: lambda model: change(model.wv)),
    st.tuples(
        st.sampled_from(
            [*STORED, *STATE, "syn1neg", "syn1", "cum_table", "raw_vocab", "lifecycle_events",
             "mine", "score", "hashfxn"]
        ),
        ANYTHING,
    ).map(lambda given: assign(*given)),
    st.lists(st.lists(KEYS, max_size=4), min_size=1, max_size=3).map(
        lambda sentences: lambda model: model.build_vocab(sentences, update=True)
    ),
)  # fmt: skip

# -- what must come back

#: Made anew when they are needed, or no part of what an object is.
CACHES = {
    "_int8_copy", "_owned_vectors", "_norms", "_huffman", "_opened", "byte_copy",
    "hashfxn", "lifecycle_events", "mapfile_path", "next_index", "random", "stored_keys",
    "training_report", "wv",
}  # fmt: skip
#: What a file has no place for, and save() has warned of.
NOT_STORED = {"_private", "most_similar", "score"}


def same(ours: Any, theirs: Any) -> bool:
    """Equal, with what a type that files do not keep becomes."""
    if isinstance(ours, np.ndarray) or isinstance(theirs, np.ndarray):
        if not isinstance(ours, np.ndarray):  # a list of values
            return same(list(ours), theirs.tolist())
        if ours.shape != theirs.shape:
            return False
        if object in (ours.dtype, theirs.dtype):
            return all(map(same, ours.ravel().tolist(), theirs.ravel().tolist()))
        return bool((ours == theirs).all()) and ours.dtype.kind == theirs.dtype.kind
    if isinstance(ours, np.generic):
        ours = ours.item()
    if isinstance(ours, (list, tuple)):
        return (
            isinstance(theirs, type(ours))
            and len(ours) == len(theirs)
            and all(map(same, ours, theirs))
        )
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    return bool(ours == theirs)


def assert_came_back(before: Any, after: Any, warned: str) -> None:
    for name in vars(before).keys() - CACHES:
        value = getattr(before, name)
        if name in NOT_STORED or f"not stored: {name}" in warned or f", {name}" in warned:
            continue
        if name in ("vectors_lockf", "raw_vocab", "sample") and not hasattr(after, name):
            assert same(value, np.ones(1)), name
            continue
        found = getattr(after, name)
        if name == "index_to_key":
            value = list(value)
        if name == "raw_vocab":
            value, found = dict(value or {}), dict(found or {})
        if name in ("syn1neg", "syn1") and value is None:
            continue
        if name in ("shrink_windows", "share_negatives", "corrected_cbow", "compute_loss"):
            value = bool(value)
        if name == "seed" and isinstance(value, tuple):
            value = list(value)
        assert same(value or 0 if name == "sample" else value, found), (name, value, found)
    np.testing.assert_array_equal(
        getattr(before, "vectors", np.empty(0)), getattr(after, "vectors", np.empty(0))
    )


def saved_and_loaded(made: Any, folder: Path) -> None:
    """The property."""
    path = folder / "file"
    path.write_bytes(b"what was there before")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made.save(path)
        except (ParameterError, InputTypeError):
            assert path.read_bytes() == b"what was there before"
            assert [entry.name for entry in folder.iterdir()] == ["file"]
            return
        warned = "; ".join(str(each.message).partition(";")[0] for each in caught)
        for mmap in (None, "r"):
            loaded = type(made).load(path, mmap=mmap)
            assert_came_back(made, loaded, warned)
            if isinstance(made, Word2Vec):
                assert_came_back(made.wv, loaded.wv, warned)
        KeyedVectors.load(path)


def changed(made: Any, changes: list[Callable[[Any], object]]) -> None:
    """Calls that are refused, or stumble over what was done before, change nothing here."""
    for change in changes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                change(made)
            except NegW2VError:
                continue
            except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
                continue


THOROUGH = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@THOROUGH
@given(st.lists(CHANGES, min_size=1, max_size=4), st.integers(0, 2))
def test_vectors(changes: list[Change], free: int) -> None:
    vectors = KeyedVectors(4, count=free)
    vectors.add_vectors([f"w{number}" for number in range(6)], np.eye(6, 4) + 1)
    vectors.expandos["count"] = np.arange(6 + free)
    changed(vectors, changes)
    with tempfile.TemporaryDirectory() as folder:
        saved_and_loaded(vectors, Path(folder))


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = Word2Vec(SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1, hs=1)
    path = tmp_path_factory.mktemp("model") / "model"
    model.save(path)
    return path


@THOROUGH
@given(changes=st.lists(MODEL_CHANGES, min_size=1, max_size=4))
def test_models(model_file: Path, changes: list[Callable[[Any], object]]) -> None:
    model = Word2Vec.load(model_file)
    changed(model, changes)
    with tempfile.TemporaryDirectory() as folder:
        saved_and_loaded(model, Path(folder))
