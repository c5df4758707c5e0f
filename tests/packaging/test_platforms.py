"""The tool that tries the package on many platforms: its commands and its table."""

from __future__ import annotations

import sys
from pathlib import Path

import installed_tests
import platforms
import pytest
from platforms import Module, PlatformError


def test_a_module_is_compiled_with_its_level_s_options_for_the_target() -> None:
    module = Module("m", "m.c", ["-O3", "-march=armv8.2-a+dotprod"], ["src"])
    command = platforms.zig_command(module, "aarch64-macos", Path("include"))
    assert command[command.index("-target") + 1] == "aarch64-macos"
    assert "-mcpu=generic+dotprod" in command
    assert "-march=armv8.2-a+dotprod" not in command
    assert "-Werror" in command
    assert "-Isrc" in command
    assert "-Iinclude" in command


def test_windows_has_headers_of_its_own(tmp_path: Path) -> None:
    linux = platforms.headers(tmp_path, "riscv64-linux-musl")
    windows = platforms.headers(tmp_path, "x86_64-windows-gnu")
    assert "MS_WINDOWS" in (windows / "pyconfig.h").read_text()
    assert linux != windows
    assert (windows / "Python.h").exists()


def test_what_fails_is_a_row_that_says_why() -> None:
    def fail() -> str:
        return platforms.demand([sys.executable, "-c", "print('a reason'); raise SystemExit(3)"])

    row = platforms.tried("here", "ran", fail)
    assert (row.platform, row.proof, row.result) == ("here", "ran", "FAILED")
    assert "status 3: a reason" in row.detail
    assert platforms.tried("here", "ran", lambda: "12 passed").result == "passed"


def test_a_command_that_is_missing_or_too_slow_fails() -> None:
    with pytest.raises(PlatformError, match="status 127"):
        platforms.demand(["no-such-command-anywhere"])
    with pytest.raises(PlatformError, match="not finished after 1 s"):
        platforms.demand([sys.executable, "-c", "import time; time.sleep(60)"], timeout=1)


def test_a_wheel_of_more_than_four_megabytes_fails(tmp_path: Path) -> None:
    wheel = tmp_path / "negw2v.whl"
    wheel.write_bytes(bytes(3_000_000))
    assert platforms.size(wheel) == "negw2v.whl: 3.00 MB"
    wheel.write_bytes(bytes(5_000_000))
    with pytest.raises(PlatformError, match=r"5\.0 MB"):
        platforms.size(wheel)


def test_the_pythons_that_are_here_include_this_one() -> None:
    assert any(platforms.run([python, "-V"])[0] == 0 for python in platforms.pythons())


def test_the_tests_that_are_run_elsewhere_exist(repository: Path) -> None:
    for path in (*platforms.ARM64_TESTS, *installed_tests.FAST):
        assert (repository / path).exists(), path
