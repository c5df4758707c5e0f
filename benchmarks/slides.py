"""The system of *Deep Learning from Scratch 2*, chapter 4, in plain NumPy: the yardstick.

No code of negw2v's is in it. Tests hold the layers to it step by step; the benchmark measures
it, as the slides have it (:class:`NumpyCBOW` with :func:`choices`: a gradient as large as the
weights for every layer, a random choice for every row), and as far as NumPy goes without loops
(:class:`VectorisedCBOW`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

EPS = 1e-7


def sigmoid(x: Array) -> Array:
    """The logistic function."""
    result: Array = 1 / (1 + np.exp(-x))
    return result


def cross_entropy(y: Array, t: float) -> float:
    """The mean loss of probabilities y where all labels are t."""
    return float(-(t * np.log(y + EPS) + (1 - t) * np.log(1 - y + EPS)).mean())


def word_probabilities(corpus: Array, power: float = 0.75) -> Array:
    """What negatives are drawn by."""
    weights = np.bincount(corpus).astype(np.float64) ** power
    return weights / weights.sum()


def choices(random: np.random.RandomState, p: Array, target: Array, k: int) -> Array:
    """Negatives as the slides draw them: for every row a choice without its target."""
    result = np.zeros((len(target), k), dtype=np.int32)
    for i, word in enumerate(target):
        rest = p.copy()
        rest[word] = 0
        rest /= rest.sum()
        result[i] = random.choice(len(p), size=k, replace=False, p=rest)
    return result


class NumpyCBOW:
    """CBOW with negative sampling, layer by layer.

    Parameters
    ----------
    w_in, w_out
        The weights (V, d) at the start; copied.
    """

    def __init__(self, w_in: Array, w_out: Array) -> None:
        self.params = [w_in.copy(), w_out.copy()]
        self.grads = [np.zeros_like(w_in), np.zeros_like(w_out)]

    def rows(self, contexts: Array, target: Array) -> tuple[Array, Array]:
        """Word ids of the input layers, and of the loss layers."""
        return contexts, target[:, None]

    def step(self, contexts: Array, target: Array, negatives: Array) -> float:
        """Forward and backward; returns the loss, and leaves the gradients in `grads`."""
        w_in, w_out = self.params
        inputs, targets = self.rows(contexts, target)
        n = len(target)
        h = np.zeros((n, w_in.shape[1]), dtype=w_in.dtype)
        for column in inputs.T:
            h += w_in[column]
        h *= 1 / inputs.shape[1]
        dh, loss = np.zeros_like(h), 0.0
        layers = []
        for positive, drawn in zip(
            targets.T, negatives.reshape(n, targets.shape[1], -1).transpose(1, 2, 0), strict=True
        ):
            for words, label in [(positive, 1), *((column, 0) for column in drawn)]:
                rows = w_out[words]
                y = sigmoid(np.sum(rows * h, axis=1))
                loss += cross_entropy(y, label)
                labels = np.full(n, label, dtype=np.int32)  # which makes double precision of it
                error = ((y - labels) / n).reshape(-1, 1)
                layers.append(_dense(w_out, words, error * h))
                dh = dh + error * rows
        d_out = _total(layers)
        dh *= 1 / inputs.shape[1]
        d_in = _total([_dense(w_in, column, dh) for column in inputs.T])
        self.grads = [d_in, d_out]
        return loss


class NumpySkipGram(NumpyCBOW):
    """Skip-gram: the centre alone is the input, every context word a target."""

    def rows(self, contexts: Array, target: Array) -> tuple[Array, Array]:
        """Word ids of the input layers, and of the loss layers."""
        return target[:, None], contexts


def _dense(weights: Array, rows: Array, gradients: Array) -> Array:
    result = np.zeros_like(weights)
    np.add.at(result, rows, gradients)
    return result


def _total(gradients: list[Array]) -> Array:
    total = gradients[0]
    for other in gradients[1:]:
        total += other
    return total


class DenseOptimizer:
    """The book's optimizers: all rows in every step.

    Parameters
    ----------
    name
        "sgd", "momentum", "adagrad", "rmsprop" or "adam".
    lr, settings
        The learning rate, and what else the optimizer has, in the book's order.
    """

    def __init__(self, name: str, lr: float, *settings: float) -> None:
        self.lr, self.settings = lr, settings
        self.iter = 0
        self.m: list[Array] = []
        self.v: list[Array] = []
        self._step = getattr(self, name)

    def update(self, params: list[Array], grads: list[Array]) -> None:
        """One step."""
        if not self.m:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
        self.iter += 1
        for w, m, v, g in zip(params, self.m, self.v, grads, strict=True):
            self._step(w, m, v, g)

    def sgd(self, w: Array, _m: Array, _v: Array, g: Array) -> None:
        """Plain gradient descent."""
        w -= self.lr * g

    def momentum(self, w: Array, _m: Array, v: Array, g: Array) -> None:
        """Momentum."""
        v *= self.settings[0]
        v -= self.lr * g
        w += v

    def adagrad(self, w: Array, _m: Array, v: Array, g: Array) -> None:
        """AdaGrad."""
        v += g * g
        w -= self.lr * g / (np.sqrt(v) + EPS)

    def rmsprop(self, w: Array, _m: Array, v: Array, g: Array) -> None:
        """RMSprop."""
        v *= self.settings[0]
        v += (1 - self.settings[0]) * g * g
        w -= self.lr * g / (np.sqrt(v) + EPS)

    def adam(self, w: Array, m: Array, v: Array, g: Array) -> None:
        """Adam."""
        beta1, beta2 = self.settings
        rate = self.lr * np.sqrt(1 - beta2**self.iter) / (1 - beta1**self.iter)
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g**2 - v)
        w -= rate * m / (np.sqrt(v) + EPS)


class VectorisedCBOW:
    """CBOW with sparse Adam, without a loop over rows: what NumPy can do.

    Negatives are drawn with replacement from the cumulated distribution.

    Parameters
    ----------
    w_in, w_out
        The weights (V, d) at the start; copied.
    p
        What negatives are drawn by (V,).
    k
        Negatives for each target.
    lr
        The learning rate.
    seed
        Of the negatives.
    """

    def __init__(
        self, w_in: Array, w_out: Array, p: Array, k: int = 5, lr: float = 0.001, seed: int = 1
    ) -> None:
        self.params = [w_in.copy(), w_out.copy()]
        self._cumulated = np.cumsum(p)
        self._k, self._lr = k, lr
        self._random = np.random.default_rng(seed)
        self._moments = [(np.zeros_like(w), np.zeros_like(w)) for w in self.params]
        self._iter = 0

    def step(self, contexts: Array, target: Array) -> float:
        """Forward, backward and a step of Adam; returns the loss."""
        w_in, w_out = self.params
        n, c = contexts.shape
        h = w_in[contexts].mean(axis=1)
        drawn = np.searchsorted(self._cumulated, self._random.random((n, self._k)))
        words = np.concatenate([target[:, None], drawn], axis=1)
        rows = w_out[words]
        y = sigmoid(np.matmul(rows, h[:, :, None])[:, :, 0])
        errors = y.copy()
        errors[:, 0] -= 1
        y[:, 1:] = 1 - y[:, 1:]
        loss = float(-np.log(y + EPS).sum() / n)
        errors /= n
        dh = np.matmul(errors[:, None, :], rows)[:, 0] / c
        d_out = (errors[:, :, None] * h[:, None, :]).reshape(-1, h.shape[1])
        self._iter += 1
        self._adam(0, contexts.reshape(-1), np.repeat(dh, c, axis=0))
        self._adam(1, words.reshape(-1), d_out)
        return loss

    def _adam(self, which: int, rows: Array, gradients: Array) -> None:
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        g = np.add.reduceat(gradients[order], starts, axis=0)
        some = ordered[starts]
        m, v = (moment[some] for moment in self._moments[which])
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        rate = self._lr * np.sqrt(1 - 0.999**self._iter) / (1 - 0.9**self._iter)
        self.params[which][some] -= rate * m / (np.sqrt(v) + EPS)
        self._moments[which][0][some], self._moments[which][1][some] = m, v


def numeric_gradient(f: Callable[[], float], x: Array, h: float = 1e-5) -> Array:
    """The gradient of f by central differences, moving every element of x in place."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        old = x[place]
        x[place] = old + h
        up = f()
        x[place] = old - h
        down = f()
        x[place] = old
        gradient[place] = (up - down) / (2 * h)
    return gradient
