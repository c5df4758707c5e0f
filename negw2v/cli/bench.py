"""``negw2v bench``: how fast this machine is."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from negw2v import __version__, kernels
from negw2v.cli.arguments import at_least
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.errors import ConfigurationError, ParameterError
from negw2v.keyedvectors import KeyedVectors
from negw2v.word2vec import Word2Vec
from negw2v.word2vec.measuring import measured

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
Trains for a moment, with every algorithm and every instruction-set level of this processor, on a
text that is made up: independent words, as frequent as in natural language. All words are trained
(sample=0). Then it asks vectors of random numbers. The times are those of one moment; repeat it on
a machine that does nothing else.

  negw2v bench
  negw2v bench --workers 1 --vector-size 300 --level v3
  negw2v bench --seconds 5 --json > machine.json
"""

ALGORITHMS: dict[str, dict[str, Any]] = {
    "skip-gram": {"sg": 1},
    "CBOW": {"sg": 0},
    "skip-gram, hierarchical softmax": {"sg": 1, "hs": 1, "negative": 0},
    "CBOW, hierarchical softmax": {"sg": 0, "hs": 1, "negative": 0},
}
SENTENCE_WORDS = 20
SAMPLE_SENTENCES = 25_000
#: Queries of a batch.
BATCH = 1000
#: The search makes its int8 copy within the first queries.
FIRST_QUERIES = 5
LONGEST = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument(
        "--seconds",
        type=float,
        default=0.5,
        metavar="X",
        help="time of each measurement, at most 60 (default: 0.5)",
    )
    parser.add_argument(
        "--workers",
        type=at_least(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="threads of training (default: %(default)s)",
    )
    parser.add_argument(
        "--vector-size",
        type=at_least(1),
        default=100,
        metavar="N",
        help="dimensions (default: 100)",
    )
    parser.add_argument(
        "--vocabulary",
        type=at_least(BATCH),
        default=50_000,
        metavar="N",
        help=f"words, {BATCH} or more (default: 50000)",
    )
    parser.add_argument(
        "--level",
        action="append",
        choices=kernels.levels(),
        help="only this instruction-set level; may be repeated (default: all)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    if not 0 < arguments.seconds <= LONGEST:
        raise ParameterError(
            f"--seconds {arguments.seconds}: give more than 0 and at most {LONGEST:g}"
        )
    levels = arguments.level or kernels.levels()
    found = {level: _of_level(level, arguments) for level in dict.fromkeys(levels)}
    if arguments.json:
        print_json(
            {
                "negw2v": __version__,
                "numpy": np.__version__,
                "platform": platform.platform(),
                "processor": _processor(),
                **{name: getattr(arguments, name) for name in ("workers", "vector_size")},
                "vocabulary": arguments.vocabulary,
                "levels": found,
            }
        )
        return 0
    print(
        f"{_processor()}: {arguments.workers} threads, {arguments.vocabulary:,} words of "
        f"{arguments.vector_size} dimensions",
        file=sys.stderr,
    )
    names = dict.fromkeys(name for figures in found.values() for name in figures)
    rows = [[name, *(f"{each[name]:,.0f}" for each in found.values())] for name in names]
    print_table(("per second", *found), rows)
    return 0


def _of_level(level: str, arguments: argparse.Namespace) -> dict[str, float]:
    """The figures of one level, which a process chooses when it starts."""
    if level == kernels.isa():
        return _figures(arguments)
    options = [
        f"--{name}={getattr(arguments, name.replace('-', '_'))}"
        for name in ("seconds", "workers", "vector-size", "vocabulary")
    ]
    finished = subprocess.run(  # noqa: S603 - this program
        [sys.executable, "-m", "negw2v", "bench", f"--level={level}", "--json", *options],
        env={**os.environ, "NEGW2V_ISA": level},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise ConfigurationError(f"level {level}: {finished.stderr.strip()}")
    figures: dict[str, float] = json.loads(finished.stdout)["levels"][level]
    return figures


def _figures(arguments: argparse.Namespace) -> dict[str, float]:
    counts = _counts(arguments.vocabulary)
    generator = np.random.default_rng(1)
    shape = SAMPLE_SENTENCES, SENTENCE_WORDS
    words = generator.choice(len(counts), size=shape, p=counts / counts.sum()).tolist()
    figures = {}
    for name, parameters in ALGORITHMS.items():
        model = Word2Vec(
            vector_size=arguments.vector_size,
            workers=arguments.workers,
            min_count=1,
            sample=0,
            seed=1,
            progress=False,
            **parameters,
        )
        model.build_vocab_from_freq(dict(enumerate(counts.tolist())))
        speed = measured(model, words, arguments.seconds).words_per_second
        figures[f"{name}: words"] = speed
    size = arguments.vocabulary, arguments.vector_size
    vectors = KeyedVectors(arguments.vector_size)
    vectors.add_vectors([f"word{n}" for n in range(size[0])], generator.normal(size=size))
    return figures | _queries(vectors, arguments.seconds)


def _counts(vocabulary: int) -> Any:
    """int64 (vocabulary,): how often words occur in a million of them, by Mandelbrot's law."""
    shares = 1 / (np.arange(vocabulary) + 2.7)
    return np.maximum(1, 1e6 * shares / shares.sum()).astype(np.int64)


def _queries(vectors: KeyedVectors, seconds: float) -> dict[str, float]:
    keys = vectors.index_to_key[:BATCH]
    shifted = keys[1:] + keys[:1]
    several: dict[str, tuple[int, Callable[[int], object]]] = {
        "most_similar: queries": (
            1,
            lambda number: vectors.most_similar(keys[number % BATCH], topn=10),
        ),
        "nearest: queries in batches": (BATCH, lambda _: vectors.nearest(keys, topn=10)),
        "analogies: questions in batches": (
            BATCH,
            lambda _: vectors.analogies(keys, shifted, keys[::-1], topn=1),
        ),
    }
    return {name: size * _per_second(ask, seconds) for name, (size, ask) in several.items()}


def _per_second(ask: Callable[[int], object], seconds: float) -> float:
    for number in range(FIRST_QUERIES):
        ask(number)
    start = now = time.perf_counter()
    calls = 0
    while now - start < seconds:
        ask(calls)
        calls += 1
        now = time.perf_counter()
    return calls / (now - start)


def _processor() -> str:
    """Its name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # it is Linux's
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
