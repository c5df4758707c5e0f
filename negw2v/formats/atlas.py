r"""A table for Embedding Atlas: vectors, where they lie in a map, and their neighbours.

The columns are those that its command line has options for::

    embedding-atlas words.parquet --text word --x projection_x --y projection_y \
        --neighbors neighbors

Source: Ren et al. 2025, arXiv:2505.06386, and the help of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError
from negw2v.extras import needed

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NEIGHBORS", "X", "Y", "with_map"]

#: The columns that the map adds.
X, Y, NEIGHBORS = "projection_x", "projection_y", "neighbors"


def with_map(
    table: pa.Table,
    points: npt.NDArray[np.float64],
    rows: npt.NDArray[np.integer[Any]],
    distances: npt.NDArray[np.floating[Any]],
) -> pa.Table:
    """A table of vectors with the columns of a map.

    Parameters
    ----------
    table
        n rows.
    points
        float64 (n, 2): where each row lies.
    rows, distances
        (n, k): the nearest rows of each, counted from 0, and their distances, the least first.

    Returns
    -------
    pyarrow.Table
        ``neighbors`` is a struct of two lists, ``ids`` and ``distances``.

    Raises
    ------
    ParameterError
        The table has a column of one of these names.
    """
    with needed("a table", "pyarrow"):
        import pyarrow as pa
    taken = {X, Y, NEIGHBORS}.intersection(table.column_names)
    if taken:
        raise ParameterError(f"attribute {min(taken)!r} has the name of a column; rename it")
    offsets = np.arange(0, rows.size + 1, max(1, rows.shape[1]), dtype=np.int32)
    if not rows.shape[1]:
        offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    lists = [
        pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(values).reshape(-1)))
        for values in (rows.astype(np.int64), distances.astype(np.float32))
    ]
    columns = {
        X: pa.array(points[:, 0]),
        Y: pa.array(points[:, 1]),
        NEIGHBORS: pa.StructArray.from_arrays(lists, names=["ids", "distances"]),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table
