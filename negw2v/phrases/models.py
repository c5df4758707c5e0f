"""Phrases and FrozenPhrases: what users see. The algorithms are in the modules beside this one."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import IO, Any

from negw2v.commit import at_once, attributes
from negw2v.errors import FilePath, ParameterError
from negw2v.formats.native.phrases import COUNTS
from negw2v.formats.saving import PICKLE_PROTOCOL, SEP_LIMIT, warn_once
from negw2v.lifecycle import LifecycleEvents
from negw2v.phrases import candidates, files, reference
from negw2v.phrases.arguments import (
    checked_delimiter,
    checked_threshold,
    checked_vocab,
    checked_words,
    checked_workers,
    is_one_sentence,
    number,
    refuse_text,
    warn_of_delimiter,
)
from negw2v.phrases.corpus import TransformedCorpus
from negw2v.phrases.counting import learn
from negw2v.phrases.counts import Counts, combined, empty, from_mapping
from negw2v.phrases.joining import Joiner
from negw2v.phrases.lines import write_corpus
from negw2v.phrases.scorers import NAMED, checked_scoring
from negw2v.phrases.vocabulary import Phrasegrams, PhraseVocabulary

__all__ = ["FrozenPhrases", "Phraser", "Phrases", "PhrasesTransformation"]

logger = logging.getLogger(__name__)


#: Methods that decide what a phrase is.
DECIDING = ("score_candidate", "analyze_sentence")


class PhrasesTransformation(LifecycleEvents):
    """What :class:`Phrases` and :class:`FrozenPhrases` have in common.

    A subclass may define :meth:`score_candidate` alone.

    Parameters
    ----------
    connector_words
        Words that may stand within a phrase, but neither begin nor end one.
    """

    threshold: float
    min_count: float
    delimiter: str
    scoring: Callable[..., Any]
    _joiner: tuple[Any, Joiner] | None = None

    def __init__(self, connector_words: Collection[str]) -> None:
        self.connector_words = checked_words(connector_words)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_joiner"}

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, Any]:
        """Decide whether two words are a phrase.

        Parameters
        ----------
        word_a, word_b
            The words.
        in_between
            The connector words between them.

        Returns
        -------
        phrase, score
            Both None: it is none.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> phrases.score_candidate("new", "york", [])
        ('new_york', 0.75)
        >>> phrases.score_candidate("york", "new", [])
        (None, None)
        """
        raise NotImplementedError("a subclass decides what a phrase is")

    def joiner(self) -> Joiner | None:
        """What joins phrases natively; None: only ``self[sentence]`` can."""
        if type(self).__getitem__ is not PhrasesTransformation.__getitem__:
            return None
        return self._native()

    def _native(self) -> Joiner | None:
        """What joins phrases natively; None: only :meth:`analyze_sentence` can."""
        kept = self._joiner
        is_ours = type(self).__module__ == __name__
        if kept is not None and is_ours and kept[0] == self._settings():
            return kept[1]  # asked for each sentence
        if self._is_overridden() or not self._is_native():
            return None
        self._joiner = kept  # so that it is among the attributes whose number is a setting
        settings = self._settings()
        if kept is None or kept[0] != settings:
            kept = (settings, Joiner.of(self._joints(), self.connector_words))
            self._joiner = kept
        return kept[1]

    def _settings(self) -> tuple[Any, ...]:
        """What a joiner is made of: with the same settings it is the same one."""
        raise NotImplementedError

    def _is_native(self) -> bool:
        """Whether compiled code can decide what a phrase is."""
        return False

    def _joints(self) -> Iterable[candidates.Joint]:
        """All words that become a phrase where they follow each other."""
        raise NotImplementedError

    def _is_overridden(self) -> bool:
        """Whether a subclass, or the object itself, decides in its own way what a phrase is."""
        own = vars(self)
        if "score_candidate" in own or "analyze_sentence" in own:
            return True
        kind = type(self)
        if kind.__module__ == __name__:
            return False
        base = next(each for each in kind.__mro__ if each.__module__ == __name__)
        return any(getattr(kind, name) is not getattr(base, name) for name in DECIDING)

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Go over the words of a sentence, and join those of phrases.

        Parameters
        ----------
        sentence
            The words.

        Yields
        ------
        token, score
            A phrase and its score; or a word and None.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> list(phrases.analyze_sentence(["in", "new", "york"]))
        [('in', None), ('new_york', 0.75)]
        """
        yield from reference.analyze(sentence, self.connector_words, self.score_candidate)

    def __getitem__(self, sentence: Iterable[Any]) -> Any:
        """A sentence with its phrases joined; or a corpus with those of all its sentences."""
        if not (type(sentence) is list and sentence and type(sentence[0]) is str):
            is_one, sentence = is_one_sentence(sentence)
            if not is_one:
                return TransformedCorpus(self, sentence)
        joiner = self._native()
        if joiner is None:
            return [token for token, _ in self.analyze_sentence(sentence)]
        return joiner.sentences.join(sentence if type(sentence) is list else list(sentence))

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, Any]:
        """The phrases that occur in some sentences.

        Parameters
        ----------
        sentences
            Lists of words.

        Returns
        -------
        dict of str to float
            Their scores.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> phrases.find_phrases([["in", "new", "york"], ["york"]])
        {'new_york': 0.75}
        """
        refuse_text(sentences)
        found: dict[str, Any] = {}
        joiner = self._native()
        for sentence in sentences:
            refuse_text(sentence)
            if joiner is None:
                analysis = self.analyze_sentence(sentence)
                found |= {phrase: score for phrase, score in analysis if score is not None}
                continue
            hits: list[int] = []
            joiner.sentences.join(list(sentence), hits)
            found |= {joiner.joints[hit].phrase: joiner.joints[hit].score for hit in hits}
        return found

    def save_corpus(
        self, corpus_file: FilePath, target: FilePath | IO[bytes], *, workers: int | None = None
    ) -> tuple[int, int]:
        r"""Write a text file with its phrases joined, line by line; blank lines are left out.

        Parameters
        ----------
        corpus_file
            Path of a text file, as for :class:`negw2v.Word2Vec`.
        target
            The file to write; compressed if its suffix says so. Or a binary file.
        workers
            Number of threads; None: one for each CPU.

        Returns
        -------
        lines, words
            How many were written, a phrase being one word.

        Raises
        ------
        CorpusError
            There is no such file, it has no word, or it is not text in UTF-8.
        InputTypeError, ParameterError
            `workers` is not a number of threads.
        SaveError
            `target` cannot be written; where there was such a file, it is as it was.

        Examples
        --------
        >>> from pathlib import Path
        >>> size = Path("text").write_text("new york\nin new york\n")
        >>> phrases = negw2v.phrases.Phrases(corpus_file="text", min_count=1, threshold=0.5)
        >>> phrases.save_corpus("text", "joined")
        (2, 3)
        >>> Path("joined").read_text()
        'new_york\nin new_york\n'
        """
        return write_corpus(corpus_file, target, [self], workers)

    def save(
        self,
        fname_or_handle: FilePath | IO[bytes],
        separately: Any = None,
        sep_limit: int = SEP_LIMIT,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int = PICKLE_PROTOCOL,
    ) -> None:
        """Write the phrases to a file, in negw2v's own format: one safetensors file, no pickle.

        Parameters
        ----------
        fname_or_handle
            The file, compressed if its suffix says so; or a binary file.
        separately, sep_limit, ignore, pickle_protocol
            gensim's; they have no effect.

        Raises
        ------
        SaveError
            It cannot be written; where there was such a file, it is as it was.

        Warns
        -----
        NegW2VWarning
            The scorer is a function that cannot be found again by its name.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> phrases.save("phrases")
        >>> negw2v.phrases.Phrases.load("phrases")[["new", "york"]]
        ['new_york']
        """
        if separately or sep_limit != SEP_LIMIT or ignore or pickle_protocol != PICKLE_PROTOCOL:
            warn_once(
                "separately of phrases",
                "separately, sep_limit, ignore and pickle_protocol have no effect: phrases are one "
                "file, and no pickle",
            )
        files.save(fname_or_handle, self)  # type: ignore[arg-type]

    @classmethod
    def load(
        cls,
        fname: FilePath,
        mmap: str | None = None,
        *,
        scoring: str | Callable[..., Any] | None = None,
    ) -> Any:
        """Read phrases from a file of negw2v's or of gensim's, whichever of both kinds it holds.

        gensim's pickles are read without running them.

        Parameters
        ----------
        fname
            The file.
        mmap
            gensim's; it has no effect.
        scoring
            The scorer; None: that of the file. A function of the user's is found again by its name,
            if the program has imported its module.

        Returns
        -------
        Phrases or FrozenPhrases

        Raises
        ------
        MissingFileError
            There is no such file.
        ModelFileError
            It is damaged, or holds something else; or its scorer cannot be found.

        Examples
        --------
        >>> negw2v.phrases.Phrases([["new", "york"]], min_count=1).freeze().save("frozen")
        >>> print(negw2v.phrases.FrozenPhrases.load("frozen"))
        FrozenPhrases<0 phrases, min_count=1, threshold=10.0>
        """
        del mmap
        kind, found = files.load(fname, scoring)
        chosen = Phrases if kind == COUNTS else FrozenPhrases
        made = cls.__new__(cls if issubclass(cls, chosen) else chosen)
        for name, value in found.items():
            setattr(made, name, value)
        made.add_lifecycle_event("loaded", fname=str(fname))
        return made


