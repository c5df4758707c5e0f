"""Work is done also where the system starts no thread, or fewer than wanted."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, LineSentence, Word2Vec, parallel
from negw2v.corpus import files
from negw2v.formats.word2vec import rows
from negw2v.formats.word2vec import writing as word2vec_writing
from negw2v.parallel import ThreadPool
from negw2v.search import cosine_scan
from negw2v.training.workers import worker_pool


class Limit:
    """So many threads can be started, and no more."""

    def __init__(self) -> None:
        self.left = 0
        self.refused = 0


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Limit]:
    limit = Limit()
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if limit.left == 0:
            limit.refused += 1
            raise RuntimeError("can't start new thread")
        limit.left -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    monkeypatch.setattr(parallel, "_pool", None)
    monkeypatch.setattr(cosine_scan, "spinning_threads", cosine_scan.SpinningThreads())
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    yield limit
    if parallel._pool is not None:
        parallel._pool.shutdown()


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_every_function_runs_once(limit: Limit, left: int) -> None:
    limit.left = left
    ran: list[int] = []
    with ThreadPool(3, "negw2v-test") as pool:
        futures = [pool.submit(lambda n: ran.append(n) or n * n, n) for n in range(20)]  # type: ignore[func-returns-value]
        assert [future.result() for future in futures] == [n * n for n in range(20)]
    assert sorted(ran) == list(range(20))
    assert bool(limit.refused) == (left < 3)
    assert not [t for t in threading.enumerate() if t.name.startswith("negw2v-test")]


@pytest.mark.parametrize("left", [0, 2])
def test_errors_are_those_of_the_future(limit: Limit, left: int) -> None:
    limit.left = left

    def fail(n: int) -> None:
        raise ValueError(n)

    with ThreadPool(2, "negw2v-test") as pool:
        futures = [pool.submit(fail, n) for n in range(3)]
        for n, future in enumerate(futures):
            with pytest.raises(ValueError, match=str(n)):
                future.result()


def test_an_interruption_of_the_calling_thread_reaches_it_at_once(limit: Limit) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ThreadPool(2, "negw2v-test") as pool:
        pool.submit(interrupted)


def test_what_nobody_has_begun_is_dropped_at_the_end() -> None:
    begun, go = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go.wait(60)

    with ThreadPool(1, "negw2v-test") as pool:
        first, second = pool.submit(wait), pool.submit(wait)
        assert begun.wait(60)
        pool._ending = True
        go.set()
    assert first.done()
    assert second.cancelled()


@pytest.mark.parametrize("left", [0, 1, 2])
def test_training_tasks_all_run(limit: Limit, left: int, caplog: pytest.LogCaptureFixture) -> None:
    limit.left = left
    ran: list[int] = []
    finished: list[int] = []
    with worker_pool(ran.append, finished.append, 3, queued=2) as pool:
        for task in range(50):
            pool.submit(task)
        pool.wait()
        assert len(finished) == 50
    assert sorted(ran) == sorted(finished) == list(range(50))
    assert f"{left} of 3 worker threads could be started" in caplog.text


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_errors_of_training_tasks_reach_the_caller(limit: Limit, error: BaseException) -> None:
    def run(task: int) -> None:
        raise error

    with pytest.raises(type(error)) as caught, worker_pool(run, print, 2, queued=1) as pool:  # noqa: PT012
        pool.submit(1)
        pool.wait()
    assert caught.value is error


@pytest.mark.parametrize("left", [0, 1])
def test_training_is_the_same(
    limit: Limit, left: int, synthetic_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MIN_STRETCH_BYTES", 1000)

    def trained(**corpus: Any) -> Word2Vec:
        limit.left = left
        return Word2Vec(
            **corpus, vector_size=8, min_count=1, epochs=2, workers=3, seed=3, progress=False
        )

    from_file, from_list = trained(corpus_file=synthetic_file), trained(
        sentences=list(LineSentence(synthetic_file))
    )  # fmt: skip
    assert limit.refused
    assert from_file.wv.index_to_key == from_list.wv.index_to_key
    assert from_file.training_report.words_trained == from_list.training_report.words_trained
    # one thread trains, the same or another: the same bits
    assert np.array_equal(from_file.wv.vectors, from_list.wv.vectors)


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("binary", [False, True])
def test_files_of_vectors(
    limit: Limit, left: int, binary: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BLOCK_BYTES", 2000)
    monkeypatch.setattr(word2vec_writing, "BLOCK_NUMBERS", 100)
    vectors = KeyedVectors(7)
    numbers = np.random.default_rng(0).standard_normal((500, 7)).astype(np.float32)
    vectors.add_vectors([f"w{i}" for i in range(500)], numbers)
    limit.left = left
    vectors.save_word2vec_format(tmp_path / "v", binary=binary)
    limit.left = left
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary)
    assert limit.refused
    assert loaded.index_to_key == vectors.index_to_key
    assert np.array_equal(loaded.vectors, vectors.vectors)


@pytest.mark.parametrize("left", [0, 1])
def test_queries(limit: Limit, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = KeyedVectors(16)
    numbers = np.random.default_rng(0).standard_normal((3000, 16)).astype(np.float32)
    vectors.add_vectors([f"w{i}" for i in range(3000)], numbers)
    vectors.byte_copy = False
    expected = vectors.most_similar("w1", topn=5)
    together = vectors.nearest(vectors.index_to_key[:50], topn=3)
    distances = vectors.distances("w1")
    assert not limit.refused
    vectors.byte_copy = True
    monkeypatch.setattr(cosine_scan, "SHARED_BYTES", 50)
    for _ in range(5):  # with a copy in bytes from the fourth one on
        limit.left = left
        assert vectors.most_similar("w1", topn=5) == expected
    assert limit.refused
    again = vectors.nearest(vectors.index_to_key[:50], topn=3)
    assert all(np.array_equal(now, before) for now, before in zip(again, together, strict=True))
    assert np.array_equal(vectors.distances("w1"), distances)


# ranges that threads share


@pytest.fixture
def three_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "thread_count", lambda: 3)
    monkeypatch.setattr(parallel, "_pool", None)


EDGES = [0, 3, 5, 9, 10, 17, 20]


def shared(work: Callable[[list[Any], int, int], None]) -> list[list[Any]]:
    return parallel.share_over_threads(list, work, EDGES)


def test_every_range_is_done_once_and_in_order(three_threads: None) -> None:
    states = shared(lambda state, first, last: state.append((first, last)))
    assert 1 <= len(states) <= 3
    assert sorted(itertools.chain(*states)) == list(itertools.pairwise(EDGES))
    assert all(state == sorted(state) for state in states)
    assert parallel.share_over_threads(list, lambda *_: None, [4]) == [[]]


def test_threads_take_part(three_threads: None) -> None:
    met = threading.Barrier(3)
    states = shared(lambda state, first, last: state.append(first < 9 and met.wait(60)))
    assert len(states) == 3
    assert sum(map(len, states)) == 6


def test_errors_of_threads_reach_the_caller(three_threads: None) -> None:
    failed = threading.Event()

    def work(_: list[Any], first: int, last: int) -> None:
        if threading.current_thread() is threading.main_thread():
            assert failed.wait(60)
        else:
            failed.set()
            raise RuntimeError(threading.current_thread().name)

    with pytest.raises(RuntimeError, match="negw2v-query"):
        shared(work)


def test_errors_of_the_calling_thread_stop_the_others(three_threads: None) -> None:
    done = []
    stopped = threading.Event()

    def work(_: list[Any], first: int, last: int) -> None:
        if threading.current_thread() is threading.main_thread():
            stopped.set()
            raise RuntimeError("here")
        assert stopped.wait(60)
        time.sleep(0.05)
        done.append(first)

    with pytest.raises(RuntimeError, match="here"):
        shared(work)
    parallel._pool.shutdown()
    assert len(done) <= 2
    parallel._pool = None


def test_blas_is_limited_until_the_last_has_left() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    # NumPy's, which is there from the start: that of SciPy, which other tests load, is not ours.
    used = {part["filepath"] for part in parallel._blas_controller().info()}

    def limits() -> set[int]:
        found = threadpoolctl.threadpool_info()
        return {
            part["num_threads"]
            for part in found
            if part["user_api"] == "blas" and part["filepath"] in used
        }

    before = limits()
    with parallel.single_threaded_blas:
        with parallel.single_threaded_blas:
            assert limits() <= {1}
        assert limits() <= {1}
    assert limits() == before


OTHER_BLAS = """
import threadpoolctl
from negw2v import parallel

def numbers():
    return {p["filepath"]: p["num_threads"] for p in threadpoolctl.threadpool_info()
            if p["user_api"] == "blas"}

own = set(numbers())
with parallel.single_threaded_blas:
    assert all(numbers()[path] == 1 for path in own)
import scipy.linalg
later = numbers()
with parallel.single_threaded_blas:
    assert all(numbers()[path] == 1 for path in own)
    assert all(numbers()[path] == later[path] for path in set(later) - own)
assert numbers() == later
"""


def test_blas_that_is_loaded_later_is_not_the_one_that_products_use() -> None:
    pytest.importorskip("threadpoolctl")
    pytest.importorskip("scipy")
    subprocess.run(
        [sys.executable, "-c", OTHER_BLAS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own(three_threads: None) -> None:
    shared(lambda *_: None)
    child = os.fork()
    if child == 0:
        try:
            met = threading.Barrier(3)
            states = shared(lambda state, first, last: first < 9 and met.wait(60))
            os._exit(0 if len(states) == 3 else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
