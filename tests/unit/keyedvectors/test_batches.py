"""nearest(), analogies() and the approximate index against one query at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v.errors import (
    EmptyQueryError,
    InputTypeError,
    KeyNotFoundError,
    ParameterError,
)
from negw2v.keyedvectors import KeyedVectors, NearestKeys


@pytest.fixture(scope="module")
def kv() -> KeyedVectors:
    """200 keys in 20 dimensions; do not change it."""
    random = np.random.default_rng(5)
    store = KeyedVectors(20)
    store.add_vectors([f"w{number}" for number in range(200)], random.standard_normal((200, 20)))
    return store


def pairs(found: NearestKeys, line: int) -> list[tuple[Any, float]]:
    """A line of a result in the form of most_similar()."""
    return list(zip(found.keys[line].tolist(), found.cosines[line].tolist(), strict=True))


def close(ours: list[tuple[Any, float]], expected: list[tuple[Any, float]]) -> None:
    assert [key for key, _ in ours] == [key for key, _ in expected]
    assert [score for _, score in ours] == pytest.approx([score for _, score in expected], abs=1e-6)


def test_nearest_to_keys_is_most_similar(kv: KeyedVectors) -> None:
    queries = ["w3", "w199", "w0", "w3"]
    found = kv.nearest(queries, 7)
    assert found.keys.shape == found.cosines.shape == (4, 7)
    assert found.cosines.dtype == np.float32
    for line, key in enumerate(queries):
        close(pairs(found, line), kv.most_similar(key, topn=7))
    assert found.rows.dtype == np.int64
    assert [[kv.index_to_key[row] for row in line] for line in found.rows] == found.keys.tolist()
    alone = kv.nearest(queries, 7, return_keys=False)
    assert alone.keys.shape == (4, 0)
    np.testing.assert_array_equal(alone.rows, found.rows)
    np.testing.assert_array_equal(alone.cosines, found.cosines)


def test_keys_of_any_kind_are_found() -> None:
    store = KeyedVectors(2)
    keys = [("a", "b"), ("c", "d"), 7, "word"]
    store.add_vectors(keys, np.array([[1, 0], [1, 0.1], [1, 0.5], [0, 1]]))
    found = store.nearest(np.array([[1.0, 0.0]]), 4)
    assert found.keys.tolist() == [keys]
    assert found.rows.tolist() == [[0, 1, 2, 3]]


def test_nearest_to_vectors(kv: KeyedVectors) -> None:
    vectors = np.random.default_rng(1).standard_normal((5, 20)) * 100
    found = kv.nearest(vectors)
    for line, vector in enumerate(vectors):
        close(pairs(found, line), kv.similar_by_vector(vector))
    close(pairs(kv.nearest(vectors[2]), 0), pairs(found, 2))
    listed = kv.nearest(list(vectors))
    np.testing.assert_array_equal(listed.keys, found.keys)


def test_one_key(kv: KeyedVectors) -> None:
    close(pairs(kv.nearest("w8"), 0), kv.most_similar("w8"))


def test_a_key_finds_itself_only_when_asked(kv: KeyedVectors) -> None:
    assert "w3" not in kv.nearest(["w3"], 200).keys
    found = kv.nearest(["w3"], 1, include_self=True)
    assert found.keys.tolist() == [["w3"]]
    assert found.rows.tolist() == [[3]]
    assert found.cosines[0, 0] == pytest.approx(1)
    assert kv.nearest(kv["w3"], 1).keys.tolist() == [["w3"]]


def test_candidates(kv: KeyedVectors) -> None:
    chosen = ["w150", "w7", "w9", "w7", "w3"]
    found = kv.nearest(["w3", "w4"], 3, candidates=chosen)
    for line, key in enumerate(["w3", "w4"]):
        expected = [pair for pair in kv.most_similar(key, topn=200) if pair[0] in chosen]
        close(pairs(found, line), expected[:3])
    first = kv.nearest(["w3"], 5, candidates=50)
    close(pairs(first, 0), kv.most_similar("w3", topn=5, restrict_vocab=50))
    assert kv.nearest(["w3"], 500, candidates=10**6).keys.shape == (1, 200)


def test_exclude_for_all(kv: KeyedVectors) -> None:
    best = [key for key, _ in kv.most_similar("w3", topn=12)]
    found = kv.nearest(["w3", "w4"], 10, exclude=best[:2])
    assert found.keys[0].tolist() == best[2:]
    assert not set(best[:2]) & set(found.keys[1])
    one = kv.nearest(["w3"], 10, exclude=best[0])
    assert one.keys[0].tolist() == best[1:11]


def test_exclude_for_each(kv: KeyedVectors) -> None:
    best = {key: [other for other, _ in kv.most_similar(key, topn=12)] for key in ("w3", "w4")}
    found = kv.nearest(["w3", "w4"], 10, exclude=[best["w3"][:2], [best["w4"][1]]])
    assert found.keys[0].tolist() == best["w3"][2:]
    assert found.keys[1].tolist() == best["w4"][:1] + best["w4"][2:11]
    with pytest.raises(ParameterError, match="1 lists of keys for 2 queries"):
        kv.nearest(["w3", "w4"], exclude=[["w5"]])


def test_what_is_missing_is_marked(kv: KeyedVectors) -> None:
    found = kv.nearest(["w3", "w9"], 3, candidates=["w3", "w4", "w5"], exclude=["w5"])
    assert found.keys[0].tolist() == ["w4", None, None]
    assert found.rows[0].tolist() == [4, -1, -1]
    assert np.isnan(found.cosines[0, 1:]).all()
    assert sorted(found.rows[1].tolist()) == [-1, 3, 4]
    assert set(found.keys[1].tolist()) == {None, "w3", "w4"}
    named = kv.nearest(["w3"], 2, candidates=["w3", "w4"])
    assert named.keys.tolist() == [["w4", None]]


def test_doubles_stay_doubles(kv: KeyedVectors) -> None:
    wide = KeyedVectors(20, dtype=np.float64)
    wide.add_vectors(kv.index_to_key, kv.vectors)
    found = wide.nearest(["w3"], 5)
    assert found.cosines.dtype == np.float64
    units = wide.get_normed_vectors()
    assert found.cosines[0].tolist() == pytest.approx(
        np.sort(np.delete(units @ units[3], 3))[:-6:-1].tolist(), abs=1e-14
    )


def test_memory_does_not_grow_with_queries_times_keys() -> None:
    random = np.random.default_rng(0)
    kv = KeyedVectors(8)
    kv.add_vectors(range(150_000), random.standard_normal((150_000, 8), dtype=np.float32))
    kv.fill_norms()
    queries = random.standard_normal((2_500, 8), dtype=np.float32)
    tracemalloc.start()
    try:
        kv.nearest(queries, 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 150_000 * 2_500 * 4 > 1_000 << 20
    assert peak < 256 << 20


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_most_similar(kv: KeyedVectors, method: str) -> None:
    a, b, c = ["w1", "w5", "w9"], ["w2", "w6", "w0"], ["w3", "w7", "w5"]
    single = {"add": kv.most_similar, "mul": kv.most_similar_cosmul}[method]
    found = kv.analogies(a, b, c, 6, method=method)
    for line in range(3):
        expected = single([b[line], c[line]], [a[line]], topn=6)
        ours = pairs(found, line)
        assert [key for key, _ in ours] == [key for key, _ in expected]
        assert [score for _, score in ours] == pytest.approx(
            [score for _, score in expected], rel=1e-4
        )
    restricted = kv.analogies(a, b, c, 4, candidates=40, method=method)
    expected = single([b[1], c[1]], [a[1]], topn=4, restrict_vocab=40)
    assert restricted.keys[1].tolist() == [key for key, _ in expected]


def test_one_key_serves_all_analogies(kv: KeyedVectors) -> None:
    found = kv.analogies("w1", "w2", ["w3", "w4", "w5"], 3)
    each = kv.analogies(["w1"] * 3, ["w2"] * 3, ["w3", "w4", "w5"], 3)
    np.testing.assert_array_equal(found.keys, each.keys)
    assert kv.analogies("w1", "w2", "w3", 3).keys.shape == (1, 3)


def test_more_words_than_a_block_of_questions_has(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(2)
    questions = [[f"w{row}" for row in random.integers(0, 200, 60)] for _ in range(3)]
    expected = kv.analogies(*questions, 4)
    monkeypatch.setattr("negw2v.search.nearest.BLOCK_WORDS", 20)
    found = kv.analogies(*questions, 4)
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_allclose(found.cosines, expected.cosines, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda kv: kv.nearest(["w1"], 0), ParameterError, "topn is 0"),
        (lambda kv: kv.nearest(["w1"], 2.5), InputTypeError, "topn is 2.5"),
        (lambda kv: kv.nearest([]), EmptyQueryError, "no queries"),
        (lambda kv: kv.nearest(np.empty((0, 20))), EmptyQueryError, "no queries"),
        (lambda kv: kv.nearest(np.ones((2, 19))), ParameterError, r"\(2, 19\).*\(n, 20\)"),
        (lambda kv: kv.nearest(np.full((1, 20), np.nan)), ParameterError, "NaN"),
        (lambda kv: kv.nearest(["w1", "w1000"]), KeyNotFoundError, "'w1000'.*'w100'"),
        (lambda kv: kv.nearest([[1.0, 2.0]]), InputTypeError, "numpy.ndarray of floats"),
        (lambda kv: kv.nearest(["w1"], candidates=[]), EmptyQueryError, "candidates"),
        (lambda kv: kv.nearest(["w1"], candidates=0), ParameterError, "candidates is 0"),
        (lambda kv: kv.nearest(["w1"], candidates=["x"]), KeyNotFoundError, "'x'"),
        (lambda kv: kv.nearest(["w1"], exclude=["x"]), KeyNotFoundError, "'x'"),
        (lambda kv: kv.analogies("w1", ["w2", "w3"], ["w4"] * 3), ParameterError, "1, 2, 3 keys"),
        (lambda kv: kv.analogies([], [], []), EmptyQueryError, "no questions"),
        (lambda kv: kv.analogies("w1", "w2", "w3", -1), ParameterError, "topn is -1"),
        (lambda kv: kv.analogies("w1", "w2", "w3", method="x"), ParameterError, "'x'.*'mul'"),
    ],
)
def test_bad_queries(kv: KeyedVectors, call: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call(kv)


@pytest.fixture(scope="module")
def clustered() -> KeyedVectors:
    """3,000 keys around 50 centres; do not change it."""
    pytest.importorskip("usearch", reason="an approximate index needs usearch (extra ann)")
    random = np.random.default_rng(0)
    centres = random.standard_normal((50, 16), dtype=np.float32)
    store = KeyedVectors(16)
    rows = centres[random.integers(0, 50, 3000)] + 0.5 * random.standard_normal((3000, 16))
    rows[7] = 0
    store.add_vectors([f"w{row}" for row in range(3000)], rows)
    return store


class TestApproximateIndex:
    """build_index() and load_index()."""

    def test_it_finds_nearly_all_with_exact_cosines(self, clustered: KeyedVectors) -> None:
        index = clustered.build_index()
        assert len(index) == 3000
        hits = 0
        for row in range(0, 3000, 100):
            exact = dict(clustered.most_similar(clustered[f"w{row}"], topn=10))
            found = clustered.most_similar(f"w{row}", topn=10, indexer=index)
            assert len(found) == 10
            assert found == sorted(found, key=lambda pair: -pair[1])
            for key, cosine in found:
                assert type(cosine) is float
                assert cosine == pytest.approx(clustered.similarity(f"w{row}", key), abs=1e-6)
                hits += key in exact
        assert hits > 0.95 * 300
        assert found[0][0] == "w2900"

    def test_it_is_saved_beside_the_vectors(self, clustered: KeyedVectors, tmp_path: Path) -> None:
        index = clustered.build_index(connectivity=8, expansion_add=64, dtype="f32")
        index.save(tmp_path / "index")
        again = clustered.load_index(tmp_path / "index")
        for key in ("w0", "w7", "w1234"):
            assert clustered.most_similar(key, indexer=again) == clustered.most_similar(
                key, indexer=index
            )

    def test_files_that_do_not_fit(self, clustered: KeyedVectors, tmp_path: Path) -> None:
        index = clustered.build_index()
        index.save(tmp_path / "index")
        with pytest.raises(ParameterError, match=r"\(3000, 16\), not \(2999, 16\)"):
            clustered.drop("w5").load_index(tmp_path / "index")
        with pytest.raises(ParameterError, match="there is no file"):
            clustered.load_index(tmp_path / "nothing")
        (tmp_path / "text").write_text("no index")
        with pytest.raises(ParameterError, match="text is not an index"):
            clustered.load_index(tmp_path / "text")
        with pytest.raises(ParameterError, match="16 dimensions"):
            index.most_similar(np.ones(3), 5)

    def test_gensim_takes_it_as_an_indexer(self, clustered: KeyedVectors) -> None:
        models = pytest.importorskip("gensim.models", reason="gensim is the yardstick")
        theirs = models.KeyedVectors(16)
        theirs.add_vectors(clustered.index_to_key, clustered.vectors)
        index = clustered.build_index()
        found = theirs.most_similar("w3", topn=5, indexer=index)
        assert found == clustered.most_similar("w3", topn=5, indexer=index)
