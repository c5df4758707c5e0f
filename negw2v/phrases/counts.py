"""Counts of words and of pairs of words, as arrays.

A pair is a node and the word after it. A node is a word, by its number; or, from
:data:`FIRST_NODE` on, another node and a connector word after it. So no text is kept but that of
the words. What a program sees are texts: words, and pairs joined by the delimiter
(:mod:`negw2v.phrases.vocabulary`). Where words have the delimiter in them, a word and a pair, or
two pairs, may have the same text, and their counts add up (:attr:`Counts.groups`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.phrases._ngrams import NgramCounter
from negw2v.phrases.reference import parses

__all__ = ["FIRST_NODE", "Counts", "combined", "empty", "from_mapping", "read_counter"]

FIRST_NODE = 1 << 31
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Counts:
    """What was counted.

    Parameters
    ----------
    words
        The words, by their numbers; connector words are among them.
    word_counts, word_firsts
        int64 (w,): how often each was met, and where first; 0 and -1: it has no count.
    prefixes
        uint64 (p,): the node before, and the number of a connector word, of each longer node.
    pairs
        uint64 (n,): a node, and the number of the word after it.
    pair_counts, pair_firsts
        int64 (n,): how often each was met, and where first.
    delimiter
        What is between the words of a pair where it is text.
    connector_words
        Words that were not counted, but may stand within a pair.
    position
        How many words were read.
    """

    words: list[str]
    word_counts: Ints
    word_firsts: Ints
    prefixes: Keys
    pairs: Keys
    pair_counts: Ints
    pair_firsts: Ints
    delimiter: str
    connector_words: frozenset[str]
    position: int

    def __reduce__(self) -> tuple[type[Counts], tuple[Any, ...]]:
        """Without what follows from it, which is made again."""
        return Counts, tuple(getattr(self, each.name) for each in fields(self))

    # -- what follows from it, when it is needed

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def has_delimiter(self) -> npt.NDArray[np.bool_]:
        """Words with a part of the delimiter in them: the text of a pair may have two meanings."""
        parts = set(self.delimiter)
        everything = "".join(self.words)  # a look at it is much faster than one at each word
        if not any(part in everything for part in parts):
            return np.zeros(len(self.words), bool)
        if len(parts) == 1:
            part = self.delimiter[0]
            return np.fromiter((part in word for word in self.words), bool, len(self.words))
        marks = (not parts.isdisjoint(word) for word in self.words)
        return np.fromiter(marks, bool, len(self.words))

    @cached_property
    def nodes(self) -> npt.NDArray[np.int64]:
        """The node of each pair."""
        return (self.pairs >> SHIFT).astype(np.int64)

    @cached_property
    def lasts(self) -> npt.NDArray[np.int64]:
        """The last word of each pair."""
        return (self.pairs & LOW).astype(np.int64)

    @cached_property
    def first_words(self) -> npt.NDArray[np.int64]:
        """The first word of each pair."""
        return self.first_of(self.nodes)

    def first_of(self, nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The word that each node begins with."""
        nodes = nodes.copy()
        while (longer := np.flatnonzero(nodes >= FIRST_NODE)).size:
            nodes[longer] = (self.prefixes[nodes[longer] - FIRST_NODE] >> SHIFT).astype(np.int64)
        return nodes

    def chain(self, node: int) -> list[str]:
        """The words of a node."""
        found = []
        while node >= FIRST_NODE:
            key = int(self.prefixes[node - FIRST_NODE])
            found.append(self.words[key & 0xFFFFFFFF])
            node = key >> 32
        return [self.words[node], *reversed(found)]

    def texts(self, which: Iterable[int]) -> Iterator[str]:
        """The texts of some pairs."""
        words, join = self.words, self.delimiter.join
        for number in which:
            node, last = int(self.nodes[number]), words[self.lasts[number]]
            yield join((words[node], last) if node < FIRST_NODE else (*self.chain(node), last))

    @cached_property
    def groups(self) -> list[npt.NDArray[np.int64]]:
        """Entries that have the same text, two or more: numbers of words, then of pairs plus w.

        The first of each group is the one that was met first.
        """
        if not self.has_delimiter.any():
            return []
        hashes = np.concatenate([self._word_hashes(), self._pair_hashes()])
        present = np.concatenate([self.word_counts > 0, np.ones(len(self.pairs), bool)])
        numbers = np.flatnonzero(present)
        ordered = np.sort(hashes[numbers])
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        places = np.searchsorted(twice, hashes[numbers])
        places[places == len(twice)] = 0
        suspects = numbers[twice[places] == hashes[numbers]] if len(twice) else numbers[:0]
        by_text: dict[str, list[int]] = defaultdict(list)
        for number, text in zip(suspects.tolist(), self.entry_texts(suspects), strict=True):
            by_text[text].append(number)
        return [
            np.array(sorted(members, key=self.order.__getitem__))
            for members in by_text.values()
            if len(members) > 1
        ]

    def entry_texts(self, entries: Ints) -> Iterator[str]:
        """The texts of entries: of words, and of pairs, whose numbers begin behind them."""
        count = len(self.words)
        texts = self.texts(entries[entries >= count] - count)
        for entry in entries.tolist():
            yield self.words[entry] if entry < count else next(texts)

    @cached_property
    def order(self) -> Ints:
        """A number for each entry, in the order in which they were met."""
        return np.concatenate([2 * self.word_firsts, 2 * self.pair_firsts + 1])

    @cached_property
    def totals(self) -> tuple[Ints, Ints]:
        """Counts of words, and of pairs, where equal texts are added up."""
        both = np.concatenate([self.word_counts, self.pair_counts])
        for members in self.groups:
            both[members] = both[members].sum()
        return both[: len(self.words)], both[len(self.words) :]

    @cached_property
    def distinct(self) -> npt.NDArray[np.bool_]:
        """One entry for each different text."""
        listed = np.concatenate([self.word_counts > 0, np.ones(len(self.pairs), bool)])
        for members in self.groups:
            listed[members[1:]] = False
        return listed

    def __len__(self) -> int:
        """Number of different texts."""
        repeated = sum(len(members) - 1 for members in self.groups)
        return int(np.count_nonzero(self.word_counts)) + len(self.pairs) - repeated

    def tokens(self) -> Iterator[tuple[str, int]]:
        """Each text with its count, in the order in which they were met."""
        totals = np.concatenate(self.totals)
        entries = np.flatnonzero(self.distinct)
        entries = entries[np.argsort(self.order[entries], kind="stable")]
        for start in range(0, len(entries), 1 << 16):
            block = entries[start : start + (1 << 16)]
            yield from zip(self.entry_texts(block), totals[block].tolist(), strict=True)

    # -- one text

    def count(self, text: str) -> int:
        """The count of a word, or of a pair as text; 0: it has none."""
        number = self.index.get(text)
        total = 0 if number is None else int(self.word_counts[number])
        for first, between, last in parses(text, self.delimiter, self.connector_words):
            pair = self._find(first, between, last)
            if pair is not None:
                total += int(self.pair_counts[pair])
        return total

    def _find(self, first: str, between: tuple[str, ...], last: str) -> int | None:
        numbers = [self.index.get(word) for word in (first, *between, last)]
        if None in numbers:
            return None
        node, *others = numbers
        for connector in others[:-1]:
            place = _place(self._sorted_prefixes, node << 32 | connector)  # type: ignore[operator]
            if place is None:
                return None
            node = FIRST_NODE + place
        return _place(self._sorted_pairs, node << 32 | others[-1])  # type: ignore[operator]

    @cached_property
    def _sorted_pairs(self) -> tuple[Ints, Keys]:
        order = np.argsort(self.pairs)
        return order, self.pairs[order]

    @cached_property
    def _sorted_prefixes(self) -> tuple[Ints, Keys]:
        order = np.argsort(self.prefixes)
        return order, self.prefixes[order]

    # -- equal texts

    def _word_hashes(self) -> Keys:
        return self._hashes[0][: len(self.words)]

    def _pair_hashes(self) -> Keys:
        hashes, sizes, powers = self._hashes
        nodes = np.where(self.nodes < FIRST_NODE, self.nodes, self.nodes - FIRST_NODE)
        nodes[self.nodes >= FIRST_NODE] += len(self.words) + 1
        between = hashes[len(self.words)]  # the delimiter
        rest = between + powers[len(self.delimiter)] * hashes[self.lasts]
        found: Keys = hashes[nodes] + powers[sizes[nodes]] * rest
        return found

    @cached_property
    def _hashes(self) -> tuple[Keys, Ints, Keys]:
        """Polynomials of the characters of words, the delimiter and longer nodes; their sizes.

        The polynomial of two texts in a row follows from those of both. Equal texts have equal
        ones; the reverse is checked.
        """
        texts = [*self.words, self.delimiter]
        letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = offsets_of(sizes)
        base, count = 0x9E3779B97F4A7C15, len(letters) + 1
        powers, inverse = _powers(base, count), _powers(pow(base, -1, 1 << 64), count)
        sums = np.zeros(count, np.uint64)
        np.cumsum((letters.astype(np.uint64) + np.uint64(1)) * powers[:-1], out=sums[1:])
        hashes = (sums[starts[1:]] - sums[starts[:-1]]) * inverse[starts[:-1]]
        parents = (self.prefixes >> SHIFT).astype(np.int64)
        longer = parents >= FIRST_NODE
        parents[longer] += len(texts) - FIRST_NODE
        connectors = (self.prefixes & LOW).astype(np.int64)
        hashes = np.concatenate([hashes, np.zeros(len(parents), np.uint64)])
        sizes = np.concatenate([sizes, np.zeros(len(parents), np.int64)])
        depths = self.depths
        for depth in range(1, int(depths.max(initial=0)) + 1):
            which = np.flatnonzero(depths == depth)
            before, connector = parents[which], connectors[which]
            sizes[which + len(texts)] = sizes[before] + len(self.delimiter) + sizes[connector]
            if int(sizes.max()) >= len(powers):
                powers = _powers(base, 2 * int(sizes.max()))
            rest = hashes[len(self.words)] + powers[len(self.delimiter)] * hashes[connector]
            hashes[which + len(texts)] = hashes[before] + powers[sizes[before]] * rest
        return hashes, sizes, powers

    @cached_property
    def depths(self) -> Ints:
        """How many connector words each longer node has."""
        parents = (self.prefixes >> SHIFT).astype(np.int64)
        depths = np.where(parents < FIRST_NODE, 1, 0)
        while (unknown := np.flatnonzero(depths == 0)).size:
            above = depths[parents[unknown] - FIRST_NODE]
            depths[unknown] = np.where(above > 0, above + 1, 0)
        return depths

    # -- others made of it

    def pruned(self, bound: int) -> Counts:
        """Those texts alone whose count is at least `bound`."""
        words, pairs = self.totals
        keep = pairs >= bound
        few = (words < bound) | (self.word_counts == 0)
        return replace(
            self,
            word_counts=np.where(few, 0, self.word_counts),
            word_firsts=np.where(few, -1, self.word_firsts),
            pairs=self.pairs[keep],
            pair_counts=self.pair_counts[keep],
            pair_firsts=self.pair_firsts[keep],
        ).compact()

    def compact(self, keep: int = 0) -> Counts:
        """The same without words and nodes that nothing refers to; all keep their order.

        The first `keep` words stay in any case.
        """
        used = np.zeros(len(self.prefixes), bool)
        nodes = np.unique(self.nodes)
        while (nodes := nodes[nodes >= FIRST_NODE] - FIRST_NODE).size:
            nodes = nodes[~used[nodes]]
            used[nodes] = True
            nodes = np.unique((self.prefixes[nodes] >> SHIFT).astype(np.int64))
        prefixes = self.prefixes[used]
        wanted = self.word_counts > 0
        wanted[:keep] = True
        wanted[self.first_words] = True
        wanted[self.lasts] = True
        wanted[(prefixes & LOW).astype(np.int64)] = True
        if wanted.all() and used.all():
            return self
        kept = np.flatnonzero(wanted)
        new_word, new_node = np.cumsum(wanted) - 1, np.cumsum(used) - 1 + FIRST_NODE
        return replace(
            self,
            words=[self.words[number] for number in kept.tolist()],
            word_counts=self.word_counts[kept],
            word_firsts=self.word_firsts[kept],
            prefixes=_renumbered(prefixes, new_word, new_node),
            pairs=_renumbered(self.pairs, new_word, new_node),
        )


