"""Which of gensim's tests run, and those that cannot pass, each with its reason."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FILES", "LISTED", "Selection"]


class Selection(NamedTuple):
    """The tests of one file.

    Parameters
    ----------
    expression
        pytest's ``-k``; empty: all.
    in_suite
        Whether they are part of our test suite; the others take minutes, and are about
        classes that stay gensim's.
    """

    expression: str = ""
    in_suite: bool = True


#: gensim's test module -> what of it has to do with Word2Vec and KeyedVectors.
FILES: dict[str, Selection] = {
    "test_word2vec": Selection(),
    "test_keyedvectors": Selection(),
    "test_translation_matrix": Selection(),
    "test_scripts": Selection("TestWord2Vec2Tensor"),  # the other class reads Wikipedia dumps
    "test_similarities": Selection(
        "TestWmdSimilarity or TestSoftCosineSimilarity or TestWordEmbeddingSimilarityIndex"
        " or TestWord2VecAnnoyIndexer or TestWord2VecNmslibIndexer"
    ),
    "test_glove2word2vec": Selection(),
    "test_text_analysis": Selection(),
    "test_coherencemodel": Selection(),
    "test_poincare": Selection(),
    "test_phrases": Selection(),
    # It imports the class TestWord2VecModel, so that pytest finds that there once more.
    "test_fasttext": Selection("not TestWord2VecModel", in_suite=False),
    "test_doc2vec": Selection("not TestWord2VecModel", in_suite=False),
}

_WORDING = "looks for a sentence of gensim's log; ours says the same in its own words"
_NO_TOTAL = (
    "files from before gensim 3.4 do not hold corpus_total_words: None in gensim, 0 here; all "
    "else that the test does is tested in tests/compat/test_old_files.py"
)
_NO_TABLE = "the file has no cum_table: gensim makes it when it loads, negw2v when training begins"
_GENSIMS = "fails with gensim itself: it calls self.testFull, which was renamed"

#: "module::Class::test" -> why it must fail.
LISTED: dict[str, str] = {
    "test_word2vec::TestWord2VecModel::test_build_vocab_warning": (
        "a str where a sentence is expected: gensim logs a line and takes its characters for "
        "words, negw2v raises an error"
    ),
    "test_word2vec::TestWord2VecModel::test_train_warning": _WORDING,
    "test_word2vec::TestWord2VecModel::test_train_hs_and_neg": _WORDING,
    "test_word2vec::TestWord2VecModel::test_persistence_backwards_compatible": (
        "calls score() with a str where a sentence is expected: an error, see above"
    ),
    "test_word2vec::TestWord2VecModel::test_load_old_models_1_x": _NO_TOTAL,
    "test_word2vec::TestWord2VecModel::test_load_old_models_2_x": _NO_TOTAL,
    "test_word2vec::TestWord2VecModel::test_load_old_models_3_x": _NO_TOTAL,
    "test_word2vec::TestWord2VecModel::test_load_old_model": _NO_TABLE,
    "test_word2vec::TestWord2VecModel::test_load_old_model_separates": _NO_TABLE,
    "test_similarities::TestWmdSimilarity::test_num_best": _GENSIMS,
    "test_similarities::TestSoftCosineSimilarity::test_num_best": _GENSIMS,
}
