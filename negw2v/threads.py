"""Threads that share work, on machines that may have none to give.

A container's limit of processes, RLIMIT_NPROC or a lack of memory can keep every new thread from
starting, and so does an interpreter that is about to end. Work is done nevertheless: by fewer
threads, or by the one that hands it in.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

__all__ = ["Threads", "started"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def started(thread: threading.Thread) -> bool:
    """Start a thread; False: no thread can be started now."""
    try:
        thread.start()
    except RuntimeError as error:
        logger.info("%s was not started, and the work goes on without it: %s", thread.name, error)
        return False
    return True


class Threads:
    """Runs functions in threads, in the order in which they are handed in.

    Where not one thread can be started, :meth:`submit` itself runs the function. Leaving the
    block waits for all threads; functions that none of them has begun are dropped.

    Parameters
    ----------
    count
        Threads at most, started as functions come.
    name
        How their names begin.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._work = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._growing = threading.Lock()
        self._ending = False

    def __enter__(self) -> Threads:
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
        """Hand a function in.

        Returns
        -------
        Future
            Of what it returns or raises.
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
        """Drop what nobody has begun, and wait until all threads have ended."""
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
