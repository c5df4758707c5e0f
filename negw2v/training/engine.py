"""The epochs: a corpus, a way to make kernels and a plan in; an exact account out.

    run            epochs: callbacks around each
      _Epoch       one epoch: tables of spans -> tasks -> worker threads
        WorkerPool   runs them (workers.py)
        SpanTrainer  does the work (negw2v.kernels)

The thread that calls :func:`run` reads the corpus, so that an exception of its iterator
surfaces there; a corpus that cannot be held is read and encoded while the workers train on
what was read before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.corpus.base import TokenBlock
from negw2v.errors import DivergenceError
from negw2v.training.checkpoints import Checkpoints, Position
from negw2v.training.progress import TrainingProgress
from negw2v.training.report import EpochReport, TrainingReport
from negw2v.training.schedule import LinearDecay
from negw2v.training.spans import LONGEST_SENTENCE, SpanTable, cut_spans
from negw2v.training.workers import WorkerPool, worker_pool

__all__ = ["Hooks", "Plan", "SpanSource", "SpanTrainer", "run", "span_tokens"]

# One task is some tens of milliseconds of work: long beside handing it over, short beside a
# second, within which errors and Ctrl-C must act.
TASK_TOKENS = 1 << 17
TASK_COST = 200_000_000  # multiply-adds
# Tasks per thread and table, so that no thread waits long for the last one.
TASKS_PER_WORKER = 16
SHORTEST_SPAN = 1000


def span_tokens(batch_words: int, token_cost: int) -> int:
    """Tokens per span: `batch_words`, but fewer where one span would take too long.

    Parameters
    ----------
    batch_words
        What was asked for.
    token_cost
        Multiply-adds per token, roughly. It follows from the model's parameters, so that
        spans do not depend on the machine.
    """
    return min(batch_words, max(SHORTEST_SPAN, TASK_COST // max(1, token_cost)))


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
    ) -> None:
        """Train the spans from `first` to before `last`."""


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
    """

    def __init__(
        self, blocks: Callable[[], Iterator[TokenBlock]], interned: bool, span_tokens: int
    ) -> None:
        self._blocks = blocks
        self._interned = interned
        self._span_tokens = span_tokens
        self._tables: list[SpanTable] | None = None

    @property
    def interned(self) -> bool:
        """Whether every pass gives the same."""
        return self._interned

    def tables(self) -> Iterator[SpanTable]:
        """One pass."""
        if self._tables is not None:
            return iter(self._tables)
        longest = max(LONGEST_SENTENCE, self._span_tokens)
        tables = cut_spans(self._blocks(), self._span_tokens, longest)
        if self._interned:
            self._tables = list(tables)
            return iter(self._tables)
        return tables


class Hooks(Protocol):
    """What happens between the epochs, in the thread that trains."""

    def bind(self) -> SpanTrainer:
        """The kernel on the weights as they are now: a callback may have changed them."""

    def publish(self) -> None:
        """Within an epoch, before a checkpoint: bring the model's arrays up to date."""

    def epoch_begin(self) -> None:
        """Before an epoch."""

    def epoch_end(self, epoch: EpochReport) -> bool:
        """After an epoch; True ends training."""


@dataclass(frozen=True)
class Plan:
    """How to train.

    Parameters
    ----------
    schedule
        The learning rate, and with it the epochs.
    seed
        64-bit number from which all random streams are derived.
    first_epoch
        Epochs that were trained earlier: their random streams are not used again.
    workers
        Threads.
    queued
        Tasks that may wait in the queue.
    token_cost
        Multiply-adds per token, roughly: tasks are the shorter, the dearer a token is.
    progress
        True, False or None (on a terminal): show a progress bar.
    report_delay
        Seconds between two log lines.
    """

    schedule: LinearDecay
    seed: int
    first_epoch: int
    workers: int
    queued: int
    token_cost: int
    progress: bool | None
    report_delay: float


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


