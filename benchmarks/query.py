"""Speed and memory of queries, compared with gensim.

    python benchmarks/query.py                          all; takes about half an hour
    python benchmarks/query.py --part one --part many   some tables
    python benchmarks/query.py --vectors FILE.npz       of these vectors (arrays keys, vectors)
    python benchmarks/query.py --rounds 1 --rows 200000 a quick look

Vectors of wiki17 are trained first (skip-gram, 100 dimensions, 5 epochs), unless others are
given; those of the large vocabulary are made: clusters of clusters, as random walks in a graph
with communities have them. Both libraries query the same vectors in one process, in turn (ours,
gensim, ours, gensim, ...); a figure is the median of the rounds. Where gensim takes minutes it
runs once, or answers a part of the queries, and its time is scaled up; the table says so.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors as GensimKeyedVectors
from harness import SETTINGS, heading, markdown

from negw2v import KeyedVectors, Word2Vec
from negw2v.datasets import benchmarks, wiki17

RESTRICT_VOCAB = 30_000
TOPN = 10
PAUSE = 0.2
COLUMNS = ("", "negw2v", "gensim", "ratio")

#: Run in a process of its own: how much memory a batch takes beyond the vectors.
MEMORY = """
import json, re, sys
from pathlib import Path
import numpy as np
from negw2v import KeyedVectors
rows, queries = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
kv = KeyedVectors(100)
kv.index_to_key = list(range(rows))
kv.key_to_index = {key: key for key in kv.index_to_key}
# nothing temporary of any size before the batch: it would raise the peak by itself
kv.vectors = np.zeros((rows, 100), dtype=np.float32)
random.random(out=kv.vectors, dtype=np.float32)
kv.vectors -= np.float32(0.5)
kv.fill_norms()
asked = kv.vectors[:queries].copy()
kv.nearest(asked[:2], 10)
def peak():
    # not getrusage(), which counts in what the process that started this one had
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak()
kv.nearest(asked, 10)
print(json.dumps(peak() - before))
"""


@dataclass
class Pair:
    """The same vectors in both libraries."""

    name: str
    ours: Any
    theirs: Any

    @classmethod
    def of(cls, name: str, keys: list[Any], vectors: np.ndarray) -> Pair:
        """Add the same keys and vectors to both."""
        stores = []
        for kind in (KeyedVectors, GensimKeyedVectors):
            store = kind(vectors.shape[1])
            store.add_vectors(keys, vectors)
            store.fill_norms()
            stores.append(store)
        return cls(f"{name}, {len(keys):,} x {vectors.shape[1]}", *stores)

    def some_keys(self, count: int) -> list[Any]:
        """Keys from all over the vocabulary, the same in every run."""
        places = np.random.default_rng(1).choice(len(self.ours), count, replace=False)
        return [self.ours.index_to_key[place] for place in places]


def seconds(call: Callable[[], Any]) -> float:
    """How long a call takes, once what ran before it has left the CPUs.

    For some milliseconds after a product of matrices the threads of a BLAS wait for the next
    one without sleeping: they would take the CPUs from whoever comes next. Nor may Python's
    garbage collector come in between (as in timeit): with a million keys it takes its time.
    """
    gc.collect()
    gc.disable()
    time.sleep(PAUSE)
    start = time.perf_counter()
    call()
    duration = time.perf_counter() - start
    gc.enable()
    return duration


def compare(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    rounds: int,
    their_rounds: int | None = None,
) -> tuple[float, float]:
    """Median seconds of both, measured in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        times[0].append(seconds(ours))
        if turn < (their_rounds or rounds):
            times[1].append(seconds(theirs))
    return statistics.median(times[0]), statistics.median(times[1])


def shown(duration: float) -> str:
    """A time in a fitting unit."""
    size, unit = next(
        (pair for pair in ((1, "s"), (1e-3, "ms")) if duration >= pair[0]), (1e-6, "µs")
    )
    return f"{duration / size:.3g} {unit}"


