"""Vectors for other libraries: the folder that several of them load, their own objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, InputTypeError, ParameterError
from negw2v.extras import needed
from negw2v.formats import pretrained
from negw2v.formats.model_card import Description, model_card
from negw2v.formats.native.container import Container
from negw2v.io import hub
from negw2v.io.paths import path_text
from negw2v.keyedvectors.files import checked_record, made_from, to_arrow
from negw2v.training.report import TrainingReport

if TYPE_CHECKING:
    import keras
    import polars as pl
    import torch

    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = [
    "from_pretrained",
    "push_to_hub",
    "report_rows",
    "save_pretrained",
    "to_keras_embedding",
    "to_polars",
    "to_torch_embedding",
]


# ---------------------------------------------------------------- the folder, here and on the Hub


def report_rows(report: TrainingReport | None) -> list[tuple[str, str]] | None:
    """A training report as the rows of a card; an error where it is something else."""
    if report is None:
        return None
    if not isinstance(report, TrainingReport):
        raise InputTypeError(
            f"report is of type {type(report).__name__}; give model.training_report, or None"
        )
    return report.rows()


def save_pretrained(
    store: KeyedVectors,
    folder: FilePath,
    described: Description,
    *,
    allow_nonfinite: bool,
    title: str | None = None,
    further: Mapping[str, Container] | None = None,
) -> None:
    """Implement :meth:`KeyedVectors.save_pretrained`.

    `title` is the heading of the card; None: the name of the folder. `further` are other files.
    """
    record = checked_record(store, allow_nonfinite)
    rows, dimensions = record.vectors.shape
    title = title or PurePath(path_text(folder)).name or "Word vectors"
    card = model_card(title, (rows, dimensions), described)
    pretrained.write_folder(record, folder, card, lowercase=described.lowercase, further=further)


def from_pretrained(
    kind: type[Any],
    folder: FilePath,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: FilePath | None,
    allow_nonfinite: bool,
) -> Any:
    """Implement :meth:`KeyedVectors.from_pretrained`."""
    place = hub.local_folder(
        folder,
        pretrained.LAYOUTS,
        "the words are in tokenizer.json, the vectors in model.safetensors",
        revision=revision,
        token=token,
        cache_dir=cache_dir,
    )
    record = pretrained.read_folder(place)
    return made_from(kind, place, record, allow_nonfinite=allow_nonfinite)


def push_to_hub(
    store: KeyedVectors,
    repo_id: str,
    described: Description,
    *,
    replace_card: bool,
    allow_nonfinite: bool,
    further: Mapping[str, Container] | None = None,
    **upload: Any,
) -> str:
    """Implement :meth:`KeyedVectors.push_to_hub`; `upload` are parameters of ``hub.upload``."""
    from tempfile import TemporaryDirectory  # not with negw2v: it loads much

    hub.check_upload(repo_id)
    with TemporaryDirectory() as folder:
        save_pretrained(
            store,
            folder,
            described,
            allow_nonfinite=allow_nonfinite,
            title=repo_id,
            further=further,
        )
        files = [*pretrained.FILES, *(further or ())]
        if not replace_card:
            files.remove(pretrained.CARD)
        return hub.upload(repo_id, Path(folder), files, **upload)


# ---------------------------------------------------------------- objects of other libraries


def to_polars(store: KeyedVectors, *, allow_nonfinite: bool) -> pl.DataFrame:
    """Implement :meth:`KeyedVectors.to_polars`."""
    with needed("to_polars()", "polars"):
        import polars as pl
    return pl.DataFrame(to_arrow(store, allow_nonfinite=allow_nonfinite))


#: The types of numbers that layers of neural networks compute with.
LAYER_DTYPES = ("float16", "float32", "float64")


def _zeros(store: KeyedVectors, rows: int, library: str) -> npt.NDArray[Any]:
    """A matrix for a layer's weights."""
    dtype = store.vectors.dtype
    if dtype.name not in LAYER_DTYPES:
        raise ParameterError(
            f"vectors are of type {dtype}; {library} has {', '.join(LAYER_DTYPES)}: "
            "kv.vectors = kv.vectors.astype(numpy.float32)"
        )
    return np.zeros((rows, store.vectors.shape[1]), dtype=dtype.newbyteorder("="))


def to_torch_embedding(store: KeyedVectors, *, freeze: bool, padding: bool) -> torch.nn.Embedding:
    """Implement :meth:`KeyedVectors.to_torch_embedding`."""
    with needed("to_torch_embedding()", "torch"):
        import torch
    rows = len(store.vectors)
    weights = _zeros(store, rows + padding, "PyTorch")
    weights[:rows] = store.vectors
    return torch.nn.Embedding.from_pretrained(
        torch.from_numpy(weights), freeze=freeze, padding_idx=rows if padding else None
    )


def to_keras_embedding(
    store: KeyedVectors,
    train_embeddings: bool,
    word_index: Mapping[Any, int] | None,
    *,
    mask_zero: bool,
) -> keras.layers.Embedding:
    """Implement :meth:`KeyedVectors.to_keras_embedding`."""
    with needed("to_keras_embedding()", "keras"):
        import keras
    numbers = store.key_to_index if word_index is None else _checked_index(word_index)
    known = [word for word in numbers if word in store.key_to_index]
    zero = next((word for word in known if numbers[word] == 0), None)
    if mask_zero and zero is not None:
        raise ParameterError(
            f"mask_zero=True makes 0 stand for no word, but it is the number of {zero!r}, which "
            "has a vector; give a word_index in which words begin with 1"
        )
    size = len(store.vectors) if word_index is None else max(numbers.values()) + 1
    weights = _zeros(store, size, "Keras")
    weights[[numbers[word] for word in known]] = store.vectors[
        [store.key_to_index[word] for word in known]
    ]
    return keras.layers.Embedding(
        *weights.shape,
        weights=[weights],
        trainable=train_embeddings,
        mask_zero=mask_zero,
        dtype=weights.dtype.name,
    )


def _checked_index(word_index: Any) -> Mapping[Any, int]:
    """The rows that words are to have, each another one."""
    if not isinstance(word_index, Mapping):
        raise InputTypeError(
            f"word_index is of type {type(word_index).__name__}; give a dict of words and "
            "their numbers: {word: number for number, word in enumerate(words)}"
        )
    if not word_index:
        raise ParameterError("word_index is empty; give the words and their numbers, or None")
    words: dict[int, Any] = {}
    for word, row in word_index.items():
        if isinstance(row, bool) or not isinstance(row, (int, np.integer)) or row < 0:
            raise ParameterError(
                f"word_index gives {word!r} the number {row!r}; whole numbers from 0 are needed"
            )
        if words.setdefault(int(row), word) != word:
            raise ParameterError(
                f"word_index gives {words[int(row)]!r} and {word!r} the same number, {row}"
            )
    return word_index
