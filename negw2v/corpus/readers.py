"""Iterables of sentences over files; each can be read any number of times."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from negw2v.errors import (
    CorpusDecodeError,
    CorpusFileError,
    ParameterError,
)
from negw2v.extras import needed_to_open

__all__ = [
    "MAX_WORDS_IN_BATCH",
    "BrownCorpus",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "decode_error",
    "is_plain_file",
    "open_bytes",
    "read_into",
]

logger = logging.getLogger(__name__)

#: Longest sentence that the readers yield; a longer line becomes several sentences.
MAX_WORDS_IN_BATCH = 10_000

COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})


def is_plain_file(path: str) -> bool:
    """Whether the path names a file on this machine that is not compressed."""
    return Path(path).suffix.lower() not in COMPRESSED and Path(path).is_file()


def open_bytes(path: str) -> IO[bytes]:
    """Open a file for reading bytes; compressed files and URLs through smart_open."""
    if is_plain_file(path):
        return Path(path).open("rb")
    if "://" not in path and not Path(path).exists():
        raise CorpusFileError(f"there is no file {path!r}")
    if "://" not in path and Path(path).is_dir():
        raise CorpusFileError(
            f"{path!r} is a folder; PathLineSentences reads all the files in a folder"
        )
    import smart_open

    with needed_to_open(path):
        stream: IO[bytes] = smart_open.open(path, "rb")
    return stream


def read_into(file: Any, space: memoryview) -> int:
    """Read bytes into `space`, as many as there are or fit; their number, 0 at the end."""
    if hasattr(file, "readinto"):
        return int(file.readinto(space))
    block = file.read(len(space))
    space[: len(block)] = block
    return len(block)


def decode_error(name: str, line: int, offset: int, found: bytes = b"") -> CorpusDecodeError:
    """The exception for a byte that is not UTF-8; `line` counts from 1, `offset` from 0."""
    shown = f" ({found[:8]!r})" if found else ""
    return CorpusDecodeError(
        f"{name} is not valid UTF-8: line {line}, byte offset {offset}{shown}; "
        "convert it first, for example with iconv or errors='ignore'",
        found,
    )


class LineSentence:
    """A file whose lines are sentences of words separated by blanks.

    Words are what ``str.split()`` makes of a line. A blank line is no sentence. A line of
    more than `max_sentence_length` words becomes several sentences.

    Parameters
    ----------
    source
        Path of a text file (.gz, .bz2, .xz and .zst are decompressed), or an open file
        that can ``seek(0)``.
    max_sentence_length
        Longest sentence, in words.
    limit
        Read only so many lines; None: all.

    Raises
    ------
    ParameterError
        `max_sentence_length` is less than 1, or `limit` less than 0.
    CorpusDecodeError
        While iterating: a line is not valid UTF-8.
    """

    def __init__(
        self,
        source: Any,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        _check_limits(max_sentence_length, limit)
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit

    def __iter__(self) -> Iterator[list[str]]:
        if hasattr(self.source, "seek"):
            self.source.seek(0)
            name = str(getattr(self.source, "name", "the given file object"))
            yield from _sentences(self.source, name, self.max_sentence_length, self.limit)
        else:
            path = os.fspath(self.source)
            with open_bytes(path) as lines:
                yield from _sentences(lines, path, self.max_sentence_length, self.limit)


class PathLineSentences:
    """Like :class:`LineSentence` for all files in a folder, in the order of their names.

    Parameters
    ----------
    source
        Path of a folder (its subfolders are not read), or of one file.
    max_sentence_length
        Longest sentence, in words.
    limit
        Read only so many lines of each file; None: all.

    Raises
    ------
    ParameterError
        `source` is neither a file nor a folder, or a limit makes no sense.
    """

    def __init__(
        self,
        source: Any,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        _check_limits(max_sentence_length, limit)
        self.source = os.fspath(source)
        self.max_sentence_length = max_sentence_length
        self.limit = limit
        folder = Path(self.source)
        if folder.is_file():
            self.input_files = [self.source]
        elif folder.is_dir():
            self.input_files = [str(path) for path in _files_in(folder)]
        else:
            raise ParameterError(f"{self.source!r} is neither a file nor a folder")
        logger.info("files of %s: %s", self.source, ", ".join(self.input_files))

    def __iter__(self) -> Iterator[list[str]]:
        for path in self.input_files:
            logger.info("reading file %s", path)
            with open_bytes(path) as lines:
                yield from _sentences(lines, path, self.max_sentence_length, self.limit)


class Text8Corpus:
    """A file without line ends, such as text8, cut into sentences of equal length.

    Parameters
    ----------
    fname
        Path of the file.
    max_sentence_length
        Words of every sentence but the last.
    """

    def __init__(self, fname: Any, max_sentence_length: int = MAX_WORDS_IN_BATCH) -> None:
        _check_limits(max_sentence_length, None)
        self.fname = fname
        self.max_sentence_length = max_sentence_length

    def __iter__(self) -> Iterator[list[str]]:
        words: list[str] = []
        path = os.fspath(self.fname)
        with open_bytes(path) as file:
            for piece in _pieces(file, path):
                words += piece
                whole = len(words) - len(words) % self.max_sentence_length
                for i in range(0, whole, self.max_sentence_length):
                    yield words[i : i + self.max_sentence_length]
                words = words[whole:]
        if words:
            yield words


class BrownCorpus:
    """The Brown corpus as the files of a folder, one sentence of ``word/TAG`` to a line.

    Words are lower-cased and keep the first two letters of their tag; tokens whose tag
    does not begin with letters (punctuation) are left out.

    Parameters
    ----------
    dirname
        Path of the folder.
    """

    def __init__(self, dirname: Any) -> None:
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        for path in _files_in(Path(self.dirname)):
            with open_bytes(str(path)) as lines:
                for words in _decoded_lines(lines, str(path), None):
                    pairs = [pair for pair in (word.split("/") for word in words) if len(pair) == 2]
                    kept = [f"{word.lower()}/{tag[:2]}" for word, tag in pairs if tag[:2].isalpha()]
                    if kept:
                        yield kept


def _files_in(folder: Path) -> list[Path]:
    """The files in a folder in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.is_file())


