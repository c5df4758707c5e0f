"""The tool that tries the package on many platforms: its commands and its table."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cross_compiling
import installed_tests
import platforms
import pytest
import trials
from cross_compiling import Module
from trials import TrialError, Trials


def test_a_module_is_compiled_with_its_level_s_options_for_the_target() -> None:
    module = Module("m", "m.c", ["-O3", "-march=armv8.2-a+dotprod"], ["src"])
    command = cross_compiling.zig_command(module, "aarch64-macos", Path("include"))
    assert command[command.index("-target") + 1] == "aarch64-macos"
    assert "-mcpu=generic+dotprod" in command
    assert "-march=armv8.2-a+dotprod" not in command
    assert "-Werror" in command
    assert "-Isrc" in command
    assert "-Iinclude" in command


def test_windows_has_headers_of_its_own(tmp_path: Path) -> None:
    linux = cross_compiling.headers(tmp_path, "riscv64-linux-musl")
    windows = cross_compiling.headers(tmp_path, "x86_64-windows-gnu")
    assert "MS_WINDOWS" in (windows / "pyconfig.h").read_text()
    assert linux != windows
    assert (windows / "Python.h").exists()


def fail() -> str:
    return trials.demand([sys.executable, "-c", "print('a reason'); raise SystemExit(3)"])


def test_what_fails_is_a_row_that_says_why(tmp_path: Path) -> None:
    some = Trials(tmp_path, "these sources")
    row = some.tried("here", "ran", fail)
    assert (row.platform, row.proof, row.result) == ("here", "ran", "FAILED")
    assert "status 3: a reason" in row.detail
    assert some.tried("here", "ran", lambda: "12 passed").result == "passed"


def test_what_has_passed_is_not_tried_again_for_the_same_sources(tmp_path: Path) -> None:
    tried: list[str] = []

    def work() -> str:
        tried.append("once more")
        return f"{len(tried)} passed"

    Trials(tmp_path, "these sources").tried("here", "ran", fail)
    first = Trials(tmp_path, "these sources").tried("here", "ran", work)
    assert Trials(tmp_path, "these sources").tried("here", "ran", work) == first
    assert len(tried) == 1
    assert Trials(tmp_path, "these sources").tried("there", "ran", work).detail == "2 passed"
    assert Trials(tmp_path, "other sources").tried("here", "ran", work).detail == "3 passed"
    again = Trials(tmp_path, "other sources", again=True)
    assert again.tried("here", "ran", work).detail == "4 passed"


def test_the_fingerprint_changes_with_sources_and_not_with_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("a = 1")
    (tmp_path / "setup.py").write_text("")
    before = trials.fingerprint(["package", "setup.py"], tmp_path)
    (tmp_path / "package" / "module.so").write_text("")
    assert trials.fingerprint(["package", "setup.py"], tmp_path) == before
    (tmp_path / "package" / "module.py").write_text("a = 2")
    changed = trials.fingerprint(["package", "setup.py"], tmp_path)
    (tmp_path / "package" / "module.py").rename(tmp_path / "package" / "other.py")
    assert len({before, changed, trials.fingerprint(["package", "setup.py"], tmp_path)}) == 3


def test_the_lowest_packages_to_build_with_are_those_of_pyproject() -> None:
    assert "Cython==3.2.*" in platforms.lowest_build_packages()


def test_a_command_that_is_missing_or_too_slow_fails() -> None:
    with pytest.raises(TrialError, match="status 127"):
        trials.demand(["no-such-command-anywhere"])
    with pytest.raises(TrialError, match="not finished after 1 s"):
        trials.demand([sys.executable, "-c", "import time; time.sleep(60)"], timeout=1)


def test_a_wheel_that_is_too_large_fails(tmp_path: Path) -> None:
    wheel = tmp_path / "negw2v.whl"
    wheel.write_bytes(bytes(3_000_000))
    assert platforms.size(wheel) == "negw2v.whl: 3.00 MB"
    wheel.write_bytes(bytes(5_000_000))
    with pytest.raises(TrialError, match=r"5\.0 MB"):
        platforms.size(wheel)


def test_the_pythons_that_are_here_include_this_one() -> None:
    found = platforms.pythons()
    assert "{}.{}".format(*sys.version_info[:2]) in {name.rstrip("t") for name in found}
    assert all(trials.run([python, "-V"])[0] == 0 for python in found.values())


def test_the_tests_that_are_run_elsewhere_exist(repository: Path) -> None:
    for path in (*cross_compiling.ARM64_TESTS, *installed_tests.FAST):
        assert (repository / path).exists(), path


@pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("gcc") is None, reason="compiles a program with GCC"
)
def test_the_program_that_is_run_on_other_systems_finds_no_fault_here(tmp_path: Path) -> None:
    program = tmp_path / "check"
    trials.demand(cross_compiling.system_check(["gcc"], ["-DNW_PORTABLE"], program))
    assert trials.demand([str(program)]).endswith("4 lanes, 0 faults\n")
