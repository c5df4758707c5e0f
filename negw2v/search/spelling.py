"""What somebody may have meant by a key that is not in the vocabulary."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Sequence
from itertools import islice

__all__ = ["close_spellings", "hint"]

# Looking through more words takes longer than anyone likes to wait for an error message.
CANDIDATES = 20_000


def close_spellings(
    key: Hashable, keys: Sequence[Hashable], limit: int = 3, cutoff: float = 0.7
) -> list[str]:
    """Up to `limit` of the first 20,000 `keys` that are spelled much like `key`, best first.

    Parameters
    ----------
    key
        The key that was not found; only a str has a spelling.
    keys
        All keys, the most frequent first.
    limit
        How many to name.
    cutoff
        Least likeness, as :func:`difflib.get_close_matches` measures it.
    """
    if not isinstance(key, str):
        return []
    folded = key.casefold()
    by_folded: dict[str, str] = {}
    for word in islice(keys, CANDIDATES):
        # difflib is quadratic in a word's length, so hopeless lengths are sorted out first
        if isinstance(word, str) and 2 * abs(len(word) - len(key)) <= len(key) + 1:
            by_folded.setdefault(word.casefold(), str(word))
    matches = difflib.get_close_matches(folded, by_folded, limit, cutoff)
    return [by_folded[match] for match in matches]


def hint(key: Hashable, keys: Sequence[Hashable]) -> str:
    """What to append to an error message about `key`, or nothing.

    Close spellings; or, for an int that could be meant for a row, as where Python iterates over
    vectors by number, where the keys are.
    """
    if isinstance(key, int) and key >= len(keys):
        return (
            f"; there are {len(keys)} rows, numbered from 0. The list of all keys is "
            "index_to_key: 'for key in kv.index_to_key', not 'for key in kv'"
        )
    found = close_spellings(key, keys)
    return f"; close spellings: {', '.join(map(repr, found))}" if found else ""
