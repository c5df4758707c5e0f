"""Vocabulary functions: which words to keep, and the tables of the kept words.

Pure functions of words and counts; they do not know models. All numbers are equal to
gensim 4.4.0's to the last bit, so existing code gets the vocabulary that it expects.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.corpus.trimming import TrimRule, keep_vocab_item
from negw2v.errors import ParameterError, VocabularyError

__all__ = [
    "Downsampling",
    "Preparation",
    "cumulative_table",
    "downsample",
    "fitting_min_count",
    "frequency_order",
    "negative_sampling_weights",
    "nothing_retained",
    "prepare",
    "retained",
]

#: A keep-probability of 1 as an integer: draws are 32 bits.
CERTAIN = 2**32 - 1


class Downsampling(NamedTuple):
    """Keep-probabilities of words under subsampling of frequent words.

    Attributes
    ----------
    sample_ints
        uint32 (V,): an occurrence is kept if a 32-bit random number is <= this.
    unique
        Number of words with a probability below 1.
    total
        Expected number of kept occurrences of all words.
    """

    sample_ints: npt.NDArray[np.uint32]
    unique: int
    total: int


class Preparation(NamedTuple):
    """The kept words and their numbers.

    Attributes
    ----------
    kept
        int64: positions of the kept words. For a new vocabulary: in their order. For an
        existing one: new words first, then words that it already has.
    new
        Number of new words in `kept` (all, for a new vocabulary).
    drop_total
        Occurrences of the discarded words.
    sample_ints
        uint32, one for each of `kept`: see :class:`Downsampling`.
    report
        The return value of ``prepare_vocab``: drop_unique, retain_total, downsample_unique,
        downsample_total, num_retained_words.
    """

    kept: npt.NDArray[np.int64]
    new: int
    drop_total: int
    sample_ints: npt.NDArray[np.uint32]
    report: dict[str, int]


def prepare(
    words: Sequence[Hashable],
    counts: npt.ArrayLike,
    *,
    min_count: float,
    sample: float | None,
    trim_rule: TrimRule | None = None,
    known: Container[Any] | None = None,
) -> Preparation:
    """Choose the kept words and compute their keep-probabilities.

    Parameters
    ----------
    words, counts
        The words, each once, and their counts.
    min_count
        Words with a lower count are discarded: the effective one, see
        :func:`fitting_min_count`.
    sample
        See :func:`downsample`.
    trim_rule
        Overrides `min_count` for words; see :func:`negw2v.corpus.trimming.keep_vocab_item`.
    known
        The words of an existing vocabulary that grows; None for a new one.

    Raises
    ------
    ParameterError
        A count is negative or not finite.
    """
    values = _checked(counts)
    stays = retained(words, values, min_count, trim_rule)
    kept = np.flatnonzero(stays)
    new = len(kept)
    if known is not None:
        is_known = np.fromiter((words[i] in known for i in kept.tolist()), bool, len(kept))
        new = int(np.count_nonzero(~is_known))
        kept = np.concatenate([kept[~is_known], kept[is_known]])
    down = downsample(values[kept], sample)
    report = {
        "drop_unique": len(values) - len(kept),
        "retain_total": _total(values[kept]),
        "downsample_unique": down.unique,
        "downsample_total": down.total,
        "num_retained_words": len(kept),
    }
    return Preparation(kept, new, _total(values[~stays]), down.sample_ints, report)


def retained(
    words: Sequence[Hashable],
    counts: npt.NDArray[Any],
    min_count: float,
    trim_rule: TrimRule | None = None,
) -> npt.NDArray[np.bool_]:
    """Which words are kept: bool (V,)."""
    if trim_rule is None:
        return np.asarray(counts >= min_count)
    return np.fromiter(
        (
            keep_vocab_item(word, count, min_count, trim_rule)
            for word, count in zip(words, counts.tolist(), strict=True)
        ),
        bool,
        len(words),
    )


def fitting_min_count(counts: npt.ArrayLike, max_final_vocab: int | None) -> int:
    """The smallest min_count that keeps at most `max_final_vocab` words.

    The effective min_count is the larger one of this and the user's.

    Examples
    --------
    >>> fitting_min_count([5, 3, 3, 1], max_final_vocab=2)
    4
    """
    values = _checked(counts)
    if max_final_vocab is None or max_final_vocab >= len(values):
        return 1
    # The largest count to discard is at this position in ascending order.
    place = len(values) - 1 - max_final_vocab
    return int(np.partition(values, place)[place]) + 1


def nothing_retained(
    counts: npt.NDArray[Any], min_count: float, trim_rule: TrimRule | None = None
) -> VocabularyError:
    """The exception to raise if no word is kept; its message says what helps."""
    if len(counts) == 0:
        return VocabularyError("the vocabulary is empty: no word was counted")
    best = counts.max().item()
    if best < min_count:
        return VocabularyError(
            f"none of the {len(counts)} different words reaches min_count={min_count}; the most "
            f"frequent one was met {best} times, so min_count={best} or less would keep some"
        )
    rule = " and trim_rule" if trim_rule is not None else ""
    return VocabularyError(
        f"min_count={min_count}{rule} leave none of the {len(counts)} different words"
    )


def frequency_order(counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Positions in descending order of count; equal counts keep their order."""
    values = np.asarray(counts)
    return np.argsort(-values.astype(np.float64), kind="stable").astype(np.int64)


