"""The examples run, and print what the slides print; that of docs/layers.md, too."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


def run(repository: Path, script: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, str(repository / "examples" / script), *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=250,
    ).stdout


def losses(printed: str) -> tuple[float, float]:
    found = re.search(r"loss: ([\d.]+) at the start, ([\d.]+) at the end", printed)
    assert found is not None
    return float(found[1]), float(found[2])


def neighbours(printed: str, word: str) -> list[str]:
    """The words below a query."""
    block = printed.split(f"[query] {word}\n")[1].split("\n\n", maxsplit=1)[0]
    return [line.split(":")[0].strip() for line in block.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "epochs", "start"),
    [("ptb_cbow.py", "3", 4.16), ("ptb_skipgram.py", "1", 41.6)],
)
def test_on_the_generated_corpus(
    repository: Path, tmp_path: Path, script: str, epochs: str, start: float
) -> None:
    """Untrained scores are zero: log 2 for each pair, six for each target."""
    pytest.importorskip("matplotlib")
    picture = tmp_path / "losses.png"
    words = ["--words", "60000"] if "skipgram" in script else []
    printed = run(
        repository, script, "--synthetic", "--epochs", epochs, "--plot", str(picture), *words
    )
    first, last = losses(printed)
    assert first == pytest.approx(start, abs=0.05)
    assert last < 0.7 * first
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert printed.count("[query]") == printed.count("[analogy]") == 4
    if "cbow" in script:
        assert set(neighbours(printed, "big")[:2]) == {"large", "huge"}


@pytest.mark.slow
def test_on_a_part_of_the_penn_treebank(repository: Path, ptb_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    printed = run(
        repository,
        "ptb_cbow.py",
        *("--words", "300000", "--epochs", "2", "--plot", str(tmp_path / "losses.png")),
    )
    first, last = losses(printed)
    assert last < 0.65 * first
    assert "[analogy] take:took = go:?" in printed
    assert {"i", "we", "they", "your"} & set(neighbours(printed, "you"))


def test_the_document(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (repository / "docs" / "layers.md").read_text(encoding="utf-8")
    code, *_of_gpus = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    namespace: dict[str, object] = {}
    exec(compile(code, "layers.md", "exec"), namespace)
    assert len(neighbours(capsys.readouterr().out, "you")) == 2
    assert len(namespace["vectors"]) == 7  # type: ignore[arg-type]


def test_the_word_map(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    printed = run(repository, "word_map.py", str(tmp_path / "map.png"))
    assert "the right one for 12 of 12 capitals" in printed
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
