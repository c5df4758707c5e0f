"""CBOW and skip-gram, put together from layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError
from negw2v.keyedvectors import KeyedVectors
from negw2v.layers.arrays import Array, require_shape
from negw2v.layers.embedding import Embedding, EmbeddingMean
from negw2v.layers.gradient import Gradient
from negw2v.layers.losses import HierarchicalSoftmaxLoss, NegativeSamplingLoss
from negw2v.layers.parameter import Parameter
from negw2v.layers.vectors import as_keyed_vectors

__all__ = ["CBOW", "SkipGram"]

#: Standard deviation of the weights at the start.
INITIAL_SCALE = 0.01


class Network:
    """An input matrix, an output matrix, and a loss between them.

    Parameters
    ----------
    vocab_size
        Number of words.
    hidden_size
        Length of a word's vector.
    window_size
        Words on either side of the centre.
    corpus
        Word ids or counts, as for :class:`negw2v.layers.UnigramSampler`: what negatives are
        drawn by, or the Huffman tree is made from.
    power, sample_size, replace
        Of the negatives, as for :class:`negw2v.layers.UnigramSampler`.
    hs
        True: hierarchical softmax in place of negative sampling.
    seed
        The same seed gives the same weights and negatives; None: others in each run.
    dtype
        Type of the weights: float32 is fast, float64 serves to check gradients.
    dense
        Whether gradients are whole matrices, as the book has them.

    Attributes
    ----------
    params : list of Parameter
        Input and output weights.
    grads : list
        Their gradients, as the last backward() left them.

    Raises
    ------
    InputTypeError, ParameterError
        A size is below 1, or the corpus does not fit the vocabulary.
    """

    _input_layer: type[Embedding | EmbeddingMean]

    def __init__(
        self,
        vocab_size: int,
        hidden_size: int,
        window_size: int,
        corpus: Any,
        *,
        power: float = 0.75,
        sample_size: int = 5,
        replace: bool = False,
        hs: bool = False,
        seed: int | None = None,
        dtype: npt.DTypeLike = np.float32,
        dense: bool = False,
    ) -> None:
        for name, value, least in (
            ("vocab_size", vocab_size, 2),
            ("hidden_size", hidden_size, 1),
            ("window_size", window_size, 1),
        ):
            if value != int(value) or value < least:
                raise ParameterError(f"{name}={value}: it must be a whole number >= {least}")
        random = np.random.default_rng(seed)

        def weights(rows: int) -> Parameter:
            return Parameter(
                (INITIAL_SCALE * random.standard_normal((rows, hidden_size))).astype(dtype)
            )

        self.window_size = int(window_size)
        self.in_layer = self._input_layer(weights(vocab_size), dense=dense)
        self.loss_layer: NegativeSamplingLoss | HierarchicalSoftmaxLoss
        if hs:
            self.loss_layer = HierarchicalSoftmaxLoss(weights(vocab_size - 1), corpus, dense=dense)
        else:
            self.loss_layer = NegativeSamplingLoss(
                weights(vocab_size),
                corpus,
                power,
                sample_size,
                replace=replace,
                seed=int(random.integers(1 << 63)),
                dense=dense,
            )
        self.params: list[Parameter] = self.in_layer.params + self.loss_layer.params
        self.grads: list[Gradient] = self.in_layer.grads + self.loss_layer.grads

    @property
    def word_vecs(self) -> Array:
        """The words' vectors (V, hidden_size): the input weights themselves, up to date.

        While it is held, no step can be put off, and training is slower; take a copy to keep
        what is there now.
        """
        return self.in_layer.weight.array

    @property
    def word_vecs1(self) -> Array:
        """The input weights, as :attr:`word_vecs`."""
        return self.in_layer.weight.array

    @property
    def word_vecs2(self) -> Array:
        """The output weights: (V, hidden_size), or (V - 1, hidden_size) with `hs`."""
        return self.loss_layer.weight.array

    def to_keyed_vectors(
        self, word_to_id: dict[str, int], *, allow_nonfinite: bool = False
    ) -> KeyedVectors:
        """The words' vectors for queries and evaluation, by word.

        Parameters
        ----------
        word_to_id
            The id of every word, 0..V-1.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors
            A copy of the vectors, in the order of ids.

        Raises
        ------
        ParameterError
            The ids are not those of the vectors.
        """
        return as_keyed_vectors(
            self.in_layer.weight.flush(), word_to_id, allow_nonfinite=allow_nonfinite
        )

    def backward(self, dout: float = 1.0) -> None:
        """The gradients of all weights, into `grads`.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        """
        self.in_layer.backward(self.loss_layer.backward(dout))

    def _loss(self, h: Array, target: npt.ArrayLike, negatives: npt.ArrayLike | None) -> float:
        if negatives is None:
            return self.loss_layer.forward(h, target)
        if isinstance(self.loss_layer, HierarchicalSoftmaxLoss):
            raise ParameterError("hierarchical softmax has no negatives; leave them out")
        return self.loss_layer.forward(h, target, negatives)

    def _context_of(self, contexts: npt.ArrayLike, target: npt.ArrayLike) -> Array:
        shape = (*np.shape(target)[:1], 2 * self.window_size)
        return require_shape(
            "contexts", contexts, shape, f"the target words and window_size={self.window_size}"
        )


class CBOW(Network):
    """The mean of a window's context words predicts the word in its centre.

    Parameters are those of :class:`Network`.
    """

    _input_layer = EmbeddingMean

    def forward(
        self,
        contexts: npt.ArrayLike,
        target: npt.ArrayLike,
        negatives: npt.ArrayLike | None = None,
    ) -> float:
        """The mean loss of a batch.

        Parameters
        ----------
        contexts
            Word ids (n, 2 * window_size).
        target
            Word ids (n,): the centres.
        negatives
            Word ids (n, k); None: they are drawn.

        Returns
        -------
        float
            In nats: the sum over a target and its negatives, the mean over the batch.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not fit, or ids are no integers or out of range.
        """
        h = self.in_layer.forward(self._context_of(contexts, target))
        return self._loss(h, target, negatives)


class SkipGram(Network):
    """The word in the centre of a window predicts each of its context words.

    Parameters are those of :class:`Network`.
    """

    _input_layer = Embedding

    def forward(
        self,
        contexts: npt.ArrayLike,
        target: npt.ArrayLike,
        negatives: npt.ArrayLike | None = None,
    ) -> float:
        """The mean loss of a batch.

        Parameters
        ----------
        contexts
            Word ids (n, 2 * window_size).
        target
            Word ids (n,): the centres.
        negatives
            Word ids (n, 2 * window_size, k); None: they are drawn.

        Returns
        -------
        float
            In nats: the sum over the context words and their negatives, the mean over the
            batch.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not fit, or ids are no integers or out of range.
        """
        contexts = self._context_of(contexts, target)
        return self._loss(self.in_layer.forward(target), contexts, negatives)
