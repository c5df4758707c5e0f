"""Trimming rules: what they return, and how they combine with a minimum count."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

__all__ = ["RULE_DEFAULT", "RULE_DISCARD", "RULE_KEEP", "TrimRule", "keep_vocab_item"]

#: A trimming rule leaves the decision to the minimum count.
RULE_DEFAULT = 0
#: It discards the word whatever its count.
RULE_DISCARD = 1
#: It keeps the word whatever its count.
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
        The word and how often it was met.
    min_count
        Rarer words go.
    trim_rule
        ``trim_rule(word, count, min_count)`` may return :data:`RULE_KEEP` or
        :data:`RULE_DISCARD`; anything else leaves it at `min_count`.
    """
    decision = RULE_DEFAULT if trim_rule is None else trim_rule(word, count, min_count)
    if decision == RULE_KEEP:
        return True
    if decision == RULE_DISCARD:
        return False
    return count >= min_count
