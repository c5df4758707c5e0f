"""What gensim's smaller modules do where negw2v is in gensim's place."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import absence
import numpy as np
import pytest

import negw2v
from negw2v.errors import (
    DatasetError,
    GensimNeededError,
    InputTypeError,
    NegW2VWarning,
    ParameterError,
)
from negw2v.plugin.equivalents import downloads, sample_files, topic_models, vectors

TEXT = "2 2\nthe 0.5 1\ncat 1 -2\n"


@pytest.fixture
def downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """gensim's folder of downloads, with two sets of vectors and a text."""
    monkeypatch.setattr(downloads, "BASE_DIR", str(tmp_path))
    binary = b"2 2\nthe " + np.array([0.5, 1], "f4").tobytes()
    binary += b"\ncat " + np.array([1, -2], "f4").tobytes() + b"\n"
    for name, content in (
        ("glove-tiny", TEXT.encode()),
        ("word2vec-google-news-300", binary),
        ("text8", b"a b c"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.gz").write_bytes(gzip.compress(content))
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('this code ran')")
    return tmp_path


@pytest.mark.parametrize("name", ["glove-tiny", "word2vec-google-news-300"])
def test_vectors_that_gensim_downloaded_are_read(name: str, downloaded: Path) -> None:
    loaded = downloads.load(name)
    assert isinstance(loaded, negw2v.KeyedVectors)
    assert loaded.index_to_key == ["the", "cat"]
    np.testing.assert_array_equal(loaded.vectors, [[0.5, 1], [1, -2]])
    assert downloads.load(name, return_path=True) == str(downloaded / name / f"{name}.gz")


def test_what_was_not_downloaded_and_what_is_no_set_of_vectors(downloaded: Path) -> None:
    with pytest.raises(DatasetError, match=r"negw2v downloads nothing .*load_word2vec_format"):
        downloads.load("glove-wiki-gigaword-50")
    with pytest.raises(DatasetError, match=r"not a set of vectors.*return_path=True"):
        downloads.load("text8")
    assert downloads.load("text8", return_path=True)
    with pytest.raises(GensimNeededError, match="list of data sets"):
        downloads.info()


@pytest.mark.parametrize("name", ["", "..", "../glove-tiny", "/etc/passwd"])
def test_names_that_are_paths(name: str, downloaded: Path) -> None:
    with pytest.raises(ParameterError, match="the name of a data set"):
        downloads.load(name)


def test_generated_files() -> None:
    titles = Path(sample_files.datapath("testcorpus.txt"))
    assert titles.read_text().splitlines()[0] == "human interface computer"
    with pytest.warns(NegW2VWarning, match="sentences that negw2v.datasets.synthetic generates"):
        lee = sample_files.datapath("lee_background.cor")
    assert len(Path(lee).read_text().splitlines()) == 3_000
    with pytest.raises(DatasetError, match=r"comes with gensim alone; .*lee_background.cor"):
        sample_files.datapath("mihalcea_tarau.summ.txt")


def test_temporary_paths() -> None:
    first, second = sample_files.get_tmpfile("model"), sample_files.get_tmpfile("model")
    assert first != second
    for path in (Path(first), Path(second)):
        assert path.name == "model"
        assert not path.exists()
        assert path.parent.is_dir()
    with sample_files.temporary_file("model") as name:
        Path(name).write_text("x")
    assert not Path(name).exists()


def test_temporary_folders_go_with_the_process(tmp_path: Path) -> None:
    code = (
        "from negw2v.plugin.equivalents.sample_files import datapath, get_tmpfile\n"
        "print(get_tmpfile('a'), datapath('testcorpus.txt'))"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    finished = absence.outcome([sys.executable, "-c", code], Path.cwd(), environment)
    assert finished.returncode == 0, finished.stderr
    assert str(tmp_path) in finished.stdout
    assert list(tmp_path.iterdir()) == []


def test_no_model_is_a_topic_model() -> None:
    assert not isinstance(negw2v.Word2Vec(), topic_models.BaseTopicModel)


def test_what_has_no_unit_vector() -> None:
    with pytest.raises(ParameterError, match="the norms are l1, l2, unique"):
        vectors.unitvec(np.ones(2), "l3")
    with pytest.raises(InputTypeError, match="list of pairs"):
        vectors.unitvec([1.0, 2.0])
    zero = np.zeros(2)
    assert vectors.unitvec(zero) is zero
    assert vectors.unitvec([], return_norm=True) == ([], 1.0)


def test_the_scripts_run_as_programs(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text("the 0.5 1\ncat 1 -2\n")
    for module, *arguments in (
        ("glove2word2vec", "-i", "glove.txt", "-o", "out.txt"),
        ("word2vec2tensor", "--input", "out.txt", "--output", "out"),
    ):
        finished = absence.command_without_gensim(
            "run",
            "-m",
            f"gensim.scripts.{module}",
            *arguments,
            folder=tmp_path,
            environment=os.environ,
        )
        assert (finished.returncode, finished.stderr) == (0, "")
    assert (tmp_path / "out.txt").read_text().startswith("2 2\nthe 0.5 1")
    assert (tmp_path / "out_metadata.tsv").read_text() == "the\ncat\n"
    assert (tmp_path / "out_tensor.tsv").read_text().splitlines()[1] == "1.0\t-2.0"
