"""Analogy questions: the file's format, and what counts as correct."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import numpy as np
import pytest

from negw2v.errors import CorpusFileError, NegW2VError, NegW2VWarning, ParameterError
from negw2v.evaluation import analogies
from negw2v.evaluation.word_rows import WordRows
from negw2v.keyedvectors import KeyedVectors


@pytest.fixture
def kv() -> KeyedVectors:
    """Countries on one axis, capitals the same moved by another; then rarer words."""
    store = KeyedVectors(8)
    countries, capitals = ["France", "Spain", "Italy", "Peru"], ["paris", "madrid", "rome", "lima"]
    rows = np.eye(8)[:4]
    store.add_vectors(countries, rows)
    store.add_vectors(capitals, rows + 0.8 * np.eye(8)[4])
    store.add_vectors(["Rome", "word"], np.eye(8)[5:7])
    return store


def write(folder: Path, text: str) -> str:
    path = folder / "questions.txt"
    path.write_text(text, encoding="utf8")
    return str(path)


QUESTIONS = """: capital-common-countries
France paris Italy rome
france PARIS spain madrid
France paris Spain lima

: second section
paris France lima Peru
France paris Berlin berlin
"""


def test_sections_and_score(kv: KeyedVectors, tmp_path: Path) -> None:
    score, sections = kv.evaluate_word_analogies(write(tmp_path, QUESTIONS))
    assert score == 3 / 4
    right = [
        ("FRANCE", "PARIS", "ITALY", "ROME"),
        ("FRANCE", "PARIS", "SPAIN", "MADRID"),
        ("PARIS", "FRANCE", "LIMA", "PERU"),
    ]
    wrong = [("FRANCE", "PARIS", "SPAIN", "LIMA")]
    assert sections == [
        {"section": "capital-common-countries", "correct": right[:2], "incorrect": wrong},
        {"section": "second section", "correct": right[2:], "incorrect": []},
        {"section": "Total accuracy", "correct": right, "incorrect": wrong},
    ]


def test_case_counts_when_asked(kv: KeyedVectors, tmp_path: Path) -> None:
    score, sections = kv.evaluate_word_analogies(write(tmp_path, QUESTIONS), case_insensitive=False)
    assert score == 2 / 3
    assert sections[0]["correct"] == [("France", "paris", "Italy", "rome")]


def test_unknown_words_count_as_wrong_when_asked(kv: KeyedVectors, tmp_path: Path) -> None:
    score, sections = kv.evaluate_word_analogies(write(tmp_path, QUESTIONS), dummy4unknown=True)
    assert score == 3 / 5
    assert sections[1]["incorrect"] == [("FRANCE", "PARIS", "BERLIN", "BERLIN")]


@pytest.mark.parametrize("dummy", [False, True])
def test_questions_of_which_none_can_be_answered(
    kv: KeyedVectors, tmp_path: Path, dummy: bool
) -> None:
    path = write(tmp_path, ": capital\nathens greece baghdad iraq\nparis france x y\n")
    with pytest.warns(NegW2VWarning, match=r"none of the 2 questions .*'ATHENS' is mis") as caught:
        score, sections = kv.evaluate_word_analogies(path, dummy4unknown=dummy)
    assert caught[0].filename == __file__
    assert score == 0
    assert len(sections[-1]["incorrect"]) == 2 * dummy
    with pytest.warns(NegW2VWarning, match="look at case_insensitive and restrict_vocab"):
        kv.evaluate_word_analogies(write(tmp_path, QUESTIONS), restrict_vocab=2)


def test_restriction(kv: KeyedVectors, tmp_path: Path) -> None:
    _, sections = kv.evaluate_word_analogies(write(tmp_path, QUESTIONS), restrict_vocab=7)
    assert len(sections[-1]["correct"]) == 2
    assert len(sections[-1]["incorrect"]) == 0


def test_multiplication_is_another_method(kv: KeyedVectors, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    store = KeyedVectors(10)
    words = [f"w{row}" for row in range(60)]
    store.add_vectors(words, random.standard_normal((60, 10)))
    lines = []
    for _ in range(50):
        a, b, c = random.choice(words, 3, replace=False).tolist()
        answer = store.most_similar_cosmul([b, c], [a], topn=1)[0][0]
        lines.append(f"{a} {b} {c} {answer}")
    path = write(tmp_path, ": all\n" + "\n".join(lines))
    by_product, _ = store.evaluate_word_analogies(path, similarity_function="most_similar_cosmul")
    assert by_product == 1
    by_sum, _ = store.evaluate_word_analogies(path)
    assert by_sum < 1
    with pytest.raises(ParameterError, match=r"'similar'.*'most_similar_cosmul'"):
        kv.evaluate_word_analogies(path, similarity_function="similar")


def test_all_questions_out_of_vocabulary(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path, ": only\nu v w x\n")
    empty = {"section": "only", "correct": [], "incorrect": []}
    with pytest.warns(NegW2VWarning, match="none of the 1 questions"):
        assert kv.evaluate_word_analogies(path) == (
            0.0,
            [empty, {**empty, "section": "Total accuracy"}],
        )
    with pytest.warns(NegW2VWarning, match="none of the 1 questions"):
        score, sections = kv.evaluate_word_analogies(path, dummy4unknown=True)
    assert (score, len(sections[-1]["incorrect"])) == (0.0, 1)
    with pytest.warns(NegW2VWarning, match="none of the 1 questions"):
        assert KeyedVectors(3).evaluate_word_analogies(path)[0] == 0.0


def test_malformed_lines_are_named(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path, QUESTIONS + "five words are too many\n\ntwo words\n")
    with pytest.warns(NegW2VWarning, match=r"2 lines .* line 9: 'five words are too many'") as seen:
        score, _ = kv.evaluate_word_analogies(path)
    assert score == 3 / 4
    assert seen[0].filename == __file__


def test_questions_before_a_section(kv: KeyedVectors, tmp_path: Path) -> None:
    path = write(tmp_path, "France paris Italy rome\n")
    with pytest.raises(ParameterError, match=r"line 1: 'France paris Italy rome'.*': capitals'"):
        kv.evaluate_word_analogies(path)


@pytest.mark.parametrize("text", ["", ": a section\n", ": a section\n\n: another\n"])
def test_no_question_at_all(kv: KeyedVectors, tmp_path: Path, text: str) -> None:
    with pytest.raises(ParameterError, match="no question"):
        kv.evaluate_word_analogies(write(tmp_path, text))


def test_files_of_other_kinds(kv: KeyedVectors, tmp_path: Path) -> None:
    packed = tmp_path / "questions.txt.gz"
    packed.write_bytes(gzip.compress(("\ufeff" + QUESTIONS).replace("\n", "\r\n").encode()))
    assert kv.evaluate_word_analogies(packed)[0] == 3 / 4
    with pytest.raises(CorpusFileError, match="no file"):
        kv.evaluate_word_analogies(tmp_path / "nothing.txt")
    (tmp_path / "latin.txt").write_bytes(QUESTIONS.encode() + "Perú".encode("latin-1"))
    with pytest.raises(NegW2VError, match="line 9"):
        kv.evaluate_word_analogies(tmp_path / "latin.txt")


def test_scores_are_logged(
    kv: KeyedVectors, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="negw2v")
    _, sections = kv.evaluate_word_analogies(write(tmp_path, QUESTIONS))
    assert "capital-common-countries: 66.7% (2/3)" in caplog.messages
    assert "Total accuracy: 75.0% (3/4)" in caplog.messages
    caplog.clear()
    kv.log_accuracy(sections[1])
    assert caplog.messages == ["second section: 100.0% (1/1)"]


# the rules for an answer, on rows alone


def answer(
    found: list[int], question: list[int], keys: list[str], insensitive: bool = True
) -> bool:
    words = WordRows(keys, None, insensitive)
    spelled = tuple(words.spelling(keys[row]) for row in question)
    section = analogies.Section("s", [spelled])
    score, _ = analogies.evaluate([section], words, lambda _: np.array([found], dtype=np.int64))
    return score == 1


KEYS = ["a", "b", "c", "d", "A", "D", "e"]


def test_the_first_answer_counts() -> None:
    assert answer([3, 6, -1], [0, 1, 2, 3], KEYS)
    assert not answer([6, 3, -1], [0, 1, 2, 3], KEYS)


def test_other_spellings_of_the_question_are_passed_over() -> None:
    assert answer([4, 3, 6], [0, 1, 2, 3], KEYS)
    assert not answer([4, 3, 6], [0, 1, 2, 3], KEYS, insensitive=False)


def test_any_spelling_of_the_answer_counts() -> None:
    assert answer([5], [0, 1, 2, 3], KEYS)
    assert not answer([5], [0, 1, 2, 3], KEYS, insensitive=False)


def test_nothing_found() -> None:
    assert not answer([-1, -1], [0, 1, 2, 3], KEYS)
    assert not answer([], [0, 1, 2, 3], KEYS)


def test_keys_that_are_no_words() -> None:
    words = WordRows(["a", 7, None, "A", (1, 2)], None, case_insensitive=True)
    assert words.representatives.tolist() == [0, 1, 2, 0, 4]
    assert words.find(["A"]) == [0]
    assert words.find(["a"]) is None


def test_the_google_questions(data_dir: Path) -> None:
    path = data_dir / "eval" / "questions-words.txt"
    if not path.is_file():
        pytest.skip(f"needs the analogy questions at {path}")
    sections = analogies.read_questions(path, WordRows([], None, case_insensitive=False))
    assert len(sections) == 14
    assert sum(len(section.questions) for section in sections) == 19544
    assert sections[0].name == "capital-common-countries"
    assert sections[0].questions[0] == ("Athens", "Greece", "Baghdad", "Iraq")
