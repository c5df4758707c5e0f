"""Accuracy on analogy questions: "a is to b as c is to ?".

The file format is that of word2vec's ``questions-words.txt``: sections that begin with a line
``: name``, and in them lines of four words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from negw2v.arrays import Int64s
from negw2v.errors import ParameterError, warn
from negw2v.evaluation.files import read_lines, warn_of_malformed
from negw2v.evaluation.word_rows import WordRows

__all__ = ["ANSWERS", "Section", "accuracy", "evaluate", "read_questions"]

logger = logging.getLogger(__name__)

Question = tuple[str, str, str, str]

#: Candidates per question. The first one whose spelling is not that of a, b or c counts.
ANSWERS = 5


@dataclass
class Section:
    """A section of a question file.

    Parameters
    ----------
    name
        Its title.
    questions
        Its questions, four words each; in upper case if case is ignored.
    """

    name: str
    questions: list[Question] = field(default_factory=list)


def read_questions(path: str | PathLike[str], words: WordRows) -> list[Section]:
    """All sections of a question file.

    Parameters
    ----------
    path
        Text file in UTF-8, possibly compressed.
    words
        The vocabulary; it decides whether case is ignored.

    Raises
    ------
    ParameterError
        A question stands before the first section, or there are no questions.

    Warns
    -----
    NegW2VWarning
        Some lines are neither a title nor four words; they were left out.
    """
    sections: list[Section] = []
    malformed: list[tuple[int, str]] = []
    for number, line in enumerate(read_lines(path), 1):
        if line.startswith(": "):
            sections.append(Section(line.lstrip(": ").strip()))
            continue
        parts = words.spelling(line).split()
        if not parts:
            continue
        if not sections:
            raise ParameterError(
                f"{path}, line {number}: {line.strip()!r} stands before the first section; "
                "sections begin with a line such as ': capitals'"
            )
        if len(parts) == 4:
            sections[-1].questions.append((parts[0], parts[1], parts[2], parts[3]))
        else:
            malformed.append((number, line.strip()))
    warn_of_malformed(path, malformed, "four words")
    if not any(section.questions for section in sections):
        raise ParameterError(
            f"{path} has no question in it; each is a line of four words in a section that "
            "begins with a line such as ': capitals'"
        )
    return sections


def accuracy(section: dict[str, Any]) -> float:
    """The share of correct answers in a section's result, 0 without answers; it is logged."""
    correct, incorrect = len(section["correct"]), len(section["incorrect"])
    if not correct + incorrect:
        return 0.0
    score = correct / (correct + incorrect)
    logger.info("%s: %.1f%% (%i/%i)", section["section"], 100 * score, correct, correct + incorrect)
    return score


def _answers(best: Int64s, questions: Int64s, words: WordRows) -> Int64s:
    """The answer to each question: the first candidate that is not spelled like a, b or c.

    If all are, it is the last one; -1 if there are no candidates.
    """
    spelled = np.where(best >= 0, np.append(words.representatives, -1)[best], -1)
    is_own = (spelled[:, :, np.newaxis] == questions[:, np.newaxis, :3]).any(axis=2)
    found = spelled >= 0
    usable = found & ~is_own
    if not best.shape[1]:
        return np.full(len(questions), -1, dtype=np.int64)
    chosen = np.where(usable.any(axis=1), usable.argmax(axis=1), found.sum(axis=1) - 1)
    return np.where(found.any(axis=1), spelled[np.arange(len(spelled)), chosen], -1)


def evaluate(
    sections: list[Section],
    words: WordRows,
    solve: Callable[[Int64s], Int64s],
    dummy4unknown: bool = False,
) -> tuple[float, list[dict[str, Any]]]:
    """Accuracy in each section and over all.

    Parameters
    ----------
    sections
        The questions.
    words
        The vocabulary; a question with a word outside it is left out.
    solve
        Answers questions: from int64 (n, 3), the rows of a, b and c, to int64 (n, k), the rows
        of the best :data:`ANSWERS` candidates, best first, then -1.
    dummy4unknown
        Count questions with unknown words as wrong answers, instead of leaving them out.

    Returns
    -------
    score : float
        The share of correct answers over all.
    sections : list of dict
        For each section ``section`` (its name), ``correct`` and ``incorrect`` (lists of
        questions); the last is "Total accuracy".

    Warns
    -----
    NegW2VWarning
        Every question has an unknown word.
    """
    flat = [question for section in sections for question in section.questions]
    found = [words.find(question) for question in flat]
    asked = np.array([rows for rows in found if rows is not None], dtype=np.int64).reshape(-1, 4)
    if not len(asked):
        missing = next(word for word in flat[0] if words.find([word]) is None)
        warn(
            f"none of the {len(flat)} questions has four words with vectors, so the accuracy "
            f"says nothing about them (of the first, {missing!r} is missing); look at "
            "case_insensitive and restrict_vocab"
        )
    answers = _answers(solve(np.ascontiguousarray(asked[:, :3])), asked, words)
    verdicts = iter((answers == asked[:, 3]).tolist())
    pairs = iter(zip(flat, found, strict=True))
    results: list[dict[str, Any]] = []
    for section in sections:
        correct: list[Question] = []
        incorrect: list[Question] = []
        for _ in section.questions:
            question, rows = next(pairs)
            if rows is None:
                if dummy4unknown:
                    incorrect.append(question)
            elif next(verdicts):
                correct.append(question)
            else:
                incorrect.append(question)
        results.append({"section": section.name, "correct": correct, "incorrect": incorrect})
        accuracy(results[-1])
    total = {
        "section": "Total accuracy",
        "correct": [question for result in results for question in result["correct"]],
        "incorrect": [question for result in results for question in result["incorrect"]],
    }
    unknown = 100 * (1 - len(asked) / len(flat))
    logger.info(
        "%.1f%% of the questions have a word outside the vocabulary and were %s",
        unknown,
        "counted as wrong" if dummy4unknown else "left out (dummy4unknown=True counts them)",
    )
    score = accuracy(total)
    return score, [*results, total]
