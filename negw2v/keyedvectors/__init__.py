"""KeyedVectors: vectors by key, and all queries about them.

The class is whole in one module; its methods call functions on its state. Each module uses those
below it::

    vectors          class KeyedVectors: every public method, and what it is for
      |
      +-- search          the nearest keys: of one query, of many, with an approximate index
      |     |
      |     +-- similarity     means, cosines and distances of given keys and vectors
      |
      +-- evaluation      analogy questions and word pairs
      +-- plots           pictures of some words
      +-- display         a table of a notebook
      +-- selections      other sets of vectors made of some rows
      +-- sharing         the folder that other libraries load, too
      |     |
      +-- files           save(), load(), word2vec's format, Arrow, .npy, gensim's objects
      |     |
      |     +-- records        to and from what a file holds
      |
      +-- rows            reading, adding, replacing and reordering rows
      |     |
      |     +-- attributes     further attributes of keys, such as counts
      |
      +-- lookup          the row of a key; rows without a key
      +-- arrays          vectors, their norms, and the int8 copy that searches read

    arguments        what callers give as keys, vectors and numbers, in one form
    gensim_names     further names that gensim.models.keyedvectors has

They hold no algorithm: those are functions on arrays in :mod:`negw2v.search` and
:mod:`negw2v.evaluation`.
"""

from __future__ import annotations

from typing import Any

import negw2v.kernels  # noqa: F401 - first, as it says what is wrong with compiled modules
from negw2v.keyedvectors.gensim_names import (
    REAL,
    CompatVocab,
    Vocab,
    prep_vectors,
    pseudorandom_weak_vector,
)
from negw2v.keyedvectors.search import NearestKeys
from negw2v.keyedvectors.vectors import KeyedVectors
from negw2v.suggestions import name_methods

# The helpers are here because gensim.models.keyedvectors has them.
__all__ = [
    "REAL",
    "CompatVocab",
    "Doc2VecKeyedVectors",
    "EuclideanKeyedVectors",
    "KeyedVectors",
    "NearestKeys",
    "Vocab",
    "Word2VecKeyedVectors",
    "load_word2vec_format",
    "prep_vectors",
    "pseudorandom_weak_vector",
]


name_methods(KeyedVectors)

# gensim's names from before version 4
Word2VecKeyedVectors = KeyedVectors
Doc2VecKeyedVectors = KeyedVectors
EuclideanKeyedVectors = KeyedVectors


def load_word2vec_format(*args: Any, **kwargs: Any) -> KeyedVectors:
    """:meth:`KeyedVectors.load_word2vec_format`, as a function; gensim has it, too.

    Parameters
    ----------
    *args, **kwargs
        Those of the method.

    Returns
    -------
    KeyedVectors
        What the file holds.
    """
    loaded: KeyedVectors = KeyedVectors.load_word2vec_format(*args, **kwargs)
    return loaded
