"""Trials whose results are kept: what passed once is not tried again for the same sources.

:mod:`platforms` is made of them. A trial is a function that returns what it has seen, or raises
:class:`TrialError`; its result is a row of a table.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent

#: Where results, wheels and environments are kept.
FOLDER = REPOSITORY / "build" / "platforms"


class TrialError(Exception):
    """Something that was tried does not work."""


class Row(NamedTuple):
    """One line of the table."""

    platform: str
    proof: str
    #: "passed", "FAILED" or "not seen"
    result: str
    detail: str
    seconds: float = 0.0


class Trials:
    """Runs trials, or looks up what they gave for the same sources.

    Parameters
    ----------
    folder
        Where ``rows.json`` is kept.
    fingerprint
        Of everything that the results depend on.
    again
        Whether trials that have passed are repeated.
    """

    def __init__(self, folder: Path, fingerprint: str, *, again: bool = False) -> None:
        self._fingerprint = fingerprint
        self._again = again
        self._path = folder / "rows.json"
        self.folder = folder / fingerprint[:12]
        self.folder.mkdir(parents=True, exist_ok=True)

    def tried(self, platform: str, proof: str, work: Callable[[], str]) -> Row:
        """A row from what `work` returns, or from the error that it raises."""
        known = self._known().get(f"{platform}: {proof}", {})
        if known.get("fingerprint") == self._fingerprint and not self._again:
            return Row(**known["row"])
        start = time.monotonic()
        try:
            result, detail = "passed", work()
        except TrialError as error:
            result, detail = "FAILED", str(error)
        row = Row(platform, proof, result, detail, time.monotonic() - start)
        if result == "passed":
            self._keep(row)
        return row

    def _known(self) -> dict[str, dict[str, object]]:
        known: dict[str, dict[str, object]] = {}
        if self._path.exists():
            known = json.loads(self._path.read_text())
        return known

    def _keep(self, row: Row) -> None:
        entry = {"fingerprint": self._fingerprint, "row": row._asdict()}
        known = {**self._known(), f"{row.platform}: {row.proof}": entry}
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(known, indent=1))
        partial.replace(self._path)


def fingerprint(paths: Iterable[str], repository: Path = REPOSITORY) -> str:
    """A digest of files, and of the sources in folders."""
    digest = hashlib.sha256()
    for name in paths:
        path = repository / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix not in {".so", ".pyd", ".pyc"}:
                digest.update(f"{file.relative_to(repository)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def run(command: list[str], *, timeout: int = 1800, **options: object) -> tuple[int, str]:
    """Exit status and everything printed."""
    settings: dict[str, object] = {"cwd": REPOSITORY, **options}
    try:
        finished = subprocess.run(  # type: ignore[call-overload]
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **settings,
        )
    except FileNotFoundError as error:
        return 127, str(error)
    except subprocess.TimeoutExpired:
        return 124, f"not finished after {timeout} s"
    return finished.returncode, finished.stdout


def demand(command: list[str], **options: object) -> str:
    """What a command prints; TrialError if it fails."""
    status, printed = run(command, **options)  # type: ignore[arg-type]
    if status:
        print(f"$ {' '.join(command)}\n{printed[-6000:]}", file=sys.stderr)
        raise TrialError(f"{Path(command[0]).name}: status {status}: {last_line(printed)}")
    return printed


def last_line(printed: str) -> str:
    """The last line that says something."""
    lines = [line for line in printed.splitlines() if line.strip(" ^~|")]
    return lines[-1].strip()[:100] if lines else ""
