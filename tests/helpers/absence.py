"""Packages that are not installed, for tests that run where they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest


class Absent:
    """A finder that keeps modules away, with the error of a package that is not installed."""

    def __init__(self, modules: Iterable[str]) -> None:
        self.modules = tuple(modules)

    def keeps_away(self, name: str) -> bool:
        return any(f"{name}.".startswith(f"{module}.") for module in self.modules)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if self.keeps_away(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """As if modules were not installed, until the end of the test."""
    absent = Absent(modules)
    for name in list(filter(absent.keeps_away, sys.modules)):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [absent, *sys.meta_path])


_COMMAND = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from absence import Absent
sys.meta_path.insert(0, Absent(["gensim"]))
from negw2v.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def command_without_gensim(
    *arguments: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """``negw2v arguments ...`` in a process in which gensim cannot be imported."""
    helpers = str(Path(__file__).parent)
    return outcome([sys.executable, "-c", _COMMAND, helpers, *arguments], folder, environment)


def outcome(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What a command prints, and its exit status."""
    return subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
