"""What is refused as a corpus, and with which words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v.corpus.columns import ColumnCorpus
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.readers import LineSentence
from negw2v.corpus.sentences import ListCorpus, StreamCorpus
from negw2v.errors import CorpusFileError, InputTypeError, OneShotCorpusError


def test_neither_or_both() -> None:
    with pytest.raises(InputTypeError, match=r"give either corpus_iterable.*or corpus_file$"):
        open_corpus(workers=1, passes=1)
    with pytest.raises(TypeError, match="not both"):
        open_corpus([["a"]], "file.txt", workers=1, passes=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("text.txt", "corpus_iterable is a str.*given as corpus_file"),
        (b"text", "corpus_iterable is a bytes"),
        (Path("text.txt"), "given as corpus_file"),
        ({"a": 1}, "corpus_iterable is a dict"),
        (7, "is a int, which is not iterable"),
        (["a line of text"], "sentence 0 .* is the str 'a line of text'"),
        (("a line",), "sentence 0 .* is the str"),
        ([1, 2, 3], "sentence 0 .* is 1 of type int.*a list of its own"),
        (np.zeros((2, 2)), "array of float64 with 2 dim"),
        (np.zeros(3, int), "array of int64 with 1 dim"),
        (np.array(["a b", "c"]), "array of <U3 with 1 dim"),
    ],
)
def test_what_is_not_sentences(given: Any, message: str) -> None:
    with pytest.raises(InputTypeError, match=message):
        open_corpus(given, workers=1, passes=1)


class Counter:
    """An iterator by hand."""

    def __iter__(self) -> Counter:
        return self

    def __next__(self) -> list[str]:
        raise StopIteration


@pytest.mark.parametrize(
    "one_shot",
    [
        (s for s in [["a"]]),
        map(str.split, ["a b"]),
        iter([["a"]]),
        zip("ab", "cd", strict=True),
        Counter(),
    ],
    ids=lambda x: type(x).__name__,
)
def test_iterators_are_good_for_one_pass(one_shot: Iterator[Any]) -> None:
    name = type(one_shot).__name__
    with pytest.raises(OneShotCorpusError, match=f"is a {name}, which can be read only once.* 6 p"):
        open_corpus(one_shot, workers=1, passes=6)
    with pytest.raises(TypeError):
        open_corpus(one_shot, workers=1, passes=2)
    assert isinstance(open_corpus(one_shot, workers=1, passes=1), StreamCorpus)


def test_one_pass_over_a_generator() -> None:
    corpus = open_corpus((s for s in [["a", "b"], ["a"]]), workers=1, passes=1)
    assert corpus.scan().counts.tolist() == [2, 1]
    corpus = open_corpus((s for s in [["a", "b"], ["a"]]), workers=1, passes=1)
    (block,) = corpus.blocks({"a": 0})
    assert block.tokens.tolist() == [0, 0]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    for wrong, message in (
        (missing, r"missing\.txt' does not exist"),
        (tmp_path, "there is no file in the folder"),
    ):
        with pytest.raises(CorpusFileError, match=message):
            open_corpus(corpus_file=wrong, workers=1, passes=1)
        # gensim's type, and Python's
        with pytest.raises(TypeError):
            open_corpus(corpus_file=str(wrong), workers=1, passes=1)
        with pytest.raises(FileNotFoundError):
            open_corpus(corpus_file=wrong, workers=1, passes=1)
        with pytest.raises(CorpusFileError):
            open_corpus(LineSentence(wrong), workers=1, passes=1).scan()
    with pytest.raises(InputTypeError, match="not a list; sentences in memory"):
        open_corpus(corpus_file=[["a"]], workers=1, passes=1)


def test_which_way_each_corpus_goes(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("a b\n")
    with path.open("rb") as file:
        for given, kind in (
            ([["a"]], ListCorpus),
            ((["a"],), ListCorpus),
            (np.array([[1, 2]]), ColumnCorpus),
            (np.array([["a", "b"]]), ListCorpus),
            (LineSentence(path), FileCorpus),
            (LineSentence(file), StreamCorpus),
        ):
            corpus = open_corpus(given, workers=1, passes=2)
            assert isinstance(corpus, kind)
            assert corpus.interned is (kind is not StreamCorpus)
            assert corpus.scan().corpus_count == 1
