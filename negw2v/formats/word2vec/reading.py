"""word2vec.c's text and binary formats, and GloVe's, read into records."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.errors import (
    FileDecodeError,
    InputTypeError,
    ModelFileError,
    ParameterError,
    TruncatedFileError,
    warn,
)
from negw2v.formats.records import VectorsRecord
from negw2v.formats.word2vec.layouts import (
    BLANKS,
    BinaryLayout,
    TextLayout,
    is_binary,
    trailing_numbers,
)
from negw2v.formats.word2vec.rows import RowReader
from negw2v.formats.word2vec.sinks import Matrix, Overlap, has_blank
from negw2v.io.kinds import what_it_is
from negw2v.io.reading import Source, opened

__all__ = ["Options", "read", "read_counts", "read_matching"]

DATATYPES = (np.float16, np.float32, np.float64)
#: Bytes that are read first.
FIRST_BYTES = 1 << 16
LONGEST_HEADER = 256
#: Lines that tell how many dimensions there are, where there is no header, and parts of a line
#: that are looked at one by one.
FIRST_LINES = 16
MOST_PARTS = 1 << 16
#: A vocabulary's word and its count.
WORD_AND_COUNT = re.compile(r"(.*?)[ \t]+([^ \t]+)", re.DOTALL)
#: No first line is longer, or the file is of another kind.
LONGEST_LINE = 1 << 26
LONGEST_VOCABULARY_LINE = 1 << 21
#: Rows that are moved at a time when others are dropped.
MOVED_ROWS = 4096


@dataclass(frozen=True)
class Options:
    """How to read: parameters of :meth:`negw2v.KeyedVectors.load_word2vec_format`, checked.

    Raises
    ------
    ParameterError, InputTypeError
        One of them makes no sense.
    """

    binary: bool = False
    encoding: str = "utf8"
    unicode_errors: str = "strict"
    limit: int | None = None
    datatype: Any = np.float32
    no_header: bool = False
    allow_nonfinite: bool = False
    allow_blanks: bool | None = None

    def __post_init__(self) -> None:
        try:
            codecs.lookup(self.encoding)
            codecs.lookup_error(self.unicode_errors)
        except (LookupError, TypeError) as error:
            raise ParameterError(
                f"encoding={self.encoding!r}, unicode_errors={self.unicode_errors!r}: {error}; "
                "give what bytes.decode() knows, such as 'utf8' and 'ignore'"
            ) from None
        if self.binary and self.no_header:
            raise ParameterError("no_header=True is for text files; binary=True was given, too")
        if self.binary and self.allow_blanks:
            raise ParameterError(
                "allow_blanks=True is for text files; in the binary format a blank ends a word"
            )
        if self.allow_blanks not in (None, False, True):
            raise InputTypeError(
                f"allow_blanks is {self.allow_blanks!r}; it must be True, False or None"
            )
        limit = self.limit
        if isinstance(limit, bool) or not isinstance(limit, (int, np.integer, type(None))):
            raise InputTypeError(f"limit is {limit!r}; it must be a number of vectors, or None")
        if limit is not None and limit < 0:
            raise ParameterError(
                f"limit={limit} was given; it must be 0 or more, or None (all vectors)"
            )
        if self.dtype not in DATATYPES:
            raise ParameterError(
                f"datatype={self.datatype!r} was given; float16, float32 and float64 are possible"
            )

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the vectors."""
        try:
            dtype: np.dtype[Any] = np.dtype(self.datatype)
        except (SyntaxError, TypeError, ValueError):  # NumPy parses types as Python
            raise InputTypeError(
                f"datatype is {self.datatype!r}; it must be a type, such as numpy.float32"
            ) from None
        return dtype

    def layout(self, dimensions: int, first_line: int) -> TextLayout | BinaryLayout:
        """What a row looks like."""
        kind = BinaryLayout if self.binary else TextLayout
        return kind(
            dimensions,
            self.encoding,
            self.unicode_errors,
            not self.allow_nonfinite,
            first_line,
            self.allow_blanks,
        )


