"""Rounds of shards: training whose result does not depend on the number of threads.

A round is a number of spans, its shards. Each shard trains copies of the rows that it touches, as
they were when the round began; then the changes of all shards are merged, in the order of the
shards (:mod:`negw2v.kernels.merge`). Who trains a shard, and when, makes no difference.

How long a round may be depends on the vocabulary: no shard knows what the others learn in the same
round. So rows should be touched by few shards, a few times each.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rounds"]

# A round touches about a quarter of the rows of all matrices, counted once for every shard that
# touches them. So the copies of all shards take a quarter of the memory of the model, at most.
WORDS_PER_TOKEN = 6
# A shard should take longer than threads need to find each other.
SHORTEST_SHARD = 250
MOST_SHARDS = 8
# Sentences are cut into pieces of so many tokens, or of a shard: few enough pairs are lost.
LONGEST_SENTENCE = 1000


@dataclass(frozen=True)
class Rounds:
    """The shape of all rounds of a training; it follows from the vocabulary alone.

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
    def for_vocabulary(cls, words: int) -> Rounds:
        """The rounds that suit a vocabulary of so many words."""
        tokens = max(SHORTEST_SHARD, words // WORDS_PER_TOKEN)
        shards = min(MOST_SHARDS, 1 << (tokens // SHORTEST_SHARD).bit_length() - 1)
        return cls(shards, tokens // shards)

    @property
    def longest_sentence(self) -> int:
        """Longer sentences are cut into pieces of at most so many tokens."""
        return max(LONGEST_SENTENCE, self.shard_tokens)
