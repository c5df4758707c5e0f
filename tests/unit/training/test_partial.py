"""Small corpora and large vocabularies: only the rows that are used are copied."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from negw2v import Word2Vec
from negw2v.callbacks import CallbackAny2Vec
from negw2v.corpus import huffman
from negw2v.training import weights
from negw2v.training.partial import numbered_anew, part_of_paths

WORDS = 3000
SENTENCES = [
    [f"word{place}" for place in line]
    for line in (WORDS * np.random.default_rng(1).random((4, 9)) ** 3).astype(int).tolist()
]
OBJECTIVES: dict[str, dict[str, Any]] = {
    "sg": {"sg": 1},
    "sg, all rows": {"sg": 1, "sample": 0, "vector_size": 512},
    "sg, own negatives for each pair": {"sg": 1, "share_negatives": False, "window": 2},
    "sg, wide window": {"sg": 1, "window": 13},
    "cbow": {},
    "hs": {"hs": 1, "negative": 0},
    "sg, both": {"sg": 1, "hs": 1},
}


def new_model(words: int = WORDS, **settings: Any) -> Word2Vec:
    """A model whose matrices hold random numbers."""
    model = Word2Vec(
        **{"vector_size": 20, "min_count": 1, "workers": 1, "seed": 3, "sample": 0.01} | settings
    )
    model.build_vocab_from_freq({f"word{place}": words - place + 5 for place in range(words)})
    random = np.random.default_rng(4)
    for name in ("syn1neg", "syn1"):
        if hasattr(model, name):
            matrix = getattr(model, name)
            matrix[:] = random.normal(0, 0.1, matrix.shape)
    return model


def trained(model: Word2Vec, **more: Any) -> Word2Vec:
    model.train(SENTENCES, total_examples=len(SENTENCES), epochs=3, **more)
    return model


def assert_same(one: Word2Vec, other: Word2Vec) -> None:
    assert one.training_report.losses == other.training_report.losses
    for name in ("syn1neg", "syn1"):
        np.testing.assert_array_equal(getattr(one, name, 0), getattr(other, name, 0))
    np.testing.assert_array_equal(one.wv.vectors, other.wv.vectors)


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes training copy whole matrices."""
    return lambda: monkeypatch.setattr(weights, "ROWS_PER_PART", 10**9)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("locked", [False, True])
def test_the_result_is_that_of_copies_of_all_rows(
    objective: str, locked: bool, copies: Any
) -> None:
    models = []
    for number in range(2):
        if number:
            copies()
        model = new_model(**OBJECTIVES[objective])
        if locked:
            model.wv.vectors_lockf = np.linspace(0, 1, WORDS, dtype=np.float32)
        before = model.wv.vectors.copy()
        models.append(trained(model))
        moved = (model.wv.vectors != before).any(axis=1)
        assert 10 < moved.sum() < 40
    assert_same(*models)


def test_what_a_callback_changes_is_trained(copies: Any) -> None:
    class Halve(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            model.wv.vectors *= np.float32(0.5)
            model.syn1neg *= np.float32(0.5)

    some = trained(new_model(sg=1), callbacks=[Halve()])
    copies()
    assert_same(some, trained(new_model(sg=1), callbacks=[Halve()]))


def test_one_span_has_the_same_result_in_any_number_of_threads() -> None:
    assert_same(trained(new_model(sg=1)), trained(new_model(sg=1, workers=3)))


@pytest.mark.parametrize("settings", [{"sg": 1}, {"hs": 1, "negative": 0}])
def test_memory_does_not_grow_with_the_vocabulary(settings: dict[str, Any]) -> None:
    model = trained(new_model(60_000, **settings))
    tracemalloc.start()
    trained(model)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < model.wv.vectors.nbytes / 4


def test_rows_are_numbered_anew() -> None:
    rows = np.array([7, 9, 3, 30])
    numbers = np.array([30, 7, 7, 3], dtype=np.int32)
    assert numbered_anew(numbers, rows).tolist() == [3, 0, 0, 2]


def test_the_paths_of_some_words() -> None:
    paths = huffman.build_paths([8, 4, 2, 1, 1])
    part, nodes = part_of_paths(paths, np.array([1, 4]), 4)
    assert len(part.starts) == 5
    assert part.starts[-1] == part.starts[2]
    for place, word in enumerate((1, 4)):
        own = slice(part.starts[place], part.starts[place + 1])
        whole = slice(paths.starts[word], paths.starts[word + 1])
        assert nodes[part.nodes[own]].tolist() == paths.nodes[whole].tolist()
        assert part.signs[own].tolist() == paths.signs[whole].tolist()