class Phrases(PhrasesTransformation):
    """Counts words and pairs of words, and finds the pairs that are phrases.

    Parameters
    ----------
    sentences : iterable of list of str, optional
        The sentences to count: a list, or anything that can be iterated over, also once only.
        :class:`negw2v.LineSentence` and the like are read natively.
    min_count : float, optional
        Pairs that are rarer are no phrases.
    threshold : float, optional
        The score that a phrase must exceed. For "default" it depends on the corpus, from about 1
        (many phrases) to 1000; for "npmi" it is between -1 and 1.
    max_vocab_size : int, optional
        If there are more words and pairs than this after a sentence, rare ones are forgotten: the
        first time those with a count below 1, the next time below 2, ... It bounds the memory.
    delimiter : str, optional
        What is between the words of a phrase.
    progress_per : int, optional
        Number of sentences between two lines in the log.
    scoring : {"default", "npmi", "word2phrase"} or callable, optional
        How pairs are scored: :func:`original_scorer`, :func:`npmi_scorer`, word2phrase.c's variant
        of the first, or a function with the same parameters, which are given by name.
    connector_words : set of str, optional
        Words that may stand within a phrase, as in bank_of_america, such as
        :data:`ENGLISH_CONNECTOR_WORDS`. They do not begin or end one, are not counted, and do not
        change the score.
    corpus_file : str or path, optional
        A text file to count in place of `sentences`, one sentence a line; it may be compressed.
    workers : int, optional
        Number of threads; None: one for each CPU. The result does not depend on it.

    Attributes
    ----------
    vocab : mapping of str to int
        How often each word, and each pair with the delimiter in between, was met.
    corpus_word_count : int
        How many words were read.
    min_reduce : int
        The bound below which entries would be forgotten next.

    Raises
    ------
    ParameterError, InputTypeError
        A parameter makes no sense, or is of the wrong kind.
    CorpusError
        The corpus cannot be read.

    Warns
    -----
    NegW2VWarning
        A word has the delimiter in it.

    Notes
    -----
    Source: Mikolov et al. 2013. Phrases of more than two words come from several rounds:
    ``trigrams = Phrases(bigrams[sentences])``, then ``trigrams[bigrams[sentence]]``.

    Examples
    --------
    >>> from negw2v.phrases import Phrases
    >>> text = [["in", "new", "york"], ["new", "york", "is", "large"], ["a", "new", "car"]]
    >>> phrases = Phrases(text, min_count=1, threshold=1)
    >>> phrases[["new", "york", "is", "in", "america"]]
    ['new_york', 'is', 'in', 'america']
    >>> list(phrases[text])
    [['in', 'new_york'], ['new_york', 'is', 'large'], ['a', 'new', 'car']]
    >>> phrases.export_phrases()
    {'new_york': 2.1666666666666665}
    """

    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: float = 40_000_000,
        delimiter: str = "_",
        progress_per: int = 10_000,
        scoring: str | Callable[..., Any] = "default",
        connector_words: Collection[str] = frozenset(),
        *,
        corpus_file: FilePath | None = None,
        workers: int | None = None,
    ) -> None:
        super().__init__(connector_words)
        self.min_count = number("min_count", min_count, "it must be more than 0; 5 is usual")
        if min_count <= 0:
            raise ParameterError(f"min_count must be more than 0, not {min_count!r}; 5 is usual")
        self.scoring = checked_scoring(scoring)
        self.threshold = checked_threshold(threshold, self.scoring)
        hint = "it must be 1 or more; 40 million entries take about 2 GB"
        self.max_vocab_size = number("max_vocab_size", max_vocab_size, hint, least=1)
        self.delimiter = checked_delimiter(delimiter)
        hint = "it is a number of sentences, 1 or more"
        self.progress_per = number("progress_per", progress_per, hint, least=1)
        self.min_reduce = 1
        self.corpus_word_count = 0
        self.counts: Counts = empty(self.delimiter, self.connector_words)
        if sentences is not None or corpus_file is not None:
            start = time.perf_counter()
            self.add_vocab(sentences, corpus_file=corpus_file, workers=workers)
            seconds = time.perf_counter() - start
            self.add_lifecycle_event("created", msg=f"built {self} in {seconds:.2f}s")

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.counts)} vocab, min_count={self.min_count}, "
            f"threshold={self.threshold}, max_vocab_size={self.max_vocab_size}>"
        )

    @property
    def vocab(self) -> PhraseVocabulary:
        """How often each word, and each pair with the delimiter in between, was met.

        Examples
        --------
        >>> negw2v.phrases.Phrases([["new", "york"]]).vocab["new_york"]
        1
        """
        return PhraseVocabulary(self.counts)

    @vocab.setter
    def vocab(self, counts: Mapping[str, int]) -> None:
        counts = dict(checked_vocab(counts).items())
        self.counts = from_mapping(counts, self.delimiter, self.connector_words)

    def add_vocab(
        self,
        sentences: Iterable[Any] | None = None,
        *,
        corpus_file: FilePath | None = None,
        workers: int | None = None,
    ) -> None:
        """Count more sentences. If it fails, everything is as it was before.

        Parameters
        ----------
        sentences, corpus_file, workers
            As for the class.

        Raises
        ------
        CorpusError
            The corpus cannot be read.
        InputTypeError
            A sentence is not a list of words, or a word is not a str.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]])
        >>> phrases.add_vocab([["new", "car"]])
        >>> phrases.vocab["new"]
        2
        """
        learned = learn(
            sentences,
            corpus_file,
            max_vocab_size=self.max_vocab_size,
            delimiter=self.delimiter,
            connector_words=self.connector_words,
            progress_per=self.progress_per,
            workers=checked_workers(workers),
        )
        if not isinstance(sentences, TransformedCorpus) or sentences.delimiter != self.delimiter:
            warn_of_delimiter(learned.counts)
        counts, bound = learned.counts, self.min_reduce
        if len(self.counts):
            before = self.counts
            if before.delimiter != self.delimiter:
                before = from_mapping(dict(before.tokens()), self.delimiter, self.connector_words)
            bound = max(bound, learned.min_reduce)
            counts = combined(before, counts)
            if len(counts) > self.max_vocab_size:
                counts = counts.pruned(bound)
                bound += 1
        changed = {
            "counts": counts,
            "min_reduce": bound,
            "corpus_word_count": self.corpus_word_count + learned.n_words,
        }
        at_once(attributes(self, changed))
        logger.info("counted %d words: %s", learned.n_words, self)

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, Any]:
        """Decide by the counts: see :meth:`PhrasesTransformation.score_candidate`."""
        count = self.counts.count
        first, last = count(word_a), count(word_b)
        if first <= 0 or last <= 0:
            return None, None
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        both = count(phrase)
        if both <= 0:
            return None, None
        score = self._judge().score(first, last, both)
        return (None, None) if score <= self.threshold else (phrase, score)

    def _judge(self) -> candidates.Judge:
        return candidates.Judge(
            self.scoring,
            self.threshold,
            self.min_count,
            len(self.counts),
            self.corpus_word_count,
        )

    def _settings(self) -> tuple[Any, ...]:
        return (
            len(vars(self)),
            self.counts,
            self.scoring,
            self.threshold,
            self.min_count,
            self.corpus_word_count,
            self.delimiter,
            self.connector_words,
        )

    def _is_native(self) -> bool:
        return (
            self.scoring in NAMED.values()
            and self.counts.delimiter == self.delimiter
            and self.counts.connector_words == self.connector_words
        )

    def _joints(self) -> Iterable[candidates.Joint]:
        return candidates.joints(self.counts, self._judge())

    def freeze(self) -> FrozenPhrases:
        """The phrases alone: small, fast, and cannot be counted on.

        Returns
        -------
        FrozenPhrases

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> phrases.freeze().phrasegrams
        {'new_york': 0.75}
        """
        return FrozenPhrases(self)

    def export_phrases(self) -> dict[str, Any]:
        """All phrases that were found.

        Returns
        -------
        dict of str to float
            Their scores.

        Examples
        --------
        >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
        >>> phrases.export_phrases()
        {'new_york': 0.75}
        """
        if self.counts.delimiter != self.delimiter or self._is_overridden():
            return reference.export(self.vocab, self.delimiter, self.score_candidate)
        return candidates.exported(self.counts, self._judge())