def _place(table: tuple[Ints, Keys], key: int) -> int | None:
    order, keys = table
    place = int(np.searchsorted(keys, np.uint64(key)))
    return int(order[place]) if place < len(keys) and int(keys[place]) == key else None


def _powers(base: int, count: int) -> Keys:
    powers = np.full(max(count, 1), base & ((1 << 64) - 1), np.uint64)
    powers[0] = 1
    found: Keys = np.cumprod(powers)
    return found


def _renumbered(keys: Keys, words: Ints, nodes: Ints) -> Keys:
    """Keys with other numbers of words and nodes."""
    before, after = (keys >> SHIFT).astype(np.int64), (keys & LOW).astype(np.int64)
    longer = before >= FIRST_NODE
    renumbered = np.empty(len(keys), np.uint64)
    renumbered[~longer] = words[before[~longer]]
    renumbered[longer] = nodes[before[longer] - FIRST_NODE]
    return renumbered << SHIFT | words[after].astype(np.uint64)


def empty(delimiter: str, connector_words: frozenset[str]) -> Counts:
    """Nothing counted yet."""
    return read_counter(NgramCounter(), [], delimiter, connector_words)


def read_counter(
    counter: NgramCounter, words: list[str], delimiter: str, connector_words: frozenset[str]
) -> Counts:
    """What a counter has counted."""
    word_counts, word_firsts = np.empty(len(words), np.int64), np.empty(len(words), np.int64)
    counter.read_words(word_counts, word_firsts)
    prefixes, keys = np.empty(counter.n_prefixes, np.uint64), np.empty(counter.n_pairs, np.uint64)
    counter.read_prefixes(prefixes)
    counts, firsts = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    counter.read_pairs(keys, counts, firsts)
    return Counts(
        words,
        word_counts,
        word_firsts,
        prefixes,
        keys,
        counts,
        firsts,
        delimiter,
        connector_words,
        counter.position,
    )


