"""The readers beside gensim's, and what they refuse."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from negw2v.corpus import readers
from negw2v.corpus.encoding import open_corpus
from negw2v.errors import CorpusDecodeError, CorpusFileError, NegW2VWarning, ParameterError
from negw2v.io.compression import compression_of

TEXT = "a b c\n\n  дом\tb \r\n" + "w " * 25 + "\nlast"


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("arguments", [{}, {"max_sentence_length": 10}, {"limit": 3}, {"limit": 0}])
def test_line_sentence(
    arguments: dict[str, int], text_file: Path, gensim_word2vec: ModuleType
) -> None:
    expected = list(gensim_word2vec.LineSentence(str(text_file), **arguments))
    reader = readers.LineSentence(text_file, **arguments)
    assert list(reader) == expected
    assert list(reader) == expected
    with text_file.open("rb") as file:
        assert list(readers.LineSentence(file, **arguments)) == expected
        assert list(readers.LineSentence(file, **arguments)) == expected
    assert list(readers.LineSentence(io.StringIO(TEXT, newline="\n"), **arguments)) == expected


def test_path_line_sentences(
    text_file: Path, gensim_word2vec: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    folder = text_file.parent
    (folder / "b.bz2").write_bytes(bz2.compress(b"x y\nz\n"))
    (folder / "a.txt").write_bytes(b"first\nsecond\nthird")
    reader = readers.PathLineSentences(folder, limit=2)
    expected = list(gensim_word2vec.PathLineSentences(str(folder), limit=2))
    assert list(reader) == expected
    assert reader.input_files == [str(folder / name) for name in ("a.txt", "b.bz2", "text.txt")]
    single = readers.PathLineSentences(text_file)
    assert list(single) == list(readers.LineSentence(text_file))
    with pytest.raises(ParameterError, match="neither a file nor a folder"):
        readers.PathLineSentences(folder / "missing")


@pytest.mark.parametrize("length", [1, 7, 1000, 10_000])
def test_text8(length: int, tmp_path: Path, gensim_word2vec: ModuleType) -> None:
    rng = np.random.default_rng(0)
    words = [f"wört{i}" * (i % 5) + "x" for i in rng.integers(0, 100, 12_345)]
    path = tmp_path / "text8"
    path.write_text(" ".join(words), encoding="utf-8")
    sentences = list(readers.Text8Corpus(path, length))
    assert [word for sentence in sentences for word in sentence] == words
    assert all(len(sentence) == length for sentence in sentences[:-1])
    assert 0 < len(sentences[-1]) <= length
    theirs = list(gensim_word2vec.Text8Corpus(str(path), length))
    whole = len(words) // length - 1
    assert sentences[:whole] == theirs[:whole]


def test_text8_with_blocks_that_cut_words(tmp_path: Path) -> None:
    path = tmp_path / "text8"
    # over a block, and without any blank in a block
    path.write_bytes(b"a " + b"b" * (3 << 20) + b"\nc\n" + b"d " * (1 << 20))
    sentences = list(readers.Text8Corpus(path))
    words = [word for sentence in sentences for word in sentence]
    assert [len(word) for word in words[:3]] == [1, 3 << 20, 1]
    assert words[3:] == ["d"] * (1 << 20)
    (tmp_path / "empty").write_bytes(b"")
    assert list(readers.Text8Corpus(tmp_path / "empty")) == []


def test_text8_invalid(tmp_path: Path) -> None:
    path = tmp_path / "text8"
    path.write_bytes(b"word\n" * 300_000 + b"a \xff b")
    with pytest.raises(CorpusDecodeError, match="line 300001, byte offset 1500002"):
        list(readers.Text8Corpus(path))


def test_brown(tmp_path: Path, gensim_word2vec: ModuleType) -> None:
    lines = "The/at Fulton/np-tl said/vbd ,/, x/y/z no\n\n./.\n``/`` Jury/nn\n"
    (tmp_path / "ca01").write_text(lines)
    (tmp_path / "folder").mkdir()
    expected = [["the/at", "fulton/np", "said/vb"], ["jury/nn"]]
    assert list(readers.BrownCorpus(tmp_path)) == expected
    assert list(gensim_word2vec.BrownCorpus(str(tmp_path))) == expected


def test_limits_that_make_no_sense(text_file: Path) -> None:
    for make in (readers.LineSentence, readers.PathLineSentences, readers.Text8Corpus):
        with pytest.raises(ParameterError, match="max_sentence_length must be 1 or more, not 0"):
            make(text_file, max_sentence_length=0)
    for make in (readers.LineSentence, readers.PathLineSentences):
        with pytest.raises(ParameterError, match="limit must be None or 0 or more, not -1"):
            make(text_file, limit=-1)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(CorpusFileError, match="there is no file"):
        list(readers.LineSentence(tmp_path / "missing.gz"))
    with pytest.raises(FileNotFoundError):
        list(readers.Text8Corpus(tmp_path / "missing"))


# -- folders within folders


def _folders(top: Path) -> Path:
    for name in ("AA/wiki_00", "AB/wiki_00", "AB/deeper/wiki_00", "index.txt"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(f"{name} words\n")
    return top


def test_files_in_folders_below_are_read_on_request(tmp_path: Path) -> None:
    top = _folders(tmp_path)
    (top / "AB" / "loop").symlink_to(top)
    found = readers.PathLineSentences(top, recursive=True)
    names = ["AA/wiki_00", "AB/deeper/wiki_00", "AB/wiki_00", "index.txt"]
    assert found.input_files == [str(top / name) for name in names]
    assert list(found) == [[name, "words"] for name in names]
    with pytest.warns(NegW2VWarning, match="AA.*files are not read.*recursive=True"):
        found = readers.PathLineSentences(top)
    assert list(found) == [["index.txt", "words"]]
    (top / "index.txt").unlink()
    with pytest.raises(CorpusFileError, match=r"only folders.*recursive=True"):
        readers.PathLineSentences(top)


def test_what_is_neither_a_file_nor_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b\n")
    for make in (
        lambda path: path.symlink_to("nowhere"),
        os.mkfifo,
    ):
        make(tmp_path / "odd")
        for recursive in (False, True):
            with pytest.raises(ParameterError, match=r"odd.*neither a file nor a folder"):
                readers.PathLineSentences(tmp_path, recursive=recursive)
        (tmp_path / "odd").unlink()


# -- byte-order marks, compression by content


def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("\ufeffa b\n\ufeffc\n")
    (tmp_path / "two").write_text("\ufeffa/nn b/vb\n")
    sentences = [["a", "b"], ["\ufeffc"]]
    assert list(readers.LineSentence(tmp_path / "one")) == sentences
    with (tmp_path / "one").open() as file:
        assert list(readers.LineSentence(file)) == sentences
    assert list(readers.Text8Corpus(tmp_path / "one")) == [["a", "b", "\ufeffc"]]
    found = list(readers.PathLineSentences(tmp_path))
    assert found == [*sentences, ["a/nn", "b/vb"]]
    assert list(readers.BrownCorpus(tmp_path)) == [["a/nn", "b/vb"]]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_compression_is_known_by_content(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    text = b"a b\nc\n" * 1000
    for name in ("corpus", "corpus.txt", "corpus.gz", "corpus.bz2", "corpus.zst"):
        path = tmp_path / name
        path.write_bytes(pack(text))
        assert list(readers.LineSentence(path)) == [["a", "b"], ["c"]] * 1000
        counts = open_corpus(corpus_file=path, workers=2, passes=1).scan()
        assert counts.words == ["a", "b", "c"]
        assert counts.counts.tolist() == [1000] * 3
    # cut off within the mark of what it is compressed with
    for packed in (bz2.compress(text)[:6], lzma.compress(text)[:5]):
        assert compression_of(packed) is not None
    assert compression_of(b"BZhang") is None
