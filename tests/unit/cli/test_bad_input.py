"""What people type wrong, streams that are closed or full, terminals of every kind."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.cli import similar
from negw2v.cli.main import main

WORDS = ["east", "north", "northeast", "süd", "[red]wëst"]
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix shell")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a corpus, vectors and a file that is neither; the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").write_text("a b c d\nb c d e\n" * 50)
    kv = KeyedVectors(2)
    kv.add_vectors(WORDS, np.random.default_rng(1).normal(size=(len(WORDS), 2)))
    for count, word in enumerate(WORDS):
        kv.set_vecattr(word, "count", 9 - count)
    kv.save("v")
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 10)
    return tmp_path


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, where negw2v is this one."""
    program = f'negw2v() {{ "{sys.executable}" -m negw2v "$@"; }}; set -o pipefail; {command}'
    return subprocess.run(
        ["bash", "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        "similar v east -n 0",
        "similar v east -n -1",
        "similar v east -n 1.5",
        "similar v east --limit 0",
        "distance v -n 0",
        "analogy v a b c -n x",
        "info v -n -2",
        "vocab corpus -n -1",
        "vocab corpus --min-count 0",
        "vocab corpus --workers 0",
        "evaluate v --restrict-vocab -5",
        "plot v neighbours east -o x.png -n 0",
        "plot v faces east -o x.png",
        "plot v neighbours east",
        "demo --epochs 0",
        "demo --workers x",
        "bench --workers 0",
        "bench --vocabulary 10",
        "bench --level avx",
        "completion fish",
        "convert v x --to pickle",
        "train corpus -o m --sg=2",
        "train corpus -o m --vector-size big",
        "train corpus -o m -hs 2",
        "train corpus -o m -binary yes",
        "train corpus -o m --vector_size 5",
        "train corpus -o m --vector 5",
        "config now",
    ],
)
def test_a_wrong_value_is_wrong_usage(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(command.split())
    assert left.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    verb = command.split(maxsplit=1)[0]
    assert f"negw2v {verb}: error: " in captured.err or "negw2v: error: " in captured.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("similar none east", "'none': there is no such file"),
        ("similar noise east", "noise"),
        ("similar . east", "folder"),
        ("info corpus", "corpus"),
        ("vocab none", "none"),
        ("convert v nowhere/x", "there is no folder"),
        ("convert v .", "this is a folder"),
        ("convert v x.csv --to table", ".csv"),
        ("plot v neighbours east -o nowhere/x.png", "nowhere/x.png"),
        ("plot v neighbours east -o x.word", "x.word"),
        ("evaluate v --analogies none", "none"),
        ("evaluate v --analogies corpus", "corpus, line 1"),
        ("train none -o m", "none"),
        ("train noise -o m", "noise"),
        ("train . -o m", "noise is not valid UTF-8"),
        ("train corpus -o nowhere/m", "there is no folder"),
        ("train corpus -o m --checkpoint nowhere/c", "there is no folder"),
        ("train corpus -o m --save-vocab .", "this is a folder"),
        ("train corpus -o m --read-vocab none", "none"),
        ("train corpus -o m --read-vocab noise", "noise"),
        ("train corpus -o m --resume v", "v"),
        ("train corpus -o m --min-count 1 --sample -1", "sample"),
        ("train corpus -o m --window 0", "window"),
        ("train corpus -o m --alpha nan", "alpha"),
        ("train corpus -o m --negative 0", "leave nothing to train"),
        ("train corpus -o corpus", "-o corpus is a file that is read, too"),
        ("train corpus -o ./corpus", "is a file that is read, too"),
        ("train corpus -o m --checkpoint corpus", "--checkpoint corpus is a file that is read"),
        ("train corpus -o m --log-json corpus", "--log-json corpus is a file that is read"),
        ("train corpus -o m --log-json nowhere/l", "there is no folder"),
        ("train noise -o m --dry-run", "noise is a binary file"),
        ("similar v eest", "'east'"),
        ("similar v east --not wast", "'wast'"),
        ("analogy v east north nort", "'north'"),
        ("plot v neighbours eest -o x.png", "eest"),
        ("bench --seconds 0", "at most 60"),
    ],
)
def test_what_cannot_be_done_is_a_line_on_standard_error(
    command: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(command.split()) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"negw2v {command.split(maxsplit=1)[0]}: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_without_rights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda *arguments, **more: False)
    assert main(["train", "corpus", "-o", "m"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("negw2v train: 'm': no permission to make files in")
    assert said.count("\n") == 1


@unix
@pytest.mark.parametrize(
    "command",
    [
        "similar v east -n 5 | true",
        "convert v - --to text --quiet | head -c 1",
        "vocab corpus | head -n 1",
        "info v --json | head -n 1",
    ],
)
def test_a_reader_that_has_enough(command: str, folder: Path) -> None:
    finished = shell(f"negw2v {command}")
    assert finished.returncode == 0
    assert finished.stderr == ""


@unix
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("similar v east <&-", 0),
        ("similar v east >&-", 0),
        ("similar v eest 2>&-", 1),
        ("similar - east <&-", 1),
        ("train corpus -o m --min-count 1 --epochs 1 --quiet <&- >&- 2>&-", 0),
        ("train - -o m <&-", 1),
    ],
)
def test_streams_that_are_closed(command: str, status: int, folder: Path) -> None:
    finished = shell(f"negw2v {command}")
    assert finished.returncode == status
    assert "Traceback" not in finished.stderr
    assert "Error" not in finished.stderr


@unix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["similar v east", "convert v - --to text", "info v --json"])
def test_a_full_disk(command: str, folder: Path) -> None:
    finished = shell(f"negw2v {command} --debug > /dev/full")
    assert "Traceback" in finished.stderr
    finished = shell(f"negw2v {command} > /dev/full")
    assert finished.returncode == 1
    assert re.fullmatch(r"negw2v \w+: .*[Nn]o space left.*\n", finished.stderr)


