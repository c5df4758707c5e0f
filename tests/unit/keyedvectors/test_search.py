"""Queries of one KeyedVectors: order, restrictions, indexers, bad arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from negw2v.errors import (
    EmptyQueryError,
    InputTypeError,
    KeyNotFoundError,
    ParameterError,
)
from negw2v.keyedvectors import KeyedVectors


def test_zero_vectors_have_cosine_zero(kv: KeyedVectors) -> None:
    assert kv.similarity("zero", "king") == 0
    assert kv.similarity("zero", "zero") == 0
    assert kv.distance("zero", "king") == 1
    assert kv.distances("king")[-1] == 1
    assert kv.distances("zero").tolist() == [1] * 7
    assert kv.n_similarity(["zero"], ["king"]) == 0
    assert dict(kv.most_similar("king"))["zero"] == 0
    assert kv.most_similar("zero", topn=None).tolist() == [0] * 7
    assert [score for _, score in kv.most_similar("zero")] == [0] * 6
    assert not kv.nearest(["zero"], 3).cosines.any()
    assert kv.get_vector("zero", norm=True).tolist() == [0] * 5
    assert not kv.get_normed_vectors()[-1].any()
    assert kv.cosine_similarities(np.zeros(5), kv.vectors).tolist() == [0] * 7
    assert all(np.isfinite(score) for _, score in kv.most_similar_cosmul("king", "zero"))
    assert np.isfinite([score for score, _ in kv.rank_by_centrality(["zero", "king"])]).all()
    kv.unit_normalize_all()
    assert np.linalg.norm(kv.vectors, axis=1) == pytest.approx([1] * 6 + [0])
    assert dict(kv.most_similar("king"))["zero"] == 0


def test_equal_cosines_come_in_the_order_of_the_vocabulary() -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(list("abcdefgh"), np.array([[1, 0], [1, 1]] * 4))
    assert [key for key, _ in kv.most_similar("a", topn=5)] == list("cegbd")
    assert [key for key, _ in kv.most_similar("a", topn=7)] == list("cegbdfh")
    assert kv.nearest(["a"], 5).keys.tolist() == [list("cegbd")]
    assert [key for key, _ in kv.most_similar_cosmul("a", topn=5)] == list("cegbd")


def test_results_show_no_scalar_of_numpy(kv: KeyedVectors) -> None:
    pairs = np.array(["king", "man"])
    results = [
        kv.most_similar("king"),
        kv.most_similar(pairs, topn=np.int64(3)),
        kv.most_similar_cosmul("king", "man"),
        kv.similar_by_vector([1, 2, 3, 4, 5]),
        kv.similarity("king", "man"),
        kv.distance("king", "man"),
        kv.n_similarity(["king"], ["man", "apple"]),
        kv.rank_by_centrality(kv.index_to_key),
        kv.relative_cosine_similarity("king", "man"),
        kv.rank("king", "man"),
        kv.closer_than("king", "man"),
        kv.get_vecattr("king", "count"),
        kv.get_index(np.int64(3)),
    ]
    added = KeyedVectors(5)
    added.add_vectors(np.array(kv.index_to_key), kv.vectors)
    results.append(added.most_similar("king"))
    results.append(added.index_to_key)
    assert "np." not in repr(results)


def test_the_indexer_is_given_the_query(kv: KeyedVectors) -> None:
    class Indexer:
        def most_similar(self, vector: np.ndarray, topn: int) -> Any:
            return vector, topn

    vector, topn = kv.most_similar("king", topn=4, indexer=Indexer())
    np.testing.assert_allclose(vector, kv.get_vector("king", norm=True), rtol=1e-6)
    assert topn == 4
    assert kv.most_similar("king", topn=0, indexer=Indexer()) == []
    assert kv.most_similar("king", topn=None, indexer=Indexer()).shape == (7,)


def test_restriction_counts_for_cosmul_too(kv: KeyedVectors) -> None:
    found = kv.most_similar_cosmul("king", "man", restrict_vocab=5)
    assert {key for key, _ in found} == {"queen", "woman", "apple"}
    assert kv.most_similar_cosmul("king", topn=None, restrict_vocab=5).shape == (5,)


def test_rows_stand_for_keys_in_cosmul() -> None:
    kv = KeyedVectors(2)
    kv.add_vectors([10, 20, 30], np.array([[1, 0], [1, 1], [0, 1.0]]))
    assert kv.most_similar_cosmul(10) == kv.most_similar_cosmul([kv[10]])[1:]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda kv: kv.n_similarity("king", ["man"]), InputTypeError, r"\['king'\]"),
        (lambda kv: kv.get_mean_vector("king"), InputTypeError, "several keys"),
        (lambda kv: kv.get_mean_vector([]), EmptyQueryError, "at least one"),
        (lambda kv: kv.get_mean_vector([np.ones(4)]), ParameterError, r"\(4,\).*5 dimensions"),
        (lambda kv: kv.most_similar(), EmptyQueryError, "at least one"),
        (lambda kv: kv.most_similar([("king", "heavy")]), ParameterError, "'heavy'.*'king'"),
        (lambda kv: kv.most_similar([("king", 1, 2)]), InputTypeError, "a pair"),
        (lambda kv: kv.most_similar(3.5), InputTypeError, "3.5"),
        (lambda kv: kv.most_similar("king", topn=1.5), InputTypeError, "topn is 1.5"),
        (lambda kv: kv.most_similar([np.full(5, np.nan)]), ParameterError, "NaN"),
        (lambda kv: kv.most_similar_cosmul([], "king"), EmptyQueryError, "positive"),
        (lambda kv: kv.distances(np.ones((2, 5))), ParameterError, r"\(2, 5\)"),
        (lambda kv: kv.distances(["king"]), InputTypeError, "'king'"),
        (lambda kv: kv.most_similar_to_given("king", []), EmptyQueryError, "keys_list"),
        (lambda kv: kv.wmdistance("king", ["man"]), InputTypeError, "split"),
        (lambda kv: kv[[]], EmptyQueryError, "at least one"),
    ],
)
def test_bad_queries(kv: KeyedVectors, call: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call(kv)


def test_wmdistance_of_equal_vectors_is_zero() -> None:
    pytest.importorskip("ot")
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b", "c"], np.array([[1, 2], [1, 2], [5, 5]]))
    assert kv.wmdistance(["a"], ["b"]) == 0
    assert kv.wmdistance(["a", "c"], ["c", "b"]) == pytest.approx(0, abs=1e-12)
    assert kv.wmdistance(["a"], ["c"], norm=False) == pytest.approx(5)
    assert kv.wmdistance(["a", "a", "c", "c"], ["c"], norm=False) == pytest.approx(2.5)


def test_a_vector_that_is_no_array_is_told_from_keys(kv: KeyedVectors) -> None:
    for call in (
        lambda: kv[[1.0, 2.0, 3.0, 4.0, 5.0]],
        lambda: kv[np.ones(5)],
        lambda: kv.nearest([1.0, 2.0, 3.0, 4.0, 5.0]),
        lambda: kv.get_mean_vector([1.0], ignore_missing=False),
        lambda: kv.get_vector(1.0),
    ):
        with pytest.raises(KeyNotFoundError, match=r"give it as a numpy\.ndarray of floats"):
            call()
    for call in (
        lambda: kv.most_similar([1.0, 2.0, 3.0, 4.0, 5.0]),
        lambda: kv.most_similar(positive=[[1.0, 2.0, 3.0, 4.0, 5.0]]),
        lambda: kv.distances([1.0, 2.0]),
        lambda: kv[[["king"]]],
        lambda: kv.similarity(["king"], "man"),
        lambda: kv.similarity(np.ones(5), "man"),
        lambda: ["king"] in kv,
        lambda: kv.get_index({}),
    ):
        with pytest.raises((InputTypeError, ParameterError)):
            call()
