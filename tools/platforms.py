"""What has been tried on which platform: compiles, runs and checks, then prints a table.

    make platforms                         all of it: half an hour on two cores
    python tools/platforms.py compile      every generated C file, for each of TARGETS
    python tools/platforms.py compilers    the levels, by every GCC and Clang that is here
    python tools/platforms.py wheels       a wheel for each CPython that is here, tested and checked
    python tools/platforms.py arm64        tests of the ARM build, under an emulator
    python tools/platforms.py types        a user's typed program, checked by mypy and pyright

What cannot be had on this machine is a row "not seen", with the reason. The exit status is 1 if
anything failed. The Python packages for it are the extra "platforms".
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent

# Clang's names of platforms -> what setup.py takes for the machine.
TARGETS = {
    "x86_64-linux-gnu.2.17": "linux-x86_64",
    "aarch64-linux-gnu.2.17": "linux-aarch64",
    "riscv64-linux-gnu": "linux-riscv64",
    "x86_64-linux-musl": "linux-x86_64",
    "aarch64-linux-musl": "linux-aarch64",
    "riscv64-linux-musl": "linux-riscv64",
    "aarch64-macos": "linux-aarch64",
    "x86_64-macos": "linux-x86_64",
    "x86_64-windows-gnu": "linux-x86_64",
    "aarch64-windows-gnu": "linux-aarch64",
}
ARM64 = "aarch64-linux-gnu.2.28"
ZIG = (sys.executable, "-m", "ziglang", "cc")

# Options of setup.py's that Clang spells otherwise where it compiles for another machine.
ZIG_OPTIONS = {"-march=armv8.2-a+dotprod": "-mcpu=generic+dotprod"}

# Clang's warnings about what Cython writes; about ours there are none.
WARNINGS = ("-Wall", "-Werror", "-Wno-unused-function", "-Wno-unused-but-set-variable")
WARNINGS += ("-Wno-unused-variable", "-Wno-parentheses-equality", "-Wno-unreachable-code")

# The part of the suite for the emulator, which is some thirty times slower.
ARM64_TESTS = (
    "tests/kernels/test_layer_ops.py",
    "tests/kernels/test_random.py",
    "tests/unit/corpus/test_huffman.py",
    "tests/unit/corpus/test_tokenizing.py",
    "tests/unit/search/test_cosine_scan.py",
    "tests/unit/search/test_int8_rows.py",
)
TEST_PACKAGES = ("pytest>=8", "pytest-timeout>=2.3", "hypothesis>=6.100")

# Prints what setup.py would compile, after Cython has translated it.
MODULES = """
import json, setuptools
setuptools.setup = lambda ext_modules, **_: print(json.dumps(
    [[m.name, m.sources[0], m.extra_compile_args, m.include_dirs] for m in ext_modules]))
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
"""

# What Python's headers must be told about Windows, where no file is generated on installation.
WINDOWS_CONFIG = """
#define MS_WINDOWS 1
#define MS_WIN32 1
#define MS_WIN64 1
#define PLATFORM "win32"
#define HAVE_PY_SSIZE_T 1
#define Py_ENABLE_SHARED 1
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_OFF_T 4
#define SIZEOF_HKEY 8
#define SIZEOF_FPOS_T 8
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_DOUBLE 8
#define SIZEOF_FLOAT 4
#define SIZEOF_WCHAR_T 2
#define SIZEOF_PID_T 4
#define ALIGNOF_SIZE_T 8
#define ALIGNOF_MAX_ALIGN_T 8
#define HAVE_DECLSPEC_DLL 1
#define HAVE_STDDEF_H 1
#define HAVE_WCHAR_H 1
#define WITH_PYMALLOC 1
#define NT_THREADS 1
#include <limits.h>
#include <sys/types.h>
#include <basetsd.h>
#define PY_SSIZE_T_MAX LLONG_MAX
typedef SSIZE_T Py_ssize_t;
"""

TYPED_PROGRAM = """
from __future__ import annotations

from negw2v import KeyedVectors, Word2Vec

sentences: list[list[str]] = [["a", "b"], ["b", "a"]]
model: Word2Vec = Word2Vec(sentences, vector_size=8, min_count=1, workers=1)
vectors: KeyedVectors = model.wv
pairs: list[tuple[str, float]] = [(str(word), float(score)) for word, score in
                                  vectors.most_similar("a", topn=1)]
