"""The specification of the operations of layers, for the arrays of any library.

:mod:`negw2v.layers` is made of them: rows are gathered and scored, their gradients added up by
row, and optimizers make steps on some rows of a matrix. ``src_cython/layers/layer_ops.pyx`` has the
same signatures, compiled for float32 arrays of NumPy's per instruction-set level. These functions
compute in the arrays' own dtype, so that gradients in float64 can be checked against numeric ones,
by the functions of the arrays' own library (:func:`negw2v.kernels.namespaces.namespace_of`), on
their device. ``Array`` means an array of any of them. What is drawn or checked on the host
(:func:`narrow`, :func:`draw_negatives`, :func:`adam_sums`) is in NumPy.

Ranges ``first .. last - 1`` never share an element of their results, so threads can divide them
without changing the results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Int32s
from negw2v.kernels.namespaces import add_rows, namespace_of, owners_of, put_rows
from negw2v.kernels.random import alias_draws, draws
from negw2v.kernels.reference import sigmoid

__all__ = [
    "AdaGradRows",
    "AdamRows",
    "MomentumRows",
    "RMSpropRows",
    "SGDRows",
    "adam_sums",
    "draw_negatives",
    "gather_sums",
    "group_rows",
    "input_gradients",
    "logistic_gradients",
    "narrow",
    "pair_scores",
    "row_gradients",
]

Array = Any

#: A row's draws of negatives before the rest is drawn from the exact remaining distribution.
MOST_DRAWS_PER_NEGATIVE = 64


# --- rows and pairs -------------------------------------------------------------------------


def narrow(indices: npt.NDArray[Any], rows: int, out: Int32s) -> int:
    """Copy row numbers into int32.

    Parameters
    ----------
    indices
        int32 or int64 (n,).
    rows
        Row numbers must lie in 0..rows-1.
    out
        int32 (n,), filled.

    Returns
    -------
    int
        Position of the first number that is out of range; -1 if there is none.
    """
    wrong = np.flatnonzero((indices < 0) | (indices >= rows))
    if len(wrong):
        return int(wrong[0])
    out[:] = indices
    return -1


def gather_sums(
    matrix: Array, indices: Int32s, scale: float, out: Array, first: int, last: int
) -> None:
    """``out[i] = scale * sum over j of matrix[indices[i, j]]``.

    Parameters
    ----------
    matrix
        (rows, d).
    indices
        int32 (n, c), each in 0..rows-1.
    out
        (n, d), filled.
    """
    xp = namespace_of(matrix)
    chosen = indices[first:last, :]
    rows = xp.reshape(_rows(matrix, xp.reshape(chosen, (-1,))), (*chosen.shape, matrix.shape[1]))
    out[first:last, :] = scale * xp.sum(rows, axis=1)


def pair_scores(
    inputs: Array,
    outputs: Array,
    starts: Int32s,
    indices: Int32s,
    scores: Array,
    first: int,
    last: int,
) -> None:
    """Dot products of every input row with its own output rows.

    ``scores[p] = inputs[i] . outputs[indices[p]]`` for p in ``starts[i] .. starts[i+1] - 1``.

    Parameters
    ----------
    inputs, outputs
        (n, d) and (rows, d).
    starts
        int32 (n + 1,), rising from 0 to the number of pairs.
    indices
        int32 (pairs,), each in 0..rows-1.
    scores
        (pairs,), filled.
    """
    pairs = slice(int(starts[first]), int(starts[last]))
    owners = owners_of(starts, first, last)
    products = _rows(inputs[first:last, :], owners) * _rows(outputs, indices[pairs])
    scores[pairs] = namespace_of(scores).sum(products, axis=1)


def logistic_gradients(scores: Array, signs: Array, gradients: Array) -> Any:
    """The loss of every score, log(1 + e^-(sign * score)), and its derivative.

    Parameters
    ----------
    scores
        (pairs,).
    signs
        (pairs,): +1 where the label is 1, -1 where it is 0.
    gradients
        (pairs,), filled with sigmoid(score) - label.

    Returns
    -------
    float
        The sum of the losses, in nats, added up in float64. It is an array without dimensions
        where the scores are not NumPy's: reading a number from a device takes time.
    """
    xp = namespace_of(scores)
    z = signs * scores
    e = xp.exp(-xp.abs(z))
    gradients[:] = -signs * sigmoid(-z)
    losses = xp.log1p(e) - xp.where(z >= 0, xp.zeros_like(z), z)
    return xp.sum(losses, dtype=xp.float64)


def input_gradients(
    steps: Array,
    scale: float,
    outputs: Array,
    starts: Int32s,
    indices: Int32s,
    gradients: Array,
    first: int,
    last: int,
) -> None:
    """``gradients[i] = scale * sum over its pairs p of steps[p] * outputs[indices[p]]``.

    Parameters
    ----------
    steps
        (pairs,): the gradients of the scores.
    outputs, starts, indices
        As for :func:`pair_scores`.
    gradients
        (n, d), filled.
    """
    pairs = slice(int(starts[first]), int(starts[last]))
    products = steps[pairs, None] * _rows(outputs, indices[pairs])
    _put_sums(gradients, first, last, starts, products, scale)


def group_rows(
    indices: Int32s,
    slots: Int32s,  # noqa: ARG001 - the compiled twin needs it
    rows: Int32s,
    starts: Int32s,
    order: Int32s,
) -> int:
    """Which positions name which row.

    Parameters
    ----------
    indices
        int32 (n,).
    slots
        int32 (number of rows,), working memory: all -1, and so when this returns.
    rows
        int32 (n,): its first entries are filled with the rows, in order of first appearance.
    starts
        int32 (n + 1,): row ``rows[r]`` is named at ``order[starts[r]:starts[r + 1]]``.
    order
        int32 (n,), filled with positions, ascending within a row.

    Returns
    -------
    int
        The number of different rows.
    """
    xp = namespace_of(indices)
    if not indices.shape[0]:
        starts[:1] = 0
        return 0
    # Positions by row; each row's first position, which is its smallest; rows by first position.
    by_row = xp.argsort(indices, stable=True)
    named = xp.take(indices, by_row, axis=0)
    begins = xp.concat([xp.ones_like(named[:1]) > 0, named[1:] != named[:-1]])
    group = xp.cumulative_sum(xp.astype(begins, named.dtype)) - 1
    appearance = xp.argsort(by_row[begins], stable=True)
    rank = xp.take(xp.argsort(appearance, stable=True), group, axis=0)
    found = int(appearance.shape[0])
    by_rank = xp.argsort(rank, stable=True)
    sizes = xp.zeros_like(starts[:found])
    add_rows(sizes, rank, xp.ones_like(starts[:1]) + xp.zeros_like(indices))
    rows[:found] = xp.take(named[begins], appearance, axis=0)
    starts[:1] = 0
    starts[1 : found + 1] = xp.cumulative_sum(sizes, dtype=sizes.dtype)
    order[:] = xp.astype(xp.take(by_row, by_rank, axis=0), order.dtype)
    return found


def row_gradients(
    inputs: Array,
    sources: Int32s,
    steps: Array | None,
    scale: float,
    starts: Int32s,
    order: Int32s,
    gradients: Array,
    first: int,
    last: int,
) -> None:
    """``gradients[r] = scale * sum over its positions p of steps[p] * inputs[sources[p]]``.

    Parameters
    ----------
    inputs
        (n, d).
    sources
        int32 (pairs,): the input row of each position.
    steps
        (pairs,), or None for all ones.
    starts, order
        As :func:`group_rows` makes them.
    gradients
        (different rows, d), filled.
    """
    positions = order[int(starts[first]) : int(starts[last])]
    rows = _rows(inputs, _rows(sources, positions))
    if steps is not None:
        rows = _rows(steps, positions)[:, None] * rows
    _put_sums(gradients, first, last, starts, rows, scale)


def draw_negatives(
    alias: npt.NDArray[np.uint32],
    probabilities: npt.NDArray[np.float64],
    targets: Int32s,
    stream: int,
    replace: bool,
    out: Int32s,
    first: int,
    last: int,
) -> None:
    """Negatives for each target, none of them the target itself.

    Without replacement a draw that was there before is thrown away: what is left follows
    successive sampling, as ``numpy.random.choice(replace=False, p=...)`` does. Should that
    take too many draws, the rest comes from the exact distribution of what remains.

    Parameters
    ----------
    alias, probabilities
        The distribution: uint32 (V, 2), float64 (V,). For every target,
        at least ``out.shape[1]`` other words (with replacement: 1) must be possible.
    targets
        int32 (n,).
    stream
        Where the random stream of this batch starts; each row has its own, made from it.
    replace
        Whether a word may be drawn twice for one target.
    out
        int32 (n, k), filled.
    """
    k = out.shape[1]
    for i in range(first, last):
        # another step of SplitMix64 from the row's number
        row_stream = int(draws(int(stream) ^ i, 1)[0])
        target = int(targets[i])
        found: list[int] = []
        drawn = 0
        while len(found) < k and drawn < MOST_DRAWS_PER_NEGATIVE * k:
            word = int(alias_draws(draws(row_stream, 1, drawn), alias)[0])
            drawn += 1
            if word != target and (replace or word not in found):
                found.append(word)
        while len(found) < k:
            left = probabilities.copy()
            left[[target] if replace else [target, *found]] = 0
            cumulated = np.cumsum(left)
            part = float(draws(row_stream, 1, drawn)[0] >> np.uint64(11)) / 2**53
            drawn += 1
            found.append(int(np.searchsorted(cumulated, part * cumulated[-1], side="right")))
        out[i] = found


# --- optimizers' steps ----------------------------------------------------------------------


@dataclass(eq=False)
class SGDRows:
    """Stochastic gradient descent on rows of a matrix.

    Parameters
    ----------
    weights
        (rows, d), changed in place.
    """

    weights: Array

    def step(self, rows: Int32s, gradients: Array, rate: float, first: int, last: int) -> None:
        """``weights -= rate * gradients`` for different rows ``rows[first:last]``."""
        some = rows[first:last]
        moved = _rows(self.weights, some) - rate * gradients[first:last, :]
        put_rows(self.weights, some, moved)


@dataclass(eq=False)
class MomentumRows:
    """Momentum on rows of a matrix: v = momentum * v - rate * g, then w += v.

    Parameters
    ----------
    weights, velocity
        (rows, d), changed in place.
    stamps
        int32 (rows,): the step after which each row is up to date; -1: never touched.
    """

    weights: Array
    velocity: Array
    stamps: Int32s

    def catch_up(
        self, rows: Int32s, step: int, moves: Array, keeps: Array, first: int, last: int
    ) -> None:
        """What the steps up to `step` have done to rows without a gradient.

        Parameters
        ----------
        rows
            int32; a row may be there more than once.
        step
            The number of steps so far.
        moves, keeps
            float32 (steps + 1,): after k steps, ``w += moves[k] * v`` and ``v *= keeps[k]``.
        """
        late, skipped = _mark_late(rows[first:last], self.stamps, step)
        velocity = _rows(self.velocity, late)
        moved = _rows(self.weights, late) + _rows(moves, skipped)[:, None] * velocity
        put_rows(self.weights, late, moved)
        put_rows(self.velocity, late, velocity * _rows(keeps, skipped)[:, None])

    def step(
        self,
        rows: Int32s,
        gradients: Array,
        step: int,
        momentum: float,
        rate: float,
        first: int,
        last: int,
    ) -> None:
        """Step number `step` on different rows that are up to date."""
        some = rows[first:last]
        velocity = momentum * _rows(self.velocity, some) - rate * gradients[first:last, :]
        put_rows(self.velocity, some, velocity)
        put_rows(self.weights, some, _rows(self.weights, some) + velocity)
        _stamp(self.stamps, some, step)


@dataclass(eq=False)
class AdaGradRows:
    """AdaGrad on rows of a matrix: h += g^2, then w -= rate * g / (sqrt(h) + eps).

    Parameters
    ----------
    weights, squares
        (rows, d), changed in place.
    """

    weights: Array
    squares: Array

    def step(
        self, rows: Int32s, gradients: Array, eps: float, rate: float, first: int, last: int
    ) -> None:
        """A step on different rows ``rows[first:last]``."""
        some, g = rows[first:last], gradients[first:last, :]
        squares = _rows(self.squares, some) + g * g
        put_rows(self.squares, some, squares)
        moves = rate * g / (namespace_of(g).sqrt(squares) + eps)
        put_rows(self.weights, some, _rows(self.weights, some) - moves)


@dataclass(eq=False)
class RMSpropRows:
    """RMSprop on rows: h = decay * h + (1 - decay) * g^2, then w -= rate * g / (sqrt(h) + eps).

    Parameters
    ----------
    weights, squares, stamps
        As `weights`, `velocity` and `stamps` of :class:`MomentumRows`.
    """

    weights: Array
    squares: Array
    stamps: Int32s

    def catch_up(self, rows: Int32s, step: int, keeps: Array, first: int, last: int) -> None:
        """What the steps up to `step` have done to rows without a gradient: ``h *= keeps[k]``."""
        late, skipped = _mark_late(rows[first:last], self.stamps, step)
        put_rows(self.squares, late, _rows(self.squares, late) * _rows(keeps, skipped)[:, None])

    def step(
        self,
        rows: Int32s,
        gradients: Array,
        step: int,
        decay: float,
        eps: float,
        rate: float,
        first: int,
        last: int,
    ) -> None:
        """Step number `step` on different rows that are up to date."""
        some, g = rows[first:last], gradients[first:last, :]
        squares = decay * _rows(self.squares, some) + (1 - decay) * (g * g)
        put_rows(self.squares, some, squares)
        moves = rate * g / (namespace_of(g).sqrt(squares) + eps)
        put_rows(self.weights, some, _rows(self.weights, some) - moves)
        _stamp(self.stamps, some, step)


@dataclass(eq=False)
class AdamRows:
    """Adam on rows of a matrix (Kingma and Ba 2015, with the bias corrections in the rate).

    m += (1 - beta1)(g - m), v += (1 - beta2)(g^2 - v), w -= rate * m / (sqrt(v) + eps).

    Parameters
    ----------
    weights, m, v, stamps
        As `weights`, `velocity` and `stamps` of :class:`MomentumRows`.
    """

    weights: Array
    m: Array
    v: Array
    stamps: Int32s

    def catch_up(
        self,
        rows: Int32s,
        step: int,
        sums: Array,
        keeps: Array,
        eps: float,
        first: int,
        last: int,
    ) -> None:
        """What the steps up to `step` have done to rows without a gradient.

        After j of them m is beta1^j m and sqrt(v) is c^j sqrt(v), c = sqrt(beta2). With
        x_j = 1 - c^j and q = sqrt(v) / (sqrt(v) + eps),

            1 / (c^j sqrt(v) + eps) = 1 / ((sqrt(v) + eps) (1 - q x_j))
                                    = (1 + q x_j + q^2 x_j^2 + ...) / (sqrt(v) + eps),

        so the row moves by m / (sqrt(v) + eps) times a polynomial in q, whose coefficients
        (:func:`adam_sums`) are the same for all its elements.

        Parameters
        ----------
        rows
            int32; a row may be there more than once.
        step
            The number of steps so far.
        sums
            float32 (steps, terms): the coefficients for a row last touched at step s.
        keeps
            float32 (2, steps + 1): the k-th powers of beta1 and beta2.
        """
        late, skipped = _mark_late(rows[first:last], self.stamps, step)
        xp = namespace_of(self.weights)
        m, v = _rows(self.m, late), _rows(self.v, late)
        root = xp.sqrt(v)
        inverse = 1 / (root + eps)
        q = root * inverse
        coefficients = _rows(sums, step - skipped)
        polynomial = xp.zeros_like(q)
        for n in range(sums.shape[1] - 1, -1, -1):
            polynomial = polynomial * q + coefficients[:, n, None]
        put_rows(self.weights, late, _rows(self.weights, late) - m * inverse * polynomial)
        put_rows(self.m, late, m * _rows(keeps[0, :], skipped)[:, None])
        put_rows(self.v, late, v * _rows(keeps[1, :], skipped)[:, None])

    def step(
        self,
        rows: Int32s,
        gradients: Array,
        step: int,
        gain1: float,
        gain2: float,
        eps: float,
        rate: float,
        first: int,
        last: int,
    ) -> None:
        """Step number `step` on different rows that are up to date.

        Parameters
        ----------
        rows, gradients
            int32 and (n, d).
        gain1, gain2
            1 - beta1 and 1 - beta2.
        rate
            The learning rate with its bias corrections.
        """
        some, g = rows[first:last], gradients[first:last, :]
        m, v = _rows(self.m, some), _rows(self.v, some)
        m, v = m + gain1 * (g - m), v + gain2 * (g * g - v)
        put_rows(self.m, some, m)
        put_rows(self.v, some, v)
        moves = rate * m / (namespace_of(g).sqrt(v) + eps)
        put_rows(self.weights, some, _rows(self.weights, some) - moves)
        _stamp(self.stamps, some, step)


def adam_sums(
    rates: npt.NDArray[np.float64],
    step: int,
    reach: int,
    transition: npt.NDArray[np.float64],
    entry: npt.NDArray[np.float64],
    sums: npt.NDArray[np.float32],
) -> None:
    """The coefficients of :meth:`AdamRows.catch_up` after one more step.

    For a row last touched at step s they are the sums over the steps s + j up to `step`
    of rates[s + j] * beta1^j * x_j^n. Since x_(j+1) = (1 - c) + c x_j, those of s follow from
    those of s + 1 by one small matrix: ``sums[s] = transition @ sums[s + 1] + rates[s + 1] *
    entry``.

    Parameters
    ----------
    rates
        float64 (steps + 1,): entry i is the rate of step i.
    step
        The number of steps so far; the coefficients of rows touched now are zero.
    reach
        How many steps back beta1^j still counts; coefficients from before are final.
    transition, entry
        float64 (terms, terms), lower triangular, and (terms,).
    sums
        float32 (more than step, terms): its rows from ``step - reach`` to `step` are written.
    """
    current = np.zeros(len(entry))
    sums[step] = 0
    for s in range(step - 1, max(step - reach, 0) - 1, -1):
        current = transition @ current + rates[s + 1] * entry
        sums[s] = current


def _rows(matrix: Array, rows: Array) -> Array:
    """``matrix[rows]``: these rows, a copy."""
    return namespace_of(matrix).take(matrix, rows, axis=0)


def _put_sums(
    sums: Array, first: int, last: int, starts: Array, values: Array, scale: float
) -> None:
    """``sums[i] = scale * the sum of the values of part i``, for i in first..last-1."""
    xp = namespace_of(sums)
    totals = xp.zeros_like(sums[first:last, :])
    add_rows(totals, owners_of(starts, first, last), xp.astype(values, sums.dtype, copy=False))
    sums[first:last, :] = scale * totals


def _stamp(stamps: Array, rows: Array, step: int) -> None:
    """Note that these rows are up to date after a step."""
    put_rows(stamps, rows, namespace_of(stamps).zeros_like(stamps[: rows.shape[0]]) + step)


def _mark_late(rows: Array, stamps: Array, step: int) -> tuple[Array, Array]:
    """The rows, once each, that steps have left out, and how many steps; all are now stamped."""
    different = namespace_of(rows).unique_values(rows)
    last = _rows(stamps, different)
    late = different[(last >= 0) & (last < step)]
    skipped = step - _rows(stamps, late)
    _stamp(stamps, late, step)
    return late, skipped
