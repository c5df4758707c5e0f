"""Vectors as a table of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from negw2v.html_tables import table
from negw2v.keyedvectors import arrays

if TYPE_CHECKING:
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["html", "rows"]

#: Keys that are shown.
SHOWN = 10


def rows(store: KeyedVectors) -> list[tuple[str, Any]]:
    """What the table says: a name and a value in each row."""
    matrix = arrays.matrix(store)
    return [
        ("keys", len(store)),
        ("dimensions", store.vector_size),
        ("numbers", f"{matrix.dtype}, {matrix.nbytes / 1e6:,.1f} MB"),
        ("attributes", ", ".join(map(str, store.expandos)) or "none"),
        ("first keys", ", ".join(map(str, store.index_to_key[:SHOWN]))),
    ]


def html(store: KeyedVectors) -> str:
    """The table."""
    return table(rows(store), caption=type(store).__name__)
