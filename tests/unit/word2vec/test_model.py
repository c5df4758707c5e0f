"""A model as an object: copies, subclasses, reports, callbacks, logs, scores."""

from __future__ import annotations

import copy
import io
import itertools
import logging
import math
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import negw2v
from negw2v import (
    CallbackAny2Vec,
    EarlyStopping,
    EmptyCorpusError,
    EpochLogger,
    MissingDependencyError,
    NegW2VWarning,
    ParameterError,
    StopTraining,
    TrainingReport,
    Word2Vec,
)
from negw2v.training import progress
from negw2v.word2vec import prediction

SENTENCES = [[f"w{i * j % 23}" for j in range(1, 12)] + [f"w{i % 7}"] * 3 for i in range(1, 200)]
SETTINGS: dict[str, Any] = {"vector_size": 10, "min_count": 1, "workers": 1, "sample": 0}


def trained(**settings: Any) -> Word2Vec:
    return Word2Vec(SENTENCES, **{**SETTINGS, **settings})


def train(model: Word2Vec, epochs: int = 1, **arguments: Any) -> tuple[int, int]:
    return model.train(SENTENCES, total_examples=len(SENTENCES), epochs=epochs, **arguments)


# --- copies -----------------------------------------------------------------------------


@pytest.mark.parametrize("hs", [0, 1])
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_copies_train_on_as_the_original_does(duplicate: Any, hs: int) -> None:
    model = trained(hs=hs, callbacks=[EpochLogger()])
    other = duplicate(model)
    assert not np.shares_memory(other.wv.vectors, model.wv.vectors)
    for each in (model, other):
        train(each, epochs=2)
    np.testing.assert_array_equal(model.wv.vectors, other.wv.vectors)
    np.testing.assert_array_equal(model.syn1neg, other.syn1neg)
    assert model.wv.most_similar("w1") == other.wv.most_similar("w1")
    assert str(model) == str(other)
    assert other.training_report == model.training_report or math.isfinite(
        other.training_report.seconds
    )


def most_similar_elsewhere(model: Word2Vec) -> Any:
    """Runs in another process."""
    return model.wv.most_similar("w1", topn=3)


def test_a_model_can_be_sent_to_another_process() -> None:
    model = trained()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(most_similar_elsewhere, (model,)) == most_similar_elsewhere(model)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, copy.copy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_a_callback_may_copy_the_model_while_the_constructor_trains_it(duplicate: Any) -> None:
    class Uncopied:
        """Not even a pickle can be made of it."""

        def __iter__(self) -> Iterator[list[str]]:
            return iter(SENTENCES)

        def __reduce__(self) -> Any:
            raise TypeError("the corpus was copied")

    class Keep(CallbackAny2Vec):
        def __init__(self) -> None:
            self.copies: list[Word2Vec] = []

        def on_epoch_end(self, model: Word2Vec) -> None:
            self.copies.append(duplicate(model))

    keep = Keep()
    model = Word2Vec(Uncopied(), epochs=3, callbacks=[keep], **SETTINGS)
    assert [str(each) for each in keep.copies] == [str(model)] * 3
    train(keep.copies[0])


def test_one_epoch_at_a_time_is_the_same_as_all_at_once() -> None:
    together, apart = Word2Vec(**SETTINGS), Word2Vec(**SETTINGS)
    for model in (together, apart):
        model.build_vocab(SENTENCES)
    train(together, epochs=3, start_alpha=0.03, end_alpha=0.03)
    for _ in range(3):
        train(apart, epochs=1, start_alpha=0.03, end_alpha=0.03)
    np.testing.assert_array_equal(together.wv.vectors, apart.wv.vectors)


# --- subclasses -------------------------------------------------------------------------


