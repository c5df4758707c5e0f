"""The int8 copy that searches keep: there when it helps, never when it may be out of date."""

from __future__ import annotations

import copy
import ctypes
import pickle
import sysconfig
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec, array_ownership
from negw2v.keyedvectors import arrays
from negw2v.search import int8_rows
from negw2v.search.compiled import scan_kernel

pytestmark = [
    pytest.mark.skipif(
        not scan_kernel.IS_FAST,
        reason="this processor has no instructions for products of bytes",
    ),
    pytest.mark.skipif(
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        reason="without the GIL, references are not counted exactly, and there is no copy",
    ),
]

ROWS = 400


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy pays for small vocabularies, too."""
    monkeypatch.setattr(int8_rows, "FEWEST_VALUES", 1)


@pytest.fixture
def vectors() -> KeyedVectors:
    random = np.random.default_rng(5)
    store = KeyedVectors(8)
    store.add_vectors([f"w{row}" for row in range(ROWS)], random.standard_normal((ROWS, 8)))
    return store


def has_copy_now(store: KeyedVectors) -> bool:
    """Whether there is a copy. No public name tells, as it changes no result."""
    return store._int8_copy._made is not None


def has_copy(store: KeyedVectors) -> bool:
    """Whether there is one after some queries."""
    for _ in range(4):
        store.most_similar("w1")
    return has_copy_now(store)


def assert_up_to_date(store: KeyedVectors) -> None:
    """Queries find what they find in a new object with the same vectors."""
    other = KeyedVectors(store.vector_size)
    other.add_vectors(list(store.index_to_key), np.array(arrays.matrix(store)))
    other.byte_copy = False
    for _ in range(6):
        assert store.most_similar("w1", topn=5) == other.most_similar("w1", topn=5)
    batch, its = (kv.nearest(["w1", "w2"], 5) for kv in (store, other))
    np.testing.assert_array_equal(batch.keys, its.keys)


def test_a_copy_is_made_after_some_queries(vectors: KeyedVectors) -> None:
    assert not has_copy_now(vectors)
    vectors.most_similar("w1")
    assert not has_copy_now(vectors)
    assert has_copy(vectors)
    assert_up_to_date(vectors)


def blocks_made(store: KeyedVectors) -> int:
    return store._int8_copy._made[1]


def test_each_query_makes_a_part_of_it(
    vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No query takes much longer than without a copy, and all find the same."""
    monkeypatch.setattr(arrays.Int8Copy, "PARTS", 4)  # of seven blocks
    other = copy.deepcopy(vectors)
    other.byte_copy = False
    expected = {topn: other.most_similar("w1", topn=topn) for topn in (1, 6, 300)}
    vectors.most_similar("w1")
    vectors.most_similar("w1")
    assert not has_copy_now(vectors)
    made = []
    for topn in (6, 1, 300, 6, 1):
        assert vectors.most_similar("w1", topn=topn) == expected[topn]
        made.append(blocks_made(vectors))
    assert made == [2, 4, 6, 7, 7]


def test_changes_between_its_parts_are_noticed(vectors: KeyedVectors) -> None:
    for _ in range(5):
        vectors.most_similar("w1")
    assert 0 < blocks_made(vectors) < 7
    replace_row(vectors)
    assert_up_to_date(vectors)


def test_a_batch_is_some_queries(vectors: KeyedVectors) -> None:
    vectors.nearest(["w1", "w2", "w3"], 5)
    assert has_copy_now(vectors)


def test_it_can_be_declined(vectors: KeyedVectors) -> None:
    assert has_copy(vectors)
    vectors.byte_copy = False
    assert not has_copy(vectors)
    vectors.nearest([f"w{row}" for row in range(100)], 5)
    assert not has_copy_now(vectors)


def twin_of_w1(store: KeyedVectors) -> np.ndarray:
    return np.array(store["w1"]) * 2


def replace_row(store: KeyedVectors) -> None:
    store.vectors[300] = twin_of_w1(store)
    store.norms = None


def replace_row_by_a_view(store: KeyedVectors) -> None:
    view = store.vectors[290:310]
    view[10] = twin_of_w1(store)
    del view
    store.fill_norms(force=True)


