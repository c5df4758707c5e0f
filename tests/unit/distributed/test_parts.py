"""Parts of a corpus, read one by one, are the corpus."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.options import AS_IT_IS, CorpusOptions
from negw2v.distributed import parts
from negw2v.distributed.parts import Counted, Part, Size
from negw2v.errors import CorpusDecodeError, CorpusError, CorpusFileError, InputTypeError

TEXT = "ein Satz\n\nnoch  einer\t mit Wörtern\r\nund\n" * 30 + "der letzte hat kein Ende"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return str(path)


def read_in_parts(pieces: list[Part], options: CorpusOptions = AS_IT_IS) -> dict[str, Any]:
    counted, sizes = zip(*(parts.count(part, options) for part in pieces), strict=True)
    whole = Counted.of_all(counted)
    ids = {word: number for number, word in enumerate(whole.words[1:])}
    blocks = [
        parts.encode(part, options, ids, size) for part, size in zip(pieces, sizes, strict=True)
    ]
    return {
        "words": whole.words,
        "counts": whole.counts.tolist(),
        "sentences": sum(size.sentences for size in sizes),
        "total": sum(size.words for size in sizes),
        "tokens": np.concatenate([block.tokens for block in blocks]).tolist(),
        "kept": np.concatenate([np.diff(block.sentence_starts) for block in blocks]).tolist(),
        "raw": np.concatenate([block.raw_lengths for block in blocks]).tolist(),
    }


def read_whole(path: str, options: CorpusOptions = AS_IT_IS) -> dict[str, Any]:
    corpus = open_corpus(None, path, workers=1, passes=2, options=options)
    found = corpus.scan()
    ids = {word: number for number, word in enumerate(found.words[1:])}
    (block,) = corpus.blocks(ids)
    return {
        "words": found.words,
        "counts": found.counts.tolist(),
        "sentences": found.corpus_count,
        "total": found.corpus_total_words,
        "tokens": block.tokens.tolist(),
        "kept": np.diff(block.sentence_starts).tolist(),
        "raw": block.raw_lengths.tolist(),
    }


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 50, 333, 5000])
def test_parts_of_any_size_are_the_file(file: str, size: int) -> None:
    pieces = parts.cut_files([file], AS_IT_IS, size)
    assert (len(pieces) > 1) == (size < len(TEXT.encode()))
    assert read_in_parts(pieces) == read_whole(file)


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("ab \n\r\t\x85\u00e4\u3000"), max_size=60), st.integers(1, 20))
def test_any_text_in_parts(tmp_path_factory: Any, text: str, size: int) -> None:
    path = tmp_path_factory.mktemp("parts") / "text.txt"
    path.write_text("a " + text + "\nend", encoding="utf-8", newline="")
    assert read_in_parts(parts.cut_files([str(path)], AS_IT_IS, size)) == read_whole(str(path))


def test_what_is_compressed_or_converted_is_one_part(tmp_path: Path) -> None:
    packed, latin = tmp_path / "a.gz", tmp_path / "b.txt"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    latin.write_text(TEXT, encoding="latin-1")
    assert parts.cut_files([str(packed)], AS_IT_IS, 10) == [Part(str(packed))]
    options = CorpusOptions(encoding="latin-1")
    assert parts.cut_files([str(latin)], options, 10) == [Part(str(latin))]
    assert read_in_parts([Part(str(packed))]) == read_whole(str(packed))
    assert read_in_parts([Part(str(latin))], options) == read_whole(str(latin), options)


def test_files_behind_uris_are_cut_too(file: str) -> None:
    uri = f"file://{file}"
    pieces = parts.cut_files(parts.paths_of(uri), AS_IT_IS, 100)
    assert len(pieces) > 5
    assert pieces[0].path == uri
    assert read_in_parts(pieces) == read_whole(file)


def test_folders_patterns_and_lists(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "_SUCCESS"):
        (tmp_path / name).write_text("word\n")
    expected = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    assert parts.paths_of(tmp_path) == expected
    assert parts.paths_of(str(tmp_path / "*.txt")) == expected
    assert parts.paths_of([tmp_path / "b.txt", "s3://bucket/key"]) == [
        expected[1],
        "s3://bucket/key",
    ]


@pytest.mark.parametrize("given", [[], 3, {"a": 1}, [["a", "sentence"], 3], None])
def test_what_is_not_a_corpus(given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InputTypeError, CorpusFileError), match=r"list|not as a|does not exist"):
        parts.paths_of(given)


def test_a_file_that_has_changed(file: str) -> None:
    (part,) = parts.cut_files([file], AS_IT_IS, 1 << 20)
    _, size = parts.count(part, AS_IT_IS)
    Path(file).write_text("other words\n")
    with pytest.raises(CorpusError, match=r"text\.txt has 1 sentences and 2 words now, but had 91"):
        parts.encode(part, AS_IT_IS, {}, size)
    Path(file).unlink()
    with pytest.raises(CorpusFileError, match=r"text\.txt"):
        parts.encode(part, AS_IT_IS, {}, size)


def test_errors_name_the_line_of_the_file(file: str) -> None:
    content = TEXT.encode()
    Path(file).write_bytes(content + b"\nbad \xff")
    last = parts.cut_files([file], AS_IT_IS, 300)[-1]
    assert last.start > 0
    with pytest.raises(CorpusDecodeError, match=f"line {TEXT.count(chr(10)) + 2}"):
        parts.count(last, AS_IT_IS)


def test_a_part_without_words(file: str) -> None:
    Path(file).write_text("a\n" + "\n" * 100 + "b\n")
    part = Part(file, 20, 40)
    counted, size = parts.count(part, AS_IT_IS)
    assert (counted.words, size) == ([], Size())
    assert parts.encode(part, AS_IT_IS, {"a": 0}, size).raw_lengths.tolist() == []


def test_machines_must_see_the_same_files(file: str, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("letzte", "Letzte"), encoding="utf-8", newline="")
    same = parts.fingerprint([file])
    parts.check_same(["x"], {"a": same, "b": parts.fingerprint([file])})
    assert same != parts.fingerprint([str(other)])
    with pytest.raises(CorpusFileError, match=r"x is .* bytes .* on a, but .* on b; every"):
        parts.check_same(["x"], {"a": same, "b": parts.fingerprint([str(other)])})
    with pytest.raises(CorpusFileError, match=r"not readable \(No such file"):
        parts.check_same(["x"], {"a": same, "b": parts.fingerprint([str(tmp_path / "none")])})
