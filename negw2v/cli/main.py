"""Chooses the verb; turns what goes wrong into a line on standard error and an exit status."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from negw2v import __version__
from negw2v.cli.logs import warnings_shown
from negw2v.errors import NegW2VError

__all__ = ["EXIT_FAILURE", "EXIT_INTERRUPTED", "EXIT_USAGE", "VERBS", "main", "parser_of"]

EXIT_FAILURE = 1
EXIT_USAGE = 2
#: 128 + SIGINT, as shells report it.
EXIT_INTERRUPTED = 130


class Verb(Protocol):
    """The module of a verb."""

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Declare the verb's options."""

    def run(self, arguments: argparse.Namespace, /) -> int:
        """Run the verb; returns the exit status."""


#: The verbs, in the order of a first session, and what each does. The module of a verb is imported
#: when it is used: help and --version take no time.
VERBS = {
    "train": "train word vectors on a text file",
    "similar": "the words most similar to given ones",
    "distance": "ask for the nearest words, again and again",
    "analogy": "a is to b as c is to what?",
    "plot": "draw words: their neighbours, analogies, similarities, frequencies",
    "explore": "make a page with a map of the words, to search and click through in a browser",
    "evaluate": "score vectors on analogy questions and word pairs",
    "info": "what a file holds: sizes, parameters, most frequent words",
    "phrases": "join words that belong together, as new_york, in a text",
    "vocab": "count the words of a text, or list those of a model",
    "convert": "read vectors in one format and write them in another",
    "demo": "train on the Penn Treebank (or, without it, a generated corpus) and query the vectors",
    "run": "run a program that imports gensim, with negw2v's classes in gensim's places",
    "bench": "measure this machine: words and queries per second",
    "completion": "print a script that completes verbs and options in a shell",
    "config": "show versions, instruction-set levels and threads of this installation",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Parameters
    ----------
    argv
        Arguments without the program's name; None: those of this process.

    Returns
    -------
    int
        The exit status: 0; 1 with a message on standard error; 130 after Ctrl-C. Wrong usage
        leaves with status 2, as argparse does.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in given if not word.startswith("-")), "")
    if name != "run":  # a program of the user's, whose streams and messages are its own
        _prepare_streams()
    try:
        arguments, verb = _parsed(given, name if name in VERBS else None)
        if name == "run":
            return verb.run(arguments)
        with warnings_shown(name):
            status = verb.run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever reads, as head does, has enough. What is still buffered goes nowhere, so that
        # Python does not complain when it ends.
        _let_go_of_standard_output()
        return 0
    except (NegW2VError, OSError, MemoryError) as error:
        if "--debug" in given or (name == "run" and not isinstance(error, NegW2VError)):
            raise
        try:
            sys.stdout.flush()
        except OSError:  # that is what failed: a full disk
            _let_go_of_standard_output()
        print(f"negw2v {name}: {_one_line(error)}", file=sys.stderr)
        return EXIT_FAILURE
    except KeyboardInterrupt as interruption:
        if "--debug" in given:
            raise
        print("; ".join((f"negw2v {name}: interrupted", *interruption.args)), file=sys.stderr)
        return EXIT_INTERRUPTED


def _prepare_streams() -> None:
    """Words of any alphabet are printed, whatever the encoding; closed streams are empty ones."""
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # as after 2>&-
            setattr(sys, stream, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors="backslashreplace")


def _let_go_of_standard_output() -> None:
    with contextlib.suppress(io.UnsupportedOperation):  # it is no file, but an object of a program
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: Exception) -> str:
    """The message of an error."""
    if isinstance(error, MemoryError) and not isinstance(error, NegW2VError):
        return f"memory does not suffice{f': {error}' * bool(str(error))}"
    return " ".join(str(error).splitlines())


def _parsed(given: Sequence[str], name: str | None) -> tuple[argparse.Namespace, Verb]:
    """The arguments and the verb's module; leaves the program where they are wrong."""
    parser, modules = parser_of([] if name is None else [name])
    arguments = parser.parse_args(given)
    return arguments, modules[arguments.verb]


def parser_of(complete: Iterable[str]) -> tuple[argparse.ArgumentParser, dict[str, Verb]]:
    """The parser of the command line.

    Parameters
    ----------
    complete
        The verbs whose options it knows; their modules are imported.

    Returns
    -------
    parser, modules
        The modules of the verbs by their names.
    """
    parser = argparse.ArgumentParser(
        prog="negw2v",
        description="Train, query, evaluate and convert word vectors.",
        epilog="'negw2v VERB --help' explains a verb and shows an example.",
    )
    parser.add_argument("--version", action="version", version=f"negw2v {__version__}")
    parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    modules: dict[str, Verb] = {}
    wanted = set(complete)
    for verb, about in VERBS.items():
        own = parsers.add_parser(
            verb,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if verb in wanted:
            module: Verb = importlib.import_module(f"negw2v.cli.{verb}")
            module.add_arguments(own)
            modules[verb] = module
            if verb != "run":
                own.add_argument(
                    "--debug", action="store_true", help="show the traceback of an error"
                )
    return parser, modules
