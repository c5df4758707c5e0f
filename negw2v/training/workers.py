"""Worker threads over a bounded queue.

The thread that calls train() reads the corpus and hands out tasks; these threads run them.
Whatever ends training early (an exception in the corpus, in a callback or in a task, or
Ctrl-C) ends all threads before it reaches the caller. A task should take some tens of
milliseconds, because a thread ends between tasks, never inside one.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["WorkerPool", "worker_pool"]

Task = TypeVar("Task")

# How often waiting looks up: for errors of the workers, for a tick, and (on systems where
# waiting for a lock cannot be interrupted) for Ctrl-C.
POLL_SECONDS = 0.1


class WorkerPool(Generic[Task]):
    """Threads that run tasks in the order they are handed in. Use :func:`worker_pool`.

    Parameters
    ----------
    run
        Runs one task, in a worker thread.
    workers
        Number of threads.
    queued
        Tasks that may wait; handing in one more blocks.
    """

    def __init__(self, run: Callable[[Task], None], workers: int, queued: int) -> None:
        self._run = run
        self._tasks: queue.Queue[Task | None] = queue.Queue(maxsize=max(queued, workers))
        self._state = threading.Condition()
        self._unfinished = 0
        self._error: BaseException | None = None
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"negw2v-worker-{i}", daemon=True)
            for i in range(workers)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task, tick: Callable[[], None]) -> None:
        """Hand in a task; while the queue is full, wait and call `tick` now and then.

        Raises the exception of a task that failed.
        """
        with self._state:
            self._unfinished += 1
        while True:
            self._reraise()
            try:
                self._tasks.put(task, timeout=POLL_SECONDS)
            except queue.Full:
                tick()
            else:
                return

    def wait(self, tick: Callable[[], None]) -> None:
        """Wait until every task has run, and call `tick` now and then.

        Raises the exception of a task that failed.
        """
        while True:
            with self._state:
                idle = self._unfinished == 0 or self._error is not None
                if not idle:
                    self._state.wait(POLL_SECONDS)
            self._reraise()
            if idle:
                return
            tick()

    def stop(self) -> None:
        """Forget the tasks that wait, and return when all threads have ended."""
        self._stopping = True
        while True:
            try:
                self._tasks.get_nowait()
            except queue.Empty:
                break
        started = [thread for thread in self._threads if thread.ident is not None]
        for _ in started:
            self._tasks.put(None)
        for thread in started:
            thread.join()

    def _reraise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            error: BaseException | None = None
            if not self._stopping:
                try:
                    self._run(task)
                except BaseException as raised:  # noqa: BLE001 - it reaches the caller
                    error = raised
            del task  # its block of the corpus need not wait for the next task
            with self._state:
                self._unfinished -= 1
                if error is not None:
                    self._error = self._error or error
                    self._stopping = True
                self._state.notify_all()


@contextmanager
def worker_pool(
    run: Callable[[Task], None], workers: int, queued: int
) -> Iterator[WorkerPool[Task]]:
    """A started :class:`WorkerPool`, all of whose threads have ended when the block is left."""
    pool = WorkerPool(run, workers, queued)
    try:
        pool.start()
        yield pool
    finally:
        pool.stop()
