"""The commands of the tutorial run one after the other, and print what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


class Step(NamedTuple):
    command: str
    printed: list[str]


def steps(page: str) -> list[Step]:
    """Each command, and what the page shows below it."""
    found: list[Step] = []
    for block in CONSOLE.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], []))
            else:
                found[-1].printed.append(line)
    return found


def shape(line: str) -> str:
    """A line without numbers and their units, and without words that are results: they vary."""
    return re.sub(r"(?<!\S)[a-z.'-]+\t\S*\d\S*$|\d[\d,.]*(?: [kMG]?B| s)?", "N", line).rstrip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, with this Python and negw2v as commands beside it."""
    programs = tmp_path_factory.mktemp("programs")
    for name, call in (("python", ""), ("negw2v", " -m negw2v")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}"{call} "$@"\n')
        program.chmod(0o755)
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "programs").symlink_to(programs)
    return folder


@pytest.mark.slow
def test_the_commands_of_the_tutorial(ptb_file: Path, repository: Path, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{folder / 'programs'}:{os.environ['PATH']}"}
    page = (repository / "docs" / "tutorial.md").read_text(encoding="utf-8")
    found = steps(page)
    assert len(found) >= 12
    said: dict[str, str] = {}
    for command, expected in found:
        finished = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{command}: {finished.stdout}"
        said[command] = finished.stdout
        if expected:
            printed = finished.stdout.splitlines()
            assert [shape(line) for line in printed] == [shape(line) for line in expected], command
    assert said["negw2v analogy words.model is was are -n 1"].startswith("were\t")
    assert "tuesday" in said["negw2v similar words.model monday -n 4"]
    assert "'monday'" in said["negw2v similar words.model mondays || true"]
    for picture in ("neighbours.png", "similarities.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    for vectors in ("words.model", "words.txt.gz", "words.bin"):
        assert (folder / vectors).stat().st_size > 1 << 20
