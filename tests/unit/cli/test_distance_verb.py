"""The verb distance: questions from a pipe and on a terminal, completion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from negw2v import KeyedVectors
from negw2v.cli.distance import Completer, parsed


@pytest.fixture
def model(tmp_path: Path) -> str:
    kv = KeyedVectors(2)
    kv.add_vectors(["east", "north", "northeast", "west"], [[1, 0], [0, 1], [1, 1], [-1, 0]])
    path = str(tmp_path / "v")
    kv.save(path)
    return path


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("paris", (["paris"], [])),
        ("paris rome", (["paris", "rome"], [])),
        ("king - man + woman", (["king", "woman"], ["man"])),
        ("- man king", (["king"], ["man"])),
        ("well-known", (["well-known"], [])),
    ],
)
def test_what_a_question_says(question: str, expected: tuple[list[str], list[str]]) -> None:
    assert parsed(question) == expected


def test_words_are_completed_in_order() -> None:
    complete = Completer(["northeast", "north", "east", "süd"])
    assert [complete("nor", number) for number in range(3)] == ["north ", "northeast ", None]
    assert complete("x", 0) is None
    assert complete("sü", 0) == "süd "


def test_questions_from_a_pipe(model: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "negw2v", "distance", model, "-n", "1"],
        input="east\n\nnort\nnorth + east - west\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == "northeast\t0.7071\nnortheast\t0.9487\n"
    assert "'nort'" in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_completes_and_remembers(model: str, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "60"}
    running = subprocess.Popen(
        [sys.executable, "-m", "negw2v", "distance", model, "-n", "1"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    shown = b""

    def until(text: bytes) -> None:
        nonlocal shown
        while text not in shown:
            shown += os.read(ours, 1 << 16)

    until(b"word: ")
    os.write(ours, b"ea\t\n")
    until(b"northeast")
    os.write(ours, b"\n")
    assert running.wait(timeout=30) == 0
    os.close(ours)
    assert "east" in (tmp_path / ".negw2v_history").read_text()
