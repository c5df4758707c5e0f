"""``negw2v run``: runs a program that imports gensim, with negw2v instead of gensim."""

from __future__ import annotations

import argparse
import sys

from negw2v.errors import ConfigurationError
from negw2v.plugin import patch_gensim
from negw2v.plugin.program import run_module, run_script

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = "negw2v run script.py [argument ...]\n       negw2v run -m module [argument ...]"
    parser.add_argument(
        "-m", dest="module", nargs=argparse.REMAINDER, help="a module, and its arguments"
    )
    parser.add_argument("script", nargs=argparse.REMAINDER, help="a script, and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Patch gensim and run the program."""
    target = arguments.module or arguments.script
    if not target:
        raise ConfigurationError("name a script, or a module after -m; see negw2v run --help")
    patch_gensim()
    if arguments.module:
        return run_module(target[0], target[1:])
    try:
        return run_script(target[0], target[1:])
    except OSError as error:
        print(f"negw2v run: can't open file {target[0]!r}: {error}", file=sys.stderr)
        return 2  # as Python does
