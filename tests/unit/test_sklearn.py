"""WordVectorizer: a transformer of scikit-learn."""

from __future__ import annotations

import importlib
import math
import sys
from typing import Any

import absence
import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import InputTypeError, MissingDependencyError, ParameterError

pytest.importorskip("sklearn", reason="the estimator is made for it")

from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from negw2v.sklearn import WordVectorizer

DOCUMENTS = [["a", "b", "b", "new"], ["a", "c"], ["new"], []]
WEIGHTS = {
    "mean": {"a": 1, "b": 1, "c": 1},
    "idf": {"a": math.log(5 / 3) + 1, "b": math.log(5 / 2) + 1, "c": math.log(5 / 2) + 1},
    "sif": {"a": 0.1 / (0.1 + 2 / 7), "b": 0.1 / (0.1 + 2 / 7), "c": 0.1 / (0.1 + 1 / 7)},
}


@pytest.fixture
def vectors() -> KeyedVectors:
    made = KeyedVectors(3)
    made.add_vectors(["a", "b", "c"], np.random.default_rng(1).normal(size=(3, 3)))
    return made


def sums(vectors: KeyedVectors, weights: dict[str, float], *, by_weight: bool) -> Any:
    """The specification: one word after the other."""
    result = np.zeros((len(DOCUMENTS), 3))
    for row, document in enumerate(DOCUMENTS):
        known = [word for word in document if word in weights]
        size = sum(weights[word] for word in known) if by_weight else len(known)
        for word in known:
            result[row] += weights[word] * vectors[word].astype(float) / size
    return result


@pytest.mark.parametrize("weighting", ["mean", "idf"])
def test_weighted_means(vectors: KeyedVectors, weighting: str) -> None:
    found = WordVectorizer(weighting=weighting, vectors=vectors).fit_transform(DOCUMENTS)
    wanted = sums(vectors, WEIGHTS[weighting], by_weight=True)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_sif_removes_the_first_component(vectors: KeyedVectors) -> None:
    found = WordVectorizer(weighting="sif", sif_a=0.1, vectors=vectors).fit_transform(DOCUMENTS)
    before = sums(vectors, WEIGHTS["sif"], by_weight=False)
    first = np.linalg.svd(before)[2][0]
    np.testing.assert_allclose(found, before - np.outer(before @ first, first), atol=1e-12)
    assert not found[2:].any()


def test_it_trains_vectors_and_twice_the_same(synthetic_sentences: list[list[str]]) -> None:
    estimator = WordVectorizer(vector_size=6, epochs=1, random_state=3)
    found = estimator.fit_transform(synthetic_sentences[:300])
    assert found.shape == (300, 6)
    np.testing.assert_array_equal(clone(estimator).fit_transform(synthetic_sentences[:300]), found)
    estimator.set_params(random_state=4)
    assert (estimator.fit_transform(synthetic_sentences[:300]) != found).any()


def test_names_and_tables_of_pandas(vectors: KeyedVectors) -> None:
    pytest.importorskip("pandas")
    estimator = WordVectorizer(vectors=vectors).set_output(transform="pandas")
    table = estimator.fit_transform(DOCUMENTS)
    names = ["wordvectorizer0", "wordvectorizer1", "wordvectorizer2"]
    assert estimator.get_feature_names_out().tolist() == names
    assert list(table.columns) == names
    assert len(table) == 4


def test_a_grid_search_over_a_pipeline(vectors: KeyedVectors) -> None:
    documents = [["a", "b"], ["b", "b"], ["c"], ["c", "c", "a"]] * 6
    labels = [0, 0, 1, 1] * 6
    pipeline = make_pipeline(WordVectorizer(vectors=vectors), LogisticRegression(C=100))
    grid = {"wordvectorizer__weighting": ["mean", "idf", "sif"]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise")
    search.fit(documents, labels)
    assert search.best_score_ == 1


def test_the_checks_of_scikit_learn() -> None:
    # Its further checks need matrices of numbers, which lists of words are not.
    with pytest.warns(SkipTestWarning, match="Can't test estimator"):
        check_estimator(WordVectorizer())


@pytest.mark.parametrize(
    ("parameters", "kind", "said"),
    [
        ({"weighting": "tf"}, ParameterError, "'tf'; it must be one of mean, idf, sif"),
        ({"sif_a": 0}, ParameterError, "sif_a is 0"),
        ({"vectors": {}}, InputTypeError, "vectors is of type dict"),
    ],
)
def test_parameters_that_make_no_sense(
    parameters: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        WordVectorizer(**parameters).fit(DOCUMENTS)


def test_documents_that_are_none(vectors: KeyedVectors) -> None:
    estimator = WordVectorizer(vectors=vectors)
    with pytest.raises(NotFittedError):
        estimator.transform(DOCUMENTS)
    with pytest.raises(ParameterError, match="there are no documents"):
        estimator.fit([])
    with pytest.raises(InputTypeError, match=r"document 1 is of type str.*split"):
        estimator.fit([["a"], "a b"])
    with pytest.raises(InputTypeError, match="that is no word"):
        estimator.fit([[["a"]]])
    with pytest.raises(InputTypeError, match="one text was given"):
        estimator.fit("a b")
    assert estimator.fit(DOCUMENTS).transform([]).shape == (0, 3)


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "negw2v.sklearn")
    absence.without(monkeypatch, "sklearn")
    with pytest.raises(MissingDependencyError, match="pip install scikit-learn"):
        importlib.import_module("negw2v.sklearn")
