"""Suggestions for a key that is not in the vocabulary."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import islice

__all__ = ["close_spellings", "hint"]

# Comparing more words would delay the error message noticeably.
CANDIDATES = 20_000


def close_spellings(
    key: Hashable, keys: Sequence[Hashable], limit: int = 3, cutoff: float = 0.7
) -> list[str]:
    """Up to `limit` of the first 20,000 `keys` that are spelled like `key`, the closest first.

    Parameters
    ----------
    key
        The key that was not found; only a str has a spelling.
    keys
        All keys, the most frequent first.
    limit
        The largest number of suggestions.
    cutoff
        The least similarity, as :func:`difflib.get_close_matches` measures it.
    """
    if not isinstance(key, str):
        return []
    folded = key.casefold()
    by_folded: dict[str, str] = {}
    for word in islice(keys, CANDIDATES):
        # difflib is quadratic in a word's length, so lengths that cannot match are skipped first
        if isinstance(word, str) and 2 * abs(len(word) - len(key)) <= len(key) + 1:
            by_folded.setdefault(word.casefold(), str(word))
    import difflib

    matches = difflib.get_close_matches(folded, by_folded, limit, cutoff)
    return [by_folded[match] for match in matches]


def hint(key: Hashable, keys: Sequence[Hashable]) -> str:
    """The end of an error message about `key`: close spellings, or nothing.

    For an int that may have been meant as a row, as where Python iterates over vectors by number,
    it says where to find the keys.
    """
    if isinstance(key, int) and key >= len(keys):
        return (
            f"; there are {len(keys)} rows, numbered from 0. The list of all keys is "
            "index_to_key: 'for key in kv.index_to_key', not 'for key in kv'"
        )
    found = close_spellings(key, keys)
    return f"; close spellings: {', '.join(map(repr, found))}" if found else ""
