"""Rows of a file, in blocks: one thread reads and finds where rows end, others parse them.

The file is read front to back, once, so that a compressed file or a pipe will do as well as a
plain one. Memory is asked for only as the file's own bytes justify it, whatever a header says.
"""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

import numpy.typing as npt

from negw2v.errors import TruncatedFileError
from negw2v.formats._text_rows import PADDING, TOO_LONG
from negw2v.io.reading import Source
from negw2v.parallel import ThreadPool, thread_count

__all__ = ["Cut", "Layout", "Parsed", "RowReader", "Sink"]

#: Bytes of a block; a row that is longer gets a larger one.
BLOCK_BYTES = 1 << 20

#: More rows than a file can have.
ALL = 1 << 62


class Cut(NamedTuple):
    """What the start of a block holds: whole rows, and where they end.

    `blocked`: the next row is faulty in a way that can be seen from here; reading it tells how.
    """

    rows: int
    end: int
    blocked: bool = False


class Parsed(NamedTuple):
    """Words of the rows before the first fault, and what that is (0: none) and where.

    `blank_words`: how many of the words have blanks in them.
    """

    words: list[str]
    fault: int
    offset: int
    blank_words: int = 0


class Layout(Protocol):
    """How rows lie in a file."""

    @property
    def longest(self) -> int:
        """No row is longer, or the file is of another kind."""

    def cut(self, block: bytearray, size: int, wanted: int, at_end: bool) -> Cut:
        """Find whole rows at the start of a block, at most `wanted`."""

    def ended(self, block: bytearray, size: int) -> int:
        """Complete the last row at the end of the file; the number of bytes afterwards."""

    def parse(self, block: bytearray, size: int, out: npt.NDArray[Any]) -> Parsed:
        """Read as many rows as `out` has."""

    def scratch(self, size: int) -> npt.NDArray[Any]:
        """Room for one row of at most `size` bytes, which is faulty."""

    def error(self, path: Any, block: bytes, parsed: Parsed, row: int, start: int) -> Exception:
        """The exception for a fault in a row (counted from 0) of a block that begins at `start`."""


class Sink(Protocol):
    """Where rows go."""

    def room(self, first: int, rows: int) -> npt.NDArray[Any] | None:
        """Where rows from number `first` on go; None: not before all others are there."""

    def grow(self, first: int, rows: int) -> npt.NDArray[Any]:
        """The same, while no other thread writes to the sink."""

    def take(self, first: int, words: list[str], out: npt.NDArray[Any]) -> None:
        """Take rows, in order, when they are parsed."""


class Job(NamedTuple):
    """A block that is being parsed."""

    future: Future[Parsed] | Parsed
    block: bytearray
    size: int
    start: int
    first: int
    out: npt.NDArray[Any]


