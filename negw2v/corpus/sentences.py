"""Sentences in Python objects as a corpus: lists, arrays, and other iterables."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from types import GeneratorType
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._sentences import SentenceEncoder
from negw2v.corpus.base import (
    Corpus,
    CorpusCounts,
    InternedCorpus,
    Progress,
    ScanProgress,
    TokenBlock,
)
from negw2v.corpus.storage import Portion, TokenStore, assemble
from negw2v.corpus.trimming import TrimRule, keep_vocab_item
from negw2v.errors import InputTypeError, OneShotCorpusError, warn

__all__ = [
    "ListCorpus",
    "StreamCorpus",
    "check_key",
    "checked_sentence",
    "scan_pruned",
    "to_list",
]

#: Words between two reports of progress, and in one block of a stream.
BLOCK_WORDS = 1 << 17

ToList = Callable[[Any, int], list[Any]]


# ---------------------------------------------------------------- what is a sentence, a word


def to_list(sentence: Any, number: int) -> list[Any]:
    """A sentence as a list; it may be any iterable of words except text and bytes.

    Raises
    ------
    InputTypeError
        It is text, an array of floats, or not iterable.
    OneShotCorpusError
        It is an exhausted generator.
    """
    if isinstance(sentence, (list, tuple)):
        return list(sentence)
    words = checked_sentence(sentence, number)
    return sentence.tolist() if isinstance(sentence, np.ndarray) else list(words)


def checked_sentence(sentence: Any, number: int) -> Iterator[Any]:
    """An iterator over a sentence, before its first word; errors as for :func:`to_list`."""
    where = f"sentence {number} (counted from 0)"
    if isinstance(sentence, str):
        raise InputTypeError(
            f"{where} is the str {_shortened(sentence)}, but a sentence is a list of words; "
            "split text into words first, for example [line.split() for line in lines], or let "
            "tokenizer='whitespace' do it"
        )
    if isinstance(sentence, (bytes, bytearray, memoryview)):
        raise InputTypeError(
            f"{where} is {type(sentence).__name__}, but a sentence is a list of words; "
            "decode and split it first, for example line.decode('utf-8').split()"
        )
    if isinstance(sentence, np.ndarray) and (sentence.ndim != 1 or sentence.dtype.kind in "fc"):
        raise InputTypeError(
            f"{where} is an array of {sentence.dtype} with {sentence.ndim} dimensions, "
            "but a sentence is one-dimensional and holds integers or words"
        )
    if isinstance(sentence, GeneratorType) and sentence.gi_frame is None:
        raise OneShotCorpusError(
            f"{where} is a generator that was read before, so its words are gone; make lists of "
            "such sentences first: [list(sentence) for sentence in sentences]"
        )
    try:
        return iter(sentence)
    except TypeError:
        raise InputTypeError(
            f"{where} is {_shortened(sentence)} of type {type(sentence).__name__}, but a corpus "
            "is an iterable of sentences, each a list of words; a single sentence goes into "
            "a list of its own"
        ) from None


def check_key(token: Any, number: int) -> Hashable:
    """The vocabulary key of a token; called once for every new token.

    NumPy scalars become numbers and str of Python, so the vocabulary does not depend on how the
    corpus was stored.

    Raises
    ------
    InputTypeError
        The token is None, NaN or not hashable.
    """
    where = f"sentence {number} (counted from 0)"
    if token is None:
        raise InputTypeError(f"{where} holds None; a word is a str or another hashable object")
    if isinstance(token, np.generic):
        token = token.item()
    if isinstance(token, str):
        return str.__str__(token)
    try:
        hash(token)
    except TypeError:
        raise InputTypeError(
            f"{where} holds {_shortened(token)} of type {type(token).__name__}, which is not "
            "hashable; a word is a str or another hashable object, a sentence a flat list "
            "of words"
        ) from None
    if token != token:  # noqa: PLR0124 - NaN
        raise InputTypeError(f"{where} holds {token!r}, which is not equal to itself")
    key: Hashable = token
    return key


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# ---------------------------------------------------------------- corpora


class ListCorpus(InternedCorpus):
    """Sentences that are the same in every pass: a list, a tuple, a 2-D array.

    Parameters
    ----------
    sentences
        Can be iterated over any number of times.
    size
        Number of sentences; None: it is not known.

    Attributes
    ----------
    iterable
        `sentences`.
    """

    name = "corpus_iterable"

    def __init__(self, sentences: Iterable[Any], size: int | None) -> None:
        super().__init__()
        self.iterable = sentences
        self._size = size
        # the words of sentences that can be read only once, such as generators
        self._lists: dict[int, list[Any]] = {}
        self._kept: tuple[TokenStore, CorpusCounts, npt.NDArray[np.int64]] | None = None

    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        store = TokenStore() if keep_tokens else None
        found, lengths = _scan(
            self.iterable, self._to_list, store, progress_per, progress, self._size
        )
        self._check_read(found.corpus_count, found.corpus_total_words, "the scan")
        if max_vocab_size and len(found.words) > max_vocab_size:
            # Which words are removed depends on when the limit is passed: count again.
            return scan_pruned(
                self.iterable, max_vocab_size, trim_rule, progress_per, progress, self._to_list
            )
        if store is not None:
            self._kept = (store, found, lengths)
        return found

    def encode(self, key_to_index: Mapping[Any, int]) -> TokenBlock:
        """See :meth:`InternedCorpus.encode`."""
        kept, self._kept = self._kept, None
        if kept is not None:
            store, found, lengths = kept
            final = np.array([key_to_index.get(word, -1) for word in found.words], np.int32)
            remaining = int(found.counts[final >= 0].sum())
            return assemble([Portion(store, final, remaining)], lengths)
        encoder = SentenceEncoder(self._to_list, check_key, key_to_index)
        store = TokenStore()
        sentences = iter(self.iterable)
        done = False
        while not done:
            done = encoder.feed(sentences, BLOCK_WORDS)
            store.append(encoder.tokens())
        self._check_read(encoder.sentences, encoder.n_words, "this pass")
        raw = np.frombuffer(encoder.raw_lengths(), np.int64)
        kept_lengths = np.frombuffer(encoder.kept_lengths(), np.int64)
        return assemble([Portion(store, None, len(store))], raw, stored_lengths=kept_lengths)

    def sentences(self) -> Iterator[list[Any]]:
        """See :meth:`Corpus.sentences`."""
        return (self._to_list(sentence, number) for number, sentence in enumerate(self.iterable))

    def _check_read(self, sentences: int, words: int, what: str) -> None:
        """Raise if there were no words; warn if all sentences seem to be exhausted iterators."""
        if not self._lists or any(self._lists.values()):
            self.require_words(sentences, words, what)
            return
        advice = (
            "an iterator, such as a map object, can be read only once: make lists of such "
            "sentences first, [list(sentence) for sentence in sentences]"
        )
        self.require_words(sentences, words, what, advice)
        warn(
            f"none of the {len(self._lists)} sentences that are iterators has a word, the first "
            f"of them sentence {min(self._lists)} (counted from 0); {advice}"
        )

    def _to_list(self, sentence: Any, number: int) -> list[Any]:
        """:func:`to_list`, which reads an iterator in the first pass only."""
        if not isinstance(sentence, Iterator):
            return to_list(sentence, number)
        if number not in self._lists:
            self._lists[number] = to_list(sentence, number)
        return self._lists[number]


class StreamCorpus(Corpus):
    """An iterable that is read again in every pass, because it may yield other sentences.

    Parameters
    ----------
    sentences
        The iterable.

    Attributes
    ----------
    iterable
        `sentences`.
    """

    interned = False
    name = "corpus_iterable"

    def __init__(self, sentences: Iterable[Any]) -> None:
        self.iterable = sentences
        self._passes = 0
        self._encoder: tuple[Mapping[Any, int], int, SentenceEncoder] | None = None

    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,  # noqa: ARG002 - the next pass may differ
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        self._passes += 1
        if max_vocab_size:
            found = scan_pruned(self.iterable, max_vocab_size, trim_rule, progress_per, progress)
        else:
            found, _ = _scan(self.iterable, to_list, None, progress_per, progress, None)
        self.require_words(found.corpus_count, found.corpus_total_words, self._this_pass())
        return found

    def blocks(self, key_to_index: Mapping[Any, int]) -> Iterator[TokenBlock]:
        """See :meth:`Corpus.blocks`."""
        self._passes += 1
        encoder = self._idle_encoder(key_to_index)
        sentences = iter(self.iterable)
        done = False
        while not done:
            done = encoder.feed(sentences, BLOCK_WORDS)
            raw = np.frombuffer(encoder.raw_lengths(), np.int64)
            if len(raw):
                starts = offsets_of(np.frombuffer(encoder.kept_lengths(), np.int64))
                yield TokenBlock(np.array(encoder.tokens(), np.int32), starts, raw)
        self.require_words(
            encoder.sentences,
            encoder.n_words,
            self._this_pass(),
            "every iteration over it must start anew, from the first sentence",
        )
        encoder.restart()
        self._encoder = (key_to_index, len(key_to_index), encoder)

    def sentences(self) -> Iterator[list[Any]]:
        """See :meth:`Corpus.sentences`."""
        return (to_list(sentence, number) for number, sentence in enumerate(self.iterable))

    def _idle_encoder(self, key_to_index: Mapping[Any, int]) -> SentenceEncoder:
        """The encoder of the last pass if it is idle and has this vocabulary, else a new one."""
        idle, self._encoder = self._encoder, None
        if idle is not None and idle[0] is key_to_index and idle[1] == len(key_to_index):
            return idle[2]
        return SentenceEncoder(to_list, check_key, key_to_index)

    def _this_pass(self) -> str:
        return f"pass {self._passes}"


# ---------------------------------------------------------------- counting


def _scan(
    sentences: Iterable[Any],
    to_list: ToList,
    store: TokenStore | None,
    progress_per: int,
    progress: Progress | None,
    size: int | None,
) -> tuple[CorpusCounts, npt.NDArray[np.int64]]:
    """Count words; also returns the number of words of each sentence."""
    encoder = SentenceEncoder(to_list, check_key)
    iterator = iter(sentences)
    report = _reporter(progress_per, progress, size)
    done = False
    while not done:
        done = encoder.feed(iterator, BLOCK_WORDS)
        ids = encoder.tokens()
        if store is not None:
            store.append(ids)
        report(encoder.sentences, encoder.n_words, encoder.n_keys)
    counts = np.empty(encoder.n_keys, dtype=np.int64)
    encoder.counts(counts)
    found = CorpusCounts(encoder.keys(), counts, encoder.sentences, encoder.n_words)
    return found, np.frombuffer(encoder.raw_lengths(), np.int64)


def scan_pruned(
    sentences: Iterable[Any],
    max_vocab_size: int,
    trim_rule: TrimRule | None,
    progress_per: int,
    progress: Progress | None,
    to_list: ToList = to_list,
) -> CorpusCounts:
    """Count words in bounded memory: remove rare words whenever there are too many.

    A removed word that occurs again counts from zero, so the counts are lower bounds.

    Parameters
    ----------
    sentences
        Lists of words.
    max_vocab_size
        If there are more different words than this after a sentence, those with a count below
        1, the next time below 2, and so on, are removed.
    trim_rule
        May decide differently about a word; its ``min_count`` is that bound.
    progress_per, progress
        As for :meth:`negw2v.corpus.base.Corpus.scan`.
    to_list
        Turns a sentence into a list, given the sentence and its number.
    """
    counts: dict[Any, int] = {}
    bound = 1
    total = number = 0
    report = _reporter(progress_per, progress, None)
    for number, sentence in enumerate(sentences, start=1):
        tokens = sentence if type(sentence) is list else to_list(sentence, number - 1)
        for token in tokens:
            try:
                counts[token] += 1
            except (KeyError, TypeError):
                key = check_key(token, number - 1)
                counts[key] = counts.get(key, 0) + 1
        total += len(tokens)
        if len(counts) > max_vocab_size:
            counts = {
                word: count
                for word, count in counts.items()
                if keep_vocab_item(word, count, bound, trim_rule)
            }
            bound += 1
        report(number, total, len(counts))
    values = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    return CorpusCounts(list(counts), values, number, total)


def _reporter(
    progress_per: int, progress: Progress | None, size: int | None
) -> Callable[[int, int, int], None]:
    """A function of (sentences, words, word types) that calls `progress` when it is due."""
    told = 0

    def report(sentences: int, words: int, word_types: int) -> None:
        nonlocal told
        if progress is not None and sentences - told >= progress_per:
            told = sentences
            progress(ScanProgress(sentences, words, word_types, sentences / size if size else None))

    return report
