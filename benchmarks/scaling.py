"""Training on several machines: what it costs here, and a plan for clusters of any size.

    python benchmarks/scaling.py                           all
    python benchmarks/scaling.py --part overhead           nodes of this machine against its threads
    python benchmarks/scaling.py --part kills              kill -9 at random moments, in a loop
    python benchmarks/scaling.py --part plan --rate 1.5e6 --threads 16 --bandwidth 1.25e9

- overhead: a text whose words follow Zipf's law; one process with 2 threads, with and without
  rounds, against 1 and 2 nodes with 1 thread each. Rounds per second, and the bytes that nodes
  send, counted and by the formula of docs/distributed.md.
- kills: nodes are killed at random moments of a training; its bits must be those of one machine.
- plan: a simulation. A round takes the time of its shards, of its messages and of its bytes; the
  speed-up is over one machine without rounds. Nothing is measured.

The first two need the extra `ray`, and start a cluster on the loopback.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from harness import heading, markdown

from negw2v import CallbackAny2Vec, Word2Vec, kernels
from negw2v.corpus.vocabulary import downsample
from negw2v.distributed.node import Setup
from negw2v.distributed.trainer import touched
from negw2v.training.rounds import Rounds

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "helpers"))

Floats = npt.NDArray[np.float64]
NODES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
HOUR = 3600.0


# --- plan ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Machine:
    """A machine of a cluster, and its network.

    Parameters
    ----------
    rate
        Words per second that one thread trains, without rounds, of 100 dimensions.
    threads
        Of each machine.
    bandwidth
        Bytes per second, in each direction.
    latency
        Seconds from the call of another node to its receipt, both sides ready.
    message
        Seconds of work for each message that a node sends or receives.
    packing
        Bytes per second at which rows are cut, packed, merged and applied, in one thread.
    """

    rate: float = 1.2e6
    threads: int = 16
    bandwidth: float = 1.25e9
    latency: float = 5e-4
    message: float = 2e-4
    packing: float = 1e9


@dataclass(frozen=True)
class Network:
    """What is trained: skip-gram with negative sampling.

    Parameters
    ----------
    words
        Of the vocabulary; their frequencies follow Zipf's law.
    dimensions
        Of the vectors.
    bytes_per_number
        4: float32; 2: bfloat16.
    """

    words: int
    dimensions: int
    bytes_per_number: int = 4

    def changed(self, rounds: Rounds) -> list[Floats]:
        """For each matrix, how probable it is that a shard changes each row."""
        counts = np.maximum(1, 1e9 / (np.arange(self.words) + 2.7)).astype(np.int64)
        tables = kernels.Tables(keep=downsample(counts, 1e-3).sample_ints)
        objective = kernels.Objective(skip_gram=True, window=5)
        setup = Setup(objective, tables, kernels.no_locks(), self.dimensions, rounds.shards, "")
        return list(touched(setup, counts, rounds.shard_tokens).values())

    @property
    def row_bytes(self) -> int:
        """Of a row, with its number."""
        return self.dimensions * self.bytes_per_number + 4


def bytes_of_round(network: Network, rounds: Rounds, nodes: int) -> float:
    """What all nodes together send in a round: see docs/distributed.md.

    Parameters
    ----------
    network, rounds, nodes
        Of a plan.
    """
    return sum(
        network.row_bytes
        * (
            rounds.shards * changed.sum() * (nodes - 1) / nodes
            + (1 - (1 - changed) ** rounds.shards).sum() * (nodes - 1)
        )
        for changed in network.changed(rounds)
    )


def seconds_of_round(machine: Machine, network: Network, rounds: Rounds, nodes: int) -> float:
    """How long a round takes.

    Parameters
    ----------
    machine, network, rounds, nodes
        Of a plan.
    """
    working = min(nodes, rounds.shards)
    shards = -(-rounds.shards // working)
    rate = machine.rate * 100 / network.dimensions
    training = -(-shards // machine.threads) * rounds.shard_tokens / rate
    if working == 1:
        return training
    sent = bytes_of_round(network, rounds, working) / working
    messages = 2 * (working - 1)
    return (
        training
        + 2 * machine.latency
        + 2 * messages * machine.message
        + sent / machine.bandwidth
        + 2 * sent / machine.packing
    )


def speed_up(machine: Machine, network: Network, rounds: Rounds, nodes: int) -> float:
    """How much faster than one such machine without rounds.

    Parameters
    ----------
    machine, network, rounds, nodes
        Of a plan.
    """
    tokens = rounds.shards * rounds.shard_tokens
    rate = tokens / seconds_of_round(machine, network, rounds, nodes)
    return rate / (machine.rate * 100 / network.dimensions * machine.threads)


def plan(machine: Machine) -> None:
    """Print the tables of speed-ups and of costs."""
    print(heading("speed-up over one machine without rounds", f"{machine}"))
    rows = []
    networks = [Network(71_000, 100), Network(1_000_000, 300), Network(1_000_000, 300, 2)]
    for network in networks:
        usual = Rounds.for_vocabulary(network.words)
        assert usual is not None
        for rounds in (usual, Rounds(16, 100_000), Rounds(64, 100_000), Rounds(64, 1_000_000)):
            found = [speed_up(machine, network, rounds, nodes) for nodes in NODES]
            name = f"{network.words:,} x {network.dimensions}"
            name += ", bfloat16" if network.bytes_per_number == 2 else ""
            shape = f"{rounds.shards} x {rounds.shard_tokens:,}"
            rows.append([name, shape, *(f"{value:.2f}" for value in found)])
    print(markdown(["network", "shards", *map(str, NODES)], rows))
    print(heading("hours for 5 epochs, and hours of machines", "rounds of 64 x 1,000,000 tokens"))
    network, rounds = Network(1_000_000, 300), Rounds(64, 1_000_000)
    rows = []
    for words in (1e9, 1e10, 1e11, 1e12):
        alone = 5 * words * network.dimensions / 100 / machine.rate / machine.threads / HOUR
        cells = [f"{words:.0e}", f"{alone:,.1f}"]
        for nodes in (2, 4, 8, 16, 64):
            hours = alone / speed_up(machine, network, rounds, nodes)
            cells.append(f"{hours:,.1f} ({nodes * hours:,.0f})")
        rows.append(cells)
    columns = ["words", "one machine, no rounds", *(f"{n} machines" for n in (2, 4, 8, 16, 64))]
    print(markdown(columns, rows))


# --- measured -----------------------------------------------------------------------------


def written(folder: Path, words: int, tokens: int) -> Path:
    """A text whose words follow Zipf's law; every one occurs."""
    rng = np.random.default_rng(1)
    shares = 1 / (np.arange(words) + 2.7)
    drawn = rng.choice(words, tokens - words, p=shares / shares.sum())
    all_tokens = np.concatenate([np.arange(words), drawn])
    rng.shuffle(all_tokens)
    path = folder / "text.txt"
    with path.open("w") as file:
        for first in range(0, tokens, 20):
            file.write(" ".join(f"w{word}" for word in all_tokens[first : first + 20]) + "\n")
    return path


