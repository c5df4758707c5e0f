"""KeyedVectors: vectors by key, and all queries about them.

The class is put together from layers, each on those that it names::

    custody      the array of vectors, and its copy in bytes
    store        keys, vectors, further attributes        on custody
    similarity   means, similarities, distances           on store
    selections   subsets, documents                       on store
    neighbours   searches among all keys, one at a time   on similarity
    batches      thousands of searches in one call        on neighbours
    evaluating   evaluations against people's judgements  on neighbours
    deprecated   names from before gensim 4               on similarity
    files        save(), load()                           on records
    exchange     files of other programs                  on records
    gensim_objects  to gensim's objects and back          on records
    word2vec_format  word2vec's text and binary files on records
    records      to and from what a file holds            on store

They hold no algorithm: those are functions on arrays in :mod:`negw2v.search` and
:mod:`negw2v.evaluation`.
"""

from __future__ import annotations

from typing import Any

from negw2v.gensim_substitution import SubstituteMeta
from negw2v.keyedvectors.batches import Batches, NearestKeys
from negw2v.keyedvectors.deprecated import DeprecatedNames
from negw2v.keyedvectors.evaluating import Evaluation
from negw2v.keyedvectors.exchange import Exchange
from negw2v.keyedvectors.files import Files
from negw2v.keyedvectors.gensim_names import (
    REAL,
    CompatVocab,
    Vocab,
    prep_vectors,
    pseudorandom_weak_vector,
)
from negw2v.keyedvectors.gensim_objects import ConvertedVectors
from negw2v.keyedvectors.selections import Selections
from negw2v.keyedvectors.word2vec_format import Word2VecFormat
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


class KeyedVectors(
    Batches,
    Evaluation,
    Selections,
    Files,
    Exchange,
    Word2VecFormat,
    ConvertedVectors,
    DeprecatedNames,
    metaclass=SubstituteMeta,
):
    """Vectors by key (such as words), and queries about them.

    Parameters
    ----------
    vector_size
        Number of dimensions of every vector.
    count
        Rows to preallocate for :meth:`add_vector`.
    dtype
        Floating-point type of the vectors.
    mapfile_path
        Not used; gensim has it.

    Attributes
    ----------
    vectors : numpy.ndarray
        Float (n, vector_size): one row per key.
    key_to_index : dict
        The row of every key.
    index_to_key : list
        The key of every row.
    norms : numpy.ndarray or None
        Float (n,): the length of every vector, once :meth:`fill_norms` has computed them.
    expandos : dict of str to numpy.ndarray
        Further attributes of the keys, such as ``count``; see :meth:`set_vecattr`.
    byte_copy : bool
        Whether searches may keep a copy of `vectors` in bytes, a quarter of their size in
        float32; True by default. It makes them several times as fast, and what they find is
        the same (to the last bit; cosines of a batch without it, of more than eight queries,
        are rounded otherwise). There is none for vectors that are mapped from a file, none
        before the third query, and none while somebody else holds `vectors` or `norms` or a
        view of them, and so may change them at any time.

    Raises
    ------
    ParameterError
        `vector_size` or `count` make no sense.
    """


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
