"""Quality of the vectors, compared with gensim with the same settings.

    python benchmarks/quality.py                          all corpora, seeds 1 to 5
    python benchmarks/quality.py --corpus ptb --seeds 3   some
    python benchmarks/quality.py --cache DIR              keep gensim's vectors, and reuse them
    python benchmarks/quality.py --part windows           windows 2 to 1,000 and other extremes

For each corpus, number of epochs and algorithm, both libraries train once per seed. Tables
show means and standard deviations over the seeds, and the difference in units of its own
standard error. Verdict: no figure of ours lies more than two standard errors below
gensim's, and over all of them ours are not lower on average.

Both libraries' vectors are scored by negw2v's evaluation, which gives gensim's figures.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import windows
from harness import SETTINGS, heading, markdown, plain_copy

from negw2v import KeyedVectors, Word2Vec
from negw2v.datasets import benchmarks, ptb, wiki17

#: Standard errors of the difference that a single figure may lie below gensim's.
TOLERANCE = 2.0

#: corpus -> epochs that are compared.
CORPORA = {"ptb": (5, 20), "wiki17": (5,)}
MIN_COUNT = {"ptb": 1, "wiki17": 5}

RESTRICT_VOCAB = 30_000
WORD_PAIRS: dict[str, benchmarks.WordPairs] = {
    "WordSim-353": "wordsim353",
    "SimLex-999": "simlex999",
    "MEN": "men",
}
METRICS = ("analogies", *WORD_PAIRS)


@dataclass(frozen=True)
class Case:
    """What both libraries train: a corpus, for so many epochs, with SG or CBOW."""

    corpus: str
    epochs: int
    sg: int

    def __str__(self) -> str:
        return f"{self.corpus}, {self.epochs} epochs, {'SG' if self.sg else 'CBOW'}"

    def file_name(self, library: str, seed: int) -> str:
        """The name of trained vectors in the cache."""
        algorithm = "sg" if self.sg else "cbow"
        return f"{library}-{self.corpus}-e{self.epochs}-{algorithm}-s{seed}.npz"


@dataclass(frozen=True)
class Comparison:
    """One metric of one case, over seeds.

    Parameters
    ----------
    name
        The case and the metric.
    ours, theirs
        One score per seed.
    """

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def standard_error(self) -> float:
        """Of the difference of the means."""
        return math.sqrt(
            statistics.variance(self.ours) / len(self.ours)
            + statistics.variance(self.theirs) / len(self.theirs)
        )

    @property
    def standardised_difference(self) -> float:
        """Our mean minus gensim's, in standard errors of this difference."""
        difference = statistics.mean(self.ours) - statistics.mean(self.theirs)
        if difference == 0:
            return 0.0
        error = self.standard_error
        return difference / error if error > 0 else math.copysign(math.inf, difference)

    def row(self) -> list[str]:
        """Its line of the table."""
        cells = [
            f"{statistics.mean(scores):.4f} ± {statistics.stdev(scores):.4f}"
            for scores in (self.ours, self.theirs)
        ]
        difference = statistics.mean(self.ours) - statistics.mean(self.theirs)
        return [self.name, *cells, f"{difference:+.4f}", f"{self.standardised_difference:+.2f}"]


def verdict(comparisons: Sequence[Comparison]) -> list[str]:
    """What speaks against "no worse than gensim", one line each; empty if nothing does."""
    against = [
        f"{comparison.name}: {comparison.standardised_difference:.2f} standard errors below"
        for comparison in comparisons
        if comparison.standardised_difference < -TOLERANCE
    ]
    mean = statistics.mean(comparison.standardised_difference for comparison in comparisons)
    if mean < 0:
        against.append(f"on average {mean:.2f} standard errors below")
    return against


@functools.cache
def sentences(path: Path) -> list[list[str]]:
    """The corpus in memory."""
    with path.open(encoding="utf-8") as lines:
        return [line.split() for line in lines]


def corpus_path(name: str, folder: Path) -> Path:
    """The corpus as a plain file."""
    return ptb.path() if name == "ptb" else plain_copy(wiki17.path(), folder)


def parameters(case: Case, seed: int, workers: int) -> dict[str, Any]:
    """Word2Vec's parameters for one run of either library."""
    settings = {**SETTINGS, "min_count": MIN_COUNT[case.corpus], "sg": case.sg}
    return {**settings, "epochs": case.epochs, "seed": seed, "workers": workers}


def train_ours(path: Path, **settings: Any) -> KeyedVectors:
    """Our vectors."""
    return Word2Vec(corpus_file=str(path), **settings).wv


def train_theirs(path: Path, **settings: Any) -> KeyedVectors:
    """gensim's vectors, in our KeyedVectors."""
    from gensim.models import Word2Vec as GensimWord2Vec

    trained = GensimWord2Vec(sentences(path), **settings).wv
    return as_keyed_vectors(trained.index_to_key, trained.vectors)


