"""To gensim's KeyedVectors and back."""

from __future__ import annotations

from typing import Any

from negw2v.constructors import MakesAnother
from negw2v.formats.finite import check_finite
from negw2v.formats.gensim import objects as gensim_objects
from negw2v.gensim_substitution import original_gensim_class
from negw2v.keyedvectors.records import from_record, to_record
from negw2v.keyedvectors.store import VectorStore

__all__ = ["ConvertedVectors"]


class ConvertedVectors(VectorStore):
    """Conversions of :class:`negw2v.keyedvectors.KeyedVectors`."""

    def to_gensim(self, *, allow_nonfinite: bool = False) -> Any:
        """The same keys, vectors and attributes as a ``gensim.models.KeyedVectors``.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        gensim.models.KeyedVectors
            It shares nothing with these.

        Raises
        ------
        MissingDependencyError
            gensim is not installed.
        """
        record = to_record(self)
        if not allow_nonfinite:
            check_finite(record, "convert")
        return gensim_objects.gensim_vectors(record, original_gensim_class("KeyedVectors"))

    @MakesAnother
    def from_gensim(cls: type[Any], vectors: Any, *, allow_nonfinite: bool = False) -> Any:
        """The same keys, vectors and attributes as those of gensim's.

        Parameters
        ----------
        vectors
            A ``gensim.models.KeyedVectors`` (4.x).
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        KeyedVectors
            It shares nothing with `vectors`.

        Raises
        ------
        InputTypeError
            `vectors` is something else.
        """
        record = gensim_objects.vectors_record(vectors)
        if not allow_nonfinite:
            check_finite(record, "convert")
        return from_record(cls, record)
