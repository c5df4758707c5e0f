"""How alike given keys and vectors are."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import EmptyQueryError, ParameterError
from negw2v.keyedvectors.arguments import Key, as_vector, checked_keys, is_key
from negw2v.keyedvectors.store import VectorStore
from negw2v.search import cosine

__all__ = ["Similarity"]

logger = logging.getLogger(__name__)


class Similarity(VectorStore):
    """Means, similarities and distances of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def get_mean_vector(
        self,
        keys: Sequence[Any] | npt.NDArray[Any],
        weights: npt.ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> npt.NDArray[Any]:
        """The weighted mean of several vectors.

        Parameters
        ----------
        keys
            Keys, or vectors (numpy.ndarray), or some of each; or a matrix (n, vector_size).
        weights
            One number for each of `keys`; None: 1 each. The sum is divided by the sum of
            their absolute values.
        pre_normalize
            Scale the vectors of keys to length 1 before. Vectors are taken as they are given.
        post_normalize
            Scale the mean to length 1.
        ignore_missing
            Leave unknown keys out instead of raising.

        Returns
        -------
        numpy.ndarray
            Float (vector_size,); zero where all keys are unknown.

        Raises
        ------
        EmptyQueryError
            `keys` is empty.
        ParameterError
            There are not as many weights as keys, or a vector has the wrong length.
        KeyNotFoundError
            A key is unknown, and `ignore_missing` is False.
        """
        if len(checked_keys(keys, "keys")) == 0:
            raise EmptyQueryError("the mean of nothing was asked for; give at least one key")
        factors = np.ones(len(keys)) if weights is None else np.asarray(weights, dtype=np.float64)
        if factors.shape != (len(keys),):
            raise ParameterError(
                f"weights of shape {factors.shape} were given for {len(keys)} keys; "
                "each key needs one weight"
            )
        return self._mean(keys, factors.tolist(), pre_normalize, post_normalize, ignore_missing)

    def _mean(
        self,
        keys: Sequence[Any] | npt.NDArray[Any],
        factors: list[float],
        pre_normalize: bool,
        post_normalize: bool,
        ignore_missing: bool,
    ) -> npt.NDArray[Any]:
        """What :meth:`get_mean_vector` returns; there is a factor for each key."""
        if post_normalize and len(keys) == 1:  # its own length makes no difference
            pre_normalize = False
        rows: list[npt.NDArray[Any]] = []
        present: list[float] = []
        for key, factor in zip(keys, factors, strict=True):
            if isinstance(key, np.ndarray):
                rows.append(as_vector(key, self.vector_size))
            elif ignore_missing and not self.has_index_for(key):
                continue
            else:
                rows.append(self.get_vector(key, norm=pre_normalize))
            present.append(factor)
        mean: npt.NDArray[Any] = np.zeros(self.vector_size)
        if present == [1.0]:  # most queries are a single key
            mean = rows[0]
        elif total := sum(map(abs, present)):
            mean = np.array(present) @ np.asarray(rows, dtype=np.float64) / total
        if post_normalize:
            mean = cosine.unit(mean)
        return mean.astype(self._matrix.dtype, copy=not post_normalize)

    def similarity(self, w1: Key, w2: Key) -> float:
        """Cosine of the vectors of two keys.

        Parameters
        ----------
        w1, w2
            The keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        return cosine.between(self._matrix[self.get_index(w1)], self._matrix[self.get_index(w2)])

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - the cosine of the vectors of two keys.

        Parameters
        ----------
        w1, w2
            The keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        return 1 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Sequence[Any], ws2: Sequence[Any]) -> float:
        """Cosine of the mean vectors of two sets of keys.

        Parameters
        ----------
        ws1, ws2
            The sets; unknown keys are left out.

        Raises
        ------
        EmptyQueryError
            A set is empty.
        """
        if not (len(checked_keys(ws1, "ws1")) and len(checked_keys(ws2, "ws2"))):
            raise EmptyQueryError("a set of keys is empty; both need at least one")
        return cosine.between(
            self.get_mean_vector(ws1, pre_normalize=False),
            self.get_mean_vector(ws2, pre_normalize=False),
        )

    @staticmethod
    def cosine_similarities(
        vector_1: npt.NDArray[Any], vectors_all: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        """Cosine of one vector with each of several.

        Parameters
        ----------
        vector_1
            Float (dims,).
        vectors_all
            Float (n, dims).

        Returns
        -------
        numpy.ndarray
            Float (n,); 0 where a vector is zero.
        """
        return cosine.cosines(np.asarray(vector_1), np.asarray(vectors_all))

    def distances(
        self, word_or_vector: Key | npt.NDArray[Any], other_words: Iterable[Key] = ()
    ) -> npt.NDArray[Any]:
        """1 - the cosine of one key or vector with others.

        Parameters
        ----------
        word_or_vector
            A key, or a vector (vector_size,).
        other_words
            The keys to compare with; none: all of them.

        Returns
        -------
        numpy.ndarray
            Float, in the order of `other_words`, or of the rows of `vectors`.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        vector = (
            self.get_vector(word_or_vector)
            if is_key(word_or_vector)
            else as_vector(word_or_vector, self.vector_size)
        )
        rows = [self.get_index(word) for word in checked_keys(other_words, "other_words")]
        if rows:
            return 1 - cosine.cosines(vector, self._matrix[rows])
        return 1 - cosine.cosines(vector, *self._matrix_and_sure_norms())

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The one of `keys_list` that is most similar to `key1`.

        Raises
        ------
        EmptyQueryError
            `keys_list` is empty.
        KeyNotFoundError
            A key is unknown.
        """
        if not len(checked_keys(keys_list, "keys_list")):
            raise EmptyQueryError("keys_list is empty; there is nothing to choose from")
        return keys_list[int(np.argmin(self.distances(key1, keys_list)))]

    def closer_than(self, key1: Key, key2: Key) -> list[Any]:
        """All keys that are closer to `key1` than `key2` is, in the order of the vocabulary.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        own, other = self.get_index(key1), self.get_index(key2)
        distances = self.distances(key1)
        closer = np.flatnonzero(distances < distances[other])
        return [self.index_to_key[row] for row in closer if row != own]

    def rank(self, key1: Key, key2: Key) -> int:
        """The place of `key2` among the neighbours of `key1`; the closest has 1."""
        return len(self.closer_than(key1, key2)) + 1

    def rank_by_centrality(
        self, words: Sequence[Key], use_norm: bool = True
    ) -> list[tuple[float, Any]]:
        """Words by their cosine with the mean of all of them.

        Parameters
        ----------
        words
            Keys; unknown ones are left out, with a log message.
        use_norm
            Scale vectors to length 1 before taking the mean.

        Returns
        -------
        list of (float, key)
            The most central word first.

        Raises
        ------
        EmptyQueryError
            None of the words is known.
        """
        known = [word for word in checked_keys(words, "words") if word in self]
        if len(known) < len(words):
            missing = set(words) - set(known)
            logger.warning("words without a vector are left out: %s", missing)
        if not known:
            raise EmptyQueryError("none of the words has a vector; give at least one that has")
        rows = self[known]
        if use_norm:
            rows = cosine.divide_by_norms(rows, cosine.row_norms(rows)[:, np.newaxis])
        centre = cosine.unit(rows.mean(axis=0, dtype=np.float64)).astype(rows.dtype)
        return sorted(zip((rows @ centre).tolist(), known, strict=True), reverse=True)

    def doesnt_match(self, words: Sequence[Key]) -> Any:
        """The word that is least like the mean of all of them.

        Parameters
        ----------
        words
            Keys; unknown ones are left out, with a log message.

        Raises
        ------
        InputTypeError
            `words` is a str: give a list of words.
        EmptyQueryError
            None of the words is known.
        """
        return self.rank_by_centrality(words)[-1][1]
