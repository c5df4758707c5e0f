"""Programs and packages that import gensim run where it is not installed.

The packages are none of our dependencies, and are skipped where they are not installed;
docs/migrating.md says with which versions they were run.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import absence
import pytest
import third_party


def without_gensim(repository: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    finished = absence.command_without_gensim(
        "run", *arguments, folder=repository / "examples", environment=environment
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_a_program_in_the_manner_of_tutorials(repository: Path) -> None:
    printed = without_gensim(repository, "with_gensim_imports.py")
    assert printed.startswith("trained by negw2v\nversion 4.4.0 fast True\n")
    assert "epochs 5 False True" in printed
    assert printed.endswith("same keys True\nlines 200\n")


def test_it_prints_the_same_with_gensim(repository: Path) -> None:
    pytest.importorskip("gensim", reason="the comparison is with gensim")
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONWARNINGS": "ignore"}
    script = str(repository / "examples" / "with_gensim_imports.py")
    with_gensim = absence.outcome([sys.executable, script], repository, environment)
    assert with_gensim.returncode == 0, with_gensim.stderr
    assert with_gensim.stdout.startswith("trained by gensim\n")
    ours = without_gensim(repository, "with_gensim_imports.py")
    assert with_gensim.stdout.splitlines()[1:] == ours.splitlines()[1:]


@pytest.mark.parametrize("package", third_party.SCENARIOS)
def test_a_package_does_its_work_without_gensim(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package}: pip install --no-deps {package}")
    found = third_party.run(package, 400, plugin=True, stand_in=True)
    assert found["trained_by"].startswith("negw2v.")
    assert found["gensim"] == "negw2v's"
    assert found["score"] > third_party.LEAST[package]
