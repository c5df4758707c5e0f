"""Other sets of vectors made from this one, and documents made of its keys."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.extras import needed
from negw2v.keyedvectors.arguments import Key, as_key_list, checked_keys
from negw2v.keyedvectors.store import VectorStore
from negw2v.search import transport

if TYPE_CHECKING:
    import pandas as pd

    from negw2v.keyedvectors import KeyedVectors

__all__ = ["Selections"]

logger = logging.getLogger(__name__)


class Selections(VectorStore):
    """Selections of keys of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def _with_rows(self, keys: list[Any], vectors: npt.NDArray[Any]) -> KeyedVectors:
        """A new set of vectors."""
        from negw2v.keyedvectors import KeyedVectors

        result = KeyedVectors(self.vector_size, dtype=vectors.dtype)
        result.index_to_key = keys
        result.key_to_index = {key: row for row, key in enumerate(keys)}
        result.next_index = len(keys)
        result.vectors = vectors
        return result

    def _of_rows(self, rows: npt.NDArray[np.int64]) -> KeyedVectors:
        """Copies of some rows with all their attributes."""
        result = self._with_rows(
            [self.index_to_key[row] for row in rows.tolist()], self.vectors[rows]
        )
        result.expandos = {name: values[rows] for name, values in self.expandos.items()}
        return result

    def subset(self, keys: Iterable[Key]) -> KeyedVectors:
        """A copy of the vectors and attributes of some keys alone.

        Parameters
        ----------
        keys
            The keys wanted, in the order wanted; a key given twice counts once.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        rows = dict.fromkeys(self.get_index(key) for key in as_key_list(keys))
        return self._of_rows(np.array(list(rows), dtype=np.int64))

    def drop(self, keys: Iterable[Key]) -> KeyedVectors:
        """A copy of the vectors and attributes of all keys but some.

        Parameters
        ----------
        keys
            The keys to leave out.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        """
        dropped = [self.get_index(key) for key in as_key_list(keys)]
        kept = np.ones(len(self), dtype=bool)
        kept[dropped] = False
        return self._of_rows(np.flatnonzero(kept))

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """Vectors for all of `keys` that have one.

        Parameters
        ----------
        keys
            The keys wanted; unknown ones are left out, and a key given twice counts once.
        allow_inference
            In a subclass that makes up vectors for unknown keys: whether it should. Here:
            whether ints may stand for row numbers.
        copy_vecattrs
            Copy the further attributes, too. Without it there is only ``count``, made up so
            that it falls from the first key to the last.
        """
        known: Any = self if allow_inference else self.key_to_index
        wanted = [key for key in dict.fromkeys(as_key_list(keys)) if key in known]
        vectors = np.empty((len(wanted), self.vector_size), dtype=self.vectors.dtype)
        for row, key in enumerate(wanted):
            vectors[row] = self.get_vector(key)
        result = self._with_rows(wanted, vectors)
        result.expandos["count"] = np.arange(len(wanted), 0, -1, dtype=np.int64)
        if copy_vecattrs:
            rows = np.array([self.get_index(key, -1) for key in wanted], dtype=np.int64)
            present = rows >= 0
            for name, values in self.expandos.items():
                copied = np.zeros(len(wanted), dtype=values.dtype)
                copied[present] = values[rows[present]]
                result.expandos[name] = copied
        return result

    def to_pandas(self) -> pd.DataFrame:
        """The vectors as a pandas DataFrame, one row per key and one column per dimension.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        with needed("to_pandas()", "pandas"):
            import pandas as pd
        keys = pd.Index(self.index_to_key, name="key")
        frame: pd.DataFrame = pd.DataFrame(self.vectors.copy(), index=keys)
        return frame

    def wmdistance(
        self, document1: Iterable[Key], document2: Iterable[Key], norm: bool = True
    ) -> float:
        """Word Mover's Distance between two documents (Kusner et al. 2015).

        Parameters
        ----------
        document1, document2
            Their words; words without a vector are left out.
        norm
            Scale vectors to length 1 before.

        Returns
        -------
        float
            The distance; infinity where a document has no word with a vector.

        Raises
        ------
        MissingDependencyError
            POT is not installed (``pip install 'negw2v[wmd]'``).
        InputTypeError
            A document is a str.
        """
        counts = []
        for name, document in (("document1", document1), ("document2", document2)):
            words = list(checked_keys(document, name))
            known = Counter(word for word in words if word in self)
            if known.total() < len(words):
                logger.info("words without a vector left out: %d", len(words) - known.total())
            counts.append(known)
        if not all(counts):
            logger.warning("a document has no word with a vector: the distance is infinite")
            return float("inf")
        parts: list[npt.NDArray[Any]] = []
        for known in counts:
            parts.append(np.stack([self.get_vector(word, norm=norm) for word in known]))
            parts.append(np.array(list(known.values())))
        return transport.word_movers_distance(*parts)
