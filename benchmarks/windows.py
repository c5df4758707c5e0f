"""Histories without an order: the quality of vectors over windows, vocabularies and rates.

A part of quality.py (``python benchmarks/quality.py --part windows``). Every sentence is a
history: words of two topics and some noise, in no order, as items that a user has bought or
species that were seen together. Vectors are good where the nearest neighbours of a word are of
its own topic; `topic_share` says how many are.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from harness import heading, markdown

from negw2v import Word2Vec

#: Common parameters. Small vectors, for a small corpus.
SETTINGS: dict[str, Any] = {"vector_size": 16, "min_count": 1, "epochs": 3}

ALGORITHMS: dict[str, dict[str, int]] = {
    "SG": {"sg": 1},
    "SG, hs": {"sg": 1, "hs": 1, "negative": 0},
    "SG, both": {"sg": 1, "hs": 1},
    "CBOW": {},
    "CBOW, sum": {"cbow_mean": 0},
    "CBOW, sum, hs": {"cbow_mean": 0, "hs": 1, "negative": 0},
}

NEIGHBOURS = 5
MOST_FREQUENT = 200


@dataclass(frozen=True)
class Setting:
    """One row of the grid: a corpus and how it is trained.

    Parameters
    ----------
    name
        What the row is called.
    algorithm
        A key of :data:`ALGORITHMS`.
    words, tokens, length
        Of the corpus: different words, all words, words per history.
    parameters
        Further parameters of Word2Vec.
    """

    name: str
    algorithm: str
    words: int = 300
    tokens: int = 36_000
    length: int = 600
    parameters: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}, {self.algorithm}"


def topics(words: int) -> int:
    """How many topics so many words have."""
    return max(2, min(10, words // 2))


@functools.cache
def histories(words: int, tokens: int, length: int, seed: int = 0) -> list[list[str]]:
    """Histories of `length` words; a word is called "topic_number"."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(words)
    topic = numbers % topics(words)
    popularity = 1 / (numbers + 1) ** 0.8
    of_topic = [popularity * (topic == which) for which in range(topics(words))]
    own = [weights / weights.sum() for weights in of_topic]
    noise = popularity / popularity.sum()
    result = []
    for _ in range(max(1, tokens // length)):
        a, b = rng.integers(topics(words), size=2)
        chosen = rng.choice(words, size=length, p=0.4 * own[a] + 0.3 * own[b] + 0.3 * noise)
        result.append([f"{topic[number]}_{number}" for number in chosen])
    return result


def topic_share(keys: Sequence[str], vectors: npt.NDArray[Any]) -> float:
    """The share of nearest neighbours of the same topic; NaN where a vector is not finite.

    Of the 200 most frequent words, and as many neighbours as the smallest topic has, at most 5.
    1 where topics have one word each.
    """
    if not np.isfinite(vectors).all():
        return math.nan
    topic = np.array([key.split("_")[0] for key in keys])
    neighbours = min(int(np.unique(topic, return_counts=True)[1].min()) - 1, NEIGHBOURS)
    if neighbours < 1:
        return 1.0
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    unit = wide / np.where(lengths == 0, 1, lengths)
    similarities = unit[:MOST_FREQUENT] @ unit.T
    np.fill_diagonal(similarities, -np.inf)
    nearest = np.argsort(-similarities, axis=1)[:, :neighbours]
    return float((topic[nearest] == topic[: len(nearest), np.newaxis]).mean())


def grid() -> list[Setting]:
    """All rows."""
    rows = [
        Setting(f"window {window}", algorithm, parameters={"window": window})
        for window in (2, 5, 10, 20, 50, 100, 300, 1000)
        for algorithm in ALGORITHMS
    ]
    whole = {"window": 600, "shrink_windows": False}
    rows += [Setting("whole sentences", algorithm, parameters=whole) for algorithm in ALGORITHMS]
    rows += [
        Setting(f"{words:,} words, window 50", algorithm, words, 30_000, 300, {"window": 50})
        for words in (2, 4, 20, 100, 1000, 10_000)
        for algorithm in ("SG", "SG, hs", "CBOW", "CBOW, sum")
    ]
    rows += [
        Setting(
            f"rate {rate}, window {window}",
            algorithm,
            parameters={"window": window, "alpha": rate},
        )
        for rate in (0.01, 0.05, 0.1, 0.3, 1.0)
        for window in (5, 100)
        for algorithm in ("SG", "SG, hs", "CBOW", "CBOW, sum")
    ]
    rows += [
        Setting(f"window 100, {workers} threads", algorithm, parameters=parameters)
        for workers in (1, 8)
        for algorithm in ("SG", "SG, hs", "CBOW")
        for parameters in [{"window": 100, "workers": workers}]
    ]
    return rows


def train(library: str, setting: Setting, seed: int, workers: int) -> float:
    """Train with "negw2v" or "gensim", and score."""
    if library == "gensim":
        from gensim.models import Word2Vec as Model
    else:
        Model = Word2Vec  # noqa: N806 - it is a class
    parameters = {**SETTINGS, "workers": workers, **ALGORITHMS[setting.algorithm]}
    parameters.update(setting.parameters)
    corpus = histories(setting.words, setting.tokens, setting.length)
    vectors = Model(corpus, seed=seed, **parameters).wv
    return topic_share(vectors.index_to_key, vectors.vectors)


def allowance(
    ours: Sequence[float], theirs: Sequence[float], errors: float = 2.0, slack: float = 0.01
) -> float:
    """How far our mean may lie below gensim's by chance: standard errors, and some slack."""
    variances = statistics.variance(ours) / len(ours) + statistics.variance(theirs) / len(theirs)
    return slack + errors * math.sqrt(variances)


def below(
    ours: Sequence[float], theirs: Sequence[float], errors: float = 2.0, slack: float = 0.01
) -> bool:
    """Whether our scores are worse than gensim's by more than chance."""
    if not all(map(math.isfinite, theirs)):
        return False
    if not all(map(math.isfinite, ours)):
        return True
    return statistics.mean(ours) < statistics.mean(theirs) - allowance(ours, theirs, errors, slack)


def report(seeds: Sequence[int], workers: int) -> tuple[str, list[str]]:
    """The table, and the rows in which ours is worse."""
    lines, worse = [], []
    for setting in grid():
        ours, theirs = (
            [train(library, setting, seed, workers) for seed in seeds]
            for library in ("negw2v", "gensim")
        )
        cells = [f"{statistics.mean(scores):.3f}" for scores in (ours, theirs)]
        lines.append([str(setting), *cells, f"{allowance(ours, theirs):.3f}"])
        if below(ours, theirs):
            worse.append(str(setting))
    listed = ", ".join(f"{name}={value}" for name, value in SETTINGS.items())
    about = (
        f"Unordered histories; {listed}, workers={workers}, other parameters at their defaults; "
        f"means of seeds {seeds[0]} to {seeds[-1]}: share of neighbours of the same topic."
    )
    columns = ["", "negw2v", "gensim", "chance"]
    return heading("Windows, vocabularies, rates", about) + "\n" + markdown(columns, lines), worse
