"""Negative samples follow their distribution."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from negw2v.errors import InputTypeError, ParameterError
from negw2v.layers import UnigramSampler

COUNTS = [40, 25, 0, 20, 10, 5]


def chi_square_is_plausible(observed: Any, expected: Any) -> bool:
    """Within five standard deviations of what chance gives."""
    observed, expected = np.asarray(observed, float), np.asarray(expected, float)
    degrees = np.count_nonzero(expected) - 1
    assert not observed[expected == 0].any()
    possible = expected > 0
    statistic = ((observed - expected)[possible] ** 2 / expected[possible]).sum()
    return bool(statistic < degrees + 5 * np.sqrt(2 * degrees))


def test_the_books_example() -> None:
    expected = [0.64196878, 0.33150408, 0.02652714]
    for sampler in (
        UnigramSampler(counts=[0.7, 0.29, 0.01], power=0.75, sample_size=2),
        UnigramSampler([0.7, 0.29, 0.01], 0.75, 2),
    ):
        np.testing.assert_allclose(sampler.word_p, expected, atol=5e-9)


def test_a_corpus_is_counted() -> None:
    corpus = np.array([0, 1, 2, 3, 4, 1, 2, 3])
    expected = np.array([1, 2, 2, 2, 1]) ** 0.75
    for given in (corpus, corpus.tolist(), Counter(corpus.tolist())):
        sampler = UnigramSampler(given, 0.75, 2)
        np.testing.assert_allclose(sampler.word_p, expected / expected.sum())
    assert UnigramSampler(corpus, 0.75, 2, vocab_size=9).word_p[5:].tolist() == [0] * 4
    assert UnigramSampler(corpus, 0, 2).word_p.tolist() == [0.2] * 5


@pytest.mark.parametrize("target", [0, 4])
def test_without_replacement(target: int) -> None:
    """Ordered pairs come as by successive draws, as numpy.random.choice makes them."""
    n = 40_000
    sampler = UnigramSampler(counts=COUNTS, sample_size=2, seed=3)
    drawn = sampler.get_negative_sample(np.full(n, target))
    p = sampler.word_p.copy()
    p[target] = 0
    p /= p.sum()
    pairs = list(permutations(range(len(COUNTS)), 2))
    seen = Counter(map(tuple, drawn.tolist()))
    assert set(seen) <= set(pairs)
    expected = [n * p[a] * p[b] / (1 - p[a]) for a, b in pairs]
    assert chi_square_is_plausible([seen[pair] for pair in pairs], expected)


@pytest.mark.parametrize("k", [1, 9])
def test_with_replacement(k: int) -> None:
    n = 60_000 // k
    sampler = UnigramSampler(counts=COUNTS, sample_size=k, seed=3, replace=True)
    drawn = sampler.get_negative_sample(np.full(n, 1))
    p = sampler.word_p.copy()
    p[1] = 0
    counts = np.bincount(drawn.reshape(-1), minlength=len(COUNTS))
    assert chi_square_is_plausible(counts, n * k * p / p.sum())


def test_where_drawing_again_would_take_for_ever() -> None:
    """All but one word are as good as impossible, and still five others are wanted."""
    sampler = UnigramSampler(counts=[1, 1e18, 1, 1, 1, 1, 1], power=1, sample_size=5, seed=1)
    drawn = sampler.get_negative_sample(np.array([1] * 300 + [0] * 300))
    assert all(len(set(row)) == 5 for row in drawn.tolist())
    assert (drawn[300:] == 1).any(axis=1).all()
    counts = np.bincount(drawn[:300].reshape(-1), minlength=7)
    assert counts[1] == 0
    assert chi_square_is_plausible(np.delete(counts, 1), np.full(6, 250))


def test_seeds() -> None:
    target = np.arange(5)
    target[2] = 0

    def draw(seed: int | None) -> Any:
        sampler = UnigramSampler(counts=np.ones(50), seed=seed)
        return np.stack([sampler.get_negative_sample(target) for _ in range(3)])

    np.testing.assert_array_equal(draw(1), draw(1))
    assert not np.array_equal(draw(1), draw(2))
    assert not np.array_equal(draw(None), draw(None))
    first, second, third = draw(1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for numbers in (1 << 60, 1 << 10):
        monkeypatch.setattr("negw2v.layers.arrays.NUMBERS_PER_THREAD", numbers)
        sampler = UnigramSampler(counts=np.ones(50), seed=1)
        results.append(sampler.get_negative_sample(np.arange(1000) % 50))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"corpus": [0, 1, 2]}, ParameterError, "sample_size=5: .* only 2 words .*replace=True"),
        ({"corpus": [0, 0], "replace": True}, ParameterError, "only 0 words"),
        ({"counts": [1, 0, 0, 0, 0, 0, 0]}, ParameterError, "only 0 words"),
        ({"corpus": []}, InputTypeError, "non-empty"),
        ({"corpus": [0.0, 1.0, 2.0]}, InputTypeError, "pass counts="),
        ({"corpus": [[0, 1]]}, InputTypeError, r"shape \(1, 2\)"),
        ({"corpus": [0, -1]}, ParameterError, "corpus hold -1"),
        ({}, InputTypeError, "either a corpus"),
        ({"corpus": [0], "counts": [1]}, InputTypeError, "either a corpus"),
        ({"counts": [1, -1]}, ParameterError, "counts must be finite"),
        ({"counts": [1, np.nan]}, ParameterError, "counts must be finite"),
        ({"counts": [1, 2, 3], "vocab_size": 2}, ParameterError, "vocabulary only 2"),
        ({"corpus": {0: 3, 2.5: 1}}, InputTypeError, "integers"),
        ({"counts": np.ones(9), "power": np.inf}, ParameterError, "power=inf"),
        ({"counts": np.ones(9), "sample_size": 0}, ParameterError, "sample_size=0"),
        ({"counts": np.ones(9), "sample_size": 2.5}, ParameterError, "sample_size=2.5"),
    ],
)
def test_bad_input(arguments: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        UnigramSampler(**arguments)


def test_targets_outside_the_vocabulary() -> None:
    sampler = UnigramSampler(counts=np.ones(9))
    with pytest.raises(ParameterError, match=r"target hold 9"):
        sampler.get_negative_sample([9])
