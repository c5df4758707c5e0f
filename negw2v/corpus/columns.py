"""Columns and arrays as a corpus: counted and encoded natively, by several threads.

Where the rows come from is a :class:`RowSource`: an object of another library's
(:mod:`negw2v.corpus.arrow`), files of tables (:mod:`negw2v.corpus.tables`), or arrays
(:mod:`negw2v.corpus.walks`). They are read in rounds. The words of a round are shared out in
stretches, one per thread. The first one enters new words into the corpus's table, the others into
tables of their own, which are then merged in the order of the rows. So words are in the order of
first appearance, whatever the number of threads. Ids stay those of the table that they were looked
up in; they become final ones when the vocabulary is known, stretch by stretch, again by threads.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from negw2v.arrays import Int32s, Int64s
from negw2v.corpus._rows import NumberTable, Rows, translate
from negw2v.corpus._tokenizer import LineTokenizer, WordTable
from negw2v.corpus.base import (
    CorpusCounts,
    InternedCorpus,
    Nulls,
    Progress,
    ScanProgress,
    TokenBlock,
)
from negw2v.corpus.sentences import scan_pruned
from negw2v.corpus.storage import SPILL_BYTES, Portion, TokenStore, assemble, space_for_ids
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import CorpusDecodeError, CorpusError, OneShotCorpusError
from negw2v.parallel import ThreadPool

__all__ = ["ColumnCorpus", "Kind", "Opened", "RowSource", "objects_of"]

#: What rows hold; see :class:`Opened`.
Kind = Literal["words", "numbers", "texts"]

#: Words that a thread takes at a time, and in a round: what is in memory while it is encoded.
TASK_WORDS = 1 << 18
ROUND_WORDS = 1 << 25

#: Words that are Python's objects at a time.
OBJECT_WORDS = 1 << 14

#: Bytes of text that a thread splits at a time.
BLOCK_BYTES = 1 << 18


class Opened(NamedTuple):
    """One pass over a source.

    Attributes
    ----------
    kind
        "words": rows are lists of words; "numbers": of whole numbers; "texts": they are texts.
    name
        What the column is called in messages.
    parts
        The rows, in order.
    """

    kind: Kind
    name: str
    parts: Iterator[Rows]


class RowSource(ABC):
    """Where rows come from."""

    #: Its name in messages.
    name: str

    _ahead: Opened | None = None

    @abstractmethod
    def open(self) -> Opened:
        """Begin a pass.

        Raises
        ------
        InputTypeError, ParameterError
            What is there cannot be a corpus.
        """

    def look(self) -> Opened:
        """What is there, without reading it; :meth:`begin` returns the same."""
        if self._ahead is None:
            self._ahead = self.open()
        return self._ahead

    def begin(self) -> Opened:
        """Begin a pass; see :meth:`open`."""
        opened, self._ahead = self.look(), None
        return opened


class Task(NamedTuple):
    """Some rows, and the largest number of words in them."""

    rows: Rows
    start: int
    stop: int
    words: int


@dataclass
class Stretch:
    """What one thread has made of its share of a round."""

    table: WordTable | NumberTable
    ids: list[Int32s] = field(default_factory=list)
    known: int = 0  # ids of words that the table has
    lengths: list[Int64s] = field(default_factory=list)
    nulls: Nulls = field(default_factory=Nulls)


@dataclass
class Part:
    """The ids of a stretch, or of all that do not fit into memory, until the vocabulary is known.

    Parameters
    ----------
    store
        The ids.
    mapping
        From them to those of the corpus's table; None: they are the same.
    counts
        How often each occurs; None: the vocabulary was known.
    known
        How many are ids of words.
    """

    store: TokenStore
    mapping: Int32s | None
    counts: Int64s | None
    known: int

    def portion(self, final: Int32s) -> Portion:
        """Give the ids what `final` has for those of the corpus's table."""
        remap = final if self.mapping is None else final[self.mapping]
        kept = self.known
        if self.counts is not None:
            kept = int(self.counts[remap[: len(self.counts)] >= 0].sum())
        return Portion(self.store, remap, kept)


