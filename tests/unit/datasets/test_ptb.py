"""The Penn Treebank's figures are those of the literature."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from negw2v.datasets import benchmarks, ptb, wiki17
from negw2v.errors import DatasetError, ParameterError


@pytest.mark.parametrize(
    ("part", "count", "words"),
    [("train", 42_068, 929_589), ("valid", 3_370, 73_760), ("test", 3_761, 82_430)],
)
def test_counts(ptb_file: Path, part: ptb.Part, count: int, words: int) -> None:
    sentences = ptb.sentences(part, eos=True)
    assert len(sentences) == count
    assert sum(map(len, sentences)) == words
    assert all(sentence[-1] == ptb.EOS for sentence in sentences)


def test_vocabulary(ptb_file: Path, repository: Path) -> None:
    counts = Counter(word for sentence in ptb.sentences() for word in sentence)
    assert len(counts) == 9_999
    document = (repository / "docs" / "data.md").read_text(encoding="utf-8")
    assert f"{counts.total():,} words of training text, {len(counts):,} different" in document
    assert ptb.EOS not in counts
    assert ptb.path() == ptb_file


def test_unknown_part() -> None:
    with pytest.raises(ParameterError, match=r"'dev'.*train, valid, test"):
        ptb.path("dev")  # type: ignore[arg-type]


def test_without_data_the_error_names_the_ways(offline: dict[str, str]) -> None:
    with pytest.raises(DatasetError, match=r"ptb\.train\.txt is not available"):
        ptb.path()


@pytest.mark.parametrize(
    ("name", "pairs"), [("wordsim353", 353), ("simlex999", 999), ("men", 3_000), ("rg65", 65)]
)
def test_word_pairs(data_dir: Path, name: benchmarks.WordPairs, pairs: int) -> None:
    rows = [line.split("\t") for line in benchmarks.word_pairs(name).read_text().splitlines()]
    assert len(rows) == pairs
    assert all(len(row) == 3 and float(row[2]) >= 0 for row in rows)


def test_unknown_word_pairs() -> None:
    with pytest.raises(ParameterError, match=r"'ws353'.*wordsim353, simlex999, men, rg65"):
        benchmarks.word_pairs("ws353")  # type: ignore[arg-type]


def test_analogies(data_dir: Path) -> None:
    lines = benchmarks.analogies().read_text().splitlines()
    assert sum(not line.startswith(":") for line in lines) == 19_544


def test_wiki17(data_dir: Path) -> None:
    assert wiki17.path() == data_dir / "wiki17" / "wiki17.txt.gz"
