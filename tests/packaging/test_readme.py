"""The README's examples run as they are written, and print what it says they print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

BLOCK = re.compile(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", re.DOTALL)


def blocks(text: str) -> list[tuple[str, str | None]]:
    """Each Python block, with the text block right after it, if there is one."""
    return [(code, printed or None) for code, printed in BLOCK.findall(text)]


def shape(text: str) -> str:
    """The text with every number and every quoted word replaced: threads vary the rest."""
    return re.sub(r"'[^']*'", "'...'", re.sub(r"\d[\d,.]*", "N", text)).strip()


@pytest.mark.parametrize("document", ["README.md", "docs/migrating.md"])
def test_the_examples_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    found = [
        (code, printed)
        for code, printed in blocks((repository / document).read_text(encoding="utf-8"))
        if "gensim" not in code
    ]
    assert len(found) >= {"README.md": 2}.get(document, 1)
    monkeypatch.chdir(tmp_path)  # an empty folder: whoever tries an example has no files for it
    for code, expected in found:
        namespace: dict[str, object] = {}
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), namespace)
        if expected is not None:
            assert shape(printed.getvalue()) == shape(expected)


def test_what_the_readme_points_at_exists(repository: Path) -> None:
    for document in [repository / "README.md", *(repository / "docs").glob("*.md")]:
        for target in re.findall(
            r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")
        ):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_make_targets_of_the_readme_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text()
    named = set(
        re.findall(r"\bmake ([a-z]+)\b", (repository / "README.md").read_text(encoding="utf-8"))
    )
    assert {"demo", "test", "bench"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_commands_of_the_readme_exist(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    scripts = set(re.findall(r"python (benchmarks/\w+\.py)", text))
    assert scripts
    for script in scripts:
        subprocess.run(
            [sys.executable, script, "--help"],
            cwd=repository,
            env={**os.environ, "PYTHONPATH": str(repository)},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def test_no_table_is_broken_by_a_blank_line(repository: Path) -> None:
    for document in [*repository.glob("*.md"), *(repository / "docs").glob("*.md")]:
        lines = document.read_text(encoding="utf-8").splitlines()
        for number, (before, line) in enumerate(pairwise(lines), 2):
            if line.startswith("|") and not before.startswith("|"):
                rule = lines[number] if number < len(lines) else ""
                assert re.fullmatch(r"[|:\- ]+", rule), f"{document.name}, line {number}: {line}"
