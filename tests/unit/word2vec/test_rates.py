"""alpha="auto": which rate it is, when it is chosen, what is stored and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import Word2Vec
from negw2v.errors import InputTypeError
from negw2v.word2vec.rates import suitable

SMALL: dict[str, Any] = {"vector_size": 8, "min_count": 1, "epochs": 2, "workers": 1, "seed": 3}

RATES = [
    ({"sg": 1}, 0.05),
    ({}, 0.075),
    ({"corrected_cbow": True}, 0.15),
    ({"cbow_mean": 0}, 0.025),
    ({"sg": 1, "hs": 1, "negative": 0}, 0.025),
    ({"hs": 1, "negative": 0}, 0.05),
    ({"corrected_cbow": True, "hs": 1, "negative": 0}, 0.15),
    ({"hs": 1, "negative": 5}, 0.05),
]


@pytest.mark.parametrize(("parameters", "expected"), RATES)
def test_automatic_is_the_rate_that_the_documentation_names(
    parameters: dict[str, Any], expected: float, synthetic_sentences: list[list[str]]
) -> None:
    sentences = synthetic_sentences[:100]
    automatic = Word2Vec(sentences, alpha="auto", min_alpha="auto", **SMALL, **parameters)
    named = Word2Vec(sentences, alpha=expected, min_alpha=0.0001, **SMALL, **parameters)
    np.testing.assert_array_equal(automatic.wv.vectors, named.wv.vectors)
    assert automatic.alpha == expected
    assert automatic.min_alpha == 0.0001


def test_it_is_chosen_when_training_begins(synthetic_sentences: list[list[str]]) -> None:
    sentences = synthetic_sentences[:100]
    model = Word2Vec(alpha="auto", **SMALL)
    assert model.get_params()["alpha"] == "auto"
    model.set_params(sg=1)
    model.build_vocab(sentences)
    assert model.alpha == "auto"
    model.train(sentences, total_examples=model.corpus_count, epochs=1)
    assert model.alpha == 0.05


def test_rates_of_train_come_first(synthetic_sentences: list[list[str]]) -> None:
    sentences = synthetic_sentences[:100]
    model = Word2Vec(alpha="auto", **SMALL)
    model.build_vocab(sentences)
    model.train(sentences, total_examples=100, epochs=1, start_alpha=0.01, end_alpha=0.001)
    assert (model.alpha, model.min_alpha) == (0.01, 0.001)


def test_it_is_saved(tmp_path: Path, synthetic_sentences: list[list[str]]) -> None:
    model = Word2Vec(alpha="auto", **SMALL)
    model.build_vocab(synthetic_sentences[:100])
    model.save(str(tmp_path / "m"))
    assert Word2Vec.load(str(tmp_path / "m")).alpha == "auto"


def test_gensim_is_given_a_number(synthetic_sentences: list[list[str]]) -> None:
    pytest.importorskip("gensim", reason="to_gensim() makes one of its objects")
    model = Word2Vec(alpha="auto", min_alpha="auto", **SMALL)
    model.build_vocab(synthetic_sentences[:100])
    converted = model.to_gensim()
    assert (converted.alpha, converted.min_alpha) == (0.075, 0.0001)


@pytest.mark.parametrize("wrong", ["automatic", "", "0.05"])
@pytest.mark.parametrize("name", ["alpha", "min_alpha"])
def test_other_words_are_refused(name: str, wrong: str) -> None:
    with pytest.raises(InputTypeError, match=f"{name} must be a number, got {wrong!r}.*'auto'"):
        Word2Vec(**{name: wrong})


@pytest.mark.parametrize("name", ["start_alpha", "end_alpha"])
def test_train_takes_numbers_alone(name: str, synthetic_sentences: list[list[str]]) -> None:
    model = Word2Vec(**SMALL)
    model.build_vocab(synthetic_sentences[:100])
    with pytest.raises(InputTypeError, match=name):
        model.train(synthetic_sentences[:100], total_examples=100, epochs=1, **{name: "auto"})


def test_both_objectives_take_the_lower_rate() -> None:
    both = suitable(sg=1, hs=1, negative=5, cbow_mean=1, corrected_cbow=False)
    assert both == 0.025


@pytest.mark.parametrize(
    ("parameters", "advised"),
    [
        ({}, "0.075"),
        ({"corrected_cbow": True}, "0.15"),
        ({"alpha": 0.05}, None),
        ({"alpha": "auto"}, None),
        ({"sg": 1}, None),
        ({"cbow_mean": 0}, None),
    ],
)
def test_the_report_advises_where_the_default_is_low(
    parameters: dict[str, Any], advised: str | None, synthetic_sentences: list[list[str]]
) -> None:
    model = Word2Vec(synthetic_sentences[:100], **SMALL, **parameters)
    report = model.training_report
    if advised is None:
        assert report.advice == ""
        assert "advice" not in str(report)
    else:
        assert f"alpha='auto' takes {advised}" in report.advice
        assert report.advice in str(report)
