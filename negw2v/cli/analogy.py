"""``negw2v analogy``: answers "a is to b as c is to what?"."""

from __future__ import annotations

import argparse

from negw2v.cli import vector_files
from negw2v.cli.arguments import add_topn
from negw2v.cli.output import add_json, print_json, print_table

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
A is to B as C is to what? The answers are the words closest to B - A + C; A, B and C are left out.

  negw2v analogy words.model man king woman
  negw2v analogy words.model paris france rome -n 3 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    for name in ("a", "b", "c"):
        parser.add_argument(name, metavar=name.upper(), help="a word")
    add_topn(parser, 5)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer and print."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    found = vectors.most_similar(
        positive=[arguments.b, arguments.c], negative=[arguments.a], topn=arguments.topn
    )
    if arguments.json:
        print_json([{"word": word, "similarity": float(value)} for word, value in found])
    else:
        print_table(("word", "similarity"), [(word, float(value)) for word, value in found])
    return 0
