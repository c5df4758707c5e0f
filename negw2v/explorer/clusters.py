"""K-means on the sphere: groups of vectors by their cosines (Dhillon and Modha 2001)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Floats, Int64s

__all__ = ["spherical_k_means"]

#: Rounds after which few vectors still change their group.
ROUNDS = 25


def spherical_k_means(
    units: Floats, count: int, seed: int
) -> tuple[Int64s, npt.NDArray[np.float64]]:
    """Groups of vectors whose cosines with the centre of their group are large.

    Parameters
    ----------
    units
        Float (n, dims), each row of length 1, or 0.
    count
        So many groups at most, 1 or more; there are fewer where fewer vectors differ.
    seed
        Of the first centres, which are drawn far from one another (k-means++, Arthur and
        Vassilvitskii 2007).

    Returns
    -------
    tuple
        The group of each row, int64 (n,), the largest group being 0; and the centres of the
        groups, float64 (groups, dims), each of length 1, or 0.
    """
    rows = np.asarray(units, dtype=np.float64)
    centres = _first_centres(rows, count, np.random.default_rng(seed))
    groups = (rows @ centres.T).argmax(axis=1)
    for _ in range(ROUNDS):
        centres = _centres(rows, groups, len(centres))
        new = (rows @ centres.T).argmax(axis=1)
        if np.array_equal(new, groups):
            break
        groups = new
    sizes = np.bincount(groups, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    place = np.zeros(len(centres), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[groups], _centres(rows, groups, len(centres))[order]


def _first_centres(
    rows: npt.NDArray[np.float64], count: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Rows drawn one by one, each with a probability that grows with its distance to the others."""
    chosen = [int(generator.integers(len(rows)))]
    distances = np.full(len(rows), np.inf)
    while len(chosen) < min(count, len(rows)):
        # the square of the distance of two vectors of length 1, halved
        distances = np.minimum(distances, np.maximum(1 - rows @ rows[chosen[-1]], 0))
        distances[chosen] = 0
        total = distances.sum()
        if total <= 1e-9:  # no further row differs
            break
        chosen.append(int(np.searchsorted(distances.cumsum(), generator.random() * total)))
    return rows[chosen]


def _centres(rows: npt.NDArray[np.float64], groups: Int64s, count: int) -> npt.NDArray[np.float64]:
    """The directions of the sums of groups; 0 where a group is empty."""
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, groups, rows)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    centres: npt.NDArray[np.float64] = sums / np.where(lengths > 0, lengths, 1)
    return centres
