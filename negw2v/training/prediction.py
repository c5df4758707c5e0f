"""What a trained model says about words in context. Nothing here changes a weight."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.corpus.base import TokenBlock
from negw2v.errors import EmptyCorpusError
from negw2v.training.engine import SpanTrainer

__all__ = ["first_sentences", "log_probabilities", "output_probabilities"]

logger = logging.getLogger(__name__)


def first_sentences(sentences: Iterable[Any], limit: int) -> Iterator[Any]:
    """At most `limit` sentences; a warning is logged if there are more."""
    for number, sentence in enumerate(sentences):
        if number >= limit:
            logger.warning("only the first %d sentences are scored: total_sentences", limit)
            return
        yield sentence


def log_probabilities(
    blocks: Iterable[TokenBlock], trainer: SpanTrainer
) -> npt.NDArray[np.float32]:
    """The log probability of every sentence under a model with hierarchical softmax.

    That is minus the loss that training sums up over the sentence's words in whole windows
    (Taddy 2015, "Document Classification by Inversion of Distributed Language
    Representations"), so the training kernel computes it, at a learning rate of zero.

    Parameters
    ----------
    blocks
        The sentences.
    trainer
        A kernel for the model's weights, with hierarchical softmax only, whole windows and
        no subsampling.

    Returns
    -------
    numpy.ndarray
        float32, one natural logarithm per sentence; 0 where a sentence has no pair of words.
    """
    scores: list[npt.NDArray[np.float32]] = []
    for block in _known_sentences(blocks):
        sentences = len(block.sentence_starts) - 1
        totals = np.zeros(sentences, dtype=kernels.TOTALS)
        trainer.train(
            block.tokens,
            block.sentence_starts,
            np.arange(sentences + 1, dtype=np.int64),
            0,
            sentences,
            np.zeros(sentences, dtype=np.uint64),
            np.zeros(sentences, dtype=np.float32),
            totals,
        )
        scores.append((-totals["loss"]).astype(np.float32))
    return np.concatenate(scores)


def _known_sentences(blocks: Iterable[TokenBlock]) -> Iterator[TokenBlock]:
    """The blocks; that no sentence has a word is no error where there is a sentence."""
    found = False
    try:
        for block in blocks:
            found = True
            yield block
    except EmptyCorpusError:
        if not found:
            raise


def output_probabilities(
    context: npt.NDArray[Any], output_vectors: npt.NDArray[Any], *, mean: bool
) -> npt.NDArray[Any]:
    """The probability of every word as the centre of a window: the softmax of all scores.

    Parameters
    ----------
    context
        (n, dimensions): the input vectors of the context words.
    output_vectors
        (V, dimensions).
    mean
        Average the context vectors (``cbow_mean=1``) instead of adding them up.

    Returns
    -------
    numpy.ndarray
        (V,): probabilities that add up to 1.
    """
    hidden = context.mean(axis=0) if mean else context.sum(axis=0)
    scores = output_vectors @ hidden
    # Subtracting the largest score changes no probability and keeps exp() finite.
    probabilities: npt.NDArray[Any] = np.exp(scores - scores.max())
    probabilities /= probabilities.sum()
    return probabilities
