"""word2vec made of layers: the system of *Deep Learning from Scratch 2*, chapter 4, made fast.

Programs of the book run as they are. Gradients are sparse: a batch has gradients for a few rows
of a large matrix. Optimizers compute the results of dense steps at the cost of sparse ones.

A module calls those below it that are further to the right::

    trainer               Trainer: batches, gradients, steps, losses; clip_gradients
      networks            CBOW, SkipGram: an input layer and a loss
        losses            NegativeSamplingLoss, HierarchicalSoftmaxLoss, SigmoidWithLoss
          sampler         UnigramSampler: negative samples
          embedding       Embedding, EmbeddingMean, EmbeddingDot: rows of a matrix
      optimizers          SGD, AdaGrad, Momentum, RMSprop, Adam
        optimizer         their base: the order of a step; which updates are deferred
        clocks            how far deferred steps move a row
            parameter     Parameter: weights whose updates may be deferred
            gradient      SparseGradient: the rows of a matrix that have a gradient
              libraries   NumPy on the host, or another library on its device
              arrays      checks of arguments; work shared over threads; NumPy's protocols
    vectors               to KeyedVectors, to files and back; networks uses it
    config                the switch to a GPU; networks uses it
    np                    NumPy or CuPy, as the book's programs import it

The loops over numbers are in :mod:`negw2v.kernels`: compiled for float32 weights of NumPy's
(``src_cython/layers/layer_ops.pyx``), else in the functions of the arrays' own library
(``negw2v/kernels/layer_reference.py``).
"""

from __future__ import annotations

from negw2v.layers import config
from negw2v.layers.config import to_cpu, to_gpu
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
    "config",
    "load_book_vectors",
    "load_vectors",
    "save_vectors",
    "to_cpu",
    "to_gpu",
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
