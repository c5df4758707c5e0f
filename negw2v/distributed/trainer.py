"""Trains the spans of a model on the nodes of a cluster: what takes the place of a kernel.

The engine hands out spans to it as to a kernel on this machine; epochs, learning rates, callbacks
and checkpoints stay what they are. The rows that it is given are where the weights were at the last
look. What was trained since then can be trained again from its log, should all nodes be lost.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import Array, Float32s, Int64s
from negw2v.distributed.cluster import Cluster, Member
from negw2v.distributed.exchange import divided
from negw2v.distributed.node import Job, Progress, Setup
from negw2v.errors import ClusterError
from negw2v.kernels import Tables, Weights
from negw2v.training.rounds import Rounds
from negw2v.training.weights import Workspace

__all__ = ["Remote", "RemoteTrainer", "Traffic"]

logger = logging.getLogger(__name__)

#: So often may a step fail without any progress, and all nodes be lost.
TRIES = 5


@dataclass
class Traffic:
    """What the nodes have sent to each other.

    Parameters
    ----------
    rounds
        That were trained.
    nbytes
        Of rows, their numbers and counts, all nodes together.
    messages
        How many.
    """

    rounds: int = 0
    nbytes: int = 0
    messages: int = 0


@dataclass
class Remote:
    """Has a model trained on a cluster: what :class:`negw2v.Word2Vec` sees of it.

    Parameters
    ----------
    cluster
        The nodes.
    rounds
        The shape of the rounds.
    wire
        How changes are sent.
    counts
        int64 (V,): occurrences of each word. They say which rows change often.
    """

    cluster: Cluster
    rounds: Rounds
    wire: str
    counts: Int64s

    def __post_init__(self) -> None:
        self.traffic = Traffic()

    def trainer(
        self,
        objective: kernels.Objective,
        weights: Weights,
        tables: Tables,
        workspace: Workspace,
    ) -> RemoteTrainer:
        """A trainer of these weights; the workspace asks it for their values before it looks."""
        setup = Setup(
            objective,
            tables,
            weights.lock_factors,
            weights.dimensions,
            self.rounds.shards,
            self.wire,
        )
        rows = {name: getattr(weights, name) for name in setup.matrices}
        touches = touched(setup, self.counts, self.rounds.shard_tokens)
        trainer = RemoteTrainer(self.cluster, setup, rows, touches, self.traffic)
        workspace.before_publishing(trainer.fetch)
        return trainer


def touched(setup: Setup, counts: Int64s, shard_tokens: int) -> dict[str, npt.NDArray[Any]]:
    """For each matrix, about how many of a round's shards change each row.

    Parameters
    ----------
    setup
        The problem.
    counts
        Occurrences of each word.
    shard_tokens
        Tokens of a shard.
    """
    tables, negative = setup.tables, setup.objective.negative
    kept = counts.astype(np.float64)
    if tables.keep is not None:
        kept *= (tables.keep.astype(np.float64) + 1) / 2**32
    kept *= shard_tokens / max(1, counts.sum())
    result: dict[str, npt.NDArray[Any]] = {"input_vectors": kept}
    if negative:
        drawn = counts.astype(np.float64) ** 0.75
        drawn *= kept.sum() * negative / kernels.PICKS_PER_DRAW / max(1.0, drawn.sum())
        result["output_vectors"] = kept + drawn
    if tables.huffman is not None:
        paths = tables.huffman
        result["node_vectors"] = np.bincount(
            paths.nodes, np.repeat(kept, paths.lengths), minlength=max(1, len(counts) - 1)
        )
    return {name: -np.expm1(-expected) for name, expected in result.items()}


class _Entry(NamedTuple):
    """A job in the log."""

    begin: int
    rounds: int
    job: Any
    nbytes: int


class RemoteTrainer:
    """A kernel that is a cluster; see :class:`negw2v.training.engine.SpanTrainer`.

    Parameters
    ----------
    cluster
        The nodes.
    setup
        The problem.
    rows
        float32 (rows, padded): the weights of this process, by the names of matrices.
    touches
        For each matrix, about how often each row is changed.
    traffic
        Counts what the nodes send.
    """

    def __init__(
        self,
        cluster: Cluster,
        setup: Setup,
        rows: Mapping[str, Float32s],
        touches: Mapping[str, npt.NDArray[Any]],
        traffic: Traffic,
    ) -> None:
        import ray

        self._cluster = cluster
        self._setup_ref = ray.put(setup)
        self._setup = setup
        self._rows = rows
        self._touches = touches
        self._traffic = traffic
        self._log: list[_Entry] = []
        self._fetched = self._end = 0  # rounds that are in the rows, and that were handed in
        self._broken = self._had_weights = False
        self._restarts = 0
        self._edges: dict[int, dict[str, Int64s]] = {}
        for member in cluster.members:
            member.position = None

    def train(
        self,
        tokens: npt.NDArray[np.int32],
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
        *team: Any,  # noqa: ARG002 - of this process, which trains nothing
    ) -> None:
        """Train whole rounds on the nodes; see :meth:`negw2v.kernels.RoundTrainer.train`."""
        import ray

        sentences = span_starts[first : last + 1]
        starts = sentence_starts[sentences[0] : sentences[-1] + 1]
        job = Job(
            tokens[starts[0] : starts[-1]],
            starts - starts[0],
            sentences - sentences[0],
            streams[first:last],
            learning_rates[first:last],
        )
        nbytes = sum(array.nbytes for array in job)
        rounds = job.rounds(self._setup.shards)
        self._log.append(_Entry(self._end, rounds, ray.put(job), nbytes))
        self._end += rounds
        try:
            self._advance(totals[first:last])
            if sum(entry.nbytes for entry in self._log) > self._weight_bytes():
                self.fetch()
        except BaseException:
            self._broken = True
            raise

    def fetch(self) -> None:
        """Bring the weights from the nodes into the rows of this process."""
        if self._broken or self._fetched == self._end:
            return
        try:
            self._fetch()
        except Exception:  # but not Ctrl-C, after which it is called again
            self._broken = True
            raise

    def _fetch(self) -> None:
        for _ in range(TRIES):
            self._advance(None)
            member = self._cluster.members[0]
            for _, weights in self._cluster.call([(member, member.actor.weights.remote())]):
                for name, matrix in self._rows.items():
                    matrix[:, : self._setup.dimensions] = weights[name]
                self._fetched = self._end
                self._log = []
                return
        raise self._no_progress()

    def _weight_bytes(self) -> int:
        return sum(matrix.nbytes for matrix in self._rows.values())

    def _no_progress(self) -> ClusterError:
        self._broken = True
        return ClusterError(
            f"all nodes were lost, again and again ({TRIES} times): look for the reason in Ray's "
            "logs (a lack of memory?), and go on from the last checkpoint: "
            "negw2v.distributed.resume()"
        )

    def _advance(self, totals: Array | None) -> None:
        """Have all nodes train what was handed in; `totals` are those of the last job."""
        tries, before = 0, -1
        while True:
            position = self._ready()
            if position == self._end:
                return
            tries = tries + 1 if position <= before else 0
            if tries == TRIES:
                raise self._no_progress()
            before = position
            entry = next(e for e in self._log if position < e.begin + e.rounds)
            self._train_entry(entry, position, totals if entry is self._log[-1] else None)

    def _ready(self) -> int:
        """Have all nodes at the same place: the furthest that any of them has reached."""
        for _ in range(TRIES):
            self._cluster.fill()
            members = self._cluster.members
            reached = [m.position for m in members if m.position is not None]
            if not reached and self._had_weights:
                self._restarts += 1
                if self._restarts == TRIES:
                    raise self._no_progress()
            position = max(reached, default=self._fetched)
            behind = [member for member in members if member.position != position]
            if not behind:
                return position
            source = next((m for m in members if m.position == position), None)
            weights = source.actor.weights.remote() if source else self._own_weights()
            calls = [(m, m.actor.load.remote(self._setup_ref, weights)) for m in behind]
            if source is not None:  # its loss shows here, not in the calls that wait for it
                calls.append((source, source.actor.about.remote()))
            for member, _ in self._cluster.call(calls):
                member.position = position
                self._had_weights = True
        raise self._no_progress()

    def _own_weights(self) -> Any:
        import ray

        dimensions = self._setup.dimensions
        return ray.put(
            {name: np.ascontiguousarray(m[:, :dimensions]) for name, m in self._rows.items()}
        )

    def _train_entry(self, entry: _Entry, position: int, totals: Array | None) -> None:
        cluster = self._cluster
        cluster.generation += 1
        members = list(cluster.members)
        actors = [member.actor for member in members]
        start = position - entry.begin
        edges = self._edges_for(len(members))
        calls: list[tuple[Member, Any]] = [
            (
                member,
                member.actor.train.remote(
                    entry.job, start, cluster.generation, actors, number, edges
                ),
            )
            for number, member in enumerate(members)
        ]
        best = Progress(start, np.zeros(0, dtype=kernels.TOTALS))
        for member, progress in cluster.call(calls):
            member.position = entry.begin + progress.rounds
            self._traffic.nbytes += progress.nbytes
            self._traffic.messages += progress.messages
            best = max(best, progress, key=lambda each: each.rounds)
        self._traffic.rounds += best.rounds - start
        if totals is not None:
            shards = self._setup.shards
            trained = slice(start * shards, best.rounds * shards)
            totals[trained] = best.totals[trained]

    def _edges_for(self, nodes: int) -> dict[str, Int64s]:
        if nodes not in self._edges:
            self._edges[nodes] = {
                name: divided(weights, nodes) for name, weights in self._touches.items()
            }
        return self._edges[nodes]
