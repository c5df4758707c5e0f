"""CBOW and skip-gram, made of layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array
from negw2v.errors import ParameterError
from negw2v.keyedvectors import KeyedVectors
from negw2v.layers.arrays import require_shape
from negw2v.layers.config import chosen_library
from negw2v.layers.embedding import Embedding, EmbeddingMean
from negw2v.layers.gradient import Gradient
from negw2v.layers.losses import HierarchicalSoftmaxLoss, NegativeSamplingLoss
from negw2v.layers.parameter import Parameter
from negw2v.layers.vectors import as_keyed_vectors

__all__ = ["CBOW", "SkipGram"]

#: Standard deviation of the initial weights.
INITIAL_SCALE = 0.01


class Network:
    """An input matrix, an output matrix, and a loss between them.

    Parameters
    ----------
    vocab_size
        Number of words.
    hidden_size
        Size of a word's vector.
    window_size
        Number of context words on each side of the centre word.
    corpus
        Word ids or counts, as for :class:`negw2v.layers.UnigramSampler`. They give the
        distribution of negatives, or the Huffman tree.
    power, sample_size, replace
        How negatives are drawn, as for :class:`negw2v.layers.UnigramSampler`.
    hs
        True: hierarchical softmax instead of negative sampling.
    seed
        The same seed gives the same weights and negatives; None: different ones in each run.
    dtype
        Type of the weights: float32 is fast; float64 is for checks of gradients.
    dense
        Whether gradients are whole matrices, as in the book.
    xp
        The array library of the weights: ``torch``, ``cupy``, or any that array-api-compat knows;
        None: NumPy, or CuPy if ``negw2v.layers.config.GPU`` is True. Batches must be arrays of the
        same library. The same seed gives the same weights and negatives in all of them.
    device
        The library's device, such as ``"cuda"``; None: its default.

    Attributes
    ----------
    params : list of Parameter
        Input and output weights.
    grads : list
        Their gradients, computed by the last backward().

    Raises
    ------
    InputTypeError, ParameterError
        A size is below 1, or the corpus has words outside the vocabulary.
    MissingDependencyError, ConfigurationError
        The array library is not installed, or there is no GPU for it.
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
        xp: Any = None,
        device: Any = None,
    ) -> None:
        for name, value, least in (
            ("vocab_size", vocab_size, 2),
            ("hidden_size", hidden_size, 1),
            ("window_size", window_size, 1),
        ):
            if value != int(value) or value < least:
                raise ParameterError(f"{name}={value}: it must be a whole number >= {least}")
        random = np.random.default_rng(seed)
        library = chosen_library(xp, device)

        def weights(rows: int) -> Parameter:
            initial = INITIAL_SCALE * random.standard_normal((rows, hidden_size))
            return Parameter(library.upload(initial.astype(dtype)))

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
        """The input vectors (V, hidden_size): the weights themselves, always up to date.

        As long as you hold this array, optimizers cannot defer updates, so training is
        slower. Take a copy to keep the present values.
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
        """The input vectors for queries and evaluation, by word.

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
            The ids are not the rows of the vectors.

        Examples
        --------
        >>> network = CBOW(3, 8, 1, corpus=[0, 1, 2, 1], sample_size=1, seed=1)
        >>> network.to_keyed_vectors({"you": 0, "say": 1, "hello": 2})["say"].shape
        (8,)
        """
        return as_keyed_vectors(
            self.in_layer.weight.flush(), word_to_id, allow_nonfinite=allow_nonfinite
        )

    def backward(self, dout: float = 1.0) -> None:
        """Compute the gradients of all weights; they are in `grads`.

        Parameters
        ----------
        dout
            The gradient of the loss.

        Raises
        ------
        NotTrainableError
            forward() has not been called.

        Examples
        --------
        >>> network = CBOW(4, 8, 1, corpus=[0, 1, 2, 3], sample_size=2, seed=1)
        >>> loss = network.forward(contexts=[[0, 2]], target=[1])
        >>> network.backward()
        >>> network.grads[0]
        SparseGradient(shape=(4, 8), 2 rows with a gradient)
        """
        self.in_layer.backward(self.loss_layer.backward(dout))

    def forward(
        self,
        contexts: npt.ArrayLike,
        target: npt.ArrayLike,
        negatives: npt.ArrayLike | None = None,
    ) -> float:
        """Compute the mean loss of a batch.

        Parameters
        ----------
        contexts
            Word ids (n, 2 * window_size).
        target
            Word ids (n,): the centre words.
        negatives
            Word ids, k for each predicted word: (n, k) for CBOW, (n, 2 * window_size, k) for
            SkipGram; None: they are drawn.

        Returns
        -------
        float
            In nats: the sum over the predicted words of a window and their negatives, the
            mean over the batch.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not match, or ids are not integers or out of range.

        Examples
        --------
        >>> network = CBOW(4, 8, 1, corpus=[0, 1, 2, 3], sample_size=2, seed=1)
        >>> round(network.forward(contexts=[[0, 2]], target=[1]), 2)  # untrained: 3 log(2)
        2.08
        >>> network = SkipGram(4, 8, 1, corpus=[0, 1, 2, 3], sample_size=2, seed=1)
        >>> round(network.forward(contexts=[[0, 2]], target=[1]), 2)  # 6 log(2)
        4.16
        """
        library = self.in_layer.weight.library
        shape = (*np.shape(target)[:1], 2 * self.window_size)
        fits = f"the target words and window_size={self.window_size}"
        checked = require_shape("contexts", library.matrix("contexts", contexts), shape, fits)
        given, predicted = self._roles(checked, target)
        h = self.in_layer.forward(given)
        if negatives is None:
            return self.loss_layer.forward(h, predicted)
        if isinstance(self.loss_layer, HierarchicalSoftmaxLoss):
            raise ParameterError("hierarchical softmax has no negatives; leave them out")
        return self.loss_layer.forward(h, predicted, negatives)

    def _roles(self, contexts: Array, target: npt.ArrayLike) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        """The words that are given, and the words that they predict."""
        raise NotImplementedError


class CBOW(Network):
    """Predicts the centre word of a window from the mean of its context words' vectors.

    The parameters are those of :class:`Network`.

    Examples
    --------
    >>> from negw2v.datasets.ptb import create_contexts_target, preprocess
    >>> corpus, word_to_id, _ = preprocess("You say goodbye and I say hello.")
    >>> network = CBOW(len(word_to_id), 8, window_size=1, corpus=corpus, seed=1)
    >>> trainer = Trainer(network, Adam(lr=0.05), seed=1)
    >>> contexts, target = create_contexts_target(corpus, window_size=1)
    >>> trainer.fit(contexts, target, max_epoch=100, batch_size=3, progress=False)
    >>> trainer.loss_list[0] > trainer.loss_list[-1]
    True
    """

    _input_layer = EmbeddingMean

    def _roles(self, contexts: Array, target: npt.ArrayLike) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        return contexts, target


class SkipGram(Network):
    """Predicts each context word of a window from the centre word.

    The parameters are those of :class:`Network`.

    Examples
    --------
    >>> network = SkipGram(5, 8, window_size=1, corpus=[0, 1, 2, 3, 4], hs=True, seed=1)
    >>> [weights.shape for weights in network.params]  # five words, four inner nodes
    [(5, 8), (4, 8)]
    """

    _input_layer = Embedding

    def _roles(self, contexts: Array, target: npt.ArrayLike) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        return target, contexts
