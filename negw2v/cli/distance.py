"""``negw2v distance``: ask for the nearest words, again and again."""

from __future__ import annotations

import argparse
import bisect
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from negw2v.cli import vector_files
from negw2v.cli.arguments import add_topn
from negw2v.cli.output import print_table
from negw2v.errors import KeyNotFoundError
from negw2v.keyedvectors import KeyedVectors

__all__ = ["Completer", "add_arguments", "parsed", "run"]

EXAMPLE = """\
At the prompt, write
  paris                 the words most similar to paris
  paris rome            to the mean of both
  king - man + woman    to what the sum says
An empty line, EXIT or Ctrl-D ends it. The tab key completes words, the arrow keys bring back
earlier questions. Questions may come from a file or a pipe, too, one in a line.

  negw2v distance words.model
  negw2v distance vectors.bin -n 40 < questions.txt
"""

#: Questions that are remembered, in this file in the user's home directory.
HISTORY = ".negw2v_history"
HISTORY_LENGTH = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    add_topn(parser, 10)


def run(arguments: argparse.Namespace) -> int:
    """Ask until there is no more question."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    with _questions(vectors) as questions:
        for question in questions:
            positive, negative = parsed(question)
            try:
                found = vectors.most_similar(positive, negative, topn=arguments.topn)
            except KeyNotFoundError as error:
                print(error, file=sys.stderr)
                continue
            print_table(("word", "similarity"), [(word, float(value)) for word, value in found])
    return 0


def parsed(question: str) -> tuple[list[str], list[str]]:
    """What a question adds and what it subtracts.

    Examples
    --------
    >>> parsed("king - man + woman")
    (['king', 'woman'], ['man'])
    >>> parsed("new york")
    (['new', 'york'], [])
    """
    signs: dict[str, list[str]] = {"+": [], "-": []}
    sign = "+"
    for part in question.split():
        if part in signs:
            sign = part
        else:
            signs[sign].append(part)
            sign = "+"
    return signs["+"], signs["-"]


@contextlib.contextmanager
def _questions(vectors: KeyedVectors) -> Iterator[Iterator[str]]:
    """The questions: typed on a terminal, or the lines of standard input."""
    if not sys.stdin.isatty():
        yield (line for line in map(str.strip, sys.stdin) if line)
        return
    try:
        import readline
    except ImportError:  # on Windows the terminal itself remembers lines
        yield _typed()
        return
    history = Path.home() / HISTORY
    with contextlib.suppress(OSError):  # there is none yet, or it may not be read
        readline.read_history_file(history)
    readline.set_completer(Completer([key for key in vectors.index_to_key if isinstance(key, str)]))
    readline.set_completer_delims(" ")
    # libedit, which macOS has in readline's place, has another language.
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    readline.set_history_length(HISTORY_LENGTH)
    try:
        yield _typed()
    finally:
        readline.set_completer(None)
        with contextlib.suppress(OSError):
            readline.write_history_file(history)


def _typed() -> Iterator[str]:
    while True:
        try:
            question = input("word: ").strip()
        except EOFError:
            print()
            return
        if not question or question == "EXIT":
            return
        yield question


class Completer:
    """Completes words, as readline asks for it.

    Parameters
    ----------
    words
        All words.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = sorted(words)

    def __call__(self, beginning: str, number: int) -> str | None:
        """The word of this number among those with this beginning; None: there are no more."""
        place = bisect.bisect_left(self._words, beginning) + number
        if place < len(self._words) and self._words[place].startswith(beginning):
            return self._words[place] + " "
        return None
