"""Searches among all keys: for one query, for many, with an approximate index.

Keys become rows here, and rows keys again; :mod:`negw2v.search` finds the rows.
"""

from __future__ import annotations

import math
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Int64s, offsets_of
from negw2v.errors import EmptyQueryError, ParameterError
from negw2v.keyedvectors import arrays, lookup, similarity
from negw2v.keyedvectors.arguments import (
    KEY_TYPES,
    Key,
    as_list,
    as_vector,
    checked_limit,
    checked_topn,
    is_key,
    split_weights,
)
from negw2v.search import cosine, cosine_scan, topk
from negw2v.search import nearest as exact
from negw2v.search.approximate import ApproximateIndex
from negw2v.search.search_space import SearchSpace
from negw2v.search.topk import Best, Exclusions

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "NearestKeys",
    "analogies",
    "build_index",
    "load_index",
    "most_similar",
    "most_similar_cosmul",
    "nearest",
    "relative_cosine_similarity",
]


class NearestKeys(NamedTuple):
    """What :meth:`KeyedVectors.nearest` and :meth:`KeyedVectors.analogies` return.

    Attributes
    ----------
    keys
        Object (n, k): for each of n queries the best keys, the best first; None where there were
        fewer to find. With ``return_keys=False`` they are not looked up: (n, 0).
    cosines
        Float (n, k): their cosines (or other scores); NaN where the key is None.
    rows
        int64 (n, k): the rows of the keys in `vectors`; -1 where the key is None.
    """

    keys: npt.NDArray[Any]
    cosines: npt.NDArray[Any]
    rows: npt.NDArray[np.int64]


def most_similar(
    store: KeyedVectors,
    positive: Any,
    negative: Any,
    topn: int | None,
    clip_start: int,
    clip_end: int | None,
    restrict_vocab: int | None,
    indexer: Any,
) -> Any:
    """Implement :meth:`KeyedVectors.most_similar`."""
    if topn is not None and type(topn) is not int:
        topn = checked_topn(topn)
    if topn is not None and topn < 1:
        return []
    if negative is None and isinstance(positive, KEY_TYPES):  # most queries are a single key
        query, own = cosine.unit(store.get_vector(positive)), [store.get_index(positive)]
    else:
        keys, query = query_of_items(store, positive, negative)
        own = [store.get_index(key) for key in keys if is_key(key)]
    if not math.isfinite(query @ query):
        check_finite_query(query)
    if indexer is not None and topn is not None:
        return indexer.most_similar(query, topn)
    if restrict_vocab or clip_start or clip_end:  # most queries are of all rows
        restrict_vocab = checked_limit(restrict_vocab, "restrict_vocab")
        clip_start = checked_topn(clip_start, "clip_start")
        clip_end = checked_limit(clip_end, "clip_end")
    rows = slice(0, restrict_vocab) if restrict_vocab else slice(clip_start, clip_end or None)
    if topn is None:
        matrix, norms = arrays.matrix_and_norms(store)
        return cosine.cosines(query, matrix[rows], norms[rows])
    space = searchable(store, queries=1)
    first, last, _ = rows.indices(len(space.matrix))
    last = max(first, last)
    queries = query.astype(space.matrix.dtype, copy=False)[np.newaxis]
    excluded = Exclusions(np.array([0, len(own)], dtype=np.int64), np.array(own, dtype=np.int64))
    used = None
    if len(store.key_to_index) < len(store.index_to_key):
        used = lookup.used_rows(store)
    if used is None and cosine_scan.is_scannable(space.matrix):
        return pairs(store, cosine_scan.scan(space, queries, topn, first, last, excluded))
    chosen = np.arange(first, last) if used is None else used[(used >= first) & (used < last)]
    space = replace(space, candidates=chosen)
    return pairs(store, exact.nearest(space, queries, topn, excluded))


def query_of_items(
    store: KeyedVectors, positive: Any, negative: Any
) -> tuple[list[Any], npt.NDArray[Any]]:
    """The items of a query, and their weighted mean at length 1."""
    keys, weights = split_weights(as_list(positive), 1.0)
    against, against_weights = split_weights(as_list(negative), -1.0)
    keys += against
    if not keys:
        raise EmptyQueryError("the query is empty; give at least one key or vector")
    query = similarity.mean(
        store,
        keys,
        weights + against_weights,
        pre_normalize=True,
        post_normalize=True,
        ignore_missing=False,
    )
    return keys, query


