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
    # It imports the class TestWord2VecModel, so that pytest finds that there once more.
    "test_fasttext": Selection("not TestWord2VecModel", in_suite=False),
    "test_doc2vec": Selection("not TestWord2VecModel", in_suite=False),
}

_WORDING = "looks for a sentence of gensim's log; ours says the same in its own words"
_GENSIMS = "fails with gensim itself: it calls self.testFull, which was renamed"

#: "module::Class::test" -> why it must fail.
LISTED: dict[str, str] = {
    "test_word2vec::TestWord2VecModel::test_build_vocab_warning": (
        "a str where a sentence is expected: gensim logs a line and takes its characters for "
        "words, negw2v raises an error"
    ),
    "test_word2vec::TestWord2VecModel::test_train_warning": _WORDING,
    "test_word2vec::TestWord2VecModel::test_train_hs_and_neg": _WORDING,
    "test_similarities::TestWmdSimilarity::test_num_best": _GENSIMS,
    "test_similarities::TestSoftCosineSimilarity::test_num_best": _GENSIMS,
}
