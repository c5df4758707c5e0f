"""Losses: binary cross-entropy, negative sampling and hierarchical softmax."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s, offsets_of
from negw2v.corpus.huffman import build_paths
from negw2v.errors import ParameterError
from negw2v.kernels.problem import HuffmanPaths
from negw2v.kernels.reference import sigmoid
from negw2v.layers.arrays import require_forward, require_shape
from negw2v.layers.embedding import EmbeddingDot
from negw2v.layers.libraries import library_of
from negw2v.layers.sampler import UnigramSampler, word_counts

__all__ = ["HierarchicalSoftmaxLoss", "NegativeSamplingLoss", "SigmoidWithLoss"]


class SigmoidWithLoss:
    """Binary cross-entropy of scores: the mean of -(t log y + (1 - t) log(1 - y)).

    y is the sigmoid of a score. The loss is computed from the score itself, so it is exact and
    finite for every score.

    Attributes
    ----------
    params, grads : list
        Empty: the layer has no weights.

    Examples
    --------
    >>> round(SigmoidWithLoss().forward([0.0, 100.0], [1, 1]), 4)
    0.3466
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
        """Compute the mean loss.

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
            The shapes differ, `x` is empty, or a label is neither 0 nor 1.

        Examples
        --------
        >>> round(SigmoidWithLoss().forward([[2.0, -2.0]], [[1, 0]]), 4)
        0.1269
        """
        library = library_of(x)
        scores = library.matrix("x", x)
        is_float = library.is_float(scores.dtype)
        scores = library.floats("x", scores, scores.dtype if is_float else library.float64)
        labels = library.matrix("t", t)
        require_shape("t", labels, scores.shape, "the scores x")
        size = math.prod(scores.shape)
        if size == 0:
            raise ParameterError("x is empty: give at least one score")
        if not bool(library.xp.all((labels == 0) | (labels == 1))):
            raise ParameterError("t must hold labels: 0 or 1")
        gradients = library.empty("the gradient of x", (size,), scores.dtype)
        flat = library.xp.reshape(scores, (-1,))
        signs = 2 * library.floats("t", library.xp.reshape(labels, (-1,)), scores.dtype) - 1
        operations = library.operations_of(scores.dtype)
        total = operations.logistic_gradients(flat, signs, gradients)
        self._scores, self._gradients = scores, library.xp.reshape(gradients, scores.shape)
        loss: float = library.number(total) / size
        return loss

    def backward(self, dout: float = 1.0) -> Array:
        """Compute the gradient of the scores: ``dout * (y - t) / number of scores``.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Returns
        -------
        numpy.ndarray
            In the shape of the scores.

        Raises
        ------
        NotTrainableError
            forward() has not been called.

        Examples
        --------
        >>> layer = SigmoidWithLoss()
        >>> loss = layer.forward([0.0, 0.0], [1, 0])
        >>> layer.backward()
        array([-0.25,  0.25])
        """
        scores = require_forward(self, self._scores)
        result: Array = self._gradients * (dout / math.prod(scores.shape))
        return result


class OutputLoss:
    """Base of the losses over the rows of a matrix.

    The loss of an example is the sum over its pairs; the loss of a batch is the mean over its
    examples.
    """

    def __init__(self, W: Any, *, dense: bool) -> None:  # noqa: N803 - the book's name
        self._dot = EmbeddingDot(W, dense=dense)
        self.weight = self._dot.weight
        self.params = self._dot.params
        self.grads = self._dot.grads
        self._gradients: Array | None = None
        self._library = self.weight.library
        self._operations = self._library.operations_of(self.weight.dtype)

    def _loss(self, scores: Array, signs: Array, examples: int) -> float:
        gradients = self._library.empty("the gradient", tuple(scores.shape), scores.dtype)
        total = self._operations.logistic_gradients(scores, signs, gradients)
        self._gradients, self._examples = gradients, examples
        loss: float = self._library.number(total) / examples
        return loss

    def _targets(self, target: npt.ArrayLike, words: int) -> Int32s:
        """Word ids as a matrix, one line for each example. They are needed on the host."""
        targets = self._library.host_rows("target", target, words)
        if targets.ndim not in (1, 2) or targets.size == 0:
            raise ParameterError(
                f"target has the shape {targets.shape}; it must be (n,), or (n, c) for c targets "
                "each, and hold at least one word"
            )
        return targets.reshape(len(targets), -1)

    def backward(self, dout: float = 1.0) -> Array:
        """Compute the gradients of h and of the weights.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Returns
        -------
        numpy.ndarray
            (n, d): the gradient of h. That of the weights is in ``grads[0]``.

        Raises
        ------
        NotTrainableError
            forward() has not been called.

        Examples
        --------
        >>> layer = NegativeSamplingLoss(np.float32([[2, 0], [0, 2]]), [0, 1], sample_size=1)
        >>> loss = layer.forward(np.zeros((1, 2)), [0])
        >>> layer.backward()
        array([[-1.,  1.]], dtype=float32)
        """
        return self._dot.backward(require_forward(self, self._gradients), dout / self._examples)


