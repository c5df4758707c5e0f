"""The threads that share the work of a query."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["LEAST_WORK", "split_over_threads", "thread_count"]

Result = TypeVar("Result")

# More than one, so that a thread that starts late or is held up leaves its share to others.
RANGES_PER_THREAD = 4

# Below this many multiplications a further thread costs more than it brings.
LEAST_WORK = 1 << 21

_pool: ThreadPoolExecutor | None = None


def thread_count() -> int:
    """How many threads a query may use: the CPUs that this process may run on."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


def _forget_pool() -> None:
    global _pool  # noqa: PLW0603
    _pool = None


if hasattr(os, "register_at_fork"):
    # a forked child has the pool's object, but none of its threads
    os.register_at_fork(after_in_child=_forget_pool)


def split_over_threads(
    work: Callable[[int, int], Result], first: int, last: int, least: int
) -> list[Result]:
    """``work(start, stop)`` for consecutive ranges that make up first ... last - 1.

    The calling thread does ranges like every other one, and is not kept waiting by threads
    that the machine has no time for: they just get fewer ranges.

    Parameters
    ----------
    work
        Must release the GIL for most of its time, or threads gain nothing.
    first, last
        The whole range.
    least
        Fewest items that are worth a thread of their own.

    Returns
    -------
    list
        The results, in the order of the ranges; at least one.
    """
    global _pool  # noqa: PLW0603
    threads = max(1, min(thread_count(), (last - first) // max(1, least)))
    if threads == 1:
        return [work(first, last)]
    if _pool is None:
        _pool = ThreadPoolExecutor(thread_count(), thread_name_prefix="negw2v-query")
    parts = threads * RANGES_PER_THREAD
    edges = [first + (last - first) * part // parts for part in range(parts + 1)]
    waiting = deque(range(parts))
    results: dict[int, Result] = {}

    def take_ranges() -> None:
        while True:
            try:
                part = waiting.popleft()
            except IndexError:
                return
            results[part] = work(edges[part], edges[part + 1])

    helpers = [_pool.submit(take_ranges) for _ in range(threads - 1)]
    try:
        take_ranges()
    finally:
        waiting.clear()
        for helper in helpers:
            helper.cancel()
    for helper in helpers:
        if not helper.cancelled():
            helper.result()
    return [results[part] for part in range(parts)]
