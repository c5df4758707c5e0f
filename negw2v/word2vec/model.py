"""The class Word2Vec: its whole public interface.

Each method is a docstring and a call of a function on the model's state; the map in
:mod:`negw2v.word2vec` says where these functions are. Methods whose names begin with an underscore
are gensim's, which subclasses override.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.callbacks import CallbackAny2Vec
from negw2v.constructors import OnClassOnly
from negw2v.corpus.base import Corpus
from negw2v.corpus.options import CorpusOptions
from negw2v.corpus.tokenizers import Tokenizer
from negw2v.corpus.trimming import TrimRule
from negw2v.deferred import DeferredModule
from negw2v.errors import FilePath, InputTypeError
from negw2v.formats import saving
from negw2v.formats.model_card import Description
from negw2v.gensim_substitution import SubstituteMeta
from negw2v.kernels import HuffmanPaths
from negw2v.keyedvectors import KeyedVectors
from negw2v.lifecycle import LifecycleEvents
from negw2v.suggestions import (
    answers_former_names,
    check_parameters,
    name_methods,
    shown_names,
    suggests_names,
)
from negw2v.training.engine import RemoteTraining, SpanTrainer
from negw2v.training.report import TrainingReport
from negw2v.training.weights import Workspace, legacy_seed
from negw2v.word2vec import (
    files,
    former_names,
    hyperparameters,
    rates,
    session,
    subclassing,
    vocabulary,
    weights,
)

if TYPE_CHECKING:
    from negw2v.word2vec import display, gensim, prediction, sharing
    from negw2v.word2vec.preflight import Preflight
else:
    display = DeferredModule("negw2v.word2vec.display")
    gensim = DeferredModule("negw2v.word2vec.gensim")
    prediction = DeferredModule("negw2v.word2vec.prediction")
    sharing = DeferredModule("negw2v.word2vec.sharing")

__all__ = ["Word2Vec"]

Model = TypeVar("Model", bound="Word2Vec")


@answers_former_names(former_names.FORMER)
class Word2Vec(LifecycleEvents, metaclass=SubstituteMeta):
    r"""Word vectors, trained by skip-gram or CBOW (Mikolov et al. 2013).

    Parameters, their order and their defaults are those of gensim 4.4.0; the keyword-only
    ones at the end are new.

    Parameters
    ----------
    sentences : iterable of lists of str, optional
        The corpus: a list, or an object that starts a new pass over the sentences at each
        ``iter()``. A list or tuple is encoded once; anything else is read again in every
        epoch. Columns and arrays are read natively: any object with ``__arrow_c_stream__``
        (pyarrow, polars, pandas, duckdb, ...); a 2-D array of whole numbers, or a pair of arrays
        (indices, offsets). docs/corpora.md has all of them. With a corpus the model is trained at
        once; without one, call :meth:`build_vocab` and :meth:`train`, which keeps the model when
        Ctrl-C ends training.
    corpus_file : str or path, optional
        A text file instead: one sentence per line, words separated by blanks, UTF-8, also
        compressed (.gz, .bz2, .xz, .zst); or a Parquet or Arrow file. A folder, or a pattern such
        as ``"texts/*.txt"``, stands for all its files, in the order of their names.
    vector_size : int
        Dimensions of the vectors.
    alpha, min_alpha : float or "auto"
        Initial and final learning rate; it falls linearly. "auto": when training begins, `alpha`
        becomes the rate that suits the algorithm: 0.05 for skip-gram, 0.075 for CBOW, 0.15 for
        corrected CBOW; with hierarchical softmax 0.025, 0.05, 0.15 (docs/quality.md);
        `min_alpha` 0.0001.
    window : int
        Largest distance between a context word and the centre word.
    min_count : int
        Words that are rarer are left out.
    max_vocab_size : int, optional
        While counting, drop the rarest words whenever there are more different ones.
    sample : float
        Threshold of subsampling frequent words: below 1 a share of the corpus, from 1 on a
        count; 0 switches it off.
    seed : int
        Seed of all random numbers. With ``workers=1`` the same seed gives the same bits; with
        `deterministic`, the same with any number of workers.
    workers : int
        Threads.
    sg : {0, 1}
        1: skip-gram; 0: CBOW.
    hs : {0, 1}
        1: hierarchical softmax.
    negative : int
        Negative samples per positive one; 0: no negative sampling.
    ns_exponent : float
        Negative samples are drawn in proportion to ``count ** ns_exponent``.
    cbow_mean : {0, 1}
        CBOW: 1: mean of the context vectors; 0: their sum, whose gradient is divided by the
        square root of their number (gensim: by their number).
    hashfxn : callable
        Used by :meth:`seeded_vector` only.
    epochs : int
        Passes over the corpus.
    null_word : {0, 1}
        1: add a word ``"\0"`` that occurs in no sentence.
    trim_rule : callable, optional
        ``trim_rule(word, count, min_count)`` returns one of ``negw2v.utils.RULE_DEFAULT``,
        ``RULE_KEEP`` and ``RULE_DISCARD``. It is not stored.
    sorted_vocab : {0, 1}
        1: the most frequent word gets index 0, and so on.
    batch_words : int
        Words per span, at most: spans have one learning rate and one random stream each.
    compute_loss : bool
        Fill `running_training_loss`. The report has the loss in any case.
    callbacks : iterable of CallbackAny2Vec
        See :mod:`negw2v.callbacks`.
    comment : object
        Kept as an attribute.
    max_final_vocab : int, optional
        Raise `min_count` until no more words than this remain.
    shrink_windows : bool
        True: every window's size is drawn from 1..window; False: it is `window`.
    share_negatives : bool
        Skip-gram: True: the pairs of one window share one draw of negative samples
        (Ji et al. 2016), or those of twelve context words in windows over 10: several times faster
        at equal quality. False: each pair has its own.
    corrected_cbow : bool
        CBOW with `cbow_mean`: True: divide the gradient of a mean by the number of context
        words (Irsoy et al. 2021); False: leave it whole, as word2vec.c and gensim do.
    paired_windows : bool
        CBOW with negative sampling: True: two neighbouring windows share one draw of negative
        samples, and are trained as one block: faster, with slightly worse analogies
        (docs/quality.md). False: each has its own.
    deterministic : bool
        True: the same seed, corpus and parameters give the same bits with any number of
        `workers`, at some cost of speed (docs/deterministic.md). False: with ``workers=1`` only.
    progress : bool, optional
        True or False: show a progress bar or not; None: where stderr is a terminal.
    phrases : FrozenPhrases, Phrases or list of these, optional
        Join these phrases in the corpus while it is read; those of several rounds in their order.
        They are not stored: for :meth:`build_vocab` and :meth:`train` give
        ``phrases[negw2v.LineSentence(file)]`` as the corpus, which is as fast.
    column : str, optional
        Name of the column of a table that is the corpus; None: the only one that can be.
    tokenizer : str or callable, optional
        Splits texts into words, where the corpus is texts: a column or an iterable of str, or a
        text file. A function from a str to a list of words; or "whitespace" (``str.split``, the
        default for columns and files), "simple" (:func:`negw2v.utils.simple_preprocess`) or
        "unicode" (word boundaries of Unicode; needs the package regex).
    encoding : str, optional
        Encoding of a text file; None: UTF-8.
    errors : str, optional
        What becomes of bytes of a text file that are not in its encoding: "strict" (the default:
        an error), "ignore", "replace", "backslashreplace".
    padding : int, optional
        In arrays and columns of whole numbers: a number that stands for no word, usually -1. Other
        negative numbers are an error.

    Attributes
    ----------
    wv : KeyedVectors
        The words and their vectors.
    syn1neg, syn1 : numpy.ndarray
        float32 (V, vector_size): output vectors of negative sampling, node vectors of
        hierarchical softmax.
    training_report : TrainingReport
        The exact account of the last (or the running) :meth:`train` of this object. It has no
        epochs where there was none: in a new model, and in one from a file, which does not
        hold it.

    Raises
    ------
    ParameterError
        A parameter's value makes no sense.
    CorpusError, InputTypeError
        The corpus cannot be used; see :meth:`build_vocab` and :meth:`train`.

    Examples
    --------
    >>> model = Word2Vec(sentences, vector_size=20, min_count=1, workers=1, progress=False)
    >>> model.wv["paris"].shape
    (20,)
    """

    wv: KeyedVectors

    # Parameters of the constructor.
    vector_size: int
    alpha: float | Literal["auto"]
    window: int
    min_count: float
    max_vocab_size: int | None
    sample: float
    seed: Any  # an int, several, or None
    workers: int
    min_alpha: float | Literal["auto"]
    sg: int
    hs: int
    negative: int
    ns_exponent: float
    cbow_mean: int
    hashfxn: Callable[[str], int]
    epochs: int
    null_word: int
    sorted_vocab: int
    batch_words: int
    compute_loss: bool
    comment: Any
    max_final_vocab: int | None
    shrink_windows: bool
    share_negatives: bool
    corrected_cbow: bool
    paired_windows: bool
    deterministic: bool
    progress: bool | None

    # The state; gensim's names.
    layer1_size: int
    syn1: npt.NDArray[Any]
    syn1neg: npt.NDArray[Any]
    cum_table: npt.NDArray[np.uint32] | None
    raw_vocab: Any
    effective_min_count: float
    corpus_count: int
    corpus_total_words: int
    train_count: int
    total_train_time: float
    running_training_loss: float
    min_alpha_yet_reached: float
    random: np.random.RandomState

    # The state; not gensim's.
    training_report: TrainingReport
    epochs_begun: int
    # the words, and the epochs begun, when build_vocab(update=True) added to what was trained
    words_before_update: int
    epochs_before_update: int
    # the Huffman tree, and the attribute array that it was made with: a new array, a new tree
    _huffman: tuple[npt.NDArray[Any], HuffmanPaths] | None
    # the tables that training looks up, and the cum_table that they were made with
    _tables: tuple[npt.NDArray[np.uint32] | None, kernels.Tables] | None
    # the corpus that the constructor reads for all its steps, and what it was given as
    _opened: tuple[Any, Any, Corpus] | None
    # who trains the weights in place of this machine's threads, while it does
    _remote: RemoteTraining | None

    @suggests_names(former_names.CONSTRUCTOR)
    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        vector_size: int = 100,
        alpha: float | Literal["auto"] = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float | Literal["auto"] = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[[str], int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: Callable[[Any, int, int], int] | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10000,
        compute_loss: bool = False,
        callbacks: Iterable[CallbackAny2Vec] = (),
        comment: Any = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        *,
        share_negatives: bool = True,
        corrected_cbow: bool = False,
        paired_windows: bool = False,
        deterministic: bool = False,
        progress: bool | None = None,
        phrases: Any = None,
        column: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        padding: int | None = None,
    ) -> None:
        passed_on = hyperparameters.keep(self, locals())

        self.random = np.random.RandomState(legacy_seed(self.seed))
        self.train_count = 0
        self.total_train_time = 0.0
        self.running_training_loss = 0.0
        self.min_alpha_yet_reached = float(rates.chosen(self).alpha)
        self.corpus_count = 0
        self.corpus_total_words = 0
        self.raw_vocab = None
        self.cum_table = None
        self.training_report = TrainingReport(threads=0, isa=kernels.isa())
        self.epochs_begun = 0
        self.words_before_update = self.epochs_before_update = 0
        self._huffman = self._tables = None
        self._opened = self._remote = None
        if not hasattr(self, "wv"):  # a subclass may have made its own
            self.wv = KeyedVectors(self.vector_size)
        self.wv.vectors_lockf = kernels.no_locks()
        if not hasattr(self, "layer1_size"):
            self.layer1_size = self.vector_size

        if sentences is not None or corpus_file is not None:
            session.build_and_train(self, **passed_on)
        else:
            session.warn_unused(**passed_on)
        self.add_lifecycle_event("created", params=str(self))

    @classmethod
    def _with_parameters(cls: type[Model], parameters: Mapping[str, Any]) -> Model:
        """A new model of this class; the constructors of derived classes are not called."""
        model = cls.__new__(cls)
        Word2Vec.__init__(model, **parameters)
        return model

    def __getstate__(self) -> dict[str, Any]:
        # A callback may copy the model while its constructor trains it; not the corpus.
        return {**self.__dict__, "_opened": None, "_remote": None}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        subclassing.warn_of_unused_hooks(cls)

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv.index_to_key)}, "
            f"vector_size={self.wv.vector_size}, alpha={self.alpha}>"
        )

    def _repr_html_(self) -> str:
        return display.html(self)

    def __dir__(self) -> Iterable[str]:
        return shown_names(type(self), super().__dir__())

    # A model was a container of vectors in gensim 3.

    __iter__ = None  # or Python would try model[0], model[1], ...

    def __getitem__(self, key: Any) -> NoReturn:
        raise InputTypeError(f"a model has no items; the vector of a key is model.wv[{key!r}]")

    def __contains__(self, key: Any) -> bool:
        raise InputTypeError(
            f"a model cannot be asked with 'in'; whether it has a key is {key!r} in model.wv"
        )

    # vocabulary

    def build_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        update: bool = False,
        progress_per: int = 10000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        *,
        column: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        padding: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the vocabulary out of a corpus, and weights that fit it.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for the constructor; exactly one of them. One pass is made, so a
            generator will do here.
        update
            True: add to the vocabulary that there is, and keep what was trained. Then
            :meth:`train` moves old words, too: `anchor` there holds them, and
            `training_report.drift` says how far they moved (docs/growing.md).
        progress_per
            Sentences between two log lines.
        keep_raw_vocab
            Keep `raw_vocab`, the counts of all words.
        trim_rule
            As for the constructor.
        column, tokenizer, encoding, errors, padding
            How the corpus is read, as for the constructor.
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
            vocabulary.check_further(self, kwargs, Word2Vec.build_vocab)
        vocabulary.build(
            self,
            corpus_iterable,
            corpus_file,
            update=update,
            progress_per=progress_per,
            keep_raw_vocab=keep_raw_vocab,
            trim_rule=trim_rule,
            options=CorpusOptions(column, tokenizer, encoding, errors, padding),
            **kwargs,
        )

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
            `word_freq` is not a mapping.
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
        vocabulary.build_from_counts(
            self, word_freq, keep_raw_vocab, corpus_count, trim_rule, update=update
        )

    @suggests_names(former_names.BUILD_VOCAB)
    def scan_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        progress_per: int = 10000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
        *,
        column: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        padding: int | None = None,
    ) -> tuple[int, int]:
        """Count the words of a corpus into `raw_vocab`.

        Parameters
        ----------
        corpus_iterable, corpus_file, progress_per, trim_rule
            As for :meth:`build_vocab`. `trim_rule` matters with `max_vocab_size` only.
        workers
            Threads; None: the model's.
        column, tokenizer, encoding, errors, padding
            How the corpus is read, as for the constructor.

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
        return vocabulary.scan(
            self,
            corpus_iterable,
            corpus_file,
            progress_per,
            workers,
            trim_rule,
            CorpusOptions(column, tokenizer, encoding, errors, padding),
        )

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
        return vocabulary.prepare(
            self, update, keep_raw_vocab, trim_rule, min_count, sample, dry_run=dry_run
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
        return vocabulary.estimate_memory(self, vocab_size, report)

    def add_null_word(self) -> None:
        """Add a word that occurs in no sentence, with a count of 1.

        Examples
        --------
        >>> model = Word2Vec(min_count=1, null_word=1)
        >>> model.build_vocab(sentences)  # calls add_null_word()
        >>> chr(0) in model.wv
        True
        """
        vocabulary.add_null_word(self)

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
        vocabulary.create_binary_tree(self)

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
        vocabulary.make_cum_table(self, domain)

    def reset_from(self, other_model: Word2Vec) -> None:
        """Take over the vocabulary of another model, and set the weights to their start.

        Both models then share the words, their attributes and their tables: neither may
        change its vocabulary afterwards.

        Parameters
        ----------
        other_model
            The model with the vocabulary.

        Examples
        --------
        >>> other = Word2Vec(vector_size=10)
        >>> other.reset_from(model)
        >>> len(other.wv) == len(model.wv)
        True
        """
        vocabulary.reset_from(self, other_model)

    # weights

    def prepare_weights(self, update: bool = False) -> None:
        """Make the weights fit the vocabulary.

        Parameters
        ----------
        update
            True: :meth:`update_weights`; False: :meth:`init_weights`.

        Examples
        --------
        >>> model.prepare_weights()
        >>> model.wv.vectors.shape == (len(model.wv), 32)
        True
        """
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def init_weights(self) -> None:
        """Set all weights to their start: random input vectors, zero output vectors.

        Input vectors are uniform in [-1, 1) / vector_size, drawn from
        ``numpy.random.default_rng(seed)``: the same values as gensim's.

        Examples
        --------
        >>> model.init_weights()  # all that was trained is gone
        >>> bool(model.syn1neg.any())
        False
        """
        weights.initialize(self)

    def update_weights(self) -> None:
        """Give the weights a row for each new word, and keep those that there are.

        Raises
        ------
        VocabularyError
            There are no weights yet.

        Examples
        --------
        >>> model.build_vocab([["metro", "station"]] * 5, update=True)  # calls update_weights()
        >>> "metro" in model.wv
        True
        """
        weights.update(self)

    def seeded_vector(self, seed_string: str, vector_size: int) -> npt.NDArray[np.float32]:
        """A random vector that depends on `seed_string` and `hashfxn`. Deprecated, as in gensim.

        Parameters
        ----------
        seed_string
            What the random numbers are seeded with.
        vector_size
            Length of the vector.

        Returns
        -------
        numpy.ndarray
            float32 (vector_size,), uniform in [-0.5, 0.5) / vector_size.

        Examples
        --------
        >>> model.init_weights()  # in its place
        """
        return weights.seeded_vector(self, seed_string, vector_size)

    def span_trainer(self, workspace: Workspace) -> SpanTrainer:
        """A kernel on rows with the present values of the weights.

        Arrays that were put in the weights' place from outside, and that results cannot be
        written into, are replaced by copies.

        Parameters
        ----------
        workspace
            Gives the rows.

        Raises
        ------
        NotWord2VecError
            The weights do not fit the vocabulary.

        Examples
        --------
        >>> from negw2v.training.weights import Workspace
        >>> trainer = model.span_trainer(Workspace())
        """
        return weights.span_trainer(self, workspace)

    # training

    def train(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Iterable[CallbackAny2Vec] = (),
        *,
        anchor: float | None = None,
        checkpoint: FilePath | None = None,
        checkpoint_every: int | timedelta = 1,
        column: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        padding: int | None = None,
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Train the vectors.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for the constructor; exactly one of them.
        total_examples, total_words
            Sentences and raw words of one pass: what the learning rate is computed from. At
            least one of them; after :meth:`build_vocab` with the same corpus they are
            ``model.corpus_count`` and ``model.corpus_total_words``.
        epochs
            Passes over the corpus, usually ``model.epochs``.
        start_alpha, end_alpha
            New values for `alpha` and `min_alpha`.
        word_count
            Not used, as in gensim.
        queue_factor
            Pieces of work per thread that may wait.
        report_delay
            Seconds between two lines of the log.
        compute_loss
            Fill `running_training_loss`.
        callbacks
            See :mod:`negw2v.callbacks`.
        anchor
            After ``build_vocab(update=True)``: how firmly the words are held that were trained
            before, from 0 to 1. Each step of their vectors is multiplied by ``1 - anchor``, in
            addition to ``wv.vectors_lockf``; 1: they do not move at all. None: they move like
            new words. `training_report.drift` says how far (docs/growing.md).
        checkpoint
            Path of a file to write the state of training to, from which :meth:`resume` goes
            on after an interruption. It is replaced by each later checkpoint, and at any
            moment whole; :meth:`load` reads it, too. Ctrl-C writes it before training ends.
        checkpoint_every
            A whole number: write it after every so many epochs; a datetime.timedelta: about
            so often, within epochs, too. It is written after the last epoch in any case.
        column, tokenizer, encoding, errors, padding
            How the corpus is read, as for the constructor.
        **kwargs
            Nothing else is accepted.

        Returns
        -------
        trained_words, raw_words : int
            Words that were trained, over all epochs: those in the vocabulary that subsampling
            left; and all words that were read. `training_report` has the whole account.

        Notes
        -----
        Ctrl-C, like an error, ends training within about a tenth of a second, with `checkpoint`
        after the work that was handed out, unless it is pressed twice. The model stays
        usable, with what was trained until then: `training_report` counts the words of the
        finished epochs, and its `interrupted` those of the epoch that was cut short. It can be
        asked, saved and trained on. A call to the constructor that is interrupted returns no
        model; to keep one, build it in steps::

            model = Word2Vec(vector_size=100, epochs=20)
            model.build_vocab(sentences)
            try:
                model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
            except KeyboardInterrupt:
                print(model.training_report)
            model.save("my.model")

        Raises
        ------
        NotWord2VecError
            There is no vocabulary, or weights do not fit it.
        ParameterError
            `epochs`, or both `total_examples` and `total_words`, are missing; or a parameter
            or attribute makes no sense; or there are no old words that `anchor` could hold.
        CorpusError, InputTypeError
            The corpus cannot be used, or gives nothing in one of the passes.
        SaveError
            The checkpoint cannot be written.
        DivergenceError
            The loss is NaN or infinite: the learning rate is too high, or there was NaN in the
            weights.

        Examples
        --------
        >>> model = Word2Vec(vector_size=20, min_count=1, workers=1, progress=False)
        >>> model.build_vocab(sentences)
        >>> trained, read = model.train(sentences, total_examples=model.corpus_count, epochs=2)
        >>> 0 < trained < read
        True
        """
        del word_count
        check_parameters(kwargs, Word2Vec.train, former_names.TRAIN)
        return session.train(
            self,
            corpus_iterable,
            corpus_file,
            total_examples=total_examples,
            total_words=total_words,
            epochs=epochs,
            start_alpha=start_alpha,
            end_alpha=end_alpha,
            queue_factor=queue_factor,
            report_delay=report_delay,
            compute_loss=compute_loss,
            callbacks=callbacks,
            anchor=anchor,
            checkpoint=checkpoint,
            checkpoint_every=checkpoint_every,
            options=CorpusOptions(column, tokenizer, encoding, errors, padding),
        )

    @OnClassOnly
    def resume(
        cls: type[Model],
        checkpoint: FilePath,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: FilePath | None = None,
        *,
        callbacks: Iterable[Any] = (),
        workers: int | None = None,
        write: bool = True,
        check_corpus: bool = True,
        progress: bool | None = None,
        column: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        padding: int | None = None,
    ) -> Model:
        """Go on with training that was interrupted, from its last checkpoint to its end.

        With ``workers=1`` and the same instruction-set level, the model ends with the same
        bits as if it had never been interrupted. Where training was over already, the model
        is returned as it is: a job may begin with resume() whenever there is a checkpoint.

        Parameters
        ----------
        checkpoint
            The file that ``train(..., checkpoint=...)`` wrote.
        corpus_iterable, corpus_file
            The corpus that training began with; exactly one of them.
        callbacks
            Callbacks are not stored. ``on_train_begin`` is called again, with the epochs that
            are over in the model's `training_report`, then the hooks of what is left.
        workers
            Threads; None: as before.
        write
            Go on writing checkpoints, to the same file and as often as before.
        check_corpus
            Refuse a corpus that is not the same. A list, an array or a file is compared as a
            whole with an earlier epoch; of an iterable that is read in each epoch, the first
            span, and what was trained of the epoch already. False: for iterables that yield
            other sentences each time.
        progress
            As for the constructor; files do not hold it.
        column, tokenizer, encoding, errors, padding
            How the corpus is read, as for the constructor.

        Returns
        -------
        Word2Vec
            The model, trained; `training_report` accounts for all epochs.

        Raises
        ------
        MissingFileError, ModelFileError
            There is no such file, it is damaged, or it is not a checkpoint.
        CorpusError
            The corpus is another one.

        Examples
        --------
        >>> model = Word2Vec(min_count=1, workers=1, progress=False)
        >>> model.build_vocab(sentences)
        >>> _ = model.train(sentences, total_examples=1_000, epochs=2, checkpoint="training")
        >>> model = Word2Vec.resume("training", sentences)
        """
        return session.resume(
            cls,
            checkpoint,
            corpus_iterable,
            corpus_file,
            callbacks=callbacks,
            workers=workers,
            write=write,
            check_corpus=check_corpus,
            progress=progress,
            options=CorpusOptions(column, tokenizer, encoding, errors, padding),
        )

    @OnClassOnly
    def preflight(
        cls: type[Word2Vec],
        sentences: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        *,
        seconds: float = 1.0,
        trim_rule: TrimRule | None = None,
        **parameters: Any,
    ) -> Preflight:
        """What training will take, and what is likely wrong with the corpus; nothing is kept.

        The corpus is counted, and the kernels train on its beginning for a moment.

        Parameters
        ----------
        sentences, corpus_file
            The corpus, as for the constructor. It is read twice, the second time in part.
        seconds
            How long to train, about; at most 600.
        trim_rule
            As for the constructor.
        parameters
            Further parameters of the constructor, with the same defaults.

        Returns
        -------
        Preflight
            Size of corpus and vocabulary, memory, time, likely mistakes; ``print()`` shows a
            table.

        Raises
        ------
        ParameterError, CorpusError, InputTypeError, VocabularyError
            As the constructor does, for parameters or a corpus that cannot be used.

        Examples
        --------
        >>> found = Word2Vec.preflight([["word,", "word"] * 5] * 20, seconds=0.05)
        >>> found.vocabulary
        2
        >>> [mistake.name for mistake in found.mistakes]
        ['punctuation_attached']
        """
        from negw2v.word2vec import preflight  # here, to keep `import negw2v` light

        return preflight.run(cls, sentences, corpus_file, trim_rule, seconds, parameters)

    def get_latest_training_loss(self) -> float:
        """The loss of the last :meth:`train` with ``compute_loss=True`` so far.

        Returns
        -------
        float
            The sum over all pairs of all its finished epochs, in nats. The mean per pair of
            each epoch is ``model.training_report.losses``.

        Examples
        --------
        >>> model = Word2Vec(
        ...     sentences, min_count=1, workers=1, compute_loss=True, progress=False
        ... )
        >>> model.get_latest_training_loss() > 0
        True
        """
        return self.running_training_loss

    # training: gensim's private steps, which subclasses override

    def _check_training_sanity(
        self,
        epochs: int | None = 0,
        total_examples: int | None = None,
        total_words: int | None = None,
        **_kwargs: Any,
    ) -> None:
        """Raise unless the model can be trained with these arguments and its attributes.

        gensim's name: subclasses override it.
        """
        weights.check_training(self, epochs, total_examples, total_words)

    def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
        """The learning rate at a place in the corpus; subclasses override it, as in gensim.

        Parameters
        ----------
        epoch_progress
            Share of the epoch that lies before.
        cur_epoch
            Number of the epoch in this call of train(), from 0.
        """
        return session.next_alpha(self, epoch_progress, cur_epoch)

    @property
    def _computes_rates(self) -> bool:
        """Whether a subclass computes the learning rate."""
        return type(self)._get_next_alpha is not Word2Vec._get_next_alpha  # noqa: SLF001 - its own

    def _clear_post_train(self) -> None:
        """Drop what training has put out of date; gensim's name: subclasses override it."""
        self.wv.norms = None

    # questions about words in context

    def score(
        self,
        sentences: Iterable[Any],
        total_sentences: int = 1000000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> npt.NDArray[np.float32]:
        """The log probability of sentences under a model with hierarchical softmax.

        Parameters
        ----------
        sentences
            The sentences; one pass is enough.
        total_sentences
            Later sentences are not scored; a warning is logged.
        chunksize, queue_factor, report_delay
            Not used; gensim has them.

        Returns
        -------
        numpy.ndarray
            float32, the natural logarithm of each sentence's probability: the sum over its
            words and their contexts in whole windows (Taddy 2015).

        Raises
        ------
        NotWord2VecError
            There is no vocabulary, or the model has no hierarchical softmax.

        Examples
        --------
        >>> model = Word2Vec(
        ...     sentences, min_count=1, sg=1, hs=1, negative=0, workers=1, progress=False
        ... )
        >>> model.score(sentences[:3]).shape  # log probabilities
        (3,)
        """
        del chunksize, queue_factor, report_delay
        return prediction.score(self, sentences, total_sentences)

    def predict_output_word(
        self, context_words_list: Iterable[Any], topn: int | None = 10
    ) -> list[tuple[Any, float]] | None:
        """The most probable centre words of a context, under negative sampling.

        Parameters
        ----------
        context_words_list
            Context words, or their indices. Unknown ones are left out.
        topn
            How many words to return; None: all.

        Returns
        -------
        list of (word, float), or None
            Words with their probabilities (a softmax over the whole vocabulary), most
            probable first. None, and a warning in the log, where no context word is known.

        Raises
        ------
        NotWord2VecError
            The model has no negative sampling, or no weights.

        Examples
        --------
        >>> len(model.predict_output_word(["mayor", "of", "serves"], topn=3))
        3
        """
        return prediction.predict_output_word(self, context_words_list, topn)

    # files, and gensim's models

    def save(
        self,
        fname_or_handle: FilePath | IO[bytes],
        separately: Any = None,
        sep_limit: int = saving.SEP_LIMIT,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int = saving.PICKLE_PROTOCOL,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Save the whole model to one file; training can go on after :meth:`load`.

        The file is in the format of docs/model_format.md, which other programs read, too. It
        replaces a file of that name only when it is complete and on the disk. Functions
        (`hashfxn`, `trim_rule`, callbacks) are not stored.

        Parameters
        ----------
        fname_or_handle
            Path of the file; a suffix .gz, .bz2, .xz or .zst compresses it. A URI of
            smart_open's, or a binary file that is open for writing, will do as well.
        separately, sep_limit, pickle_protocol
            No effect; gensim has them.
        ignore
            Names of attributes that are not stored, such as "syn1neg" where the model will
            never be trained again.
        allow_nonfinite
            Save NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            The file cannot be written; an old one is as it was.
        ParameterError
            A word, a parameter or an attribute is of a type that cannot be stored, or there is
            not one row of ``wv.vectors`` for each word. Nothing was written.

        Examples
        --------
        >>> model.save("words.model")
        >>> Word2Vec.load("words.model").vector_size
        32
        """
        files.save(
            self,
            fname_or_handle,
            separately,
            sep_limit,
            ignore,
            pickle_protocol,
            allow_nonfinite=allow_nonfinite,
        )

    @OnClassOnly
    def load(
        cls: type[Model],
        fname: FilePath,
        mmap: str | None = None,
        *args: Any,
        encoding: str | None = None,
        rethrow: bool = False,
        allow_nonfinite: bool = False,
        **kwargs: Any,
    ) -> Model:
        """Load a model from a file of :meth:`save`, or from one that gensim saved.

        No code in the file is run.

        Parameters
        ----------
        fname
            Path of the file, or a URI of smart_open's.
        mmap
            None: read the file into memory. "r": map it into memory, which takes no time and
            no memory of its own; arrays are read-only, and copied when the model is trained.
            "c": map it; arrays may be changed, the changes are not written to the file.
        encoding
            Of words in models that Python 2 saved as bytes, such as "utf8". None: they are read
            as gensim reads them, as Latin-1, with a warning where they seem to be UTF-8.
        *args, rethrow, **kwargs
            No effect; gensim's signature has them.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise. What is mapped is not looked
            at.

        Returns
        -------
        Word2Vec

        Warns
        -----
        NegW2VWarning
            There are `args` or `kwargs`; or the file names a class derived from Word2Vec, which
            is not the one it is loaded as.

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read; or one of the others that belong to it,
            as gensim saves large models.
        ModelFileError
            The file is damaged, or of another kind; or it cannot be mapped.

        Examples
        --------
        >>> model.save("words.model")
        >>> Word2Vec.load("words.model").wv.index_to_key == model.wv.index_to_key
        True
        """
        del rethrow
        files.warn_of_unused(args, kwargs)
        return files.load(cls, fname, mmap, encoding=encoding, allow_nonfinite=allow_nonfinite)

    def save_pretrained(
        self,
        folder: FilePath,
        *,
        license: str | None = None,  # noqa: A002 - the Hub's name for it
        language: str | Sequence[str] | None = None,
        datasets: str | Sequence[str] | None = None,
        lowercase: bool = False,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write the folder of :meth:`KeyedVectors.save_pretrained`, and the whole model beside it.

        Other libraries read the vectors; :meth:`from_pretrained` reads the model, from the file
        ``word2vec.safetensors``. The report of the last training is in the card.

        Parameters
        ----------
        folder, license, language, datasets, lowercase, allow_nonfinite
            As for :meth:`KeyedVectors.save_pretrained`.

        Raises
        ------
        ParameterError
            As for :meth:`save`, or a word is neither a text nor a whole number.
        SaveError
            The folder cannot be made or written to; its files are as they were.

        Examples
        --------
        >>> model.save_pretrained("folder", license="mit", language="en")
        >>> Word2Vec.from_pretrained("folder").vector_size
        32
        """
        described = Description(license, language, datasets, lowercase)
        sharing.save_pretrained(self, folder, described, allow_nonfinite=allow_nonfinite)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        license: str | None = None,  # noqa: A002 - the Hub's name for it
        language: str | Sequence[str] | None = None,
        datasets: str | Sequence[str] | None = None,
        lowercase: bool = False,
        replace_card: bool = True,
        private: bool | None = None,
        token: str | bool | None = None,
        revision: str | None = None,
        create_pr: bool = False,
        commit_message: str = "Upload word2vec model",
        allow_nonfinite: bool = False,
    ) -> str:
        """Upload the folder of :meth:`save_pretrained` to the Hugging Face Hub, in one commit.

        ``model.wv.push_to_hub()`` uploads the vectors alone, a third of the size or less.

        Parameters
        ----------
        repo_id, replace_card, private, token, revision, create_pr, commit_message
            As for :meth:`KeyedVectors.push_to_hub`.
        license, language, datasets, lowercase, allow_nonfinite
            As for :meth:`KeyedVectors.save_pretrained`.

        Returns
        -------
        str
            The address of the commit, or of the pull request.

        Raises
        ------
        MissingDependencyError, HubError, ParameterError
            As for :meth:`KeyedVectors.push_to_hub`.

        Examples
        --------
        >>> model.push_to_hub("owner/name", license="mit", language="en")  # doctest: +SKIP
        """
        described = Description(license, language, datasets, lowercase)
        return sharing.push_to_hub(
            self,
            repo_id,
            described,
            replace_card=replace_card,
            allow_nonfinite=allow_nonfinite,
            private=private,
            token=token,
            revision=revision,
            create_pr=create_pr,
            message=commit_message,
        )

    @OnClassOnly
    def from_pretrained(
        cls: type[Model],
        folder: FilePath,
        *,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: FilePath | None = None,
        allow_nonfinite: bool = False,
    ) -> Model:
        """The model of a folder of :meth:`save_pretrained`, or of one on the Hugging Face Hub.

        It can be trained further. No code in the files is run. For a folder that holds
        vectors alone, use :meth:`KeyedVectors.from_pretrained`.

        Parameters
        ----------
        folder
            A folder with ``word2vec.safetensors``; or, where there is none, the name of a model on
            the Hub: a str ``owner/name``.
        revision, token, cache_dir, allow_nonfinite
            As for :meth:`KeyedVectors.from_pretrained`.

        Returns
        -------
        Word2Vec

        Raises
        ------
        MissingFileError
            There is no such folder, model or revision, or it holds no model that can be trained.
        ModelFileError
            The file is damaged.
        HubError, MissingDependencyError, ParameterError
            As for :meth:`KeyedVectors.from_pretrained`.

        Examples
        --------
        >>> model.save_pretrained("folder")
        >>> Word2Vec.from_pretrained("folder").wv.index_to_key == model.wv.index_to_key
        True
        """
        return sharing.from_pretrained(
            cls,
            folder,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            allow_nonfinite=allow_nonfinite,
        )

    def to_gensim(self, *, allow_nonfinite: bool = False) -> Any:
        """The same model as a ``gensim.models.Word2Vec``, which can be trained further.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        gensim.models.Word2Vec
            It shares nothing with this model. `hashfxn` and the parameters that gensim does
            not have are left out.

        Raises
        ------
        MissingDependencyError
            gensim is not installed.

        Examples
        --------
        >>> model.to_gensim().save("gensim.model")
        """
        return gensim.to_gensim(self, allow_nonfinite=allow_nonfinite)

    @OnClassOnly
    def from_gensim(cls: type[Model], model: Any, *, allow_nonfinite: bool = False) -> Model:
        """The same model as one of gensim's; it can be trained further.

        Parameters
        ----------
        model
            A ``gensim.models.Word2Vec`` (4.x).
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        Word2Vec
            It shares nothing with `model`.

        Raises
        ------
        InputTypeError
            `model` is something else.
        ModelFileError
            A value of it makes no sense.

        Examples
        --------
        >>> same = Word2Vec.from_gensim(model.to_gensim())
        >>> same.wv.index_to_key == model.wv.index_to_key
        True
        """
        return gensim.from_gensim(cls, model, allow_nonfinite=allow_nonfinite)

    # parameters by name, as scikit-learn asks for them

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters with their present values, as scikit-learn asks for them.

        ``type(model)(**model.get_params())`` makes an untrained model like this one, and so
        does ``sklearn.base.clone(model)``. What the constructor does not keep is left out: the
        corpus, callbacks and `trim_rule`.

        Parameters
        ----------
        deep
            Not used: no parameter has parameters of its own.

        Returns
        -------
        dict of str to object

        Examples
        --------
        >>> model.get_params()["vector_size"]
        32
        """
        del deep
        return hyperparameters.by_name(self)

    def set_params(self, **params: Any) -> Word2Vec:
        """Set parameters of the constructor, as scikit-learn does.

        Parameters
        ----------
        **params
            New values by name.

        Returns
        -------
        Word2Vec
            The model itself.

        Raises
        ------
        ParameterError
            There is no such parameter.

        Examples
        --------
        >>> model.set_params(epochs=7).epochs
        7
        """
        hyperparameters.set_by_name(self, params)
        return self

    # deprecated, as in gensim

    def init_sims(self, replace: bool = False) -> None:
        """Compute the vectors' lengths. Deprecated, as in gensim: it happens when needed.

        Parameters
        ----------
        replace
            Scale all vectors to length 1. Training cannot go on sensibly afterwards.

        Examples
        --------
        >>> model.wv.fill_norms()  # in its place
        """
        weights.normalize(self, replace)


name_methods(Word2Vec)
