"""Corpus files that are something else: a web page, a pointer of Git LFS, a folder, missing."""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import CorpusFileError, LineSentence, PathLineSentences, Text8Corpus, Word2Vec
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.text_files import open_text

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
PAGES = [
    b"<!DOCTYPE html>\n<html><body>Not Found</body></html>\n",
    b"\n\n  <!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>\n",
    b"<html lang='en'>\n<head></head></html>\n",
    b"\xef\xbb\xbf<HTML>\n",
]
TEXTS = [
    b"<s> the first sentence </s>\n<s> the second </s>\n",
    b"a < b and b > c\n",
    b"<head> of state\n",
    b"<htmlish> words\n",
    b"see <!doctype html> and <html> here\n",
    b"version https://git-lfs.github.com is a page\n",
    b"<",
    b"PAR1 ARROW1 are words\n",
    b"a\0b c\n",
    "\u00e9t\u00e9 \u4e2d\n".encode(),
]
READERS: list[Callable[[Path], Any]] = [
    lambda path: list(LineSentence(path)),
    lambda path: list(Text8Corpus(path)),
    lambda path: list(PathLineSentences(path.parent)),
    lambda path: open_corpus(corpus_file=path, workers=2, passes=1).scan(),
]


def packed(content: bytes, pack: bool) -> bytes:
    return gzip.compress(content) if pack else content


@pytest.mark.parametrize("read", READERS, ids=["lines", "text8", "folder", "corpus_file"])
@pytest.mark.parametrize("pack", [False, True])
def test_what_was_downloaded_instead_is_named(
    read: Callable[[Path], Any], pack: bool, tmp_path: Path
) -> None:
    path = tmp_path / "corpus"
    for page in PAGES:
        path.write_bytes(packed(page, pack))
        with pytest.raises(CorpusFileError, match=r"web page.*download the file itself") as caught:
            read(path)
        assert str(path) in str(caught.value)
    path.write_bytes(packed(POINTER, pack))
    with pytest.raises(CorpusFileError, match=r"pointer of Git LFS.*git lfs pull"):
        read(path)


def npz() -> bytes:
    held = io.BytesIO()
    np.savez(held, a=np.arange(3))
    return held.getvalue()


BINARIES = {
    "a zip archive": b"PK\x03\x04\x14\0\0\0\x08\0 words in here",
    ".npz files": npz(),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\0\x04 words",
    "a rar archive": b"Rar!\x1a\x07\0 words",
    "a tar archive": b"words.txt".ljust(257, b"\0") + b"ustar\0words",
    "a .npy file": b"\x93NUMPY\x01\0 words",
    "a table": b"PAR1\x15\0 words",
    "an HDF5 file": b"\x89HDF\r\n\x1a\n\0 words",
    "a pickle": pickle.dumps({"a": ["b"]}),
    "text in UTF-16": "some words\n".encode("utf-16"),
    "perhaps twice": gzip.compress(b"some words\n"),
}


@pytest.mark.parametrize("read", READERS, ids=["lines", "text8", "folder", "corpus_file"])
@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("what", BINARIES)
def test_files_that_are_no_texts_are_named(
    read: Callable[[Path], Any], pack: bool, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "corpus"
    pack = pack or what == "perhaps twice"
    path.write_bytes(packed(BINARIES[what], pack))
    with pytest.raises(CorpusFileError, match=what):
        read(path)


def test_a_model_is_no_text(tmp_path: Path) -> None:
    made = Word2Vec([["a", "b"]] * 3, min_count=1, vector_size=4, epochs=1, workers=1)
    made.save(tmp_path / "model")
    with pytest.raises(CorpusFileError, match=r"a file that save\(\) wrote"):
        Word2Vec(corpus_file=tmp_path / "model", min_count=1)


@pytest.mark.parametrize("read", READERS[:3], ids=["lines", "text8", "folder"])
@pytest.mark.parametrize("text", TEXTS)
def test_texts_with_brackets_are_texts(
    read: Callable[[Path], Any], text: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "corpus"
    path.write_bytes(text)
    assert [word for sentence in read(path) for word in sentence] == text.decode().split()


def test_behind_a_uri(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(PAGES[0])
    (tmp_path / "text").write_bytes(b"a b\nc\n")
    with pytest.raises(CorpusFileError, match="web page"):
        open_text((tmp_path / "page").as_uri())
    with open_text((tmp_path / "text").as_uri()) as file:
        assert file.read() == b"a b\nc\n"
    with pytest.raises(CorpusFileError, match="there is no file"):
        open_text((tmp_path / "missing").as_uri())


def test_a_model_is_not_trained_on_a_page(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    path.write_bytes(PAGES[0] * 10)
    with pytest.raises(CorpusFileError, match="web page"):
        Word2Vec(corpus_file=str(path), min_count=1)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(CorpusFileError, match="is a folder; PathLineSentences"):
        open_text(str(tmp_path))
    for name in (str(tmp_path / "missing"), "a\0b"):
        with pytest.raises(CorpusFileError, match="there is no file"):
            open_text(name)
