"""Models to files and back: the one place where Word2Vec and a file's record meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import IO, TYPE_CHECKING, Any, TypeVar

import numpy as np

from negw2v import kernels
from negw2v.errors import (
    FilePath,
    ModelFileError,
    NegW2VError,
    NotAModelError,
    ParameterError,
    shown_path,
    warn,
)
from negw2v.formats import fitting, opening, saving
from negw2v.formats.finite import check_finite_file
from negw2v.formats.records import ModelRecord, VectorsRecord, in_c_order
from negw2v.io.atomic import check_replaceable
from negw2v.keyedvectors import KeyedVectors
from negw2v.keyedvectors.records import (
    extra_attributes,
    from_record,
    set_extra,
    to_record,
    warn_of_class,
)
from negw2v.training.checkpoints import TrainingState
from negw2v.training.drift import NEVER_UPDATED
from negw2v.word2vec.hyperparameters import STORED, check

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = [
    "STATE",
    "checkpoint_writer",
    "from_model_record",
    "load",
    "load_checkpoint",
    "save",
    "to_model_record",
    "warn_of_unused",
]

Model = TypeVar("Model", bound="Word2Vec")

#: Counts and clocks, and whether they are whole numbers.
STATE: dict[str, type] = {
    "corpus_count": int,
    "corpus_total_words": int,
    "effective_min_count": float,
    "epochs_before_update": int,
    "epochs_begun": int,
    "layer1_size": int,
    "min_alpha_yet_reached": float,
    "running_training_loss": float,
    "total_train_time": float,
    "train_count": int,
    "words_before_update": int,
}

#: What a model has beside these and its arrays: made anew, or never stored.
OWN_ATTRIBUTES = frozenset(
    {
        *STORED,
        *STATE,
        "_tables",
        "_huffman",
        "_opened",
        "_remote",
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


def save(
    model: Word2Vec,
    fname_or_handle: FilePath | IO[bytes],
    separately: Any,
    sep_limit: int,
    ignore: Collection[str],
    pickle_protocol: int,
    *,
    allow_nonfinite: bool,
) -> None:
    """Save a whole model to one file: see Word2Vec.save()."""
    with model.event_unless_failed("saving", fname_or_handle=str(fname_or_handle)):
        saving.save_record(
            fname_or_handle,
            to_model_record(model),
            separately,
            sep_limit,
            ignore,
            pickle_protocol,
            allow_nonfinite=allow_nonfinite,
        )


def warn_of_unused(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Warn of arguments of load() that have no effect."""
    if args or kwargs:
        extras = ", ".join([*map(repr, args), *(f"{name}=..." for name in kwargs)])
        warn(f"load() takes a path and mmap; {extras} has no effect")


def load(
    kind: type[Model],
    fname: FilePath,
    mmap: str | None,
    *,
    encoding: str | None,
    allow_nonfinite: bool,
) -> Model:
    """Load a model from a file of ours, or of gensim's: see Word2Vec.load()."""
    record = _model_record(fname, opening.read(fname, mmap, encoding=encoding))
    check_finite_file(fname, record, mmap, allow_nonfinite)
    warn_of_class(fname, record.derived_class, kind)
    model = from_model_record(kind, record, fname)
    fitting.warn_misfits(record, shown_path(fname))
    model.add_lifecycle_event("loaded", fname=str(fname), mmap=mmap)
    return model


def load_checkpoint(kind: type[Model], checkpoint: FilePath) -> tuple[Model, TrainingState]:
    """A model in the middle of its training, and where that stands."""
    record = _model_record(checkpoint, opening.read(checkpoint))
    if record.training is None:
        raise ModelFileError(
            checkpoint,
            "the file holds a model, but no checkpoint: train(..., checkpoint=...) writes "
            "one; to train the model anew, use load() and train()",
        )
    check_finite_file(checkpoint, record, None, allow_nonfinite=False)
    model = from_model_record(kind, record, checkpoint)
    try:
        state = TrainingState.from_parts(record.training, record.training_arrays)
    except ParameterError as error:
        raise ModelFileError(checkpoint, str(error)) from None
    model.add_lifecycle_event("resumed", fname=str(checkpoint), epoch=state.position.epoch)
    return model, state


def checkpoint_writer(model: Word2Vec, path: FilePath) -> Callable[[TrainingState], None]:
    """A function that writes a model and the state of its training to a file."""
    check_replaceable(path)
    saving.checked(to_model_record(model))  # raises now what would be raised after an epoch

    def write(state: TrainingState) -> None:
        record = to_model_record(model)
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


def to_model_record(model: Word2Vec) -> ModelRecord:
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
    wv = getattr(model, "wv", None)
    if not isinstance(wv, KeyedVectors):
        raise ParameterError(
            f"model.wv is a {type(wv).__name__}; it must be a KeyedVectors of negw2v's, such "
            "as KeyedVectors.from_gensim() makes"
        )
    counts = getattr(model, "raw_vocab", None)
    if not isinstance(counts, (Mapping, type(None))):
        raise ParameterError(f"raw_vocab is a {type(counts).__name__}; it must be a dict or None")
    vectors = to_record(model.wv)
    vectors.vectors_lockf = None  # a model's own, and stored in any case
    extra, not_stored = extra_attributes(model, OWN_ATTRIBUTES)
    state = {
        name: _state_value(name, getattr(model, name)) for name in STATE if hasattr(model, name)
    }
    return ModelRecord(
        vectors,
        parameters={name: _parameter(model, name) for name in STORED},
        state={name: value for name, value in state.items() if value != NEVER_UPDATED.get(name)},
        syn1neg=getattr(model, "syn1neg", None),
        syn1=getattr(model, "syn1", None),
        cum_table=getattr(model, "cum_table", None),
        vectors_lockf=getattr(model.wv, "vectors_lockf", None),
        raw_vocab=counts,  # type: ignore[arg-type]
        lifecycle_events=getattr(model, "lifecycle_events", None),
        extra=extra,
        not_stored=not_stored,
    )


def _parameter(model: Word2Vec, name: str) -> Any:
    """A parameter's value, which the constructor will accept when the model is loaded."""
    if not hasattr(model, name):
        raise ParameterError(f"the model has lost its attribute {name!r}; set it again")
    value = getattr(model, name)
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
    unknown = sorted(set(record.parameters) - set(STORED))
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
    locks = record.vectors_lockf
    model.wv.vectors_lockf = kernels.no_locks() if locks is None else locks
    model.cum_table = record.cum_table
    for name, array in (("syn1neg", record.syn1neg), ("syn1", record.syn1)):
        if array is not None:
            setattr(model, name, in_c_order(array))
    if record.raw_vocab is not None or rows:
        model.raw_vocab = defaultdict(int, record.raw_vocab or {})
    model.lifecycle_events = record.lifecycle_events
    set_extra(model, record.extra, OWN_ATTRIBUTES)
    return model