def combined(old: Counts, new: Counts) -> Counts:
    """The sum of both; what is new comes after what is old. Both have the same delimiter."""
    index = dict(old.index)
    numbers = np.array([index.setdefault(word, len(index)) for word in new.words], np.int64)
    words = list(index)
    counts, firsts = np.zeros(len(words), np.int64), np.full(len(words), -1, np.int64)
    counts[: len(old.words)] = old.word_counts
    firsts[: len(old.words)] = old.word_firsts
    added = new.word_counts > 0
    fresh = numbers[added][counts[numbers[added]] == 0]
    counts[numbers] += new.word_counts
    first_here = np.full(len(words), -1, np.int64)
    first_here[numbers] = new.word_firsts
    firsts[fresh] = first_here[fresh] + old.position
    prefixes, nodes = _combined_prefixes(old, new, numbers)
    counter = NgramCounter()
    position = old.position + new.position
    counter.load(
        counts, firsts, prefixes, old.pairs, old.pair_counts, old.pair_firsts, old.position
    )
    counter.load(
        counts,
        firsts,
        prefixes,
        _renumbered(new.pairs, numbers, nodes),
        new.pair_counts,
        new.pair_firsts + old.position,
        position,
    )
    return read_counter(counter, words, old.delimiter, old.connector_words | new.connector_words)


