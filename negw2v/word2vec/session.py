"""One call to train(), seen from the model: what it keeps, logs and tells its callbacks.

The training itself is :mod:`negw2v.training.engine`'s, which knows no model::

    build_and_train    what the constructor does with a corpus
    train, resume      check, plan and run
      _run             the epochs, between the first callback and the last
        Session        what happens between the epochs
"""

# ruff: noqa: SLF001 - gensim's private steps, which subclasses override, are called here

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.callbacks import CallbackAny2Vec, StopTraining
from negw2v.corpus.base import Corpus
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.options import CorpusOptions
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import FilePath, ModelFileError, ParameterError, warn
from negw2v.training import engine
from negw2v.training.checkpoints import Checkpoints, TrainingState, checked_interval
from negw2v.training.drift import Baseline
from negw2v.training.engine import SpanTrainer
from negw2v.training.interrupts import put_off
from negw2v.training.plan import LinearDecay, Plan, Position, span_tokens
from negw2v.training.report import EpochReport, TrainingReport
from negw2v.training.weights import Anchor, Workspace, stream_seed
from negw2v.word2vec import files, rates, weights
from negw2v.word2vec.hyperparameters import check, check_callbacks, check_objective
from negw2v.word2vec.vocabulary import opened_corpus

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["Session", "build_and_train", "go_on", "next_alpha", "resume", "train", "warn_unused"]

logger = logging.getLogger(__name__)

Model = TypeVar("Model", bound="Word2Vec")


def build_and_train(
    model: Word2Vec,
    sentences: Iterable[Any] | None,
    corpus_file: str | Path | None,
    trim_rule: TrimRule | None,
    callbacks: Iterable[CallbackAny2Vec],
    phrases: Any = None,
    **options: Any,
) -> None:
    """What the constructor does with a corpus; it is encoded once for both steps."""
    check_objective(model.hs, model.negative)
    alpha, min_alpha = rates.chosen(model)
    corpus = open_corpus(
        sentences,
        corpus_file,
        workers=model.workers,
        passes=model.epochs + 1,
        iterable_name="sentences",
        options=CorpusOptions(**options),
    )
    if phrases is not None:
        from negw2v.phrases.corpus import with_phrases  # most models have none

        corpus = with_phrases(phrases, corpus, model.workers)
    model._opened = (sentences, corpus_file, corpus)
    try:
        model.build_vocab(corpus_iterable=sentences, corpus_file=corpus_file, trim_rule=trim_rule)
        model.train(
            corpus_iterable=sentences,
            corpus_file=corpus_file,
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=model.epochs,
            start_alpha=alpha,
            end_alpha=min_alpha,
            compute_loss=model.compute_loss,
            callbacks=callbacks,
        )
    finally:
        model._opened = None


def warn_unused(
    *,
    trim_rule: TrimRule | None,
    callbacks: Iterable[CallbackAny2Vec],
    phrases: Any,
    sentences: None,
    corpus_file: None,
    **options: Any,
) -> None:
    """A model without a corpus keeps none of these; they may have been meant to."""
    del sentences, corpus_file
    for name in CorpusOptions(**options).given():
        logger.warning(
            "%s is not stored: without a corpus, pass it to build_vocab() and train()", name
        )
    if trim_rule is not None:
        logger.warning("trim_rule is not stored: without a corpus, pass it to build_vocab()")
    if callbacks:
        logger.warning("callbacks are not stored: without a corpus, pass them to train()")
    if phrases is not None:
        logger.warning(
            "phrases are not stored: without a corpus, pass phrases[sentences] to build_vocab() "
            "and train()"
        )