def downsample(counts: npt.ArrayLike, sample: float | None) -> Downsampling:
    """Keep-probabilities of frequent words.

    Source: Mikolov et al. 2013, in the variant of word2vec.c.

    A word of count c is kept with probability (sqrt(c / t) + 1) * t / c.

    Parameters
    ----------
    counts
        (V,): the counts of the kept words.
    sample
        Below 1: t is this share of all occurrences. 1 or more: t is chosen so that words with
        a count above about this value lose occurrences. 0 or None: all occurrences are kept.
    """
    values = np.asarray(counts)
    if not sample:
        # t is then the total count, which no word's count exceeds.
        threshold: float = _total(values)
    elif sample < 1.0:
        threshold = sample * _total(values)
    else:
        threshold = int(sample * (3 + np.sqrt(5)) / 2)
    number = values.astype(np.float64)
    probability = np.ones(len(number))
    met = number > 0
    if threshold:
        some = number[met]
        probability[met] = (np.sqrt(some / threshold) + 1) * (threshold / some)
    fewer = probability < 1.0
    probability[~fewer] = 1.0
    # Sequential sums, not pairwise ones as in sum(): gensim's last digit depends on it.
    left = np.cumsum(np.where(fewer, probability * number, number))
    return Downsampling(
        (probability * CERTAIN).astype(np.uint32),
        int(np.count_nonzero(fewer)),
        int(left[-1]) if len(left) else 0,
    )


def negative_sampling_weights(counts: npt.ArrayLike, ns_exponent: float) -> npt.NDArray[np.float64]:
    """Weights of the words as negative samples: count ** ns_exponent, float64 (V,).

    A word with a count of 0 has the weight 0, regardless of the exponent.

    Raises
    ------
    ParameterError
        A weight is too large for a float, or all are zero.
    """
    values = _checked(counts)
    # There are few different counts. Python's pow has the same last bit on all tested machines;
    # NumPy's vectorised pow does not.
    different, where = np.unique(values, return_inverse=True)
    try:
        powers = [
            float(count) ** float(ns_exponent) if count else 0.0 for count in different.tolist()
        ]
    except OverflowError:
        powers = [float("inf")]
    if not np.isfinite(powers).all() or (len(values) and not any(powers)):
        raise ParameterError(
            f"ns_exponent={ns_exponent!r} makes no finite, positive weights of counts from "
            f"{different.min()} to {different.max()}"
        )
    return np.array(powers)[where] if len(values) else np.empty(0)


def cumulative_table(
    counts: npt.ArrayLike, ns_exponent: float, domain: int = 2**31 - 1
) -> npt.NDArray[np.uint32]:
    """The cumulative distribution of negative samples, scaled to 0..domain: uint32 (V,).

    A uniform random number below `domain` selects the first entry that is larger.
    """
    sums = np.cumsum(negative_sampling_weights(counts, ns_exponent))
    if not len(sums):
        return np.empty(0, dtype=np.uint32)
    table: npt.NDArray[np.uint32] = np.rint(sums / sums[-1] * domain).astype(np.uint32)
    return table


def _checked(counts: npt.ArrayLike) -> npt.NDArray[Any]:
    values = np.asarray(counts)
    if not len(values):
        return np.empty(0, dtype=np.int64)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all() or values.min() < 0:
        raise ParameterError("word counts are finite numbers, 0 or more")
    return values


def _total(values: npt.NDArray[Any]) -> Any:
    return values.sum().item() if len(values) else 0
