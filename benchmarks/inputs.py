"""How fast corpora of each kind become word ids: files, columns, lists, arrays of numbers.

    python benchmarks/inputs.py                        all; takes some two minutes
    python benchmarks/inputs.py --part text            some tables
    python benchmarks/inputs.py --corpus corpus.txt    another text file, a sentence a line

Counting and encoding, as the constructor of Word2Vec does both, in one process, in turn (A B C,
A B C, ...). A figure is the median of the turns. The ids are compared with each other first: all
inputs of a table hold the same words.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from harness import heading, markdown, plain_copy

from negw2v.corpus.encoding import open_corpus

PARTS = ("text", "numbers")
WIKI17 = Path(os.environ.get("NEGW2V_DATA", "../shared/data"), "wiki17", "wiki17.txt.gz")
WALKS, WALK_LENGTH, NODES = 125_000, 80, 100_000


class Input:
    """A corpus that is counted and encoded.

    Parameters
    ----------
    name
        In the table.
    given
        Arguments of open_corpus() that give the corpus.
    workers
        Threads.
    min_count
        Fewer occurrences than this, and a word is left out.
    """

    def __init__(self, name: str, given: dict[str, Any], workers: int, min_count: int) -> None:
        self.name = name
        self._given = given
        self._workers = workers
        self._min_count = min_count
        self.seconds: list[tuple[float, float]] = []
        self.words = 0

    def turn(self) -> tuple[int, int]:
        """Count and encode; returns what all inputs of a table have in common."""
        gc.collect()
        start = time.perf_counter()
        corpus = open_corpus(**self._given, workers=self._workers, passes=2)
        found = corpus.scan(keep_tokens=True)
        counted = time.perf_counter()
        kept = np.flatnonzero(found.counts >= self._min_count)
        order = kept[np.argsort(-found.counts[kept], kind="stable")]
        vocabulary = {found.words[place]: index for index, place in enumerate(order.tolist())}
        prepared = time.perf_counter()
        (block,) = corpus.blocks(vocabulary)
        end = time.perf_counter()
        self.words = found.corpus_total_words
        self.seconds.append((counted - start, end - prepared))
        positions = np.arange(1, len(block.tokens) + 1, dtype=np.uint64)
        return len(block.tokens), int((block.tokens.astype(np.uint64) * positions).sum())

    def row(self, first: Input) -> tuple[str, ...]:
        """Its line in the table."""
        counting, encoding = (statistics.median(each) for each in zip(*self.seconds, strict=True))
        whole, compared = self._whole(), first._whole()
        return (
            self.name,
            f"{counting:.3f} s",
            f"{encoding:.3f} s",
            f"{self.words / whole / 1e6:.0f} M",
            f"{compared / whole:.2f}",
        )

    def _whole(self) -> float:
        return statistics.median(map(sum, self.seconds))


def table(title: str, inputs: Iterable[Input], rounds: int) -> None:
    """Measure in turn, and print."""
    inputs = list(inputs)
    results = {each.turn() for each in inputs}  # warms up
    if len(results) != 1:
        raise SystemExit(f"{title}: the inputs differ: {results}")
    for each in inputs:
        each.seconds.clear()
    for _ in range(rounds):
        for each in inputs:
            each.turn()
    columns = ("", "counting", "encoding", "words/s of both", f"speed / {inputs[0].name}")
    print(heading(title, f"Medians of {rounds} turns."))
    print(markdown(columns, [each.row(inputs[0]) for each in inputs]))


def text_inputs(path: Path, workers: int) -> list[Input]:
    """A text file, and the same in memory."""
    import polars as pl
    import pyarrow as pa

    lines = path.read_text(encoding="utf-8").splitlines()
    sentences = [words for words in (line.split() for line in lines) if words]
    column = pa.array(sentences, pa.list_(pa.string()))
    strings = pa.array([" ".join(words) for words in sentences])
    given: dict[str, Callable[[], Any]] = {
        "text file": lambda: {"corpus_file": path},
        "pyarrow, list<string>": lambda: {"corpus_iterable": column},
        "polars, list[str]": lambda: {"corpus_iterable": pl.Series("words", pl.from_arrow(column))},
        "pyarrow, string": lambda: {"corpus_iterable": strings},
        "list of lists": lambda: {"corpus_iterable": sentences},
    }
    del lines
    return [Input(name, make(), workers, 5) for name, make in given.items()]


def number_inputs(workers: int) -> list[Input]:
    """Ten million steps of random walks."""
    import pyarrow as pa

    random = np.random.default_rng(1)
    steps = random.zipf(1.3, (WALKS, WALK_LENGTH)) % NODES
    walks = np.ascontiguousarray(steps, dtype=np.int32)
    offsets = np.arange(0, walks.size + 1, WALK_LENGTH)
    column = pa.ListArray.from_arrays(offsets.astype(np.int32), walks.ravel())
    given: dict[str, Any] = {
        "2-D array, int32": walks,
        "2-D array, int64": walks.astype(np.int64),
        "(indices, offsets)": (walks.ravel(), offsets),
        "pyarrow, list<int32>": column,
        "2-D array, numbers above 2**40": walks + np.int64(1 << 40),
        "list of lists of int": walks.tolist(),
    }
    return [Input(name, {"corpus_iterable": each}, workers, 1) for name, each in given.items()]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--corpus", type=Path, default=WIKI17, help="a text file (default: wiki17)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    parts = arguments.part or PARTS
    with tempfile.TemporaryDirectory() as folder:
        if "text" in parts:
            path = plain_copy(arguments.corpus, Path(folder))
            inputs = text_inputs(path, arguments.workers)
            table(f"{path.name}, {arguments.workers} threads", inputs, arguments.rounds)
        if "numbers" in parts:
            for workers in sorted({1, arguments.workers}):
                title = f"{WALKS * WALK_LENGTH // 1_000_000} M steps of walks, {workers} threads"
                table(title, number_inputs(workers), arguments.rounds)


if __name__ == "__main__":
    main()
