"""Iterables of sentences over files; each can be read any number of times."""

from __future__ import annotations

import io
import logging
import os
import stat
from collections.abc import Iterable, Iterator
from errno import EIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

from negw2v.corpus.faults import reading
from negw2v.errors import (
    CorpusDecodeError,
    CorpusFileError,
    CorpusReadError,
    ParameterError,
    warn,
)
from negw2v.extras import needed_to_open

__all__ = [
    "COMPRESSED",
    "FIRST_BYTES",
    "MAX_WORDS_IN_BATCH",
    "BrownCorpus",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "compression",
    "decode_error",
    "file_status",
    "is_pipe",
    "is_plain_file",
    "open_bytes",
    "read_into",
    "unpacked",
]

logger = logging.getLogger(__name__)

#: Longest sentence that the readers yield; a longer line becomes several sentences.
MAX_WORDS_IN_BATCH = 10_000

#: What smart_open calls the kinds of compression, and how such files begin. Of bzip2's, the mark
#: of the first block or of the end is part of it: texts may begin with "BZh", too.
COMPRESSED: dict[str, tuple[bytes, ...]] = {
    ".gz": (b"\x1f\x8b",),
    ".bz2": tuple(
        b"BZh%d%b" % (level, mark)
        for level in range(1, 10)
        for mark in (b"1AY&SY", b"\x17rE8P\x90")
    ),
    ".xz": (b"\xfd7zXZ\0",),
    ".zst": (b"\x28\xb5\x2f\xfd", *(b"%c\x2a\x4d\x18" % first for first in range(0x50, 0x60))),
}
#: A file that is cut off after so many bytes of its mark is still recognised by them.
SHORTEST_MARK = 4
#: So many first bytes tell what a file is compressed with.
FIRST_BYTES = 16

BYTE_ORDER_MARK = "\ufeff"


def compression(first: bytes) -> str | None:
    """What a file is compressed with, whatever its name is.

    Parameters
    ----------
    first
        Its first FIRST_BYTES bytes.

    Returns
    -------
    str or None
        The suffix that such files have; None: it is not compressed.
    """
    if first[4:9] == b"\0\0\0\0{":  # safetensors: the size of a header, which may be any number
        return None
    for suffix, marks in COMPRESSED.items():
        for mark in marks:
            if first.startswith(mark) or (
                SHORTEST_MARK <= len(first) < len(mark) and mark.startswith(first)
            ):
                return suffix
    return None


def is_plain_file(path: str) -> bool:
    """Whether the path names a file on this machine that is not compressed."""
    status = file_status(path)
    if status is None or not stat.S_ISREG(status.st_mode):
        return False
    try:
        with Path(path).open("rb", buffering=0) as file:
            return compression(file.read(FIRST_BYTES)) is None
    except OSError:
        return True  # whoever reads it says why that is not possible


def is_pipe(path: str) -> bool:
    """Whether the path names something on this machine whose bytes can be read only once."""
    status = file_status(path)
    kinds = (stat.S_ISFIFO, stat.S_ISSOCK, stat.S_ISCHR)
    return status is not None and any(is_kind(status.st_mode) for is_kind in kinds)


def file_status(path: str) -> os.stat_result | None:
    """What the path names; None: nothing, also where no file can have such a name."""
    try:
        return os.stat(path)  # noqa: PTH116 - there may be a NUL in it
    except (OSError, ValueError):
        return None


def open_bytes(path: str) -> IO[bytes]:
    """Open a file for reading what it holds, unpacked; URLs through smart_open.

    Raises
    ------
    CorpusFileError
        There is no such file, or it is a folder.
    CorpusReadError
        The system does not allow to read it.
    MissingDependencyError
        A package is missing.
    """
    status = file_status(path)
    if status is None and "://" in path:
        return _open_remote(path)
    if status is None:
        raise CorpusFileError(f"there is no file {path!r}")
    if stat.S_ISDIR(status.st_mode):
        raise CorpusFileError(
            f"{path!r} is a folder; PathLineSentences reads all the files in a folder"
        )
    try:
        return _open_unpacked(path)
    except FileNotFoundError as error:
        raise CorpusFileError(f"there is no file {path!r}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise CorpusReadError(f"{path} cannot be read: {reason}", error.errno or EIO) from error


def _open_unpacked(path: str) -> IO[bytes]:
    file = Path(path).open("rb")  # noqa: SIM115 - the caller closes it
    try:
        suffix = compression(file.peek(FIRST_BYTES)[:FIRST_BYTES])
        return file if suffix is None else unpacked(file, suffix, path)
    except BaseException:
        file.close()
        raise


def _open_remote(url: str) -> IO[bytes]:
    import smart_open

    with needed_to_open(url):
        stream: IO[bytes] = smart_open.open(url, "rb")
    return stream


class _Unpacked(io.BufferedReader):
    """A stream of unpacked bytes that closes the file they come from, too."""

    def __init__(self, stream: Any, file: IO[bytes] | None) -> None:
        super().__init__(stream)
        self._file = file

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self._file is not None:
                self._file.close()


def unpacked(file: Any, suffix: str, name: object, *, closes: bool = True) -> IO[bytes]:
    """What a compressed file holds.

    Parameters
    ----------
    file
        Open for reading bytes, at its start.
    suffix
        What it is compressed with: what :func:`compression` returned.
    name
        What messages call it.
    closes
        Closing the result closes `file`, too.

    Raises
    ------
    MissingDependencyError
        The module that unpacks .zst files is not installed.
    """
    from smart_open.compression import compression_wrapper

    with needed_to_open(str(name), suffix):
        stream = compression_wrapper(file, "rb", suffix)
    return _Unpacked(stream, file if closes else None)


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
        "convert the file to UTF-8 first, for example with iconv, or read it yourself: with "
        "open(path, encoding='utf-8', errors='replace') as lines: sentences = [line.split() for "
        "line in lines]",
        found,
    )


class LineSentence:
    """A file whose lines are sentences of words separated by blanks.

    Words are what ``str.split()`` makes of a line. A blank line is no sentence. A line of
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
            with open_bytes(path) as lines:
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
        status = file_status(self.source)
        if status is not None and stat.S_ISREG(status.st_mode):
            self.input_files = [self.source]
        elif status is not None and stat.S_ISDIR(status.st_mode):
            self.input_files = [str(path) for path in _input_files(folder, recursive)]
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
        files, _ = _entries(Path(self.dirname))
        for path in files:
            with open_bytes(str(path)) as lines:
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

    A byte-order mark at the start is no part of the first word.
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
