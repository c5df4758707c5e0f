"""Reading and writing word2vec's formats: blocks, threads, compression, what is not gensim's."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    InputTypeError,
    KeyedVectors,
    MissingFileError,
    NegW2VWarning,
    ParameterError,
)
from negw2v.extras import OPTIONAL
from negw2v.formats.word2vec import reading as word2vec_reading
from negw2v.formats.word2vec import rows
from negw2v.formats.word2vec import writing as word2vec_writing


def reads_zst() -> bool:
    """Whether Zstandard is there; Python's own module may lack the library that it needs."""
    try:
        importlib.import_module(OPTIONAL["backports.zstd"].module)
    except ImportError:
        return False
    return True


needs_zst = pytest.mark.skipif(not reads_zst(), reason="needs the extra zst")


def filled(rows: int = 300, dimensions: int = 7, dtype: Any = np.float32) -> KeyedVectors:
    random = np.random.default_rng(0)
    store = KeyedVectors(dimensions, dtype=dtype)
    store.add_vectors(
        [f"{'ö' * (i % 5)}w{i}" for i in range(rows)], random.standard_normal((rows, dimensions))
    )
    return store


def assert_equal(found: KeyedVectors, wanted: KeyedVectors, rows: int | None = None) -> None:
    assert found.index_to_key == wanted.index_to_key[:rows]
    assert found.key_to_index == {key: row for row, key in enumerate(found.index_to_key)}
    np.testing.assert_array_equal(found.vectors, wanted.vectors[:rows])
    assert found.vectors.flags.c_contiguous
    assert found.vectors.flags.writeable