PARAMETERS: dict[str, Any] = {"sg": 1, "min_count": 1, "seed": 1, "progress": False}


class Looks(CallbackAny2Vec):
    """Keeps what nodes have sent, and kills some."""

    def __init__(self, delays: Iterator[float] | None = None) -> None:
        self.traffic: Any = None
        self.killed = 0
        self._delays = delays

    def on_epoch_begin(self, model: Word2Vec) -> None:
        """Kill a node some time after the epoch has begun."""
        if model._remote is None or self._delays is None:  # noqa: SLF001
            return
        from ray_cluster import kill

        members: Any = model._remote.cluster.members  # type: ignore[attr-defined] # noqa: SLF001
        victim = random.Random(self.killed).choice(members).about.pid
        threading.Timer(next(self._delays), kill, [victim]).start()
        self.killed += 1

    def on_train_end(self, model: Word2Vec) -> None:
        """Keep the counts."""
        if model._remote is not None:  # noqa: SLF001
            self.traffic = model._remote.traffic  # type: ignore[attr-defined] # noqa: SLF001


def overhead(words: int, tokens: int, repeats: int) -> None:
    """Print speeds of this machine's threads and of nodes on it."""
    from ray_cluster import ray_cluster

    from negw2v import distributed

    cases: dict[str, dict[str, Any]] = {
        "2 threads, no rounds": {"workers": 2},
        "2 threads, deterministic": {"workers": 2, "deterministic": True},
        "1 thread, deterministic": {"workers": 1, "deterministic": True},
        "1 node": {"nodes": 1},
        "2 nodes": {"nodes": 2},
        "2 nodes, bfloat16": {"nodes": 2, "wire": "bfloat16"},
        "2 nodes, 8 x 5,000": {"nodes": 2, "shards": 8, "shard_tokens": 5_000},
    }
    usual = Rounds.for_vocabulary(words)
    assert usual is not None
    rates: dict[str, float] = {}
    looks: dict[str, Looks] = {}
    with tempfile.TemporaryDirectory() as folder, ray_cluster([1, 1]):
        path = str(written(Path(folder), words, tokens))
        for name, case in cases.items():
            given = {"epochs": repeats, **PARAMETERS, **case}
            looks[name] = Looks()
            if "nodes" in case:
                given = {"workers": 1, **given}
                model = distributed.train(path, callbacks=[looks[name]], **given)
            else:
                model = Word2Vec(corpus_file=path, **given)
            seconds = [epoch.seconds for epoch in model.training_report.epochs]
            rates[name] = tokens / statistics.median(seconds)
    rows = []
    base = rates["2 threads, no rounds"]
    for name, case in cases.items():
        rate = rates[name]
        cells = [name, f"{rate:,.0f}", f"{rate / base:.2f}"]
        traffic = looks[name].traffic
        if traffic is not None:
            rounds = replace(
                usual, **{k: v for k, v in case.items() if k in ("shards", "shard_tokens")}
            )
            network = Network(words, 100, 2 if case.get("wire") == "bfloat16" else 4)
            expected = bytes_of_round(network, rounds, case["nodes"])
            cells += [
                f"{rate / tokens * traffic.rounds / repeats:,.0f}",
                f"{traffic.nbytes / traffic.rounds:,.0f}",
                f"{expected:,.0f}",
            ]
        rows.append([*cells, *[""] * (6 - len(cells))])
    print(
        heading(
            "nodes on this machine", f"{words:,} words x 100, {tokens:,} tokens, rounds {usual}"
        )
    )
    columns = ["", "words/s", "ratio", "rounds/s", "bytes a round, counted", "by the formula"]
    print(markdown(columns, rows))