def _check_limits(max_sentence_length: Any, limit: Any) -> None:
    if not max_sentence_length >= 1:
        raise ParameterError(f"max_sentence_length must be 1 or more, not {max_sentence_length!r}")
    if limit is not None and limit < 0:
        raise ParameterError(f"limit must be None or 0 or more, not {limit!r}")


def _decoded_lines(lines: Iterable[Any], name: str, limit: int | None) -> Iterator[list[str]]:
    """The words of every line; lines are bytes, or str where a file was opened as text."""
    offset = 0
    for number, line in enumerate(islice(lines, limit), start=1):
        if isinstance(line, str):
            yield line.split()
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise decode_error(
                name, number, offset + error.start, line[error.start : error.end]
            ) from error
        yield text.split()
        offset += len(line)


def _sentences(
    lines: Iterable[Any], name: str, max_sentence_length: int, limit: int | None
) -> Iterator[list[str]]:
    for words in _decoded_lines(lines, name, limit):
        for i in range(0, len(words), max_sentence_length):
            yield words[i : i + max_sentence_length]


def _pieces(file: IO[bytes], name: str) -> Iterator[list[str]]:
    """The words of a file in pieces, however long its lines are."""
    offset = 0
    lines = 1
    rest = b""
    while True:
        block = file.read(1 << 20)
        data = rest + block
        # A word may go on in the next block: stop behind the last blank.
        stop = max(data.rfind(b" "), data.rfind(b"\n")) + 1 if block else len(data)
        try:
            yield data[:stop].decode("utf-8").split()
        except UnicodeDecodeError as error:
            line = lines + data.count(b"\n", 0, error.start)
            raise decode_error(
                name, line, offset + error.start, data[error.start : error.end]
            ) from error
        if not block:
            return
        offset += stop
        lines += data.count(b"\n", 0, stop)
        rest = data[stop:]
