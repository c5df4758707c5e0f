"""Word vectors as a transformer of scikit-learn: lists of words in, one vector per document out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import InputTypeError, ParameterError
from negw2v.extras import needed
from negw2v.keyedvectors import KeyedVectors
from negw2v.word2vec import Word2Vec

with needed("negw2v.sklearn", "scikit-learn"):
    from scipy.sparse import csr_array
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted

__all__ = ["WordVectorizer"]

WEIGHTINGS = ("mean", "idf", "sif")


class WordVectorizer(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Documents as weighted means of the vectors of their words.

    Parameters
    ----------
    weighting
        "mean": all words alike. "idf": by inverse document frequency, as TfidfVectorizer
        computes it. "sif": by ``sif_a / (sif_a + p)`` for words of frequency p; then the
        documents' first common component is removed.
    sif_a
        See `weighting`.
    vectors
        Trained vectors to use; None: :meth:`fit` trains them. scikit-learn copies them with
        the estimator.
    vector_size, window, min_count, sg, negative, alpha, epochs, workers
        As for :class:`negw2v.Word2Vec`; one worker, so that results are repeatable.
    random_state
        Its seed: an int.

    Attributes
    ----------
    vectors_ : KeyedVectors
        The vectors.
    weights_ : numpy.ndarray
        float64 (n,): the weight of each word.
    component_ : numpy.ndarray or None
        float64 (vector_size,): the component that "sif" removes, of length 1.

    Notes
    -----
    Source: Arora, Liang and Ma 2017, "A simple but tough-to-beat baseline for sentence
    embeddings". Words that have no vector are left out; documents of none but these are zeros
    (with "sif", too).

    Examples
    --------
    >>> documents = [["a", "b", "c"], ["a", "c"]] * 10
    >>> from negw2v.sklearn import WordVectorizer
    >>> WordVectorizer(vector_size=8, min_count=1).fit_transform(documents).shape
    (20, 8)
    """

    def __init__(
        self,
        *,
        weighting: str = "mean",
        sif_a: float = 1e-3,
        vectors: KeyedVectors | None = None,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        sg: int = 0,
        negative: int = 5,
        alpha: float = 0.025,
        epochs: int = 5,
        workers: int = 1,
        random_state: int = 1,
    ) -> None:
        self.weighting = weighting
        self.sif_a = sif_a
        self.vectors = vectors
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.sg = sg
        self.negative = negative
        self.alpha = alpha
        self.epochs = epochs
        self.workers = workers
        self.random_state = random_state

    def fit(self, X: Iterable[Any], y: Any = None) -> WordVectorizer:  # noqa: ARG002, N803
        """Train vectors, unless some were given, and weigh the words.

        Parameters
        ----------
        X
            Documents: lists of words.
        y
            Not used.

        Returns
        -------
        WordVectorizer
            The estimator itself.

        Raises
        ------
        ParameterError
            There is no document, or a parameter makes no sense.
        InputTypeError
            A document is not a list of words.
        """
        self._check_parameters()
        documents = _documents(X)
        if not documents:
            raise ParameterError("there are no documents; give a list of lists of words")
        vectors = self.vectors if self.vectors is not None else self._trained(documents)
        counts = _counts(documents, vectors)
        weights = self._weights(counts, sum(map(len, documents)))
        component = None
        if self.weighting == "sif":
            means = _means(counts, vectors, weights, by_weight=False)
            component = np.linalg.eigh(means.T @ means)[1][:, -1]
        self.vectors_, self.weights_, self.component_ = vectors, weights, component
        return self

    def transform(self, X: Iterable[Any]) -> npt.NDArray[np.float64]:  # noqa: N803
        """A vector for each document.

        Parameters
        ----------
        X
            n documents: lists of words.

        Returns
        -------
        numpy.ndarray
            float64 (n, vector_size).

        Raises
        ------
        InputTypeError
            A document is not a list of words.
        sklearn.exceptions.NotFittedError
            :meth:`fit` was not called.
        """
        check_is_fitted(self)
        counts = _counts(_documents(X), self.vectors_)
        by_weight = self.component_ is None
        means = _means(counts, self.vectors_, self.weights_, by_weight=by_weight)
        if self.component_ is not None:
            means -= np.outer(means @ self.component_, self.component_)
        return means

    @property
    def _n_features_out(self) -> int:
        return self.vectors_.vector_size

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def _check_parameters(self) -> None:
        if self.weighting not in WEIGHTINGS:
            raise ParameterError(
                f"weighting is {self.weighting!r}; it must be one of {', '.join(WEIGHTINGS)}"
            )
        if not self.sif_a > 0:
            raise ParameterError(f"sif_a is {self.sif_a!r}; it must be greater than 0")
        if self.vectors is not None and not isinstance(self.vectors, KeyedVectors):
            raise InputTypeError(
                f"vectors is of type {type(self.vectors).__name__}; give a KeyedVectors, such as "
                "model.wv"
            )

    def _trained(self, documents: list[list[Any]]) -> KeyedVectors:
        model = Word2Vec(
            documents,
            vector_size=self.vector_size,
            window=self.window,
            min_count=self.min_count,
            sg=self.sg,
            negative=self.negative,
            alpha=self.alpha,
            epochs=self.epochs,
            workers=self.workers,
            seed=self.random_state,
            progress=False,
        )
        return model.wv

    def _weights(self, counts: csr_array, words: int) -> npt.NDArray[np.float64]:
        """The weight of each row of the vectors."""
        documents, rows = counts.shape
        if self.weighting == "idf":
            frequencies = np.bincount(counts.indices, minlength=rows)
            return np.log((1 + documents) / (1 + frequencies)) + 1
        if self.weighting == "sif":
            share = np.asarray(counts.sum(axis=0), dtype=np.float64).reshape(-1) / max(words, 1)
            return self.sif_a / (self.sif_a + share)
        return np.ones(rows)


