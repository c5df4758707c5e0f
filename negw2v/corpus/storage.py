"""Storage of token ids between reading and training.

Reading first stores provisional ids (in order of first appearance), because the vocabulary is
known only after the last word. :func:`assemble` then turns them into final ids, segment by
segment, and frees each segment immediately, so memory use stays near 4 bytes per token. Ids
that do not fit into memory are in temporary files.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import EIO
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._tokenizer import compact
from negw2v.corpus.base import TokenBlock
from negw2v.errors import SaveError
from negw2v.parallel import ThreadPool

__all__ = [
    "SEGMENT_BYTES",
    "SPILL_BYTES",
    "Portion",
    "TokenStore",
    "assemble",
    "space_for_ids",
    "space_for_tokens",
]

#: Size of a segment of ids.
SEGMENT_BYTES = 1 << 22

#: Bytes of ids in memory; further ids go to a temporary file.
SPILL_BYTES = 1 << 32


@contextmanager
def _temporary_space() -> Iterator[None]:
    """Turn an error while writing a temporary file into one that says what is full."""
    try:
        yield
    except OSError as error:
        import tempfile

        reason = (
            "the ids of a corpus that is larger than memory cannot be written to the folder for "
            f"temporary files: {error.strerror}; make room there, or name another one in $TMPDIR"
        )
        raise SaveError(tempfile.gettempdir(), reason, error.errno or EIO) from error


def space_for_ids(count: int) -> npt.NDArray[np.int32]:
    """Memory for so many ids.

    It is an anonymous map: unlike freed heap memory, it returns to the system immediately.

    Raises
    ------
    MemoryError
        There is none.
    """
    if not count:
        return np.empty(0, dtype=np.int32)
    try:
        return np.frombuffer(mmap.mmap(-1, 4 * count), dtype=np.int32)
    except OSError as error:
        raise MemoryError(f"no memory for the ids of words: {error.strerror}") from error


class TokenStore:
    """A growing sequence of int32 ids that is read once, from the front.

    Parameters
    ----------
    memory_limit
        Bytes to keep in memory; further ids go to a temporary file.
    """

    def __init__(self, memory_limit: int = SPILL_BYTES) -> None:
        self._memory_limit = memory_limit
        self._segments: list[npt.NDArray[np.int32]] = []
        self._in_memory = 0  # bytes of all segments
        self._used = SEGMENT_BYTES
        self._file: IO[bytes] | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, ids: Any) -> None:
        """Add ids: an int32 array or anything with such a buffer; it is copied."""
        data = memoryview(ids).cast("B")
        self._length += len(data) // 4
        while len(data):
            if self._file is None and self._used == SEGMENT_BYTES:
                self._new_segment()
            if self._file is not None:
                with _temporary_space():
                    self._file.write(data)
                return
            part = min(len(data), SEGMENT_BYTES - self._used)
            space = self._segments[-1].data.cast("B")
            space[self._used : self._used + part] = data[:part]
            self._used += part
            data = data[part:]

    def adopt(self, ids: npt.NDArray[np.int32]) -> None:
        """Add ids that nobody else changes; they are not copied where there is room in memory."""
        if self._file is not None or self._in_memory + ids.nbytes > self._memory_limit:
            self.append(ids)
            return
        self._end_segment()
        self._segments.append(ids)
        self._in_memory += ids.nbytes
        self._length += len(ids)

    def _end_segment(self) -> None:
        """Let the next ids begin a segment of their own."""
        if self._segments and self._used < SEGMENT_BYTES:
            self._segments[-1] = self._segments[-1][: self._used // 4]
        self._used = SEGMENT_BYTES

    def _new_segment(self) -> None:
        if self._in_memory + SEGMENT_BYTES > self._memory_limit:
            import tempfile

            with _temporary_space():
                self._file = tempfile.TemporaryFile(prefix="negw2v-")  # noqa: SIM115
            return
        self._segments.append(space_for_ids(SEGMENT_BYTES // 4))
        self._in_memory += SEGMENT_BYTES
        self._used = 0

    def drain(self) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the ids in pieces; the next iteration frees a piece."""
        self._end_segment()
        segments, self._segments = self._segments[::-1], []
        file, self._file = self._file, None
        self._in_memory = self._length = 0
        while segments:
            yield segments.pop()
        if file is not None:
            with file:
                with _temporary_space():
                    file.seek(0)  # also flushes
                while data := file.read(SEGMENT_BYTES):
                    yield np.frombuffer(data, dtype=np.int32)


class Portion(NamedTuple):
    """A stretch of the corpus that one thread read.

    Attributes
    ----------
    store
        Its provisional ids.
    remap
        int32: the final id of each provisional one, -1 to leave it out; None: the stored ids
        are final, and negative ones are left out.
    kept
        Number of ids that are kept.
    """

    store: TokenStore
    remap: npt.NDArray[np.int32] | None
    kept: int


def assemble(
    portions: Sequence[Portion],
    raw_lengths: npt.NDArray[np.int64],
    workers: int = 1,
    stored_lengths: npt.NDArray[np.int64] | None = None,
) -> TokenBlock:
    """Make one block of all portions; their stores are empty afterwards.

    Parameters
    ----------
    portions
        The corpus, in order.
    raw_lengths
        int64 (s,): words of each sentence.
    workers
        Number of threads.
    stored_lengths
        int64 (s,): number of stored ids of each sentence; None: `raw_lengths`.
    """
    lengths = raw_lengths if stored_lengths is None else stored_lengths
    ends = offsets_of(lengths)[1:]
    tokens = space_for_tokens(sum(portion.kept for portion in portions))
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)

    def place(portion: Portion, position: int, written: int) -> None:
        # The sentence of the portion's first id. If the previous portion ends with the end of a
        # sentence, it is the next sentence.
        sentence = int(np.searchsorted(ends, position, side="right")) if position else 0
        for ids in portion.store.drain():
            sentence, position, written = compact(
                ids, portion.remap, ends, sentence, position, tokens, written, starts
            )

    jobs: list[Callable[[], None]] = []
    position = written = 0
    for portion in portions:
        jobs.append(lambda args=(portion, position, written): place(*args))  # type: ignore[misc]
        position += len(portion.store)
        written += portion.kept
    if len(jobs) == 1:  # starting a thread takes longer than a small corpus does
        jobs[0]()
        return TokenBlock(tokens, starts, raw_lengths)
    with ThreadPool(max(1, min(workers, len(jobs))), "negw2v-corpus") as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
    return TokenBlock(tokens, starts, raw_lengths)


def space_for_tokens(n: int) -> npt.NDArray[np.int32]:
    """Memory for the ids of a block; a map of a temporary file, if they are too many."""
    if n * 4 <= SPILL_BYTES:
        return np.empty(n, dtype=np.int32)
    import tempfile

    # The map keeps the file open; the file disappears with the array.
    with _temporary_space(), tempfile.TemporaryFile(prefix="negw2v-") as file:
        # A file with holes is filled through the map, where a full disk does not raise: it sends
        # a signal that ends the process.
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, n * 4)
        return np.memmap(file, dtype=np.int32, mode="w+", shape=(n,))
