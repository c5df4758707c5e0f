"""Optimizers: what is done with gradients.

The arithmetic is that of dense steps, in which every row of a matrix moves: with Momentum
and Adam a row goes on moving by its earlier gradients when it has none. Where a batch has
gradients for a few rows only, that is brought about at their cost: other rows catch up when
they are next looked at (:mod:`negw2v.layers.clocks`), and whoever reads a
:class:`negw2v.layers.Parameter` finds it up to date.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from negw2v.errors import InputTypeError, NotTrainableError, ParameterError
from negw2v.layers.arrays import Array, Int32s, operations_for, over_threads
from negw2v.layers.clocks import AdamClock, Clock, DecayClock, MomentumClock, adam_terms
from negw2v.layers.gradient import Gradient, SparseGradient, merge_shared
from negw2v.layers.parameter import Parameter

__all__ = ["SGD", "AdaGrad", "Adam", "Mode", "Momentum", "Optimizer", "RMSprop"]

#: "exact": dense arithmetic at the cost of a sparse step; "sparse": rows without a gradient
#: stand still; "dense": every row is computed in every step, as a reference.
Mode = Literal["exact", "sparse", "dense"]

#: Beside a root in a denominator, as the book has it.
EPS = 1e-7


class RowState:
    """What an optimizer remembers of one matrix.

    Parameters
    ----------
    source
        What the caller names the matrix by: a Parameter, or an array that is worked on in place.
    memories
        How many matrices of the same shape are remembered, zero at first.
    optimizer
        Whose state this is.
    """

    def __init__(self, source: Any, memories: int, optimizer: Optimizer) -> None:
        self.source = source
        self.parameter = _as_parameter(source)
        matrix = self.parameter.memory
        if matrix.dtype.kind != "f":
            raise InputTypeError(
                f"weights of type {matrix.dtype} cannot be trained; make them float32"
            )
        self.memories = [np.zeros_like(matrix) for _ in range(memories)]
        self.stamps = np.full(len(matrix), -1, dtype=np.int32)
        self.every_row = np.arange(len(matrix), dtype=np.int32)
        self.kernel = optimizer._kernel(operations_for(matrix), matrix, self)
        self._optimizer = optimizer

    def catch_up(self, rows: Int32s | None) -> None:
        """Make up for the steps that these rows (None: all) have missed."""
        if not self._optimizer._puts_off():
            return
        if rows is None:
            every = self.every_row
            over_threads(
                lambda first, last: self._optimizer._catch_up(self, every, first, last),
                len(every),
                8 * self.parameter.shape[1],
            )
        else:
            # A row that is named twice must not be caught up by two threads.
            flat = rows.reshape(-1)
            self._optimizer._catch_up(self, flat, 0, len(flat))

    def step(self, rows: Int32s, gradients: Array) -> None:
        """The optimizer's step on different rows."""
        if len(rows):
            over_threads(
                lambda first, last: self._optimizer._step(self, rows, gradients, first, last),
                len(rows),
                8 * gradients.shape[1],
            )


