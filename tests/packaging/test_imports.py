"""`import negw2v` is light, and imports go downwards only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "difflib",
    "gensim",
    "hashlib",
    "hypothesis",
    "importlib.metadata",
    "matplotlib",
    "multiprocessing.pool",
    "negw2v.plugin",
    "pandas",
    "pooch",
    "pytest",
    "ray",
    "requests",
    "safetensors",
    "scipy",
    "smart_open",
    "tempfile",
    "tqdm",
    "zipfile",
)

#: At most so many are loaded after NumPy by `from negw2v import KeyedVectors, Word2Vec`.
MODULES = 200


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, json, numpy; before = set(sys.modules); "
    code += "from negw2v import KeyedVectors, Word2Vec; "
    code += "print(json.dumps(sorted(set(sys.modules) - before)))"
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    loaded = set(json.loads(printed))
    assert "negw2v" in loaded
    assert loaded.isdisjoint(HEAVY)
    # A module takes half a millisecond or so: whoever adds some says so here.
    assert len(loaded) <= MODULES


def test_star_import_gives_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from negw2v import *", namespace)
    import negw2v

    assert set(negw2v.__all__) <= set(namespace)
    assert {"Word2Vec", "KeyedVectors"} <= set(negw2v.__all__)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if lint is None:
        pytest.skip("needs import-linter: pip install 'negw2v[lint]'")
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [lint, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_import_contracts_hold(repository: Path) -> None:
    finished = lint_imports(repository)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize(
    ("folder", "line", "contract"),
    [
        ("corpus", "from negw2v.word2vec import Word2Vec", "Imports go downwards only"),
        ("corpus", "from negw2v.plugin import status", "Imports go downwards only"),
        ("corpus", "import gensim", "never imports gensim"),
        ("corpus", "def later():\n    from gensim.models import Word2Vec", "never imports gensim"),
        ("plugin", "import gensim", "never imports gensim"),  # one module of it alone may
        ("corpus", "import pickle", "Nothing unpickles"),
        ("corpus", "import ray", "Ray is for distributed training alone"),
    ],
)
def test_the_import_contracts_can_break(
    repository: Path, tmp_path: Path, folder: str, line: str, contract: str
) -> None:
    shutil.copy(repository / "pyproject.toml", tmp_path)
    shutil.copytree(
        repository / "negw2v", tmp_path / "negw2v", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "negw2v" / folder / "offender.py").write_text(line + "\n")
    finished = lint_imports(tmp_path)
    assert finished.returncode != 0
    broken = [
        shown for shown in finished.stdout.splitlines() if contract in shown and "BROKEN" in shown
    ]
    assert broken, finished.stdout
