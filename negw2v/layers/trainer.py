"""Training of a network: batches in random order, gradients, optimizer steps, losses."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array
from negw2v.errors import DivergenceError, ParameterError
from negw2v.extras import needed
from negw2v.kernels.namespaces import is_numpy, namespace_of
from negw2v.layers.gradient import Gradient, SparseGradient, merge_shared
from negw2v.layers.libraries import is_foreign, library_of
from negw2v.training.progress import progress_bar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Trainable", "Trainer", "clip_gradients"]

logger = logging.getLogger(__name__)


class Trainable(Protocol):
    """A network that :class:`Trainer` can train."""

    params: list[Any]
    grads: list[Gradient]

    def forward(self, *batch: Any) -> float:
        """The loss of a batch."""

    def backward(self, dout: float = 1.0) -> Any:
        """Compute the gradients of the loss, in `grads`."""


class Updating(Protocol):
    """An optimizer that :class:`Trainer` can use."""

    lr: float

    def update(self, params: Sequence[Any], grads: Sequence[Gradient]) -> None:
        """Change the weights by one step."""


class Trainer:
    """Trains a network.

    Parameters
    ----------
    model
        With params, grads, forward(x, t) and backward(), such as :class:`negw2v.layers.CBOW`.
    optimizer
        With update(params, grads), such as :class:`negw2v.layers.Adam`.
    seed
        The same seed gives the same order of examples; None: a different one in each run.

    Attributes
    ----------
    loss_list : list of float
        Each entry is the mean loss of the iterations since the previous one; see :meth:`fit`.
    eval_interval : int or None
        Iterations between two entries.
    current_epoch : int
        Number of epochs so far.

    Examples
    --------
    >>> from negw2v.datasets.ptb import create_contexts_target
    >>> corpus = np.arange(40) % 4
    >>> contexts, target = create_contexts_target(corpus, window_size=1)
    >>> trainer = Trainer(CBOW(4, 8, 1, corpus, sample_size=1, seed=1), Adam(lr=0.05), seed=1)
    >>> trainer.fit(contexts, target, max_epoch=2, batch_size=8, progress=False)
    >>> trainer.current_epoch, len(trainer.loss_list)
    (2, 2)
    """

    def __init__(self, model: Trainable, optimizer: Updating, *, seed: int | None = None) -> None:
        self.model = model
        self.optimizer = optimizer
        self.loss_list: list[float] = []
        self.eval_interval: int | None = None
        self.current_epoch = 0
        self._random = np.random.default_rng(seed)
        self._step = 0

    def fit(
        self,
        x: npt.ArrayLike,
        t: npt.ArrayLike,
        max_epoch: int = 10,
        batch_size: int = 32,
        max_grad: float | None = None,
        eval_interval: int | None = 20,
        *,
        progress: bool | None = None,
    ) -> None:
        """Train on the examples, in a new random order in each epoch.

        Parameters
        ----------
        x, t
            Inputs and targets, one example per row: arrays of equal length, of the library of
            the network's weights. They stay where they are: batches are gathered there. An epoch
            is ``len(x) // batch_size`` whole batches; each epoch leaves out a different rest.
        max_epoch
            Number of epochs, >= 1.
        batch_size
            Examples in a batch, 1..len(x).
        max_grad
            Scale all gradients down if their common norm is above this; None: never.
        eval_interval
            Iterations for one entry of `loss_list`. As in the book, the first iteration of
            each epoch has an entry of its own, and counting starts there. None: no entries.
        progress
            Whether to show a progress bar; None: only if stderr is a terminal.

        Raises
        ------
        ParameterError
            A parameter is out of its range, or there are too few examples for a batch.
        DivergenceError
            A loss is NaN or infinite. Training stops before it changes a weight. Losses of
            another library than NumPy are read only every `eval_interval` iterations, and
            training stops there.

        Examples
        --------
        >>> trainer = Trainer(CBOW(4, 8, 1, corpus=[0, 1, 2, 3], seed=1, sample_size=1), SGD())
        >>> trainer.fit([[0, 2], [1, 3]], [1, 2], max_epoch=3, batch_size=2, progress=False)
        >>> trainer.current_epoch
        3
        """
        library = library_of(x)
        inputs, targets = library.matrix("x", x), library.matrix("t", t)
        _check_fit(inputs, targets, max_epoch, batch_size, max_grad, eval_interval)
        take = library.xp.take
        batches = inputs.shape[0] // batch_size
        self.eval_interval = eval_interval
        bar = progress_bar(progress, "training", max_epoch * batches * batch_size, "examples")
        try:
            for _ in range(max_epoch):
                if bar is not None:
                    bar.set_description(f"epoch {self.current_epoch + 1}")
                order = library.upload(self._random.permutation(inputs.shape[0]))
                total, count = 0.0, 0
                for batch in range(batches):
                    chosen = order[batch * batch_size : (batch + 1) * batch_size]
                    total += self._train(
                        take(inputs, chosen, axis=0), take(targets, chosen, axis=0), max_grad
                    )
                    count += 1
                    if eval_interval is not None and batch % eval_interval == 0:
                        self._require_finite(total := float(total))
                        self._report(batch, batches, total / count)
                        if bar is not None:
                            bar.update(count * batch_size)
                        total, count = 0.0, 0
                self._require_finite(float(total))
                if bar is not None:
                    bar.update(count * batch_size)
                self.current_epoch += 1
        finally:
            if bar is not None:
                bar.close()

    def _train(self, inputs: Array, targets: Array, max_grad: float | None) -> float:
        """One iteration; returns its loss."""
        self._step += 1
        loss = self.model.forward(inputs, targets)
        if not is_foreign(loss):
            self._require_finite(float(loss))
        self.model.backward()
        params, grads = merge_shared(self.model.params, self.model.grads)
        if max_grad is not None:
            clip_gradients(grads, max_grad)
        self.optimizer.update(params, grads)
        return loss

    def _require_finite(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise DivergenceError(
                f"the loss is {loss} in step {self._step} (epoch {self.current_epoch + 1}), at "
                f"the learning rate {getattr(self.optimizer, 'lr', 'unknown')}: training was "
                "stopped. Begin again with a smaller learning rate, or with max_grad=; or look "
                "for NaN in the initial weights."
            )

    def _report(self, batch: int, batches: int, loss: float) -> None:
        self.loss_list.append(loss)
        logger.info(
            "epoch %d: iteration %d of %d, loss %.3f",
            self.current_epoch + 1,
            batch + 1,
            batches,
            loss,
        )

    def plot(
        self, path: str | Path | None = None, *, ylim: tuple[float, float] | None = None
    ) -> Figure:
        """Draw the losses. This needs matplotlib (the extra `plot`), but no display.

        Parameters
        ----------
        path
            File to save the picture in; its suffix is the format (.png, .svg, .pdf). None:
            do not save it. A notebook shows the returned figure.
        ylim
            Lowest and highest loss to show; None: all.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ParameterError
            There are no losses yet.
        MissingDependencyError
            matplotlib is not installed.

        Examples
        --------
        >>> trainer = Trainer(CBOW(4, 8, 1, corpus=[0, 1, 2, 3], seed=1, sample_size=1), SGD())
        >>> trainer.fit([[0, 2], [1, 3]], [1, 2], batch_size=2, progress=False)
        >>> figure = trainer.plot("losses.png")  # doctest: +SKIP
        """
        if not self.loss_list:
            raise ParameterError(
                "there is no loss to draw: call fit() first, with an eval_interval"
            )
        with needed("plot()", "matplotlib"):
            from matplotlib.figure import Figure
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(np.arange(len(self.loss_list)), self.loss_list, label="train")
        axes.set_xlabel(f"iterations (x{self.eval_interval})")
        axes.set_ylabel("loss")
        if ylim is not None:
            axes.set_ylim(*ylim)
        axes.grid(alpha=0.3)
        axes.legend()
        if path is not None:
            figure.savefig(path, dpi=150)
        return figure


def clip_gradients(grads: Sequence[Gradient], max_norm: float) -> float:
    """Scale gradients down, in place, if their common norm is above a limit.

    Parameters
    ----------
    grads
        Gradients of different matrices.
    max_norm
        The limit, > 0.

    Returns
    -------
    float
        The norm before scaling.

    Examples
    --------
    >>> gradient = np.float32([[3, 4]])
    >>> clip_gradients([gradient], max_norm=2.5)
    5.0
    >>> gradient.round(3)
    array([[1.5, 2. ]], dtype=float32)
    """
    arrays = [one.values if isinstance(one, SparseGradient) else one for one in grads]
    norm = math.sqrt(sum(_square(array) for array in arrays))
    rate = max_norm / (norm + 1e-6)
    if rate < 1:
        for array in arrays:
            array[...] = array * rate
    return norm


def _square(array: Any) -> float:
    """The square of an array's norm."""
    if is_numpy(array):
        return float(np.vdot(array, array))
    xp = namespace_of(array)
    return float(xp.sum(array * array, dtype=xp.float64))


def _check_fit(
    inputs: Array,
    targets: Array,
    max_epoch: int,
    batch_size: int,
    max_grad: float | None,
    eval_interval: int | None,
) -> None:
    for name, value in (
        ("max_epoch", max_epoch),
        ("batch_size", batch_size),
        ("eval_interval", 1 if eval_interval is None else eval_interval),
    ):
        if value != int(value) or value < 1:
            raise ParameterError(f"{name}={value}: it must be a whole number >= 1")
    if max_grad is not None and not 0 < max_grad < math.inf:
        raise ParameterError(f"max_grad={max_grad}: it must be a number above 0, or None")
    shapes = tuple(inputs.shape), tuple(targets.shape)
    if not all(shapes) or shapes[0][0] != shapes[1][0]:
        raise ParameterError(
            f"x has the shape {shapes[0]} and t {shapes[1]}: both need one row per example"
        )
    if batch_size > shapes[0][0]:
        raise ParameterError(
            f"batch_size={batch_size}: there are only {shapes[0][0]} examples; give at most as many"
        )