class Optimizer:
    """What all optimizers have in common.

    Parameters
    ----------
    lr
        The learning rate, > 0. It may be changed between steps.
    mode
        See :data:`Mode`.

    Raises
    ------
    ParameterError
        A parameter makes no sense.
    """

    #: matrices to remember for each matrix of weights
    _memories = 0

    def __init__(self, lr: float, mode: Mode = "exact") -> None:
        if mode not in get_args(Mode):
            raise ParameterError(f"mode={mode!r}: the modes are {', '.join(get_args(Mode))}")
        self.lr = lr
        self._require("lr", lr, 0 < lr < math.inf, "a number above 0, such as 0.001")
        self._mode: Mode = mode
        self._states: list[RowState] = []
        self._clock: Clock = Clock()
        self._settings: tuple[float, ...] | None = None

    @property
    def mode(self) -> Mode:
        """How rows without a gradient are treated."""
        return self._mode

    def update(self, params: Sequence[Any], grads: Sequence[Gradient]) -> None:
        """Change the weights by one step.

        Parameters
        ----------
        params
            The weights: Parameters, or floating-point arrays, which are changed in place. The
            same ones in every call.
        grads
            Their gradients, of the same shapes: SparseGradients or arrays. Where a matrix is
            named more than once, its gradients are added up.

        Raises
        ------
        ParameterError
            Numbers or shapes do not fit, or the weights are others than before.
        InputTypeError
            Weights are no floating-point numbers.
        """
        params, grads = merge_shared(params, grads)
        states = self._states_for(params)
        for state, gradient in zip(states, grads, strict=True):
            if np.shape(gradient) != np.shape(state.source):
                raise ParameterError(
                    f"a gradient of shape {np.shape(gradient)} does not fit weights of shape "
                    f"{np.shape(state.source)}"
                )
        self._prepare_step(states)
        rate = self._rate()
        lazy = self._puts_off()
        for state in states:
            state.parameter.owe(state if lazy else None)
        work = [self._rows_of(s, gradient) for s, gradient in zip(states, grads, strict=True)]
        if lazy:
            for state, (rows, _) in zip(states, work, strict=True):
                state.catch_up(rows)
        self._clock.advance(rate)
        for state, (rows, gradients) in zip(states, work, strict=True):
            state.step(rows, gradients)
            if lazy and state.parameter.is_watched:
                state.catch_up(None)

    def _states_for(self, params: Sequence[Any]) -> list[RowState]:
        if not self._states:
            self._states = [RowState(param, self._memories, self) for param in params]
        states = self._states
        if len(states) != len(params) or any(
            state.source is not param for state, param in zip(states, params, strict=True)
        ):
            raise NotTrainableError(
                f"this {type(self).__name__} has begun with other weights, and remembers what "
                "belongs to them; make a new one for these"
            )
        return states

    def _prepare_step(self, states: list[RowState]) -> None:
        """Settle everything where the settings are new, or the tables have no room left."""
        settings = self._current_settings()
        if settings == self._settings and not self._clock.is_full:
            return
        for state in states:
            if self._settings is not None:
                state.catch_up(None)
            state.stamps[state.stamps > 0] = 0
        self._clock = self._new_clock()
        self._settings = settings

    def _rows_of(self, state: RowState, gradient: Gradient) -> tuple[Int32s, Array]:
        dtype = state.parameter.dtype
        if isinstance(gradient, SparseGradient):
            if not self._is_dense():
                return gradient.rows, gradient.values.astype(dtype, copy=False)
            gradient = gradient.dense()
        matrix = np.asarray(gradient).reshape(state.parameter.shape)
        return state.every_row, np.ascontiguousarray(matrix, dtype=dtype)

    def _is_dense(self) -> bool:
        """Whether every row is computed in every step."""
        return self._mode == "dense"

    def _puts_off(self) -> bool:
        """Whether steps of rows without a gradient are put off."""
        return False

    def _current_settings(self) -> tuple[float, ...]:
        """What must not change while steps are put off; checked."""
        return ()

    def _new_clock(self) -> Clock:
        return Clock()

    def _rate(self) -> float:
        """The learning rate of the step that begins; called once for each."""
        self._require("lr", self.lr, 0 < self.lr < math.inf, "a number above 0, such as 0.001")
        return self.lr

    def _require(self, name: str, value: float, condition: bool, accepted: str) -> None:
        if not condition:
            raise ParameterError(f"{name}={value}: it must be {accepted}")

    def _require_share(self, name: str, value: float) -> None:
        self._require(name, value, 0 <= value < 1, "at least 0 and below 1")

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        raise NotImplementedError

    def _catch_up(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        raise NotImplementedError

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: ``W -= lr * g``. A row without a gradient stands still.

    Parameters
    ----------
    lr
        The learning rate, > 0.
    """

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__(lr)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.SGDRows(matrix)

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
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

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.AdaGradRows(matrix, *state.memories)

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
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
        See :data:`Mode`.
    """

    _memories = 1
    _clock: MomentumClock

    def __init__(self, lr: float = 0.01, momentum: float = 0.9, *, mode: Mode = "exact") -> None:
        super().__init__(lr, mode)
        self.momentum = momentum
        self._current_settings()

    def _puts_off(self) -> bool:
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("momentum", self.momentum)
        return (self.momentum,)

    def _new_clock(self) -> Clock:
        return MomentumClock(self.momentum)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.MomentumRows(matrix, *state.memories, state.stamps)

    def _catch_up(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        clock = self._clock
        state.kernel.catch_up(rows, clock.step, clock.moves, clock.keeps, first, last)

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
        state.kernel.step(
            rows, gradients, self._clock.step, self.momentum, self.lr, first, last
        )


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
        See :data:`Mode`; "sparse": h of a row without a gradient stays as it is.
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

    def _puts_off(self) -> bool:
        return self._mode == "exact"

    def _current_settings(self) -> tuple[float, ...]:
        self._require_share("decay_rate", self.decay_rate)
        return (self.decay_rate,)

    def _new_clock(self) -> Clock:
        return DecayClock(self.decay_rate)

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        return operations.RMSpropRows(matrix, *state.memories, state.stamps)

    def _catch_up(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        state.kernel.catch_up(rows, self._clock.step, self._clock.keeps, first, last)

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
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

    def _puts_off(self) -> bool:
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

    def _catch_up(self, state: RowState, rows: Int32s, first: int, last: int) -> None:
        clock = self._clock
        eps = self._settings[2] if self._settings is not None else self.eps
        state.kernel.catch_up(rows, clock.step, clock.sums, clock.keeps, eps, first, last)

    def _step(
        self, state: RowState, rows: Int32s, gradients: Array, first: int, last: int
    ) -> None:
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


def _as_parameter(source: Any) -> Parameter:
    if isinstance(source, Parameter):
        return source
    array = np.asarray(source)
    if array.ndim == 2:
        return Parameter.of(array)
    matrix = array.reshape(1, -1) if array.ndim < 2 else array.reshape(len(array), -1)
    if array is not source or not np.shares_memory(matrix, array):
        raise ParameterError(
            "weights must be arrays that can be changed in place: contiguous ones"
        )
    return Parameter.of(matrix)
