"""The epochs: a corpus, a way to make kernels and a plan in; an exact account out.

    run              the epochs
      _train_epoch     one epoch: tables of spans -> tasks -> worker threads
        WorkerPool       runs them (workers.py)
        SpanTrainer      does the work (negw2v.kernels)
    Observer         what those see who follow training: callbacks, checkpoints

The thread that calls :func:`run` reads the corpus, so that an exception of its iterator
surfaces there; a corpus that cannot be held is read and encoded while the workers train on
what was read before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.corpus.base import TokenBlock
from negw2v.errors import DivergenceError
from negw2v.training.plan import Plan, Position
from negw2v.training.progress import TrainingProgress
from negw2v.training.report import EpochReport, TrainingReport
from negw2v.training.rounds import Rounds
from negw2v.training.spans import LONGEST_SENTENCE, SpanTable, cut_spans
from negw2v.training.weights import Workspace
from negw2v.training.workers import WorkerPool, worker_pool

__all__ = ["Observer", "RemoteTraining", "SpanSource", "SpanTrainer", "WeightsOwner", "run"]


class SpanTrainer(Protocol):
    """The part of :class:`negw2v.kernels.SpanTrainer` that is used here."""

    def train(
        self,
        tokens: npt.NDArray[np.int32],
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: npt.NDArray[Any],
        *team: Any,
    ) -> None:
        """Train the spans from `first` to before `last`; a team trains them in rounds."""


class RemoteTraining(Protocol):
    """Who trains a model's weights somewhere else: :mod:`negw2v.distributed`."""

    rounds: Rounds

    def trainer(
        self,
        objective: kernels.Objective,
        weights: kernels.Weights,
        tables: kernels.Tables,
        workspace: Workspace,
    ) -> SpanTrainer:
        """A trainer that stands in for a kernel; it brings the weights back to the workspace."""


class SpanSource:
    """The spans of a corpus, epoch by epoch.

    Parameters
    ----------
    blocks
        Starts one pass over the corpus.
    interned
        Whether every pass gives the same: then one is enough.
    span_tokens
        Tokens per span, about.
    rounds
        The rounds in which the spans are trained; None: each by itself.
    """

    def __init__(
        self,
        blocks: Callable[[], Iterator[TokenBlock]],
        interned: bool,
        span_tokens: int,
        rounds: Rounds | None = None,
    ) -> None:
        self._blocks = blocks
        self._interned = interned
        if rounds is None:
            self._cut = span_tokens, max(LONGEST_SENTENCE, span_tokens), 1
        else:
            self._cut = rounds.shard_tokens, rounds.longest_sentence, rounds.shards
        self._tables: list[SpanTable] | None = None

    @property
    def interned(self) -> bool:
        """Whether every pass gives the same."""
        return self._interned

    def size(self) -> tuple[int, int] | None:
        """The spans and the tokens of a pass, where every pass gives the same."""
        if not self._interned:
            return None
        tables = list(self.tables())
        return (
            sum(table.span_count for table in tables),
            sum(int(table.token_starts()[-1]) for table in tables),
        )

    def tables(self) -> Iterator[SpanTable]:
        """One pass."""
        if self._tables is not None:
            return iter(self._tables)
        tables = cut_spans(self._blocks(), *self._cut)
        if self._interned:
            self._tables = list(tables)
            return iter(self._tables)
        return tables


class WeightsOwner(Protocol):
    """Who lends the weights to training."""

    def bind(self) -> SpanTrainer:
        """The kernel on the weights as they are now; called at the beginning of each epoch."""

    def publish(self) -> None:
        """Within an epoch: write what is trained into the owner's arrays."""


class Observer:
    """Follows training; a class derived from it sees what it overrides.

    All methods are called in the thread that called :func:`run`; what they raise ends training.
    """

    def training_begins(self, source: SpanSource) -> None:
        """Before the first epoch."""

    def epoch_begins(self, start: Position) -> None:
        """Before an epoch, or before the rest of one that was begun before a checkpoint."""

    def spans_follow(
        self, table: SpanTable, first: int, end: int, pause: Callable[[], Position] | None
    ) -> None:
        """Some spans of a table, at least one, were handed out to be trained.

        Parameters
        ----------
        table, first, end
            The spans.
        pause
            Waits until all that was handed out is trained and in the owner's arrays, and says
            where training stands. None: they were trained before the checkpoint.
        """

    def spans_end(self) -> None:
        """The last span of an epoch was handed out."""

    def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:  # noqa: ARG002 - for others
        """After an epoch.

        Parameters
        ----------
        epoch
            Its report.
        last
            Whether training ends here, as far as the observers before this one know.

        Returns
        -------
        bool
            Whether it does.
        """
        return last