def line(name: str, ours: float, theirs: float) -> tuple[str, ...]:
    """A row of a table."""
    return name, shown(ours), shown(theirs), f"{theirs / ours:.1f}"


def one(pair: Pair, rounds: int) -> list[tuple[str, ...]]:
    """Single queries, some hundreds a round: one after the other, as a program asks them."""
    count = 400 if len(pair.ours) < 500_000 else 40
    keys = pair.some_keys(count)
    calls: dict[str, Callable[[Any, int], Any]] = {
        "most_similar(key)": lambda kv, at: kv.most_similar(keys[at]),
        "most_similar(positive=2, negative=1)": lambda kv, at: kv.most_similar(
            [keys[at], keys[at - 1]], [keys[at - 2]]
        ),
        "most_similar(key, restrict_vocab=30000)": lambda kv, at: kv.most_similar(
            keys[at], restrict_vocab=RESTRICT_VOCAB
        ),
        "most_similar_cosmul(positive=2, negative=1)": lambda kv, at: kv.most_similar_cosmul(
            [keys[at], keys[at - 1]], [keys[at - 2]]
        ),
        "similarity(key, key)": lambda kv, at: kv.similarity(keys[at], keys[at - 1]),
        "distances(key)": lambda kv, at: kv.distances(keys[at]),
        "doesnt_match(5 keys)": lambda kv, at: kv.doesnt_match(keys[at : at + 5] or keys[:5]),
    }
    table = []
    for name, call in calls.items():
        ours, theirs = (
            (lambda kv=kv, call=call: [call(kv, at) for at in range(count)])
            for kv in (pair.ours, pair.theirs)
        )
        table.append(line(name, *(total / count for total in compare(ours, theirs, rounds))))
    return table


def many(pair: Pair, rounds: int) -> list[tuple[str, ...]]:
    """A batch of 1,000 keys; gensim one by one, 100 of them where the vocabulary is large."""
    keys = pair.some_keys(1000)
    asked = keys if len(pair.ours) < 500_000 else keys[:100]
    ours, theirs = compare(
        lambda: pair.ours.nearest(keys, TOPN),
        lambda: [pair.theirs.most_similar(key, topn=TOPN) for key in asked],
        rounds,
        min(rounds, 2),
    )
    scale = len(keys) / len(asked)
    note = f" (gensim: {len(asked)}, scaled)" if scale > 1 else ""
    return [line(f"1,000 queries{note}", ours, theirs * scale)]


def evaluation(pair: Pair, rounds: int) -> list[tuple[str, ...]]:
    """Analogy questions, gensim once; word pairs."""
    table = []
    path = str(benchmarks.analogies())
    for restrict in (RESTRICT_VOCAB, None):
        found: dict[str, Any] = {}

        def ask(kv: Any, library: str, restrict: Any = restrict, found: Any = found) -> None:
            found[library] = kv.evaluate_word_analogies(path, restrict_vocab=restrict)

        times = compare(
            lambda ask=ask: ask(pair.ours, "negw2v"),
            lambda ask=ask: ask(pair.theirs, "gensim"),
            rounds,
            1,
        )
        same = "the same answers" if found["negw2v"] == found["gensim"] else "DIFFERENT ANSWERS"
        name = f"analogies, restrict_vocab={restrict}: {found['negw2v'][0]:.4f}, {same}"
        table.append(line(name, *times))
    for dataset in ("wordsim353", "simlex999", "men"):
        path = str(benchmarks.word_pairs(dataset))
        figures = [kv.evaluate_word_pairs(path) for kv in both(pair)]
        apart = max(abs(figures[0][part][0] - figures[1][part][0]) for part in (0, 1))
        times = compare(
            *((lambda kv=kv, path=path: kv.evaluate_word_pairs(path)) for kv in both(pair)),
            rounds,
        )
        name = f"{dataset}: Spearman {figures[0][1][0]:.4f}, {apart:.0e} from gensim's"
        table.append(line(name, *times))
    return table


