"""Thousands of searches in one call, and an index for fewer of them."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.errors import EmptyQueryError, InputTypeError, ParameterError
from negw2v.keyedvectors.arguments import as_key_list, checked_topn, is_key
from negw2v.keyedvectors.neighbours import Neighbours
from negw2v.search import cosine
from negw2v.search import nearest as search
from negw2v.search.approximate import ApproximateIndex

__all__ = ["Batches", "NearestKeys"]


class NearestKeys(NamedTuple):
    """What :meth:`KeyedVectors.nearest` and :meth:`KeyedVectors.analogies` return.

    Attributes
    ----------
    keys
        Object (n, k): the best for each of n queries, the best first; None where there was
        nothing more to find. With ``return_keys=False`` they are not looked up: (n, 0).
    cosines
        Float (n, k): their cosines (or other scores); NaN where there was nothing to find.
    rows
        int64 (n, k): the rows of the keys in `vectors`; -1 where there was nothing to find.
    """

    keys: npt.NDArray[Any]
    cosines: npt.NDArray[Any]
    rows: npt.NDArray[np.int64]


class Batches(Neighbours):
    """Batched searches of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def nearest(
        self,
        queries: Any,
        topn: int = 10,
        candidates: Any = None,
        exclude: Any = None,
        *,
        include_self: bool = False,
        return_keys: bool = True,
    ) -> NearestKeys:
        """The keys with the largest cosines with each of many queries. Exact.

        Parameters
        ----------
        queries
            One key or n keys, or vectors: float (n, vector_size) or (vector_size,).
        topn
            How many to find for each.
        candidates
            The keys that may be found; or an int: only the first so many; None: all.
        exclude
            Keys that must not be found, for all queries; or, as a sequence of n lists of
            keys, for each query its own.
        include_self
            A query that is a key does not find itself; True: it may.
        return_keys
            False: rows are enough; do not look their keys up.

        Returns
        -------
        NearestKeys
            Three arrays (n, k): keys, cosines and rows; k is `topn`, or the number of
            candidates if that is less. Equal cosines come in the order of the vocabulary.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        ParameterError
            `topn` < 1, or queries of the wrong shape or with NaN in them.

        Notes
        -----
        The work is done in blocks, over all CPUs; besides the vectors, their copy in bytes
        (see `byte_copy`) and the result it takes less than 256 MB of memory, however many
        queries there are.
        """
        topn = _positive(topn)
        rows = self._candidates(candidates)
        if isinstance(queries, (list, tuple)) and {type(query) for query in queries} == {
            np.ndarray
        }:
            queries = np.array(queries, dtype=np.result_type(self._matrix.dtype, np.float32))
        if isinstance(queries, np.ndarray) and queries.dtype.kind == "f":
            vectors = np.atleast_2d(queries)
            own = np.empty((len(vectors), 0), dtype=np.int64)
            if vectors.ndim != 2 or vectors.shape[1] != self.vector_size:
                raise ParameterError(
                    f"queries of shape {queries.shape} were given; they must be keys, or vectors "
                    f"of shape (n, {self.vector_size})"
                )
        else:
            own = self._rows_of(queries)[:, np.newaxis]
            vectors = self._matrix[own[:, 0]]
        if not len(vectors):
            raise EmptyQueryError("there are no queries; give at least one key or vector")
        self._check_finite(vectors)
        banned, excluded = self._exclusions(exclude, own[:, : 0 if include_self else 1])
        vocabulary = replace(self._searchable(rows, queries=len(vectors)), banned=banned)
        vectors = vectors.astype(vocabulary.dtype, copy=False)
        units = cosine.divide_by_norms(vectors, cosine.row_norms(vectors)[:, np.newaxis])
        best = search.nearest(vocabulary, units, topn, excluded)
        return self._nearest_keys(best, return_keys)

    def analogies(
        self,
        a: Any,
        b: Any,
        c: Any,
        topn: int = 10,
        candidates: Any = None,
        *,
        method: str = "add",
        return_keys: bool = True,
    ) -> NearestKeys:
        """The best answers to many questions "a is to b as c is to ?".

        Parameters
        ----------
        a, b, c
            Keys: n of each, or one for all questions. None of a question's own keys is its
            answer.
        topn
            How many answers to find for each.
        candidates
            The keys that may be found; or an int: only the first so many; None: all.
        method
            "add": the largest cosine with b - a + c (3CosAdd, Mikolov et al. 2013), as
            ``most_similar(positive=[b, c], negative=[a])``; "mul": 3CosMul (Levy and Goldberg
            2014), as ``most_similar_cosmul(positive=[b, c], negative=[a])``.
        return_keys
            False: rows are enough; do not look their keys up.

        Returns
        -------
        NearestKeys
            Three arrays (n, k): keys, cosines (for "mul", scores) and rows.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        ParameterError
            `topn` < 1, numbers of keys that do not fit, or an unknown method.
        """
        topn = _positive(topn)
        if method not in {"add", "mul"}:
            raise ParameterError(f"method is {method!r}; it must be 'add' or 'mul'")
        parts = [self._rows_of(keys) for keys in (a, b, c)]
        try:
            questions = np.stack(np.broadcast_arrays(*parts), axis=1)
        except ValueError:
            raise ParameterError(
                f"a, b and c have {', '.join(str(len(part)) for part in parts)} keys; give "
                "equally many, or one for all questions"
            ) from None
        if not len(questions):
            raise EmptyQueryError("there are no questions; give at least one key each")
        vocabulary = self._searchable(self._candidates(candidates))
        best = search.analogies(vocabulary, questions, topn, product=method == "mul")
        return self._nearest_keys(best, return_keys)

    def build_index(
        self,
        connectivity: int = 16,
        expansion_add: int = 128,
        expansion_search: int = 64,
        dtype: str = "f16",
    ) -> ApproximateIndex:
        """An approximate index, for ``most_similar(..., indexer=index)``.

        It pays for vocabularies of hundreds of thousands of keys, which take milliseconds to
        search exactly. It must be built anew after any change of keys or vectors.

        Parameters
        ----------
        connectivity
            Neighbours of each vector in the graph (M in HNSW).
        expansion_add, expansion_search
            Candidates that are looked at while building, and while searching: more of them
            find more of the true neighbours, and take longer.
        dtype
            How the index keeps its copy of the vectors: "f32", "f16" or "i8". The cosines
            returned are exact in any case.

        Returns
        -------
        ApproximateIndex
            It has ``most_similar(vector, topn)`` and ``save(path)``; :meth:`load_index` reads
            a saved one.

        Raises
        ------
        MissingDependencyError
            usearch is not installed (``pip install 'negw2v[ann]'``).
        """
        return ApproximateIndex.build(
            self._searchable(),
            self.index_to_key,
            connectivity,
            expansion_add,
            expansion_search,
            dtype,
        )

    def load_index(self, path: str | PathLike[str]) -> ApproximateIndex:
        """The approximate index of these vectors that ``ApproximateIndex.save(path)`` saved.

        Raises
        ------
        ParameterError
            There is no such file, or it is an index of other vectors.
        MissingDependencyError
            usearch is not installed (``pip install 'negw2v[ann]'``).
        """
        return ApproximateIndex.load(path, self._searchable(), self.index_to_key)

    def _rows_of(self, keys: Any) -> search.Rows:
        """The rows of one key or several."""
        try:
            rows = [self.get_index(key) for key in as_key_list(keys)]
        except TypeError:
            raise InputTypeError(
                f"{type(keys).__name__} was given where keys are needed; vectors must be a "
                "numpy.ndarray of floats"
            ) from None
        return np.array(rows, dtype=np.int64)

    def _candidates(self, candidates: Any) -> search.Rows | None:
        if candidates is None:
            return None
        if is_key(candidates) and not isinstance(candidates, str):
            return np.arange(min(_positive(candidates, "candidates"), len(self)))
        rows = np.unique(self._rows_of(candidates))
        if not len(rows):
            raise EmptyQueryError("candidates is empty; give at least one key, or None for all")
        return rows

    def _exclusions(
        self, exclude: Any, own: search.Rows
    ) -> tuple[search.Rows | None, search.Exclusions]:
        """What no query may find, and what single queries may not."""
        if exclude is None or is_key(exclude) or all(map(is_key, exclude)):
            banned = None if exclude is None else self._rows_of(exclude)
            return banned, search.Exclusions.of(own)
        if len(exclude) != len(own):
            raise ParameterError(
                f"exclude has {len(exclude)} lists of keys for {len(own)} queries; give one list "
                "of keys for all, or one for each query"
            )
        lists = [
            np.append(self._rows_of(keys), line) for keys, line in zip(exclude, own, strict=True)
        ]
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        return None, search.Exclusions(starts, np.concatenate(lists))

    def _nearest_keys(self, best: search.Best, return_keys: bool) -> NearestKeys:
        rows = best.rows
        if not return_keys:
            return NearestKeys(np.empty((len(rows), 0), dtype=object), best.scores, rows)
        # not numpy.array(), which would take keys that are tuples apart
        found = map(self.index_to_key.__getitem__, rows.ravel().tolist())
        keys = np.fromiter(found, dtype=object, count=rows.size).reshape(rows.shape)
        keys[rows < 0] = None
        return NearestKeys(keys, best.scores, rows)


def _positive(number: Any, name: str = "topn") -> int:
    checked = checked_topn(number, name)
    if checked < 1:
        raise ParameterError(f"{name} is {checked}; it must be at least 1")
    return checked