class Own(Word2Vec):
    """Overrides what people override."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.calls: list[str] = []
        super().__init__(*args, **kwargs)

    def build_vocab(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append("build_vocab")
        super().build_vocab(*args, **kwargs)

    def train(self, *args: Any, **kwargs: Any) -> tuple[int, int]:
        self.calls.append("train")
        return super().train(*args, **kwargs)

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        self.calls.append("make_cum_table")
        super().make_cum_table(domain)

    def init_weights(self) -> None:
        self.calls.append("init_weights")
        super().init_weights()


def test_overridden_methods_are_called() -> None:
    model = Own(SENTENCES, **SETTINGS)
    assert model.calls == ["build_vocab", "make_cum_table", "init_weights", "train"]
    assert str(model) == "Own<vocab=23, vector_size=10, alpha=0.025>"


# --- report -----------------------------------------------------------------------------


def test_the_report_can_be_read() -> None:
    model = trained(epochs=2, workers=2, min_count=100, sample=0.01)
    report = model.training_report
    assert isinstance(report, TrainingReport)
    text = str(report)
    assert f"{report.words_read:,}" in text
    assert f"{report.words_dropped:,}" in text
    assert " ".join(f"{loss:.4f}" for loss in report.losses) in text
    assert report.threads == 2
    assert report.isa in text
    assert report.words_read == report.words_in_vocabulary + report.words_out_of_vocabulary
    assert report.words_in_vocabulary == report.words_dropped + report.words_trained
    assert report.words_per_second == pytest.approx(report.words_read / report.seconds)
    assert report.trained_words_per_second == pytest.approx(report.words_trained / report.seconds)
    assert report.tasks >= 2
    assert model.total_train_time == pytest.approx(report.seconds)


def test_an_empty_report_can_be_read_too() -> None:
    report = TrainingReport(threads=1, isa="v3")
    assert report.words_per_second == report.trained_words_per_second == 0
    assert report.losses == []
    assert "words read" in str(report)


def test_an_epoch_without_pairs_has_no_mean_loss() -> None:
    model = Word2Vec([["alone"], ["single"]], min_count=1, vector_size=4, epochs=1)
    assert math.isnan(model.training_report.losses[0])


# --- callbacks --------------------------------------------------------------------------


class Seen(CallbackAny2Vec):
    def __init__(self) -> None:
        self.losses: list[float] = []
        self.epochs: list[int] = []
        self.ended = 0

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.epochs.append(len(model.training_report.epochs))
        self.losses.append(model.get_latest_training_loss())

    def on_train_end(self, model: Word2Vec) -> None:
        self.ended += 1


def test_callbacks_see_the_account_so_far() -> None:
    seen = Seen()
    trained(epochs=3, compute_loss=True, callbacks=[seen])
    assert seen.epochs == [1, 2, 3]
    assert 0 < seen.losses[0] < seen.losses[1] < seen.losses[2]


def test_callbacks_see_queries_of_the_vectors_as_they_are() -> None:
    class Query(CallbackAny2Vec):
        answers: list[Any]

        def on_train_begin(self, model: Word2Vec) -> None:
            self.answers = []

        def on_epoch_end(self, model: Word2Vec) -> None:
            vectors = model.wv.vectors / np.linalg.norm(model.wv.vectors, axis=1)[:, None]
            best = np.argsort(-(vectors @ vectors[0]))[1]
            self.answers.append((model.wv.most_similar(model.wv.index_to_key[0], topn=1), best))

    query = Query()
    model = trained(epochs=4, alpha=0.5, callbacks=[query])
    for [(word, _)], best in query.answers:
        assert word == model.wv.index_to_key[best]


def test_a_callback_may_replace_the_vectors() -> None:
    class Normalise(CallbackAny2Vec):
        def on_epoch_begin(self, model: Word2Vec) -> None:
            norms = np.linalg.norm(model.wv.vectors, axis=1, keepdims=True)
            model.wv.vectors = model.wv.vectors / norms

    model = trained(epochs=3, alpha=1e-12, min_alpha=0, callbacks=[Normalise()])
    np.testing.assert_allclose(np.linalg.norm(model.wv.vectors, axis=1), 1, rtol=1e-5)


def test_a_callback_can_stop_training() -> None:
    class Stop(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            raise StopTraining

    seen = Seen()
    model = trained(epochs=10, callbacks=[Stop(), seen])
    assert len(model.training_report.epochs) == 1
    assert seen.epochs == [1]
    assert seen.ended == 1
    assert model.train_count == 1


def test_early_stopping_waits_for_its_patience() -> None:
    stopping = EarlyStopping(patience=2, min_delta=100.0)  # no epoch is that much better
    seen = Seen()
    model = trained(epochs=10, callbacks=[seen, stopping])
    assert seen.epochs == [1, 2, 3]
    assert stopping.best == model.training_report.losses[0]
    train(model, epochs=2, callbacks=[stopping])
    assert stopping.waited == 1
    patient = EarlyStopping(patience=5)
    assert len(trained(epochs=4, callbacks=[patient]).training_report.epochs) == 4  # type: ignore[union-attr]


@pytest.mark.parametrize("settings", [{"patience": 0}, {"min_delta": math.nan}])
def test_early_stopping_checks_its_parameters(settings: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="patience >= 1"):
        EarlyStopping(**settings)


# --- logs and progress ------------------------------------------------------------------


def test_the_log_tells_what_happens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="negw2v"):
        trained(epochs=2, callbacks=[EpochLogger()])
    assert all(record.name.startswith("negw2v") for record in caplog.records)
    text = caplog.text
    for words in (
        "23 different words in 2786 words and 199 sentences",
        "effective_min_count=1 keeps 23 of 23",
        "epoch 0: 2786 words read, 2786 trained",
        "epoch 0: mean loss",
        "epoch 1: 2786 words read, 2786 trained",
        "epoch 1: mean loss",
        "'event': 'created'",
    ):
        assert words in text, words
    assert "epoch 2" not in text


def test_log_lines_come_at_the_wanted_distance(caplog: pytest.LogCaptureFixture) -> None:
    class Slow:
        def __iter__(self) -> Iterator[list[str]]:
            return itertools.chain(*([SENTENCES] * 100))

    model = Word2Vec(**SETTINGS)
    model.build_vocab(Slow())
    with caplog.at_level(logging.INFO, logger="negw2v.training.progress"):
        model.train(Slow(), total_examples=19900, epochs=1, report_delay=0)
        lines = [record.getMessage() for record in caplog.records]
        assert any("% of sentences done" in line for line in lines)
        caplog.clear()
        model.train(Slow(), total_words=278600, epochs=1, report_delay=3600)
        assert not [r for r in caplog.records if r.name == "negw2v.training.progress"]


def test_a_bar_is_shown_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    trained(epochs=2, progress=True)
    shown = capsys.readouterr().err
    assert "counting words" in shown
    assert "epoch 2/2" in shown
    assert "100%" in shown
    trained(epochs=2, progress=False)
    trained(epochs=2, progress=None)  # stderr is no terminal here
    assert capsys.readouterr().err == ""


def test_on_a_terminal_a_bar_is_shown_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    trained(epochs=2)
    assert "epoch 2/2" in terminal.getvalue()


def test_a_bar_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(MissingDependencyError, match="pip install tqdm"):
        progress.progress_bar(True, "training", 1, "words")
    monkeypatch.setattr(sys, "stderr", type("Terminal", (), {"isatty": lambda self: True})())
    assert progress.progress_bar(None, "training", 1, "words") is None


def test_models_without_a_corpus_say_what_they_do_not_keep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Word2Vec(trim_rule=lambda word, count, min_count: 0, callbacks=[EpochLogger()])
    assert "pass it to build_vocab()" in caplog.text
    assert "pass them to train()" in caplog.text


def test_unusual_settings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    model = trained(hs=1)
    assert "both are trained" in caplog.text
    train(model, start_alpha=0.5)
    assert "alpha=0.5 is higher than" in caplog.text
    train(model, start_alpha=0.001, end_alpha=0.01)
    assert "the learning rate is min_alpha throughout" in caplog.text
    model.train([["unknown"]] * 3, total_examples=3, epochs=1)
    assert "no word of the corpus is in the vocabulary" in caplog.text


def test_lifecycle_events_can_be_switched_off() -> None:
    model = trained()
    assert model.lifecycle_events
    assert model.lifecycle_events[-1]["event"] == "created"
    assert model.lifecycle_events[-1]["params"] == str(model)
    model.lifecycle_events = None
    train(model)
    assert model.lifecycle_events is None


# --- questions to a model ---------------------------------------------------------------


def naive_score(model: Word2Vec, sentence: list[str]) -> float:
    """Taddy's score, straight from its definition, in float64."""
    rows = [model.wv.key_to_index[word] for word in sentence if word in model.wv]
    vectors, nodes = model.wv.vectors.astype(float), model.syn1.astype(float)
    total = 0.0
    for i, row in enumerate(rows):
        context = rows[max(0, i - model.window) : i] + rows[i + 1 : i + 1 + model.window]
        if not context:
            continue
        if model.sg:
            inputs = vectors[context]
        elif model.cbow_mean:
            inputs = vectors[context].mean(axis=0, keepdims=True)
        else:
            inputs = vectors[context].sum(axis=0, keepdims=True)
        code = model.wv.get_vecattr(row, "code").astype(float)
        z = (1 - 2 * code) * (inputs @ nodes[model.wv.get_vecattr(row, "point")].T)
        total -= np.log1p(np.exp(-z)).sum()
    return total


