"""Changes as messages: cut by the owners of rows, packed into few arrays, and merged.

A node packs what its shards have changed into one :class:`Piece` for each owner of rows. An owner
merges the pieces of all nodes, in the order of the shards, by the rule of rounds
(:mod:`negw2v.kernels.merge`), and packs the result into a piece for everybody. How numbers are
written in a piece is the business of a :class:`Wire`.
"""

# ruff: noqa: ARG002 - one way to write changes needs less than another

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Float32s, Int32s, Int64s, offsets_of
from negw2v.kernels import Changes, aligned_matrix, padded_length

__all__ = [
    "WIRES",
    "BFloat16Wire",
    "Float32Wire",
    "Piece",
    "Wire",
    "changes_in",
    "cut",
    "divided",
    "from_bfloat16",
    "merged_rows",
    "piece_of_rows",
    "slices_of",
    "to_bfloat16",
]

UInt16s = npt.NDArray[np.uint16]
MergeChanges = Callable[[Array, Sequence[Changes]], None]


class Piece(NamedTuple):
    """Changes of some rows, or their values, as they are sent.

    Attributes
    ----------
    counts
        int64 (matrices, shards): how many rows of each matrix each shard has changed.
    rows
        int32 (n,): the rows, one matrix and shard after the other.
    values
        (n, dimensions): float32, or what a :class:`Wire` has made of it.
    """

    counts: Int64s
    rows: Int32s
    values: Array

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.counts.nbytes + self.rows.nbytes + self.values.nbytes


class Wire(ABC):
    """How changes are written in a piece."""

    @abstractmethod
    def changes(self, name: str, rows: Int32s, values: Float32s) -> Array:
        """The changes of one shard to some rows of a matrix, as they are sent to an owner."""

    @abstractmethod
    def decoded(self, values: Array) -> Float32s:
        """float32: what an owner reads of that."""

    @abstractmethod
    def merged(self, name: str, rows: Int32s, before: Float32s, after: Float32s) -> Array:
        """What an owner sends to all of rows that it has merged."""

    @abstractmethod
    def apply(self, rows: Float32s, values: Array) -> Float32s:
        """The new values of rows, from the old ones and what their owner sends."""


class Float32Wire(Wire):
    """Changes as they are, merged rows as they become: nothing is lost."""

    def changes(self, name: str, rows: Int32s, values: Float32s) -> Array:
        """See :meth:`Wire.changes`."""
        return values

    def decoded(self, values: Array) -> Float32s:
        """See :meth:`Wire.decoded`."""
        return values

    def merged(
        self,
        name: str,
        rows: Int32s,
        before: Float32s,
        after: Float32s,
    ) -> Array:
        """See :meth:`Wire.merged`."""
        return after

    def apply(self, rows: Float32s, values: Array) -> Float32s:
        """See :meth:`Wire.apply`."""
        return values


