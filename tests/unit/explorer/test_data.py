"""What the page of the explorer knows: int8 rows, points, clusters, words that are safe in HTML."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from negw2v import pictures
from negw2v.errors import ParameterError
from negw2v.explorer import data

WORDS = [f"word{number}" for number in range(60)]


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(4).normal(size=(60, 16)).astype(np.float32)


def collected(vectors: np.ndarray, words: list[str] = WORDS, **given: Any) -> data.PageData:
    counts = given.pop("counts", list(range(len(words), 0, -1)))
    return data.collect(words, counts, vectors, given.pop("vocabulary", 99), "pca")


def read(text: str, dtype: str, columns: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype).reshape(-1, columns)


def test_cosines_of_int8_rows_are_those_of_the_vectors(vectors: np.ndarray) -> None:
    rows = data.int8_rows(vectors).astype(np.float64)
    assert np.abs(rows).max(axis=1).tolist() == [127] * 60
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(rows @ rows.T, units @ units.T, atol=0.008)


def test_the_json_holds_everything(vectors: np.ndarray) -> None:
    found = collected(vectors)
    page = json.loads(found.to_json())
    assert page["words"] == WORDS
    assert page["counts"][:2] == [60, 59]
    assert (page["dimensions"], page["vocabulary"], page["method"]) == (16, 99, "PCA")
    np.testing.assert_array_equal(read(page["rows"], "i1", 16), data.int8_rows(found.rows))
    plane, space = read(page["plane"], "<f4", 2), read(page["space"], "<f4", 3)
    np.testing.assert_array_equal(plane, found.plane)
    np.testing.assert_array_equal(space, found.space)
    assert np.abs(space).max() == 1
    np.testing.assert_array_equal(plane, space[:, :2])
    clusters = read(page["clusters"], "u1", 1)[:, 0]
    assert clusters.max() + 1 == len(page["names"]) <= data.CLUSTERS
    for cluster, names in enumerate(page["names"]):
        assert names
        assert {int(clusters[place]) for place in names} == {cluster}


def test_the_plane_keeps_what_differs_most() -> None:
    generator = np.random.default_rng(6)
    angles = generator.uniform(0, 2 * np.pi, 50)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    basis, _ = np.linalg.qr(generator.normal(size=(9, 2)))
    found = collected(circle @ basis.T, WORDS[:50])
    middle = (found.plane.max(axis=0) + found.plane.min(axis=0)) / 2
    np.testing.assert_allclose(middle, 0, atol=1e-6)
    centre = (
        found.plane
        - np.linalg.lstsq(
            np.c_[2 * found.plane, np.ones(50)], (found.plane**2).sum(axis=1), rcond=None
        )[0][:2]
    )
    radii = np.linalg.norm(centre, axis=1)  # still a circle
    np.testing.assert_allclose(radii, radii.mean(), atol=1e-4)


def test_other_methods_draw_two_maps(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {size: np.random.default_rng(size).normal(size=(60, size)) for size in (2, 3)}
    methods = []

    def project(units: np.ndarray, method: str, dimensions: int = 2) -> np.ndarray:
        methods.append(method)
        np.testing.assert_allclose(np.linalg.norm(units, axis=1), 1)
        return drawn[dimensions] * 50 + 7

    monkeypatch.setattr(pictures, "project", project)
    found = data.collect(WORDS, None, vectors, 60, "umap")
    assert methods == ["umap", "umap"]
    assert json.loads(found.to_json())["method"] == "UMAP"
    for points, original in ((found.plane, drawn[2]), (found.space, drawn[3])):
        scale = np.ptp(original, axis=0).max() / 2
        np.testing.assert_allclose(np.diff(points, axis=0), np.diff(original, axis=0) / scale,
                                   atol=3e-5)  # fmt: skip
        assert np.abs(points).max() == 1


@pytest.mark.parametrize(
    "word",
    ["</script><script>alert(1)</script>", "<!--", "&lt;", "a\u2028b", '"\\', "\ud800", "\0", "🙂"],
)
def test_words_are_safe_in_html(vectors: np.ndarray, word: str) -> None:
    text = collected(vectors, [word, *WORDS[1:]]).to_json()
    assert text.isascii()
    assert not set("<>&\n\r\0").intersection(text)
    assert json.loads(text)["words"][0] == word


def test_the_same_vectors_give_the_same_json(vectors: np.ndarray) -> None:
    assert collected(vectors).to_json() == collected(vectors.copy()).to_json()
    # what floating-point arithmetic in another order changes is rounded away
    nearly = vectors.astype(np.float64) * (1 + 1e-14)
    assert collected(nearly).to_json() == collected(vectors).to_json()


def test_lengths_of_vectors_do_not_count(vectors: np.ndarray) -> None:
    scaled = vectors.astype(np.float64) * np.geomspace(1e-200, 1e200, 60)[:, np.newaxis]
    assert collected(scaled).to_json() == collected(vectors).to_json()


def test_zero_vectors_have_a_place(vectors: np.ndarray) -> None:
    vectors[7] = 0
    found = collected(vectors)
    assert not found.rows[7].any()
    assert np.isfinite(found.space).all()


def test_vectors_that_are_all_alike_have_one_place() -> None:
    found = collected(np.ones((5, 3), dtype=np.float32), WORDS[:5])
    assert not found.plane.any()
    assert found.clusters.tolist() == [0] * 5


def test_vectors_of_one_dimension_lie_on_a_line() -> None:
    found = collected(np.array([[1.0], [-2.0], [3.0], [-4.0]]), WORDS[:4])
    assert found.plane.tolist() == [[1, 0], [-1, 0], [1, 0], [-1, 0]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_named(vectors: np.ndarray, value: float) -> None:
    vectors[3, 2] = value
    with pytest.raises(ParameterError, match="'word3' holds NaN or infinity"):
        collected(vectors)


def test_a_map_needs_three_words(vectors: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="needs 3 words or more, not 2"):
        collected(vectors[:2], WORDS[:2])


def test_counts_may_be_unknown(vectors: np.ndarray) -> None:
    assert json.loads(collected(vectors, counts=None).to_json())["counts"] is None
