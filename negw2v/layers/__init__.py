"""word2vec from layers: the system of *Deep Learning from Scratch 2*, chapter 4, on fast kernels.

Its programs can be written layer by layer as the book has them; gradients are sparse, and the
optimizers do what dense ones do at the cost of sparse ones::

    networks    CBOW, SkipGram                         an input layer and a loss
    trainer     Trainer                                batches, steps, losses
    optimizers  SGD, Momentum, AdaGrad, RMSprop, Adam
      optimizer   the order of a step, and what is put off
      clocks      how far steps without a gradient move a row
    losses      SigmoidWithLoss, NegativeSamplingLoss, HierarchicalSoftmaxLoss
    sampler     UnigramSampler
    embedding   Embedding, EmbeddingMean, EmbeddingDot
      parameter   Parameter: weights that may be owed updates
      gradient    SparseGradient
    vectors     to a KeyedVectors; to a file and back

Nothing here computes with single numbers: that is done by :mod:`negw2v.kernels`, compiled for
float32 weights and in NumPy for others.
"""

from __future__ import annotations

from negw2v.layers.embedding import Embedding, EmbeddingDot, EmbeddingMean
from negw2v.layers.gradient import SparseGradient
from negw2v.layers.losses import HierarchicalSoftmaxLoss, NegativeSamplingLoss, SigmoidWithLoss
from negw2v.layers.networks import CBOW, SkipGram
from negw2v.layers.optimizers import SGD, AdaGrad, Adam, Momentum, RMSprop
from negw2v.layers.parameter import Parameter
from negw2v.layers.sampler import UnigramSampler
from negw2v.layers.trainer import Trainer, clip_gradients
from negw2v.layers.vectors import (
    as_keyed_vectors,
    load_book_vectors,
    load_vectors,
    save_vectors,
)
from negw2v.suggestions import name_methods

__all__ = [
    "CBOW",
    "SGD",
    "AdaGrad",
    "Adam",
    "Embedding",
    "EmbeddingDot",
    "EmbeddingMean",
    "HierarchicalSoftmaxLoss",
    "Momentum",
    "NegativeSamplingLoss",
    "Parameter",
    "RMSprop",
    "SigmoidWithLoss",
    "SkipGram",
    "SparseGradient",
    "Trainer",
    "UnigramSampler",
    "as_keyed_vectors",
    "clip_gradients",
    "load_book_vectors",
    "load_vectors",
    "save_vectors",
]

for _public in (
    CBOW,
    SkipGram,
    Embedding,
    EmbeddingDot,
    EmbeddingMean,
    HierarchicalSoftmaxLoss,
    NegativeSamplingLoss,
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    RMSprop,
    Parameter,
    SparseGradient,
):
    name_methods(_public)
