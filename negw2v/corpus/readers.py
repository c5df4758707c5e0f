"""Readers of text files: iterables of sentences, which can be iterated over repeatedly."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Any

from negw2v.corpus.text_files import decode_error, open_text, reading
from negw2v.corpus.tokenizers import Tokenizer, words_of
from negw2v.corpus.walks import read_numbers
from negw2v.errors import CorpusFileError, ParameterError, warn
from negw2v.io.paths import is_folder, is_regular

__all__ = [
    "MAX_WORDS_IN_BATCH",
    "BrownCorpus",
    "LineSentence",
    "NumberLines",
    "PathLineSentences",
    "Text8Corpus",
    "file_sentences",
]

logger = logging.getLogger(__name__)

#: Most words in a sentence that the readers yield; a longer line becomes several sentences.
MAX_WORDS_IN_BATCH = 10_000

BYTE_ORDER_MARK = "\ufeff"


class LineSentence:
    r"""A file with one sentence per line, its words separated by blanks.

    Lines are split as by ``str.split()``. Blank lines are skipped. A line of more than
    `max_sentence_length` words becomes several sentences.

    Parameters
    ----------
    source
        Path of a text file, which may be compressed (gzip, bzip2, xz, Zstandard), or an open
        file that can ``seek(0)``.
    max_sentence_length
        Most words in a sentence.
    limit
        Read only this many lines; None: all.

    Raises
    ------
    ParameterError
        `max_sentence_length` is less than 1, or `limit` less than 0.
    CorpusDecodeError, CorpusReadError
        While iterating: a line is not valid UTF-8; reading fails, or compressed data is
        damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> size = Path("corpus.txt").write_text("you say goodbye\nI say hello\n")
    >>> list(LineSentence("corpus.txt"))
    [['you', 'say', 'goodbye'], ['I', 'say', 'hello']]
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
            yield from file_sentences(path, self.max_sentence_length, self.limit)


class PathLineSentences:
    r"""All files of a folder, in the order of their names; each as by :class:`LineSentence`.

    Parameters
    ----------
    source
        Path of a folder, or of one file.
    max_sentence_length
        Most words in a sentence.
    limit
        Read only this many lines of each file; None: all.
    recursive
        True: also read the files in subfolders, in the order of their paths. False: skip
        subfolders, with a warning; it is an error if there are no files besides them.

    Attributes
    ----------
    input_files : list of str
        The files.

    Raises
    ------
    ParameterError
        `source`, or something in it, is neither a file nor a folder (for example a broken
        link); or a limit is out of its range.
    CorpusFileError
        The folder has subfolders only.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("texts").mkdir()
    >>> size = Path("texts", "one.txt").write_text("you say goodbye\n")
    >>> size = Path("texts", "two.txt").write_text("I say hello\n")
    >>> list(PathLineSentences("texts"))
    [['you', 'say', 'goodbye'], ['I', 'say', 'hello']]
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
            yield from file_sentences(path, self.max_sentence_length, self.limit)


class Text8Corpus:
    """A file without line ends, such as text8, as sentences of equal length.

    Parameters
    ----------
    fname
        Path of the file.
    max_sentence_length
        Words in each sentence; the last one may be shorter.

    Examples
    --------
    >>> from pathlib import Path
    >>> size = Path("text8").write_text("you say goodbye and i say hello")
    >>> list(Text8Corpus("text8", max_sentence_length=4))
    [['you', 'say', 'goodbye', 'and'], ['i', 'say', 'hello']]
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


class NumberLines:
    r"""A text file of whole numbers, such as random walks: one walk per line.

    The numbers are words as they are: the keys of the vectors are ints. :class:`negw2v.Word2Vec`
    reads such a file natively, without a str or a list for each walk.

    Parameters
    ----------
    source
        Path of a text file, which may be compressed. Numbers are separated by blanks; a blank line
        is not a walk.
    limit
        Read only this many lines; None: all.

    Raises
    ------
    ParameterError
        `limit` is less than 0.
    CorpusError
        While iterating: something is not a whole number from 0 to 2**64 - 1.

    Examples
    --------
    >>> from pathlib import Path
    >>> size = Path("walks.txt").write_text("7 3 4000000000\n3 7\n")
    >>> list(NumberLines("walks.txt"))
    [[7, 3, 4000000000], [3, 7]]
    """

    def __init__(self, source: Any, limit: int | None = None) -> None:
        _check_limits(MAX_WORDS_IN_BATCH, limit)
        self.source = os.fspath(source)
        self.limit = limit

    def __iter__(self) -> Iterator[list[int]]:
        for values, offsets in read_numbers(self.source, self.limit):
            for start, stop in pairwise(offsets.tolist()):
                yield values[start:stop].tolist()


class BrownCorpus:
    r"""The Brown corpus: the files of a folder, with one sentence of ``word/TAG`` per line.

    Words become lower case and keep the first two letters of their tag. Tokens whose tag does
    not begin with letters (punctuation) are left out.

    Parameters
    ----------
    dirname
        Path of the folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("brown").mkdir()
    >>> size = Path("brown", "ca01").write_text("The/AT jury/NN said/VBD ./.\n")
    >>> list(BrownCorpus("brown"))
    [['the/AT', 'jury/NN', 'said/VB']]
    """

    def __init__(self, dirname: Any) -> None:
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        files, _ = _entries(Path(self.dirname))
        for path in files:
            with open_text(str(path)) as lines:
                for line in _decoded_lines(lines, str(path), None):
                    pairs = [word.split("/") for word in line.split() if word.count("/") == 1]
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


def file_sentences(
    path: str,
    max_sentence_length: int,
    limit: int | None,
    *,
    encoding: str | None = None,
    errors: str | None = None,
    tokenizer: Tokenizer | None = None,
) -> Iterator[list[Any]]:
    """The sentences of a text file: one per line that has words in it, or more if it is long.

    Parameters
    ----------
    path
        The file, which may be compressed.
    max_sentence_length, limit
        As for :class:`LineSentence`.
    encoding, errors
        Of the file; None: UTF-8, strict.
    tokenizer
        Splits a line, which comes without its end; None: ``str.split``.

    Raises
    ------
    CorpusDecodeError, CorpusFileError, CorpusReadError
        The file cannot be read.
    InputTypeError
        The tokenizer returns something else than words.
    """
    with open_text(path, encoding, errors) as lines:
        yield from _sentences(lines, path, max_sentence_length, limit, tokenizer)


def _decoded_lines(lines: Iterable[Any], name: str, limit: int | None) -> Iterator[str]:
    """The text of every line; lines are bytes, or str where a file was opened as text.

    A byte-order mark at the start is not part of the first word.
    """
    offset = 0
    with reading(name, lambda: offset):
        for number, line in enumerate(islice(lines, limit), start=1):
            text = line
            if not isinstance(line, str):
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise decode_error(
                        name, number, offset + error.start, line[error.start : error.end]
                    ) from error
            yield text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text
            offset += len(line)


def _sentences(
    lines: Iterable[Any],
    name: str,
    max_sentence_length: int,
    limit: int | None,
    tokenizer: Tokenizer | None = None,
) -> Iterator[list[Any]]:
    for number, line in enumerate(_decoded_lines(lines, name, limit), start=1):
        if tokenizer is None:
            words = line.split()
        else:
            words = words_of(tokenizer, line.rstrip("\r\n"), f"{name}, line", number)
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