@unix
def test_words_of_any_alphabet_in_any_encoding(folder: Path) -> None:
    kv = KeyedVectors(1)
    words = ["east", "süd", "日本", "😀", "\udcff", "مرحبا"]
    kv.add_vectors(words, np.ones((len(words), 1)))
    kv.save("v")
    finished = shell("negw2v similar v east -n 10", PYTHONIOENCODING="ascii")
    assert finished.returncode == 0
    found = [line.partition("\t")[0] for line in finished.stdout.splitlines()]
    assert found[:4] == ["s\\xfcd", "\\u65e5\\u672c", "\\U0001f600", "\\udcff"]
    finished = shell("negw2v similar v east -n 10 --json", PYTHONIOENCODING="utf-8")
    assert [item["word"] for item in json.loads(finished.stdout)] == words[1:]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (MemoryError(), "memory does not suffice"),
        (MemoryError("12 GB"), "memory does not suffice: 12 GB"),
    ],
)
def test_errors_of_the_system(
    error: Exception,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: object) -> int:
        raise error

    monkeypatch.setattr(similar, "run", fail)
    assert main(["similar", "v", "east"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("negw2v similar: ")
    assert shown.endswith(f"{said}\n")
    with pytest.raises(type(error)):
        main(["similar", "v", "east", "--debug"])


def on_a_terminal(command: list[str], columns: int, **environment: str) -> str:
    """What a terminal of some width gets."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    unset = {"COLUMNS", "NO_COLOR", "FORCE_COLOR"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    running = subprocess.Popen(
        [sys.executable, "-m", "negw2v", *command],
        env={**kept, "TERM": "xterm-256color", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # Linux says so that the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert running.wait() == 0, shown
    return shown.decode()


COLOURS = re.compile(r"\x1b\[[\d;]*m")


@unix
@pytest.mark.parametrize(
    "command",
    [
        ["similar", "v", "east"],
        ["info", "v"],
        ["train", "corpus", "--dry-run", "--min-count", "1"],
    ],
)
def test_forty_columns(command: list[str], folder: Path) -> None:
    pytest.importorskip("rich", reason="tables need the extra cli")
    shown = COLOURS.sub("", on_a_terminal(command, 40))
    lines = [part for line in shown.split("\r\n") for part in line.split("\r")]
    assert max(map(len, lines)) <= 40
    assert len(lines) > 5


@unix
def test_a_bar_fits_into_forty_columns(folder: Path) -> None:
    command = ["train", "corpus", "-o", "m", "--min-count", "1", "--epochs", "2"]
    shown = on_a_terminal(command, 40)
    bars = [part for part in re.split(r"[\r\n]+", shown) if part.startswith("epoch ")]
    assert bars
    assert max(map(len, bars)) <= 40


@unix
def test_no_color_and_terminals_that_have_none(folder: Path) -> None:
    pytest.importorskip("rich", reason="tables need the extra cli")
    command = ["similar", "v", "east", "-n", "2"]
    coloured = re.compile(r"\x1b\[[\d;]*3\d")
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = on_a_terminal(command, 80, **environment)
        assert not coloured.search(shown)
        assert "similarity" in shown
    assert "similarity" in on_a_terminal(command, 80)
