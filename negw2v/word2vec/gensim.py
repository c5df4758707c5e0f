"""To gensim's Word2Vec and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from negw2v.formats.finite import check_finite
from negw2v.formats.gensim import objects as gensim_objects
from negw2v.gensim_substitution import original_gensim_class
from negw2v.word2vec import rates
from negw2v.word2vec.files import from_model_record, to_model_record
from negw2v.word2vec.hyperparameters import GENSIMS

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["from_gensim", "to_gensim"]

Model = TypeVar("Model", bound="Word2Vec")


def to_gensim(model: Word2Vec, *, allow_nonfinite: bool) -> Any:
    """The same model as a Word2Vec of gensim's: see Word2Vec.to_gensim()."""
    record = to_model_record(model)
    if not allow_nonfinite:
        check_finite(record, "convert")
    record.parameters = {n: value for n, value in record.parameters.items() if n in GENSIMS}
    record.parameters |= rates.chosen(model)._asdict()
    return gensim_objects.gensim_model(
        record, original_gensim_class("Word2Vec"), original_gensim_class("KeyedVectors")
    )


def from_gensim(kind: type[Model], model: Any, *, allow_nonfinite: bool) -> Model:
    """The same model as one of gensim's: see Word2Vec.from_gensim()."""
    record = gensim_objects.model_record(model)
    if not allow_nonfinite:
        check_finite(record, "convert")
    return from_model_record(kind, record, "a model of gensim's")
