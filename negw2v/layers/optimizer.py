"""The base of all optimizers: the order of a step, and which updates are deferred.

A step of Momentum, RMSprop or Adam changes every row, also rows without a gradient. An
optimizer in the mode "exact" is *lazy*: it defers the changes of rows without a gradient, and
catches up on them when somebody reads these rows (:class:`negw2v.layers.Parameter`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from negw2v.arrays import Array, Int32s
from negw2v.commit import at_once, attributes, item
from negw2v.errors import InputTypeError, NotTrainableError, ParameterError
from negw2v.layers.clocks import Clock
from negw2v.layers.gradient import Gradient, SparseGradient, merge_shared
from negw2v.layers.libraries import Library, is_foreign, library_of
from negw2v.layers.parameter import Parameter

__all__ = ["EPS", "Mode", "Optimizer", "RowState"]

#: "exact": the results of a dense step at the cost of a sparse one; "sparse": rows without a
#: gradient do not change; "dense": every step computes every row, as a reference.
Mode = Literal["exact", "sparse", "dense"]

#: Added to a root in a denominator; the book's value.
EPS = 1e-7


class RowState:
    """What an optimizer remembers of one matrix.

    Parameters
    ----------
    source
        The matrix as the caller gives it: a Parameter, or an array that is changed in place.
    memories
        Number of matrices of the same shape to remember; they start at zero.
    optimizer
        The optimizer.
    """

    def __init__(self, source: Any, memories: int, optimizer: Optimizer) -> None:
        self.source = source
        self.parameter = _as_parameter(source)
        matrix = self.parameter.memory
        library = self.library = self.parameter.library
        if not library.is_float(matrix.dtype):
            raise InputTypeError(
                f"weights of type {matrix.dtype} cannot be trained; make them float32"
            )
        name = f"{type(optimizer).__name__}'s memory of the weights"
        self.memories = [library.zero_matrix(name, matrix) for _ in range(memories)]
        self.every_row = library.upload(np.arange(len(self.parameter), dtype=np.int32))
        self.stamps = library.zeros(name, (len(self.parameter),), library.xp.int32)
        self.stamps -= 1
        self._optimizer = optimizer
        self._kernel = optimizer._kernel(library.operations(matrix), matrix, self)  # noqa: SLF001

    def catch_up(self, rows: Int32s | None) -> None:
        """Make the updates of these rows (None: all) that were deferred."""
        if not self._optimizer.is_lazy:
            return
        arguments = self._optimizer._catch_up_arguments(self.library)  # noqa: SLF001
        if rows is None:
            every = self.every_row
            self.library.share(
                lambda first, last: self._kernel.catch_up(every, *arguments, first, last),
                self.parameter.shape[0],
                8 * self.parameter.shape[1],
            )
        else:
            # Rows may repeat, and two threads must not work on one row.
            flat = self.library.xp.reshape(rows, (-1,))
            self._kernel.catch_up(flat, *arguments, 0, flat.shape[0])

    def step(self, rows: Int32s, gradients: Array) -> None:
        """Make the optimizer's step on these rows, which must not repeat."""
        if rows.shape[0]:
            arguments = self._optimizer._step_arguments()  # noqa: SLF001
            self.library.share(
                lambda first, last: self._kernel.step(rows, gradients, *arguments, first, last),
                rows.shape[0],
                8 * gradients.shape[1],
            )


