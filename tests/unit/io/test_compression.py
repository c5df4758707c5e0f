"""Compression is recognised by first bytes, and chosen by a suffix in any case."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors, ParameterError
from negw2v.io.compression import SUFFIXES, compression_of, compression_suffix
from negw2v.io.reading import read_all
from negw2v.io.writing import writing, writing_behind


@pytest.fixture
def store() -> KeyedVectors:
    found = KeyedVectors(3)
    found.add_vectors(["a", "b"], np.arange(6).reshape(2, 3))
    return found


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_suffixes_are_known_in_any_case(suffix: str) -> None:
    for name in (f"v{suffix}", f"v.txt{suffix.upper()}", f"s3://bucket/v{suffix.title()}"):
        assert compression_suffix(name) == suffix
    for name in ("v", f"v{suffix}.txt", suffix, "v.GZIP"):
        assert compression_suffix(name) is None


@pytest.mark.parametrize("name", ["v.txt.GZ", "v.Gz", "v.BZ2", "v.XZ"])
def test_a_suffix_in_upper_case_compresses(name: str, store: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / name
    store.save_word2vec_format(path)
    assert compression_of(path.read_bytes()) == compression_suffix(path)
    found = KeyedVectors.load_word2vec_format(path)
    assert found.index_to_key == ["a", "b"]
    assert np.array_equal(found.vectors, store.vectors)
    store.save(path)
    assert compression_of(path.read_bytes()) == compression_suffix(path)
    assert np.array_equal(KeyedVectors.load(path).vectors, store.vectors)


def test_gensim_reads_what_a_suffix_in_upper_case_names(
    store: KeyedVectors, tmp_path: Path
) -> None:
    models = pytest.importorskip("gensim.models")
    store.save_word2vec_format(tmp_path / "v.txt.GZ")
    found = models.KeyedVectors.load_word2vec_format(str(tmp_path / "v.txt.GZ"))
    assert np.array_equal(found.vectors, store.vectors)


def test_what_is_appended_is_compressed_too(tmp_path: Path) -> None:
    path = tmp_path / "file.GZ"
    with writing(path) as file:
        file.write(b"a")
    with writing_behind(path) as file:
        file.write(b"b")
    assert gzip.decompress(path.read_bytes()) == b"ab"
    assert read_all(path) == b"ab"


def test_npy_files_are_not_compressed(store: KeyedVectors, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="another kind of file"):
        store.save_npy(tmp_path / "v.npy.GZ")
