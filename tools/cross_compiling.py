"""The compiled modules for other platforms and by other compilers; tests under an emulator.

Parts of :mod:`platforms`.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from trials import REPOSITORY, Row, Trials, demand, last_line, run

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

LEVELS = runpy.run_path(str(REPOSITORY / "negw2v/kernels/instruction_sets.py"))["LEVELS"]

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
# What runs programs of other systems on this one: a program, or the folder of Debian's that has it.
RUNNERS = {
    "x86_64-windows-gnu": "wine64",
    "aarch64-linux-musl": "qemu-aarch64-static",
    "riscv64-linux-musl": "qemu-riscv64-static",
}
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


def compile_rows(trials: Trials) -> Iterator[Row]:
    """Every generated C file, for every target."""
    if run([*ZIG, "--version"])[0]:
        for target in TARGETS:
            yield Row(target, "compiled", "not seen", "needs ziglang: pip install ziglang")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target, host in TARGETS.items():
            yield trials.tried(
                target, "compiled", lambda t=target, h=host: compile_all(folder, t, h)
            )


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


def system_rows(trials: Trials) -> Iterator[Row]:
    """What has code of its own for each system, in C: where there is no Python to import it."""
    for target, runner in RUNNERS.items():
        found = shutil.which(runner, path=f"{os.environ['PATH']}:/usr/lib/wine")
        if found is None:
            yield Row(target, "threads, registers", "not seen", f"needs {runner}, of Debian's")
        else:
            yield trials.tried(
                target, "threads, registers", lambda t=target, r=found: check_system(t, r)
            )


def check_system(target: str, runner: str) -> str:
    """Compile ``system_check.c`` for a target at each level of its processor; run it."""
    machine = TARGETS[target].partition("-")[2]
    levels = [row for row in LEVELS if not row.machines or machine in row.machines]
    seen = []
    with tempfile.TemporaryDirectory() as name:
        variables = {**os.environ, "WINEPREFIX": f"{name}/wine", "WINEDEBUG": "-all"}
        for row in levels:
            # as in setup.py: plain C where there are other levels
            options = row.options or ("-DNW_PORTABLE",) * (len(levels) > 1)
            program = Path(name, f"{row.name}.exe")
            demand(system_check([*ZIG, "-target", target], options, program))
            printed = demand([runner, str(program)], env=variables, timeout=300)
            seen.append(f"{row.name} ({last_line(printed)})")
    return "; ".join(seen)


def system_check(compiler: list[str], options: Iterable[str], program: Path) -> list[str]:
    """The command that compiles ``system_check.c``."""
    folders = [f"-I{REPOSITORY / 'src_cython' / part}" for part in ("simd", "search", "training")]
    source = str(REPOSITORY / "tools" / "system_check.c")
    common = ["-O3", "-Wall", "-Wextra", "-Werror", "-fno-math-errno", "-fno-trapping-math"]
    return [*compiler, *common, *options, *folders, source, "-lm", "-pthread", "-o", str(program)]


def compiler_rows(trials: Trials) -> Iterator[Row]:
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
        yield trials.tried(compiler, "compiled", lambda c=compiler: compile_some(c))
    if "gcc-11" not in found:
        yield Row("gcc-11", "compiled", "not seen", "needs Debian's package gcc-11")


def arm64_rows(trials: Trials) -> Iterator[Row]:
    """Tests of the ARM build on Debian's Python for ARM, under an emulator."""
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None:
        yield Row(ARM64, "suite", "not seen", "needs Debian's package qemu-user-static")
        return
    with tempfile.TemporaryDirectory() as name:
        yield trials.tried(ARM64, "suite, emulated", lambda: test_arm64(Path(name), emulator))


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
