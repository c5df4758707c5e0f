"""Callbacks: what you want to happen while a model trains.

>>> class PrintLoss(CallbackAny2Vec):
...     def on_epoch_end(self, model):
...         print(model.training_report.losses[-1])
>>> model = Word2Vec(sentences, callbacks=[PrintLoss()])  # doctest: +SKIP

All hooks run in the thread that called train(), between epochs, while no worker is busy: a
callback may read and change the model. An exception in a callback ends training and reaches
the caller of train().
"""

from __future__ import annotations

import importlib
import logging
import math
from typing import Any

from negw2v.errors import MissingDependencyError, ParameterError

__all__ = ["CallbackAny2Vec", "EarlyStopping", "EpochLogger", "StopTraining"]

logger = logging.getLogger(__name__)

#: What gensim.models.callbacks has for topic models (LDA), which stay gensim's.
TOPIC_MODELS = frozenset(
    {
        "Callback",
        "CoherenceMetric",
        "ConvergenceMetric",
        "DiffMetric",
        "Metric",
        "PerplexityMetric",
        "VISDOM_INSTALLED",
    }
)


def __getattr__(name: str) -> Any:
    """gensim's own class, for the names in :data:`TOPIC_MODELS`."""
    if name not in TOPIC_MODELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import gensim  # noqa: F401 - looks whether it is there
    except ImportError:
        raise MissingDependencyError(
            f"{name} is for topic models, which are gensim's; pip install gensim, and write "
            f"from gensim.models.callbacks import {name}"
        ) from None
    return getattr(importlib.import_module("gensim.models.callbacks"), name)


class StopTraining(Exception):  # noqa: N818 - a signal like StopIteration, not an error
    """Raise it in a callback's ``on_epoch_end`` to end training there.

    The other callbacks of that epoch and all ``on_train_end`` still run, and train() returns
    as usual.
    """


class CallbackAny2Vec:
    """Base class of callbacks: four hooks that do nothing. Override those you need."""

    def on_train_begin(self, model: Any) -> None:
        """Training begins.

        Parameters
        ----------
        model
            The model that trains.
        """

    def on_train_end(self, model: Any) -> None:
        """All epochs are over.

        Parameters
        ----------
        model
            The model that trained.
        """

    def on_epoch_begin(self, model: Any) -> None:
        """An epoch begins.

        Parameters
        ----------
        model
            The model that trains.
        """

    def on_epoch_end(self, model: Any) -> None:
        """An epoch is over; ``model.training_report`` already accounts for it.

        Parameters
        ----------
        model
            The model that trains.
        """


class EpochLogger(CallbackAny2Vec):
    """Logs one line per epoch: its number (from 0), mean loss per pair, and speed.

    Parameters
    ----------
    level
        Level of the log lines.
    """

    def __init__(self, level: int = logging.INFO) -> None:
        self.level = level

    def on_epoch_end(self, model: Any) -> None:
        """Log the epoch that is over."""
        epochs = model.training_report.epochs
        if not epochs:
            return
        epoch = epochs[-1]
        logger.log(
            self.level,
            "epoch %d: mean loss %.4f, %d words in %.2f s",
            len(epochs) - 1,
            epoch.mean_loss,
            epoch.words_read,
            epoch.seconds,
        )


class EarlyStopping(CallbackAny2Vec):
    """Ends training when the mean loss per pair has stopped falling.

    The learning rate falls with the share of the planned epochs that is done, so a run that
    is stopped early ends at a higher rate than a shorter run would.

    Parameters
    ----------
    patience
        Epochs without progress that are allowed.
    min_delta
        Progress is a mean loss (in nats) that lies this much below the best so far.
    """

    def __init__(self, patience: int = 1, min_delta: float = 0.0) -> None:
        if patience < 1 or not math.isfinite(min_delta):
            msg = (
                f"EarlyStopping needs patience >= 1 and a finite min_delta, got "
                f"patience={patience!r}, min_delta={min_delta!r}"
            )
            raise ParameterError(msg)
        self.patience = patience
        self.min_delta = min_delta
        self.best = math.inf
        self.waited = 0

    def on_train_begin(self, model: Any) -> None:
        """Start anew."""
        super().on_train_begin(model)
        self.best = math.inf
        self.waited = 0
        # Training that is resumed has epochs behind it already.
        for loss in model.training_report.losses:
            self._stalled(loss)

    def on_epoch_end(self, model: Any) -> None:
        """Compare the epoch with the best one so far."""
        losses = model.training_report.losses
        if losses and self._stalled(losses[-1]):
            logger.info("the mean loss stays at %.4f: training ends early", self.best)
            raise StopTraining

    def _stalled(self, loss: float) -> bool:
        """Whether there has been no progress for too long, the loss of one more epoch given."""
        if loss < self.best - self.min_delta:
            self.best = loss
            self.waited = 0
        else:
            self.waited += 1
        return self.waited >= self.patience