class Beginning(NamedTuple):
    """What is known of a file when its first row is about to be read.

    `announced`: the number of rows that its header gives. `start`: position of the first row;
    `rest`: bytes of it that were read already.
    """

    layout: TextLayout | BinaryLayout
    announced: int | None
    start: int
    rest: bytes


def read(path: Any, options: Options, counts: Mapping[str, int] | None = None) -> VectorsRecord:
    """Read words and their vectors.

    Parameters
    ----------
    path
        The file: see :func:`negw2v.io.reading.opened`.
    options
        How to read.
    counts
        How often each word occurs; None: the first word gets the number of words, the next
        one less, and so on.

    Returns
    -------
    VectorsRecord
        With the attribute ``count``.

    Raises
    ------
    MissingFileError, ModelFileError
        See :meth:`negw2v.KeyedVectors.load_word2vec_format`.
    """
    with opened(path) as source:
        beginning = _begin(source, options)
        announced, limit = beginning.announced, options.limit
        known = [count for count in (announced, limit) if count is not None]
        wanted = min(known, default=None)
        matrix = Matrix(beginning.layout.dimensions, options.dtype, wanted)
        matrix.reserve(_expected_rows(source, beginning, wanted))
        reader = RowReader(source, beginning.layout, matrix, beginning.start, beginning.rest)
        reader.read(wanted, exactly=announced is not None)
        whole = announced is not None and (limit is None or limit > announced)
        if whole and reader.goes_on():
            warn(
                f"{source.path!s}: the header announces {announced:,} vectors, but the file goes "
                f"on behind them; what follows is not read (limit={announced} says that this is "
                "meant)"
            )
    matrix.shrink(reader.rows)
    if reader.blank_words and not options.allow_blanks:
        first = next(word for word in matrix.words if has_blank(word))
        warn(
            f"{source.path!s}: {reader.blank_words:,} words have blanks in them, such as "
            f"{first!r}: the last {beginning.layout.dimensions} parts of their lines are numbers "
            "(allow_blanks=True says that this is meant)"
        )
    _drop_duplicates(source.path, matrix)
    return VectorsRecord(
        keys=matrix.words,
        vectors=matrix.array,
        attributes={"count": _counts_of(path, matrix.words, counts, reader.rows)},
    )


def read_matching(
    path: Any, options: Options, words: Container[str], dimensions: int
) -> tuple[list[str], list[npt.NDArray[np.float32]]]:
    """Read the vectors of some words, and leave the others.

    Parameters
    ----------
    path, options
        As for :func:`read`.
    words
        The words.
    dimensions
        Of the vectors that are wanted.

    Returns
    -------
    words, vectors : list
        Those that were found, in the order of the file.

    Raises
    ------
    ParameterError
        The file's vectors have other dimensions.
    MissingFileError, ModelFileError
        As for :func:`read`.
    """
    with opened(path) as source:
        beginning = _begin(source, options)
        found = beginning.layout.dimensions
        if found != dimensions:
            raise ParameterError(
                f"{source.path!s}: incompatible vector size {found}; the vectors here have "
                f"{dimensions} dimensions"
            )
        _expected_rows(source, beginning, beginning.announced)
        overlap = Overlap(words, dimensions)
        reader = RowReader(source, beginning.layout, overlap, beginning.start, beginning.rest)
        reader.read(beginning.announced)
    return overlap.words, overlap.vectors


