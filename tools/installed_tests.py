"""Tests an installed negw2v away from its sources: the smoke test, then the suite's fast part.

    python tools/installed_tests.py             a minute or two
    python tools/installed_tests.py tests/unit  other tests than FAST

Wheels are tested with it (cibuildwheel, tools/platforms.py). It needs pytest, pytest-timeout and
hypothesis; neither gensim, data sets nor a compiler.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

#: What the tests import, read and compile.
NEEDED = ("tests", "tools", "benchmarks", "examples", "src_cython", "pyproject.toml")

#: Tests that need no gensim, no data and no second process.
FAST = (
    "tests/kernels",
    "tests/unit/corpus/test_tokenizing.py",
    "tests/unit/corpus/test_sentence_corpora.py",
    "tests/unit/corpus/test_huffman.py",
    "tests/unit/search",
    "tests/unit/formats/word2vec",
    "tests/unit/keyedvectors",
    "tests/unit/training",
    "tests/unit/test_many_threads.py",
    "tests/golden",
)

#: Names of variables that would lead to the sources, or away from the level that is chosen.
DROPPED = {"PYTHONPATH", "NEGW2V_ISA", "NEGW2V_DATA"}


def main() -> None:
    """Copy the tests, without the package, into a folder, and run them there."""
    chosen = sys.argv[1:] or list(FAST)
    clean = {name: value for name, value in os.environ.items() if name not in DROPPED}
    # what runs in the background of a shell ignores Ctrl-C, which some tests are about
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        for part in NEEDED:
            source = REPOSITORY / part
            if source.is_dir():
                shutil.copytree(source, Path(name, part))
            else:
                shutil.copy(source, name)
        options = ["-q", "-m", "not slow", "-p", "no:cacheprovider"]
        for command in (["tools/smoke.py"], ["-m", "pytest", *options, *chosen]):
            status = subprocess.run(
                [sys.executable, *command], cwd=name, env=clean, check=False
            ).returncode
            if status:
                sys.exit(status)


if __name__ == "__main__":
    main()
