"""Training: exact accounts for every kind of corpus, the same bits, weights that users touch."""

from __future__ import annotations

import bz2
import copy
import gzip
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import LineSentence, Word2Vec
from negw2v.callbacks import CallbackAny2Vec
from negw2v.datasets import synthetic
from negw2v.errors import (
    DivergenceError,
    EmptyCorpusError,
    NegW2VWarning,
    NotTrainableError,
    ParameterError,
    VocabularyError,
)
from negw2v.training.spans import LONGEST_SENTENCE

Sentences = list[list[str]]


class Restartable:
    """An iterable that starts anew at each iter(), and counts how often it did."""

    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences
        self.passes = 0

    def __iter__(self) -> Iterator[list[str]]:
        self.passes += 1
        return (list(sentence) for sentence in self.sentences)


class OwnLineSentence(LineSentence):
    """A subclass may yield anything, so it is read like any other iterable."""


def write(path: Path, sentences: Sentences, opener: Callable[..., Any] = open) -> Path:
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines(" ".join(sentence) + "\n" for sentence in sentences)
    return path


def as_array(sentences: Sentences) -> np.ndarray:
    """The sentences as rows of an array, all of the same length."""
    return np.array([sentence[:4] for sentence in sentences if len(sentence) >= 4])


KINDS: dict[str, Callable[[Sentences, Path], dict[str, Any]]] = {
    "list": lambda sentences, _: {"sentences": sentences},
    "tuple": lambda sentences, _: {"sentences": tuple(map(tuple, sentences))},
    "iterable": lambda sentences, _: {"sentences": Restartable(sentences)},
    "file": lambda sentences, folder: {"corpus_file": write(folder / "c.txt", sentences)},
    "gz file": lambda sentences, folder: {
        "corpus_file": str(write(folder / "c.txt.gz", sentences, gzip.open))
    },
    "bz2 file": lambda sentences, folder: {
        "corpus_file": write(folder / "c.txt.bz2", sentences, bz2.open)
    },
    "LineSentence": lambda sentences, folder: {
        "sentences": LineSentence(str(write(folder / "c.txt", sentences)))
    },
    "own LineSentence": lambda sentences, folder: {
        "sentences": OwnLineSentence(str(write(folder / "c.txt", sentences)))
    },
}

SETTINGS: dict[str, Any] = {"vector_size": 16, "min_count": 5, "seed": 3, "epochs": 3}


@pytest.fixture(scope="module")
def sentences(synthetic_sentences: Sentences) -> Sentences:
    """Some sentences, and words that will not be in the vocabulary."""
    rare = [[f"rare{i}", *sentence, f"seldom{i}"] for i, sentence in enumerate(synthetic_sentences)]
    return rare[:1500]


def check_account(model: Word2Vec, sentences: Any, epochs: int) -> None:
    report = model.training_report
    known = [sum(str(word) in model.wv for word in sentence) for sentence in sentences]
    read = [len(sentence) for sentence in sentences]
    assert len(report.epochs) == epochs
    for epoch in report.epochs:
        assert epoch.examples == len(sentences)
        assert epoch.words_read == sum(read)
        assert epoch.words_in_vocabulary == sum(known)
        assert epoch.words_read == epoch.words_in_vocabulary + epoch.words_out_of_vocabulary
        assert epoch.words_in_vocabulary == epoch.words_dropped + epoch.words_trained
    assert report.words_out_of_vocabulary > 0
    assert report.words_dropped > 0
    assert report.words_trained > 0
    assert model.corpus_count == len(sentences)
    assert model.corpus_total_words == sum(read)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_the_account_adds_up_for_every_kind_of_corpus(
    kind: str, workers: int, sentences: Sentences, tmp_path: Path
) -> None:
    arguments = KINDS[kind](sentences, tmp_path)
    model = Word2Vec(**arguments, workers=workers, batch_words=200, **SETTINGS)
    check_account(model, sentences, epochs=3)
    corpus = {
        "corpus_iterable": arguments.get("sentences"),
        "corpus_file": arguments.get("corpus_file"),
    }
    trained, read = model.train(**corpus, total_examples=len(sentences), epochs=2)
    check_account(model, sentences, epochs=2)
    assert trained == model.training_report.words_trained
    assert read == 2 * sum(map(len, sentences))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("integers", [False, True])
