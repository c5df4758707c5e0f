"""Where ids lie before they are final."""

from __future__ import annotations

import tempfile
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus import storage
from negw2v.corpus._tokenizer import compact
from negw2v.corpus.storage import Portion, TokenStore, assemble
from negw2v.errors import SaveError


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "SEGMENT_BYTES", 64)


@pytest.mark.parametrize("limit", [0, 64, 200, 1 << 20])
@pytest.mark.parametrize("piece", [1, 15, 16, 17, 100])
def test_a_store_gives_back_what_it_got(limit: int, piece: int) -> None:
    store = TokenStore(limit)
    ids = np.arange(250, dtype=np.int32)
    for _ in range(2):  # it can be used again once it was drained
        for start in range(0, 250, piece):
            store.append(ids[start : start + piece])
        store.append(b"")
        assert len(store) == 250
        pieces = [part.copy() for part in store.drain()]
        assert np.concatenate(pieces).tolist() == ids.tolist()
        assert max(map(len, pieces)) <= 16
        assert len(store) == 0


@given(
    lengths=st.lists(st.integers(0, 40), max_size=12),
    cuts=st.lists(st.integers(0, 300), max_size=4),
    workers=st.integers(1, 3),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_assembling_portions_that_cut_sentences_anywhere(
    lengths: list[int], cuts: list[int], workers: int, data: st.DataObject
) -> None:
    total = sum(lengths)
    ids = np.array(
        data.draw(st.lists(st.integers(-1, 4), min_size=total, max_size=total)), np.int32
    )
    remap = np.array([3, -1, 0, -1, 1], dtype=np.int32)
    final = [int(remap[i]) if i >= 0 else -1 for i in ids]
    borders = [0, *sorted(min(cut, total) for cut in cuts), total]
    portions = []
    for start, stop in pairwise(borders):
        store = TokenStore()
        store.append(ids[start:stop])
        kept = sum(i >= 0 for i in final[start:stop])
        portions.append(Portion(store, remap, kept))
    block = assemble(portions, np.array(lengths, dtype=np.int64), workers)
    position = 0
    expected = []
    for length in lengths:
        expected.append([i for i in final[position : position + length] if i >= 0])
        position += length
    found = [
        block.tokens[start:stop].tolist()
        for start, stop in zip(block.sentence_starts[:-1], block.sentence_starts[1:], strict=True)
    ]
    assert found == expected
    assert block.raw_lengths.tolist() == lengths


class Full:
    """A temporary file on a full disk."""

    def __init__(self, *args: object, **options: object) -> None:
        self.buffered = 100

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def fileno(self) -> int:
        return -1

    def write(self, data: object) -> int:
        self.buffered -= len(data)  # type: ignore[arg-type]
        return self.seek(0) if self.buffered < 0 else len(data)  # type: ignore[arg-type]

    def seek(self, place: int) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("size", [10, 1000])
def test_a_full_disk(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    store = TokenStore(0)
    with pytest.raises(SaveError, match=r"No space left on device; make room there, or .*TMPDIR"):  # noqa: PT012
        store.append(np.zeros(size, np.int32))
        list(store.drain())


def test_no_room_for_the_final_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for at once: writing through the map to a full disk would end the process."""

    def refuse(handle: int, start: int, size: int) -> None:
        assert size == 4000
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "SPILL_BYTES", 100)
    monkeypatch.setattr(storage.os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(SaveError, match="No space left on device"):
        storage.space_for_tokens(1000)
    monkeypatch.undo()
    monkeypatch.setattr(storage, "SPILL_BYTES", 100)
    assert storage.space_for_tokens(1000).shape == (1000,)


def test_no_memory_for_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(storage.mmap, "mmap", refuse)
    with pytest.raises(MemoryError, match="no memory for the ids"):
        TokenStore().append(np.zeros(10, np.int32))


def test_more_ids_than_room_is_an_error() -> None:
    store = TokenStore()
    store.append(np.zeros(5, np.int32))
    with pytest.raises(IndexError, match="more ids than there is room for"):
        assemble([Portion(store, None, 4)], np.array([5], dtype=np.int64))
    assert compact(
        np.zeros(0, np.int32),
        None,
        np.zeros(0, np.int64),
        0,
        0,
        np.zeros(0, np.int32),
        0,
        np.zeros(1, np.int64),
    ) == (0, 0, 0)
