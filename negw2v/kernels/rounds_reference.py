"""The specification of rounds in plain NumPy, with the signatures of the compiled kernel.

A shard is trained as any span is (:mod:`negw2v.kernels.reference`). Here is what is particular to
shards: their negatives, and the merging of their changes.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s
from negw2v.kernels import checks, merge
from negw2v.kernels.problem import PICKS_PER_DRAW, Objective, Tables, Weights
from negw2v.kernels.random import alias_draws, below, draws
from negw2v.kernels.reference import Draws, SpanTrainer

__all__ = ["RoundTrainer", "pooled_negatives"]


def pooled_negatives(
    objective: Objective,
    tables: Tables,
    tokens: Int32s,
    sentence_starts: npt.NDArray[np.int64],
    span_starts: npt.NDArray[np.int64],
    span: int,
    streams: npt.NDArray[np.uint64],
) -> Int32s:
    """The negatives of a shard, picked from a pool that is drawn before them.

    Parameters
    ----------
    objective, tables
        See :class:`RoundTrainer`; there are negatives, and an alias table.
    tokens, sentence_starts, span_starts, streams
        See :meth:`negw2v.kernels.reference.SpanTrainer.train`.
    span
        Which one.

    Returns
    -------
    numpy.ndarray
        int32, in the order in which they are used.
    """
    assert tables.alias is not None
    found = Draws(objective, tables)
    stream = int(streams[span])
    placeholders = itertools.repeat(np.empty(0, dtype=np.int64))
    sets = found.negatives(
        tokens, sentence_starts, span_starts, span, span + 1, streams, placeholders
    )
    count = objective.negative * len(sets)
    starts = sentence_starts[span_starts[span] : span_starts[span + 1] + 1]
    *_, drawn = found.kept(tokens, starts, stream)
    size = -(-count // PICKS_PER_DRAW)
    pool = alias_draws(draws(stream, size, drawn), tables.alias)
    picks = below(draws(stream, count, drawn + size) >> np.uint64(32), size)
    result: Int32s = pool[picks].astype(np.int32)
    return result


class RoundTrainer:
    """Trains spans in rounds: the spans of a round know nothing of each other.

    Each trains copies of all weights; then their changes are merged, in the order of the spans. So
    the result does not depend on who trains which span, and when.

    The fewer rows a span touches, the less there is to copy and to merge. So negatives are picked
    from a pool: for each :data:`~negw2v.kernels.problem.PICKS_PER_DRAW` of them, one is drawn. Each
    word is picked as often as otherwise, on average.

    Parameters
    ----------
    objective, weights, tables
        See :class:`~negw2v.kernels.reference.SpanTrainer`.
    shards
        Spans in a round.
    most
        See :func:`negw2v.kernels.merge.merge_changes`.

    Raises
    ------
    ParameterError
        If they do not fit together.
    """

    def __init__(
        self,
        objective: Objective,
        weights: Weights,
        tables: Tables,
        shards: int,
        most: float = merge.MOST,
    ) -> None:
        checks.check_problem(objective, weights, tables, 1, compiled=False)
        checks.check_shards(shards)
        self._objective = objective
        self._weights = weights
        self._tables = tables
        self._shards = shards
        self._most = most

    def train(
        self,
        tokens: Int32s,
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
        team: object = None,
    ) -> None:
        """Train spans ``first .. last - 1``, the first of which begins a round.

        Parameters
        ----------
        tokens, sentence_starts, span_starts, first, last, streams, learning_rates, totals
            See :meth:`negw2v.kernels.reference.SpanTrainer.train`.
        team
            A compiled kernel shares the work among all threads that call this with the same
            team and arguments; each call returns when everything is trained. A team is for one set
            of arguments; no two teams may train at once.

        Raises
        ------
        ParameterError
            As :meth:`negw2v.kernels.reference.SpanTrainer.train`.
        """
        for begin in range(first, last, self._shards):
            end = min(begin + self._shards, last)
            changes = self.changes(
                tokens,
                sentence_starts,
                span_starts,
                begin,
                end,
                streams,
                learning_rates,
                totals,
                team,
            )
            for name, shards in changes.items():
                merge.merge_changes(getattr(self._weights, name), shards, self._most)

    def changes(
        self,
        tokens: Int32s,
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
        team: object = None,  # noqa: ARG002 - one thread is enough here
    ) -> dict[str, list[merge.Changes]]:
        """What the spans of one round would change; the weights stay as they are.

        Parameters
        ----------
        tokens, sentence_starts, span_starts, first, last, streams, learning_rates, totals, team
            See :meth:`train`. There are at most as many spans as shards.

        Returns
        -------
        dict of str to list
            For each matrix of the weights that is trained, by its name in
            :class:`~negw2v.kernels.Weights`: the changes of each shard, in order.
        """
        names = ["input_vectors"]
        names += ["output_vectors"] if self._objective.negative else []
        names += ["node_vectors"] if self._tables.huffman is not None else []
        result: dict[str, list[merge.Changes]] = {name: [] for name in names}
        for number in range(first, last):
            span = tokens, sentence_starts, span_starts, number, number + 1, streams
            tables = self._tables
            if self._objective.negative:
                pooled = pooled_negatives(
                    self._objective,
                    tables,
                    tokens,
                    sentence_starts,
                    span_starts,
                    number,
                    streams,
                )
                tables = replace(tables, alias=None, negatives=pooled)
            copies = {name: getattr(self._weights, name).copy() for name in names}
            trainer = SpanTrainer(self._objective, replace(self._weights, **copies), tables)
            trainer.train(*span, learning_rates, totals)
            for name, copy in copies.items():
                before = getattr(self._weights, name)
                rows = np.flatnonzero((copy != before).any(axis=1)).astype(np.int32)
                result[name].append(merge.Changes(rows, copy[rows] - before[rows]))
        return result

    def help(
        self,
        tokens: Int32s,
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
        team: object,
    ) -> None:
        """Take part in a call of :meth:`changes` in another thread, which returns the result.

        Parameters
        ----------
        tokens, sentence_starts, span_starts, first, last, streams, learning_rates, totals, team
            Those of that call.
        """
