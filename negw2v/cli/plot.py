"""``negw2v plot``: draw words."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from negw2v import pictures
from negw2v.cli import vector_files
from negw2v.cli.arguments import add_topn
from negw2v.errors import ParameterError
from negw2v.keyedvectors import KeyedVectors

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
What is drawn:
  neighbours    the words and those most similar to them, as points: near is similar
  analogies     an arrow from the first to the second word of each pair A B C D ...
  similarities  the cosines of all pairs of the words
  frequencies   the length of every vector against the count of its word

  negw2v plot words.model neighbours paris toyota -o map.png
  negw2v plot words.model analogies paris france rome italy -o arrows.svg
  negw2v plot words.model similarities king queen man woman -o heat.png
  negw2v plot words.model frequencies -o frequencies.png
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    parser.add_argument("kind", choices=tuple(KINDS), help="what to draw")
    parser.add_argument("words", metavar="WORD", nargs="*", help="the words")
    parser.add_argument(
        "-o",
        dest="target",
        metavar="FILE",
        required=True,
        help="the picture; its suffix says the format: .png, .svg, .pdf",
    )
    add_topn(parser, 10, "neighbours")
    parser.add_argument(
        "--method",
        choices=pictures.METHODS,
        default="pca",
        help="from many dimensions to two (default: pca)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw, and write the picture."""
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    pictures.write(KINDS[arguments.kind](vectors, arguments), arguments.target)
    print(arguments.target, file=sys.stderr)
    return 0


def _neighbours(vectors: KeyedVectors, arguments: argparse.Namespace) -> Figure:
    return vectors.plot_neighbours(arguments.words, arguments.topn, arguments.method)


def _analogies(vectors: KeyedVectors, arguments: argparse.Namespace) -> Figure:
    words = arguments.words
    if len(words) % 2:
        raise ParameterError(f"analogies are pairs of words; {len(words)} words are not")
    return vectors.plot_analogies(list(zip(words[::2], words[1::2], strict=True)), arguments.method)


def _similarities(vectors: KeyedVectors, arguments: argparse.Namespace) -> Figure:
    return vectors.plot_similarities(arguments.words)


def _frequencies(vectors: KeyedVectors, arguments: argparse.Namespace) -> Figure:
    return vectors.plot_frequencies(arguments.words or None)


KINDS: dict[str, Callable[[KeyedVectors, argparse.Namespace], Figure]] = {
    "neighbours": _neighbours,
    "analogies": _analogies,
    "similarities": _similarities,
    "frequencies": _frequencies,
}
