"""Vectors for other libraries: the folder that several of them load, their own objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from negw2v.errors import FilePath, InputTypeError
from negw2v.formats import pretrained
from negw2v.formats.model_card import model_card
from negw2v.io.paths import path_text
from negw2v.keyedvectors.files import checked_record, made_from
from negw2v.training.report import TrainingReport

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["from_pretrained", "save_pretrained"]


def save_pretrained(
    store: KeyedVectors,
    folder: FilePath,
    licence: str | None,
    language: str | Sequence[str] | None,
    datasets: str | Sequence[str] | None,
    report: TrainingReport | None,
    *,
    lowercase: bool,
    allow_nonfinite: bool,
) -> None:
    """Implement :meth:`KeyedVectors.save_pretrained`."""
    if report is not None and not isinstance(report, TrainingReport):
        raise InputTypeError(
            f"report is of type {type(report).__name__}; give model.training_report, or None"
        )
    record = checked_record(store, allow_nonfinite)
    rows, dimensions = record.vectors.shape
    card = model_card(
        path_text(folder),
        (rows, dimensions),
        licence=licence,
        language=language,
        datasets=datasets,
        report=None if report is None else report.rows(),
        lowercase=lowercase,
    )
    pretrained.write_folder(record, folder, card, lowercase=lowercase)


def from_pretrained(kind: type[Any], folder: FilePath, *, allow_nonfinite: bool) -> Any:
    """Implement :meth:`KeyedVectors.from_pretrained`."""
    record = pretrained.read_folder(folder)
    return made_from(kind, folder, record, allow_nonfinite=allow_nonfinite)
