"""Rows that KeyedVectors(vector_size, count) has preallocated and that have no key yet.

Nothing finds them: a result has keys that are there, and those of the same vectors without
free rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import KeyNotFoundError
from negw2v.keyedvectors import lookup

KEYS = [f"w{number}" for number in range(12)]
VECTORS = np.random.default_rng(5).standard_normal((12, 4)).astype(np.float32)


def whole() -> KeyedVectors:
    kv = KeyedVectors(4)
    kv.add_vectors(KEYS, VECTORS)
    return kv


def free_at_the_end() -> KeyedVectors:
    kv = KeyedVectors(4, count=30)
    for key, vector in zip(KEYS, VECTORS, strict=True):
        kv.add_vector(key, vector)
    return kv


def free_in_between() -> KeyedVectors:
    kv = KeyedVectors(4, count=30)
    keys: list[Any] = [None] * 30
    keys[1:25:2] = KEYS
    kv.take_keys(keys)
    kv.vectors[1:25:2] = VECTORS
    kv.vectors[0] = VECTORS[0]  # numbers that mean nothing, but would be found
    return kv


def free_before_others() -> KeyedVectors:
    kv = KeyedVectors(4, count=3)
    kv.add_vectors(KEYS, VECTORS)
    return kv


def none_used() -> KeyedVectors:
    return KeyedVectors(4, count=5)


MAKERS = [free_at_the_end, free_in_between, free_before_others]

SEARCHES: dict[str, Callable[[KeyedVectors], Any]] = {
    "a key": lambda kv: kv.most_similar("w3", topn=50),
    "a few": lambda kv: kv.most_similar("w3", topn=3),
    "keys": lambda kv: kv.most_similar(["w1", "w2"], ["w5"], topn=50),
    "similar_by_vector": lambda kv: kv.similar_by_vector(VECTORS[4], topn=50),
    "similar_by_key": lambda kv: kv.similar_by_key("w3", topn=50),
    "opposite": lambda kv: kv.most_similar(negative=["w3"], topn=50),
    "cosmul": lambda kv: kv.most_similar_cosmul(["w1", "w2"], ["w5"], topn=50),
    "relative": lambda kv: [("", kv.relative_cosine_similarity("w3", "w4", topn=50))],
}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_finds_keys_alone(make: Callable[[], KeyedVectors], name: str) -> None:
    found, expected = SEARCHES[name](make()), SEARCHES[name](whole())
    assert [key for key, _ in found] == [key for key, _ in expected]
    np.testing.assert_allclose(
        [score for _, score in found], [score for _, score in expected], atol=1e-6
    )


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("candidates", [None, ["w2", "w9", "w4"]])
@pytest.mark.parametrize("queries", [["w3", "w8"], VECTORS[:3]])
def test_batches_find_keys_alone(
    make: Callable[[], KeyedVectors], candidates: Any, queries: Any
) -> None:
    kv = make()
    found, expected = (
        each.nearest(queries, 50, candidates, exclude=["w0"]) for each in (kv, whole())
    )
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_allclose(found.cosines, expected.cosines, atol=1e-6)
    assert [kv.index_to_key[row] for row in found.rows[0] if row >= 0] == [
        key for key in found.keys[0] if key is not None
    ]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_answered_with_keys(make: Callable[[], KeyedVectors], method: str) -> None:
    found, expected = (
        kv.analogies(["w1", "w7"], ["w2", "w8"], ["w3", "w9"], 50, method=method)
        for kv in (make(), whole())
    )
    np.testing.assert_array_equal(found.keys, expected.keys)


def test_the_first_so_many_candidates_are_rows_with_keys() -> None:
    assert set(free_in_between().nearest(VECTORS[:1], 50, candidates=6).keys[0]) == {
        "w0",
        "w1",
        "w2",
    }
    clipped = free_in_between().most_similar("w0", topn=50, clip_start=2, clip_end=8)
    assert {key for key, _ in clipped} == {"w1", "w2", "w3"}


@pytest.mark.parametrize("make", MAKERS)
def test_ranks_count_keys_alone(make: Callable[[], KeyedVectors]) -> None:
    kv, expected = make(), whole()
    for key in KEYS[1:]:
        assert kv.closer_than("w0", key) == expected.closer_than("w0", key)
        assert kv.rank("w0", key) == expected.rank("w0", key)


def test_the_number_of_a_free_row_is_left_out_of_a_group_of_words() -> None:
    kv = free_at_the_end()
    with_number = kv.rank_by_centrality(["w1", "w2", 20])
    assert with_number == kv.rank_by_centrality(["w1", "w2"])


@pytest.mark.parametrize("make", MAKERS)
def test_an_index_has_keys_alone(make: Callable[[], KeyedVectors], tmp_path: Path) -> None:
    pytest.importorskip("usearch")
    kv = make()
    index = kv.build_index(dtype="f32")
    assert len(index) == len(KEYS)
    index.save(tmp_path / "index")
    for each in (index, kv.load_index(tmp_path / "index")):
        found = kv.most_similar("w3", topn=12, indexer=each)
        assert {key for key, _ in found} == set(KEYS)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("function", ["most_similar", "most_similar_cosmul"])
def test_the_accuracy_on_analogies(
    make: Callable[[], KeyedVectors], function: str, tmp_path: Path
) -> None:
    path = tmp_path / "questions"
    lines = [f"w{a} w{a + 1} w{a + 2} w{a + 3}" for a in range(9)]
    path.write_text(": all\n" + "\n".join(lines) + "\n", encoding="utf8")
    found = make().evaluate_word_analogies(path, similarity_function=function)
    assert found == whole().evaluate_word_analogies(path, similarity_function=function)


def test_nothing_is_found_where_no_row_has_a_key() -> None:
    kv = none_used()
    assert kv.similar_by_vector(VECTORS[0]) == []
    assert kv.nearest(VECTORS[:2]).keys.shape == (2, 0)


@pytest.mark.parametrize("make", MAKERS)
def test_selections_have_keys_alone(make: Callable[[], KeyedVectors]) -> None:
    kv = make()
    dropped = kv.drop(["w3"])
    assert dropped.index_to_key == [key for key in KEYS if key != "w3"]
    assert dropped.key_to_index == {key: row for row, key in enumerate(dropped.index_to_key)}
    free = kv.index_to_key.index(None)
    with pytest.raises(KeyNotFoundError, match="no key yet"):
        kv.subset(["w1", free])


@pytest.mark.parametrize("make", MAKERS)
def test_tables_of_pandas_have_keys_alone(make: Callable[[], KeyedVectors]) -> None:
    pytest.importorskip("pandas")
    frame = make().to_pandas()
    assert list(frame.index) == KEYS
    np.testing.assert_array_equal(frame.to_numpy(), VECTORS)


@pytest.mark.parametrize("make", MAKERS)
def test_files_of_word2vec_have_keys_alone(
    make: Callable[[], KeyedVectors], tmp_path: Path
) -> None:
    make().save_word2vec_format(tmp_path / "v.txt")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "v.txt")
    assert loaded.index_to_key == KEYS
    np.testing.assert_array_equal(loaded.vectors, VECTORS)


@pytest.mark.parametrize("make", MAKERS)
def test_gensims_next_key_takes_the_first_free_row(make: Callable[[], KeyedVectors]) -> None:
    pytest.importorskip("gensim")
    kv = make()
    theirs = kv.to_gensim()
    assert theirs.next_index == kv.index_to_key.index(None)
    assert theirs.add_vector("new", VECTORS[0]) == kv.add_vector("new", VECTORS[0])


def test_rows_with_a_key() -> None:
    assert lookup.used_rows(whole()) is None
    assert lookup.used_rows(KeyedVectors(4)) is None
    used = lookup.used_rows(free_in_between())
    assert used is not None
    assert used.tolist() == list(range(1, 25, 2))
    twice = whole()  # as programs may leave it: a key less in the dict than rows have
    del twice.key_to_index["w11"]
    assert lookup.used_rows(twice) is None
