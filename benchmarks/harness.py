"""What the benchmarks share: jobs in processes of their own, medians, tables.

This module imports neither library, and stays small: on Linux the peak memory of a child
process starts at that of its parent.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

JOB_SCRIPT = Path(__file__).with_name("job.py")

#: What both libraries are given unless a table says otherwise.
SETTINGS: dict[str, Any] = {
    "vector_size": 100,
    "window": 5,
    "negative": 5,
    "sample": 1e-3,
    "seed": 1,
}


@dataclass(frozen=True)
class Job:
    """One thing to measure.

    Parameters
    ----------
    library
        "negw2v" or "gensim".
    corpus
        Path of a text file, a sentence a line.
    input
        "corpus_file", "list" (of lists of str), "LineSentence" (each library's own) or
        "iterable" (a class of the user's that opens the file anew for each pass).
    phase
        "vocabulary": build_vocab(); "steps": build_vocab(), then train(), each with its
        own clock; "job": the constructor, which does both.
    parameters
        Of Word2Vec.
    isa
        NEGW2V_ISA; empty: the best one.
    """

    library: str
    corpus: str
    input: str
    phase: str
    parameters: dict[str, Any]
    isa: str = ""

    def key(self, turn: int) -> str:
        """Names one run of this job, wherever its corpus lies."""
        named = {**asdict(self), "corpus": Path(self.corpus).name, "turn": turn}
        return json.dumps(named, sort_keys=True)


@dataclass
class Session:
    """Runs jobs in turn, remembers every run, and writes them down.

    Parameters
    ----------
    rounds
        Runs of each job; tables show medians.
    file
        JSON file that every run is written to; None for none.
    resume
        Take runs that are in `file` already from there.
    """

    rounds: int
    file: Path | None = None
    resume: bool = False
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.resume and self.file is not None and self.file.exists():
            self.runs = json.loads(self.file.read_text())["runs"]

    def measure(self, jobs: Sequence[Job], rounds: int | None = None) -> None:
        """Run all the jobs once, then all of them again, and so on: A B A B."""
        for turn in range(rounds or self.rounds):
            for job in jobs:
                if job.key(turn) not in self.runs:
                    self.runs[job.key(turn)] = self._run(job, turn)
                    self._save()

    def _run(self, job: Job, turn: int) -> dict[str, Any]:
        environment = dict(os.environ)
        environment.pop("NEGW2V_ISA", None)
        if job.isa:
            environment["NEGW2V_ISA"] = job.isa
        start = time.perf_counter()
        finished = subprocess.run(
            [sys.executable, str(JOB_SCRIPT), json.dumps(asdict(job))],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
        print(
            f"  round {turn + 1}: {job.library} {job.input} {job.phase} {job.isa} "
            f"{algorithm(job.parameters)}: {time.perf_counter() - start:.1f} s",
            file=sys.stderr,
            flush=True,
        )
        return result

    def _save(self) -> None:
        if self.file is not None:
            self.file.write_text(
                json.dumps(
                    {"machine": machine(), "settings": SETTINGS, "runs": self.runs}, indent=1
                )
            )

    def median(
        self, job: Job, figure: Callable[[dict[str, Any]], float], rounds: int | None = None
    ) -> float:
        """The median of a figure over the rounds, which have been measured."""
        return statistics.median(
            figure(self.runs[job.key(turn)]) for turn in range(rounds or self.rounds)
        )


def algorithm(parameters: dict[str, Any]) -> str:
    """What is trained: "skip-gram, negative sampling" and the like."""
    output = "hierarchical softmax" if parameters.get("hs") else "negative sampling"
    paired = ", paired windows" if parameters.get("paired_windows") else ""
    return f"{'skip-gram' if parameters.get('sg') else 'CBOW'}, {output}{paired}"


def machine() -> dict[str, str]:
    """The processor and the versions that figures belong to."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    versions = {name: _version(name) for name in ("negw2v", "gensim", "numpy")}
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": f"{model}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **versions,
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "from source"


def heading(title: str, settings: str) -> str:
    """What stands above a table."""
    about = machine()
    return (
        f"\n### {title}\n\n{settings}\n"
        f"{about['date']}, {about['processor']}; Python {about['python']}, NumPy "
        f"{about['numpy']}, negw2v {about['negw2v']}, gensim {about['gensim']}.\n"
    )


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are figures."""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain_copy(path: Path, folder: Path) -> Path:
    """The file itself, or an unpacked copy of a .gz: gensim's corpus_file takes no other."""
    if path.suffix != ".gz":
        return path
    copy = folder / path.stem
    if not copy.exists():
        with gzip.open(path, "rb") as packed, copy.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return copy
