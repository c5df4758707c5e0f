"""Opens any kind of corpus for training: as a stream of word ids.

:func:`open_corpus` chooses how to read it: files, columns and arrays of numbers in native code and
by several threads; lists and tuples once; any other iterable again in every pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from negw2v.corpus import walks
from negw2v.corpus.arrow import ArrowSource, as_columns, is_arrow
from negw2v.corpus.base import Corpus, CorpusCounts, Progress, ScanProgress, TokenBlock
from negw2v.corpus.columns import ColumnCorpus, RowSource
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.options import AS_IT_IS, CorpusOptions, checked_options
from negw2v.corpus.paths import corpus_paths
from negw2v.corpus.readers import (
    LineSentence,
    NumberLines,
    PathLineSentences,
    Text8Corpus,
)
from negw2v.corpus.sentences import ListCorpus, StreamCorpus, checked_sentence
from negw2v.corpus.tables import TableFiles, is_table_file
from negw2v.corpus.texts import ColumnTexts, TextFiles, TokenizedCorpus
from negw2v.corpus.tokenizers import WHITESPACE, Tokenized, tokenizer_of
from negw2v.errors import CorpusFileError, InputTypeError, OneShotCorpusError
from negw2v.io.paths import is_pipe

__all__ = [
    "Corpus",
    "CorpusCounts",
    "CorpusOptions",
    "FileSentences",
    "Progress",
    "ScanProgress",
    "TokenBlock",
    "open_corpus",
]

SENTENCES = "sentences are lists of words, and a corpus is an iterable of sentences"


def open_corpus(
    corpus_iterable: Any = None,
    corpus_file: Any = None,
    *,
    workers: int,
    passes: int,
    iterable_name: str = "corpus_iterable",
    options: CorpusOptions = AS_IT_IS,
) -> Corpus:
    """Check the arguments that give a corpus, and open it.

    Parameters
    ----------
    corpus_iterable
        Sentences, each an iterable of words: a list or tuple of them, or an iterable that starts
        anew each time it is iterated over; an integer array of shape (sentences, words); a pair of
        integer arrays (indices, offsets); an object with ``__arrow_c_stream__`` or
        ``__arrow_c_array__``. With ``options.tokenizer`` each is a text.
    corpus_file
        Path of a UTF-8 file, one sentence to a line, words separated by blanks; .gz, .bz2,
        .xz and .zst are decompressed. Or of a file of tables (Parquet, Arrow), a folder of either,
        or a pattern such as ``"texts/*.txt"``.
    workers
        Number of threads.
    passes
        Number of passes that will be made over the corpus.
    iterable_name
        The user's name for `corpus_iterable`, for errors.
    options
        How to read it.

    Raises
    ------
    InputTypeError
        Neither or both were given, or the argument is not a corpus.
    ParameterError
        An option makes no sense, or not for this kind of corpus.
    CorpusFileError
        There is no such file.
    OneShotCorpusError
        `corpus_iterable` is an iterator and `passes` is more than 1.
    """
    if corpus_iterable is None and corpus_file is None:
        raise InputTypeError(f"no corpus: give either {iterable_name} or corpus_file")
    if corpus_iterable is not None and corpus_file is not None:
        raise InputTypeError(f"give either {iterable_name} or corpus_file, not both")
    options = checked_options(options)
    if corpus_file is not None:
        return _open_file(corpus_file, iterable_name, workers, options)
    corpus_iterable = as_columns(corpus_iterable)
    corpus = _open_iterable(corpus_iterable, iterable_name, workers, passes, options)
    if not isinstance(corpus, FileCorpus):
        corpus.name = iterable_name
    return corpus


class FileSentences:
    """A corpus file with its options, as an iterable of its sentences.

    Parameters
    ----------
    corpus_file, options
        As for :func:`open_corpus`.
    """

    def __init__(self, corpus_file: Any, options: CorpusOptions = AS_IT_IS) -> None:
        self._file = corpus_file
        self._options = options

    def __iter__(self) -> Iterator[list[Any]]:
        return self.__negw2v_corpus__(1, 1, "").sentences()

    def __negw2v_corpus__(self, workers: int, passes: int, name: str) -> Corpus:
        """What :func:`open_corpus` reads it with."""
        return open_corpus(
            None,
            self._file,
            workers=workers,
            passes=passes,
            iterable_name=name,
            options=self._options,
        )


def _open_file(given: Any, iterable_name: str, workers: int, options: CorpusOptions) -> Corpus:
    paths = corpus_paths(given, iterable_name)
    tables = [path for path in paths if is_table_file(path)]
    if tables and len(tables) < len(paths):
        other = next(path for path in paths if path not in tables)
        raise CorpusFileError(
            f"corpus_file {given!s} has files of two kinds, such as {tables[0]}, which is a table, "
            f"and {other}, which is not; name those of one kind, as in 'folder/*.parquet'"
        )
    if tables:
        options.allow(("column", "tokenizer", "padding"), "files of tables")
        return _column_corpus(TableFiles(paths, options.column), workers, options)
    options.allow(("tokenizer", "encoding", "errors"), "text files")
    tokenizer = _own_tokenizer(options)
    if tokenizer is None:
        return FileCorpus(paths, workers, encoding=options.encoding, errors=options.errors)
    texts = TextFiles(paths, tokenizer, options.encoding, options.errors)
    return TokenizedCorpus(texts, paths[0] if len(paths) == 1 else f"{len(paths)} files")


def _own_tokenizer(options: CorpusOptions) -> Any:
    """The tokenizer that is a function of Python's; None: the compiled one does it."""
    return None if options.tokenizer == WHITESPACE else tokenizer_of(options.tokenizer)


