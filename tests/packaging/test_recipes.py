"""Each section of the pages below runs, where the packages that it imports are installed."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from negw2v import KeyedVectors

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(python|console|text)\n(.*?)```", re.DOTALL)
#: What a package needs besides for what the recipes do with it.
BESIDES = {"pandas": {"pyarrow", "sklearn"}, "polars": {"pyarrow", "sklearn"}}
#: Pages, and how many sections with code they have at least.
PAGES = {"docs/recipes.md": 9, "docs/corpora.md": 3}


class Section(NamedTuple):
    """A heading, and the kind and content of the blocks before all headings and below it."""

    page: str
    heading: str
    blocks: list[tuple[str, str]]


def sections(page: str) -> Iterator[Section]:
    start, *rest = re.split(r"^## ", (REPOSITORY / page).read_text("utf-8"), flags=re.MULTILINE)
    for text in rest:
        blocks = BLOCK.findall(text)
        if blocks:
            yield Section(page, text.partition("\n")[0], [*BLOCK.findall(start), *blocks])


def imported(code: str) -> list[str]:
    """The packages that a block imports."""
    names = []
    for statement in ast.walk(ast.parse(code)):
        if isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            names.append(statement.module or "")
    return sorted({name.partition(".")[0] for name in names})


def needed_by(section: Section) -> list[str]:
    """All packages that a section needs."""
    blocks = [content for kind, content in section.blocks if kind == "python"]
    names = {name for content in blocks for name in imported(content)}
    return sorted(names.union(*(BESIDES.get(name, set()) for name in names)))


SECTIONS = [section for page in PAGES for section in sections(page)]


@pytest.mark.parametrize("page", PAGES)
def test_there_are_recipes(page: str) -> None:
    assert sum(section.page == page for section in SECTIONS) >= PAGES[page]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.heading)
def test_the_recipe_works(
    section: Section, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in needed_by(section):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{section.heading!r} of {section.page} needs {package}")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    printed = ""
    for kind, content in section.blocks:
        if kind == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(content, section.page, "exec"), namespace)
            printed = output.getvalue()
        elif kind == "console":
            for command in re.findall(r"^\$ python (.*)$", content, re.MULTILINE):
                subprocess.run([sys.executable, *command.split()], check=True, capture_output=True)
        else:
            assert printed == content
    check(namespace)


def check(made: dict[str, object]) -> None:
    """What the blocks of a section have found is what negw2v finds."""
    vectors = made.get("wv")
    if isinstance(vectors, KeyedVectors) and "words" in made:
        nearest = [key for key, _ in vectors.most_similar("paris", topn=4)]
        assert list(made["words"]) == ["paris", *nearest]  # type: ignore[call-overload]
    if "encoder" in made:
        assert made["vectors"].shape == (2, 32)  # type: ignore[attr-defined]
    if "frame" in made:
        assert len(made["frame"]["vector"][59]) == 16  # type: ignore[index]
        assert len(made["table"]) == len(made["model"].wv)  # type: ignore[arg-type,attr-defined]
    if "nearest" in made:
        assert made["nearest"] == "paris is in france"
    if "similarity" in made:
        wanted = vectors.similarity("paris", "rome")  # type: ignore[union-attr]
        assert made["similarity"] == pytest.approx(wanted, abs=1e-5)