def replace_row_by_a_buffer(store: KeyedVectors) -> None:
    buffer = memoryview(store.vectors).cast("B").cast("f")
    for place, value in enumerate(twin_of_w1(store).tolist()):
        buffer[300 * 8 + place] = value
    del buffer
    store.norms = None


def replace_all(store: KeyedVectors) -> None:
    store.vectors = np.random.default_rng(6).standard_normal((ROWS, 8)).astype(np.float32)


def add(store: KeyedVectors) -> None:
    store["new"] = twin_of_w1(store)


def overwrite(store: KeyedVectors) -> None:
    store["w300"] = twin_of_w1(store)


def normalise(store: KeyedVectors) -> None:
    store.unit_normalize_all()
    store.fill_norms(force=True)


def sort(store: KeyedVectors) -> None:
    for row in range(ROWS):
        store.set_vecattr(f"w{row}", "count", row)
    store.sort_by_descending_frequency()


def merge(store: KeyedVectors) -> None:
    path = Path(store.__dict__.pop("folder")) / "more.txt"
    path.write_text("1 8\nw300 " + " ".join(map(str, twin_of_w1(store).tolist())) + "\n")
    store.intersect_word2vec_format(path)


CHANGES = [
    replace_row,
    replace_row_by_a_view,
    replace_row_by_a_buffer,
    replace_all,
    add,
    overwrite,
    normalise,
    sort,
    merge,
]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_noticed(
    vectors: KeyedVectors, change: Callable[[KeyedVectors], None], tmp_path: Path
) -> None:
    assert has_copy(vectors)
    if change is merge:
        vectors.__dict__["folder"] = tmp_path
    change(vectors)
    assert_up_to_date(vectors)
    assert has_copy(vectors)


@pytest.mark.parametrize(
    "hold",
    [
        lambda store: store.vectors,
        lambda store: store.vectors[3:],
        lambda store: store.vectors[:, ::2],
        lambda store: store.vectors.reshape(-1),
        lambda store: memoryview(store.vectors),
        np.asarray,
        lambda store: {"in": ["a", store.vectors[0]]},
    ],
)
def test_who_holds_the_array_may_change_it_any_time(
    vectors: KeyedVectors, hold: Callable[[KeyedVectors], Any]
) -> None:
    assert has_copy(vectors)
    held = hold(vectors)
    assert not has_copy(vectors)
    vectors.vectors[300] = twin_of_w1(vectors)
    vectors.norms = None
    assert_up_to_date(vectors)
    del held
    assert has_copy(vectors)


def over_a_buffer() -> tuple[np.ndarray, Any]:
    held = memoryview(bytearray(ROWS * 8 * 4))
    return np.frombuffer(held, np.float32).reshape(ROWS, 8), held


def over_a_view_of_an_array() -> tuple[np.ndarray, Any]:
    held = memoryview(np.zeros((ROWS, 8), np.float32))
    return np.asarray(held[:]), held


def over_memory_of_c() -> tuple[np.ndarray, Any]:
    held = (ctypes.c_float * (ROWS * 8))()
    return np.ctypeslib.as_array(held).reshape(ROWS, 8), held


@pytest.mark.parametrize("make", [over_a_buffer, over_a_view_of_an_array, over_memory_of_c])
def test_memory_that_others_may_have_is_never_trusted(
    vectors: KeyedVectors, make: Callable[[], tuple[np.ndarray, Any]]
) -> None:
    array, held = make()
    array[:] = vectors.vectors
    vectors.vectors = array
    del array
    assert not has_copy(vectors)
    del held
    assert_up_to_date(vectors)


def test_weak_references_count(vectors: KeyedVectors) -> None:
    assert has_copy(vectors)
    weak = weakref.ref(vectors.vectors)
    assert not has_copy(vectors)
    weak()[300] = twin_of_w1(vectors)
    vectors.norms = None
    assert_up_to_date(vectors)


