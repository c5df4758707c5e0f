"""The vocabulary of a model: counting, trimming, and the tables that follow from it.

Functions on a model. They call its public methods where a subclass may have overridden a step.
"""

# ruff: noqa: SLF001 - the model's corpus and tree are private to this package

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from inspect import signature
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.commit import all_or_nothing, at_once, attributes, entries
from negw2v.corpus import huffman, vocabulary
from negw2v.corpus.base import Corpus
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.options import AS_IT_IS, CorpusOptions
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import InputTypeError, ParameterError, VocabularyError
from negw2v.formats.values import check_storable
from negw2v.keyedvectors import KeyedVectors
from negw2v.suggestions import check_parameters
from negw2v.training.drift import NEVER_UPDATED
from negw2v.training.progress import ScanReporter
from negw2v.word2vec.former_names import BUILD_VOCAB
from negw2v.word2vec.hyperparameters import check

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = [
    "add_null_word",
    "build",
    "build_from_counts",
    "check_further",
    "create_binary_tree",
    "estimate_memory",
    "make_cum_table",
    "opened_corpus",
    "prepare",
    "reset_from",
    "scan",
]

logger = logging.getLogger(__name__)

# The word that null_word=1 adds: it pads contexts and occurs in no sentence.
NULL_WORD = "\0"
# What a word costs in addition to its vectors, about, as gensim estimates it: without and with hs.
WORD_BYTES = (500, 700)


def opened_corpus(
    model: Word2Vec,
    iterable: Any,
    file: Any,
    *,
    passes: int,
    workers: int | None = None,
    options: CorpusOptions = AS_IT_IS,
) -> Corpus:
    """The corpus behind two arguments; the one that the constructor has opened, if it is."""
    if model._opened is not None:
        given_iterable, given_file, corpus = model._opened
        if given_iterable is iterable and given_file is file:
            return corpus
    return open_corpus(
        iterable, file, workers=workers or model.workers, passes=passes, options=options
    )


def check_further(
    model: Word2Vec, parameters: Mapping[str, Any], build_vocab: Callable[..., Any]
) -> None:
    """Raise where prepare_vocab() does not have them, before anything is read or changed."""
    taken = signature(model.prepare_vocab).parameters.values()
    if not any(each.kind is each.VAR_KEYWORD for each in taken):
        check_parameters(
            parameters.keys() - {each.name for each in taken}, build_vocab, BUILD_VOCAB
        )


@all_or_nothing
def build(
    model: Word2Vec,
    corpus_iterable: Iterable[Any] | None,
    corpus_file: str | Path | None,
    *,
    update: bool,
    progress_per: int,
    keep_raw_vocab: bool,
    trim_rule: TrimRule | None,
    options: CorpusOptions,
    **further: Any,
) -> None:
    """Make the vocabulary out of a corpus, and weights that fit it: see Word2Vec.build_vocab()."""
    model.corpus_total_words, model.corpus_count = model.scan_vocab(
        corpus_iterable=corpus_iterable,
        corpus_file=corpus_file,
        progress_per=progress_per,
        trim_rule=trim_rule,
        **options.given(),  # a subclass may have a scan_vocab() without them
    )
    _install(model, update, keep_raw_vocab, trim_rule, **further)
    model.add_lifecycle_event("build_vocab", update=update, trim_rule=str(trim_rule))


@all_or_nothing
def build_from_counts(
    model: Word2Vec,
    word_freq: Mapping[Any, int],
    keep_raw_vocab: bool,
    corpus_count: int | None,
    trim_rule: TrimRule | None,
    *,
    update: bool,
) -> None:
    """Make the vocabulary out of counts: see Word2Vec.build_vocab_from_freq()."""
    if not isinstance(word_freq, Mapping):
        raise InputTypeError(
            f"word_freq must be a dict of counts by word, got {type(word_freq).__name__}"
        )
    model.raw_vocab = word_freq
    model.corpus_count = corpus_count or 0
    model.corpus_total_words = int(sum(word_freq.values()))
    logger.info(
        "%d different words with %d occurrences given", len(word_freq), model.corpus_total_words
    )
    _install(model, update, keep_raw_vocab, trim_rule)


def _install(
    model: Word2Vec, update: bool, keep_raw_vocab: bool, trim_rule: TrimRule | None, **further: Any
) -> None:
    """Trim what was counted into the vocabulary, and make weights that fit it."""
    report: dict[str, Any] = model.prepare_vocab(
        update=update, keep_raw_vocab=keep_raw_vocab, trim_rule=trim_rule, **further
    )
    report["memory"] = model.estimate_memory(vocab_size=report["num_retained_words"])
    model.prepare_weights(update=update)


