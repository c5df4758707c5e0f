"""Nodes that train together give the bits of one kernel; here they are threads, without Ray."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import local_nodes
import numpy as np
import numpy.typing as npt
import pytest

from negw2v import kernels
from negw2v.corpus import huffman
from negw2v.distributed.exchange import divided
from negw2v.distributed.node import MATRICES, Job, Setup, shares
from negw2v.distributed.trainer import touched

Array = npt.NDArray[Any]
WORDS = 300
JOB = local_nodes.job_of([7, 30, 1, 22, 15] * 10, WORDS, 2, seed=5)  # 25 spans: 5 rounds of 5
COUNTS = np.maximum(1, np.bincount(JOB.tokens, minlength=WORDS))


def problem(
    dimensions: int = 20,
    *,
    hs: bool = False,
    sg: bool = True,
    shards: int = 5,
    wire: str = "float32",
) -> tuple[Setup, dict[str, Array]]:
    rng = np.random.default_rng(2)
    tables = kernels.Tables(
        keep=rng.integers(2**31, 2**32, WORDS).astype(np.uint32),
        alias=kernels.alias_table(COUNTS**0.75 / (COUNTS**0.75).sum()),
        huffman=huffman.build_paths(COUNTS) if hs else None,
    )
    objective = kernels.Objective(skip_gram=sg, window=4)
    setup = Setup(objective, tables, kernels.no_locks(), dimensions, shards, wire)
    weights = {
        name: rng.normal(0, 0.1, (WORDS, dimensions)).astype(np.float32) for name in setup.matrices
    }
    return setup, weights


def expected(setup: Setup, weights: dict[str, Array], job: Job) -> tuple[dict[str, Array], Array]:
    """What one kernel makes of it."""
    rows = {}
    for name in MATRICES:
        rows[name] = None
        if name in weights:
            rows[name] = kernels.aligned_matrix(WORDS, setup.dimensions)
            rows[name][:, : setup.dimensions] = weights[name]
    all_weights = kernels.Weights(
        dimensions=setup.dimensions, lock_factors=setup.lock_factors, **rows
    )
    trainer = kernels.RoundTrainer(setup.objective, all_weights, setup.tables, setup.shards)
    totals = np.zeros(job.spans, kernels.TOTALS)
    trainer.train(
        job.tokens,
        job.sentence_starts,
        job.span_starts,
        0,
        job.spans,
        job.streams,
        job.learning_rates,
        totals,
    )
    return {name: rows[name][:, : setup.dimensions] for name in weights}, totals


def edges_for(setup: Setup, nodes: int) -> dict[str, Array]:
    return {name: divided(weights, nodes) for name, weights in touched(setup, COUNTS, 30).items()}


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "kind", [{}, {"dimensions": 16}, {"hs": True}, {"sg": False}, {"shards": 3}, {"shards": 40}]
)
def test_any_number_of_nodes_gives_the_bits_of_one_kernel(nodes: int, kind: dict[str, Any]) -> None:
    setup, weights = problem(**kind)
    bits, totals = expected(setup, weights, JOB)
    several = local_nodes.loaded(nodes, setup, weights)
    progress = local_nodes.trained(several, JOB, edges_for(setup, nodes))
    for node, done in zip(several, progress, strict=True):
        for name, matrix in node.weights().items():
            np.testing.assert_array_equal(matrix, bits[name], err_msg=name)
        assert done.rounds == JOB.rounds(setup.shards)
        assert done.totals.tobytes() == totals.tobytes()
    messages = 2 * (nodes - 1) * JOB.rounds(setup.shards) if nodes > 1 else 0
    assert [done.messages for done in progress] == [messages] * nodes


def test_threads_of_a_node_share_its_work() -> None:
    setup, weights = problem()
    bits, _ = expected(setup, weights, JOB)
    for nodes in (1, 2):
        several = local_nodes.loaded(nodes, setup, weights, threads=2)
        local_nodes.trained(several, JOB, edges_for(setup, nodes))
        np.testing.assert_array_equal(several[0].weights()["input_vectors"], bits["input_vectors"])


@pytest.mark.parametrize("kind", ["changes", "merged"])
@pytest.mark.parametrize("lost_round", [0, 2, 4])
def test_a_round_that_is_given_up_leaves_the_weights_of_a_whole_round(
    kind: str, lost_round: int
) -> None:
    """A message of the third node is lost; the others stop, and go on without it."""
    setup, weights = problem()
    bits, totals = expected(setup, weights, JOB)
    nodes = local_nodes.loaded(3, setup, weights)

    def deliver_to(node: Any) -> Any:
        def deliver(generation: int, what: Any, sender: int, message: Any) -> None:
            if generation == 1 and sender == 2 and what == (kind, lost_round):
                for each in nodes:
                    each.give_up(1)
            else:
                node.deliver(generation, what, sender, message)

        return deliver

    handles = [local_nodes.Handle(node, deliver_to(node)) for node in nodes]
    progress = local_nodes.trained(nodes, JOB, edges_for(setup, 3), handles)
    reached = [done.rounds for done in progress]
    assert lost_round - 1 <= min(reached)
    assert max(reached) <= lost_round + 1
    for node, rounds in zip(nodes, reached, strict=True):
        part = Job(*JOB[:2], JOB.span_starts[: 5 * rounds + 1], JOB.streams[: 5 * rounds], JOB[4])
        after, _ = expected(setup, weights, part)
        np.testing.assert_array_equal(node.weights()["output_vectors"], after["output_vectors"])
    # the third one is lost; whoever is behind takes the weights of the other
    best = max(range(2), key=lambda number: reached[number])
    state = nodes[best].weights()
    survivors = nodes[:2]
    for node in survivors:
        node.load(setup, state)
    rest = local_nodes.trained(
        survivors, JOB, edges_for(setup, 2), start=reached[best], generation=2
    )
    np.testing.assert_array_equal(survivors[0].weights()["input_vectors"], bits["input_vectors"])
    begin = 5 * reached[best]
    assert rest[0].totals[begin:].tobytes() == totals[begin:].tobytes()
    assert progress[best].totals[:begin].tobytes() == totals[:begin].tobytes()


def test_bfloat16_halves_the_bytes_and_stays_close() -> None:
    sizes, results = {}, {}
    for wire in ("float32", "bfloat16"):
        setup, weights = problem(dimensions=64, wire=wire)
        nodes = local_nodes.loaded(2, setup, weights)
        progress = local_nodes.trained(nodes, JOB, edges_for(setup, 2))
        sizes[wire] = sum(done.nbytes for done in progress)
        results[wire] = nodes[0].weights()
        for name, matrix in nodes[1].weights().items():
            np.testing.assert_array_equal(matrix, results[wire][name])
    assert 0.5 < sizes["bfloat16"] / sizes["float32"] < 0.53
    for name, matrix in results["float32"].items():
        moved = np.abs(matrix - weights[name]).max()
        assert moved > 0.01
        assert np.abs(results["bfloat16"][name] - matrix).max() < 0.05 * moved


def test_locked_words_stay_where_they_are() -> None:
    setup, weights = problem()
    locks = np.ones(WORDS, np.float32)
    locks[:10] = 0
    nodes = local_nodes.loaded(2, replace(setup, lock_factors=locks), weights)
    local_nodes.trained(nodes, JOB, edges_for(setup, 2))
    after = nodes[1].weights()["input_vectors"]
    np.testing.assert_array_equal(after[:10], weights["input_vectors"][:10])
    assert (after[10:] != weights["input_vectors"][10:]).any()


def test_shares_differ_by_one_span_at_most() -> None:
    assert shares(8, 3) == [0, 2, 5, 8]
    assert shares(1, 3) == [0, 0, 0, 1]


@pytest.mark.parametrize("owners", [2, 3])
def test_owners_have_about_as_many_changes_to_merge(owners: int) -> None:
    setup, weights = problem(hs=True)
    (node,) = local_nodes.loaded(1, setup, weights)
    counts = {name: np.zeros(owners) for name in setup.matrices}
    edges = edges_for(setup, owners)
    for span in range(0, JOB.spans, 5):
        totals = np.zeros(JOB.spans, kernels.TOTALS)
        for name, shards in node._changes(JOB, slice(span, span + 5), totals).items():
            for shard in shards:
                counts[name] += np.diff(np.searchsorted(shard.rows, edges[name]))
    for name, merged in counts.items():
        assert merged.max() < 1.6 * merged.mean(), name