def train(
    model: Word2Vec,
    corpus_iterable: Iterable[Any] | None,
    corpus_file: str | Path | None,
    *,
    total_examples: int | None,
    total_words: int | None,
    epochs: int | None,
    start_alpha: float | None,
    end_alpha: float | None,
    queue_factor: int,
    report_delay: float,
    compute_loss: bool,
    callbacks: Iterable[CallbackAny2Vec],
    anchor: float | None,
    checkpoint: FilePath | None,
    checkpoint_every: int | timedelta,
    options: CorpusOptions,
) -> tuple[int, int]:
    """Train a model: see Word2Vec.train()."""
    callbacks = check_callbacks(callbacks)
    start, end = check("start_alpha", start_alpha), check("end_alpha", end_alpha)
    every = checked_interval(checkpoint_every)
    model._check_training_sanity(
        epochs=epochs, total_examples=total_examples, total_words=total_words
    )
    passes: int = check("epochs", epochs)
    baseline = _baseline(model, anchor)
    alpha, min_alpha = rates.chosen(model)
    corpus = opened_corpus(model, corpus_iterable, corpus_file, passes=passes, options=options)
    plan = Plan(
        schedule=LinearDecay(
            start=alpha if start is None else start,
            end=min_alpha if end is None else end,
            epochs=passes,
            total_examples=check("total_examples", total_examples),
            total_words=check("total_words", total_words),
        ),
        ask=partial(_learning_rates, model),
        seed=stream_seed(model.seed),
        first_epoch=model.epochs_begun,
        workers=weights.workers_of(model),
        queued=weights.workers_of(model) * check("queue_factor", queue_factor),
        token_cost=weights.token_cost(model),
        progress=model.progress,
        report_delay=check("report_delay", report_delay),
        rounds=weights.rounds_of(model),
    )
    with put_off(checkpoint is not None) as interrupted:
        checkpoints = []
        if checkpoint is not None:
            state = TrainingState.at_the_start(plan, every, corpus.interned, baseline)
            writer = files.checkpoint_writer(model, checkpoint)
            checkpoints.append(Checkpoints(state, writer, interrupted=interrupted))
        _begin(model, plan, compute_loss)
        return _run(model, corpus, plan, callbacks, checkpoints, [], baseline)


def _baseline(model: Word2Vec, anchor: float | None) -> Baseline | None:
    """What becomes of the old words is compared with this; None: there are none."""
    strength = check("anchor", anchor)
    old_words = min(model.words_before_update, len(model.wv))
    if old_words:
        counts = model.wv.expandos["count"]
        return Baseline.of(model.wv.vectors, counts, old_words, strength)
    if anchor is not None:
        raise ParameterError(
            f"anchor={anchor!r} holds the words that were trained before build_vocab(..., "
            "update=True), but no vocabulary of trained words was updated; leave it out, or hold "
            "words with wv.vectors_lockf"
        )
    return None


def resume(
    kind: type[Model],
    checkpoint: FilePath,
    corpus_iterable: Iterable[Any] | None,
    corpus_file: FilePath | None,
    *,
    callbacks: Iterable[CallbackAny2Vec],
    workers: int | None,
    write: bool,
    check_corpus: bool,
    progress: bool | None,
    options: CorpusOptions,
) -> Model:
    """Go on with training from its last checkpoint: see Word2Vec.resume()."""
    model, state = files.load_checkpoint(kind, checkpoint)
    if not state.finished:
        go_on(
            model,
            state,
            checkpoint,
            corpus_iterable,
            corpus_file,
            callbacks=callbacks,
            workers=workers,
            write=write,
            check_corpus=check_corpus,
            progress=progress,
            options=options,
        )
        return model
    logger.info("%s: training was over already", checkpoint)
    model.training_report = TrainingReport(model.workers, state.isa, state.epochs)
    _report_drift(model, state.baseline)
    return model


