"""Models to files and back: the one place where Word2Vec and a file's record meet."""

from __future__ import annotations

import errno
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from negw2v import kernels
from negw2v.constructors import OnClassOnly
from negw2v.errors import (
    FilePath,
    ModelFileError,
    NegW2VError,
    NotAModelError,
    ParameterError,
    SaveError,
    shown_path,
    warn,
)
from negw2v.formats import fitting, opening, saving
from negw2v.formats.finite import check_finite_file
from negw2v.formats.records import ModelRecord, VectorsRecord, in_c_order
from negw2v.formats.values import check_storable
from negw2v.io.paths import possible_path
from negw2v.keyedvectors import KeyedVectors
from negw2v.keyedvectors.records import (
    extra_attributes,
    from_record,
    set_extra,
    to_record,
    warn_of_class,
)
from negw2v.training.checkpoints import TrainingState
from negw2v.training.parameters import RULES, check, check_seed
from negw2v.training.report import TrainingReport
from negw2v.word2vec.weights import Trainable

__all__ = ["SavedModel", "from_model_record", "to_model_record"]

logger = logging.getLogger(__name__)

Model = TypeVar("Model", bound="SavedModel")

#: Parameters of the constructor that are stored: those that are attributes, and no functions.
PARAMETERS = (
    "vector_size",
    "alpha",
    "window",
    "min_count",
    "max_vocab_size",
    "sample",
    "seed",
    "workers",
    "min_alpha",
    "sg",
    "hs",
    "negative",
    "ns_exponent",
    "cbow_mean",
    "epochs",
    "null_word",
    "sorted_vocab",
    "batch_words",
    "compute_loss",
    "comment",
    "max_final_vocab",
    "shrink_windows",
    "share_negatives",
    "corrected_cbow",
    "progress",
)

#: Counts and clocks, and whether they are whole numbers.
STATE: dict[str, type] = {
    "corpus_count": int,
    "corpus_total_words": int,
    "effective_min_count": float,
    "epochs_begun": int,
    "layer1_size": int,
    "min_alpha_yet_reached": float,
    "running_training_loss": float,
    "total_train_time": float,
    "train_count": int,
}

#: What a model has beside these and its arrays: made anew, or never stored.
OWN_ATTRIBUTES = frozenset(
    {
        *PARAMETERS,
        *STATE,
        "_huffman",
        "_opened",
        "cum_table",
        "hashfxn",
        "lifecycle_events",
        "random",
        "raw_vocab",
        "syn1",
        "syn1neg",
        "training_report",
        "wv",
    }
)


