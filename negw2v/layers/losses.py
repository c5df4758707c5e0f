"""Losses: the logistic one, negative sampling, and hierarchical softmax."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.corpus.huffman import build_paths
from negw2v.errors import ParameterError
from negw2v.kernels.problem import HuffmanPaths
from negw2v.kernels.reference import sigmoid
from negw2v.layers.arrays import Array, Int32s, as_rows, require_forward, require_shape
from negw2v.layers.embedding import EmbeddingDot
from negw2v.layers.sampler import UnigramSampler, word_counts

__all__ = ["HierarchicalSoftmaxLoss", "NegativeSamplingLoss", "SigmoidWithLoss"]


class SigmoidWithLoss:
    """Binary cross-entropy of scores: the mean of -(t log y + (1 - t) log(1 - y)).

    y is the sigmoid of a score. The loss is computed from the score itself, so it is right,
    and finite, for any of them.

    Attributes
    ----------
    params, grads : list
        Empty: there is nothing to learn.
    """

    _scores: Array | None = None

    def __init__(self) -> None:
        self.params: list[Any] = []
        self.grads: list[Any] = []

    @property
    def y(self) -> Array | None:
        """The probability of label 1, sigmoid(x), in the shape of x; None before forward()."""
        return None if self._scores is None else sigmoid(self._scores)

    def forward(self, x: npt.ArrayLike, t: npt.ArrayLike) -> float:
        """The mean loss.

        Parameters
        ----------
        x
            Scores of any shape.
        t
            Labels of the same shape, 0 or 1.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        ParameterError
            The shapes differ, there is no score, or a label is something else.
        """
        scores = np.asarray(x)
        if scores.dtype.kind != "f":
            scores = scores.astype(np.float64)
        labels = require_shape("t", t, scores.shape, "the scores x")
        if scores.size == 0:
            raise ParameterError("there is no score in x: the mean of no loss is no number")
        if not np.isin(labels, (0, 1)).all():
            raise ParameterError("t must hold labels: 0 or 1")
        gradients = np.empty_like(scores, order="C")
        signs = (2 * labels.astype(np.int8) - 1).astype(scores.dtype).reshape(-1)
        total = kernels.batch_operations(scores.dtype).logistic_gradients(
            np.ascontiguousarray(scores).reshape(-1), signs, gradients.reshape(-1)
        )
        self._scores, self._gradients = scores, gradients
        return float(total) / scores.size

    def backward(self, dout: float = 1.0) -> Array:
        """The gradient of the scores: ``dout * (y - t) / number of scores``.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        """
        require_forward(self, done=self._scores is not None)
        assert self._scores is not None
        result: Array = self._gradients * self._scores.dtype.type(dout / self._scores.size)
        return result


class OutputLoss:
    """What losses over the rows of a matrix have in common.

    The loss of one example is the sum over its pairs; that of a batch is the mean over the
    examples.
    """

    def __init__(self, W: Any, *, dense: bool) -> None:  # noqa: N803 - the book's name
        self._dot = EmbeddingDot(W, dense=dense)
        self.weight = self._dot.weight
        self.params = self._dot.params
        self.grads = self._dot.grads
        self._gradients: Array | None = None
        self._operations = kernels.batch_operations(self.weight.dtype)

    def _loss(self, scores: Array, signs: Array, examples: int) -> float:
        self._gradients = np.empty_like(scores)
        self._examples = examples
        total = self._operations.logistic_gradients(scores, signs, self._gradients)
        return float(total) / examples

    def backward(self, dout: float = 1.0) -> Array:
        """The gradient of h; that of W goes into ``grads[0]``.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Returns
        -------
        numpy.ndarray
            (n, d).

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        """
        require_forward(self, done=self._gradients is not None)
        assert self._gradients is not None
        return self._dot.backward(self._gradients, dout / self._examples)


class NegativeSamplingLoss(OutputLoss):
    """Tells each target to score high, and words drawn at random to score low.

    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", eq. 4.

    Parameters
    ----------
    W
        The output vectors (V, d), as for :class:`RowLayer`.
    corpus
        Word ids or counts, as for :class:`UnigramSampler`.
    power, sample_size, replace, seed
        As for :class:`UnigramSampler`.
    dense
        As for :class:`RowLayer`.

    Attributes
    ----------
    sampler : UnigramSampler
        Draws the negatives.
    params, grads : list
        W, and its gradient as the last backward() left it.

    Raises
    ------
    InputTypeError, ParameterError
        As for :class:`RowLayer` and :class:`UnigramSampler`.
    """

    def __init__(
        self,
        W: Any,  # noqa: N803 - the book's name
        corpus: Any,
        power: float = 0.75,
        sample_size: int = 5,
        *,
        replace: bool = False,
        seed: int | None = None,
        dense: bool = False,
    ) -> None:
        super().__init__(W, dense=dense)
        self.sampler = UnigramSampler(
            corpus, power, sample_size, vocab_size=len(self.weight), replace=replace, seed=seed
        )
        self.sample_size = self.sampler.sample_size
        self._layout: tuple[int, int] | None = None

    def forward(
        self, h: npt.ArrayLike, target: npt.ArrayLike, negatives: npt.ArrayLike | None = None
    ) -> float:
        """The loss of the batch.

        Parameters
        ----------
        h
            (n, d).
        target
            Word ids (n,), or (n, c): c targets for each example, whose losses are added up.
        negatives
            Word ids, target.shape + (k,); None: they are drawn.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not fit, or ids are no integers or out of range.
        """
        targets = _checked_targets(target, len(self.weight))
        examples, each = targets.shape
        if negatives is None:
            rows = np.empty((examples * each, 1 + self.sample_size), dtype=np.int32)
            self.sampler.fill(targets.reshape(-1), rows[:, 1:])
        else:
            given = as_rows("negatives", negatives, len(self.weight))
            expected = (*np.shape(target), given.shape[-1] if given.ndim else 0)
            require_shape("negatives", given, expected, "the targets")
            rows = np.empty((examples * each, 1 + expected[-1]), dtype=np.int32)
            rows[:, 1:] = given.reshape(examples * each, expected[-1])
        rows[:, 0] = targets.reshape(-1)
        self._lay_out(examples, each, rows.shape[1])
        scores = self._dot.score(h, rows.reshape(-1), self._starts, self._sources)
        return self._loss(scores, self._signs, examples)

    def _lay_out(self, examples: int, each: int, pairs: int) -> None:
        """Which pair belongs to which example, and its sign: the same for batches of a shape."""
        if self._layout == (examples, each * pairs):
            return
        self._layout = (examples, each * pairs)
        self._sources = np.repeat(np.arange(examples, dtype=np.int32), each * pairs)
        self._starts = each * pairs * np.arange(examples + 1, dtype=np.int32)
        signs = np.full((examples * each, pairs), -1, dtype=self.weight.dtype)
        signs[:, 0] = 1
        self._signs = signs.reshape(-1)


class HierarchicalSoftmaxLoss(OutputLoss):
    """Walks each target's path in a Huffman tree: a decision at every node.

    Mikolov et al. 2013, eq. 3. The tree is that of :mod:`negw2v.corpus.huffman`.

    Parameters
    ----------
    W
        The vectors of the inner nodes (V - 1, d), as for :class:`RowLayer`.
    corpus
        Word ids or counts, as for :class:`UnigramSampler`. There are V words, those that do
        not occur among them.
    dense
        As for :class:`RowLayer`.

    Attributes
    ----------
    paths : HuffmanPaths
        The path of every word.
    params, grads : list
        W, and its gradient as the last backward() left it.

    Raises
    ------
    InputTypeError, ParameterError
        As for :class:`RowLayer`, or there are more words than W has nodes for.
    """

    def __init__(self, W: Any, corpus: Any, *, dense: bool = False) -> None:  # noqa: N803
        super().__init__(W, dense=dense)
        counts = word_counts(corpus, vocab_size=len(self.weight) + 1)
        self.paths: HuffmanPaths = build_paths(counts)
        self._signs = self.paths.signs.astype(self.weight.dtype)

    def forward(self, h: npt.ArrayLike, target: npt.ArrayLike) -> float:
        """The loss of the batch: minus the mean log probability of the targets.

        Parameters
        ----------
        h
            (n, d).
        target
            Word ids (n,), or (n, c): c targets for each example, whose losses are added up.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not fit, or ids are no integers or out of range.
        """
        targets = _checked_targets(target, len(self.weight) + 1)
        examples, each = targets.shape
        words = targets.reshape(-1)
        first = self.paths.starts[words]
        lengths = self.paths.starts[words + 1] - first
        ends = np.cumsum(lengths)
        # where each pair lies in the list of all paths
        places = np.repeat(first - ends + lengths, lengths) + np.arange(ends[-1])
        starts = np.concatenate([[0], ends[each - 1 :: each]]).astype(np.int32)
        sources = np.repeat(np.arange(examples, dtype=np.int32), np.diff(starts))
        scores = self._dot.score(h, self.paths.nodes[places], starts, sources)
        return self._loss(scores, self._signs[places], examples)


def _checked_targets(target: npt.ArrayLike, words: int) -> Int32s:
    """Word ids as a matrix: a line for each example."""
    targets = as_rows("target", target, words)
    if targets.ndim not in (1, 2) or targets.size == 0:
        raise ParameterError(
            f"target has the shape {targets.shape}; it must be (n,), or (n, c) for c targets "
            "each, and hold at least one word"
        )
    return targets.reshape(len(targets), -1)