def scan(
    model: Word2Vec,
    corpus_iterable: Iterable[Any] | None,
    corpus_file: str | Path | None,
    progress_per: int,
    workers: int | None,
    trim_rule: TrimRule | None,
    options: CorpusOptions,
) -> tuple[int, int]:
    """Count the words of a corpus: see Word2Vec.scan_vocab()."""
    check("trim_rule", trim_rule)
    corpus = opened_corpus(
        model, corpus_iterable, corpus_file, passes=1, workers=workers, options=options
    )
    with ScanReporter(model.progress) as reporter:
        found = corpus.scan(
            progress_per=check("progress_per", progress_per),
            progress=reporter,
            max_vocab_size=model.max_vocab_size or None,
            trim_rule=trim_rule,
            keep_tokens=model._opened is not None,
        )
    model.raw_vocab = defaultdict(int, zip(found.words, found.counts.tolist(), strict=True))
    logger.info(
        "%d different words in %d words and %d sentences",
        len(found.words),
        found.corpus_total_words,
        found.corpus_count,
    )
    if corpus.nulls.sentences or corpus.nulls.words:
        logger.warning(
            "%d sentences and %d words were null, and are left out",
            corpus.nulls.sentences,
            corpus.nulls.words,
        )
    return found.corpus_total_words, found.corpus_count


@all_or_nothing
def prepare(
    model: Word2Vec,
    update: bool,
    keep_raw_vocab: bool,
    trim_rule: TrimRule | None,
    min_count: float | None,
    sample: float | None,
    *,
    dry_run: bool,
) -> dict[str, int]:
    """Trim what was counted into the vocabulary: see Word2Vec.prepare_vocab()."""
    check("trim_rule", trim_rule)
    min_count = model.min_count if min_count is None else check("min_count", min_count)
    sample = model.sample if sample is None else check("sample", sample)
    if model.raw_vocab is None:
        raise VocabularyError("no words were counted; call build_vocab() or scan_vocab() first")
    if update and not dry_run and not model.wv.key_to_index:
        raise VocabularyError(
            "there is no vocabulary to update yet; call build_vocab() without update=True first"
        )
    words = list(model.raw_vocab)
    counts = np.array(list(model.raw_vocab.values()) or np.empty(0, np.int64))
    fitting = vocabulary.fitting_min_count(counts, model.max_final_vocab)
    model.effective_min_count = max(fitting, min_count)
    prepared = vocabulary.prepare(
        words,
        counts,
        min_count=model.effective_min_count,
        sample=sample,
        trim_rule=trim_rule,
        known=model.wv.key_to_index if update else None,
    )
    if not update and not dry_run and not len(prepared.kept):
        raise vocabulary.nothing_retained(counts, model.effective_min_count, trim_rule)
    kept = words if keep_raw_vocab else [words[place] for place in prepared.kept.tolist()]
    _check_words(kept)
    _log_preparation(model, prepared, len(words), update)
    if dry_run:
        return prepared.report
    if update:
        _add_words(model, words, counts, prepared)
    else:
        model.min_count, model.sample = min_count, sample
        _replace_words(model, words, counts, prepared)
    if not keep_raw_vocab:
        model.raw_vocab = defaultdict(int)
    if model.hs:
        model.create_binary_tree()
    if model.negative:
        model.make_cum_table()
    return prepared.report


def _check_words(words: list[Any]) -> None:
    """Raise where a word could not be stored in a file."""
    check_storable(words, "word")
    if None in words:
        raise ParameterError(
            "None cannot be a word: it stands for a row without a word; leave it out of the "
            "sentences, or put a text in its place"
        )


def _replace_words(
    model: Word2Vec,
    words: list[Hashable],
    counts: npt.NDArray[Any],
    prepared: vocabulary.Preparation,
) -> None:
    """A fresh vocabulary."""
    kept = [words[i] for i in prepared.kept.tolist()]
    kept_counts, sample_ints = counts[prepared.kept], prepared.sample_ints
    if model.null_word and NULL_WORD not in kept:
        kept.append(NULL_WORD)
        kept_counts = np.append(kept_counts, 1)
        sample_ints = np.append(sample_ints, np.uint32(0))
    if model.sorted_vocab:
        order = vocabulary.frequency_order(kept_counts)
        kept = [kept[i] for i in order.tolist()]
        kept_counts, sample_ints = kept_counts[order], sample_ints[order]
    state = {
        "index_to_key": kept,
        "key_to_index": {word: index for index, word in enumerate(kept)},
        "expandos": {"count": kept_counts, "sample_int": sample_ints},
    }
    at_once(attributes(model.wv, state), attributes(model, NEVER_UPDATED))


def _add_words(
    model: Word2Vec,
    words: list[Hashable],
    counts: npt.NDArray[Any],
    prepared: vocabulary.Preparation,
) -> None:
    """New words at the end of the vocabulary, and higher counts of those that it had."""
    _note_old_words(model)
    _append_words(model, [words[i] for i in prepared.kept[: prepared.new].tolist()])
    model.wv.allocate_vecattrs(["count", "sample_int"], [int, np.uint32])
    rows = np.array([model.wv.key_to_index.get(word, -1) for word in words], dtype=np.int64)
    known = rows >= 0
    occurrences = model.wv.expandos["count"].copy()
    occurrences[rows[known]] += counts[known]
    sample_ints = model.wv.expandos["sample_int"].copy()
    sample_ints[rows[prepared.kept]] = prepared.sample_ints
    at_once(entries(model.wv.expandos, {"count": occurrences, "sample_int": sample_ints}))
    if model.null_word and NULL_WORD not in model.wv.key_to_index:
        model.add_null_word()


