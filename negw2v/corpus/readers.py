"""Iterables of sentences over files; each can be read any number of times."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from negw2v.corpus.text_files import decode_error, open_text, reading
from negw2v.errors import CorpusFileError, ParameterError, warn
from negw2v.io.paths import is_folder, is_regular

__all__ = [
    "MAX_WORDS_IN_BATCH",
    "BrownCorpus",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
]

logger = logging.getLogger(__name__)

#: Longest sentence that the readers yield; a longer line becomes several sentences.
MAX_WORDS_IN_BATCH = 10_000

BYTE_ORDER_MARK = "\ufeff"


class LineSentence:
    """A file whose lines are sentences of words separated by blanks.

    Words are what ``str.split()`` makes of a line. A blank line is not a sentence. A line of
    more than `max_sentence_length` words becomes several sentences.

    Parameters
    ----------
    source
        Path of a text file, which may be compressed (gzip, bzip2, xz, Zstandard), or an open
        file that can ``seek(0)``.
    max_sentence_length
        Longest sentence, in words.
    limit
        Read only so many lines; None: all.

    Raises
    ------
    ParameterError
        `max_sentence_length` is less than 1, or `limit` less than 0.
    CorpusDecodeError, CorpusReadError
        While iterating: a line is not valid UTF-8; the file cannot be read on, or what is
        compressed is damaged.
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
            with open_text(path) as lines:
                yield from _sentences(lines, path, self.max_sentence_length, self.limit)


class PathLineSentences:
    """Like :class:`LineSentence` for all files in a folder, in the order of their names.

    Parameters
    ----------
    source
        Path of a folder, or of one file.
    max_sentence_length
        Longest sentence, in words.
    limit
        Read only so many lines of each file; None: all.
    recursive
        True: read the files in folders within the folder, too, in the order of their paths.
        False: leave them out, with a warning; an error where there are no others.

    Attributes
    ----------
    input_files : list of str
        The files.

    Raises
    ------
    ParameterError
        `source` is neither a file nor a folder, or a limit makes no sense; or there is something
        in the folder that is neither, such as a link that leads nowhere.
    CorpusFileError
        There are only folders in the folder.
    """

    def __init__(
        self,
        source: Any,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
        *,
        recursive: bool = False,
    ) -> None:
        _check_limits(max_sentence_length, limit)
        self.source = os.fspath(source)
        self.max_sentence_length = max_sentence_length
        self.limit = limit
        folder = Path(self.source)
        if is_regular(self.source):
            self.input_files = [self.source]
        elif is_folder(self.source):
            self.input_files = [str(path) for path in _input_files(folder, recursive)]
        else:
            raise ParameterError(f"{self.source!r} is neither a file nor a folder")
        logger.info("files of %s: %s", self.source, ", ".join(self.input_files))

    def __iter__(self) -> Iterator[list[str]]:
        for path in self.input_files:
            logger.info("reading file %s", path)
            with open_text(path) as lines:
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
        with open_text(path) as file:
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
        files, _ = _entries(Path(self.dirname))
        for path in files:
            with open_text(str(path)) as lines:
                for words in _decoded_lines(lines, str(path), None):
                    pairs = [pair for pair in (word.split("/") for word in words) if len(pair) == 2]
                    kept = [f"{word.lower()}/{tag[:2]}" for word, tag in pairs if tag[:2].isalpha()]
                    if kept:
                        yield kept


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files and the folders in a folder, in the order of their names.

    Raises
    ------
    CorpusFileError
        The folder cannot be read.
    ParameterError
        Something is neither.
    """
    files, folders = [], []
    try:
        entries = sorted(folder.iterdir())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CorpusFileError(f"the folder {str(folder)!r} cannot be read: {reason}") from error
    for path in entries:
        if path.is_dir():
            folders.append(path)
        elif path.is_file():
            files.append(path)
        else:
            raise ParameterError(
                f"{str(path)!r} is neither a file nor a folder (a link that leads nowhere, a pipe, "
                "a device?); take it out of the folder"
            )
    return files, folders


def _input_files(folder: Path, recursive: bool) -> list[Path]:
    """The files of :class:`PathLineSentences`."""
    files, folders = _entries(folder)
    if recursive:
        seen = {_identity(folder)}
        while folders:
            below = folders.pop()
            if _identity(below) in seen:  # a link to a folder whose files are there already
                continue
            seen.add(_identity(below))
            more, deeper = _entries(below)
            files += more
            folders += deeper
        return sorted(files)
    if folders and not files:
        raise CorpusFileError(
            f"there are no files in {str(folder)!r}, only folders, such as {folders[0].name!r}; "
            "PathLineSentences(..., recursive=True) reads the files in them"
        )
    if folders:
        warn(
            f"{str(folder)!r} has folders in it ({len(folders)}, such as "
            f"{folders[0].name!r}), whose files are not read; PathLineSentences(..., "
            "recursive=True) reads them"
        )
    return files


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _check_limits(max_sentence_length: Any, limit: Any) -> None:
    if not max_sentence_length >= 1:
        raise ParameterError(f"max_sentence_length must be 1 or more, not {max_sentence_length!r}")
    if limit is not None and limit < 0:
        raise ParameterError(f"limit must be None or 0 or more, not {limit!r}")


def _decoded_lines(lines: Iterable[Any], name: str, limit: int | None) -> Iterator[list[str]]:
    """The words of every line; lines are bytes, or str where a file was opened as text.

    A byte-order mark at the start is not part of the first word.
    """
    offset = 0
    with reading(name, lambda: offset):
        for number, line in enumerate(islice(lines, limit), start=1):
            if isinstance(line, str):
                yield (line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line).split()
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise decode_error(
                    name, number, offset + error.start, line[error.start : error.end]
                ) from error
            yield (text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text).split()
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
        with reading(name, file.tell):
            block = file.read(1 << 20)
        data = rest + block
        # A word may go on in the next block: stop behind the last blank.
        stop = max(data.rfind(b" "), data.rfind(b"\n")) + 1 if block else len(data)
        try:
            text = data[:stop].decode("utf-8")
        except UnicodeDecodeError as error:
            line = lines + data.count(b"\n", 0, error.start)
            raise decode_error(
                name, line, offset + error.start, data[error.start : error.end]
            ) from error
        yield (text if offset else text.removeprefix(BYTE_ORDER_MARK)).split()
        if not block:
            return
        offset += stop
        lines += data.count(b"\n", 0, stop)
        rest = data[stop:]