def test_norms_are_not_trusted_either(vectors: KeyedVectors) -> None:
    assert has_copy(vectors)
    fifth, sixth = (key for key, _ in vectors.most_similar("w1", topn=6)[4:])
    norms = vectors.norms
    assert norms is not None
    assert not has_copy(vectors)
    norms[vectors.get_index(fifth)] /= 100
    assert vectors.most_similar("w1", topn=1)[0][0] == fifth
    del norms
    assert has_copy(vectors)
    vectors.norms[vectors.get_index(sixth)] /= 10_000
    for _ in range(5):
        assert vectors.most_similar("w1", topn=1)[0][0] == sixth


@pytest.mark.parametrize("change", [replace_row, replace_row_by_a_view, replace_all, overwrite])
def test_distances_are_those_of_the_vectors_as_they_are(
    vectors: KeyedVectors, change: Callable[[KeyedVectors], None]
) -> None:
    """Lengths that were computed before are used where nothing can have changed, and only there."""
    vectors.distances("w1")
    assert arrays.matrix_and_sure_norms(vectors)[1] is not None
    held = vectors.vectors
    change(vectors)
    held[5] = 3
    row = vectors.vectors[7]
    row *= 4
    fresh = KeyedVectors.cosine_similarities(vectors["w1"], np.array(vectors.vectors))
    np.testing.assert_allclose(vectors.distances("w1"), 1 - fresh, atol=1e-6)
    del held, row
    np.testing.assert_allclose(vectors.distances("w1"), 1 - fresh, atol=1e-6)


def test_norms_of_the_user_are_not_those_of_distances(vectors: KeyedVectors) -> None:
    before = vectors.distances("w1")
    vectors.norms = np.full(ROWS, 7, np.float32)
    np.testing.assert_array_equal(vectors.distances("w1"), before)
    vectors.fill_norms(force=True)
    vectors.norms[3] = 100
    np.testing.assert_array_equal(vectors.distances("w1"), before)


def test_an_array_that_is_resized_in_place(vectors: KeyedVectors) -> None:
    """NumPy warns of it; what reads the array must see its new memory nevertheless."""
    assert has_copy(vectors)
    vectors.vectors.resize((4 * ROWS, 8), refcheck=False)
    vectors.index_to_key = list(range(4 * ROWS))
    vectors.key_to_index = {key: key for key in range(4 * ROWS)}
    vectors.fill_norms(force=True)
    assert vectors["w1" if "w1" in vectors else 1].shape == (8,)
    assert len(vectors.get_normed_vectors()) == 4 * ROWS
    assert vectors.most_similar(1, topn=2)


