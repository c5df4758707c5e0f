"""WordRows: from words in files of questions to rows of the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import InputTypeError

__all__ = ["WordRows"]


class WordRows:
    """The rows of the most frequent words, by their spelling in a question file.

    Parameters
    ----------
    keys
        The key of every row.
    restrict_vocab
        Number of rows, from the first on, that are used; None: all.
    case_insensitive
        Compare words in upper case. The first of several keys with the same upper case stands
        for all of them.
    """

    def __init__(
        self, keys: Sequence[Any], restrict_vocab: int | None, case_insensitive: bool
    ) -> None:
        self.case_insensitive = case_insensitive
        if not isinstance(restrict_vocab, (int, np.integer, type(None))):
            raise InputTypeError(
                f"restrict_vocab is {restrict_vocab!r}; it must be a whole number, or None"
            )
        spellings = [
            self.spelling(key) if isinstance(key, str) else key for key in keys[:restrict_vocab]
        ]
        self.rows: dict[Any, int] = {}
        for row, spelling in enumerate(spellings):
            self.rows.setdefault(spelling, row)
        #: int64: for every row, the first row of the same spelling.
        self.representatives: npt.NDArray[np.int64] = np.array(
            [self.rows[spelling] for spelling in spellings], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self.representatives)

    def spelling(self, word: str) -> str:
        """The form in which a word is compared."""
        return word.upper() if self.case_insensitive else word

    def find(self, words: Sequence[str]) -> list[int] | None:
        """The rows of `words`, which :meth:`spelling` returned; None if one is unknown."""
        rows = [self.rows.get(word, -1) for word in words]
        return None if -1 in rows else rows
