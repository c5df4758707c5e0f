"""Whatever goes wrong while a file is read is an error of ours that names it, and costs little."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    FileMemoryError,
    KeyedVectors,
    MissingFileError,
    ModelFileError,
    NegW2VError,
    SaveError,
    TruncatedFileError,
    Word2Vec,
)
from negw2v.formats import book
from negw2v.formats import npy as numpy_files
from negw2v.formats.native import copying

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@pytest.fixture
def vectors() -> KeyedVectors:
    vectors = KeyedVectors(3)
    vectors.add_vectors(["a", "b"], np.arange(6).reshape(2, 3))
    return vectors


@pytest.fixture
def native_file(vectors: KeyedVectors, tmp_path: Path) -> bytes:
    vectors.save(tmp_path / "whole")
    return (tmp_path / "whole").read_bytes()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; none may be left there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())


# ---------------------------------------------------------------- compressed files


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("damage", ["cut off", "damaged"])
@pytest.mark.parametrize("kind", [KeyedVectors, Word2Vec])
def test_damaged_compressed_models(
    suffix: str, damage: str, kind: Any, native_file: bytes, temporary: Path
) -> None:
    whole = PACKERS[suffix](native_file)
    broken = whole[:20] + bytes(byte ^ 0xA5 for byte in whole[20:60]) + whole[60:]
    path = temporary.parent / "model"
    path.write_bytes(whole[:-30] if damage == "cut off" else broken)
    wanted = TruncatedFileError if damage == "cut off" else ModelFileError
    with pytest.raises(wanted, match=r"model', byte \d+: what is compressed") as caught:
        kind.load(path)
    assert caught.value.path == path


def header(**shape_of: int) -> bytes:
    """Of a file of vectors whose arrays have so many bytes."""
    end, described = 0, {}
    for name, size in shape_of.items():
        described[name] = {"dtype": "U8", "shape": [size], "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(
        {
            "__metadata__": {
                "format": "negw2v", "format_version": "1", "kind": "KeyedVectors", "content": "{}"
            },
            **described,
        }
    ).encode()  # fmt: skip
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header() + bytes(1 << 24), "bytes follow the end"),
        (header(x=1 << 50) + bytes(1 << 24), "has room for"),
        ((1 << 40).to_bytes(8, "little") + b"{" + bytes(1 << 24), "is said to take"),
        ((1 << 20).to_bytes(8, "little") + b"{" + bytes(1 << 24), "header is damaged"),
        (b"word2vec " + bytes(1 << 24), "neither a file of negw2v"),
        (b"PK\x03\x04" + bytes(1 << 24), "zip archive"),
    ],
    ids=["zeros", "huge", "long header", "no JSON", "text", "zip"],
)
def test_bombs_are_not_unpacked(
    suffix: str, content: bytes, message: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but a header is written before it is known to be one of a file of ours."""
    written: list[int] = []
    fill = copying._fill

    def measured(copy: Any, source: Any, start: int, end: int) -> None:
        written.append(end - start)
        fill(copy, source, start, end)

    monkeypatch.setattr(copying, "_fill", measured)
    path = temporary.parent / "bomb"
    path.write_bytes(PACKERS[suffix](content))
    with pytest.raises(ModelFileError, match=message):
        KeyedVectors.load(path)
    assert sum(written) <= 0  # no more than described