similarity: float = float(vectors.similarity("a", "b"))
model.save("model")
again: Word2Vec = Word2Vec.load("model")
print(pairs, similarity, len(again.wv))
"""


class Row(NamedTuple):
    """One line of the table."""

    platform: str
    proof: str
    #: "passed", "FAILED" or "not seen"
    result: str
    detail: str
    seconds: float = 0.0


def run(command: list[str], *, timeout: int = 1800, **options: object) -> tuple[int, str]:
    """Exit status and everything printed."""
    settings: dict[str, object] = {"cwd": REPOSITORY, **options}
    try:
        finished = subprocess.run(  # type: ignore[call-overload]
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **settings,
        )
    except FileNotFoundError as error:
        return 127, str(error)
    except subprocess.TimeoutExpired:
        return 124, f"not finished after {timeout} s"
    return finished.returncode, finished.stdout


def tried(where: str, proof: str, work: Callable[[], str]) -> Row:
    """A row from what `work` returns, or from the error that it raises."""
    start = time.monotonic()
    try:
        return Row(where, proof, "passed", work(), time.monotonic() - start)
    except PlatformError as error:
        return Row(where, proof, "FAILED", str(error), time.monotonic() - start)


class PlatformError(Exception):
    """Something that was tried does not work."""


def demand(command: list[str], **options: object) -> str:
    """What a command prints; PlatformError if it fails."""
    status, printed = run(command, **options)  # type: ignore[arg-type]
    if status:
        print(f"$ {' '.join(command)}\n{printed[-6000:]}", file=sys.stderr)
        raise PlatformError(f"{Path(command[0]).name}: status {status}: {last_line(printed)}")
    return printed


def last_line(printed: str) -> str:
    """The last line that says something."""
    lines = [line for line in printed.splitlines() if line.strip(" ^~|")]
    return lines[-1].strip()[:100] if lines else ""


class Module(NamedTuple):
    """What setup.py would compile."""

    name: str
    source: str
    options: list[str]
    folders: list[str]


def modules_for(host: str) -> list[Module]:
    """The modules for a platform, translated to C."""
    variables = {**os.environ, "_PYTHON_HOST_PLATFORM": host}
    printed = demand([sys.executable, "-c", MODULES], env=variables)
    return [Module(*entry) for entry in json.loads(printed.splitlines()[-1])]


def headers(folder: Path, target: str) -> Path:
    """Python's headers for a target: only those for Windows differ in what is asked of them."""
    include = Path(sysconfig.get_path("include"))
    if "windows" not in target:
        return include
    copy = folder / "windows"
    if not copy.exists():
        shutil.copytree(include, copy)
        (copy / "pyconfig.h").write_text(WINDOWS_CONFIG)
    return copy


def zig_command(module: Module, target: str, include: Path) -> list[str]:
    """The command that compiles a module for a target; the file to be written is missing."""
    options = [ZIG_OPTIONS.get(option, option) for option in module.options]
    folders = [f"-I{folder}" for folder in (*module.folders, str(include))]
    return [*ZIG, "-target", target, *WARNINGS, *options, *folders, module.source]


def compile_rows() -> Iterator[Row]:
    """Every generated C file, for every target."""
    if run([*ZIG, "--version"])[0]:
        for target in TARGETS:
            yield Row(target, "compiled", "not seen", "needs ziglang: pip install ziglang")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target, host in TARGETS.items():
            yield tried(target, "compiled", lambda t=target, h=host: compile_all(folder, t, h))


def compile_all(folder: Path, target: str, host: str) -> str:
    """Compile all modules for a target; how many there were."""
    modules = modules_for(host)
    include = headers(folder, target)

    def compile_one(module: Module) -> None:
        command = [*zig_command(module, target, include), "-O1", "-c"]
        demand([*command, "-o", str(folder / f"{target}-{module.name}.o")])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, modules))
    levels = {m.name.partition("_training_")[2] for m in modules} - {""}
    return f"{len(modules)} modules without a warning: {', '.join(sorted(levels))}"


