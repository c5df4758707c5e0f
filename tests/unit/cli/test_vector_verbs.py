"""The verbs that read vectors: similar, analogy, evaluate, info, vocab, convert."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.cli.main import main
from negw2v.cli.vector_files import FORMATS, READABLE, format_of_content, format_of_name

WORDS = ["east", "north", "northeast", "west", "süd"]
VECTORS = np.array([[1, 0], [0, 1], [1, 1], [-1, 0], [0, -1]], dtype=np.float32)


@pytest.fixture
def vectors() -> KeyedVectors:
    kv = KeyedVectors(2)
    kv.add_vectors(WORDS, VECTORS)
    for count, word in enumerate(WORDS):
        kv.set_vecattr(word, "count", 50 - count)
    return kv


@pytest.fixture
def files(vectors: KeyedVectors, tmp_path: Path) -> dict[str, str]:
    """The same vectors in every format that is read."""
    names = {
        "native": "a.vectors",
        "text": "a.txt",
        "binary": "a.bin",
        "glove": "a.glove",
        "npy": "a.npy",
        "table": "a.parquet",
        "projector": "a.tsv",
    }
    paths = {name: str(tmp_path / file) for name, file in names.items()}
    vectors.save(paths["native"])
    vectors.save_word2vec_format(paths["text"])
    vectors.save_word2vec_format(paths["binary"], binary=True)
    vectors.save_word2vec_format(paths["glove"], write_header=False)
    vectors.save_npy(paths["npy"])
    vectors.save_projector(paths["projector"])
    pytest.importorskip("pyarrow", reason="tables need the extra arrow")
    vectors.save_table(paths["table"])
    return paths


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(arguments) == status
    return capsys.readouterr().out


@pytest.mark.parametrize("read_as", READABLE)
def test_every_format_is_recognised_and_read(
    read_as: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    content = Path(files[read_as]).read_bytes()
    assert format_of_content(content) == read_as
    found = json.loads(printed(capsys, "similar", files[read_as], "east", "-n", "2", "--json"))
    assert [item["word"] for item in found] == ["northeast", "north"]
    assert found[0]["similarity"] == pytest.approx(0.5**0.5, abs=1e-6)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_text_and_binary_are_told_apart_for_any_numbers(
    tmp_path: Path, binary: bool, size: int
) -> None:
    generator = np.random.default_rng(size)
    kv = KeyedVectors(size)
    words = [f"w{number}" for number in range(20)]
    kv.add_vectors(words, generator.normal(size=(20, size)).astype(np.float32))
    path = tmp_path / "v"
    kv.save_word2vec_format(str(path), binary=binary)
    assert format_of_content(path.read_bytes()) == ("binary" if binary else "text")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.model", "native"),
        ("a", "native"),
        ("a.txt", "text"),
        ("a.vec.gz", "text"),
        ("a.BIN", "binary"),
        ("a.bin.xz", "binary"),
        ("a.npy", "npy"),
        ("a.parquet", "table"),
        ("a.tsv", "projector"),
    ],
)
def test_the_name_says_the_format_to_write(name: str, expected: str) -> None:
    assert format_of_name(name) == expected


@pytest.mark.parametrize("write_as", FORMATS)
def test_convert_writes_every_format(
    write_as: str, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suffixes = {"npy": ".npy", "table": ".parquet", "atlas": ".parquet", "projector": ".tsv"}
    target = tmp_path / f"b{suffixes.get(write_as, '')}"
    assert main(["convert", files["native"], str(target), "--to", write_as]) == 0
    assert f"5 vectors of 2 dimensions, format {write_as}" in capsys.readouterr().err
    found = json.loads(printed(capsys, "info", str(target), "--json"))
    assert found["format"] == ("table" if write_as == "atlas" else write_as)
    assert found["dimensions"] == 2
    assert found["words"] == WORDS


def test_convert_between_pipes(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfdbinary: Any
) -> None:
    content = Path(files["text"]).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert main(["convert", "-", "-", "--quiet"]) == 0
    assert capfdbinary.readouterr() == (content, b"")


def test_compressed_files_are_told_by_their_content(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(Path(files["binary"]).read_bytes()))
    assert json.loads(printed(capsys, "info", str(packed), "--json"))["format"] == "binary"
    assert printed(capsys, "similar", str(packed), "east", "-n", "1").startswith("northeast\t")


def test_analogy_and_subtraction_agree(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = printed(capsys, "analogy", files["native"], "west", "north", "east", "-n", "1")
    same = printed(capsys, "similar", files["native"], "north", "east", "--not", "west", "-n", "1")
    assert asked == same == f"northeast\t{3 / 10**0.5:.4f}\n"


def test_a_limit_reads_the_first_words(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(capsys, "similar", files["text"], "east", "--limit", "2")
    assert out == "north\t0.0000\n"
    assert main(["similar", files["native"], "east", "--limit", "2"]) == 1
    assert "--limit is for word2vec's formats" in capsys.readouterr().err


def test_a_word_that_is_not_there_names_close_ones(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similar", files["native"], "nort"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'nort'" in captured.err
    assert "'north'" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["similar", "info", "vocab", "evaluate", "convert"])
def test_a_missing_file_is_one_line(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = {"similar": ["word"], "convert": ["target"], "evaluate": ["--pairs", "none"]}
    assert main([verb, str(tmp_path / "none"), *more.get(verb, [])]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"negw2v {verb}: ")
    assert captured.err.count("\n") == 1


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "negw2v", "info", str(tmp_path / "none"), "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "Traceback" in finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["similar"],
        ["similar", "model"],
        ["similar", "model", "word", "-n", "many"],
        ["analogy", "model", "a", "b"],
        ["convert", "model"],
        ["convert", "model", "target", "--to", "pickle"],
        ["info", "model", "--from", "pickle"],
        ["vocab", "text", "--min-coun", "3"],
        ["nothing"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: negw2v" in capsys.readouterr().err


def test_info_of_a_model_has_its_parameters(
    tmp_path: Path, synthetic_sentences: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    model = Word2Vec(
        synthetic_sentences[:200], vector_size=8, window=3, sg=1, min_count=1, workers=1, seed=7
    )
    path = str(tmp_path / "words.model")
    model.save(path)
    found = json.loads(printed(capsys, "info", path, "-n", "3", "--json"))
    assert found["holds"] == "a model"
    assert found["vocabulary"] == len(model.wv)
    assert found["output_vectors"] == "syn1neg"
    assert found["parameters"]["window"] == 3
    assert found["parameters"]["seed"] == 7
    assert found["words"] == model.wv.index_to_key[:3]
    assert f"{len(model.wv)}" in printed(capsys, "info", path)


def test_vocab_counts_a_text_and_lists_a_model(
    tmp_path: Path, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text"
    text.write_text("the cat and the dog\nthe end and so on\n", encoding="utf-8")
    assert printed(capsys, "vocab", str(text), "--min-count", "2") == "the\t3\nand\t2\n"
    found = json.loads(printed(capsys, "vocab", files["native"], "-n", "2", "--json"))
    assert found == [{"word": "east", "count": 50}, {"word": "north", "count": 49}]
    assert main(["vocab", files["text"], "--from", "text"]) == 1
    assert "without their counts" in capsys.readouterr().err


def test_evaluate_prints_scores_and_how_much_was_used(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text(
        ": directions\nwest north east northeast\nwest north east unknown\n: none\na b c d\n"
    )
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("# judged\neast\tnortheast\t8\neast\tnorth\t5\neast\twest\t1\na\tb\t3\n")
    asked = ["evaluate", files["native"], "--analogies", str(questions), "--pairs", str(pairs)]
    assert printed(capsys, *asked) == ("questions.txt\t1.0000\t1\t2\npairs.txt\t1.0000\t3\t1\n")
    analogies, judged = json.loads(printed(capsys, *asked, "--json"))
    assert [part["name"] for part in analogies["sections"]] == ["directions", "none"]
    assert judged["kind"] == "word pairs"
    assert "  directions\t1.0000\t1\t" in printed(capsys, *asked, "--sections")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGPIPE")
def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    kv = KeyedVectors(2)
    kv.add_vectors([f"word{n}" for n in range(50_000)], generator.normal(size=(50_000, 2)))
    kv.save(str(tmp_path / "v"))
    command = f"{sys.executable} -m negw2v similar {tmp_path / 'v'} word1 -n 40000"
    finished = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert finished.stdout.count("\n") == 1
