"""How fast a model trains on this machine: a moment of real training, on a sample."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from negw2v import kernels
from negw2v.corpus.sentences import ListCorpus
from negw2v.errors import DivergenceError
from negw2v.training import engine
from negw2v.training.engine import Observer, SpanTrainer
from negw2v.training.plan import LinearDecay, Plan, Position, span_tokens
from negw2v.training.report import TrainingReport
from negw2v.training.spans import SpanTable
from negw2v.training.weights import Workspace, stream_seed
from negw2v.word2vec import rates, weights

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["Measured", "measured"]

#: More passes over the sample than any measurement makes.
MANY_EPOCHS = 1 << 30


class Measured(NamedTuple):
    """What a moment of training told.

    Attributes
    ----------
    words
        Words of the sample.
    seconds
        Time that training took.
    words_per_second
        Words read, whether they were trained or not.
    loss_explodes
        Whether the loss grows in place of falling: the learning rate is too high.
    """

    words: int
    seconds: float
    words_per_second: float
    loss_explodes: bool


class _EnoughError(Exception):
    """The time of a measurement is over."""


class _Clock(Observer):
    """Ends training when its time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.perf_counter() + seconds

    def spans_follow(
        self,
        table: SpanTable,  # noqa: ARG002
        first: int,  # noqa: ARG002
        end: int,  # noqa: ARG002
        pause: Callable[[], Position] | None,
    ) -> None:
        """Look at the clock; what was handed out counts, and is trained first."""
        if time.perf_counter() >= self._end:
            if pause is not None:
                pause()
            raise _EnoughError


class _Weights:
    """Lends a kernel that is there before the clock starts."""

    def __init__(self, trainer: SpanTrainer) -> None:
        self._trainer = trainer

    def bind(self) -> SpanTrainer:
        """The kernel."""
        return self._trainer

    def publish(self) -> None:
        """Nobody looks at the model."""


def measured(model: Word2Vec, sample: Sequence[Sequence[Any]], seconds: float) -> Measured:
    """Train on a sample, again and again, until the time is over.

    Parameters
    ----------
    model
        A model with a vocabulary and weights, which are of no use afterwards.
    sample
        Sentences.
    seconds
        How long. Work that was begun is finished: some tens of milliseconds.
    """
    stream = ListCorpus(sample, len(sample))
    cost = weights.token_cost(model)
    rounds = weights.rounds_of(model)
    source = engine.SpanSource(
        lambda: stream.blocks(model.wv.key_to_index),
        True,
        span_tokens(model.batch_words, cost),
        rounds,
    )
    plan = Plan(
        schedule=LinearDecay(*rates.chosen(model), MANY_EPOCHS, total_examples=len(sample)),
        seed=stream_seed(model.seed),
        first_epoch=0,
        workers=weights.workers_of(model),
        queued=2 * weights.workers_of(model),
        token_cost=cost,
        progress=False,
        report_delay=math.inf,
        rounds=rounds,
    )
    report = TrainingReport(threads=plan.threads, isa=kernels.isa())
    workspace = Workspace()
    try:
        for name in ("syn1neg", "syn1"):  # memory that is used for the first time is slow
            if hasattr(model, name):
                getattr(model, name).fill(0)
        lent = _Weights(model.span_trainer(workspace))
        with contextlib.suppress(_EnoughError):
            engine.run(source, plan, lent, report, [_Clock(seconds)])
        losses = [epoch.mean_loss for epoch in (*report.epochs, report.interrupted) if epoch]
        explodes = any(loss > rates.EXPLODED * weights.untrained_loss(model) for loss in losses)
    except DivergenceError:
        explodes = True
    finally:
        workspace.release()
    return Measured(sum(map(len, sample)), report.seconds, report.words_per_second, explodes)
