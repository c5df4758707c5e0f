"""From sentences, or a file, to counts of words and of pairs of words.

Blocks of word ids are counted in two steps, each by all threads: the pairs of a block are sorted
into parts, by a hash, and then each part is counted in a table of its own (``_ngrams``). So the
result does not depend on the number of threads. Sentences of Python's objects are encoded by the
calling thread alone; another one counts meanwhile. Where there would be too many entries, one
counter goes on alone, sentence by sentence, and forgets rare ones (:class:`_Bounded`).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._sentences import SentenceEncoder
from negw2v.corpus.base import InternedCorpus
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.sentences import ListCorpus, StreamCorpus, to_list
from negw2v.errors import EmptyCorpusError, InputTypeError
from negw2v.parallel import ThreadPool, share_over_threads
from negw2v.phrases import reference
from negw2v.phrases._ngrams import NgramCounter, PairSorter, PairTables
from negw2v.phrases.counts import Counts, empty, from_mapping, read_counter

__all__ = ["BLOCK_WORDS", "Learned", "all_text", "learn", "only_text"]

logger = logging.getLogger(__name__)

#: Words in the first block; fewer in all are counted in one table, without threads.
BLOCK_WORDS = 1 << 17
#: Words in a later block of sentences, and of a corpus that is encoded as a whole, at most.
SENTENCES_BLOCK_WORDS = 1 << 20
ENCODED_BLOCK_WORDS = 1 << 24
#: Words whose pairs are sorted before they are counted, each in 16 bytes: few, so that they are in
#: the cache; but some for each pair that there is, as the tables are not.
ROUND_WORDS = 1 << 18
ROUND_WORDS_PER_PAIR = 0.25
#: So many tables that each is in a core's cache while it is used.
PARTS = 256
#: Words of the corpus for each that a thread knows: it counts all of them, in 16 bytes.
WORDS_PER_KNOWN_WORD = 2


class Learned(NamedTuple):
    """The result of one pass.

    Attributes
    ----------
    counts
        Of words and pairs.
    min_reduce
        The bound below which entries would be forgotten next.
    n_words
        How many words were read.
    """

    counts: Counts
    min_reduce: int
    n_words: int


class _Block(NamedTuple):
    """Some sentences as ids; ``words[:n_words]`` are those known so far."""

    ids: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    n_words: int

    @property
    def size(self) -> int:
        return int(self.starts[-1] - self.starts[0])


def only_text(token: Any, number: int | None = None) -> str:
    """A word of a sentence, which must be a str; `number` is that of the sentence, if known.

    Raises
    ------
    InputTypeError
        It is something else.
    """
    if isinstance(token, str):
        return str.__str__(token)
    advice = "decode it first, with .decode('utf-8')" if isinstance(token, bytes) else "use str()"
    where = "a sentence" if number is None else f"sentence {number} (counted from 0)"
    raise InputTypeError(
        f"{where} holds {token!r:.60} of type {type(token).__name__}, "
        f"but phrases are made of words that are str; {advice}"
    )


def all_text(words: list[Any]) -> list[str]:
    """The words of a corpus, which must be str; see :func:`only_text`."""
    return words if set(map(type, words)) <= {str} else [only_text(word) for word in words]


class _Sentences:
    """Sentences of Python objects as blocks of ids."""

    def __init__(self, sentences: Iterable[Any], connector_words: Collection[str]) -> None:
        self._sentences = iter(sentences)
        self._connectors = sorted(connector_words)
        self._read = 0
        self._done = False
        self.words: list[str] = []
        self.restart(self._connectors)

    def restart(self, words: list[str]) -> None:
        """Number these words from 0, in their order, and forget others; connector words first."""
        self._encoder = SentenceEncoder(self._to_list, self._check)
        self._encoder.feed(iter([words]), 1)
        self._encoder.tokens()
        self._encoder.raw_lengths()
        self._encoder.kept_lengths()
        self._encoder.restart()
        self._before = self._read
        self.words = self._encoder.keys()  # type: ignore[assignment]

    def _to_list(self, sentence: Any, number: int) -> list[Any]:
        return to_list(sentence, self._before + number)

    def _check(self, token: Any, number: int) -> str:
        return only_text(token, self._before + number)

    def connectors(self) -> npt.NDArray[np.uint8]:
        """Which ids are those of connector words: they come first."""
        return np.ones(len(self._connectors), np.uint8)

    def next_block(self, words: int) -> _Block | None:
        """The next sentences, of about so many words; None: there are no more."""
        encoder = self._encoder
        if self._done:
            return None
        self._done = encoder.feed(self._sentences, min(words, SENTENCES_BLOCK_WORDS))
        self._read = self._before + encoder.sentences
        starts = offsets_of(np.frombuffer(encoder.raw_lengths(), np.int64))
        encoder.kept_lengths()
        return _Block(np.array(encoder.tokens(), np.int32), starts, encoder.n_keys)


class _Encoded:
    """A corpus that is encoded as a whole, such as a file, as blocks of ids."""

    def __init__(self, corpus: InternedCorpus, connector_words: Collection[str]) -> None:
        found, self._block = corpus.encode_all()
        self.words = all_text(found.words)
        chosen = frozenset(connector_words)
        flags = (word in chosen for word in self.words)
        self._connectors = np.fromiter(flags, np.uint8, len(self.words))
        self._first = 0

    def connectors(self) -> npt.NDArray[np.uint8]:
        """Which ids are those of connector words."""
        return self._connectors

    def next_block(self, words: int) -> _Block | None:
        """The next sentences, of about so many words; None: there are no more."""
        starts, first = self._block.sentence_starts, self._first
        if first == len(starts) - 1:
            return None
        words = min(words, ENCODED_BLOCK_WORDS)
        last = int(np.searchsorted(starts, starts[first] + words, side="right")) - 1
        self._first = max(last, first + 1)
        return _Block(self._block.tokens, starts[first : self._first + 1], len(self.words))


def learn(
    sentences: Any,
    corpus_file: Any,
    *,
    max_vocab_size: float,
    delimiter: str,
    connector_words: frozenset[str],
    progress_per: float,
    workers: int,
) -> Learned:
    """Count the words and pairs of a corpus in one pass; see :func:`reference.learn`.

    Parameters
    ----------
    sentences, corpus_file
        As for :func:`negw2v.corpus.encoding.open_corpus`.
    max_vocab_size, delimiter, connector_words, progress_per
        As for :class:`negw2v.phrases.Phrases`.
    workers
        Number of threads.
    """
    corpus = open_corpus(
        sentences, corpus_file, workers=workers, passes=1, iterable_name="sentences"
    )
    source: _Sentences | _Encoded
    if isinstance(corpus, (ListCorpus, StreamCorpus)):
        source = _Sentences(corpus.iterable, connector_words)
        threads, overlapped = 1, workers > 1
    else:
        assert isinstance(corpus, InternedCorpus)
        try:
            source = _Encoded(corpus, connector_words)
        except EmptyCorpusError:
            if corpus_file is not None:
                raise
            return Learned(empty(delimiter, connector_words), 1, 0)  # as for an empty list
        threads, overlapped = workers, False
    log = _Log(progress_per)
    room = min(max_vocab_size, 1 << 62)
    most = 0 if isinstance(source, _Sentences) else int(room - len(source.words)) // 2
    block = source.next_block(max(BLOCK_WORDS, most))
    counting = _Counting(block, threads, source.connectors())
    with ThreadPool(1, "negw2v-phrases") as pool:
        running: Future[None] | None = None
        while block is not None:
            if running is not None:
                running.result()
            entries = counting.entries(block.n_words)
            log.report(block, entries)
            if entries + 2 * block.size > room:
                so_far = counting.counts(source.words, delimiter, connector_words)
                return _Bounded(source, so_far, int(room)).count(block, log)
            if overlapped:
                running = pool.submit(counting.add, block)
            else:
                counting.add(block)
            block = source.next_block(max(BLOCK_WORDS, int(room - entries) // 2))
        if running is not None:
            running.result()
    return Learned(counting.counts(source.words, delimiter, connector_words), 1, counting.position)


class _Counting:
    """Counts blocks, in several threads.

    Parameters
    ----------
    first
        The first block; a small one is the only one.
    threads
        Number of threads.
    connectors
        Which ids are those of connector words.
    """

    def __init__(
        self, first: _Block | None, threads: int, connectors: npt.NDArray[np.uint8]
    ) -> None:
        words, known = (0, 0) if first is None else (first.size, first.n_words)
        parts = 1 if words < BLOCK_WORDS else PARTS
        threads = max(1, min(threads, parts, words // max(1, WORDS_PER_KNOWN_WORD * known)))
        self._connectors = connectors
        self._sorters = [PairSorter(parts) for _ in range(threads)]
        self._tables = PairTables(parts, _usual_pairs(words))
        self._n_words = 0
        self.position = 0

    def entries(self, n_words: int) -> int:
        """Number of pairs so far, and of words, of which `n_words` are known."""
        return n_words + sum(self._tables.n_pairs())

    def add(self, block: _Block) -> None:
        """Count a block."""
        begin, last = int(block.starts[0]), int(block.starts[-1])
        while begin < last:
            pairs = sum(self._tables.n_pairs())
            end = min(begin + max(ROUND_WORDS, int(ROUND_WORDS_PER_PAIR * pairs)), last)
            self._count_round(block, begin, end)
            begin = end
        self._n_words = block.n_words

    def _count_round(self, block: _Block, begin: int, end: int) -> None:
        sorters, tables, threads = self._sorters, self._tables, len(self._sorters)
        shares = [begin + (end - begin) * number // threads for number in range(threads + 1)]
        parts = [tables.parts * number // threads for number in range(threads + 1)]

        def sort(_: None, number: int, __: int) -> None:
            start = shares[number]
            sorters[number].sort(
                block.ids,
                block.starts,
                start,
                shares[number + 1],
                self._connectors,
                block.n_words,
                self.position + start - begin,
            )

        def count(_: None, number: int, __: int) -> None:
            for sorter in sorters:
                tables.count(sorter, parts[number], parts[number + 1])

        numbers = list(range(threads + 1))
        share_over_threads(lambda: None, sort, numbers)
        for sorter in sorters:
            tables.learn_prefixes(sorter)
        share_over_threads(lambda: None, count, numbers)
        self.position += end - begin

    def counts(self, words: list[str], delimiter: str, connector_words: frozenset[str]) -> Counts:
        """What was counted so far, of these words and perhaps later ones."""
        words = words[: self._n_words]
        word_counts, word_firsts = _words_of(self._sorters, len(words))
        prefixes = np.empty(self._tables.n_prefixes, np.uint64)
        self._tables.read_prefixes(prefixes)
        starts = offsets_of(self._tables.n_pairs())
        keys = np.empty(starts[-1], np.uint64)
        counts, firsts = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        edges = starts.tolist()

        def read(_: None, part: int, behind: int) -> None:
            for number in range(part, behind):
                there = slice(edges[number], edges[number + 1])
                self._tables.read_pairs(number, keys[there], counts[there], firsts[there])

        threads, parts = len(self._sorters), self._tables.parts
        share_over_threads(
            lambda: None, read, [parts * number // threads for number in range(threads + 1)]
        )
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
            self.position,
        )


def _usual_pairs(words: int) -> int:
    """How many different pairs English text of so many words has; tables grow if there are more."""
    return min(words, int(10 * words**0.77))


def _words_of(
    sorters: Sequence[PairSorter], n_words: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How often each word was met by all sorters, and where first."""
    total, first = np.zeros(n_words, np.int64), np.full(n_words, -1, np.int64)
    counts, firsts = np.empty(n_words, np.int64), np.empty(n_words, np.int64)
    for sorter in sorters:
        sorter.read_words(counts, firsts)
        total += counts
        earlier = (firsts >= 0) & ((first < 0) | (firsts < first))
        first[earlier] = firsts[earlier]
    return total, first


