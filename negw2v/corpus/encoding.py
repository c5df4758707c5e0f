"""Opens any kind of corpus for training: as a stream of word ids.

:func:`open_corpus` chooses how to read it: files in native code and by several threads; lists,
tuples and arrays once; any other iterable again in every pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from negw2v.corpus.base import Corpus, CorpusCounts, Progress, ScanProgress, TokenBlock
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.readers import LineSentence, PathLineSentences, Text8Corpus
from negw2v.corpus.sentences import ListCorpus, StreamCorpus, checked_sentence
from negw2v.errors import CorpusFileError, InputTypeError, OneShotCorpusError
from negw2v.io.paths import is_folder, is_pipe, is_regular

__all__ = [
    "Corpus",
    "CorpusCounts",
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
) -> Corpus:
    """Check the arguments that give a corpus, and open it.

    Parameters
    ----------
    corpus_iterable
        Sentences, each an iterable of words: a list or tuple of them, an integer array of shape
        (sentences, words), or an iterable that starts anew each time it is iterated over.
    corpus_file
        Path of a UTF-8 file, one sentence to a line, words separated by blanks; .gz, .bz2,
        .xz and .zst are decompressed.
    workers
        Number of threads.
    passes
        Number of passes that will be made over the corpus.
    iterable_name
        The user's name for `corpus_iterable`, for errors.

    Raises
    ------
    InputTypeError
        Neither or both were given, or the argument is not a corpus.
    CorpusFileError
        There is no such file.
    OneShotCorpusError
        `corpus_iterable` is an iterator and `passes` is more than 1.
    """
    if corpus_iterable is None and corpus_file is None:
        raise InputTypeError(f"no corpus: give either {iterable_name} or corpus_file")
    if corpus_iterable is not None and corpus_file is not None:
        raise InputTypeError(f"give either {iterable_name} or corpus_file, not both")
    if corpus_file is not None:
        return FileCorpus([_existing_file(corpus_file, iterable_name)], workers)
    corpus = _open_iterable(corpus_iterable, iterable_name, workers, passes)
    if not isinstance(corpus, FileCorpus):
        corpus.name = iterable_name
    return corpus


def _existing_file(corpus_file: Any, iterable_name: str) -> str:
    if not isinstance(corpus_file, (str, os.PathLike)):
        raise InputTypeError(
            f"corpus_file is the path of a text file, not a {type(corpus_file).__name__}; "
            f"sentences in memory are given as {iterable_name}"
        )
    path = os.fsdecode(corpus_file)
    if is_folder(path):
        raise CorpusFileError(
            f"corpus_file {path!r} is a folder; to read all the files in it give "
            f"{iterable_name}=PathLineSentences({path!r})"
        )
    if not is_regular(path):
        raise CorpusFileError(f"corpus_file {path!r} does not exist, or is not a file")
    return path


def _open_iterable(given: Any, name: str, workers: int, passes: int) -> Corpus:
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
        return _open_array(given, name)
    if type(given) in (list, tuple):
        if given and type(given[0]) not in (list, tuple):
            checked_sentence(given[0], 0)  # fails before any work is done
        return ListCorpus(given, len(given))
    if type(given) is LineSentence and isinstance(given.source, (str, os.PathLike)):
        return FileCorpus(
            [os.fsdecode(given.source)], workers, given.max_sentence_length, given.limit
        )
    if type(given) is PathLineSentences:
        return FileCorpus(given.input_files, workers, given.max_sentence_length, given.limit)
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
    return StreamCorpus(given)


def _open_array(array: np.ndarray[Any, Any], name: str) -> Corpus:
    if array.dtype.kind == "O" and array.ndim == 1:
        return _open_iterable(array.tolist(), name, 1, 1)
    if array.ndim != 2 or array.dtype.kind not in "iuUSO":
        raise InputTypeError(
            f"{name} is an array of {array.dtype} with {array.ndim} dimensions; an "
            "array has 2 dimensions, sentences x words, and holds integers or words"
        )
    return ListCorpus(_Rows(array), len(array))


class _Rows(Iterable[list[Any]]):
    """The rows of an array as lists of Python objects, a few at a time."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array

    def __iter__(self) -> Iterator[list[Any]]:
        for start in range(0, len(self._array), 1024):
            yield from self._array[start : start + 1024].tolist()
