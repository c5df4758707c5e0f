"""How far steps without a gradient move a row: tables that all rows of an optimizer share.

In a step of Momentum or Adam, a row without a gradient keeps moving by its decayed earlier
gradients, and every step decays them by the same factor. So the state of a row after k such
steps follows from its state before them and from k alone. A clock counts steps, and keeps the
coefficients of this calculation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import Array
from negw2v.layers.libraries import HOST, Library

__all__ = ["AdamClock", "Clock", "DecayClock", "MomentumClock", "adam_terms"]

#: Steps that the tables have room for. After as many, all rows catch up and counting starts
#: again; that costs one or two dense steps.
CAPACITY = 1 << 15

#: Smaller powers become zero: they do not matter next to a new gradient, and would turn into
#: denormal numbers, which are slow.
SMALLEST_POWER = 1e-30

#: Bound on the relative error of a row's move by a finite series: the precision of float32.
TOLERANCE = 1e-7

#: A series with more terms would cost as much as the steps themselves.
MOST_TERMS = 8

#: Steps whose weight, relative to the first step, is below this are left out.
NEGLIGIBLE = 1e-10

_batch = kernels.layer_operations(np.float32)


class Clock:
    """Counts steps.

    Attributes
    ----------
    step : int
        Steps since the clock was made. The stamp of a row is the last step that it includes.
    """

    def __init__(self) -> None:
        self.capacity = CAPACITY
        self.step = 0
        self._copies: dict[int, tuple[Any, ...]] = {}

    @property
    def is_full(self) -> bool:
        """Whether all rows must catch up, and a new clock start, before the next step."""
        return self.step >= self.capacity

    def advance(self, rate: float) -> None:  # noqa: ARG002 - Adam needs it
        """Count a step at this learning rate (for Adam: with its bias corrections)."""
        self.step += 1

    def tables(self, library: Library) -> tuple[Any, ...]:
        """The coefficients, where a library computes; a device gets a copy of them once."""
        if library is HOST:
            return self._tables()
        if id(library) not in self._copies:
            self._copies[id(library)] = tuple(map(library.upload, self._tables()))
        return self._copies[id(library)]

    def _tables(self) -> tuple[Array, ...]:
        """The coefficients on the host."""
        return ()


class DecayClock(Clock):
    """RMSprop: k steps multiply the mean square gradient by ``keeps[k]``."""

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.keeps = _powers(decay, self.capacity)

    def _tables(self) -> tuple[Array, ...]:
        return (self.keeps,)


class MomentumClock(Clock):
    """Momentum: k steps move a row by ``moves[k] * v``, and multiply v by ``keeps[k]``."""

    def __init__(self, momentum: float) -> None:
        super().__init__()
        powers = np.power(float(momentum), np.arange(self.capacity + 1))
        self.keeps = _powers(momentum, self.capacity)
        self.moves = (np.cumsum(powers) - 1).astype(np.float32)

    def _tables(self) -> tuple[Array, ...]:
        return self.moves, self.keeps


class AdamClock(Clock):
    """Adam: the coefficients of :meth:`negw2v.kernels.layer_reference.AdamRows.catch_up`.

    Parameters
    ----------
    beta1, beta2
        Parameters of Adam.
    terms
        Number of terms of the series: what :func:`adam_terms` returns.
    """

    def __init__(self, beta1: float, beta2: float, terms: int) -> None:
        super().__init__()
        shrink = np.sqrt(beta2)
        growth = 1 - shrink
        # x_(j+1)^n = (growth + shrink * x_j)^n, by the binomial theorem
        self._transition = np.zeros((terms, terms))
        for n in range(terms):
            binomials = _binomials(n)
            for i in range(n + 1):
                self._transition[n, i] = beta1 * binomials[i] * growth ** (n - i) * shrink**i
        self._entry = beta1 * growth ** np.arange(terms, dtype=np.float64)
        self._reach = _reach(beta1, shrink)
        self._rates = np.zeros(self.capacity + 1)
        self.sums = np.zeros((self.capacity + 1, terms), dtype=np.float32)
        self.keeps = np.stack([_powers(beta1, self.capacity), _powers(beta2, self.capacity)])
        self._copied: dict[int, int] = {}

    def _tables(self) -> tuple[Array, ...]:
        return self.sums, self.keeps

    def tables(self, library: Library) -> tuple[Any, ...]:
        """The coefficients; of those on a device, what later steps have changed is copied again."""
        sums, keeps = super().tables(library)
        last = self._copied.get(id(library), self.step)
        if library is not HOST and last < self.step:
            changed = slice(max(last - self._reach, 0), self.step + 1)
            sums[changed, ...] = library.upload(self.sums[changed])
        self._copied[id(library)] = self.step
        return sums, keeps

    def advance(self, rate: float) -> None:
        """Count a step; the coefficients of rows with recent gradients change."""
        super().advance(rate)
        self._rates[self.step] = rate
        _batch.adam_sums(
            self._rates, self.step, self._reach, self._transition, self._entry, self.sums
        )


def adam_terms(beta1: float, beta2: float) -> int | None:
    """Number of terms of the series in x_j = 1 - sqrt(beta2)^j that float32 precision needs.

    The terms from n on are together at most x_j^n / (1 - x_j) of the move in step j, and step
    j has the weight beta1^j.

    Returns
    -------
    int or None
        None: so many that dense steps are cheaper.
    """
    shrink = float(np.sqrt(beta2))
    if beta1 >= shrink:
        return None
    j = np.arange(1, _reach(beta1, shrink) + 1)
    weights = np.power(float(beta1), j)
    x = 1 - np.power(shrink, j)
    for terms in range(1, MOST_TERMS + 1):
        error = (weights * x**terms / (1 - x)).sum() / max(weights.sum(), np.finfo(float).tiny)
        if error <= TOLERANCE:
            return terms
    return None


def _reach(beta1: float, shrink: float) -> int:
    """Steps after which (beta1 / shrink)^j is negligible."""
    if beta1 == 0:
        return 1
    return int(np.ceil(np.log(NEGLIGIBLE) / np.log(beta1 / shrink)))


def _powers(base: float, count: int) -> npt.NDArray[np.float32]:
    powers = np.power(float(base), np.arange(count + 1))
    powers[np.abs(powers) < SMALLEST_POWER] = 0
    return powers.astype(np.float32)


def _binomials(n: int) -> Array:
    row = np.ones(1)
    for _ in range(n):
        row = np.convolve(row, [1, 1])
    return row
