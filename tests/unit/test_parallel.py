"""Work is done also where the system starts no thread, or fewer than wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, LineSentence, Word2Vec, parallel
from negw2v.corpus import files
from negw2v.formats.word2vec import rows
from negw2v.formats.word2vec import writing as word2vec_writing
from negw2v.parallel import ThreadPool
from negw2v.search import cosine, cosine_scan, int8_rows
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
    monkeypatch.setattr(cosine, "SCAN_VALUES", 50)
    monkeypatch.setattr(cosine_scan, "SHARED_BYTES", 50)
    monkeypatch.setattr(int8_rows, "SHARED_BYTES", 50)
    for _ in range(5):  # with a copy in bytes from the fourth one on
        limit.left = left
        assert vectors.most_similar("w1", topn=5) == expected
    assert limit.refused
    again = vectors.nearest(vectors.index_to_key[:50], topn=3)
    assert all(np.array_equal(now, before) for now, before in zip(again, together, strict=True))
    assert np.array_equal(vectors.distances("w1"), distances)
