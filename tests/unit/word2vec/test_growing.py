"""Growing: what becomes of old words after build_vocab(update=True), and `anchor`."""

from __future__ import annotations

import copy
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import DriftReport, Word2Vec
from negw2v.callbacks import CallbackAny2Vec
from negw2v.errors import InputTypeError, ModelFileError, ParameterError

Sentences = list[list[str]]

SETTINGS: dict[str, Any] = {"vector_size": 16, "min_count": 1, "seed": 3, "epochs": 2}
NEW = [["the", "metro", "of", "paris", "serves", "stations"]] * 40

OBJECTIVES: dict[str, dict[str, Any]] = {
    "sg ns": {"sg": 1},
    "cbow ns": {"sg": 0},
    "sg hs": {"sg": 1, "hs": 1, "negative": 0},
    "cbow hs": {"sg": 0, "hs": 1, "negative": 0},
    "paired": {"sg": 0, "paired_windows": True},
    "wide window": {"sg": 1, "window": 12},
    "copies of rows": {"sg": 1, "vector_size": 10},
}


@pytest.fixture(scope="module")
def sentences(synthetic_sentences: Sentences) -> Sentences:
    return synthetic_sentences[:600]


def grown(sentences: Sentences, **settings: Any) -> Word2Vec:
    model = Word2Vec(sentences, **{**SETTINGS, "workers": 1, **settings})
    model.build_vocab(NEW, update=True)
    return model


def train(model: Word2Vec, **settings: Any) -> DriftReport:
    model.train(NEW, **{"total_examples": len(NEW), "epochs": 3, **settings})
    drift = model.training_report.drift
    assert drift is not None
    return drift


def test_there_is_no_drift_without_an_update(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert model.training_report.drift is None
    assert model.training_report.to_dict()["drift"] is None
    assert "old words" not in str(model.training_report)


def test_the_report_says_how_far_each_old_word_moved(
    sentences: Sentences, caplog: pytest.LogCaptureFixture
) -> None:
    model = grown(sentences)
    before = {word: model.wv[word].copy() for word in model.wv.index_to_key}
    with caplog.at_level(logging.INFO, logger="negw2v"):
        drift = train(model)
    assert (drift.old_words, drift.new_words) == (len(before) - 2, 2)
    assert drift.anchor == 0
    assert set(drift.cosines) == set(before) - {"metro", "stations"}
    for word in ("paris", "the", "rome"):
        one, other = before[word], model.wv[word]
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert drift.cosines[word] == pytest.approx(cosine, abs=1e-6)
    assert drift.cosines["paris"] < 0.999
    assert drift.cosines["rome"] == 1
    assert drift.unmoved == drift.old_words - 4
    assert str(drift) in str(model.training_report)
    assert model.training_report.to_dict()["drift"] == drift.to_dict()
    assert f"mean {drift.mean:.3f}" in caplog.text


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_anchor_holds_old_words(objective: str, sentences: Sentences) -> None:
    models = [grown(sentences, **OBJECTIVES[objective]) for _ in range(3)]
    first = models[0].wv.vectors.copy()
    old = models[0].words_before_update
    free, half, held = (
        train(model, anchor=anchor) for model, anchor in zip(models, (None, 0.5, 1), strict=True)
    )
    assert free.mean < half.mean < held.mean
    assert held.unmoved == held.old_words
    assert (free.anchor, half.anchor, held.anchor) == (0, 0.5, 1)
    np.testing.assert_array_equal(models[2].wv.vectors[:old], first[:old])
    assert (models[2].wv.vectors[old:] != first[old:]).any(axis=1).all()


def test_zero_is_no_anchor(sentences: Sentences) -> None:
    one, other = grown(sentences), grown(sentences)
    assert train(one) == train(other, anchor=0)
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)


def test_an_anchor_is_that_of_one_call(sentences: Sentences) -> None:
    model = grown(sentences)
    assert train(model, anchor=1).mean == 1
    assert model.wv.vectors_lockf.tolist() == [1]
    assert train(model).mean < 1


def test_lock_factors_of_the_users_hold_in_addition(sentences: Sentences) -> None:
    one, other = grown(sentences), grown(sentences)
    rows = len(one.wv)
    one.wv.vectors_lockf = np.full(rows, 0.5, np.float32)
    train(one, anchor=0.5)
    other.wv.vectors_lockf = np.full(rows, 0.5, np.float32)
    other.wv.vectors_lockf[: other.words_before_update] = 0.25
    train(other)
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)
    assert set(one.wv.vectors_lockf.tolist()) == {0.5}


@pytest.mark.parametrize("hs", [0, 1])
def test_deterministic_training_with_an_anchor(hs: int, synthetic_sentences: Sentences) -> None:
    words = [[f"w{number}", *sentence] for number, sentence in enumerate(synthetic_sentences)]

    def trained(workers: int) -> Word2Vec:
        model = Word2Vec(
            words, **SETTINGS, deterministic=True, workers=workers, hs=hs, negative=5 * (1 - hs)
        )
        model.build_vocab(NEW, update=True)
        model.train(words + NEW, total_examples=len(words) + len(NEW), epochs=1, anchor=0.75)
        return model

    one, three = trained(1), trained(3)
    np.testing.assert_array_equal(one.wv.vectors, three.wv.vectors)
    assert one.training_report.drift == three.training_report.drift


