"""The worker threads: order, errors, interruption, and that none of them is left over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from negw2v.training.workers import worker_pool


def nothing() -> None:
    """A tick that does nothing."""


def our_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("negw2v")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    assert our_threads() == []
    yield
    assert our_threads() == []


@pytest.mark.parametrize("workers", [1, 4])
def test_every_task_runs_once(workers: int) -> None:
    done: list[int] = []
    with worker_pool(done.append, workers, queued=2) as pool:
        assert len(our_threads()) == workers
        for task in range(100):
            pool.submit(task, nothing)
        pool.wait(nothing)
        assert sorted(done) == list(range(100))
        pool.submit(100, nothing)
        pool.wait(nothing)
    assert sorted(done) == list(range(101))


def test_one_worker_keeps_the_order() -> None:
    done: list[int] = []
    with worker_pool(done.append, 1, queued=2) as pool:
        for task in range(50):
            pool.submit(task, nothing)
        pool.wait(nothing)
    assert done == list(range(50))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_the_error_of_a_task_reaches_the_caller(workers: int, error: BaseException) -> None:
    done: list[int] = []

    def run(task: int) -> None:
        if task == 5:
            raise error
        done.append(task)

    with pytest.raises(type(error)) as caught, worker_pool(run, workers, queued=2) as pool:  # noqa: PT012
        for task in range(1000):
            pool.submit(task, nothing)
        pool.wait(nothing)
    assert caught.value is error
    assert len(done) < 1000


def test_an_error_while_waiting_ends_the_wait() -> None:
    release = threading.Event()

    def run(task: int) -> None:
        release.wait()
        raise ValueError(task)

    with pytest.raises(ValueError, match="7"), worker_pool(run, 1, queued=2) as pool:  # noqa: PT012
        pool.submit(7, nothing)
        pool.wait(release.set)


@pytest.mark.parametrize("error", [RuntimeError("of the caller"), KeyboardInterrupt()])
def test_leaving_early_forgets_waiting_tasks(error: BaseException) -> None:
    first = threading.Event()
    done: list[int] = []

    def run(task: int) -> None:
        first.set()
        time.sleep(0.05)
        done.append(task)

    with pytest.raises(type(error)), worker_pool(run, 1, queued=8) as pool:  # noqa: PT012
        for task in range(8):
            pool.submit(task, nothing)
        first.wait()
        raise error
    assert len(done) <= 2


def test_a_full_queue_makes_the_caller_wait_and_tick() -> None:
    ticks: list[int] = []
    release = threading.Event()

    def tick() -> None:
        ticks.append(1)
        release.set()

    with worker_pool(lambda _: release.wait(), 1, queued=1) as pool:
        for task in range(4):
            pool.submit(task, tick)
        pool.wait(tick)
    assert ticks
