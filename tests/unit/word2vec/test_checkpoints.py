"""Training that is killed and resumed ends with the bits of training that is not."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import CallbackAny2Vec, EarlyStopping, KeyedVectors, Word2Vec
from negw2v.errors import (
    CorpusError,
    InputTypeError,
    ModelFileError,
    ParameterError,
    SaveError,
)
from negw2v.formats import opening
from negw2v.formats.records import ModelRecord
from negw2v.training.checkpoints import Checkpoints, TrainingState, checked_interval

Sentences = list[list[str]]
SETTINGS: dict[str, Any] = {"vector_size": 12, "min_count": 3, "seed": 5, "batch_words": 1500}
ALWAYS = timedelta(microseconds=1)


class Again:
    """An iterable that starts anew in each pass."""

    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self.sentences)


KINDS = ("list", "file", "iterable")


def given(kind: str, sentences: Sentences, folder: Path) -> dict[str, Any]:
    if kind == "file":
        path = folder / "corpus.txt"
        path.write_text("".join(" ".join(words) + "\n" for words in sentences))
        return {"corpus_file": path}
    return {"corpus_iterable": sentences if kind == "list" else Again(sentences)}


@pytest.fixture(scope="module")
def sentences(synthetic_sentences: Sentences) -> Sentences:
    return synthetic_sentences[:1200]


class Killed(BaseException):
    """Ends training where a kill would."""


def model_for(sentences: Sentences, **settings: Any) -> Word2Vec:
    model = Word2Vec(**{**SETTINGS, "workers": 1, **settings})
    model.build_vocab(sentences)
    return model


def train(model: Word2Vec, corpus: dict[str, Any], **more: Any) -> None:
    model.train(**corpus, total_examples=model.corpus_count, epochs=3, compute_loss=True, **more)


def kill_after(monkeypatch: pytest.MonkeyPatch, saves: int) -> None:
    """Let training die right after it has written so many checkpoints."""
    save = Checkpoints._save
    left = saves

    def dying(self: Checkpoints) -> None:
        nonlocal left
        save(self)
        left -= 1
        if left == 0:
            raise Killed

    monkeypatch.setattr(Checkpoints, "_save", dying)


def assert_same_end(resumed: Word2Vec, whole: Word2Vec) -> None:
    assert resumed.wv.index_to_key == whole.wv.index_to_key
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
    for name in ("syn1neg", "syn1"):
        assert hasattr(resumed, name) == hasattr(whole, name)
        if hasattr(whole, name):
            np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))
    for name in (
        "epochs_begun",
        "train_count",
        "running_training_loss",
        "min_alpha_yet_reached",
        "alpha",
        "epochs",
    ):
        assert getattr(resumed, name) == getattr(whole, name), name
    ours, theirs = resumed.training_report, whole.training_report
    assert ours is not None
    assert theirs is not None
    assert len(ours.epochs) == len(theirs.epochs)
    for mine, its in zip(ours.epochs, theirs.epochs, strict=True):
        for name in (
            "examples",
            "words_read",
            "words_in_vocabulary",
            "words_trained",
            "pairs",
            "loss",
            "end_alpha",
        ):
            assert getattr(mine, name) == getattr(its, name), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "objective",
    [{"sg": 1}, {"sg": 0}, {"sg": 1, "hs": 1, "negative": 0}, {"hs": 1, "sample": 0}],
    ids=["sg ns", "cbow ns", "sg hs", "cbow both"],
)
@pytest.mark.parametrize(
    ("every", "saves"), [(1, 1), (2, 1), (ALWAYS, 3), (ALWAYS, 13), (ALWAYS, 25)]
)
def test_resumed_training_ends_with_the_same_bits(
    sentences: Sentences,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    objective: dict[str, Any],
    every: int | timedelta,
    saves: int,
) -> None:
    corpus = given(kind, sentences, tmp_path)
    whole = model_for(sentences, **objective)
    train(whole, corpus)
    broken = model_for(sentences, **objective)
    with monkeypatch.context() as patch:
        kill_after(patch, saves)
        with pytest.raises(Killed):
            train(broken, corpus, checkpoint=tmp_path / "c", checkpoint_every=every)
    resumed = Word2Vec.resume(tmp_path / "c", **corpus)
    assert_same_end(resumed, whole)


@pytest.mark.parametrize("every", [1, ALWAYS])
def test_writing_checkpoints_changes_nothing(
    sentences: Sentences, tmp_path: Path, every: int | timedelta
) -> None:
    plain, watched = model_for(sentences), model_for(sentences)
    train(plain, {"corpus_iterable": sentences})
    train(
        watched,
        {"corpus_iterable": sentences},
        checkpoint=str(tmp_path / "c"),
        checkpoint_every=every,
    )
    assert_same_end(watched, plain)
    # a checkpoint is a model, and one of training that is over is resumed to what it is
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "c").vectors, plain.wv.vectors)
    assert Word2Vec.load(tmp_path / "c", mmap="r").wv.index_to_key == plain.wv.index_to_key
    over = Word2Vec.resume(tmp_path / "c", sentences)
    np.testing.assert_array_equal(over.wv.vectors, plain.wv.vectors)
    assert len(over.training_report.epochs) == 3


def test_interrupted_again_and_again(
    sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = model_for(sentences), model_for(sentences)
    train(whole, {"corpus_iterable": sentences})
    kill_after(monkeypatch, 2)
    with pytest.raises(Killed):
        train(
            broken,
            {"corpus_iterable": sentences},
            checkpoint=tmp_path / "c",
            checkpoint_every=ALWAYS,
        )
    for _ in range(200):
        with monkeypatch.context() as patch:
            kill_after(patch, 3)
            try:
                resumed = Word2Vec.resume(tmp_path / "c", sentences)
            except Killed:
                continue
        break
    assert_same_end(Word2Vec.resume(tmp_path / "c", sentences), whole)
    assert resumed.train_count == 1


KILLED = """
import sys
from datetime import timedelta
from negw2v import Word2Vec
sentences = [line.split() for line in open(sys.argv[1])]
model = Word2Vec(vector_size=12, min_count=3, seed=5, batch_words=1500, workers=1, sg=1)
model.build_vocab(sentences)
print("ready", flush=True)
model.train(sentences, total_examples=model.corpus_count, epochs=400,
            checkpoint=sys.argv[2], checkpoint_every=timedelta(milliseconds=5))
