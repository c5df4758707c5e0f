"""Draws the pictures of the tutorial: of a terminal, and of words.

    python tools/screenshots.py     writes to docs/images

It needs the extras cli and plot, and the Penn Treebank. The terminal is a real one (a
pseudo-terminal of 80 columns), whose output rich turns into SVG.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

from negw2v import Word2Vec
from negw2v.datasets import ptb, synthetic

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
COLUMNS = 80
TRAIN = "train corpus.txt -o words.model --epochs 10 --negative 10 --sample 0 --min-count 2"
COMMANDS = (
    f"{TRAIN} --seed 1 --workers 1",
    "similar words.model monday -n 4",
    "analogy words.model is was are -n 1",
)


def shown(command: str, folder: str) -> str:
    """What a terminal shows of a command in the end; bars are as they were last."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, COLUMNS, 0, 0))
    running = subprocess.Popen(
        [sys.executable, "-m", "negw2v", *shlex.split(command)],
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # Linux says so that the other side is closed
            part = b""
        if not part:
            break
        parts.append(part)
    os.close(ours)
    if running.wait():
        raise SystemExit(f"{command}: {b''.join(parts).decode()}")
    lines = b"".join(parts).decode().replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines).rstrip("\n")


def main() -> None:
    """Draw all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "corpus.txt").write_bytes(ptb.path().read_bytes())
        console = Console(record=True, width=COLUMNS, file=io.StringIO())
        for command in COMMANDS:
            console.print(Text(f"$ negw2v {command}", style="bold"), soft_wrap=False)
            console.print(Text.from_ansi(shown(command, folder)))
        console.save_svg(str(IMAGES / "terminal.svg"), title="negw2v")
        vectors = Word2Vec.load(str(Path(folder, "words.model"))).wv
    made_up = Word2Vec(
        synthetic.sentences(5_000), vector_size=50, min_count=2, sg=1, epochs=10, workers=1, seed=1
    )
    figures = {
        "made_up_neighbours": made_up.wv.plot_neighbours(["paris", "dogs"], topn=6),
        "neighbours": vectors.plot_neighbours(["monday", "oil", "pence"], topn=6),
        "similarities": vectors.plot_similarities(
            ["monday", "tuesday", "oil", "gas", "pence", "cents"]
        ),
    }
    for name, figure in figures.items():
        figure.set_size_inches(figure.get_size_inches() * 0.8)
        figure.savefig(IMAGES / f"{name}.png", dpi=100)


if __name__ == "__main__":
    main()
