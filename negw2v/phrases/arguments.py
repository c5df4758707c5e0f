"""What may be given to phrases: parameters, sentences, words with the delimiter in them."""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from negw2v.errors import InputTypeError, ParameterError, warn
from negw2v.parallel import thread_count
from negw2v.phrases.counts import Counts
from negw2v.phrases.scorers import NAMED, npmi_scorer

__all__ = [
    "checked_delimiter",
    "checked_threshold",
    "checked_vocab",
    "checked_words",
    "checked_workers",
    "is_one_sentence",
    "number",
    "refuse_text",
    "warn_of_delimiter",
]

_NOTHING = object()


def number(name: str, value: Any, hint: str, least: float = -math.inf) -> Any:
    """A number that is at least `least`; errors name the parameter and end with `hint`."""
    is_number = isinstance(value, numbers.Real)
    if not is_number or isinstance(value, bool):
        raise InputTypeError(
            f"{name} must be a number, got {value!r:.60} ({type(value).__name__}); {hint}"
        )
    if math.isnan(value) or value < least:
        raise ParameterError(f"{name} is {value!r}; {hint}")
    return value


def checked_threshold(threshold: Any, scoring: Callable[..., Any]) -> float:
    """A score that a phrase of this scorer may have."""
    hint = "it is the score that a phrase must exceed"
    value: float = number("threshold", threshold, hint)
    name = next((name for name, scorer in NAMED.items() if scorer is scoring), None)
    if name in ("default", "word2phrase") and value <= 0:
        raise ParameterError(
            f"threshold must be positive for scoring={name!r}, not {threshold!r}; 10 is usual"
        )
    if scoring is npmi_scorer and not -1 <= value <= 1:
        raise ParameterError(
            f"threshold must be between -1 and 1 for scoring='npmi', not {threshold!r}; 0.5 is "
            "usual"
        )
    return value


def checked_delimiter(delimiter: Any) -> str:
    """A text that is not empty."""
    if not isinstance(delimiter, str):
        raise InputTypeError(
            f"delimiter must be a str, got {delimiter!r:.60} ({type(delimiter).__name__}); "
            "'_' is usual"
        )
    if not delimiter:
        raise ParameterError("delimiter is empty, so that phrases could not be told from words")
    return delimiter


def checked_words(words: Any) -> frozenset[str]:
    """A set of str."""
    if isinstance(words, (str, bytes)):
        raise InputTypeError(
            f"connector_words is the {type(words).__name__} {words!r:.60}; give a set of words"
        )
    try:
        found = frozenset(words)
    except TypeError:
        raise InputTypeError(
            f"connector_words must be a set of words, got {words!r:.60} ({type(words).__name__})"
        ) from None
    if other := [word for word in found if not isinstance(word, str)]:
        raise InputTypeError(f"connector_words holds {other[0]!r:.60}, which is not a str")
    return found


def checked_workers(workers: Any) -> int:
    """A number of threads; None: one for each CPU."""
    if workers is None:
        return thread_count()
    hint = "it is a whole number of threads, 1 or more; None is one for each CPU"
    value = number("workers", workers, hint, least=1)
    if not float(value).is_integer():
        raise ParameterError(f"workers is {workers!r}; {hint}")
    return int(value)


def refuse_text(sentences: Any) -> None:
    """Raise where text is given in place of words or sentences."""
    if isinstance(sentences, (str, bytes, bytearray)):
        raise InputTypeError(
            f"{sentences!r:.60} is {type(sentences).__name__}, but a sentence is a list of words, "
            "and a corpus a list of sentences; split text first, for example text.split()"
        )


def is_one_sentence(given: Any) -> tuple[bool, Any]:
    """Whether it is a sentence rather than a corpus, and the same again to iterate over."""
    refuse_text(given)
    iterator = iter(given)
    first = next(iterator, _NOTHING)
    if first is _NOTHING:
        return True, given
    if isinstance(first, str):
        return True, itertools.chain([first], iterator)
    if iterator is given:
        return False, itertools.chain([first], iterator)
    return False, given


def checked_vocab(counts: Any) -> Mapping[str, int]:
    """Counts by text."""
    if not isinstance(counts, Mapping):
        raise InputTypeError(f"vocab maps text to counts, but is a {type(counts).__name__}")
    for text, count in counts.items():
        if not isinstance(text, str) or not isinstance(count, int):
            raise InputTypeError(f"vocab maps text to whole numbers, not {text!r} to {count!r}")
        if not 0 < count < 1 << 32:
            raise ParameterError(f"the count of {text!r} is {count!r}, not from 1 to 2**32 - 1")
    return counts


def warn_of_delimiter(counts: Counts) -> None:
    """Warn where a word could be taken for a phrase."""
    if not counts.has_delimiter.any():
        return
    words = (
        word
        for word, count in zip(counts.words, counts.word_counts.tolist(), strict=True)
        if count and counts.delimiter in word
    )
    example = next(words, None)
    if example is None:
        return
    others = sum(1 for _ in words)
    more = f" (and {others} more words)" if others else ""
    first, _, last = example.partition(counts.delimiter)
    warn(
        f"the word {example!r}{more} has the delimiter {counts.delimiter!r} in it: it cannot be "
        f"told from the phrase of {first!r} and {last!r}, and counts as both. Choose another "
        "delimiter=; or, if these are phrases of an earlier round, give phrases[sentences] itself"
    )
