"""Speed and memory of files, compared with gensim.

    python benchmarks/files.py                         all tables
    python benchmarks/files.py --part native           some of them
    python benchmarks/files.py --sizes 71290x100       other sizes than 71,290 x 100 and 10^6 x 300
    python benchmarks/files.py --folder DIR            write the files there, not into /tmp

Each load and each save is a process of its own, so that the peak of its memory is its own, and
contenders run in turn (ours, gensim, ours, gensim, ...); figures are medians of the rounds, with
the file in the page cache. Ours are on the disk when save() returns (fsync); gensim leaves that
to the system. What dd writes, it forces to the disk, too.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import heading, markdown

COLUMNS = ("", "negw2v", "gensim", "ratio")
MIB = 1 << 20

#: One load or save in a process of its own: prints {seconds, first, growth} as JSON.
CHILD = """
import json, resource, sys, time
from pathlib import Path
library, action, source, target, mmap = sys.argv[1:]
if library == "negw2v":
    from negw2v import KeyedVectors
    import safetensors
else:
    from gensim.models import KeyedVectors

def resident():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024

result = {}
if action == "load":
    before = resident()
    start = time.perf_counter()
    vectors = KeyedVectors.load(source, mmap=mmap or None)
    result["seconds"] = time.perf_counter() - start
    vectors.get_index("word7")
    result["first"] = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result["growth"] = peak - before