def read_counts(path: Any, options: Options) -> dict[str, int]:
    """Read the vocabulary that goes with a file of vectors: a word and its count per line.

    Parameters
    ----------
    path, options
        As for :func:`read`.

    Raises
    ------
    MissingFileError, ModelFileError
        As for :func:`read`.
    """
    counts: dict[str, int] = {}
    with opened(path) as source:
        position = 0
        for number, line in enumerate(_lines(source), start=1):
            place: dict[str, Any] = {"line": number, "position": position}
            try:
                text = line.decode(options.encoding, options.unicode_errors).rstrip("\r\n\t ")
                parts = WORD_AND_COUNT.fullmatch(
                    text.removeprefix("\ufeff") if number == 1 else text
                )
                if parts is None:
                    raise ValueError(text)
                counts[parts[1]] = int(parts[2])
            except UnicodeDecodeError as error:
                reason = f"the word is not valid {options.encoding}: {error.reason}"
                raise FileDecodeError(source.path, reason, **place) from None
            except ValueError:
                raise ModelFileError(
                    source.path, f"a word and its count are expected, not {line[:60]!r}", **place
                ) from None
            position += len(line) + 1
    return counts


# -- the beginning of a file


def _begin(source: Source, options: Options) -> Beginning:
    """Read the header, or the first line where there is none."""
    head = bytearray()
    longest = LONGEST_LINE if options.no_header else LONGEST_HEADER
    while b"\n" not in head and len(head) < longest:
        space = bytearray(max(min(2 * len(head), longest), FIRST_BYTES))
        read = source.read_into(memoryview(space))
        head += space[:read]
        if not read:
            break
    if not head:
        raise TruncatedFileError(source.path, "the file is empty", position=0)
    skipped = 0
    if head.startswith(codecs.BOM_UTF8) and codecs.lookup(options.encoding).name == "utf-8":
        skipped = len(codecs.BOM_UTF8)
    first = bytes(head[skipped:])
    if options.no_header:
        dimensions = 0 if is_binary(first) else _dimensions(first, options)
        if not dimensions:
            reason = what_it_is(first) or (
                "this is not text: it looks like the binary format; give binary=True"
                if is_binary(first)
                else "the first line has no numbers"
            )
            raise ModelFileError(source.path, reason, line=1, position=skipped)
        layout = options.layout(dimensions, first_line=1)
        return Beginning(layout, None, skipped, first)
    line, feed, rest = first.partition(b"\n")
    announced, dimensions = _header(source, line, bool(feed), first, options)
    layout = options.layout(dimensions, first_line=2)
    if options.binary and _is_text_row(rest, dimensions):
        raise ModelFileError(
            source.path,
            "these are vectors in the text format; leave binary=True away",
            line=2,
            position=skipped + len(line) + 1,
        )
    return Beginning(layout, announced, skipped + len(line) + len(feed), rest)


def _header(
    source: Source, line: bytes, ended: bool, first: bytes, options: Options
) -> tuple[int, int]:
    """Count and dimensions."""
    try:
        if len(line) > LONGEST_HEADER:
            raise ValueError("no header is so long")
        announced, dimensions = (int(part) for part in line.decode(options.encoding).split())
    except ValueError:
        raise ModelFileError(
            source.path,
            what_it_is(first)
            or "the first line must be the number of vectors and their dimensions, not "
            f"{line[:60]!r}{_hint_without_header(line, first, options)}",
            line=1,
            position=0,
        ) from None
    if announced < 0 or dimensions < 1 or dimensions >= 1 << 56:
        raise ModelFileError(
            source.path,
            f"the header announces {announced} vectors of {dimensions} dimensions",
            line=1,
            position=0,
        )
    if not ended and announced:
        raise TruncatedFileError(source.path, "the file ends in its header", position=len(line))
    return announced, dimensions


def _hint_without_header(line: bytes, first: bytes, options: Options) -> str:
    """Advice for a file that does not begin with a header."""
    if not _dimensions(line + b"\n", options):
        return "; is this really a file of vectors?"
    if options.binary:
        return (
            "; these are vectors in the text format without a header: give no_header=True, and "
            "leave binary=True away"
        )
    return "" if is_binary(first) else "; no_header=True reads files without one, as GloVe's"


def _dimensions(head: bytes, options: Options) -> int:
    """Numbers behind the word in most of the first lines; 0: the first line has none."""
    layout = TextLayout(1, options.encoding, options.unicode_errors)
    lines = head.split(b"\n", FIRST_LINES)
    whole = lines[: max(1, len(lines) - 1)]
    counts = [_numbers_in(line, layout) for line in whole]
    if not counts[0]:
        return 0
    found = [count for count in counts if count]
    if options.allow_blanks:  # the last part of a word may look like a number
        return min(found)
    return Counter(found).most_common(1)[0][0]


