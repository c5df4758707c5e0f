"""Which instruction-set levels are compiled depends on the processor that they are compiled for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from negw2v.kernels import instruction_sets

# Runs setup.py as on another system, and prints the options of each module instead of building.
SETUP = """
import json, sys, sysconfig
import Cython.Build, setuptools
sys.platform = sys.argv[1]
if sys.argv[2]:
    sysconfig.get_platform = lambda: sys.argv[2]
Cython.Build.cythonize = lambda extensions, **_: extensions
setuptools.setup = lambda ext_modules, **_: print(
    json.dumps({module.name: module.extra_compile_args for module in ext_modules})
)
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
"""


def training_modules(
    repository: Path, system: str, platform: str, **environment: str
) -> dict[str, list[str]]:
    """The levels that the training loop is compiled for, and their options."""
    pytest.importorskip("Cython")
    dropped = {"ARCHFLAGS", "NEGW2V_BUILD_LEVELS", "_PYTHON_HOST_PLATFORM"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    run = subprocess.run(
        [sys.executable, "-c", SETUP, system, platform],
        cwd=repository,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    prefix = "negw2v.kernels._training_"
    return {
        name.removeprefix(prefix): options
        for name, options in json.loads(run.stdout).items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("platform", ["linux-x86_64", "macosx-10.13-x86_64", "freebsd-14.0-amd64"])
def test_every_level_is_compiled_for_x86_64(repository: Path, platform: str) -> None:
    modules = training_modules(repository, platform.split("-", maxsplit=1)[0], platform)
    assert list(modules) == [row.name for row in instruction_sets.LEVELS]
    assert "-DNW_PORTABLE" in modules["baseline"]
    for row in instruction_sets.LEVELS:
        assert set(row.options) <= set(modules[row.name])


@pytest.mark.parametrize(
    ("system", "platform"),
    [
        ("linux", "linux-aarch64"),
        ("darwin", "macosx-11.0-arm64"),
        ("darwin", "macosx-10.9-universal2"),
        ("win32", "win-amd64"),
    ],
)
def test_elsewhere_there_is_the_baseline_alone(
    repository: Path, system: str, platform: str
) -> None:
    modules = training_modules(repository, system, platform)
    assert list(modules) == ["baseline"]
    assert ("-DNW_PORTABLE" in modules["baseline"]) == (system == "win32")


@pytest.mark.parametrize(
    ("flags", "count"),
    [("-arch x86_64", 4), ("-arch arm64", 1), ("-arch arm64 -arch x86_64", 1)],
)
def test_the_flags_of_macos_decide(repository: Path, flags: str, count: int) -> None:
    modules = training_modules(repository, "darwin", "macosx-10.9-universal2", ARCHFLAGS=flags)
    assert len(modules) == count


@pytest.mark.skipif(sys.platform != "linux", reason="pretends to be another Linux")
def test_the_platform_of_a_build_for_another_machine_decides(repository: Path) -> None:
    other = training_modules(repository, "linux", "", _PYTHON_HOST_PLATFORM="linux-aarch64")
    assert list(other) == ["baseline"]


def test_the_probe_knows_every_feature_of_the_table() -> None:
    from negw2v.kernels import _cpu

    assert {type(_cpu.has_feature(name)) for name in instruction_sets.FEATURES} == {bool}
