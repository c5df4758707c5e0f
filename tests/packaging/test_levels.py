"""Which instruction-set levels are compiled depends on the processor that they are compiled for."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from negw2v.kernels import instruction_sets

# Runs setup.py as on another system, and prints the options of each module instead of building.
SETUP = """
import json, shutil, sys, sysconfig, tempfile
import Cython.Build, setuptools.command.build_ext
sys.platform = sys.argv[1]
if sys.argv[2]:
    sysconfig.get_platform = lambda: sys.argv[2]
Cython.Build.cythonize = lambda extensions, **_: extensions
compilers = sys.argv[3].split()
shutil.which = lambda name: name if name in compilers else None
setuptools.setup = lambda ext_modules, **_: print(
    json.dumps({module.name: module.extra_compile_args for module in ext_modules})
)
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
"""


# Builds with a compiler that knows no options but those named, and prints which modules it makes.
BUILD = """
import sys
import Cython.Build, setuptools
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

class Compiler:
    def compile(self, sources, *, extra_postargs, **_):
        if set(extra_postargs) - set(sys.argv[1:]):
            raise CompileError("an option is unknown")

def build(ext_modules, cmdclass, **_):
    command = cmdclass["build_ext"](setuptools.Distribution())
    command.extensions, command.compiler = ext_modules, Compiler()
    command.build_extensions()

