"""The command line: the verbs, their output, and what they say when something is wrong."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import negw2v
from negw2v import kernels
from negw2v.cli import demo
from negw2v.cli.main import main
from negw2v.errors import CorpusError
from negw2v.extras import OPTIONAL, installed_version


def negw2v_command(
    *arguments: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "negw2v", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_config_tells_the_level_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert negw2v.__version__ in printed
    assert kernels.isa() in printed


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"negw2v {negw2v.__version__}\n"


def test_without_a_verb_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "VERB" in capsys.readouterr().err


def test_errors_of_the_library_become_a_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arguments: object) -> int:
        raise CorpusError("the corpus has gone")

    monkeypatch.setattr(demo, "run", fail)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == "negw2v demo: the corpus has gone\n"


def figures(printed: str) -> dict[str, int]:
    return {
        name.strip(): int(value.replace(",", ""))
        for name, value in re.findall(r"^(\D+?)\s+([\d,]+)$", printed, re.MULTILINE)
    }


def test_demo_without_data_or_network(offline: dict[str, str]) -> None:
    finished = negw2v_command("demo", environment=offline)
    assert finished.returncode == 0, finished.stderr
    # The message names all three ways to provide the data ...
    assert "set NEGW2V_DATA to the folder that holds ptb/ptb.train.txt" in finished.stderr
    assert offline["NEGW2V_CACHE"] in finished.stderr
    assert "https://" in finished.stderr
    assert "The demo goes on with a small corpus" in finished.stderr
    # ... and before it tried, it said so.
    if installed_version(OPTIONAL["pooch"]) is not None:
        assert finished.stderr.startswith("The Penn Treebank is not on this machine: downloading")
        assert "within 10 seconds ...\n" in finished.stderr
    assert "Traceback" not in finished.stderr
    # ... there is no progress bar in what is no terminal, and the generated corpus is trained on
    # and understood.
    assert "%|" not in finished.stderr
    assert "\r" not in finished.stderr
    assert re.search(r"rome : \?\s+italy 0\.\d\d", finished.stdout)
    assert re.search(r"child : \?\s+children 0\.\d\d", finished.stdout)
    assert re.search(r"sings : \?\s+sang 0\.\d\d", finished.stdout)
    assert re.search(r"berlin : \?\s+germany 0\.\d\d", finished.stdout)


def test_quiet_is_quiet(offline: dict[str, str]) -> None:
    finished = negw2v_command("demo", "--quiet", "--epochs", "1", environment=offline)
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert "sentences of a small grammar" in finished.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("quiet", [False, True])
def test_there_is_a_bar_on_a_terminal(offline: dict[str, str], quiet: bool) -> None:
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    arguments = ["demo", "--synthetic", "--epochs", "1", *["--quiet"] * quiet]
    subprocess.run(
        [sys.executable, "-m", "negw2v", *arguments],
        env=offline,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        check=True,
    )
    os.write(theirs, b"end")
    shown = b""
    while not shown.endswith(b"end"):
        shown += os.read(ours, 1 << 16)
    os.close(ours)
    os.close(theirs)
    assert (b"100%" in shown) is not quiet


def test_demo_accounts_for_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--synthetic", "--epochs", "2", "--workers", "1", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found = figures(captured.out)
    assert found["words read"] == found["out of vocabulary"] + found["in vocabulary"]
    assert found["in vocabulary"] == found["dropped by subsampling"] + found["trained"]
    assert found["words read"] == 2 * 177_840
    assert found["epochs"] == 2
    assert re.search(r"^mean loss per pair +\d\.\d+ \d\.\d+$", captured.out, re.MULTILINE)
    assert "words/s" in captured.out


def test_demo_on_the_penn_treebank(ptb_file: Path) -> None:
    finished = negw2v_command("demo", "--epochs", "2", "--quiet", environment=dict(os.environ))
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    assert figures(finished.stdout)["words read"] == 2 * 887_521
    assert re.search(r"^vocabulary +9,999 words$", finished.stdout, re.MULTILINE)
    for word in ("you", "year", "car", "toyota"):
        assert re.search(rf"^  {word} +\w+", finished.stdout, re.MULTILINE)
    for question in ("king : man = queen", "take : took = go", "car : cars = child"):
        assert question in finished.stdout


@pytest.mark.parametrize("arguments", [["config"], ["demo", "--quiet"]])
def test_an_unknown_instruction_set_is_a_message(arguments: list[str]) -> None:
    finished = negw2v_command(*arguments, environment={**os.environ, "NEGW2V_ISA": "avx2"})
    assert finished.returncode == 1
    assert finished.stdout == ""
    available = ", ".join(kernels.levels())
    assert finished.stderr == (
        f"negw2v {arguments[0]}: NEGW2V_ISA is 'avx2', which is not an instruction-set level: "
        f"set it to one of {available}, or unset it to use the best of them\n"
    )


def test_every_instruction_set_that_the_message_names_can_be_set() -> None:
    for level in kernels.levels():
        finished = negw2v_command("config", environment={**os.environ, "NEGW2V_ISA": level})
        assert finished.returncode == 0, finished.stderr
        assert f"{level} (NEGW2V_ISA)" in finished.stdout