def test_the_account_adds_up_for_arrays(workers: int, integers: bool, sentences: Sentences) -> None:
    array = as_array(sentences)
    if integers:
        array = np.unique(array, return_inverse=True)[1].reshape(array.shape)
    model = Word2Vec(array, workers=workers, batch_words=200, **SETTINGS)
    counts = np.unique(array, return_counts=True)[1]
    for epoch in model.training_report.epochs:
        assert epoch.examples == len(array)
        assert epoch.words_read == array.size
        assert epoch.words_in_vocabulary == counts[counts >= 5].sum()


def test_one_worker_gives_the_same_bits_for_every_kind_of_corpus(
    sentences: Sentences, tmp_path: Path
) -> None:
    results = {}
    for kind, make in KINDS.items():
        model = Word2Vec(**make(sentences, tmp_path), workers=1, batch_words=200, **SETTINGS)
        results[kind] = model.wv.vectors.tobytes(), model.syn1neg.tobytes()
    assert len(set(results.values())) == 1
    again = Word2Vec(sentences, workers=1, batch_words=200, **SETTINGS)
    assert again.wv.vectors.tobytes() == results["list"][0]
    other_seed = Word2Vec(sentences, workers=1, batch_words=200, **{**SETTINGS, "seed": 4})
    assert other_seed.wv.vectors.tobytes() != results["list"][0]


