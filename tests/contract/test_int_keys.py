"""Where an int may be a key or a row, gensim's rule counts: the key if there is one, else the row.

The keys are ints that are rows as well, in another order: a row number taken for a key, or a key
for a row number, gives another vector.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import negw2v
from negw2v import KeyNotFoundError, Word2Vec

gensim_models = pytest.importorskip("gensim.models", reason="gensim is the yardstick")

KEYS = {
    "a permutation of the rows": [3, 0, 5, 1, 7, 4, 2, 6],
    "some are rows, some are not": [3, 0, 12, 1, 9, 4, 11, 6],
}
VECTORS = np.random.default_rng(8).normal(size=(8, 4)).astype(np.float32)


def vectors(kind: Any, keys: list[int]) -> Any:
    made = kind(4)
    made.add_vectors(keys, VECTORS)
    for key in keys:
        made.set_vecattr(key, "count", 100 - key * key)
    return made


def everything(kv: Any) -> Any:
    return kv.index_to_key, kv.key_to_index, kv.vectors, kv.expandos


def changed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(kv: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            change(kv)
        return everything(kv)

    return call


# What is asked for are ints from 0 to 7: each is a key, or else a row.
CALLS: dict[str, Callable[[Any], Any]] = {
    "get_index": lambda kv: [kv.get_index(i) for i in range(8)],
    "get_index of NumPy's": lambda kv: [kv.get_index(np.int64(i)) for i in range(8)],
    "has_index_for": lambda kv: [kv.has_index_for(i) for i in range(-2, 14)],
    "in": lambda kv: [i in kv for i in range(-2, 14)],
    "get_vector": lambda kv: [kv.get_vector(i) for i in range(8)],
    "get_vector norm": lambda kv: [kv.get_vector(i, norm=True) for i in range(8)],
    "[int]": lambda kv: [kv[i] for i in range(8)],
    "[list]": lambda kv: kv[[6, 0, 2, 5]],
    "[range]": lambda kv: kv[range(8)],
    "[array]": lambda kv: kv[np.arange(8)],
    "get_mean_vector": lambda kv: kv.get_mean_vector([0, 2, 5], weights=[1, -1, 2]),
    "similarity": lambda kv: [kv.similarity(i, 5) for i in range(8)],
    "distance": lambda kv: [kv.distance(2, i) for i in range(8)],
    "distances": lambda kv: [kv.distances(i) for i in range(8)],
    "distances to some": lambda kv: kv.distances(2, [5, 0, 7]),
    "n_similarity": lambda kv: kv.n_similarity([0, 2], [5, 7]),
    "most_similar": lambda kv: [kv.most_similar(i, topn=3) for i in range(8)],
    "most_similar of several": lambda kv: kv.most_similar([0, (2, 0.5)], [5], topn=8),
    "most_similar to all": lambda kv: kv.most_similar(2, topn=None),
    "most_similar restricted": lambda kv: kv.most_similar(2, restrict_vocab=5),
    "most_similar clipped": lambda kv: kv.most_similar(2, clip_start=1, clip_end=6),
    "similar_by_key": lambda kv: kv.similar_by_key(5),
    "similar_by_word": lambda kv: kv.similar_by_word(7, topn=2),
    "similar_by_vector": lambda kv: kv.similar_by_vector(kv[2]),
    "most_similar_to_given": lambda kv: kv.most_similar_to_given(2, [0, 5, 7]),
    "closer_than": lambda kv: [kv.closer_than(2, i) for i in range(8)],
    "rank": lambda kv: [kv.rank(2, i) for i in range(8)],
    "rank_by_centrality": lambda kv: kv.rank_by_centrality([0, 2, 5, 7]),
    "doesnt_match": lambda kv: kv.doesnt_match([0, 2, 5, 7]),
    "relative_cosine_similarity": lambda kv: kv.relative_cosine_similarity(2, 5, topn=3),
    "get_vecattr": lambda kv: [kv.get_vecattr(i, "count") for i in range(8)],
    "set_vecattr": changed(lambda kv: [kv.set_vecattr(i, "x", i) for i in range(8)]),
    "[int] = vector": changed(lambda kv: kv.__setitem__(1, np.ones(4))),
    "add_vectors": changed(lambda kv: kv.add_vectors([4, 3], np.ones((2, 4)), replace=True)),
    "sort": changed(lambda kv: kv.sort_by_descending_frequency()),
    "init_sims": changed(lambda kv: kv.init_sims(replace=True)),
    "unit_normalize_all": changed(lambda kv: kv.unit_normalize_all()),
    "get_normed_vectors": lambda kv: kv.get_normed_vectors(),
}


def assert_alike(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_alike(one, other)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        assert_alike(list(ours.values()), list(theirs.values()))
    elif isinstance(theirs, (float, np.floating)):
        assert ours == pytest.approx(theirs, abs=1e-6)
    else:
        assert ours == theirs


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("name", CALLS)
def test_a_key_before_a_row(name: str, keys: str) -> None:
    ours = CALLS[name](vectors(negw2v.KeyedVectors, KEYS[keys]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = CALLS[name](vectors(gensim_models.KeyedVectors, KEYS[keys]))
    assert_alike(ours, theirs)


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_what_gensim_does_not_have_follows_the_rule(keys: list[int]) -> None:
    kv = vectors(negw2v.KeyedVectors, keys)
    rows = [kv.get_index(i) for i in range(8)]
    assert sorted(rows) != rows
    names = [keys[row] for row in rows]
    # a slice means rows: gensim has none
    np.testing.assert_array_equal(kv[0:2], VECTORS[0:2])
    np.testing.assert_array_equal(kv[::-3], VECTORS[::-3])
    np.testing.assert_array_equal(
        kv.subset([0, 2, 5]).vectors, VECTORS[[rows[0], rows[2], rows[5]]]
    )
    assert set(kv.drop([0, 2]).index_to_key) == set(keys) - {names[0], names[2]}
    by_int = kv.nearest(range(8), topn=3, exclude=[5], candidates=[0, 2, 3, 5, 7], return_keys=True)
    allowed = {names[0], names[2], names[3], names[7]} - {names[5]}
    for i, found in enumerate(by_int.keys.tolist()):
        expected = [key for key, _ in kv.most_similar(i, topn=8) if key in allowed]
        assert found == [*expected, None][:3]
    # gensim cannot compare documents of ints, and finds new int keys among free rows
    if importlib.util.find_spec("ot"):
        assert kv.wmdistance([0, 2], [2, 0]) == pytest.approx(0, abs=1e-6)
        assert kv.wmdistance([0], [names[0]]) == pytest.approx(0, abs=1e-6)
    for every, known in ((True, [i for i in range(14) if i in kv]), (False, sorted(keys))):
        chosen = kv.vectors_for_all(range(14), allow_inference=every, copy_vecattrs=True)
        assert chosen.index_to_key == known
        assert chosen.key_to_index == {key: row for row, key in enumerate(known)}
        np.testing.assert_array_equal(chosen.vectors, np.stack([kv[key] for key in known]))
        counts = [kv.get_vecattr(key, "count") for key in known]
        assert chosen.expandos["count"].tolist() == counts
    kv[20] = np.ones(4)
    assert kv.get_index(20) == 8
    # nor does gensim's most_similar_cosmul() take int keys
    twin = negw2v.KeyedVectors(4)
    twin.add_vectors([str(key) for key in [*keys, 20]], kv.vectors)
    expected = twin.most_similar_cosmul([str(names[2]), str(names[5])], [str(names[0])], topn=5)
    assert [(str(key), score) for key, score in kv.most_similar_cosmul([2, 5], [0], topn=5)] == (
        expected
    )
    solved = kv.analogies([0], [2], [5], topn=5, return_keys=True).keys.tolist()[0]
    assert solved == [key for key, _ in kv.most_similar([2, 5], [0], topn=5)]


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_a_model_of_ints(keys: list[int], tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    sentences = [[keys[i] for i in random.zipf(1.5, 6).clip(1, 8) - 1] for _ in range(300)]
    model = Word2Vec(sentences, vector_size=4, min_count=1, epochs=2, workers=1, sorted_vocab=0)
    words = list(model.wv.index_to_key)
    assert words != sorted(words)
    predicted = {word: model.predict_output_word([word], topn=3) for word in words}
    gensims = model.to_gensim()
    for context in ([2], [0, 5], [7, 1]):
        assert_alike(model.predict_output_word(context), gensims.predict_output_word(context))
    expected = model.wv.get_normed_vectors()
    model.save(tmp_path / "model")
    for one in (model, Word2Vec.load(tmp_path / "model")):
        with pytest.warns(DeprecationWarning, match="init_sims"):
            one.init_sims(replace=True)
        assert one.wv.index_to_key == words
        np.testing.assert_array_equal(one.wv.vectors, expected)
        for row, word in enumerate(words):
            np.testing.assert_array_equal(one.wv[word], expected[row])
    assert predicted.keys() == set(words)


def test_an_int_that_is_neither_is_an_error() -> None:
    kv = vectors(negw2v.KeyedVectors, KEYS["some are rows, some are not"])
    for wrong in (8, -1, 13):
        with pytest.raises(KeyNotFoundError, match=f"Key {wrong} not present"):
            kv[wrong]
