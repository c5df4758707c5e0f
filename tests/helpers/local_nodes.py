"""Nodes of distributed training as threads of this process: no Ray, the same messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.distributed.node import Job, Node, Progress, Setup

Array = npt.NDArray[Any]


class _Method:
    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def remote(self, *args: Any) -> None:
        self._call(*args)


class Handle:
    """What a node has of another one; `deliver` may be something else."""

    def __init__(self, node: Node, deliver: Callable[..., Any] | None = None) -> None:
        self.deliver = _Method(deliver or node.deliver)


def job_of(lengths: Sequence[int], words: int, pieces: int, seed: int) -> Job:
    """Random spans: sentences of these lengths, so many of them in a span."""
    rng = np.random.default_rng(seed)
    tokens = np.minimum(rng.zipf(1.3, sum(lengths)) - 1, words - 1).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    spans = np.append(np.arange(0, len(lengths), pieces), len(lengths))
    count = len(spans) - 1
    streams = kernels.random_streams(seed, 0, 0, count)
    return Job(tokens, starts, spans, streams, np.full(count, 0.05, np.float32))


def trained(
    nodes: Sequence[Node],
    job: Job,
    edges: Mapping[str, Array],
    handles: Sequence[Any] | None = None,
    start: int = 0,
    generation: int = 1,
) -> list[Progress]:
    """What each node says when all have trained a job together."""
    handles = handles or [Handle(node) for node in nodes]
    done: dict[int, Progress] = {}

    def run(number: int) -> None:
        done[number] = nodes[number].train(job, start, generation, handles, number, edges)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(nodes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[number] for number in range(len(nodes))]


def loaded(count: int, setup: Setup, weights: Mapping[str, Array], threads: int = 1) -> list[Node]:
    """Nodes with these weights."""
    nodes = [Node(kernels.isa(), threads) for _ in range(count)]
    for node in nodes:
        node.load(setup, weights)
    return nodes
