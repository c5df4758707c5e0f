"""What deterministic=True costs, compared with the default: speed, memory, quality.

    python benchmarks/deterministic.py                                  all; takes hours
    python benchmarks/deterministic.py --part speed --words 2000000     the first words of wiki17
    python benchmarks/deterministic.py --part quality --corpus ptb      PTB alone
    python benchmarks/deterministic.py --part quality --json FILE       goes on where it was ended
    python benchmarks/deterministic.py --part shapes                    other rounds, other rules

- bits: digests of the vectors, for several numbers of workers and kinds of corpora.
- speed: words per second of train(), in turn, each run in a process of its own; medians.
  And the peak of the memory, compared with one thread without rounds.
- quality: the figures of benchmarks/quality.py, and of hierarchical softmax, over seeds. Verdict:
  none lies more than two standard errors below the default's.
- shapes: the same figures with other numbers and lengths of shards, and other limits of the sum.

Scores of the last two parts are kept in the file that --json names, and what it has is not trained
again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import harness
import quality
from harness import Job, Session, algorithm, heading, markdown
from quality import METRICS, TOLERANCE, Case, Comparison

from negw2v import Word2Vec, kernels
from negw2v.datasets import ptb, wiki17
from negw2v.kernels.merge import MOST
from negw2v.training import rounds
from negw2v.training.rounds import Rounds

ALGORITHMS: tuple[dict[str, Any], ...] = (
    {"sg": 1},
    {"sg": 0},
    {"sg": 1, "hs": 1, "negative": 0},
    {"sg": 0, "hs": 1, "negative": 0},
)
MEGABYTE = 1 << 20

#: Epochs that other shapes are compared at.
SHAPES_EPOCHS = 5

#: (shards, tokens of each, limit of the sum); PTB has 10,000 words, wiki17 71,000
Shape = tuple[int, int, float]
SHAPES: dict[str, tuple[Shape, ...]] = {
    "ptb": (
        (4, 400, MOST),
        (4, 400, 1000.0),
        (4, 800, MOST),
        (2, 800, MOST),
        (8, 200, MOST),
        (8, 200, 1000.0),
        (8, 100, MOST),
        (4, 200, MOST),
        (2, 400, MOST),
        (8, 1000, MOST),
        (8, 4000, MOST),
    ),
    "wiki17": ((8, 200, MOST), (8, 800, MOST), (8, 1480, MOST)),
}


def first_words(path: Path, words: int | None, folder: Path) -> Path:
    """The file, or a file of the lines that hold its first words."""
    if words is None:
        return path
    part = folder / f"{path.stem}-{words}.txt"
    with path.open(encoding="utf-8") as lines, part.open("w", encoding="utf-8") as copy:
        count = 0
        for line in lines:
            copy.write(line)
            count += len(line.split())
            if count >= words:
                break
    return part


def corpora(arguments: argparse.Namespace, folder: Path) -> dict[str, tuple[Path, int]]:
    """Name -> (text file, min_count)."""
    paths = {"ptb": ptb.path, "wiki17": wiki17.path}
    return {
        name: (
            first_words(harness.plain_copy(paths[name](), folder), arguments.words, folder),
            quality.MIN_COUNT[name],
        )
        for name in arguments.corpus or paths
    }


def jobs_of(path: Path, min_count: int, given: dict[str, Any], workers: int) -> tuple[Job, Job]:
    """The default, and deterministic."""
    parameters = {**harness.SETTINGS, **given, "min_count": min_count, "epochs": 2}
    default = Job("negw2v", str(path), "corpus_file", "steps", {**parameters, "workers": workers})
    return default, replace(default, parameters={**default.parameters, "deterministic": True})


def speed(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Print the tables of speed and memory."""
    session = Session(arguments.rounds)
    rows, memory = [], []
    for name, (path, min_count) in corpora(arguments, folder).items():
        for given in ALGORITHMS:
            pair = jobs_of(path, min_count, given, arguments.workers)
            alone = replace(pair[0], parameters={**pair[0].parameters, "workers": 1})
            session.measure([*pair, alone])
            rates = [
                2 * run["words"] / 1e6 / session.median(job, lambda run: run["train_seconds"])
                for job in pair
                for run in [session.runs[job.key(0)]]
            ]
            what = f"{name}, {algorithm(given)}"
            rows.append([what, *(f"{rate:.2f}" for rate in rates), f"{rates[1] / rates[0]:.2f}"])
            peak = [session.median(job, lambda run: run["peak_rss"]) for job in (alone, *pair)]
            words = session.runs[alone.key(0)]["vocabulary"]
            model = 2 * words * kernels.padded_length(100) * 4
            memory.append(
                [what, f"{model / MEGABYTE:.0f}"]
                + [f"{(each - peak[0]) / MEGABYTE:+.0f}" for each in peak[1:]]
            )
    print(heading("Speed", f"Million words per second, {arguments.workers} threads."))
    print(markdown(["", "default", "deterministic", "ratio"], rows))
    print(heading("Memory", "MiB more than with one thread, by default and deterministic."))
    print(markdown(["", "weights", "default", "deterministic"], memory))
    return []


