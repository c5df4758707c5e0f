"""What gensim calls things, in its versions 0.12 to 4.x: classes, attributes, parameters."""

from __future__ import annotations

__all__ = [
    "CLASSES",
    "IGNORED",
    "KEYS",
    "MODEL",
    "MODEL_NAMES",
    "PARAMETERS",
    "STATE",
    "TRAINABLES",
    "TRAINING_ARRAYS",
    "VECTORS",
    "VECTORS_NAMES",
    "VOCABULARY",
    "WORD",
]

MODEL, VECTORS, VOCABULARY, TRAINABLES, WORD, IGNORED = (
    "Word2Vec",
    "KeyedVectors",
    "Word2VecVocab",
    "Word2VecTrainables",
    "Vocab",
    "a random generator",
)

CLASSES = {
    MODEL: [("word2vec", "Word2Vec")],
    VECTORS: [
        ("keyedvectors", "KeyedVectors"),
        ("keyedvectors", "Word2VecKeyedVectors"),
        ("keyedvectors", "EuclideanKeyedVectors"),
        ("fasttext", "FastTextKeyedVectors"),
    ],
    VOCABULARY: [("word2vec", "Word2VecVocab")],
    TRAINABLES: [("word2vec", "Word2VecTrainables")],
    WORD: [
        ("keyedvectors", "Vocab"),
        ("keyedvectors", "CompatVocab"),
        ("word2vec", "Vocab"),
    ],
}

#: Large arrays of a model that only training needs.
TRAINING_ARRAYS = frozenset({"syn1", "syn1neg", "syn0_lockf", "cum_table", "table"})

#: The attribute of vectors that lists their keys: today's name, and those before gensim 4.
KEYS = ("index_to_key", "index2word", "index2entity")
#: Attributes of a model that are parameters of negw2v's constructor.
PARAMETERS = (
    *("vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed"),
    *("workers", "min_alpha", "sg", "hs", "negative", "ns_exponent", "cbow_mean", "epochs"),
    *("null_word", "sorted_vocab", "batch_words", "compute_loss", "comment"),
    *("max_final_vocab", "shrink_windows"),
)
STATE = (
    *("corpus_count", "corpus_total_words", "effective_min_count", "layer1_size"),
    *("min_alpha_yet_reached", "running_training_loss", "total_train_time", "train_count"),
)
#: What else gensim's own objects have, of any version; other attributes are the user's.
VECTORS_NAMES = frozenset(
    {
        *("vectors", "vectors_norm", "syn0", "syn0norm", "vectors_lockf", "vector_size", "norms"),
        *("index_to_key", "index2word", "index2entity", "key_to_index", "vocab", "expandos"),
        *("next_index", "mapfile_path", "lifecycle_events", "load"),
        # of fastText
        *("vectors_vocab", "vectors_vocab_norm", "vectors_ngrams", "vectors_ngrams_norm"),
        *("vectors_vocab_lockf", "vectors_ngrams_lockf", "buckets_word", "hash2index", "bucket"),
        *("min_n", "max_n", "ngrams_word", "num_ngram_vectors", "compatible_hash"),
    }
)
MODEL_NAMES = VECTORS_NAMES.union(
    PARAMETERS,
    STATE,
    ("wv", "syn0_lockf", "syn1", "syn1neg", "cum_table", "table", "raw_vocab", "iter", "random"),
    ("hashfxn", "callbacks", "neg_labels", "model_trimmed_post_training", "trainables"),
    ("vocabulary", "load_word2vec_format", "kv"),
)
