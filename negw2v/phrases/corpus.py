"""A corpus with its phrases joined: for loops over sentences, for training, and as a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any

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
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.readers import LineSentence
from negw2v.corpus.sentences import StreamCorpus, scan_pruned
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import FilePath, InputTypeError
from negw2v.io.writing import writing
from negw2v.phrases._joining import write_lines
from negw2v.phrases.arguments import checked_workers
from negw2v.phrases.counting import only_text
from negw2v.phrases.joining import joined

if TYPE_CHECKING:
    from negw2v.phrases.models import PhrasesTransformation

__all__ = [
    "ANY_LENGTH",
    "PhrasedCorpus",
    "TransformedCorpus",
    "opened",
    "with_phrases",
    "write_corpus",
]

#: Words that are looked at together.
PART = 1 << 20
#: Words of a line, where all of them are one sentence.
ANY_LENGTH = 1 << 62
#: Bytes of text that are written at a time.
WRITE_BYTES = 1 << 22


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

    def __len__(self) -> int:
        return len(self.corpus)

    def __iter__(self) -> Iterator[list[str]]:
        transformed = self.obj.__getitem__
        for sentence in self.corpus:
            yield transformed(sentence)

    def __getitem__(self, docno: Any) -> Any:
        if not hasattr(self.corpus, "__getitem__"):
            raise RuntimeError(f"a {type(self.corpus).__name__} has no sentences by number")
        return self.obj[self.corpus[docno]]

    def __negw2v_corpus__(self, workers: int, passes: int, name: str) -> Corpus:
        """What :func:`negw2v.corpus.encoding.open_corpus` reads it with."""
        return opened(
            [self.obj],
            open_corpus(self.corpus, workers=workers, passes=passes, iterable_name=name),
            self,
            workers,
        )


def with_phrases(phrases: Any, corpus: Corpus, sentences: Any, workers: int) -> Corpus:
    """A corpus that is open, with phrases joined.

    Parameters
    ----------
    phrases
        Phrases, or a list of them, one for each round.
    corpus
        The corpus.
    sentences
        What it was opened with; None: a file.
    workers
        Number of threads.

    Raises
    ------
    InputTypeError
        `phrases` are none.
    """
    rounds = _rounds(phrases)
    joined_sentences: Any = _Passes(corpus) if sentences is None else sentences
    for each in rounds:
        joined_sentences = TransformedCorpus(each, joined_sentences)
    return opened(rounds, corpus, joined_sentences, workers)


class _Passes:
    """The sentences of a file that is open, read with its options, any number of times."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def __iter__(self) -> Iterator[list[Any]]:
        return self._corpus.sentences()


def _rounds(phrases: Any) -> list[PhrasesTransformation]:
    rounds = list(phrases) if isinstance(phrases, (list, tuple)) else [phrases]
    for each in rounds:
        if isinstance(each, type) or not hasattr(each, "analyze_sentence"):
            raise InputTypeError(
                f"phrases is {each!r:.80} of type {type(each).__name__}; give a Phrases or "
                "FrozenPhrases of negw2v.phrases, or a list of them in the order of their rounds"
            )
    return rounds


def opened(
    rounds: list[PhrasesTransformation], inner: Corpus, sentences: Any, workers: int
) -> Corpus:
    """A corpus with phrases joined, for training.

    Parameters
    ----------
    rounds
        The phrases; those of several rounds in their order.
    inner
        The corpus without them.
    sentences
        An iterable that yields the joined sentences.
    workers
        Number of threads.
    """
    if not inner.interned or any(each.joiner() is None for each in rounds):
        return StreamCorpus(sentences)
    if isinstance(inner, PhrasedCorpus):
        return PhrasedCorpus(inner.inner, [*inner.rounds, *rounds], workers)
    return PhrasedCorpus(inner, rounds, workers)


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

    def __init__(self, inner: Corpus, rounds: list[PhrasesTransformation], workers: int) -> None:
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
        found = self.inner.scan(progress_per, progress, keep_tokens=True)
        words = [only_text(word, 0) for word in found.words]
        block = next(self.inner.blocks({word: number for number, word in enumerate(words)}))
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


def write_corpus(
    source: FilePath,
    target: FilePath | IO[bytes],
    rounds: list[PhrasesTransformation],
    workers: int | None,
) -> tuple[int, int]:
    """Write a text file with its phrases joined, line by line.

    Parameters
    ----------
    source
        The file.
    target
        As for :func:`negw2v.io.writing.writing`.
    rounds
        The phrases, one round after the other.
    workers
        Number of threads; None: one for each CPU.

    Returns
    -------
    lines, words
        How many were written.
    """
    workers = checked_workers(workers)
    lines = FileCorpus([os.fsdecode(source)], workers, max_sentence_length=ANY_LENGTH)
    if any(each.joiner() is None for each in rounds):
        return _write_sentences(lines, source, target, rounds)
    block, words = PhrasedCorpus(lines, rounds, workers).joined()
    # Phrases that were loaded may have any text; what is in the file is valid.
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    text = np.frombuffer(b"".join(encoded), np.uint8)
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in encoded])]).astype(np.int64)
    out = np.empty(WRITE_BYTES, np.uint8)
    line, count = 0, len(block.raw_lengths)
    with writing(target) as file:
        while line < count:
            reached, written = write_lines(
                block.tokens, block.sentence_starts, line, count, text, offsets, out
            )
            if reached == line:  # a line that is longer than all that fits
                out = np.empty(2 * len(out), np.uint8)
            file.write(out[:written].data)
            line = reached
    return count, len(block.tokens)


def _write_sentences(
    lines: FileCorpus,
    source: FilePath,
    target: FilePath | IO[bytes],
    rounds: list[PhrasesTransformation],
) -> tuple[int, int]:
    """The same by a function of the user's, which decides what a phrase is."""
    sentences: Any = LineSentence(source, ANY_LENGTH)
    for each in rounds:
        sentences = TransformedCorpus(each, sentences)
    count = words = 0
    with writing(target) as file:
        for sentence in sentences:
            if sentence:
                file.write(f"{' '.join(sentence)}\n".encode())
                count += 1
                words += len(sentence)
        lines.require_words(count, words, "the scan")
    return count, words
