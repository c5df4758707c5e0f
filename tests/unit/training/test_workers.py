"""The worker threads: order, errors, interruption, and that none of them is left over."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from negw2v.training import workers
from negw2v.training.workers import worker_pool


def ignore(_: int) -> None:
    """Nobody cares that a task has run."""


def our_threads() -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith(("negw2v-worker", "negw2v-corpus"))
    ]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    assert our_threads() == []
    yield
    assert our_threads() == []


@pytest.mark.parametrize("workers", [1, 4])
def test_every_task_runs_once(workers: int) -> None:
    done: list[int] = []
    with worker_pool(done.append, ignore, workers, queued=2) as pool:
        for task in range(100):
            pool.submit(task)
        assert len(our_threads()) == workers
        pool.wait()
        assert sorted(done) == list(range(100))
        pool.submit(100)
        pool.wait()
    assert sorted(done) == list(range(101))


def test_one_worker_keeps_the_order() -> None:
    done: list[int] = []
    with worker_pool(done.append, ignore, 1, queued=2) as pool:
        for task in range(50):
            pool.submit(task)
        pool.wait()
    assert done == list(range(50))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_the_error_of_a_task_reaches_the_caller(workers: int, error: BaseException) -> None:
    done: list[int] = []

    def run(task: int) -> None:
        if task == 5:
            raise error
        done.append(task)

    with pytest.raises(type(error)) as caught, worker_pool(run, ignore, workers, queued=2) as pool:  # noqa: PT012
        for task in range(1000):
            pool.submit(task)
        pool.wait()
    assert caught.value is error
    assert len(done) < 1000


def test_an_error_while_waiting_ends_the_wait() -> None:
    def run(task: int) -> None:
        time.sleep(0.05)
        raise ValueError(task)

    with pytest.raises(ValueError, match="7"), worker_pool(run, ignore, 1, queued=2) as pool:  # noqa: PT012
        pool.submit(7)
        pool.wait()


@pytest.mark.parametrize("error", [RuntimeError("of the caller"), KeyboardInterrupt()])
def test_leaving_early_forgets_waiting_tasks(error: BaseException) -> None:
    first = threading.Event()
    done: list[int] = []

    def run(task: int) -> None:
        first.set()
        time.sleep(0.05)
        done.append(task)

    with pytest.raises(type(error)), worker_pool(run, ignore, 1, queued=8) as pool:  # noqa: PT012
        for task in range(8):
            pool.submit(task)
        first.wait()
        raise error
    assert len(done) <= 2


@pytest.mark.parametrize("interrupted", [0, 1, 2])
def test_an_interruption_while_threads_start_leaves_none(
    interrupted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, count = threading.Thread.start, itertools.count()

    def interrupt(thread: threading.Thread) -> None:
        if next(count) < interrupted:
            start(thread)
            return
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupt)
    with pytest.raises(KeyboardInterrupt), worker_pool(ignore, ignore, 3, queued=3) as pool:  # noqa: PT012
        pool.submit(0)
        pool.submit(1)


@pytest.mark.parametrize("workers", [1, 3])
def test_no_thread_is_started_for_a_single_task(workers: int) -> None:
    ran: list[threading.Thread] = []

    def run(_: int) -> None:
        ran.append(threading.current_thread())

    with worker_pool(run, ignore, workers, queued=2) as pool:
        for task in range(3):  # epochs of one task
            pool.submit(task)
            pool.wait()
        assert our_threads() == []
    assert ran == [threading.current_thread()] * 3


def test_a_full_queue_makes_the_caller_wait_and_every_task_is_reported_to_it() -> None:
    running, most = 0, 0
    reported: list[tuple[int, str]] = []

    def run(_: int) -> None:
        nonlocal most
        time.sleep(0.002)
        most = max(most, running)

    def finished(task: int) -> None:
        nonlocal running
        running -= 1
        reported.append((task, threading.current_thread().name))

    with worker_pool(run, finished, 2, queued=3) as pool:
        for task in range(50):
            pool.submit(task)
            running += 1
        pool.wait()
    assert sorted(reported) == [(task, threading.current_thread().name) for task in range(50)]
    assert 3 <= most <= 2 + 3 + 1


def test_time_is_that_of_tasks_or_of_waiting_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread starts, the calling one runs a task when it would wait for it."""
    now = [0.0]
    monkeypatch.setattr(workers.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(workers, "started", lambda _: False)

    def run(seconds: float) -> None:
        now[0] += seconds

    with worker_pool(run, lambda _: None, 1, queued=1) as pool:
        for seconds in (3.0, 4.0, 5.0, 6.0):
            pool.submit(seconds)
        assert (pool.busy_seconds, pool.full_seconds) == (7.0, 7.0)
        pool.wait()
        assert (pool.busy_seconds, pool.full_seconds, pool.threads) == (18.0, 7.0, 1)
