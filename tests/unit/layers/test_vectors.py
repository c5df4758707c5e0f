"""Vectors with their dictionaries, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import MissingFileError, ModelFileError, ParameterError
from negw2v.layers import as_keyed_vectors, load_vectors, save_vectors

TO_ID = {"say": 1, "you": 0, "goodbye": 2}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_saved_is_loaded(tmp_path: Path, dtype: Any) -> None:
    vectors = np.random.default_rng(0).standard_normal((3, 5)).astype(dtype)
    path = tmp_path / "params"
    save_vectors(path, vectors, TO_ID)
    word_vecs, word_to_id, id_to_word = load_vectors(path)
    np.testing.assert_array_equal(word_vecs, vectors)
    assert word_vecs.dtype == dtype
    assert word_to_id == TO_ID
    assert id_to_word == {0: "you", 1: "say", 2: "goodbye"}
    by_word = KeyedVectors.load(path)
    np.testing.assert_array_equal(by_word["goodbye"], vectors[2])


def test_keyed_vectors_are_a_copy() -> None:
    vectors = np.ones((3, 5), "f")
    result = as_keyed_vectors(vectors, TO_ID)
    vectors[:] = 2
    assert result.index_to_key == ["you", "say", "goodbye"]
    assert (result.vectors == 1).all()


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        load_vectors(tmp_path / "nowhere")
    (tmp_path / "text").write_text("you say goodbye")
    with pytest.raises(ModelFileError):
        load_vectors(tmp_path / "text")
    with pytest.raises(ParameterError, match="word_to_id must give the 2 words"):
        save_vectors(tmp_path / "params", np.ones((2, 5)), TO_ID)
    assert not (tmp_path / "params").exists()