class NegativeSamplingLoss(OutputLoss):
    """Negative sampling: raises the score of each target, lowers that of random words.

    Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
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
        W, and its gradient, computed by the last backward().

    Raises
    ------
    InputTypeError, ParameterError
        As for :class:`RowLayer` and :class:`UnigramSampler`.

    Examples
    --------
    >>> W = np.zeros((4, 2), dtype=np.float32)
    >>> layer = NegativeSamplingLoss(W, corpus=[0, 1, 2, 3, 0], sample_size=2, seed=1)
    >>> round(layer.forward(np.ones((1, 2)), [3]), 4)  # three scores of 0: 3 log(2)
    2.0794
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
        """Compute the loss of a batch.

        Parameters
        ----------
        h
            (n, d).
        target
            Word ids (n,), or (n, c): c targets for each example; their losses are added up.
        negatives
            Word ids, target.shape + (k,); None: the sampler draws them.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not match, or ids are not integers or out of range.

        Examples
        --------
        >>> layer = NegativeSamplingLoss(np.float32([[9], [-9]]), [0, 1], sample_size=1)
        >>> round(layer.forward(np.ones((1, 1)), [0], negatives=[[1]]), 4)
        0.0002
        >>> round(layer.forward(np.ones((1, 1)), [1], negatives=[[0]]), 4)
        18.0002
        """
        targets = self._targets(target, len(self.weight))
        examples, each = targets.shape
        if negatives is None:
            rows = np.empty((examples * each, 1 + self.sample_size), dtype=np.int32)
            self.sampler.fill(targets.reshape(-1), rows[:, 1:])
        else:
            given = self._library.host_rows("negatives", negatives, len(self.weight))
            expected = (*np.shape(target), given.shape[-1] if given.ndim else 0)
            require_shape("negatives", given, expected, "the targets")
            rows = np.empty((examples * each, 1 + expected[-1]), dtype=np.int32)
            rows[:, 1:] = given.reshape(examples * each, expected[-1])
        rows[:, 0] = targets.reshape(-1)
        self._lay_out(examples, each, rows.shape[1])
        pairs = self._library.upload(rows.reshape(-1))
        scores = self._dot.score(h, pairs, self._starts, self._sources)
        return self._loss(scores, self._signs, examples)

    def _lay_out(self, examples: int, each: int, pairs: int) -> None:
        """Compute the example and the sign of each pair; batches of one shape have the same."""
        if self._layout == (examples, each * pairs):
            return
        upload = self._library.upload
        numbers = np.arange(examples + 1, dtype=np.int32)
        signs = np.full((examples * each, pairs), -1, dtype=np.int8)
        signs[:, 0] = 1
        self._sources = upload(np.repeat(numbers[:-1], each * pairs))
        self._starts = upload(each * pairs * numbers)
        self._signs = self._library.floats("signs", upload(signs.reshape(-1)), self._dot.dtype)
        self._layout = (examples, each * pairs)


class HierarchicalSoftmaxLoss(OutputLoss):
    """Hierarchical softmax: a binary decision at each node of a word's path in a Huffman tree.

    Source: Mikolov et al. 2013, eq. 3. :mod:`negw2v.corpus.huffman` builds the tree.

    Parameters
    ----------
    W
        The vectors of the inner nodes (V - 1, d), as for :class:`RowLayer`.
    corpus
        Word ids or counts of V words, as for :class:`UnigramSampler`. The tree also has the
        words that do not occur.
    dense
        As for :class:`RowLayer`.

    Attributes
    ----------
    paths : HuffmanPaths
        The path of every word.
    params, grads : list
        W, and its gradient, computed by the last backward().

    Raises
    ------
    InputTypeError, ParameterError
        As for :class:`RowLayer`, or W has too few rows for the words.

    Examples
    --------
    >>> W = np.zeros((2, 3), dtype=np.float32)  # two inner nodes: three words
    >>> layer = HierarchicalSoftmaxLoss(W, corpus=[0, 0, 0, 1, 2])
    >>> np.diff(layer.paths.starts)  # nodes on the path of each word
    array([1, 2, 2])
    """

    def __init__(self, W: Any, corpus: Any, *, dense: bool = False) -> None:  # noqa: N803
        super().__init__(W, dense=dense)
        counts = word_counts(corpus, vocab_size=len(self.weight) + 1)
        self.paths: HuffmanPaths = build_paths(counts)

    def forward(self, h: npt.ArrayLike, target: npt.ArrayLike) -> float:
        """Compute the loss of a batch: minus the mean log probability of the targets.

        Parameters
        ----------
        h
            (n, d).
        target
            Word ids (n,), or (n, c): c targets for each example; their losses are added up.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not match, or ids are not integers or out of range.

        Examples
        --------
        >>> layer = HierarchicalSoftmaxLoss(np.zeros((2, 3), dtype=np.float32), [0, 0, 0, 1, 2])
        >>> round(layer.forward(np.ones((1, 3)), [1]), 4)  # two decisions: 2 log(2)
        1.3863
        """
        targets = self._targets(target, len(self.weight) + 1)
        examples, each = targets.shape
        words = targets.reshape(-1)
        first = self.paths.starts[words]
        lengths = self.paths.starts[words + 1] - first
        offsets = offsets_of(lengths)
        # the position of each pair in the list of all paths
        places = np.repeat(first - offsets[:-1], lengths) + np.arange(offsets[-1])
        starts = offsets[::each].astype(np.int32)
        sources = np.repeat(np.arange(examples, dtype=np.int32), np.diff(starts))
        upload = self._library.upload
        nodes = upload(self.paths.nodes[places])
        scores = self._dot.score(h, nodes, upload(starts), upload(sources))
        signs = self._library.floats("signs", upload(self.paths.signs[places]), self._dot.dtype)
        return self._loss(scores, signs, examples)