def test_a_corpus_is_read_no_more_often_than_needed(sentences: Sentences) -> None:
    iterable = Restartable(sentences)
    Word2Vec(iterable, workers=1, **SETTINGS)
    # one more for looking whether it is an iterator
    assert iterable.passes <= 1 + 3 + 1


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("kind", ["list", "iterable", "file"])
def test_sentences_of_50_000_words_are_trained_to_their_end(
    kind: str, workers: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    long = [[f"w{i}" for i in random.integers(0, 100, 50_000)] for _ in range(4)]
    arguments = KINDS[kind](long, tmp_path)
    model = Word2Vec(
        **arguments,
        vector_size=8,
        sample=0,
        epochs=1,
        workers=workers,
        window=1,
        shrink_windows=False,
    )
    report = model.training_report
    # a line is read as sentences of 10,000 words, as gensim's LineSentence does
    assert report.examples == model.corpus_count == (20 if kind == "file" else 4)
    assert report.words_read == report.words_trained == 200_000
    assert model.corpus_total_words == 200_000
    # CBOW: one window per word, and a piece of a sentence always has more than one
    assert report.pairs == 200_000
    longer = Word2Vec(long, vector_size=8, sample=0, epochs=1, batch_words=60_000, sg=1, window=1)
    assert longer.training_report.words_trained == 200_000
    assert LONGEST_SENTENCE < 60_000


def test_promises_that_the_corpus_breaks_are_logged(
    sentences: Sentences, caplog: pytest.LogCaptureFixture
) -> None:
    model = Word2Vec(**SETTINGS)
    model.build_vocab(sentences)
    words = sum(map(len, sentences))
    with caplog.at_level(logging.WARNING):
        model.train(sentences, total_examples=len(sentences), total_words=words, epochs=1)
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        model.train(sentences[:10], total_examples=len(sentences), total_words=words, epochs=1)
    messages = [record.getMessage() for record in caplog.records]
    assert any(
        f"{len(sentences)} sentences were promised, but the corpus gave 10" in m for m in messages
    )
    assert any(f"{words} words were promised" in m for m in messages)


def test_the_learning_rate_ends_where_it_should(sentences: Sentences) -> None:
    model = Word2Vec(sentences, workers=2, batch_words=50, alpha=0.04, min_alpha=0.01, **SETTINGS)
    assert model.min_alpha_yet_reached == pytest.approx(0.01, abs=1e-4)
    assert model.min_alpha_yet_reached >= 0.01 - 1e-8
    model.train(sentences[:5], total_words=10**9, epochs=1, start_alpha=0.03, end_alpha=0.02)
    assert (model.alpha, model.min_alpha) == (0.03, 0.02)
    assert model.min_alpha_yet_reached == pytest.approx(0.03)
    model.train(sentences[:5], total_words=10**9, epochs=1, end_alpha=0)
    assert model.min_alpha == 0


@pytest.mark.parametrize(
    "objective",
    [
        {"sg": 1},
        {"sg": 1, "share_negatives": False},
        {"sg": 0},
        {"sg": 0, "corrected_cbow": True, "alpha": 0.2},
        {"sg": 0, "paired_windows": True},
        {"sg": 0, "cbow_mean": 0},
        {"sg": 1, "hs": 1, "negative": 0},
        {"sg": 0, "hs": 1, "negative": 0},
        {"sg": 1, "hs": 1},
    ],
)
def test_every_objective_learns(objective: dict[str, Any], sentences: Sentences) -> None:
    model = Word2Vec(
        sentences, workers=2, batch_words=500, **{**SETTINGS, **objective, "epochs": 5}
    )
    losses = model.training_report.losses
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < 0.95 * losses[0]
    assert np.isfinite(model.wv.vectors).all()
    assert hasattr(model, "syn1") == bool(model.hs)


def test_options_of_our_own_make_a_difference(sentences: Sentences) -> None:
    def vectors(**changes: Any) -> bytes:
        model = Word2Vec(sentences, workers=1, **{**SETTINGS, **changes})
        return model.wv.vectors.tobytes()

    assert vectors(sg=1) != vectors(sg=1, share_negatives=False)
    assert vectors(sg=0) != vectors(sg=0, corrected_cbow=True)
    assert vectors(sg=0) != vectors(sg=0, paired_windows=True)
    assert vectors(sg=1) == vectors(sg=1, paired_windows=True)


def test_the_loss_is_kept_where_it_is_asked_for(sentences: Sentences) -> None:
    without = Word2Vec(sentences, **SETTINGS)
    assert without.get_latest_training_loss() == 0
    model = Word2Vec(sentences, compute_loss=True, **SETTINGS)
    report = model.training_report
    assert model.get_latest_training_loss() == pytest.approx(sum(e.loss for e in report.epochs))
    # Chance is log(2) for each of 1 + 5 outputs.
    assert report.losses[0] < 6 * math.log(2) + 0.01
    model.train(sentences, total_examples=1, epochs=1)
    assert model.running_training_loss == 0


def test_lock_factors_hold_vectors_in_place(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS)
    model.build_vocab(sentences)
    start = model.wv.vectors.copy()
    model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
    model.wv.vectors_lockf[3] = 0
    model.train(sentences, total_examples=model.corpus_count, epochs=1)
    moved = (model.wv.vectors != start).any(axis=1)
    assert not moved[3]
    assert moved[:10].sum() == 9
    model.wv.vectors_lockf = np.zeros(1, dtype=np.float32)
    held = model.wv.vectors.copy()
    model.train(sentences, total_examples=model.corpus_count, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, held)


def test_lock_factors_of_the_wrong_number_are_refused(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.wv.vectors_lockf = np.ones(len(model.wv) - 1)
    with pytest.raises(ParameterError, match="give it the new length when the vocabulary grows"):
        model.train(sentences, total_examples=model.corpus_count, epochs=1)


def test_vectors_put_in_by_the_user_are_trained(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS, workers=1)
    model.build_vocab(sentences)
    reference = Word2Vec(**SETTINGS, workers=1)
    reference.build_vocab(sentences)
    own = np.random.default_rng(1).normal(size=model.wv.vectors.shape) / 16  # float64
    model.wv.vectors = own
    model.syn1neg = np.zeros(own.shape)
    reference.wv.vectors[:] = own
    for each in (model, reference):
        each.train(sentences, total_examples=each.corpus_count, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, reference.wv.vectors)
    assert model.wv.vectors.dtype == np.float32
    assert (model.wv.vectors != own).any()
    assert model.wv.norms is None


def test_a_distribution_of_negatives_put_in_by_the_user_is_drawn_from(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS, sg=1, sample=0, workers=2)
    model.build_vocab(sentences)
    favourite = len(model.wv) - 1
    table = np.zeros(len(model.wv), dtype=np.uint32)
    table[favourite:] = 1000
    model.cum_table = table
    model.train(sentences[:200], total_examples=200, epochs=1)
    moved = (model.syn1neg != 0).any(axis=1)
    trained = {word for sentence in sentences[:200] for word in sentence if word in model.wv}
    centres = {model.wv.key_to_index[word] for word in trained}
    assert set(np.flatnonzero(moved)) <= centres | {favourite}
    assert moved[favourite]


def test_a_vocabulary_that_grows_keeps_what_was_trained(sentences: Sentences) -> None:
    model = Word2Vec(sentences, hs=1, sample=0, **SETTINGS)
    before = model.wv.vectors.copy(), model.syn1neg.copy(), model.syn1.copy()
    words = list(model.wv.index_to_key)
    count = model.wv.get_vecattr(words[0], "count")
    new = [["entirely", words[0], "new"]] * 10
    model.build_vocab(new, update=True)
    assert model.wv.index_to_key == [*words, "entirely", "new"]
    assert model.wv.get_vecattr(words[0], "count") == count + 10
    for now, then in zip((model.wv.vectors, model.syn1neg, model.syn1), before, strict=True):
        np.testing.assert_array_equal(now[: len(words)], then)
        assert now.shape == (len(words) + 2, 16)
    assert model.cum_table is not None
    assert len(model.cum_table) == len(words) + 2
    model.train(new, total_examples=10, epochs=3)
    assert (model.syn1neg[len(words) :] != 0).any(axis=1).all()
    model.wv.get_vector("entirely")


def test_weights_that_do_not_fit_are_named(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.syn1neg = model.syn1neg[:-1]
    with pytest.raises(NotTrainableError, match=r"syn1neg has shape .* call init_weights"):
        model.train(sentences, total_examples=1, epochs=1)
    model = Word2Vec(sentences, **SETTINGS)
    model.hs = 1
    with pytest.raises(NotTrainableError, match=r"syn1 has shape \(0, 16\)"):
        model.train(sentences, total_examples=1, epochs=1)


def test_weights_of_another_width_are_refused(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.wv.vectors = np.ones((len(model.wv), 15), dtype=np.float32)
    with pytest.raises(NotTrainableError, match=r"wv\.vectors has shape .*, 15\), but .*, 16\)"):
        model.train(sentences, total_examples=1, epochs=1)


def test_vectors_from_elsewhere_need_no_lock_factors(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    del model.wv.vectors_lockf
    before = model.wv.vectors.copy()
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert (model.wv.vectors != before).any()


def test_words_without_attributes_are_named(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS, hs=1)
    sample_int = model.wv.expandos.pop("sample_int")
    with pytest.raises(NotTrainableError, match="attribute 'sample_int'; build_vocab"):
        model.train(sentences, total_examples=1, epochs=1)
    model.wv.expandos["sample_int"] = sample_int
    del model.wv.expandos["code"]
    with pytest.raises(NotTrainableError, match=r"'code'; .*create_binary_tree\(\) too"):
        model.train(sentences, total_examples=1, epochs=1)
    model.create_binary_tree()
    model.cum_table = None
    model.train(sentences, total_examples=1, epochs=1, queue_factor=0)
    assert model.cum_table is not None


def test_a_tree_from_elsewhere_is_trained_on(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS, hs=1, negative=0, sample=0)
    words = len(model.wv)
    bits = (words - 1).bit_length()
    # a balanced tree: all codes are as long as binary numbers
    model.wv.expandos["code"] = np.fromiter(
        (np.array([i >> b & 1 for b in range(bits)], dtype=np.uint8) for i in range(words)), object
    )
    model.wv.expandos["point"] = np.fromiter(
        (np.arange(bits, dtype=np.uint32) for _ in range(words)), object
    )
    model.syn1[:] = 0
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert set(np.flatnonzero(model.syn1.any(axis=1))) == set(range(bits))


def test_starting_weights_anew_forgets_what_was_trained(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS)
    model.build_vocab(sentences)
    start = model.wv.vectors.copy()
    model.train(sentences, total_examples=model.corpus_count, epochs=1)
    model.init_weights()
    np.testing.assert_array_equal(model.wv.vectors, start)
    assert not model.syn1neg.any()


def test_a_second_vocabulary_replaces_the_first(sentences: Sentences) -> None:
    model = Word2Vec(sentences, **SETTINGS)
    model.build_vocab([["completely", "different"]] * 5)
    assert model.wv.index_to_key == ["completely", "different"]
    assert model.wv.vectors.shape == (2, 16)
    fresh = Word2Vec(**SETTINGS)
    fresh.build_vocab([["completely", "different"]] * 5)
    np.testing.assert_array_equal(model.wv.vectors, fresh.wv.vectors)


def test_integer_words_train(sentences: Sentences) -> None:
    walks = np.random.default_rng(1).integers(100, 140, (300, 10))
    model = Word2Vec(walks, vector_size=8, min_count=1, epochs=1)
    assert set(model.wv.index_to_key) == set(range(100, 140))
    assert all(isinstance(word, int) for word in model.wv.index_to_key)
    assert Word2Vec(walks.tolist(), vector_size=8, min_count=1, epochs=1).wv.key_to_index == (
        model.wv.key_to_index
    )


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_only_word_has_nothing_to_learn_from_its_tree(sg: int, workers: int) -> None:
    corpus = [["a"] * 9] * 3
    model = Word2Vec(
        corpus, sg=sg, hs=1, negative=0, sample=0, min_count=1, workers=workers, epochs=2
    )
    assert model.training_report.words_trained == 2 * 27
    start = Word2Vec(sg=sg, hs=1, negative=0, sample=0, min_count=1)
    start.build_vocab(corpus)
    np.testing.assert_array_equal(model.wv["a"], start.wv["a"])


words = st.integers(0, 12).map("w{}".format)
small_corpora = st.lists(st.lists(words, max_size=15), min_size=1, max_size=25)


@settings(deadline=None, max_examples=60)
@given(
    corpus=small_corpora,
    min_count=st.integers(0, 4),
    sample=st.sampled_from([0, 1e-2, 3]),
    batch_words=st.integers(1, 60),
    sg=st.booleans(),
    hs=st.booleans(),
    workers=st.integers(1, 3),
    vector_size=st.sampled_from([1, 7, 16, 33]),
    window=st.integers(1, 20),
)
def test_any_small_corpus_is_trained_to_the_word(
    corpus: Sentences,
    min_count: int,
    sample: float,
    batch_words: int,
    workers: int,
    **given_settings: Any,
) -> None:
    counts = Counter(word for sentence in corpus for word in sentence)
    model = Word2Vec(
        min_count=min_count,
        sample=sample,
        batch_words=batch_words,
        workers=workers,
        seed=1,
        **given_settings,
    )
    if not counts:
        with pytest.raises(EmptyCorpusError):
            model.build_vocab(corpus)
        return
    if max(counts.values()) < min_count:
        with pytest.raises(VocabularyError):
            model.build_vocab(corpus)
        return
    model.build_vocab(corpus)
    passes = {"total_examples": len(corpus), "epochs": 2}
    trained, read = model.train(corpus, **passes)
    report = model.training_report
    assert read == report.words_read == 2 * sum(counts.values())
    known = sum(count for count in counts.values() if count >= min_count)
    assert report.words_in_vocabulary == 2 * known
    assert trained == report.words_trained <= 2 * known
    assert sample or trained == 2 * known
    assert report.examples == 2 * len(corpus)
    assert np.isfinite(model.wv.vectors).all()
    if workers == 1:
        stream = copy.deepcopy(model)
        for each, data in ((model, corpus), (stream, Restartable(corpus))):
            each.train(data, **passes)
        np.testing.assert_array_equal(model.wv.vectors, stream.wv.vectors)


@pytest.mark.parametrize("callbacks", [(), (CallbackAny2Vec(),)])
def test_training_that_diverges_is_an_error(callbacks: tuple[CallbackAny2Vec, ...]) -> None:
    """Rates that nobody means: the loss overflows, and no vector is left that says anything."""
    sentences = synthetic.sentences(500)
    model = Word2Vec(sentences, vector_size=8, min_count=1, epochs=1, workers=2, progress=False)
    model.wv.vectors[3] = np.nan
    with pytest.raises(DivergenceError, match=r"loss is nan in epoch 0 .* learning rate 0\.025"):
        model.train(sentences, total_examples=len(sentences), epochs=2, callbacks=callbacks)
    assert model.training_report is not None
    assert model.training_report.epochs == []
    # what the message says helps
    model.init_weights()
    model.train(sentences, total_examples=len(sentences), epochs=1)
    assert np.isfinite(model.wv.vectors).all()


@pytest.mark.parametrize("changes", [{"sg": 1}, {"sg": 1, "hs": 1, "negative": 0}])
def test_a_loss_that_explodes_is_a_warning(changes: dict[str, int]) -> None:
    sentences = synthetic.sentences(2000)
    with pytest.warns(NegW2VWarning, match="that of untrained weights is .* smaller alpha") as seen:
        model = Word2Vec(
            sentences, alpha=2.0, vector_size=30, epochs=3, workers=1, progress=False, **changes
        )
    assert len(seen) == 1
    assert np.isfinite(model.wv.vectors).all()


# tables that are kept from one train() to the next


def drawn_words(model: Word2Vec) -> set[str]:
    """Words whose vectors move when two others are trained: negative samples, that is."""
    model.syn1neg[:] = 0
    before = model.syn1neg.copy()
    model.train([["w0", "w1"] * 20], total_examples=1, epochs=3)
    moved = (model.syn1neg != before).any(axis=1)
    return {model.wv.index_to_key[row] for row in np.flatnonzero(moved)} - {"w0", "w1"}


def hand_edit(model: Word2Vec) -> None:
    assert model.cum_table is not None
    model.cum_table[3:] = model.cum_table[3]


def new_counts(model: Word2Vec) -> None:
    for word in ("w4", "w5", "w6"):
        model.wv.set_vecattr(word, "count", 0)
    model.make_cum_table()


def new_exponent(model: Word2Vec) -> None:
    model.ns_exponent = 5.0
    model.make_cum_table()


@pytest.mark.parametrize(
    ("change", "words"),
    [(hand_edit, {"w2", "w3"}), (new_counts, {"w2", "w3"}), (new_exponent, set())],
)
def test_a_change_of_the_sampling_distribution_counts(
    change: Callable[[Word2Vec], None], words: set[str]
) -> None:
    model = Word2Vec(min_count=1, vector_size=8, sg=1, sample=0, workers=1, seed=1)
    counts = {f"w{number}": 100 - number for number in range(7)}
    model.build_vocab_from_freq(counts | {"w0": 10_000, "w1": 10_000})
    model.wv.vectors[:] = 1
    assert drawn_words(model) == {"w2", "w3", "w4", "w5", "w6"}
    change(model)
    assert drawn_words(model) == words


def test_a_grown_vocabulary_has_a_new_sampling_distribution() -> None:
    model = Word2Vec(min_count=1, vector_size=8, sg=1, sample=0, workers=1, seed=1)
    model.build_vocab([["w0", "w1", "w2"]])
    assert drawn_words(model) == {"w2"}
    model.build_vocab([["w3"] * 5], update=True)
    assert drawn_words(model) == {"w2", "w3"}


def test_lock_factors_and_keep_probabilities_edited_in_place_count() -> None:
    sentences = [["w0", "w1"] * 20]
    model = Word2Vec(min_count=1, vector_size=8, sg=1, sample=1.0, workers=1, seed=1)
    model.build_vocab(sentences)
    model.wv.vectors_lockf = np.ones(2, np.float32)
    model.train(sentences, total_examples=1, epochs=1)
    model.wv.vectors_lockf[0] = 0
    before = model.wv.vectors.copy()
    model.train(sentences, total_examples=1, epochs=1)
    assert (model.wv.vectors != before).any(axis=1).tolist() == [False, True]
    model.wv.expandos["sample_int"][:] = 0
    assert model.train(sentences, total_examples=1, epochs=1) == (0, 40)


@pytest.mark.parametrize("vector_size", [16, 20])
def test_rows_of_one_model_are_not_those_of_the_next(vector_size: int) -> None:
    sentences = [["a", "b", "c"] * 5] * 4
    settings = {"min_count": 1, "vector_size": vector_size, "workers": 1, "epochs": 2, "seed": 1}
    first, second = Word2Vec(sentences, **settings), Word2Vec(sentences, **settings)
    np.testing.assert_array_equal(first.wv.vectors, second.wv.vectors)
    values = first.wv.vectors.copy()
    second.train(sentences, total_examples=4, epochs=1)
    np.testing.assert_array_equal(first.wv.vectors, values)
