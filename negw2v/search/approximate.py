"""Approximate search, for vocabularies that are too large to read for every query.

The index is usearch's: a graph of near neighbours (HNSW, Malkov and Yashunin 2018). The other
well-maintained library is hnswlib. Measured with the same graph (M = 16, 128 candidates while
building; 2 busy cores, CPU seconds to build; recall@10 and size in MB)::

                        71,000 x 100 (wiki17)          1,000,000 x 100 (clusters)
                        build   recall 50/100/200 size  build   recall 50/100/200 size
    hnswlib             13      .987/.995/.999    37    308     .977/.981/.984    523
    usearch, 16 bits    22      .987/.995/.998    24    590     .972/.978/.982    332

50/100/200 are the candidates examined while searching. Both answer one to five thousand queries
per second and core, hnswlib half as many again. We use usearch nevertheless: it has wheels for
every system, where hnswlib needs a compiler, and its graph is smaller.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError, SaveError
from negw2v.extras import needed
from negw2v.io.atomic import replacing_path
from negw2v.parallel import thread_count
from negw2v.search.cosine import cosines, unit
from negw2v.search.search_space import SearchSpace

__all__ = ["ApproximateIndex"]

# Rows that are added at a time.
BLOCK_ROWS = 65536


def _usearch() -> Any:
    with needed("an approximate index", "usearch"):
        from usearch import index
    return index


class ApproximateIndex:
    """Finds most of the nearest rows of a matrix, reading only a small part of it.

    It can be the `indexer` of ``most_similar``, here and in gensim. The vectors must not change
    after it is built.

    Parameters
    ----------
    space
        The vectors to search; exact cosines are computed from them, and they are not copied.
    keys
        The key of every row.
    graph
        usearch's index, in which row numbers are the keys.
    """

    def __init__(self, space: SearchSpace, keys: Sequence[Any], graph: Any) -> None:
        self._space = space
        self._keys = keys
        self._graph = graph

    @classmethod
    def build(
        cls,
        space: SearchSpace,
        keys: Sequence[Any],
        connectivity: int,
        expansion_add: int,
        expansion_search: int,
        dtype: str,
    ) -> ApproximateIndex:
        """Index all rows; parameters as for :meth:`KeyedVectors.build_index`."""
        graph = _usearch().Index(
            ndim=space.matrix.shape[1],
            metric="cos",
            dtype=dtype,
            connectivity=connectivity,
            expansion_add=expansion_add,
            expansion_search=expansion_search,
        )
        for first in range(0, len(space), BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, len(space))
            rows = space.unit_rows(first, last).astype(np.float32, copy=False)
            numbers = np.arange(first, last)
            if space.candidates is not None:
                numbers = space.candidates[first:last]
            graph.add(numbers, rows, threads=thread_count())
        return cls(space, keys, graph)

    def __len__(self) -> int:
        return len(self._graph)

    def most_similar(self, vector: npt.NDArray[Any], num_neighbors: int) -> list[tuple[Any, float]]:
        """The keys of (most of) the rows that have the largest cosines with a vector.

        Parameters
        ----------
        vector
            Float (dims,).
        num_neighbors
            How many to return.

        Returns
        -------
        list of (key, float)
            The best first, with exact cosines. The row of the vector itself may be among them.
        """
        matrix, norms = self._space.matrix, self._space.norms
        if vector.shape != (matrix.shape[1],):
            raise ParameterError(
                f"a vector of shape {vector.shape} was given; the index has {matrix.shape[1]} "
                "dimensions"
            )
        wanted = min(num_neighbors, len(self))
        found = self._graph.search(unit(vector.astype(np.float32)), wanted, threads=1)
        rows = np.sort(np.asarray(found.keys, dtype=np.int64))
        scores = cosines(vector, matrix[rows], norms[rows])
        order = np.argsort(-scores, kind="stable")
        return [
            (self._keys[row], score)
            for row, score in zip(rows[order].tolist(), scores[order].tolist(), strict=True)
        ]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the graph to a file, in usearch's format; the vectors are not in it.

        A file of that name is replaced when the new one is complete and on the disk.

        Parameters
        ----------
        path
            Path of the file.

        Raises
        ------
        SaveError
            The file cannot be written; an old one is as it was.
        """
        with replacing_path(path) as place:
            try:
                self._graph.save(os.fspath(place))
            except RuntimeError as error:
                raise SaveError(path, f"writing failed: {error}") from error

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], space: SearchSpace, keys: Sequence[Any]
    ) -> ApproximateIndex:
        """Read the graph of these vectors from a file.

        Raises
        ------
        ParameterError
            There is no such file, or it is an index of other vectors.
        """
        if not Path(path).is_file():
            raise ParameterError(f"there is no file {os.fspath(path)!r}; save() writes one")
        library = _usearch()
        try:
            graph = library.Index.restore(os.fspath(path))
        except (RuntimeError, ValueError) as error:
            raise ParameterError(
                f"{path} is not an index that usearch has written: {error}"
            ) from error
        shape = (len(graph), graph.ndim) if graph is not None else None
        expected = len(space), space.matrix.shape[1]
        if shape != expected:
            raise ParameterError(
                f"{path} holds an index of vectors of shape {shape}, not "
                f"{expected}; build it anew with build_index()"
            )
        return cls(space, keys, graph)
