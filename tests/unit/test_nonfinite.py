"""NaN and infinity pass no door of the library but with allow_nonfinite=True."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec, layers
from negw2v.errors import ModelFileError, ParameterError

WORDS = ["a", "b", "c"]
SENTENCES = [WORDS * 3] * 9


def vectors_with(value: float, dtype: Any = np.float32) -> KeyedVectors:
    vectors = KeyedVectors(2, dtype=dtype)
    rows = np.array([[1, 2], [3, value], [5, 6]], dtype=dtype)
    vectors.add_vectors(WORDS, rows, allow_nonfinite=True)
    return vectors


def model_with(value: float, where: str = "wv.vectors") -> Word2Vec:
    hs = int(where == "syn1")
    model = Word2Vec(SENTENCES, vector_size=2, min_count=1, epochs=1, workers=1, hs=hs)
    matrix = model.wv.vectors if where == "wv.vectors" else getattr(model, where)
    matrix[1, 1] = value
    return model


# Ways out, and for each its way back: called with an object or a folder, and allow_nonfinite.
Door = tuple[Callable[..., Any], Callable[..., Any]]
DOORS: dict[str, Door] = {
    "save": (
        lambda kv, folder, **given: kv.save(folder / "v", **given),
        lambda folder, **given: KeyedVectors.load(folder / "v", **given),
    ),
    "text": (
        lambda kv, folder, **given: kv.save_word2vec_format(folder / "v", **given),
        lambda folder, **given: KeyedVectors.load_word2vec_format(folder / "v", **given),
    ),
    "binary": (
        lambda kv, folder, **given: kv.save_word2vec_format(folder / "v", binary=True, **given),
        lambda folder, **given: KeyedVectors.load_word2vec_format(
            folder / "v", binary=True, **given
        ),
    ),
    "npy": (
        lambda kv, folder, **given: kv.save_npy(folder / "v.npy", **given),
        lambda folder, **given: KeyedVectors.load_npy(folder / "v.npy", **given),
    ),
    "parquet": (
        lambda kv, folder, **given: kv.save_table(folder / "v.parquet", **given),
        lambda folder, **given: KeyedVectors.load_table(folder / "v.parquet", **given),
    ),
    "arrow": (
        lambda kv, folder, **given: kv.to_arrow(**given),
        lambda folder, **given: KeyedVectors.from_arrow(
            vectors_with(np.nan).to_arrow(allow_nonfinite=True), **given
        ),
    ),
    "layers": (
        lambda kv, folder, **given: layers.save_vectors(
            folder / "v", kv.vectors, kv.key_to_index, **given
        ),
        lambda folder, **given: layers.as_keyed_vectors(
            *layers.load_vectors(folder / "v", **given)[:2], **given
        ),
    ),
}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", DOORS)
def test_out_and_in(name: str, value: float, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra arrow brings it")
    out, back = DOORS[name]
    vectors = vectors_with(value)
    with pytest.raises(ParameterError, match=r"the vector of 'b' has NaN .* allow_nonfinite=True"):
        out(vectors, tmp_path)
    assert not list(tmp_path.iterdir()), "refused before anything is written"
    out(vectors, tmp_path, allow_nonfinite=True)
    with pytest.raises((ModelFileError, ParameterError), match=r"'b'.* allow_nonfinite=True"):
        back(tmp_path)
    loaded = back(tmp_path, allow_nonfinite=True)
    if name != "arrow":
        np.testing.assert_array_equal(loaded.vectors, vectors.vectors)
    assert loaded.index_to_key == WORDS


def test_numbers_that_are_too_large_for_the_binary_format(tmp_path: Path) -> None:
    vectors = vectors_with(1e300, np.float64)
    vectors.save_word2vec_format(tmp_path / "text")
    with pytest.raises(ParameterError, match="'b' has NaN or infinity in it, as float32"):
        vectors.save_word2vec_format(tmp_path / "v", binary=True)
    assert not (tmp_path / "v").exists()
    vectors.save_word2vec_format(tmp_path / "v", binary=True, allow_nonfinite=True)
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=True, allow_nonfinite=True)
    assert loaded["b"].tolist() == [3, np.inf]


def test_the_books_files(tmp_path: Path) -> None:
    content = {
        "word_vecs": vectors_with(np.nan).vectors,
        "word_to_id": {word: number for number, word in enumerate(WORDS)},
        "id_to_word": dict(enumerate(WORDS)),
    }
    (tmp_path / "v").write_bytes(pickle.dumps(content))
    with pytest.raises(ModelFileError, match="'b' has NaN"):
        layers.load_book_vectors(tmp_path / "v")
    assert np.isnan(layers.load_book_vectors(tmp_path / "v", allow_nonfinite=True)[0][1, 1])


def test_projector(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="allow_nonfinite=True to export"):
        vectors_with(np.nan).save_projector(tmp_path / "v.tsv")
    assert not list(tmp_path.iterdir())
    vectors_with(np.nan).save_projector(tmp_path / "v.tsv", allow_nonfinite=True)
    assert "nan" in (tmp_path / "v.tsv").read_text()


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_types(dtype: Any, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="'b' has NaN"):
        vectors_with(np.inf, dtype).save(tmp_path / "v")


def test_the_row_is_found_in_a_large_matrix(tmp_path: Path) -> None:
    vectors = KeyedVectors(100, count=5000)
    vectors.take_keys([f"w{number}" for number in range(5000)])
    for row in (0, 2500, 4999):
        vectors.vectors[...] = 1
        vectors.vectors[row, 99] = np.nan
        with pytest.raises(ParameterError, match=f"the vector of 'w{row}' has"):
            vectors.save(tmp_path / "v")


def test_a_mapped_file_is_not_looked_through(tmp_path: Path) -> None:
    vectors_with(np.nan).save(tmp_path / "v", allow_nonfinite=True)
    assert np.isnan(KeyedVectors.load(tmp_path / "v", mmap="r").vectors[1, 1])


@pytest.mark.parametrize("where", ["wv.vectors", "syn1neg", "syn1"])
def test_models(where: str, tmp_path: Path) -> None:
    model = model_with(np.nan, where)
    whose = "'" if where == "wv.vectors" else where
    model.save(tmp_path / "m", allow_nonfinite=True)
    before = (tmp_path / "m").read_bytes()
    with pytest.raises(ParameterError, match=f"{whose}.* allow_nonfinite=True to save"):
        model.save(tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == before
    with pytest.raises(ModelFileError, match=f"{whose}.* allow_nonfinite=True to load"):
        Word2Vec.load(tmp_path / "m")
    loaded = Word2Vec.load(tmp_path / "m", allow_nonfinite=True)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    if where == "wv.vectors":
        with pytest.raises(ModelFileError, match="to load"):
            KeyedVectors.load(tmp_path / "m")
    else:
        KeyedVectors.load(tmp_path / "m")


def test_a_checkpoint_is_refused_before_the_training(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    good = model_with(1.0)
    given: dict[str, Any] = {"total_examples": 9, "epochs": 2}
    good.train(SENTENCES, checkpoint=path, **given)
    before = path.read_bytes()
    bad = model_with(np.nan)
    with pytest.raises(ParameterError, match="allow_nonfinite"):
        bad.train(SENTENCES, checkpoint=path, **given)
    assert bad.train_count == 1, "not trained first, and refused afterwards"
    assert path.read_bytes() == before
    bad.save(path, allow_nonfinite=True)
    with pytest.raises(ModelFileError):
        Word2Vec.resume(path, SENTENCES)


def test_gensims(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    theirs = models.KeyedVectors(2)
    theirs.add_vectors(WORDS, np.array([[1, 2], [3, np.nan], [5, 6]], np.float32))
    theirs.save(str(tmp_path / "v"))
    with pytest.raises(ModelFileError, match=r"'b'.* allow_nonfinite=True to load"):
        KeyedVectors.load(tmp_path / "v")
    assert np.isnan(KeyedVectors.load(tmp_path / "v", allow_nonfinite=True).vectors[1, 1])
    with pytest.raises(ParameterError, match=r"'b'.* allow_nonfinite=True to convert"):
        KeyedVectors.from_gensim(theirs)
    ours = KeyedVectors.from_gensim(theirs, allow_nonfinite=True)
    with pytest.raises(ParameterError, match="to convert"):
        ours.to_gensim()
    assert np.isnan(ours.to_gensim(allow_nonfinite=True).vectors[1, 1])
    model = model_with(np.nan)
    with pytest.raises(ParameterError, match="to convert"):
        model.to_gensim()
    converted = model.to_gensim(allow_nonfinite=True)
    with pytest.raises(ParameterError, match="to convert"):
        Word2Vec.from_gensim(converted)
    assert np.isnan(Word2Vec.from_gensim(converted, allow_nonfinite=True).wv.vectors[1, 1])