class SavedModel(Trainable):
    """The files of a model. A part of Word2Vec."""

    wv: KeyedVectors

    @classmethod
    def _with_parameters(cls: type[Model], parameters: dict[str, Any]) -> Model:
        """A new model of this class; the constructors of derived classes are not called."""
        raise NotImplementedError

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
        with self.event_unless_failed("saving", fname_or_handle=str(fname_or_handle)):
            saving.save_record(
                fname_or_handle,
                to_model_record(self),
                separately,
                sep_limit,
                ignore,
                pickle_protocol,
                allow_nonfinite=allow_nonfinite,
            )

    def _check_words(self, words: Collection[Any]) -> None:
        check_storable(words, "word")
        if None in words:
            raise ParameterError(
                "None cannot be a word: it stands for a row without a word; leave it out of the "
                "sentences, or put a text in its place"
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
        if args or kwargs:
            extras = ", ".join([*map(repr, args), *(f"{name}=..." for name in kwargs)])
            warn(f"load() takes a path and mmap; {extras} has no effect")
        record = _model_record(fname, opening.read(fname, mmap, encoding=encoding))
        check_finite_file(fname, record, mmap, allow_nonfinite)
        warn_of_class(fname, record.derived_class, cls)
        model = from_model_record(cls, record, fname)
        fitting.warn_misfits(record, shown_path(fname))
        model.add_lifecycle_event("loaded", fname=str(fname), mmap=mmap)
        return model

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

        Returns
        -------
        Word2Vec
            The model, trained; `training_report` accounts for all epochs.

        Raises
        ------
        MissingFileError, ModelFileError
            There is no such file, it is damaged, or no checkpoint.
        CorpusError
            The corpus is another one.

        Examples
        --------
        >>> model = Word2Vec(min_count=1, workers=1, progress=False)
        >>> model.build_vocab(sentences)
        >>> _ = model.train(sentences, total_examples=1_000, epochs=2, checkpoint="training")
        >>> model = Word2Vec.resume("training", sentences)
        """
        record = _model_record(checkpoint, opening.read(checkpoint))
        if record.training is None:
            raise ModelFileError(
                checkpoint,
                "the file holds a model, but no checkpoint: train(..., checkpoint=...) writes "
                "one; to train the model anew, use load() and train()",
            )
        check_finite_file(checkpoint, record, None, allow_nonfinite=False)
        model = from_model_record(cls, record, checkpoint)
        try:
            state = TrainingState.from_parts(record.training, record.training_arrays)
        except ParameterError as error:
            raise ModelFileError(checkpoint, str(error)) from None
        model.add_lifecycle_event("resumed", fname=str(checkpoint), epoch=state.position.epoch)
        if state.finished:
            logger.info("%s: training was over already", checkpoint)
            model.training_report = TrainingReport(model.workers, state.isa, state.epochs)
            return model
        if state.isa != kernels.isa():
            logger.warning(
                "training began with instruction set %s and goes on with %s: results differ in "
                "their last bits",
                state.isa,
                kernels.isa(),
            )
        if workers is not None:
            model.workers = check("workers", workers)
        model._resume(  # noqa: SLF001 - the same class
            state,
            corpus_iterable,
            corpus_file,
            callbacks,
            model._checkpoint_writer(checkpoint) if write else None,  # noqa: SLF001
            check_corpus,
        )
        return model

    def _resume(
        self,
        state: TrainingState,
        corpus_iterable: Any,
        corpus_file: Any,
        callbacks: Iterable[Any],
        write: Callable[[TrainingState], None] | None,
        check_corpus: bool,
    ) -> None:
        """Train what is left."""
        raise NotImplementedError

    def _checkpoint_writer(self, path: FilePath) -> Callable[[TrainingState], None]:
        """A function that writes this model and the state of its training to a file."""
        folder = Path(possible_path(path)).resolve().parent
        if not folder.is_dir():
            reason = f"there is no folder {str(folder)!r}; make it first"
            raise SaveError(path, reason, errno.ENOENT)
        saving.checked(to_model_record(self))  # raises now what would be raised after an epoch

        def write(state: TrainingState) -> None:
            record = to_model_record(self)
            record.training, record.training_arrays = state.to_parts()
            saving.save_record(path, record)

        return write


def _model_record(path: FilePath, record: VectorsRecord | ModelRecord) -> ModelRecord:
    if isinstance(record, ModelRecord):
        return record
    raise NotAModelError(
        path,
        "the file holds vectors, but no model that could be trained; load it with "
        "KeyedVectors.load()",
    )


def to_model_record(model: SavedModel) -> ModelRecord:
    """What a file must hold to bring `model` back; nothing is copied.

    Parameters
    ----------
    model
        The model.

    Raises
    ------
    ParameterError, InputTypeError
        A parameter or a part of the model makes no sense, so that no file could give it back.
    """
    if getattr(model, "hashfxn", hash) is not hash:
        saving.warn_once(
            "functions",
            "hashfxn is a function and not stored; set it again after load(), if you need "
            "seeded_vector()",
        )
    if not isinstance(model.wv, KeyedVectors):
        raise ParameterError(
            f"model.wv is a {type(model.wv).__name__}; it must be a KeyedVectors of negw2v's, such "
            "as KeyedVectors.from_gensim() makes"
        )
    counts = getattr(model, "raw_vocab", None)
    if not isinstance(counts, (Mapping, type(None))):
        raise ParameterError(f"raw_vocab is a {type(counts).__name__}; it must be a dict or None")
    vectors = to_record(model.wv)
    vectors.vectors_lockf = None  # a model's own, and stored in any case
    extra, not_stored = extra_attributes(model, OWN_ATTRIBUTES)
    return ModelRecord(
        vectors,
        parameters={name: _parameter(model, name) for name in PARAMETERS},
        state={
            name: _state_value(name, getattr(model, name)) for name in STATE if hasattr(model, name)
        },
        syn1neg=getattr(model, "syn1neg", None),
        syn1=getattr(model, "syn1", None),
        cum_table=getattr(model, "cum_table", None),
        vectors_lockf=getattr(model.wv, "vectors_lockf", None),
        raw_vocab=counts,  # type: ignore[arg-type]
        lifecycle_events=getattr(model, "lifecycle_events", None),
        extra=extra,
        not_stored=not_stored,
    )


def _parameter(model: SavedModel, name: str) -> Any:
    """A parameter's value, which the constructor will accept when the model is loaded."""
    if not hasattr(model, name):
        raise ParameterError(f"the model has lost its attribute {name!r}; set it again")
    value = getattr(model, name)
    if name == "seed":
        check_seed(value)
    elif name in RULES:
        check(name, value)
    return value


def _state_value(name: str, value: Any) -> int | float:
    """A count or a clock, of the type that a model has it in."""
    if isinstance(value, np.generic):
        value = value.item()
    whole = STATE[name] is int
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or (whole and not float(value).is_integer())
    ):
        raise ParameterError(
            f"{name} is {str(value)[:60]!r} ({type(value).__name__}), which is no "
            f"{'whole ' * whole}number"
        )
    return int(value) if whole else value


