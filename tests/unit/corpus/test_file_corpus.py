"""Corpus files: every cut, every block size and every compression gives the same."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from negw2v.corpus import files, storage
from negw2v.corpus.encoding import ScanProgress, open_corpus
from negw2v.corpus.files import FileCorpus
from negw2v.corpus.readers import LineSentence, PathLineSentences
from negw2v.errors import CorpusDecodeError, CorpusError, EmptyCorpusError

TEXTS = {
    "plain": b"a b c\nb c\nc\n",
    "no final newline": b"a b c\nb c",
    "blank lines": b"\n\n a b\n \t\nb c\n\n",
    "crlf": b"a b\r\nb c\r\n\r\na\r\n",
    "bom": b"\xef\xbb\xbfa b\na\n",
    "two boms": b"\xef\xbb\xbf\xef\xbb\xbfa \xef\xbb\xbfb\na\n",
    "bom and a blank": b"\xef\xbb\xbf \n\xef\xbb\xbfa\na",
    "bom and one word": b"\xef\xbb\xbfa",
    "nul": b"a\0b a b\0\n\0\n",
    "other blanks": "a\u3000b\x85c\xa0d\u2028e\x1cf\n\u205f\ng".encode(),
    "cyrillic": "дом дом мир\nмир\n".encode(),
    "one line": b"a b c " * 500,
    "long word": b"a " + b"x" * 5000 + b" b\n" + b"x" * 4999 + b" a\n",
    "one word": b"a",
}


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("name", TEXTS)
def test_any_cut_gives_the_same(
    name: str,
    threads: int,
    tmp_path: Path,
    check_corpus: Callable[..., None],
    sentences_of: Callable[..., list[list[str]]],
) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(TEXTS[name])
    for longest in (10_000, 7, 1):
        check_corpus(
            lambda longest=longest: FileCorpus([str(path)], threads, longest, min_stretch_bytes=1),
            sentences_of(TEXTS[name], longest),
        )


@given(
    text=st.text(st.sampled_from("ab \n\n\t\u3000é\x1f"), min_size=1, max_size=80),
    threads=st.integers(1, 9),
    longest=st.integers(1, 5),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_text(
    text: str,
    threads: int,
    longest: int,
    tmp_path: Path,
    check_corpus: Callable[..., None],
    sentences_of: Callable[..., list[list[str]]],
) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(text.encode())
    sentences = sentences_of(text.encode(), longest)
    if sentences:
        check_corpus(
            lambda: FileCorpus([str(path)], threads, longest, min_stretch_bytes=1), sentences
        )
        assert list(LineSentence(path, longest)) == sentences
    else:
        with pytest.raises(EmptyCorpusError, match="scan"):
            FileCorpus([str(path)], threads, longest, min_stretch_bytes=1).scan()


def test_several_files_keep_their_lines_apart(
    tmp_path: Path, check_corpus: Callable[..., None], sentences_of: Callable[..., Any]
) -> None:
    parts = [b"a b\nc", b"", b"d a\n" * 40, b"\n", b"e b\nf"]
    for number, part in enumerate(parts):
        (tmp_path / f"{number}.txt").write_bytes(part)
    (tmp_path / "5.txt.gz").write_bytes(gzip.compress(b"g a\nh"))
    reader = PathLineSentences(tmp_path)
    sentences = [s for part in [*parts, b"g a\nh"] for s in sentences_of(part)]
    assert list(reader) == sentences
    for threads in (1, 2, 3, 7):
        check_corpus(
            lambda threads=threads: FileCorpus(reader.input_files, threads, min_stretch_bytes=1),
            sentences,
        )
    check_corpus(lambda: open_corpus(reader, workers=2, passes=2), sentences)


def _zst(data: bytes) -> bytes:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    zstd = pytest.importorskip(name, reason=f"{name} is not installed")
    compressed: bytes = zstd.compress(data)
    return compressed


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", _zst)],
)
def test_compressed_files(
    suffix: str,
    compress: Callable[[bytes], bytes],
    tmp_path: Path,
    check_corpus: Callable[..., None],
    sentences_of: Callable[..., Any],
) -> None:
    data = TEXTS["other blanks"] + TEXTS["long word"] + TEXTS["no final newline"]
    path = tmp_path / f"corpus.txt{suffix}"
    path.write_bytes(compress(data))
    check_corpus(lambda: open_corpus(corpus_file=path, workers=3, passes=2), sentences_of(data))


@pytest.mark.parametrize("threads", [1, 4])
def test_invalid_utf8_names_file_line_and_offset(threads: int, tmp_path: Path) -> None:
    path = tmp_path / "latin1.txt"
    good = b"a word\n" * 1000
    path.write_bytes(good + b"caf\xe9 b\n" + good + b"\xff\n")
    corpus = FileCorpus([str(path)], threads, min_stretch_bytes=1)
    before = threading.active_count()
    with pytest.raises(CorpusDecodeError, match=r"latin1\.txt.* line 1001, byte offset 7003"):
        corpus.scan()
    with pytest.raises(CorpusDecodeError, match="line 1001, byte offset 7003"):
        list(corpus.blocks({"a": 0}))
    assert threading.active_count() == before
    # gensim's type
    with pytest.raises(UnicodeDecodeError, match="line 1001, byte offset 7003") as caught:
        list(LineSentence(path))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is CorpusDecodeError
    assert str(copy) == str(caught.value)
    assert copy.object == b"\xe9"


def test_invalid_utf8_in_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt.gz"
    path.write_bytes(gzip.compress(b"a\n\nb \xe2\x28\xa1"))
    with pytest.raises(CorpusDecodeError, match=r"bad\.txt\.gz.*line 3, byte offset 5"):
        open_corpus(corpus_file=path, workers=1, passes=1).scan()


@pytest.mark.parametrize("data", [b"", b"\n", b" \n\t\r\n\xe3\x80\x80"])
def test_a_file_without_a_word(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(data)
    for use in (lambda c: c.scan(), lambda c: list(c.blocks({"a": 0}))):
        with pytest.raises(EmptyCorpusError, match=r"empty\.txt brought no sentence"):
            use(open_corpus(corpus_file=path, workers=2, passes=2))


def test_limit_and_longest_sentence_of_a_line_sentence(
    tmp_path: Path, check_corpus: Callable[..., None]
) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b c d e\n\nf g\nh\xff\n")
    reader = LineSentence(path, max_sentence_length=2, limit=3)
    expected = [["a", "b"], ["c", "d"], ["e"], ["f", "g"]]
    assert list(reader) == expected
    corpus = open_corpus(reader, workers=4, passes=2)
    assert isinstance(corpus, FileCorpus)
    check_corpus(lambda: open_corpus(reader, workers=4, passes=2), expected)


def test_a_subclass_of_line_sentence_is_iterated_over(tmp_path: Path) -> None:
    class Lower(LineSentence):
        def __iter__(self):
            for sentence in super().__iter__():
                yield [word.lower() for word in sentence]

    path = tmp_path / "corpus.txt"
    path.write_text("A b\n")
    assert open_corpus(Lower(path), workers=1, passes=2).scan().words == ["a", "b"]


def test_counts_are_those_of_gensim(
    tmp_path: Path, gensim_word2vec: ModuleType, expected_counts: Callable[..., None]
) -> None:
    rng = np.random.default_rng(5)
    vocabulary = np.array([f"w{i}é" for i in range(300)])
    lines = [
        " ".join(vocabulary[rng.zipf(1.5, rng.integers(0, 30)).clip(max=300) - 1].tolist())
        for _ in range(400)
    ]
    lines[7] = " ".join(vocabulary[rng.integers(0, 300, 25_000)].tolist())
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    model = gensim_word2vec.Word2Vec()
    total, sentences = model.scan_vocab(corpus_file=str(path))
    found = FileCorpus([str(path)], 3, min_stretch_bytes=1).scan()
    assert found.words == list(model.raw_vocab)
    assert found.counts.tolist() == list(model.raw_vocab.values())
    assert (found.corpus_total_words, found.corpus_count) == (total, sentences)


def test_progress_of_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b\n" * 5000)
    told: list[ScanProgress] = []
    corpus = FileCorpus([str(path)], 2, min_stretch_bytes=1)
    corpus.scan(progress_per=100, progress=told.append)
    assert told[-1] == ScanProgress(5000, 10_000, 2, 1.0)


def test_an_exception_in_the_progress_function_reaches_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b\n" * 50)

    def fail(progress: ScanProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FileCorpus([str(path)], 2, min_stretch_bytes=1).scan(progress=fail)


def test_the_block_is_encoded_once_per_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b\n")
    corpus = open_corpus(corpus_file=path, workers=1, passes=3)
    vocabulary = {"a": 0}
    (first,) = corpus.blocks(vocabulary)
    path.unlink()  # a second reading would fail
    (second,) = corpus.blocks(vocabulary)
    assert first is second
    vocabulary["b"] = 1
    with pytest.raises(CorpusError):
        list(corpus.blocks(vocabulary))


def test_ids_beyond_the_memory_limit_go_to_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    check_corpus: Callable[..., None],
    sentences_of: Callable[..., Any],
) -> None:
    data = b"a b c d\ne f a\n" * 3000
    path = tmp_path / "corpus.txt"
    path.write_bytes(data)
    monkeypatch.setattr(storage, "SEGMENT_BYTES", 1 << 12)
    monkeypatch.setattr(storage, "SPILL_BYTES", 1 << 14)
    monkeypatch.setattr(files, "SPILL_BYTES", 1 << 14)
    corpus = FileCorpus([str(path)], 2, min_stretch_bytes=1)
    (block,) = corpus.blocks({"a": 0, "f": 1, "b": 2, "c": 3})
    assert isinstance(block.tokens, np.memmap)
    check_corpus(lambda: FileCorpus([str(path)], 2, min_stretch_bytes=1), sentences_of(data))
