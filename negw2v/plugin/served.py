"""Which names of which gensim modules are served where gensim is not installed, and by what.

A name is here if it does what gensim's does, or as much of it as its docstring says. All others
need gensim itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from negw2v.plugin.table import Row

__all__ = ["PROGRAMS", "SERVED_NAMES", "STANDS_FOR", "served_rows", "submodules"]

#: The version of gensim whose interface negw2v has: ``gensim.__version__``.
STANDS_FOR = "4.4.0"


def _from(home: str, names: str) -> dict[str, str]:
    return {name: f"{home}:{name}" for name in names.split()}


_EQUIVALENTS = "negw2v.plugin.equivalents"
_PHRASES = "negw2v.phrases"
_WORD2VEC = "negw2v.word2vec"

#: Module -> its names, each with ``module:name`` of what it is. Submodules are names of their
#: packages, too.
SERVED_NAMES: Mapping[str, Mapping[str, str]] = {
    "gensim": {},
    "gensim.models": _from(_WORD2VEC, "FAST_VERSION KeyedVectors Word2Vec")
    | _from(_PHRASES, "Phrases"),
    "gensim.models.phrases": _from(
        _PHRASES,
        "ENGLISH_CONNECTOR_WORDS FrozenPhrases Phraser Phrases npmi_scorer original_scorer",
    ),
    "gensim.models.word2vec": _from(
        _WORD2VEC,
        "BrownCorpus CORPUSFILE_VERSION FAST_VERSION Heapitem KeyedVectors LineSentence "
        "MAX_WORDS_IN_BATCH PathLineSentences REAL Text8Corpus Vocab Word2Vec "
        "Word2VecTrainables Word2VecVocab pseudorandom_weak_vector score_sentence_cbow "
        "score_sentence_sg train_batch_cbow train_batch_sg train_epoch_cbow train_epoch_sg",
    )
    | _from("negw2v.utils", "keep_vocab_item"),
    "gensim.models.word2vec_inner": _from(
        _WORD2VEC,
        "FAST_VERSION MAX_WORDS_IN_BATCH score_sentence_cbow score_sentence_sg train_batch_cbow "
        "train_batch_sg",
    ),
    "gensim.models.word2vec_corpusfile": _from(
        _WORD2VEC, "CORPUSFILE_VERSION train_epoch_cbow train_epoch_sg"
    ),
    "gensim.models.keyedvectors": _from(
        "negw2v.keyedvectors",
        "CompatVocab Doc2VecKeyedVectors EuclideanKeyedVectors KeyedVectors REAL Vocab "
        "Word2VecKeyedVectors load_word2vec_format prep_vectors pseudorandom_weak_vector",
    ),
    "gensim.models.callbacks": _from("negw2v.callbacks", "CallbackAny2Vec"),
    "gensim.models.basemodel": _from(f"{_EQUIVALENTS}.topic_models", "BaseTopicModel"),
    "gensim.utils": _from(
        "negw2v.utils",
        "RULE_DEFAULT RULE_DISCARD RULE_KEEP SaveLoad any2unicode any2utf8 deaccent flatten "
        "keep_vocab_item lazy_flatten save_as_line_sentence simple_preprocess simple_tokenize "
        "to_unicode to_utf8 tokenize",
    )
    | {"open": "smart_open:open"},
    "gensim.matutils": _from(f"{_EQUIVALENTS}.vectors", "argsort unitvec"),
    "gensim.scripts": {},
    "gensim.scripts.glove2word2vec": _from(
        f"{_EQUIVALENTS}.converters", "get_glove_info glove2word2vec"
    ),
    "gensim.scripts.word2vec2tensor": _from(f"{_EQUIVALENTS}.converters", "word2vec2tensor"),
    "gensim.downloader": _from(f"{_EQUIVALENTS}.downloads", "BASE_DIR base_dir info load"),
    "gensim.test": {},
    "gensim.test.utils": _from(
        f"{_EQUIVALENTS}.sample_files", "common_texts datapath get_tmpfile temporary_file"
    ),
}

#: Modules that ``python -m`` can run, and ``module:function`` of what it does.
PROGRAMS = {
    "gensim.scripts.glove2word2vec": f"{_EQUIVALENTS}.converters:run_glove2word2vec",
    "gensim.scripts.word2vec2tensor": f"{_EQUIVALENTS}.converters:run_word2vec2tensor",
}


def submodules(package: str) -> list[str]:
    """The names of the served modules that lie directly in a package."""
    children = (name.rpartition(".") for name in SERVED_NAMES)
    return sorted(child for parent, _, child in children if parent == package)


def served_rows() -> Iterator[Row]:
    """All names, as rows of a table."""
    for module, names in SERVED_NAMES.items():
        for name, ours in names.items():
            yield Row(module, name, ours)
