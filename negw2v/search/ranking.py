"""The best few of many scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["best"]


def best(
    scores: npt.NDArray[Any], topn: int, excluded: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Positions of the `topn` largest scores, best first.

    Parameters
    ----------
    scores
        Float (n,). NaN counts as lowest.
    topn
        How many positions are wanted, >= 1.
    excluded
        Positions to leave out, in any order.

    Returns
    -------
    numpy.ndarray
        int64, as many as there are up to `topn`. Equal scores come in order of position.
    """
    excluded = np.unique(excluded) if excluded is not None else np.empty(0, dtype=np.int64)
    wanted = topn + len(excluded)
    candidates = np.arange(len(scores))
    if wanted < len(scores):
        descending = -scores
        bound = np.partition(descending, wanted - 1)[wanted - 1]
        # everything as good as the last one that fits, so that ties are cut by position
        if not np.isnan(bound):
            candidates = np.flatnonzero(descending <= bound)
    order = candidates[np.argsort(-scores[candidates], kind="stable")]
    if len(excluded):
        order = order[~np.isin(order, excluded)]
    return np.asarray(order[:topn], dtype=np.int64)
