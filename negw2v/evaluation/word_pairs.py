"""Correlation of cosines with people's judgements of how similar two words are."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib import util
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v import extras
from negw2v.errors import ParameterError, warn
from negw2v.evaluation.files import read_lines
from negw2v.evaluation.word_rows import WordRows

__all__ = ["Correlation", "Judgements", "log_result", "pearson", "read_judgements", "spearman"]

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating[Any]]


class Correlation(NamedTuple):
    """A coefficient of correlation.

    Attributes
    ----------
    statistic
        The coefficient, -1 ... 1; NaN where one side is constant.
    pvalue
        Probability of a coefficient at least as far from 0 if the two sides were independent
        (two-sided, as SciPy computes it); NaN where SciPy is not installed.
    """

    statistic: float
    pvalue: float


@dataclass
class Judgements:
    """What a file of judgements says about the words of a vocabulary.

    Parameters
    ----------
    rows
        The rows of both words of every pair, None where one is unknown.
    gold
        Their judged similarities.
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
        Of the text.

    Warns
    -----
    NegW2VWarning
        Lines that are neither comments nor two words and a number were left out.
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
    if malformed:
        number, text = malformed[0]
        warn(
            f"{path}: {len(malformed)} lines are not two words and a number separated by "
            f"{delimiter!r} and were left out, the first of them line {number}: {text!r}"
        )
    if not result.gold:
        raise ParameterError(
            f"{path} has no judgement in it; each is a line of two words and a number "
            f"separated by {delimiter!r}"
        )
    return result


def _ranks(values: Floats) -> Floats:
    """Ranks 1 ... n; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means = last - (counts - 1) / 2
    return np.asarray(means[inverse.reshape(-1)])


def _coefficient(first: Floats, second: Floats) -> float:
    """Pearson's coefficient; NaN where one side is constant."""
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
    """Pearson's coefficient of linear correlation.

    Parameters
    ----------
    first, second
        Float (n,), n >= 2.

    Raises
    ------
    ParameterError
        There are fewer than two values.
    """
    first = np.asarray(first, dtype=np.float64)
    second = np.asarray(second, dtype=np.float64)
    if len(first) < 2:
        raise ParameterError(f"a correlation needs at least two pairs; there is {len(first)}")
    coefficient = _coefficient(first, second)
    return Correlation(coefficient, _pvalue(coefficient, len(first)))


def spearman(first: npt.ArrayLike, second: npt.ArrayLike) -> Correlation:
    """Spearman's coefficient of rank correlation; arguments as for :func:`pearson`."""
    return pearson(
        _ranks(np.asarray(first, dtype=np.float64)), _ranks(np.asarray(second, dtype=np.float64))
    )


def log_result(
    pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: object
) -> None:
    """Log the figures of an evaluation; `oov` is in per cent, `pairs` the file."""
    logger.info("Pearson's correlation with %s: %.4f", pairs, pearson[0])
    logger.info("Spearman's rank correlation with %s: %.4f", pairs, spearman[0])
    logger.info("pairs with unknown words: %.1f%%", oov)
    if not _scipy_is_there():
        scipy = extras.OPTIONAL["scipy"]
        logger.warning("p-values need SciPy, which is not installed: %s", scipy.command)
