"""deterministic=True: the same bits with any number of workers, from any kind of corpus."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import CallbackAny2Vec, Word2Vec, kernels
from negw2v.errors import (
    DivergenceError,
    InputTypeError,
    ModelFileError,
    VocabularyError,
)
from negw2v.training import plan, rounds
from negw2v.training.checkpoints import Checkpoints
from negw2v.training.plan import Plan, Position
from negw2v.word2vec.weights import rounds_of

Sentences = list[list[str]]
SETTINGS: dict[str, Any] = {
    "vector_size": 12,
    "min_count": 1,
    "seed": 5,
    "epochs": 2,
    "deterministic": True,
}
WORKERS = (1, 2, 3, 8, 32)
ALGORITHMS = [
    pytest.param({"sg": sg, "hs": hs, "negative": 5 * (1 - hs)}, id=f"sg={sg} hs={hs}")
    for sg in (0, 1)
    for hs in (0, 1)
]


class Again:
    """An iterable that starts anew in each pass."""

    def __init__(self, sentences: Any) -> None:
        self.sentences = sentences

    def __iter__(self) -> Iterator[Any]:
        return iter(self.sentences)


@pytest.fixture(scope="module")
def ids() -> list[np.ndarray]:
    """Sentences of some ten thousand words, some of them frequent, as numbers."""
    rng = np.random.default_rng(2)
    lengths = rng.integers(1, 30, 2500)
    lengths[7] = 2500  # cut into pieces
    tokens = (10_000 * rng.random(lengths.sum()) ** 2).astype(np.int64)
    return np.split(tokens, np.cumsum(lengths)[:-1])


@pytest.fixture(scope="module")
def sentences(ids: list[np.ndarray]) -> Sentences:
    return [[f"w{word}" for word in sentence] for sentence in ids]


@pytest.fixture(autouse=True)
def many_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many threads as workers, however few CPUs there are."""
    monkeypatch.setattr(plan, "thread_count", lambda: 64)


def file_of(sentences: Sentences, folder: Path) -> Path:
    path = folder / "corpus.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in sentences))
    return path