class _Spans(NamedTuple):
    """What the account of an epoch needs of the spans of one table.

    Attributes
    ----------
    examples, words, tokens
        (p,): sentences, raw words and tokens of each span.
    rates
        float32 (p,): learning rates.
    totals
        :data:`negw2v.kernels.TOTALS` (p,): what the kernel counts.
    trained, tasks
        bool (p,): whether a span is trained, and whether a task that is done began with it.
        Written by the thread that trains, and so right wherever the waiting one is interrupted.
    """

    examples: npt.NDArray[np.float64]
    words: npt.NDArray[np.int64]
    tokens: npt.NDArray[np.int64]
    rates: npt.NDArray[np.float32]
    totals: npt.NDArray[Any]
    trained: npt.NDArray[np.bool_]
    tasks: npt.NDArray[np.bool_]


NO_SPANS = _Spans(
    np.zeros(0),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.float32),
    np.zeros(0, kernels.TOTALS),
    np.zeros(0, np.bool_),
    np.zeros(0, np.bool_),
)


class _Task(NamedTuple):
    """A run of spans of one table, and what a kernel needs to train them.

    Where spans are trained in rounds, each thread of a `team` gets the same task; the one that
    `counts` stands for all of them.
    """

    epoch: int
    trainer: SpanTrainer
    table: SpanTable
    first: int
    end: int
    streams: npt.NDArray[np.uint64]
    spans: _Spans
    team: tuple[Any, ...] = ()
    counts: bool = True


def _run(task: _Task) -> None:
    """Train the spans of a task; in a worker thread.

    Raises
    ------
    DivergenceError
        The loss of a span is NaN or infinite.
    """
    task.trainer.train(
        task.table.tokens,
        task.table.piece_starts,
        task.table.span_starts,
        task.first,
        task.end,
        task.streams,
        task.spans.rates,
        task.spans.totals,
        *task.team,
    )
    task.spans.trained[task.first : task.end] = True
    task.spans.tasks[task.first] = True
    losses = task.spans.totals["loss"][task.first : task.end]
    diverged = np.flatnonzero(~np.isfinite(losses))
    if len(diverged):
        rate = task.spans.rates[task.first + diverged[0]]
        raise DivergenceError(
            f"the loss is {losses[diverged[0]]} in epoch {task.epoch} (counted from 0), at the "
            f"learning rate {rate:.4g}: training was stopped, and the vectors are of no use. Call "
            "init_weights() and begin again with a smaller alpha; or look for NaN in what the "
            "weights were set to."
        )


class _Account:
    """What is trained of one epoch.

    Parameters
    ----------
    begin
        Where the epoch begins: the start, or a checkpoint.
    pool
        The threads that train it.
    """

    def __init__(self, begin: Position, pool: WorkerPool[_Task]) -> None:
        self.begin = begin
        self._start = time.perf_counter() - begin.seconds
        self._tables = [NO_SPANS]
        self._pool = pool
        self._busy, self._full = pool.busy_seconds, pool.full_seconds

    def add(self, table: SpanTable, rates: npt.NDArray[np.float32]) -> _Spans:
        """More spans; what they need to be trained and counted."""
        spans = _Spans(
            np.diff(table.examples),
            np.diff(table.words),
            np.diff(table.token_starts()),
            rates,
            np.zeros(table.span_count, dtype=kernels.TOTALS),
            np.zeros(table.span_count, dtype=np.bool_),
            np.zeros(table.span_count, dtype=np.bool_),
        )
        before = min(table.span_count, max(0, self.begin.spans - table.first_span))
        spans.totals[:before] = self.begin.totals[table.first_span :][:before]
        spans.trained[:before] = True
        self._tables.append(spans)
        return spans

    def _joined(self) -> _Spans:
        """All spans so far; joined first, a sum does not depend on the tables they came in."""
        return _Spans(*map(np.concatenate, zip(*self._tables, strict=True)))

    def position(self, spans: int) -> Position:
        """Where training stands when so many spans of the epoch are trained, and no others."""
        joined = self._joined()
        return Position(
            self.begin.epoch,
            spans,
            joined.totals[:spans],
            time.perf_counter() - self._start,
            self.begin.tasks + int(joined.tasks.sum()),
        )

    def report(self, rate: float) -> EpochReport:
        """The spans that are trained, added up; `rate` is the learning rate if there are none."""
        joined = self._joined()
        trained = joined.trained
        sums = joined.totals[trained]
        seconds = time.perf_counter() - self._start
        busy = (self._pool.busy_seconds - self._busy) / self._pool.threads
        return EpochReport(
            examples=round(float(joined.examples[trained].sum())),
            words_read=int(joined.words[trained].sum()),
            words_in_vocabulary=int(joined.tokens[trained].sum()),
            words_trained=int(sums["kept"].sum()),
            pairs=int(sums["pairs"].sum()),
            loss=float(sums["loss"].sum()),
            seconds=seconds,
            corpus_waited=self._pool.full_seconds - self._full,
            threads_waited=max(0.0, seconds - self.begin.seconds - busy),
            end_alpha=float(joined.rates[trained][-1]) if trained.any() else rate,
            tasks=self.begin.tasks + int(joined.tasks.sum()),
        )


