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
    parser.usage = (
        "negw2v run [--stand-in] [--placeholders] script.py [argument ...]\n"
        "       negw2v run [--stand-in] [--placeholders] -m module [argument ...]"
    )
    parser.add_argument(
        "--stand-in",
        action="store_true",
        help="run without gensim, even if it is installed; without this, only if it is not",
    )
    parser.add_argument(
        "--placeholders",
        action="store_true",
        help="without gensim: let names that only gensim has be imported, though not used",
    )
    parser.add_argument(
        "-m", dest="module", nargs=argparse.REMAINDER, help="a module, and its arguments"
    )
    parser.add_argument("script", nargs=argparse.REMAINDER, help="a script, and its arguments")


def run(arguments: argparse.Namespace) -> int:
    """Patch gensim and run the program."""
    target = arguments.module or arguments.script
    if not target:
        raise ConfigurationError("name a script, or a module after -m; see negw2v run --help")
    patch_gensim(stand_in=arguments.stand_in or None, placeholders=arguments.placeholders)
    if arguments.module:
        return run_module(target[0], target[1:])
    try:
        return run_script(target[0], target[1:])
    except OSError as error:
        print(f"negw2v run: can't open file {target[0]!r}: {error}", file=sys.stderr)
        return 2  # as Python does