def bits(model: Word2Vec) -> tuple[Any, ...]:
    """Everything that training makes, but for its clock."""
    matrices = [
        getattr(model, name).tobytes() for name in ("syn1neg", "syn1") if hasattr(model, name)
    ]
    report = model.training_report
    return (
        model.wv.vectors.tobytes(),
        *matrices,
        repr(report.losses),  # NaN where nothing is trained
        report.pairs,
        report.words_trained,
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_bits_with_any_number_of_workers(
    sentences: Sentences, algorithm: dict[str, Any]
) -> None:
    models = [Word2Vec(sentences, **SETTINGS, **algorithm, workers=count) for count in WORKERS]
    shape = rounds_of(models[0])
    assert shape is not None
    if kernels.has_teams:
        threads = [model.training_report.threads for model in models]
        assert threads == [min(count, shape.shards) for count in WORKERS]
    assert len({bits(model) for model in models}) == 1
    other = Word2Vec(sentences, **SETTINGS | {"seed": 6}, **algorithm)
    assert bits(other)[0] != bits(models[0])[0]


def test_the_same_bits_from_any_kind_of_corpus(
    ids: list[np.ndarray], sentences: Sentences, tmp_path: Path
) -> None:
    path = file_of(sentences, tmp_path)
    models = [
        Word2Vec(sentences, **SETTINGS, workers=2),
        Word2Vec(tuple(sentences), **SETTINGS, workers=3),
        Word2Vec(Again(sentences), **SETTINGS, workers=2),
        Word2Vec(corpus_file=path, **SETTINGS, workers=8),
    ]
    assert len({bits(model) for model in models}) == 1
    numbers = [
        Word2Vec(ids, **SETTINGS, workers=2),
        Word2Vec([sentence.tolist() for sentence in ids], **SETTINGS, workers=1),
        Word2Vec(Again(ids), **SETTINGS, workers=3),
    ]
    assert len({bits(model) for model in numbers}) == 1
    assert bits(numbers[0])[0] == bits(models[0])[0]


def test_a_corpus_of_few_sentences_in_a_large_vocabulary(sentences: Sentences) -> None:
    """Where training otherwise copies only the rows it uses."""
    models = []
    for corpus in (sentences[:3], Again(sentences[:3])):
        models.append(Word2Vec(**SETTINGS, workers=2))
        models[-1].build_vocab(sentences)
        models[-1].train(corpus, total_examples=3, epochs=2)
    assert bits(models[0]) == bits(models[1])


def test_a_small_vocabulary_is_trained_by_one_thread(synthetic_sentences: Sentences) -> None:
    settings: dict[str, Any] = {"vector_size": 20, "min_count": 1, "sg": 1}
    model = Word2Vec(synthetic_sentences, deterministic=True, workers=8, **settings)
    assert rounds_of(model) is None
    assert model.training_report.threads == 1
    assert bits(model) == bits(Word2Vec(synthetic_sentences, workers=1, **settings))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_learns_what_one_thread_learns(
    synthetic_sentences: Sentences, algorithm: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In rounds of several shards, so short that a small vocabulary suits them."""
    monkeypatch.setattr(rounds.Rounds, "for_vocabulary", lambda *_, **__: rounds.Rounds(2, 30))
    settings: dict[str, Any] = {"vector_size": 20, "min_count": 1, **algorithm}
    model = Word2Vec(synthetic_sentences, deterministic=True, workers=2, **settings)
    usual = Word2Vec(synthetic_sentences, workers=1, **settings)
    assert model.training_report.threads == 2
    assert model.training_report.losses == pytest.approx(usual.training_report.losses, rel=0.06)


@pytest.mark.parametrize("kind", ["list", "iterable"])
@pytest.mark.parametrize("workers", [(1, 8), (8, 1), (3, 2)])
def test_resumed_with_another_number_of_workers(
    sentences: Sentences,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    workers: tuple[int, int],
) -> None:
    """Killed within an epoch: a checkpoint lies between two rounds."""
    before, after = workers
    monkeypatch.setattr(plan, "TASK_TOKENS", 3000)
    corpus = sentences if kind == "list" else Again(sentences)
    whole = Word2Vec(sentences, **SETTINGS, workers=2)
    path = tmp_path / "checkpoint"
    saved: list[Position] = []
    save = Checkpoints._save

    def dying(self: Checkpoints) -> None:
        save(self)
        saved.append(self.state.position)
        if len(saved) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "_save", dying)
    model = Word2Vec(**SETTINGS, workers=before)
    model.build_vocab(sentences)
    with pytest.raises(KeyboardInterrupt):
        model.train(
            corpus,
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=2,
            checkpoint=path,
            checkpoint_every=timedelta(microseconds=1),
        )
    monkeypatch.undo()
    shape = rounds_of(model)
    assert shape is not None
    assert saved[-1].spans > 0
    assert saved[-1].spans % shape.shards == 0
    resumed = Word2Vec.resume(path, corpus, workers=after)
    assert resumed.deterministic
    assert bits(resumed)[:2] == bits(whole)[:2]


def test_a_checkpoint_of_other_rounds_is_refused(
    sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stops(CallbackAny2Vec):
        def on_epoch_begin(self, model: Word2Vec) -> None:
            if model.training_report.epochs:
                raise KeyboardInterrupt

    model = Word2Vec(**SETTINGS)
    model.build_vocab(sentences)
    with pytest.raises(KeyboardInterrupt):
        model.train(
            sentences,
            total_examples=model.corpus_count,
            epochs=2,
            checkpoint=tmp_path / "c",
            callbacks=[Stops()],
        )
    began = str(rounds_of(model))
    assert "shards" in began
    for others in (rounds.Rounds(2, 30), None):
        with monkeypatch.context() as patch:
            patch.setattr(rounds.Rounds, "for_vocabulary", lambda *_, shape=others, **__: shape)
            with pytest.raises(ModelFileError, match=f"began in {began}, but"):
                Word2Vec.resume(tmp_path / "c", sentences)
    assert len(Word2Vec.resume(tmp_path / "c", sentences).training_report.epochs) == 2


def test_it_is_kept_in_files(sentences: Sentences, tmp_path: Path) -> None:
    model = Word2Vec(sentences[:50], **SETTINGS)
    model.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").deterministic
    assert not Word2Vec().deterministic


def test_a_callback_may_change_weights(sentences: Sentences) -> None:
    class Halves(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            model.wv.vectors *= 0.5

    models = [
        Word2Vec(sentences, **SETTINGS, workers=count, callbacks=[Halves()]) for count in (1, 3)
    ]
    assert bits(models[0]) == bits(models[1])
    assert bits(models[0])[0] != bits(Word2Vec(sentences, **SETTINGS))[0]


def test_lock_factors_and_new_words(sentences: Sentences) -> None:
    def trained(workers: int) -> Word2Vec:
        model = Word2Vec(sentences, **SETTINGS, workers=workers)
        model.build_vocab([["new", "words", "w1", "w2"]] * 20, update=True)
        model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
        model.wv.vectors_lockf[: len(model.wv) // 2] = 0
        model.train(sentences, total_examples=model.corpus_count, epochs=1)
        return model

    one, three = trained(1), trained(3)
    assert bits(one) == bits(three)
    first = Word2Vec(sentences, **SETTINGS).wv.vectors
    half = len(one.wv) // 2
    np.testing.assert_array_equal(one.wv.vectors[:half], first[:half])


def test_sentences_that_differ_from_pass_to_pass(
    sentences: Sentences, caplog: pytest.LogCaptureFixture
) -> None:
    """The same sentences in the same passes give the same bits; a log line says that much."""

    class Passes:
        def __init__(self) -> None:
            self.rng = np.random.default_rng(1)

        def __iter__(self) -> Iterator[list[str]]:
            return (sentences[i] for i in self.rng.permutation(len(sentences)))

    with caplog.at_level(logging.INFO, logger="negw2v"):
        models = [Word2Vec(Passes(), **SETTINGS, workers=count) for count in (1, 3)]
    assert bits(models[0]) == bits(models[1])
    assert bits(models[0])[0] != bits(Word2Vec(sentences, **SETTINGS))[0]
    assert "gives the same sentences, in the same order" in caplog.text


def test_an_exception_of_the_users_ends_training(sentences: Sentences) -> None:
    class Fails(Again):
        passes = 0

        def __iter__(self) -> Iterator[list[str]]:
            self.passes += 1
            yield from self.sentences[:1000]
            if self.passes == 3:
                raise OSError("gone")
            yield from self.sentences[1000:]

    with pytest.raises(OSError, match="gone"):
        Word2Vec(Fails(sentences), **SETTINGS, workers=3)


def test_divergence_is_an_error_in_every_team(sentences: Sentences) -> None:
    model = Word2Vec(**SETTINGS, workers=3)
    model.build_vocab(sentences)
    model.wv.vectors[5] = np.nan
    with pytest.raises(DivergenceError, match="the loss is nan"):
        model.train(sentences, total_examples=model.corpus_count, epochs=1)


def test_a_value_that_is_neither_true_nor_false() -> None:
    with pytest.raises(InputTypeError, match="deterministic must be true or false, got array"):
        Word2Vec(deterministic=np.ones(2))  # type: ignore[arg-type]


@pytest.mark.skipif(not kernels.has_teams, reason="this compiler's teams are one thread")
def test_no_more_threads_than_shards_or_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def threads(model: Word2Vec, workers: int) -> int:
        return Plan(
            schedule=None,  # type: ignore[arg-type]
            seed=1,
            first_epoch=0,
            workers=workers,
            queued=1,
            token_cost=1,
            progress=False,
            report_delay=1,
            rounds=rounds_of(model),
        ).threads

    model = Word2Vec(**SETTINGS)
    model.build_vocab_from_freq({f"w{i}": 10_000 - i for i in range(10_000)})
    shape = rounds_of(model)
    assert shape is not None
    assert threads(model, 2) == 2
    assert threads(model, 500) == shape.shards
    monkeypatch.setattr(plan, "thread_count", lambda: 3)
    assert threads(model, 500) == 3


PARAMETERS = {
    "sg": st.integers(0, 1),
    "hs": st.integers(0, 1),
    "negative": st.sampled_from([1, 5, 8]),
    "window": st.sampled_from([1, 5, 11, 30]),
    "sample": st.sampled_from([0, 1e-3, 0.1]),
    "vector_size": st.sampled_from([1, 15, 16, 33]),
    "alpha": st.sampled_from([0.025, 0.1]),
    "min_count": st.integers(1, 2),
    "epochs": st.integers(1, 2),
    "sorted_vocab": st.booleans(),
    "cbow_mean": st.integers(0, 1),
    "shrink_windows": st.booleans(),
    "share_negatives": st.booleans(),
    "paired_windows": st.booleans(),
    "compute_loss": st.booleans(),
}
KINDS = ("list", "iterable", "file", "texts")


def small_corpus(seed: int) -> Sentences:
    """Sentences of one to three hundred different words, one longer than the others."""
    rng = np.random.default_rng(seed)
    words = int(rng.choice([1, 30, 300]))
    lengths = rng.integers(1, 15, int(rng.choice([1, 9, 60])))
    lengths[-1] = int(rng.choice([20, 1200]))
    tokens = (words * rng.random(lengths.sum()) ** 2).astype(np.int64)
    parts = np.split(tokens, np.cumsum(lengths)[:-1])
    return [[f"w{word}" for word in part] for part in parts]


def given_as(kind: str, sentences: Sentences, folder: Path) -> dict[str, Any]:
    """The corpus as arguments of build_vocab(), train() and resume()."""
    if kind == "file":
        return {"corpus_file": file_of(sentences, folder)}
    if kind == "texts":
        texts = [" ".join(words) for words in sentences]
        return {"corpus_iterable": texts, "tokenizer": "whitespace"}
    return {"corpus_iterable": sentences if kind == "list" else Again(sentences)}


class Killed(BaseException):
    """Ends a process, as far as a test can."""


def outcome(
    parameters: dict[str, Any], given: dict[str, Any], workers: int, checkpoint: Path, saves: int
) -> Any:
    """What training gives, or its error; killed at the given checkpoint, resumed with others."""
    model = Word2Vec(**parameters, seed=3, workers=workers, deterministic=True)
    saved = []
    save = Checkpoints._save

    def dying(self: Checkpoints) -> None:
        save(self)
        saved.append(self)
        if len(saved) == saves:
            raise Killed

    try:
        model.build_vocab(**given)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Checkpoints, "_save", dying)
            model.train(
                **given,
                total_examples=model.corpus_count,
                epochs=model.epochs,
                checkpoint=checkpoint if saves else None,
                checkpoint_every=timedelta(microseconds=1),
            )
    except Killed:
        model = Word2Vec.resume(checkpoint, **given, workers=workers % 3 + 1)
    except (DivergenceError, VocabularyError) as error:
        return type(error)
    return bits(model)


@pytest.mark.filterwarnings("ignore:the mean loss per pair is")  # of a rate that is too high
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_the_parameters(data: st.DataObject) -> None:
    """Any kind of corpus, any number of workers, killed or not."""
    parameters = data.draw(st.fixed_dictionaries(PARAMETERS))
    sentences = small_corpus(data.draw(st.integers(0, 99)))
    shape = rounds.Rounds(data.draw(st.integers(2, 9)), data.draw(st.sampled_from([3, 20, 200])))
    found = []
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(plan, "thread_count", lambda: 64)
        patch.setattr(rounds.Rounds, "for_vocabulary", lambda *_, **__: shape)
        for number in range(3):
            patch.setattr(plan, "TASK_TOKENS", data.draw(st.sampled_from([10, 300, 1 << 17])))
            given_corpus = given_as(data.draw(st.sampled_from(KINDS)), sentences, Path(folder))
            workers = data.draw(st.sampled_from(WORKERS))
            saves = data.draw(st.integers(0, 3))
            path = Path(folder) / f"checkpoint{number}"
            found.append(outcome(parameters, given_corpus, workers, path, saves))
    assert found[1:] == found[:-1]
