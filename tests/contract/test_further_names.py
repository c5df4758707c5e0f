"""The helpers that code imports from gensim's modules do what gensim's do."""

from __future__ import annotations

import heapq
import importlib
import sys
from typing import Any

import numpy as np
import pytest

from negw2v import MissingDependencyError, NotTrainableError, ParameterError, Word2Vec
from negw2v import callbacks as our_callbacks
from negw2v import keyedvectors as ours
from negw2v import word2vec as our_word2vec

theirs: Any = pytest.importorskip("gensim.models.keyedvectors", reason="gensim is the yardstick")
their_word2vec: Any = importlib.import_module("gensim.models.word2vec")
their_callbacks: Any = importlib.import_module("gensim.models.callbacks")

SENTENCES = [["a", "b", "c", "a"], ["b", "a", "d"]] * 20


def test_versions_and_constants() -> None:
    for name in ("FAST_VERSION", "CORPUSFILE_VERSION"):
        assert getattr(our_word2vec, name) > -1
        assert getattr(their_word2vec, name) > -1
    assert our_word2vec.MAX_WORDS_IN_BATCH == their_word2vec.MAX_WORDS_IN_BATCH
    assert our_word2vec.REAL is ours.REAL is theirs.REAL


@pytest.mark.parametrize("prior", [None, (0, 0), (3, 2), (5, 4), (5, 3), "float64"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prep_vectors(prior: Any, dtype: Any) -> None:
    given = None
    if prior is not None:
        shape, kind = ((3, 4), np.float64) if prior == "float64" else (prior, np.float32)
        given = np.ones(shape, dtype=kind)
    made, expected = (each.prep_vectors((5, 4), given, 3, dtype) for each in (ours, theirs))
    assert made.dtype == expected.dtype
    np.testing.assert_array_equal(made, expected)
    assert (made is given) == (expected is given)


def test_weak_vectors() -> None:
    for size in (1, 7):
        made, expected = (
            each.pseudorandom_weak_vector(size, "seed", lambda text: len(text) << 40 | 5)
            for each in (ours, theirs)
        )
        assert made.dtype == expected.dtype
        np.testing.assert_array_equal(made, expected)
    first, second = ours.pseudorandom_weak_vector(50), ours.pseudorandom_weak_vector(50)
    assert not np.array_equal(first, second)
    assert np.abs(first).max() <= 0.5 / 50


def test_old_words_and_nodes() -> None:
    for each in (ours, theirs):
        low, high = each.Vocab(count=1, index=5), each.Vocab(count=2)
        assert (low < high, high < low, low.index) == (True, False, 5)
        assert each.Vocab is each.CompatVocab
    assert str(ours.Vocab(count=1, index=5)) == str(theirs.Vocab(count=1, index=5)).strip()
    for module in (our_word2vec, their_word2vec):
        heap = [module.Heapitem(count, at, None, None) for at, count in enumerate([5, 1, 3])]
        heapq.heapify(heap)
        assert heapq.heappop(heap).index == 1
        assert heap[0].left is None
        assert module.Word2VecVocab().__dict__ == {}


@pytest.mark.parametrize("sg", [0, 1])
def test_scores_of_sentences(sg: int) -> None:
    model = Word2Vec(SENTENCES, vector_size=4, min_count=1, hs=1, negative=0, sg=sg, workers=1)
    right, wrong = our_word2vec.score_sentence_cbow, our_word2vec.score_sentence_sg
    if sg:
        right, wrong = wrong, right
    assert right(model, SENTENCES[0]) == model.score([SENTENCES[0]])[0]
    with pytest.raises(ParameterError, match=rf"the model has sg={sg}.* model\.score"):
        wrong(model, SENTENCES[0])


@pytest.mark.parametrize("name", ["train_batch_sg", "train_batch_cbow", "train_epoch_sg"])
def test_steps_of_training_say_what_to_call(name: str) -> None:
    with pytest.raises(NotTrainableError, match=rf"^{name}\(\) .* model\.train\(sentences"):
        getattr(our_word2vec, name)(None, SENTENCES, 0.025, None, None)


def test_callbacks_of_topic_models_are_gensims(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in our_callbacks.TOPIC_MODELS:
        assert getattr(our_callbacks, name) is getattr(their_callbacks, name)
    with pytest.raises(AttributeError, match=r"negw2v\.callbacks' has no attribute 'Metrics'"):
        our_callbacks.Metrics  # noqa: B018
    monkeypatch.setitem(sys.modules, "gensim", None)
    with pytest.raises(MissingDependencyError, match=r"from gensim\.models\.callbacks import Metr"):
        our_callbacks.Metric  # noqa: B018