def searchable(
    store: KeyedVectors, candidates: Int64s | None = None, queries: int = 0
) -> SearchSpace:
    """The vectors as a :class:`SearchSpace`.

    Parameters
    ----------
    store
        The object whose vectors are searched.
    candidates
        The only rows that may be found; None: all.
    queries
        How many queries are about to be answered with it; 0: without the int8 copy.
    """
    matrix, norms, rows = arrays.int8_rows(store, queries)
    return SearchSpace(matrix, norms, candidates, int8_rows=rows)


def pairs(store: KeyedVectors, best: Best) -> list[tuple[Any, float]]:
    """The result for a single query, as a list of (key, score)."""
    rows, scores = best.rows[0].tolist(), best.scores[0].tolist()
    while rows and rows[-1] < 0:  # there were fewer to find
        rows.pop()
    return list(zip(map(store.index_to_key.__getitem__, rows), scores, strict=False))


def check_finite_query(query: npt.NDArray[Any]) -> None:
    """Raise ParameterError if a vector of a query contains NaN or infinity."""
    if not np.isfinite(query).all():
        raise ParameterError(
            "a vector of the query has NaN or infinity in it, so it is similar to nothing; "
            "look at the vectors of its keys"
        )


def most_similar_cosmul(
    store: KeyedVectors, positive: Any, negative: Any, topn: int | None, restrict_vocab: int | None
) -> Any:
    """Implement :meth:`KeyedVectors.most_similar_cosmul`."""
    if topn is not None and checked_topn(topn) < 1:
        return []
    attracting, repelling = as_list(positive), as_list(negative)
    if not attracting:
        raise EmptyQueryError("positive is empty; give at least one key or vector")
    items = attracting + repelling
    terms = np.stack(
        [
            store.get_vector(item, norm=True)
            if is_key(item)
            else as_vector(item, store.vector_size)
            for item in items
        ]
    )
    check_finite_query(terms)
    matrix, norms = arrays.matrix_and_norms(store)
    last = checked_limit(restrict_vocab, "restrict_vocab") or len(matrix)
    scores = cosine.product_scores(matrix[:last], norms[:last], terms, len(attracting))
    if topn is None:
        return scores
    excluded = np.array([store.get_index(item) for item in items if is_key(item)], dtype=np.int64)
    used = lookup.used_rows(store)
    if used is not None:
        excluded = np.append(excluded, np.setdiff1d(np.arange(len(scores)), used))
    best = topk.largest(scores, int(topn), excluded)
    return pairs(store, Best(best[np.newaxis], scores[best][np.newaxis]))


def relative_cosine_similarity(store: KeyedVectors, wa: Key, wb: Key, topn: int) -> float:
    """Implement :meth:`KeyedVectors.relative_cosine_similarity`."""
    neighbours = store.similar_by_word(wa, topn)
    if not neighbours:
        raise ParameterError(f"{wa!r} has no neighbours for topn={topn} among {len(store)} keys")
    return store.similarity(wa, wb) / math.fsum(score for _, score in neighbours)


def nearest(
    store: KeyedVectors,
    queries: Any,
    topn: int,
    candidates: Any,
    exclude: Any,
    *,
    include_self: bool,
    return_keys: bool,
) -> NearestKeys:
    """Implement :meth:`KeyedVectors.nearest`."""
    topn = positive_int(topn)
    rows = candidate_rows(store, candidates)
    if isinstance(queries, (list, tuple)) and {type(query) for query in queries} == {np.ndarray}:
        queries = np.array(queries, dtype=np.result_type(arrays.matrix(store).dtype, np.float32))
    if isinstance(queries, np.ndarray) and queries.dtype.kind == "f":
        vectors = np.atleast_2d(queries)
        own = np.empty((len(vectors), 0), dtype=np.int64)
        if vectors.ndim != 2 or vectors.shape[1] != store.vector_size:
            raise ParameterError(
                f"queries of shape {queries.shape} were given; they must be keys, or vectors "
                f"of shape (n, {store.vector_size})"
            )
    else:
        own = lookup.rows_of(store, queries)[:, np.newaxis]
        vectors = arrays.matrix(store)[own[:, 0]]
    if not len(vectors):
        raise EmptyQueryError("there are no queries; give at least one key or vector")
    check_finite_query(vectors)
    banned, excluded = exclusions(store, exclude, own[:, : 0 if include_self else 1])
    space = replace(searchable(store, rows, queries=len(vectors)), banned=banned)
    vectors = vectors.astype(space.dtype, copy=False)
    units = cosine.divide_by_norms(vectors, cosine.row_norms(vectors)[:, np.newaxis])
    best = exact.nearest(space, units, topn, excluded)
    return nearest_keys(store, best, return_keys)


