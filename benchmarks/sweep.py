"""Which learning rate is best: quality over rates, for every algorithm and objective.

    python benchmarks/sweep.py --file runs.json                  one seed, all rates
    python benchmarks/sweep.py --file runs.json --seeds 5 --only CBOW --rate 0.05
    python benchmarks/sweep.py --file runs.json --table          print what the file holds

Every run is written to the file at once, and a run that is in the file is not made again, so
that a sweep can be interrupted, and extended. The figure that rates are compared by is the
mean over the metrics of score / best score of this corpus and size, so that no metric counts
more than another because its numbers are larger.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import quality
from harness import SETTINGS, heading, markdown

from negw2v import Word2Vec

ALGORITHMS: dict[str, dict[str, Any]] = {
    "SG": {"sg": 1},
    "CBOW": {},
    "CBOW, corrected": {"corrected_cbow": True},
    "SG, hs": {"sg": 1, "hs": 1, "negative": 0},
    "CBOW, hs": {"hs": 1, "negative": 0},
    "CBOW, corrected, hs": {"corrected_cbow": True, "hs": 1, "negative": 0},
}

#: A corrected gradient is a mean of the context's: it bears, and needs, higher rates.
RATES: dict[str, tuple[float, ...]] = {
    "SG": (0.0125, 0.025, 0.04, 0.05, 0.075),
    "CBOW": (0.025, 0.0375, 0.05, 0.075, 0.1),
    "CBOW, corrected": (0.05, 0.075, 0.1, 0.15, 0.2),
    "SG, hs": (0.0125, 0.025, 0.05, 0.075),
    "CBOW, hs": (0.025, 0.05, 0.075, 0.1),
    "CBOW, corrected, hs": (0.05, 0.1, 0.15, 0.2),
}
SIZES = (100, 300)


@dataclass(frozen=True)
class Run:
    """One model of the sweep."""

    corpus: str
    vector_size: int
    algorithm: str
    alpha: float
    seed: int

    @property
    def key(self) -> str:
        """Its name in the file."""
        return f"{self.corpus} | {self.vector_size} | {self.algorithm} | {self.alpha} | {self.seed}"

    @classmethod
    def from_key(cls, key: str) -> Run:
        """The run of that name."""
        corpus, size, algorithm, alpha, seed = key.split(" | ")
        return cls(corpus, int(size), algorithm, float(alpha), int(seed))


def wanted(arguments: argparse.Namespace) -> Iterator[Run]:
    """The runs that the arguments ask for, all rates of one seed before the next seed."""
    for seed in range(1, arguments.seeds + 1):
        for corpus in arguments.corpus or quality.CORPORA:
            for size in arguments.size or SIZES:
                for algorithm in arguments.only or ALGORITHMS:
                    for alpha in arguments.rate or RATES[algorithm]:
                        yield Run(corpus, size, algorithm, alpha, seed)


def score(run: Run, path: Path, workers: int) -> dict[str, float]:
    """Train and evaluate one model."""
    settings = {**SETTINGS, "min_count": quality.MIN_COUNT[run.corpus], "seed": run.seed}
    settings |= {"vector_size": run.vector_size, "alpha": run.alpha, "workers": workers}
    settings |= ALGORITHMS[run.algorithm]
    model = Word2Vec(corpus_file=str(path), progress=False, **settings)
    return quality.scores(model.wv)


def sweep(runs: Iterable[Run], file: Path, workers: int) -> None:
    """Make the runs that the file lacks."""
    found: dict[str, dict[str, float]] = json.loads(file.read_text()) if file.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        for run in runs:
            if run.key in found:
                continue
            start = time.perf_counter()
            path = quality.corpus_path(run.corpus, Path(temporary))
            found[run.key] = score(run, path, workers)
            partial = file.with_suffix(".partial")
            partial.write_text(json.dumps(found, indent=1))
            partial.replace(file)
            seconds = time.perf_counter() - start
            print(f"  {run.key}: {seconds:.0f} s", file=sys.stderr, flush=True)


def table(file: Path) -> str:
    """What the file holds: a row for each rate, the best mean of each algorithm marked."""
    scores: dict[Run, list[dict[str, float]]] = defaultdict(list)
    for key, found in json.loads(file.read_text()).items():
        run = Run.from_key(key)
        scores[Run(run.corpus, run.vector_size, run.algorithm, run.alpha, 0)].append(found)
    means = {
        run: {name: statistics.mean(one[name] for one in found) for name in quality.METRICS}
        for run, found in scores.items()
    }
    groups: dict[tuple[str, int], list[Run]] = defaultdict(list)
    for run in means:
        groups[run.corpus, run.vector_size].append(run)
    rows = []
    for (corpus, size), runs in groups.items():
        top = {name: max(means[run][name] for run in runs) for name in quality.METRICS}
        overall = {
            run: statistics.mean(means[run][name] / top[name] for name in quality.METRICS)
            for run in runs
        }
        for run in sorted(runs, key=lambda run: (list(ALGORITHMS).index(run.algorithm), run.alpha)):
            alike = [other for other in runs if other.algorithm == run.algorithm]
            mark = " *" if overall[run] == max(overall[other] for other in alike) else ""
            name = f"{corpus}, {size} d, {run.algorithm}, {run.alpha:g}{mark}"
            figures = [f"{means[run][metric]:.4f}" for metric in quality.METRICS]
            rows.append([name, str(len(scores[run])), *figures, f"{overall[run]:.3f}"])
    return markdown(["", "seeds", *quality.METRICS, "mean of shares"], rows)


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path, required=True, help="all runs, read and written")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--corpus", action="append", choices=quality.CORPORA, help="default: all")
    parser.add_argument("--size", type=int, action="append", help="default: 100 and 300")
    parser.add_argument("--only", action="append", choices=ALGORITHMS, help="default: all")
    parser.add_argument("--rate", type=float, action="append", help="default: a list for each")
    parser.add_argument("--seeds", type=int, default=1, help="how many (default: 1)")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    arguments = parser.parse_args()
    if not arguments.table:
        sweep(wanted(arguments), arguments.file, arguments.workers)
    about = (
        f"5 epochs, window 5, 5 negative samples or hierarchical softmax, min_alpha 0.0001, "
        f"{arguments.workers} threads; min_count 1 on PTB, 5 on wiki17. *: the best of its "
        "algorithm. Mean of shares: of score / best score of that corpus and size, over metrics."
    )
    print(heading("Learning rates", about))
    print(table(arguments.file))


if __name__ == "__main__":
    main()
