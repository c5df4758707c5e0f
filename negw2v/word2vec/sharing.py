"""A whole model beside its vectors: in the folder that other libraries load, and on the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from negw2v.errors import FilePath
from negw2v.formats import saving
from negw2v.formats.model_card import Description
from negw2v.io import hub
from negw2v.keyedvectors import sharing
from negw2v.word2vec import files

if TYPE_CHECKING:
    from negw2v.formats.native.container import Container
    from negw2v.word2vec.model import Word2Vec

__all__ = ["from_pretrained", "push_to_hub", "save_pretrained"]

Model = TypeVar("Model", bound="Word2Vec")

#: The whole model, in the native format; other libraries do not look at it.
WHOLE = "word2vec.safetensors"


def save_pretrained(
    model: Word2Vec, folder: FilePath, described: Description, *, allow_nonfinite: bool
) -> None:
    """Implement :meth:`Word2Vec.save_pretrained`."""
    sharing.save_pretrained(
        model.wv,
        folder,
        _described(model, described),
        allow_nonfinite=allow_nonfinite,
        further=_whole(model, allow_nonfinite),
    )


def push_to_hub(
    model: Word2Vec, repo_id: str, described: Description, *, allow_nonfinite: bool, **upload: Any
) -> str:
    """Implement :meth:`Word2Vec.push_to_hub`."""
    return sharing.push_to_hub(
        model.wv,
        repo_id,
        _described(model, described),
        allow_nonfinite=allow_nonfinite,
        further=_whole(model, allow_nonfinite),
        **upload,
    )


def _whole(model: Word2Vec, allow_nonfinite: bool) -> dict[str, Container]:
    """The file of the whole model, ready to be written."""
    record = files.to_model_record(model)
    return {WHOLE: saving.checked(record, allow_nonfinite=allow_nonfinite)}


def _described(model: Word2Vec, described: Description) -> Description:
    """With the model's own report, if it has been trained since it was made or loaded."""
    report = model.training_report
    return described._replace(
        trainable=True, report=sharing.report_rows(report) if report.words_read else None
    )


def from_pretrained(
    kind: type[Model],
    folder: FilePath,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: FilePath | None,
    allow_nonfinite: bool,
) -> Model:
    """Implement :meth:`Word2Vec.from_pretrained`."""
    place = hub.local_folder(
        folder,
        [(WHOLE,)],
        "there is nothing to train further; KeyedVectors.from_pretrained() reads vectors",
        revision=revision,
        token=token,
        cache_dir=cache_dir,
    )
    return files.load(kind, place / WHOLE, None, encoding=None, allow_nonfinite=allow_nonfinite)
