"""Optional packages: every feature that lacks one says so in one way, and changes nothing."""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import absence
import numpy as np
import pytest

import negw2v
import negw2v.distributed
from negw2v import KeyedVectors, LineSentence, PathLineSentences, Word2Vec
from negw2v.datasets.files import DataFile
from negw2v.errors import DatasetError, MissingDependencyError, ParameterError
from negw2v.extras import OPTIONAL, ZST_MODULES, installed_version
from negw2v.layers import SGD, Trainer

SENTENCES = [["a", "b", "c"], ["b", "c", "d"]] * 3


@pytest.fixture
def vectors() -> KeyedVectors:
    result = KeyedVectors(3)
    result.add_vectors(["a", "b", "c"], np.arange(9, dtype=np.float32).reshape(3, 3))
    return result


@pytest.fixture
def model() -> Word2Vec:
    return Word2Vec(SENTENCES, vector_size=4, min_count=1, epochs=1, workers=1)


def plotted() -> None:
    trainer = Trainer(None, SGD())  # type: ignore[arg-type]
    trainer.loss_list.append(1.0)
    trainer.plot()


def without(monkeypatch: pytest.MonkeyPatch, distribution: str) -> None:
    """As if a package were not installed."""
    modules = ZST_MODULES if distribution == "backports.zstd" else (OPTIONAL[distribution].module,)
    absence.without(monkeypatch, *modules)


DOORS: dict[str, tuple[str, Callable[[KeyedVectors, Word2Vec, Path], Any]]] = {
    "build_index": ("usearch", lambda kv, model, path: kv.build_index()),
    "to_arrow": ("pyarrow", lambda kv, model, path: kv.to_arrow()),
    "from_arrow": ("pyarrow", lambda kv, model, path: KeyedVectors.from_arrow(None)),
    "save_table": ("pyarrow", lambda kv, model, path: kv.save_table(path)),
    "load_table": ("pyarrow", lambda kv, model, path: KeyedVectors.load_table(path)),
    "wmdistance": ("POT", lambda kv, model, path: kv.wmdistance(["a"], ["b"])),
    "explore": ("plotly", lambda kv, model, path: kv.explore()),
    "plot": ("matplotlib", lambda kv, model, path: plotted()),
    "to_pandas": ("pandas", lambda kv, model, path: kv.to_pandas()),
    "to_polars": ("polars", lambda kv, model, path: kv.to_polars()),
    "to_torch_embedding": ("torch", lambda kv, model, path: kv.to_torch_embedding()),
    "to_keras_embedding": ("keras", lambda kv, model, path: kv.to_keras_embedding()),
    "push_to_hub": ("huggingface_hub", lambda kv, model, path: kv.push_to_hub("owner/name")),
    "a model to the Hub": ("huggingface_hub", lambda kv, model, path: model.push_to_hub("o/n")),
    "vectors of the Hub": (
        "huggingface_hub",
        lambda kv, model, path: KeyedVectors.from_pretrained("owner/name"),
    ),
    "a model of the Hub": (
        "huggingface_hub",
        lambda kv, model, path: Word2Vec.from_pretrained("owner/name"),
    ),
    "vectors to gensim": ("gensim", lambda kv, model, path: kv.to_gensim()),
    "model to gensim": ("gensim", lambda kv, model, path: model.to_gensim()),
    "distributed": ("ray", lambda kv, model, path: negw2v.distributed.train("corpus.txt")),
    "patch_gensim": ("gensim", lambda kv, model, path: negw2v.patch_gensim(stand_in=False)),
}
# The suffix of the file says what they need.
ZST_DOORS: dict[str, Callable[[KeyedVectors, Word2Vec, Path], Any]] = {
    "save": lambda kv, model, path: model.save(path),
    "save vectors": lambda kv, model, path: kv.save(path),
    "load": lambda kv, model, path: Word2Vec.load(path),
    "load vectors": lambda kv, model, path: KeyedVectors.load(path),
    "save_word2vec_format": lambda kv, model, path: kv.save_word2vec_format(path),
    "binary": lambda kv, model, path: kv.save_word2vec_format(path, binary=True),
    "append": lambda kv, model, path: kv.save_word2vec_format(path, append=True),
    "fvocab": lambda kv, model, path: model.wv.save_word2vec_format(io.BytesIO(), fvocab=path),
    "load_word2vec_format": lambda kv, model, path: KeyedVectors.load_word2vec_format(path),
    "intersect": lambda kv, model, path: kv.intersect_word2vec_format(path),
    "save_projector": lambda kv, model, path: kv.save_projector(path, path),
    "corpus_file": lambda kv, model, path: Word2Vec(corpus_file=str(path), min_count=1),
    "LineSentence": lambda kv, model, path: list(LineSentence(path)),
    "PathLineSentences": lambda kv, model, path: list(PathLineSentences(path)),
    "checkpoint": lambda kv, model, path: model.train(
        SENTENCES, total_examples=6, epochs=1, checkpoint=path
    ),
}