class Optimizer:
    """Base of all optimizers.

    Parameters
    ----------
    lr
        The learning rate, > 0. It may be changed between steps.
    mode
        See :data:`Mode`.

    Raises
    ------
    ParameterError
        A parameter is out of its range.
    """

    #: Number of matrices to remember for each matrix of weights.
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
        """What a step does with rows without a gradient: see :data:`Mode`."""
        return self._mode

    def update(self, params: Sequence[Any], grads: Sequence[Gradient]) -> None:
        """Change the weights by one step.

        Parameters
        ----------
        params
            The weights: Parameters, or floating-point arrays, which are changed in place. Every
            call needs the same ones.
        grads
            Their gradients, of the same shapes: SparseGradients or arrays. If `params` name a
            matrix more than once, its gradients are added up.

        Raises
        ------
        ParameterError
            Numbers or shapes do not match.
        NotTrainableError
            The weights are not those of earlier calls.
        InputTypeError
            The weights are not floating-point numbers.

        Examples
        --------
        >>> W = np.ones((3, 2), dtype=np.float32)
        >>> gradient = np.array([[1, 1], [0, 0], [2, 2]], dtype=np.float32)
        >>> SGD(lr=0.5).update([W], [gradient])
        >>> W
        array([[0.5, 0.5],
               [1. , 1. ],
               [0. , 0. ]], dtype=float32)
        """
        params, grads = merge_shared(params, grads)
        states = self._states_for(params)
        for state, gradient in zip(states, grads, strict=True):
            expected = np.shape(state.source)
            if is_foreign(gradient) or isinstance(gradient, SparseGradient):
                _require_library(state, gradient)
            if np.shape(gradient) != expected:
                raise ParameterError(
                    f"a gradient of shape {tuple(np.shape(gradient))} does not fit weights of "
                    f"shape {tuple(expected)}"
                )
        self._prepare_step(states)
        rate = self._rate()
        lazy = self.is_lazy
        for state in states:
            state.parameter.defer(state if lazy else None)
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
                f"this {type(self).__name__} was used with other weights, and its state belongs "
                "to them; make a new one for these weights"
            )
        return states

    def _prepare_step(self, states: list[RowState]) -> None:
        """Catch up on all rows if the settings changed or the clock is full; take a new clock."""
        settings = self._current_settings()
        if settings == self._settings and not self._clock.is_full:
            return
        if self._settings is not None:
            for state in states:
                state.catch_up(None)
        begin = [item(state.stamps, state.stamps > 0, 0) for state in states]
        clock = {"_clock": self._new_clock(), "_settings": settings}
        at_once(*begin, attributes(self, clock))

    def _rows_of(self, state: RowState, gradient: Gradient) -> tuple[Int32s, Array]:
        library, dtype = state.library, state.parameter.dtype
        if isinstance(gradient, SparseGradient):
            if not self._is_dense():
                return gradient.rows, library.floats("a gradient", gradient.values, dtype)
            gradient = gradient.dense()
        matrix = library.floats("a gradient", gradient, dtype)
        return state.every_row, library.xp.reshape(matrix, state.parameter.shape)

    def _is_dense(self) -> bool:
        """Whether every step computes every row."""
        return self._mode == "dense"

    @property
    def is_lazy(self) -> bool:
        """Whether the updates of rows without a gradient are deferred."""
        return False

    def _current_settings(self) -> tuple[float, ...]:
        """The checked settings that must not change while updates are deferred."""
        return ()

    def _new_clock(self) -> Clock:
        return Clock()

    def _rate(self) -> float:
        """The learning rate of the next step; called once for each step."""
        self._require("lr", self.lr, 0 < self.lr < math.inf, "a number above 0, such as 0.001")
        return self.lr

    def _require(self, name: str, value: float, condition: bool, accepted: str) -> None:
        if not condition:
            raise ParameterError(f"{name}={value}: it must be {accepted}")

    def _require_share(self, name: str, value: float) -> None:
        self._require(name, value, 0 <= value < 1, "at least 0 and below 1")

    # what each optimizer defines

    def _kernel(self, operations: Any, matrix: Array, state: RowState) -> Any:
        """The kernel class for a matrix of weights, with the optimizer's state."""
        raise NotImplementedError

    def _catch_up_arguments(self, library: Library) -> tuple[Any, ...]:
        """What the kernel's ``catch_up`` needs besides the rows; arrays are the library's."""
        raise NotImplementedError

    def _step_arguments(self) -> tuple[Any, ...]:
        """What the kernel's ``step`` needs besides the rows and their gradients."""
        raise NotImplementedError


def _require_library(state: RowState, gradient: Any) -> None:
    """Refuse the gradient of another library, or on another device, than the weights."""
    given = getattr(gradient, "library", None) or library_of(gradient)
    if given is not state.library:
        raise InputTypeError(
            f"a gradient is of {given!r}, but its weights are of {state.library!r}: all arrays of "
            "a call must be of one library, on one device"
        )


def _as_parameter(source: Any) -> Parameter:
    if isinstance(source, Parameter):
        return source
    if is_foreign(source) and source.ndim == 2:
        return Parameter.of(source)
    if is_foreign(source):
        raise ParameterError(
            f"weights of {library_of(source)!r} must be matrices, (rows, d), not of the shape "
            f"{tuple(source.shape)}: give W.reshape(1, -1), or the like"
        )
    array = np.asarray(source)
    if array.ndim == 2:
        return Parameter.of(array)
    matrix = array.reshape(1, -1) if array.ndim < 2 else array.reshape(len(array), -1)
    if array is not source or not np.shares_memory(matrix, array):
        raise ParameterError("weights must be arrays that can be changed in place: contiguous ones")
    return Parameter.of(matrix)
