"""Queries in one thread while another one changes the vectors: right, never a raw error."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.commit import Change
from negw2v.keyedvectors import rows
from negw2v.search import int8_rows

pytestmark = pytest.mark.usefixtures("switch_often")

ROWS, DIMENSIONS = 600, 16
ADDED = 300


def made(free: int = 0) -> KeyedVectors:
    kv = KeyedVectors(DIMENSIONS, count=ROWS + free)
    values = np.random.default_rng(1).standard_normal((ROWS, DIMENSIONS))
    for row in range(ROWS):
        kv.add_vector(f"w{row}", values[row])
    kv.add_vectors([], [], extras={"count": np.empty(0, np.int64)})
    return kv


def vector_of(key: str) -> np.ndarray:
    seed = int(key[1:])
    return np.random.default_rng(seed + 1000).standard_normal(DIMENSIONS).astype(np.float32)


def one_by_one(kv: KeyedVectors) -> None:
    for row in range(ADDED):
        kv.add_vector(f"n{row}", vector_of(f"n{row}"))


def in_batches(kv: KeyedVectors) -> None:
    for first in range(0, ADDED, 5):
        keys = [f"n{row}" for row in range(first, first + 5)]
        extras = {"count": np.arange(5)}
        kv.add_vectors(keys, np.array([vector_of(key) for key in keys]), extras)


QUERIES: dict[str, Callable[[KeyedVectors, str], object]] = {
    "most_similar": lambda kv, key: kv.most_similar(key),
    "most_similar, two": lambda kv, key: kv.most_similar([key, "w1"], negative=["w2"]),
    "all cosines": lambda kv, key: kv.most_similar(key, topn=None),
    "cosmul": lambda kv, key: kv.most_similar_cosmul([key], ["w2"]),
    "nearest": lambda kv, key: kv.nearest([key, "w1"], topn=3),
    "nearest among": lambda kv, key: kv.nearest([key, "w1"], topn=2, candidates=["w1", "w2", key]),
    "analogies": lambda kv, key: kv.analogies(key, "w1", "w2", topn=2),
    "distances": lambda kv, key: kv.distances(key),
    "closer_than": lambda kv, key: kv.closer_than("w1", key),
    "similarity": lambda kv, key: kv.similarity(key, "w1"),
    "n_similarity": lambda kv, key: kv.n_similarity([key], ["w1"]),
    "doesnt_match": lambda kv, key: kv.doesnt_match([key, "w1", "w2"]),
    "matrix": lambda kv, key: kv[[key, "w1"]],
    "normed": lambda kv, key: kv.get_vector(key, norm=True),
    "all normed": lambda kv, key: kv.get_normed_vectors(),
    "subset": lambda kv, key: kv.subset([key]),
    "drop": lambda kv, key: kv.drop([key]),
    "all": lambda kv, key: kv.vectors_for_all([key, "w1"], copy_vecattrs=True),
    "attribute": lambda kv, key: kv.get_vecattr(key, "count"),
}


@pytest.mark.parametrize("add", [one_by_one, in_batches])
@pytest.mark.parametrize("free", [0, ADDED])
@pytest.mark.filterwarnings("ignore:every add_vector")
def test_queries_while_keys_are_added(
    free: int,
    add: Callable[[KeyedVectors], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(int8_rows, "FEWEST_VALUES", 1)  # with copies in bytes, too
    kv = made(free)
    done = threading.Event()
    failures: list[BaseException] = []

    def adding() -> None:
        try:
            add(kv)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=adding)
    queries = itertools.cycle(QUERIES.items())
    thread.start()
    asked = 0
    while not done.is_set() or asked < 2 * len(QUERIES):
        _, query = next(queries)
        key = next((key for key in reversed(kv.key_to_index.copy()) if key), "w1")
        query(kv, key)
        if key.startswith("n"):
            np.testing.assert_array_equal(kv[key], vector_of(key))
            ((_, best),) = kv.most_similar(kv[key], topn=1)
            assert best == pytest.approx(1)
        if not asked % 20:
            kv.save(tmp_path / "vectors")
            loaded = KeyedVectors.load(tmp_path / "vectors")
            assert len(loaded) == len(loaded.vectors)
        asked += 1
    thread.join()
    assert not failures
    keys = [f"w{row}" for row in range(ROWS)] + [f"n{row}" for row in range(ADDED)]
    assert [key for key in kv.index_to_key if key is not None] == keys
    kv.fill_norms()
    np.testing.assert_allclose(kv.norms, np.linalg.norm(kv.vectors, axis=1), rtol=1e-5)


def test_a_thread_that_looks_between_two_changes_finds_a_key_with_all_that_belongs_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As threads may without the lock of the interpreter."""
    kv = made(free=3)
    looked = []

    def one_after_the_other(*changes: Change) -> None:
        for change in changes:
            change()
            newest = next(reversed(kv.key_to_index))
            for query in QUERIES.values():
                query(kv, newest)
            assert kv.get_vector(newest, norm=True) @ kv[newest] == pytest.approx(
                np.linalg.norm(kv[newest])
            )
            ((found, best),) = kv.most_similar(kv[newest], topn=1)
            assert (found, best) == (newest, pytest.approx(1))
            looked.append(newest)

    monkeypatch.setattr(rows, "at_once", one_after_the_other)
    for row in range(3):
        kv.add_vector(f"n{row}", vector_of(f"n{row}"))
    assert {"n0", "n1", "n2"} < set(looked)


def test_a_key_for_which_the_dict_has_no_room_is_not_there_at_all() -> None:
    class Full(dict[str, int]):
        def __setitem__(self, key: str, row: int) -> None:
            raise MemoryError

    kv = made(free=1)
    kv.key_to_index = Full(kv.key_to_index)
    with pytest.raises(MemoryError):
        kv.add_vector("n0", vector_of("n0"))
    assert kv.index_to_key[ROWS] is None
    assert kv.next_index == ROWS
    kv.key_to_index = dict(kv.key_to_index)
    assert kv.add_vector("n0", vector_of("n0")) == ROWS