def _numbers_in(line: bytes, layout: TextLayout) -> int:
    """How many numbers end a line that begins with a word, perhaps an empty one."""
    line = line.rstrip()
    if line.count(b" ") > MOST_PARTS:
        return line.count(b" ")
    parts = BLANKS.split(line)
    return trailing_numbers(parts[1:], layout.to_number)


def _is_text_row(rest: bytes, dimensions: int) -> bool:
    """Whether the first row is a line of text: a word and its numbers."""
    line, feed, _ = rest.partition(b"\n")
    parts = BLANKS.split(line.rstrip())
    if not feed or len(parts) <= dimensions:
        return False
    return trailing_numbers(parts[-dimensions:], float) == dimensions


def _expected_rows(source: Source, beginning: Beginning, wanted: int | None) -> int:
    """For how many rows to make room; an error where the file cannot hold those announced."""
    if source.size is None:
        return 0
    left = source.size - beginning.start
    shortest = beginning.layout.shortest
    separator = 0 if isinstance(beginning.layout, BinaryLayout) else 1
    possible = (left + separator) // (shortest + separator)
    if wanted is None or beginning.announced is None:
        # as many as there are lines of the first one's length, and some more
        line = beginning.rest.find(b"\n") + 1 or len(beginning.rest)
        return min(left // line * 17 // 16 + 16, possible, *([wanted] if wanted else []))
    if wanted > possible:
        raise TruncatedFileError(
            source.path,
            f"the header announces {beginning.announced} vectors of "
            f"{beginning.layout.dimensions} dimensions, which need more than the "
            f"{left} bytes that follow",
            position=beginning.start,
        )
    return wanted


def _lines(source: Source) -> Iterator[bytes]:
    """The lines of a (small) file as bytes."""
    rest = b""
    space = bytearray(1 << 20)
    while read := source.read_into(memoryview(space)):
        *lines, rest = (rest + space[:read]).split(b"\n")
        yield from lines
        if len(rest) > LONGEST_VOCABULARY_LINE:
            raise ModelFileError(source.path, "no line is so long; is this a vocabulary?")
    if rest:
        yield rest


def _drop_duplicates(path: Any, matrix: Matrix) -> None:
    """Keep the first row of every word."""
    words = matrix.words
    if len(set(words)) == len(words):
        return
    first: dict[str, int] = {}
    kept = [row for row, word in enumerate(words) if first.setdefault(word, row) == row]
    again = next(row for row, word in enumerate(words) if first[word] != row)
    if not words[again]:
        raise ModelFileError(
            path, f"vector {again + 1} has no word, as vector {first[''] + 1} has none"
        )
    warn(
        f"{path!s}: {len(words) - len(kept):,} vectors of words that were there before are "
        f"ignored; the first is vector {again + 1:,}, {words[again]!r}, which is vector "
        f"{first[words[again]] + 1:,}, too"
    )
    rows = np.array(kept)
    for start in range(0, len(rows), MOVED_ROWS):  # rows move towards the start only
        block = rows[start : start + MOVED_ROWS]
        matrix.array[start : start + len(block)] = matrix.array[block]
    matrix.words = [words[row] for row in kept]
    matrix.shrink(len(kept))


def _counts_of(
    path: Any, words: list[str], counts: Mapping[str, int] | None, rows: int
) -> npt.NDArray[np.int64]:
    if counts is None:
        return np.arange(rows, rows - len(words), -1, dtype=np.int64)
    missing = [word for word in words if word not in counts]
    if missing:
        warn(
            f"{path!s}: {len(missing):,} words, such as {missing[0]!r}, are not in the "
            "vocabulary file; their count is 0"
        )
    return np.array([counts.get(word, 0) for word in words], dtype=np.int64)