@pytest.fixture(params=[16, 100, 1000, 1 << 20])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks that rows do not fit into, some rows do, all do."""
    monkeypatch.setattr(rows, "BLOCK_BYTES", request.param)
    monkeypatch.setattr(word2vec_reading, "FIRST_BYTES", min(request.param, 4096))
    monkeypatch.setattr(word2vec_writing, "BLOCK_NUMBERS", request.param)
    return int(request.param)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("limit", [None, 0, 1, 299, 300, 400])
def test_there_and_back(
    binary: bool, suffix: str, limit: int | None, blocks: int, tmp_path: Path
) -> None:
    store, path = filled(), tmp_path / f"file{suffix}"
    store.save_word2vec_format(path, binary=binary)
    found = KeyedVectors.load_word2vec_format(path, binary=binary, limit=limit)
    assert_equal(found, store, limit)
    counts = found.expandos["count"]
    assert counts.tolist() == list(range(len(found), 0, -1))
    assert found.lifecycle_events is not None
    assert found.lifecycle_events[-1]["event"] == "load_word2vec_format"


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("limit", [None, 1, 299, 400])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n\r\n"])
def test_without_a_header(
    suffix: str, limit: int | None, end: bytes, blocks: int, tmp_path: Path
) -> None:
    import smart_open

    store, path = filled(), tmp_path / f"file{suffix}"
    store.save_word2vec_format(tmp_path / "plain", write_header=False)
    with smart_open.open(path, "wb") as file:
        file.write((tmp_path / "plain").read_bytes().rstrip(b"\n") + end)
    assert_equal(KeyedVectors.load_word2vec_format(path, no_header=True, limit=limit), store, limit)


@needs_zst
def test_zst(tmp_path: Path) -> None:
    store, path = filled(), tmp_path / "file.zst"
    store.save_word2vec_format(path)
    assert path.read_bytes()[:4] == b"\x28\xb5\x2f\xfd"
    assert_equal(KeyedVectors.load_word2vec_format(path), store)


@pytest.mark.parametrize("binary", [False, True])
def test_open_files_and_uris(binary: bool, tmp_path: Path) -> None:
    store, file = filled(), io.BytesIO()
    store.save_word2vec_format(file, binary=binary)
    file.seek(0)
    assert_equal(KeyedVectors.load_word2vec_format(file, binary=binary), store)
    uri = f"file://{tmp_path}/file"
    store.save_word2vec_format(uri, binary=binary)
    assert_equal(KeyedVectors.load_word2vec_format(uri, binary=binary), store)


def test_the_first_line_and_line_ends_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbf 2\t2 \r\nein 1 2\r\nzwei .5 -3e0 \r\n")
    found = KeyedVectors.load_word2vec_format(path)
    assert found.index_to_key == ["ein", "zwei"]
    np.testing.assert_array_equal(found.vectors, [[1, 2], [0.5, -3]])
    path.write_bytes(b"\xef\xbb\xbfein 1 2\nzwei 3 4")
    assert KeyedVectors.load_word2vec_format(path, no_header=True).index_to_key == ["ein", "zwei"]
    path.write_bytes(b"2 1\n\nein \x00\x00\x80?\n\nzwei \x00\x00\x00@")
    found = KeyedVectors.load_word2vec_format(path, binary=True)
    assert found.index_to_key == ["ein", "zwei"]
    assert found.vectors.ravel().tolist() == [1, 2]
    path.write_bytes(b"0 5\n")
    assert KeyedVectors.load_word2vec_format(path).vectors.shape == (0, 5)


def test_numbers_that_are_no_plain_decimals(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("3 3\na 1_000 \t2 +.5e1\nb 1 2 ٣\nc 1.000000059604644775390625 1\x0b 2\x0b\n")
    found = KeyedVectors.load_word2vec_format(path)
    assert found.vectors[:2].tolist() == [[1000, 2, 5], [1, 2, 3]]
    assert found.vectors[2].tolist() == [float(np.float32("1.000000059604644775390625")), 1, 2]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("blocks", [50, 1 << 20], indirect=True)
def test_a_word_that_occurs_again_is_ignored_with_a_warning(
    binary: bool, blocks: int, tmp_path: Path
) -> None:
    path, store = tmp_path / "file", filled()
    store.save_word2vec_format(path, binary=binary, total_vec=900)
    for _ in range(2):
        store.save_word2vec_format(path, binary=binary, append=True, write_header=False)
    with pytest.warns(NegW2VWarning, match=r"600 vectors .* the first is vector 301, 'w0'"):
        found = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert_equal(found, store)
    assert found.expandos["count"].tolist() == list(range(900, 600, -1))


def test_rows_behind_those_announced_are_named_in_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("1 1\na 1\nb 2\n")
    with pytest.warns(NegW2VWarning, match="announces 1 vectors, but the file goes on"):
        found = KeyedVectors.load_word2vec_format(path)
    assert found.index_to_key == ["a"]
    assert KeyedVectors.load_word2vec_format(path, limit=1).index_to_key == ["a"]


def test_counts_of_a_vocabulary(tmp_path: Path) -> None:
    path, vocabulary = tmp_path / "file", tmp_path / "vocabulary"
    path.write_text("2 1\na 1\nb 2\n")
    vocabulary.write_text("b 7\nc 9\n")
    with pytest.warns(NegW2VWarning, match="1 words, such as 'a'"):
        found = KeyedVectors.load_word2vec_format(path, fvocab=vocabulary)
    assert found.expandos["count"].tolist() == [0, 7]


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    store = KeyedVectors(2)
    store.add_vectors(["a", "b"], [[1, np.nan], [np.inf, 0]], allow_nonfinite=True)
    for binary in (False, True):
        store.save_word2vec_format(tmp_path / "file", binary=binary, allow_nonfinite=True)
        found = KeyedVectors.load_word2vec_format(
            tmp_path / "file", binary=binary, allow_nonfinite=True
        )
        np.testing.assert_array_equal(found.vectors, store.vectors)


def test_int_keys_come_first_and_once(tmp_path: Path) -> None:
    store = KeyedVectors(1)
    store.add_vectors([0, 1, "a", "b"], [[0], [1], [2], [3]])
    store.expandos["count"] = np.array([1, 2, 3, 4])
    store.save_word2vec_format(tmp_path / "file", tmp_path / "vocabulary")
    assert (tmp_path / "file").read_text() == "4 1\n0 0.0\n1 1.0\nb 3.0\na 2.0\n"
    assert (tmp_path / "vocabulary").read_text() == "0 1\n1 2\nb 4\na 3\n"


def test_rows_without_a_key_are_not_written(tmp_path: Path) -> None:
    store = KeyedVectors(1, count=3)
    store.add_vector("a", [1])
    store.save_word2vec_format(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "1 1\na 1.0\n"


@pytest.mark.parametrize(
    ("key", "reason"),
    [("a b ", "blank"), ("a 1", "blank"), ("a\nb", "line feed"), ("a\udc80", "half a character")],
)
@pytest.mark.parametrize("binary", [False, True])
def test_a_key_that_could_not_be_read_back_is_refused(
    key: str, reason: str, binary: bool, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text("as it was")
    store = KeyedVectors(1)
    store.add_vectors(["fine", key], [[1], [2]])
    with pytest.raises(ParameterError, match=reason):
        store.save_word2vec_format(path, binary=binary)
    with pytest.raises(ParameterError, match=reason):
        store.save_word2vec_format(path, binary=binary, append=True)
    assert path.read_text() == "as it was"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"limit": -1}, ParameterError),
        ({"limit": 1.5}, InputTypeError),
        ({"datatype": np.int32}, ParameterError),
        ({"datatype": "nothing"}, InputTypeError),
        ({"datatype": "f4,,f4"}, InputTypeError),
        ({"encoding": "klingon"}, ParameterError),
        ({"unicode_errors": "shrug"}, ParameterError),
        ({"binary": True, "no_header": True}, ParameterError),
        ({"binary": True, "allow_blanks": True}, ParameterError),
        ({"allow_blanks": "yes"}, InputTypeError),
    ],
)
def test_parameters_that_make_no_sense(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        KeyedVectors.load_word2vec_format("nowhere", **options)


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    store = filled()
    with pytest.raises(ParameterError, match="no such attribute"):
        store.save_word2vec_format(tmp_path / "file", fvocab=tmp_path / "vocabulary")
    store.vectors = store.vectors[:-1]
    with pytest.raises(ParameterError, match="shape"):
        store.save_word2vec_format(tmp_path / "file")
    assert not list(tmp_path.iterdir())
    with pytest.raises(MissingFileError):
        KeyedVectors.load_word2vec_format(tmp_path / "file")
    with pytest.raises(InputTypeError):
        KeyedVectors.load_word2vec_format(5)


def test_an_intersection_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    path, store = tmp_path / "file", filled()
    before = store.vectors.copy()
    path.write_text("2 7\nw0 1 1 1 1 1 1 1\nöw1 1 1 1 1 1 1\n")
    with pytest.raises(ValueError, match="line 3"):
        store.intersect_word2vec_format(path)
    np.testing.assert_array_equal(store.vectors, before)
    path.write_text("3 7\nw0 1 1 1 1 1 1 1\nzzz 1 1 1 1 1 1 1\nw0 2 2 2 2 2 2 2\n")
    store.fill_norms()
    store.intersect_word2vec_format(path)
    np.testing.assert_array_equal(store["w0"], [2] * 7)
    np.testing.assert_array_equal(store.vectors[1:], before[1:])
    assert store.norms is None
    assert store.vectors_lockf.tolist() == [0.0] + [1.0] * 299
    path.write_text("1 2\na 1 2\n")
    with pytest.raises(ParameterError, match="incompatible vector size 2"):
        store.intersect_word2vec_format(path)
