"""The model card: README.md of a folder, with metadata as the Hugging Face Hub reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath

from negw2v.errors import InputTypeError

__all__ = ["model_card"]

TAGS = ["word2vec", "embeddings", "static-embeddings", "sentence-transformers"]


def model_card(
    folder: str,
    shape: tuple[int, int],
    *,
    licence: str | None,
    language: str | Sequence[str] | None,
    datasets: str | Sequence[str] | None,
    report: Sequence[tuple[str, str]] | None,
    lowercase: bool,
) -> str:
    """The text of a card.

    Parameters
    ----------
    folder
        Its last part is the title.
    shape
        Words and dimensions.
    licence, language, datasets
        Metadata; None: left out.
    report
        Names and values of the training report; None: there is none.
    lowercase
        Whether the tokenizer turns texts into lower case.

    Raises
    ------
    InputTypeError
        Metadata is neither a text nor a list of texts.
    """
    # JSON is YAML, and quotes whatever has a meaning there.
    metadata = {
        "license": _texts("license", licence),
        "language": _texts("language", language),
        "datasets": _texts("datasets", datasets),
        "library_name": "model2vec",
        "tags": TAGS,
    }
    front = [f"{name}: {json.dumps(value)}" for name, value in metadata.items() if value]
    title = PurePath(folder).name or "Word vectors"
    words, dimensions = shape
    lower = ", and turned into lower case" if lowercase else ""
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
        "```",
    ]
    if report is not None:
        lines += ["", "## Training", "", "| | |", "|---|---|"]
        lines += [f"| {_cell(name)} | {_cell(value)} |" for name, value in report]
    return "\n".join(lines) + "\n"


def _texts(name: str, value: str | Sequence[str] | None) -> str | list[str] | None:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise InputTypeError(f"{name} is {value!r}; it must be a str or a list of them")
    return list(value)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
