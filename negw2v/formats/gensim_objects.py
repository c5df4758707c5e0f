"""gensim's objects in memory: to records, and from them.

The one module of the library proper that imports gensim, and only when it is asked for one of
gensim's objects; reading one takes no more than its attributes.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from negw2v.errors import InputTypeError
from negw2v.extras import needed
from negw2v.formats.gensim_files import PARAMETERS, STATE
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import StoredValues

__all__ = ["gensim_model", "gensim_vectors", "model_record", "vectors_record"]

#: Parameters that are ours alone.
NOT_GENSIMS = ("share_negatives", "corrected_cbow", "progress")


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
        return VectorsRecord(
            keys=list(vectors.index_to_key),
            vectors=np.array(vectors.vectors, order="C"),
            attributes={name: values.copy() for name, values in vectors.expandos.items()},
            lifecycle_events=_copied(getattr(vectors, "lifecycle_events", None)),
        )
    except AttributeError as error:
        raise InputTypeError(
            f"gensim's KeyedVectors (4.x) are needed, not a {type(vectors).__name__}: {error}"
        ) from None


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
        words, state = model.wv, vars(model)
        locks = getattr(words, "vectors_lockf", None)
        return ModelRecord(
            vectors=vectors_record(words),
            parameters={name: state[name] for name in PARAMETERS if name in state},
            state={name: state[name] for name in STATE if state.get(name) is not None},
            syn1neg=_array(state.get("syn1neg")),
            syn1=_array(state.get("syn1")),
            cum_table=_array(state.get("cum_table")),
            vectors_lockf=_array(locks),
            raw_vocab=dict(model.raw_vocab) if getattr(model, "raw_vocab", None) else None,
            lifecycle_events=_copied(state.get("lifecycle_events")),
        )
    except (AttributeError, TypeError) as error:
        raise InputTypeError(
            f"gensim's Word2Vec (4.x) is needed, not a {type(model).__name__}: {error}"
        ) from None


def gensim_vectors(record: VectorsRecord, genuine: type | None = None) -> Any:
    """A KeyedVectors of gensim's; arrays are copied.

    Parameters
    ----------
    record
        What it is to hold.
    genuine
        gensim's class, where the name in gensim does not stand for it.

    Raises
    ------
    MissingDependencyError
        gensim is not installed.
    """
    kind: Any = genuine or _models().KeyedVectors
    vectors = kind(record.vectors.shape[1])
    keys = record.keys.decode() if isinstance(record.keys, StoredValues) else list(record.keys)
    vectors.index_to_key = keys
    vectors.key_to_index = {key: row for row, key in enumerate(keys) if key is not None}
    vectors.next_index = len(vectors.key_to_index)
    vectors.vectors = np.array(record.vectors, order="C")
    vectors.expandos = {name: values.copy() for name, values in record.attributes.items()}
    if record.lifecycle_events is not None:
        vectors.lifecycle_events = _copied(record.lifecycle_events)
    return vectors


def gensim_model(
    record: ModelRecord, genuine: type | None = None, genuine_vectors: type | None = None
) -> Any:
    """A Word2Vec of gensim's, which can be trained further; arrays are copied.

    Parameters
    ----------
    record
        What it is to hold.
    genuine, genuine_vectors
        As for :func:`gensim_vectors`.

    Raises
    ------
    MissingDependencyError
        gensim is not installed.
    """
    kind: Any = genuine or _models().Word2Vec
    model = kind(
        **{name: value for name, value in record.parameters.items() if name not in NOT_GENSIMS}
    )
    model.wv = gensim_vectors(record.vectors, genuine_vectors)
    for name, value in record.state.items():
        if name in STATE:
            setattr(model, name, value)
    for name, array in (("syn1neg", record.syn1neg), ("syn1", record.syn1)):
        if array is not None:
            setattr(model, name, np.array(array, order="C"))
    locks = np.ones(1, dtype=np.float32) if record.vectors_lockf is None else record.vectors_lockf
    model.wv.vectors_lockf = locks.copy()
    if record.cum_table is not None:
        model.cum_table = record.cum_table.copy()
    elif model.negative and "count" in model.wv.expandos:
        model.make_cum_table()
    if record.raw_vocab is not None:
        model.raw_vocab = dict(record.raw_vocab)
    return model


def _models() -> Any:
    with needed("to_gensim()", "gensim"):
        import gensim  # noqa: F401 - looks whether it is there
    return importlib.import_module("gensim.models")


def _array(value: Any) -> Any:
    return None if value is None else np.array(value, order="C")


def _copied(events: Any) -> list[dict[str, Any]] | None:
    return None if events is None else [dict(event) for event in events]
