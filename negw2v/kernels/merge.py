"""The rule by which the changes of several shards to the same rows become one change.

It is one function of arrays, :func:`merge_changes`: NumPy's here, a compiled one of the same
signature at each level (``src_cython/training/merge.h``). Rounds of virtual shards are merged with
it, wherever the shards were trained.

For each row, the changes are added up in the order of the shards. All of them began at the same
values: where they agree, n shards would move the row n times as far as it should. So the sum is
shortened to at most `most` times the longest single change. Changes that have little to do with
each other are orthogonal, and their sum is about sqrt(n) times as long as one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from negw2v.arrays import Array, Int32s

__all__ = ["MOST", "MOST_SHARDS", "Changes", "merge_changes", "merged_change"]

#: A sum of changes is at most so many times as long as the longest of them.
MOST = 2.0

#: How many shards a round has at most.
MOST_SHARDS = 64


class Changes(NamedTuple):
    """What one shard has changed in a matrix.

    Attributes
    ----------
    rows
        int32 (n,): which rows, in ascending order, each once.
    values
        float32 (n, padded): what to add to each of them.
    """

    rows: Int32s
    values: Array


def merged_change(changes: Array, most: float = MOST) -> Array:
    """One row's changes as one.

    Parameters
    ----------
    changes
        (n, d): in the order of the shards.
    most
        See :data:`MOST`.

    Returns
    -------
    numpy.ndarray
        (d,): the only change, or their sum, shortened to `most` times the longest.
    """
    total: Array = changes[0].copy()
    for change in changes[1:]:
        total += change
    longest, length = np.max(np.sum(changes**2, axis=1)), np.sum(total**2)
    if len(changes) > most and length > most * most * longest:
        total *= most * np.sqrt(longest / length)
    return total


def merge_changes(matrix: Array, shards: Sequence[Changes], most: float = MOST) -> None:
    """Add the changes of a round's shards to a matrix, in place.

    Parameters
    ----------
    matrix
        float32 (rows, padded): as it was when the shards began.
    shards
        Their changes, in the order of the shards.
    most
        See :data:`MOST`.
    """
    rows = np.concatenate([shard.rows for shard in shards])
    values = np.concatenate([shard.values for shard in shards])
    for row in np.unique(rows):
        matrix[row] += merged_change(values[rows == row], most)
