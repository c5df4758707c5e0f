"""From counted words to a vocabulary: which words stay, and the tables they need.

Pure functions over (words, counts); nothing here knows a model. Every number agrees with
gensim 4.4.0's to the last bit, so that a vocabulary built here is the one that existing
code expects.
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
    """How subsampling of frequent words treats each of them.

    Attributes
    ----------
    sample_ints
        uint32 (V,): an occurrence is kept where a 32-bit draw is <= this.
    unique
        Number of words that lose occurrences.
    total
        Occurrences that are expected to be left of all words.
    """

    sample_ints: npt.NDArray[np.uint32]
    unique: int
    total: int


class Preparation(NamedTuple):
    """Which words stay, and what that comes to.

    Attributes
    ----------
    kept
        int64: positions of the words that stay. Into a fresh vocabulary: in their order.
        Into an existing one: the new words first, then those that it already has.
    new
        How many of `kept` are new (all, for a fresh vocabulary).
    drop_total
        Occurrences of the words that go.
    sample_ints
        uint32, one for each of `kept`: see :class:`Downsampling`.
    report
        What ``prepare_vocab`` returns: drop_unique, retain_total, downsample_unique,
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
    """Decide which words stay and how often each is kept.

    Parameters
    ----------
    words, counts
        The different words and how often each was met.
    min_count
        Rarer words go: the effective one, see :func:`fitting_min_count`.
    sample
        See :func:`downsample`.
    trim_rule
        May decide otherwise about a word.
    known
        The words of a vocabulary that is to grow; None for a fresh one.

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
    """Which words stay: bool (V,)."""
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
    """The smallest min_count that leaves at most `max_final_vocab` words.

    The effective min_count is the larger one of this and the one that was asked for.
    """
    values = _checked(counts)
    if max_final_vocab is None or max_final_vocab >= len(values):
        return 1
    # The largest count that must go: the one at this place in descending order.
    place = len(values) - 1 - max_final_vocab
    return int(np.partition(values, place)[place]) + 1


def nothing_retained(
    counts: npt.NDArray[Any], min_count: float, trim_rule: TrimRule | None = None
) -> VocabularyError:
    """The exception to raise where no word stays; it says what would help."""
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
    """Positions in descending order of count; equal counts stay in their order."""
    values = np.asarray(counts)
    return np.argsort(-values.astype(np.float64), kind="stable").astype(np.int64)


def downsample(counts: npt.ArrayLike, sample: float | None) -> Downsampling:
    """Keep-probabilities of frequent words (Mikolov et al. 2013, as word2vec.c has it).

    A word of count c is kept with probability (sqrt(c / t) + 1) * t / c.

    Parameters
    ----------
    counts
        (V,): the counts of the words that stay.
    sample
        Below 1: t is this part of all occurrences. 1 or more: t is chosen so that words
        with about more occurrences than this lose some. 0 or None: nothing is dropped.
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
    # One after the other, not pairwise as sum(): the total's last digit depends on it.
    left = np.cumsum(np.where(fewer, probability * number, number))
    return Downsampling(
        (probability * CERTAIN).astype(np.uint32),
        int(np.count_nonzero(fewer)),
        int(left[-1]) if len(left) else 0,
    )


def negative_sampling_weights(counts: npt.ArrayLike, ns_exponent: float) -> npt.NDArray[np.float64]:
    """Weights of the words as negative samples: count ** ns_exponent, float64 (V,).

    A word that was never met (count 0) has weight 0 whatever the exponent.

    Raises
    ------
    ParameterError
        A weight is too large for a float, or all are zero.
    """
    values = _checked(counts)
    # Few counts are different; Python's pow has the same last bit on every machine that
    # the tables were ever made on, NumPy's vectorised one has not.
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

    A uniform draw below `domain` belongs to the first entry that is larger.
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
