"""gensim's own tests pass with the plugin on, but for those that are listed with a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gensim", reason="its tests are run here")
pytest.importorskip("testfixtures", reason="gensim's tests need it")

from tests.compat import gensim_listed

RUNNER = Path(__file__).with_name("gensim_tests.py")


def outcome(file: str) -> dict[str, Any]:
    """What became of one file's tests, in a process of their own."""
    finished = subprocess.run(
        [sys.executable, RUNNER, "--json", file], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", [name for name, selection in gensim_listed.FILES.items() if selection.in_suite]
)
def test_gensims_tests_pass(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = outcome(file)
    with capsys.disabled():
        figures = ", ".join(
            f"{len(found[kind])} {kind}" for kind in ("passed", "failed", "listed", "skipped")
        )
        print(f"\ngensim's {file}: {figures} ")
    assert found["details"] == {}
    assert found["failed"] == []
    assert found["stale"] == [], "these are listed, but pass: take them off the list"
    assert found["passed"]


def test_every_listed_test_has_a_reason_and_is_in_a_file_that_runs() -> None:
    for name, reason in gensim_listed.LISTED.items():
        assert name.partition("::")[0] in gensim_listed.FILES
        assert len(reason) > 20