else:
    vectors = KeyedVectors.load(source)
    before = resident()
    start = time.perf_counter()
    vectors.save(target)
    result["seconds"] = time.perf_counter() - start
    result["growth"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
print(json.dumps(result))
"""


def child(library: str, action: str, source: Path, target: str = "", mmap: str = "") -> Any:
    """Figures of one load or save."""
    command = [sys.executable, "-c", CHILD, library, action, str(source), target, mmap]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(finished.stdout.splitlines()[-1])


def saved(library: str, folder: Path) -> Any:
    """Figures of a save to a new file, which is deleted: so that all write to warm memory.

    On virtual machines memory that the page cache has not had before is far slower.
    """
    found = child(library, "save", folder / library, str(folder / "again"))
    for part in folder.glob("again*"):
        part.unlink()
    return found


def in_turn(rounds: int, calls: dict[str, Callable[[], Any]]) -> dict[str, dict[str, float]]:
    """Medians of what each call measures, the calls one after the other in each round."""
    found: dict[str, list[Any]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            found[name].append(call())
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for name, runs in found.items()
    }


def shown(seconds: float) -> str:
    """A time in a fitting unit."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def line(name: str, found: dict[str, dict[str, float]], key: str) -> tuple[str, ...]:
    """A row of times."""
    ours, theirs = found["negw2v"][key], found["gensim"][key]
    return name, shown(ours), shown(theirs), f"{theirs / ours:.1f}"


def dd(folder: Path, size: int) -> dict[str, float]:
    """What dd takes to write as many bytes to the same disk."""
    target = folder / "dd"
    block = f"bs={MIB}"
    start = time.perf_counter()
    command = ["dd", "if=/dev/zero", f"of={target}", block, f"count={size // MIB + 1}"]
    subprocess.run([*command, "conv=fsync"], stderr=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - start
    target.unlink()
    return {"seconds": seconds}


def make(folder: Path, rows: int, dimensions: int) -> None:
    """The same random vectors as a file of each library."""
    code = """
import sys
import numpy as np
from negw2v import KeyedVectors
from gensim.models import KeyedVectors as Gensim
rows, dimensions, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random = np.random.default_rng(0)
matrix = np.empty((rows, dimensions), dtype=np.float32)
random.random(out=matrix, dtype=np.float32)
keys = [f"word{row}" for row in range(rows)]
for kind, name in ((KeyedVectors, "negw2v"), (Gensim, "gensim")):
    store = kind(dimensions)
    store.index_to_key, store.key_to_index = keys, {key: row for row, key in enumerate(keys)}
    store.vectors = matrix
    store.expandos["count"] = np.arange(rows, 0, -1)
    store.save(f"{folder}/{name}")
"""
    subprocess.run(
        [sys.executable, "-c", code, str(rows), str(dimensions), str(folder)], check=True
    )


def native(folder: Path, rows: int, dimensions: int, rounds: int) -> None:
    """save() and load() of both libraries' own files."""
    make(folder, rows, dimensions)
    libraries = ("negw2v", "gensim")
    size = rows * dimensions * 4
    table = []
    load = in_turn(
        rounds, {name: lambda name=name: child(name, "load", folder / name) for name in libraries}
    )
    table.append(line("load()", load, "seconds"))
    mapped = in_turn(
        rounds,
        {
            name: lambda name=name: child(name, "load", folder / name, mmap="r")
            for name in libraries
        },
    )
    table.append(line('load(mmap="r")', mapped, "seconds"))
    table.append(line('load(mmap="r") and the first look-up', mapped, "first"))
    calls: dict[str, Callable[[], Any]] = {
        name: lambda name=name: saved(name, folder) for name in libraries
    }
    save = in_turn(rounds, {**calls, "dd": lambda: dd(folder, size)})
    table.append(line("save()", save, "seconds"))
    for name, found in (("load", load), ('load, mmap="r",', mapped), ("save", save)):
        shares = [found[library]["growth"] / size for library in libraries]
        table.append(
            (f"peak of {name} beyond what was there / vectors", *(f"{s:.2f}" for s in shares), "")
        )
    print(
        heading(
            f"native files: {rows:,} x {dimensions}",
            f"Medians of {rounds} rounds in turn; random vectors, {size / MIB:,.0f} MiB.",
        )
    )
    print(markdown(COLUMNS, table))
    speeds = {name: size / MIB / found["seconds"] for name, found in save.items()}
    print(
        f"\nsave() writes {speeds['negw2v']:,.0f} MiB/s, dd {speeds['dd']:,.0f} MiB/s: "
        f"{speeds['negw2v'] / speeds['dd']:.2f} of dd (floor 0.5).",
        flush=True,
    )


#: One load or save in a word2vec format: prints {seconds, growth} as JSON.
FORMAT_CHILD = """
import json, resource, sys, time
from pathlib import Path
library, action, source, target = sys.argv[1:5]
options = json.loads(sys.argv[5])
if library == "negw2v":
    from negw2v import KeyedVectors
    from negw2v.formats.word2vec import reading as word2vec_reading
    from negw2v.formats.word2vec import writing as word2vec_writing
else:
    from gensim.models import KeyedVectors

def resident():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024

if action == "save":
    vectors = KeyedVectors.load(source)
before = resident()
start = time.perf_counter()
if action == "load":
    KeyedVectors.load_word2vec_format(source, **options)
else:
    vectors.save_word2vec_format(target, **options)
seconds = time.perf_counter() - start
growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
print(json.dumps({"seconds": seconds, "growth": growth}))
"""


def formats(folder: Path, rows: int, dimensions: int, rounds: int) -> None:
    """word2vec's text and binary formats. Where gensim takes minutes it runs once."""
    make(folder, rows, dimensions)
    libraries = ("negw2v", "gensim")
    size = rows * dimensions * 4
    slow = rows * dimensions > 50_000_000

    def measure(action: str, source: Path, options: dict[str, Any], once: bool) -> Any:
        def run(library: str) -> Any:
            own = folder / library if action == "save" else source
            target = str(folder / f"{library}.out")
            command = [sys.executable, "-c", FORMAT_CHILD, library, action, str(own), target]
            command.append(json.dumps(options))
            finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            return json.loads(finished.stdout.splitlines()[-1])

        calls = {name: lambda name=name: run(name) for name in libraries}
        if not once:
            return in_turn(rounds, calls)
        found = in_turn(1, calls)
        found["negw2v"] = in_turn(rounds, {"negw2v": calls["negw2v"]})["negw2v"]
        return found

    table, peaks = [], []
    for binary in (False, True):
        kind, options = ("binary", {"binary": True}) if binary else ("text", {})
        saved = measure("save", folder, options, slow)
        outputs = [folder / f"{name}.out" for name in libraries]
        same = filecmp.cmp(*outputs, shallow=False)
        verdict = "the same bytes" if same else "OTHER BYTES"
        table.append(line(f"save, {kind}: {verdict}", saved, "seconds"))
        source = outputs[0].rename(folder / f"source.{kind}")
        outputs[1].unlink()
        loaded = measure("load", source, options, slow)
        table.append(line(f"load, {kind}", loaded, "seconds"))
        source.unlink()
        for action, found in (("save", saved), ("load", loaded)):
            shares = [found[library]["growth"] / size for library in libraries]
            peaks.append(
                (
                    f"peak of {action}, {kind}, beyond what was there / vectors",
                    *(f"{share:.2f}" for share in shares),
                    "",
                )
            )
    note = ", gensim once" if slow else ""
    print(
        heading(
            f"word2vec's formats: {rows:,} x {dimensions}",
            f"Medians of {rounds} rounds in turn{note}; {size / MIB:,.0f} MiB of vectors.",
        )
    )
    print(markdown(COLUMNS, [*table, *peaks]), flush=True)


PARTS: dict[str, Callable[[Path, int, int, int], None]] = {"native": native, "formats": formats}


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", action="append", choices=list(PARTS), help="which tables; all")
    parser.add_argument("--sizes", nargs="+", default=["71290x100", "1000000x300"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to write files")
    given = parser.parse_args()
    for part in given.part or PARTS:
        for size in given.sizes:
            rows, dimensions = map(int, size.split("x"))
            with tempfile.TemporaryDirectory(dir=given.folder) as folder:
                PARTS[part](Path(folder), rows, dimensions, given.rounds)


if __name__ == "__main__":
    main()