def go_on(
    model: Word2Vec,
    state: TrainingState,
    checkpoint: FilePath,
    corpus_iterable: Iterable[Any] | None,
    corpus_file: FilePath | None,
    *,
    callbacks: Iterable[CallbackAny2Vec],
    workers: int | None,
    write: bool,
    check_corpus: bool,
    progress: bool | None,
    options: CorpusOptions,
) -> None:
    """Train a model that came from a checkpoint to the end."""
    rounds = weights.rounds_of(model)
    if state.rounds != rounds:
        raise ModelFileError(
            checkpoint,
            f"training began in {state.rounds or 'no rounds'}, but this version of negw2v trains "
            f"this vocabulary in {rounds or 'none'}; resume it with the version that wrote the "
            "checkpoint, or load() the model and train() it from the start",
        )
    if state.isa != kernels.isa():
        logger.warning(
            "training began with instruction set %s and goes on with %s: results differ in "
            "their last bits",
            state.isa,
            kernels.isa(),
        )
    if workers is not None:
        model.workers = check("workers", workers)
    model.progress = progress
    writer = files.checkpoint_writer(model, checkpoint) if write else None
    callbacks = check_callbacks(callbacks)
    schedule = state.schedule
    model._check_training_sanity(
        epochs=schedule.epochs,
        total_examples=schedule.total_examples,
        total_words=schedule.total_words,
    )
    left = schedule.epochs - state.position.epoch
    corpus = opened_corpus(model, corpus_iterable, corpus_file, passes=left, options=options)
    plan = Plan(
        schedule=schedule,
        ask=partial(_learning_rates, model),
        start=state.position,
        seed=state.seed,
        first_epoch=state.first_epoch,
        workers=weights.workers_of(model),
        queued=2 * weights.workers_of(model),
        token_cost=weights.token_cost(model),
        progress=model.progress,
        report_delay=1.0,
        rounds=rounds,
    )
    model.epochs_begun = state.first_epoch + state.position.epoch
    with put_off(write) as interrupted:
        checkpoints = Checkpoints(state, writer, check=check_corpus, interrupted=interrupted)
        _run(model, corpus, plan, callbacks, [checkpoints], state.epochs, state.baseline)


def _run(
    model: Word2Vec,
    corpus: Corpus,
    plan: Plan,
    callbacks: Sequence[CallbackAny2Vec],
    checkpoints: Sequence[Checkpoints],
    epochs: Sequence[EpochReport],
    baseline: Baseline | None,
) -> tuple[int, int]:
    """Train as planned, from the start or from a checkpoint on, before which `epochs` ended."""
    source = engine.SpanSource(
        lambda: corpus.blocks(model.wv.key_to_index),
        corpus.interned,
        span_tokens(model.batch_words, plan.token_cost),
        plan.rounds,
    )
    report = TrainingReport(threads=plan.threads, isa=kernels.isa(), epochs=list(epochs))
    report.advice = rates.advice(model, plan.schedule.start)
    model.training_report = report
    if model.deterministic and not corpus.interned:
        logger.info(
            "deterministic=True, and %s is read anew in each epoch: the result is the same to the "
            "bit if it gives the same sentences, in the same order, in the same epochs",
            corpus.name,
        )
    others_look = bool(callbacks or checkpoints) or model._computes_rates
    session = Session(
        model,
        source,
        plan.schedule,
        callbacks,
        untrained_loss=weights.untrained_loss(model),
        watched=others_look or not corpus.interned,  # an iterable of the user's may look
        anchor=Anchor(baseline.old_words, baseline.anchor) if baseline else None,
    )
    for callback in callbacks:
        callback.on_train_begin(model)
    try:
        engine.run(source, plan, session, report, [session, *checkpoints])
    except BaseException:
        how_far = f"cut short after {len(report.epochs)} of {plan.schedule.epochs} epochs"
        model.add_lifecycle_event("train", msg=f"{how_far}: {_words_of(report)}")
        raise
    finally:
        report.null_sentences, report.null_words = corpus.nulls.sentences, corpus.nulls.words
        try:
            session.end()
            _report_drift(model, baseline)
        finally:
            model._clear_post_train()
    model.train_count += 1
    speed = f"in {report.seconds:.1f} s, {report.trained_words_per_second:.0f} trained words/s"
    model.add_lifecycle_event("train", msg=f"{_words_of(report)} {speed}")
    for each in checkpoints:
        each.finish()
    for callback in callbacks:
        callback.on_train_end(model)
    return report.words_trained, report.words_read


def _words_of(report: TrainingReport) -> str:
    return f"{report.words_read} words read, {report.words_trained} trained"


