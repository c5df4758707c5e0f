"""The vocabulary half of a model: counting, trimming, and the tables that follow from it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from inspect import signature
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import all_or_nothing, at_once, attributes, entries
from negw2v.corpus import huffman, vocabulary
from negw2v.corpus.base import Corpus
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import InputTypeError, VocabularyError
from negw2v.kernels import HuffmanPaths
from negw2v.keyedvectors import KeyedVectors
from negw2v.lifecycle import LifecycleEvents
from negw2v.suggestions import check_parameters, suggests_names
from negw2v.training.parameters import check
from negw2v.training.progress import ScanReporter

__all__ = ["Vocabulary"]

logger = logging.getLogger(__name__)

# What parameters were called before gensim 4.
FORMER_PARAMETERS = {"sentences": "corpus_iterable"}
# The word that null_word=1 adds: it pads contexts and occurs in no sentence.
NULL_WORD = "\0"
# What a word costs beside its vectors, about, as gensim estimates it: without and with hs.
WORD_BYTES = (500, 700)


class Vocabulary(LifecycleEvents):
    """Words, counts and tables of a model, from a corpus. A part of Word2Vec."""

    wv: KeyedVectors
    vector_size: int
    layer1_size: int
    workers: int
    hs: int
    negative: int
    ns_exponent: float
    min_count: float
    sample: float
    max_vocab_size: int | None
    max_final_vocab: int | None
    effective_min_count: float
    null_word: Any
    sorted_vocab: Any
    progress: bool | None
    raw_vocab: Any
    corpus_count: int
    corpus_total_words: int
    cum_table: npt.NDArray[np.uint32] | None
    # the tree, and the attribute array that it was made with: a new array, a new tree
    _huffman: tuple[npt.NDArray[Any], HuffmanPaths] | None
    _opened: tuple[Any, Any, Corpus] | None

    def _open_corpus(
        self, corpus_iterable: Any, corpus_file: Any, *, passes: int, workers: int | None = None
    ) -> Corpus:
        raise NotImplementedError

    def prepare_weights(self, update: bool = False) -> None:
        """Make the weights fit the vocabulary; the weights half has it."""
        raise NotImplementedError

    def _check_words(self, words: Collection[Any]) -> None:
        """Raise where a word could not be stored in a file; the half that has files does it."""
        raise NotImplementedError

    @all_or_nothing
    def build_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        update: bool = False,
        progress_per: int = 10000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the vocabulary out of a corpus, and weights that fit it.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for the constructor; exactly one of them. One pass is made, so a
            generator will do here.
        update
            True: add to the vocabulary that there is, and keep what was trained.
        progress_per
            Sentences between two log lines.
        keep_raw_vocab
            Keep `raw_vocab`, the counts of all words.
        trim_rule
            As for the constructor.
        **kwargs
            Further parameters of :meth:`prepare_vocab`.

        Raises
        ------
        CorpusError, InputTypeError
            The corpus is empty or cannot be used.
        VocabularyError
            No word reaches `min_count`; or there is nothing to update yet.
        ParameterError
            A word is of a type that :meth:`save` could not store: not None, but str, int, float,
            bool, bytes, and tuples of these.

        Examples
        --------
        >>> model = Word2Vec(vector_size=20, min_count=1, workers=1)
        >>> model.build_vocab(sentences)
        >>> model.corpus_count
        1000
        """
        if kwargs:
            self._check_preparation(kwargs)
        self.corpus_total_words, self.corpus_count = self.scan_vocab(
            corpus_iterable=corpus_iterable,
            corpus_file=corpus_file,
            progress_per=progress_per,
            trim_rule=trim_rule,
        )
        self._install(update, keep_raw_vocab, trim_rule, **kwargs)
        self.add_lifecycle_event("build_vocab", update=update, trim_rule=str(trim_rule))

    @all_or_nothing
    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Any, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Make the vocabulary out of counts, and weights that fit it.

        Parameters
        ----------
        word_freq
            The count of every word.
        keep_raw_vocab, trim_rule, update
            As for :meth:`build_vocab`.
        corpus_count
            Number of sentences, to be found in `corpus_count` afterwards.

        Raises
        ------
        InputTypeError
            `word_freq` is no mapping.
        ParameterError
            A count is negative or no finite number.
        VocabularyError
            As :meth:`build_vocab`.

        Examples
        --------
        >>> model = Word2Vec(min_count=2)
        >>> model.build_vocab_from_freq({"red": 5, "green": 3, "blue": 1})
        >>> model.wv.index_to_key
        ['red', 'green']
        """
        if not isinstance(word_freq, Mapping):
            raise InputTypeError(
                f"word_freq must be a dict of counts by word, got {type(word_freq).__name__}"
            )
        self.raw_vocab = word_freq
        self.corpus_count = corpus_count or 0
        self.corpus_total_words = int(sum(word_freq.values()))
        logger.info(
            "%d different words with %d occurrences given", len(word_freq), self.corpus_total_words
        )
        self._install(update, keep_raw_vocab, trim_rule)

    def _check_preparation(self, parameters: dict[str, Any]) -> None:
        """Raise where prepare_vocab() does not have them, before anything is read or changed."""
        taken = signature(self.prepare_vocab).parameters.values()
        if not any(each.kind is each.VAR_KEYWORD for each in taken):
            check_parameters(
                parameters.keys() - {each.name for each in taken},
                Vocabulary.build_vocab,
                FORMER_PARAMETERS,
            )

    def _install(
        self, update: bool, keep_raw_vocab: bool, trim_rule: TrimRule | None, **kwargs: Any
    ) -> None:
        report: dict[str, Any] = self.prepare_vocab(
            update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule, **kwargs
        )
        report["memory"] = self.estimate_memory(vocab_size=report["num_retained_words"])
        self.prepare_weights(update=update)

    @suggests_names(FORMER_PARAMETERS)
    def scan_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        progress_per: int = 10000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count the words of a corpus into `raw_vocab`.

        Parameters
        ----------
        corpus_iterable, corpus_file, progress_per, trim_rule
            As for :meth:`build_vocab`. `trim_rule` matters with `max_vocab_size` only.
        workers
            Threads; None: the model's.

        Returns
        -------
        total_words, corpus_count : int
            Words and sentences.

        Examples
        --------
        >>> total_words, total_sentences = Word2Vec().scan_vocab(sentences)
        >>> total_sentences
        1000
        """
        corpus = self._open_corpus(corpus_iterable, corpus_file, passes=1, workers=workers)
        with ScanReporter(self.progress) as reporter:
            found = corpus.scan(
                progress_per=check("progress_per", progress_per),
                progress=reporter,
                max_vocab_size=self.max_vocab_size or None,
                trim_rule=trim_rule,
                keep_tokens=self._opened is not None,
            )
        self.raw_vocab = defaultdict(int, zip(found.words, found.counts.tolist(), strict=True))
        logger.info(
            "%d different words in %d words and %d sentences",
            len(found.words),
            found.corpus_total_words,
            found.corpus_count,
        )
        return found.corpus_total_words, found.corpus_count

    @all_or_nothing
    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: float | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Trim `raw_vocab` into the vocabulary, and compute the tables that follow from it.

        Parameters
        ----------
        update
            True: add to the vocabulary that there is.
        keep_raw_vocab
            Keep `raw_vocab`.
        trim_rule
            As for the constructor.
        min_count, sample
            New values for the model's own; None: those.
        dry_run
            True: change nothing but `effective_min_count`, only report.

        Returns
        -------
        dict
            ``drop_unique``: words dropped; ``retain_total``: occurrences of those kept;
            ``downsample_unique``: words that subsampling makes rarer; ``downsample_total``:
            occurrences it is expected to leave; ``num_retained_words``: words kept.

        Raises
        ------
        VocabularyError
            No word was counted, none stays, or there is nothing to update yet.
        ParameterError
            A word is of a type that :meth:`save` could not store.

        Examples
        --------
        >>> model = Word2Vec(min_count=1)
        >>> _ = model.scan_vocab(sentences)
        >>> report = model.prepare_vocab(dry_run=True)
        >>> report["num_retained_words"] > 100
        True
        """
        min_count = self.min_count if min_count is None else check("min_count", min_count)
        sample = self.sample if sample is None else check("sample", sample)
        if self.raw_vocab is None:
            raise VocabularyError("no words were counted; call build_vocab() or scan_vocab() first")
        if update and not dry_run and not self.wv.key_to_index:
            raise VocabularyError(
                "there is no vocabulary to update yet; call build_vocab() without update=True first"
            )
        words = list(self.raw_vocab)
        counts = np.array(list(self.raw_vocab.values()) or np.empty(0, np.int64))
        fitting = vocabulary.fitting_min_count(counts, self.max_final_vocab)
        self.effective_min_count = max(fitting, min_count)
        prepared = vocabulary.prepare(
            words,
            counts,
            min_count=self.effective_min_count,
            sample=sample,
            trim_rule=trim_rule,
            known=self.wv.key_to_index if update else None,
        )
        if not update and not dry_run and not len(prepared.kept):
            raise vocabulary.nothing_retained(counts, self.effective_min_count, trim_rule)
        kept = words if keep_raw_vocab else [words[place] for place in prepared.kept.tolist()]
        self._check_words(kept)
        self._log_preparation(prepared, len(words), update)
        if dry_run:
            return prepared.report
        if update:
            self._add_words(words, counts, prepared)
        else:
            self.min_count, self.sample = min_count, sample
            self._replace_words(words, counts, prepared)
        if not keep_raw_vocab:
            self.raw_vocab = defaultdict(int)
        if self.hs:
            self.create_binary_tree()
        if self.negative:
            self.make_cum_table()
        return prepared.report

    def _replace_words(
        self, words: list[Hashable], counts: npt.NDArray[Any], prepared: vocabulary.Preparation
    ) -> None:
        """A fresh vocabulary."""
        kept = [words[i] for i in prepared.kept.tolist()]
        kept_counts, sample_ints = counts[prepared.kept], prepared.sample_ints
        if self.null_word and NULL_WORD not in kept:
            kept.append(NULL_WORD)
            kept_counts = np.append(kept_counts, 1)
            sample_ints = np.append(sample_ints, np.uint32(0))
        if self.sorted_vocab:
            order = vocabulary.frequency_order(kept_counts)
            kept = [kept[i] for i in order.tolist()]
            kept_counts, sample_ints = kept_counts[order], sample_ints[order]
        state = {
            "index_to_key": kept,
            "key_to_index": {word: index for index, word in enumerate(kept)},
            "expandos": {"count": kept_counts, "sample_int": sample_ints},
        }
        at_once(attributes(self.wv, state))

    def _add_words(
        self, words: list[Hashable], counts: npt.NDArray[Any], prepared: vocabulary.Preparation
    ) -> None:
        """New words at the end of the vocabulary, and higher counts of those that it had."""
        self._append_words([words[i] for i in prepared.kept[: prepared.new].tolist()])
        self.wv.allocate_vecattrs(["count", "sample_int"], [int, np.uint32])
        rows = np.array([self.wv.key_to_index.get(word, -1) for word in words], dtype=np.int64)
        known = rows >= 0
        occurrences = self.wv.expandos["count"].copy()
        occurrences[rows[known]] += counts[known]
        sample_ints = self.wv.expandos["sample_int"].copy()
        sample_ints[rows[prepared.kept]] = prepared.sample_ints
        at_once(entries(self.wv.expandos, {"count": occurrences, "sample_int": sample_ints}))
        if self.null_word and NULL_WORD not in self.wv.key_to_index:
            self.add_null_word()

    def _append_words(self, words: list[Hashable]) -> None:
        keys = [*self.wv.index_to_key, *words]
        rows = dict(self.wv.key_to_index)
        rows.update(zip(words, range(len(keys) - len(words), len(keys)), strict=True))
        at_once(attributes(self.wv, {"index_to_key": keys, "key_to_index": rows}))

    def _log_preparation(self, prepared: vocabulary.Preparation, total: int, update: bool) -> None:
        report = prepared.report
        occurrences = report["retain_total"] + prepared.drop_total
        verb = "added to" if update else "made"
        self.add_lifecycle_event(
            "prepare_vocab",
            msg=(
                f"vocabulary {verb}: effective_min_count={self.effective_min_count} keeps "
                f"{report['num_retained_words']} of {total} different words ({prepared.new} new), "
                f"{report['retain_total']} of {occurrences} occurrences; subsampling makes "
                f"{report['downsample_unique']} words rarer and leaves an estimated "
                f"{report['downsample_total']} occurrences"
            ),
        )

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """The memory that a model with so many words needs, roughly.

        Parameters
        ----------
        vocab_size
            Number of words; None: those that there are.
        report
            Further entries to add up.

        Returns
        -------
        dict
            Bytes of ``vocab``, ``vectors``, ``syn1``, ``syn1neg`` (those that the model has),
            and their ``total``.

        Examples
        --------
        >>> model.estimate_memory(vocab_size=1_000)["total"] > 1_000 * 32 * 4
        True
        """
        words = vocab_size or len(self.wv)
        report = report or {}
        item = np.dtype(np.float32).itemsize
        report["vocab"] = words * WORD_BYTES[bool(self.hs)]
        report["vectors"] = words * self.vector_size * item
        if self.hs:
            report["syn1"] = words * self.layer1_size * item
        if self.negative:
            report["syn1neg"] = words * self.layer1_size * item
        report["total"] = sum(report.values())
        logger.info(
            "%d words of %d dimensions need about %d bytes",
            words,
            self.vector_size,
            report["total"],
        )
        return report

    @all_or_nothing
    def add_null_word(self) -> None:
        """Add a word that occurs in no sentence, with a count of 1.

        Examples
        --------
        >>> model = Word2Vec(min_count=1, null_word=1)
        >>> model.build_vocab(sentences)  # calls add_null_word()
        >>> chr(0) in model.wv
        True
        """
        self._append_words([NULL_WORD])
        self.wv.set_vecattr(NULL_WORD, "count", 1)

    def create_binary_tree(self) -> None:
        """Make the Huffman tree of hierarchical softmax out of the words' counts.

        Every word gets the attributes ``code`` (uint8, its bits from the root on) and
        ``point`` (uint32, the inner nodes on its path).

        Examples
        --------
        >>> model.create_binary_tree()
        >>> model.wv.get_vecattr("paris", "code").dtype
        dtype('uint8')
        """
        paths = huffman.build_paths(self.wv.expandos["count"])
        edges = paths.starts.tolist()
        tree = {}
        for name, values in (
            ("code", (paths.signs < 0).astype(np.uint8)),
            ("point", paths.nodes.astype(np.uint32)),
        ):
            parts = (values[a:b] for a, b in pairwise(edges))
            tree[name] = np.fromiter(parts, dtype=object, count=len(edges) - 1)
        at_once(
            entries(self.wv.expandos, tree), attributes(self, {"_huffman": (tree["code"], paths)})
        )
        logger.info(
            "Huffman tree of %d words, longest path %d",
            len(edges) - 1,
            np.diff(paths.starts).max(initial=0),
        )

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Make `cum_table`, the distribution of negative samples, out of the words' counts.

        Parameters
        ----------
        domain
            The last entry.

        Notes
        -----
        ``cum_table`` is uint32 (V,): the cumulative sums of ``count ** ns_exponent``, scaled
        to 0..domain. Training draws from whatever distribution it holds, so another table
        may be put in its place.

        Examples
        --------
        >>> model.make_cum_table()
        >>> len(model.cum_table) == len(model.wv)
        True
        """
        self.cum_table = vocabulary.cumulative_table(
            self.wv.expandos["count"], self.ns_exponent, domain
        )