def test_a_full_disk_while_unpacking(
    native_file: bytes, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            if len(data) < 100:  # what follows the header
                raise OSError(28, "No space left on device")
            return super().write(data)

    path = temporary.parent / "model.gz"
    path.write_bytes(gzip.compress(native_file))
    full = partial(Full, closefd=False)
    monkeypatch.setattr(copying.os, "fdopen", lambda handle, *_, **__: full(handle, "w"))
    with pytest.raises(ModelFileError, match=r"model\.gz', byte \d+: it cannot be unpacked to"):
        KeyedVectors.load(path)


def test_compressed_twice(native_file: bytes, tmp_path: Path) -> None:
    (tmp_path / "v.gz").write_bytes(gzip.compress(bz2.compress(native_file)))
    with pytest.raises(ModelFileError, match="perhaps twice"):
        KeyedVectors.load(tmp_path / "v.gz")


# ---------------------------------------------------------------- pipes

LOADERS = {
    "native": "print(len(KeyedVectors.load('pipe')))",
    "packed": "print(len(KeyedVectors.load('pipe')))",
    "mapped": "print(len(KeyedVectors.load('pipe', mmap='r')))",
    "text": "print(len(KeyedVectors.load_word2vec_format('pipe')))",
    "npy": "print(len(KeyedVectors.load_npy('pipe', 'words')))",
    "table": "print(len(KeyedVectors.load_table('pipe')))",
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("how", LOADERS)
def test_pipes_are_opened_once(how: str, vectors: KeyedVectors, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    source = tmp_path / "source"
    if how == "text":
        vectors.save_word2vec_format(source)
    elif how == "npy":
        vectors.save_npy(source, tmp_path / "words")
    else:
        vectors.save(tmp_path / ("v.gz" if how == "packed" else "v"))
        source = tmp_path / ("v.gz" if how == "packed" else "v")
    if how == "table":
        pytest.importorskip("pyarrow")
    with subprocess.Popen(
        ["cp", source, "pipe"], cwd=tmp_path, stderr=subprocess.DEVNULL
    ) as writer:
        try:
            done = subprocess.run(
                [sys.executable, "-c", "from negw2v import KeyedVectors; " + LOADERS[how]],
                cwd=tmp_path, timeout=60, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            writer.kill()
    expected = "a pipe" if how in {"mapped", "table"} else "2\n"
    assert expected in done.stdout + done.stderr


# ---------------------------------------------------------------- .npy and .npz

NPY_HEADERS = {
    "cut off": "{'descr': '<f4', 'fortran_order': False, 'shape': (3, ",
    "empty descr": "{'descr': (), 'fortran_order': False, 'shape': (3,1)}",
    "a descr that is none": "{'descr': '<f3', 'fortran_order': False, 'shape': (3,1)}",
    "fields": "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,1)}",
    "deep": "-" * 9000 + "1",
    "deeper": "(" * 9000,
    "sum": "+".join(["1"] * 4000),
    "indented": "1\n  2\n 3",
    "digits": "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1" * 5000 + ",)}",
    "many digits": "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1 " * 4000 + "x,)}",
    "code": "{'descr': '<f4', 'fortran_order': False, 'shape': (print(1),)}",
    "twice": "{'descr': '<f4', 'descr': '<f4', 'shape': (3, 1)}",
    "NUL": "{'descr': '<f4\0', 'fortran_order': False, 'shape': (3,1)}",
    "huge": "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,1)}",
}


def npy(text: str, version: int = 1) -> bytes:
    packed = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes((version, 0)) + packed + text.encode("latin-1")


@pytest.mark.parametrize("name", NPY_HEADERS)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_damaged_headers_of_arrays(name: str, version: int, tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    path.write_bytes(npy(NPY_HEADERS[name], version) + bytes(12))
    (tmp_path / "words").write_text("a\nb\nc\n")
    for mmap in (None, "r"):
        with pytest.raises(ModelFileError, match=r"v\.npy', byte \d+: this is not a \.npy file"):
            numpy_files.read_npy(path, mmap)
        with pytest.raises(ModelFileError, match=r"v\.npy', byte \d+: this is not a \.npy file"):
            KeyedVectors.load_npy(path, tmp_path / "words", mmap=mmap)


def test_every_byte_of_the_header_of_an_array_changed(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    np.save(path, np.zeros((3, 2), dtype=np.float32))
    whole = path.read_bytes()
    for place in range(128):
        for value in (0, 0x27, 0x28, 0x29, 0x39, 0xFF, whole[place] ^ 1):
            path.write_bytes(whole[:place] + bytes((value,)) + whole[place + 1 :])
            try:
                assert numpy_files.read_npy(path).nbytes == 24
            except ModelFileError as error:
                assert str(path) in str(error)  # noqa: PT017 - most are refused, a few are fine


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "<i8", "|u1", "|b1"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 2), (2, 3, 4)])
def test_headers_that_numpy_writes(dtype: str, order: Any, shape: Any, tmp_path: Path) -> None:
    array = np.asarray(np.arange(int(np.prod(shape))).reshape(shape).astype(dtype), order=order)
    for version in ((1, 0), (2, 0), (3, 0)):
        with (tmp_path / "v.npy").open("wb") as file:
            np.lib.format.write_array(file, array, version)
        found = numpy_files.read_npy(tmp_path / "v.npy")
        assert found.dtype == array.dtype
        assert np.array_equal(found, array)
    text = "{'shape':(3L,1L,),'fortran_order':False,\"descr\":'<f4'}"  # Python 2, other programs
    (tmp_path / "v.npy").write_bytes(npy(text) + bytes(12))
    assert numpy_files.read_npy(tmp_path / "v.npy").shape == (3, 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damaged_archives_of_arrays(method: int, tmp_path: Path) -> None:
    """Every byte of the archive's own structures, in turn, and runs of its content."""
    member, archive = io.BytesIO(), io.BytesIO()
    numbers = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
    np.save(member, numbers)
    with zipfile.ZipFile(archive, "w", method) as file:
        file.writestr("val.npy", member.getvalue())
    whole = archive.getvalue()
    directory = whole.rfind(b"PK\x01\x02")
    path = tmp_path / "v.npz"
    places = [*range(60), *range(directory, len(whole)), *range(60, directory, 23)]
    refused = 0
    for place in places:
        for change in (0x40, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= change
            path.write_bytes(damaged)
            try:
                assert np.array_equal(numpy_files.read_npz(path), numbers)
            except ModelFileError as error:
                assert str(path) in str(error)  # noqa: PT017
                refused += 1
    assert refused > len(places)
    for size in range(0, len(whole), 37):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelFileError, match=r"v\.npz"):
            numpy_files.read_npz(path)


# ---------------------------------------------------------------- paths, disks, memory


def reads(path: Any, folder: Path) -> dict[str, Callable[[], Any]]:
    return {
        "load": lambda: KeyedVectors.load(path),
        "load mmap": lambda: KeyedVectors.load(path, mmap="r"),
        "load a model": lambda: Word2Vec.load(path),
        "resume": lambda: Word2Vec.resume(path, [["a"]]),
        "load_word2vec_format": lambda: KeyedVectors.load_word2vec_format(path),
        "fvocab": lambda: KeyedVectors.load_word2vec_format(folder / "text", fvocab=path),
        "load_npy": lambda: KeyedVectors.load_npy(path, folder / "words"),
        "words of load_npy": lambda: KeyedVectors.load_npy(folder / "v.npy", path),
        "load_table": lambda: KeyedVectors.load_table(path),
        "intersect": lambda: KeyedVectors.load(folder / "v").intersect_word2vec_format(path),
        "the book's": lambda: book.read(path),
        "read_npz": lambda: numpy_files.read_npz(path),
    }


def writes(path: Any, vectors: KeyedVectors) -> dict[str, Callable[[], Any]]:
    model = Word2Vec([["a", "b"]], vector_size=2, min_count=1, epochs=1, workers=1, progress=False)
    return {
        "save": lambda: vectors.save(path),
        "save a model": lambda: model.save(path),
        "save_word2vec_format": lambda: vectors.save_word2vec_format(path),
        "append": lambda: vectors.save_word2vec_format(path, append=True),
        "save_npy": lambda: vectors.save_npy(path, "words"),
        "save_projector": lambda: vectors.save_projector(path, "words"),
        "save_table": lambda: vectors.save_table(path),
        "checkpoint": lambda: model.train(
            [["a", "b"]], total_examples=1, epochs=1, checkpoint=path
        ),
    }  # fmt: skip


ODD_PATHS = ["a\0b", "\ud800", "x" * 5000, "none/such", "", b"a\0b", Path("y" * 5000)]


@pytest.mark.parametrize("path", ODD_PATHS, ids=lambda path: ascii(str(path)[:9]))
def test_odd_paths(
    path: Any, vectors: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    vectors.save(tmp_path / "v")
    vectors.save_word2vec_format(tmp_path / "text")
    vectors.save_npy(tmp_path / "v.npy", tmp_path / "words")
    before = sorted(tmp_path.iterdir())
    for name, read in reads(path, tmp_path).items():
        with pytest.raises(MissingFileError) as caught:
            read()
        assert caught.value.errno, name
    for write in writes(path, vectors).values():
        with pytest.raises(SaveError):
            write()
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_a_disk_that_fails(vectors: KeyedVectors, tmp_path: Path) -> None:
    """Reading the first page of one's own memory is an I/O error."""
    pytest.importorskip("pyarrow")
    vectors.save(tmp_path / "v")
    vectors.save_word2vec_format(tmp_path / "text")
    vectors.save_npy(tmp_path / "v.npy", tmp_path / "words")
    for name, read in reads("/proc/self/mem", tmp_path).items():
        with pytest.raises(ModelFileError) as caught:
            read()
        assert "/proc/self/mem" in str(caught.value), name


LITTLE_MEMORY = """
np.load  # what is confined has NumPy
for load in (
    lambda: KeyedVectors.load(path, mmap="r"),
    lambda: KeyedVectors.load(path),
    lambda: KeyedVectors.load_npy(path + ".npy", path + ".words", mmap="r"),
):
    try:
        load()
    except FileMemoryError as error:
        text = str(error)
        print(isinstance(error, MemoryError), path in text, "mapped into memory" in text)
"""


def test_files_that_are_larger_than_memory(confined: Any, tmp_path: Path) -> None:
    vectors = KeyedVectors(200)
    vectors.add_vectors(list(map(str, range(100_000))), np.ones((100_000, 200), np.float32))
    vectors.save(tmp_path / "v")
    vectors.save_npy(tmp_path / "v.npy", tmp_path / "v.words")
    done = confined(LITTLE_MEMORY, tmp_path / "v")
    assert done.stdout == "True True True\n" * 3, done.stderr


def test_errors_are_in_one_tree() -> None:
    assert issubclass(FileMemoryError, NegW2VError)
    assert issubclass(FileMemoryError, ModelFileError)
    assert issubclass(FileMemoryError, MemoryError)
