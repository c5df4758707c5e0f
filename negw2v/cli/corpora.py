"""Corpora of verbs: a file, or standard input, which is kept for several passes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from negw2v.errors import EmptyCorpusError

__all__ = ["readable"]


@contextlib.contextmanager
def readable(path: str, standard_input: IO[bytes]) -> Iterator[str]:
    """The name of a file that can be read more than once.

    Parameters
    ----------
    path
        The file; "-": what comes from standard input is copied to a temporary file, and standard
        error says so.
    standard_input
        Open for reading bytes.

    Yields
    ------
    str
        The name. A temporary file is removed afterwards.

    Raises
    ------
    EmptyCorpusError
        Standard input is at its end.
    """
    if path != "-":
        yield path
        return
    descriptor, copy = tempfile.mkstemp(prefix="negw2v-", suffix=".txt")
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(standard_input, file)
            size = file.tell()
        if not size:
            raise EmptyCorpusError("standard input is empty; it must be text, one sentence a line")
        print(f"standard input: {size:,} bytes, kept in {copy}", file=sys.stderr)
        yield copy
    finally:
        Path(copy).unlink()