class _Bounded:
    """Counts on, from what was counted so far, with room for a number of entries."""

    def __init__(self, source: _Sentences | _Encoded, counts: Counts, room: int) -> None:
        self._source = source
        self._counts = counts
        self._room = room
        self._bound = 1
        self._words_before = 0
        self._checked = 0
        self._marks = set(counts.delimiter)
        self._counter = _counter_of(counts)

    def count(self, first: _Block, log: _Log) -> Learned:
        """Count a block, and all those that follow."""
        block: _Block | None = first
        while block is not None:
            log.report(block, self._counter.n_words + self._counter.n_pairs)
            if self._meets_delimiter(block.n_words):
                return self._count_text(block, log)
            self._bound = self._counter.count(
                block.ids,
                block.starts,
                self._source.connectors(),
                block.n_words,
                self._room,
                self._bound,
            )
            if len(self._source.words) > 2 * (self._room + BLOCK_WORDS):
                self._forget()
            block = self._source.next_block(BLOCK_WORDS)
        return Learned(self._so_far().compact(), self._bound, self._counter.position)

    def _so_far(self) -> Counts:
        counts = self._counts
        return read_counter(
            self._counter, list(self._source.words), counts.delimiter, counts.connector_words
        )

    def _meets_delimiter(self, n_words: int) -> bool:
        """Whether a word has a part of the delimiter: then different pairs may have one text."""
        new = self._source.words[self._checked : n_words]
        self._checked = n_words
        return any(not self._marks.isdisjoint(word) for word in new)

    def _forget(self) -> None:
        """Free the memory of words that are not counted any more."""
        if isinstance(self._source, _Sentences):
            kept = self._so_far().compact(keep=len(self._source.connectors()))
            self._source.restart(kept.words)
            self._checked = len(kept.words)
            self._counter = _counter_of(kept)

    def _count_text(self, first: _Block, log: _Log) -> Learned:
        """The rest in plain Python, by the texts of pairs."""
        before = self._so_far()
        counts = dict(before.tokens())
        words, read = self._source.words, before.position
        block: _Block | None = first
        while block is not None:
            log.report(block, len(counts))
            ids = block.ids
            for start, end in itertools.pairwise(block.starts.tolist()):
                sentence = [words[number] for number in ids[start:end].tolist()]
                read += reference.count_sentence(
                    counts, sentence, before.delimiter, before.connector_words
                )
                if len(counts) > self._room:
                    reference.prune(counts, self._bound)
                    self._bound += 1
            block = self._source.next_block(BLOCK_WORDS)
        learned = from_mapping(counts, before.delimiter, before.connector_words, read)
        return Learned(learned, self._bound, read)


def _counter_of(counts: Counts) -> NgramCounter:
    counter = NgramCounter()
    counter.load(
        counts.word_counts,
        counts.word_firsts,
        counts.prefixes,
        counts.pairs,
        counts.pair_counts,
        counts.pair_firsts,
        counts.position,
    )
    return counter


class _Log:
    """Says how far counting is, every so many sentences."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._sentences = self._words = 0
        self._told: float = 0

    def report(self, block: _Block, entries: int) -> None:
        """Before a block is counted."""
        if self._sentences >= self._told:
            logger.info(
                "%d sentences, %d words, %d different words and pairs",
                self._sentences,
                self._words,
                entries,
            )
            self._told = self._sentences + self._every
        self._sentences += len(block.starts) - 1
        self._words += block.size
