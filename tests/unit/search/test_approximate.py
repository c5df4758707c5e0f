"""The index of an approximate search as a file: written whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, SaveError

pytest.importorskip("usearch")


@pytest.fixture
def store() -> KeyedVectors:
    found = KeyedVectors(8)
    keys = [f"k{row}" for row in range(50)]
    found.add_vectors(keys, np.random.default_rng(0).normal(size=(50, 8)))
    return found


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_index_replaces_an_old_file_whole(store: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.write_bytes(b"old")
    index = store.build_index()
    index.save(path)
    assert files_in(tmp_path) == ["index"]
    loaded = store.load_index(path)
    vector = store["k3"]
    assert loaded.most_similar(vector, 5) == index.most_similar(vector, 5)


def test_an_old_index_stays_where_writing_fails(store: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = store.build_index()
    index.save(path)
    before = path.read_bytes()

    class Failing:
        def save(self, name: str) -> Any:
            Path(name).write_bytes(b"half")
            raise RuntimeError("the disk is full")

    index._graph = Failing()
    with pytest.raises(SaveError, match="the disk is full"):
        index.save(path)
    assert path.read_bytes() == before
    assert files_in(tmp_path) == ["index"]


def test_an_index_in_a_folder_that_is_missing(store: KeyedVectors, tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="there is no folder"):
        store.build_index().save(tmp_path / "nowhere" / "index")