def check(error: MissingDependencyError, distribution: str) -> None:
    package = OPTIONAL[distribution]
    assert distribution in str(error)
    assert "which is not installed" in str(error)
    assert str(error).endswith(package.command)
    assert error.name == package.module


@pytest.mark.parametrize("door", DOORS)
def test_every_feature_names_the_package_that_it_lacks(
    door: str,
    vectors: KeyedVectors,
    model: Word2Vec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    distribution, call = DOORS[door]
    without(monkeypatch, distribution)
    assert installed_version(OPTIONAL[distribution]) is None
    with pytest.raises(MissingDependencyError) as caught:
        call(vectors, model, tmp_path / "file")
    check(caught.value, distribution)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("door", ZST_DOORS)
def test_every_reader_and_writer_of_zst_files_names_the_extra(
    door: str,
    vectors: KeyedVectors,
    model: Word2Vec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "backports.zstd")
    path = tmp_path / "file.zst"
    old = b"\x28\xb5\x2f\xfd" + bytes(60)
    path.write_bytes(old)
    with pytest.raises(MissingDependencyError, match=r"pip install 'negw2v\[zst\]'$") as caught:
        ZST_DOORS[door](vectors, model, path)
    check(caught.value, "backports.zstd")
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("write", [False, True])
def test_places_elsewhere_name_what_smart_open_lacks(vectors: KeyedVectors, write: bool) -> None:
    pytest.importorskip("smart_open")
    if installed_version(OPTIONAL["gensim"]._replace(module="paramiko")) is not None:
        pytest.skip("what ssh needs is installed")

    def call(path: str) -> Any:
        return vectors.save(path) if write else KeyedVectors.load(path)

    with pytest.raises(MissingDependencyError, match=r"pip install 'smart_open\[ssh\]'$"):
        call("sftp://host/vectors")
    with pytest.raises(ParameterError, match="'nowhere://host/vectors'"):
        call("nowhere://host/vectors")


def test_a_data_set_that_cannot_be_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEGW2V_CACHE", str(tmp_path))
    monkeypatch.delenv("NEGW2V_DATA", raising=False)
    without(monkeypatch, "pooch")
    file = DataFile("folder", "file", "0" * 64, "https://example.invalid/file")
    with pytest.raises(MissingDependencyError, match=r"pip install 'negw2v\[datasets\]'") as caught:
        file.path()
    assert isinstance(caught.value, DatasetError)
    assert caught.value.name == "pooch"


def test_a_package_that_is_there_and_broken_is_not_called_missing(
    vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
            if name == "usearch":
                raise ImportError("libusearch.so: no such symbol")

    for name in [name for name in sys.modules if f"{name}.".startswith("usearch.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(MissingDependencyError, match=r"cannot be imported .*no such symbol"):
        vectors.build_index()


def test_the_table_of_packages_is_that_of_the_extras(repository: Path) -> None:
    extras = tomllib.loads((repository / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (everything,) = extras["all"]
    ours = set(re.findall(r"[a-z]+", everything.removeprefix("negw2v")))
    ours |= {"gpu", "ray"}  # one needs CUDA, the other is large
    for extra in ours:
        names = {package.distribution for package in OPTIONAL.values() if package.extra == extra}
        declared = {re.split(r"[<>=!~; ]", line)[0] for line in extras[extra]}
        declared.discard("negw2v[array]")
        assert {"backports.zstd" if n == "smart_open[zst]" else n for n in declared} == names
    assert {package.extra for package in OPTIONAL.values()} == {*ours, None}


def test_config_lists_every_optional_package(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "POT")
    without(monkeypatch, "backports.zstd")
    negw2v.show_config()
    lines = dict(
        re.split(r" {2,}", line, maxsplit=1)
        for line in re.findall(r"^ {2}(\S+ {2,}.*)$", capsys.readouterr().out, re.MULTILINE)
    )
    assert set(lines) == set(OPTIONAL)
    assert lines["POT"] == "not installed (pip install 'negw2v[wmd]')"
    assert lines["backports.zstd"] == "not installed (pip install 'negw2v[zst]')"
    assert all(line[0].isdigit() or "pip install" in line for line in lines.values())


def test_no_extra_is_written_without_quotes(repository: Path) -> None:
    files = [
        *(repository / "negw2v").rglob("*.py"),
        *(repository / "tests").rglob("*.py"),
        *(repository / "docs").glob("*.md"),
        *repository.glob("*.md"),
    ]
    unquoted = re.compile(r"pip install [^'\"\n`]*\w\[")
    found = {file.name for file in files if unquoted.search(file.read_text())}
    assert found == set()