Cython.Build.cythonize = lambda extensions, **_: extensions
build_ext.build_extensions = lambda self: print(*(module.name for module in self.extensions))
setuptools.setup = build
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
"""

X86_64 = [row for row in instruction_sets.LEVELS if "x86_64" in row.machines]


def run_setup(
    repository: Path, code: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one of the programs above, away from what the environment says about compilers."""
    pytest.importorskip("Cython")
    dropped = {"ARCHFLAGS", "CC", "NEGW2V_BUILD_LEVELS", "_PYTHON_HOST_PLATFORM"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=repository,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run


def all_modules(
    repository: Path, system: str, platform: str, compilers: str = "", **environment: str
) -> dict[str, list[str]]:
    """Every module that would be compiled, and its options."""
    run = run_setup(repository, SETUP, system, platform, compilers, **environment)
    modules: dict[str, list[str]] = json.loads(run.stdout)
    return modules


def training_modules(
    repository: Path, system: str, platform: str, compilers: str = "", **environment: str
) -> dict[str, list[str]]:
    """The levels that the training loop is compiled for, and their options."""
    modules = all_modules(repository, system, platform, compilers, **environment)
    prefix = "negw2v.kernels._training_"
    return {
        name.removeprefix(prefix): options
        for name, options in modules.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("platform", ["linux-x86_64", "macosx-10.13-x86_64", "freebsd-14.0-amd64"])
def test_every_level_is_compiled_for_x86_64(repository: Path, platform: str) -> None:
    modules = training_modules(repository, platform.split("-", maxsplit=1)[0], platform)
    assert list(modules) == ["baseline", *(row.name for row in X86_64)]
    assert "-DNW_PORTABLE" in modules["baseline"]
    for row in X86_64:
        assert set(row.options) <= set(modules[row.name])


@pytest.mark.parametrize(
    ("system", "platform"), [("linux", "linux-aarch64"), ("darwin", "macosx-11.0-arm64")]
)
def test_64_bit_arm_has_a_level_and_a_variant_of_it(
    repository: Path, system: str, platform: str
) -> None:
    assert list(training_modules(repository, system, platform)) == ["baseline", "arm64"]
    modules = all_modules(repository, system, platform)
    assert "-DNW_PORTABLE" in modules["negw2v.kernels._training_baseline"]
    assert "-march=armv8.2-a+dotprod" in modules["negw2v.search._cosine_scan_arm64_sdot"]


@pytest.mark.parametrize(
    ("system", "platform"),
    [
        ("linux", "linux-riscv64"),
        ("darwin", "macosx-10.9-universal2"),
        ("win32", "win-amd64"),
        ("win32", "win-arm64"),
    ],
)
def test_elsewhere_there_is_the_baseline_alone(
    repository: Path, system: str, platform: str
) -> None:
    modules = training_modules(repository, system, platform)
    assert list(modules) == ["baseline"]
    assert ("-DNW_PORTABLE" in modules["baseline"]) == (system == "win32")


@pytest.mark.parametrize(
    ("platform", "level"), [("win-amd64", X86_64[-1]), ("win-arm64", instruction_sets.LEVELS[-1])]
)
def test_clang_compiles_the_levels_on_windows(
    repository: Path, platform: str, level: instruction_sets.Level
) -> None:
    modules = training_modules(repository, "win32", platform, "clang-cl cl")
    assert set(level.options) < set(modules[level.name])
    assert "/clang:-O3" in modules[level.name]
    others = training_modules(repository, "win32", platform, "clang-cl cl", CC="cl")
    assert others == {"baseline": ["/O2", "-DNW_PORTABLE"]}


def test_no_module_has_debug_symbols(repository: Path) -> None:
    modules = all_modules(repository, "linux", "linux-x86_64")
    assert all("-g0" in options for options in modules.values())
    sanitized = all_modules(repository, "linux", "linux-x86_64", NEGW2V_SANITIZE="1")
    assert all(options.index("-g0") < options.index("-g1") for options in sanitized.values())


@pytest.mark.parametrize(
    ("flags", "count"),
    [("-arch x86_64", 4), ("-arch arm64", 2), ("-arch arm64 -arch x86_64", 1)],
)
def test_the_flags_of_macos_decide(repository: Path, flags: str, count: int) -> None:
    modules = training_modules(repository, "darwin", "macosx-10.9-universal2", ARCHFLAGS=flags)
    assert len(modules) == count


@pytest.mark.skipif(sys.platform != "linux", reason="pretends to be another Linux")
def test_the_platform_of_a_build_for_another_machine_decides(repository: Path) -> None:
    other = training_modules(repository, "linux", "", _PYTHON_HOST_PLATFORM="linux-aarch64")
    assert list(other) == ["baseline", "arm64"]


@pytest.mark.skipif(sys.platform != "linux", reason="pretends to be another Linux")
def test_a_level_that_the_compiler_cannot_build_is_left_out_with_a_message(
    repository: Path,
) -> None:
    known = [*X86_64[1].options, "-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
    run = run_setup(repository, BUILD, *known, _PYTHON_HOST_PLATFORM="linux-x86_64")
    built = [name for name in run.stdout.split() if "_topk" in name or "_scan" in name]
    assert {name.rpartition("_")[2] for name in built} == {"baseline", "v2", "v3"}
    assert "negw2v.corpus._tokenizer" in run.stdout.split()
    for level in ("v4", "v4_vnni"):
        assert f"cannot build the instruction-set level '{level}'" in run.stderr
    assert "'v3'" not in run.stderr


def test_the_probe_knows_every_feature_of_the_table() -> None:
    from negw2v.kernels import _cpu

    assert {type(_cpu.has_feature(name)) for name in instruction_sets.FEATURES} == {bool}
    with pytest.raises(ValueError, match="compiled without 'avx1024'"):
        _cpu.has_feature("avx1024")


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="asks Linux for the features")
def test_the_probe_agrees_with_the_operating_system() -> None:
    from negw2v.kernels import _cpu

    text = Path("/proc/cpuinfo").read_text()
    line = re.search(r"^(?:flags|Features)\s*: (.*)$", text, re.MULTILINE)
    assert line is not None
    flags = set(line[1].split())
    names = {"sse4.2": "sse4_2", "bmi": "bmi1", "neon": "asimd", "dotprod": "asimddp"}
    names |= {"avx512vnni": "avx512_vnni", "avxvnni": "avx_vnni"}
    for feature in instruction_sets.FEATURES:
        assert _cpu.has_feature(feature) == (names.get(feature, feature) in flags), feature


def import_copy(
    repository: Path,
    folder: Path,
    built: Callable[[Path], bool],
    name: str = "KeyedVectors",
    **environment: str,
) -> str:
    """Import a copy of the package that has some of the compiled modules; the error's last line."""

    def left_out(directory: str, names: list[str]) -> set[str]:
        compiled = [name for name in names if name.endswith((".so", ".pyd"))]
        return {name for name in compiled if not built(Path(directory, name))} | {"__pycache__"}

    shutil.copytree(repository / "negw2v", folder / "negw2v", ignore=left_out)
    for other in (folder / "negw2v").rglob("_cpu.*"):
        if "foreign" in environment:
            other.rename(other.with_name("_cpu.cpython-37m-s390x-linux-gnu.so"))
    run = subprocess.run(
        [sys.executable, "-c", f"from negw2v import {name}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    return run.stderr.splitlines()[-1]


def test_modules_of_another_platform_are_named_and_what_to_do(
    repository: Path, tmp_path: Path
) -> None:
    error = import_copy(repository, tmp_path, lambda path: True, foreign="1")
    assert error.startswith("ImportError: the compiled modules of negw2v are not for this Python")
    assert "there is _cpu.cpython-37m-s390x-linux-gnu.so. Install" in error
    assert f"{platform.python_version()} on {sysconfig.get_platform()}" in error


@pytest.mark.parametrize("name", ["KeyedVectors", "Word2Vec"])
def test_no_compiled_module_at_all(repository: Path, tmp_path: Path, name: str) -> None:
    error = import_copy(repository, tmp_path, lambda path: False, name=name)
    assert "there is none of them. Install the package with this Python" in error


def test_no_level_that_this_processor_runs(repository: Path, tmp_path: Path) -> None:
    error = import_copy(repository, tmp_path, lambda path: not path.name.startswith("_training"))
    assert "ConfigurationError: this processor" in error
    assert "runs none of the instruction-set levels that are built: none. Build" in error


def test_a_level_that_is_not_built_lists_those_that_there_are(
    repository: Path, tmp_path: Path
) -> None:
    from negw2v import kernels

    error = import_copy(
        repository,
        tmp_path,
        lambda path: not path.name.startswith("_training") or "baseline" in path.name,
        NEGW2V_ISA=kernels.levels()[0] if len(kernels.levels()) > 1 else "v4",
    )
    assert "is not available: built are baseline; of these this processor runs baseline" in error


def test_a_level_that_the_processor_does_not_run_lists_those_that_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from negw2v import kernels
    from negw2v.errors import ConfigurationError

    class OldProcessor:
        @staticmethod
        def has_feature(name: str) -> bool:
            return False

    name = kernels.levels()[0]
    if name == "baseline":
        pytest.skip("the baseline alone is built, which every processor runs")
    monkeypatch.setattr(kernels, "_cpu", OldProcessor)
    assert kernels.levels() == ("baseline",)
    assert kernels.variants() == ()
    with pytest.raises(ConfigurationError, match=r"of these this processor runs baseline\. Unset"):
        kernels.level(name)
