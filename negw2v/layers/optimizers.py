"""Optimizers: SGD, AdaGrad, Momentum, RMSprop and Adam.

All of them compute what dense steps compute. A dense step of Momentum or Adam moves every row,
because a row without a gradient keeps moving by its earlier gradients. If a batch has gradients
for a few rows only, the optimizers compute those rows alone, at the cost of a sparse step.
Other rows catch up when they are next read (:mod:`negw2v.layers.clocks`), so whoever reads a
:class:`negw2v.layers.Parameter` gets the values of dense steps.
"""

from __future__ import annotations

import math
from typing import Any

from negw2v.arrays import Array
from negw2v.layers.clocks import AdamClock, Clock, DecayClock, MomentumClock, adam_terms
from negw2v.layers.libraries import Library
from negw2v.layers.optimizer import EPS, Mode, Optimizer, RowState

__all__ = ["SGD", "AdaGrad", "Adam", "Momentum", "RMSprop"]


class SGD(Optimizer):
    """Stochastic gradient descent: ``W -= lr * g``.

    Rows without a gradient do not change.

    Parameters
    ----------
    lr
        The learning rate, > 0.

    Examples
    --------
    >>> W = np.zeros((1, 2), dtype=np.float32)
    >>> SGD(lr=0.5).update([W], [np.float32([[1, -1]])])
    >>> W
    array([[-0.5,  0.5]], dtype=float32)
    """

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__(lr)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:  # noqa: ARG002
        return operations.SGDRows(matrix)

    def _step_arguments(self) -> tuple[Any, ...]:
        return (self.lr,)


class AdaGrad(Optimizer):
    """AdaGrad: ``h += g^2``, ``W -= lr * g / (sqrt(h) + eps)`` (Duchi et al. 2011).

    Rows without a gradient do not change.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    eps
        Keeps the denominator above zero.

    Examples
    --------
    >>> W = np.zeros((1, 2), dtype=np.float32)
    >>> AdaGrad(lr=0.5).update([W], [np.float32([[1, -10]])])
    >>> W.round(3)
    array([[-0.5,  0.5]], dtype=float32)
    """

    _memories = 1

    def __init__(self, lr: float = 0.01, *, eps: float = EPS) -> None:
        super().__init__(lr)
        self._require("eps", eps, 0 < eps < math.inf, "a small number above 0")
        self.eps = eps

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.AdaGradRows(matrix, *state.memories)

    def _step_arguments(self) -> tuple[Any, ...]:
        return self.eps, self.lr


class Momentum(Optimizer):
    """Momentum: ``v = momentum * v - lr * g``, ``W += v``.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    momentum
        Share of the velocity v that a step keeps, 0 <= momentum < 1.
    mode
        See :data:`negw2v.layers.optimizer.Mode`.

    Examples
    --------
    A row moves on in a step in which it has no gradient:

    >>> W = np.zeros((1, 2), dtype=np.float32)
    >>> optimizer = Momentum(lr=0.5, momentum=0.5)
    >>> optimizer.update([W], [np.float32([[1, 2]])])
    >>> optimizer.update([W], [SparseGradient(W.shape)])
    >>> W
    array([[-0.75, -1.5 ]], dtype=float32)
    """

    _memories = 1
    _clock: MomentumClock

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, *, mode: Mode = "exact") -> None:
        super().__init__(lr, mode)
        self.momentum = momentum
        self._current_settings()

    @property
    def is_lazy(self) -> bool:
        """Whether the updates of rows without a gradient are deferred."""
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("momentum", self.momentum)
        return (self.momentum,)

    def _new_clock(self) -> Clock:
        return MomentumClock(self.momentum)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.MomentumRows(matrix, *state.memories, state.stamps)

    def _catch_up_arguments(self, library: Library) -> tuple[Any, ...]:
        moves, keeps = self._clock.tables(library)
        return self._clock.step, moves, keeps

    def _step_arguments(self) -> tuple[Any, ...]:
        return self._clock.step, self.momentum, self.lr


