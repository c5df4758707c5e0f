"""The interface of all kinds of corpora, and the records that they return."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.corpus.trimming import TrimRule
from negw2v.errors import EmptyCorpusError

__all__ = [
    "Corpus",
    "CorpusCounts",
    "InternedCorpus",
    "Nulls",
    "Progress",
    "ScanProgress",
    "TokenBlock",
    "TrimRule",
]


class TokenBlock(NamedTuple):
    """A block of whole sentences as word ids; words outside the vocabulary are left out.

    Attributes
    ----------
    tokens
        int32 (n,): indices into the vocabulary.
    sentence_starts
        int64 (s + 1,): sentence j is ``tokens[sentence_starts[j]:sentence_starts[j + 1]]``.
        It starts with 0 and ends with n; a sentence may be empty.
    raw_lengths
        int64 (s,): words of each sentence, those outside the vocabulary included.
    """

    tokens: npt.NDArray[np.int32]
    sentence_starts: npt.NDArray[np.int64]
    raw_lengths: npt.NDArray[np.int64]


class CorpusCounts(NamedTuple):
    """The counts of one pass over a corpus.

    Attributes
    ----------
    words
        The words, each once, in order of first appearance.
    counts
        int64: the count of each word.
    corpus_count
        Number of sentences.
    corpus_total_words
        Number of words, including repetitions.
    """

    words: list[Any]
    counts: npt.NDArray[np.int64]
    corpus_count: int
    corpus_total_words: int


@dataclass(frozen=True)
class Nulls:
    """What a pass found null, and left out.

    Parameters
    ----------
    sentences
        Rows that are null.
    words
        Null words in rows that are not.
    """

    sentences: int = 0
    words: int = 0

    def __add__(self, other: Nulls) -> Nulls:
        return Nulls(self.sentences + other.sentences, self.words + other.words)


class ScanProgress(NamedTuple):
    """The progress of a scan.

    Attributes
    ----------
    sentences, words
        Numbers read so far.
    word_types
        Number of different words so far (with several threads: the largest of any thread).
    fraction
        Share of the corpus that was read, 0 to 1; None if the corpus's size is unknown.
    """

    sentences: int
    words: int
    word_types: int
    fraction: float | None


Progress = Callable[[ScanProgress], object]


class Corpus(ABC):
    """A corpus that is counted once, and then read as ids in each pass.

    :func:`negw2v.corpus.encoding.open_corpus` makes one.
    """

    #: True: the sentences are the same in every pass, so :meth:`blocks` encodes them once
    #: and yields one block with all of them. False: every pass reads them again.
    interned: bool

    #: Its name in messages.
    name: str

    _nulls = Nulls()

    @abstractmethod
    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,
    ) -> CorpusCounts:
        """Count the words.

        Parameters
        ----------
        progress_per
            Smallest number of sentences between two calls of `progress`.
        progress
            Called repeatedly, in the calling thread.
        max_vocab_size
            If there are more different words than this after a sentence, the rarest words are
            removed: the first time those with a count below 1, the next time below 2, ...
        trim_rule
            Decides which words `max_vocab_size` removes; not used without it.
        keep_tokens
            Keep the ids of this pass in memory (4 bytes per token), so that the first call of
            :meth:`blocks` does not read the corpus again. It has no effect if the corpus is
            not interned, or if `max_vocab_size` removed words.

        Raises
        ------
        EmptyCorpusError
            The corpus has no words.
        InputTypeError
            A sentence is not a list of words, or a word has an invalid type.
        CorpusDecodeError
            A file is not valid UTF-8.
        """

    @abstractmethod
    def blocks(self, key_to_index: Mapping[Any, int]) -> Iterator[TokenBlock]:
        """One pass over the corpus as ids of the given vocabulary.

        An interned corpus yields one block, and the same one again for the same mapping.
        Exceptions in the user's iterable reach the caller.

        Raises
        ------
        EmptyCorpusError
            This pass read no words at all.
        InputTypeError, CorpusDecodeError
            As :meth:`scan`.
        """

    @abstractmethod
    def sentences(self) -> Iterator[list[Any]]:
        """One pass over the corpus as lists of words; nothing is counted or kept."""

    @property
    def nulls(self) -> Nulls:
        """What the last pass over a table found null."""
        return self._nulls

    def require_words(
        self,
        sentences: int,
        words: int,
        what: str,
        hint: str = "a corpus is at least one sentence, a list of words",
    ) -> None:
        """Raise if a pass read no words."""
        if words == 0:
            found = f"{sentences} sentences without a word" if sentences else "no sentence"
            raise EmptyCorpusError(f"{what} of {self.name} brought {found}; {hint}")


class InternedCorpus(Corpus):
    """A corpus whose sentences are the same in every pass; they are encoded once."""

    interned = True

    def __init__(self) -> None:
        self._encoded: tuple[Mapping[Any, int], int, TokenBlock] | None = None

    def blocks(self, key_to_index: Mapping[Any, int]) -> Iterator[TokenBlock]:
        """Yield the one block; see :meth:`Corpus.blocks`."""
        known = self._encoded
        if known is None or known[0] is not key_to_index or known[1] != len(key_to_index):
            self._encoded = known = None  # frees the old block before the new one is made
            known = (key_to_index, len(key_to_index), self.encode(key_to_index))
            self._encoded = known
        yield known[2]

    @abstractmethod
    def encode(self, key_to_index: Mapping[Any, int]) -> TokenBlock:
        """The whole corpus as ids of the given vocabulary."""

    def encode_all(
        self, progress_per: int = 10_000, progress: Progress | None = None
    ) -> tuple[CorpusCounts, TokenBlock]:
        """The counts of all words, and the whole corpus as ids of them, in their order.

        Parameters and exceptions are those of :meth:`scan`.
        """
        found = self.scan(progress_per, progress, keep_tokens=True)
        return found, self.encode({word: number for number, word in enumerate(found.words)})
