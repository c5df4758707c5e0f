"""Judgements of similarity: the file's format, and the coefficients."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.errors import CorpusDecodeError, NegW2VWarning, ParameterError
from negw2v.evaluation import word_pairs
from negw2v.keyedvectors import KeyedVectors


@pytest.fixture
def kv() -> KeyedVectors:
    """Words in a half circle: the farther apart in the alphabet, the less similar."""
    store = KeyedVectors(2)
    angles = np.linspace(0, np.pi, 6)
    store.add_vectors(list("abcdef"), np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return store


def write(folder: Path, text: str) -> str:
    path = folder / "pairs.txt"
    path.write_text(text, encoding="utf8")
    return str(path)


PAIRS = "# word 1\tword 2\tscore\na\tb\t9\nA\tC\t7.5\na\td\t5\nc\tf\t5.5\na\tf\t0\na\tunknown\t3\n"


def test_coefficients(kv: KeyedVectors, tmp_path: Path) -> None:
    pearson, spearman, unknown = kv.evaluate_word_pairs(write(tmp_path, PAIRS))
    gold = [9, 7.5, 5, 5.5, 0]
    cosines = [np.cos(np.pi / 5 * steps) for steps in (1, 2, 3, 3, 5)]
    assert pearson.statistic == pytest.approx(np.corrcoef(gold, cosines)[0, 1])
    assert spearman[0] == pytest.approx(np.corrcoef([5, 4, 2, 3, 1], [5, 4, 2.5, 2.5, 1])[0, 1])
    assert unknown == pytest.approx(100 / 6)
    statistic, pvalue = pearson
    assert (type(statistic), type(pvalue)) == (float, float)


def test_unknown_words_as_dissimilar(kv: KeyedVectors, tmp_path: Path) -> None:
    pearson, _, unknown = kv.evaluate_word_pairs(write(tmp_path, PAIRS), dummy4unknown=True)
    cosines = [np.cos(np.pi / 5 * steps) for steps in (1, 2, 3, 3, 5)] + [0]
    expected = np.corrcoef([9, 7.5, 5, 5.5, 0, 3], cosines)[0, 1]
    assert pearson.statistic == pytest.approx(expected)
    assert unknown == pytest.approx(100 / 6)


def test_case_and_restriction(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path, PAIRS)
    assert kv.evaluate_word_pairs(path, case_insensitive=False)[2] == pytest.approx(100 * 2 / 6)
    assert kv.evaluate_word_pairs(path, restrict_vocab=5)[2] == pytest.approx(100 * 3 / 6)


def test_without_scipy_only_the_pvalues_are_missing(
    kv: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, PAIRS)
    expected = kv.evaluate_word_pairs(path)
    monkeypatch.setattr(word_pairs.util, "find_spec", lambda name: None)
    found = kv.evaluate_word_pairs(path)
    assert [part.statistic for part in found[:2]] == [part.statistic for part in expected[:2]]
    assert np.isnan([part.pvalue for part in found[:2]]).all()


def test_other_separators_and_encodings(kv: KeyedVectors, tmp_path: Path) -> None:
    kv.add_vectors(["é"], np.array([[1, 1]]))
    path = tmp_path / "pairs.csv"
    path.write_bytes("a,é,3\r\na,b,7\r\nc,f,1\r\n".encode("latin-1"))
    assert kv.evaluate_word_pairs(path, delimiter=",", encoding="latin-1")[2] == 0
    with pytest.raises(CorpusDecodeError, match="line 1"):
        kv.evaluate_word_pairs(path, delimiter=",")
    with pytest.raises(ParameterError, match="line 1"):
        kv.evaluate_word_pairs(path, delimiter=",", encoding="ascii")


def test_malformed_lines_are_named(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path, PAIRS + "a\tb\nc\td\tvery\n\n")
    with pytest.warns(NegW2VWarning, match=r"2 lines .* line 8: 'a\\tb'") as seen:
        found = kv.evaluate_word_pairs(path)
    assert seen[0].filename == __file__
    np.testing.assert_equal(found, kv.evaluate_word_pairs(write(tmp_path, PAIRS)))  # NaN, too


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no judgement"),
        ("# only a comment\n", "no judgement"),
        ("u\tv\t3\nx\ty\t4\n", "none of the 2 pairs"),
        ("a\tb\t3\nx\ty\t4\n", "at least two pairs; there is 1"),
    ],
)
def test_too_little_to_correlate(kv: KeyedVectors, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        kv.evaluate_word_pairs(write(tmp_path, text))


def test_figures_are_logged(
    kv: KeyedVectors, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="negw2v")
    path = write(tmp_path, PAIRS)
    found = kv.evaluate_word_pairs(path)
    logged = list(caplog.messages)
    assert f"{found[0][0]:.4f}" in logged[0]
    assert f"{found[1][0]:.4f}" in logged[1]
    assert logged[2].endswith("16.7%")
    caplog.clear()
    kv.log_evaluate_word_pairs(*found, path)
    assert caplog.messages == logged


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=30))
def test_coefficients_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    stats = pytest.importorskip("scipy.stats")
    first, second = np.array(pairs).T
    ours = word_pairs.pearson(first, second), word_pairs.spearman(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert np.isnan(ours).all()
        return
    theirs = stats.pearsonr(first, second), stats.spearmanr(first, second)
    for one, other in zip(ours, theirs, strict=True):
        assert one.statistic == pytest.approx(other.statistic, abs=1e-12)
        if abs(one.statistic) < 1 - 1e-9 and len(pairs) > 2:
            assert one.pvalue == pytest.approx(other.pvalue, rel=1e-6, abs=1e-12)
