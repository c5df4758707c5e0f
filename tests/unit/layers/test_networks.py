"""CBOW and skip-gram: gradients, and the slides' programme step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_libraries import Arrays
from slides import DenseOptimizer, NumpyCBOW, NumpySkipGram, numeric_gradient

from negw2v.datasets.dictionaries import create_contexts_target
from negw2v.errors import InputTypeError, NotTrainableError, ParameterError, RowIndexError
from negw2v.layers import CBOW, Adam, SkipGram, Trainer, as_keyed_vectors

NETWORKS = {CBOW: NumpyCBOW, SkipGram: NumpySkipGram}
WORDS, WINDOW = 40, 3


@pytest.fixture(scope="module")
def corpus() -> Any:
    """Word ids, frequent ones more often, all of them at least once."""
    random = np.random.default_rng(8)
    p = 1 / np.arange(1, WORDS + 1)
    drawn = random.choice(WORDS, 600, p=p / p.sum())
    return np.concatenate([np.arange(WORDS), drawn])


@pytest.fixture(scope="module")
def examples(corpus: Any) -> Any:
    return create_contexts_target(corpus, WINDOW)


def negatives_for(kind: Any, n: int, k: int, seed: int = 0) -> Any:
    shape = (n, k) if kind is CBOW else (n, 2 * WINDOW, k)
    return np.random.default_rng(seed).integers(0, WORDS, shape)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("hs", [False, True])
@pytest.mark.parametrize("dense", [False, True])
def test_gradients_against_numeric_ones(
    arrays: Arrays, corpus: Any, examples: Any, kind: Any, hs: bool, dense: bool
) -> None:
    model = kind(
        WORDS, 3, WINDOW, corpus, hs=hs, seed=1, dtype=np.float64, dense=dense, xp=arrays.xp
    )
    held = [np.asarray(model.word_vecs1), np.asarray(model.word_vecs2)]
    for W in held:
        np.multiply(W, 100, out=W)
    batch = [examples[0][:5], examples[1][:5], *([] if hs else [negatives_for(kind, 5, 2)])]

    def loss() -> float:
        return float(model.forward(*map(arrays.of, batch)))

    loss()
    model.backward(2.0)
    for gradient, W in zip(model.grads, held, strict=True):
        assert arrays.own(gradient) == dense
        expected = 2 * numeric_gradient(loss, W)
        assert np.abs(expected).max() > 0.01
        np.testing.assert_allclose(np.asarray(gradient), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("mode", ["dense", "exact"])
@pytest.mark.parametrize("dense", [False, True])
def test_equals_the_slides_step_by_step(
    arrays: Arrays, corpus: Any, examples: Any, kind: Any, mode: Any, dense: bool
) -> None:
    model = kind(WORDS, 16, WINDOW, corpus, seed=1, dense=dense, xp=arrays.xp)
    slides = NETWORKS[kind](*(np.array(W, dtype=np.float64) for W in model.params))
    ours, theirs = Adam(mode=mode), DenseOptimizer("adam", 0.001, 0.9, 0.999)
    for step in range(20):
        n = 30 if arrays.name == "numpy" else 5
        batch = slice(n * step, n * step + n)
        contexts, target = examples[0][batch], examples[1][batch]
        negatives = negatives_for(kind, len(target), 4, seed=step)
        loss = model.forward(*map(arrays.of, (contexts, target, negatives)))
        model.backward()
        assert float(loss) == pytest.approx(slides.step(contexts, target, negatives), rel=1e-5)
        for mine, expected in zip(model.grads, slides.grads, strict=True):
            np.testing.assert_allclose(np.asarray(mine), expected, rtol=1e-4, atol=1e-8)
        ours.update(model.params, model.grads)
        theirs.update(slides.params, slides.grads)
        if mode == "dense":
            for mine, expected in zip(model.params, slides.params, strict=True):
                assert np.abs(mine[:] - expected).max() < 1e-5
    for mine, expected in zip(model.params, slides.params, strict=True):
        assert np.abs(mine[:] - expected).max() < 1e-5


@pytest.mark.parametrize("kind", NETWORKS)
def test_seeds(arrays: Arrays, corpus: Any, examples: Any, kind: Any) -> None:
    results = []
    for seed in (1, 1, 2, None, None):
        model = kind(WORDS, 8, WINDOW, corpus, seed=seed, xp=arrays.xp)
        losses = [float(model.forward(*map(arrays.of, examples))) for _ in range(2)]
        results.append((np.asarray(model.word_vecs).tobytes(), *losses))
    assert results[0] == results[1]
    assert len(set(results)) == 4


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("hs", [False, True])
def test_it_learns(corpus: Any, examples: Any, kind: Any, hs: bool) -> None:
    model = kind(WORDS, 8, WINDOW, corpus, hs=hs, seed=1)
    trainer = Trainer(model, Adam(lr=0.01), seed=1)
    trainer.fit(*examples, max_epoch=15, batch_size=50, eval_interval=None)
    before = kind(WORDS, 8, WINDOW, corpus, hs=hs, seed=1).forward(*examples)
    assert model.forward(*examples) < 0.97 * before


def test_what_a_network_shows(corpus: Any) -> None:
    model = CBOW(WORDS, 8, WINDOW, corpus, seed=1)
    assert model.word_vecs.shape == model.word_vecs1.shape == model.word_vecs2.shape == (WORDS, 8)
    assert np.shares_memory(model.word_vecs, model.word_vecs1)
    assert not np.shares_memory(model.word_vecs1, model.word_vecs2)
    assert 0.008 < model.word_vecs.std() < 0.012
    assert CBOW(WORDS, 8, WINDOW, corpus, hs=True).word_vecs2.shape == (WORDS - 1, 8)


def test_the_vectors_as_keyed_vectors(corpus: Any, examples: Any) -> None:
    model = CBOW(WORDS, 8, WINDOW, corpus, seed=1)
    Trainer(model, Adam()).fit(*examples, max_epoch=1, batch_size=50)
    word_to_id = {f"w{i}": i for i in reversed(range(WORDS))}
    vectors = model.to_keyed_vectors(word_to_id)
    assert vectors.index_to_key == [f"w{i}" for i in range(WORDS)]
    np.testing.assert_array_equal(vectors["w7"], model.word_vecs[7])
    assert not np.shares_memory(vectors.vectors, model.word_vecs)
    assert len(vectors.most_similar("w3", topn=4)) == 4
    for wrong in ({"a": 0}, {f"w{i}": i + 1 for i in range(WORDS)}, {}):
        with pytest.raises(ParameterError, match="word_to_id must give the 40 words"):
            model.to_keyed_vectors(wrong)
    with pytest.raises(ParameterError, match="shape"):
        as_keyed_vectors(np.zeros(3), word_to_id)


def test_what_does_not_fit(arrays: Arrays, corpus: Any, examples: Any) -> None:
    model = CBOW(WORDS, 8, WINDOW, corpus, xp=arrays.xp)
    contexts, target = examples[0][:4], examples[1][:4]
    with pytest.raises(NotTrainableError, match="forward"):
        model.backward()
    with pytest.raises(ParameterError, match=r"contexts has the shape \(4, 4\).*\(4, 6\)"):
        model.forward(arrays.of(contexts[:, :4]), arrays.of(target))
    with pytest.raises(ParameterError, match=r"contexts has the shape \(4, 6\)"):
        model.forward(arrays.of(contexts), arrays.of(target[:3]))
    with pytest.raises(RowIndexError, match="idx hold 40"):
        model.forward(arrays.of(np.full((4, 6), 40)), arrays.of(target))
    with pytest.raises(InputTypeError, match="target must be integers"):
        model.forward(arrays.of(contexts), arrays.of(target.astype(float)))
    with pytest.raises(ParameterError, match="no negatives"):
        CBOW(WORDS, 8, WINDOW, corpus, hs=True, xp=arrays.xp).forward(
            arrays.of(contexts), arrays.of(target), [[1]] * 4
        )
    for arguments, message in (
        ((1, 8, 3), "vocab_size=1"),
        ((WORDS, 0, 3), "hidden_size=0"),
        ((WORDS, 8, 0.5), "window_size=0.5"),
        ((WORDS - 1, 8, 3), "corpus hold 39"),
    ):
        with pytest.raises(ParameterError, match=message):
            CBOW(*arguments, corpus)  # type: ignore[arg-type]
