"""What the page of the explorer knows about words: computed here, read by its scripts."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import pictures
from negw2v.arrays import Float32s, Floats
from negw2v.errors import ParameterError
from negw2v.explorer.clusters import spherical_k_means

__all__ = ["CLUSTERS", "PageData", "collect", "int8_rows"]

#: As many as the page has colours.
CLUSTERS = 10
#: Words that stand for a cluster in the legend.
NAMES = 3
#: The legend names a cluster by words that are frequent enough to be known.
NAMING_SHARE = 4

METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "pacmap": "PaCMAP"}


@dataclass(frozen=True)
class PageData:
    """The words of a page, the most frequent first.

    Attributes
    ----------
    words
        n of them, as text.
    counts
        How often each occurs, or None.
    rows
        int8 (n, dims): see :func:`int8_rows`.
    plane, space
        float32 (n, 2) and (n, 3): points of the map, from -1 to 1.
    clusters
        uint8 (n,): the cluster of each word, below :data:`CLUSTERS`.
    names
        For each cluster, the places of words that stand for it.
    vocabulary
        How many words there are, on the map or not.
    method
        How the points were found, a key of :data:`negw2v.pictures.METHODS`.
    """

    words: Sequence[str]
    counts: Sequence[int] | None
    rows: npt.NDArray[np.int8]
    plane: Float32s
    space: Float32s
    clusters: npt.NDArray[np.uint8]
    names: Sequence[Sequence[int]]
    vocabulary: int
    method: str

    def to_json(self) -> str:
        """JSON of ASCII characters that may stand in an HTML element: no markup, no line breaks.

        Arrays are base64 of their bytes, little-endian, row by row.
        """
        text = json.dumps(
            {
                "words": list(self.words),
                "counts": None if self.counts is None else list(self.counts),
                "dimensions": self.rows.shape[1],
                "rows": _base64(self.rows),
                "plane": _base64(self.plane.astype("<f4")),
                "space": _base64(self.space.astype("<f4")),
                "clusters": _base64(self.clusters),
                "names": [list(places) for places in self.names],
                "vocabulary": self.vocabulary,
                "method": METHOD_NAMES[self.method],
            },
            separators=(",", ":"),
        )
        # Within strings alone: JSON has none of these elsewhere.
        return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _base64(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def collect(
    words: Sequence[str],
    counts: Sequence[int] | None,
    vectors: Floats,
    vocabulary: int,
    method: str,
) -> PageData:
    """Compute what the page needs.

    Parameters
    ----------
    words
        n, the most frequent first.
    counts
        How often each occurs; None: that is not known.
    vectors
        Float (n, dims).
    vocabulary
        How many words there are in all.
    method
        From many dimensions to two and three: one of :data:`negw2v.pictures.METHODS`.

    Raises
    ------
    ParameterError
        There are fewer than three words, the method is unknown, or a vector is not finite.
    MissingDependencyError
        The package of the method is not installed.
    """
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        word = words[int(finite.argmin())]
        raise ParameterError(
            f"the vector of {word!r} holds NaN or infinity, which has no place on a map; replace "
            "it, or leave the word out"
        )
    units = _units(vectors)
    if method == "pca":  # the first two of three directions are those of the plane
        space = _fitted(pictures.project(units, method, dimensions=3))
        plane = space[:, :2]
    else:
        plane = _fitted(pictures.project(units, method))
        space = _fitted(pictures.project(units, method, dimensions=3))
    groups, names = _clusters(units)
    return PageData(
        words, counts, int8_rows(units), plane, space, groups, names, vocabulary, method
    )


def _units(vectors: Floats) -> npt.NDArray[np.float64]:
    matrix = np.asarray(vectors, dtype=np.float64)
    largest = np.abs(matrix).max(axis=1, keepdims=True, initial=0)
    matrix = matrix / np.where(largest > 0, largest, 1)  # squares of huge numbers overflow
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(lengths > 0, lengths, 1)


def int8_rows(units: Floats) -> npt.NDArray[np.int8]:
    """Rows of 8-bit integers that have the directions of the vectors.

    Parameters
    ----------
    units
        Float (n, dims), rows of any length.

    Returns
    -------
    numpy.ndarray
        int8 (n, dims). The largest number of a row is 127 or -127. The lengths are lost: the
        cosine of two rows is that of the vectors but for rounding.
    """
    largest = np.abs(units).max(axis=1, keepdims=True, initial=0)
    return np.rint(units * (127 / np.where(largest > 0, largest, 1))).astype(np.int8)


def _fitted(points: npt.NDArray[np.float64]) -> Float32s:
    """Points between -1 and 1 around the middle, rounded beyond what differs between runs."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max()) / 2
    fitted = (points - (low + high) / 2) / (extent if extent > 0 else 1.0)
    # + 0: there is no -0, whose bytes differ
    rounded: Float32s = (np.round(fitted, 5) + 0.0).astype(np.float32)
    return rounded


def _clusters(
    units: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.uint8], list[list[int]]]:
    """Groups of words, and for each the places of the words that stand for it.

    What all vectors have in common is left out first: otherwise the groups would be bands of
    frequency, in which vectors differ most.
    """
    centred = _units(units - units.mean(axis=0))
    groups, centres = spherical_k_means(centred, CLUSTERS, seed=0)
    names = []
    for group, centre in enumerate(centres):
        members = np.flatnonzero(groups == group)
        frequent = members[: max(len(members) // NAMING_SHARE, NAMES)]
        order = np.argsort(-(centred[frequent] @ centre), kind="stable")
        names.append(frequent[order[:NAMES]].tolist())
    return groups.astype(np.uint8), names
