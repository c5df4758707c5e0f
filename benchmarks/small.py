"""What small things cost, compared with gensim: look-ups, short jobs, files, starting up.

    python benchmarks/small.py                         all; takes some two minutes
    python benchmarks/small.py --part lookups          some tables
    python benchmarks/small.py --rows 20000            vectors in which is looked up

Both libraries do the same in one process, in turn (ours, gensim, ours, gensim, ...), as often as
some hundredths of a second last; a figure is the median of the turns. What happens once in a
process (the first import, the first model) is measured in processes of its own.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gensim.models
import numpy as np
from harness import heading, markdown

import negw2v

LIBRARIES = (negw2v, gensim.models)
COLUMNS = ("", "negw2v", "gensim", "ratio")
TURN = 0.05  # seconds that a turn lasts at least
DIMENSIONS = 100

Row = tuple[str, ...]

#: Run in processes of their own: seconds of what a process does for the first time.
STARTS = {
    "import": "import {0}",
    "import Word2Vec": "from {1} import Word2Vec",
    "first Word2Vec() of 300 sentences, after the import": "Word2Vec(s, min_count=1, workers=1)",
}
PREPARE = """
import random, time
random.seed(1)
s = [[f"word{{random.randint(0, 999)}}" for _ in range(20)] for _ in range(300)]
if {2}:
    from {1} import Word2Vec