def analogies(
    store: KeyedVectors,
    a: Any,
    b: Any,
    c: Any,
    topn: int,
    candidates: Any,
    *,
    method: str,
    return_keys: bool,
) -> NearestKeys:
    """Implement :meth:`KeyedVectors.analogies`."""
    topn = positive_int(topn)
    if method not in {"add", "mul"}:
        raise ParameterError(f"method is {method!r}; it must be 'add' or 'mul'")
    parts = [lookup.rows_of(store, keys) for keys in (a, b, c)]
    try:
        questions = np.stack(np.broadcast_arrays(*parts), axis=1)
    except ValueError:
        raise ParameterError(
            f"a, b and c have {', '.join(str(len(part)) for part in parts)} keys; give "
            "equally many, or one for all questions"
        ) from None
    if not len(questions):
        raise EmptyQueryError("there are no questions; give at least one key each")
    space = searchable(store, candidate_rows(store, candidates))
    best = exact.analogies(space, questions, topn, product=method == "mul")
    return nearest_keys(store, best, return_keys)


def build_index(
    store: KeyedVectors, connectivity: int, expansion_add: int, expansion_search: int, dtype: str
) -> ApproximateIndex:
    """Implement :meth:`KeyedVectors.build_index`."""
    return ApproximateIndex.build(
        searchable(store, lookup.used_rows(store)),
        store.index_to_key,
        connectivity,
        expansion_add,
        expansion_search,
        dtype,
    )


def load_index(store: KeyedVectors, path: str | PathLike[str]) -> ApproximateIndex:
    """Implement :meth:`KeyedVectors.load_index`."""
    return ApproximateIndex.load(
        path,
        searchable(store, lookup.used_rows(store)),
        store.index_to_key,
    )


def candidate_rows(store: KeyedVectors, candidates: Any) -> Int64s | None:
    """The rows that may be found; None: all."""
    used = lookup.used_rows(store)
    if candidates is None:
        return used
    if is_key(candidates) and not isinstance(candidates, str):
        rows = np.arange(min(positive_int(candidates, "candidates"), len(store)))
    else:
        rows = np.unique(lookup.rows_of(store, candidates))
    if not len(rows):
        raise EmptyQueryError("candidates is empty; give at least one key, or None for all")
    return rows if used is None else np.intersect1d(rows, used)


def exclusions(store: KeyedVectors, exclude: Any, own: Int64s) -> tuple[Int64s | None, Exclusions]:
    """The rows that no query may find (None: no such rows), and those of single queries."""
    if exclude is None or is_key(exclude) or all(map(is_key, exclude)):
        banned = None if exclude is None else lookup.rows_of(store, exclude)
        return banned, Exclusions.of(own)
    if len(exclude) != len(own):
        raise ParameterError(
            f"exclude has {len(exclude)} lists of keys for {len(own)} queries; give one list "
            "of keys for all, or one for each query"
        )
    lists = [
        np.append(lookup.rows_of(store, keys), line)
        for keys, line in zip(exclude, own, strict=True)
    ]
    return None, Exclusions(offsets_of(list(map(len, lists))), np.concatenate(lists))


def nearest_keys(store: KeyedVectors, best: Best, return_keys: bool) -> NearestKeys:
    """The result for many queries; keys are looked up if they are wanted."""
    rows = best.rows
    if not return_keys:
        return NearestKeys(np.empty((len(rows), 0), dtype=object), best.scores, rows)
    # numpy.array() would turn keys that are tuples into rows of an array
    found = map(store.index_to_key.__getitem__, rows.ravel().tolist())
    keys = np.fromiter(found, dtype=object, count=rows.size).reshape(rows.shape)
    keys[rows < 0] = None
    return NearestKeys(keys, best.scores, rows)


def positive_int(number: Any, name: str = "topn") -> int:
    """`number` as an int; ParameterError if it is less than 1."""
    checked = checked_topn(number, name)
    if checked < 1:
        raise ParameterError(f"{name} is {checked}; it must be at least 1")
    return checked
