"""How far training moves the words that a vocabulary had before it grew.

:class:`Baseline` keeps some vectors as they were; its report compares them with those of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from negw2v.arrays import Array, Float32s, Int64s
from negw2v.html_tables import table

__all__ = ["MOST_WORDS", "NEVER_UPDATED", "Baseline", "DriftReport"]

#: Words that are measured, at most: their vectors are copied before training.
MOST_WORDS = 10_000

#: The attributes that say which words of a model are old, where no vocabulary of trained words
#: was updated.
NEVER_UPDATED = {"words_before_update": 0, "epochs_before_update": 0}

# Words that print(report) and to_dict() show.
SHOWN_WORDS = 8
EXPORTED_WORDS = 100


@dataclass(frozen=True)
class DriftReport:
    """How far one call to train() has moved the words that were there before an update.

    Of each old word, the cosine between its vector before training and after it: 1 is where it
    was. At most 10,000 words are measured, the most frequent ones.

    Parameters
    ----------
    old_words
        Words that the vocabulary had before ``build_vocab(update=True)``.
    new_words
        Words that it has gained since.
    anchor
        How firmly the old words were held: see :meth:`negw2v.Word2Vec.train`.
    cosines
        The cosine of each measured word, the most frequent word first.
    unmoved
        Measured words whose vectors are the same to the bit: mostly those that the new text
        does not have.

    Examples
    --------
    >>> model.build_vocab([["metro", "of", "paris"]] * 50, update=True)
    >>> _ = model.train([["metro", "of", "paris"]] * 50, total_examples=50, epochs=5)
    >>> drift = model.training_report.drift
    >>> drift.new_words
    1
    >>> drift.cosines["paris"] < drift.cosines["rome"]
    True
    """

    old_words: int
    new_words: int
    anchor: float
    cosines: Mapping[Any, float] = field(repr=False)
    unmoved: int

    @property
    def mean(self) -> float:
        """Mean cosine; NaN if no word was measured."""
        return sum(self.cosines.values()) / len(self.cosines) if self.cosines else float("nan")

    @property
    def median(self) -> float:
        """Median cosine; NaN if no word was measured."""
        return float(np.median(list(self.cosines.values()))) if self.cosines else float("nan")

    def moved_most(self, topn: int = 10) -> list[tuple[Any, float]]:
        """The words with the lowest cosines, the lowest first.

        Parameters
        ----------
        topn
            How many, at most.

        Returns
        -------
        list of (word, float)

        Examples
        --------
        >>> DriftReport(2, 0, 0.0, {"bank": 0.2, "the": 0.9}, 0).moved_most(topn=1)
        [('bank', 0.2)]
        """
        return sorted(self.cosines.items(), key=lambda entry: entry[1])[:topn]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON can hold them, and the hundred words that have moved most.

        Examples
        --------
        >>> DriftReport(2, 0, 0.0, {"bank": 0.25, "the": 0.75}, 0).to_dict()["mean"]
        0.5
        """
        return {
            "old_words": self.old_words,
            "new_words": self.new_words,
            "anchor": self.anchor,
            "measured": len(self.cosines),
            "unmoved": self.unmoved,
            "mean": self.mean if self.cosines else None,
            "median": self.median if self.cosines else None,
            "moved_most": [
                [word if isinstance(word, (str, int, float)) else repr(word), cosine]
                for word, cosine in self.moved_most(EXPORTED_WORDS)
            ],
        }

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table that ``print(drift)`` shows: a name and its value as text.

        Examples
        --------
        >>> DriftReport(2, 1, 0.0, {"bank": 0.25, "the": 0.75}, 0).rows()[0]
        ('old words, new words', '2, 1')
        """
        moved = (f"{word} {cosine:.2f}" for word, cosine in self.moved_most(SHOWN_WORDS))
        return [
            ("old words, new words", f"{self.old_words:,}, {self.new_words:,}"),
            ("  old words measured", f"{len(self.cosines):,}"),
            ("    unmoved", f"{self.unmoved:,}"),
            ("cosine with before", f"mean {self.mean:.3f}, median {self.median:.3f}"),
            ("  lowest", ", ".join(moved)),
            ("anchor", f"{self.anchor:g}"),
        ]

    def __str__(self) -> str:
        return "\n".join(f"{name:<28}{value}" for name, value in self.rows())

    def _repr_html_(self) -> str:
        return table([(name.strip(), value) for name, value in self.rows()], caption="drift")


def _cosines(one: Array, other: Array) -> Array:
    """Of the rows of two matrices; 0 where a row is zero, or no number after a divergence."""

    def products(left: Array, right: Array) -> Array:
        sums: Array = np.einsum("ij,ij->i", left, right, dtype=np.float64)
        return sums

    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.sqrt(products(one, one) * products(other, other))
        usable = np.isfinite(lengths) & (lengths > 0)
        cosines = np.divide(products(one, other), lengths, out=np.zeros(len(one)), where=usable)
    result: Array = np.clip(cosines, -1.0, 1.0)
    return result


@dataclass(frozen=True)
class Baseline:
    """Vectors of old words as they are before training.

    Parameters
    ----------
    old_words
        Number of old words; they are the first ones.
    anchor
        How firmly they are held.
    rows
        int64 (n,): the words that are measured, the most frequent first.
    vectors
        float32 (n, dimensions): their vectors.
    """

    old_words: int
    anchor: float
    rows: Int64s
    vectors: Float32s

    @classmethod
    def of(cls, vectors: Array, counts: Array, old_words: int, anchor: float) -> Baseline:
        """The vectors as they are now.

        Parameters
        ----------
        vectors
            Real numbers (V, dimensions).
        counts
            (V,): how frequent each word is.
        old_words, anchor
            As for the class.
        """
        rarity = -counts[:old_words]
        rows = np.arange(len(rarity))
        if len(rows) > MOST_WORDS:
            rows = np.sort(np.argpartition(rarity, MOST_WORDS)[:MOST_WORDS])
        rows = rows[np.argsort(rarity[rows], kind="stable")].astype(np.int64, copy=False)
        return cls(old_words, float(anchor), rows, vectors[rows].astype(np.float32, copy=False))

    def report(self, words: Sequence[Any], vectors: Array) -> DriftReport:
        """How far the vectors are from these.

        Parameters
        ----------
        words
            All words.
        vectors
            Real numbers (V, dimensions): their vectors now.
        """
        there = self.rows < min(len(words), len(vectors))  # a callback may remove words
        rows, before = self.rows[there], self.vectors[there]
        now = vectors[rows]
        unmoved = (before == now).all(axis=1)
        cosines = np.where(unmoved, 1.0, _cosines(before, now))
        found = (words[row] for row in rows.tolist())
        return DriftReport(
            old_words=self.old_words,
            new_words=len(words) - self.old_words,
            anchor=self.anchor,
            cosines=dict(zip(found, cosines.tolist(), strict=True)),
            unmoved=int(unmoved.sum()),
        )

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """As a checkpoint holds it: see :meth:`TrainingState.to_parts`."""
        content = {"old_words": self.old_words, "anchor": self.anchor}
        return content, {"drift_rows": self.rows, "drift_vectors": self.vectors.ravel()}

    @classmethod
    def from_parts(cls, content: Mapping[str, Any], arrays: Mapping[str, Array]) -> Baseline:
        """What :meth:`to_parts` made these of.

        Raises
        ------
        KeyError, TypeError, ValueError
            A part is missing, or makes no sense.
        """
        rows, values = arrays["drift_rows"].astype(np.int64), arrays["drift_vectors"]
        old_words, anchor = int(content["old_words"]), float(content["anchor"])
        if not (0 <= anchor <= 1 and len(rows) and 0 <= rows.min() <= rows.max() < old_words):
            raise ValueError(content)
        vectors = values.reshape(len(rows), -1).astype(np.float32)
        return cls(old_words, anchor, rows, vectors)
