"""What the package says about itself is true, and said once."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import negw2v


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, object]:
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


def test_the_version_is_one(project: dict[str, object], repository: Path) -> None:
    assert project["dynamic"] == ["version"]  # negw2v.__version__ is the one place
    assert negw2v.__version__ == metadata.version("negw2v")
    changelog = (repository / "CHANGELOG.md").read_text()
    latest = re.search(r"^## \[?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert latest is not None
    assert latest[1] == negw2v.__version__
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [negw2v.__version__]


def test_the_address_of_the_repository_is_one(project: dict[str, object], repository: Path) -> None:
    home = project["urls"]["Homepage"]
    others = (project["urls"]["Source"], project["urls"]["Issues"].removesuffix("/issues"))
    assert set(others) == {home}
    named = [
        *repository.glob("*.md"),
        repository / "CITATION.cff",
        *repository.glob(".github/**/*.*"),
    ]
    for document in named:
        text = document.read_text(encoding="utf-8")
        assert set(re.findall(r"https://github\.com/[^/\s]+/negw2v", text)) <= {home}, document


def test_hard_dependencies_are_few_and_without_upper_pins(project: dict[str, object]) -> None:
    dependencies = project["dependencies"]
    names = {re.split(r"[<>=!~\[; ]", line)[0] for line in dependencies}
    assert names == {"numpy", "safetensors", "smart_open", "tqdm"}
    assert all("<" not in line and "==" not in line for line in dependencies)


def test_no_extra_pins_from_above(project: dict[str, object]) -> None:
    lines = [line for extra in project["optional-dependencies"].values() for line in extra]
    # The yardstick is one exact version; "python_version <" is a marker, not a pin.
    assert all("<" not in line.split(";")[0] for line in lines)
    assert {line.split(";")[0] for line in lines if "==" in line.split(";")[0]} == {"gensim==4.4.0"}


def test_python_and_licence(project: dict[str, object], repository: Path) -> None:
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "MIT"
    assert (repository / "LICENSE").read_text().startswith("MIT License")


def test_typed(repository: Path) -> None:
    assert (repository / "negw2v" / "py.typed").exists()
