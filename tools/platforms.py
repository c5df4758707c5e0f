"""What has been tried on which platform: compiles, runs and checks, then prints a table.

    make platforms                         all of it: an hour on two cores
    python tools/platforms.py compile      every generated C file, for each of TARGETS
    python tools/platforms.py systems      threads and registers of Windows, ARM, RISC-V, emulated
    python tools/platforms.py compilers    the levels, by every GCC and Clang that is here
    python tools/platforms.py wheels       a wheel for each CPython that is here, tested and checked
    python tools/platforms.py arm64        tests of the ARM build, under an emulator
    python tools/platforms.py types        a user's typed program, checked by mypy and pyright

What has passed is kept in build/platforms/ and not tried again for the same sources, so that a run
that was interrupted goes on; --again repeats it. What cannot be had on this machine is a row "not
seen", with the reason. The exit status is 1 if anything failed. The Python packages for it are the
extra "platforms"; further interpreters than those on PATH are named in NEGW2V_PYTHONS, separated
by colons.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from check_wheel import MOST_BYTES
from cross_compiling import TEST_PACKAGES, arm64_rows, compile_rows, compiler_rows, system_rows
from trials import FOLDER, REPOSITORY, Row, TrialError, Trials, demand, fingerprint, last_line, run

#: The versions to try; an interpreter that is missing is a row "not seen".
PYTHONS = ("3.11", "3.12", "3.13", "3.13t", "3.14", "3.14t", "3.15", "3.15t")

#: The first that has wheels for CPython without the GIL, a pre-release.
NO_GIL_SAFETENSORS = "safetensors>=0.9.0rc1"

TYPED_PROGRAM = """
from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from negw2v import KeyedVectors, LineSentence, TrainingReport, Word2Vec
from negw2v.callbacks import CallbackAny2Vec
from negw2v.errors import KeyNotFoundError


class Losses(CallbackAny2Vec):
    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.losses.append(model.get_latest_training_loss())


def train(corpus: Path) -> Word2Vec:
    losses = Losses()
    model = Word2Vec(LineSentence(corpus), vector_size=8, min_count=1, callbacks=[losses])
    report: TrainingReport = model.training_report
    print(report.words_read, losses.losses)
    return model


def nearest(vectors: KeyedVectors, word: str) -> list[str]:
    try:
        return [str(key) for key, _ in vectors.most_similar(word, topn=3)]
    except KeyNotFoundError:
        return []


model = train(Path("corpus.txt"))
row: npt.NDArray[np.float32] = model.wv["a"]
pairs: list[tuple[str, float]] = [
    (str(word), float(score)) for word, score in model.wv.most_similar("a", topn=1)
]
similarity: float = float(model.wv.similarity("a", "b"))
model.save("model")
again: Word2Vec = Word2Vec.load("model")
print(pairs, similarity, row.shape, len(again.wv), nearest(again.wv, "a"))
"""


class Build(NamedTuple):
    """How a wheel is built and what is installed beside it."""

    python: str
    #: Its folder below that of the trials.
    folder: str
    abi3: bool = False
    compiler: str | None = None
    lowest: bool = False


def version_of(python: str) -> str | None:
    """A CPython's version, as 3.14t; None: it is another Python, one before 3.11, or not there."""
    asked = "import sys, sysconfig; assert sys.implementation.name == 'cpython';"
    asked += "assert sys.version_info >= (3, 11); print('%d.%d' % sys.version_info[:2],"
    asked += "'t' if sysconfig.get_config_var('Py_GIL_DISABLED') else '', sep='')"
    status, printed = run([python, "-c", asked])
    return None if status else printed.strip()


def pythons() -> dict[str, str]:
    """The CPythons from 3.11 on that are on this machine, one of each version."""
    known = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [named for named in os.environ.get("NEGW2V_PYTHONS", "").split(":") if named]
    candidates += [str(path) for path in sorted(known.glob("3.*/bin/python"))]
    candidates += [f"python{version}" for version in PYTHONS]
    found: dict[str, str] = {}
    for candidate in candidates:
        version = version_of(candidate)
        if version is not None:
            found.setdefault(version, shutil.which(candidate) or candidate)
    return {version: found[version] for version in sorted(found, key=version_key)}


def version_key(version: str) -> tuple[int, str]:
    """To sort versions by."""
    digits = version.rstrip("t")
    return int(digits.partition(".")[2]), version