def both(pair: Pair) -> tuple[Any, Any]:
    """Ours and gensim's."""
    return pair.ours, pair.theirs


def approximate(pair: Pair) -> list[tuple[str, ...]]:
    """The approximate index: recall@10 of 1,000 queries, queries per second."""
    start = time.perf_counter()
    index = pair.ours.build_index()
    built = time.perf_counter() - start
    keys = pair.some_keys(1000)
    vectors = [pair.ours[key] for key in keys]
    exact = pair.ours.nearest(np.stack(vectors), TOPN).keys
    start = time.perf_counter()
    found = [index.most_similar(vector, TOPN) for vector in vectors]
    queried = time.perf_counter() - start
    hits = sum(
        len({key for key, _ in got} & set(right))
        for got, right in zip(found, exact.tolist(), strict=True)
    )
    return [
        ("seconds to build", f"{built:.1f}"),
        ("recall@10", f"{hits / exact.size:.3f}"),
        ("queries per second, one at a time", f"{len(keys) / queried:,.0f}"),
    ]


def memory(rows: int, queries: int) -> float:
    """MB by which the peak grows during a batch."""
    command = [sys.executable, "-c", MEMORY, str(rows), str(queries)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(finished.stdout))


def trained() -> tuple[list[str], np.ndarray]:
    """Vectors of wiki17."""
    print("training on wiki17 ...", file=sys.stderr)
    settings = {**SETTINGS, "sg": 1, "min_count": 5, "epochs": 5, "workers": 2}
    model = Word2Vec(corpus_file=str(wiki17.path()), **settings)
    return model.wv.index_to_key, model.wv.vectors


def made(rows: int) -> tuple[list[str], np.ndarray]:
    """A large vocabulary: clusters of clusters."""
    random = np.random.default_rng(1)
    outer = random.standard_normal((50, 100), dtype=np.float32)
    groups = rows // 200
    inner = outer[random.integers(0, 50, groups)]
    inner += np.float32(0.7) * random.standard_normal((groups, 100), dtype=np.float32)
    vectors = inner[random.integers(0, groups, rows)]
    vectors += np.float32(0.6) * random.standard_normal((rows, 100), dtype=np.float32)
    return [f"node{row}" for row in range(rows)], vectors


def main() -> None:
    """Print the tables that are asked for."""
    parts = ("one", "many", "evaluation", "memory", "approximate")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", action="append", choices=parts, help="which tables; all")
    parser.add_argument("--vectors", type=Path, help=".npz file with keys and vectors")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large vocabulary")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    wanted = given.part or list(parts)

    if given.vectors:
        file = np.load(given.vectors)
        keys, vectors, name = file["keys"].tolist(), file["vectors"], given.vectors.stem
    else:
        keys, vectors = trained()
        name = "wiki17"
    small = Pair.of(name, keys, vectors)
    pairs = [small]
    if given.rows and {"one", "many", "approximate"} & set(wanted):
        pairs.append(Pair.of("clusters", *made(given.rows)))

    about = f"Median of {given.rounds} rounds in turn, topn={TOPN}."
    for pair in pairs:
        for part, measure in (("one", one), ("many", many), ("evaluation", evaluation)):
            if part in wanted and not (part == "evaluation" and pair is not small):
                print(heading(f"{part}: {pair.name}", about))
                print(markdown(COLUMNS, measure(pair, given.rounds)), flush=True)
        if "approximate" in wanted:
            print(heading(f"approximate index: {pair.name}", "build_index() with its defaults."))
            print(markdown(("", "negw2v"), approximate(pair)), flush=True)
    if "memory" in wanted:
        print(heading("memory of one batch", "Growth of the peak beyond the vectors, topn=10."))
        grown = memory(given.rows or 1_000_000, 10_000)
        name = f"nearest(): 10,000 queries, {given.rows:,} x 100"
        print(markdown(("", "negw2v"), [(name, f"{grown:.0f} MB")]))


if __name__ == "__main__":
    main()