def test_without_memory_there_is_none(
    vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(int8_rows.Int8Rows, "encode", fail)
    assert not has_copy(vectors)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "no memory" in caplog.text
    assert not has_copy(vectors)
    assert len(caplog.records) == 1
    monkeypatch.undo()
    monkeypatch.setattr(int8_rows, "FEWEST_VALUES", 1)
    normalise(vectors)
    assert has_copy(vectors)


def test_where_references_cannot_be_counted(
    vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_ownership, "_reference_count", None)
    assert not has_copy(vectors)
    assert_up_to_date(vectors)


def test_who_comes_while_it_is_made_does_not_wait(vectors: KeyedVectors) -> None:
    with vectors._int8_copy._lock:
        assert not has_copy(vectors)
        assert_up_to_date(vectors)
    assert has_copy(vectors)


def test_changes_while_it_is_made_are_noticed(
    vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = int8_rows.Int8Rows.encode

    def encode_late(*args: Any) -> None:
        encode(*args)
        replace_row(vectors)

    monkeypatch.setattr(int8_rows.Int8Rows, "encode", encode_late)
    for _ in range(3):
        vectors.most_similar("w1")
    monkeypatch.setattr(int8_rows.Int8Rows, "encode", encode)
    assert_up_to_date(vectors)


def test_an_array_that_was_given_may_be_changed_by_its_giver(vectors: KeyedVectors) -> None:
    mine = np.random.default_rng(7).standard_normal((ROWS + 5, 8)).astype(np.float32)
    vectors.vectors = mine[5:]
    assert not has_copy(vectors)
    mine[305] = mine[6]
    vectors.norms = None
    assert_up_to_date(vectors)
    del mine
    assert has_copy(vectors)


def test_vectors_of_keys_do_not_count(vectors: KeyedVectors) -> None:
    """They are read-only, and stay so."""
    row = vectors["w1"]
    assert has_copy(vectors)
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        row.setflags(write=True)
    vectors.similar_by_vector(row)
    assert has_copy_now(vectors)


def test_an_index_does_not_count(vectors: KeyedVectors) -> None:
    pytest.importorskip("usearch")
    index = vectors.build_index()
    assert has_copy(vectors)
    assert vectors.most_similar("w1", topn=1, indexer=index)


def test_vectors_of_keys_show_later_changes(vectors: KeyedVectors) -> None:
    row = vectors["w1"]
    vectors.vectors[1] = 9
    assert row.tolist() == [9] * 8


def test_other_lengths_make_another_copy(vectors: KeyedVectors) -> None:
    assert has_copy(vectors)
    vectors.norms = np.full(ROWS, 2, np.float32)
    first = vectors.most_similar("w1")
    for _ in range(4):
        assert vectors.most_similar("w1") == first
    assert has_copy_now(vectors)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_of_the_object(vectors: KeyedVectors, duplicate: Callable[[Any], Any]) -> None:
    assert has_copy(vectors)
    other = duplicate(vectors)
    overwrite(other)
    assert_up_to_date(other)
    if duplicate is not copy.copy:
        assert_up_to_date(vectors)
        assert vectors["w300"].tolist() != other["w300"].tolist()


def test_a_shallow_copy_shares_the_array(vectors: KeyedVectors) -> None:
    other = copy.copy(vectors)
    assert has_copy(vectors)
    other.vectors[300] = twin_of_w1(vectors)
    vectors.norms = None
    assert_up_to_date(vectors)


def test_mapped_files_have_no_copy(vectors: KeyedVectors, tmp_path: Path) -> None:
    vectors.save(tmp_path / "v")
    assert has_copy(KeyedVectors.load(tmp_path / "v"))
    assert not has_copy(KeyedVectors.load(tmp_path / "v", mmap="r"))


def test_it_is_not_saved(vectors: KeyedVectors, tmp_path: Path) -> None:
    vectors.byte_copy = False
    vectors.save(tmp_path / "without")
    vectors.byte_copy = True
    assert has_copy(vectors)
    vectors.save(tmp_path / "with")
    size = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert size["with"] - size["without"] < ROWS * 8
    assert KeyedVectors.load(tmp_path / "without").byte_copy


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_types(dtype: Any) -> None:
    store = KeyedVectors(8, dtype=dtype)
    random = np.random.default_rng(5)
    store.add_vectors([f"w{row}" for row in range(ROWS)], random.standard_normal((ROWS, 8)))
    assert has_copy(store) == (dtype is not np.float16)
    assert_up_to_date(store) if dtype is np.float32 else store.most_similar("w1")
    assert store["w1"].dtype == dtype


def test_training_is_a_change() -> None:
    sentences = [[f"w{number}" for number in range(start, start + 8)] for start in range(300)]
    model = Word2Vec(sentences, vector_size=8, min_count=1, epochs=1, seed=1, workers=1)
    assert has_copy(model.wv)
    before = model.wv.most_similar("w1")
    model.train(sentences, total_examples=len(sentences), epochs=3)
    assert model.wv.most_similar("w1") != before
    assert_up_to_date(model.wv)
    assert has_copy(model.wv)


def test_queries_beside_changes_in_another_thread(vectors: KeyedVectors) -> None:
    """Once the changes have ended, no query sees what was before them."""
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            vectors.most_similar("w1")

    asking = threading.Thread(target=ask)
    asking.start()
    random = np.random.default_rng(8)
    try:
        for _ in range(200):
            row = int(random.integers(2, ROWS))
            vectors.vectors[row] = random.standard_normal(8)
            vectors.norms = None
            assert vectors.most_similar("w1", topn=1) == vectors.most_similar("w1", topn=1)
    finally:
        stop.set()
        asking.join(60)
    assert_up_to_date(vectors)


def test_a_table_of_a_notebook_keeps_it(vectors: KeyedVectors) -> None:
    assert has_copy(vectors)
    vectors._repr_html_()
    assert has_copy_now(vectors)