def _report_drift(model: Word2Vec, baseline: Baseline | None) -> None:
    """Write down how far the old words have moved."""
    if baseline is None:
        return
    drift = baseline.report(model.wv.index_to_key, model.wv.vectors)
    model.training_report.drift = drift
    logger.info(
        "cosine of %d old words with what they were: mean %.3f, median %.3f; anchor=%g",
        len(drift.cosines),
        drift.mean,
        drift.median,
        drift.anchor,
    )


def _begin(model: Word2Vec, plan: Plan, compute_loss: bool) -> None:
    """Write down what training begins with."""
    schedule = plan.schedule
    if model.hs and model.negative:
        logger.warning(
            "hs=1 and negative=%d: both are trained; set one of them to 0 if that is not meant",
            model.negative,
        )
    if schedule.start > model.min_alpha_yet_reached:
        logger.warning(
            "alpha=%g is higher than %g, where earlier training ended",
            schedule.start,
            model.min_alpha_yet_reached,
        )
    if schedule.start < schedule.end:
        logger.warning(
            "alpha=%g is below min_alpha=%g: the learning rate is min_alpha throughout",
            schedule.start,
            schedule.end,
        )
    model.alpha, model.min_alpha = schedule.start, schedule.end
    model.epochs = schedule.epochs
    model.compute_loss = bool(compute_loss)
    model.running_training_loss = 0.0
    model.add_lifecycle_event(
        "train",
        msg=(
            f"training {len(model.wv)} words of {model.vector_size} dimensions in "
            f"{model.workers} threads: sg={model.sg} hs={model.hs} negative={model.negative} "
            f"sample={model.sample} window={model.window} "
            f"shrink_windows={model.shrink_windows} epochs={model.epochs}"
        ),
    )


