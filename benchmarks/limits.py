"""What the machine itself allows: how much more several processes do than one.

    python benchmarks/limits.py

Two threads that train cannot gain more over one than two processes that share nothing gain over
one. The arithmetic stays in the first-level cache; the copy, as in STREAM (McCalpin 1995), goes
through all of memory.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import markdown

from negw2v import kernels

SECONDS = 0.5
ROUNDS = 3
#: Floats of the arithmetic, which stay in the first-level cache, and of each array of the copy.
CACHED = 2_048
COPIED = 1 << 24


def multiply() -> Callable[[], float]:
    """A step of arithmetic; a call returns how many multiplications it made."""
    values, factors = np.ones(CACHED, np.float32), np.ones(CACHED, np.float32)

    def step() -> float:
        for _ in range(100):
            np.multiply(values, factors, out=values)
        return 100.0 * CACHED

    return step


def copy() -> Callable[[], float]:
    """A step of STREAM's copy; a call returns how many bytes it read and wrote."""
    source, target = np.ones(COPIED, np.float32), np.zeros(COPIED, np.float32)

    def step() -> float:
        np.copyto(target, source)
        return 2.0 * source.nbytes

    return step


WORK: dict[str, Callable[[], Callable[[], float]]] = {"multiply": multiply, "copy": copy}


def _repeat(name: str, seconds: float, barrier: Any, results: Any) -> None:
    """In a process of its own: steps for so many seconds, begun by all processes at once."""
    step = WORK[name]()
    step()
    barrier.wait()
    start = time.perf_counter()
    done = 0.0
    while time.perf_counter() - start < seconds:
        done += step()
    results.put(done / (time.perf_counter() - start))


def throughput(name: str, processes: int, seconds: float = SECONDS) -> float:
    """What several processes do together, a second.

    Parameters
    ----------
    name
        Of :data:`WORK`.
    processes
        How many, at once.
    seconds
        How long each of them works.
    """
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=_repeat, args=(name, seconds, barrier, results))
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    total = sum(results.get(timeout=60 + seconds) for _ in workers)
    for worker in workers:
        worker.join()
    return total


def table(processes: int = 2, rounds: int = ROUNDS, seconds: float = SECONDS) -> str:
    """The levels of instruction sets, and a table of one process and of several, in turn."""
    lines = []
    for name, unit, scale in (("multiply", "G/s", 1e9), ("copy", "GB/s", 1e9)):
        found: dict[int, list[float]] = {1: [], processes: []}
        for _ in range(rounds):
            for count, values in found.items():
                values.append(throughput(name, count, seconds))
        one, several = (statistics.median(values) / scale for values in found.values())
        lines.append([name, f"{one:.1f} {unit}", f"{several:.1f} {unit}", f"{several / one:.2f}x"])
    about = (
        f"Instruction sets: {', '.join(kernels.levels())}; in use: {kernels.isa()}. "
        f"Medians of {rounds}.\n"
    )
    columns = ["processes that share nothing", "1", f"{processes}", f"{processes} over 1"]
    return about + "\n" + markdown(columns, lines)


if __name__ == "__main__":
    print(table(), flush=True)