def as_keyed_vectors(keys: Sequence[str], vectors: np.ndarray[Any, Any]) -> KeyedVectors:
    """Keys in order of descending count, and their vectors."""
    result = KeyedVectors(vector_size=vectors.shape[1])
    result.add_vectors(list(keys), vectors)
    return result


def gensim_vectors(
    case: Case, seed: int, path: Path, workers: int, cache: Path | None
) -> KeyedVectors:
    """gensim's vectors, from the cache where they are there."""
    stored = cache / case.file_name("gensim", seed) if cache else None
    if stored is not None and stored.exists():
        with np.load(stored) as arrays:
            return as_keyed_vectors(arrays["keys"].tolist(), arrays["vectors"])
    start = time.perf_counter()
    trained = train_theirs(path, **parameters(case, seed, workers))
    seconds = time.perf_counter() - start
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            stored,
            vectors=trained.vectors,
            keys=np.array(trained.index_to_key),
            seconds=seconds,
        )
    return trained


def scores(vectors: KeyedVectors) -> dict[str, float]:
    """Every metric of one set of vectors: accuracy, or Spearman's rank correlation."""
    accuracy, _ = vectors.evaluate_word_analogies(
        str(benchmarks.analogies()), restrict_vocab=RESTRICT_VOCAB
    )
    found = {"analogies": float(accuracy)}
    for metric, name in WORD_PAIRS.items():
        _, spearman, _ = vectors.evaluate_word_pairs(str(benchmarks.word_pairs(name)))
        found[metric] = float(spearman[0])
    return found


def compare(
    case: Case, seeds: Sequence[int], folder: Path, workers: int, cache: Path | None
) -> list[Comparison]:
    """Train with both libraries, seed by seed, and score."""
    path = corpus_path(case.corpus, folder)
    found: dict[str, list[dict[str, float]]] = {"negw2v": [], "gensim": []}
    for seed in seeds:
        ours = train_ours(path, **parameters(case, seed, workers))
        found["negw2v"].append(scores(ours))
        theirs = gensim_vectors(case, seed, path, workers, cache)
        found["gensim"].append(scores(theirs))
        print(f"  {case}: seed {seed} done", file=sys.stderr, flush=True)
    return [
        Comparison(
            f"{case}: {metric}",
            [run[metric] for run in found["negw2v"]],
            [run[metric] for run in found["gensim"]],
        )
        for metric in METRICS
    ]


def figures(arguments: argparse.Namespace) -> list[str]:
    """Natural text: print the table and the verdict; return what speaks against ours."""
    cases = [
        Case(corpus, epochs, sg)
        for corpus in arguments.corpus or CORPORA
        for epochs in CORPORA[corpus]
        for sg in (1, 0)
        if not arguments.epochs or epochs in arguments.epochs
    ]
    seeds = range(1, arguments.seeds + 1)
    comparisons: list[Comparison] = []
    with tempfile.TemporaryDirectory() as temporary:
        for case in cases:
            comparisons += compare(case, seeds, Path(temporary), arguments.workers, arguments.cache)
            if arguments.json:
                arguments.json.write_text(json.dumps([asdict(one) for one in comparisons]))
    settings = ", ".join(f"{name}={value}" for name, value in SETTINGS.items() if name != "seed")
    about = (
        f"{settings}, workers={arguments.workers}; min_count 1 on PTB, 5 on wiki17; seeds 1 to "
        f"{arguments.seeds}: mean ± standard deviation. Analogies: accuracy, restrict_vocab="
        f"{RESTRICT_VOCAB}; the others: Spearman's rank correlation."
    )
    print(heading("Quality", about))
    columns = ["", "negw2v", "gensim", "difference", "in standard errors"]
    print(markdown(columns, [comparison.row() for comparison in comparisons]))
    mean = statistics.mean(comparison.standardised_difference for comparison in comparisons)
    print(f"\nMean of the differences, each in its own standard errors: {mean:+.2f}")
    return verdict(comparisons)


def extremes(arguments: argparse.Namespace) -> list[str]:
    """Windows, vocabularies and rates: print the table; return the rows in which ours is worse."""
    table, worse = windows.report(range(1, arguments.seeds + 1), arguments.workers)
    print(table)
    return worse


PARTS = {"figures": figures, "windows": extremes}


def main() -> int:
    """Compare, print the tables and the verdict; the exit status is 0 if ours is no worse."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--corpus", action="append", choices=CORPORA, help="default: all")
    parser.add_argument("--epochs", type=int, action="append", help="only these")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="gensim's vectors, kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds: a spread needs two or more")
    against = [line for part in arguments.part or PARTS for line in PARTS[part](arguments)]
    print("Verdict: " + ("; ".join(against) if against else "no worse than gensim"))
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main())
