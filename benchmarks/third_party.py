"""Packages that have never heard of negw2v, with gensim and with negw2v in its place.

    python benchmarks/third_party.py                    the table
    python benchmarks/third_party.py --nodes 400 karateclub

Each package runs in processes of its own, unchanged, alternately without and with
``negw2v.patch_gensim()``. "training" is the time inside of ``Word2Vec(...)``, "in all" includes
the package's own work, such as random walks in Python. The score says what the vectors tell:

- node2vec, karateclub (DeepWalk), pecanpy: nodes of a graph of 8 groups; the share of each
  node's 10 nearest that are of its group;
- spec2vec: generated mass spectra of 4 groups of substances; the share of each spectrum's 10
  nearest, by spec2vec's similarity, that are of its group. Its documents are objects with
  ``__iter__``;
- wefe: WEAT's effect size for the bias planted in generated sentences.

Packages that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

GROUPS = 8
WORKERS = 2


def graph(nodes: int) -> Any:
    """A graph of groups, with three times as many edges inside of a group as between them."""
    import networkx as nx

    size = nodes // GROUPS
    # about 12 edges per node to its own group, 4 to the others
    return nx.planted_partition_graph(GROUPS, size, 12 / size, 4 / (size * (GROUPS - 1)), seed=1)


def own_group(vectors: Any, nodes: list[int]) -> float:
    """The share of each node's 10 nearest that are of its group.

    Parameters
    ----------
    vectors
        Float (n, dims).
    nodes
        The node of every row.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)[:, :10]
    group = np.array(nodes) // (len(nodes) // GROUPS)
    return float((group[nearest] == group[:, None]).mean())


def node2vec(nodes: int) -> float:
    """node2vec's walks and its call of gensim.models.Word2Vec."""
    from node2vec import Node2Vec

    walks = Node2Vec(
        graph(nodes), dimensions=64, walk_length=40, num_walks=10, workers=1, quiet=True, seed=1
    )
    model = walks.fit(window=5, min_count=1, sg=1, epochs=2, workers=WORKERS, seed=1)
    order = [int(key) for key in model.wv.index_to_key]
    nearest = model.wv.most_similar(str(order[0]), topn=3)
    assert len(nearest) == 3
    return own_group(model.wv.vectors, order)


def karateclub(nodes: int) -> float:
    """Karate Club's DeepWalk, which trains hierarchical softmax and negative samples."""
    from karateclub import DeepWalk

    model = DeepWalk(walk_number=10, walk_length=40, dimensions=64, workers=WORKERS, epochs=2)
    model.fit(graph(nodes))
    return own_group(model.get_embedding(), list(range(nodes)))


def pecanpy(nodes: int) -> float:
    """PecanPy's embed(), and its vectors through word2vec's text format, as its program does."""
    import gensim.models
    from pecanpy import pecanpy as package

    with tempfile.TemporaryDirectory() as folder:
        edges = Path(folder, "graph.edg")
        lines = (f"{a}\t{b}\n" for a, b in graph(nodes).edges())
        edges.write_text("".join(lines))
        walker = package.SparseOTF(p=1, q=1, workers=WORKERS, random_state=1)
        walker.read_edg(str(edges), weighted=False, directed=False)
        vectors = walker.embed(dim=64, num_walks=10, walk_length=40, window_size=5, epochs=2)
        text = Path(folder, "graph.emb")
        rows = [
            f"{node} {' '.join(map(str, row))}\n"
            for node, row in zip(walker.nodes, vectors.tolist(), strict=True)
        ]
        text.write_text(f"{len(rows)} 64\n" + "".join(rows))
        loaded = gensim.models.KeyedVectors.load_word2vec_format(str(text))
    np.testing.assert_allclose(loaded.vectors, vectors, rtol=1e-5)
    return own_group(loaded.vectors, [int(key) for key in loaded.index_to_key])


