"""Bad input and accidents: a clear message, nothing hung, and the model still usable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    CallbackAny2Vec,
    CorpusDecodeError,
    CorpusFileError,
    EmptyCorpusError,
    InputTypeError,
    NotTrainableError,
    OneShotCorpusError,
    ParameterError,
    VocabularyError,
    Word2Vec,
)

SENTENCES = [["to", "be", "or", "not", "to", "be"], ["that", "is", "the", "question"]] * 50
SETTINGS: dict[str, Any] = {"vector_size": 8, "min_count": 1, "sample": 0}


def built(**settings: Any) -> Word2Vec:
    model = Word2Vec(**{**SETTINGS, **settings})
    model.build_vocab(SENTENCES)
    return model


def train(model: Word2Vec, corpus: Any, epochs: int = 2, **settings: Any) -> tuple[int, int]:
    return model.train(corpus, total_examples=100, epochs=epochs, **settings)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    left = [
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith(("negw2v-worker", "negw2v-corpus"))
    ]
    assert left == []


def check_usable(model: Word2Vec) -> None:
    """The model trains and answers as if nothing had happened."""
    assert np.isfinite(model.wv.vectors).all()
    assert train(model, SENTENCES) == (1000, 1000)
    assert len(model.wv.most_similar("question", topn=3)) == 3


# --- the corpus -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("corpus", "error", "words"),
    [
        ([], EmptyCorpusError, "no sentence"),
        ([[], []], EmptyCorpusError, "2 sentences without a word"),
        ("a path or a text", InputTypeError, "str.*lists of words"),
        (b"bytes", InputTypeError, "bytes.*lists of words"),
        (["a sentence", "another"], InputTypeError, "split text into words first"),
        ([b"a sentence"], InputTypeError, "decode"),
        (5, InputTypeError, "int.*not iterable"),
        ({"a": 1}, InputTypeError, "dict"),
        ((s for s in SENTENCES), OneShotCorpusError, "generator.*read only once.*6 passes"),
        (iter(SENTENCES), OneShotCorpusError, "list_iterator.*read only once"),
        (map(list, SENTENCES), OneShotCorpusError, "map.*read only once"),
    ],
)
def test_what_is_no_corpus_is_refused_with_a_way_out(
    corpus: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Word2Vec(corpus, **SETTINGS)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CorpusFileError, match=r"nothing\.txt.* does not exist") as caught:
        Word2Vec(corpus_file=str(tmp_path / "nothing.txt"), **SETTINGS)
    assert isinstance(caught.value, TypeError)  # gensim's choice
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    with pytest.raises(EmptyCorpusError, match=r"empty\.txt"):
        Word2Vec(corpus_file=empty, **SETTINGS)
    latin = tmp_path / "latin.txt"
    latin.write_bytes("ein Wort\nnoch eins\nGrün\n".encode("latin-1"))
    with pytest.raises(CorpusDecodeError, match=r"latin\.txt.*line 3.*2[0-9]"):
        Word2Vec(corpus_file=latin, **SETTINGS)


def test_both_and_neither_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputTypeError, match="not both"):
        Word2Vec(SENTENCES, corpus_file=str(tmp_path))
    with pytest.raises(InputTypeError, match="give either corpus_iterable"):
        built().train(total_examples=1, epochs=1)


def test_nothing_over_min_count_says_what_would_do() -> None:
    with pytest.raises(VocabularyError, match=r"min_count=101.*met 100 times.*min_count=100"):
        Word2Vec(SENTENCES, min_count=101)
    model = Word2Vec(min_count=101)
    with pytest.raises(VocabularyError, match="min_count=100 or less"):
        model.build_vocab(SENTENCES)
    model.build_vocab(SENTENCES, min_count=100)
    assert model.wv.index_to_key == ["to", "be"]


def test_a_generator_is_good_enough_for_one_pass() -> None:
    model = Word2Vec(**SETTINGS)
    model.build_vocab(s for s in SENTENCES)
    assert model.train((s for s in SENTENCES), total_examples=100, epochs=1) == (500, 500)
    with pytest.raises(OneShotCorpusError, match="2 passes"):
        train(model, (s for s in SENTENCES))
    check_usable(model)


class Draining:
    """An object that looks restartable but yields everything in its first pass only."""

    def __init__(self) -> None:
        self.left = list(SENTENCES)

    def __iter__(self) -> Iterator[list[str]]:
        while self.left:
            yield self.left.pop()


@pytest.mark.parametrize("workers", [1, 4])
def test_a_pass_that_yields_nothing_is_an_error(workers: int) -> None:
    with pytest.raises(EmptyCorpusError, match="no sentence"):
        Word2Vec(Draining(), workers=workers, **SETTINGS)
    model = built(workers=workers)
    with pytest.raises(EmptyCorpusError, match="no sentence"):
        train(model, Draining())
    check_usable(model)


class Failing:
    """Raises in the given pass, after some sentences."""

    def __init__(self, bad_pass: int, after: int = 20) -> None:
        self.bad_pass, self.after, self.passes = bad_pass, after, 0

    def __iter__(self) -> Iterator[list[str]]:
        self.passes += 1
        for number, sentence in enumerate(SENTENCES * 40):
            if self.passes == self.bad_pass and number == self.after:
                raise OSError("the network has gone")
            yield sentence * 20


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("bad_pass", "after"), [(2, 0), (2, 3900), (3, 2000)])
def test_an_exception_in_the_corpus_reaches_the_caller(
    workers: int, bad_pass: int, after: int
) -> None:
    model = built(workers=workers)
    # a first look tells that it is no iterator
    corpus = Failing(bad_pass, after)
    with pytest.raises(OSError, match="the network has gone"):
        train(model, corpus, epochs=5)
    assert len(model.training_report.epochs) < 5
    check_usable(model)


class Raising(CallbackAny2Vec):
    def __init__(self, where: str, after: int = 0) -> None:
        self.where, self.after = where, after

    def _maybe(self, where: str) -> None:
        if where == self.where:
            self.after -= 1
            if self.after < 0:
                raise LookupError(f"raised in {where}")

    def on_train_begin(self, model: Any) -> None:
        self._maybe("on_train_begin")

    def on_epoch_begin(self, model: Any) -> None:
        self._maybe("on_epoch_begin")

    def on_epoch_end(self, model: Any) -> None:
        self._maybe("on_epoch_end")

    def on_train_end(self, model: Any) -> None:
        self._maybe("on_train_end")


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(
    ("where", "after"),
    [
        ("on_train_begin", 0),
        ("on_epoch_begin", 0),
        ("on_epoch_begin", 1),
        ("on_epoch_end", 1),
        ("on_train_end", 0),
    ],
)
def test_an_exception_in_a_callback_reaches_the_caller(
    workers: int, where: str, after: int
) -> None:
    model = built(workers=workers)
    with pytest.raises(LookupError, match=f"raised in {where}"):
        train(model, SENTENCES, callbacks=[Raising(where, after)])
    check_usable(model)


# --- parameters -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"vector_size": 0}, "vector_size must be finite and at least 1, got 0"),
        ({"vector_size": -3}, "vector_size must be finite and at least 1, got -3"),
        ({"alpha": float("nan")}, "alpha must be finite and at least 0, got nan"),
        ({"alpha": -0.1}, "alpha must be finite and at least 0, got -0.1"),
        ({"min_alpha": float("inf")}, "min_alpha must be finite"),
        ({"window": 0}, "window must be finite and at least 1, got 0"),
        ({"min_count": -1}, "min_count must be finite and at least 0"),
        ({"sample": float("nan")}, "sample must be finite"),
        ({"workers": 0}, "workers must be finite and at least 1, got 0; it is the number of thr"),
        ({"negative": -1}, "negative must be finite and at least 0"),
        ({"ns_exponent": float("nan")}, "ns_exponent must be finite, got nan"),
        ({"epochs": 0}, "epochs must be finite and at least 1"),
        ({"batch_words": 0}, "batch_words must be finite and at least 1"),
        ({"max_final_vocab": 0}, "max_final_vocab must be finite and at least 1"),
        ({"seed": -1}, "seed must not be negative"),
        ({"hs": 0, "negative": 0}, "hs=0 and negative=0 leave nothing to train; set negative=5"),
    ],
)
def test_parameters_that_make_no_sense(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        Word2Vec(SENTENCES, **{**SETTINGS, **settings})


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [
        ("alpha", float("nan"), ParameterError),
        ("workers", 0, ParameterError),
        ("negative", 0, ParameterError),
        ("window", 2.5, ParameterError),
        ("sample", "a lot", InputTypeError),
    ],
)
def test_attributes_are_checked_when_training_begins(
    attribute: str, value: Any, error: type[Exception]
) -> None:
    model = built()
    good = getattr(model, attribute)
    setattr(model, attribute, value)
    with pytest.raises(error, match=attribute):
        train(model, SENTENCES)
    setattr(model, attribute, good)
    check_usable(model)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"epochs": 1}, ParameterError, "total_examples=model.corpus_count"),
        ({"epochs": 1, "total_examples": 0}, ParameterError, "build_vocab_from_freq"),
        ({"total_examples": 100}, ParameterError, "usually epochs=model.epochs"),
        ({"total_examples": 100, "epochs": 0}, ParameterError, "epochs must be .* at least 1"),
        ({"total_examples": 100, "epochs": 1, "start_alpha": -1}, ParameterError, "start_alpha"),
        ({"total_examples": -1, "epochs": 1}, ParameterError, "total_examples must be"),
        (
            {"total_examples": 100, "epochs": 1, "iter": 5},
            InputTypeError,
            "'iter'; did you mean epochs",
        ),
        ({"total_examples": 100, "epochs": 1, "callbacks": [1]}, InputTypeError, "callback 1"),
    ],
)
def test_arguments_of_train(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    model = built()
    before = {name: repr(value) for name, value in vars(model).items()}
    with pytest.raises(error, match=words):
        model.train(SENTENCES, **arguments)
    assert {name: repr(value) for name, value in vars(model).items()} == before
    check_usable(model)


def test_calls_in_the_wrong_order() -> None:
    with pytest.raises(NotTrainableError, match="must first build a vocabulary"):
        train(Word2Vec(), SENTENCES)
    with pytest.raises(VocabularyError, match="call build_vocab"):
        Word2Vec().prepare_vocab()
    with pytest.raises(VocabularyError, match="no vocabulary to update yet"):
        Word2Vec(min_count=1).build_vocab(SENTENCES, update=True)
    with pytest.raises(VocabularyError, match="no vocabulary to update yet"):
        Word2Vec().update_weights()
    with pytest.raises(NotTrainableError, match="train with hs=1"):
        built().score(SENTENCES)
    with pytest.raises(NotTrainableError, match="train with negative=5"):
        built(hs=1, negative=0).predict_output_word(["be"])
    with pytest.raises(NotTrainableError, match="no weights yet"):
        Word2Vec().predict_output_word(["be"])
    with pytest.raises(InputTypeError, match="dict of counts"):
        Word2Vec().build_vocab_from_freq([("a", 1)])  # type: ignore[arg-type]


def test_a_failed_update_changes_nothing() -> None:
    model = built()
    words = list(model.wv.index_to_key)
    with pytest.raises(InputTypeError):
        model.build_vocab(["a string"], update=True)
    assert model.wv.index_to_key == words
    check_usable(model)


# --- Ctrl-C -----------------------------------------------------------------------------

INTERRUPTED = """
import sys, threading, time
import numpy as np
from negw2v import Word2Vec, CallbackAny2Vec

