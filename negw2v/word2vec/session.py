"""One call to train(), seen from the model: what it keeps, logs and tells its callbacks."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import Any, Protocol

from negw2v.callbacks import StopTraining
from negw2v.errors import warn
from negw2v.keyedvectors import KeyedVectors
from negw2v.training.engine import SpanTrainer
from negw2v.training.report import EpochReport
from negw2v.training.schedule import LinearDecay
from negw2v.training.workspace import Workspace

__all__ = ["Session"]

logger = logging.getLogger(__name__)

# A loss of so many times that of untrained weights is worth a warning.
EXPLODED = 1.5


class Model(Protocol):
    """The part of a model that a session touches."""

    min_alpha_yet_reached: float
    total_train_time: float
    compute_loss: bool
    running_training_loss: float
    epochs_begun: int

    @property
    def wv(self) -> KeyedVectors:
        """The word vectors."""

    def span_trainer(self, workspace: Workspace) -> SpanTrainer:
        """A kernel on rows with the present values of the weights."""


class _Lent:
    """A kernel that can be taken back: tracebacks keep what their frames refer to."""

    def __init__(self, kernel: SpanTrainer) -> None:
        self._kernel = kernel

    def train(self, *args: Any, **kwargs: Any) -> None:
        """What the kernel does."""
        self._kernel.train(*args, **kwargs)

    def take_back(self) -> None:
        """Let go of the kernel, and of the rows that it trains."""
        del self._kernel


class Session:
    """What a model does between epochs; see :class:`negw2v.training.engine.Hooks`.

    Parameters
    ----------
    model
        The model that trains.
    schedule
        What the corpus was promised to be.
    callbacks
        The user's callbacks, in the order in which they are called.
    epoch
        Number of the first epoch.
    untrained_loss
        Mean loss per pair in nats of weights that know nothing.
    watched
        Whether anybody may look at the model's arrays, or change them, between epochs. If not,
        they get their values when training is over.
    """

    def __init__(
        self,
        model: Model,
        schedule: LinearDecay,
        callbacks: Iterable[Any],
        epoch: int = 0,
        *,
        untrained_loss: float = math.inf,
        watched: bool = True,
    ) -> None:
        self._model = model
        self._schedule = schedule
        self._callbacks = callbacks
        self._epoch = epoch
        self._untrained_loss = untrained_loss
        self._watched = watched
        self._workspace = Workspace()
        self._kernel: _Lent | None = None
        self._arrays_are_behind = False

    def bind(self) -> SpanTrainer:
        """The kernel on the weights as they are now: a callback may have changed them."""
        if self._kernel is None or self._watched:
            self._kernel = _Lent(self._model.span_trainer(self._workspace))
        self._arrays_are_behind = True
        return self._kernel

    def publish(self) -> None:
        """Bring the model's arrays up to date; nothing is being trained."""
        self._workspace.publish()
        self._model.wv.norms = None

    def end(self) -> None:
        """Bring the model's arrays up to date, and let go of the memory that training took."""
        try:
            self._catch_up()
        except BaseException:
            # Ctrl-C between two arrays: together they must be the model of one moment.
            self._catch_up()
            raise
        finally:
            self._workspace = Workspace()
            if self._kernel is not None:
                self._kernel.take_back()
                self._kernel = None

    def _catch_up(self) -> None:
        if self._arrays_are_behind:
            self.publish()
            self._arrays_are_behind = False

    def epoch_begin(self) -> None:
        """Tell the callbacks."""
        self._model.epochs_begun += 1
        for callback in self._callbacks:
            callback.on_epoch_begin(self._model)

    def epoch_end(self, epoch: EpochReport) -> bool:
        """Bring the model's attributes up to date, and tell the callbacks."""
        model = self._model
        if self._watched:
            self._catch_up()
        model.min_alpha_yet_reached = epoch.end_alpha
        model.total_train_time += epoch.seconds
        if model.compute_loss:
            model.running_training_loss += epoch.loss
        self._log(epoch)
        self._watch_loss(epoch)
        self._epoch += 1
        stop = False
        for callback in self._callbacks:
            try:
                callback.on_epoch_end(model)
            except StopTraining:
                stop = True
        return stop

    def _watch_loss(self, epoch: EpochReport) -> None:
        """Warn, once, of a loss that training has made worse than it was at the start."""
        if epoch.mean_loss > EXPLODED * self._untrained_loss:
            warn(
                f"the mean loss per pair is {epoch.mean_loss:.3g} in epoch {self._epoch} (counted "
                f"from 0), but that of untrained weights is {self._untrained_loss:.3g}: the "
                f"learning rate of {self._schedule.start:.4g} is too high for this corpus; train "
                "with a smaller alpha"
            )
            self._untrained_loss = math.inf

    def _log(self, epoch: EpochReport) -> None:
        logger.info(
            "epoch %d: %d words read, %d trained in %.1f s, %.0f trained words/s",
            self._epoch,
            epoch.words_read,
            epoch.words_trained,
            epoch.seconds,
            epoch.words_trained / max(epoch.seconds, 1e-9),
        )
        promised = {
            "sentences": (self._schedule.total_examples, epoch.examples),
            "words": (self._schedule.total_words, epoch.words_read),
        }
        for unit, (expected, found) in promised.items():
            if expected and expected != found:
                logger.warning(
                    "epoch %d: %d %s were promised, but the corpus gave %d; the learning rate "
                    "follows what was promised",
                    self._epoch,
                    expected,
                    unit,
                    found,
                )
        if not epoch.words_in_vocabulary:
            logger.warning("epoch %d: no word of the corpus is in the vocabulary", self._epoch)