def compiler_rows() -> Iterator[Row]:
    """The training loop, the searches and the layers at every level, by other compilers."""
    names = [f"gcc-{n}" for n in range(8, 17)] + [f"clang-{n}" for n in range(7, 23)]
    found = [name for name in ("gcc", "clang", *names) if shutil.which(name)]
    modules = [m for m in modules_for("") if "kernels._cpu" in m.name or "_scan_" in m.name]
    include = f"-I{sysconfig.get_path('include')}"

    def compile_some(compiler: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            for m in modules:
                command = [compiler, *m.options, *(f"-I{f}" for f in m.folders), include]
                demand([*command, "-Werror=implicit", "-c", m.source, "-o", f"{folder}/{m.name}.o"])
        return f"{len(modules)} modules: {demand([compiler, '--version']).splitlines()[0]}"

    for compiler in found:
        yield tried(compiler, "compiled", lambda c=compiler: compile_some(c))
    if "gcc-11" not in found:
        yield Row("gcc-11", "compiled", "not seen", "needs Debian's package gcc-11")


def pythons() -> list[str]:
    """The CPythons from 3.11 on that are on this machine, one of each version."""
    known = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [str(path) for path in sorted(known.glob("3.*/bin/python"))]
    candidates += [f"python3.{minor}{kind}" for minor in range(11, 17) for kind in ("", "t")]
    asked = "import sys, sysconfig; assert sys.version_info >= (3, 11);"
    asked += "print(sys.implementation.cache_tag, sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"
    found: dict[str, str] = {}
    for candidate in candidates:
        status, printed = run([candidate, "-c", asked])
        if status == 0:
            found.setdefault(printed.strip(), shutil.which(candidate) or candidate)
    return list(found.values())


def wheel_rows() -> Iterator[Row]:
    """A wheel for each CPython, and one for all; each tested and checked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = pythons()
        for python in every:
            version = demand([python, "-c", "import platform; print(platform.python_version())"])
            place = folder / version.strip()
            where = f"CPython {version.strip()}"
            yield tried(where, "wheel, suite", lambda p=python, o=place: test_wheel(p, o, "newest"))
        stable = folder / "abi3"
        yield tried("abi3", "wheel", lambda: size(build_wheel(sys.executable, stable, abi3=True)))
        for python in every:
            yield tried(
                f"abi3 on {Path(python).parent.parent.name}",
                "suite",
                lambda p=python: test_wheel(p, stable, "newest"),
            )
        oldest = folder / "oldest"
        yield tried(
            "lowest versions", "wheel, suite", lambda: test_wheel(sys.executable, oldest, "lowest")
        )
        yield from check_rows(folder, stable)
    for version in ("3.14t", "3.15t"):
        if not any(python.endswith(version) for python in every):
            yield Row(f"CPython {version}", "suite", "not seen", "no such interpreter here")


def build_wheel(python: str, folder: Path, *, abi3: bool = False) -> Path:
    """A wheel for one CPython, or for the stable ABI."""
    variables = {**os.environ, "NEGW2V_ABI3": "1" if abi3 else "0"}
    if not list(folder.glob("*.whl")):
        sources = folder / "sources"
        left_out = shutil.ignore_patterns("*.so", ".*", "build", "dist", "*.egg-info")
        shutil.copytree(REPOSITORY, sources, ignore=left_out)
        demand(
            ["uv", "build", "-q", "--wheel", "--python", python, "--out-dir", str(folder)],
            env=variables,
            cwd=sources,
        )
    return next(folder.glob("*.whl"))


def size(wheel: Path) -> str:
    """Name and size of a wheel; more than 4 MB is a failure."""
    megabytes = wheel.stat().st_size / 1e6
    if megabytes > 4:
        raise PlatformError(f"{wheel.name}: {megabytes:.1f} MB")
    return f"{wheel.name}: {megabytes:.2f} MB"


def test_wheel(python: str, folder: Path, resolution: str) -> str:
    """Install a wheel in an environment of its own, run the smoke test and a part of the suite."""
    wheel = build_wheel(python, folder)
    home = folder / f"environment-{Path(python).parent.parent.name}-{resolution}"
    demand(["uv", "venv", "-q", "--python", python, str(home)])
    inside = str(home / "bin" / "python")
    chosen = ["--resolution", "lowest-direct"] if resolution == "lowest" else []
    demand(["uv", "pip", "install", "-q", "--python", inside, *chosen, str(wheel), *TEST_PACKAGES])
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "NEGW2V_ISA"}}
    printed = demand([inside, "tools/installed_tests.py"], env=clean)
    numpy = demand(
        [inside, "-c", "import numpy; print(numpy.__version__)"], env=clean, cwd=home
    ).strip()
    return f"{size(wheel)}; NumPy {numpy}; {last_line(printed)}"


def check_rows(folder: Path, stable: Path) -> Iterator[Row]:
    """What the tools for wheels say about them."""
    wheels = [str(path) for path in sorted(folder.glob("*/*.whl"))]
    abi3 = [str(path) for path in stable.glob("*.whl")]
    # W004: modules whose names are no identifiers; W002: equal files, which empty ones are
    checks: dict[str, list[str]] = {
        "abi3audit": ["abi3audit", "--strict", "--report", *abi3],
        "auditwheel": ["auditwheel", "show", *wheels[:1]],
        "check-wheel-contents": ["check-wheel-contents", *wheels],
        "twine": ["twine", "check", "--strict", *wheels],
        "pyroma": ["pyroma", "--min", "9", str(REPOSITORY)],
    }
    for name, command in checks.items():
        program = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        if program is None:
            yield Row(name, "wheels checked", "not seen", f"needs {name}: pip install {name}")
        else:
            whole = [program, *command[1:]]
            yield tried(name, "wheels checked", lambda c=whole: last_line(demand(c)))


def arm64_rows() -> Iterator[Row]:
    """Tests of the ARM build on Debian's Python for ARM, under an emulator."""
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None:
        yield Row(ARM64, "suite", "not seen", "needs Debian's package qemu-user-static")
        return
    with tempfile.TemporaryDirectory() as name:
        yield tried(ARM64, "suite, emulated", lambda: test_arm64(Path(name), emulator))


def test_arm64(folder: Path, emulator: str) -> str:
    """Build everything for ARM, and run a part of the suite."""
    root = arm64_system(folder)
    package = folder / "package"
    shutil.copytree(
        REPOSITORY / "negw2v", package / "negw2v", ignore=shutil.ignore_patterns("*.so")
    )
    for part in ("tests", "tools", "benchmarks", "examples"):
        shutil.copytree(REPOSITORY / part, package / part)
    shutil.copy(REPOSITORY / "pyproject.toml", package)
    include = headers(folder, ARM64)

    def build(module: Module) -> None:
        out = package / Path(*module.name.split(".")).with_suffix(
            ".cpython-311-aarch64-linux-gnu.so"
        )
        command = zig_command(module, ARM64, include)
        demand([*command, "-fPIC", "-shared", "-o", str(out)])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(build, modules_for("linux-aarch64")))
    packages = folder / "packages"
    wanted = ["numpy", "safetensors", "smart_open", "tqdm", *TEST_PACKAGES]
    machine = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11"]
    demand(["uv", "pip", "install", "-q", "--target", str(packages), *machine, *wanted])
    python = [emulator, "-L", str(root), str(root / "usr/bin/python3.11")]
    variables = {"PYTHONPATH": f"{package}:{packages}", "PATH": os.environ["PATH"]}
    shown = "from negw2v import kernels; print(*kernels.levels(), *kernels.variants())"
    levels = demand([*python, "-c", shown], cwd=package, env=variables).strip()
    quick = ["-q", "-m", "not slow", "-p", "no:cacheprovider", "--timeout", "900"]
    printed = demand([*python, "-m", "pytest", *quick, *ARM64_TESTS], cwd=package, env=variables)
    return f"{levels}; {last_line(printed)}"


