"""Pictures: what is drawn where, which words are named, what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec, pictures
from negw2v.cli.main import main
from negw2v.errors import KeyNotFoundError, MissingDependencyError, ParameterError, SaveError

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

WORDS = [f"word{number}" for number in range(40)]


@pytest.fixture
def kv() -> KeyedVectors:
    made = KeyedVectors(6)
    made.add_vectors(WORDS, np.random.default_rng(3).normal(size=(40, 6)).astype(np.float32))
    for number, word in enumerate(WORDS):
        made.set_vecattr(word, "count", 1000 // (number + 1))
    return made


def labels(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def points(figure: Any) -> np.ndarray[Any, Any]:
    return np.concatenate([one.get_offsets() for one in figure.axes[0].collections])


def test_principal_components_keep_a_plane_as_it_is() -> None:
    generator = np.random.default_rng(1)
    plane = generator.normal(size=(30, 2)) * [3, 1]
    basis, _ = np.linalg.qr(generator.normal(size=(10, 2)))
    found = pictures.project(plane @ basis.T + generator.normal(size=10), "pca")
    distances = np.linalg.norm(plane[:, None] - plane, axis=-1)
    np.testing.assert_allclose(np.linalg.norm(found[:, None] - found, axis=-1), distances)
    assert found[:, 0].var() > found[:, 1].var()


def test_principal_components_in_space_begin_with_those_of_the_plane() -> None:
    vectors = np.random.default_rng(2).normal(size=(30, 8))
    space = pictures.project(vectors, "pca", dimensions=3)
    assert space.shape == (30, 3)
    np.testing.assert_array_equal(space[:, :2], pictures.project(vectors, "pca"))
    assert space[:, 1].var() > space[:, 2].var()


def test_points_on_a_line_have_one_coordinate() -> None:
    found = pictures.project(np.arange(4.0)[:, np.newaxis] * [[1.0, 2.0]], "pca")
    np.testing.assert_allclose(found[:, 1], 0, atol=1e-12)
    assert np.ptp(found[:, 0]) == pytest.approx(3 * 5**0.5)


def test_neighbours_are_those_of_most_similar(kv: KeyedVectors) -> None:
    figure = kv.plot_neighbours(["word0", "word1"], topn=4)
    expected = {"word0", "word1"}
    expected |= {word for asked in expected for word, _ in kv.most_similar(asked, topn=4)}
    assert sorted(labels(figure)) == sorted(expected)
    assert len(points(figure)) == len(expected)
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["word0", "word1"]


def test_one_word_is_no_list_of_letters(kv: KeyedVectors) -> None:
    assert len(labels(kv.plot_neighbours("word5", topn=3))) == 4


def test_arrows_go_from_the_first_to_the_second_word(kv: KeyedVectors) -> None:
    pairs = [("word0", "word1"), ("word2", "word3"), ("word4", "word5")]
    figure = kv.plot_analogies(pairs)
    assert sorted(labels(figure)) == sorted(word for pair in pairs for word in pair)
    arrows = [text for text in figure.axes[0].texts if not text.get_text()]
    ends = points(figure).reshape(-1, 2, 2)
    for arrow, (start, end) in zip(arrows, ends, strict=True):
        np.testing.assert_allclose(arrow.xyann, start)
        np.testing.assert_allclose(arrow.xy, end)


def test_the_heat_map_has_the_cosines(kv: KeyedVectors) -> None:
    words = ["word1", "word2", "word7"]
    figure = kv.plot_similarities(words)
    shown = figure.axes[0].images[0].get_array()
    expected = [[kv.similarity(one, other) for other in words] for one in words]
    np.testing.assert_allclose(shown, expected, atol=1e-6)
    assert labels(figure) == [f"{value:.2f}" for row in expected for value in row]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == words


def test_frequencies_have_counts_and_lengths(kv: KeyedVectors) -> None:
    figure = kv.plot_frequencies(["word0", "word39"])
    np.testing.assert_allclose(points(figure)[:, 0], kv.expandos["count"])
    np.testing.assert_allclose(points(figure)[:, 1], np.linalg.norm(kv.vectors, axis=1), rtol=1e-6)
    assert labels(figure) == ["word0", "word39"]
    assert labels(kv.plot_frequencies())[0] == "word0"
    assert labels(kv.plot_frequencies())[-1] == "word39"


def test_rows_without_a_key_are_not_drawn() -> None:
    kv = KeyedVectors(2, count=10)
    kv.allocate_vecattrs(attrs=["count"], types=[np.int64])
    for place, word in enumerate(("a", "b", "c")):
        kv.add_vector(word, np.float32([place + 1, 1]))
        kv.set_vecattr(word, "count", 3 - place)
    assert len(points(kv.plot_frequencies())) == 3


def test_losses_of_every_epoch(synthetic_sentences: list[list[str]]) -> None:
    model = Word2Vec(synthetic_sentences[:200], vector_size=8, min_count=1, epochs=3, workers=1)
    (line,) = model.training_report.plot().axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), model.training_report.losses)
    with pytest.raises(ParameterError, match="no epoch is finished"):
        Word2Vec().training_report.plot()


def test_dollar_signs_begin_no_formula(tmp_path: Path) -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(["$a_", "$b^", "$$"], np.float32([[1, 0], [0, 1], [1, 1]]))
    kv.plot_neighbours("$a_", topn=2).savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("method", ["umap", "pacmap"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_too_few_words_for_a_map(method: str, dimensions: int) -> None:
    vectors = np.random.default_rng(1).normal(size=(5, 8))
    with pytest.raises(ParameterError, match=f"{method}.* needs 5 words or more"):
        pictures.project(vectors[1:], method, dimensions)
    pytest.importorskip(method)
    assert pictures.project(vectors, method, dimensions).shape == (5, dimensions)


@pytest.mark.parametrize("method", ["tsne", "umap", "pacmap"])
def test_other_methods(kv: KeyedVectors, method: str) -> None:
    packages = {"tsne": "sklearn", "umap": "umap", "pacmap": "pacmap"}
    pytest.importorskip(packages[method], reason=f"{method} needs it")
    found = pictures.project(kv.vectors, method)
    assert found.shape == (40, 2)
    assert np.isfinite(found).all()


def test_a_missing_package_is_named(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingDependencyError, match="umap-learn"):
        kv.plot_neighbours("word1", method="umap")


def test_what_cannot_be_drawn(kv: KeyedVectors) -> None:
    with pytest.raises(KeyNotFoundError, match="wordd"):
        kv.plot_neighbours("wordd")
    with pytest.raises(ParameterError, match="needs 1 words"):
        kv.plot_neighbours([])
    with pytest.raises(ParameterError, match="needs 3 words"):
        kv.plot_neighbours("word1", topn=1)
    with pytest.raises(ParameterError, match="needs 2 words"):
        kv.plot_similarities(["word1"])
    with pytest.raises(ParameterError, match="two or more pairs"):
        kv.plot_analogies([("word1", "word2")])
    with pytest.raises(ParameterError, match="two or more pairs"):
        kv.plot_analogies([("word1",), ("word2", "word3")])
    with pytest.raises(ParameterError, match="must be one of pca"):
        kv.plot_neighbours("word1", method="lda")
    without = KeyedVectors(2)
    without.add_vectors(["a"], np.float32([[1, 2]]))
    with pytest.raises(ParameterError, match="there are no counts"):
        without.plot_frequencies()


def test_a_picture_that_cannot_be_written(kv: KeyedVectors, tmp_path: Path) -> None:
    figure = kv.plot_similarities(WORDS[:3])
    with pytest.raises(SaveError):
        pictures.write(figure, str(tmp_path / "nowhere" / "a.png"))
    with pytest.raises(ParameterError, match=r"a\.word"):
        pictures.write(figure, str(tmp_path / "a.word"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["neighbours", "word1", "-n", "4"],
        ["analogies", "word1", "word2", "word3", "word4"],
        ["similarities", "word1", "word2"],
        ["frequencies"],
    ],
)
@pytest.mark.parametrize(("suffix", "first"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_verb_writes_every_picture(
    kv: KeyedVectors, tmp_path: Path, arguments: list[str], suffix: str, first: bytes
) -> None:
    kv.save(str(tmp_path / "v"))
    target = tmp_path / f"p.{suffix}"
    assert main(["plot", str(tmp_path / "v"), *arguments, "-o", str(target)]) == 0
    assert target.read_bytes().startswith(first)


def test_the_verb_refuses_half_a_pair(
    kv: KeyedVectors, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kv.save(str(tmp_path / "v"))
    target = tmp_path / "p.png"
    arguments = ["analogies", "word1", "word2", "word3", "-o", str(target)]
    assert main(["plot", str(tmp_path / "v"), *arguments]) == 1
    assert "pairs of words; 3 words are not" in capsys.readouterr().err
    assert not target.exists()


def boxes(figure: Any) -> np.ndarray[Any, Any]:
    """Left, lower, right, upper end of every label, as they are drawn."""
    figure.canvas.draw()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    return np.array([text.get_window_extent().extents for text in texts])


def test_labels_of_a_dozen_words_do_not_cover_each_other() -> None:
    kv = KeyedVectors(2)
    angles = np.linspace(0, 2, 12)
    kv.add_vectors(
        [f"a long word {number}" for number in range(12)],
        np.stack([np.cos(angles), np.sin(angles)], axis=1),
    )
    figure = kv.plot_neighbours("a long word 5", topn=11)
    found = boxes(figure)
    lower = np.maximum(found[:, None, :2], found[None, :, :2])
    upper = np.minimum(found[:, None, 2:], found[None, :, 2:])
    covered = np.clip(upper - lower, 0, None).prod(axis=-1)
    area = np.diag(covered).copy()
    np.fill_diagonal(covered, 0)
    assert (covered.max(axis=1) < 0.1 * area).all()
    window = figure.axes[0].get_window_extent().extents
    assert (found[:, 0] > window[0]).all()
    assert (found[:, 2] < window[2]).all()


def test_a_label_is_beside_its_point(kv: KeyedVectors) -> None:
    figure = kv.plot_neighbours("word3", topn=5)
    found = boxes(figure)
    where = {tuple(text.xy): place for place, text in enumerate(figure.axes[0].texts)}
    for point in points(figure):
        x, y = figure.axes[0].transData.transform(point)
        left, lower, right, upper = found[where[tuple(point)]]
        assert max(left - x, x - right, lower - y, y - upper) < 12
