"""Means, cosines and distances of given keys and vectors."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import EmptyQueryError, ParameterError
from negw2v.keyedvectors import arrays, lookup
from negw2v.keyedvectors.arguments import Key, as_vector, checked_keys, is_key
from negw2v.search import cosine, transport

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "closer_than",
    "distances",
    "mean",
    "mean_vector",
    "most_similar_to_given",
    "n_similarity",
    "rank_by_centrality",
    "similarity",
    "wmdistance",
]

logger = logging.getLogger(__name__)

#: Types of most keys; an array among keys is a vector.
KEYS_ALONE = {str, int}


def mean_vector(
    store: KeyedVectors,
    keys: Sequence[Any] | npt.NDArray[Any],
    weights: npt.ArrayLike | None,
    pre_normalize: bool,
    post_normalize: bool,
    ignore_missing: bool,
) -> npt.NDArray[Any]:
    """Implement :meth:`KeyedVectors.get_mean_vector`."""
    keys = checked_keys(keys, "keys")
    if len(keys) == 0:
        raise EmptyQueryError("keys is empty; give at least one key")
    factors = [1.0] * len(keys)
    if weights is not None:
        given = np.asarray(weights, dtype=np.float64)
        if given.shape != (len(keys),):
            raise ParameterError(
                f"weights of shape {given.shape} were given for {len(keys)} keys; "
                "each key needs one weight"
            )
        factors = given.tolist()
    return mean(store, keys, factors, pre_normalize, post_normalize, ignore_missing)


def mean(
    store: KeyedVectors,
    keys: Sequence[Any] | npt.NDArray[Any],
    factors: list[float],
    pre_normalize: bool,
    post_normalize: bool,
    ignore_missing: bool,
) -> npt.NDArray[Any]:
    """Weighted mean, as :meth:`KeyedVectors.get_mean_vector` returns it, with a factor per key."""
    if post_normalize and len(keys) == 1:  # the length of a single vector makes no difference
        pre_normalize = False
    rows: Sequence[npt.NDArray[Any]] | npt.NDArray[Any]
    if arrays.is_asked_for_each(store) or not KEYS_ALONE.issuperset(map(type, keys)):
        rows, present = one_by_one(store, keys, factors, pre_normalize, ignore_missing)
    else:
        default = -1 if ignore_missing else None
        indices = [store.get_index(key, default) for key in keys]
        present = factors
        if -1 in indices:
            present = [factor for index, factor in zip(indices, factors, strict=True) if index >= 0]
            indices = [index for index in indices if index >= 0]
        rows = arrays.some_rows(store, indices, pre_normalize)
    mean: npt.NDArray[Any]
    if present == [1.0]:  # most queries are a single key
        mean = rows[0]
    elif total := sum(map(abs, present)):
        mean = np.array(present).dot(np.array(rows, dtype=np.float64)) / total
    else:
        mean = np.zeros(store.vector_size)
    if post_normalize:
        mean = cosine.unit(mean)
    return mean.astype(arrays.matrix(store).dtype, copy=not post_normalize)


def one_by_one(
    store: KeyedVectors,
    keys: Sequence[Any] | npt.NDArray[Any],
    factors: list[float],
    unit: bool,
    ignore_missing: bool,
) -> tuple[list[npt.NDArray[Any]], list[float]]:
    """The vectors of keys, or those given in place of keys; and the factors of those there are."""
    rows: list[npt.NDArray[Any]] = []
    present: list[float] = []
    for key, factor in zip(keys, factors, strict=True):
        if isinstance(key, np.ndarray):
            rows.append(as_vector(key, store.vector_size))
        elif ignore_missing and not store.has_index_for(key):
            continue
        else:
            rows.append(store.get_vector(key, norm=unit))
        present.append(factor)
    return rows, present


def similarity(store: KeyedVectors, w1: Key, w2: Key) -> float:
    """Implement :meth:`KeyedVectors.similarity`."""
    return cosine.between(
        arrays.matrix(store)[store.get_index(w1)], arrays.matrix(store)[store.get_index(w2)]
    )


def n_similarity(store: KeyedVectors, ws1: Sequence[Any], ws2: Sequence[Any]) -> float:
    """Implement :meth:`KeyedVectors.n_similarity`."""
    ws1, ws2 = checked_keys(ws1, "ws1"), checked_keys(ws2, "ws2")
    if not (len(ws1) and len(ws2)):
        raise EmptyQueryError("ws1 or ws2 is empty; give each at least one key")
    return cosine.between(
        store.get_mean_vector(ws1, pre_normalize=False),
        store.get_mean_vector(ws2, pre_normalize=False),
    )


def distances(
    store: KeyedVectors, word_or_vector: Key | npt.NDArray[Any], other_words: Iterable[Key]
) -> npt.NDArray[Any]:
    """Implement :meth:`KeyedVectors.distances`."""
    vector = (
        store.get_vector(word_or_vector)
        if is_key(word_or_vector)
        else as_vector(word_or_vector, store.vector_size)
    )
    rows = [store.get_index(word) for word in checked_keys(other_words, "other_words")]
    matrix, norms = arrays.matrix_and_sure_norms(store, compute=not rows)
    if rows:
        matrix, norms = matrix.take(rows, axis=0), None if norms is None else norms.take(rows)
    return 1 - cosine.cosines(vector, matrix, norms)


def most_similar_to_given(store: KeyedVectors, key1: Key, keys_list: Sequence[Key]) -> Key:
    """Implement :meth:`KeyedVectors.most_similar_to_given`."""
    keys_list = checked_keys(keys_list, "keys_list")
    if not len(keys_list):
        raise EmptyQueryError("keys_list is empty; give at least one key")
    return keys_list[int(np.argmin(store.distances(key1, keys_list)))]


def closer_than(store: KeyedVectors, key1: Key, key2: Key) -> list[Any]:
    """Implement :meth:`KeyedVectors.closer_than`."""
    own, other = store.get_index(key1), store.get_index(key2)
    distances = store.distances(key1)
    is_closer = distances < distances[other]
    is_closer[own] = False
    rows = np.flatnonzero(is_closer).tolist()
    keys = list(map(store.index_to_key.__getitem__, rows))
    if lookup.used_rows(store) is not None:  # there are rows without a key
        return [key for key in keys if key is not None]
    return keys


def rank_by_centrality(
    store: KeyedVectors, words: Sequence[Key], use_norm: bool
) -> list[tuple[float, Any]]:
    """Implement :meth:`KeyedVectors.rank_by_centrality`."""
    words = checked_keys(words, "words")
    known = [word for word in words if word in store]
    if lookup.used_rows(store) is not None:
        known = [word for word in known if lookup.has_key(store, word)]
    if len(known) < len(words):
        missing = set(words) - set(known)
        logger.warning("words without a vector are left out: %s", missing)
    if not known:
        raise EmptyQueryError("none of the words has a vector; give at least one word that has one")
    rows = store[known]
    if use_norm:
        rows = cosine.divide_by_norms(rows, cosine.row_norms(rows)[:, np.newaxis])
    mean = np.add.reduce(rows, axis=0, dtype=np.float64) / len(rows)
    centre = cosine.unit(mean).astype(rows.dtype)
    return sorted(zip(rows.dot(centre).tolist(), known, strict=True), reverse=True)


def wmdistance(
    store: KeyedVectors, document1: Iterable[Key], document2: Iterable[Key], norm: bool
) -> float:
    """Implement :meth:`KeyedVectors.wmdistance`."""
    counts = []
    for name, document in (("document1", document1), ("document2", document2)):
        words = list(checked_keys(document, name))
        known = Counter(word for word in words if word in store)
        if known.total() < len(words):
            logger.info("words without a vector left out: %d", len(words) - known.total())
        counts.append(known)
    if not all(counts):
        logger.warning("a document has no word with a vector: the distance is infinite")
        return float("inf")
    parts: list[npt.NDArray[Any]] = []
    for known in counts:
        parts.append(np.stack([store.get_vector(word, norm=norm) for word in known]))
        parts.append(np.array(list(known.values())))
    return transport.word_movers_distance(*parts)
