"""Correlation of cosines with people's judgements of how similar two words are."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib import util
from os import PathLike
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v import extras
from negw2v.arrays import Floats
from negw2v.errors import ParameterError
from negw2v.evaluation.files import read_lines, warn_of_malformed
from negw2v.evaluation.word_rows import WordRows

__all__ = ["Correlation", "Judgements", "log_result", "pearson", "read_judgements", "spearman"]

logger = logging.getLogger(__name__)


class Correlation(NamedTuple):
    """A correlation coefficient.

    Attributes
    ----------
    statistic
        The coefficient, -1 ... 1; NaN if one side is constant.
    pvalue
        Two-sided p-value: the probability of a coefficient at least as far from 0 if the two
        sides were independent; NaN if SciPy is not installed.
    """

    statistic: float
    pvalue: float


@dataclass
class Judgements:
    """The word pairs of a file of judgements, as rows of a vocabulary.

    Parameters
    ----------
    rows
        The rows of both words of each pair; None if a word is unknown.
    gold
        The judged similarity of each pair.
    """

    rows: list[list[int] | None] = field(default_factory=list)
    gold: list[float] = field(default_factory=list)

    @property
    def unknown(self) -> int:
        """Number of pairs with an unknown word."""
        return sum(rows is None for rows in self.rows)


def read_judgements(
    path: str | PathLike[str], words: WordRows, delimiter: str = "\t", encoding: str = "utf8"
) -> Judgements:
    """All pairs of a file of judgements: lines of two words and a number.

    Parameters
    ----------
    path
        Text file, possibly compressed. Lines that begin with ``#`` are comments.
    words
        The vocabulary.
    delimiter
        What separates the three parts.
    encoding
        Encoding of the text.

    Raises
    ------
    ParameterError
        There is no judgement in the file.

    Warns
    -----
    NegW2VWarning
        Some lines are neither comments nor two words and a number; they were left out.
    """
    result = Judgements()
    malformed: list[tuple[int, str]] = []
    for number, line in enumerate(read_lines(path, encoding), 1):
        if line.startswith("#"):
            continue
        try:
            first, second, judged = words.spelling(line).split(delimiter)
            similarity = float(judged)
        except ValueError:
            if line.strip():
                malformed.append((number, line.strip()))
            continue
        result.rows.append(words.find((first, second)))
        result.gold.append(similarity)
    warn_of_malformed(path, malformed, f"two words and a number separated by {delimiter!r}")
    if not result.gold:
        raise ParameterError(
            f"{path} has no judgement in it; each is a line of two words and a number "
            f"separated by {delimiter!r}"
        )
    return result


def _ranks(values: Floats) -> Floats:
    """Ranks 1 ... n; equal values get the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means = last - (counts - 1) / 2
    return np.asarray(means[inverse.reshape(-1)])


def _coefficient(first: Floats, second: Floats) -> float:
    """Pearson's coefficient; NaN if one side is constant."""
    first, second = first - first.mean(), second - second.mean()
    product = np.sqrt((first @ first) * (second @ second))
    if not product:
        return float("nan")
    return float(np.clip(first @ second / product, -1, 1))


def _scipy_is_there() -> bool:
    return util.find_spec("scipy") is not None


def _pvalue(coefficient: float, pairs: int) -> float:
    """Two-sided p-value of a coefficient, by Student's t with pairs - 2 degrees of freedom."""
    if not _scipy_is_there() or np.isnan(coefficient):
        return float("nan")
    if pairs == 2:
        return 1.0
    from scipy import stats

    if abs(coefficient) == 1:
        return 0.0
    freedom = pairs - 2
    t = coefficient * np.sqrt(freedom / ((1 - coefficient) * (1 + coefficient)))
    return float(2 * stats.t.sf(abs(t), freedom))


def pearson(first: npt.ArrayLike, second: npt.ArrayLike) -> Correlation:
    """Pearson's correlation coefficient.

    Parameters
    ----------
    first, second
        Float (n,), n >= 2.

    Raises
    ------
    ParameterError
        There are fewer than two values.

    Examples
    --------
    >>> round(pearson([1, 2, 3], [1, 2, 4]).statistic, 4)
    0.982
    """
    first = np.asarray(first, dtype=np.float64)
    second = np.asarray(second, dtype=np.float64)
    if len(first) < 2:
        raise ParameterError(f"a correlation needs at least two pairs; there is {len(first)}")
    coefficient = _coefficient(first, second)
    return Correlation(coefficient, _pvalue(coefficient, len(first)))


def spearman(first: npt.ArrayLike, second: npt.ArrayLike) -> Correlation:
    """Spearman's rank correlation coefficient; arguments as for :func:`pearson`."""
    return pearson(
        _ranks(np.asarray(first, dtype=np.float64)), _ranks(np.asarray(second, dtype=np.float64))
    )


def log_result(
    pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: object
) -> None:
    """Log the results of an evaluation; `oov` is a percentage, `pairs` the file."""
    logger.info("Pearson's correlation with %s: %.4f", pairs, pearson[0])
    logger.info("Spearman's rank correlation with %s: %.4f", pairs, spearman[0])
    logger.info("pairs with unknown words: %.1f%%", oov)
    if not _scipy_is_there():
        scipy = extras.OPTIONAL["scipy"]
        logger.warning("p-values need SciPy, which is not installed: %s", scipy.command)
