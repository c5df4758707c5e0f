"""KeyedVectors: what it holds, what it refuses, and where it goes beyond gensim."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from negw2v.errors import (
    InputTypeError,
    KeyNotFoundError,
    MissingDependencyError,
    NegW2VWarning,
    ParameterError,
)
from negw2v.kernels.problem import aligned_matrix
from negw2v.keyedvectors import KeyedVectors

WORDS = ["king", "queen", "man", "woman", "apple", "orange", "zero"]


# keys


def test_unknown_key_names_close_spellings(kv: KeyedVectors) -> None:
    with pytest.raises(KeyNotFoundError) as error:
        kv["womann"]
    assert str(error.value) == "Key 'womann' not present; close spellings: 'woman'"
    assert error.value.args == ("Key 'womann' not present",)


def test_close_spellings_are_at_most_three_and_ignore_case() -> None:
    kv = KeyedVectors(1)
    kv.add_vectors(["Houses", "house", "horse", "mouse", "blouse", "x"], np.ones((6, 1)))
    with pytest.raises(KeyNotFoundError) as error:
        kv.similarity("HOUSE", "x")
    assert str(error.value).endswith("; close spellings: 'house', 'Houses', 'mouse'")


def test_no_close_spelling_is_made_up(kv: KeyedVectors) -> None:
    for key in ("qqqqqqqqqq", -5, (1, 2)):
        with pytest.raises(KeyNotFoundError) as error:
            kv.get_index(key)
        assert str(error.value) == f"Key {key!r} not present"


def test_unknown_key_survives_pickling(kv: KeyedVectors) -> None:
    with pytest.raises(KeyNotFoundError) as error:
        kv["womann"]
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_spellings_are_looked_for_only_when_the_error_is_shown(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr("negw2v.search.spelling.hint", lambda *args: calls.append(args) or "!")
    with pytest.raises(KeyNotFoundError) as error:
        kv["womann"]
    assert not calls
    assert str(error.value).endswith("!")
    assert len(calls) == 1


# vectors


def test_vectors_are_read_only(kv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="read-only"):
        kv["king"][0] = 1
    assert kv.vectors.flags.writeable


def test_slices_and_ranges(kv: KeyedVectors) -> None:
    np.testing.assert_array_equal(kv[1:3], kv.vectors[1:3])
    np.testing.assert_array_equal(kv[range(4)], kv.vectors[:4])
    np.testing.assert_array_equal(kv[np.array(["man", "king"])], kv.vectors[[2, 0]])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_by_key(kv: KeyedVectors, value: float) -> None:
    rows = np.ones((2, 5))
    rows[1, 2] = value
    before = kv.vectors.copy()
    with pytest.raises(ParameterError, match=r"'bad'.*allow_nonfinite"):
        kv.add_vectors(["good", "bad"], rows)
    with pytest.raises(ParameterError, match="'bad'"):
        kv["bad"] = rows[1]
    with pytest.raises(ParameterError, match="'bad'"), pytest.warns(NegW2VWarning):
        kv.add_vector("bad", rows[1])
    assert kv.index_to_key == WORDS
    np.testing.assert_array_equal(kv.vectors, before)
    kv.add_vectors(["good", "bad"], rows, allow_nonfinite=True)
    assert not np.isfinite(kv["bad"]).all()
    found = kv.most_similar("good", topn=100)
    assert {key for key, _ in found} == set(WORDS)
    with pytest.raises(ParameterError, match="NaN"):
        kv.most_similar("bad")


def test_keys_given_twice_are_refused(kv: KeyedVectors) -> None:
    with pytest.raises(ParameterError, match="'new' is given more than once"):
        kv.add_vectors(["new", "other", "new"], np.ones((3, 5)))
    assert kv.index_to_key == WORDS


def test_extras_are_stored(kv: KeyedVectors) -> None:
    kv.add_vectors(["pear", "king"], np.ones((2, 5)), extras={"count": np.array([7, 99])})
    assert kv.get_vecattr("pear", "count") == 7
    assert kv.get_vecattr("king", "count") == 10
    kv.add_vectors(["pear"], np.zeros((1, 5)), extras={"count": np.array([8])}, replace=True)
    assert kv.get_vecattr("pear", "count") == 8
    assert not kv["pear"].any()
    with pytest.raises(ParameterError, match=r"'count'.* 1 values for 2 keys"):
        kv.add_vectors(["u", "v"], np.ones((2, 5)), extras={"count": np.array([7])})


def test_norms_follow_every_change(kv: KeyedVectors) -> None:
    def norms() -> list[float]:
        kv.fill_norms()
        return kv.norms.tolist()

    norms()
    kv["king"] = np.array([3, 4, 0, 0, 0.0])
    assert norms()[0] == 5
    kv.add_vectors(["new"], np.full((1, 5), 2))
    assert norms()[-1] == pytest.approx(20**0.5)
    kv.vectors = np.ones((len(kv), 5))
    assert norms() == pytest.approx([5**0.5] * len(kv))
    kv.expandos["count"][3] = 1000
    kv.vectors[3] = 0
    kv.sort_by_descending_frequency()
    assert norms()[0] == 0
    kv.vectors[0] = [1, 0, 0, 0, 0]
    assert norms()[0] == 0
    kv.fill_norms(force=True)
    assert norms()[0] == 1
    kv.index_to_key.append("one more")
    kv.resize_vectors()
    assert len(norms()) == len(kv)


def test_resizing_keeps_rows() -> None:
    kv = KeyedVectors(3)
    kv.index_to_key = list("abc")
    kv.resize_vectors(seed=1)
    first = kv.vectors.copy()
    assert (np.abs(first) <= 1 / 3).all()
    assert kv.vectors.flags.carray
    kv.index_to_key = list("abcdefg")
    kv.resize_vectors(seed=2)
    np.testing.assert_array_equal(kv.vectors[:3], first)
    other = KeyedVectors(3)
    other.index_to_key = list("abcdefg")
    other.resize_vectors(seed=2)
    np.testing.assert_array_equal(kv.vectors[3:], other.vectors[3:])
    before = kv.vectors
    kv.resize_vectors(seed=3)
    assert kv.vectors is before


def test_padded_rows_are_searched_in_place(kv: KeyedVectors) -> None:
    padded = aligned_matrix(len(kv), 5)
    padded[:, :5] = kv.vectors
    expected = kv.most_similar("king"), kv.nearest(WORDS, 3)
    kv.vectors = padded[:, :5]
    assert kv.most_similar("king") == expected[0]
    np.testing.assert_array_equal(kv.nearest(WORDS, 3).keys, expected[1].keys)
    assert kv.vectors.base is not None


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_any_array_may_replace_the_vectors(kv: KeyedVectors, dtype: Any, order: Any) -> None:
    expected = [key for key, _ in kv.most_similar("king")]
    kv.vectors = kv.vectors.astype(dtype, order=order)
    assert [key for key, _ in kv.most_similar("king")] == expected
    assert kv.nearest(["king"], 6).keys[0].tolist() == expected
    everything = kv.most_similar("king", topn=None)
    assert everything[1:].tolist() == pytest.approx(
        [dict(kv.most_similar("king"))[word] for word in WORDS[1:]], abs=2e-3
    )


def test_as_array(kv: KeyedVectors) -> None:
    assert np.asarray(kv) is kv.vectors
    assert np.array(kv) is not kv.vectors
    doubles = np.asarray(kv, dtype=np.float64)
    assert doubles.dtype == np.float64
    np.testing.assert_array_equal(doubles, kv.vectors)
    np.testing.assert_array_equal(np.zeros(5) + kv, kv.vectors)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="copy= is of NumPy 2")
def test_as_array_without_a_copy(kv: KeyedVectors) -> None:
    assert np.asarray(kv, copy=False) is kv.vectors
    with pytest.raises(ParameterError, match="needs a copy"):
        np.asarray(kv, dtype=np.float64, copy=False)


def test_copies_are_independent(kv: KeyedVectors) -> None:
    for twin in (copy.deepcopy(kv), pickle.loads(pickle.dumps(kv))):
        assert twin.most_similar("king") == kv.most_similar("king")
        twin["king"] = np.ones(5)
        twin.set_vecattr("king", "count", 0)
        assert not (kv["king"] == 1).all()
        assert kv.get_vecattr("king", "count") == 10


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ParameterError, "vector_size=0"),
        ((-3,), ParameterError, "vector_size=-3"),
        ((3, -1), ParameterError, "count=-1"),
        ((2.5,), InputTypeError, "2.5"),
        (("3",), InputTypeError, "'3'"),
        ((True,), InputTypeError, "True"),
    ],
)
def test_sizes_that_make_no_sense(arguments: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        KeyedVectors(*arguments)


@pytest.mark.parametrize(
    ("keys", "rows", "message"),
    [
        (["a"], np.ones((1, 4)), r"\(1, 4\) were given for 1 keys; \(1, 5\)"),
        (["a", "b"], np.ones((1, 5)), r"\(1, 5\) were given for 2 keys"),
        (["a"], np.ones((2, 5)), r"\(2, 5\) were given for 1 keys"),
        ("a", np.ones(4), r"\(1, 4\) were given for 1 keys"),
    ],
)
def test_shapes_that_do_not_fit(kv: KeyedVectors, keys: Any, rows: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        kv.add_vectors(keys, rows)
    assert kv.index_to_key == WORDS


def test_attributes(kv: KeyedVectors) -> None:
    kv.set_vecattr("king", "tag", "noun")
    kv.set_vecattr("queen", "weight", 0.5)
    assert kv.get_vecattr("king", "tag") == "noun"
    assert kv.get_vecattr("man", "tag") == 0
    assert type(kv.get_vecattr("queen", "weight")) is float
    assert type(kv.get_vecattr("queen", "count")) is int
    with pytest.raises(InputTypeError, match="'count' is stored as int64"):
        kv.set_vecattr("king", "count", 1.5)
    with pytest.raises(KeyNotFoundError, match="'tags'; stored are: 'count', 'tag', 'weight'"):
        kv.get_vecattr("king", "tags")
    kv.index_to_key += ["a", "b"]
    kv.allocate_vecattrs()
    assert {len(values) for values in kv.expandos.values()} == {9}


def test_lifecycle_events(kv: KeyedVectors) -> None:
    kv.add_lifecycle_event("tested", detail=3)
    (event,) = kv.lifecycle_events
    assert (event["event"], event["detail"]) == ("tested", 3)
    assert {"datetime", "negw2v", "python", "platform"} < set(event)
    kv.lifecycle_events = None
    kv.add_lifecycle_event("not recorded")
    assert kv.lifecycle_events is None


# zero vectors


# results


# selections


def test_subset_and_drop(kv: KeyedVectors) -> None:
    part = kv.subset(["apple", "king", "apple"])
    assert part.index_to_key == ["apple", "king"]
    assert part.key_to_index == {"apple": 0, "king": 1}
    assert part.get_vecattr("apple", "count") == 6
    np.testing.assert_array_equal(part["king"], kv["king"])
    rest = kv.drop(["apple", "king"])
    assert rest.index_to_key == ["queen", "man", "woman", "orange", "zero"]
    assert rest.expandos["count"].tolist() == [9, 8, 7, 5, 4]
    np.testing.assert_array_equal(rest["zero"], np.zeros(5))
    assert kv.index_to_key == WORDS
    part["king"] = np.ones(5)
    assert not (kv["king"] == 1).all()
    assert len(kv.subset([])) == 0
    assert len(kv.drop("king")) == 6
    for call in (kv.subset, kv.drop):
        with pytest.raises(KeyNotFoundError, match=r"'kings'.*'king'"):
            call(["kings"])


def test_to_pandas(kv: KeyedVectors) -> None:
    pandas = pytest.importorskip("pandas")
    frame = kv.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.index.tolist() == WORDS
    assert frame.index.name == "key"
    np.testing.assert_array_equal(frame.loc["man"].to_numpy(), kv["man"])
    frame.iloc[0] = 0
    assert kv["king"].any()


@pytest.mark.parametrize(
    ("package", "call", "hint"),
    [
        ("pandas", lambda kv: kv.to_pandas(), "pip install pandas"),
        ("ot", lambda kv: kv.wmdistance(["king"], ["man"]), r"negw2v\[wmd\]"),
        ("usearch", lambda kv: kv.build_index(), r"negw2v\[ann\]"),
    ],
)
def test_missing_packages_are_named(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch, package: str, call: Any, hint: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=hint):
        call(kv)


def test_vectors_for_all_with_int_keys() -> None:
    kv = KeyedVectors(1)
    kv.add_vectors([5, 3, 9, 1], np.arange(4).reshape(-1, 1))
    part = kv.vectors_for_all([9, 5, 77, 9, 1])
    assert part.index_to_key == [9, 5, 1]
    assert part.vectors.ravel().tolist() == [2, 0, 3]
    assert kv.vectors_for_all([0, 1], allow_inference=False).index_to_key == [1]


# --- what is given for keys -------------------------------------------------------------


SEVERAL: dict[str, Callable[[KeyedVectors, Any], Any]] = {
    "doesnt_match": lambda kv, words: kv.doesnt_match(words),
    "rank_by_centrality": lambda kv, words: kv.rank_by_centrality(words),
    "n_similarity": lambda kv, words: kv.n_similarity(words, ["king"]),
    "n_similarity, second": lambda kv, words: kv.n_similarity(["king"], words),
    "distances": lambda kv, words: kv.distances("king", words),
    "most_similar_to_given": lambda kv, words: kv.most_similar_to_given("king", words),
    "get_mean_vector": lambda kv, words: kv.get_mean_vector(words),
    "wmdistance": lambda kv, words: kv.wmdistance(["king"], words),
}


@pytest.mark.parametrize("method", SEVERAL)
@pytest.mark.parametrize("given", ["king man woman", b"king man woman", "king", 0])
def test_a_text_is_not_taken_for_a_list_of_its_letters(method: str, given: Any) -> None:
    if method == "wmdistance":
        pytest.importorskip("ot")
    letters = KeyedVectors(3)
    letters.add_vectors([*"kingmawo ", "king"], np.random.default_rng(1).random((9 + 1, 3)))
    with pytest.raises(InputTypeError, match="several keys are needed") as caught:
        SEVERAL[method](letters, given)
    if given == "king man woman":
        assert str(caught.value).endswith("for example ['king', 'man', 'woman']")
    SEVERAL[method](letters, ["king", "k"])


def test_bytes_are_one_key_and_not_row_numbers(kv: KeyedVectors) -> None:
    for call in (
        lambda: kv[b"king"],
        lambda: kv.most_similar(b"king"),
        lambda: kv.most_similar(positive=["man"], negative=b"king"),
        lambda: kv.nearest(b"king"),
        lambda: kv.subset(b"king"),
    ):
        with pytest.raises(KeyNotFoundError, match="b'king' not present; there is the str 'king'"):
            call()
    kv.add_vectors([b"\0\1"], [[1, 2, 3, 4, 5]])
    assert kv[b"\0\1"].tolist() == [1, 2, 3, 4, 5]


def test_distances_to_a_few_keys_do_not_compute_the_lengths_of_all() -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b", "c"], [[3, 4], [0, 2], [5, 0]])
    before = kv.distances("a", ["b", "c"])
    assert kv.norms is None
    kv.fill_norms()
    np.testing.assert_array_equal(kv.distances("a", ["b", "c"]), before)
    np.testing.assert_allclose(before, [0.2, 0.4], rtol=1e-6)


def test_the_values_of_attributes_are_pythons() -> None:
    kv = KeyedVectors(1)
    kv.add_vectors(["a", "b"], [[1], [2]])
    kv.expandos["count"] = np.array([3, 4])
    kv.expandos["weights"] = np.array([[1, 2], [3, 4]])
    kv.expandos["names"] = np.array(["x", np.float32(2)], dtype=object)
    assert type(kv.get_vecattr("b", "count")) is int
    assert kv.get_vecattr("b", "weights").tolist() == [3, 4]
    assert kv.get_vecattr("a", "names") == "x"
    assert type(kv.get_vecattr("b", "names")) is float


def test_a_mean_asks_a_subclass_for_each_vector() -> None:
    class Doubled(KeyedVectors):
        def get_vector(self, key: Any, norm: bool = False) -> np.ndarray:
            return 2 * super().get_vector(key, norm)

    plain, doubled = KeyedVectors(2), Doubled(2)
    for store in (plain, doubled):
        store.add_vectors(["a", "b"], [[3, 4], [0, 2]])
    for given in (["a", "b"], ["b", "a", "b"]):
        mean = plain.get_mean_vector(given, pre_normalize=False)
        found = doubled.get_mean_vector(given, pre_normalize=False)
        np.testing.assert_allclose(found, 2 * mean)


@pytest.mark.parametrize("normalize", [True, False])
def test_a_mean_of_keys_is_that_of_their_vectors(normalize: bool) -> None:
    """Many or few, unknown ones, rows of zeros, and weights."""
    random = np.random.default_rng(3)
    store = KeyedVectors(5)
    store.add_vectors([f"w{row}" for row in range(40)], random.standard_normal((40, 5)))
    store["w7"] = np.zeros(5)
    for count in (1, 3, 16, 17, 39):
        keys = [f"w{row}" for row in random.integers(0, 40, count)] + ["w7", "unknown", 3]
        weights = random.standard_normal(count + 3)
        known = [place for place, key in enumerate(keys) if key != "unknown"]
        vectors = [store.get_vector(keys[place], norm=normalize) for place in known]
        expected = weights[known] @ np.array(vectors, float) / np.abs(weights[known]).sum()
        found = store.get_mean_vector(keys, weights, pre_normalize=normalize)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    with pytest.raises(KeyError, match="unknown"):
        store.get_mean_vector(["w1", "unknown"], ignore_missing=False)
    assert not store.get_mean_vector(["unknown"]).any()
