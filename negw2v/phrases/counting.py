"""From sentences, or a file, to counts of words and of pairs of words.

Reading and counting overlap: while the counters' threads count one block of word ids, the calling
thread reads the next. Each counter counts its own part of all pairs (``_ngrams``), so the result
does not depend on the number of threads. Where there would be too many entries, one counter goes on
alone, sentence by sentence, and forgets rare ones (:class:`_Bounded`).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._sentences import SentenceEncoder
from negw2v.corpus.base import Corpus
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.sentences import ListCorpus, StreamCorpus, to_list
from negw2v.errors import EmptyCorpusError, InputTypeError
from negw2v.parallel import ThreadPool
from negw2v.phrases import reference
from negw2v.phrases._ngrams import NgramCounter
from negw2v.phrases.counts import Counts, empty, from_mapping, read_counters

__all__ = ["BLOCK_WORDS", "Learned", "learn", "only_text"]

logger = logging.getLogger(__name__)

#: Words in a block; fewer are counted without threads.
BLOCK_WORDS = 1 << 17
#: Each counter goes over all words, so that many more of them would be no faster.
MOST_COUNTERS = 64


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


def only_text(token: Any, number: int) -> str:
    """A word of a sentence, which must be a str.

    Raises
    ------
    InputTypeError
        It is something else.
    """
    if isinstance(token, str):
        return str.__str__(token)
    advice = "decode it first, with .decode('utf-8')" if isinstance(token, bytes) else "use str()"
    raise InputTypeError(
        f"sentence {number} (counted from 0) holds {token!r:.60} of type {type(token).__name__}, "
        f"but phrases are made of words that are str; {advice}"
    )


class _Sentences:
    """Sentences of Python objects as blocks of ids."""

    def __init__(self, sentences: Iterable[Any], connector_words: Collection[str]) -> None:
        self._sentences = iter(sentences)
        self._connectors = sorted(connector_words)
        self._read = 0
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

    def __iter__(self) -> Iterator[_Block]:
        done = False
        while not done:
            encoder = self._encoder
            done = encoder.feed(self._sentences, BLOCK_WORDS)
            self._read = self._before + encoder.sentences
            starts = offsets_of(np.frombuffer(encoder.raw_lengths(), np.int64))
            encoder.kept_lengths()
            yield _Block(np.array(encoder.tokens(), np.int32), starts, encoder.n_keys)


class _Encoded:
    """A corpus that is encoded as a whole, such as a file, as blocks of ids."""

    def __init__(self, corpus: Corpus, connector_words: Collection[str]) -> None:
        found = corpus.scan(keep_tokens=True)
        self.words: list[str] = [only_text(word, 0) for word in found.words]
        self._block = next(corpus.blocks({word: i for i, word in enumerate(self.words)}))
        self._chosen = frozenset(connector_words)

    def connectors(self) -> npt.NDArray[np.uint8]:
        """Which ids are those of connector words."""
        flags = (word in self._chosen for word in self.words)
        return np.fromiter(flags, np.uint8, len(self.words))

    def __iter__(self) -> Iterator[_Block]:
        starts = self._block.sentence_starts
        first = 0
        while first < len(starts) - 1:
            last = int(np.searchsorted(starts, starts[first] + 8 * BLOCK_WORDS))
            last = min(max(last, first + 1), len(starts) - 1)
            yield _Block(self._block.tokens, starts[first : last + 1], len(self.words))
            first = last


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
        source = _Sentences(sentences, connector_words)
    else:
        try:
            source = _Encoded(corpus, connector_words)
        except EmptyCorpusError:
            if corpus_file is not None:
                raise
            return Learned(empty(delimiter, connector_words), 1, 0)  # as for an empty list
    log = _Log(progress_per)
    blocks = iter(source)
    first = next(blocks, None)
    parts = 1 if first is None or first.size < BLOCK_WORDS else min(workers, MOST_COUNTERS)
    counters = [NgramCounter(part, parts) for part in range(parts)]
    flags = source.connectors()
    rest = itertools.chain([first] if first is not None else [], blocks)
    with ThreadPool(parts, "negw2v-phrases") as pool:
        running: list[Future[int]] = []
        for block in rest:
            for future in running:
                future.result()
            entries = counters[0].n_words + sum(counter.n_pairs for counter in counters)
            log.report(block, entries)
            if entries + 2 * block.size > max_vocab_size:
                so_far = read_counters(
                    counters, source.words[: block.n_words], delimiter, connector_words
                )
                return _Bounded(source, so_far, int(max_vocab_size)).count(block, blocks, log)
            if parts == 1:
                counters[0].count(block.ids, block.starts, flags, block.n_words)
                continue
            running = [
                pool.submit(counter.count, block.ids, block.starts, flags, block.n_words)
                for counter in counters
            ]
        for future in running:
            future.result()
    counts = read_counters(counters, list(source.words), delimiter, connector_words)
    return Learned(counts, 1, counters[0].position)


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

    def count(self, block: _Block, blocks: Iterator[_Block], log: _Log) -> Learned:
        """Count a block, and all those that follow."""
        for each in itertools.chain([block], blocks):
            log.report(each, self._counter.n_words + self._counter.n_pairs)
            if self._meets_delimiter(each.n_words):
                return self._count_text(itertools.chain([each], blocks), log)
            self._bound = self._counter.count(
                each.ids,
                each.starts,
                self._source.connectors(),
                each.n_words,
                self._room,
                self._bound,
            )
            if len(self._source.words) > 2 * (self._room + BLOCK_WORDS):
                self._forget()
        return Learned(self._so_far().compact(), self._bound, self._counter.position)

    def _so_far(self) -> Counts:
        counts = self._counts
        return read_counters(
            [self._counter], list(self._source.words), counts.delimiter, counts.connector_words
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

    def _count_text(self, blocks: Iterable[_Block], log: _Log) -> Learned:
        """The rest in plain Python, by the texts of pairs."""
        before = self._so_far()
        counts = dict(before.tokens())
        words, read = self._source.words, before.position
        for block in blocks:
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
