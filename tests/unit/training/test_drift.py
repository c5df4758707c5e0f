"""Drift: cosines of rows with what they were, which words are measured, what is shown."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest

from negw2v.training import drift
from negw2v.training.drift import Baseline, DriftReport

WORDS = ["the", "bank", "river", "new"]
BEFORE = np.array([[1, 0], [0, 2], [3, 4], [9, 9]], dtype=np.float32)
AFTER = np.array([[1, 0], [2, 2], [4, -3], [5, 5]], dtype=np.float32)


def report(anchor: float = 0.0, old_words: int = 3) -> DriftReport:
    counts = np.array([7, 30, 9, 100])
    return Baseline.of(BEFORE, counts, old_words, anchor).report(WORDS, AFTER)


def test_the_cosine_of_each_old_word_with_what_it_was() -> None:
    found = report()
    assert list(found.cosines) == ["bank", "river", "the"]  # the most frequent first
    assert found.cosines == pytest.approx({"bank": math.sqrt(0.5), "river": 0.0, "the": 1.0})
    assert (found.old_words, found.new_words, found.unmoved) == (3, 1, 1)
    assert found.mean == pytest.approx((math.sqrt(0.5) + 1) / 3)
    assert found.median == pytest.approx(math.sqrt(0.5))
    assert [word for word, _ in found.moved_most(2)] == ["river", "bank"]


def test_it_keeps_the_vectors_as_they_were() -> None:
    vectors = BEFORE.copy()
    baseline = Baseline.of(vectors, np.arange(4), 3, 0.0)
    vectors *= -1
    assert set(baseline.report(WORDS, vectors).cosines.values()) == {-1.0}


def test_no_more_than_the_most_frequent_words_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "MOST_WORDS", 2)
    assert list(report().cosines) == ["bank", "river"]
    assert report().old_words == 3


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_vectors_of_any_type(kind: type) -> None:
    found = Baseline.of(BEFORE.astype(kind), np.zeros(4), 3, 0.0).report(WORDS, AFTER.astype(kind))
    assert found.cosines == pytest.approx(report().cosines)


def test_vectors_without_a_direction_have_the_cosine_zero() -> None:
    after = np.array([[0, 0], [np.nan, 1], [np.inf, 1], [1, 1]], dtype=np.float32)
    found = Baseline.of(BEFORE, np.arange(4), 3, 0.0).report(WORDS, after)
    assert set(found.cosines.values()) == {0.0}
    huge = np.float32([[1e30, 0], [1e30, 1e30]])
    stretched = Baseline.of(huge, np.arange(2), 2, 0.0).report(WORDS[:2], huge / 2)
    assert set(stretched.cosines.values()) == {1.0}
    zero = np.zeros((2, 2), np.float32)
    same = Baseline.of(zero, np.arange(2), 2, 0.0).report(WORDS[:2], zero)
    assert set(same.cosines.values()) == {1.0}


def test_words_that_are_gone_are_left_out() -> None:
    baseline = Baseline.of(BEFORE, np.array([7, 30, 9, 100]), 3, 0.0)
    assert list(baseline.report(WORDS[:2], AFTER[:2]).cosines) == ["bank", "the"]
    rarest_first = Baseline.of(np.eye(3, dtype=np.float32), np.array([1, 5, 9]), 3, 0.0)
    kept = rarest_first.report(["a", "b"], np.eye(3)[:2])
    assert kept.cosines == {"b": 1.0, "a": 1.0}


def test_what_is_printed() -> None:
    assert str(report(anchor=0.5)).splitlines() == [
        "old words, new words        3, 1",
        "  old words measured        3",
        "    unmoved                 1",
        "cosine with before          mean 0.569, median 0.707",
        "  lowest                    river 0.00, bank 0.71, the 1.00",
        "anchor                      0.5",
    ]


def test_notebooks_show_the_same_lines() -> None:
    texts: list[str] = []

    class Cells(HTMLParser):
        def handle_data(self, data: str) -> None:
            texts.append(data)

    hostile = DriftReport(1, 0, 0.0, {"<script>": 0.5}, 0)
    Cells().feed(hostile._repr_html_())
    assert texts == ["drift", *(text.strip() for row in hostile.rows() for text in row)]
    assert "<script> 0.50" in texts


def test_json_can_hold_it() -> None:
    keys = {("walk", "VB"): 0.25, b"bytes": 0.5, 7: 0.75}
    found = json.loads(json.dumps(DriftReport(3, 2, 0.5, keys, 0).to_dict()))
    assert found == {
        "old_words": 3,
        "new_words": 2,
        "anchor": 0.5,
        "measured": 3,
        "unmoved": 0,
        "mean": 0.5,
        "median": 0.5,
        "moved_most": [["('walk', 'VB')", 0.25], ["b'bytes'", 0.5], [7, 0.75]],
    }
    empty = DriftReport(0, 0, 0.0, {}, 0)
    assert math.isnan(empty.mean)
    assert math.isnan(empty.median)
    assert empty.to_dict()["mean"] is empty.to_dict()["median"] is None


def test_a_checkpoint_holds_it() -> None:
    baseline = Baseline.of(BEFORE, np.array([7, 30, 9, 100]), 3, 0.25)
    content, arrays = baseline.to_parts()
    read = Baseline.from_parts(json.loads(json.dumps(content)), arrays)
    assert read.report(WORDS, AFTER) == baseline.report(WORDS, AFTER)
    for name, value, said in (
        ("anchor", 2, "'anchor': 2"),
        ("old_words", 1, "'old_words': 1"),
        ("anchor", "x", "could not convert"),
    ):
        with pytest.raises(ValueError, match=said):
            Baseline.from_parts({**content, name: value}, arrays)
    with pytest.raises(ValueError, match="cannot reshape"):
        Baseline.from_parts(content, {**arrays, "drift_vectors": np.zeros(7, np.float32)})