class FrozenPhrases(PhrasesTransformation):
    """Phrases that were found, without the counts they were found by.

    Parameters
    ----------
    phrases_model : Phrases
        What found them.

    Attributes
    ----------
    phrasegrams : dict of str to float
        The phrases and their scores; it may be changed.

    Examples
    --------
    >>> phrases = negw2v.phrases.Phrases([["new", "york"]] * 2, min_count=1, threshold=0.5)
    >>> frozen = FrozenPhrases(phrases)
    >>> frozen[["in", "new", "york"]]
    ['in', 'new_york']
    >>> del frozen.phrasegrams["new_york"]
    >>> frozen[["in", "new", "york"]]
    ['in', 'new', 'york']
    """

    def __init__(self, phrases_model: Phrases) -> None:
        self.threshold = phrases_model.threshold
        self.min_count = phrases_model.min_count
        self.delimiter = phrases_model.delimiter
        self.scoring = phrases_model.scoring
        self.connector_words = phrases_model.connector_words
        start = time.perf_counter()
        self.phrasegrams = phrases_model.export_phrases()
        seconds = time.perf_counter() - start
        self.add_lifecycle_event(
            "created", msg=f"exported {self} from {phrases_model} in {seconds:.2f}s"
        )

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.phrasegrams)} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )

    @property
    def phrasegrams(self) -> dict[str, Any]:
        """The phrases and their scores.

        Examples
        --------
        >>> negw2v.phrases.Phrases([["new", "york"]], min_count=1).freeze().phrasegrams
        {}
        """
        return self._phrasegrams

    @phrasegrams.setter
    def phrasegrams(self, phrasegrams: Mapping[str, Any]) -> None:
        self._phrasegrams = Phrasegrams(phrasegrams)

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, Any]:
        """Look it up: see :meth:`PhrasesTransformation.score_candidate`."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self._phrasegrams.get(phrase, -math.inf)
        return (phrase, score) if score > self.threshold else (None, None)

    def _settings(self) -> tuple[Any, ...]:
        grams = self._phrasegrams
        return (
            len(vars(self)),
            grams,
            grams.changes,
            self.threshold,
            self.delimiter,
            self.connector_words,
        )

    def _is_native(self) -> bool:
        return True

    def _joints(self) -> Iterable[candidates.Joint]:
        return candidates.joints_of(
            self._phrasegrams, self.threshold, self.delimiter, self.connector_words
        )


#: gensim's older name.
Phraser = FrozenPhrases
