"""The workflows of the code host: pinned actions, no rights but those asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def workflows(repository: Path) -> dict[str, str]:
    folder = repository / ".github" / "workflows"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yml")}


def test_there_are_tests_wheels_and_what_takes_long(workflows: dict[str, str]) -> None:
    assert set(workflows) == {"test.yml", "wheels.yml", "nightly.yml"}


def test_every_action_is_pinned_to_a_commit_and_says_its_version(
    workflows: dict[str, str],
) -> None:
    lines = [line for text in workflows.values() for line in text.splitlines() if "uses:" in line]
    assert lines
    pinned = re.compile(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
    assert [line for line in lines if not pinned.search(line)] == []
    # one action, one commit
    commits = {tuple(line.split("uses: ")[1].split("@")) for line in lines}
    assert len(commits) == len({name for name, _ in commits})


def test_no_workflow_has_rights_by_default(workflows: dict[str, str]) -> None:
    for name, text in workflows.items():
        assert re.search(r"^permissions: \{\}$", text, re.MULTILINE), name
        assert "secrets." not in text, name


def test_only_publishing_has_an_identity(workflows: dict[str, str]) -> None:
    assert [name for name, text in workflows.items() if "id-token: write" in text] == ["wheels.yml"]
    publish = workflows["wheels.yml"].split("\n  publish:")[1]
    assert "id-token: write" in publish
    assert "attestations: true" in publish
    assert "startsWith(github.ref, 'refs/tags/v')" in publish
    assert "needs: [wheels, sdist]" in publish


def test_what_the_workflows_run_exists(workflows: dict[str, str], repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    text = "\n".join(workflows.values())
    assert set(re.findall(r"make ([a-z]+)$", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"- target: (\w+)", text)) <= targets
    assert all((repository / path).exists() for path in re.findall(r"tools/\w+\.py", text))


def test_new_versions_are_a_week_old(repository: Path) -> None:
    text = (repository / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    ecosystems = text.count("package-ecosystem:")
    assert ecosystems == text.count("cooldown:") == text.count("default-days: 7") == 2
