"""Progress while training runs: log lines, and a bar on a terminal."""

from __future__ import annotations

import logging
import sys
import time
from typing import Protocol

from negw2v.corpus.base import ScanProgress
from negw2v.errors import MissingDependencyError

__all__ = ["ProgressBar", "ScanReporter", "TrainingProgress", "progress_bar"]

logger = logging.getLogger(__name__)


class ProgressBar(Protocol):
    """The part of tqdm's interface that is used here."""

    n: float

    def update(self, n: float = 1) -> bool | None:
        """Add to what is done."""

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

    return Bar(total=total, desc=description, unit=f" {unit}", unit_scale=True, leave=True)


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
        self._start = time.perf_counter()
        self._next = self._start + self._delay
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}")

    def add(self, examples: float, words: int, trained: int) -> None:
        """So many more sentences, raw words and trained words of this epoch are done."""
        self._examples += examples
        self._words += words
        self._trained += trained
        if self._bar is not None:
            done = self._finished + (self._words if self._total_words else self._examples)
            self._bar.update(done - self._bar.n)
        now = time.perf_counter()
        if now < self._next or not logger.isEnabledFor(logging.INFO):
            return
        self._next = now + self._delay
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
            self._trained / max(now - self._start, 1e-9),
        )

    def end(self, examples: int, words: int) -> None:
        """The epoch is finished."""
        self._finished += words if self._total_words else examples
        if self._bar is not None:
            self._bar.update(self._finished - self._bar.n)
