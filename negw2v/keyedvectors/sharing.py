"""Vectors for other libraries: the folder that several of them load, their own objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from negw2v.errors import FilePath, InputTypeError, ParameterError
from negw2v.extras import needed
from negw2v.formats import pretrained
from negw2v.formats.model_card import model_card
from negw2v.io.paths import path_text
from negw2v.keyedvectors.files import checked_record, made_from, to_arrow
from negw2v.training.report import TrainingReport

if TYPE_CHECKING:
    import polars as pl
    import torch

    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["from_pretrained", "save_pretrained", "to_polars", "to_torch_embedding"]


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


def to_polars(store: KeyedVectors, *, allow_nonfinite: bool) -> pl.DataFrame:
    """Implement :meth:`KeyedVectors.to_polars`."""
    with needed("to_polars()", "polars"):
        import polars as pl
    return pl.DataFrame(to_arrow(store, allow_nonfinite=allow_nonfinite))


#: The types of numbers that a layer of PyTorch computes with.
TORCH_DTYPES = ("float16", "float32", "float64")


def to_torch_embedding(store: KeyedVectors, *, freeze: bool, padding: bool) -> torch.nn.Embedding:
    """Implement :meth:`KeyedVectors.to_torch_embedding`."""
    with needed("to_torch_embedding()", "torch"):
        import torch
    vectors = store.vectors
    rows, dimensions = vectors.shape
    if vectors.dtype.name not in TORCH_DTYPES:
        raise ParameterError(
            f"vectors are of type {vectors.dtype}; PyTorch has {', '.join(TORCH_DTYPES)}: "
            "kv.vectors = kv.vectors.astype(numpy.float32)"
        )
    weights = np.zeros((rows + padding, dimensions), dtype=vectors.dtype.newbyteorder("="))
    weights[:rows] = vectors
    return torch.nn.Embedding.from_pretrained(
        torch.from_numpy(weights), freeze=freeze, padding_idx=rows if padding else None
    )
