"""What a file holds, as plain data.

Readers return these records, and writers take them; KeyedVectors and Word2Vec are made from
them. A record is not checked beyond what its format demands: whoever makes an object of it
checks that its parts fit together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.formats.values import StoredValues

__all__ = ["ModelRecord", "VectorsRecord", "in_c_order"]


@dataclass
class VectorsRecord:
    """Keys and their vectors.

    Parameters
    ----------
    keys
        One key per row, in order; None: a row that was preallocated. Or the keys as they lie in
        a file that is mapped into memory, decoded when they are needed.
    vectors
        Float (n, dimensions): in memory, or a memory map.
    attributes
        Further attributes of the keys by name, each an array of n values: numbers, or
        ``object`` (str; or arrays, as ``code`` and ``point`` of hierarchical softmax).
    lifecycle_events
        As :attr:`negw2v.lifecycle.LifecycleEvents.lifecycle_events`; None: not recorded.
    extra
        Other attributes of the object by name: None, bool, int, float, str, bytes, lists, tuples
        and dicts of these, and arrays of numbers.
    lookup
        The row of every key, where that is not simply the inverse of `keys`.
    vector_size
        Where it is not the number of columns of `vectors`: what the object says.
    vectors_lockf
        Lock factors of vectors that are in no model, where they have some.
    irregular
        Names of parts that need not fit the keys: see :mod:`negw2v.formats.fitting`.
    not_stored
        Names of attributes of the object that no file may set, such as those of methods.
    derived_class
        Module and name of the class that the file names, where it is derived from gensim's.
    """

    keys: list[Any] | StoredValues
    vectors: npt.NDArray[Any]
    attributes: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    lifecycle_events: list[dict[str, Any]] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    derived_class: str | None = None
    lookup: dict[Any, int] | None = None
    vector_size: int | None = None
    vectors_lockf: npt.NDArray[Any] | None = None
    irregular: Collection[str] = frozenset()
    not_stored: Collection[str] = ()


@dataclass
class ModelRecord:
    """A Word2Vec model.

    Parameters
    ----------
    vectors
        The words and their vectors.
    parameters
        Hyper-parameters by the names of Word2Vec's constructor (``vector_size``, ``alpha``,
        ``sg``, ...). Those that are missing get their defaults.
    state
        Counts and clocks by the names of the model's attributes: ``corpus_count``,
        ``corpus_total_words``, ``effective_min_count``, ``epochs_begun``, ``train_count``,
        ``total_train_time``, ``running_training_loss``, ``min_alpha_yet_reached``,
        ``layer1_size``, ``words_before_update``, ``epochs_before_update``. Those that are missing
        are as in a new model.
    syn1neg, syn1
        float32 (n, dimensions): output vectors of negative sampling, node vectors of
        hierarchical softmax; None: the model has none.
    cum_table
        uint32 (n,): the distribution of negative samples; None: computed from the counts
        when it is needed.
    vectors_lockf
        float32 (1,) or (n,): lock factors; None: 1 for all.
    raw_vocab
        The counts of all words, where the model was asked to keep them.
    lifecycle_events
        The model's own; None: not recorded.
    extra
        Other attributes of the model by name, as for :class:`VectorsRecord`.
    training
        In a checkpoint: where training stands, as JSON can hold it; None elsewhere.
    training_arrays
        In a checkpoint: arrays that belong to it.
    derived_class
        Module and name of the class that the file names, where it is derived from gensim's.
    irregular, not_stored
        As for :class:`VectorsRecord`.
    """

    vectors: VectorsRecord
    parameters: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    syn1neg: npt.NDArray[Any] | None = None
    syn1: npt.NDArray[Any] | None = None
    cum_table: npt.NDArray[Any] | None = None
    vectors_lockf: npt.NDArray[Any] | None = None
    raw_vocab: dict[Any, int] | None = None
    lifecycle_events: list[dict[str, Any]] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] | None = None
    training_arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    derived_class: str | None = None
    irregular: Collection[str] = frozenset()
    not_stored: Collection[str] = ()


def in_c_order(matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A matrix from a file as programs that read its memory expect it.

    Parameters
    ----------
    matrix
        In any order: NumPy also writes columns one after the other.

    Returns
    -------
    numpy.ndarray
        `matrix` itself if it is C-contiguous, or mapped from a file; a copy otherwise.
    """
    as_it_is = matrix.flags.c_contiguous or isinstance(matrix, np.memmap)
    return matrix if as_it_is else np.ascontiguousarray(matrix)
