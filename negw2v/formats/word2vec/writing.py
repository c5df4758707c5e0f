"""Vectors to word2vec.c's text and binary formats."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.errors import ParameterError
from negw2v.formats import _text_rows
from negw2v.io.writing import writing, writing_behind
from negw2v.parallel import ordered_map, thread_count

__all__ = ["Vectors", "write"]

#: Numbers in the rows that are made into bytes at a time.
BLOCK_NUMBERS = 1 << 17


@dataclass(frozen=True)
class Vectors:
    """Keys and vectors in the order in which they are to be written.

    Parameters
    ----------
    keys
        One per row.
    vectors
        Float (n, dimensions).
    order
        Rows of `vectors` in the order of `keys`; None: as they are.
    prefix
        Text before each key.
    binary
        They are written in the binary format.
    allow_blanks
        Whether keys may have blanks in them; None: in text files, where they come back.

    Attributes
    ----------
    blank_keys : set of str
        Keys with blanks in them that were met when `allow_blanks` is None.
    """

    keys: Sequence[Any]
    vectors: npt.NDArray[Any]
    order: npt.NDArray[np.int64] | None = None
    prefix: str = ""
    binary: bool = False
    allow_blanks: bool | None = None
    blank_keys: set[str] = field(default_factory=set)

    def block(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Some rows."""
        if self.order is None:
            return self.vectors[start:stop]
        return self.vectors[self.order[start:stop]]

    def heads(self, start: int, stop: int) -> tuple[bytes, npt.NDArray[np.int64]]:
        """Prefix, key and a blank of some rows; where they begin and end.

        Raises
        ------
        ParameterError
            A key would not come back from a file as it was.
        """
        keys = self.keys[start:stop]
        heads = [f"{self.prefix}{key} " for key in keys]
        try:
            parts = [head.encode() for head in heads]
        except UnicodeEncodeError:
            parts = []
        joined = b"".join(parts)
        if joined.count(b" ") != len(keys) or b"\n" in joined:
            self._check(keys)
        return joined, offsets_of([len(part) for part in parts])

    def _check(self, keys: Sequence[Any]) -> None:
        """Look at keys one by one, as one of them has something in it that matters."""
        for key in keys:
            text = f"{self.prefix}{key}"
            reason = self._why_not(text)
            if reason:
                raise ParameterError(
                    f"the key {key!r} {reason}: it could not be read back from this format; "
                    f"{self._way_out(text)}"
                )
            if " " in text and self.allow_blanks is None:
                self.blank_keys.add(text)

    def _why_not(self, text: str) -> str:
        """Why a key cannot be written; an empty str where it can."""
        if "\n" in text:
            return "has a line feed in it"
        try:
            text.encode()
        except UnicodeEncodeError:
            return "has half a character in it, which UTF-8 cannot hold"
        if " " not in text or self.allow_blanks:
            return ""
        if self.binary or self.allow_blanks is not None:
            return "has a blank in it"
        if text[-1] in " \t":
            return "ends in a blank"
        return "has a blank in it and ends in a number" if _ends_in_number(text) else ""

    def _way_out(self, text: str) -> str:
        """What to do with a key that is not written."""
        if self._written_with_blanks(text):
            return (
                "rename it, use save(), or give allow_blanks=True to write it for programs that "
                "can read it"
            )
        return "rename it, or use save()"

    def _written_with_blanks(self, text: str) -> bool:
        return not replace(self, allow_blanks=True)._why_not(text)  # noqa: SLF001 - its own


def _ends_in_number(text: str) -> bool:
    """Whether the last part of a key might be taken for the first number of its vector."""
    try:
        return math.isfinite(float(re.split("[ \t]", text)[-1]))
    except ValueError:
        return False


def write(
    target: Any,
    content: Vectors,
    *,
    header: tuple[int, int] | None = None,
    append: bool = False,
    vocabulary: tuple[Any, Sequence[Any]] | None = None,
) -> None:
    """Write vectors to a file, and their vocabulary to another: both, or neither.

    Parameters
    ----------
    target
        A path, a URI or a binary file, see :func:`negw2v.io.writing.writing`.
    content
        What to write.
    header
        Count and dimensions for the first line; None: write none.
    append
        Write behind what is in the files.
    vocabulary
        Target of the other file, and one count, or another value, per key.

    Raises
    ------
    SaveError
        A file cannot be written; both are as they were before.
    ParameterError
        A key cannot be written.
    """
    blocks = _blocks(content, _binary_block if content.binary else _text_block)
    to = writing_behind if append else writing
    with contextlib.ExitStack() as files:
        if vocabulary is not None:
            lines = _vocabulary(content, vocabulary[1])
            files.enter_context(to(vocabulary[0])).write(lines)
        file = files.enter_context(to(target))
        if header is not None:
            file.write(f"{header[0]} {header[1]}\n".encode())
        for block in blocks:
            file.write(block)


def _vocabulary(content: Vectors, counts: Sequence[Any]) -> bytes:
    """A key and its count (or another attribute) per line."""
    content.heads(0, len(content.keys))  # looks whether all can be written
    lines = (
        f"{content.prefix}{key} {count}\n" for key, count in zip(content.keys, counts, strict=True)
    )
    return "".join(lines).encode()


def _blocks(
    content: Vectors, convert: Callable[[Vectors, int, int], bytes | bytearray]
) -> Iterator[bytes | bytearray]:
    """The bytes of all rows, in order, a block at a time; made by several threads."""
    rows = len(content.keys)
    step = max(1, BLOCK_NUMBERS // content.vectors.shape[1])
    starts = range(0, rows, step)
    if len(starts) < 2:
        yield from (convert(content, start, rows) for start in starts)
        return

    def converted(start: int) -> bytes | bytearray:
        return convert(content, start, min(start + step, rows))

    yield from ordered_map(converted, starts, thread_count(), "negw2v-rows")


def _text_block(content: Vectors, start: int, stop: int) -> bytes | bytearray:
    rows = content.block(start, stop)
    heads, edges = content.heads(start, stop)
    if rows.dtype == np.float32:
        return _text_rows.write_lines(np.ascontiguousarray(rows), heads, edges, exponent_from())
    lines = []
    for head, row in zip(range(len(rows)), rows, strict=True):
        text = heads[edges[head] : edges[head + 1]]
        lines.append(text + " ".join(map(str, row)).encode() + b"\n")
    return b"".join(lines)


def _binary_block(content: Vectors, start: int, stop: int) -> bytes:
    with np.errstate(over="ignore"):  # the caller has checked for infinity, or wants it
        rows = np.ascontiguousarray(content.block(start, stop), dtype=np.float32)
    return _text_rows.write_records(rows, *content.heads(start, stop))


def exponent_from() -> float:
    """From where on NumPy writes a float32 with an exponent: it depends on NumPy's version."""
    return next(
        float(f"1e{power}") for power in range(1, 17) if "e" in str(np.float32(f"1e{power}"))
    )
