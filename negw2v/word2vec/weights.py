"""The weights of a model: start and growth, and the kernel that trains them.

Functions on a model. What training needs beyond the weights, the look-up tables of the vocabulary
among it, is made in :func:`span_trainer` and nowhere else.
"""

# ruff: noqa: SLF001 - the model's tree is private to this package

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.commit import all_or_nothing, at_once, attributes
from negw2v.corpus import huffman
from negw2v.errors import NotTrainableError, ParameterError, VocabularyError, warn
from negw2v.training import weights
from negw2v.training.engine import SpanTrainer
from negw2v.training.partial import PartialTrainer
from negw2v.training.rounds import Rounds
from negw2v.training.weights import Workspace, trainable
from negw2v.word2vec import hyperparameters

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = [
    "check_trainable",
    "check_training",
    "huffman_paths",
    "initialize",
    "normalize",
    "objective_of",
    "rounds_of",
    "rows_used",
    "seeded_vector",
    "span_trainer",
    "token_cost",
    "untrained_loss",
    "update",
    "workers_of",
]

logger = logging.getLogger(__name__)

# A kernel keeps room for every row of a window; beyond the longest piece of a sentence a
# wider window changes nothing that could be measured.
WIDEST_WINDOW = 1 << 16


@all_or_nothing
def initialize(model: Word2Vec) -> None:
    """Set all weights to their start: see Word2Vec.init_weights()."""
    logger.info("setting %d vectors to their start", len(model.wv))
    model.wv.vectors = np.zeros((0, model.vector_size), dtype=np.float32)
    model.wv.resize_vectors(seed=model.seed)
    if model.hs:
        model.syn1 = kernels.plain_matrix(len(model.wv), model.layer1_size)
    if model.negative:
        model.syn1neg = kernels.plain_matrix(len(model.wv), model.layer1_size)


@all_or_nothing
def update(model: Word2Vec) -> None:
    """Give the weights a row for each new word: see Word2Vec.update_weights()."""
    if not len(model.wv.vectors):
        raise VocabularyError(
            "there is no vocabulary to update yet; call build_vocab() without update=True "
            "before the first build_vocab(..., update=True)"
        )
    logger.info("adding %d vectors", len(model.wv) - len(model.wv.vectors))
    model.wv.resize_vectors(seed=model.seed)
    if model.hs:
        model.syn1 = weights.grown(model.syn1, len(model.wv))
    if model.negative:
        model.syn1neg = weights.grown(model.syn1neg, len(model.wv))


def seeded_vector(model: Word2Vec, seed_string: str, vector_size: int) -> npt.NDArray[np.float32]:
    """A random vector that depends on a string and the model's `hashfxn`. Deprecated."""
    warn(
        "seeded_vector() is deprecated: initial vectors come from init_weights()",
        DeprecationWarning,
    )
    return weights.seeded_vector(vector_size, seed_string, model.hashfxn)


def normalize(model: Word2Vec, replace: bool) -> None:
    """Compute the vectors' lengths, and scale all vectors to length 1. Deprecated."""
    warn(
        "init_sims() is deprecated: lengths are computed when they are needed; "
        "model.wv.unit_normalize_all() scales all vectors to length 1",
        DeprecationWarning,
    )
    model.wv.fill_norms()
    if replace:
        model.wv.unit_normalize_all()


def _check_vocabulary(model: Word2Vec) -> None:
    """Raise unless there are an objective and a vocabulary."""
    hyperparameters.check_objective(model.hs, model.negative)
    if not model.wv.key_to_index:
        raise NotTrainableError(
            "you must first build a vocabulary: call build_vocab() before train() or score()"
        )


def check_trainable(model: Word2Vec) -> None:
    """Raise unless there are an objective, a vocabulary and weights that fit."""
    _check_vocabulary(model)
    _check_weights(model)
    words = len(model.wv)
    attributes = ["sample_int"] if model.sample else []
    attributes += ["code", "point"] if model.hs else []
    for name in attributes:
        if len(model.wv.expandos.get(name, ())) != words:
            raise NotTrainableError(
                f"not every word has the attribute {name!r}; build_vocab() makes it"
                + (", create_binary_tree() too" if name != "sample_int" else "")
            )


def _check_weights(model: Word2Vec) -> None:
    """Raise unless every matrix of weights has a row per word and the right columns."""
    matrices = {"wv.vectors": (model.wv.vectors, model.vector_size)}
    missing = np.empty((0, model.layer1_size))
    for name, needed in (("syn1", model.hs), ("syn1neg", model.negative)):
        if needed:
            matrix = getattr(model, name, None)  # None where somebody has freed the memory
            matrices[name] = missing if matrix is None else matrix, model.layer1_size
    for name, (matrix, columns) in matrices.items():
        if matrix.shape != (len(model.wv), columns):
            raise NotTrainableError(
                f"{name} has shape {matrix.shape}, but {len(model.wv)} words of {columns} "
                f"dimensions need {(len(model.wv), columns)}; call init_weights(), or "
                "update_weights() after the vocabulary has grown"
            )
        if matrix.dtype.kind not in "fiu":
            raise NotTrainableError(
                f"{name} is of type {matrix.dtype}, but weights are real numbers; assign a "
                "float32 array"
            )


def check_training(
    model: Word2Vec, epochs: int | None, total_examples: int | None, total_words: int | None
) -> None:
    """Raise unless the model can be trained with these arguments and its attributes."""
    checked = hyperparameters.recheck(model)
    _check_vocabulary(model)
    if not total_examples and not total_words:
        raise ParameterError(
            f"total_examples={total_examples} and total_words={total_words}: train() needs at "
            "least one of them to compute the learning rate; for the corpus of build_vocab() "
            "pass total_examples=model.corpus_count, after build_vocab_from_freq() the number "
            "of sentences"
        )
    if epochs is None:
        raise ParameterError(
            "train() needs an explicit number of epochs, usually epochs=model.epochs"
        )
    check_trainable(model)
    at_once(attributes(model, checked))