def spec2vec(nodes: int) -> float:
    """spec2vec's documents, and its call of gensim.models.Word2Vec."""
    from matchms import Spectrum
    from spec2vec import Spec2Vec, SpectrumDocument
    from spec2vec.model_building import train_new_word2vec_model

    draw = np.random.default_rng(1)
    groups = np.arange(nodes // 2) % 4
    spectra = []
    for group in groups.tolist():  # 12 of the group's 40 peaks, and 6 that any may have
        peaks = np.append(draw.choice(40, 12, replace=False) + 50 * group, 300 + draw.choice(60, 6))
        peaks = np.unique(peaks).astype(np.float64)
        intensities = draw.random(len(peaks)) + 0.1
        spectra.append(Spectrum(peaks, intensities / intensities.max(), {"precursor_mz": 500.0}))
    documents = [SpectrumDocument(spectrum, n_decimals=0) for spectrum in spectra]
    model = train_new_word2vec_model(documents, 15, vector_size=32, workers=WORKERS, seed=1)
    similarity = Spec2Vec(model, intensity_weighting_power=0.5, allowed_missing_percentage=50.0)
    scores = np.array(similarity.matrix(documents, documents, is_symmetric=True), dtype=np.float64)
    np.fill_diagonal(scores, -2)
    nearest = np.argsort(-scores, axis=1)[:, :10]
    return float((groups[nearest] == groups[:, None]).mean())


def wefe(nodes: int) -> float:
    """WEFE's WEAT of vectors in whose sentences flowers are pleasant and insects are not."""
    from gensim.models import Word2Vec
    from wefe.metrics import WEAT
    from wefe.query import Query
    from wefe.word_embedding_model import WordEmbeddingModel

    draw = random.Random(1)
    words = {
        name: [f"{name}{i}" for i in range(8)]
        for name in ("flower", "insect", "pleasant", "unpleasant")
    }
    fillers = [f"filler{i}" for i in range(200)]
    sentences = []
    for _ in range(nodes * 20):
        thing, quality = draw.choice([("flower", "pleasant"), ("insect", "unpleasant")])
        if draw.random() < 0.2:
            quality = draw.choice(["pleasant", "unpleasant"])
        sentence = draw.choices(words[thing], k=2) + draw.choices(words[quality], k=2)
        sentence += draw.choices(fillers, k=4)
        draw.shuffle(sentence)
        sentences.append(sentence)
    model = Word2Vec(sentences, vector_size=64, min_count=1, sg=1, workers=WORKERS, seed=1)
    query = Query(
        [words["flower"], words["insect"]],
        [words["pleasant"], words["unpleasant"]],
        ["flowers", "insects"],
        ["pleasant", "unpleasant"],
    )
    result = WEAT().run_query(query, WordEmbeddingModel(model.wv, "generated"))
    return float(result["effect_size"])


SCENARIOS: dict[str, Callable[[int], float]] = {
    "node2vec": node2vec,
    "karateclub": karateclub,
    "pecanpy": pecanpy,
    "spec2vec": spec2vec,
    "wefe": wefe,
}
#: What the scores should be, at least.
LEAST = {"node2vec": 0.85, "karateclub": 0.85, "pecanpy": 0.85, "spec2vec": 0.85, "wefe": 1.5}


@contextmanager
def timed_training(cls: type) -> Iterator[list[float]]:
    """Measure the calls of a class's constructor that train."""
    seconds: list[float] = []
    original: Any = cls.__init__  # type: ignore[misc]

    def measured(self: Any, *args: Any, **kwargs: Any) -> None:
        start = time.perf_counter()
        original(self, *args, **kwargs)
        seconds.append(time.perf_counter() - start)

    cls.__init__ = measured  # type: ignore[misc]
    try:
        yield seconds
    finally:
        cls.__init__ = original  # type: ignore[misc]


def run_here(name: str, nodes: int, plugin: bool, stand_in: bool = False) -> dict[str, Any]:
    """One package, in this process.

    Parameters
    ----------
    name
        One of :data:`SCENARIOS`.
    nodes
        Size of the task.
    plugin
        Whether gensim is patched.
    stand_in
        Whether negw2v takes gensim's place, even if gensim is installed.
    """
    if stand_in:
        import negw2v

        # Karate Club imports Doc2Vec for some of its classes.
        negw2v.patch_gensim(stand_in=True, placeholders=True)
    import gensim.models

    if plugin:
        import negw2v

        negw2v.patch_gensim()
    importlib.import_module(name)  # its first import may take long, and is not measured
    with timed_training(gensim.models.Word2Vec) as training:
        start = time.perf_counter()
        score = SCENARIOS[name](nodes)
        seconds = time.perf_counter() - start
    fallbacks: list[str] = []
    if plugin:
        fallbacks = [str(each) for each in negw2v.plugin.status().fallbacks]
    return {
        "gensim": "negw2v's" if hasattr(gensim, "__negw2v__") else gensim.__version__,
        "trained_by": gensim.models.Word2Vec.__module__,
        "training": sum(training),
        "in_all": seconds,
        "score": score,
        "fallbacks": fallbacks,
    }


def run(name: str, nodes: int, plugin: bool, stand_in: bool = False) -> dict[str, Any]:
    """One package, in a process of its own; see :func:`run_here`."""
    command = [sys.executable, __file__, "--here", "--nodes", str(nodes), name]
    options = [*["--plugin"] * plugin, *["--stand-in"] * stand_in]
    finished = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"{name} failed:\n{finished.stderr}")
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def installed() -> list[str]:
    """The packages that can be imported."""
    return [name for name in SCENARIOS if importlib.util.find_spec(name)]


def main() -> None:
    """Print the table, or what one process has found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("packages", nargs="*", help="default: all that are installed")
    parser.add_argument("--nodes", type=int, default=4000, help="size of the tasks")
    parser.add_argument("--rounds", type=int, default=3, help="the median is shown")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--plugin", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--stand-in", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        (name,) = arguments.packages
        found = run_here(name, arguments.nodes, arguments.plugin, arguments.stand_in)
        print(json.dumps(found))
        return
    print(f"--nodes {arguments.nodes} --rounds {arguments.rounds}, {WORKERS} threads; seconds\n")
    print("| package | training: gensim | negw2v | ratio | in all: gensim | negw2v | scores |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.packages or installed():
        rounds: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
        for _ in range(arguments.rounds):
            for plugin in (False, True):
                rounds[plugin].append(run(name, arguments.nodes, plugin))
        middle = {
            (key, plugin): statistics.median(each[key] for each in results)
            for plugin, results in rounds.items()
            for key in ("training", "in_all", "score")
        }
        theirs, ours = middle["training", False], middle["training", True]
        print(
            f"| {name} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.1f} "
            f"| {middle['in_all', False]:.1f} | {middle['in_all', True]:.1f} "
            f"| {middle['score', False]:.3f}, {middle['score', True]:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
