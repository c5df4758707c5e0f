"""The names in gensim's modules that the plugin replaces, and what replaces them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["TABLE", "TESTED_VERSIONS", "Row", "gensim_modules"]

#: The versions of gensim that the plugin is tested with.
TESTED_VERSIONS = ("4.4.0",)


class Row(NamedTuple):
    """A name in a module of gensim's.

    Parameters
    ----------
    module
        The module.
    name
        The name.
    ours
        ``module:name`` of what replaces it; the name may have dots.
    """

    module: str
    name: str
    ours: str


_WORD2VEC = "negw2v.word2vec:Word2Vec"
_VECTORS = "negw2v.keyedvectors:KeyedVectors"
_READERS = "negw2v.corpus.readers"
_PHRASES = "negw2v.phrases"

#: FastText and Doc2Vec stay gensim's, but names in their modules are replaced, too.
TABLE = (
    Row("gensim.models", "Word2Vec", _WORD2VEC),
    Row("gensim.models", "KeyedVectors", _VECTORS),
    Row("gensim.models.word2vec", "Word2Vec", _WORD2VEC),
    Row("gensim.models.word2vec", "KeyedVectors", _VECTORS),
    Row("gensim.models.word2vec", "BrownCorpus", f"{_READERS}:BrownCorpus"),
    Row("gensim.models.word2vec", "LineSentence", f"{_READERS}:LineSentence"),
    Row("gensim.models.word2vec", "PathLineSentences", f"{_READERS}:PathLineSentences"),
    Row("gensim.models.word2vec", "Text8Corpus", f"{_READERS}:Text8Corpus"),
    Row("gensim.models.keyedvectors", "KeyedVectors", _VECTORS),
    Row("gensim.models.keyedvectors", "Word2VecKeyedVectors", _VECTORS),
    Row("gensim.models.keyedvectors", "Doc2VecKeyedVectors", _VECTORS),
    Row("gensim.models.keyedvectors", "EuclideanKeyedVectors", _VECTORS),
    Row(
        "gensim.models.keyedvectors",
        "load_word2vec_format",
        "negw2v.keyedvectors:load_word2vec_format",
    ),
    Row("gensim.models.callbacks", "CallbackAny2Vec", "negw2v.callbacks:CallbackAny2Vec"),
    Row("gensim.models", "Phrases", f"{_PHRASES}:Phrases"),
    Row("gensim.models.phrases", "Phrases", f"{_PHRASES}:Phrases"),
    Row("gensim.models.phrases", "FrozenPhrases", f"{_PHRASES}:FrozenPhrases"),
    Row("gensim.models.phrases", "Phraser", f"{_PHRASES}:FrozenPhrases"),
    Row(
        "gensim.models.phrases",
        "_PhrasesTransformation",
        f"{_PHRASES}.models:PhrasesTransformation",
    ),
    Row("gensim.models.phrases", "original_scorer", f"{_PHRASES}:original_scorer"),
    Row("gensim.models.phrases", "npmi_scorer", f"{_PHRASES}:npmi_scorer"),
    Row("gensim.models.doc2vec", "Word2Vec", _WORD2VEC),
    Row("gensim.models.doc2vec", "KeyedVectors", _VECTORS),
    Row("gensim.models.fasttext", "Word2Vec", _WORD2VEC),
    Row("gensim.models.fasttext", "KeyedVectors", _VECTORS),
    Row("gensim.models.poincare", "KeyedVectors", _VECTORS),
)


def gensim_modules() -> Iterator[str]:
    """The modules of the table, each once."""
    return iter(dict.fromkeys(row.module for row in TABLE))