@dataclass
class Pass:
    """What has been read so far in one pass.

    Parameters
    ----------
    table
        Where words are looked up.
    grow
        Whether new words are entered, and words counted.
    keep
        Whether the ids are wanted.
    """

    table: WordTable | NumberTable
    grow: bool
    keep: bool
    parts: list[Part] = field(default_factory=list)
    spilled: Part | None = None
    lengths: list[Int64s] = field(default_factory=list)
    sentences: int = 0
    words: int = 0
    _in_memory: int = 0  # bytes of ids
    _counts: Int64s = field(default_factory=lambda: np.empty(0, np.int64))  # of earlier rounds

    def add_round(self, stretches: Sequence[Stretch]) -> None:
        """Add what the threads have made of a round; in the order of the rows."""
        counting = self.grow and self.keep
        for stretch in stretches:
            counts = _counts_of(stretch.table) if counting else None
            mapping = None
            if stretch.table is not self.table:
                mapping = np.empty(len(stretch.table), dtype=np.int32)
                self.table.merge(stretch.table, mapping)  # type: ignore[arg-type] # of one kind
            elif counts is not None:
                counts[: len(self._counts)] -= self._counts
            if self.keep:
                self._store(stretch, mapping, counts)
            self.words += sum(map(len, stretch.ids))
            self.lengths += stretch.lengths
            self.sentences += sum(map(len, stretch.lengths))
        if counting:
            self._counts = _counts_of(self.table)

    def _store(self, stretch: Stretch, mapping: Int32s | None, counts: Int64s | None) -> None:
        self._in_memory += sum(ids.nbytes for ids in stretch.ids)
        if self._in_memory <= SPILL_BYTES:
            store = TokenStore()
            for ids in stretch.ids:
                store.adopt(ids)
            self.parts.append(Part(store, mapping, counts, stretch.known))
            return
        # One file for all that follows, as a process may not open any number of them.
        if self.spilled is None:
            no_counts = np.empty(0, np.int64) if self.grow else None
            self.spilled = Part(TokenStore(memory_limit=0), None, no_counts, 0)
            self.parts.append(self.spilled)
        for ids in stretch.ids:
            if mapping is not None:
                translate(ids, mapping)
            self.spilled.store.append(ids)
        self.spilled.known += stretch.known
        if counts is not None and self.spilled.counts is not None:
            total = np.zeros(len(self.table), dtype=np.int64)
            total[: len(self.spilled.counts)] = self.spilled.counts
            total[np.arange(len(counts)) if mapping is None else mapping] += counts
            self.spilled.counts = total


def _counts_of(table: WordTable | NumberTable) -> Int64s:
    counts = np.empty(len(table), dtype=np.int64)
    table.counts(counts)
    return counts