def _learning_rates(
    model: Word2Vec, epoch: int, progress: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """The learning rates as the model has them now: a callback may have changed `alpha`."""
    if not model._computes_rates:
        return _linear_decay(model).rates(epoch, progress)
    computed = (model._get_next_alpha(share, epoch) for share in progress.tolist())
    return np.array([check("alpha", rate) for rate in computed], dtype=np.float32)


def next_alpha(model: Word2Vec, epoch_progress: float, cur_epoch: int) -> float:
    """The learning rate at a place in the corpus: see Word2Vec._get_next_alpha()."""
    return float(_linear_decay(model).rates(cur_epoch, np.array([epoch_progress]))[0])


def _linear_decay(model: Word2Vec) -> LinearDecay:
    """The learning rates that the model's attributes describe now."""
    return LinearDecay(*rates.chosen(model), model.epochs)


class _Lent:
    """A kernel that can be taken back, since a traceback keeps alive what its frames refer to."""

    def __init__(self, kernel: SpanTrainer) -> None:
        self._kernel = kernel

    def train(self, *args: Any, **kwargs: Any) -> None:
        """What the kernel does."""
        self._kernel.train(*args, **kwargs)

    def take_back(self) -> None:
        """Let go of the kernel, and of the rows that it trains."""
        del self._kernel


class Session(engine.Observer):
    """Lends a model's weights to training, keeps its account, and tells the callbacks.

    See :class:`negw2v.training.engine.WeightsOwner` and :class:`~negw2v.training.engine.Observer`.

    Parameters
    ----------
    model
        The model that trains.
    source
        What it is trained with.
    schedule
        The learning rate, and the size of the corpus that train() was told.
    callbacks
        The user's callbacks, in the order in which they are called.
    untrained_loss
        Mean loss per pair, in nats, of weights at their start.
    watched
        Whether anybody may look at the model's arrays, or change them, between epochs. If not,
        they get their values when training is over.
    anchor
        Old words that are held.
    """

    def __init__(
        self,
        model: Word2Vec,
        source: engine.SpanSource,
        schedule: LinearDecay,
        callbacks: Iterable[Any],
        *,
        untrained_loss: float,
        watched: bool,
        anchor: Anchor | None,
    ) -> None:
        self._anchor = anchor
        self._model = model
        self._source = source
        self._schedule = schedule
        self._callbacks = callbacks
        self._epoch = 0
        self._untrained_loss = untrained_loss
        self._watched = watched
        self._workspace: Workspace | None = None
        self._kernel: _Lent | None = None
        self._arrays_are_behind = False

    def bind(self) -> SpanTrainer:
        """The kernel on the weights as they are now: a callback may have changed them."""
        if self._workspace is None:
            self._workspace = Workspace(self._rows_used(), self._anchor)
        if self._kernel is None or self._watched:
            self._kernel = _Lent(self._model.span_trainer(self._workspace))
        self._arrays_are_behind = True
        return self._kernel

    def _rows_used(self) -> int | None:
        """How many rows the epochs use, where they are of one span, which one thread trains."""
        size = self._source.size()
        if size is None or size[0] > 1 or weights.rounds_of(self._model) is not None:
            return None
        return weights.rows_used(self._model, size[1] * self._schedule.epochs)

    def publish(self) -> None:
        """Bring the model's arrays up to date; nothing is being trained."""
        if self._workspace is not None:
            self._workspace.publish()
        self._model.wv.norms = None

    def end(self) -> None:
        """Bring the model's arrays up to date, and let go of the memory that training took."""
        try:
            self._catch_up()
        except BaseException:
            # Ctrl-C between two arrays: together they must be the model of one moment.
            self._catch_up()
            raise
        finally:
            if self._kernel is not None:
                self._kernel.take_back()
                self._kernel = None
            if self._workspace is not None:
                self._workspace.release()

    def _catch_up(self) -> None:
        if self._arrays_are_behind:
            self.publish()
            self._arrays_are_behind = False

    def epoch_begins(self, start: Position) -> None:
        """Tell the callbacks."""
        self._epoch = start.epoch
        self._model.epochs_begun += 1
        for callback in self._callbacks:
            callback.on_epoch_begin(self._model)

    def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
        """Bring the model's attributes up to date, and tell the callbacks; they may stop."""
        model = self._model
        if self._watched:
            self._catch_up()
        model.min_alpha_yet_reached = epoch.end_alpha
        model.total_train_time += epoch.seconds
        if model.compute_loss:
            model.running_training_loss += epoch.loss
        self._log(epoch)
        self._watch_loss(epoch)
        for callback in self._callbacks:
            try:
                callback.on_epoch_end(model)
            except StopTraining:
                last = True
        return last

    def _watch_loss(self, epoch: EpochReport) -> None:
        """Warn, once, of a loss that training has made worse than it was at the start."""
        if epoch.mean_loss > rates.EXPLODED * self._untrained_loss:
            warn(
                f"the mean loss per pair is {epoch.mean_loss:.3g} in epoch {self._epoch} (counted "
                f"from 0), but that of untrained weights is {self._untrained_loss:.3g}: the "
                f"learning rate of {self._schedule.start:.4g} is too high for this corpus; train "
                "with a smaller alpha"
            )
            self._untrained_loss = math.inf

    def _log(self, epoch: EpochReport) -> None:
        logger.info(
            "epoch %d: %d words read, %d trained in %.1f s, %.0f trained words/s",
            self._epoch,
            epoch.words_read,
            epoch.words_trained,
            epoch.seconds,
            epoch.words_trained / max(epoch.seconds, 1e-9),
            extra={"event": {"event": "epoch", "epoch": self._epoch, **epoch.to_dict()}},
        )
        promised = {
            "sentences": (self._schedule.total_examples, epoch.examples),
            "words": (self._schedule.total_words, epoch.words_read),
        }
        for unit, (expected, found) in promised.items():
            if expected and expected != found:
                logger.warning(
                    "epoch %d: %d %s were promised, but the corpus gave %d; the learning rate "
                    "follows what was promised",
                    self._epoch,
                    expected,
                    unit,
                    found,
                )
        if not epoch.words_in_vocabulary:
            logger.warning("epoch %d: no word of the corpus is in the vocabulary", self._epoch)