@pytest.mark.parametrize(
    "settings", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}, {"sg": 1, "negative": 5}]
)
def test_score_is_the_log_probability(settings: dict[str, Any]) -> None:
    model = trained(**{"hs": 1, "negative": 0, "window": 3, "alpha": 0.2, **settings})
    sentences = [*SENTENCES[:20], ["w1"], ["unknown", "w2"], [], ["w1", "unknown", "w2"]]
    expected = [naive_score(model, sentence) for sentence in sentences]
    np.testing.assert_allclose(model.score(sentences), expected, rtol=1e-4)
    np.testing.assert_allclose(model.score(iter(sentences)), expected, rtol=1e-4)


def test_sentences_without_words_have_a_score_too() -> None:
    model = trained(hs=1, negative=0)
    np.testing.assert_array_equal(model.score([[], ["unknown"], []]), [0, 0, 0])
    np.testing.assert_array_equal(model.score([[], []]), [0, 0])
    with pytest.raises(EmptyCorpusError, match="no sentence"):
        model.score([])


def test_score_stops_where_it_is_told_to(caplog: pytest.LogCaptureFixture) -> None:
    model = trained(hs=1, negative=0)
    assert len(model.score(SENTENCES, total_sentences=len(SENTENCES))) == len(SENTENCES)
    assert not caplog.records
    assert len(model.score(SENTENCES, total_sentences=7)) == 7
    assert "only the first 7 sentences" in caplog.text