def _documents(given: Iterable[Any]) -> list[list[Any]]:
    if isinstance(given, (str, bytes)):
        raise InputTypeError("one text was given; give a list of documents, lists of words")
    documents = []
    for number, document in enumerate(given):
        if isinstance(document, (str, bytes)) or not isinstance(document, Iterable):
            raise InputTypeError(
                f"document {number} is of type {type(document).__name__}; a list of words is "
                "needed: text.split()"
            )
        documents.append(list(document))
    return documents


def _counts(documents: list[list[Any]], vectors: KeyedVectors) -> csr_array:
    """How often each row of the vectors occurs in each document."""
    lookup = vectors.key_to_index
    try:
        lines = [[lookup[word] for word in document if word in lookup] for document in documents]
    except TypeError as error:
        raise InputTypeError(
            f"a document has something in it that is no word: {error}; a list of words is needed"
        ) from None
    starts = np.cumsum([0, *map(len, lines)])
    rows = np.array([row for line in lines for row in line], dtype=np.int64)
    shape = (len(documents), len(vectors))
    counts = csr_array((np.ones(len(rows)), rows, starts), shape=shape)
    counts.sum_duplicates()
    return counts


def _means(
    counts: csr_array,
    vectors: KeyedVectors,
    weights: npt.NDArray[np.float64],
    *,
    by_weight: bool,
) -> npt.NDArray[np.float64]:
    """Weighted sums, divided by the sums of the weights or by the numbers of words."""
    weighted = counts * weights[np.newaxis, :]
    sizes = (weighted if by_weight else counts).sum(axis=1)
    matrix = np.asarray(vectors.vectors, dtype=np.float64)
    means: npt.NDArray[np.float64] = (csr_array(weighted) @ matrix) / np.maximum(
        sizes, np.finfo(float).tiny
    )[:, np.newaxis]
    return means