class ColumnCorpus(InternedCorpus):
    """Rows of words, of numbers or of text; each that is not null is a sentence.

    Nulls are left out and counted (:attr:`nulls`).

    Parameters
    ----------
    source
        Where the rows come from.
    workers
        Number of threads.
    padding
        A number that stands for no word.
    task_words
        Number of words that are worth a thread.
    round_words
        Number of words that are encoded before the next ones are read.
    """

    def __init__(
        self,
        source: RowSource,
        workers: int = 1,
        padding: int | None = None,
        task_words: int = TASK_WORDS,
        round_words: int = ROUND_WORDS,
    ) -> None:
        super().__init__()
        self.name = source.name
        self._source = source
        self._workers = workers
        self._padding = padding
        self._task_words = task_words
        self._round_words = round_words
        self._kept: tuple[list[Part], CorpusCounts, Int64s] | None = None
        self._rows_read = False  # whether an earlier pass had rows
        self._where = source.name  # of the column, in messages

    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        read = self._read(None, keep_tokens, progress_per, progress)
        self._require(read, "the scan")
        if max_vocab_size and len(read.table) > max_vocab_size:
            # Which words are removed depends on when the limit is passed: count again.
            return scan_pruned(self.sentences(), max_vocab_size, trim_rule, progress_per, progress)
        words, counts = self._words_of(read.table), _counts_of(read.table)
        found = CorpusCounts(words, counts, read.sentences, read.words)
        if keep_tokens:
            self._kept = (read.parts, found, _joined(read.lengths))
        return found

    def encode(self, key_to_index: Mapping[Any, int]) -> TokenBlock:
        """See :meth:`InternedCorpus.encode`."""
        kept, self._kept = self._kept, None
        if kept is not None:
            parts, found, lengths = kept
            final = np.array([key_to_index.get(word, -1) for word in found.words], np.int32)
        else:
            read = self._read(key_to_index, True, 0, None)
            self._require(read, "this pass")
            parts, lengths = read.parts, _joined(read.lengths)
            final = np.fromiter(key_to_index.values(), dtype=np.int32, count=len(key_to_index))
        return assemble([part.portion(final) for part in parts], lengths, self._workers)

    def _require(self, read: Pass, what: str) -> None:
        nulls = self.nulls
        self.require_words(
            read.sentences,
            read.words,
            what,
            f"a corpus is at least one row with a word ({nulls.sentences} rows and {nulls.words} "
            "words are null); what can be read only once may have been read before",
        )

    # -- reading

    def _open(self) -> tuple[Kind, Iterator[Rows]]:
        """Begin a pass: what the rows hold, and the rows."""
        opened = self._source.begin()
        self._where = opened.name

        def parts() -> Iterator[Rows]:
            none_yet = True
            for rows in opened.parts:
                none_yet = none_yet and not rows.length
                yield rows
            if none_yet and self._rows_read:
                raise OneShotCorpusError(
                    f"{self.name} can be read only once, but another pass is needed; read it into "
                    "a table first"
                )
            self._rows_read = not none_yet

        return opened.kind, parts()

    def _read(
        self,
        key_to_index: Mapping[Any, int] | None,
        keep: bool,
        progress_per: int,
        progress: Progress | None,
    ) -> Pass:
        """Read everything; None: words are counted."""
        kind, parts = self._open()
        make = NumberTable if kind == "numbers" else WordTable
        grow = key_to_index is None
        read = Pass(make(), grow, keep)
        if key_to_index is not None:
            read.table.fill(key_to_index)
        self._nulls = Nulls()
        told = 0
        encode = self._split if kind == "texts" else self._look_up
        with ThreadPool(self._workers, "negw2v-corpus") as pool:
            for tasks in self._rounds(parts):
                shares = _shares(tasks, self._workers)
                stretches = [Stretch(read.table)]
                stretches += [Stretch(make() if grow else read.table) for _ in shares[1:]]
                _in_threads(pool, encode, stretches, shares, grow)
                read.add_round(stretches)
                for stretch in stretches:
                    self._nulls += stretch.nulls
                if progress is not None and read.sentences - told >= progress_per:
                    told = read.sentences
                    progress(ScanProgress(read.sentences, read.words, len(read.table), None))
        return read

    def _rounds(self, parts: Iterator[Rows]) -> Iterator[list[Task]]:
        tasks: list[Task] = []
        words = 0
        for rows in parts:
            with _named(self._where):
                cuts = rows.cut(self._task_words)
            for start, stop, most in cuts:
                tasks.append(Task(rows, start, stop, most))
                words += most
                if words >= self._round_words:
                    yield tasks
                    tasks, words = [], 0
        yield tasks

    # -- what the threads do

    def _look_up(
        self, stretch: Stretch, tasks: Sequence[Task], grow: bool, stop: threading.Event
    ) -> None:
        for rows, first, behind, words in tasks:
            if stop.is_set():
                return
            ids = space_for_ids(words)
            lengths = np.empty(behind - first, dtype=np.int64)
            with _named(self._where):
                n_ids, n_sentences, null_sentences, null_words = rows.encode(
                    stretch.table, first, behind, ids, lengths, grow=grow, padding=self._padding
                )
            stretch.ids.append(ids[:n_ids])
            if not grow:
                stretch.known += int(np.count_nonzero(ids[:n_ids] >= 0))
            stretch.lengths.append(lengths[:n_sentences])
            stretch.nulls += Nulls(null_sentences, null_words)

    def _split(
        self, stretch: Stretch, tasks: Sequence[Task], grow: bool, stop: threading.Event
    ) -> None:
        # A tokenizer that does not begin at 0 takes no byte-order mark from the first word.
        tokenizer = LineTokenizer(
            stretch.table,  # type: ignore[arg-type] # texts have words
            grow=grow,
            keep=True,
            offset=1,
            block_bytes=BLOCK_BYTES,
        )
        for rows, first, behind, _ in tasks:
            row, done = first, 0
            while row < behind and not stop.is_set():
                with _named(self._where):
                    n, row, done, nulls = rows.pack(tokenizer.free_space(), row, done, behind)
                    tokenizer.feed(n)
                stretch.nulls += Nulls(nulls)
                if tokenizer.invalid >= 0:
                    self._check_texts(rows, first, behind)
                stretch.ids.append(np.array(tokenizer.tokens(), dtype=np.int32))
            stretch.lengths.append(np.frombuffer(tokenizer.line_lengths(), dtype=np.int64))
        stretch.known = tokenizer.n_known

    # -- as Python's objects

    def _words_of(self, table: WordTable | NumberTable) -> list[Any]:
        try:
            return table.words()
        except UnicodeDecodeError as error:
            raise _decode_error(self._where, error) from error

    def sentences(self) -> Iterator[list[Any]]:
        """See :meth:`Corpus.sentences`."""
        kind, parts = self._open()
        for rows in parts:
            for row in objects_of(rows, self._where):
                if kind == "texts":
                    yield row.split()
                else:
                    yield [word for word in row if word != self._padding]

    def _check_texts(self, rows: Rows, first: int, behind: int) -> None:
        """Raise for the first text that is not valid UTF-8."""
        for row in range(first, behind):
            with _named(self._where):
                try:
                    rows.objects(row, row + 1)
                except UnicodeDecodeError as error:
                    error.reason = f"row {rows.first + row} (counted from 0): {error.reason}"
                    raise


