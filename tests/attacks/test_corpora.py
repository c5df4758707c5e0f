"""Corpora that are damaged, cut off, or change: each is refused with its name and a place."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from negw2v import (
    BrownCorpus,
    CorpusError,
    CorpusFileError,
    CorpusReadError,
    LineSentence,
    ParameterError,
    PathLineSentences,
    Text8Corpus,
    TruncatedCorpusError,
    Word2Vec,
)
from negw2v.corpus import files, readers
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.text_files import open_text
from negw2v.io.faults import reading_fault

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
LINES = b"".join(b"hello world foo bar %d\n" % number for number in range(300))


def trained(**corpus: Any) -> Word2Vec:
    return Word2Vec(**corpus, vector_size=2, min_count=1, epochs=2, workers=2, progress=False)


def read_opened(path: Path) -> list[list[str]]:
    with open_text(str(path)) as file:
        return list(LineSentence(file))


READERS: dict[str, Callable[[Path], Any]] = {
    "corpus_file": lambda path: trained(corpus_file=path),
    "sentences": lambda path: trained(sentences=LineSentence(path)),
    "max_vocab_size": lambda path: trained(corpus_file=path, max_vocab_size=3),
    "LineSentence": lambda path: list(LineSentence(path)),
    "a file object": read_opened,
    "PathLineSentences": lambda path: list(PathLineSentences(path.parent)),
    "Text8Corpus": lambda path: list(Text8Corpus(path)),
    "BrownCorpus": lambda path: list(BrownCorpus(path.parent)),
}


@pytest.fixture(scope="module")
def packers() -> dict[str, Callable[[bytes], bytes]]:
    found = dict(PACKERS)
    try:
        from backports.zstd import compress
    except ImportError:
        return found
    found[".zst"] = compress
    return found


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("damage", ["cut off", "damaged"])
def test_compressed_files(
    reader: str, suffix: str, damage: str, packers: Any, tmp_path: Path
) -> None:
    if suffix not in packers:
        pytest.skip("needs backports.zstd")
    whole = packers[suffix](LINES)
    content = {
        "cut off": whole[: len(whole) * 2 // 3],
        "damaged": whole[:20] + bytes(byte ^ 0xA5 for byte in whole[20:60]) + whole[60:],
    }[damage]
    path = tmp_path / f"corpus{suffix}"
    path.write_bytes(content)
    with pytest.raises(CorpusReadError, match=r"(corpus\.\w+|file object), byte \d+: ") as caught:
        READERS[reader](path)
    if damage == "cut off":
        assert isinstance(caught.value, TruncatedCorpusError)
    assert isinstance(caught.value, OSError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.errno) == (str(caught.value), caught.value.errno)


class Failing(io.RawIOBase):
    """A disk that breaks after some bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, space: Any) -> int:
        data = self._content.read(len(space))
        if not data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        space[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        return self._content.tell()


@pytest.mark.parametrize("reader", sorted(set(READERS) - {"a file object"}))
def test_a_disk_that_fails(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(LINES)

    def open_failing(*_: Any) -> io.BufferedReader:
        return io.BufferedReader(Failing(LINES))

    monkeypatch.setattr(files, "open_text", open_failing)
    monkeypatch.setattr(readers, "open_text", open_failing)
    with pytest.raises(CorpusReadError, match=r"byte \d+: reading failed: ") as caught:
        READERS[reader](path)
    assert caught.value.errno == errno.EIO


def test_other_exceptions_of_a_users_file_are_not_ours() -> None:
    class Broken(io.BytesIO):
        def __iter__(self) -> Iterator[bytes]:
            raise LookupError("the user's own")

    with pytest.raises(LookupError, match="the user's own"):
        list(LineSentence(Broken()))
    assert reading_fault(ValueError("x")) is None
    assert reading_fault(CorpusError("x")) is None


def test_what_unpackers_raise_is_known() -> None:
    for error in (zlib.error("x"), lzma.LZMAError("x"), gzip.BadGzipFile("x"), OSError("x")):
        fault = reading_fault(error)
        assert fault is not None
        assert "damaged: x" in fault.reason


@pytest.mark.parametrize("workers", [2, 3])
def test_a_file_that_shrinks(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("a b c d e f g h " * 8)
    opened, openings = files.open_text, []

    def truncating(name: str, *options: Any) -> Any:
        openings.append(name)
        if len(openings) == 2:  # the first one looks for borders between words
            os.truncate(path, 60)
        return opened(name, *options)

    monkeypatch.setattr(files, "open_text", truncating)
    with pytest.raises(CorpusReadError, match=r"corpus\.txt became shorter while it was read"):
        FileCorpus([str(path)], workers=workers, min_stretch_bytes=1).scan()


@pytest.mark.parametrize("place", ["in a block", "over blocks", "at the end"])
def test_a_word_without_end(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_WORD", 1000)
    path = tmp_path / "corpus.txt"
    size = 5_000_000 if place == "over blocks" else 1000
    path.write_bytes(b"a b\nc " + b"x" * size + (b"" if place == "at the end" else b" d\n"))
    with pytest.raises(CorpusError, match=r"corpus\.txt, line [12], behind byte \d+: a word that"):
        FileCorpus([str(path)]).scan()
    path.write_bytes(b"a b\nc " + b"x" * 999 + b" d\n")
    assert FileCorpus([str(path)]).scan().words == ["a", "b", "c", "x" * 999, "d"]


ODD_PATHS = ["a\0b", "\ud800", "x" * 5000, "none", "/", "/dev/null/x", "nowhere://x"]


@pytest.mark.parametrize("path", ODD_PATHS, ids=lambda path: ascii(path[:5]))
@pytest.mark.parametrize("reader", sorted(set(READERS) - {"PathLineSentences", "BrownCorpus"}))
def test_odd_paths(path: str, reader: str) -> None:
    if path == "/" and reader in ("corpus_file", "max_vocab_size"):
        path = "/dev/null/"  # they read a folder's files
    with pytest.raises((CorpusFileError, ParameterError)):  # the latter for an odd URI
        READERS[reader](path)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [path for path in ODD_PATHS if path != "/"], ids=ascii)
def test_odd_folders(path: str) -> None:
    with pytest.raises((CorpusFileError, ValueError), match="folder"):
        list(PathLineSentences(path))
    with pytest.raises(CorpusFileError, match="cannot be read"):
        list(BrownCorpus(path))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "corpus.txt"
    path.write_bytes(LINES)
    monkeypatch.setattr(Path, "open", refuse)
    for reader in ("corpus_file", "LineSentence", "Text8Corpus"):
        with pytest.raises(CorpusReadError, match="cannot be read: Permission denied") as caught:
            READERS[reader](path)
        assert caught.value.errno == errno.EACCES


PIPED = """
import sys
from negw2v import LineSentence, Text8Corpus, Word2Vec
kind, more = {"LineSentence": LineSentence, "Text8Corpus": Text8Corpus}[sys.argv[1]], sys.argv[2]
options = {"max_vocab_size": 3} if more == "pruned" else {}
model = Word2Vec(kind("pipe"), vector_size=2, min_count=1, epochs=2, workers=1, progress=False,
                 **options)
print(model.corpus_total_words, len(model.wv))
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("LineSentence", "", "1500 304"),
        ("LineSentence", "pruned", "OneShotCorpusError: pipe is a pipe"),
        ("Text8Corpus", "", "OneShotCorpusError: pipe is a pipe"),
    ],
)
def test_pipes_are_read_once_or_refused(
    kind: str, more: str, expected: str, tmp_path: Path
) -> None:
    """None of them waits for ever for somebody who writes to the pipe again."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "lines").write_bytes(LINES)
    with subprocess.Popen(["cp", "lines", "pipe"], cwd=tmp_path) as writer:
        try:
            done = subprocess.run(
                [sys.executable, "-c", PIPED, kind, more],
                cwd=tmp_path, timeout=60, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            writer.kill()
    assert expected in done.stdout + done.stderr


def test_a_large_number_takes_no_memory_for_the_smaller_ones(tmp_path: Path, confined: Any) -> None:
    run = confined(
        """
        from negw2v.corpus.encoding import open_corpus
        corpus = open_corpus(np.array([[66_000_000, 3, 66_000_000]]), workers=1, passes=1)
        print(corpus.scan().counts.tolist())
        """,
        tmp_path,
    )
    assert run.stdout == "[2, 1]\n", run.stderr