def run(
    source: SpanSource,
    plan: Plan,
    weights: WeightsOwner,
    report: TrainingReport,
    observers: Sequence[Observer] = (),
) -> None:
    """Train all epochs.

    Parameters
    ----------
    source
        The corpus.
    plan
        How to train, and where to begin.
    weights
        Who lends the weights.
    report
        Gets one entry per finished epoch, and what was trained of one that is cut short.
    observers
        Who follows training, in the order in which they are told.

    Raises
    ------
    BaseException
        Whatever the corpus, an observer or a kernel raises, DivergenceError, and
        KeyboardInterrupt: after all threads have ended.
    """
    schedule = plan.schedule
    account: _Account | None = None
    begun = len(report.epochs)
    with TrainingProgress(
        plan.progress,
        schedule.epochs,
        schedule.total_examples,
        schedule.total_words,
        plan.report_delay,
    ) as progress:
        try:
            with worker_pool(_run, partial(_count, progress), plan.threads, plan.queued) as pool:
                for observer in observers:
                    observer.training_begins(source)
                start, last = plan.start, plan.start.epoch >= schedule.epochs
                while not last:
                    for observer in observers:
                        observer.epoch_begins(start)
                    progress.begin(start.epoch)
                    begun = len(report.epochs)
                    account = _Account(start, pool)
                    done = _train_epoch(source, plan, account, weights, pool, progress, observers)
                    progress.end(done.examples, done.words_read)
                    report.epochs.append(done)
                    start = Position(start.epoch + 1)
                    last = start.epoch == schedule.epochs
                    for observer in observers:
                        last = observer.epoch_ends(done, last) or last
        except BaseException:
            # here all threads have ended: the account does not change any more
            if account is not None and len(report.epochs) == begun:
                report.interrupted = account.report(float(schedule.start))
            raise


def _train_epoch(
    source: SpanSource,
    plan: Plan,
    account: _Account,
    weights: WeightsOwner,
    pool: WorkerPool[_Task],
    progress: TrainingProgress,
    observers: Sequence[Observer],
) -> EpochReport:
    """One epoch, or what is left of it from the account's beginning on."""
    trainer = weights.bind()
    epoch = account.begin.epoch
    handed_out = 0  # spans

    def pause() -> Position:
        pool.wait()
        weights.publish()
        return account.position(handed_out)

    for table in source.tables():
        streams = kernels.random_streams(
            plan.seed, plan.first_epoch + epoch, table.first_span, table.span_count
        )
        spans = account.add(table, plan.rates(epoch, table))
        trained = int(spans.trained.sum())  # before the checkpoint that training begins with
        if trained:
            _count(progress, _Task(epoch, trainer, table, 0, trained, streams, spans))
            for observer in observers:
                observer.spans_follow(table, 0, trained, None)
        for start_span, end in plan.tasks(table):
            if end <= trained:
                continue
            first = max(start_span, trained)
            _submit(pool, plan, _Task(epoch, trainer, table, first, end, streams, spans))
            handed_out = table.first_span + end
            for observer in observers:
                observer.spans_follow(table, first, end, pause)
    for observer in observers:
        observer.spans_end()
    pool.wait()
    return account.report(float(plan.schedule.start))


def _submit(pool: WorkerPool[_Task], plan: Plan, task: _Task) -> None:
    """Hand out a task: to any thread, or to all of them as one team.

    The pool keeps the order. So whoever gets the next task has been a member of this team, or as
    many others have; and members stay until all is trained. No two teams are at work at once.
    """
    if plan.rounds is None:
        pool.submit(task)
        return
    team = kernels.Team()
    for member in range(plan.threads):
        pool.submit(task._replace(team=(team,), counts=member == 0))


def _count(progress: TrainingProgress, task: _Task) -> None:
    """Spans are done, now or before a checkpoint; in the thread that called run()."""
    if not task.counts:
        return
    table, first, end = task.table, task.first, task.end
    progress.add(
        float(table.examples[end] - table.examples[first]),
        int(table.words[end] - table.words[first]),
        task.spans.totals[first:end],
        task.spans.rates[first:end],
    )