def _column_corpus(source: RowSource, workers: int, options: CorpusOptions) -> Corpus:
    opened = source.look()  # fails before any work is done
    kind = opened.kind
    what = f"{opened.name}, which holds {'texts' if kind == 'texts' else f'lists of {kind}'}"
    uses = {"words": (), "numbers": ("padding",), "texts": ("tokenizer",)}[kind]
    options.allow(("column", *uses), what)
    tokenizer = _own_tokenizer(options)
    if tokenizer is None:
        return ColumnCorpus(source, workers, options.padding)
    texts = ColumnTexts(source)
    return TokenizedCorpus(Tokenized(texts, tokenizer, "row"), source.name, texts)


def _open_iterable(
    given: Any, name: str, workers: int, passes: int, options: CorpusOptions
) -> Corpus:
    if isinstance(given, (str, bytes, bytearray, os.PathLike)):
        raise InputTypeError(
            f"{name} is a {type(given).__name__}, but {SENTENCES}; "
            "the path of a text file is given as corpus_file"
        )
    if hasattr(type(given), "__negw2v_corpus__"):  # it knows best, as phrases[sentences] does
        opened: Corpus = given.__negw2v_corpus__(workers, passes, name)
        return opened
    if isinstance(given, Mapping):
        raise InputTypeError(f"{name} is a {type(given).__name__}, but {SENTENCES}")
    if isinstance(given, np.ndarray):
        return _open_array(given, name, workers, options)
    if walks.is_pair(given):
        options.allow(("padding",), "arrays of numbers")
        indices, offsets = walks.checked_pair(given, name)
        return ColumnCorpus(walks.ArraySource(indices, offsets, name), workers, options.padding)
    if is_arrow(given):
        options.allow(("column", "tokenizer", "padding"), f"a {type(given).__name__}")
        return _column_corpus(ArrowSource(given, options.column, name), workers, options)
    options.allow(("tokenizer",), f"a {type(given).__name__}")
    tokenizer = tokenizer_of(options.tokenizer)
    if type(given) in (list, tuple):
        if tokenizer is not None:
            return ListCorpus(Tokenized(given, tokenizer), len(given))
        if given and type(given[0]) not in (list, tuple):
            checked_sentence(given[0], 0)  # fails before any work is done
        return ListCorpus(given, len(given))
    if tokenizer is None:
        reader = _open_reader(given, workers)
        if reader is not None:
            return reader
    _check_passes(given, name, passes)
    return StreamCorpus(given if tokenizer is None else Tokenized(given, tokenizer))


def _open_reader(given: Any, workers: int) -> Corpus | None:
    """A reader of ours is read natively; not an object of a class derived from it."""
    if type(given) is LineSentence and isinstance(given.source, (str, os.PathLike)):
        return FileCorpus(
            [os.fsdecode(given.source)], workers, given.max_sentence_length, given.limit
        )
    if type(given) is PathLineSentences:
        return FileCorpus(given.input_files, workers, given.max_sentence_length, given.limit)
    if type(given) is NumberLines:
        return ColumnCorpus(walks.NumberFileSource(given.source, given.limit), workers)
    return None


def _check_passes(given: Any, name: str, passes: int) -> None:
    """Raise for what cannot be iterated over, or not often enough."""
    if type(given) is Text8Corpus and passes > 1 and is_pipe(os.fsdecode(given.fname)):
        raise OneShotCorpusError(
            f"{given.fname!s} is a pipe, which can be read only once, but {passes} passes are "
            "needed; write its content to a file first"
        )
    try:
        one_shot = iter(given) is given
    except TypeError:
        raise InputTypeError(
            f"{name} is a {type(given).__name__}, which is not iterable; {SENTENCES}"
        ) from None
    if one_shot and passes > 1:
        raise OneShotCorpusError(
            f"{name} is a {type(given).__name__}, which can be read only once, but "
            f"{passes} passes are needed (one for the vocabulary, one per epoch); give a list "
            "of its sentences, or an object whose __iter__ starts anew each time"
        )


def _open_array(
    array: np.ndarray[Any, Any], name: str, workers: int, options: CorpusOptions
) -> Corpus:
    if array.ndim == 1 and (array.dtype.kind == "O" or options.tokenizer is not None):
        return _open_iterable(array.tolist(), name, 1, 1, options)
    if array.ndim != 2 or array.dtype.kind not in "iuUSO":
        raise InputTypeError(
            f"{name} is an array of {array.dtype} with {array.ndim} dimensions; an "
            "array has 2 dimensions, sentences x words, and holds integers or words"
        )
    if array.dtype.kind in "iu":
        options.allow(("padding",), "an array of numbers")
        return ColumnCorpus(walks.ArraySource(array, None, name), workers, options.padding)
    options.allow((), "an array of words")
    return ListCorpus(_Rows(array), len(array))


class _Rows(Iterable[list[Any]]):
    """The rows of an array as lists of Python objects, a few at a time."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array

    def __iter__(self) -> Iterator[list[Any]]:
        for start in range(0, len(self._array), 1024):
            yield from self._array[start : start + 1024].tolist()
