"""Counting, joining and splitting of phrases in plain Python: the specification.

The compiled code (``_ngrams``, ``_joining``) gives the same results, faster. What is here is also
what runs where it cannot: with a scorer of the user's, for subclasses that override a step, and
where words have to be forgotten and have the delimiter in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

__all__ = ["analyze", "count_sentence", "export", "learn", "parses", "prune"]

#: (first word, last word, connector words between them) -> (phrase, score), or (None, None).
ScoreCandidate = Callable[[str, str, list[str]], tuple[str | None, Any]]


def learn(
    sentences: Iterable[Iterable[str]],
    max_vocab_size: int,
    delimiter: str,
    connector_words: Collection[str],
) -> tuple[int, dict[str, int], int]:
    """Count words and pairs of words, in order of first appearance.

    Parameters
    ----------
    sentences
        Lists of words.
    max_vocab_size
        If there are more entries than this after a sentence, those with a count below 1, the next
        time below 2, ... are forgotten.
    delimiter
        Between the words of a pair.
    connector_words
        Words that are not counted, but stand within a pair.

    Returns
    -------
    bound, counts, n_words
        The bound that is next, the counts, and how many words were read.
    """
    bound, n_words = 1, 0
    counts: dict[str, int] = {}
    for sentence in sentences:
        n_words += count_sentence(counts, sentence, delimiter, connector_words)
        if len(counts) > max_vocab_size:
            prune(counts, bound)
            bound += 1
    return bound, counts, n_words


def count_sentence(
    counts: dict[str, int],
    sentence: Iterable[str],
    delimiter: str,
    connector_words: Collection[str],
) -> int:
    """Add the words and pairs of one sentence to `counts`; returns how many words it has."""
    n_words = 0
    begun: list[str] = []  # a word, and the connector words after it
    for word in sentence:
        n_words += 1
        if word in connector_words:
            if begun:
                begun.append(word)
            continue
        counts[word] = counts.get(word, 0) + 1
        if begun:
            pair = delimiter.join([*begun, word])
            counts[pair] = counts.get(pair, 0) + 1
        begun = [word]
    return n_words


def prune(counts: dict[str, int], bound: int) -> None:
    """Remove the entries with a count below `bound`."""
    for rare in [entry for entry, count in counts.items() if count < bound]:
        del counts[rare]


def analyze(
    sentence: Iterable[str], connector_words: Collection[str], score_candidate: ScoreCandidate
) -> Iterator[tuple[str, Any]]:
    """The sentence from left to right: phrases with their scores, other words with None.

    A phrase begins and ends with words that are not connector words. A word that ends a phrase does
    not begin the next one. An empty word is dropped unless it ends a phrase, as gensim does it.

    Parameters
    ----------
    sentence
        Words.
    connector_words
        Words that may stand within a phrase.
    score_candidate
        What decides.

    Yields
    ------
    token, score
    """
    begun: list[str] = []
    for word in sentence:
        if word in connector_words:
            if begun:
                begun.append(word)
            else:
                yield word, None
            continue
        if begun:
            phrase, score = score_candidate(begun[0], word, begun[1:])
            if score is not None:
                yield phrase, score  # type: ignore[misc]
                begun = []
                continue
            for passed in begun:
                yield passed, None
        begun = [word] if word else []
    for passed in begun:
        yield passed, None


def export(
    tokens: Iterable[str], delimiter: str, score_candidate: ScoreCandidate
) -> dict[str, Any]:
    """The phrases among `tokens`, and their scores.

    Parameters
    ----------
    tokens
        Words, and words joined by the delimiter.
    delimiter
        Where they are split again.
    score_candidate
        Called with the first, the last and the other parts.
    """
    found = {}
    for token in tokens:
        first, *others = token.split(delimiter)
        if others:
            phrase, score = score_candidate(first, others[-1], others[:-1])
            if score is not None:
                found[phrase] = score
    return found  # type: ignore[return-value]


def parses(
    text: str, delimiter: str, connector_words: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """All ways in which a text can be two words, with or without connector words between them.

    Parameters
    ----------
    text
        The text.
    delimiter
        What is between two words; words may have it in them, too.
    connector_words
        Words that may stand between the two.

    Yields
    ------
    first, between, last

    Examples
    --------
    >>> list(parses("bank_of_america", "_", {"of"}))
    [('bank', (), 'of_america'), ('bank', ('of',), 'america'), ('bank_of', (), 'america')]
    >>> list(parses("new_york_city", "_", {}))
    [('new', (), 'york_city'), ('new_york', (), 'city')]
    """
    place = text.find(delimiter)
    while place >= 0:
        rest = text[place + len(delimiter) :]
        for between, last in _endings(rest, delimiter, connector_words):
            yield text[:place], between, last
        place = text.find(delimiter, place + 1)


def _endings(
    text: str, delimiter: str, connector_words: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """A text, and what follows each run of connector words that it begins with."""
    open_ends: list[tuple[tuple[str, ...], str]] = [((), text)]
    while open_ends:
        between, rest = open_ends.pop()
        yield between, rest
        place = rest.find(delimiter) if connector_words else -1
        while place >= 0:
            if rest[:place] in connector_words:
                open_ends.append(((*between, rest[:place]), rest[place + len(delimiter) :]))
            place = rest.find(delimiter, place + 1)
