"""The readers beside gensim's, and what they refuse."""

from __future__ import annotations

import bz2
import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from negw2v.corpus import readers
from negw2v.errors import CorpusDecodeError, CorpusFileError, ParameterError

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
