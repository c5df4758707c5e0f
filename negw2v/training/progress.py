"""Progress while training runs: log lines, and a bar on a terminal.

Log lines are for people; programs find the same in the attribute ``event`` of a log record, a dict
that JSON can hold.
"""

from __future__ import annotations

import logging
import math
import sys
import time
from typing import Any, Protocol

import numpy.typing as npt

from negw2v.corpus.base import ScanProgress
from negw2v.errors import MissingDependencyError

__all__ = ["ProgressBar", "ScanReporter", "TrainingProgress", "progress_bar"]

logger = logging.getLogger(__name__)


class ProgressBar(Protocol):
    """The part of tqdm's interface that is used here."""

    n: float

    def update(self, n: float = 1) -> bool | None:
        """Add to what is done."""

    def set_postfix_str(self, s: str = "", refresh: bool = True) -> None:
        """Change the text behind."""

    def set_description(self, desc: str | None = None, refresh: bool | None = True) -> None:
        """Change the text in front."""

    def close(self) -> None:
        """Draw the final state."""


def progress_bar(
    show: bool | None, description: str, total: float | None, unit: str
) -> ProgressBar | None:
    """A progress bar on stderr, or None where none is wanted.

    Parameters
    ----------
    show
        True: always; False: never; None: where stderr is a terminal.
    description
        Text in front of the bar.
    total
        What 100 % is, in `unit`; None where it is not known.
    unit
        What is counted.

    Raises
    ------
    MissingDependencyError
        A bar was demanded but tqdm is not installed.
    """
    if show is None:
        show = sys.stderr is not None and sys.stderr.isatty()
        demanded = False
    else:
        demanded = show
    if not show:
        return None
    try:
        from tqdm import tqdm  # here, to keep `import negw2v` light
    except ImportError:
        if demanded:
            msg = "progress=True needs tqdm; install it (pip install tqdm) or pass progress=False"
            raise MissingDependencyError(msg) from None
        return None

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # no thread of tqdm's own

    # without the amounts, there is room for what is behind: a terminal may have few columns
    shape = "{desc}: {percentage:3.0f}%|{bar}| {remaining}, {rate_fmt}{postfix}"
    return Bar(
        total=total,
        desc=description,
        unit=f" {unit}",
        unit_scale=True,
        leave=True,
        bar_format=shape if total else None,
    )


class ScanReporter:
    """Follows a scan of the vocabulary: a log line per call, and a bar.

    Parameters
    ----------
    show
        As for :func:`progress_bar`.
    """

    def __init__(self, show: bool | None) -> None:
        self._bar = progress_bar(show, "counting words", None, "words")

    def __enter__(self) -> ScanReporter:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, state: ScanProgress) -> None:
        """The scan has come so far."""
        logger.info(
            "at sentence %d: %d words, %d different ones",
            state.sentences,
            state.words,
            state.word_types,
            extra={"event": {"event": "counting", **state._asdict()}},
        )
        if self._bar is not None:
            self._bar.update(state.words - self._bar.n)


class TrainingProgress:
    """Follows the work that is done: a log line every `report_delay` seconds, and the bar.

    Parameters
    ----------
    show
        As for :func:`progress_bar`.
    epochs
        Number of epochs.
    total_examples, total_words
        Sentences and raw words of one epoch, where known.
    report_delay
        Seconds between two log lines.
    """

    def __init__(
        self,
        show: bool | None,
        epochs: int,
        total_examples: int | None,
        total_words: int | None,
        report_delay: float,
    ) -> None:
        self._epochs = epochs
        self._total_examples = total_examples
        self._total_words = total_words
        self._delay = report_delay
        total = total_words or total_examples
        unit = "words" if total_words else "sentences"
        self._bar = progress_bar(show, "training", total * epochs if total else None, unit)
        self._finished = 0.0

    def __enter__(self) -> TrainingProgress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def begin(self, epoch: int) -> None:
        """An epoch begins; numbers count from 0, as in gensim's log, and the bar says n of m."""
        self._epoch = epoch
        self._examples, self._words, self._trained = 0.0, 0, 0
        self._pairs, self._loss = 0, 0.0
        self._start = time.perf_counter()
        self._next = self._start + self._delay
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}")

    def add(
        self, examples: float, words: int, totals: npt.NDArray[Any], rates: npt.NDArray[Any]
    ) -> None:
        """Some more spans of this epoch are done.

        Parameters
        ----------
        examples, words
            Sentences and raw words of them.
        totals
            :data:`negw2v.kernels.TOTALS` of each.
        rates
            The learning rate of each.
        """
        self._examples += examples
        self._words += words
        logs = logger.isEnabledFor(logging.INFO)
        if self._bar is None and not logs:
            return
        self._trained += int(totals["kept"].sum())
        self._pairs += int(totals["pairs"].sum())
        self._loss += float(totals["loss"].sum())
        loss, rate = self._loss / max(1, self._pairs), float(rates[-1])
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {loss:.3f}, rate {rate:.4f}", refresh=False)
            done = self._finished + (self._words if self._total_words else self._examples)
            self._bar.update(done - self._bar.n)
        now = time.perf_counter()
        if now < self._next or not logs:
            return
        self._next = now + self._delay
        self._log(self._trained / max(now - self._start, 1e-9), loss, rate)

    def _log(self, speed: float, loss: float, rate: float) -> None:
        if self._total_examples:
            share, unit = self._examples / self._total_examples, "sentences"
        elif self._total_words:
            share, unit = self._words / self._total_words, "words"
        else:
            share, unit = float("nan"), "words"
        logger.info(
            "epoch %d: %.2f %% of %s done, %.0f words/s",
            self._epoch,
            100 * share,
            unit,
            speed,
            extra={
                "event": {
                    "event": "progress",
                    "epoch": self._epoch,
                    "share": None if math.isnan(share) else share,
                    "words_read": self._words,
                    "words_trained": self._trained,
                    "trained_words_per_second": speed,
                    "mean_loss": loss,
                    "learning_rate": rate,
                }
            },
        )

    def end(self, examples: int, words: int) -> None:
        """The epoch is finished."""
        self._finished += words if self._total_words else examples
        if self._bar is not None:
            self._bar.update(self._finished - self._bar.n)
