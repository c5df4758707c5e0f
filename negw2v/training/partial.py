"""Training of a small corpus, which takes no longer where the vocabulary is large.

Kernels need rows of whole cache lines. Where the model's arrays are not laid out like that, the
rows that some spans use are copied for a kernel, and then written back. Which rows those are
follows from the spans: those of their words, of the nodes on the words' paths, and of the
negatives, which are drawn beforehand. The kernel sees a small vocabulary: the words used, numbered
anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import Float32s, Int32s, Int64s, offsets_of
from negw2v.kernels import HuffmanPaths, Objective, Tables, Weights
from negw2v.training.weights import Workspace

__all__ = ["PartialTrainer"]


class PartialTrainer:
    """A :class:`negw2v.kernels.SpanTrainer` for one thread that copies the rows it uses.

    Parameters
    ----------
    objective
        What is predicted from what.
    matrices
        float32 (V, dimensions) each: "vectors"; "syn1neg" with negative sampling; "syn1" with
        hierarchical softmax. No two of them share memory.
    lock_factors
        As in :class:`negw2v.kernels.Weights`.
    tables
        The look-up tables.
    workspace
        Gives the rows; they are written back when training goes on, and by its ``publish()``.
    """

    def __init__(
        self,
        objective: Objective,
        matrices: Mapping[str, Float32s],
        lock_factors: Float32s,
        tables: Tables,
        workspace: Workspace,
    ) -> None:
        self._objective = objective
        self._matrices = matrices
        self._lock_factors = lock_factors
        self._tables = tables
        self._workspace = workspace
        workspace.take({})  # what it lent before is not to be written back again

    def train(
        self,
        tokens: Int32s,
        sentence_starts: Int64s,
        span_starts: Int64s,
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: Float32s,
        totals: npt.NDArray[Any],
    ) -> None:
        """Train some spans: see :meth:`negw2v.kernels.reference.SpanTrainer.train`."""
        self._workspace.publish()
        drawn = np.empty(0, dtype=np.int32)
        if self._objective.negative:
            drawn = kernels.negatives(
                self._objective, self._tables, tokens, sentence_starts, span_starts, first, last,
                streams,
            )  # fmt: skip
        starts = sentence_starts[span_starts[first] : span_starts[last] + 1]
        used = tokens[starts[0] : starts[-1]]
        words = np.unique(used).astype(np.int64)
        rows = np.concatenate([words, np.setdiff1d(drawn, words)])
        paths, nodes = None, np.empty(0, dtype=np.int64)
        if self._tables.huffman is not None:
            paths, nodes = part_of_paths(self._tables.huffman, words, len(rows))
        keep = self._tables.keep
        tables = Tables(
            keep=None if keep is None else keep[rows],
            negatives=numbered_anew(drawn, rows) if self._objective.negative else None,
            huffman=paths,
        )
        weights = self._weights({"vectors": words, "syn1neg": rows, "syn1": nodes}, rows)
        kernels.SpanTrainer(self._objective, weights, tables).train(
            np.searchsorted(words, used).astype(np.int32),
            starts - starts[0],
            span_starts[first : last + 1] - span_starts[first],
            0,
            last - first,
            streams[first:last],
            learning_rates[first:last],
            totals[first:last],
        )

    def _weights(self, numbers: Mapping[str, Int64s], rows: Int64s) -> Weights:
        """Some rows of each matrix, for a vocabulary that is numbered as `rows` are."""
        taken = {
            name: self._workspace.take_part(name, matrix, numbers[name], len(rows))
            for name, matrix in self._matrices.items()
        }
        locks = self._lock_factors
        return Weights(
            dimensions=self._matrices["vectors"].shape[1],
            input_vectors=taken["vectors"],
            output_vectors=taken.get("syn1neg"),
            node_vectors=taken.get("syn1"),
            lock_factors=locks[rows] if len(locks) > 1 else locks,
        )


def numbered_anew(numbers: Int32s, rows: Int64s) -> Int32s:
    """The place of each number in `rows`, among which it is."""
    order = np.argsort(rows)
    places: Int32s = order[np.searchsorted(rows, numbers, sorter=order)].astype(np.int32)
    return places


def part_of_paths(paths: HuffmanPaths, words: Int64s, count: int) -> tuple[HuffmanPaths, Int64s]:
    """The paths of some words, and the nodes on them.

    Parameters
    ----------
    paths
        Those of all words.
    words
        int64 (n,).
    count
        How many paths to return, at least n; those after the words' own are empty.

    Returns
    -------
    HuffmanPaths
        Its nodes are places in the second array.
    numpy.ndarray
        int64: the nodes, each once.
    """
    lengths = np.zeros(count, dtype=np.int64)
    lengths[: len(words)] = paths.lengths[words]
    starts = offsets_of(lengths)
    places = np.arange(starts[-1]) + np.repeat(
        paths.starts[words] - starts[: len(words)], lengths[: len(words)]
    )
    nodes, numbers = np.unique(paths.nodes[places], return_inverse=True)
    return (
        HuffmanPaths(starts, numbers.astype(np.int32), paths.signs[places]),
        nodes.astype(np.int64),
    )
