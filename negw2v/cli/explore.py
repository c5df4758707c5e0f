"""``negw2v explore``: a map of the words as a page for the browser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from negw2v import pictures
from negw2v.cli import vector_files

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
The page is one file. It needs no server and loads nothing: open it in any browser, or send it to
someone. It has a map in 2-D and 3-D, a search (press /), the neighbours of a word that is clicked,
analogies, and comparisons of two words. 10,000 words of 100 dimensions take 7 MB.

  negw2v explore words.model
  negw2v explore GoogleNews-vectors.bin.gz --limit 50000 -n 50000 -o news.html
  negw2v explore words.model -n 3000 --method umap -o map.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    parser.add_argument(
        "-n",
        type=int,
        default=10_000,
        metavar="N",
        help="the N most frequent words (default: 10000)",
    )
    parser.add_argument(
        "-o",
        dest="target",
        metavar="FILE",
        default="map.html",
        help="the page (default: map.html); -: standard output",
    )
    parser.add_argument(
        "--method",
        choices=pictures.METHODS,
        default="pca",
        help="from many dimensions to two and three (default: pca)",
    )
    parser.add_argument("--title", help="the heading of the page (default: the name of MODEL)")


def run(arguments: argparse.Namespace) -> int:
    """Make the page."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    title = arguments.title
    if title is None:
        title = "Map of words" if arguments.model == "-" else Path(arguments.model).name
    to_pipe = arguments.target == "-"
    page = vectors.explore(
        sys.stdout.buffer if to_pipe else arguments.target, arguments.n, arguments.method, title
    )
    if not to_pipe:
        print(f"{arguments.target}: {page!r}; open it in a browser", file=sys.stderr)
    return 0
