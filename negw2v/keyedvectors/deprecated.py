"""Names from before gensim 4: it still answers them, with a warning or an error."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

import numpy.typing as npt

from negw2v.errors import RemovedNameError
from negw2v.keyedvectors.arguments import Key
from negw2v.keyedvectors.similarity import Similarity
from negw2v.suggestions import Answering

__all__ = ["DeprecatedNames"]

#: Attributes of gensim 3, and what one may take for such; what still takes values is below.
FORMER = {
    "accuracy": "evaluate_word_analogies()",
    "add": "add_vectors()",
    "get_embedding_layer": "vectors as the weights of a keras.layers.Embedding",
    "get_keras_embedding": "vectors as the weights of a keras.layers.Embedding",
    "keys": "index_to_key, the list of all keys",
    "similarity_matrix": "gensim.similarities.SparseTermSimilarityMatrix",
    "syn0": "vectors",
    "syn0norm": "get_normed_vectors()",
    "words": "index_to_key, the list of all keys",
    "wv": "the object itself: it is the vectors already",
}


def _warn(old: str, new: str) -> None:
    warnings.warn(f"{old} is deprecated; use {new}", DeprecationWarning, stacklevel=3)


def _removed(old: str, new: str) -> RemovedNameError:
    return RemovedNameError(f"{old} is not there since gensim 4; use {new}")


class DeprecatedNames(Similarity, Answering, former=FORMER):
    """The former names of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def word_vec(self, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        """Deprecated name of :meth:`get_vector`."""
        _warn("word_vec()", "get_vector()")
        return self.get_vector(*args, **kwargs)

    def words_closer_than(self, word1: Key, word2: Key) -> list[Any]:
        """Deprecated name of :meth:`closer_than`."""
        _warn("words_closer_than()", "closer_than()")
        return self.closer_than(word1, word2)

    def init_sims(self, replace: bool = False) -> None:
        """Deprecated: :meth:`fill_norms`, and with `replace` :meth:`unit_normalize_all`."""
        _warn("init_sims()", "fill_norms(), or unit_normalize_all() for replace=True")
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not here: gensim has it on Doc2Vec models alone."""
        del args, kwargs
        raise NotImplementedError("similarity_unseen_docs() is a method of Doc2Vec models alone")

    @property
    def vectors_norm(self) -> NoReturn:
        """Removed; see :meth:`get_normed_vectors`."""
        raise _removed("vectors_norm", "get_normed_vectors()")

    @vectors_norm.setter
    def vectors_norm(self, _: object) -> None:
        """Ignored, as in gensim: old code sets it to None."""

    @property
    def vocab(self) -> NoReturn:
        """Removed; see `key_to_index` and :meth:`get_vecattr`."""
        raise _removed("vocab", "key_to_index, index_to_key, get_vecattr() and set_vecattr()")

    @vocab.setter
    def vocab(self, _: object) -> NoReturn:
        raise _removed("vocab", "add_vectors() and set_vecattr()")

    @property
    def index2word(self) -> NoReturn:
        """Removed; see `index_to_key`."""
        raise _removed("index2word", "index_to_key")

    @index2word.setter
    def index2word(self, keys: list[Any]) -> None:
        self.index_to_key = keys

    @property
    def index2entity(self) -> NoReturn:
        """Removed; see `index_to_key`."""
        raise _removed("index2entity", "index_to_key")

    @index2entity.setter
    def index2entity(self, keys: list[Any]) -> None:
        self.index_to_key = keys
