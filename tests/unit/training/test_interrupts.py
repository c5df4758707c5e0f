"""Ctrl-C during training with a checkpoint: it is written, fresh, and training ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import CallbackAny2Vec, Word2Vec
from negw2v.training.interrupts import put_off


def press() -> None:
    signal.raise_signal(signal.SIGINT)


class Pressing:
    """Sentences; Ctrl-C is pressed before one of them, in one of the passes."""

    def __init__(self, sentences: list[list[str]], at_pass: int, at: int, times: int = 1) -> None:
        self.sentences = sentences
        self.left = at_pass
        self.at = at
        self.times = times

    def __iter__(self) -> Iterator[list[str]]:
        self.left -= 1
        for number, sentence in enumerate(self.sentences):
            if number == self.at and self.left == 0:
                for _ in range(self.times):
                    press()
            yield sentence


def trained(
    corpus: Any, sentences: list[list[str]], deterministic: bool = False, **arguments: Any
) -> Word2Vec:
    model = Word2Vec(
        vector_size=8,
        min_count=1,
        workers=2 if deterministic else 1,
        epochs=4,
        batch_words=2000,
        seed=3,
        deterministic=deterministic,
    )
    model.build_vocab(sentences)
    model.train(
        corpus,
        total_examples=model.corpus_count,
        epochs=model.epochs,
        **arguments,
    )
    return model


def pressing(wanted: bool, times: int, done: list[bool]) -> None:
    """Press Ctrl-C in the block; `done` gets what is known of it each time."""
    with put_off(wanted) as pressed:
        done.append(pressed())
        for _ in range(times):
            press()
            done.append(pressed())


@pytest.mark.parametrize(
    ("wanted", "times", "expected"),
    [(True, 1, [False, True]), (True, 2, [False, True]), (False, 1, [False])],
)
def test_the_first_is_noted_and_the_second_acts(
    wanted: bool, times: int, expected: list[bool]
) -> None:
    done: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        pressing(wanted, times, done)
    assert done == expected
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_exception_of_the_block_reaches_the_caller() -> None:
    def failing() -> None:
        with put_off(True):
            press()
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        failing()


def test_a_handler_of_the_program_and_other_threads_are_left_alone() -> None:
    mine = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with put_off(True):
            handler = signal.getsignal(signal.SIGINT)
        assert handler is not signal.default_int_handler
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, mine)
    seen: list[Any] = []

    def elsewhere() -> None:
        with put_off(True) as pressed:
            seen.append((signal.getsignal(signal.SIGINT), pressed()))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [(signal.default_int_handler, False)]


@pytest.mark.parametrize(("at_pass", "at"), [(1, 0), (1, 3000), (2, 100), (2, 4999), (4, 2500)])
def test_the_state_is_written_within_an_epoch(
    synthetic_sentences: list[list[str]], tmp_path: Path, at_pass: int, at: int
) -> None:
    checkpoint = tmp_path / "checkpoint"
    corpus = Pressing(synthetic_sentences, at_pass, at)
    with pytest.raises(KeyboardInterrupt):
        trained(corpus, synthetic_sentences, checkpoint=checkpoint)
    held = Word2Vec.load(str(checkpoint))
    assert held.epochs_begun in (at_pass, at_pass - 1)
    resumed = Word2Vec.resume(checkpoint, synthetic_sentences)
    assert len(resumed.training_report.epochs) == 4
    through = trained(Pressing(synthetic_sentences, 0, 0), synthetic_sentences)
    np.testing.assert_array_equal(resumed.wv.vectors, through.wv.vectors)


def test_threads_that_work_in_rounds_are_interrupted_in_the_same_way(
    synthetic_sentences: list[list[str]], tmp_path: Path
) -> None:
    class Impatient(CallbackAny2Vec):
        def on_epoch_begin(self, model: Word2Vec) -> None:
            if model.epochs_begun == 2:
                press()

    checkpoint = tmp_path / "checkpoint"
    sentences = synthetic_sentences
    with pytest.raises(KeyboardInterrupt):
        trained(
            sentences, sentences, deterministic=True, checkpoint=checkpoint, callbacks=[Impatient()]
        )
    assert Word2Vec.load(str(checkpoint)).epochs_begun == 2
    resumed = Word2Vec.resume(checkpoint, sentences)
    through = trained(sentences, sentences, deterministic=True)
    np.testing.assert_array_equal(resumed.wv.vectors, through.wv.vectors)


def test_the_state_is_written_after_a_callback(
    synthetic_sentences: list[list[str]], tmp_path: Path
) -> None:
    class Impatient(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            if len(model.training_report.epochs) == 2:
                press()

    checkpoint = tmp_path / "checkpoint"
    sentences = synthetic_sentences[:300]
    with pytest.raises(KeyboardInterrupt):
        trained(
            sentences, sentences, checkpoint=checkpoint, checkpoint_every=3, callbacks=[Impatient()]
        )
    resumed = Word2Vec.resume(checkpoint, sentences)
    np.testing.assert_array_equal(resumed.wv.vectors, trained(sentences, sentences).wv.vectors)


def test_a_resumed_training_is_interrupted_in_the_same_way(
    synthetic_sentences: list[list[str]], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        trained(Pressing(synthetic_sentences, 1, 3000), synthetic_sentences, checkpoint=checkpoint)
    with pytest.raises(KeyboardInterrupt):
        Word2Vec.resume(checkpoint, Pressing(synthetic_sentences, 2, 10))
    resumed = Word2Vec.resume(checkpoint, synthetic_sentences)
    through = trained(Pressing(synthetic_sentences, 0, 0), synthetic_sentences)
    np.testing.assert_array_equal(resumed.wv.vectors, through.wv.vectors)


def test_pressed_twice_it_does_not_wait(
    synthetic_sentences: list[list[str]], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        trained(
            Pressing(synthetic_sentences, 1, 3000, 2), synthetic_sentences, checkpoint=checkpoint
        )
    assert not checkpoint.exists()
