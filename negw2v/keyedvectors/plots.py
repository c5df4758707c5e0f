"""Pictures and maps of some of the vectors: which words, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from negw2v import pictures
from negw2v.errors import FilePath, ParameterError
from negw2v.keyedvectors import arrays, lookup
from negw2v.keyedvectors.arguments import checked_topn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from negw2v.explorer.page import ExplorerPage
    from negw2v.keyedvectors.vectors import KeyedVectors

__all__ = ["analogies", "explore", "frequencies", "neighbours", "similarities"]

#: Words named in the picture of frequencies, where none are asked for.
NAMED = 12


def _words(words: Any, least: int) -> list[Any]:
    found = [words] if isinstance(words, str) else list(words)
    if len(found) < least:
        raise ParameterError(f"the picture needs {least} words or more, not {len(found)}")
    return found


def neighbours(store: KeyedVectors, words: Any, topn: int, method: str) -> Figure:
    """Implement :meth:`KeyedVectors.plot_neighbours`."""
    asked = _words(words, 1)
    groups: dict[Any, int] = {}
    for group, word in enumerate(asked):
        groups.setdefault(word, group)
    for group, word in enumerate(asked):
        for neighbour, _ in store.most_similar(word, topn=topn):
            groups.setdefault(neighbour, group)
    rows = [store.get_index(word) for word in groups]
    matrix, norms = arrays.matrix_and_norms(store)
    lengths = np.where(norms[rows] > 0, norms[rows], 1)[:, np.newaxis]
    points = pictures.project(matrix[rows] / lengths, method)
    labels = [str(word) for word in groups]
    return pictures.neighbour_map(labels, points, list(groups.values()), list(map(str, asked)))


def analogies(store: KeyedVectors, pairs: Any, method: str) -> Figure:
    """Implement :meth:`KeyedVectors.plot_analogies`."""
    checked: list[Sequence[Any]] = [tuple(pair) for pair in pairs]
    if len(checked) < 2 or any(len(pair) != 2 for pair in checked):
        raise ParameterError(
            f"pairs is {pairs!r}; give two or more pairs of words, such as "
            "[('paris', 'france'), ('rome', 'italy')]"
        )
    rows = [store.get_index(word) for pair in checked for word in pair]
    points = pictures.project(arrays.matrix(store)[rows], method).reshape(-1, 2, 2)
    return pictures.arrows([(str(a), str(b)) for a, b in checked], points)


def similarities(store: KeyedVectors, words: Any) -> Figure:
    """Implement :meth:`KeyedVectors.plot_similarities`."""
    asked = _words(words, 2)
    rows = [store.get_index(word) for word in asked]
    matrix, norms = arrays.matrix_and_norms(store)
    units = matrix[rows] / np.where(norms[rows] > 0, norms[rows], 1)[:, np.newaxis]
    return pictures.heat_map([str(word) for word in asked], units @ units.T)


def frequencies(store: KeyedVectors, words: Any) -> Figure:
    """Implement :meth:`KeyedVectors.plot_frequencies`."""
    if "count" not in store.expandos:
        raise ParameterError(
            "there are no counts: vectors of a trained model have them, and "
            "set_vecattr(word, 'count', n) sets one"
        )
    used = lookup.used_rows(store)
    rows = np.arange(len(store)) if used is None else used
    _, norms = arrays.matrix_and_norms(store)
    counts = np.asarray(store.expandos["count"])[rows]
    if words is None:  # from the most frequent to the rarest, evenly on the axis
        places = np.unique(np.geomspace(1, len(rows), min(NAMED, len(rows))).astype(int)) - 1
        named = np.argsort(-counts, kind="stable")[places].tolist()
    else:
        place = {int(row): number for number, row in enumerate(rows)}
        named = [place[store.get_index(word)] for word in _words(words, 1)]
    return pictures.frequencies(
        [str(store.index_to_key[row]) for row in rows], counts, norms[rows], named
    )


def explore(
    store: KeyedVectors, path: FilePath | IO[bytes] | None, n: int, method: str, title: str
) -> ExplorerPage:
    """Implement :meth:`KeyedVectors.explore`."""
    from negw2v.explorer import data, page  # few programs need them

    if checked_topn(n, "n") < 1:
        raise ParameterError(f"n is {n}; it is how many words the map shows, 3 or more")
    library = page.plotly_script()  # before the work, as it may be missing
    used = lookup.used_rows(store)
    rows = np.arange(len(store)) if used is None else np.asarray(used)
    counts = store.expandos.get("count")
    if counts is not None:
        counts = np.asarray(counts, dtype=np.int64)
        rows = rows[np.argsort(-counts[rows], kind="stable")]
    shown = rows[:n]
    found = data.collect(
        [str(store.index_to_key[row]) for row in shown],
        None if counts is None else counts[shown].tolist(),
        arrays.matrix(store)[shown],
        len(rows),
        method,
    )
    made = page.made(found, title, library)
    if path is not None:
        made.save(path)
    return made
