"""Likely mistakes in a corpus: each is found where it is, and clean text has none."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from negw2v.corpus import mistakes
from negw2v.corpus.readers import LineSentence

TEXT = "the cat sat on the mat and the dog saw it there".split()


def named(sentences: list[list[Any]], kept: int = 10, min_count: float = 1) -> set[str]:
    counts: dict[Any, int] = {}
    for word in itertools.chain(*sentences):
        counts[word] = counts.get(word, 0) + 1
    total = sum(counts.values())
    return {each.name for each in mistakes.found_in(sentences, counts, kept, total, min_count)}


def test_clean_sentences_have_none() -> None:
    assert named([TEXT] * 100) == set()
    assert named([[1, 2, 3], [(1, 2), b"x"]] * 50) == set()  # words need not be text


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("one_token_per_line", [[word] for word in TEXT] * 3),
        ("giant_line", [TEXT * 1000]),
        ("punctuation_attached", ["the cat sat, the dog sat.".split(), "( sat the cat )".split()]),
        ("mixed_case", ["The cat saw the dog".split()] * 20),
        ("markup", ["<p> the cat </p>".split()] * 20),
        ("markup", ["see [[the cat|cats]] and {{cite web}} &nbsp;".split()] * 20),
        ("markup", ['<a href="x"> there </a>'.split()] * 20),
        ("binary_file", [["the", "c\0t", "\x01\x02"]] * 20),
        ("binary_file", [["caf\ufffd", "the"]] * 20),
        ("unsegmented", [["今天天气很好我们一起去公园散步然后回家吃饭", "吧"]] * 20),
    ],
)
def test_each_mistake_alone(name: str, sentences: list[list[str]]) -> None:
    assert named(sentences) == {name}


def test_messages_have_the_share_and_an_example() -> None:
    said = mistakes.punctuation_attached({"cat": 70, "cat,": 20, "dog.": 10})
    assert said is not None  # dog alone does not occur: an abbreviation, perhaps
    assert said.startswith("20.0 % of the words have punctuation stuck to them, such as 'cat,'")
    said = mistakes.mixed_case({"the": 90, "The": 8, "NATO": 50, "Ab": 1, "ab": 1})
    assert said is not None
    assert said.startswith("6.0 % of the words occur in small letters, too: 'The' and 'the'")


@pytest.mark.parametrize(
    ("found", "limit"),
    [
        (lambda n: mistakes.one_token_per_line([["a"]] * n + [["a", "b"]] * (100 - n)), 50),
        (lambda n: mistakes.giant_line([["a"] * (9_900 + n)]), 100),
        (lambda n: mistakes.punctuation_attached({"a": 1000 - n, "a.": n}), 30),
        (lambda n: mistakes.mixed_case({"a": 1000 - n, "A": n}), 20),
        (lambda n: mistakes.markup([["<p>"] * n + ["a"] * (10_000 - n)]), 20),
        (lambda n: mistakes.binary_file([["\0" * n + "a" * (100_000 - n)]]), 100),
        (lambda n: mistakes.unsegmented([["a" * 20] * n + ["a"] * 20 * (100 - n)]), 30),
        (lambda n: mistakes.rare_words_only(100, 100, 2, 100 - n, 5), 50),
        (lambda n: mistakes.rare_words_only(1000, 1000, 41 - n, 1000, 5), 31),
    ],
)
def test_limits(found: Any, limit: int) -> None:
    assert found(limit) is not None
    assert found(limit - 1) is None


def test_few_sentences_of_one_word_are_no_mistake() -> None:
    assert mistakes.one_token_per_line([["a"]] * 9) is None


def test_angle_brackets_alone_are_no_markup() -> None:
    assert mistakes.markup([["<unk>", "<s>", "</s>", "a<b", "<num>", "R&D"]] * 100) is None


def test_of_many_words_the_most_frequent_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "MOST_FREQUENT", 2)
    rest = {f"word{number}": 2 for number in range(50)}
    assert named([["the"] * 50 + ["The"] * 40 + [*rest] * 2]) == {"mixed_case"}
    assert named([["the"] * 2 + ["The"] * 2 + ["a"] * 500 + ["b"] * 400 + ["c"] * 300]) == set()


def test_the_penn_treebank_has_none(ptb_file: Path) -> None:
    assert named(list(itertools.islice(LineSentence(ptb_file), 10_000)), kept=9_000) == set()
