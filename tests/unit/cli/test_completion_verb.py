"""The verb completion: its script, run by the shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from negw2v.cli.completion import SHELLS
from negw2v.cli.main import VERBS, main

pytest.importorskip("shtab", reason="completion needs the extra cli")


def script(capsys: pytest.CaptureFixture[str], shell: str) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["tra"], ["train"]),
        (["co"], ["completion", "config", "convert"]),
        (["train", "--vector"], ["--vector-size"]),
        (["similar", "voc"], ["vocabulary.txt"]),
        (["train", "corpus", "-o", "voc"], ["vocabulary.txt"]),
        (["plot", "vocabulary.txt", "ana"], ["analogies"]),
        (["convert", "a", "b", "--to", "gl"], ["glove"]),
        (["train", "--tensorboard", "r"], ["runs"]),
    ],
)
def test_bash_completes(
    typed: list[str], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vocabulary.txt").touch()
    (tmp_path / "runs").mkdir()
    (tmp_path / "script").write_text(script(capsys, "bash"))
    words = " ".join(["negw2v", *typed])
    program = (
        f"source ./script; COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _shtab_negw2v; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    found = subprocess.run(
        ["bash", "--norc", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(line.strip() for line in found.stdout.split()) == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_knows_every_verb(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = script(capsys, shell)
    assert all(verb in printed for verb in VERBS)


def test_without_the_package_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 1
    assert "pip install 'negw2v[cli]'" in capsys.readouterr().err
