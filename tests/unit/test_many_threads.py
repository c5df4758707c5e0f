"""Several threads use the package at once, each as if it were alone.

They matter most where there is no lock of the interpreter; with it, threads change places often.
Queries of vectors that change are in ``keyedvectors/test_threads.py``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, LineSentence, Word2Vec, layers
from negw2v.datasets.ptb import create_contexts_target
from negw2v.formats.values import StoredValues
from negw2v.phrases import Phrases

pytestmark = pytest.mark.usefixtures("switch_often")

THREADS = 4

MODELS: dict[str, dict[str, Any]] = {
    "skip-gram": {"sg": 1},
    "CBOW": {"sg": 0, "window": 3},
    "hierarchical softmax": {"sg": 1, "hs": 1, "negative": 0},
    "more dimensions": {"sg": 0, "vector_size": 40, "corrected_cbow": True},
}


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each of the calls returns, all of them begun at the same time."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture(scope="module")
def sentences(synthetic_sentences: list[list[str]]) -> list[list[str]]:
    return synthetic_sentences[:1500]


@pytest.fixture(scope="module")
def vectors(sentences: list[list[str]]) -> KeyedVectors:
    return trained(sentences, vector_size=24).wv


def trained(sentences: Any, **options: Any) -> Word2Vec:
    chosen = {"vector_size": 16, "min_count": 1, "workers": 1, "seed": 3, "epochs": 2, **options}
    return Word2Vec(sentences, progress=False, **chosen)


@pytest.mark.parametrize("source", ["one list", "one object", "one file"])
def test_models_are_those_that_one_thread_makes(
    sentences: list[list[str]], source: str, tmp_path: Path
) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in sentences))
    reader = LineSentence(path)

    def train(name: str) -> np.ndarray:
        if source == "one file":
            options = {"corpus_file": str(path), **MODELS[name]}
            return trained(None, **options).wv.vectors
        return trained(sentences if source == "one list" else reader, **MODELS[name]).wv.vectors

    together = at_once(*(lambda name=name: train(name) for name in MODELS))
    for name, found in zip(MODELS, together, strict=True):
        np.testing.assert_array_equal(found, train(name), err_msg=name)


def test_models_of_several_workers_count_every_word(sentences: list[list[str]]) -> None:
    words = sum(map(len, sentences))
    models = at_once(*[lambda: trained(sentences, workers=3, sample=0)] * THREADS)
    for model in models:
        assert model.corpus_total_words == words
        assert model.training_report.words_trained == 2 * words
        assert np.isfinite(model.wv.vectors).all()


QUERIES: dict[str, Callable[[KeyedVectors], Any]] = {
    "most_similar": lambda kv: [kv.most_similar(key, topn=5) for key in kv.index_to_key[:40]],
    "nearest": lambda kv: [np.array(part).tolist() for part in kv.nearest(kv.index_to_key)],
    "cosmul": lambda kv: kv.most_similar_cosmul(kv.index_to_key[:2], kv.index_to_key[2:3]),
    "normed": lambda kv: [kv.get_vector(key, norm=True).tolist() for key in kv.index_to_key[:40]],
    "distances": lambda kv: kv.distances(kv.index_to_key[0]).tolist(),
    "unknown": lambda kv: "no such word" in kv,
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_queries_find_what_one_thread_finds(
    vectors: KeyedVectors, query: Callable[[KeyedVectors], Any]
) -> None:
    for _ in range(5):
        fresh = vectors.subset(vectors.index_to_key)  # its lengths are not known yet
        results = at_once(*[lambda kv=fresh: query(kv)] * THREADS)
        assert results == [query(vectors)] * THREADS


LOADERS: dict[str, tuple[Callable[[KeyedVectors, Path], Any], Callable[[Path], KeyedVectors]]] = {
    "native": (KeyedVectors.save, KeyedVectors.load),
    "mapped": (KeyedVectors.save, lambda path: KeyedVectors.load(path, mmap="r")),
    "text": (
        KeyedVectors.save_word2vec_format,
        KeyedVectors.load_word2vec_format,
    ),
    "binary": (
        lambda kv, path: kv.save_word2vec_format(path, binary=True),
        lambda path: KeyedVectors.load_word2vec_format(path, binary=True),
    ),
}


@pytest.mark.parametrize("name", LOADERS)
def test_one_file_is_loaded_by_every_thread(
    vectors: KeyedVectors, name: str, tmp_path: Path
) -> None:
    save, load = LOADERS[name]
    save(vectors, tmp_path / "vectors")
    alone = load(tmp_path / "vectors")
    for loaded in at_once(*[lambda: load(tmp_path / "vectors")] * THREADS):
        assert loaded.index_to_key == alone.index_to_key
        np.testing.assert_array_equal(loaded.vectors, alone.vectors)


def test_keys_of_a_mapped_file_are_decoded_once(
    vectors: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a thread that comes late takes away the keys that others have added meanwhile."""
    decoded: list[StoredValues] = []
    decode = StoredValues.decode

    def slowly(stored: StoredValues) -> list[Any]:
        decoded.append(stored)
        time.sleep(0.05 * len(decoded))
        return decode(stored)

    monkeypatch.setattr(StoredValues, "decode", slowly)
    vectors.save(tmp_path / "vectors")
    kv = KeyedVectors.load(tmp_path / "vectors", mmap="r")

    def add(key: str) -> int:
        kv.add_vector(key, np.ones(kv.vector_size))
        return len(kv)

    with pytest.warns(UserWarning, match="every add_vector"):
        at_once(lambda: add("new"), lambda: kv.most_similar(positive=[1], topn=1), lambda: len(kv))
    assert len(decoded) == 1
    assert kv.index_to_key == [*vectors.index_to_key, "new"]
    assert kv.key_to_index["new"] == len(kv.vectors) - 1


def test_phrases_are_found_and_joined(sentences: list[list[str]]) -> None:
    def find() -> tuple[dict[str, float], list[list[str]]]:
        phrases = Phrases(sentences, min_count=2, threshold=0.5)
        return phrases.export_phrases(), list(phrases[sentences[:100]])

    assert at_once(*[find] * THREADS) == [find()] * THREADS
    one = Phrases(sentences, min_count=2, threshold=0.5)
    frozen = one.freeze()
    shared = at_once(
        *[lambda: (one.export_phrases(), list(one[sentences[:100]]))] * 2,
        *[lambda: (frozen.phrasegrams, list(frozen[sentences[:100]]))] * 2,
    )
    assert [joined for _, joined in shared] == [find()[1]] * 4
    assert shared[0] == shared[1] == find()


def test_layers_learn_what_they_learn_alone() -> None:
    corpus = np.random.default_rng(5).integers(0, 40, 600)

    def learn(kind: type[Any]) -> np.ndarray:
        contexts, targets = create_contexts_target(corpus, window_size=2)
        model = kind(40, 8, 2, corpus, seed=1)
        trainer = layers.Trainer(model, layers.Adam(), seed=2)
        trainer.fit(contexts, targets, max_epoch=1, batch_size=50, progress=False)
        return np.array(model.word_vecs)

    kinds: Sequence[type[Any]] = [layers.CBOW, layers.SkipGram] * 2
    together = at_once(*(lambda kind=kind: learn(kind) for kind in kinds))
    for kind, found in zip(kinds, together, strict=True):
        np.testing.assert_array_equal(found, learn(kind))
