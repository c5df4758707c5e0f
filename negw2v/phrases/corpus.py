"""A corpus with its phrases joined: for loops over sentences, and for training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from negw2v.corpus._tokenizer import compact
from negw2v.corpus.base import (
    Corpus,
    CorpusCounts,
    InternedCorpus,
    Progress,
    TokenBlock,
)
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.sentences import StreamCorpus, scan_pruned
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import CorpusError, InputTypeError
from negw2v.phrases._joining import JoinedSentences
from negw2v.phrases.counting import all_text
from negw2v.phrases.joining import joined

if TYPE_CHECKING:
    from negw2v.phrases.models import PhrasesTransformation

__all__ = [
    "PhrasedCorpus",
    "TransformedCorpus",
    "with_phrases",
]

#: Words that are looked at together.
PART = 1 << 20


class TransformedCorpus:
    """The sentences of a corpus with their phrases joined, made while it is iterated over.

    ``phrases[sentences]`` makes one. :class:`negw2v.Word2Vec` and :class:`negw2v.phrases.Phrases`
    read it natively where what is in it is a list, or a reader of files.

    Parameters
    ----------
    obj
        The phrases.
    corpus
        The sentences.

    Examples
    --------
    >>> phrases = negw2v.phrases.Phrases(sentences, min_count=1, threshold=0.5)
    >>> corpus = TransformedCorpus(phrases, [["you", "say"], ["hello"]])
    >>> len(corpus), corpus[1], list(corpus)
    (2, ['hello'], [['you', 'say'], ['hello']])
    """

    def __init__(self, obj: PhrasesTransformation, corpus: Any) -> None:
        self.obj = obj
        self.corpus = corpus
        self.chunksize = None
        self.metadata = False

    @property
    def delimiter(self) -> str | None:
        """What is between the words of its phrases."""
        found: str | None = getattr(self.obj, "delimiter", None)
        return found

    def _parts(self) -> tuple[list[PhrasesTransformation], Any]:
        """The phrases of all rounds, and the corpus without any."""
        rounds, corpus = [self.obj], self.corpus
        while type(corpus) is TransformedCorpus:  # any number of rounds: no recursion
            rounds.append(corpus.obj)
            corpus = corpus.corpus
        return rounds[::-1], corpus

    def __len__(self) -> int:
        return len(self._parts()[1])

    def __iter__(self) -> Iterator[list[str]]:
        rounds, corpus = self._parts()
        if all(hasattr(each, "joiner") for each in rounds):
            return JoinedSentences(corpus, tuple(rounds))
        return (_transformed(sentence, rounds) for sentence in corpus)

    def __getitem__(self, docno: Any) -> Any:
        rounds, corpus = self._parts()
        if not hasattr(corpus, "__getitem__"):
            raise CorpusError(
                f"a {type(corpus).__name__} has no sentences by number; iterate over it, or give "
                "a list of sentences"
            )
        return _transformed(corpus[docno], rounds)

    def __negw2v_corpus__(self, workers: int, passes: int, name: str) -> Corpus:
        """What :func:`negw2v.corpus.encoding.open_corpus` reads it with."""
        rounds, corpus = self._parts()
        inner = open_corpus(corpus, workers=workers, passes=passes, iterable_name=name)
        return _opened(rounds, inner, workers)


def _transformed(sentence: Any, rounds: list[Any]) -> Any:
    for each in rounds:
        sentence = each[sentence]
    return sentence


def with_phrases(phrases: Any, corpus: Corpus, workers: int) -> Corpus:
    """A corpus that is open, with phrases joined.

    Parameters
    ----------
    phrases
        Phrases, or a list of them, one for each round.
    corpus
        The corpus.
    workers
        Number of threads.

    Raises
    ------
    InputTypeError
        `phrases` are none.
    """
    rounds = list(phrases) if isinstance(phrases, (list, tuple)) else [phrases]
    for each in rounds:
        if isinstance(each, type) or not hasattr(each, "analyze_sentence"):
            raise InputTypeError(
                f"phrases is {each!r:.80} of type {type(each).__name__}; give a Phrases or "
                "FrozenPhrases of negw2v.phrases, or a list of them in the order of their rounds"
            )
    return _opened(rounds, corpus, workers)


def _opened(rounds: list[PhrasesTransformation], inner: Corpus, workers: int) -> Corpus:
    if isinstance(inner, InternedCorpus) and all(each.joiner() is not None for each in rounds):
        if isinstance(inner, PhrasedCorpus):
            return PhrasedCorpus(inner.inner, [*inner.rounds, *rounds], workers)
        return PhrasedCorpus(inner, rounds, workers)
    sentences: Any = _Passes(inner)
    for each in rounds:
        sentences = TransformedCorpus(each, sentences)
    corpus = StreamCorpus(sentences)
    corpus.name = inner.name
    return corpus


class _Passes:
    """The sentences of a corpus that is open, any number of times."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def __iter__(self) -> Iterator[list[Any]]:
        return self._corpus.sentences()


