"""Callbacks: code of yours that runs between the epochs of training.

>>> class PrintLoss(CallbackAny2Vec):
...     def on_epoch_end(self, model):
...         print(model.training_report.losses[-1])
>>> model = Word2Vec(sentences, callbacks=[PrintLoss()])  # doctest: +SKIP

All hooks run in the thread that called train(), between epochs, while no worker trains: a
callback may read and change the model. An exception in a callback ends training and reaches
the caller of train().
"""

from __future__ import annotations

import importlib
import logging
import math
from typing import Any

from negw2v.errors import FilePath, InputTypeError, MissingDependencyError, ParameterError
from negw2v.extras import needed
from negw2v.io.paths import path_text

__all__ = [
    "CallbackAny2Vec",
    "EarlyStopping",
    "EpochLogger",
    "StopTraining",
    "TensorBoardLogger",
]

logger = logging.getLogger(__name__)

#: Names of gensim.models.callbacks that are for topic models (LDA), which negw2v does not have.
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
        with needed(name, "gensim"):
            import gensim  # noqa: F401 - looks whether it is there
    except MissingDependencyError:
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
    """Base class of callbacks: four hooks that do nothing. Override those that you need.

    Each hook is called with the model that is being trained.

    Examples
    --------
    >>> class PrintLoss(CallbackAny2Vec):
    ...     def on_epoch_end(self, model):
    ...         print(f"{model.training_report.losses[-1]:.1f}")
    >>> model = negw2v.Word2Vec(sentences, epochs=1, seed=1, workers=1, callbacks=[PrintLoss()])
    4...
    """

    def on_train_begin(self, model: Any) -> None:
        """Called when training begins.

        Examples
        --------
        >>> CallbackAny2Vec().on_train_begin(model)
        """

    def on_train_end(self, model: Any) -> None:
        """Called after the last epoch.

        Examples
        --------
        >>> CallbackAny2Vec().on_train_end(model)
        """

    def on_epoch_begin(self, model: Any) -> None:
        """Called before each epoch.

        Examples
        --------
        >>> CallbackAny2Vec().on_epoch_begin(model)
        """

    def on_epoch_end(self, model: Any) -> None:
        """Called after each epoch; ``model.training_report`` includes it.

        Examples
        --------
        >>> CallbackAny2Vec().on_epoch_end(model)
        """