def wheel_rows(trials: Trials) -> Iterator[Row]:
    """A wheel for each CPython, and one for all; each tested and checked."""
    every = pythons()
    for version in PYTHONS:
        if version not in every:
            yield Row(f"CPython {version}", "wheel, suite", "not seen", "no such interpreter here")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    builds = {f"CPython {v}": Build(python, v) for v, python in every.items()}
    builds["lowest versions of all packages"] = Build(sys.executable, "lowest", lowest=True)
    if shutil.which("gcc-11"):
        builds["GCC 11"] = Build(sys.executable, "gcc-11", compiler="gcc-11")
    else:
        yield Row("GCC 11", "wheel, suite", "not seen", "needs Debian's package gcc-11")
    for where, build in builds.items():
        yield trials.tried(where, "wheel, suite", lambda b=build: test_wheel(b, b, trials.folder))
    stable = Build(every.get(here, sys.executable), "abi3", abi3=True)
    for version, python in every.items():
        if not version.endswith("t"):
            yield trials.tried(
                f"stable ABI, CPython {version}",
                "wheel, suite",
                lambda p=python: test_wheel(stable, stable._replace(python=p), trials.folder),
            )
    yield from check_rows(trials)


def build_wheel(build: Build, home: Path) -> Path:
    """A wheel, if it is not there yet."""
    folder = home / build.folder
    if not list(folder.glob("*.whl")):
        sources = folder / "sources"
        shutil.rmtree(sources, ignore_errors=True)
        left_out = shutil.ignore_patterns("*.so", ".*", "build", "dist", "*.egg-info", "findings")
        shutil.copytree(REPOSITORY, sources, ignore=left_out)
        variables = {**os.environ, "NEGW2V_ABI3": "1" if build.abi3 else "0"}
        if build.compiler is not None:
            variables["CC"] = build.compiler
        command = [
            "uv",
            "build",
            "-q",
            "--wheel",
            "--python",
            build.python,
            "--out-dir",
            str(folder),
        ]
        if build.lowest:
            constraints = folder / "constraints.txt"
            constraints.write_text("".join(f"{line}\n" for line in lowest_build_packages()))
            command += ["--build-constraints", str(constraints)]
        demand(command, env=variables, cwd=sources)
        shutil.rmtree(sources)
    return next(folder.glob("*.whl"))


def lowest_build_packages() -> list[str]:
    """What pyproject.toml needs to build, at the lowest release series that it admits."""
    required = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["build-system"][
        "requires"
    ]
    return [re.sub(r">=([\d.]+)", r"==\1.*", line) for line in required]


def size(wheel: Path) -> str:
    """Name and size of a wheel; too large a one is a failure."""
    megabytes = wheel.stat().st_size / 1e6
    if megabytes > MOST_BYTES / 1e6:
        raise TrialError(f"{wheel.name}: {megabytes:.1f} MB")
    return f"{wheel.name}: {megabytes:.2f} MB"


def test_wheel(build: Build, use: Build, folder: Path) -> str:
    """Install a wheel in an environment of its own, run the smoke test and a part of the suite."""
    wheel = build_wheel(build, folder)
    home = folder / build.folder / f"environment-{version_of(use.python)}"
    demand(["uv", "venv", "-q", "--clear", "--python", use.python, str(home)])
    inside = str(home / "bin" / "python")
    chosen = ["--only-binary", ":all:", str(wheel), *TEST_PACKAGES]
    chosen += ["--resolution", "lowest-direct"] if use.lowest else []
    chosen += [NO_GIL_SAFETENSORS] if (version_of(use.python) or "").endswith("t") else []
    demand(["uv", "pip", "install", "-q", "--python", inside, *chosen])
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "NEGW2V_ISA"}}
    printed = demand([inside, "tools/installed_tests.py"], env=clean)
    numpy = demand(
        [inside, "-c", "import numpy; print(numpy.__version__)"], env=clean, cwd=home
    ).strip()
    shutil.rmtree(home)
    return f"{size(wheel)}; NumPy {numpy}; {last_line(printed)}"


