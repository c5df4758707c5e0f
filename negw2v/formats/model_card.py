"""The model card: README.md of a folder, with metadata as the Hugging Face Hub reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from negw2v.errors import InputTypeError

__all__ = ["Description", "model_card"]

TAGS = ["word2vec", "embeddings", "static-embeddings", "sentence-transformers"]


class Description(NamedTuple):
    """What a card says that vectors do not know of themselves.

    Attributes
    ----------
    licence, language, datasets
        Metadata; None: left out.
    lowercase
        Whether the tokenizer turns texts into lower case.
    report
        Names and values of the training report; None: there is none.
    trainable
        Whether a whole model is beside the vectors.
    """

    licence: str | None = None
    language: str | Sequence[str] | None = None
    datasets: str | Sequence[str] | None = None
    lowercase: bool = False
    report: Sequence[tuple[str, str]] | None = None
    trainable: bool = False


def model_card(title: str, shape: tuple[int, int], described: Description) -> str:
    """The text of a card.

    Parameters
    ----------
    title
        The heading, and what the examples load: the name of the folder, or on the Hub.
    shape
        Words and dimensions.
    described
        What else it says.

    Raises
    ------
    InputTypeError
        Metadata is neither a text nor a list of texts.
    """
    # JSON is YAML, and quotes whatever has a meaning there.
    metadata = {
        "license": _texts("license", described.licence),
        "language": _texts("language", described.language),
        "datasets": _texts("datasets", described.datasets),
        "library_name": "model2vec",
        "tags": TAGS,
    }
    front = [f"{name}: {json.dumps(value)}" for name, value in metadata.items() if value]
    words, dimensions = shape
    lower = ", and turned into lower case" if described.lowercase else ""
    content = (
        f"Vectors of {words:,} words in {dimensions} dimensions, made with negw2v. Texts are split "
        f"at blanks{lower}; words that are not in the vocabulary are left out."
    )
    lines = [
        "---",
        *front,
        "---",
        "",
        f"# {title}",
        "",
        content,
        "",
        "```python",
        f"vectors = negw2v.KeyedVectors.from_pretrained({title!r})",
        f"model = model2vec.StaticModel.from_pretrained({title!r})",
        f"model = sentence_transformers.SentenceTransformer({title!r})",
    ]
    if described.trainable:
        lines.append(f"model = negw2v.Word2Vec.from_pretrained({title!r})  # to train it further")
    lines.append("```")
    if described.report is not None:
        lines += ["", "## Training", "", "| | |", "|---|---|"]
        lines += [f"| {_cell(name)} | {_cell(value)} |" for name, value in described.report]
    return "\n".join(lines) + "\n"


def _texts(name: str, value: str | Sequence[str] | None) -> str | list[str] | None:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise InputTypeError(f"{name} is {value!r}; it must be a str or a list of them")
    return list(value)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
