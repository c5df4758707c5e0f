"""Rounds of shards: training whose result does not depend on the number of threads.

A round is a number of spans, its shards. Each shard trains copies of the rows that it touches, as
they were when the round began; then the changes of all shards are merged, in the order of the
shards (:mod:`negw2v.kernels.merge`). Who trains a shard, and when, makes no difference.

How long a round may be depends on the vocabulary: no shard knows what the others learn in the same
round. So rows should be touched by few shards, a few times each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Rounds"]

# A round has at most a token for so many words of the vocabulary, and so many for its cube root.
# With more, shards learn too much about the same rows before they tell each other; most of all
# about frequent words, whose share of the tokens hardly falls as the vocabulary grows. The root
# fits what was measured: 8 x 200 tokens are good for 10,000 words, 8 x 400 for 71,000, and 8 x 1480
# too many.
WORDS_PER_TOKEN = 6
TOKENS_PER_ROOT = 75
# Shorter shards take less time than threads need to find each other. More shards copy more rows, so
# there are more than a few only where they are longer.
SHORTEST_SHARD = 200
FEW_SHARDS = 8
SHORTEST_OF_MANY = 400
MOST_SHARDS = 16
# Sentences are cut into pieces of so many tokens, or of a shard: few pairs are lost.
LONGEST_SENTENCE = 1000
# Memory: of each shard for every word of the vocabulary, in two rounds at a time, and rows that are
# copied for a token.
BIT_SET_BYTES = 1.25
ROWS_PER_TOKEN = 2


@dataclass(frozen=True)
class Rounds:
    """The shape of all rounds of a training; it follows from data and parameters alone.

    Parameters
    ----------
    shards
        Spans in a round, and threads that can be of use.
    shard_tokens
        Tokens in a shard, about.
    """

    shards: int
    shard_tokens: int

    @classmethod
    def for_vocabulary(cls, words: int, *, paths: bool = False) -> Rounds | None:
        """The rounds that suit a vocabulary.

        Parameters
        ----------
        words
            Its size.
        paths
            Whether there is hierarchical softmax. All its paths begin with the same nodes, so
            shards are half as long.

        Returns
        -------
        Rounds or None
            None: the vocabulary is too small for several shards.
        """
        tokens = min(words // WORDS_PER_TOKEN, TOKENS_PER_ROOT * round(words ** (1 / 3)))
        shards = min(FEW_SHARDS, _power_of_two(tokens // SHORTEST_SHARD))
        shards = max(shards, min(MOST_SHARDS, _power_of_two(tokens // SHORTEST_OF_MANY)))
        return cls(shards, tokens // shards // (1 + paths)) if shards > 1 else None

    def memory(self, words: int, row_bytes: int) -> int:
        """Bytes that the copies of a round take, about.

        Parameters
        ----------
        words
            The size of the vocabulary.
        row_bytes
            Of a padded row.
        """
        rows = ROWS_PER_TOKEN * self.shard_tokens * row_bytes
        return self.shards * (math.ceil(BIT_SET_BYTES * words) + rows)

    def __str__(self) -> str:
        return f"rounds of {self.shards} shards of {self.shard_tokens} tokens"

    @property
    def longest_sentence(self) -> int:
        """Longer sentences are cut into pieces of at most so many tokens."""
        return max(LONGEST_SENTENCE, self.shard_tokens)


def _power_of_two(number: int) -> int:
    """The largest that is not above a number, or 1."""
    return 1 << max(0, number.bit_length() - 1)
