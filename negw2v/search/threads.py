"""The threads that share the work of a query."""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from negw2v.cpus import thread_count
from negw2v.search import compiled
from negw2v.threads import Threads, started

__all__ = ["call_helpers", "run_in_threads", "share_over_threads", "single_threaded_blas"]

State = TypeVar("State")

# Threads that wait for the next query without sleeping: more gain nothing, as all read memory.
MOST_HELPERS = 7

# Seconds for which they do so, after the last one.
HELPERS_WAIT = 0.001

_pool: Threads | None = None
_helpers: list[threading.Thread] = []


def _forget_threads() -> None:
    global _pool  # noqa: PLW0603
    _pool = None
    _helpers.clear()
    compiled.cosine_scan.forget_helpers()


if hasattr(os, "register_at_fork"):
    # a forked child has the objects, but none of the threads
    os.register_at_fork(after_in_child=_forget_threads)


def call_helpers(threads: int) -> int:
    """See to it that other threads help with what the calling one is about to search.

    Waking a thread can take longer than a search does. So those that help stay awake for a
    millisecond after each one; when they are asleep they are woken, for this search if it takes
    long enough, and for the next one.

    Parameters
    ----------
    threads
        How many would be of use, with the calling one.

    Returns
    -------
    int
        How many may take part: what to give to ``passes.find_plain``.
    """
    awake: int = compiled.cosine_scan.helpers_awake()
    if _helpers and awake >= min(threads - 1, len(_helpers)):
        return min(threads, 1 + awake)
    threads = min(threads, thread_count(), 1 + MOST_HELPERS)
    if threads <= 1 or not (compiled.cosine_scan.HAS_HELPERS and _start_helpers()):
        return 1
    compiled.cosine_scan.call_helpers()
    return threads


def _start_helpers() -> bool:
    """All that are of use here, for any search; False: there can be none."""
    while len(_helpers) < min(thread_count() - 1, MOST_HELPERS):
        # never joined: it never comes back from there, and has nothing to put in order
        helper = threading.Thread(
            target=compiled.cosine_scan.help,
            args=(HELPERS_WAIT,),
            name="negw2v-helper",
            daemon=True,
        )
        if not started(helper):
            break
        _helpers.append(helper)
    return bool(_helpers)


def run_in_threads(work: Callable[[], State], threads: int) -> list[State]:
    """Call ``work()`` in so many threads at once, the calling thread among them.

    Calls that have not begun when that of the calling thread has ended are dropped: nobody
    waits for threads that the machine has no time for, and where none can be started the calling
    one does all the work. So what there is to do must be shared among the calls as they run.

    Parameters
    ----------
    work
        It must release the GIL for most of its time, or threads gain nothing.
    threads
        At most so many calls, no more than :func:`thread_count`.

    Returns
    -------
    list
        What the calls returned, at least one.
    """
    global _pool  # noqa: PLW0603
    threads = min(thread_count(), threads)
    if threads <= 1:
        return [work()]
    if _pool is None:
        _pool = Threads(thread_count(), "negw2v-query")
    helpers = [_pool.submit(work) for _ in range(threads - 1)]
    try:
        own = work()
    finally:
        for helper in helpers:
            helper.cancel()
    return [own, *(helper.result() for helper in helpers if not helper.cancelled())]


def share_over_threads(
    start: Callable[[], State], work: Callable[[State, int, int], None], edges: list[int]
) -> list[State]:
    """``work(state, edges[i], edges[i + 1])`` for all i, each thread with a state of its own.

    Every thread takes the next range when it has done one, so its ranges come in ascending
    order. The calling thread does ranges like every other one.

    Parameters
    ----------
    start
        Makes the state of a thread.
    work
        Does one range. It must release the GIL for most of its time, or threads gain nothing.
    edges
        Where ranges begin and end, ascending. Each should be worth a tenth of a millisecond.

    Returns
    -------
    list
        The states of the threads that took part, at least one.
    """
    waiting = deque(itertools.pairwise(edges))

    def take_ranges() -> State:
        state = start()
        while True:
            try:
                first, last = waiting.popleft()
            except IndexError:
                return state
            try:
                work(state, first, last)
            except BaseException:
                waiting.clear()  # the other threads need not go on
                raise

    return run_in_threads(take_ranges, len(waiting))


class _BlasLimit:
    """Counts those that want BLAS to use one thread; the last one to leave undoes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0 and (controller := _blas_controller()) is not None:
                self._limit = controller.limit(limits=1, user_api="blas")
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._limit is not None:
                self._limit.restore_original_limits()
                self._limit = None


@functools.cache
def _blas_controller() -> Any:
    try:
        from threadpoolctl import (  # type: ignore[import-untyped, import-not-found, unused-ignore]
            ThreadpoolController,
        )
    except ImportError:
        return None
    return ThreadpoolController()


#: Within ``with single_threaded_blas:`` a product of matrices runs in the thread that calls it,
#: so that our threads and those of BLAS do not fight for the CPUs. Where threadpoolctl is not
#: installed nothing changes: results are the same, but batches take longer.
single_threaded_blas = _BlasLimit()
