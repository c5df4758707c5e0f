"""Optimizers: what is done with gradients.

The arithmetic is that of dense steps, in which every row of a matrix moves: with Momentum
and Adam a row goes on moving by its earlier gradients when it has none. Where a batch has
gradients for a few rows only, that is brought about at their cost: other rows catch up when
they are next looked at (:mod:`negw2v.layers.clocks`), and whoever reads a
:class:`negw2v.layers.Parameter` finds it up to date.
"""

from __future__ import annotations

import math
from typing import Any

from negw2v.layers.arrays import Array, Int32s
from negw2v.layers.clocks import AdamClock, Clock, DecayClock, MomentumClock, adam_terms
from negw2v.layers.optimizer import EPS, Mode, Optimizer, RowState

__all__ = ["SGD", "AdaGrad", "Adam", "Momentum", "RMSprop"]


class SGD(Optimizer):
    """Stochastic gradient descent: ``W -= lr * g``. A row without a gradient stands still.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    """

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__(lr)

    def kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:  # noqa: ARG002
        """As the base class says."""
        return operations.SGDRows(matrix)

    def step_rows(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        """As the base class says."""
        state.kernel.step(rows, gradients, self.lr, first, last)


class AdaGrad(Optimizer):
    """AdaGrad: ``h += g^2``, ``W -= lr * g / (sqrt(h) + eps)`` (Duchi et al. 2011).

    A row without a gradient stands still.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    eps
        Keeps the denominator above zero.
    """

    _memories = 1

    def __init__(self, lr: float = 0.01, *, eps: float = EPS) -> None:
        super().__init__(lr)
        self._require("eps", eps, 0 < eps < math.inf, "a small number above 0")
        self.eps = eps

    def kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        """As the base class says."""
        return operations.AdaGradRows(matrix, *state.memories)

    def step_rows(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        """As the base class says."""
        state.kernel.step(rows, gradients, self.eps, self.lr, first, last)


class Momentum(Optimizer):
    """Momentum: ``v = momentum * v - lr * g``, ``W += v``.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    momentum
        What a step keeps of the velocity, from 0 to below 1.
    mode
        See :data:`negw2v.layers.optimizer.Mode`.
    """

    _memories = 1
    _clock: MomentumClock

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, *, mode: Mode = "exact") -> None:
        super().__init__(lr, mode)
        self.momentum = momentum
        self._current_settings()

    @property
    def is_lazy(self) -> bool:
        """As the base class says."""
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("momentum", self.momentum)
        return (self.momentum,)

    def _new_clock(self) -> Clock:
        return MomentumClock(self.momentum)

    def kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        """As the base class says."""
        return operations.MomentumRows(matrix, *state.memories, state.stamps)

    def catch_up_rows(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        """As the base class says."""
        clock = self._clock
        state.kernel.catch_up(rows, clock.step, clock.moves, clock.keeps, first, last)

    def step_rows(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        """As the base class says."""
        state.kernel.step(rows, gradients, self._clock.step, self.momentum, self.lr, first, last)


class RMSprop(Optimizer):
    """RMSprop: ``h = decay * h + (1 - decay) * g^2``, ``W -= lr * g / (sqrt(h) + eps)``.

    A row without a gradient stands still, but its h shrinks.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    decay_rate
        What a step keeps of the mean square gradient, from 0 to below 1.
    eps
        Keeps the denominator above zero.
    mode
        See :data:`negw2v.layers.optimizer.Mode`; "sparse": without a gradient a row's h stays
        as it is.
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
        """As the base class says."""
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("decay_rate", self.decay_rate)
        return (self.decay_rate,)

    def _new_clock(self) -> Clock:
        return DecayClock(self.decay_rate)

    def kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        """As the base class says."""
        return operations.RMSpropRows(matrix, *state.memories, state.stamps)

    def catch_up_rows(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        """As the base class says."""
        state.kernel.catch_up(rows, self._clock.step, self._clock.keeps, first, last)

    def step_rows(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        """As the base class says."""
        state.kernel.step(
            rows, gradients, self._clock.step, self.decay_rate, self.eps, self.lr, first, last
        )


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015), its bias corrections in the learning rate.

    ``m += (1 - beta1) * (g - m)``, ``v += (1 - beta2) * (g^2 - v)``,
    ``W -= lr * sqrt(1 - beta2^i) / (1 - beta1^i) * m / (sqrt(v) + eps)`` in step i.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    beta1, beta2
        What a step keeps of the mean gradient and of the mean square gradient, from 0 to
        below 1.
    eps
        Keeps the denominator above zero.
    mode
        "exact": dense Adam at the cost of a sparse step. Where beta1 is so close to 1, or
        beta2 so far from it, that this would not be cheaper, it is dense. "sparse": rows
        without a gradient stand still, m and v with them (as PyTorch's SparseAdam). "dense":
        every row is computed in every step. For word vectors the first is not only faster
        than the last but better than the second (docs/layers.md).

    Attributes
    ----------
    iter : int
        The number of steps so far.
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
        """As the base class says."""
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

    def kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        """As the base class says."""
        return operations.AdamRows(matrix, *state.memories, state.stamps)

    def catch_up_rows(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        """As the base class says."""
        clock = self._clock
        eps = self._settings[2] if self._settings is not None else self.eps
        state.kernel.catch_up(rows, clock.step, clock.sums, clock.keeps, eps, first, last)

    def step_rows(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        """As the base class says."""
        state.kernel.step(
            rows,
            gradients,
            self._clock.step,
            1 - self.beta1,
            1 - self.beta2,
            self.eps,
            self._step_rate,
            first,
            last,
        )
