"""Which keys are most similar to a query."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import EmptyQueryError
from negw2v.keyedvectors.arguments import Key, as_list, checked_topn, is_key, split_weights
from negw2v.keyedvectors.similarity import Similarity
from negw2v.queries import cosine, ranking

__all__ = ["Neighbours"]


class Neighbours(Similarity):
    """Searches of :class:`negw2v.keyedvectors.KeyedVectors` among all keys."""

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
        query = self.get_mean_vector(
            keys, weights + against_weights, post_normalize=True, ignore_missing=False
        )
        if indexer is not None and topn is not None:
            return indexer.most_similar(query, topn)
        rows = slice(clip_start, clip_end or None)
        if restrict_vocab:
            rows = slice(0, restrict_vocab)
        first, last, _ = rows.indices(len(self.vectors))
        scores = cosine.divide_by_norms(
            self.vectors[first:last] @ query, self._filled_norms()[first:last]
        )
        if topn is None:
            return scores
        own = np.array([self.get_index(key) for key in keys if is_key(key)], dtype=np.int64)
        return self._results(scores, topn, own, first)

    def _results(
        self, scores: npt.NDArray[Any], topn: int, own: npt.NDArray[np.int64], first: int = 0
    ) -> list[tuple[Any, float]]:
        """The best `topn` scores as (key, float); the row of scores[0] is `first`."""
        best = ranking.best(scores, topn, own - first)
        return [
            (self.index_to_key[row + first], score)
            for row, score in zip(best.tolist(), scores[best].tolist(), strict=True)
        ]

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key; see :meth:`most_similar`."""
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key; see :meth:`most_similar`."""
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to a vector (vector_size,); see :meth:`most_similar`."""
        return self.most_similar(
            positive=[np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab
        )
