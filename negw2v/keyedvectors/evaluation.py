"""Evaluations against human judgements: analogy questions and word pairs."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError
from negw2v.evaluation import analogies as analogy_questions
from negw2v.evaluation import word_pairs
from negw2v.evaluation.word_rows import WordRows
from negw2v.keyedvectors import arrays, lookup
from negw2v.search import cosine, nearest
from negw2v.search.search_space import SearchSpace

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["evaluate_word_analogies", "evaluate_word_pairs"]


def evaluate_word_analogies(
    store: KeyedVectors,
    analogies: str | PathLike[str],
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
    similarity_function: str,
) -> tuple[float, list[dict[str, Any]]]:
    """Implement :meth:`KeyedVectors.evaluate_word_analogies`."""
    methods = {"most_similar": False, "most_similar_cosmul": True}
    if similarity_function not in methods:
        raise ParameterError(
            f"similarity_function is {similarity_function!r}; it must be one of "
            f"{', '.join(map(repr, methods))}"
        )
    words = WordRows(store.index_to_key, restrict_vocab, case_insensitive)
    sections = analogy_questions.read_questions(analogies, words)
    first_rows = slice(0, len(words))
    matrix, norms = arrays.matrix_and_norms(store)
    used = lookup.used_rows(store)
    candidates = None if used is None else used[used < len(words)]
    space = SearchSpace(matrix[first_rows], norms[first_rows], candidates)

    def solve(questions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        product = methods[similarity_function]
        return nearest.analogies(space, questions, analogy_questions.ANSWERS, product).rows

    return analogy_questions.evaluate(sections, words, solve, dummy4unknown)


def evaluate_word_pairs(
    store: KeyedVectors,
    pairs: str | PathLike[str],
    delimiter: str,
    encoding: str,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
) -> tuple[word_pairs.Correlation, word_pairs.Correlation, float]:
    """Implement :meth:`KeyedVectors.evaluate_word_pairs`."""
    words = WordRows(store.index_to_key, restrict_vocab, case_insensitive)
    judgements = word_pairs.read_judgements(pairs, words, delimiter, encoding)
    gold = np.array(judgements.gold)
    known = np.array([rows is not None for rows in judgements.rows])
    if not known.any() and not dummy4unknown:
        raise ParameterError(
            f"none of the {len(gold)} pairs in {pairs} has two words with vectors in {store}; "
            "look at case_insensitive and restrict_vocab"
        )
    rows = np.array([rows for rows in judgements.rows if rows is not None], dtype=np.int64)
    similarities = np.zeros(len(gold))
    if len(rows):
        similarities[known] = cosine.pairwise(
            arrays.matrix(store)[rows[:, 0]], arrays.matrix(store)[rows[:, 1]]
        )
    if not dummy4unknown:
        gold, similarities = gold[known], similarities[known]
    pearson = word_pairs.pearson(gold, similarities)
    spearman = word_pairs.spearman(gold, similarities)
    oov_ratio = judgements.unknown / len(known) * 100
    word_pairs.log_result(pearson, spearman, oov_ratio, pairs)
    return pearson, spearman, oov_ratio