start = time.perf_counter()
{3}
print(time.perf_counter() - start)
"""


def shown(duration: float) -> str:
    """A time in a fitting unit."""
    size, unit = next(
        (pair for pair in ((1, "s"), (1e-3, "ms")) if duration >= pair[0]), (1e-6, "µs")
    )
    return f"{duration / size:.3g} {unit}"


def line(name: str, ours: float, theirs: float) -> Row:
    """A row of a table."""
    return name, shown(ours), shown(theirs), f"{theirs / ours:.2f}"


def turn(call: Callable[[], Any]) -> float:
    """Seconds that a call takes, from as many as one turn lasts."""
    count, start = 0, time.perf_counter()
    while True:
        call()
        count += 1
        duration = time.perf_counter() - start
        if duration >= TURN:
            return duration / count


def compare(name: str, calls: list[Callable[[], Any]], turns: int) -> Row:
    """Median seconds of both, measured in turn."""
    for call in calls:
        call()
    times: list[list[float]] = [[], []]
    gc.collect()
    gc.disable()
    for _ in range(turns):
        for mine, call in zip(times, calls, strict=True):
            mine.append(turn(call))
    gc.enable()
    return line(name, *map(statistics.median, times))


def cycle(call: Callable[[Any, Any], Any], store: Any, items: list[Any]) -> Callable[[], Any]:
    """A function that calls ``call(store, item)`` for the next item, round and round."""

    def forever() -> Iterator[Any]:
        while True:
            yield from items

    following = forever().__next__
    return lambda: call(store, following())


def clusters(rows: int) -> np.ndarray:
    """Vectors that have neighbours."""
    random = np.random.default_rng(1)
    centres = random.standard_normal((rows // 100, DIMENSIONS), dtype=np.float32)
    vectors = centres[random.integers(0, len(centres), rows)]
    vectors += np.float32(0.8) * random.standard_normal((rows, DIMENSIONS), dtype=np.float32)
    return vectors


#: Queries of a few keys: each takes vectors and eighty keys.
LOOKUPS: dict[str, Callable[[Any, list[str]], Any]] = {
    "`key in kv`": lambda kv, keys: keys[0] in kv,
    "get_index(key)": lambda kv, keys: kv.get_index(keys[0]),
    "kv[key]": lambda kv, keys: kv[keys[0]],
    "kv[10 keys]": lambda kv, keys: kv[keys[:10]],
    "get_vector(key, norm=True)": lambda kv, keys: kv.get_vector(keys[0], norm=True),
    "get_vecattr(key, 'count')": lambda kv, keys: kv.get_vecattr(keys[0], "count"),
    "get_mean_vector(5 keys)": lambda kv, keys: kv.get_mean_vector(keys[:5]),
    "similarity(key, key)": lambda kv, keys: kv.similarity(*keys[:2]),
    "n_similarity(5 keys, 5 keys)": lambda kv, keys: kv.n_similarity(keys[:5], keys[5:10]),
    "doesnt_match(5 keys)": lambda kv, keys: kv.doesnt_match(keys[:5]),
    "distances(key, 10 keys)": lambda kv, keys: kv.distances(keys[0], keys[1:11]),
    "most_similar_to_given(key, 10 keys)": lambda kv, keys: kv.most_similar_to_given(
        keys[0], keys[1:11]
    ),
    "wmdistance(40 keys, 40 keys)": lambda kv, keys: kv.wmdistance(keys[:40], keys[40:]),
    # these read the whole matrix
    "distances(key)": lambda kv, keys: kv.distances(keys[0]),
    "closer_than(key, key)": lambda kv, keys: kv.closer_than(*keys[:2]),
    "rank(key, key)": lambda kv, keys: kv.rank(*keys[:2]),
    "most_similar(key)": lambda kv, keys: kv.most_similar(keys[0]),
    "most_similar(positive=2, negative=1)": lambda kv, keys: kv.most_similar(keys[:2], keys[2:3]),
    "most_similar_cosmul(positive=2, negative=1)": lambda kv, keys: kv.most_similar_cosmul(
        keys[:2], keys[2:3]
    ),
    "similar_by_vector(vector)": lambda kv, keys: kv.similar_by_vector(kv[keys[0]]),
}


def lookups(rows: int, turns: int) -> list[Row]:
    """Queries of vectors."""
    keys = [f"key{row}" for row in range(rows)]
    vectors = clusters(rows)
    stores = []
    for library in LIBRARIES:
        store = library.KeyedVectors(DIMENSIONS)
        store.add_vectors(keys, vectors)
        store.fill_norms()
        for row, key in enumerate(keys):
            store.set_vecattr(key, "count", rows - row)
        stores.append(store)
    places = np.random.default_rng(2).integers(0, rows, (100, 80))
    asked = [[keys[place] for place in line] for line in places]
    table = [
        compare(name, [cycle(call, store, asked) for store in stores], turns)
        for name, call in LOOKUPS.items()
    ]
    table.append(first_searches(keys, vectors, turns))
    return table


def first_searches(keys: list[str], vectors: np.ndarray, turns: int) -> Row:
    """The slowest of the first ten searches in vectors that are new."""
    slowest: list[list[float]] = [[], []]
    for _ in range(turns):
        for library, times in zip(LIBRARIES, slowest, strict=True):
            store = library.KeyedVectors(DIMENSIONS)
            store.add_vectors(keys, vectors)
            store.fill_norms()
            took = []
            for key in keys[100:110]:
                start = time.perf_counter()
                store.most_similar(key)
                took.append(time.perf_counter() - start)
            times.append(max(took))
    return line("most_similar(key), the slowest of the first ten", *map(statistics.median, slowest))


def sentences(count: int, words: int, seed: int = 1) -> list[list[str]]:
    """Sentences of 20 words, most of them frequent ones."""
    random = np.random.default_rng(seed)
    places = (words * random.random((count, 20)) ** 3).astype(int)
    return [[f"word{place}" for place in line] for line in places.tolist()]


def model_of(library: Any, words: int, **settings: Any) -> Any:
    """A model with so many words in its vocabulary."""
    model = library.Word2Vec(
        vector_size=DIMENSIONS, min_count=1, workers=1, epochs=1, seed=1, **settings
    )
    model.build_vocab_from_freq({f"word{place}": words - place + 5 for place in range(words)})
    return model


def train(model: Any, corpus: Any) -> None:
    """One epoch."""
    model.train(corpus, total_examples=len(corpus), epochs=1)


def jobs(turns: int) -> list[Row]:
    """Training of a few sentences, and what people do in loops."""
    few = sentences(10, 900)
    table = []
    for words in (1_000, 5_000, 33_000):
        for name, settings in (("", {}), (", hs", {"hs": 1, "negative": 0})):
            models = [model_of(library, words, **settings) for library in LIBRARIES]
            table.append(
                compare(
                    f"train(10 sentences), {words:,} words{name}",
                    [lambda model=model: train(model, few) for model in models],
                    turns,
                )
            )
            if words == 5_000:
                table += others(models, name, turns)
    table.append(large_vocabulary(few, turns))
    return table


def others(models: list[Any], name: str, turns: int) -> list[Row]:
    """What models of 5,000 words do besides."""
    document, few = sentences(1, 900), sentences(10, 900)
    table = [
        compare(
            f"train(1 sentence), 5,000 words{name}",
            [lambda model=model: train(model, document) for model in models],
            turns,
        )
    ]
    if name:
        calls = [lambda model=model: model.score(few, total_sentences=10) for model in models]
        table.append(compare("score(10 sentences)", calls, turns))
    else:
        calls = [lambda model=model: model.predict_output_word(document[0][:6]) for model in models]
        table.append(compare("predict_output_word(6 words)", calls, turns))
        calls = [lambda model=model: model.build_vocab(few, update=True) for model in models]
        table.append(compare("build_vocab(10 sentences, update=True)", calls, turns))
    return table


def large_vocabulary(few: list[list[str]], turns: int) -> Row:
    """What a vocabulary of a million words adds to a call of train()."""
    models = [model_of(negw2v, words) for words in (1_000, 1_000_000)]
    times: list[list[float]] = [[], []]
    for model in models:
        train(model, few)
    for _ in range(turns):
        for mine, model in zip(times, models, strict=True):
            mine.append(turn(lambda model=model: train(model, few)))
    small, large = map(statistics.median, times)
    return "train(10 sentences), 1,000,000 words", shown(large), "", f"{shown(large - small)} more"


def small_files(turns: int) -> list[Row]:
    """Files of a small model."""
    corpus = sentences(300, 1_000)
    table = []
    with tempfile.TemporaryDirectory() as folder:
        models = [
            library.Word2Vec(corpus, vector_size=DIMENSIONS, min_count=1, workers=1)
            for library in LIBRARIES
        ]
        for kind in ("Word2Vec", "KeyedVectors"):
            things = models if kind == "Word2Vec" else [model.wv for model in models]
            files = [str(Path(folder) / f"{library.__name__}.{kind}") for library in LIBRARIES]
            saves = [partial(thing.save, file) for thing, file in zip(things, files, strict=True)]
            table.append(compare(f"{kind}.save(), {len(models[0].wv)} words", saves, turns))
            loads = [
                partial(getattr(library, kind).load, file)
                for library, file in zip(LIBRARIES, files, strict=True)
            ]
            table.append(compare(f"{kind}.load()", loads, turns))
    return table


def starts(turns: int) -> list[Row]:
    """What happens once in a process."""
    table = []
    for name, statement in STARTS.items():
        times: list[list[float]] = [[], []]
        for _ in range(turns):
            for library, mine in zip(LIBRARIES, times, strict=True):
                top, home = library.__name__.partition(".")[0], library.__name__
                code = statement.format(top, home)
                program = PREPARE.format(top, home, name.startswith("first"), code)
                run = subprocess.run(
                    [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
                )
                mine.append(float(run.stdout))
        table.append(line(name, *map(statistics.median, times)))
    return table


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ("lookups", "jobs", "files", "starts")
    parser.add_argument("--part", action="append", choices=parts, help="which tables; all")
    parser.add_argument("--rows", type=int, default=71_000, help="vectors in which is looked up")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    measures: dict[str, tuple[str, Callable[[], list[Row]]]] = {
        "lookups": (
            f"queries of {given.rows:,} x {DIMENSIONS}",
            lambda: lookups(given.rows, given.rounds),
        ),
        "jobs": ("short jobs", lambda: jobs(given.rounds)),
        "files": ("small files", lambda: small_files(given.rounds)),
        "starts": ("once in a process", lambda: starts(given.rounds)),
    }
    for part in given.part or parts:
        title, measure = measures[part]
        print(heading(title, f"Median of {given.rounds} turns, one worker."))
        print(markdown(COLUMNS, measure()), flush=True)


if __name__ == "__main__":
    main()