def arm64_system(folder: Path) -> Path:
    """Debian's Python for ARM and its libraries, from this system's sources, unpacked beside it."""
    state = folder / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True)
    (state / "status").touch()
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in settings.items())]
    demand([*apt, "update"])
    needed = ["python3.11", "libpython3.11-stdlib", "libstdc++6", "zlib1g"]
    demand([*apt, "install", "-y", "--download-only", "--no-install-recommends", *needed])
    root = folder / "root"
    for archive in sorted((state / "cache" / "archives").glob("*.deb")):
        demand(["dpkg", "-x", str(archive), str(root)])
    return root


def type_rows() -> Iterator[Row]:
    """A user's program under the strict checks of mypy and pyright."""
    with tempfile.TemporaryDirectory() as name:
        program = Path(name) / "program.py"
        program.write_text(TYPED_PROGRAM)
        variables = {**os.environ, "PYTHONPATH": str(REPOSITORY), "MYPYPATH": str(REPOSITORY)}
        for tool, options in (("mypy", ["--strict", "--config-file="]), ("pyright", [])):
            found = shutil.which(tool, path=str(Path(sys.executable).parent))
            if found is None:
                yield Row(tool, "typed program", "not seen", f"needs {tool}: pip install {tool}")
                continue
            command = [found, *options, str(program)]
            yield tried(
                tool,
                "typed program",
                lambda c=command: last_line(demand(c, cwd=name, env=variables)),
            )


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "compile": compile_rows,
    "compilers": compiler_rows,
    "wheels": wheel_rows,
    "arm64": arm64_rows,
    "types": type_rows,
}
NEVER_SEEN = (
    Row("macOS", "suite", "not seen", "no such machine; compiled above"),
    Row("Windows", "suite", "not seen", "no such machine; compiled above"),
)


def main() -> None:
    """Try the parts that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Tries the package on many platforms.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all by default")
    chosen = parser.parse_args().parts or list(PARTS)
    rows: list[Row] = []
    for part in chosen:
        for row in PARTS[part]():
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
