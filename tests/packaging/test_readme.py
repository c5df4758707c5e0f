"""The examples of the README and of the pages run as they are written, and print what these say."""

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


# Pages whose blocks of Python run one after the other, and how many there are at least.
# docs/layers.md has a test of its own, with the programs in examples/.
PAGES = {
    "README.md": 2,
    "docs/index.md": 1,
    "docs/tutorial.md": 8,
    "docs/migrating.md": 1,
    "docs/files.md": 5,
    "docs/growing.md": 1,
    "docs/speed.md": 2,
    "docs/evaluation.md": 5,
}


@pytest.mark.parametrize("document", PAGES)
def test_the_examples_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    found = [
        (code, printed)
        for code, printed in blocks((repository / document).read_text(encoding="utf-8"))
        if "gensim" not in code
    ]
    assert len(found) >= PAGES[document]
    monkeypatch.chdir(tmp_path)  # an empty folder: whoever tries an example has no files for it
    namespace: dict[str, object] = {}
    for code, expected in found:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, document, "exec"), namespace)
        if expected is not None:
            assert shape(printed.getvalue()) == shape(expected)


def documents(repository: Path) -> list[Path]:
    """Every page for people."""
    folders = ("docs", "tests", "src_cython", ".github")
    return [*repository.glob("*.md"), *(p for f in folders for p in (repository / f).rglob("*.md"))]


def test_what_the_pages_point_at_exists(repository: Path) -> None:
    for document in documents(repository):
        for target in re.findall(
            r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")
        ):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_links_of_the_readme_work_where_it_is_shown_outside_the_repository(
    repository: Path,
) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    places = (
        "https://github.com/negw2v/negw2v/blob/main/",
        "https://raw.githubusercontent.com/negw2v/negw2v/main/",
    )
    for target in targets:
        assert target.startswith(("https://", "#")), target
        for place in places:
            if target.startswith(place):
                path = target.removeprefix(place).partition("#")[0]
                assert (repository / path).is_file(), target
    assert sum(target.startswith(places) for target in targets) > 5
    assert places[0].startswith(metadata(repository)["Source"])


def metadata(repository: Path) -> dict[str, str]:
    """The project's addresses, by their names."""
    section = (repository / "pyproject.toml").read_text().split("[project.urls]")[1]
    return dict(re.findall(r'^(\w+) = "([^"]+)"', section.split("\n[")[0], re.MULTILINE))


def test_the_make_targets_of_the_pages_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text()
    for document in ("README.md", "CONTRIBUTING.md", "tests/README.md"):
        text = (repository / document).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^    )make ([a-z]+)\b", text, re.MULTILINE))
        assert "test" in named
        for target in named:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{document}: {target}"


def test_a_heading_that_a_page_points_at_exists(repository: Path) -> None:
    for document in documents(repository):
        text = document.read_text(encoding="utf-8")
        for page, heading in re.findall(r"\]\(((?!https?:)[^)#]*)#([^)]+)\)", text):
            target = document.parent / page if page else document
            assert heading in headings(target.read_text(encoding="utf-8")), f"{document}: {heading}"


def headings(text: str) -> set[str]:
    """The headings of a page as links name them."""
    return {
        re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


# What a page names in this form is a file or a folder of the project.
PATHS = re.compile(r"`((?:negw2v|src_cython|tests|docs|benchmarks|tools|examples)/[\w./-]*)`")


@pytest.mark.parametrize(
    "document",
    ["CONTRIBUTING.md", "SECURITY.md", "README.md", "tests/README.md", "docs/architecture.md"],
)
def test_the_files_that_a_page_names_exist(repository: Path, document: str) -> None:
    named = set(PATHS.findall((repository / document).read_text(encoding="utf-8")))
    assert [path for path in sorted(named) if not (repository / path).exists()] == []


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
    for document in documents(repository):
        lines = document.read_text(encoding="utf-8").splitlines()
        for number, (before, line) in enumerate(pairwise(lines), 2):
            if line.startswith("|") and not before.startswith("|"):
                rule = lines[number] if number < len(lines) else ""
                assert re.fullmatch(r"[|:\- ]+", rule), f"{document.name}, line {number}: {line}"
