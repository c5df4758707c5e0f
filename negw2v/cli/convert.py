"""``negw2v convert``: reads vectors in one format and writes them in another."""

from __future__ import annotations

import argparse
import sys

from negw2v.cli import vector_files

__all__ = ["add_arguments", "run"]

EXAMPLE = (
    "Formats:\n"
    + "\n".join(f"  {name:<11}{about}" for name, about in vector_files.FORMATS.items())
    + """

Files that are compressed are read as they are. A name that ends in .gz, .bz2, .xz or .zst is
written compressed. Only vectors, words and their counts are written: a model that is to be trained
further stays in its own file.

  negw2v convert GoogleNews-vectors-negative300.bin.gz news.vectors
  negw2v convert words.model words.txt.gz
  negw2v convert glove.6B.100d.txt glove.parquet
  cat words.txt | negw2v convert - words.vectors
"""
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    parser.add_argument("target", metavar="TARGET", help="the new file; -: standard output")
    parser.add_argument(
        "--to",
        dest="write_as",
        choices=tuple(vector_files.FORMATS),
        help="the format to write, where the name of TARGET does not say it",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing")


def run(arguments: argparse.Namespace) -> int:
    """Read and write."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    written = vector_files.save(vectors, arguments.target, arguments.write_as)
    if not arguments.quiet:
        print(
            f"{len(vectors):,} vectors of {vectors.vector_size} dimensions, format {written}: "
            f"{arguments.target}",
            file=sys.stderr,
        )
    return 0
