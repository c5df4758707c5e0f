"""Trimming rules: the values that they return, and how they combine with a minimum count."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

__all__ = ["RULE_DEFAULT", "RULE_DISCARD", "RULE_KEEP", "TrimRule", "keep_vocab_item"]

#: A trimming rule returns this to leave the decision to the minimum count.
RULE_DEFAULT = 0
#: ... to discard the word regardless of its count.
RULE_DISCARD = 1
#: ... to keep the word regardless of its count.
RULE_KEEP = 2

#: ``trim_rule(word, count, min_count)`` returns one of the three.
TrimRule = Callable[[Any, int, int], int]


def keep_vocab_item(
    word: Hashable, count: float, min_count: float, trim_rule: Callable[..., Any] | None = None
) -> bool:
    """Whether a word stays in the vocabulary.

    Parameters
    ----------
    word, count
        The word and its count.
    min_count
        Words with a lower count are discarded.
    trim_rule
        ``trim_rule(word, count, min_count)`` may return :data:`RULE_KEEP` or
        :data:`RULE_DISCARD`; for any other value, `min_count` decides.

    Examples
    --------
    >>> keep_vocab_item("rare", 1, min_count=5)
    False
    >>> keep_vocab_item("rare", 1, 5, lambda word, count, min_count: RULE_KEEP)
    True
    """
    decision = RULE_DEFAULT if trim_rule is None else trim_rule(word, count, min_count)
    if decision == RULE_KEEP:
        return True
    if decision == RULE_DISCARD:
        return False
    return count >= min_count
