"""Checks what `python -m build` left in a folder, and tries the wheel out.

    python tools/check_wheel.py dist            contents, then the smoke test
    python tools/check_wheel.py dist --contents contents alone

The smoke test runs in a virtual environment of its own, with a PATH on which there is no
compiler, once for every instruction-set level that this processor runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path, PurePosixPath

REPOSITORY = Path(__file__).resolve().parent.parent
# A wheel has 2.4 MB. Debug symbols alone would be more than this, and so would a copy in each
# module of what they share.
MOST_BYTES = 3_500_000
SOURCE_SUFFIXES = {".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyx"}
COMPILED_SUFFIXES = {".so", ".pyd"}
COMPILERS = ("cc", "gcc", "clang", "c99", "cl", "tcc", "icx")
# What the sdist must hold, beside the package, for someone to build and test it.
NEEDED_TO_BUILD = ("setup.py", "pyproject.toml", "LICENSE", "README.md", "Makefile")
FOLDERS_TO_BUILD = ("src_cython", "tests", "benchmarks", "examples", "tools", "docs")


def wheel_problems(wheel: Path) -> list[str]:
    """What is wrong with a wheel's contents, one line each; empty if nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
    problems = [f"a source file: {name}" for name in names if name.suffix in SOURCE_SUFFIXES]
    if wheel.stat().st_size > MOST_BYTES:
        problems.append(f"{wheel.stat().st_size / 1e6:.1f} MB: does it hold debug symbols?")
    top_levels = {name.parts[0] for name in names}
    problems += [
        f"a second package: {name}"
        for name in top_levels
        if name != "negw2v" and not name.endswith(".dist-info")
    ]
    compiled = {name.name.split(".")[0] for name in names if name.suffix in COMPILED_SUFFIXES}
    package = REPOSITORY / "negw2v"
    for source in sorted([*package.rglob("*.py"), *package.glob("*/assets/*")]):
        if PurePosixPath(source.relative_to(REPOSITORY).as_posix()) not in names:
            problems.append(f"missing: {source.relative_to(REPOSITORY)}")
    if PurePosixPath("negw2v/py.typed") not in names:
        problems.append("missing: negw2v/py.typed")
    if not any(name.name == "LICENSE" for name in names):
        problems.append("missing: LICENSE")
    if not any(name.startswith("_training_") for name in compiled):
        problems.append(f"no training kernel among the compiled modules: {sorted(compiled)}")
    return problems


def sdist_problems(sdist: Path) -> list[str]:
    """What is wrong with a source distribution's contents, one line each."""
    with tarfile.open(sdist) as archive:
        # The first part of each name is the folder negw2v-<version>.
        names = {
            PurePosixPath(*PurePosixPath(member.name).parts[1:])
            for member in archive.getmembers()
            if member.isfile()
        }
    problems = [f"a compiled file: {name}" for name in names if name.suffix in COMPILED_SUFFIXES]
    c_files = {name for name in names if name.suffix in {".c", ".cpp"} and name.parts[0] != "tools"}
    problems += [f"generated C: {name}" for name in sorted(c_files)]
    wanted = [REPOSITORY / name for name in NEEDED_TO_BUILD]
    for folder in (*FOLDERS_TO_BUILD, "negw2v"):
        wanted += [
            path
            for path in (REPOSITORY / folder).rglob("*")
            if path.is_file()
            and path.suffix not in COMPILED_SUFFIXES | {".pyc"}
            and not any(part.startswith(".") for part in path.relative_to(REPOSITORY).parts)
        ]
    for path in sorted(wanted):
        relative = path.relative_to(REPOSITORY)
        if PurePosixPath(relative.as_posix()) not in names:
            problems.append(f"missing: {relative}")
    return problems


def try_out(wheel: Path) -> None:
    """Install the wheel where there is no compiler, and run the smoke test at every level."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        venv.create(home / "venv", with_pip=True)
        scripts = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
        python = str(scripts / "python")
        found = [name for name in COMPILERS if shutil.which(name, path=str(scripts))]
        if found:
            sys.exit(f"the clean environment has compilers: {found}")
        shutil.copy(REPOSITORY / "tools" / "smoke.py", home)
        dropped = {"PYTHONPATH", "NEGW2V_ISA", "CC", "NEGW2V_DATA"}
        clean = {name: value for name, value in os.environ.items() if name not in dropped}
        clean["PATH"] = str(scripts)

        def run(*arguments: str, **extra: str) -> str:
            return subprocess.run(
                [python, *arguments],
                cwd=home,
                env=clean | extra,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout

        run("-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(wheel))
        levels = run("-c", "from negw2v import kernels; print(*kernels.levels())").split()
        print(f"levels that this processor runs: {', '.join(levels)}", flush=True)
        for level in levels:
            print(run("smoke.py", NEGW2V_ISA=level), end="", flush=True)


def the_one(folder: Path, pattern: str) -> Path:
    """The one file of that pattern."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        sys.exit(f"{folder} should hold one {pattern}, but has {[path.name for path in found]}")
    return found[0].resolve()


def main() -> None:
    """Check the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description="Checks the sdist and the wheel in a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--contents", action="store_true", help="do not install and run it")
    arguments = parser.parse_args()
    wheel = the_one(arguments.folder, "*.whl")
    sdist = the_one(arguments.folder, "*.tar.gz")
    problems = [f"{wheel.name}: {line}" for line in wheel_problems(wheel)]
    problems += [f"{sdist.name}: {line}" for line in sdist_problems(sdist)]
    if problems:
        sys.exit("\n".join(problems))
    print(f"contents as they should be: {wheel.name}, {sdist.name}", flush=True)
    if not arguments.contents:
        try_out(wheel)


if __name__ == "__main__":
    main()
