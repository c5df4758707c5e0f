"""gensim's objects in memory: to records, and from them.

Making one of gensim's objects imports gensim; reading one only reads its attributes.
"""

from __future__ import annotations

import copy
import importlib
from typing import Any, TypeVar

import numpy as np

from negw2v.errors import InputTypeError, warn
from negw2v.extras import needed
from negw2v.formats import fitting
from negw2v.formats.gensim.attributes import user_values
from negw2v.formats.gensim.names import MODEL_NAMES, PARAMETERS, STATE, VECTORS_NAMES
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import StoredValues, keys_in_order
from negw2v.kernels import no_locks

__all__ = ["gensim_model", "gensim_vectors", "model_record", "vectors_record"]

RecordKind = TypeVar("RecordKind", VectorsRecord, ModelRecord)


def vectors_record(vectors: Any) -> VectorsRecord:
    """What a KeyedVectors of gensim's holds; arrays are copied.

    Parameters
    ----------
    vectors
        The object.

    Raises
    ------
    InputTypeError
        It is nothing like that.
    """
    try:
        keys = keys_in_order(vectors.index_to_key)
        size = vectors.vector_size
        record = VectorsRecord(
            keys=keys,
            vectors=np.array(vectors.vectors, order="C"),
            attributes={
                name: fitting.as_attribute(name, copy.copy(values))
                for name, values in vectors.expandos.items()
            },
            lifecycle_events=_copied(getattr(vectors, "lifecycle_events", None)),
            extra=_extra(vectors, VECTORS_NAMES),
            lookup=fitting.lookup(keys, dict(vectors.key_to_index)),
            vector_size=int(size) if isinstance(size, (int, np.integer)) else None,
            vectors_lockf=_array(getattr(vectors, "vectors_lockf", None)),
        )
    except AttributeError as error:
        raise InputTypeError(
            f"gensim's KeyedVectors (4.x) are needed, not a {type(vectors).__name__}: {error}"
        ) from None
    return _checked(record)


def model_record(model: Any) -> ModelRecord:
    """What a Word2Vec of gensim's holds; arrays are copied.

    Parameters
    ----------
    model
        The object.

    Raises
    ------
    InputTypeError
        It is nothing like that.
    """
    try:
        state = vars(model)
        words = vectors_record(model.wv)
        locks, words.vectors_lockf = words.vectors_lockf, None
        record = ModelRecord(
            vectors=words,
            parameters={name: state[name] for name in PARAMETERS if name in state},
            state={name: state[name] for name in STATE if state.get(name) is not None},
            syn1neg=_array(state.get("syn1neg")),
            syn1=_array(state.get("syn1")),
            cum_table=_array(state.get("cum_table")),
            vectors_lockf=locks,
            raw_vocab=dict(model.raw_vocab) if getattr(model, "raw_vocab", None) else None,
            lifecycle_events=_copied(state.get("lifecycle_events")),
            extra=_extra(model, MODEL_NAMES),
        )
    except (AttributeError, TypeError) as error:
        raise InputTypeError(
            f"gensim's Word2Vec (4.x) is needed, not a {type(model).__name__}: {error}"
        ) from None
    return _checked(record)


def _checked(record: RecordKind) -> RecordKind:
    """A record that says which of its parts do not fit."""
    fitting.check_storable(record)
    record.irregular = frozenset(fitting.misfits(record))
    fitting.warn_misfits(record, "from_gensim()")
    return record


def _extra(owner: object, known: frozenset[str]) -> dict[str, Any]:
    """What users have set on an object of gensim's; a warning names what is left out."""
    found, others = user_values(vars(owner), known)
    if others:
        warn(f"attributes that are not taken over: {', '.join(sorted(others))}; they are objects")
    return copy.deepcopy(found)


def gensim_vectors(record: VectorsRecord, original: type | None = None) -> Any:
    """A KeyedVectors of gensim's; arrays are copied.

    Parameters
    ----------
    record
        What it is to hold.
    original
        gensim's class, where the name in gensim does not stand for it.

    Raises
    ------
    MissingDependencyError
        gensim is not installed.
    """
    kind: Any = original or _models().KeyedVectors
    vectors = kind(record.vectors.shape[1])
    keys = record.keys.decode() if isinstance(record.keys, StoredValues) else list(record.keys)
    vectors.index_to_key = keys
    inverse = {key: row for row, key in enumerate(keys) if key is not None}
    vectors.key_to_index = inverse if record.lookup is None else dict(record.lookup)
    vectors.next_index = keys.index(None) if None in keys else len(keys)
    vectors.vectors = np.array(record.vectors, order="C")
    vectors.expandos = {name: values.copy() for name, values in record.attributes.items()}
    if record.lifecycle_events is not None:
        vectors.lifecycle_events = _copied(record.lifecycle_events)
    if record.vectors_lockf is not None:
        vectors.vectors_lockf = record.vectors_lockf.copy()
    vars(vectors).update(copy.deepcopy(record.extra))
    return vectors


def gensim_model(
    record: ModelRecord, original: type | None = None, original_vectors: type | None = None
) -> Any:
    """A Word2Vec of gensim's, which can be trained further; arrays are copied.

    Parameters
    ----------
    record
        What it is to hold; its parameters are those of gensim's constructor.
    original, original_vectors
        As for :func:`gensim_vectors`.

    Raises
    ------
    MissingDependencyError
        gensim is not installed.
    """
    kind: Any = original or _models().Word2Vec
    model = kind(**record.parameters)
    model.wv = gensim_vectors(record.vectors, original_vectors)
    for name, value in record.state.items():
        if name in STATE:
            setattr(model, name, value)
    for name, array in (("syn1neg", record.syn1neg), ("syn1", record.syn1)):
        if array is not None:
            setattr(model, name, np.array(array, order="C"))
    locks = record.vectors_lockf
    model.wv.vectors_lockf = no_locks() if locks is None else locks.copy()
    if record.cum_table is not None:
        model.cum_table = record.cum_table.copy()
    elif model.negative and "count" in model.wv.expandos:
        model.make_cum_table()
    if record.raw_vocab is not None:
        model.raw_vocab = dict(record.raw_vocab)
    vars(model).update(copy.deepcopy(record.extra))
    return model


def _models() -> Any:
    with needed("to_gensim()", "gensim"):
        import gensim  # noqa: F401 - looks whether it is there
    return importlib.import_module("gensim.models")


def _array(value: Any) -> Any:
    return None if value is None else np.array(value, order="C")


def _copied(events: Any) -> list[dict[str, Any]] | None:
    return None if events is None else [dict(event) for event in events]
