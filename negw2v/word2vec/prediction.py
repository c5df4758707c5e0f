"""What a trained model says about words in context. Nothing here changes a weight."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import offsets_of
from negw2v.corpus.base import TokenBlock
from negw2v.corpus.encoding import open_corpus
from negw2v.errors import EmptyCorpusError, NotTrainableError
from negw2v.keyedvectors.arguments import checked_keys, checked_topn
from negw2v.search import topk
from negw2v.word2vec import weights

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["log_probabilities", "output_probabilities", "predict_output_word", "score"]

logger = logging.getLogger(__name__)


def score(
    model: Word2Vec, sentences: Iterable[Any], total_sentences: int
) -> npt.NDArray[np.float32]:
    """The log probability of sentences: see Word2Vec.score()."""
    if not model.hs:
        raise NotTrainableError(
            "score() is defined for hierarchical softmax only; train with hs=1, negative=0"
        )
    weights.check_trainable(model)
    first = _first_sentences(sentences, total_sentences)
    objective = replace(weights.objective_of(model), negative=0, shrink_windows=False)
    corpus = open_corpus(first, None, workers=model.workers, passes=1, iterable_name="sentences")
    return log_probabilities(
        corpus.blocks(model.wv.key_to_index),
        objective,
        model.wv.vectors,
        model.syn1,
        weights.huffman_paths(model),
    )


def predict_output_word(
    model: Word2Vec, context_words_list: Iterable[Any], topn: int | None
) -> list[tuple[Any, float]] | None:
    """The most probable centre words of a context: see Word2Vec.predict_output_word()."""
    if not model.negative:
        raise NotTrainableError(
            "predict_output_word() is defined for negative sampling only; train with negative=5"
        )
    if getattr(model, "syn1neg", None) is None:
        raise NotTrainableError("there are no weights yet; call build_vocab() first")
    if model.syn1neg.shape != model.wv.vectors.shape:
        raise NotTrainableError(
            f"syn1neg has shape {model.syn1neg.shape}, wv.vectors {model.wv.vectors.shape}: they "
            "belong to different words; cut or fill both alike"
        )
    words = checked_keys(context_words_list, "context_words_list")
    rows = [model.wv.get_index(word) for word in words if word in model.wv]
    if not rows:
        logger.warning("none of the context words is in the vocabulary")
        return None
    probabilities = output_probabilities(
        model.wv.vectors[rows], model.syn1neg, mean=bool(model.cbow_mean)
    )
    wanted = len(model.wv) if topn is None else checked_topn(topn)
    if wanted < 1:
        return []
    best = topk.largest(probabilities, wanted)
    return [(model.wv.index_to_key[row], float(probabilities[row])) for row in best]


def _first_sentences(sentences: Iterable[Any], limit: int) -> Iterator[Any]:
    """At most `limit` sentences; a warning is logged if there are more."""
    for number, sentence in enumerate(sentences):
        if number >= limit:
            logger.warning("only the first %d sentences are scored: total_sentences", limit)
            return
        yield sentence


def log_probabilities(
    blocks: Iterable[TokenBlock],
    objective: kernels.Objective,
    vectors: npt.NDArray[Any],
    nodes: npt.NDArray[Any],
    paths: kernels.HuffmanPaths,
) -> npt.NDArray[np.float32]:
    """The log probability of every sentence under a model with hierarchical softmax.

    That is minus the loss that training sums up over the sentence's words in whole windows
    (Taddy 2015, "Document Classification by Inversion of Distributed Language
    Representations"), so the training kernel computes it, at a learning rate of zero, on a
    copy of the rows that the sentences need.

    Parameters
    ----------
    blocks
        The sentences.
    objective
        Of the model, with hierarchical softmax only and whole windows.
    vectors
        Numbers (V, dimensions): the input vectors.
    nodes
        Numbers (n, dimensions): the node vectors.
    paths
        The Huffman tree.

    Returns
    -------
    numpy.ndarray
        float32, one natural logarithm per sentence; 0 where a sentence has no pair of words.
    """
    scores: list[npt.NDArray[np.float32]] = []
    for block in _known_sentences(blocks):
        sentences = len(block.sentence_starts) - 1
        totals = np.zeros(sentences, dtype=kernels.TOTALS)
        words, tokens = np.unique(block.tokens, return_inverse=True)
        used, own_paths = _paths_of(words, paths)
        trainer = kernels.SpanTrainer(
            objective,
            kernels.Weights(
                dimensions=vectors.shape[1],
                input_vectors=_chosen(vectors, words),
                output_vectors=None,
                node_vectors=_chosen(nodes, used),
                lock_factors=kernels.no_locks(),
            ),
            kernels.Tables(huffman=own_paths),
        )
        trainer.train(
            tokens.astype(np.int32),
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


def _chosen(
    matrix: npt.NDArray[Any], rows: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.float32]:
    """Some rows of a matrix, padded as kernels need them."""
    result = kernels.aligned_matrix(len(rows), matrix.shape[1])
    result[:, : matrix.shape[1]] = matrix[rows]
    return result


def _paths_of(
    words: npt.NDArray[np.integer[Any]], paths: kernels.HuffmanPaths
) -> tuple[npt.NDArray[np.integer[Any]], kernels.HuffmanPaths]:
    """The nodes on the paths of some words, and these paths in terms of the words and nodes."""
    first = paths.starts[words]
    lengths = paths.starts[words + 1] - first
    starts = offsets_of(lengths)
    steps = np.arange(starts[-1]) + np.repeat(first - starts[:-1], lengths)
    nodes, own = np.unique(paths.nodes[steps], return_inverse=True)
    return nodes, kernels.HuffmanPaths(starts, own.astype(np.int32), paths.signs[steps])


def _known_sentences(blocks: Iterable[TokenBlock]) -> Iterator[TokenBlock]:
    """The blocks; sentences without a single word are not an error."""
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