class RMSprop(Optimizer):
    """RMSprop: ``h = decay * h + (1 - decay) * g^2``, ``W -= lr * g / (sqrt(h) + eps)``.

    Rows without a gradient do not change, but their h shrinks.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    decay_rate
        Share of the mean square gradient h that a step keeps, 0 <= decay_rate < 1.
    eps
        Keeps the denominator above zero.
    mode
        See :data:`negw2v.layers.optimizer.Mode`; "sparse": the h of rows without a gradient
        does not change.

    Examples
    --------
    >>> W = np.zeros((1, 2), dtype=np.float32)
    >>> RMSprop(lr=0.5, decay_rate=0.75).update([W], [np.float32([[1, -10]])])
    >>> W.round(3)
    array([[-1.,  1.]], dtype=float32)
    """

    _memories = 1
    _clock: DecayClock

    def __init__(
        self,
        lr: float = 0.01,
        decay_rate: float = 0.99,
        *,
        eps: float = EPS,
        mode: Mode = "exact",
    ) -> None:
        super().__init__(lr, mode)
        self._require("eps", eps, 0 < eps < math.inf, "a small number above 0")
        self.eps = eps
        self.decay_rate = decay_rate
        self._current_settings()

    @property
    def is_lazy(self) -> bool:
        """Whether the updates of rows without a gradient are deferred."""
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("decay_rate", self.decay_rate)
        return (self.decay_rate,)

    def _new_clock(self) -> Clock:
        return DecayClock(self.decay_rate)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.RMSpropRows(matrix, *state.memories, state.stamps)

    def _catch_up_arguments(self, library: Library) -> tuple[Any, ...]:
        return self._clock.step, *self._clock.tables(library)

    def _step_arguments(self) -> tuple[Any, ...]:
        return self._clock.step, self.decay_rate, self.eps, self.lr


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015), with its bias corrections in the learning rate.

    ``m += (1 - beta1) * (g - m)``, ``v += (1 - beta2) * (g^2 - v)``,
    ``W -= lr * sqrt(1 - beta2^i) / (1 - beta1^i) * m / (sqrt(v) + eps)`` in step i.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    beta1, beta2
        Shares of the mean gradient m and of the mean square gradient v that a step keeps,
        each from 0 to below 1.
    eps
        Keeps the denominator above zero.
    mode
        "exact": the results of dense Adam at the cost of a sparse step. If beta1 is so close
        to 1, or beta2 so far from it, that this is not cheaper, every step is dense. "sparse":
        rows without a gradient do not change, nor do their m and v (as in PyTorch's
        SparseAdam). "dense": every step computes every row. For word vectors "exact" is much
        faster than "dense", and gives better vectors than "sparse" (docs/layers.md).

    Attributes
    ----------
    iter : int
        The number of steps so far.

    Examples
    --------
    >>> W = np.zeros((1, 2), dtype=np.float32)
    >>> optimizer = Adam(lr=0.5)
    >>> optimizer.update([W], [np.float32([[1, -10]])])
    >>> W.round(3)
    array([[-0.5,  0.5]], dtype=float32)
    >>> optimizer.iter
    1
    """

    _memories = 2
    _clock: AdamClock

    def __init__(
        self,
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        *,
        eps: float = EPS,
        mode: Mode = "exact",
    ) -> None:
        super().__init__(lr, mode)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.iter = 0
        self._terms: int | None = None
        self._current_settings()

    def _is_dense(self) -> bool:
        return self._mode != "sparse" and self._terms is None

    @property
    def is_lazy(self) -> bool:
        """Whether the updates of rows without a gradient are deferred."""
        return self._terms is not None

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("beta1", self.beta1)
        self._require_share("beta2", self.beta2)
        self._require("eps", self.eps, 0 < self.eps < math.inf, "a small number above 0")
        return (self.beta1, self.beta2, self.eps)

    def _new_clock(self) -> Clock:
        self._terms = adam_terms(self.beta1, self.beta2) if self._mode == "exact" else None
        return AdamClock(self.beta1, self.beta2, self._terms) if self._terms else Clock()

    def _rate(self) -> float:
        rate = super()._rate()
        self.iter += 1
        correction = math.sqrt(1 - self.beta2**self.iter) / (1 - self.beta1**self.iter)
        self._step_rate = rate * correction
        return self._step_rate

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.AdamRows(matrix, *state.memories, state.stamps)

    def _catch_up_arguments(self, library: Library) -> tuple[Any, ...]:
        eps = self._settings[2] if self._settings is not None else self.eps
        return self._clock.step, *self._clock.tables(library), eps

    def _step_arguments(self) -> tuple[Any, ...]:
        return self._clock.step, 1 - self.beta1, 1 - self.beta2, self.eps, self._step_rate
