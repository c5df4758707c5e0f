"""Sentences with the words of phrases joined: as lists of str, and as word ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from negw2v.arrays import offsets_of
from negw2v.corpus.base import TokenBlock
from negw2v.parallel import ThreadPool
from negw2v.phrases._joining import PhraseTable, SentenceJoiner
from negw2v.phrases.candidates import Joint
from negw2v.phrases.counting import only_text
from negw2v.phrases.counts import FIRST_NODE

__all__ = ["Joiner", "joined", "phrase_table"]

#: Fewer words are joined without threads.
WORDS_PER_THREAD = 1 << 17


class Joiner(NamedTuple):
    """Phrases, ready to be joined in sentences.

    Attributes
    ----------
    joints
        The words of each phrase.
    words
        The number of each word that is in a phrase, and of each connector word.
    connector_words
        Words that may stand within a phrase.
    sentences
        Joins the words of one sentence.
    """

    joints: list[Joint]
    words: dict[str, int]
    connector_words: frozenset[str]
    sentences: SentenceJoiner

    @classmethod
    def of(cls, joints: Iterable[Joint], connector_words: frozenset[str]) -> Joiner:
        """The joiner of some phrases."""
        listed = list(joints)
        index: dict[str, int] = {}
        for word in connector_words:
            index.setdefault(word, len(index))
        for joint in listed:
            index.setdefault(joint.first, len(index))
            index.setdefault(joint.last, len(index))
        index.setdefault("", len(index))
        table = phrase_table(listed, index, connector_words)
        phrases = [joint.phrase for joint in listed]
        checked = SentenceJoiner(table, index, phrases, only_text)
        return cls(listed, index, connector_words, checked)


def phrase_table(
    joints: Sequence[Joint], index: Mapping[str, int], connector_words: Collection[str]
) -> PhraseTable:
    """The phrases in the numbers of `index`; those with words that it lacks are left out."""
    flags = np.zeros(len(index), np.uint8)
    flags[[index[word] for word in connector_words if word in index]] = 1
    prefixes: dict[int, int] = {}
    pairs: dict[int, int] = {}
    for number, joint in enumerate(joints):
        numbers = [index.get(word) for word in (joint.first, *joint.between, joint.last)]
        if None in numbers:
            continue
        node, *others = numbers
        for connector in others[:-1]:
            key = node << 32 | connector  # type: ignore[operator]
            node = prefixes.setdefault(key, FIRST_NODE + len(prefixes))
        pairs[node << 32 | others[-1]] = number  # type: ignore[operator]
    return PhraseTable(
        np.array(list(prefixes), np.uint64),
        np.array(list(prefixes.values()), np.uint32),
        np.array(list(pairs), np.uint64),
        np.array(list(pairs.values()), np.uint32),
        flags,
        index.get("", -1),
    )


def joined(
    block: TokenBlock, words: list[str], joiner: Joiner, workers: int
) -> tuple[TokenBlock, list[str]]:
    """A corpus of word ids with its phrases joined, and the words of the new ids.

    Parameters
    ----------
    block
        All words of the corpus; it is overwritten.
    words
        The word of each id.
    joiner
        The phrases.
    workers
        Number of threads.

    Returns
    -------
    block, words
        The corpus, and `words` with the phrases after them.
    """
    index = {word: number for number, word in enumerate(words)}
    table = phrase_table(joiner.joints, index, joiner.connector_words)
    ids = [index.setdefault(joint.phrase, len(index)) for joint in joiner.joints]
    phrase_ids = np.array(ids, np.int32)
    starts = block.sentence_starts
    tokens = block.tokens
    lengths = np.empty(len(starts) - 1, np.int64)
    parts = max(1, min(workers, len(tokens) // WORDS_PER_THREAD))
    cuts = np.searchsorted(starts, np.arange(1, parts) * (len(tokens) // parts))
    edges = sorted({0, *cuts.tolist(), len(lengths)})
    with ThreadPool(parts, "negw2v-phrases") as pool:
        runs = [
            pool.submit(table.join_ids, tokens, starts, first, last, phrase_ids, lengths)
            for first, last in pairwise(edges)
        ]
        written = [run.result() for run in runs]
    end = 0
    for first, count in zip(edges, written, strict=False):
        begin = int(starts[first])
        tokens[end : end + count] = tokens[begin : begin + count]
        end += count
    return TokenBlock(tokens[:end], offsets_of(lengths), lengths), list(index)