def bits(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Print a digest per number of workers; return the algorithms whose digests differ."""
    differ, rows = [], []
    workers = (1, 2, 3, 8, 32)
    for name, (path, min_count) in corpora(arguments, folder).items():
        for given in ALGORITHMS:
            settings = {**harness.SETTINGS, **given, "min_count": min_count, "epochs": 1}
            digests = [
                hashlib.blake2b(
                    Word2Vec(
                        corpus_file=path, **settings, workers=count, deterministic=True
                    ).wv.vectors.tobytes(),
                    digest_size=4,
                ).hexdigest()
                for count in workers
            ]
            rows.append([f"{name}, {algorithm(given)}", *digests])
            if len(set(digests)) > 1:
                differ.append(f"{name}, {algorithm(given)}: other bits with other workers")
    print(heading("Bits", f"Digests of the vectors after one epoch; {kernels.isa()}."))
    print(markdown(["", *(f"workers={count}" for count in workers)], rows))
    return differ


@contextmanager
def shaped(shards: int, tokens: int, most: float) -> Iterator[None]:
    """Rounds of another shape, merged by a rule with another limit."""
    usual, trainer = rounds.Rounds.for_vocabulary, kernels.RoundTrainer
    other = Rounds(shards, tokens)
    rounds.Rounds.for_vocabulary = lambda *_, **__: other  # type: ignore[method-assign]
    kernels.RoundTrainer = partial(trainer, most=most)
    try:
        yield
    finally:
        rounds.Rounds.for_vocabulary = usual  # type: ignore[method-assign]
        kernels.RoundTrainer = trainer


class Scores:
    """Scores of vectors, each trained once.

    Parameters
    ----------
    workers
        Threads.
    file
        JSON file that keeps the scores; None: nothing does.
    """

    def __init__(self, workers: int, file: Path | None) -> None:
        self._workers = workers
        self._file = file
        self._runs: dict[str, dict[str, float]] = {}
        if file is not None and file.exists():
            self._runs = json.loads(file.read_text())

    def of(
        self,
        case: Case,
        given: Mapping[str, Any],
        path: Path,
        seed: int,
        deterministic: bool,
        shape: Shape | None = None,
    ) -> dict[str, float]:
        """The scores of one run, by metric.

        Parameters
        ----------
        case, given
            What is trained; `given` are the algorithm's parameters.
        path
            The corpus.
        seed
            The seed.
        deterministic
            Whether in rounds.
        shape
            Of the rounds, where it is not that of the library.
        """
        how = f"rounds {shape or 'as usual'}" if deterministic else f"{self._workers} threads"
        key = f"{path.stem}, {case.epochs} epochs, {algorithm(given)}, seed {seed}, {how}"
        if key not in self._runs:
            settings = {**quality.parameters(case, seed, self._workers), **given}
            with shaped(*shape) if shape else nullcontext():
                wv = quality.train_ours(path, **settings, deterministic=deterministic)
            self._runs[key] = quality.scores(wv)
            print(f"  {key}", file=sys.stderr, flush=True)
            if self._file is not None:
                self._file.write_text(json.dumps(self._runs, indent=1))
        return self._runs[key]

    def compared(
        self,
        case: Case,
        given: Mapping[str, Any],
        path: Path,
        seeds: Iterable[int],
        shape: Shape | None = None,
    ) -> list[Comparison]:
        """Each metric, deterministic and by default, over seeds; parameters as of :meth:`of`."""
        runs = [
            (
                self.of(case, given, path, seed, True, shape),
                self.of(case, given, path, seed, False),
            )
            for seed in seeds
        ]
        return [
            Comparison(
                f"{case.corpus}, {case.epochs} epochs, {algorithm(given)}: {metric}",
                [ours[metric] for ours, _ in runs],
                [theirs[metric] for _, theirs in runs],
            )
            for metric in METRICS
        ]


def in_standard_errors(comparisons: Sequence[Comparison]) -> list[str]:
    """Cells of a table."""
    return [f"{each.standardised_difference:+.1f}" for each in comparisons]


def figures(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Print the tables of quality; return the figures that are too low."""
    seeds = range(1, arguments.seeds + 1)
    scores = Scores(arguments.workers, arguments.json)
    found, summary = [], []
    for name, (path, _) in corpora(arguments, folder).items():
        for epochs in quality.CORPORA[name]:
            for given in ALGORITHMS:
                comparisons = scores.compared(Case(name, epochs, given["sg"]), given, path, seeds)
                found += comparisons
                what = comparisons[0].name.rpartition(":")[0]
                summary.append([what, *in_standard_errors(comparisons)])
    print(heading("Quality", f"Seeds 1 to {arguments.seeds}: mean ± standard deviation."))
    columns = ["", "deterministic", "default", "difference", "in standard errors"]
    print(markdown(columns, [comparison.row() for comparison in found]))
    print(f"\nDifferences in standard errors, {arguments.seeds} seeds:\n")
    print(markdown(["", *METRICS], summary))
    mean = statistics.mean(comparison.standardised_difference for comparison in found)
    print(f"\nMean of the differences, each in its own standard errors: {mean:+.2f}")
    return [
        f"{each.name}: {each.standardised_difference:.2f} standard errors below"
        for each in found
        if each.standardised_difference < -TOLERANCE
    ]


def shapes(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Print the figures for other rounds."""
    seeds = range(1, arguments.seeds + 1)
    scores = Scores(arguments.workers, arguments.json)
    rows = []
    for name, (path, _) in corpora(arguments, folder).items():
        for given in ALGORITHMS:
            case = Case(name, SHAPES_EPOCHS, given["sg"])
            for shape in SHAPES[name]:
                shards, tokens, most = shape
                comparisons = scores.compared(case, given, path, seeds, shape)
                limit = f"{most:g}" if most < 1000 else "none"
                what = f"{name}, {algorithm(given)}"
                cells = in_standard_errors(comparisons)
                rows.append([what, f"{shards} x {tokens}", limit, *cells])
    about = (
        f"{SHAPES_EPOCHS} epochs, seeds 1 to {arguments.seeds}: differences from the default in "
        "standard errors."
    )
    print(heading("Shapes of rounds", about))
    print(markdown(["", "shards", "limit of the sum", *METRICS], rows))
    return []


PARTS = {"bits": bits, "speed": speed, "quality": figures, "shapes": shapes}


def main() -> int:
    """Print the tables; the exit status is 0 if nothing speaks against deterministic=True."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--corpus", action="append", choices=quality.CORPORA, help="default: all")
    parser.add_argument("--words", type=int, help="only the first words of each corpus")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each job (default: 5)")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep scores in FILE")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds: a spread needs two or more")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        against = [
            line for part in arguments.part or PARTS for line in PARTS[part](arguments, folder)
        ]
    print("Verdict: " + ("; ".join(against) if against else "as good as the default"))
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main())