def test_predictions_are_probabilities_even_of_huge_scores() -> None:
    context = np.array([[100.0, 0.0], [300.0, 0.0]], dtype=np.float32)
    outputs = np.array([[10.0, 0.0], [-10.0, 0.0], [9.99, 0.0]], dtype=np.float32)
    probabilities = prediction.output_probabilities(context, outputs, mean=True)
    difference = math.exp(-200 * 0.01)
    np.testing.assert_allclose(
        probabilities, [1 / (1 + difference), 0, difference / (1 + difference)], rtol=1e-2
    )


def test_predictions_find_the_word_between() -> None:
    sentences = [["left", f"middle{i % 3}", "right", str(i % 3)] for i in range(300)]
    model = Word2Vec(sentences, vector_size=10, min_count=1, sample=0, epochs=20, alpha=0.1)
    predicted = model.predict_output_word(["left", "right", "1"], topn=None)
    assert predicted is not None
    probability = dict(predicted)
    assert len(probability) == len(model.wv)
    assert sum(probability.values()) == pytest.approx(1, abs=1e-5)
    assert probability["middle1"] > 1.5 * max(probability["middle0"], probability["middle2"])


def test_init_sims_is_deprecated() -> None:
    model = trained()
    with pytest.warns(DeprecationWarning, match="lengths are computed when they are needed"):
        model.init_sims()
    assert model.wv.norms is not None
    with pytest.warns(DeprecationWarning, match="deprecated"):
        model.init_sims(replace=True)
    np.testing.assert_allclose(np.linalg.norm(model.wv.vectors, axis=1), 1, rtol=1e-5)


def test_a_reloaded_model_counts_anew(tmp_path: Path) -> None:
    model = trained()
    assert model.raw_vocab == {}
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.raw_vocab == {}
    assert loaded.raw_vocab["new"] == 0
    Word2Vec(vector_size=4).save(tmp_path / "empty")
    assert Word2Vec.load(tmp_path / "empty").raw_vocab is None


def test_load_takes_whatever_gensims_signature_takes(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path / "model")
    for mode in (None, "r"):
        np.testing.assert_array_equal(
            Word2Vec.load(str(tmp_path / "model"), mode).wv.vectors, model.wv.vectors
        )
    with pytest.warns(NegW2VWarning, match=r"takes a path and mmap; 5, latest=\.\.\. has no eff"):
        loaded = Word2Vec.load(tmp_path / "model", None, 5, rethrow=True, latest=True)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)


# --- the package ------------------------------------------------------------------------


def test_every_public_name_is_there() -> None:
    for name in negw2v.__all__:
        assert getattr(negw2v, name) is not None
    assert set(negw2v.__all__) <= set(dir(negw2v))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = negw2v.Nonsense


def test_all_exceptions_are_public() -> None:
    assert set(negw2v.errors.__all__) <= set(negw2v.__all__)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, negw2v; "
        "print([m for m in ('numpy', 'tqdm', 'smart_open', 'scipy', 'pooch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    code = (
        "import sys; from negw2v import Word2Vec; "
        "print([m for m in ('tqdm', 'smart_open', 'scipy', 'pooch', 'gensim') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_configuration_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    negw2v.show_config(stream)
    assert capsys.readouterr().out == ""
    text = stream.getvalue()
    for words in (negw2v.__version__, np.__version__, "instruction set in use"):
        assert words in text