"""


def test_a_process_that_is_really_killed(sentences: Sentences, tmp_path: Path) -> None:
    corpus, checkpoint = given("file", sentences, tmp_path)["corpus_file"], tmp_path / "c"
    for wait in (0.2, 0.3):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(corpus), str(checkpoint)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not checkpoint.exists() and process.poll() is None:
                pass
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(wait)
            process.send_signal(signal.SIGKILL)
    record = opening.read(checkpoint)
    assert isinstance(record, ModelRecord)
    assert record.training is not None
    # to be over soon: the rest of the epoch that was interrupted, and one more
    last = record.training["epoch"] + 2
    whole = model_for(sentences, sg=1)
    stop = StopAfter(last)
    whole.train(sentences, total_examples=whole.corpus_count, epochs=400, callbacks=[stop])
    resumed = Word2Vec.resume(checkpoint, sentences, callbacks=[StopAfter(last)])
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
    np.testing.assert_array_equal(resumed.syn1neg, whole.syn1neg)


class StopAfter(CallbackAny2Vec):
    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.begun: list[int] = []

    def on_train_begin(self, model: Any) -> None:
        self.begun.append(len(model.training_report.epochs))

    def on_epoch_end(self, model: Any) -> None:
        from negw2v import StopTraining

        if len(model.training_report.epochs) == self.epochs:
            raise StopTraining


class TestAnotherCorpus:
    @pytest.fixture(params=[1, ALWAYS], ids=["epoch", "within"])
    def checkpoint(
        self,
        request: pytest.FixtureRequest,
        sentences: Sentences,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Path:
        kind = "list"
        with monkeypatch.context() as patch:
            kill_after(patch, 1 if request.param == 1 else 14)
            with pytest.raises(Killed):
                train(
                    model_for(sentences),
                    given(kind, sentences, tmp_path),
                    checkpoint=tmp_path / "c",
                    checkpoint_every=request.param,
                )
        return tmp_path / "c"

    @pytest.mark.parametrize("wrap", [list, Again])
    @pytest.mark.parametrize(
        "change",
        [
            lambda sentences: sentences[1:],
            lambda sentences: [sentences[0][::-1], *sentences[1:]],
            lambda sentences: sentences[:1],
        ],
    )
    def test_is_refused(
        self,
        sentences: Sentences,
        checkpoint: Path,
        change: Callable[[Sentences], Sentences],
        wrap: Callable[[Sentences], Any],
    ) -> None:
        with pytest.raises(CorpusError, match="not the corpus"):
            Word2Vec.resume(checkpoint, wrap(change(sentences)))

    def test_is_found_in_a_late_sentence(self, sentences: Sentences, checkpoint: Path) -> None:
        other = [*sentences[:-1], sentences[-1][::-1]]
        with pytest.raises(CorpusError, match="not the corpus"):
            Word2Vec.resume(checkpoint, other)

    def test_is_accepted_on_demand(self, sentences: Sentences, checkpoint: Path) -> None:
        resumed = Word2Vec.resume(checkpoint, Again(sentences[1:]), check_corpus=False, write=False)
        assert len(resumed.training_report.epochs) == 3

    def test_with_more_workers(self, sentences: Sentences, checkpoint: Path) -> None:
        resumed = Word2Vec.resume(checkpoint, sentences, workers=3)
        assert resumed.workers == 3
        report = resumed.training_report
        assert report.examples == 3 * len(sentences)
        assert report.words_read == 3 * sum(map(len, sentences))


def test_callbacks_see_what_is_left(
    sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        kill_after(patch, 1)
        with pytest.raises(Killed):
            train(model_for(sentences), {"corpus_iterable": sentences}, checkpoint=tmp_path / "c")
    callback = StopAfter(2)
    resumed = Word2Vec.resume(tmp_path / "c", sentences, callbacks=[callback])
    assert callback.begun == [1]
    assert len(resumed.training_report.epochs) == 2
    again = Word2Vec.resume(tmp_path / "c", sentences)  # over, because it was stopped
    np.testing.assert_array_equal(again.wv.vectors, resumed.wv.vectors)


def test_early_stopping_remembers_the_epochs_before() -> None:
    class Report:
        losses = (3.0, 2.0, 2.5)

    class Model:
        training_report = Report()

    stopping = EarlyStopping(patience=3)
    stopping.on_train_begin(Model())
    assert (stopping.best, stopping.waited) == (2.0, 1)


def test_the_interval() -> None:
    assert checked_interval(np.int64(2)) == 2
    for wrong in (1.5, "1", None, True):
        with pytest.raises(InputTypeError, match="timedelta"):
            checked_interval(wrong)
    for wrong in (0, -1, timedelta(0)):
        with pytest.raises(ParameterError, match="timedelta"):
            checked_interval(wrong)


def test_errors_come_before_training(sentences: Sentences, tmp_path: Path) -> None:
    model = model_for(sentences)
    before = model.wv.vectors.copy()
    with pytest.raises(SaveError, match="no folder"):
        train(model, {"corpus_iterable": sentences}, checkpoint=tmp_path / "missing" / "c")
    with pytest.raises(InputTypeError, match="checkpoint_every"):
        train(model, {"corpus_iterable": sentences}, checkpoint_every=0.5)
    np.testing.assert_array_equal(model.wv.vectors, before)
    assert model.epochs_begun == 0
    model.save(tmp_path / "m")
    with pytest.raises(ModelFileError, match="no checkpoint"):
        Word2Vec.resume(tmp_path / "m", sentences)


def test_a_state_that_is_damaged(sentences: Sentences, tmp_path: Path) -> None:
    train(model_for(sentences), {"corpus_iterable": sentences}, checkpoint=tmp_path / "c")
    record = opening.read(tmp_path / "c")
    assert isinstance(record, ModelRecord)
    content = record.training or {}
    assert TrainingState.from_parts(content, record.training_arrays).finished
    for name in content:
        lacking = {key: value for key, value in content.items() if key != name}
        with pytest.raises(ParameterError, match="damaged"):
            TrainingState.from_parts(lacking, record.training_arrays)
        if name not in {"isa", "finished", "every_seconds"}:
            with pytest.raises(ParameterError, match=r"damaged|checkpoint_every"):
                TrainingState.from_parts({**content, name: "x"}, record.training_arrays)
    with pytest.raises(ParameterError, match="damaged"):
        TrainingState.from_parts({**content, "spans": 10**15}, record.training_arrays)


def test_resume_belongs_to_the_class() -> None:
    """On an object it would return another model and leave that one as it was."""
    with pytest.raises(AttributeError, match=r"write Word2Vec\.resume\(\.\.\.\)"):
        Word2Vec().resume("nowhere", [["a"]])