class EpochLogger(CallbackAny2Vec):
    """Logs one line per epoch: its number (from 0), mean loss per pair, and speed.

    Parameters
    ----------
    level
        Level of the log lines.

    Examples
    --------
    >>> logger = EpochLogger()
    >>> model = negw2v.Word2Vec(sentences, vector_size=8, epochs=2, callbacks=[logger])
    """

    def __init__(self, level: int = logging.INFO) -> None:
        self.level = level

    def on_epoch_end(self, model: Any) -> None:
        """Log the epoch that has ended.

        Examples
        --------
        >>> EpochLogger().on_epoch_end(model)
        """
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
    """Ends training when the mean loss per pair no longer falls.

    The learning rate falls over the planned epochs, so a run that is stopped early ends at a
    higher rate than a run that was planned with fewer epochs.

    Parameters
    ----------
    patience
        Training ends after this many epochs without progress.
    min_delta
        Progress is a mean loss (in nats) that is lower than the best one by more than this.

    Raises
    ------
    ParameterError
        `patience` is below 1, or `min_delta` is not finite.

    Examples
    --------
    >>> stop = EarlyStopping(patience=1, min_delta=10.0)
    >>> model = negw2v.Word2Vec(sentences, vector_size=8, epochs=5, callbacks=[stop])
    >>> len(model.training_report.epochs)
    2
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
        """Forget earlier training; on resumed training, take its finished epochs into account.

        Examples
        --------
        >>> EarlyStopping().on_train_begin(model)
        """
        super().on_train_begin(model)
        self.best = math.inf
        self.waited = 0
        # Resumed training has finished epochs already.
        for loss in model.training_report.losses:
            self._stalled(loss)

    def on_epoch_end(self, model: Any) -> None:
        """Compare the epoch with the best one; raise StopTraining if the loss no longer falls.

        Examples
        --------
        >>> stop = EarlyStopping()
        >>> stop.on_epoch_end(model)
        >>> stop.best == model.training_report.losses[-1]
        True
        """
        losses = model.training_report.losses
        if losses and self._stalled(losses[-1]):
            logger.info("the mean loss stays at %.4f: training ends early", self.best)
            raise StopTraining

    def _stalled(self, loss: float) -> bool:
        """Record the loss of an epoch; whether there were too many epochs without progress."""
        if loss < self.best - self.min_delta:
            self.best = loss
            self.waited = 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class TensorBoardLogger(CallbackAny2Vec):
    """Writes scalars of every epoch for TensorBoard.

    They are ``loss/mean`` (nats per pair), ``learning_rate`` (at the end of the epoch),
    ``words_per_second/read`` and ``words_per_second/trained``. The step is the number of epochs
    that are finished; resumed training goes on where the checkpoint was.

    Parameters
    ----------
    log_dir
        The folder to write to, which TensorBoard is given as ``--logdir``. tensorboardX writes
        it, or, where that is not installed, PyTorch.
    writer
        An object with ``add_scalar(name, value, step)`` and ``flush()`` in place of a folder, such
        as a ``SummaryWriter`` of yours. It is not closed.

    Raises
    ------
    ParameterError
        Both were given, or neither.
    InputTypeError
        `log_dir` is not a path, or `writer` has no such methods.
    MissingDependencyError
        When training begins: neither tensorboardX nor torch is installed.

    Examples
    --------
    >>> class Writer:
    ...     def add_scalar(self, name, value, step):
    ...         if name == "loss/mean":
    ...             print(step, value > 0)
    ...     def flush(self):
    ...         pass
    >>> log = TensorBoardLogger(writer=Writer())
    >>> model = negw2v.Word2Vec(sentences, vector_size=8, epochs=2, callbacks=[log])
    1 True
    2 True
    """

    def __init__(self, log_dir: FilePath | None = None, *, writer: Any = None) -> None:
        if (log_dir is None) == (writer is None):
            raise ParameterError("TensorBoardLogger needs a folder, log_dir, or else a writer")
        if writer is not None and not all(
            callable(getattr(writer, name, None)) for name in ("add_scalar", "flush")
        ):
            raise InputTypeError(
                f"writer is a {type(writer).__name__}; it must have add_scalar() and flush(), as a "
                "SummaryWriter has"
            )
        self.log_dir = None if log_dir is None else path_text(log_dir)
        self.writer = writer

    def on_train_begin(self, model: Any) -> None:
        """Open the folder.

        Examples
        --------
        >>> log = TensorBoardLogger("runs")
        >>> log.on_train_begin(model)
        >>> log.on_train_end(model)
        """
        super().on_train_begin(model)
        if self.log_dir is not None:
            self.writer = _summary_writer()(self.log_dir)

    def on_epoch_end(self, model: Any) -> None:
        """Write the scalars of the epoch that has ended.

        Examples
        --------
        >>> log = TensorBoardLogger("runs")
        >>> log.on_train_begin(model)
        >>> log.on_epoch_end(model)
        >>> log.on_train_end(model)
        """
        epochs = model.training_report.epochs
        if not epochs or self.writer is None:
            return
        epoch = epochs[-1]
        seconds = max(epoch.seconds, 1e-9)
        scalars = {
            "loss/mean": epoch.mean_loss,
            "learning_rate": epoch.end_alpha,
            "words_per_second/read": epoch.words_read / seconds,
            "words_per_second/trained": epoch.words_trained / seconds,
        }
        for name, value in scalars.items():
            self.writer.add_scalar(name, value, len(epochs))
        self.writer.flush()

    def on_train_end(self, model: Any) -> None:
        """Close the folder.

        Examples
        --------
        >>> TensorBoardLogger("runs").on_train_end(model)
        """
        super().on_train_end(model)
        if self.log_dir is not None and self.writer is not None:
            self.writer.close()
            self.writer = None


def _summary_writer() -> Any:
    """tensorboardX's class of this name, or PyTorch's, which takes seconds to import."""
    with needed("TensorBoardLogger", "tensorboardX"):
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            from torch.utils.tensorboard import SummaryWriter
    return SummaryWriter