def _joined(lengths: Sequence[Int64s]) -> Int64s:
    return np.concatenate(lengths) if lengths else np.empty(0, dtype=np.int64)


def _shares(tasks: Sequence[Task], threads: int) -> list[Sequence[Task]]:
    """The tasks of each thread, in the order of the rows: about the same number of words."""
    ends = np.cumsum([task.words for task in tasks])
    total = int(ends[-1]) if len(ends) else 0
    threads = max(1, min(threads, len(tasks)))
    goals = [total * number // threads for number in range(1, threads)]
    cuts = [0, *np.searchsorted(ends, goals, side="right").tolist(), len(tasks)]
    shares = [tasks[cuts[number] : cuts[number + 1]] for number in range(threads)]
    return [share for share in shares if share] or [[]]


def _in_threads(
    pool: ThreadPool,
    encode: Callable[[Stretch, Sequence[Task], bool, threading.Event], None],
    stretches: Sequence[Stretch],
    shares: Sequence[Sequence[Task]],
    grow: bool,
) -> None:
    """Encode each share; an error that is raised is the first one in the order of the rows."""
    stop = threading.Event()
    if len(shares) == 1:  # starting a thread takes longer than a small corpus does
        encode(stretches[0], shares[0], grow, stop)
        return
    futures = [
        pool.submit(encode, stretch, share, grow, stop)
        for stretch, share in zip(stretches, shares, strict=True)
    ]
    try:
        for future in futures:
            future.result()
    except BaseException:
        stop.set()
        raise


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors of compiled code become ours, with the name of the column."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _decode_error(name, error) from error
    except (ValueError, OverflowError) as error:
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(f"{name}, {error}") from None


def objects_of(rows: Rows, where: str) -> Iterator[Any]:
    """The rows that are not null as Python has them: texts, or lists of words or numbers.

    Parameters
    ----------
    rows
        The rows.
    where
        What the column is called in messages.
    """
    with _named(where):
        cuts = rows.cut(OBJECT_WORDS)
    for start, stop, _ in cuts:
        with _named(where):
            objects = rows.objects(start, stop)
        yield from objects


def _decode_error(name: str, error: UnicodeDecodeError) -> CorpusDecodeError:
    reason = f"{name} has a string that is not valid UTF-8: {error.reason}"
    return CorpusDecodeError(reason, error.object)