def from_model_record(kind: type[Model], record: ModelRecord, path: FilePath) -> Model:
    """A model of class `kind` with what a file held; arrays in C order are not copied.

    Parameters
    ----------
    kind
        Word2Vec or a class derived from it, whose constructor is not called.
    record
        What a reader returned.
    path
        The file, for messages.

    Raises
    ------
    ModelFileError
        A value makes no sense, or parts do not fit together.
    """
    # A file that could name `corpus_file` or `callbacks` could do more than describe a model.
    unknown = sorted(set(record.parameters) - set(PARAMETERS))
    if unknown:
        raise ModelFileError(path, f"{', '.join(unknown)[:60]}: no parameters of a model")
    try:
        model = kind._with_parameters(record.parameters)  # noqa: SLF001 - same class
        model.wv = from_record(KeyedVectors, record.vectors)
        for name, value in record.state.items():
            if name in STATE:
                setattr(model, name, _state_value(name, value))
    except (NegW2VError, TypeError) as error:
        raise ModelFileError(path, str(error)) from None
    rows, dimensions = record.vectors.vectors.shape
    if dimensions != model.vector_size and "vector_size" not in record.irregular:
        raise ModelFileError(
            path,
            f"the vectors have {dimensions} dimensions, but vector_size is {model.vector_size}",
        )
    ones = np.ones(1, dtype=np.float32)
    model.wv.vectors_lockf = ones if record.vectors_lockf is None else record.vectors_lockf
    model.cum_table = record.cum_table
    for name, array in (("syn1neg", record.syn1neg), ("syn1", record.syn1)):
        if array is not None:
            setattr(model, name, in_c_order(array))
    if record.raw_vocab is not None or rows:
        model.raw_vocab = defaultdict(int, record.raw_vocab or {})
    model.lifecycle_events = record.lifecycle_events
    set_extra(model, record.extra, OWN_ATTRIBUTES)
    return model
