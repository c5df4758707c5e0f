"""Speed and memory of training, compared with gensim.

    python benchmarks/train.py                                         all; takes hours
    python benchmarks/train.py --part training --part memory           some tables
    python benchmarks/train.py --rounds 1 --epochs 1 --words 500000    a quick look
    python benchmarks/train.py --json runs.json --resume               go on after a stop

Contenders run in turn (ours, gensim, ours, gensim, ...), each in a process of its own; a
figure is the median of the rounds. Words per second are words of the corpus as it is read,
times epochs, divided by the seconds of train() alone. gensim takes part in the fastest of
its ways to read the corpus (list of lists of str, LineSentence, corpus_file), which is
measured first. gensim's constructor is build_vocab() and then train(), so its whole job is
the sum of the two.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import limits
from harness import SETTINGS, Job, Session, algorithm, heading, markdown, plain_copy

from negw2v import kernels
from negw2v.datasets import ptb, wiki17

SKIP_GRAM = {"sg": 1}
CBOW = {"sg": 0}
CBOW_PAIRED = {"sg": 0, "paired_windows": True}
SKIP_GRAM_HS = {"sg": 1, "hs": 1, "negative": 0}
CBOW_HS = {"sg": 0, "hs": 1, "negative": 0}
INPUTS = ("list", "LineSentence", "corpus_file")
# parameters that gensim does not have
OUR_OWN = ("paired_windows",)
WINDOWS = (2, 5, 10, 20, 50, 100, 300, 1000)


@dataclass
class Bench:
    """What every part is given.

    Parameters
    ----------
    session
        Runs the jobs.
    corpora
        Name -> (text file, min_count).
    epochs, workers
        Of all jobs, unless a part says otherwise.
    given
        What gensim reads its corpus from; None: from what it trains fastest from.
    """

    session: Session
    corpora: dict[str, tuple[Path, int]]
    epochs: int
    workers: int
    given: str | None = None

    def job(self, library: str, corpus: str, given: str, phase: str, **parameters: Any) -> Job:
        """A job with the common settings."""
        path, min_count = self.corpora[corpus]
        isa = parameters.pop("isa", "")
        common = {**SETTINGS, "min_count": min_count, "epochs": self.epochs}
        common["workers"] = self.workers
        return Job(library, str(path), given, phase, {**common, **parameters}, isa)

    def gensim_input(self, corpus: str, **parameters: Any) -> str:
        """The input kind that gensim trains fastest from, measured once over one epoch."""
        if self.given:
            return self.given
        quick = {**parameters, "epochs": 1}
        jobs = {kind: self.job("gensim", corpus, kind, "steps", **quick) for kind in INPUTS}
        self.session.measure(list(jobs.values()), rounds=1)
        return max(INPUTS, key=lambda kind: self.words_per_second(jobs[kind], rounds=1))

    def words_per_second(self, job: Job, rounds: int | None = None) -> float:
        """Words of the corpus per second of train()."""
        epochs = job.parameters["epochs"]
        return self.session.median(
            job, lambda run: run["words"] * epochs / run["train_seconds"], rounds
        )

    def describe(self, corpus: str, **changes: Any) -> str:
        """The settings, in a sentence."""
        path, min_count = self.corpora[corpus]
        settings = {**SETTINGS, "min_count": min_count, "epochs": self.epochs}
        settings = {**settings, "workers": self.workers, **changes}
        listed = ", ".join(f"{name}={value}" for name, value in settings.items())
        return f"{path.name}; {listed}; medians of {self.session.rounds}."


def job_seconds(run: dict[str, Any]) -> float:
    """Vocabulary, encoding and training."""
    if "job_seconds" in run:
        return float(run["job_seconds"])
    return float(run["vocabulary_seconds"] + run["train_seconds"])


def ratio(value: float, floor: float | None = None) -> str:
    """A ratio with the floor that the project has set itself."""
    return f"**{value:.2f}x**" + (f" (floor {floor:g}x)" if floor else "")


def speeds(bench: Bench, corpus: str, rows: list[tuple[dict[str, Any], float | None]]) -> str:
    """A table of words per second in train()."""
    lines = []
    for parameters, floor in rows:
        kind = bench.gensim_input(corpus, sg=parameters["sg"])
        ours = bench.job("negw2v", corpus, "corpus_file", "steps", **parameters)
        shared = {name: value for name, value in parameters.items() if name not in OUR_OWN}
        theirs = bench.job("gensim", corpus, kind, "steps", **shared)
        bench.session.measure([ours, theirs])
        fast, slow = bench.words_per_second(ours), bench.words_per_second(theirs)
        lines.append(
            [
                f"{algorithm(parameters)} (gensim from {kind})",
                f"{fast:,.0f}",
                f"{slow:,.0f}",
                ratio(fast / slow, floor),
            ]
        )
    return markdown(["words/s in train()", "negw2v", "gensim", "ratio"], lines)


def jobs_table(
    bench: Bench, corpus: str, rows: list[tuple[str, str, dict[str, Any], float]]
) -> str:
    """A table of whole jobs: rows of (our input, gensim's input, parameters, floor)."""
    lines = []
    for our_input, their_input, parameters, floor in rows:
        ours = bench.job("negw2v", corpus, our_input, "job", **parameters)
        theirs = bench.job("gensim", corpus, their_input, "steps", **parameters)
        bench.session.measure([ours, theirs])
        fast, slow = (bench.session.median(job, job_seconds) for job in (ours, theirs))
        other = "" if our_input == their_input else f" (gensim from {their_input})"
        lines.append(
            [
                f"{algorithm(parameters)}, from {our_input}{other}",
                f"{fast:.1f} s",
                f"{slow:.1f} s",
                ratio(slow / fast, floor),
            ]
        )
    return markdown(["vocabulary + encoding + training", "negw2v", "gensim", "ratio"], lines)


def training(bench: Bench) -> str:
    """Words per second in train()."""
    rows = [(SKIP_GRAM, 10.0), (CBOW, 5.0), (CBOW_PAIRED, None)]
    return heading("Training", bench.describe("wiki17")) + "\n" + speeds(bench, "wiki17", rows)


def hierarchical_softmax(bench: Bench) -> str:
    """Words per second in train() with hs=1 and negative=0."""
    rows = [(SKIP_GRAM_HS, 4.0), (CBOW_HS, 2.0)]
    title = heading("Hierarchical softmax", bench.describe("wiki17"))
    return title + "\n" + speeds(bench, "wiki17", rows)


def whole_job(bench: Bench) -> str:
    """From the file to vectors; gensim by its fastest way, corpus_file or LineSentence."""
    rows = []
    for parameters, floor in ((SKIP_GRAM, 8.0), (CBOW, 4.0)):
        kind = bench.gensim_input("wiki17", sg=parameters["sg"])
        # A list would have to be read from the file first, outside the clock.
        kind = kind if kind != "list" else "corpus_file"
        rows.append(("corpus_file", kind, parameters, floor))
    title = heading("Whole job from the file", bench.describe("wiki17"))
    return title + "\n" + jobs_table(bench, "wiki17", rows)


def vocabulary(bench: Bench) -> str:
    """build_vocab() alone."""
    ours = bench.job("negw2v", "wiki17", "corpus_file", "vocabulary")
    theirs = bench.job("gensim", "wiki17", "corpus_file", "vocabulary")
    bench.session.measure([ours, theirs])
    fast, slow = (
        bench.session.median(job, lambda run: run["vocabulary_seconds"]) for job in (ours, theirs)
    )
    row = ["build_vocab(corpus_file=...)", f"{fast:.2f} s", f"{slow:.2f} s", ratio(slow / fast, 8)]
    title = heading("Vocabulary scan", bench.describe("wiki17"))
    return title + "\n" + markdown(["", "negw2v", "gensim", "ratio"], [row])


def lists(bench: Bench) -> str:
    """Whole job from a list of lists of str that is in memory."""
    rows = [("list", "list", SKIP_GRAM, 7.0), ("list", "list", CBOW, 3.0)]
    title = heading("Whole job from a list of lists of str", bench.describe("wiki17"))
    return title + "\n" + jobs_table(bench, "wiki17", rows)


def iterable(bench: Bench) -> str:
    """Whole job from a restartable iterable: LineSentence, and one of the user's own."""
    rows = [
        (kind, "LineSentence", parameters, floor)
        for kind in ("LineSentence", "iterable")
        for parameters, floor in ((SKIP_GRAM, 7.0), (CBOW, 3.0))
    ]
    title = heading("Whole job from a restartable iterable", bench.describe("wiki17"))
    return title + "\n" + jobs_table(bench, "wiki17", rows)


def penn_treebank(bench: Bench) -> str:
    """The same on PTB."""
    rows = [(SKIP_GRAM, None), (CBOW, None), (SKIP_GRAM_HS, None), (CBOW_HS, None)]
    return heading("Penn Treebank", bench.describe("ptb")) + "\n" + speeds(bench, "ptb", rows)


def dims300(bench: Bench) -> str:
    """300 dimensions."""
    size = {"vector_size": 300}
    rows = [({**each, **size}, None) for each in (SKIP_GRAM, CBOW, CBOW_PAIRED)]
    title = heading("300 dimensions", bench.describe("wiki17", **size))
    return title + "\n" + speeds(bench, "wiki17", rows)


def windows(bench: Bench) -> str:
    """Windows of 2 to 1,000 words."""
    lines = []
    for parameters in (SKIP_GRAM, CBOW):
        for window in WINDOWS:
            changes = {**parameters, "window": window}
            ours, theirs = (
                bench.job(library, "wiki17", "list", "steps", **changes)
                for library in ("negw2v", "gensim")
            )
            bench.session.measure([ours, theirs])
            fast, slow = bench.words_per_second(ours), bench.words_per_second(theirs)
            floor = 5.0 if window >= 100 else None
            name = f"{algorithm(parameters)}, window {window}"
            lines.append([name, f"{fast:,.0f}", f"{slow:,.0f}", ratio(fast / slow, floor)])
    title = heading("Windows", bench.describe("wiki17", window="2 to 1,000; both from a list"))
    return title + "\n" + markdown(["words/s in train()", "negw2v", "gensim", "ratio"], lines)


def threads(bench: Bench) -> str:
    """One thread and two."""
    lines = []
    for parameters in (SKIP_GRAM, CBOW):
        kind = bench.gensim_input("wiki17", sg=parameters["sg"])
        jobs = {
            (library, workers): bench.job(
                library, "wiki17", given, "steps", workers=workers, **parameters
            )
            for library, given in (("negw2v", "corpus_file"), ("gensim", kind))
            for workers in (1, 2)
        }
        bench.session.measure(list(jobs.values()))
        found = {which: bench.words_per_second(job) for which, job in jobs.items()}
        for workers in (1, 2):
            fast, slow = found["negw2v", workers], found["gensim", workers]
            lines.append(
                [
                    f"{algorithm(parameters)}, {workers} thread{'s' * (workers > 1)}",
                    f"{fast:,.0f}",
                    f"{slow:,.0f}",
                    ratio(fast / slow),
                ]
            )
        scaling = [found[library, 2] / found[library, 1] for library in ("negw2v", "gensim")]
        lines.append(
            [
                f"{algorithm(parameters)}, 2 threads over 1",
                f"{scaling[0]:.2f}x (floor 1.8x)",
                f"{scaling[1]:.2f}x",
                "",
            ]
        )
    title = heading("Threads", bench.describe("wiki17", workers="1 and 2"))
    return title + "\n" + markdown(["words/s in train()", "negw2v", "gensim", "ratio"], lines)


def isa(bench: Bench) -> str:
    """Each instruction-set level of ours against the lowest."""
    levels = kernels.levels()[::-1]
    lines = []
    for parameters in (SKIP_GRAM, CBOW, SKIP_GRAM_HS, CBOW_HS):
        jobs = [
            bench.job("negw2v", "wiki17", "corpus_file", "steps", isa=level, **parameters)
            for level in levels
        ]
        bench.session.measure(jobs)
        found = [bench.words_per_second(job) for job in jobs]
        lines.append(
            [algorithm(parameters), *(f"{speed:,.0f} ({speed / found[0]:.2f}x)" for speed in found)]
        )
    title = heading("Instruction-set levels", bench.describe("wiki17"))
    return title + "\n" + markdown(["words/s in train()", *levels], lines)


def memory(bench: Bench) -> str:
    """Peak resident memory of the whole job from the file."""
    lines = []
    for parameters in (SKIP_GRAM, CBOW):
        ours = bench.job("negw2v", "wiki17", "corpus_file", "job", **parameters)
        theirs = bench.job("gensim", "wiki17", "corpus_file", "steps", **parameters)
        bench.session.measure([ours, theirs])
        mine, other = (
            bench.session.median(job, lambda run: run["peak_rss"]) for job in (ours, theirs)
        )
        words = bench.session.median(ours, lambda run: run["words"])
        limit = other + 4 * words
        lines.append(
            [
                algorithm(parameters),
                f"{mine / 2**20:,.0f} MiB",
                f"{other / 2**20:,.0f} MiB",
                f"{limit / 2**20:,.0f} MiB",
                "yes" if mine <= limit else "NO",
            ]
        )
    columns = ["peak resident memory", "negw2v", "gensim", "gensim + 4 bytes a token", "within"]
    title = heading("Memory of the whole job from the file", bench.describe("wiki17"))
    return title + "\n" + markdown(columns, lines)


def machine_limits(bench: Bench) -> str:
    """What two processes that share nothing gain over one: threads cannot gain more."""
    title = heading("The machine", "Beside every table of threads.")
    return title + "\n" + limits.table(max(2, bench.workers))


PARTS: dict[str, Callable[[Bench], str]] = {
    "machine": machine_limits,
    "training": training,
    "hs": hierarchical_softmax,
    "job": whole_job,
    "vocabulary": vocabulary,
    "lists": lists,
    "iterable": iterable,
    "memory": memory,
    "ptb": penn_treebank,
    "dims300": dims300,
    "windows": windows,
    "threads": threads,
    "isa": isa,
}


def first_words(path: Path, words: int, folder: Path) -> Path:
    """A file of the first lines that hold so many words."""
    short = folder / f"first-{words}-of-{path.name}"
    with path.open(encoding="utf-8") as lines, short.open("w", encoding="utf-8") as kept:
        for line in lines:
            kept.write(line)
            words -= len(line.split())
            if words <= 0:
                break
    return short


def main() -> None:
    """Measure the parts that are asked for, and print their tables as they are ready."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all of them")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each job (default: 3)")
    parser.add_argument("--epochs", type=int, default=5, help="of each job (default: 5)")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    parser.add_argument("--words", type=int, help="only the first so many words of each corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run to FILE")
    parser.add_argument("--resume", action="store_true", help="reuse the runs that FILE holds")
    parser.add_argument(
        "--gensim-input", choices=INPUTS, help="do not look for gensim's fastest input"
    )
    parser.add_argument(
        "--folder", type=Path, help="where wiki17 is unpacked (default: a temporary folder)"
    )
    arguments = parser.parse_args()
    if arguments.resume and arguments.json is None:
        parser.error("--resume needs --json FILE")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        corpora = {"wiki17": (plain_copy(wiki17.path(), folder), 5), "ptb": (ptb.path(), 1)}
        if arguments.words:
            corpora = {
                name: (first_words(path, arguments.words, folder), min_count)
                for name, (path, min_count) in corpora.items()
            }
        session = Session(arguments.rounds, arguments.json, arguments.resume)
        bench = Bench(session, corpora, arguments.epochs, arguments.workers, arguments.gensim_input)
        for name in arguments.part or PARTS:
            print(PARTS[name](bench), flush=True)


if __name__ == "__main__":
    main()