class _Task(NamedTuple):
    """A run of spans of one table, and what a kernel needs to train them."""

    epoch: int
    trainer: SpanTrainer
    table: SpanTable
    first: int
    end: int
    streams: npt.NDArray[np.uint64]
    spans: _Spans


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
    """

    def __init__(self, begin: Position) -> None:
        self.begin = begin
        self._start = time.perf_counter() - begin.seconds
        self._tables: list[_Spans] = []

    @property
    def seconds(self) -> float:
        """Since the epoch began, with what it took before the checkpoint."""
        return time.perf_counter() - self._start

    @property
    def tasks(self) -> int:
        """Pieces of work that are done, with those before the checkpoint."""
        return self.begin.tasks + sum(int(spans.tasks.sum()) for spans in self._tables)

    @property
    def totals(self) -> npt.NDArray[Any]:
        """:data:`negw2v.kernels.TOTALS` of all spans so far."""
        # Joined before they are added up: the sum's last bit must not depend on the blocks.
        parts = [table.totals for table in self._tables]
        return np.concatenate([np.zeros(0, dtype=kernels.TOTALS), *parts])

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

    def report(self, rate: float) -> EpochReport:
        """The spans that are trained, added up; `rate` is the learning rate if there are none."""
        examples, words, tokens = 0.0, 0, 0
        for spans in self._tables:
            examples += float(spans.examples[spans.trained].sum())
            words += int(spans.words[spans.trained].sum())
            tokens += int(spans.tokens[spans.trained].sum())
            if spans.trained.any():
                rate = float(spans.rates[spans.trained][-1])
        trained = np.concatenate([[], *(spans.trained for spans in self._tables)]).astype(np.bool_)
        sums = self.totals[trained]
        return EpochReport(
            examples=round(examples),
            words_read=words,
            words_in_vocabulary=tokens,
            words_trained=int(sums["kept"].sum()),
            pairs=int(sums["pairs"].sum()),
            loss=float(sums["loss"].sum()),
            seconds=self.seconds,
            end_alpha=rate,
            tasks=self.tasks,
        )


class _Counters:
    """What is done of the present epoch, for those who watch."""

    def __init__(self, progress: TrainingProgress) -> None:
        self._progress = progress

    def begin(self, epoch: int) -> None:
        """A new epoch."""
        self.examples, self.words, self.trained = 0.0, 0, 0
        self._progress.begin(epoch)

    def add(self, task: _Task) -> None:
        """A task is done; in the thread that trains."""
        self.count(task.table, task.first, task.end, task.spans.totals)

    def count(self, table: SpanTable, first: int, end: int, totals: npt.NDArray[Any]) -> None:
        """Spans of a table are done, now or before training was interrupted."""
        self.examples += float(table.examples[end] - table.examples[first])
        self.words += int(table.words[end] - table.words[first])
        self.trained += int(totals["kept"][first:end].sum())
        self._progress.update(self.examples, self.words, self.trained)


def run(
    source: SpanSource,
    plan: Plan,
    hooks: Hooks,
    report: TrainingReport,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Train all epochs.

    Parameters
    ----------
    source
        The corpus.
    plan
        How to train.
    hooks
        Where the weights come from, and what happens between epochs.
    report
        Gets one entry per finished epoch, and what was trained of one that is cut short.
    checkpoints
        Where training begins, and who writes down how far it has come; None: at the start.

    Raises
    ------
    BaseException
        Whatever the corpus, a hook or a kernel raises, DivergenceError, and KeyboardInterrupt:
        after all threads have ended.
    """
    schedule = plan.schedule
    account: _Account | None = None
    with TrainingProgress(
        plan.progress,
        schedule.epochs,
        schedule.total_examples,
        schedule.total_words,
        plan.report_delay,
    ) as progress:
        counters = _Counters(progress)
        begun = len(report.epochs)
        try:
            with worker_pool(_run, counters.add, plan.workers, plan.queued) as pool:
                start = checkpoints.state.position if checkpoints else Position()
                if checkpoints and source.interned:
                    checkpoints.compare_whole(list(source.tables()))
                for epoch in range(start.epoch, schedule.epochs):
                    hooks.epoch_begin()
                    counters.begin(epoch)
                    begun = len(report.epochs)
                    account = _Account(start)
                    done = _train_epoch(source, plan, account, hooks, pool, counters, checkpoints)
                    progress.end(done.examples, done.words_read)
                    report.epochs.append(done)
                    start = Position(epoch + 1)
                    stop = hooks.epoch_end(done)
                    if checkpoints:
                        checkpoints.end(epoch + 1, finished=stop or epoch + 1 == schedule.epochs)
                    if stop:
                        break
        except BaseException:
            # here all threads have ended: the account does not change any more
            if account is not None and len(report.epochs) == begun:
                report.interrupted = account.report(float(schedule.start))
            raise


def _train_epoch(
    source: SpanSource,
    plan: Plan,
    account: _Account,
    hooks: Hooks,
    pool: WorkerPool[_Task],
    counters: _Counters,
    checkpoints: Checkpoints | None,
) -> EpochReport:
    """One epoch, or what is left of it from the account's beginning on."""
    trainer = hooks.bind()
    begin = account.begin
    epoch = begin.epoch
    if checkpoints:
        checkpoints.begin(begin)
    task_tokens = max(1, min(TASK_TOKENS, TASK_COST // max(1, plan.token_cost)))
    for table in source.tables():
        count, size = table.span_count, int(table.token_starts()[-1])
        streams = kernels.random_streams(
            plan.seed, plan.first_epoch + epoch, table.first_span, count
        )
        done = plan.schedule.progress(table.examples[:-1], table.words[:-1])
        spans = account.add(table, plan.schedule.rates(epoch, done))
        trained = int(spans.trained.sum())
        if trained:
            counters.count(table, 0, trained, spans.totals)
            if checkpoints:
                checkpoints.passed(table, 0, trained)
        share = -(-size // (plan.workers * TASKS_PER_WORKER))
        for start_span, end in table.ranges(min(task_tokens, share)):
            if end <= trained:
                continue
            first = max(start_span, trained)
            pool.submit(_Task(epoch, trainer, table, first, end, streams, spans))
            if checkpoints:
                checkpoints.passed(table, first, end)
                if checkpoints.due:
                    pool.wait()
                    hooks.publish()
                    number = table.first_span + end
                    totals = account.totals[:number]
                    checkpoints.save(
                        Position(epoch, number, totals, account.seconds, account.tasks)
                    )
    if checkpoints:
        checkpoints.check_length()
    pool.wait()
    return account.report(float(plan.schedule.start))
