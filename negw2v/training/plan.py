"""What one call to train() is to do: epochs, learning rates, random streams, size of the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.kernels import TOTALS
from negw2v.parallel import thread_count
from negw2v.training.rounds import Rounds
from negw2v.training.spans import SpanTable

__all__ = ["LinearDecay", "Plan", "Position", "span_tokens"]

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


@dataclass(frozen=True)
class LinearDecay:
    """Linear from `start` to `end` over all epochs, never below `end`.

    Parameters
    ----------
    start, end
        Learning rates at the first word of the first epoch and after the last word of the
        last one. With ``start < end`` the rate is `end` throughout, as in gensim.
    epochs
        Passes over the corpus.
    total_examples, total_words
        Sentences and raw words of one pass; at least one of them. Where the number of
        sentences is given, progress is counted in sentences, otherwise in words.
    """

    start: float
    end: float
    epochs: int
    total_examples: int | None = None
    total_words: int | None = None

    def progress(
        self, examples: npt.NDArray[np.float64], words: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Share of one epoch that lies before each position; above 1 past the promised end.

        Parameters
        ----------
        examples, words
            Sentences (with the fraction of a sentence that was cut) and raw words before
            each position, counted from the start of the epoch.
        """
        if self.total_examples:
            return examples / self.total_examples
        if self.total_words:
            return words / self.total_words
        return np.zeros(len(examples))

    def rates(self, epoch: int, progress: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Learning rates at positions within an epoch.

        Parameters
        ----------
        epoch
            Number of the epoch, from 0.
        progress
            Share of that epoch which lies before each position.

        Returns
        -------
        numpy.ndarray
            float32, one rate per position.
        """
        done = (epoch + progress) / self.epochs
        return np.maximum(self.end, self.start - (self.start - self.end) * done).astype(np.float32)


@dataclass(frozen=True)
class Position:
    """Where training stands.

    Parameters
    ----------
    epoch
        Epochs that are over.
    spans
        Spans of the present one that are trained.
    totals
        :data:`negw2v.kernels.TOTALS` of these spans.
    seconds, tasks
        What they took.
    """

    epoch: int = 0
    spans: int = 0
    totals: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=TOTALS))
    seconds: float = 0.0
    tasks: int = 0


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
    start
        Where training begins: at the start, or where a checkpoint was written.
    ask
        Learning rates that are computed anew while training runs: ``ask(epoch, progress)`` in
        place of :meth:`LinearDecay.rates`; None: those of the schedule.
    rounds
        The rounds in which spans are trained, so that the result does not depend on the number of
        threads; None: whoever is free trains the next spans.
    """

    schedule: LinearDecay
    seed: int
    first_epoch: int
    workers: int
    queued: int
    token_cost: int
    progress: bool | None
    report_delay: float
    start: Position = field(default_factory=Position)
    ask: Callable[[int, npt.NDArray[np.float64]], npt.NDArray[np.float32]] | None = None
    rounds: Rounds | None = None

    @property
    def threads(self) -> int:
        """Threads that can be of use: those of a team wait for each other, and need a CPU each."""
        if self.rounds is None:
            return self.workers
        if not kernels.has_teams:
            return 1
        return min(self.workers, self.rounds.shards, thread_count())

    def rates(self, epoch: int, table: SpanTable) -> npt.NDArray[np.float32]:
        """float32 (p,): the learning rate of each span of a table."""
        progress = self.schedule.progress(table.examples[:-1], table.words[:-1])
        return (self.ask or self.schedule.rates)(epoch, progress)

    def tasks(self, table: SpanTable) -> Iterator[tuple[int, int]]:
        """The spans of a table in tasks: (first, end) of each."""
        most = max(1, min(TASK_TOKENS, TASK_COST // max(1, self.token_cost)))
        if self.rounds is not None:
            return table.ranges(most * self.threads, self.rounds.shards)
        share = -(-int(table.token_starts()[-1]) // (self.workers * TASKS_PER_WORKER))
        return table.ranges(min(most, share))