class Ready(CallbackAny2Vec):
    def on_epoch_begin(self, model):
        print("training", flush=True)

class Endless:
    def __iter__(self):
        while True:
            yield words

words = [f"w{i}" for i in range(1000)]
sentences = [words] * 200
corpus = {"list": sentences, "iterable": Endless()}[sys.argv[1]]
model = Word2Vec(vector_size=50, min_count=1, workers=int(sys.argv[2]), sg=1)
model.build_vocab(sentences)
try:
    model.train(corpus, total_examples=200, epochs=100_000, callbacks=[Ready()])
except KeyboardInterrupt:
    caught = time.monotonic()
left = [thread.name for thread in threading.enumerate()]
assert not any("negw2v-worker" in name or "negw2v-corpus" in name for name in left), left
report = model.training_report
assert report.interrupted is not None and "cut short" in str(report)
assert report.words_read == 200_000 * len(report.epochs) + report.interrupted.words_read > 0
assert report.words_read == report.words_out_of_vocabulary + report.words_in_vocabulary
assert report.words_in_vocabulary == report.words_dropped + report.words_trained
assert report.words_trained > 0 and report.tasks > 0 and report.seconds > 0
assert np.isfinite(model.wv.vectors).all() and model.wv.vectors.any()
assert model.train(sentences, total_examples=200, epochs=1)[1] == 200_000
assert model.training_report.interrupted is None
print("caught", caught, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
@pytest.mark.parametrize("corpus", ["list", "iterable"])
@pytest.mark.parametrize("workers", ["1", "3"])
def test_ctrl_c_stops_training_and_leaves_the_model_usable(corpus: str, workers: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, corpus, workers],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "training\n"
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    assert "caught" in output
