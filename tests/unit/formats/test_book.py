"""The book's file of word vectors."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v.errors import MissingFileError, ModelFileError, UnsafeFileError
from negw2v.formats import book
from negw2v.layers import as_keyed_vectors, load_book_vectors

WORDS = ["you", "say", "goodbye", "and", "i", "."]


def params(words: Any = WORDS, **changes: Any) -> dict[str, Any]:
    vectors = np.random.default_rng(0).standard_normal((len(words), 4)).astype(np.float16)
    return {
        "word_vecs": vectors,
        "word_to_id": {word: i for i, word in enumerate(words)},
        "id_to_word": dict(enumerate(words)),
        **changes,
    }


def written(folder: Path, what: Any, protocol: int = 4) -> Path:
    path = folder / "cbow_params.pkl"
    path.write_bytes(pickle.dumps(what, protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("words", [WORDS, [f"word{i}" for i in range(70_000)]])
def test_what_the_book_writes_is_read(tmp_path: Path, protocol: int, words: Any) -> None:
    expected = params(words)
    vectors, word_to_id, id_to_word = load_book_vectors(written(tmp_path, expected, protocol))
    np.testing.assert_array_equal(vectors, expected["word_vecs"])
    assert vectors.dtype == np.float16
    assert word_to_id == expected["word_to_id"]
    assert id_to_word == expected["id_to_word"]
    assert len(as_keyed_vectors(vectors, word_to_id)) == len(words)


class Attack:
    def __reduce__(self) -> Any:
        return os.mkdir, ("/tmp/negw2v-was-run",)


def test_nothing_in_it_is_run(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFileError):
        book.read(written(tmp_path, params(more=Attack())))
    assert not Path("/tmp/negw2v-was-run").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "must be a dict of word_vecs"),
        ({"word_vecs": 1}, r"it is a dict of \['word_vecs'\]"),
        (params(word_vecs=np.zeros(3)), "not a matrix"),
        (params(word_vecs=[[1.0]]), "not a matrix"),
        (params(word_to_id=[1]), "not dictionaries"),
        (params(word_vecs=np.zeros((5, 4))), "ids of 5 vectors"),
        (params(id_to_word={0: "you"}), "each other's inverse"),
        (params(word_to_id={word: str(i) for i, word in enumerate(WORDS)}), "inverse"),
    ],
)
def test_what_is_something_else_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        book.read(written(tmp_path, content))


def test_damaged_files(tmp_path: Path) -> None:
    whole = written(tmp_path, params()).read_bytes()
    path = tmp_path / "short.pkl"
    for end in (0, 1, 50, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(ModelFileError):
            book.read(path)
    with pytest.raises(MissingFileError):
        book.read(tmp_path / "nowhere.pkl")
