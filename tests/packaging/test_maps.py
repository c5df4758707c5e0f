"""Every package's docstring is a map that names each of its modules, in a line of its own.

Lines of a map are indented; a name stands at the beginning of a line, or after two blanks::

    engine     the epochs: spans in, report out
      spans    the token stream cut into spans
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent for path in (REPOSITORY / "negw2v").rglob("__init__.py"))
SOURCES = REPOSITORY / "src_cython"


def modules(package: Path) -> set[str]:
    """The modules and packages in a folder; compiled ones and private ones are details."""
    found = {path.stem for path in package.glob("*.py")}
    found |= {path.parent.name for path in package.glob("*/__init__.py")}
    return {name for name in found if name == "__main__" or not name.startswith("_")}


def named(page: str) -> set[str]:
    """The names in a map: what the cells of its lines begin with. Two blanks end a cell."""
    lines = [line.strip() for line in page.splitlines() if line.startswith((" ", "\t"))]
    cells = [cell for line in lines for cell in re.split(r"\s{2,}|[^\w\s]+\s", line)]
    words = [re.match(r"(?:\w+/)*(\w+)(?:\.pyx?)?/?(?=[\s:]|$)", cell) for cell in cells]
    return {word[1] for word in words if word}


def missing(package: Path) -> set[str]:
    module = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    return modules(package) - named(ast.get_docstring(module, clean=False) or "")


@pytest.mark.parametrize(
    "package", PACKAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix()
)
def test_the_map_of_a_package_names_every_module(package: Path) -> None:
    name = package.relative_to(REPOSITORY).as_posix()
    assert sorted(missing(package)) == [], f"not in the docstring of {name}/__init__.py"


@pytest.mark.parametrize(
    "package", PACKAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix()
)
def test_what_a_line_of_a_map_begins_with_exists(package: Path) -> None:
    there = modules(REPOSITORY / "negw2v").union(*map(modules, PACKAGES))
    page = ast.get_docstring(
        ast.parse((package / "__init__.py").read_text(encoding="utf-8")), clean=False
    )
    first = re.findall(r"^[ \t]+([a-z][a-z0-9_]*) {2,}\S", page or "", re.MULTILINE)
    assert [name for name in first if name not in there] == []


def test_the_map_of_the_compiled_sources_names_every_file() -> None:
    page = (SOURCES / "README.md").read_text(encoding="utf-8")
    files = sorted(path for path in SOURCES.rglob("*") if path.suffix in {".pyx", ".pxd", ".h"})
    assert files
    assert [path.name for path in files if not re.search(rf"\b{path.name}\b", page)] == []


def test_a_missing_module_is_noticed(tmp_path: Path) -> None:
    for name in ("engine.py", "spans.py", "_compiled.py", "report.py"):
        (tmp_path / name).touch()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").touch()
    (tmp_path / "__init__.py").write_text(
        '"""A package.\n\n    engine    all epochs, by way of report\n      spans   cuts\n"""\n'
    )
    assert missing(tmp_path) == {"inner", "report"}
