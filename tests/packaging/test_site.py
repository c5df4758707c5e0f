"""The site builds without a warning, and its reference has every public name."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import public_names
import pytest

sphinx = pytest.importorskip("sphinx", reason="needs Sphinx: pip install 'negw2v[docs]'")
pytest.importorskip("myst_parser", reason="needs MyST: pip install 'negw2v[docs]'")
pytest.importorskip("pydata_sphinx_theme", reason="needs the theme: pip install 'negw2v[docs]'")

# Names that a reader finds under another one, or does not need.
NOT_IN_THE_REFERENCE = {"negw2v.__version__"}


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site as `make docs` makes it."""
    folder = tmp_path_factory.mktemp("site")
    built = build(repository / "docs", folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(source.parent), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "-q"]
    return subprocess.run(
        [*command, "-d", str(target / "doctrees"), str(source), str(target / "html")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site: Path) -> None:
    from sphinx.util.inventory import InventoryFile

    with (site / "html" / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, name: base + name)
    described = {name for kind in inventory for name in inventory[kind] if kind.startswith("py:")}
    described |= {name.removeprefix("negw2v.errors.") for name in described}
    missing = [
        member.name
        for member in public_names.public_members()
        if not member.of_the_past and member.name not in described
    ]
    assert missing == []
    exceptions = importlib.import_module("negw2v.errors").__all__
    assert [name for name in exceptions if name not in described] == []


@pytest.mark.slow
def test_every_page_is_in_a_table_of_contents(site: Path, repository: Path) -> None:
    """Sphinx warns of pages that are in none; here: that it was given all of them."""
    pages = {path.relative_to(repository / "docs") for path in (repository / "docs").rglob("*.md")}
    built = {path.relative_to(site / "html") for path in (site / "html").rglob("*.html")}
    assert {page.with_suffix(".html") for page in pages} <= built


@pytest.mark.slow
def test_a_broken_link_is_noticed(repository: Path, tmp_path: Path) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text((repository / "docs" / "conf.py").read_text())
    (source / "index.md").write_text("# A page\n\n[a link](nowhere.md)\n")
    built = build(source, tmp_path / "built")
    assert built.returncode != 0
    assert "nowhere" in built.stderr
