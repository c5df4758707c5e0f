"""To gensim's Word2Vec and back."""

from __future__ import annotations

from typing import Any, TypeVar

from negw2v.constructors import OnClassOnly
from negw2v.formats.finite import check_finite
from negw2v.formats.gensim import objects as gensim_objects
from negw2v.gensim_substitution import original_gensim_class
from negw2v.word2vec.files import SavedModel, from_model_record, to_model_record

__all__ = ["ConvertedModel"]

Model = TypeVar("Model", bound="ConvertedModel")


class ConvertedModel(SavedModel):
    """Conversions of a model. A part of Word2Vec."""

    def to_gensim(self, *, allow_nonfinite: bool = False) -> Any:
        """The same model as a ``gensim.models.Word2Vec``, which can be trained further.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        gensim.models.Word2Vec
            It shares nothing with this model. `hashfxn` and the parameters that gensim does
            not have are left out.

        Raises
        ------
        MissingDependencyError
            gensim is not installed.

        Examples
        --------
        >>> model.to_gensim().save("gensim.model")
        """
        record = to_model_record(self)
        if not allow_nonfinite:
            check_finite(record, "convert")
        return gensim_objects.gensim_model(
            record, original_gensim_class("Word2Vec"), original_gensim_class("KeyedVectors")
        )

    @OnClassOnly
    def from_gensim(cls: type[Model], model: Any, *, allow_nonfinite: bool = False) -> Model:
        """The same model as one of gensim's; it can be trained further.

        Parameters
        ----------
        model
            A ``gensim.models.Word2Vec`` (4.x).
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        Word2Vec
            It shares nothing with `model`.

        Raises
        ------
        InputTypeError
            `model` is something else.
        ModelFileError
            A value of it makes no sense.

        Examples
        --------
        >>> same = Word2Vec.from_gensim(model.to_gensim())
        >>> same.wv.index_to_key == model.wv.index_to_key
        True
        """
        record = gensim_objects.model_record(model)
        if not allow_nonfinite:
            check_finite(record, "convert")
        return from_model_record(cls, record, "a model of gensim's")
