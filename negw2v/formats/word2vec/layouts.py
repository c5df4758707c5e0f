"""How rows lie in word2vec's text and binary formats, and what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FileDecodeError, ModelFileError
from negw2v.formats import _text_rows
from negw2v.formats.word2vec.rows import Cut, Parsed

__all__ = ["BLANKS", "BinaryLayout", "TextLayout", "is_binary", "trailing_numbers"]

#: Bytes of a word; more, and the file is of another kind.
LONGEST_WORD = 1 << 20
#: Bytes of a number in a text file, on average over a line.
LONGEST_NUMBER = 1 << 10
#: How much of a file messages show.
SHOWN = 40

WORDS_WITH_BLANKS = {
    False: _text_rows.REFUSE,
    None: _text_rows.UNLESS_NUMBER,
    True: _text_rows.ACCEPT,
}

#: Control characters that text has not, and how many of a block's first bytes show that it is
#: none: of the bytes of float32 numbers every eleventh is one.
CONTROL = bytes({*range(0x20)} - set(b"\t\n\v\f\r"))
LOOKED_AT = 1 << 12
MOST_CONTROL = 0.02

FLOAT_BYTES = np.dtype(np.float32).itemsize


BLANKS = re.compile(rb"[ \t]+")


def trailing_numbers(parts: Sequence[bytes], to_number: Callable[[bytes], float]) -> int:
    """How many of the last parts of a line are numbers.

    Parameters
    ----------
    parts
        Of the line.
    to_number
        Raises ValueError for text that is not a number.
    """
    count = 0
    for part in reversed(parts):
        try:
            to_number(part)
        except ValueError:
            break
        count += 1
    return count


def is_binary(rows: bytes) -> bool:
    """Whether these are rows of numbers as they lie in memory, and no text.

    Parameters
    ----------
    rows
        The first of them.
    """
    first = rows[:LOOKED_AT]
    return len(first) - len(first.translate(None, CONTROL)) > MOST_CONTROL * len(first)


@dataclass(frozen=True)
class _Layout:
    """What both formats have.

    Parameters
    ----------
    dimensions
        Numbers in a vector.
    encoding, unicode_errors
        Of the words, as for ``bytes.decode``.
    finite_only
        NaN and infinity are errors.
    first_line
        Number of the first row's line, from 1.
    allow_blanks
        Whether words of text files may have blanks in them; None: those that do not end in a
        number.
    """

    dimensions: int
    encoding: str = "utf-8"
    unicode_errors: str = "strict"
    finite_only: bool = True
    first_line: int = 2
    allow_blanks: bool | None = None

    def _fault(self, path: Any, block: bytes, parsed: Parsed, place: dict[str, Any]) -> Exception:
        """The exception for what both formats have in common."""
        row = block[parsed.offset :]
        word = row.lstrip(b"\n").partition(b" ")[0]
        if parsed.fault == _text_rows.UNDECODABLE:
            try:
                word.decode(self.encoding)
            except UnicodeDecodeError as error:
                reason = (
                    f"the word {word[:SHOWN]!r} is not valid {self.encoding}: {error.reason}; "
                    "name the right encoding, or give unicode_errors='ignore' or 'replace'"
                )
                place["position"] += error.start
                found = word[error.start : error.end]
                return FileDecodeError(path, reason, encoding=self.encoding, found=found, **place)
        if parsed.fault == _text_rows.NOT_FINITE:
            shown = word.decode(self.encoding, "replace")
            return ModelFileError(
                path,
                f"{self._whose(shown)} is NaN, infinite or too large for the type; repair it, or "
                "give allow_nonfinite=True to load it anyway",
                **place,
            )
        if parsed.fault == _text_rows.TOO_LONG:
            return ModelFileError(
                path, f"no row is so long; is this really the {self.name} format?", **place
            )
        return ModelFileError(path, "the row cannot be read", **place)

    name = ""

    def _whose(self, shown: str) -> str:
        return f"a number in the vector of {shown[:SHOWN]!r}"


@dataclass(frozen=True)
class TextLayout(_Layout):
    """A word and numbers, with blanks between, in each line. Also GloVe's format."""

    name = "text"

    @property
    def longest(self) -> int:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        return LONGEST_WORD + LONGEST_NUMBER * self.dimensions

    @property
    def shortest(self) -> int:
        """Bytes that a line has at least, without its line feed: the word may be empty."""
        return 2 * self.dimensions

    def cut(self, block: bytearray, size: int, wanted: int, at_end: bool) -> Cut:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        del at_end
        rows, end, short = _text_rows.find_lines(block, size, wanted, min(self.shortest, size + 1))
        # Blank lines at the end of a file are ignored; elsewhere they are faults.
        return Cut(rows, end, short and bool(block[end:size].strip()))

    def ended(self, block: bytearray, size: int) -> int:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        if size and block[size - 1] != 0x0A:
            block[size] = 0x0A  # there is padding
            size += 1
        return size

    def parse(self, block: bytearray, size: int, out: npt.NDArray[Any]) -> Parsed:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        # NumPy's own float16(text) goes through a double, too.
        direct = out.dtype in (np.float32, np.float64)
        numbers = out if direct else np.empty(out.shape, dtype=np.float64)
        found = _text_rows.read_lines(
            block,
            block.rfind(b"\n", 0, size) + 1,
            numbers,
            self.encoding,
            self.unicode_errors,
            self.finite_only,
            self.to_number,
            WORDS_WITH_BLANKS[self.allow_blanks],
        )
        if not direct:
            with np.errstate(over="ignore"):
                out[...] = numbers
            if self.finite_only and not found[1]:
                finite = np.isfinite(out).all(axis=1)
                if not finite.all():
                    return self._not_finite(block, found[0], int(finite.argmin()))
        return Parsed(*found)

    def to_number(self, text: bytes) -> float:
        """The number that a text in the file's encoding stands for."""
        return float(text.decode(self.encoding, self.unicode_errors))

    @staticmethod
    def _not_finite(block: bytearray, words: list[str], row: int) -> Parsed:
        offset = 0
        for _ in range(row):
            offset = block.index(b"\n", offset) + 1
        return Parsed(words[:row], _text_rows.NOT_FINITE, offset)

    def scratch(self, size: int) -> npt.NDArray[Any]:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        return np.empty((1, min(self.dimensions, size)), dtype=np.float64)

    def error(self, path: Any, block: bytes, parsed: Parsed, row: int, start: int) -> Exception:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        place = {"line": self.first_line + row, "position": start + parsed.offset}
        begin = block.rfind(b"\n", 0, parsed.offset) + 1
        if is_binary(block[begin:]):
            reason = "this is not text: it looks like the binary format; give binary=True"
            return ModelFileError(path, reason, **place)
        line = block[begin:].partition(b"\n")[0].rstrip()
        parts = BLANKS.split(line)
        wanted = f"where {self.dimensions} are expected"
        if not line:
            return ModelFileError(path, "the line is blank", **place)
        if parsed.fault == _text_rows.BLANK_IN_WORD:
            word = self._shown(b" ".join(parts[: -self.dimensions]))
            reason = f"the word {word} has blanks in it; without allow_blanks=False it is read"
            return ModelFileError(path, reason, **place)
        if parsed.fault == _text_rows.WORD_OR_NUMBER:
            word = self._shown(b" ".join(parts[: -self.dimensions]))
            count = trailing_numbers(parts, self.to_number)
            reason = (
                f"{count} numbers {wanted}; if {word} is a word with blanks in it, give "
                "allow_blanks=True"
            )
            return ModelFileError(path, reason, **place)
        count = len(parts) - 1
        few = parsed.fault in (_text_rows.NO_WORD, _text_rows.TOO_FEW)
        numeric = trailing_numbers(parts[1:], self.to_number) == count
        if few or (numeric and count < self.dimensions):
            reason = f"{count} numbers {wanted}: {self._shown(line)}"
            if place["line"] == 1 and count == 1 and all(part.isdigit() for part in parts):
                reason += "; this looks like a header: leave no_header=True away"
            return ModelFileError(path, reason, **place)
        if parsed.fault == _text_rows.TOO_MANY:
            return ModelFileError(path, f"{count} numbers {wanted}", **place)
        if parsed.fault == _text_rows.NO_NUMBER:
            token = BLANKS.split(block[parsed.offset :].partition(b"\n")[0].lstrip(), maxsplit=1)[0]
            hint = "is this really the text format?"
            if count != self.dimensions:
                hint = f"the line has {count} parts after the word, {wanted}; {hint}"
            return ModelFileError(path, f"{self._shown(token)} is not a number; {hint}", **place)
        return self._fault(path, block[begin:], parsed._replace(offset=0), place)

    def _shown(self, text: bytes) -> str:
        shown = text[:SHOWN].decode(self.encoding, "replace")
        return repr(shown) if len(text) <= SHOWN else f"{shown!r}..."