def _note_old_words(model: Word2Vec) -> None:
    """Before new words come: the others are old, unless nothing was trained since the last ones."""
    was_trained = model.epochs_begun or model.train_count
    since_update = model.epochs_begun != model.epochs_before_update
    if was_trained and (since_update or not model.words_before_update):
        old = {"words_before_update": len(model.wv), "epochs_before_update": model.epochs_begun}
        at_once(attributes(model, old))


def _append_words(model: Word2Vec, words: list[Hashable]) -> None:
    """New words at the end of the vocabulary."""
    keys = [*model.wv.index_to_key, *words]
    rows = dict(model.wv.key_to_index)
    rows.update(zip(words, range(len(keys) - len(words), len(keys)), strict=True))
    at_once(attributes(model.wv, {"index_to_key": keys, "key_to_index": rows}))


def _log_preparation(
    model: Word2Vec, prepared: vocabulary.Preparation, total: int, update: bool
) -> None:
    report = prepared.report
    occurrences = report["retain_total"] + prepared.drop_total
    verb = "added to" if update else "made"
    model.add_lifecycle_event(
        "prepare_vocab",
        msg=(
            f"vocabulary {verb}: effective_min_count={model.effective_min_count} keeps "
            f"{report['num_retained_words']} of {total} different words ({prepared.new} new), "
            f"{report['retain_total']} of {occurrences} occurrences; subsampling makes "
            f"{report['downsample_unique']} words rarer and leaves an estimated "
            f"{report['downsample_total']} occurrences"
        ),
    )


def estimate_memory(
    model: Word2Vec, vocab_size: int | None, report: dict[str, int] | None
) -> dict[str, int]:
    """The memory that a model with so many words needs: see Word2Vec.estimate_memory()."""
    words = vocab_size or len(model.wv)
    report = report or {}
    item = np.dtype(np.float32).itemsize
    report["vocab"] = words * WORD_BYTES[bool(model.hs)]
    report["vectors"] = words * model.vector_size * item
    if model.hs:
        report["syn1"] = words * model.layer1_size * item
    if model.negative:
        report["syn1neg"] = words * model.layer1_size * item
    report["total"] = sum(report.values())
    logger.info(
        "%d words of %d dimensions need about %d bytes",
        words,
        model.vector_size,
        report["total"],
    )
    return report


@all_or_nothing
def add_null_word(model: Word2Vec) -> None:
    """Add a word that occurs in no sentence, with a count of 1."""
    _append_words(model, [NULL_WORD])
    model.wv.set_vecattr(NULL_WORD, "count", 1)


def create_binary_tree(model: Word2Vec) -> None:
    """Make the Huffman tree, and the words' attributes that describe it."""
    paths = huffman.build_paths(model.wv.expandos["count"])
    edges = paths.starts.tolist()
    tree = {}
    for name, values in (
        ("code", (paths.signs < 0).astype(np.uint8)),
        ("point", paths.nodes.astype(np.uint32)),
    ):
        parts = (values[a:b] for a, b in pairwise(edges))
        tree[name] = np.fromiter(parts, dtype=object, count=len(edges) - 1)
    at_once(
        entries(model.wv.expandos, tree), attributes(model, {"_huffman": (tree["code"], paths)})
    )
    logger.info(
        "Huffman tree of %d words, longest path %d",
        len(edges) - 1,
        np.diff(paths.starts).max(initial=0),
    )


def make_cum_table(model: Word2Vec, domain: int) -> None:
    """Make the distribution of negative samples out of the words' counts."""
    model.cum_table = vocabulary.cumulative_table(
        model.wv.expandos["count"], model.ns_exponent, domain
    )


@all_or_nothing
def reset_from(model: Word2Vec, other: Word2Vec) -> None:
    """Take over the vocabulary of another model, and set the weights to their start."""
    if not hasattr(other, "wv") or not hasattr(other, "cum_table"):
        raise InputTypeError(f"a {type(other).__name__} was given; reset_from() takes a Word2Vec")
    model.wv = KeyedVectors(model.vector_size)
    model.wv.vectors_lockf = kernels.no_locks()
    model.wv.index_to_key = other.wv.index_to_key
    model.wv.key_to_index = other.wv.key_to_index
    model.wv.expandos = other.wv.expandos
    model.cum_table = other.cum_table
    model.corpus_count = other.corpus_count
    at_once(attributes(model, NEVER_UPDATED))
    model.init_weights()
