"""The learning rate, a function of the position in the data and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LinearDecay", "ModelsRates"]


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

    def promised(self) -> LinearDecay:
        """The parameters of this class alone, as they were promised to train()."""
        return LinearDecay(self.start, self.end, self.epochs, self.total_examples, self.total_words)

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
class ModelsRates(LinearDecay):
    """The learning rates that a model asks for while it trains.

    Between epochs a callback may change the model's ``alpha`` and ``min_alpha``, and a subclass
    may compute the rates in its own way.

    Parameters
    ----------
    ask
        ``ask(epoch, progress)`` instead of :meth:`LinearDecay.rates`.
    """

    ask: Callable[[int, npt.NDArray[np.float64]], npt.NDArray[np.float32]] | None = None

    def rates(self, epoch: int, progress: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Learning rates at positions within an epoch, as the model has them now."""
        if self.ask is None:
            return super().rates(epoch, progress)
        return self.ask(epoch, progress)
