"""Text and binary files beside gensim's: the same bytes written, the same vectors read."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gensim", reason="gensim is the yardstick")

from gensim.models import KeyedVectors as GensimKeyedVectors
from gensim.models import Word2Vec as GensimWord2Vec

from negw2v import KeyedVectors, Word2Vec

ROWS, DIMENSIONS = 700, 17


def filled(kind: Any, dtype: Any = np.float32) -> Any:
    random = np.random.default_rng(0)
    words = [f"wörd{i}" if i % 3 else f"w{i}" for i in range(ROWS)]
    scale = 10.0 ** random.integers(-12, 4 if dtype is np.float16 else 12, (ROWS, 1))
    store = kind(DIMENSIONS, dtype=dtype)
    store.add_vectors(words, (random.standard_normal((ROWS, DIMENSIONS)) * scale).astype(dtype))
    store.expandos = {"count": random.integers(0, 50, ROWS), "rank": random.standard_normal(ROWS)}
    return store


@pytest.mark.parametrize(
    "name", ["load_word2vec_format", "save_word2vec_format", "intersect_word2vec_format"]
)
def test_parameters(name: str) -> None:
    ours = list(inspect.signature(getattr(KeyedVectors, name)).parameters.values())
    theirs = list(inspect.signature(getattr(GensimKeyedVectors, name)).parameters.values())
    shared = [(one.name, one.default) for one in ours[: len(theirs)]]
    assert shared == [(one.name, one.default) for one in theirs]
    assert all(one.kind is one.KEYWORD_ONLY for one in ours[len(theirs) :])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"binary": True},
        {"write_header": False},
        {"prefix": "*dt_"},
        {"sort_attr": "rank"},
        {"sort_attr": "missing"},
        {"total_vec": 7, "binary": True},
        {"fvocab": "vocabulary", "prefix": "p"},
    ],
    ids=str,
)
def test_the_same_bytes_are_written(options: dict[str, Any], tmp_path: Path) -> None:
    for side, kind in (("ours", KeyedVectors), ("theirs", GensimKeyedVectors)):
        given = dict(options)
        if "fvocab" in given:
            given["fvocab"] = str(tmp_path / f"{side}.vocabulary")
        for append in (False, True):
            filled(kind).save_word2vec_format(str(tmp_path / side), append=append, **given)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    if "fvocab" in options:
        ours, theirs = (tmp_path / f"{side}.vocabulary" for side in ("ours", "theirs"))
        assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.filterwarnings("ignore:overflow")
def test_the_same_bytes_of_other_types(dtype: Any, binary: bool, tmp_path: Path) -> None:
    for side, kind in (("ours", KeyedVectors), ("theirs", GensimKeyedVectors)):
        filled(kind, dtype).save_word2vec_format(str(tmp_path / side), binary=binary)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def assert_equal(ours: Any, theirs: Any) -> None:
    assert ours.index_to_key == theirs.index_to_key
    assert ours.key_to_index == theirs.key_to_index
    assert ours.vectors.dtype == theirs.vectors.dtype
    assert ours.vectors.tobytes() == theirs.vectors.tobytes()
    assert ours.vector_size == theirs.vector_size
    assert ours.expandos.keys() == theirs.expandos.keys()
    assert ours.expandos["count"].dtype == theirs.expandos["count"].dtype
    np.testing.assert_array_equal(ours.expandos["count"], theirs.expandos["count"])


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"binary": True},
        {"no_header": True},
        {"limit": 33},
        {"limit": 33, "binary": True},
        {"limit": 33, "no_header": True},
        {"datatype": np.float16},
        {"datatype": np.float64},
        {"datatype": np.float64, "binary": True},
        {"fvocab": "vocabulary"},
        {"encoding": "latin1", "binary": True},
        {"encoding": "latin1"},
    ],
    ids=str,
)
# gensim's second pass leaves a file open
@pytest.mark.filterwarnings("ignore:overflow", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_same_vectors_are_read(options: dict[str, Any], suffix: str, tmp_path: Path) -> None:
    path, given = str(tmp_path / f"file{suffix}"), dict(options)
    if "fvocab" in given:
        given["fvocab"] = str(tmp_path / "vocabulary")
    source = filled(GensimKeyedVectors)
    if options.get("datatype") is np.float16:
        source.vectors = np.clip(source.vectors, -6e4, 6e4)
    source.save_word2vec_format(
        path,
        fvocab=given.get("fvocab"),
        binary=options.get("binary", False),
        write_header=not options.get("no_header"),
    )
    assert_equal(
        KeyedVectors.load_word2vec_format(path, **given),
        GensimKeyedVectors.load_word2vec_format(path, **given),
    )


@pytest.mark.parametrize("errors", ["ignore", "replace"])
@pytest.mark.parametrize("binary", [False, True])
def test_words_cut_within_a_character(errors: str, binary: bool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    vector = np.float32([1, 2]).tobytes() if binary else b"1 2\n"
    cut = ["schön".encode()[:-2], "東京".encode()[:-1], b"a\xffb", b"\xe4\xb8x"]
    path.write_bytes(b"4 2\n" + b"".join(word + b" " + vector for word in cut))
    given = {"binary": binary, "unicode_errors": errors}
    assert_equal(
        KeyedVectors.load_word2vec_format(path, **given),
        GensimKeyedVectors.load_word2vec_format(str(path), **given),
    )


@pytest.mark.parametrize("binary", [False, True])
def test_intersection(binary: bool, tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    sentences = [["w0", "wörd4", "other"], ["w9", "w0", "wörd4"]]
    results = []
    for kind in (Word2Vec, GensimWord2Vec):
        # gensim 4.4.0 cannot read binary files here with NumPy 2.3 and later
        given = {"binary": binary and kind is Word2Vec}
        filled(GensimKeyedVectors).save_word2vec_format(path, **given)
        model = kind(sentences, vector_size=DIMENSIONS, min_count=1, workers=1, epochs=1)
        model.wv.vectors[:] = 0.5
        if kind is GensimWord2Vec:  # it has one factor for all words, and needs one for each
            model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
        model.wv.intersect_word2vec_format(path, lockf=0.25, **given)
        results.append(
            {
                word: (model.wv[word].tobytes(), float(model.wv.vectors_lockf[row]))
                for word, row in model.wv.key_to_index.items()
            }
        )
    assert results[0] == results[1]
    assert len({lock for _, lock in results[0].values()}) == 2