class BFloat16Wire(Wire):
    """Changes in half the bytes. What rounding takes off a row is added to its next change.

    Parameters
    ----------
    shapes
        Rows and dimensions of each matrix.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, int]]) -> None:
        self._errors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        self._merged_errors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}

    def changes(self, name: str, rows: Int32s, values: Float32s) -> Array:
        """See :meth:`Wire.changes`."""
        return _with_feedback(self._errors[name], rows, values)

    def decoded(self, values: Array) -> Float32s:
        """See :meth:`Wire.decoded`."""
        return from_bfloat16(values)

    def merged(self, name: str, rows: Int32s, before: Float32s, after: Float32s) -> Array:
        """See :meth:`Wire.merged`."""
        return _with_feedback(self._merged_errors[name], rows, after - before)

    def apply(self, rows: Float32s, values: Array) -> Float32s:
        """See :meth:`Wire.apply`."""
        return rows + from_bfloat16(values)


#: By the names that users give them.
WIRES: dict[str, Callable[[Mapping[str, tuple[int, int]]], Wire]] = {
    "float32": lambda _: Float32Wire(),
    "bfloat16": BFloat16Wire,
}


def _with_feedback(errors: Float32s, rows: Int32s, values: Float32s) -> UInt16s:
    wanted = values + errors[rows]
    rounded = to_bfloat16(wanted)
    errors[rows] = wanted - from_bfloat16(rounded)
    return rounded


def to_bfloat16(values: Array) -> UInt16s:
    """float32 to the upper 16 bits of the nearest bfloat16; ties go to the even one.

    NaN and infinity stay what they are.
    """
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    quiet = (bits >> 16) | 0x40
    return np.where(np.isnan(values), quiet, rounded).astype(np.uint16)


def from_bfloat16(values: Array) -> Float32s:
    """The float32 that 16 bits of bfloat16 stand for."""
    return (values.astype(np.uint32) << 16).view(np.float32)


def cut(
    changes: Mapping[str, Sequence[Changes]], names: Sequence[str], edges: Mapping[str, Int64s]
) -> list[Piece]:
    """The changes of some shards as a piece for each owner.

    Parameters
    ----------
    changes
        For each matrix, those of each shard in order; empty: there are no shards.
    names
        The matrices, in the order in which pieces have them.
    edges
        int64 (owners + 1,) for each matrix: owner i has the rows from ``edges[i]`` to before
        ``edges[i + 1]``.
    """
    shards = len(changes[names[0]]) if changes else 0
    owners = len(edges[names[0]]) - 1
    places = {
        name: [np.searchsorted(rows, edges[name]) for rows, _ in changes.get(name, ())]
        for name in names
    }
    pieces = []
    for owner in range(owners):
        counts = np.zeros((len(names), shards), dtype=np.int64)
        rows, values = [], []
        for number, name in enumerate(names):
            for shard, (changed, by) in enumerate(changes.get(name, ())):
                first, end = places[name][shard][owner : owner + 2]
                counts[number, shard] = end - first
                rows.append(changed[first:end])
                values.append(by[first:end])
        pieces.append(_packed(counts, rows, values))
    return pieces


def _packed(counts: Int64s, rows: Sequence[Int32s], values: Sequence[Array]) -> Piece:
    if not rows:
        return Piece(counts, np.zeros(0, np.int32), np.zeros((0, 0), np.float32))
    return Piece(counts, np.concatenate(rows), np.concatenate(values))


def piece_of_rows(rows: Mapping[str, Int32s], values: Mapping[str, Array]) -> Piece:
    """Rows of each matrix, as a piece of one shard."""
    counts = np.array([[len(each)] for each in rows.values()], dtype=np.int64)
    return _packed(counts, list(rows.values()), list(values.values()))


def slices_of(piece: Piece, names: Sequence[str]) -> dict[str, list[slice]]:
    """For each matrix, where the rows of each shard are in a piece."""
    shards = piece.counts.shape[1]
    slices = [slice(a, b) for a, b in pairwise(offsets_of(piece.counts.ravel()).tolist())]
    return {name: slices[i * shards : (i + 1) * shards] for i, name in enumerate(names)}


def changes_in(
    piece: Piece, names: Sequence[str], dimensions: int, wire: Wire
) -> dict[str, list[Changes]]:
    """For each matrix, the changes of each shard in a piece; rows are padded as kernels need it."""
    values = wire.decoded(piece.values)
    if dimensions != padded_length(dimensions) or not len(values):
        padded = aligned_matrix(len(values), dimensions)
        if len(values):
            padded[:, :dimensions] = values
        values = padded
    return {
        name: [Changes(piece.rows[where], values[where]) for where in slices]
        for name, slices in slices_of(piece, names).items()
    }


def merged_rows(
    matrix: Float32s, dimensions: int, shards: Sequence[Changes], merge_changes: MergeChanges
) -> tuple[Int32s, Float32s]:
    """What the rows that some shards have changed become; the matrix stays as it is.

    Parameters
    ----------
    matrix
        float32 (rows, padded): as it was when the round began.
    dimensions
        Without padding.
    shards
        Their changes, in the order of the shards.
    merge_changes
        The rule: :func:`negw2v.kernels.merge.merge_changes`, or a compiled one.

    Returns
    -------
    rows, values
        int32 (n,), ascending, and float32 (n, padded).
    """
    touched = [shard.rows for shard in shards]
    rows = np.unique(np.concatenate(touched)) if touched else np.zeros(0, np.int32)
    values = aligned_matrix(len(rows), dimensions)
    values[:] = matrix[rows]
    places = [np.searchsorted(rows, each).astype(np.int32) for each in touched]
    merge_changes(
        values, [Changes(place, shard.values) for place, shard in zip(places, shards, strict=True)]
    )
    return rows, values


def divided(weights: npt.NDArray[Any], owners: int) -> Int64s:
    """Rows divided among owners, so that each has about the same share of the weights.

    Parameters
    ----------
    weights
        (rows,): how often each row is changed in a round.
    owners
        How many.

    Returns
    -------
    numpy.ndarray
        int64 (owners + 1,): see :func:`cut`.
    """
    sums = np.cumsum(weights, dtype=np.float64)
    goals = sums[-1] * np.arange(1, owners) / owners if len(sums) else np.zeros(owners - 1)
    inner = np.searchsorted(sums, goals)
    return np.concatenate([[0], inner, [len(sums)]]).astype(np.int64)