def kills(words: int, tokens: int, count: int) -> bool:
    """Kill nodes at random moments; True: the bits were those of one machine."""
    from ray_cluster import ray_cluster

    from negw2v import distributed

    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as folder, ray_cluster([1, 1, 1, 1]):
        path = str(written(Path(folder), words, tokens))
        given = {"workers": 1, "epochs": count, **PARAMETERS}
        expected = Word2Vec(corpus_file=path, deterministic=True, **given)
        begun = time.perf_counter()
        looks = Looks(rng.uniform(0, 2) for _ in range(count))
        model = distributed.train(path, nodes=3, callbacks=[looks], **given)
        seconds = time.perf_counter() - begun
    same = bool(
        (model.wv.vectors == expected.wv.vectors).all()
        and (model.syn1neg == expected.syn1neg).all()
        and model.training_report.losses == expected.training_report.losses
    )
    print(f"{looks.killed} kills in {seconds:.0f} s: {'the same bits' if same else 'OTHER BITS'}")
    return same


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--part", action="append", choices=("overhead", "kills", "plan"))
    parser.add_argument("--words", type=int, default=71_000, help="of the vocabulary")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="of the text")
    parser.add_argument("--repeats", type=int, default=3, help="epochs; medians are shown")
    parser.add_argument("--kills", type=int, default=10)
    for name, kind in Machine.__annotations__.items():
        number = int if kind == "int" else float
        parser.add_argument(f"--{name}", type=number, default=getattr(Machine, name))
    arguments = parser.parse_args()
    parts = arguments.part or ["overhead", "kills", "plan"]
    good = True
    if "overhead" in parts:
        overhead(arguments.words, arguments.tokens, arguments.repeats)
    if "kills" in parts:
        good = kills(min(arguments.words, 10_000), arguments.tokens, arguments.kills)
    if "plan" in parts:
        plan(Machine(**{name: getattr(arguments, name) for name in Machine.__annotations__}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
