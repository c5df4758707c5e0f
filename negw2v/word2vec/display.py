"""A model as a table of a notebook."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from negw2v.html_tables import table
from negw2v.keyedvectors import display

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["html"]


def html(model: Word2Vec) -> str:
    """The algorithm, the parameters that are not defaults, the vectors, and the last training."""
    rows: list[tuple[str, Any]] = [("algorithm", _algorithm(model))]
    parameters = inspect.signature(type(model).__init__).parameters
    changed = [
        f"{name}={value}"
        for name, value in model.get_params().items()
        if name in parameters and str(value) != str(parameters[name].default)
    ]
    rows.append(("parameters", ", ".join(changed) or "all as by default"))
    rows += display.rows(model.wv)
    report = model.training_report
    if report.epochs:
        rows += [
            ("epochs", len(report.epochs)),
            ("words trained", report.words_trained),
            ("mean loss of the last epoch", report.losses[-1]),
            ("trained words/s", round(report.trained_words_per_second)),
        ]
    return table(rows, caption=type(model).__name__)


def _algorithm(model: Word2Vec) -> str:
    parts = ["skip-gram" if model.sg else "CBOW"]
    parts += [f"{model.negative} negative samples"] if model.negative else []
    parts += ["hierarchical softmax"] if model.hs else []
    return ", ".join(parts)
