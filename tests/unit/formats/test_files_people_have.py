"""Files as people have them: blanks anywhere, wrapped and renamed, not what they were taken for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    InputTypeError,
    KeyedVectors,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
    Word2Vec,
)


def load(path: Path, content: bytes, **options: Any) -> KeyedVectors:
    path.write_bytes(content)
    found: KeyedVectors = KeyedVectors.load_word2vec_format(path, **options)
    return found


WITH_BLANKS = {
    "the": "the 1 2 3\n",
    ". . .": ". . . 4 5 6\n",
    "at me@mail.example": "at me@mail.example 7 8 9\n",
    " leading": " leading 10 11 12\n",
    "to inf": "to inf 13 14 15\n",
    "two  blanks": "two  blanks 16 17 18\n",
    "a\ttab and blank": "a\ttab and blank 19 20 21\n",
}


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("first", ["the", ". . ."])
def test_words_with_blanks_are_what_stands_before_the_last_numbers(
    first: str, header: bool, tmp_path: Path
) -> None:
    words = sorted(WITH_BLANKS, key=lambda word: word != first)
    text = "".join(WITH_BLANKS[word] for word in words)
    content = (f"{len(words)} 3\n" if header else "") + text
    with pytest.warns(NegW2VWarning, match="6 words have blanks.*the last 3 parts.*allow_blanks"):
        found = load(tmp_path / "file", content.encode(), no_header=not header)
    assert found.index_to_key == words
    numbers = [list(map(float, WITH_BLANKS[word].split()[-3:])) for word in words]
    assert found.vectors.tolist() == numbers
    same = load(tmp_path / "file", content.encode(), no_header=not header, allow_blanks=True)
    assert same.index_to_key == words
    with pytest.raises(ModelFileError, match="has blanks in it; without allow_blanks=False"):
        load(tmp_path / "file", content.encode(), no_header=not header, allow_blanks=False)
    store = KeyedVectors(3)
    store.add_vectors([". . .", "other"], np.zeros((2, 3)))
    store.intersect_word2vec_format(tmp_path / "file", no_header=not header)
    assert store[". . ."].tolist() == [4, 5, 6]


def test_words_that_end_in_a_number_on_request(tmp_path: Path) -> None:
    for content, options in (
        (b"2 2\nWindows 95 1 2\nthe 3 4\n", {}),
        (b"Windows 95 1 2\nthe 3 4\n", {"no_header": True}),
    ):
        found = load(tmp_path / "file", content, allow_blanks=True, **options)
        assert found.index_to_key == ["Windows 95", "the"]
        assert found.vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "line", ["look  0.5 -1  2", "look 0.5  -1 2 ", "look\t0.5\t-1\t2", "look\t0.5 -1 2\r"]
)
@pytest.mark.parametrize("header", [True, False])
def test_several_blanks_and_tabs_between_numbers(line: str, header: bool, tmp_path: Path) -> None:
    content = ("2 3\n" if header else "") + line + "\ncat -1  2  3\n"
    found = load(tmp_path / "file", content.encode(), no_header=not header)
    assert found.index_to_key == ["look", "cat"]
    assert found.vectors.tolist() == [[0.5, -1, 2], [-1, 2, 3]]


def test_a_large_file_of_several_blanks_and_blanks_in_words(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    store = KeyedVectors(20)
    words = [f"w{i} ({i}) x" if i % 7 == 0 else f"w{i}" for i in range(20_000)]
    store.add_vectors(words, random.standard_normal((20_000, 20)).astype(np.float32))
    store.save_word2vec_format(tmp_path / "file", allow_blanks=True)
    text = (tmp_path / "file").read_text()
    for content in (text, text.replace(" ", "  ").replace("  (", " (").replace(")  x", ") x")):
        found = load(tmp_path / "file", content.encode(), allow_blanks=True)
        assert found.index_to_key == words
        assert found.vectors.tobytes() == store.vectors.tobytes()


def test_keys_with_blanks_are_written_where_they_come_back(tmp_path: Path) -> None:
    path, vocabulary = tmp_path / "file", tmp_path / "vocabulary"
    store = KeyedVectors(2)
    keys = ["('1', '2')", "New York", " the", "x nan", "a\t1", ""]
    store.add_vectors(keys, np.arange(12).reshape(6, 2))
    store.expandos["count"] = np.arange(6, 0, -1)
    with pytest.warns(NegW2VWarning, match=r"4 keys have blanks.*gensim.*allow_blanks=True"):
        store.save_word2vec_format(path, vocabulary)
    assert path.read_text().startswith("6 2\n('1', '2') 0.0 1.0\n")
    for nonfinite in (False, True):
        found = KeyedVectors.load_word2vec_format(
            path, vocabulary, allow_blanks=True, allow_nonfinite=nonfinite
        )
        assert found.index_to_key == keys
        assert found.expandos["count"].tolist() == [6, 5, 4, 3, 2, 1]
        np.testing.assert_array_equal(found.vectors, store.vectors)
    with pytest.raises(ParameterError, match="has a blank in it"):
        store.save_word2vec_format(path, allow_blanks=False)
    with pytest.raises(ParameterError, match="allow_blanks=True to write it"):
        store.save_word2vec_format(path, binary=True)
    store.add_vectors(["ends in 1", "blank "], np.zeros((2, 2)))
    for binary in (False, True):
        store.save_word2vec_format(path, binary=binary, allow_blanks=True)
        assert b"ends in 1 " in path.read_bytes()


@pytest.mark.parametrize("binary", [False, True])
def test_the_empty_word(binary: bool, tmp_path: Path) -> None:
    store = KeyedVectors(2)
    store.add_vectors(["a", "", "b"], [[1, 2], [3, 4], [5, 6]])
    store.save_word2vec_format(tmp_path / "file", binary=binary)
    found = KeyedVectors.load_word2vec_format(tmp_path / "file", binary=binary)
    assert found.index_to_key == ["a", "", "b"]
    assert found[""].tolist() == [3, 4]


def test_a_vocabulary_with_blanks_of_all_kinds_in_its_words(tmp_path: Path) -> None:
    words = ["", "New York", "no\xa0break", "a\x85b", "x 1"]
    rows = "".join(f"{word} 1\n" for word in words)
    (tmp_path / "file").write_text(f"{len(words)} 1\n{rows}", encoding="utf-8")
    lines = [
        f"{word}{blank}{row}"
        for row, (word, blank) in enumerate(zip(words, " \t   ", strict=False))
    ]
    text = "\n".join(lines)
    (tmp_path / "vocabulary").write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    found = KeyedVectors.load_word2vec_format(
        tmp_path / "file", tmp_path / "vocabulary", allow_blanks=True
    )
    assert found.index_to_key == words
    assert found.expandos["count"].tolist() == [0, 1, 2, 3, 4]


def test_limit_0_reads_nothing(tmp_path: Path) -> None:
    for content, options in (
        (b"2 3\na 1 2 3\nb 1 2 3\n", {}),
        (b"0 3\na 1 2 3\n", {}),
        (b"a 1 2 3\n", {"no_header": True}),
        (b"1 3\na " + bytes(12), {"binary": True}),
    ):
        found = load(tmp_path / "file", content, limit=0, **options)
        assert found.vectors.shape == (0, 3)
        assert found.index_to_key == []
    # and what the warning says that one should give
    with pytest.warns(NegW2VWarning, match="limit=0 says"):
        load(tmp_path / "file", b"0 3\na 1 2 3\n")


# -- wrapped

PACKING = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


class Pipe(io.RawIOBase):
    """A stream that cannot go back."""

    def __init__(self, content: bytes) -> None:
        self.rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, space: Any) -> int:
        return self.rest.readinto(space)


@pytest.mark.parametrize("suffix", [*PACKING, ""])
@pytest.mark.parametrize("binary", [False, True])
def test_compressed_files_are_known_by_their_content(
    suffix: str, binary: bool, tmp_path: Path
) -> None:
    store = KeyedVectors(3)
    store.add_vectors(["a", "b"], np.arange(6).reshape(2, 3))
    store.save_word2vec_format(tmp_path / "plain", binary=binary)
    content = (tmp_path / "plain").read_bytes()
    content = PACKING[suffix](content) if suffix else content
    for name in ("unnamed", "other.txt", "wrong.gz", "wrong.bz2", "wrong.xz", "wrong.zst"):
        found = load(tmp_path / name, content, binary=binary)
        assert found.vectors.tolist() == store.vectors.tolist()
    for stream in (Pipe(content), io.BytesIO(content)):
        found = KeyedVectors.load_word2vec_format(stream, binary=binary)
        assert found.vectors.tolist() == store.vectors.tolist()
        assert not stream.closed
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(content,))
    writer.start()
    found = KeyedVectors.load_word2vec_format(fifo, binary=binary)
    writer.join()
    assert found.vectors.tolist() == store.vectors.tolist()


def test_a_text_that_begins_as_bzip2_does(tmp_path: Path) -> None:
    found = load(tmp_path / "file", b"BZh91AX&SY 1 2\n", no_header=True)
    assert found.index_to_key == ["BZh91AX&SY"]


def test_a_file_object_that_gives_text(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1 1\na 1\n")
    with (tmp_path / "file").open() as file, pytest.raises(InputTypeError, match="mode 'rb'"):
        KeyedVectors.load_word2vec_format(file)


# -- taken for something else

HTML = b"\n<!DOCTYPE html><html><body>Sign in</body></html>\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
WRONG = {
    "a page": (HTML, "web page"),
    "xml": (b"<?xml version='1.0'?>", "web page"),
    "a pointer": (POINTER, "Git LFS.*git lfs pull"),
    "npy": (b"\x93NUMPY\x01\0", r"load_npy\(\)"),
    "a table": (b"PAR1\0\0", r"load_table\(\)"),
    "hdf5": (b"\x89HDF\r\n\x1a\n", "HDF5"),
    "fasttext": (b"\xba\x16\x4f\x2f\x0c\0\0\0", r"fastText.*\.vec"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "7z.*unpack"),
    "rar": (b"Rar!\x1a\x07\x01\0", "rar.*unpack"),
    "utf-16": ("1 1\na 1\n".encode("utf-16"), "UTF-16"),
    "json": (b'{"message": "Not Found"}', "JSON"),
    "twice": (gzip.compress(gzip.compress(b"1 1\na 1\n")), "perhaps twice"),
}


def assert_named(path: Path, sentence: str) -> None:
    """Whoever is given the file says what it is."""
    for options in ({}, {"binary": True}, {"no_header": True}):
        with pytest.raises(ModelFileError, match=sentence) as caught:
            KeyedVectors.load_word2vec_format(path, **options)
        assert "no_header" not in str(caught.value)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_what_was_given_instead(name: str, packed: bool, tmp_path: Path) -> None:
    content, sentence = WRONG[name]
    path = tmp_path / "vectors.txt"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert_named(path, sentence)
    if name != "twice" or packed:
        for kind in (KeyedVectors, Word2Vec):
            with pytest.raises(ModelFileError, match=sentence):
                kind.load(path)


def test_archives_and_saved_models(tmp_path: Path) -> None:
    (tmp_path / "k.txt").write_text("1 1\na 1\n")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.write(tmp_path / "k.txt")
    for name, mode in (("tar", "w"), ("tar.gz", "w:gz")):
        with tarfile.open(tmp_path / name, mode) as tar:
            tar.add(tmp_path / "k.txt")
    store = KeyedVectors(1)
    store.add_vectors(["a"], [[1]])
    for name in ("saved", "saved.gz"):
        store.save(tmp_path / name)
    for name, sentence in (
        ("zip", "zip archive: unpack it"),
        ("tar", "tar archive: unpack it"),
        ("tar.gz", "tar archive: unpack it"),
        ("saved", r"save\(\) wrote; load it with KeyedVectors\.load\(\)"),
        ("saved.gz", r"save\(\) wrote; load it with KeyedVectors\.load\(\)"),
    ):
        assert_named(tmp_path / name, sentence)


def test_a_pickle(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    for name in ("pickle", "pickle.gz"):
        models.KeyedVectors(2).save(str(tmp_path / name))
        assert_named(tmp_path / name, r"pickle.*KeyedVectors\.load\(\)")


def test_text_and_binary_taken_for_each_other(tmp_path: Path) -> None:
    store = KeyedVectors(50)
    random = np.random.default_rng(0)
    store.add_vectors([f"w{i}" for i in range(40)], random.standard_normal((40, 50)))
    for rows in (40, 1):
        for binary in (False, True):
            chosen = KeyedVectors(50)
            chosen.add_vectors(store.index_to_key[:rows], store.vectors[:rows])
            chosen.save_word2vec_format(tmp_path / "file", binary=binary)
            advice = "give binary=True" if binary else "leave binary=True away"
            with pytest.raises(ModelFileError, match=advice):
                KeyedVectors.load_word2vec_format(tmp_path / "file", binary=not binary)
            found = KeyedVectors.load_word2vec_format(tmp_path / "file", binary=binary)
            assert found.index_to_key == chosen.index_to_key


def test_a_header_where_none_is_expected_and_none_where_one_is(tmp_path: Path) -> None:
    content = b"3 2\na 1 2\nb 1 2\nc 1 2\n"
    with pytest.raises(ModelFileError, match="leave no_header=True away"):
        load(tmp_path / "file", content, no_header=True)
    with pytest.raises(ModelFileError, match="no_header=True reads files without one"):
        load(tmp_path / "file", content[4:])
    assert len(load(tmp_path / "file", content[4:], no_header=True)) == 3


def test_what_was_given_instead_of_other_files(tmp_path: Path) -> None:
    path, vocabulary = tmp_path / "file", tmp_path / "vocabulary"
    vocabulary.write_text("a\n")
    path.write_bytes(POINTER)
    with pytest.raises(ModelFileError, match="Git LFS"):
        KeyedVectors.load_npy(path, vocabulary)
    path.write_bytes(b"\x93NUMPY\x01\0")
    with pytest.raises(ModelFileError, match=r"not a \.npy file of numbers"):
        KeyedVectors.load_npy(path, vocabulary)
    pytest.importorskip("pyarrow", reason="it reads tables")
    for content, sentence in (
        (HTML, "web page"),
        (b"\x93NUMPY\x01\0", r"load_npy\(\)"),
        (b"PAR1\0\0", "not a Parquet or Arrow file"),
    ):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=sentence):
            KeyedVectors.load_table(path)
