"""A node: a whole model, and the threads that train it; it runs as an actor of Ray's.

It knows nothing of Ray, but that the other nodes' methods are called through ``.remote()``. A
round::

    Node.train
      _changes         its share of the shards, on copies of the rows that they touch
      -> pieces        to the owners of the rows                              (first message)
      _merged          the rows that it owns, in the order of all shards
      -> piece         to all others                                          (second message)
      _apply           all rows that the round has changed
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import negw2v
from negw2v import kernels
from negw2v.arrays import Float32s, Int32s, Int64s
from negw2v.distributed.exchange import (
    WIRES,
    Piece,
    changes_in,
    cut,
    merged_rows,
    piece_of_rows,
    slices_of,
)
from negw2v.distributed.mailbox import Mailbox, RoundGivenUpError
from negw2v.kernels import Changes, Objective, Tables, Weights
from negw2v.parallel import ThreadPool

__all__ = ["MATRICES", "About", "Job", "Node", "Progress", "Setup", "shares"]

#: The matrices of :class:`negw2v.kernels.Weights`, in the order in which messages have them.
MATRICES = ("input_vectors", "output_vectors", "node_vectors")

CHANGES, MERGED = "changes", "merged"


class About(NamedTuple):
    """What must be the same on all nodes, and how messages call this one."""

    version: str
    python: str
    levels: tuple[str, ...]
    machine: str
    pid: int

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.machine} (process {self.pid})"


@dataclass(frozen=True)
class Setup:
    """All that a node needs to train, except the weights.

    Parameters
    ----------
    objective, tables, lock_factors, dimensions
        As in :class:`negw2v.kernels.Weights` and beside it.
    shards
        Of a round.
    wire
        One of :data:`negw2v.distributed.exchange.WIRES`.
    """

    objective: Objective
    tables: Tables
    lock_factors: Float32s
    dimensions: int
    shards: int
    wire: str

    @property
    def matrices(self) -> tuple[str, ...]:
        """The names of the matrices that are trained."""
        trained = (True, self.objective.negative > 0, self.tables.huffman is not None)
        return tuple(name for name, is_trained in zip(MATRICES, trained, strict=True) if is_trained)


class Job(NamedTuple):
    """Some whole rounds: spans, as :meth:`negw2v.kernels.RoundTrainer.train` takes them."""

    tokens: Int32s
    sentence_starts: Int64s
    span_starts: Int64s
    streams: npt.NDArray[np.uint64]
    learning_rates: Float32s

    @property
    def spans(self) -> int:
        """How many there are."""
        return len(self.streams)

    def rounds(self, shards: int) -> int:
        """How many rounds of so many shards; the last may have fewer."""
        return -(-self.spans // shards)


class Progress(NamedTuple):
    """What a node has done of a job.

    Attributes
    ----------
    rounds
        How many of its rounds are in the weights.
    totals
        :data:`negw2v.kernels.TOTALS` of its spans, as far as they were trained just now.
    nbytes
        Bytes that this node has sent, and how many messages.
    messages
        See above.
    """

    rounds: int
    totals: npt.NDArray[Any]
    nbytes: int = 0
    messages: int = 0


def shares(spans: int, nodes: int) -> list[int]:
    """Where the share of each node begins among the spans of a round, and the end."""
    return [spans * node // nodes for node in range(nodes + 1)]


class Node:
    """Trains its share of each round, and merges the rows that it owns.

    Parameters
    ----------
    isa
        The instruction-set level of all nodes.
    threads
        How many train.
    """

    def __init__(self, isa: str, threads: int) -> None:
        self._isa = isa
        self._threads = threads
        self._mailbox = Mailbox()
        self._pool = ThreadPool(threads, "negw2v-node")
        self._sent = self._messages = 0

    def about(self) -> About:
        """What must be the same on all nodes."""
        return About(
            negw2v.__version__,
            ".".join(platform.python_version_tuple()[:2]),
            tuple(kernels.levels()),
            platform.node(),
            os.getpid(),
        )

    def load(self, setup: Setup, weights: Mapping[str, Float32s]) -> None:
        """Begin with these weights.

        Parameters
        ----------
        setup
            What else it needs.
        weights
            float32 (rows, dimensions): each matrix by its name.
        """
        level = kernels.level(self._isa)
        self._setup = setup
        self._names = setup.matrices
        self._dimensions = setup.dimensions
        self._matrices = {}
        for name in self._names:
            matrix = kernels.aligned_matrix(len(weights[name]), setup.dimensions)
            matrix[:, : setup.dimensions] = weights[name]
            self._matrices[name] = matrix
        rows: dict[str, Any] = {name: self._matrices.get(name) for name in MATRICES}
        self._trainer = level.RoundTrainer(
            setup.objective,
            Weights(dimensions=setup.dimensions, lock_factors=setup.lock_factors, **rows),
            setup.tables,
            setup.shards,
        )
        self._level = level
        self._wire = WIRES[setup.wire](
            {name: (len(matrix), setup.dimensions) for name, matrix in self._matrices.items()}
        )

    def weights(self) -> dict[str, Float32s]:
        """The weights as they are now, without padding."""
        return {
            name: np.ascontiguousarray(matrix[:, : self._dimensions])
            for name, matrix in self._matrices.items()
        }

    def deliver(self, generation: int, kind: Any, sender: int, message: Any) -> None:
        """Another node calls this with what it has for this one."""
        self._mailbox.put(generation, kind, sender, message)

    def give_up(self, generation: int) -> None:
        """A node was lost: stop waiting for its messages."""
        self._mailbox.give_up(generation)

    def train(
        self,
        job: Job,
        start: int,
        generation: int,
        nodes: Sequence[Any],
        number: int,
        edges: Mapping[str, Int64s],
    ) -> Progress:
        """Train a job, together with all other nodes.

        Parameters
        ----------
        job
            The same for all.
        start
            How many of its rounds are in the weights already.
        generation
            Rises with every call; the same for all nodes.
        nodes, number
            All nodes, and which one of them this is.
        edges
            Which rows each owns: see :func:`negw2v.distributed.exchange.cut`.

        Returns
        -------
        Progress
            All rounds; or fewer, if this generation was given up. The weights are always those
            after a whole round.
        """
        self._mailbox.begin(generation)
        self._sent = self._messages = 0
        totals = np.zeros(job.spans, dtype=kernels.TOTALS)
        rounds, shards = job.rounds(self._setup.shards), self._setup.shards
        if len(nodes) == 1:
            self._in_threads(self._trainer.train, job, start * shards, job.spans, totals)
            return Progress(rounds, totals)
        done = start
        try:
            for done in range(start, rounds):
                spans = done * shards, min((done + 1) * shards, job.spans)
                self._round(job, spans, totals, (generation, done), nodes, number, edges)
            done = rounds
        except RoundGivenUpError:
            pass
        return Progress(done, totals, self._sent, self._messages)

    def _round(
        self,
        job: Job,
        spans: tuple[int, int],
        totals: npt.NDArray[Any],
        which: tuple[int, int],
        nodes: Sequence[Any],
        number: int,
        edges: Mapping[str, Int64s],
    ) -> None:
        generation, round_number = which
        first = spans[0]
        share = shares(spans[1] - first, len(nodes))
        own = slice(first + share[number], first + share[number + 1])
        pieces = cut(self._changes(job, own, totals), self._names, edges)
        for owner, node in enumerate(nodes):
            if owner != number:
                self._count(pieces[owner])
                message = pieces[owner], totals[own]
                node.deliver.remote(generation, (CHANGES, round_number), number, message)
        received = self._mailbox.take(generation, (CHANGES, round_number), len(nodes) - 1)
        for sender, (piece, counted) in received.items():
            totals[first + share[sender] : first + share[sender + 1]] = counted
            pieces[sender] = piece
        merged = self._merged(pieces)
        to_all = self.shared(merged) if len(nodes) > 2 else merged
        for owner, node in enumerate(nodes):
            if owner != number:
                self._count(merged)
                node.deliver.remote(generation, (MERGED, round_number), number, to_all)
        others = self._mailbox.take(generation, (MERGED, round_number), len(nodes) - 1)
        for piece in (merged, *others.values()):
            self._apply(piece)

    def _changes(self, job: Job, own: slice, totals: npt.NDArray[Any]) -> dict[str, list[Changes]]:
        """What the shards of this node change, as it is sent."""
        if own.start == own.stop:
            return {}
        found = self._in_threads(self._trainer.changes, job, own.start, own.stop, totals)
        return {
            name: [
                Changes(rows, self._wire.changes(name, rows, values[:, : self._dimensions]))
                for rows, values in shards
            ]
            for name, shards in found.items()
        }

    def _merged(self, pieces: Sequence[Piece]) -> Piece:
        """What the rows that this node owns become, of the pieces of all nodes in order."""
        found = [changes_in(piece, self._names, self._dimensions, self._wire) for piece in pieces]
        rows, values = {}, {}
        for name in self._names:
            matrix = self._matrices[name]
            shards = [shard for changes in found for shard in changes[name]]
            rows[name], after = merged_rows(
                matrix, self._dimensions, shards, self._level.merge_changes
            )
            d = self._dimensions
            before = matrix[rows[name], :d]
            values[name] = self._wire.merged(name, rows[name], before, after[:, :d])
        return piece_of_rows(rows, values)

    def _apply(self, piece: Piece) -> None:
        for name, (where,) in slices_of(piece, self._names).items():
            matrix, rows = self._matrices[name], piece.rows[where]
            d = self._dimensions
            matrix[rows, :d] = self._wire.apply(matrix[rows, :d], piece.values[where])

    def _in_threads(
        self, method: Any, job: Job, first: int, last: int, totals: npt.NDArray[Any]
    ) -> Any:
        """Call a method of the trainer; other threads help."""
        spans = (
            job.tokens,
            job.sentence_starts,
            job.span_starts,
            first,
            last,
            job.streams,
            job.learning_rates,
            totals,
        )
        threads = min(self._threads, last - first) if self._level.has_teams else 1
        if threads == 1:
            return method(*spans)
        team = self._level.Team()
        help_with = self._trainer.train if method == self._trainer.train else self._trainer.help
        helpers = [self._pool.submit(partial(help_with, *spans, team)) for _ in range(threads - 1)]
        result = method(*spans, team)
        for helper in helpers:
            helper.result()
        return result

    # -- messages

    def _count(self, piece: Piece) -> None:
        self._messages += 1
        self._sent += piece.nbytes

    def shared(self, piece: Piece) -> Any:
        """The piece in a form that can be sent to several nodes for the price of one."""
        return piece
