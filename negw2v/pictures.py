"""Pictures of vectors and of training, drawn with matplotlib: functions of arrays and words.

Every function returns a new :class:`matplotlib.figure.Figure`, which belongs to no window: it shows
itself in a notebook, and ``figure.savefig(path)`` writes it.

::

    KeyedVectors.plot_neighbours     project() -> neighbour_map()
    KeyedVectors.plot_analogies      project() -> arrows()
    KeyedVectors.plot_similarities   heat_map()
    KeyedVectors.plot_frequencies    frequencies()
    TrainingReport.plot              losses()
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.errors import ParameterError, SaveError
from negw2v.extras import needed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["METHODS", "arrows", "frequencies", "heat_map", "losses", "neighbour_map", "project"]

#: Ways from many dimensions to two.
METHODS = ("pca", "tsne", "umap", "pacmap")

#: Points. Words are beside their points, on one of these sides (right, up), the usual first.
FONT_SIZE = 9
SIDES = ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0))

#: Colours of groups of words that people who see few colours can tell apart (Okabe and Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def project(vectors: npt.NDArray[Any], method: str, dimensions: int = 2) -> npt.NDArray[np.float64]:
    """Points in the plane, or in space, that lie as the vectors do.

    Parameters
    ----------
    vectors
        (n, size).
    method
        One of METHODS. "pca": the directions in which the vectors differ most, which keeps
        straight lines straight. The others keep neighbours together, and distances otherwise mean
        little: "tsne" (van der Maaten and Hinton 2008) needs scikit-learn, "umap" (McInnes et al.
        2018) umap-learn, "pacmap" (Wang et al. 2021) pacmap.
    dimensions
        2 or 3.

    Returns
    -------
    numpy.ndarray
        float64 (n, dimensions). The same vectors give the same points.

    Raises
    ------
    ParameterError
        There is no such method; or there are too few vectors: fewer than three, or than
        five for UMAP and PaCMAP.
    MissingDependencyError
        The package of the method is not installed.
    """
    if method not in METHODS:
        raise ParameterError(f"method is {method!r}; it must be one of {', '.join(METHODS)}")
    least = 5 if method in ("umap", "pacmap") else 3
    if len(vectors) < least:
        raise ParameterError(
            f"a map by method={method!r} needs {least} words or more, not {len(vectors)}"
        )
    matrix = np.asarray(vectors, dtype=np.float64)
    if method == "pca":
        return _principal_components(matrix, dimensions)
    if method == "tsne":
        with needed("method='tsne'", "scikit-learn"):
            from sklearn.manifold import TSNE
        tsne = TSNE(
            dimensions,
            metric="cosine",
            perplexity=min(30.0, (len(matrix) - 1) / 3),
            random_state=0,
        )
        return np.asarray(tsne.fit_transform(matrix), dtype=np.float64)
    if method == "umap":
        with needed("method='umap'", "umap-learn"):
            from umap import UMAP
        umap = UMAP(
            n_components=dimensions,
            metric="cosine",
            n_neighbors=min(15, len(matrix) - 1),
            random_state=0,
            n_jobs=1,  # as random_state asks for
        )
        return np.asarray(umap.fit_transform(matrix), dtype=np.float64)
    with needed("method='pacmap'", "pacmap"):
        from pacmap import PaCMAP
    pacmap = PaCMAP(
        dimensions, n_neighbors=min(10, len(matrix) - 1), distance="angular", random_state=0
    )
    return np.asarray(pacmap.fit_transform(matrix), dtype=np.float64)


def _principal_components(
    matrix: npt.NDArray[np.float64], dimensions: int
) -> npt.NDArray[np.float64]:
    centred = matrix - matrix.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(matrix), dimensions))
    found = min(dimensions, len(values))
    points[:, :found] = left[:, :found] * values[:found]
    # The signs of singular vectors are arbitrary: the largest coordinate is positive.
    largest = np.abs(points).argmax(axis=0)
    return points * np.where(points[largest, range(dimensions)] < 0, -1, 1)


def neighbour_map(
    words: Sequence[str],
    points: npt.NDArray[np.float64],
    groups: Sequence[int],
    names: Sequence[str],
) -> Figure:
    """Draw words as points, a colour for each group.

    Parameters
    ----------
    words
        n labels.
    points
        float64 (n, 2).
    groups
        The group of each word: an index of `names`.
    names
        What the groups are called, for the legend. The word of this name is set in bold.
    """
    figure, axes = _figure(8, 6)
    labels = []
    for group, name in enumerate(names):
        members = [place for place, own in enumerate(groups) if own == group]
        colour = COLOURS[group % len(COLOURS)]
        axes.scatter(points[members, 0], points[members, 1], color=colour, s=18, label=name)
        labels += [_Label(words[p], points[p], colour, words[p] == name) for p in members]
    _without_scale(axes)
    _place(figure, axes, labels)
    if len(names) > 1:
        axes.legend(title="neighbours of", loc="best", framealpha=0.8)
    return figure


def arrows(pairs: Sequence[tuple[str, str]], points: npt.NDArray[np.float64]) -> Figure:
    """Draw an arrow from each word to its partner; in a good analogy they are parallel.

    Parameters
    ----------
    pairs
        n pairs of words.
    points
        float64 (n, 2, 2): where the words of each pair lie.
    """
    figure, axes = _figure(8, 6)
    labels = []
    for place, (pair, ends) in enumerate(zip(pairs, points, strict=True)):
        colour = COLOURS[place % len(COLOURS)]
        axes.scatter(ends[:, 0], ends[:, 1], color=colour, s=18)
        axes.annotate(
            "", ends[1], ends[0], arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.2}
        )
        labels += [_Label(word, end, colour) for word, end in zip(pair, ends, strict=True)]
    _without_scale(axes)
    _place(figure, axes, labels)
    return figure


def heat_map(words: Sequence[str], cosines: npt.NDArray[np.floating[Any]]) -> Figure:
    """Draw a table of cosines, with its numbers where there are at most 16 words.

    Parameters
    ----------
    words
        n labels.
    cosines
        (n, n).
    """
    size = max(4.0, 0.45 * len(words) + 2)
    figure, axes = _figure(size + 0.8, size)
    image = axes.imshow(cosines, vmin=-1, vmax=1, cmap="RdBu_r")
    places = range(len(words))
    axes.set_xticks(places, [_escaped(word) for word in words], rotation=45, ha="right")
    axes.set_yticks(places, [_escaped(word) for word in words])
    if len(words) <= 16:
        for row in places:
            for column in places:
                value = float(cosines[row, column])
                axes.text(
                    column,
                    row,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if abs(value) > 0.6 else "black",
                )
    figure.colorbar(image, ax=axes, label="cosine similarity", shrink=0.8)
    return figure


def frequencies(
    words: Sequence[str],
    counts: npt.NDArray[Any],
    norms: npt.NDArray[Any],
    labels: Sequence[int],
) -> Figure:
    """Draw the length of each vector against the frequency of its word.

    Parameters
    ----------
    words, counts, norms
        n words, how often they occur, and how long their vectors are.
    labels
        The places of those words that are named.
    """
    figure, axes = _figure(8, 5)
    axes.scatter(counts, norms, s=4, alpha=0.3, color=COLOURS[0], linewidths=0, rasterized=True)
    axes.set_xscale("log")
    axes.margins(x=0.12)
    _place(figure, axes, [_Label(words[p], (counts[p], norms[p]), COLOURS[1]) for p in labels])
    axes.set_xlabel("count")
    axes.set_ylabel("length of the vector")
    axes.grid(alpha=0.3)
    return figure


def losses(means: Sequence[float]) -> Figure:
    """Draw the mean loss per pair of each epoch, in nats."""
    if not means:
        raise ParameterError("there is no loss to draw: no epoch is finished")
    figure, axes = _figure(7, 4)
    axes.plot(range(1, len(means) + 1), means, marker="o", color=COLOURS[0])
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("mean loss per pair (nats)")
    axes.grid(alpha=0.3)
    return figure


def write(figure: Figure, path: str) -> None:
    """Write a picture.

    Parameters
    ----------
    figure
        The picture.
    path
        Its suffix says the format, such as .png, .svg or .pdf.

    Raises
    ------
    ParameterError
        matplotlib does not know the format.
    SaveError
        The file cannot be written.
    """
    try:
        figure.savefig(path, dpi=150)
    except ValueError as error:
        raise ParameterError(f"{path}: {error}") from None
    except OSError as error:
        raise SaveError(path, error.strerror or str(error), error.errno or errno.EIO) from error


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    with needed("pictures", "matplotlib"):
        from matplotlib.figure import Figure
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


class _Label(NamedTuple):
    """A word beside a point."""

    word: Any
    point: Any
    colour: str
    bold: bool = False


def _place(figure: Figure, axes: Axes, labels: Sequence[_Label]) -> None:
    """Write words beside their points, each where it covers others and leaves the axes least.

    What else is drawn must be there, as the limits of the axes follow from it.
    """
    from matplotlib.patheffects import withStroke

    if not labels:
        return
    at = np.array([(float(each.point[0]), float(each.point[1])) for each in labels])
    axes.autoscale_view()
    points = axes.transData.transform(at) * 72 / figure.dpi
    inside = np.asarray(axes.bbox.extents).reshape(1, 4) * 72 / figure.dpi
    taken = np.array([[x - 3, y - 3, x + 3, y + 3] for x, y in points])
    # bold ones, of the words that were asked for, have the first choice
    for place in sorted(range(len(labels)), key=lambda place: not labels[place].bold):
        label = labels[place]
        size = FONT_SIZE * (0.55 + 0.05 * label.bold) * len(str(label.word)), FONT_SIZE
        boxes = np.array([_box(points[place], size, side) for side in SIDES])
        others = np.delete(taken, place, axis=0)
        best = int((_overlaps(boxes, others) - _overlaps(boxes, inside)).argmin())
        taken = np.append(taken, boxes[best : best + 1], axis=0)
        across, up = SIDES[best]
        axes.annotate(
            _escaped(label.word),
            at[place],
            xytext=(4 * across, 4 * up),
            textcoords="offset points",
            ha={1: "left", 0: "center", -1: "right"}[across],
            va={1: "bottom", 0: "center", -1: "top"}[up],
            fontsize=FONT_SIZE,
            color=label.colour,
            weight="bold" if label.bold else "normal",
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )


def _box(
    point: npt.NDArray[np.float64], size: tuple[float, float], side: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Left, lower, right and upper end of a text of some size on one side of a point."""
    (x, y), (width, height), (across, up) = point, size, side
    left = x + 4 * across + (across - 1) * width / 2
    lower = y + 4 * up + (up - 1) * height / 2
    return left, lower, left + width, lower + height


def _overlaps(
    boxes: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How much of each box the others cover."""
    lower = np.maximum(boxes[:, np.newaxis, :2], others[np.newaxis, :, :2])
    upper = np.minimum(boxes[:, np.newaxis, 2:], others[np.newaxis, :, 2:])
    covered: npt.NDArray[np.float64] = np.clip(upper - lower, 0, None).prod(axis=-1).sum(axis=1)
    return covered


def _escaped(word: Any) -> str:
    """A word as matplotlib shall show it: dollar signs begin no formula."""
    return str(word).replace("$", r"\$")


def _without_scale(axes: Axes) -> None:
    """The directions of a projection have no names, and its units no meaning."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.12)
