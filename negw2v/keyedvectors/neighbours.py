"""Which keys are most similar to a query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import EmptyQueryError, ParameterError
from negw2v.keyedvectors.arguments import (
    Key,
    as_list,
    as_vector,
    checked_topn,
    is_key,
    split_weights,
)
from negw2v.keyedvectors.similarity import Similarity
from negw2v.search import cosine, nearest, ranking
from negw2v.suggestions import suggests_names

__all__ = ["Neighbours"]


class Neighbours(Similarity):
    """Searches of :class:`negw2v.keyedvectors.KeyedVectors` among all keys."""

    @suggests_names()
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """The keys whose vectors have the largest cosine with the mean of given ones.

        "king" - "man" + "woman" is ``most_similar(positive=["king", "woman"],
        negative=["man"])`` (3CosAdd, Mikolov et al. 2013).

        Parameters
        ----------
        positive, negative
            What counts for and against: a key, a vector, or a list whose items are keys,
            vectors (numpy.ndarray), or pairs (key or vector, weight). A weight replaces the
            +1 or -1 of an item, in `negative` too. Vectors of keys are scaled to length 1.
        topn
            How many to return; None: the cosines with all of them.
        clip_start, clip_end
            Search the rows from `clip_start` on and before `clip_end` only.
        restrict_vocab
            Search the first `restrict_vocab` keys only, in place of `clip_start` and `clip_end`.
        indexer
            An object whose ``most_similar(vector, topn)`` answers in our place, such as an
            approximate index.

        Returns
        -------
        list of (key, float)
            The closest first; keys of the query are left out. Equal cosines come in the order
            of the vocabulary. Empty for `topn` < 1.
        numpy.ndarray
            For `topn=None`: float, one cosine for every row searched.

        Raises
        ------
        EmptyQueryError
            Neither `positive` nor `negative` has anything in it.
        KeyNotFoundError
            A key is unknown.
        """
        if topn is not None and checked_topn(topn) < 1:
            return []
        keys, weights = split_weights(as_list(positive), 1.0)
        against, against_weights = split_weights(as_list(negative), -1.0)
        keys += against
        if not keys:
            raise EmptyQueryError("the query is empty; give at least one key or vector")
        query = self._mean(
            keys,
            weights + against_weights,
            pre_normalize=True,
            post_normalize=True,
            ignore_missing=False,
        )
        if not math.isfinite(query @ query):
            self._check_finite(query)
        if indexer is not None and topn is not None:
            return indexer.most_similar(query, topn)
        rows = slice(0, restrict_vocab) if restrict_vocab else slice(clip_start, clip_end or None)
        if topn is None:
            matrix, norms = self._matrix_and_norms()
            return cosine.cosines(query, matrix[rows], norms[rows])
        vocabulary = self._searchable(queries=1)
        first, last, _ = rows.indices(len(vocabulary.matrix))
        last = max(first, last)
        own = np.array([self.get_index(key) for key in keys if is_key(key)], dtype=np.int64)
        return self._pairs(nearest.nearest_to_one(vocabulary, query, int(topn), first, last, own))

    def _searchable(
        self, candidates: nearest.Rows | None = None, queries: int = 0
    ) -> nearest.Vocabulary:
        """The vectors in the form that searches take, for so many queries that codes serve."""
        vectors, norms, _ = self._current_norms()
        codes = None
        if not self.byte_copy:
            self._byte_copy.forget()
        elif queries:
            codes = self._byte_copy.codes(vectors, norms, queries)
        return nearest.Vocabulary(vectors.read_only(), norms.read_only(), candidates, codes=codes)

    def _pairs(self, best: nearest.Best) -> list[tuple[Any, float]]:
        """What was found for a single query, as (key, float)."""
        return [
            (self.index_to_key[row], score)
            for row, score in zip(best.rows.tolist()[0], best.scores.tolist()[0], strict=True)
            if row >= 0
        ]

    @staticmethod
    def _check_finite(query: npt.NDArray[Any]) -> None:
        if not np.isfinite(query).all():
            raise ParameterError(
                "a vector of the query has NaN or infinity in it, so it is similar to nothing; "
                "look at the vectors of its keys"
            )

    @suggests_names()
    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """The keys that are most similar by multiplication (3CosMul, Levy and Goldberg 2014).

        The score is the product of the similarities with the positive items, divided by that
        with the negative ones, where a similarity is (1 + cosine) / 2.

        Parameters
        ----------
        positive, negative
            What counts for and against: a key, a vector (of length 1), or a list of them.
        topn
            How many to return; None: all scores.
        restrict_vocab
            Search the first `restrict_vocab` keys only.

        Returns
        -------
        list of (key, float)
            The best first; keys of the query are left out. Empty for `topn` < 1.
        numpy.ndarray
            For `topn=None`: float, one score for every row searched.

        Raises
        ------
        EmptyQueryError
            `positive` has nothing in it.
        KeyNotFoundError
            A key is unknown.
        """
        if topn is not None and checked_topn(topn) < 1:
            return []
        attracting, repelling = as_list(positive), as_list(negative)
        if not attracting:
            raise EmptyQueryError("positive is empty; give at least one key or vector")
        items = attracting + repelling
        terms = np.stack(
            [
                self.get_vector(item, norm=True)
                if is_key(item)
                else as_vector(item, self.vector_size)
                for item in items
            ]
        )
        self._check_finite(terms)
        matrix, norms = self._matrix_and_norms()
        last = restrict_vocab or len(matrix)
        scores = cosine.product_scores(matrix[:last], norms[:last], terms, len(attracting))
        if topn is None:
            return scores
        own = np.array([self.get_index(item) for item in items if is_key(item)], dtype=np.int64)
        best = ranking.best(scores, int(topn), own)
        return self._pairs(nearest.Best(best[np.newaxis], scores[best][np.newaxis]))

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key.

        Parameters
        ----------
        key
            The key.
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.
        """
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key.

        Parameters
        ----------
        word
            The key.
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.
        """
        return self.similar_by_key(word, topn, restrict_vocab)

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """The cosine of two keys, relative to those of the first with its neighbours.

        Leeuwenberg et al. 2016. A value above 1 / `topn` hints at synonyms.

        Parameters
        ----------
        wa, wb
            Keys.
        topn
            Number of neighbours of `wa` whose cosines are added up, >= 1.

        Raises
        ------
        ParameterError
            There is no neighbour to compare with.
        KeyNotFoundError
            A key is unknown.
        """
        neighbours = self.similar_by_word(wa, topn)
        if not neighbours:
            raise ParameterError(f"{wa!r} has no neighbours for topn={topn} among {len(self)} keys")
        return self.similarity(wa, wb) / math.fsum(score for _, score in neighbours)

    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to a vector.

        Parameters
        ----------
        vector
            Float (vector_size,).
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.
        """
        return self.most_similar(
            positive=[np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab
        )
