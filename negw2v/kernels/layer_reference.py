"""The specification of the operations of layers in plain NumPy.

:mod:`negw2v.layers` is made of them: rows are gathered and scored, their gradients added up by
row, and optimizers make steps on some rows of a matrix. ``src_cython/layers/layer_ops.pyx`` has the
same signatures, compiled for float32 per instruction-set level. These functions compute in the
arrays' own dtype, so that gradients in float64 can be checked against numeric ones.

Ranges ``first .. last - 1`` never share an element of their results, so threads can divide them
without changing the results.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s
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

#: A row's draws of negatives before the rest is drawn from the exact remaining distribution.
MOST_DRAWS_PER_NEGATIVE = 64


# --- rows and pairs -------------------------------------------------------------------------


def narrow(indices: Array, rows: int, out: Int32s) -> int:
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
    out[first:last] = scale * matrix[indices[first:last]].sum(axis=1)


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
    for i in range(first, last):
        pairs = slice(starts[i], starts[i + 1])
        scores[pairs] = outputs[indices[pairs]] @ inputs[i]


def logistic_gradients(scores: Array, signs: Array, gradients: Array) -> float:
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
        The sum of the losses, in nats.
    """
    z = signs * scores
    gradients[:] = -signs * sigmoid(-z)
    losses = np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))
    return float(losses.sum(dtype=np.float64))


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
    for i in range(first, last):
        pairs = slice(starts[i], starts[i + 1])
        gradients[i] = scale * (steps[pairs] @ outputs[indices[pairs]])


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
    found, where, inverse, counts = np.unique(
        indices, return_index=True, return_inverse=True, return_counts=True
    )
    appearance = np.argsort(where, kind="stable")
    rank = np.empty_like(appearance)
    rank[appearance] = np.arange(len(found))
    rows[: len(found)] = found[appearance]
    starts[0] = 0
    starts[1 : len(found) + 1] = np.cumsum(counts[appearance])
    order[:] = np.argsort(rank[inverse.reshape(-1)], kind="stable")
    return len(found)


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
    for r in range(first, last):
        positions = order[starts[r] : starts[r + 1]]
        rows = inputs[sources[positions]]
        total = rows.sum(axis=0) if steps is None else steps[positions] @ rows
        gradients[r] = scale * total


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
        self.weights[rows[first:last]] -= rate * gradients[first:last]


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
        self.weights[late] += moves[skipped, None] * self.velocity[late]
        self.velocity[late] *= keeps[skipped, None]

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
        self.velocity[some] = momentum * self.velocity[some] - rate * gradients[first:last]
        self.weights[some] += self.velocity[some]
        self.stamps[some] = step


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
        some, g = rows[first:last], gradients[first:last]
        self.squares[some] += g * g
        self.weights[some] -= rate * g / (np.sqrt(self.squares[some]) + eps)


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
        self.squares[late] *= keeps[skipped, None]

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
        some, g = rows[first:last], gradients[first:last]
        self.squares[some] = decay * self.squares[some] + (1 - decay) * (g * g)
        self.weights[some] -= rate * g / (np.sqrt(self.squares[some]) + eps)
        self.stamps[some] = step


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
        root = np.sqrt(self.v[late])
        inverse = 1 / (root + eps)
        q = root * inverse
        coefficients = sums[step - skipped]
        polynomial = np.zeros_like(q)
        for n in range(sums.shape[1] - 1, -1, -1):
            polynomial = polynomial * q + coefficients[:, n, None]
        self.weights[late] -= self.m[late] * inverse * polynomial
        self.m[late] *= keeps[0, skipped, None]
        self.v[late] *= keeps[1, skipped, None]

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
        some, g = rows[first:last], gradients[first:last]
        self.m[some] += gain1 * (g - self.m[some])
        self.v[some] += gain2 * (g * g - self.v[some])
        self.weights[some] -= rate * self.m[some] / (np.sqrt(self.v[some]) + eps)
        self.stamps[some] = step


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


def _mark_late(rows: Int32s, stamps: Int32s, step: int) -> tuple[Int32s, Int32s]:
    """The rows, once each, that steps have left out, and how many steps; all are now stamped."""
    different = np.unique(rows)
    late = different[(stamps[different] >= 0) & (stamps[different] < step)]
    skipped = step - stamps[late]
    stamps[late] = step
    return late, skipped
