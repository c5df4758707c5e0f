"""Where the rows of a file go: all into one matrix, or those of some words."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Matrix", "Overlap", "has_blank"]


class Matrix:
    """All words, and one matrix of all vectors.

    Parameters
    ----------
    dimensions, dtype
        Of the matrix.
    wanted
        How many rows it will have at most; None: nobody knows.
    """

    def __init__(self, dimensions: int, dtype: np.dtype[Any], wanted: int | None) -> None:
        self.words: list[str] = []
        self.array: npt.NDArray[Any] = np.empty((0, dimensions), dtype=dtype)
        self._wanted = wanted

    def reserve(self, rows: int) -> None:
        """Make room before the first row comes."""
        self.array = np.empty((rows, self.array.shape[1]), dtype=self.array.dtype)

    def room(self, first: int, rows: int) -> npt.NDArray[Any] | None:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        if first + rows > len(self.array):
            return None
        return self.array[first : first + rows]

    def grow(self, first: int, rows: int) -> npt.NDArray[Any]:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        more = max(first + rows, 2 * len(self.array))
        if self._wanted is not None:
            more = min(more, self._wanted)
        self._resize(more)
        return self.array[first : first + rows]

    def take(self, first: int, words: list[str], out: npt.NDArray[Any]) -> None:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        del first, out
        self.words += words

    def shrink(self, rows: int) -> None:
        """Give room back behind the last row."""
        if rows < len(self.array):
            self._resize(rows)

    def _resize(self, rows: int) -> None:
        # In place, which large memory is without a copy. Nobody else has a view of it now.
        self.array.resize((rows, self.array.shape[1]), refcheck=False)


def has_blank(word: str) -> bool:
    """Whether a word has a blank or a tab in it."""
    return " " in word or "\t" in word


class Overlap:
    """The words that somebody wants, and their vectors.

    Parameters
    ----------
    wanted
        The words.
    dimensions
        Of the vectors.
    """

    def __init__(self, wanted: Container[str], dimensions: int) -> None:
        self.words: list[str] = []
        self.vectors: list[npt.NDArray[np.float32]] = []
        self._wanted = wanted
        self._dimensions = dimensions

    def room(self, first: int, rows: int) -> npt.NDArray[np.float32]:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        del first
        return np.empty((rows, self._dimensions), dtype=np.float32)

    def grow(self, first: int, rows: int) -> npt.NDArray[np.float32]:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        return self.room(first, rows)

    def take(self, first: int, words: list[str], out: npt.NDArray[Any]) -> None:
        """See :class:`negw2v.formats.word2vec.rows.Sink`."""
        del first
        for word, vector in zip(words, out, strict=True):
            if word in self._wanted:
                self.words.append(word)
                self.vectors.append(vector.copy())
