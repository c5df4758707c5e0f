"""Worker threads over a bounded queue.

The thread that calls train() reads the corpus and hands out tasks; these threads run them.
Whatever ends training early (an exception in the corpus, in a callback or in a task, or
Ctrl-C) ends all threads before it reaches the caller. A task should take some tens of
milliseconds, because a thread ends between tasks, never inside one. The threads start when there
is a second task: starting one takes as long as training some sentences. A single task, and all
tasks where no thread can be started, are run by the thread that hands them in, when it would wait
for them.

Both sides meet in two ``queue.SimpleQueue`` and nowhere else: these are written in C, so
that a KeyboardInterrupt, which may come between any two steps of Python code, finds no lock
half taken. ``queue.Queue`` and ``threading.Condition`` do not survive it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from negw2v.parallel import started

__all__ = ["WorkerPool", "worker_pool"]

logger = logging.getLogger(__name__)

Task = TypeVar("Task")

# How often waiting looks up, for Ctrl-C on systems where a wait cannot be interrupted.
POLL_SECONDS = 0.1


class WorkerPool(Generic[Task]):
    """Threads that run tasks in the order they are handed in. Use :func:`worker_pool`.

    Parameters
    ----------
    run
        Runs one task, in a worker thread.
    finished
        Called with every task that has run, in the thread that hands them in.
    workers
        Number of threads.
    queued
        Tasks that may wait; handing in one more blocks.
    """

    def __init__(
        self,
        run: Callable[[Task], None],
        finished: Callable[[Task], None],
        workers: int,
        queued: int,
    ) -> None:
        self._run = run
        self._finished = finished
        self._room = workers + max(queued, 1)
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Task, BaseException | None, float]] = (
            queue.SimpleQueue()
        )
        self._busy = self._full = 0.0
        self._unfinished = 0
        self._stopping = False
        self._launched = 0
        self._may_launch = True
        self._threads = [
            threading.Thread(target=self._work, name=f"negw2v-worker-{i}", daemon=True)
            for i in range(workers)
        ]

    def _launch(self) -> None:
        """Start the threads, as many as the system allows."""
        self._may_launch = False
        for thread in self._threads:
            self._launched += 1
            if not started(thread):
                self._launched -= 1
                logger.warning(
                    "%d of %d worker threads could be started; training goes on with %s",
                    self._launched,
                    len(self._threads),
                    "these" if self._launched else "the calling thread alone",
                )
                break

    @property
    def threads(self) -> int:
        """How many threads run tasks; without any it is the calling one."""
        return max(1, self._launched)

    @property
    def busy_seconds(self) -> float:
        """What the tasks that have run took, in all threads together."""
        return self._busy

    @property
    def full_seconds(self) -> float:
        """How long :meth:`submit` has waited because there were too many tasks."""
        return self._full

    def submit(self, task: Task) -> None:
        """Hand in a task; wait while there are too many. Raises the exception of a failed one."""
        if self._unfinished and self._may_launch:
            self._launch()
        start = time.perf_counter()
        while self._unfinished >= self._room:
            self._collect()
        self._full += time.perf_counter() - start
        self._unfinished += 1
        self._tasks.put(task)

    def wait(self) -> None:
        """Wait until every task has run. Raises the exception of a failed one."""
        while self._unfinished:
            self._collect()

    def stop(self) -> None:
        """Forget the tasks that wait, and return when all threads have ended."""
        self._stopping = True
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads[: self._launched]:
            if thread.ident is None:  # Ctrl-C came while it was being started
                time.sleep(POLL_SECONDS)
            if thread.ident is not None:
                thread.join()

    def _collect(self) -> None:
        """Take note of a task that has run."""
        if not self._launched:
            self._run_one()
        try:
            task, error, seconds = self._done.get(timeout=POLL_SECONDS)
        except queue.Empty:
            return
        self._unfinished -= 1
        self._busy += seconds
        if error is not None:
            raise error
        self._finished(task)

    def _work(self) -> None:
        while self._run_one():
            pass

    def _run_one(self) -> bool:
        """Run the next task; False: there is none to come."""
        task = self._tasks.get()
        if task is None:
            return False
        error: BaseException | None = None
        start = time.perf_counter()
        if not self._stopping:
            try:
                self._run(task)
            except BaseException as raised:  # noqa: BLE001 - it reaches the caller
                error = raised
        self._done.put((task, error, time.perf_counter() - start))
        return True  # and lets go of the task: its block of the corpus need not wait


@contextmanager
def worker_pool(
    run: Callable[[Task], None], finished: Callable[[Task], None], workers: int, queued: int
) -> Iterator[WorkerPool[Task]]:
    """A :class:`WorkerPool`, all of whose threads have ended when the block is left."""
    pool = WorkerPool(run, finished, workers, queued)
    try:
        yield pool
    finally:
        pool.stop()
