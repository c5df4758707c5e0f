"""Names that a model does not have: those of gensim 3, and those of its vectors."""

from __future__ import annotations

from inspect import getattr_static

from negw2v.keyedvectors import KeyedVectors

__all__ = ["BUILD_VOCAB", "CONSTRUCTOR", "FORMER", "TRAIN"]

#: Parameters of the constructor that had another name before gensim 4, or have one elsewhere.
CONSTRUCTOR = {
    "size": "vector_size",
    "iter": "epochs",
    "corpus_iterable": "sentences",
    "learning_rate": "alpha",
}

#: Parameters of build_vocab() and scan_vocab() that had another name before gensim 4.
BUILD_VOCAB = {"sentences": "corpus_iterable"}

#: Parameters of train() that had another name before gensim 4, or have one elsewhere.
TRAIN = {
    "sentences": "corpus_iterable",
    "iter": "epochs",
    "alpha": "start_alpha",
    "min_alpha": "end_alpha",
    "total_sentences": "total_examples",
}


def _in_vectors(name: str) -> str:
    """What to write for an attribute of the vectors."""
    static = getattr_static(KeyedVectors, name)
    if isinstance(static, classmethod):
        return f"KeyedVectors.{name}()"
    return f"model.wv.{name}" + ("()" if callable(static) else "")


#: Attributes of gensim 3's models, and those that a model's vectors have.
FORMER = {
    **{
        name: _in_vectors(name)
        for name in dir(KeyedVectors)
        if not name.startswith("_") and hasattr(KeyedVectors, name)
    },
    "accuracy": "model.wv.evaluate_word_analogies()",
    "clear_sims": "model.wv.fill_norms(force=True)",
    "delete_temporary_training_data": "vectors = model.wv, and keep the vectors alone",
    "expandos": "model.wv.expandos",
    "finalize_vocab": "prepare_vocab()",
    "get_keras_embedding": "model.wv.to_keras_embedding()",
    "index2entity": "model.wv.index_to_key",
    "index2word": "model.wv.index_to_key",
    "index_to_key": "model.wv.index_to_key",
    "iter": "epochs",
    "key_to_index": "model.wv.key_to_index",
    "load_word2vec_format": "KeyedVectors.load_word2vec_format(), which returns vectors: they "
    "can be queried, but not trained further",
    "reset_weights": "init_weights()",
    "scale_vocab": "prepare_vocab()",
    "size": "vector_size",
    "sort_vocab": "sorted_vocab=1, or model.wv.sort_by_descending_frequency()",
    "syn0": "model.wv.vectors",
    "syn0_lockf": "model.wv.vectors_lockf",
    "syn0norm": "model.wv.get_normed_vectors()",
    "trainables": "the model itself: model.syn1neg, model.syn1, model.layer1_size",
    "vectors_lockf": "model.wv.vectors_lockf",
    "vectors_norm": "model.wv.get_normed_vectors()",
    "vocab": "model.wv.key_to_index and model.wv.get_vecattr()",
    "vocabulary": "the model itself: model.raw_vocab, model.cum_table, model.min_count, ...",
    "word_vec": "model.wv.get_vector()",
    "words_closer_than": "model.wv.closer_than()",
}