class PhrasedCorpus(InternedCorpus):
    """A corpus whose sentences are the same in every pass, with its phrases joined.

    The words are joined as ids, in compiled code: no text is made of them.

    Parameters
    ----------
    inner
        The corpus.
    rounds
        The phrases to join, one after the other.
    workers
        Number of threads.
    """

    def __init__(
        self, inner: InternedCorpus, rounds: list[PhrasesTransformation], workers: int
    ) -> None:
        super().__init__()
        self.inner = inner
        self.rounds = rounds
        self.name = inner.name
        self._workers = workers
        self._kept: tuple[TokenBlock, list[str]] | None = None

    def joined(
        self, progress_per: int = 10_000, progress: Progress | None = None
    ) -> tuple[TokenBlock, list[str]]:
        """The whole corpus as ids, and the word of each id; some words may not occur."""
        found, block = self.inner.encode_all(progress_per, progress)
        words = all_text(found.words)
        for each in self.rounds:
            joiner = each.joiner()
            assert joiner is not None  # opened() has asked
            block, words = joined(block, words, joiner, self._workers)
        return block, words

    def scan(
        self,
        progress_per: int = 10_000,
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,
        keep_tokens: bool = False,
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        block, words = self.joined(progress_per, progress)
        total = len(block.tokens)
        self.require_words(len(block.raw_lengths), total, "the scan")
        block, words = _in_order(block, words)
        if max_vocab_size and len(words) > max_vocab_size:
            # Which words are removed depends on when the limit is passed: count again.
            return scan_pruned(
                _sentences(block, words), max_vocab_size, trim_rule, progress_per, progress
            )
        counts = np.bincount(block.tokens, minlength=len(words))
        if keep_tokens:
            self._kept = (block, words)
        return CorpusCounts(words, counts, len(block.raw_lengths), total)

    def sentences(self) -> Iterator[list[Any]]:
        """See :meth:`Corpus.sentences`."""
        return _sentences(*self.joined())

    def encode(self, key_to_index: Mapping[Any, int]) -> TokenBlock:
        """See :meth:`InternedCorpus.encode`."""
        kept, self._kept = self._kept, None
        block, words = kept or self.joined()
        self.require_words(len(block.raw_lengths), len(block.tokens), "this pass")
        final = np.array([key_to_index.get(word, -1) for word in words], np.int32)
        starts = np.zeros_like(block.sentence_starts)
        tokens = np.empty_like(block.tokens)
        _, _, kept_tokens = compact(
            block.tokens, final, block.sentence_starts[1:], 0, 0, tokens, 0, starts
        )
        return TokenBlock(tokens[:kept_tokens], starts, block.raw_lengths)


def _in_order(block: TokenBlock, words: list[str]) -> tuple[TokenBlock, list[str]]:
    """The words that occur, numbered in order of first appearance."""
    count = len(block.tokens)
    firsts = np.full(len(words), count, np.int64)
    for end in range(count, 0, -PART):
        places = np.arange(max(0, end - PART), end)[::-1]
        firsts[block.tokens[places]] = places  # of several values the last one stays
    order = np.argsort(firsts, kind="stable")[: int(np.count_nonzero(firsts < count))]
    final = np.full(len(words), -1, np.int32)
    final[order] = np.arange(len(order), dtype=np.int32)
    named = [words[number] for number in order.tolist()]
    return block._replace(tokens=final[block.tokens]), named


def _sentences(block: TokenBlock, words: list[str]) -> Iterator[list[str]]:
    starts = block.sentence_starts.tolist()
    for start, end in pairwise(starts):
        yield [words[number] for number in block.tokens[start:end].tolist()]
