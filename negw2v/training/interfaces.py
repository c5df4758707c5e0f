"""What training needs of a model's word vectors; KeyedVectors has it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy.typing as npt

__all__ = ["WordVectors"]


class WordVectors(Protocol):
    """The words, their vectors and their attributes, see :class:`negw2v.KeyedVectors`."""

    vector_size: int
    index_to_key: list[Any]
    key_to_index: dict[Any, int]
    expandos: dict[str, npt.NDArray[Any]]
    norms: npt.NDArray[Any] | None
    vectors: npt.NDArray[Any]
    vectors_lockf: npt.NDArray[Any]

    def __len__(self) -> int: ...

    def allocate_vecattrs(self, attrs: Any = None, types: Any = None) -> None:
        """Give every attribute one value per word."""

    def resize_vectors(self, seed: Any = 0) -> None:
        """Give `vectors` one row per word; new rows get random values."""

    def set_vecattr(self, key: Any, attr: str, val: Any) -> None:
        """Store an attribute of a word."""