def objective_of(model: Word2Vec) -> kernels.Objective:
    """The training objective that the parameters describe."""
    return kernels.Objective(
        skip_gram=bool(model.sg),
        window=min(int(model.window), WIDEST_WINDOW),
        shrink_windows=bool(model.shrink_windows),
        negative=int(model.negative),
        share_negatives=bool(model.share_negatives),
        cbow_mean=bool(model.cbow_mean),
        corrected_cbow=bool(model.corrected_cbow),
        paired_windows=bool(model.paired_windows),
    )


def _tables(model: Word2Vec) -> kernels.Tables:
    """The look-up tables that belong to the vocabulary: those of last time, unless it changed."""
    sums, tables = model._tables or (None, kernels.Tables())
    alias = None
    if model.negative:
        if model.cum_table is None or len(model.cum_table) != len(model.wv):
            model.make_cum_table()
        assert model.cum_table is not None
        alias = tables.alias
        # the user's, and may have changed in place; comparing takes a hundredth of making it anew
        if alias is None or sums is None or not np.array_equal(sums, model.cum_table):
            sums = model.cum_table.copy()
            alias = kernels.alias_table(np.diff(sums.astype(np.float64), prepend=0.0))
    keep = model.wv.expandos["sample_int"] if model.sample else None
    paths = huffman_paths(model) if model.hs else None
    if keep is not tables.keep or alias is not tables.alias or paths is not tables.huffman:
        tables = kernels.Tables(keep=keep, alias=alias, huffman=paths)
        model._tables = sums, tables
    return tables


def huffman_paths(model: Word2Vec) -> kernels.HuffmanPaths:
    """The tree that the words' attributes ``code`` and ``point`` describe."""
    codes = model.wv.expandos["code"]
    if model._huffman is None or model._huffman[0] is not codes:
        paths = huffman.paths_from_codes(codes.tolist(), model.wv.expandos["point"].tolist())
        model._huffman = codes, paths
    return model._huffman[1]


def span_trainer(model: Word2Vec, workspace: Workspace) -> SpanTrainer:
    """A kernel on rows with the present values of the weights: see Word2Vec.span_trainer()."""
    _check_weights(model)
    objective, tables = objective_of(model), _tables(model)
    vectors = trainable(model.wv.vectors)
    if vectors is not model.wv.vectors:
        model.wv.vectors = vectors
    matrices = {"vectors": vectors}
    if objective.negative:
        matrices["syn1neg"] = model.syn1neg = trainable(model.syn1neg)
    if tables.huffman is not None:
        matrices["syn1"] = model.syn1 = trainable(model.syn1)
    # vectors that were made by other means and assigned to a model have no lock factors
    locks = getattr(model.wv, "vectors_lockf", kernels.no_locks())
    locks = weights.lock_factors(locks, len(model.wv), workspace.anchor)
    if workspace.suits_parts(matrices):
        return PartialTrainer(objective, matrices, locks, tables, workspace)
    rows = workspace.take(matrices)
    lent = kernels.Weights(
        dimensions=model.vector_size,
        input_vectors=rows["vectors"],
        output_vectors=rows.get("syn1neg"),
        node_vectors=rows.get("syn1"),
        lock_factors=locks,
    )
    trainer: SpanTrainer
    rounds = rounds_of(model)
    if model._remote is not None:
        trainer = model._remote.trainer(objective, lent, tables, workspace)
    elif rounds is not None:
        trainer = kernels.RoundTrainer(objective, lent, tables, shards=rounds.shards)
    else:
        threads = 1 if workspace.has_one_thread else workers_of(model)
        trainer = kernels.SpanTrainer(objective, lent, tables, threads=threads)
    return trainer


def rounds_of(model: Word2Vec) -> Rounds | None:
    """The rounds in which a deterministic model is trained; None: there are none."""
    if model._remote is not None:
        return model._remote.rounds
    if not model.deterministic:
        return None
    return Rounds.for_vocabulary(len(model.wv), paths=bool(model.hs))


def workers_of(model: Word2Vec) -> int:
    """The threads that may train a model: a deterministic one is trained in rounds, or by one."""
    alone = model._remote is not None or (model.deterministic and rounds_of(model) is None)
    return 1 if alone else model.workers


def untrained_loss(model: Word2Vec) -> float:
    """Mean loss per pair, in nats, of weights at their start: ln 2 for each output row."""
    rows = model.negative + 1 if model.negative else 0.0
    if model.hs:
        rows += huffman_paths(model).mean_length
    return rows * math.log(2)


def rows_used(model: Word2Vec, tokens: int) -> int:
    """The most rows of a matrix that so many tokens use, about."""
    goal = objective_of(model)
    draws = 1
    if goal.skip_gram and not goal.share_negatives:
        draws = 2 * goal.window
    elif goal.skip_gram and goal.window > kernels.WIDEST_BLOCK:
        draws = -(-2 * goal.window // kernels.BLOCK_WORDS)
    rows = 1 + draws * goal.negative
    return tokens * max(rows, huffman_paths(model).longest if model.hs else 0)


def token_cost(model: Word2Vec) -> int:
    """Multiply-adds per token, roughly: see :class:`negw2v.training.plan.Plan`."""
    rows = model.negative + 1 if model.negative else 0
    if model.hs:
        rows += max(1, len(model.wv).bit_length())
    return int(model.layer1_size * rows * (model.window if model.sg else 2))
