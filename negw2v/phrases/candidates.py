"""Which pairs are phrases, and their scores.

The formulas are those of :mod:`negw2v.phrases.scorers`, for all pairs at once. Where a text can be
read in several ways, because words have the delimiter in them, each way is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.phrases.counts import FIRST_NODE, Counts
from negw2v.phrases.reference import parses
from negw2v.phrases.scorers import npmi_scorer, original_scorer, word2phrase_scorer

__all__ = ["Joint", "Judge", "exported", "joints", "joints_of"]

#: Differences between logarithms of NumPy and of the C library are far smaller.
MARGIN = 1e-9


class Joint(NamedTuple):
    """Words that become one.

    Attributes
    ----------
    first, between, last
        The words.
    phrase, score
        What they become, and how likely it is one.
    """

    first: str
    between: tuple[str, ...]
    last: str
    phrase: str
    score: Any


@dataclass(frozen=True)
class Judge:
    """What decides whether a pair is a phrase.

    Parameters
    ----------
    scoring
        The scorer.
    threshold
        The score that a phrase must exceed.
    min_count, len_vocab, corpus_word_count
        Handed to the scorer.
    """

    scoring: Callable[..., Any]
    threshold: float
    min_count: float
    len_vocab: int
    corpus_word_count: int

    def score(self, first: int, last: int, both: int) -> Any:
        """The score of a pair, by the counts of its words and its own."""
        return self.scoring(
            worda_count=first,
            wordb_count=last,
            bigram_count=both,
            len_vocab=self.len_vocab,
            min_count=self.min_count,
            corpus_word_count=self.corpus_word_count,
        )

    def chosen(
        self,
        first: npt.NDArray[np.int64],
        last: npt.NDArray[np.int64],
        both: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.int64], list[Any]]:
        """Which of many pairs are phrases, and their scores; all three counts must be positive."""
        possible = np.flatnonzero((first > 0) & (last > 0) & (both > 0))
        if self.scoring in (original_scorer, word2phrase_scorer):
            a, b, ab = (counts[possible].astype(np.float64) for counts in (first, last, both))
            is_original = self.scoring is original_scorer
            scores = (ab - self.min_count) / (a * b)
            scores *= self.len_vocab if is_original else self.corpus_word_count
            above = ~(scores <= self.threshold)
            return possible[above], scores[above].tolist()
        possible = possible[self._worth_a_look(first[possible], last[possible], both[possible])]
        found, kept = [], []
        counts = (first[possible].tolist(), last[possible].tolist(), both[possible].tolist())
        for number, (a, b, ab) in enumerate(zip(*counts, strict=True)):
            score = self.score(a, b, ab)
            if not score <= self.threshold:
                kept.append(number)
                found.append(score)
        return possible[np.array(kept, np.int64)], found

    def _worth_a_look(
        self,
        first: npt.NDArray[np.int64],
        last: npt.NDArray[np.int64],
        both: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.bool_]:
        """Pairs whose score may exceed the threshold; those of NPMI that cannot are many."""
        everything = np.ones(len(both), bool)
        if self.scoring is not npmi_scorer or not self.corpus_word_count or self.threshold < -1:
            return everything
        frequent: npt.NDArray[np.bool_] = both >= self.min_count
        if bool((both[frequent] >= self.corpus_word_count).any()):
            return everything  # the scorer says what is wrong with that
        total = float(self.corpus_word_count)
        a, b, ab = (counts[frequent] / total for counts in (first, last, both))
        frequent[frequent] = np.log(ab / (a * b)) / -np.log(ab) > self.threshold - MARGIN
        return frequent


def exported(counts: Counts, judge: Judge) -> dict[str, Any]:
    """The phrases among all texts that were counted; see :func:`reference.export`.

    Parameters
    ----------
    counts, judge
        What was counted, and what decides.
    """
    words = len(counts.words)
    ends = _ends_by_count(counts)
    listed = counts.distinct.copy()
    listed[:words] &= ends.split
    entries = np.flatnonzero(listed)
    is_pair = entries >= words
    pairs, others = entries[is_pair] - words, entries[~is_pair]
    first, last = np.empty(len(entries), np.int64), np.empty(len(entries), np.int64)
    first[is_pair], last[is_pair] = (
        ends.first[counts.first_words[pairs]],
        ends.last[counts.lasts[pairs]],
    )
    first[~is_pair], last[~is_pair] = ends.first[others], ends.last[others]
    if len(counts.delimiter) > 1:
        # Such a delimiter may also be found across the border of two words.
        for place in np.flatnonzero(_is_ambiguous(counts, pairs)).tolist():
            parts = next(counts.texts([pairs[place]])).split(counts.delimiter)
            place += len(others)  # noqa: PLW2901 - words come first
            first[place], last[place] = counts.count(parts[0]), counts.count(parts[-1])
    chosen, scores = judge.chosen(first, last, np.concatenate(counts.totals)[entries])
    met = np.argsort(counts.order[entries[chosen]], kind="stable")
    texts = counts.entry_texts(entries[chosen[met]])
    return dict(zip(texts, (scores[place] for place in met.tolist()), strict=True))


class _Ends(NamedTuple):
    """For each word the counts of its first and last part, and whether it has several."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    split: npt.NDArray[np.bool_]