def test_updates_without_training_between_them_are_one(sentences: Sentences) -> None:
    model = grown(sentences)
    old = model.words_before_update
    model.build_vocab([["tram"] * 5], update=True)
    drift = train(model)
    assert (drift.old_words, drift.new_words) == (old, 3)
    model.build_vocab([["ferry"] * 5], update=True)
    drift = train(model)
    assert (drift.old_words, drift.new_words) == (old + 3, 1)


def test_an_update_without_new_words_has_old_ones(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.build_vocab(sentences[:50], update=True)
    model.train(sentences[:50], total_examples=50, epochs=1)
    drift = model.training_report.drift
    assert drift is not None
    assert (drift.old_words, drift.new_words) == (len(model.wv), 0)


def test_a_vocabulary_that_is_built_in_steps_has_no_old_words(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS)
    model.build_vocab(sentences)
    model.build_vocab(NEW, update=True)
    for _ in range(2):
        model.train(NEW, total_examples=len(NEW), epochs=1)
        assert model.training_report.drift is None
    model.build_vocab([["tram"] * 5], update=True)
    assert train(model).new_words == 1
    model.build_vocab(sentences)  # a vocabulary of its own
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert model.training_report.drift is None


def test_counts_can_be_the_update(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.build_vocab_from_freq({"metro": 40, "paris": 40}, update=True)
    assert train(model, anchor=0.5).new_words == 1


def test_reset_from_forgets_old_words(sentences: Sentences) -> None:
    model = grown(sentences)
    model.reset_from(Word2Vec(sentences, **SETTINGS))
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert model.training_report.drift is None


@pytest.mark.parametrize(
    ("anchor", "error", "message"),
    [
        (1.5, ParameterError, "anchor must be from 0 to 1, got 1.5; 1 holds the words"),
        (-0.1, ParameterError, "anchor must be finite and at least 0, got -0.1"),
        (float("nan"), ParameterError, "anchor must be finite"),
        ("paris", InputTypeError, "anchor must be a number, got 'paris'"),
    ],
)
def test_impossible_anchors(
    anchor: Any, error: type[Exception], message: str, sentences: Sentences
) -> None:
    model = grown(sentences)
    before = model.wv.vectors.copy()
    with pytest.raises(error, match=message):
        train(model, anchor=anchor)
    np.testing.assert_array_equal(model.wv.vectors, before)


def test_an_anchor_needs_old_words(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    with pytest.raises(ParameterError, match=r"anchor=0.5 .* no vocabulary of trained words was"):
        model.train(sentences, total_examples=len(sentences), epochs=1, anchor=0.5)


def test_files_keep_which_words_are_old(sentences: Sentences, tmp_path: Path) -> None:
    model = grown(sentences)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert train(loaded, anchor=0.5) == train(model, anchor=0.5)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    assert copy.deepcopy(model).words_before_update == loaded.words_before_update > 0


def test_models_of_gensims_grow_too(sentences: Sentences) -> None:
    pytest.importorskip("gensim", reason="makes the model")
    model = Word2Vec.from_gensim(Word2Vec(sentences, **SETTINGS).to_gensim())
    model.build_vocab(NEW, update=True)
    assert train(model, anchor=1).mean == 1


class Stops(CallbackAny2Vec):
    """Ends training within its second epoch."""

    def on_epoch_begin(self, model: Word2Vec) -> None:
        if model.epochs_begun == SETTINGS["epochs"] + 2:
            raise KeyboardInterrupt


def test_resumed_training_has_the_same_anchor_and_report(
    sentences: Sentences, tmp_path: Path
) -> None:
    whole, stopped = grown(sentences), grown(sentences)
    expected = train(whole, anchor=0.5)
    with pytest.raises(KeyboardInterrupt):
        train(stopped, anchor=0.5, checkpoint=tmp_path / "file", callbacks=[Stops()])
    partial = stopped.training_report.drift
    assert partial is not None
    assert expected.mean < partial.mean < 1
    for _ in range(2):  # the second time, training was over
        resumed = Word2Vec.resume(tmp_path / "file", NEW)
        np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
        assert resumed.training_report.drift == expected


def test_a_damaged_checkpoint_is_refused(sentences: Sentences, tmp_path: Path) -> None:
    path = tmp_path / "file"
    train(grown(sentences), anchor=0.5, checkpoint=path)
    content = path.read_bytes()
    assert content.count(rb"\"anchor\":0.5") == 1
    path.write_bytes(content.replace(rb"\"anchor\":0.5", rb"\"anchor\":9.5"))
    with pytest.raises(ModelFileError, match="the state of training is damaged"):
        Word2Vec.resume(path, NEW)
