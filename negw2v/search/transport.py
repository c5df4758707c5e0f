"""Word Mover's Distance: the cost of moving one document's words to those of another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.extras import needed

__all__ = ["word_movers_distance"]


def word_movers_distance(
    first: npt.NDArray[Any],
    first_counts: npt.NDArray[Any],
    second: npt.NDArray[Any],
    second_counts: npt.NDArray[Any],
) -> float:
    """Word Mover's Distance (Kusner et al. 2015), solved exactly by POT.

    Parameters
    ----------
    first, second
        Float (n, dims) and (m, dims): a vector for each distinct word of the documents.
    first_counts, second_counts
        (n,) and (m,): how often each of them occurs.

    Returns
    -------
    float
        The least total Euclidean distance by which the first document's words have to move.

    Raises
    ------
    MissingDependencyError
        POT is not installed.
    """
    with needed("Word Mover's Distance", "POT"):
        from ot import emd2  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from scipy.spatial.distance import cdist  # POT needs SciPy, too
    return float(
        emd2(
            first_counts / first_counts.sum(),
            second_counts / second_counts.sum(),
            cdist(first.astype(np.float64), second.astype(np.float64)),
        )
    )
