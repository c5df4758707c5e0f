"""Vocabulary arithmetic: by hand, by definition, and to the last bit as in gensim."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from negw2v import utils
from negw2v.corpus import vocabulary
from negw2v.corpus.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP
from negw2v.errors import ParameterError, VocabularyError


def keep_short(word: str, count: int, min_count: int) -> int:
    assert isinstance(count, int)
    if len(word) == 1:
        return RULE_KEEP
    return RULE_DISCARD if word == "cc" else RULE_DEFAULT


def test_fresh_vocabulary_by_hand() -> None:
    words = ["a", "bb", "cc", "dd", "ee"]
    found = vocabulary.prepare(words, [1, 5, 9, 2, 3], min_count=3, sample=0)
    assert found.kept.tolist() == [1, 2, 4]
    assert found.new == 3
    assert found.drop_total == 3
    assert found.sample_ints.tolist() == [2**32 - 1] * 3
    assert found.report == {
        "drop_unique": 2,
        "retain_total": 17,
        "downsample_unique": 0,
        "downsample_total": 17,
        "num_retained_words": 3,
    }
    ruled = vocabulary.prepare(words, [1, 5, 9, 2, 3], min_count=3, sample=0, trim_rule=keep_short)
    assert ruled.kept.tolist() == [0, 1, 4]


def test_growing_vocabulary_lists_new_words_first() -> None:
    found = vocabulary.prepare(
        ["a", "b", "c", "d"], [5, 6, 1, 7], min_count=2, sample=0, known={"a": 0, "d": 1, "x": 2}
    )
    assert found.kept.tolist() == [1, 0, 3]
    assert found.new == 1
    assert found.report["retain_total"] == 18
    assert found.report["drop_unique"] == 1


@pytest.mark.parametrize(
    ("most", "expected"), [(None, 1), (9, 1), (5, 1), (4, 2), (3, 4), (2, 4), (1, 5), (0, 10)]
)
def test_fitting_min_count(most: int | None, expected: int) -> None:
    counts = [1, 4, 3, 9, 3]
    assert vocabulary.fitting_min_count(counts, most) == expected


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(0, 31))
def test_fitting_min_count_is_the_smallest_that_fits(counts: list[int], most: int) -> None:
    least = vocabulary.fitting_min_count(counts, most)
    assert sum(count >= least for count in counts) <= most or least == 1
    assert least == 1 or sum(count >= least - 1 for count in counts) > most


def test_keep_probability_by_definition() -> None:
    counts = np.array([1000, 100, 1])
    found = vocabulary.downsample(counts, 1e-2)
    threshold = 1e-2 * 1101
    p = (math.sqrt(1000 / threshold) + 1) * threshold / 1000
    q = (math.sqrt(100 / threshold) + 1) * threshold / 100
    assert found.sample_ints.tolist() == [int(p * (2**32 - 1)), int(q * (2**32 - 1)), 2**32 - 1]
    assert found.unique == 2
    assert found.total == int(p * 1000 + q * 100 + 1)


def test_words_that_were_never_met_are_kept() -> None:
    found = vocabulary.downsample([0, 5], 1e-3)
    assert found.sample_ints[0] == 2**32 - 1
    assert vocabulary.downsample([0, 0], 1e-3).unique == 0
    assert vocabulary.downsample([], 1e-3).total == 0


def test_frequency_order_is_stable() -> None:
    assert vocabulary.frequency_order([2, 5, 2, 9, 5]).tolist() == [3, 1, 4, 0, 2]


@pytest.mark.parametrize("exponent", [0.75, 1.0, 0, -0.5, 0.5, 2])
def test_sampling_weights(exponent: float) -> None:
    weights = vocabulary.negative_sampling_weights([9, 0, 4, 1, 4], exponent)
    assert weights[1] == 0.0
    expected = [float(count) ** exponent if count else 0.0 for count in (9, 0, 4, 1, 4)]
    assert weights.tolist() == expected


def test_cumulative_table_by_hand() -> None:
    table = vocabulary.cumulative_table([1, 0, 2, 1], 1.0, domain=100)
    assert table.dtype == np.uint32
    assert table.tolist() == [25, 25, 75, 100]
    assert len(vocabulary.cumulative_table([], 0.75)) == 0


@pytest.mark.parametrize(
    ("counts", "exponent"), [([0, 0], 0.75), ([10**9], 400.0), ([3, 4], float("nan"))]
)
def test_weights_that_are_none(counts: list[int], exponent: float) -> None:
    with pytest.raises(ParameterError, match=f"ns_exponent={exponent!r}"):
        vocabulary.negative_sampling_weights(counts, exponent)


@pytest.mark.parametrize("counts", [[-1], [float("nan")], [float("inf")], ["a"]])
def test_counts_that_are_none(counts: Any) -> None:
    with pytest.raises(ParameterError, match="counts are finite numbers"):
        vocabulary.prepare(["a"], counts, min_count=1, sample=0)


def test_what_is_said_when_nothing_is_retained() -> None:
    error = vocabulary.nothing_retained(np.array([1, 3]), 5)
    assert isinstance(error, VocabularyError)
    assert "3 times" in str(error)
    assert "min_count=3 or less" in str(error)
    assert "trim_rule" in str(vocabulary.nothing_retained(np.array([9]), 5, keep_short))
    assert "no word was counted" in str(vocabulary.nothing_retained(np.array([]), 5))


def test_trimming_rules_have_their_names_in_utils() -> None:
    assert (utils.RULE_DEFAULT, utils.RULE_DISCARD, utils.RULE_KEEP) == (0, 1, 2)
    assert utils.keep_vocab_item("a", 1, 5, keep_short)
    assert not utils.keep_vocab_item("cc", 9, 5, keep_short)
    assert utils.keep_vocab_item("dd", 5, 5, keep_short)
    assert not utils.keep_vocab_item("dd", 4, 5)


# ---------------------------------------------------------------- gensim live

SETTINGS = [
    {"min_count": 1, "sample": 1e-3},
    {"min_count": 5, "sample": 1e-4},
    {"min_count": 3, "sample": 50.0},
    {"min_count": 1, "sample": 1.0},
    {"min_count": 2, "sample": 0},
    {"min_count": 2, "sample": 1e-3, "max_final_vocab": 100},
    {"min_count": 9, "sample": 1e-3, "max_final_vocab": 100},
    {"min_count": 1, "sample": 1e-3, "max_final_vocab": 10_000},
]


def _raw_vocab(seed: int) -> dict[str, int]:
    rng = np.random.default_rng(seed)
    counts = rng.zipf(1.3, 500).clip(max=10**7).tolist()
    return {f"w{i}": count for i, count in enumerate(counts)}


@pytest.mark.parametrize("rule", [None, lambda word, count, least: int(word[-1]) % 3])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_prepare_is_that_of_gensim(
    settings: dict[str, Any], rule: Callable[..., int] | None, gensim_word2vec: ModuleType
) -> None:
    raw = _raw_vocab(len(str(settings)))
    model = gensim_word2vec.Word2Vec(vector_size=1, sorted_vocab=0, **settings)
    model.raw_vocab = dict(raw)
    report = model.prepare_vocab(trim_rule=rule)
    words, counts = list(raw), list(raw.values())
    fitting = vocabulary.fitting_min_count(counts, settings.get("max_final_vocab"))
    least = max(fitting, settings["min_count"])
    assert least == model.effective_min_count
    found = vocabulary.prepare(
        words, counts, min_count=least, sample=settings["sample"], trim_rule=rule
    )
    assert [words[i] for i in found.kept] == model.wv.index_to_key
    assert found.report == report
    assert found.sample_ints.tolist() == model.wv.expandos["sample_int"].tolist()
    table = vocabulary.cumulative_table(np.array(counts)[found.kept], 0.75)
    assert table.tolist() == model.cum_table.tolist()
    more = {f"w{i}": 1 + i % 7 for i in range(450, 600)}
    model.raw_vocab = dict(more)
    report = model.prepare_vocab(update=True, trim_rule=rule)
    known = {words[i]: n for n, i in enumerate(found.kept)}
    grown = vocabulary.prepare(
        list(more),
        list(more.values()),
        min_count=model.effective_min_count,
        sample=settings["sample"],
        trim_rule=rule,
        known=known,
    )
    assert grown.report == report
    new = [list(more)[i] for i in grown.kept[: grown.new]]
    assert model.wv.index_to_key[len(known) :] == new
    ints = [model.wv.get_vecattr(list(more)[i], "sample_int") for i in grown.kept]
    assert grown.sample_ints.tolist() == ints


@pytest.mark.parametrize("exponent", [0.75, 0.5, 1.0, 0.0, -0.5, 1.5])
def test_cumulative_table_is_that_of_gensim(exponent: float, gensim_word2vec: ModuleType) -> None:
    raw = _raw_vocab(1)
    model = gensim_word2vec.Word2Vec(vector_size=1, min_count=1, ns_exponent=exponent)
    model.build_vocab_from_freq(dict(raw))
    counts = model.wv.expandos["count"]
    assert vocabulary.cumulative_table(counts, exponent).tolist() == model.cum_table.tolist()
