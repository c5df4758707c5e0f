"""Word2Vec, and the other names that ``gensim.models.word2vec`` has.

A line further to the right is called by the one above it::

    model               class Word2Vec: its whole public interface
      session             train() and resume(): checks, plan, what the model keeps and logs
      preflight           preflight(): what training will take, likely mistakes
        measuring           how fast a model trains: a moment of it, on a sample
      prediction          score() and predict_output_word()
      display             a table of a notebook
      gensim              to_gensim() and from_gensim()
      sharing             the folder that other libraries load, and the Hugging Face Hub
        files               save() and load(), checkpoints
        weights             start and growth of the weights; the kernel that trains them
        vocabulary          counting, trimming, and the tables that follow from the counts
        rates               learning rates that suit an algorithm
          hyperparameters     what every parameter may be and what becomes of it, in one table
            former_names        names that a model does not have, and what to write instead
      subclassing         what a subclass overrides in vain
    gensim_names        further names that programs import from gensim.models.word2vec

They are functions on a model. None of them holds an algorithm that changes a weight: these are in
:mod:`negw2v.training` and :mod:`negw2v.kernels`, which know no model.

Examples
--------
>>> from negw2v.word2vec import Word2Vec
>>> sentences = [["a", "b", "c"], ["b", "c", "d"]] * 50
>>> model = Word2Vec(sentences, vector_size=8, min_count=1, workers=1, progress=False)
>>> model.wv.vectors.shape
(4, 8)
"""

import negw2v.kernels  # noqa: F401 - first, as it says what is wrong with compiled modules
from negw2v.corpus.readers import (
    MAX_WORDS_IN_BATCH,
    BrownCorpus,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
)
from negw2v.keyedvectors import REAL, KeyedVectors, Vocab, pseudorandom_weak_vector
from negw2v.word2vec.gensim_names import (
    CORPUSFILE_VERSION,
    FAST_VERSION,
    Heapitem,
    Word2VecTrainables,
    Word2VecVocab,
    score_sentence_cbow,
    score_sentence_sg,
    train_batch_cbow,
    train_batch_sg,
    train_epoch_cbow,
    train_epoch_sg,
)
from negw2v.word2vec.model import Word2Vec

# All but Word2Vec is here because gensim.models.word2vec has it.
__all__ = [
    "CORPUSFILE_VERSION",
    "FAST_VERSION",
    "MAX_WORDS_IN_BATCH",
    "REAL",
    "BrownCorpus",
    "Heapitem",
    "KeyedVectors",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "Vocab",
    "Word2Vec",
    "Word2VecTrainables",
    "Word2VecVocab",
    "pseudorandom_weak_vector",
    "score_sentence_cbow",
    "score_sentence_sg",
    "train_batch_cbow",
    "train_batch_sg",
    "train_epoch_cbow",
    "train_epoch_sg",
]
