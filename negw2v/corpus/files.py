"""Text files as a corpus: counted and encoded natively, by several threads."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._rows import translate
from negw2v.corpus._tokenizer import LineTokenizer, WordTable
from negw2v.corpus.base import (
    CorpusCounts,
    InternedCorpus,
    Progress,
    ScanProgress,
    TokenBlock,
)
from negw2v.corpus.readers import file_sentences
from negw2v.corpus.sentences import scan_pruned
from negw2v.corpus.storage import (
    SPILL_BYTES,
    Portion,
    TokenStore,
    assemble,
    space_for_tokens,
)
from negw2v.corpus.text_files import decode_error, is_converted, open_text
from negw2v.corpus.text_files import reading as reading_from
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import CorpusError, CorpusReadError, OneShotCorpusError
from negw2v.io.compression import is_plain_file
from negw2v.io.paths import file_status, is_pipe
from negw2v.io.reading import read_into
from negw2v.parallel import ThreadPool

__all__ = ["FileCorpus"]

#: Smaller stretches of a file are not worth a thread.
MIN_STRETCH_BYTES = 1 << 20

ASCII_BLANK = re.compile(rb"[ \n\t\r]")

#: Bytes. A file without blanks is not a text, and would be read into memory as a whole.
LONGEST_WORD = 1 << 30

#: Seconds between two looks at how far the threads are.
PATIENCE = 0.1


class Stretch(NamedTuple):
    """A part of a file that begins and ends between words; `stop` None: to its end."""

    path: str
    start: int
    stop: int | None
    ends_file: bool


@dataclass
class Reading:
    """What one thread has read: some stretches of files, with one word table."""

    table: WordTable
    grow: bool
    store: TokenStore | None
    bytes_read: int = 0
    words: int = 0
    known_words: int = 0
    lines: int = 0
    #: Number of words of each line, and whether the last line continues in the next stretch.
    line_lengths: list[tuple[npt.NDArray[np.int64], bool]] = field(default_factory=list)

    def local_counts(self) -> npt.NDArray[np.int64]:
        """The number of occurrences of each word in the table."""
        counts = np.empty(len(self.table), dtype=np.int64)
        self.table.counts(counts)
        return counts


class Kept(NamedTuple):
    """Provisional ids of a scan, for each thread, and the data to convert them to final ids.

    `mappings`: from each thread's ids to positions in `words`; `counts`: the number of
    occurrences of each id in each thread's part.
    """

    stores: list[TokenStore]
    mappings: list[npt.NDArray[np.int32]]
    counts: list[npt.NDArray[np.int64]]
    words: list[str]
    lengths: npt.NDArray[np.int64]


class FileCorpus(InternedCorpus):
    """One or more UTF-8 files whose lines are sentences of words separated by blanks.

    Words are those of ``str.split()``; a blank line is not a sentence; a line of more than
    `max_sentence_length` words becomes several sentences. Plain files are cut into one stretch per
    thread; the results do not depend on where the cuts are.

    Parameters
    ----------
    paths
        The files in order.
    workers
        Number of threads.
    max_sentence_length
        Longest sentence, in words.
    limit
        Number of lines that are read of each file; None: all.
    min_stretch_bytes
        Smallest part of a file that one thread reads alone.
    encoding, errors
        Of the files, as for :func:`open`; None: UTF-8, strict. A file that is converted is read by
        one thread.
    """

    def __init__(
        self,
        paths: Sequence[str],
        workers: int = 1,
        max_sentence_length: int = 10_000,
        limit: int | None = None,
        min_stretch_bytes: int = MIN_STRETCH_BYTES,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> None:
        super().__init__()
        self.name = paths[0] if len(paths) == 1 else f"{len(paths)} files"
        self._paths = list(paths)
        self._workers = workers
        self._max_sentence_length = max_sentence_length
        self._limit = limit
        self._min_stretch_bytes = min_stretch_bytes
        self._encoding = encoding
        self._errors = errors
        self._bytes = 0
        self._exact = False  # whether the bytes read tell how far a scan is
        self._kept: Kept | None = None
        self._passes = 0

    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        readings = self._read(None, keep_tokens, progress_per, progress)
        lengths = self._sentence_lengths(readings)
        total = int(lengths.sum())
        self.require_words(len(lengths), total, "the scan")
        mappings = []
        merged = readings[0].table
        local = [reading.local_counts() for reading in readings]
        for number, reading in enumerate(readings):
            mapping = np.arange(len(reading.table), dtype=np.int32)
            if number:
                merged.merge(reading.table, mapping)
                reading.table = merged  # frees the thread's own
            mappings.append(mapping)
        if max_vocab_size and len(merged) > max_vocab_size:
            # Words would have been forgotten on the way, and which ones depends on when.
            return scan_pruned(self.sentences(), max_vocab_size, trim_rule, progress_per, progress)
        counts = np.empty(len(merged), dtype=np.int64)
        merged.counts(counts)
        words = merged.words()
        if keep_tokens:
            stores = [reading.store for reading in readings if reading.store is not None]
            self._kept = Kept(stores, mappings, local, words, lengths)
        return CorpusCounts(words, counts, len(lengths), total)

    def encode(self, key_to_index: Mapping[Any, int]) -> TokenBlock:
        """See :meth:`InternedCorpus.encode`."""
        kept, self._kept = self._kept, None
        if kept is not None:
            final = np.array([key_to_index.get(word, -1) for word in kept.words], dtype=np.int32)
            remaps = [final[mapping] for mapping in kept.mappings]
            portions = [
                Portion(store, remap, int(counts[remap >= 0].sum()))
                for store, remap, counts in zip(kept.stores, remaps, kept.counts, strict=True)
            ]
            return assemble(portions, kept.lengths, self._workers)
        table = WordTable()
        table.fill(key_to_index)
        readings = self._read(table, True, 0, None)
        lengths = self._sentence_lengths(readings)
        self.require_words(len(lengths), int(lengths.sum()), "this pass")
        ids = np.fromiter(key_to_index.values(), dtype=np.int32, count=len(key_to_index))
        portions = [
            Portion(reading.store, ids, reading.known_words)
            for reading in readings
            if reading.store is not None
        ]
        return assemble(portions, lengths, self._workers)

    def encode_all(
        self, progress_per: int = 10_000, progress: Progress | None = None
    ) -> tuple[CorpusCounts, TokenBlock]:
        """See :meth:`InternedCorpus.encode_all`."""
        found = self.scan(progress_per, progress, keep_tokens=True)
        kept, self._kept = self._kept, None
        assert kept is not None  # scan() has kept them
        starts = offsets_of(kept.lengths)
        tokens = space_for_tokens(int(starts[-1]))
        with ThreadPool(len(kept.stores), "negw2v-corpus") as pool:
            begin, jobs = 0, []
            for number, (store, mapping) in enumerate(zip(kept.stores, kept.mappings, strict=True)):
                place = tokens[begin : begin + len(store)]
                begin += len(store)
                # The first thread's numbers are those of all words.
                jobs.append(pool.submit(_renumber, store, mapping if number else None, place))
            for job in jobs:
                job.result()
        return found, TokenBlock(tokens, starts, kept.lengths)

    # -- reading

    def _begin_pass(self) -> None:
        """Raise where a file has been read that can be read only once."""
        pipes = [path for path in self._paths if is_pipe(path)] if self._passes else []
        if pipes:
            raise OneShotCorpusError(
                f"{pipes[0]} is a pipe, which can be read only once, but another pass is needed; "
                "write its content to a file first"
            )
        self._passes += 1

    def _plan(self) -> list[list[Stretch]]:
        """The stretches of each thread, in the order of the corpus."""
        statuses = [file_status(path) for path in self._paths]
        sizes = [status.st_size if status is not None else 0 for status in statuses]
        self._bytes = sum(sizes)
        converted = is_converted(self._encoding, self._errors)
        plain = [not converted and is_plain_file(path) for path in self._paths]
        self._exact = all(plain) and self._limit is None
        threads = max(1, min(self._workers, self._bytes // self._min_stretch_bytes))
        plan: list[list[Stretch]] = [[] for _ in range(threads)]
        before = 0
        for path, size, can_be_cut in zip(self._paths, sizes, plain, strict=True):
            # Thread t begins at byte t / threads of the whole corpus.
            cuts = [self._bytes * t // threads - before for t in range(1, threads)]
            inside = [cut for cut in cuts if 0 < cut < size]
            first = sum(cut <= 0 for cut in cuts)
            before += size
            if self._limit is not None or not inside or not can_be_cut:
                plan[first].append(Stretch(path, 0, None, True))
                continue
            with open_text(path) as file, reading_from(path, file.tell):
                borders = [0, *(_next_word(file, cut, size) for cut in inside), size]
            for number in range(len(borders) - 1):
                start, stop = borders[number], borders[number + 1]
                if start < stop:
                    plan[first + number].append(Stretch(path, start, stop, stop == size))
        return [stretches for stretches in plan if stretches] or [[]]

    def _read(
        self,
        table: WordTable | None,
        keep_tokens: bool,
        progress_per: int,
        progress: Progress | None,
    ) -> list[Reading]:
        """Read everything, in threads; `table` is the known vocabulary or None."""
        self._begin_pass()
        plan = self._plan()
        limit = SPILL_BYTES // len(plan)
        readings = [
            Reading(
                WordTable() if table is None else table,
                table is None,
                TokenStore(limit) if keep_tokens else None,
            )
            for _ in plan
        ]
        stop = threading.Event()
        with ThreadPool(len(plan), "negw2v-corpus") as pool:
            futures = [
                pool.submit(self._read_stretches, reading, stretches, stop)
                for reading, stretches in zip(readings, plan, strict=True)
            ]
            try:
                self._watch(futures, readings, progress_per, progress)
            except BaseException:
                stop.set()
                raise
        return readings

    def _watch(
        self,
        futures: Sequence[Future[None]],
        readings: Sequence[Reading],
        progress_per: int,
        progress: Progress | None,
    ) -> None:
        told = 0
        pending = set(futures)
        while pending:
            finished, pending = wait(pending, PATIENCE, FIRST_EXCEPTION)
            lines = sum(reading.lines for reading in readings)
            if progress is not None and (lines - told >= progress_per or not pending):
                told = lines
                read = sum(reading.bytes_read for reading in readings)
                progress(
                    ScanProgress(
                        lines,
                        sum(reading.words for reading in readings),
                        max(len(reading.table) for reading in readings),
                        read / max(self._bytes, 1) if self._exact else None,
                    )
                )
            if any(future.exception() for future in finished):
                break
        for future in futures:
            # In the order of the corpus, so that the error reported is the first one in the
            # corpus. Threads that read earlier parts must finish before that is known.
            future.result()

    def _read_stretches(
        self, reading: Reading, stretches: Sequence[Stretch], stop: threading.Event
    ) -> None:
        for stretch in stretches:
            tokenizer = LineTokenizer(
                reading.table,
                grow=reading.grow,
                keep=reading.store is not None,
                offset=stretch.start,
                limit=-1 if self._limit is None else self._limit,
                longest=LONGEST_WORD,
            )
            with open_text(stretch.path, self._encoding, self._errors) as file:
                if stretch.start:
                    file.seek(stretch.start)
                self._read_stretch(reading, stretch, tokenizer, file, stop)
            lengths = np.frombuffer(tokenizer.line_lengths(), dtype=np.int64)
            goes_on = tokenizer.in_line and not stretch.ends_file
            reading.line_lengths.append((lengths, goes_on))
            reading.known_words += tokenizer.n_known

    def _read_stretch(
        self,
        reading: Reading,
        stretch: Stretch,
        tokenizer: LineTokenizer,
        file: IO[bytes],
        stop: threading.Event,
    ) -> None:
        left = None if stretch.stop is None else stretch.stop - stretch.start
        words, lines, before = reading.words, reading.lines, reading.bytes_read
        last = False
        while not (last or tokenizer.done or stop.is_set()):
            space = tokenizer.free_space()
            with reading_from(stretch.path, lambda: stretch.start + reading.bytes_read - before):
                n = read_into(file, space if left is None else space[:left])
            if n == 0 and left:
                raise CorpusReadError(
                    f"{stretch.path} became shorter while it was read: it ends {left} bytes "
                    "before the place where it did; train again when nobody changes it"
                )
            if left is not None:
                left -= n
            last = n == 0 or left == 0
            try:
                tokenizer.feed(n, last=last)
            except OverflowError as error:
                line = self._line_number(stretch, tokenizer)
                raise CorpusError(
                    f"{stretch.path}, line {line}, behind byte {tokenizer.offset}: {error}"
                ) from None
            if tokenizer.invalid >= 0:
                line = self._line_number(stretch, tokenizer)
                raise decode_error(stretch.path, line, tokenizer.invalid)
            if reading.store is not None:
                reading.store.append(tokenizer.tokens())
            reading.words = words + tokenizer.n_words
            reading.lines = lines + tokenizer.lines
            reading.bytes_read += n

    @staticmethod
    def _line_number(stretch: Stretch, tokenizer: LineTokenizer) -> int:
        """The number, from 1, of the line that the tokenizer is reading."""
        line = 1 + tokenizer.lines
        if stretch.start:
            with open_text(stretch.path) as file, reading_from(stretch.path, file.tell):
                left = stretch.start
                while left:
                    block = file.read(min(left, 1 << 20))
                    line += block.count(b"\n")
                    left = left - len(block) if block else 0
        return line

    # -- sentences

    def _sentence_lengths(self, readings: Sequence[Reading]) -> npt.NDArray[np.int64]:
        """Number of words of each sentence: of lines that are not blank, long ones cut."""
        parts: list[npt.NDArray[np.int64]] = []
        carried = 0
        for reading in readings:
            for counted, goes_on in reading.line_lengths:
                lengths = counted.copy()
                if carried:
                    lengths[0] += carried
                carried = int(lengths[-1]) if goes_on else 0
                parts.append(lengths[:-1] if goes_on else lengths)
            reading.line_lengths = []
        if carried:
            parts.append(np.array([carried], dtype=np.int64))
        lines = np.concatenate(parts) if parts else np.empty(0, np.int64)
        lines = lines[lines > 0]
        longest = self._max_sentence_length
        if not (lines > longest).any():
            return lines
        pieces = -(-lines // longest)
        sentences = np.full(int(pieces.sum()), longest, dtype=np.int64)
        sentences[np.cumsum(pieces) - 1] = lines - (pieces - 1) * longest
        return sentences

    def sentences(self) -> Iterator[list[str]]:
        """See :meth:`Corpus.sentences`."""
        self._begin_pass()
        for path in self._paths:
            yield from file_sentences(
                path,
                self._max_sentence_length,
                self._limit,
                encoding=self._encoding,
                errors=self._errors,
            )


def _renumber(
    store: TokenStore, mapping: npt.NDArray[np.int32] | None, tokens: npt.NDArray[np.int32]
) -> None:
    """Write the ids of a store, which is empty then, as the numbers that `mapping` has for them."""
    written = 0
    for ids in store.drain():
        place = tokens[written : written + len(ids)]
        place[:] = ids
        if mapping is not None:
            translate(place, mapping)
        written += len(ids)


def _next_word(file: IO[bytes], position: int, size: int) -> int:
    """The first place from `position` on that follows an ASCII blank."""
    file.seek(position)
    while block := file.read(1 << 16):
        if blank := ASCII_BLANK.search(block):
            return position + blank.end()
        position += len(block)
    return size