def _ends_by_count(counts: Counts) -> _Ends:
    first, last = counts.word_counts.copy(), counts.word_counts.copy()
    split = np.zeros(len(first), bool)
    for number in np.flatnonzero(counts.has_delimiter).tolist():
        parts = counts.words[number].split(counts.delimiter)
        if len(parts) > 1:
            split[number] = True
            first[number], last[number] = (
                0 if (at := counts.index.get(part)) is None else counts.word_counts[at]
                for part in (parts[0], parts[-1])
            )
    return _Ends(first, last, split)


def _is_ambiguous(counts: Counts, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Pairs whose text may be that of other words, too."""
    odd = counts.has_delimiter
    if not odd.any():
        return np.zeros(len(pairs), bool)
    nodes = counts.nodes[pairs]
    found: npt.NDArray[np.bool_] = odd[counts.first_words[pairs]] | odd[counts.lasts[pairs]]
    return found | (nodes >= FIRST_NODE)


def joints(counts: Counts, judge: Judge) -> Iterator[Joint]:
    """All words that become a phrase where they follow each other.

    Parameters
    ----------
    counts, judge
        What was counted, and what decides.
    """
    word_totals, pair_totals = counts.totals
    everything = np.arange(len(counts.pairs))
    unsure = _is_ambiguous(counts, everything)
    grouped = np.concatenate(counts.groups) if counts.groups else everything[:0]
    unsure[grouped[grouped >= len(counts.words)] - len(counts.words)] = True
    clear = np.flatnonzero(~unsure)
    chosen, scores = judge.chosen(
        word_totals[counts.first_words[clear]],
        word_totals[counts.lasts[clear]],
        pair_totals[clear],
    )
    pairs = clear[chosen]
    for number, text, score in zip(pairs.tolist(), counts.texts(pairs), scores, strict=True):
        chain = counts.chain(int(counts.nodes[number]))
        last = counts.words[counts.lasts[number]]
        yield Joint(chain[0], tuple(chain[1:]), last, text, score)
    for text, both in _unsure_texts(counts, judge, np.flatnonzero(unsure)):
        for first, between, last in _phrase_parses(text, counts.delimiter, counts.connector_words):
            a, b = counts.count(first), counts.count(last)
            if a > 0 and b > 0:
                score = judge.score(a, b, both)
                if not score <= judge.threshold:
                    yield Joint(first, between, last, text, score)


def _unsure_texts(
    counts: Counts, judge: Judge, pairs: npt.NDArray[np.int64]
) -> Iterator[tuple[str, int]]:
    """Texts that may be read in several ways, and are frequent enough; each once."""
    word_totals, pair_totals = counts.totals
    words = np.flatnonzero(counts.has_delimiter & (counts.word_counts > 0))
    if judge.scoring is not npmi_scorer and judge.threshold >= 0:
        words = words[word_totals[words] > judge.min_count]
        pairs = pairs[pair_totals[pairs] > judge.min_count]
    elif judge.scoring is npmi_scorer:
        words = words[word_totals[words] >= judge.min_count]
        pairs = pairs[pair_totals[pairs] >= judge.min_count]
    texts = dict(zip(counts.texts(pairs), pair_totals[pairs].tolist(), strict=True))
    texts |= {counts.words[number]: int(word_totals[number]) for number in words.tolist()}
    yield from texts.items()


def joints_of(
    phrasegrams: Mapping[str, Any],
    threshold: float,
    delimiter: str,
    connector_words: frozenset[str],
) -> Iterator[Joint]:
    """All words that become one of the given phrases.

    Parameters
    ----------
    phrasegrams
        Phrases and their scores.
    threshold
        The score that a phrase must exceed.
    delimiter
        Between words.
    connector_words
        Words that may stand within a phrase.
    """
    for phrase, score in phrasegrams.items():
        if score > threshold:
            for first, between, last in _phrase_parses(phrase, delimiter, connector_words):
                yield Joint(first, between, last, phrase, score)


def _phrase_parses(
    text: str, delimiter: str, connector_words: frozenset[str]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Ways to read a text as a phrase, which begins and ends with words that connect nothing."""
    for first, between, last in parses(text, delimiter, connector_words):
        if first and first not in connector_words and last not in connector_words:
            yield first, between, last
