"""Evaluations against people's judgements."""

from __future__ import annotations

import logging
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError
from negw2v.evaluation import analogies as analogy_questions
from negw2v.evaluation import word_pairs
from negw2v.evaluation.word_rows import WordRows
from negw2v.keyedvectors.neighbours import Neighbours
from negw2v.search import cosine, nearest

__all__ = ["Evaluation"]

logger = logging.getLogger(__name__)


class Evaluation(Neighbours):
    """Evaluations of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def evaluate_word_analogies(
        self,
        analogies: str | PathLike[str],
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """Accuracy on analogy questions: "a is to b as c is to ?".

        Parameters
        ----------
        analogies
            Path of a file of sections (lines ``: name``) of questions (lines of four words),
            such as word2vec's ``questions-words.txt``.
        restrict_vocab
            Only the first so many keys can be asked for and answered; None: all.
        case_insensitive
            Compare words in upper case; of keys that are equal then, the first one counts.
        dummy4unknown
            Count questions with unknown words as answered wrongly, instead of leaving them
            out.
        similarity_function
            "most_similar" (3CosAdd) or "most_similar_cosmul" (3CosMul).

        Returns
        -------
        score : float
            The share of questions that were answered correctly, 0.0 if all were left out.
        sections : list of dict
            For each section ``section`` (its name), ``correct`` and ``incorrect`` (lists of
            questions, four words each); the last is "Total accuracy".

        Raises
        ------
        ParameterError
            The file has a question outside of any section, or none at all.

        Warns
        -----
        NegW2VWarning
            Lines of the file that are not four words were left out; or none of its questions
            can be answered.
        """
        methods = {"most_similar": False, "most_similar_cosmul": True}
        if similarity_function not in methods:
            raise ParameterError(
                f"similarity_function is {similarity_function!r}; it must be one of "
                f"{', '.join(map(repr, methods))}"
            )
        words = WordRows(self.index_to_key, restrict_vocab, case_insensitive)
        sections = analogy_questions.read_questions(analogies, words)
        first_rows = slice(0, len(words))
        matrix, norms = self._matrix_and_norms()
        vocabulary = nearest.Vocabulary(matrix[first_rows], norms[first_rows])

        def solve(questions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
            product = methods[similarity_function]
            return nearest.analogies(vocabulary, questions, analogy_questions.ANSWERS, product).rows

        return analogy_questions.evaluate(sections, words, solve, dummy4unknown)

    def evaluate_word_pairs(
        self,
        pairs: str | PathLike[str],
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[word_pairs.Correlation, word_pairs.Correlation, float]:
        """Correlation of cosines with people's judgements of similarity.

        Parameters
        ----------
        pairs
            Path of a file whose lines are two words and a number.
        delimiter
            What separates the three.
        encoding
            Of the file.
        restrict_vocab
            Only the first so many keys count; None: all.
        case_insensitive
            Compare words in upper case; of keys that are equal then, the first one counts.
        dummy4unknown
            Give pairs with unknown words the similarity 0, instead of leaving them out.

        Returns
        -------
        pearson, spearman : Correlation
            (statistic, pvalue); p-values are NaN where SciPy is not installed
            (``pip install 'negw2v[evaluation]'``).
        oov_ratio : float
            Per cent of the pairs that have an unknown word.

        Raises
        ------
        ParameterError
            The file has no judgement in it, or fewer than two of known words.

        Warns
        -----
        NegW2VWarning
            Lines of the file that are not two words and a number were left out.
        """
        words = WordRows(self.index_to_key, restrict_vocab, case_insensitive)
        judgements = word_pairs.read_judgements(pairs, words, delimiter, encoding)
        gold = np.array(judgements.gold)
        known = np.array([rows is not None for rows in judgements.rows])
        if not known.any() and not dummy4unknown:
            raise ParameterError(
                f"none of the {len(gold)} pairs in {pairs} has two words with vectors in {self}; "
                "look at case_insensitive and restrict_vocab"
            )
        rows = np.array([rows for rows in judgements.rows if rows is not None], dtype=np.int64)
        similarities = np.zeros(len(gold))
        if len(rows):
            similarities[known] = cosine.pairwise(
                self._matrix[rows[:, 0]], self._matrix[rows[:, 1]]
            )
        if not dummy4unknown:
            gold, similarities = gold[known], similarities[known]
        pearson = word_pairs.pearson(gold, similarities)
        spearman = word_pairs.spearman(gold, similarities)
        oov_ratio = judgements.unknown / len(known) * 100
        word_pairs.log_result(pearson, spearman, oov_ratio, pairs)
        return pearson, spearman, oov_ratio

    @staticmethod
    def log_accuracy(section: dict[str, Any]) -> None:
        """Log the share of correct answers in one section's result."""
        analogy_questions.accuracy(section)

    @staticmethod
    def _log_evaluate_word_analogies(section: dict[str, Any]) -> float:
        return analogy_questions.accuracy(section)

    @staticmethod
    def log_evaluate_word_pairs(
        pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: object
    ) -> None:
        """Log the figures that :meth:`evaluate_word_pairs` returns.

        Parameters
        ----------
        pearson, spearman
            The coefficients with their p-values.
        oov
            Per cent of the pairs that have an unknown word.
        pairs
            The file.
        """
        word_pairs.log_result(pearson, spearman, oov, pairs)
