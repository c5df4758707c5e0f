"""``negw2v similar``: the words most similar to given ones."""

from __future__ import annotations

import argparse

from negw2v.cli import vector_files
from negw2v.cli.arguments import add_topn
from negw2v.cli.output import add_json, print_json, print_table

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
Several words are taken together: the result is similar to their mean. --not WORD subtracts one.

  negw2v similar words.model paris
  negw2v similar words.model king woman --not man -n 5
  negw2v similar GoogleNews-vectors.bin.gz paris --limit 200000 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    parser.add_argument("words", metavar="WORD", nargs="+", help="a word")
    parser.add_argument(
        "--not", dest="negative", metavar="WORD", action="append", default=[], help="less like this"
    )
    add_topn(parser, 10)
    parser.add_argument(
        "--cosmul",
        action="store_true",
        help="multiply similarities in place of adding them (Levy and Goldberg 2014)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Search and print."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    search = vectors.most_similar_cosmul if arguments.cosmul else vectors.most_similar
    found = search(positive=arguments.words, negative=arguments.negative, topn=arguments.topn)
    if arguments.json:
        print_json([{"word": word, "similarity": float(value)} for word, value in found])
    else:
        print_table(("word", "similarity"), [(word, float(value)) for word, value in found])
    return 0
