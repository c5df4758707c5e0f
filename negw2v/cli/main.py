"""Chooses the verb; turns the library's errors into a message and an exit status."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Protocol

from negw2v import __version__
from negw2v.errors import ConfigurationError, NegW2VError

__all__ = ["main"]


class Verb(Protocol):
    """The module of a verb."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Declare the verb's options."""

    def run(self, arguments: argparse.Namespace, /) -> int:
        """Run the verb; returns the exit status."""


VERBS = ("config", "demo", "run")


def _verbs() -> dict[str, Verb]:
    """The verbs' modules. Importing them can fail: NEGW2V_ISA may name an unknown level."""
    return {name: importlib.import_module(f"negw2v.cli.{name}") for name in VERBS}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Parameters
    ----------
    argv
        Arguments without the program's name; None: those of this process.

    Returns
    -------
    int
        The exit status: 0, or 1 with a message on standard error.
    """
    try:
        known = _verbs()
    except ConfigurationError as error:
        print(f"negw2v: {error}", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="negw2v", description="word2vec, fast")
    parser.add_argument("--version", action="version", version=f"negw2v {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    for name, verb in known.items():
        verb.add_arguments(verbs.add_parser(name, help=verb.HELP, description=verb.HELP))
    arguments = parser.parse_args(argv)
    try:
        return known[arguments.verb].run(arguments)
    except NegW2VError as error:
        print(f"negw2v {arguments.verb}: {error}", file=sys.stderr)
        return 1
