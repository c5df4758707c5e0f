"""KeyedVectors and the record of what a file holds."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import NegW2VWarning, ParameterError
from negw2v.formats.records import VectorsRecord
from negw2v.keyedvectors.records import from_record, to_record


def record() -> VectorsRecord:
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    return VectorsRecord(["a", 7, None], vectors, {"count": np.array([3, 2, 0])})


def test_there_and_back() -> None:
    made = from_record(KeyedVectors, record())
    assert (made.index_to_key, made.key_to_index) == (["a", 7, None], {"a": 0, 7: 1})
    assert (made.vector_size, made.next_index, made.get_vecattr(7, "count")) == (2, 2, 2)
    assert made.add_vector("b", [9, 9]) == 2
    made.note = "mine"
    back = to_record(made)
    assert back.keys == ["a", 7, "b"]
    assert back.vectors is made.vectors
    assert back.extra == {"note": "mine"}
    assert back.lifecycle_events is None
    again = from_record(KeyedVectors, back)
    assert again.note == "mine"


def test_where_the_next_key_goes(tmp_path: Path) -> None:
    whole, path = KeyedVectors(2), tmp_path / "vectors"
    whole.add_vectors(["a", "b"], np.eye(2))
    whole.save(path)
    whole.save_word2vec_format(tmp_path / "text")
    free = from_record(KeyedVectors, record())
    free.save(tmp_path / "free")
    for loaded in (
        KeyedVectors.load(path),
        KeyedVectors.load(path, mmap="c"),
        KeyedVectors.load_word2vec_format(tmp_path / "text"),
    ):
        assert loaded.next_index == 2
        with pytest.warns(NegW2VWarning, match="copies all vectors"):
            assert loaded.add_vector("c", [1, 1]) == 2
        assert (loaded.next_index, loaded.get_index("c")) == (3, 2)
    for mode in (None, "c"):
        loaded = KeyedVectors.load(tmp_path / "free", mmap=mode)
        assert loaded.add_vector("c", [1, 1]) == 2
        assert (loaded.next_index, len(loaded)) == (3, 3)


def test_a_derived_class_is_made_without_its_constructor() -> None:
    class Mine(KeyedVectors):
        def __init__(self, one: int, two: int) -> None:
            raise AssertionError("not called")

    assert type(from_record(Mine, record())) is Mine


def test_extra_attributes_do_not_hide_methods() -> None:
    hostile = record()
    hostile.extra = {"most_similar": 1, "_vectors": 2, "not a name": 3, "fine": 4}
    made = from_record(KeyedVectors, hostile)
    assert callable(made.most_similar)
    assert made.vectors is hostile.vectors
    assert made.fine == 4
    assert "not a name" not in vars(made)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keys": ["a", "b", "a"]}, "'a' stands for row 0 and for row 2"),
        ({"keys": ["a"]}, "one row per key"),
        ({"vectors": np.zeros(3)}, "one row per key"),
        ({"vectors": np.zeros((3, 0))}, "one row per key"),
        ({"attributes": {"count": np.zeros(2)}}, "'count' has 2 values for 3 keys"),
    ],
)
def test_parts_that_do_not_fit(changes: dict[str, object], message: str) -> None:
    bad = record()
    for name, value in changes.items():
        setattr(bad, name, value)
    with pytest.raises(ParameterError, match=message):
        from_record(KeyedVectors, bad)


def test_what_decodes_keys_later_is_in_no_class_that_has_not_loaded_such_a_file(
    tmp_path: Path,
) -> None:
    """Attributes of objects are found faster where their class has none of that name."""

    class Mine(KeyedVectors):
        pass

    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], [[3, 4], [0, 2]])
    vectors.save(tmp_path / "v")
    assert Mine.load(tmp_path / "v").get_index("b") == 1
    assert "key_to_index" not in vars(Mine)
    mapped = Mine.load(tmp_path / "v", mmap="r")
    assert "key_to_index" not in vars(mapped)
    assert mapped.get_index("b") == 1
    assert mapped.index_to_key == ["a", "b"]
    assert "key_to_index" in vars(mapped)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda kv: pickle.loads(pickle.dumps(kv))]
)
def test_copies_have_keys_that_nobody_has_asked_for_yet(
    tmp_path: Path, duplicate: Callable[[KeyedVectors], KeyedVectors]
) -> None:
    """A pickle is read by processes whose class decodes no keys later."""
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], [[3, 4], [0, 2]])
    vectors.save(tmp_path / "v")
    found = duplicate(KeyedVectors.load(tmp_path / "v", mmap="r"))
    assert vars(found)["index_to_key"] == ["a", "b"]
    assert vars(found)["key_to_index"] == {"a": 0, "b": 1}