@dataclass(frozen=True)
class BinaryLayout(_Layout):
    """A word, a blank and a vector of float32; a line feed in front of the word may be there."""

    name = "binary"

    @property
    def vector_bytes(self) -> int:
        """Size of a vector."""
        return FLOAT_BYTES * self.dimensions

    @property
    def longest(self) -> int:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        return LONGEST_WORD + self.vector_bytes

    @property
    def shortest(self) -> int:
        """Bytes that a row has at least."""
        return 1 + self.vector_bytes

    def cut(self, block: bytearray, size: int, wanted: int, at_end: bool) -> Cut:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        del at_end
        rows, end, in_word = _text_rows.find_records(block, size, wanted, self.vector_bytes)
        return Cut(rows, end, in_word and rows < wanted and size - end > LONGEST_WORD)

    def ended(self, block: bytearray, size: int) -> int:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        del block
        return size

    def parse(self, block: bytearray, size: int, out: npt.NDArray[Any]) -> Parsed:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        if not out.shape[1]:  # room that scratch() made
            return Parsed([], _text_rows.TOO_LONG, 0)
        direct = out.dtype == np.float32
        numbers = out if direct else np.empty(out.shape, dtype=np.float32)
        found = _text_rows.read_records(
            block, size, numbers, self.encoding, self.unicode_errors, self.finite_only
        )
        if not direct:
            with np.errstate(over="ignore"):
                out[...] = numbers
        return Parsed(*found)

    def scratch(self, size: int) -> npt.NDArray[Any]:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        del size
        return np.empty((1, 0), dtype=np.float32)

    def error(self, path: Any, block: bytes, parsed: Parsed, row: int, start: int) -> Exception:
        """See :class:`negw2v.formats.word2vec.rows.Layout`."""
        place = {"position": start + parsed.offset}
        if parsed.fault == _text_rows.LINE_FEED:
            reason = (
                f"the word of vector {row + 1} has a line feed in it; is this really the binary "
                "format, and is the number of dimensions right?"
            )
            return ModelFileError(path, reason, **place)
        return self._fault(path, block, parsed, place)

    def _whose(self, shown: str) -> str:
        return f"{super()._whose(shown)} (if that is a word: is this really the binary format?)"
