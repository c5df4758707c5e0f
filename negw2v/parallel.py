"""Threads: how many are of use, pools of them, maps over them, and those of BLAS.

A container's limit of processes, RLIMIT_NPROC or a lack of memory can keep every new thread from
starting, and so does an interpreter that is about to end. The work is done nevertheless: by fewer
threads, or by the calling one. In order of what a task costs::

    ordered_map            results in order, computed some items ahead; tens of milliseconds each
      ThreadPool           a queue of functions; ends with its block
    share_over_threads     ranges that threads take one by one; tenths of a millisecond each
      run_in_threads       the same function in several threads, of one pool that stays
    single_threaded_blas   keeps BLAS from starting threads inside ours
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

__all__ = [
    "ThreadPool",
    "ordered_map",
    "run_in_threads",
    "share_over_threads",
    "single_threaded_blas",
    "started",
    "thread_count",
]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Item = TypeVar("Item")
Arguments = ParamSpec("Arguments")


def thread_count() -> int:
    """How many threads can run at once: the CPUs that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


def started(thread: threading.Thread) -> bool:
    """Start a thread; False: no thread can be started now."""
    try:
        thread.start()
    except RuntimeError as error:
        logger.info("%s was not started, and the work goes on without it: %s", thread.name, error)
        return False
    return True


class ThreadPool:
    """Runs functions in threads, in the order in which they are submitted.

    Where not one thread can be started, :meth:`submit` itself runs the function. Leaving the
    block waits for all threads; functions that none of them has begun are dropped.

    Parameters
    ----------
    count
        The largest number of threads; they are started as functions come.
    name
        The beginning of the threads' names.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._work = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._growing = threading.Lock()
        self._ending = False

    def __enter__(self) -> ThreadPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()

    def submit(
        self,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Future[Result]:
        """Submit a call.

        Returns
        -------
        Future
            Of what the function returns or raises.
        """
        future: Future[Result] = Future()
        call = partial(function, *args, **kwargs)
        self._grow()
        if self._threads:
            self._work.put((future, call))
        else:
            _carry_out(future, call)
            if not isinstance(future.exception(), (Exception, type(None))):
                future.result()  # Ctrl-C is for the thread that it came to, at once
        return future

    def shutdown(self) -> None:
        """Drop the calls that no thread has begun, and wait until all threads have ended."""
        self._ending = True
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _grow(self) -> None:
        """Start one more thread, if there may be more."""
        if len(self._threads) >= self._count:
            return
        with self._growing:
            number = len(self._threads)
            if number < self._count:
                thread = threading.Thread(
                    target=self._run, name=f"{self._name}-{number}", daemon=True
                )
                if started(thread):
                    self._threads.append(thread)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            if self._ending:
                work[0].cancel()
            else:
                _carry_out(*work)
            del work  # what it refers to may be large


def _carry_out(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - it reaches whoever asks for the result
        future.set_exception(error)


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int, name: str
) -> Iterator[Result]:
    """``function(item)`` for each item, in order, computed by threads.

    Parameters
    ----------
    function
        Must release the GIL for most of its time, or threads gain nothing.
    items
        Taken one by one, in the calling thread.
    threads
        The largest number of threads. Up to `threads` + 1 results are computed ahead of the one
        that the caller has, so memory does not grow with the number of items.
    name
        The beginning of the threads' names.
    """
    ahead: deque[Future[Result]] = deque()
    with ThreadPool(threads, name) as pool:
        for item in items:
            ahead.append(pool.submit(function, item))
            if len(ahead) > threads + 1:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


# The pool of run_in_threads, which stays.
_pool: ThreadPool | None = None


def run_in_threads(work: Callable[[], Result], threads: int) -> list[Result]:
    """Call ``work()`` in several threads at once, the calling thread among them.

    Calls that have not begun when that of the calling thread has ended are dropped: nobody
    waits for threads that the machine has no time for, and where no thread can be started the
    calling one does all the work. So the calls must share the work among themselves as they run.

    Parameters
    ----------
    work
        Must release the GIL for most of its time, or threads gain nothing.
    threads
        The largest number of calls; no more than :func:`thread_count` are made.

    Returns
    -------
    list
        What the calls returned, at least one.
    """
    global _pool  # noqa: PLW0603
    if threads > 1:  # the count takes longer than work for one thread
        threads = min(thread_count(), threads)
    if threads <= 1:
        return [work()]
    if _pool is None:
        _pool = ThreadPool(thread_count(), "negw2v-query")
    others = [_pool.submit(work) for _ in range(threads - 1)]
    try:
        own = work()
    finally:
        for other in others:
            other.cancel()
    return [own, *(other.result() for other in others if not other.cancelled())]


def share_over_threads(
    start: Callable[[], Result], work: Callable[[Result, int, int], None], edges: list[int]
) -> list[Result]:
    """``work(state, edges[i], edges[i + 1])`` for all i, each thread with a state of its own.

    Every thread takes the next range when it has finished one, so its ranges come in ascending
    order. The calling thread takes ranges like every other one.

    Parameters
    ----------
    start
        Makes the state of a thread.
    work
        Processes one range. It must release the GIL for most of its time, or threads gain nothing.
    edges
        Where ranges begin and end, ascending. Each should take a tenth of a millisecond or more.

    Returns
    -------
    list
        The states of the threads that took part, at least one.
    """
    ranges = deque(itertools.pairwise(edges))

    def take_ranges() -> Result:
        state = start()
        while True:
            try:
                first, last = ranges.popleft()
            except IndexError:
                return state
            try:
                work(state, first, last)
            except BaseException:
                ranges.clear()  # the other threads need not go on
                raise

    return run_in_threads(take_ranges, len(ranges))


def _forget_pool() -> None:
    global _pool  # noqa: PLW0603
    _pool = None


if hasattr(os, "register_at_fork"):
    # a forked child has the pool, but none of its threads
    os.register_at_fork(after_in_child=_forget_pool)


class _BlasLimit:
    """Counts the blocks that want BLAS to use one thread; the last one to end undoes it."""

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
#: so that our threads and those of BLAS do not compete for the CPUs. Without threadpoolctl this
#: has no effect: results are the same, but batches take longer.
single_threaded_blas = _BlasLimit()