class RowReader:
    """Reads rows from a source into a sink.

    Parameters
    ----------
    source
        The file; its header is read already.
    layout
        What a row looks like.
    sink
        Where rows go.
    start
        Position of the first row in the file.
    rest
        Bytes of it that were read with the header.

    Attributes
    ----------
    rows : int
        Rows that were found.
    blank_words : int
        Rows whose words have blanks in them.
    position : int
        Bytes that were read.
    """

    def __init__(self, source: Source, layout: Layout, sink: Sink, start: int, rest: bytes) -> None:
        self.rows = 0
        self.blank_words = 0
        self.position = start + len(rest)
        self._source, self._layout, self._sink = source, layout, sink
        self._start = start  # of the present block in the file
        self._block = self._buffer(max(BLOCK_BYTES, len(rest)))
        self._block[: len(rest)] = rest
        self._size = len(rest)
        self._jobs: deque[Job] = deque()
        self._free: list[bytearray] = []

    @staticmethod
    def _buffer(size: int) -> bytearray:
        return bytearray(size + PADDING)

    def read(self, wanted: int | None, *, exactly: bool = True) -> None:
        """Read rows.

        Parameters
        ----------
        wanted
            How many; None: all that there are.
        exactly
            Fewer rows are an error.

        Raises
        ------
        ModelFileError
            A row is faulty, or (TruncatedFileError) there are fewer.
        """
        with contextlib.ExitStack() as stack:
            pool: ThreadPool | None = None
            while wanted is None or self.rows < wanted:
                at_end = not self._fill()
                if at_end:
                    self._size = self._layout.ended(self._block, self._size)
                left = ALL if wanted is None else min(wanted - self.rows, ALL)
                cut = self._layout.cut(self._block, self._size, left, at_end)
                if pool is None and not at_end and cut.rows < left:
                    pool = stack.enter_context(ThreadPool(thread_count(), "negw2v-rows"))
                self._hand_over(cut, pool)
                if cut.blocked:
                    self._explain()
                if at_end and (wanted is None or self.rows < wanted):
                    break
                if cut.end == 0 and self._size >= len(self._block) - PADDING and not at_end:
                    self._enlarge()
            self._drain()
        if exactly and wanted is not None and self.rows < wanted:
            raise TruncatedFileError(
                self._source.path,
                f"the file ends after {self.rows:,} of {wanted:,} vectors",
                position=self.position,
            )

    def goes_on(self) -> bool:
        """Whether the file holds more than blanks behind the rows that were read."""
        while not self._block[: self._size].strip():
            self._start += self._size
            self._size = 0
            if not self._fill() and not self._size:
                return False
        return True

    def _fill(self) -> bool:
        """Read into the rest of the block; whether the file goes on."""
        room = len(self._block) - PADDING
        view = memoryview(self._block)
        while self._size < room:
            read = self._source.read_into(view[self._size : room])
            if not read:
                return False
            self._size += read
            self.position += read
        return True

    def _enlarge(self) -> None:
        """Room for a row that is longer than the block."""
        size = len(self._block) - PADDING
        if size >= self._layout.longest:
            self._explain(too_long=True)
        larger = self._buffer(2 * size)
        larger[: self._size] = memoryview(self._block)[: self._size]
        self._block = larger

    def _hand_over(self, cut: Cut, pool: ThreadPool | None) -> None:
        """Have the block's rows parsed, and go on with the bytes behind them."""
        if not cut.rows:
            return
        out = self._sink.room(self.rows, cut.rows)
        if out is None:
            self._drain()
            out = self._sink.grow(self.rows, cut.rows)
        arguments = self._block, cut.end, out
        parsed: Any = (
            self._layout.parse(*arguments)
            if pool is None
            else pool.submit(self._layout.parse, *arguments)
        )
        self._jobs.append(Job(parsed, self._block, cut.end, self._start, self.rows, out))
        while len(self._jobs) > thread_count() + 1:
            self._finish(self._jobs.popleft())
        rest = memoryview(self._block)[cut.end : self._size]
        fitting = [block for block in self._free if len(block) >= len(self._block)]
        self._free = []
        following = fitting.pop() if fitting else self._buffer(len(self._block) - PADDING)
        following[: len(rest)] = rest
        self._block, self._size = following, len(rest)
        self._start += cut.end
        self.rows += cut.rows

    def _finish(self, job: Job) -> None:
        parsed = job.future.result() if isinstance(job.future, Future) else job.future
        if parsed.fault:
            row = job.first + len(parsed.words)
            block = bytes(memoryview(job.block)[: job.size])
            raise self._layout.error(self._source.path, block, parsed, row, job.start)
        self.blank_words += parsed.blank_words
        self._sink.take(job.first, parsed.words, job.out)
        self._free.append(job.block)

    def _drain(self) -> None:
        while self._jobs:
            self._finish(self._jobs.popleft())

    def _explain(self, too_long: bool = False) -> None:
        """Raise what is wrong with the row at the start of the block."""
        self._drain()
        if too_long:
            parsed = Parsed([], TOO_LONG, 0)
        else:
            parsed = self._layout.parse(self._block, self._size, self._layout.scratch(self._size))
        block = bytes(memoryview(self._block)[: self._size])
        raise self._layout.error(self._source.path, block, parsed, self.rows, self._start)