def check_rows(trials: Trials) -> Iterator[Row]:
    """What the tools for wheels say about them."""
    wheels = [str(path) for path in sorted(trials.folder.glob("*/*.whl"))]
    abi3 = [path for path in wheels if "-abi3-" in path]
    checks: dict[str, list[str]] = {
        "abi3audit": ["--strict", *abi3],
        "check-wheel-contents": wheels,
        "twine": ["check", "--strict", *wheels],
        # it asks for an address of the authors, who are many
        "pyroma": ["--min", "8", str(REPOSITORY)],
    }
    for name, arguments in checks.items():
        program = tool(name)
        if program is None:
            yield Row(name, "wheels checked", "not seen", f"needs {name}: pip install {name}")
        else:
            whole = [program, *arguments]
            yield trials.tried(name, "wheels checked", lambda c=whole: last_line(demand(c)))
    yield trials.tried("auditwheel", "wheels checked", lambda: oldest_glibc(wheels))


def oldest_glibc(wheels: list[str]) -> str:
    """The tag of the oldest glibc that all wheels run with."""
    shown = [demand([tool("auditwheel") or "auditwheel", "show", wheel]) for wheel in wheels]
    tags = {tag for text in shown for tag in re.findall(r'"(manylinux_\d+_\d+_\w+)"', text)}
    if not tags:
        raise TrialError(f"no wheel is consistent with a manylinux: {last_line(shown[0])}")
    return f"{len(wheels)} wheels: {', '.join(sorted(tags))}"


def tool(name: str) -> str | None:
    """The program of a package, beside this Python or on PATH."""
    return shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def type_rows(trials: Trials) -> Iterator[Row]:
    """A user's program under the strict checks of mypy and pyright."""
    for name, options in (("mypy", ["--strict", "--config-file="]), ("pyright", [])):
        program = tool(name)
        if program is None:
            yield Row(name, "typed program", "not seen", f"needs {name}: pip install {name}")
        else:
            whole = [program, *options]
            yield trials.tried(name, "typed program", lambda c=whole: check_types(c))


def check_types(command: list[str]) -> str:
    """What a checker says about the typed program, where negw2v and NumPy alone are installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "program.py").write_text(TYPED_PROGRAM)
        (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
        demand(["uv", "venv", "-q", "--python", sys.executable, str(folder / "home")])
        python = str(folder / "home" / "bin" / "python")
        demand(["uv", "pip", "install", "-q", "--python", python, "numpy"])
        packages = next((folder / "home").glob("lib/python*/site-packages"))
        (packages / "negw2v.pth").write_text(f"{REPOSITORY}\n")
        option = "--python-executable" if "mypy" in Path(command[0]).name else "--pythonpath"
        return last_line(demand([*command, option, python, "program.py"], cwd=folder))


class Part(NamedTuple):
    """Some of the trials, and what their results depend on."""

    rows: Callable[[Trials], Iterator[Row]]
    sources: tuple[str, ...]


COMPILED = ("setup.py", "src_cython", "negw2v/kernels/instruction_sets.py")
TESTED = ("setup.py", "src_cython", "negw2v", "pyproject.toml", "README.md", "tests")
PARTS = {
    "compile": Part(compile_rows, COMPILED),
    "systems": Part(system_rows, (*COMPILED, "tools/system_check.c")),
    "compilers": Part(compiler_rows, COMPILED),
    "wheels": Part(wheel_rows, TESTED),
    "arm64": Part(arm64_rows, TESTED),
    "types": Part(type_rows, ("negw2v",)),
}
NEVER_SEEN = (
    Row("macOS", "suite", "not seen", "no such machine; compiled above"),
    Row("Windows", "suite", "not seen", "no such machine; compiled above"),
)


def main() -> None:
    """Try the parts that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Tries the package on many platforms.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all by default")
    parser.add_argument("--again", action="store_true", help="repeat what has passed")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    rows: list[Row] = []
    for name in chosen:
        part = PARTS[name]
        trials = Trials(FOLDER / name, fingerprint(part.sources), again=arguments.again)
        for row in part.rows(trials):
            rows.append(row)
            print(f"{row.platform}: {row.proof}: {row.result}: {row.detail}", flush=True)
    if chosen == list(PARTS):
        rows += NEVER_SEEN
    print("\n| platform | proof | result | detail | s |\n|---|---|---|---|---:|")
    for row in rows:
        shown = row.detail.replace("|", "/")
        print(f"| {row.platform} | {row.proof} | {row.result} | {shown} | {row.seconds:.0f} |")
    sys.exit(any(row.result == "FAILED" for row in rows))


if __name__ == "__main__":
    main()
