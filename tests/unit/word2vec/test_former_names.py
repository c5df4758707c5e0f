"""Names of gensim 3, and misspelled ones, are answered with what to write now."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    InputTypeError,
    KeyedVectors,
    KeyNotFoundError,
    NegW2VWarning,
    ParameterError,
    RemovedNameError,
    Word2Vec,
)

SENTENCES = [["a", "b", "c", "a"], ["b", "a"]] * 5


@pytest.fixture
def model() -> Word2Vec:
    return Word2Vec(SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1)


OF_MODELS = {
    "accuracy": "model.wv.evaluate_word_analogies()",
    "clear_sims": "model.wv.fill_norms(force=True)",
    "delete_temporary_training_data": "model.wv",
    "doesnt_match": "model.wv.doesnt_match()",
    "expandos": "model.wv.expandos",
    "index2entity": "model.wv.index_to_key",
    "index2word": "model.wv.index_to_key",
    "index_to_key": "model.wv.index_to_key",
    "intersect_word2vec_format": "model.wv.intersect_word2vec_format()",
    "iter": "epochs",
    "key_to_index": "model.wv.key_to_index",
    "load_word2vec_format": "KeyedVectors.load_word2vec_format()",
    "most_similar": "model.wv.most_similar()",
    "most_similar_cosmul": "model.wv.most_similar_cosmul()",
    "n_similarity": "model.wv.n_similarity()",
    "save_word2vec_format": "model.wv.save_word2vec_format()",
    "similar_by_vector": "model.wv.similar_by_vector()",
    "similar_by_word": "model.wv.similar_by_word()",
    "similarity": "model.wv.similarity()",
    "size": "vector_size",
    "syn0": "model.wv.vectors",
    "syn0norm": "model.wv.get_normed_vectors()",
    "trainables": "model.syn1neg",
    "vectors": "model.wv.vectors",
    "vectors_norm": "model.wv.get_normed_vectors()",
    "vocab": "model.wv.key_to_index",
    "vocabulary": "model.raw_vocab",
    "word_vec": "model.wv.get_vector()",
    "words_closer_than": "model.wv.closer_than()",
    "wmdistance": "model.wv.wmdistance()",
    "wv.accuracy": "evaluate_word_analogies()",
    "wv.add": "add_vectors()",
    "wv.get_keras_embedding": "to_keras_embedding()",
    "wv.index2entity": "index_to_key",
    "wv.index2word": "index_to_key",
    "wv.keys": "index_to_key",
    "wv.similarity_matrix": "SparseTermSimilarityMatrix",
    "wv.syn0": "vectors",
    "wv.syn0norm": "get_normed_vectors()",
    "wv.vectors_norm": "get_normed_vectors()",
    "wv.vocab": "key_to_index",
    "wv.words": "index_to_key",
    "wv.wv": "already",
}


@pytest.mark.parametrize("name", OF_MODELS)
def test_an_attribute_is_answered(name: str, model: Word2Vec) -> None:
    owner: Any = model.wv if name.startswith("wv.") else model
    name, wanted = name.removeprefix("wv."), OF_MODELS[name]
    with pytest.raises(RemovedNameError) as caught:
        getattr(owner, name)
    assert name in str(caught.value)
    assert f"use {wanted}" in str(caught.value) or wanted in str(caught.value).partition("use ")[2]
    assert not hasattr(owner, name)
    is_settable = isinstance(getattr(KeyedVectors, name, None), property)
    assert (name in dir(owner)) == (is_settable and owner is model.wv)
    # what is answered is there
    for each in (wanted.partition("(")[0], wanted.removeprefix("model.wv.").partition("(")[0]):
        if each.isidentifier() and each not in {"already", "SparseTermSimilarityMatrix"}:
            target = model.wv if owner is model.wv or wanted.startswith("model.wv.") else model
            assert hasattr(target, each)


def test_classes_do_not_have_them_either() -> None:
    for kind in (Word2Vec, KeyedVectors):
        with pytest.raises(RemovedNameError, match="syn0"):
            kind.syn0  # noqa: B018
        assert not hasattr(kind, "accuracy")
    with pytest.raises(RemovedNameError, match=r"use KeyedVectors\.load_word2vec_format\(\)"):
        Word2Vec.load_word2vec_format("x")
    assert not hasattr(KeyedVectors, "wv")
    assert hasattr(KeyedVectors, "load_word2vec_format")


def test_all_that_vectors_can_do_is_answered_by_the_model(model: Word2Vec) -> None:
    for name in dir(model.wv):
        if name.startswith("_") or hasattr(model, name) or not hasattr(KeyedVectors, name):
            continue
        if name in OF_MODELS and name not in OF_MODELS[name]:
            continue  # a former name of the vectors', too
        with pytest.raises(RemovedNameError, match=rf"use (model\.wv|KeyedVectors)\.{name}"):
            getattr(model, name)


def test_they_are_free_for_subclasses_and_attributes(tmp_path: Path) -> None:
    class Mine(Word2Vec):
        def similarity(self) -> str:
            return "mine"

    model = Mine(SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1)
    model.iter = 7
    assert (model.similarity(), model.iter) == ("mine", 7)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model.wv))):
        assert len(getattr(other, "wv", other)) == 3
    model.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").iter == 7


def test_a_model_has_no_items(model: Word2Vec) -> None:
    with pytest.raises(InputTypeError, match=r"model\.wv\['a'\]"):
        model["a"]
    with pytest.raises(TypeError, match=r"'a' in model\.wv"):
        assert "a" in model
    with pytest.raises(TypeError, match="not iterable"):
        iter(model)  # type: ignore[call-overload]
    assert not isinstance(model, Iterable)
    assert bool(model)
    assert np.array([model, model], dtype=object).shape == (2,)
    assert isinstance(model.wv, Container)


PARAMETERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "size": (
        lambda m: Word2Vec(SENTENCES, size=3),
        r"Word2Vec\(\) .*'size'; did you mean vector",
    ),
    "iter": (lambda m: Word2Vec(iter=3), "did you mean epochs"),
    "vectorsize": (lambda m: Word2Vec(vectorsize=3), "did you mean vector_size"),
    "vectorSize": (lambda m: Word2Vec(vectorSize=3), "did you mean vector_size"),
    "corpus_iterable": (lambda m: Word2Vec(corpus_iterable=SENTENCES), "did you mean sentences"),
    "mincount": (lambda m: Word2Vec(mincount=3), "did you mean min_count"),
    "n_epochs": (lambda m: Word2Vec(n_epochs=3), "did you mean epochs"),
    "two": (lambda m: Word2Vec(size=3, iter=1), "mean epochs.*mean vector_size"),
    "nothing like it": (lambda m: Word2Vec(zzz=3), "no parameter 'zzz'; there are sentences, cor"),
    "set_params": (lambda m: m.set_params(size=3), "'size' is not a parameter.*mean vector_size"),
    "train": (
        lambda m: m.train(sentences=SENTENCES, total_examples=1, epochs=1),
        r"train\(\) has no parameter 'sentences'; did you mean corpus_iterable",
    ),
    "train iter": (lambda m: m.train(SENTENCES, total_examples=1, iter=1), "did you mean epochs"),
    "train alpha": (lambda m: m.train(SENTENCES, epochs=1, alpha=1), "did you mean start_alpha"),
    "build_vocab": (
        lambda m: m.build_vocab(sentences=SENTENCES),
        r"build_vocab\(\) .*did you mean corpus_iterable",
    ),
    "build_vocab, later": (lambda m: m.build_vocab(SENTENCES, min_cuont=1), "no parameter 'min_cu"),
    "scan_vocab": (lambda m: m.scan_vocab(sentences=SENTENCES), "did you mean corpus_iterable"),
    "KeyedVectors": (lambda m: KeyedVectors(vectorsize=3), r"KeyedVectors\(\) .*mean vector_size"),
    "most_similar": (lambda m: m.wv.most_similar("a", top_n=3), "did you mean topn"),
    "cosmul": (lambda m: m.wv.most_similar_cosmul("a", restrict=3), "did you mean restrict_vocab"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_answered(name: str, model: Word2Vec) -> None:
    call, message = PARAMETERS[name]
    kind = ParameterError if name == "set_params" else InputTypeError
    words, counts = list(model.wv.index_to_key), dict(model.raw_vocab)
    # In a thread of its own: tests that raise out of nowhere, within an except block, leave the
    # exception of that block behind in theirs.
    with ThreadPoolExecutor(1) as thread:
        error = thread.submit(call, model).exception()
    assert isinstance(error, kind)
    assert re.search(message, str(error))
    assert error.__suppress_context__ or error.__context__ is None
    assert (model.wv.index_to_key, dict(model.raw_vocab)) == (words, counts)


def test_a_subclass_that_hands_parameters_on_is_answered_too() -> None:
    class Mine(Word2Vec):
        def __init__(self, mine: int, **kwargs: Any) -> None:
            self.mine = mine
            super().__init__(**kwargs)

    with pytest.raises(InputTypeError, match="'size'; did you mean vector_size"):
        Mine(3, size=10)

    class Own(Word2Vec):
        def prepare_vocab(self, *args: Any, extra: int = 0, **kwargs: Any) -> Any:
            self.extra = extra
            return super().prepare_vocab(*args, **kwargs)

    model = Own(vector_size=4, min_count=1)
    model.build_vocab(SENTENCES, extra=5)
    assert model.extra == 5


def test_other_type_errors_stay_what_they_are(model: Word2Vec) -> None:
    with pytest.raises(TypeError, match="multiple values for argument 'sentences'"):
        Word2Vec(SENTENCES, sentences=SENTENCES)  # type: ignore[misc]
    with pytest.raises(InputTypeError, match="topn is 'x'"):
        model.wv.most_similar("a", topn="x")  # type: ignore[arg-type]


def loaders(model: Word2Vec, folder: Path) -> dict[str, tuple[Any, ...]]:
    model.wv.save(folder / "v")
    model.wv.save_word2vec_format(folder / "t")
    model.wv.save_npy(folder / "v.npy")
    return {
        "load": (folder / "v",),
        "load_word2vec_format": (folder / "t",),
        "load_npy": (folder / "v.npy",),
    }


def test_loading_on_an_object_says_that_it_does_nothing_to_it(
    model: Word2Vec, tmp_path: Path
) -> None:
    before = model.wv.vectors.copy()
    for name, arguments in loaders(model, tmp_path).items():
        with pytest.warns(
            NegW2VWarning, match=rf"^{name}\(\) returns a new KeyedVectors and leaves .*model\.wv ="
        ) as caught:
            loaded = getattr(model.wv, name)(*arguments)
        assert caught[0].filename == __file__
        assert loaded is not model.wv
        assert loaded.index_to_key == model.wv.index_to_key
        np.testing.assert_array_equal(model.wv.vectors, before)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            getattr(KeyedVectors, name)(*arguments)
    for name in ("load", "resume", "from_gensim"):
        with pytest.raises(RemovedNameError, match=rf"{name}\(\) belongs to the class"):
            getattr(model, name)(tmp_path / "v")


def test_overridden_loaders_still_reach_ours(model: Word2Vec, tmp_path: Path) -> None:
    class Mine(KeyedVectors):
        @classmethod
        def load(cls, *args: Any, **kwargs: Any) -> Any:
            return super().load(*args, **kwargs)

    model.wv.save(tmp_path / "v")
    assert type(Mine.load(tmp_path / "v")) is Mine


def test_iterating_over_vectors_ends_with_a_hint(model: Word2Vec) -> None:
    with pytest.raises(KeyNotFoundError, match=r"Key 3 not .* there are 3 rows.*index_to_key"):
        list(model.wv)  # type: ignore[call-overload]
    # as with gensim, until the end it gives vectors
    pairs = list(zip(model.wv.index_to_key, model.wv, strict=False))  # type: ignore[call-overload]
    assert [key for key, _ in pairs] == model.wv.index_to_key
    np.testing.assert_array_equal(pairs[2][1], model.wv.vectors[2])
