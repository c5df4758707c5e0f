"""Word2Vec, with gensim's interface.

The model is put together from layers, each on the one below::

    Word2Vec         parameters, train(), questions to the model   (this file)
    ConvertedModel   to_gensim(), from_gensim()                    (gensim.py)
    SavedModel       save(), load(), resume()                      (files.py)
    Trainable        weights, and the kernel that trains them      (weights.py)
    Vocabulary       words, counts, tables                         (vocabulary.py)
    Subclassable     subclasses, and parameters by name            (subclassing.py)
    FormerNames      names of gensim 3, answered with today's      (former_names.py)
    LifecycleEvents  a log of what happened to the model           (negw2v/lifecycle.py)

None of them holds an algorithm: those are functions on arrays in :mod:`negw2v.corpus`,
:mod:`negw2v.training` and :mod:`negw2v.kernels`.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.callbacks import CallbackAny2Vec
from negw2v.commit import all_or_nothing
from negw2v.corpus.base import Corpus
from negw2v.corpus.encoding import open_corpus
from negw2v.errors import FilePath, NotTrainableError
from negw2v.gensim_substitution import SubstituteMeta
from negw2v.keyedvectors import KeyedVectors
from negw2v.keyedvectors.arguments import checked_keys
from negw2v.search import topk
from negw2v.suggestions import check_parameters, name_methods, suggests_names
from negw2v.training import engine
from negw2v.training.checkpoints import Checkpoints, TrainingState, checked_interval
from negw2v.training.parameters import check, check_callbacks, check_objective, check_seed
from negw2v.training.report import TrainingReport
from negw2v.training.schedule import ModelsRates
from negw2v.training.weights import legacy_seed, stream_seed
from negw2v.word2vec import prediction
from negw2v.word2vec.former_names import TRAIN, FormerNames
from negw2v.word2vec.gensim import ConvertedModel
from negw2v.word2vec.session import Session
from negw2v.word2vec.subclassing import FORMER_PARAMETERS, Subclassable

__all__ = ["Word2Vec"]

logger = logging.getLogger(__name__)


class Word2Vec(ConvertedModel, Subclassable, FormerNames, metaclass=SubstituteMeta):
    r"""Word vectors, trained by skip-gram or CBOW (Mikolov et al. 2013).

    Parameters, their order and their defaults are those of gensim 4.4.0; the keyword-only
    ones at the end are new.

    Parameters
    ----------
    sentences : iterable of lists of str, optional
        The corpus: a list, or an object that starts a new pass over the sentences at each
        ``iter()``. A list or tuple is encoded once; anything else is read again in every
        epoch. With a corpus the model is trained at once; without one, call
        :meth:`build_vocab` and :meth:`train`, which keeps the model when Ctrl-C ends training.
    corpus_file : str or path, optional
        A text file instead: one sentence per line, words separated by blanks, UTF-8, also
        compressed (.gz, .bz2, .xz, .zst).
    vector_size : int
        Dimensions of the vectors.
    alpha, min_alpha : float
        Initial and final learning rate; it falls linearly.
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
        Seed of all random numbers. With ``workers=1`` the same seed gives the same bits.
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
    progress : bool, optional
        True or False: show a progress bar or not; None: where stderr is a terminal.

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

    @suggests_names(FORMER_PARAMETERS)
    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        corpus_file: str | Path | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
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
        progress: bool | None = None,
    ) -> None:
        self.vector_size: int = check("vector_size", vector_size)
        self.alpha: float = check("alpha", alpha)
        self.min_alpha: float = check("min_alpha", min_alpha)
        self.window: int = check("window", window)
        self.min_count = check("min_count", min_count)
        self.max_vocab_size: int | None = check("max_vocab_size", max_vocab_size)
        self.max_final_vocab: int | None = check("max_final_vocab", max_final_vocab)
        self.sample: float = check("sample", sample) or 0
        self.seed = check_seed(seed)
        self.workers: int = check("workers", workers)
        self.sg: int = check("sg", sg)
        self.hs: int = check("hs", hs)
        self.negative: int = check("negative", negative)
        self.ns_exponent: float = check("ns_exponent", ns_exponent)
        self.cbow_mean: int = check("cbow_mean", cbow_mean)
        self.epochs: int = check("epochs", epochs)
        self.batch_words: int = check("batch_words", batch_words)
        callbacks = check_callbacks(callbacks)
        self.hashfxn = hashfxn
        self.null_word = null_word
        self.sorted_vocab = sorted_vocab
        self.compute_loss = bool(compute_loss)
        self.comment = comment
        self.shrink_windows = bool(shrink_windows)
        self.share_negatives = bool(share_negatives)
        self.corrected_cbow = bool(corrected_cbow)
        self.progress = progress

        self.random = np.random.RandomState(legacy_seed(self.seed))
        self.train_count = 0
        self.total_train_time = 0.0
        self.running_training_loss = 0.0
        self.min_alpha_yet_reached = float(self.alpha)
        self.corpus_count = 0
        self.corpus_total_words = 0
        self.raw_vocab: Any = None
        self.cum_table: npt.NDArray[np.uint32] | None = None
        self.training_report = TrainingReport(threads=0, isa=kernels.isa())
        self.epochs_begun = 0
        self._huffman = None
        self._opened: tuple[Any, Any, Corpus] | None = None
        if not hasattr(self, "wv"):  # a subclass may have made its own
            self.wv = KeyedVectors(self.vector_size)
        self.wv.vectors_lockf = np.ones(1, dtype=np.float32)
        if not hasattr(self, "layer1_size"):
            self.layer1_size = self.vector_size

        if sentences is not None or corpus_file is not None:
            self._build_and_train(sentences, corpus_file, trim_rule, callbacks)
        else:
            _warn_unused(trim_rule, callbacks)
        self.add_lifecycle_event("created", params=str(self))

    def _build_and_train(
        self,
        sentences: Iterable[Any] | None,
        corpus_file: str | Path | None,
        trim_rule: Callable[[Any, int, int], int] | None,
        callbacks: Iterable[CallbackAny2Vec],
    ) -> None:
        """What the constructor does with a corpus; it is encoded once for both steps."""
        check_objective(self.hs, self.negative)
        self._opened = (
            sentences,
            corpus_file,
            open_corpus(
                sentences,
                corpus_file,
                workers=self.workers,
                passes=self.epochs + 1,
                iterable_name="sentences",
            ),
        )
        try:
            self.build_vocab(
                corpus_iterable=sentences, corpus_file=corpus_file, trim_rule=trim_rule
            )
            self.train(
                corpus_iterable=sentences,
                corpus_file=corpus_file,
                total_examples=self.corpus_count,
                total_words=self.corpus_total_words,
                epochs=self.epochs,
                start_alpha=self.alpha,
                end_alpha=self.min_alpha,
                compute_loss=self.compute_loss,
                callbacks=callbacks,
            )
        finally:
            self._opened = None

    @classmethod
    def _with_parameters(cls, parameters: dict[str, Any]) -> Word2Vec:
        model = cls.__new__(cls)
        Word2Vec.__init__(model, **parameters)
        return model

    def __getstate__(self) -> dict[str, Any]:
        # A callback may copy the model while its constructor trains it; not the corpus.
        return {**self.__dict__, "_opened": None}

    def _open_corpus(
        self, corpus_iterable: Any, corpus_file: Any, *, passes: int, workers: int | None = None
    ) -> Corpus:
        """The corpus behind two arguments; the one that the constructor has opened, if it is."""
        if self._opened is not None:
            iterable, file, corpus = self._opened
            if iterable is corpus_iterable and file is corpus_file:
                return corpus
        return open_corpus(
            corpus_iterable, corpus_file, workers=workers or self.workers, passes=passes
        )

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
        checkpoint: FilePath | None = None,
        checkpoint_every: int | timedelta = 1,
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
        checkpoint
            Path of a file to write the state of training to, from which :meth:`resume` goes
            on after an interruption. It is replaced by each later checkpoint, and at any
            moment whole; :meth:`load` reads it, too.
        checkpoint_every
            A whole number: write it after every so many epochs; a datetime.timedelta: about
            so often, within epochs, too. It is written after the last epoch in any case.
        **kwargs
            Nothing else is accepted.

        Returns
        -------
        trained_words, raw_words : int
            Words that were trained, over all epochs: those in the vocabulary that subsampling
            left; and all words that were read. `training_report` has the whole account.

        Notes
        -----
        Ctrl-C, like an error, ends training within about a tenth of a second. The model stays
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
        NotTrainableError
            There is no vocabulary, or weights do not fit it.
        ParameterError
            `epochs`, or both `total_examples` and `total_words`, are missing; or a parameter
            or attribute makes no sense.
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
        check_parameters(kwargs, Word2Vec.train, TRAIN)
        callbacks = check_callbacks(callbacks)
        start, end = check("start_alpha", start_alpha), check("end_alpha", end_alpha)
        every = checked_interval(checkpoint_every)
        self._check_training_sanity(
            epochs=epochs, total_examples=total_examples, total_words=total_words
        )
        passes: int = check("epochs", epochs)
        corpus = self._open_corpus(corpus_iterable, corpus_file, passes=passes)
        plan = engine.Plan(
            schedule=ModelsRates(
                start=self.alpha if start is None else start,
                end=self.min_alpha if end is None else end,
                epochs=passes,
                total_examples=check("total_examples", total_examples),
                total_words=check("total_words", total_words),
                ask=self._learning_rates,
            ),
            seed=stream_seed(self.seed),
            first_epoch=self.epochs_begun,
            workers=self.workers,
            queued=self.workers * check("queue_factor", queue_factor),
            token_cost=self._token_cost(),
            progress=self.progress,
            report_delay=check("report_delay", report_delay),
        )
        checkpoints = None
        if checkpoint is not None:
            checkpoints = Checkpoints(
                TrainingState.at_the_start(plan, every, corpus.interned),
                self._checkpoint_writer(checkpoint),
            )
        self._begin_training(plan, compute_loss)
        return self._run(corpus, plan, callbacks, checkpoints)

    def _run(
        self,
        corpus: Corpus,
        plan: engine.Plan,
        callbacks: Iterable[CallbackAny2Vec],
        checkpoints: Checkpoints | None,
    ) -> tuple[int, int]:
        """Train as planned, from the start or from a checkpoint on."""
        source = engine.SpanSource(
            lambda: corpus.blocks(self.wv.key_to_index),
            corpus.interned,
            engine.span_tokens(self.batch_words, plan.token_cost),
        )
        report = TrainingReport(threads=self.workers, isa=kernels.isa())
        epoch = 0
        if checkpoints is not None:
            report.epochs = checkpoints.state.epochs
            epoch = checkpoints.state.position.epoch
        self.training_report = report
        others_look = bool(callbacks) or checkpoints is not None or self._computes_rates()
        watched = others_look or not corpus.interned  # an iterable of the user's may look
        session = Session(
            self,
            plan.schedule,
            callbacks,
            epoch,
            untrained_loss=self._untrained_loss(),
            watched=watched,
        )
        for callback in callbacks:
            callback.on_train_begin(self)
        try:
            engine.run(source, plan, session, report, checkpoints)
        except BaseException:
            self.add_lifecycle_event(
                "train",
                msg=(
                    f"cut short after {len(report.epochs)} of {plan.schedule.epochs} epochs: "
                    f"{report.words_read} words read, {report.words_trained} trained"
                ),
            )
            raise
        finally:
            session.end()
            self._clear_post_train()
        self.train_count += 1
        self.add_lifecycle_event(
            "train",
            msg=(
                f"{report.words_read} words read, {report.words_trained} trained in "
                f"{report.seconds:.1f} s, {report.trained_words_per_second:.0f} trained words/s"
            ),
        )
        if checkpoints is not None:
            checkpoints.finish()
        for callback in callbacks:
            callback.on_train_end(self)
        return report.words_trained, report.words_read

    def _resume(
        self,
        state: TrainingState,
        corpus_iterable: Any,
        corpus_file: Any,
        callbacks: Iterable[CallbackAny2Vec],
        write: Callable[[TrainingState], None] | None,
        check_corpus: bool,
    ) -> None:
        callbacks = check_callbacks(callbacks)
        schedule = state.schedule
        self._check_training_sanity(
            epochs=schedule.epochs,
            total_examples=schedule.total_examples,
            total_words=schedule.total_words,
        )
        left = schedule.epochs - state.position.epoch
        corpus = self._open_corpus(corpus_iterable, corpus_file, passes=left)
        plan = engine.Plan(
            schedule=ModelsRates(**asdict(schedule), ask=self._learning_rates),
            seed=state.seed,
            first_epoch=state.first_epoch,
            workers=self.workers,
            queued=2 * self.workers,
            token_cost=self._token_cost(),
            progress=self.progress,
            report_delay=1.0,
        )
        self.epochs_begun = state.first_epoch + state.position.epoch
        self._run(corpus, plan, callbacks, Checkpoints(state, write, check=check_corpus))

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
        NotTrainableError
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
        if not self.hs:
            raise NotTrainableError(
                "score() is defined for hierarchical softmax only; train with hs=1, negative=0"
            )
        self._check_trainable()
        first = prediction.first_sentences(sentences, total_sentences)
        objective = replace(self._objective(), negative=0, shrink_windows=False)
        corpus = open_corpus(first, None, workers=self.workers, passes=1, iterable_name="sentences")
        return prediction.log_probabilities(
            corpus.blocks(self.wv.key_to_index),
            objective,
            self.wv.vectors,
            self.syn1,
            self._huffman_paths(),
        )

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
        NotTrainableError
            The model has no negative sampling, or no weights.

        Examples
        --------
        >>> len(model.predict_output_word(["mayor", "of", "serves"], topn=3))
        3
        """
        if not self.negative:
            raise NotTrainableError(
                "predict_output_word() is defined for negative sampling only; train with negative=5"
            )
        if getattr(self, "syn1neg", None) is None:
            raise NotTrainableError("there are no weights yet; call build_vocab() first")
        if self.syn1neg.shape != self.wv.vectors.shape:
            raise NotTrainableError(
                f"syn1neg has shape {self.syn1neg.shape}, wv.vectors {self.wv.vectors.shape}: they "
                "belong to different words; cut or fill both alike"
            )
        words = checked_keys(context_words_list, "context_words_list")
        rows = [self.wv.get_index(word) for word in words if word in self.wv]
        if not rows:
            logger.warning("none of the context words is in the vocabulary")
            return None
        probabilities = prediction.output_probabilities(
            self.wv.vectors[rows], self.syn1neg, mean=bool(self.cbow_mean)
        )
        wanted = len(self.wv) if topn is None else topn
        if wanted < 1:
            return []
        best = topk.largest(probabilities, wanted)
        return [(self.wv.index_to_key[row], float(probabilities[row])) for row in best]

    @all_or_nothing
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
        self.wv = KeyedVectors(self.vector_size)
        self.wv.vectors_lockf = np.ones(1, dtype=np.float32)
        self.wv.index_to_key = other_model.wv.index_to_key
        self.wv.key_to_index = other_model.wv.key_to_index
        self.wv.expandos = other_model.wv.expandos
        self.cum_table = other_model.cum_table
        self.corpus_count = other_model.corpus_count
        self.init_weights()

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
        warnings.warn(
            "init_sims() is deprecated: lengths are computed when they are needed; "
            "model.wv.unit_normalize_all() scales all vectors to length 1",
            DeprecationWarning,
            stacklevel=2,
        )
        self.wv.fill_norms()
        if replace:
            self.wv.unit_normalize_all()

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv.index_to_key)}, "
            f"vector_size={self.wv.vector_size}, alpha={self.alpha}>"
        )


name_methods(Word2Vec)


def _warn_unused(
    trim_rule: Callable[[Any, int, int], int] | None, callbacks: Iterable[CallbackAny2Vec]
) -> None:
    """A model without a corpus keeps neither; both may have been meant to."""
    if trim_rule is not None:
        logger.warning("trim_rule is not stored: without a corpus, pass it to build_vocab()")
    if callbacks:
        logger.warning("callbacks are not stored: without a corpus, pass them to train()")
