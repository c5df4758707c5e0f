"""The build with every Cython check on, which is made by hand, can be made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_every_module_can_be_translated_with_all_checks_on(
    repository: Path, tmp_path: Path
) -> None:
    """In a copy: what is translated here must not be taken for the normal build's."""
    shutil.copytree(repository / "src_cython", tmp_path / "src_cython")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, tmp_path)
    (tmp_path / "negw2v" / "kernels").mkdir(parents=True)
    for name in ("negw2v/__init__.py", "negw2v/kernels/instruction_sets.py"):
        shutil.copy(repository / name, tmp_path / name)
    run = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "--version"],  # translates, compiles nothing
        cwd=tmp_path,
        env={**os.environ, "NEGW2V_DEBUG": "1", "NEGW2V_BUILD_LEVELS": "baseline"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    sources = {path.stem for path in (tmp_path / "src_cython").rglob("*.pyx")}
    written = {path.stem for path in (tmp_path / "build").rglob("*.c")}
    assert written == sources | {"_cyutility"}  # what Cython writes for all of them