def _combined_prefixes(old: Counts, new: Counts, numbers: Ints) -> tuple[Keys, Ints]:
    """The longer nodes of both, and those of `new` among them."""
    known = {key: FIRST_NODE + number for number, key in enumerate(old.prefixes.tolist())}
    nodes = np.empty(len(new.prefixes), np.int64)
    for number, key in enumerate(new.prefixes.tolist()):
        before, connector = key >> 32, int(numbers[key & 0xFFFFFFFF])
        before = nodes[before - FIRST_NODE] if before >= FIRST_NODE else numbers[before]
        merged = int(before) << 32 | connector
        nodes[number] = known.setdefault(merged, FIRST_NODE + len(known))
    return np.array(list(known), np.uint64), nodes


def from_mapping(
    counts: Mapping[str, int],
    delimiter: str,
    connector_words: frozenset[str],
    position: int | None = None,
) -> Counts:
    """Counts by text, as gensim keeps them, as arrays.

    Parameters
    ----------
    counts
        How often each word, and each pair as text, was met. Texts that cannot be two of the words
        count as words.
    delimiter, connector_words
        What the texts of pairs are made with.
    position
        How many words were read; None: not known.
    """
    index: dict[str, int] = {}
    prefixes: dict[int, int] = {}
    pairs: dict[int, tuple[int, int]] = {}
    words: dict[int, tuple[int, int]] = {}

    def number(word: str) -> int:
        return index.setdefault(word, len(index))

    for place, (text, count) in enumerate(counts.items()):
        first, *others = text.split(delimiter)
        is_pair = (
            bool(others)
            and first in counts
            and others[-1] in counts
            and connector_words.issuperset(others[:-1])
            and connector_words.isdisjoint((first, others[-1]))
        )
        if not is_pair:
            words[number(text)] = place, count
            continue
        node = number(first)
        for connector in others[:-1]:
            key = node << 32 | number(connector)
            node = FIRST_NODE + prefixes.setdefault(key, len(prefixes))
        pairs[node << 32 | number(others[-1])] = place, count
    word_counts, word_firsts = np.zeros(len(index), np.int64), np.full(len(index), -1, np.int64)
    numbers = list(words)
    word_firsts[numbers] = [place for place, _ in words.values()]
    word_counts[numbers] = [count for _, count in words.values()]
    return Counts(
        list(index),
        word_counts,
        word_firsts,
        np.array(list(prefixes), np.uint64),
        np.array(list(pairs), np.uint64),
        np.array([count for _, count in pairs.values()], np.int64),
        np.array([place for place, _ in pairs.values()], np.int64),
        delimiter,
        connector_words,
        len(counts) if position is None else max(position, len(counts)),
    )
