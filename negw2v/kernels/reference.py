"""The specification: training in plain NumPy, with the signatures of the compiled kernel.

Slow and short. It works in the weights' own dtype, so that float64 weights give gradients
that can be checked against numeric ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.kernels import checks
from negw2v.kernels.problem import Objective, Tables, Weights
from negw2v.kernels.random import alias_draws, below, draws

__all__ = ["SpanTrainer", "block_loss", "block_update", "sigmoid"]

Array = npt.NDArray[Any]


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), without overflow."""
    e = np.exp(-np.abs(x))
    result: Array = np.where(x >= 0, 1, e) / (1 + e)
    return result


def block_loss(inputs: Array, outputs: Array, signs: Array) -> Array:
    """Cross-entropy of every pair in a block, in nats.

    Parameters
    ----------
    inputs, outputs
        (n, d) and (m, d).
    signs
        (m,): +1 for a row to be predicted, -1 for one that is not, 0 for none of both.

    Returns
    -------
    numpy.ndarray
        (n, m): log(1 + exp(-sign * input . output)), 0 where the sign is 0.
    """
    z = signs * (inputs @ outputs.T)
    result: Array = np.where(signs == 0, 0, np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z))))
    return result


def block_update(
    inputs: Array, outputs: Array, signs: Array, learning_rate: float
) -> tuple[Array, Array]:
    """One step of gradient descent on the sum of :func:`block_loss`.

    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", eq. 4 (negative sampling) and eq. 3 (hierarchical softmax).

    Returns
    -------
    tuple of numpy.ndarray
        What to add to the inputs (n, d) and to the outputs (m, d), both computed from the
        rows as they were given.
    """
    steps = learning_rate * signs * sigmoid(-signs * (inputs @ outputs.T))
    return steps @ outputs, steps.T @ inputs


class SpanTrainer:
    """Trains spans of a token stream, one block per window or per side of a window.

    Parameters
    ----------
    objective
        What is predicted from what.
    weights
        The arrays to change, in place.
    tables
        The look-up tables.
    threads
        How many threads are going to call :meth:`train` at once. A compiled kernel gives each
        of several threads copies of the rows that all of them write all the time, and merges
        those into the weights before :meth:`train` returns.

    Raises
    ------
    ParameterError
        If the three do not fit together.
    """

    def __init__(
        self, objective: Objective, weights: Weights, tables: Tables, threads: int = 1
    ) -> None:
        checks.check_problem(objective, weights, tables, threads, compiled=False)
        self._objective = objective
        self._weights = weights
        self._tables = tables

    def train(
        self,
        tokens: npt.NDArray[np.int32],
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
    ) -> None:
        """Train spans ``first .. last - 1``.

        Parameters
        ----------
        tokens
            int32 (n,), word ids.
        sentence_starts
            int64 (s + 1,): sentence ``j`` is ``tokens[sentence_starts[j]:sentence_starts[j+1]]``.
        span_starts
            int64 (p + 1,): span ``i`` is sentences ``span_starts[i] .. span_starts[i+1] - 1``.
        first, last
            Which spans. Threads may call this at once for different spans (Hogwild).
        streams
            uint64 (p,): each span's random stream.
        learning_rates
            float32 (p,): each span's learning rate.
        totals
            (p,) of dtype TOTALS, filled for the spans trained.

        Raises
        ------
        ParameterError
            If spans, sentences or tokens lie outside their arrays; nothing was trained then.
        """
        checks.check_spans(
            len(self._weights.input_vectors),
            tokens,
            sentence_starts,
            span_starts,
            first,
            last,
            streams,
            learning_rates,
            totals,
        )
        for span in range(first, last):
            starts = sentence_starts[span_starts[span] : span_starts[span + 1] + 1]
            totals[span] = self._train_span(
                tokens, starts, int(streams[span]), learning_rates[span]
            )

    def _train_span(
        self, tokens: Array, starts: Array, stream: int, learning_rate: float
    ) -> tuple[int, int, float]:
        """Draws, in this order: one per token, one per kept token, `negative` per window."""
        goal = self._objective
        words = tokens[starts[0] : starts[-1]].astype(np.int64)
        sentences = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        drawn = 0
        if self._tables.keep is not None:
            kept = draws(stream, len(words)) >> np.uint64(32) <= self._tables.keep[words]
            drawn += len(words)
            words, sentences = words[kept], sentences[kept]
        reaches = np.full(len(words), goal.window)
        if goal.shrink_windows:
            bits = draws(stream, len(words), drawn) >> np.uint64(32)
            reaches -= below(bits, goal.window)
            drawn += len(words)
        pairs, loss = 0, 0.0
        for centre, word in enumerate(words):
            near = np.arange(max(centre - reaches[centre], 0), centre + reaches[centre] + 1)
            near = near[(near < len(words)) & (near != centre)]
            near = near[sentences[near] == sentences[centre]]
            pairs += len(near) if goal.skip_gram else int(len(near) > 0)
            negatives = np.empty(0, dtype=np.int64)
            for positions, draw in self._groups(near, centre):
                if goal.negative and draw:
                    assert self._tables.alias is not None
                    bits = draws(stream, goal.negative, drawn)
                    negatives = alias_draws(bits, self._tables.alias)
                    drawn += goal.negative
                if len(positions):
                    loss += self._train_block(words[positions], int(word), negatives, learning_rate)
        return len(words), pairs, loss

    def _groups(self, near: Array, centre: int) -> Iterator[tuple[Array, bool]]:
        """Which context positions share a block, and whether negatives are drawn for it."""
        goal = self._objective
        if not goal.skip_gram:
            yield near, True
        elif goal.share_negatives or not goal.negative:
            yield near[near < centre], True
            yield near[near > centre], False
        else:
            for position in near:
                yield np.array([position]), True

    def _train_block(
        self, context: Array, word: int, negatives: Array, learning_rate: float
    ) -> float:
        """Repeated rows, among the inputs as among the outputs, have their updates added up."""
        goal, weights, huffman = self._objective, self._weights, self._tables.huffman
        rows_of: list[tuple[Array, Array]] = []  # matrix, and which of its rows
        signs: list[Array] = []
        if huffman is not None:
            assert weights.node_vectors is not None
            path = slice(huffman.starts[word], huffman.starts[word + 1])
            rows_of.append((weights.node_vectors, huffman.nodes[path]))
            signs.append(huffman.signs[path])
        if goal.negative:
            assert weights.output_vectors is not None
            rows_of.append((weights.output_vectors, np.append(word, negatives)))
            signs.append(np.append(1, np.where(negatives == word, 0, -1)))
        outputs = np.concatenate([matrix[rows] for matrix, rows in rows_of])
        sign = np.concatenate(signs).astype(outputs.dtype)

        inputs = weights.input_vectors[context]
        if not goal.skip_gram:
            scale = 1 / len(context) if goal.cbow_mean else 1.0
            inputs = scale * inputs.sum(axis=0, keepdims=True, dtype=inputs.dtype)
        loss = float(block_loss(inputs, outputs, sign).sum(dtype=np.float64))
        input_change, output_change = block_update(inputs, outputs, sign, learning_rate)
        if not goal.skip_gram and goal.cbow_mean and goal.corrected_cbow:
            input_change = input_change / len(context)
        locks = weights.lock_factors[context if len(weights.lock_factors) > 1 else 0]
        np.add.at(weights.input_vectors, context, np.reshape(locks, (-1, 1)) * input_change)
        for matrix, rows in rows_of:
            np.add.at(matrix, rows, output_change[: len(rows)])
            output_change = output_change[len(rows) :]
        return loss
