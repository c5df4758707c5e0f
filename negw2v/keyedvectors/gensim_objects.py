"""To gensim's KeyedVectors and back."""

from __future__ import annotations

from typing import Any

from negw2v.formats import gensim_objects
from negw2v.keyedvectors.records import from_record, to_record
from negw2v.keyedvectors.store import VectorStore
from negw2v.standin import COUNTERPARTS

__all__ = ["ConvertedVectors", "genuine"]


def genuine(name: str) -> type | None:
    """gensim's class of this name, where the plugin has put ours in its place; else None."""
    return next(
        (found.other for ours, found in COUNTERPARTS.items() if ours.__name__ == name), None
    )


class ConvertedVectors(VectorStore):
    """Conversions of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def to_gensim(self) -> Any:
        """The same keys, vectors and attributes as a ``gensim.models.KeyedVectors``.

        Returns
        -------
        gensim.models.KeyedVectors
            It shares nothing with these.

        Raises
        ------
        MissingDependencyError
            gensim is not installed.
        """
        return gensim_objects.gensim_vectors(to_record(self), genuine("KeyedVectors"))

    @classmethod
    def from_gensim(cls, vectors: Any) -> Any:
        """The same keys, vectors and attributes as those of gensim's.

        Parameters
        ----------
        vectors
            A ``gensim.models.KeyedVectors`` (4.x).

        Returns
        -------
        KeyedVectors
            It shares nothing with `vectors`.

        Raises
        ------
        InputTypeError
            `vectors` is something else.
        """
        return from_record(cls, gensim_objects.vectors_record(vectors))
