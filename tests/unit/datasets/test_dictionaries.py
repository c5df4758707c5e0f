"""Text as ids, and the book's questions, in the book's form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v.datasets import ptb
from negw2v.datasets.dictionaries import (
    analogy,
    cos_similarity,
    create_contexts_target,
    most_similar,
    preprocess,
)
from negw2v.errors import InputTypeError, KeyNotFoundError, ParameterError

WORDS = ["king", "man", "queen", "woman", "child"]
TO_ID = {word: i for i, word in enumerate(WORDS)}
TO_WORD = dict(enumerate(WORDS))
VECTORS = np.array([[2, 0], [1, 0.1], [2, 1.6], [1, 1.2], [-1, 0]], np.float32)


def test_preprocess() -> None:
    corpus, word_to_id, id_to_word = preprocess("You say goodbye and I say hello.")
    assert corpus.tolist() == [0, 1, 2, 3, 4, 1, 5, 6]
    assert list(word_to_id) == ["you", "say", "goodbye", "and", "i", "hello", "."]
    assert id_to_word == {number: word for word, number in word_to_id.items()}
    assert preprocess("")[0].shape == (0,)
    with pytest.raises(InputTypeError, match="must be a str, not list"):
        preprocess(["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize("window", [1, 2])
def test_contexts_and_targets(window: int) -> None:
    corpus = np.array([0, 1, 2, 3, 4, 1, 5, 6])
    contexts, target = create_contexts_target(corpus, window)
    assert target.tolist() == corpus[window:-window].tolist()
    expected = [
        [*corpus[i - window : i], *corpus[i + 1 : i + window + 1]]
        for i in range(window, len(corpus) - window)
    ]
    assert contexts.tolist() == expected
    assert contexts.dtype == corpus.dtype
    contexts[:], target[:] = 9, 9
    assert corpus.max() == 6


@pytest.mark.parametrize(
    ("corpus", "window", "message"),
    [
        ([0, 1, 2, 3], 2, r"5 words \(window_size=2\) does not fit a corpus of shape \(4,\)"),
        ([[0, 1], [2, 3]], 1, r"shape \(2, 2\)"),
        ([0, 1, 2], 0, "window_size=0"),
        ([0, 1, 2], 1.5, "window_size=1.5"),
    ],
)
def test_windows_that_do_not_fit(corpus: Any, window: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        create_contexts_target(np.array(corpus), window)


def test_cosine() -> None:
    assert cos_similarity([1, 0], [1, 1]) == pytest.approx(np.sqrt(0.5))
    assert cos_similarity([0, 0], [1, 1]) == 0


def test_most_similar(capsys: pytest.CaptureFixture[str]) -> None:
    found = most_similar("king", TO_ID, TO_WORD, VECTORS, top=2)
    assert [word for word, _ in found] == ["man", "queen"]
    assert found[1][1] == pytest.approx(cos_similarity(VECTORS[0], VECTORS[2]), rel=1e-5)
    lines = capsys.readouterr().out.split("\n")
    assert lines == ["", "[query] king", *(f" {word}: {score}" for word, score in found), ""]
    assert len(most_similar("king", TO_ID, TO_WORD, VECTORS.astype(np.float16), top=99)) == 4


def test_analogy(capsys: pytest.CaptureFixture[str]) -> None:
    found = analogy("man", "king", "woman", TO_ID, TO_WORD, VECTORS, top=1, answer="child")
    direction = VECTORS[0] - VECTORS[1] + VECTORS[3]
    score = VECTORS[2] @ direction / np.linalg.norm(direction)
    assert found == [("queen", pytest.approx(score, rel=1e-5))]
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "[analogy] man:king = woman:?"
    assert lines[2].startswith("==>child:-")
    assert lines[3] == f" queen: {found[0][1]}"
    # the question's words are no answers
    assert [word for word, _ in analogy("man", "king", "woman", TO_ID, TO_WORD, VECTORS)] == [
        "queen",
        "child",
    ]


def test_unknown_words() -> None:
    with pytest.raises(KeyNotFoundError, match="'prince' is not found"):
        most_similar("prince", TO_ID, TO_WORD, VECTORS)
    with pytest.raises(KeyNotFoundError, match="'prince' is not found"):
        analogy("man", "king", "prince", TO_ID, TO_WORD, VECTORS)
    with pytest.raises(KeyNotFoundError, match="'prince' is not found"):
        analogy("man", "king", "woman", TO_ID, TO_WORD, VECTORS, answer="prince")
    with pytest.raises(ParameterError, match="top=0"):
        most_similar("king", TO_ID, TO_WORD, VECTORS, top=0)


def test_the_penn_treebank_has_the_books_ids(ptb_file: Path) -> None:
    corpus, word_to_id, id_to_word = ptb.load_data("train")
    assert corpus.dtype == np.int32
    assert len(corpus) == 929_589
    assert len(word_to_id) == len(id_to_word) == 10_000
    # what the book prints of it
    assert corpus[:30].tolist() == list(range(30))
    assert [id_to_word[i] for i in (0, 1, 2)] == ["aer", "banknote", "berlitz"]
    assert [word_to_id[word] for word in ("car", "happy", "lexus")] == [3856, 4428, 7426]
    assert id_to_word[24] == ptb.EOS
    text = ptb_file.read_text().replace("\n", ptb.EOS).split()
    assert [id_to_word[i] for i in corpus[-1000:].tolist()] == text[-1000:]
    for part, words in (("valid", 73_760), ("test", 82_430)):
        other, same, _ = ptb.load_data(part)  # type: ignore[arg-type]
        assert len(other) == words
        assert same == word_to_id
        assert other.max() < 10_000
    with pytest.raises(ParameterError, match="train, valid, test"):
        ptb.load_data("dev")  # type: ignore[arg-type]
