"""Arguments that several verbs have, and their types: a wrong value is wrong usage."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["add_topn", "at_least"]


def at_least(least: int) -> Callable[[str], int]:
    """The type of whole numbers from `least` on.

    Examples
    --------
    >>> at_least(1)("3")
    3
    """

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return value

    return number


def add_topn(parser: argparse.ArgumentParser, default: int | None, about: str = "so many") -> None:
    """Declare ``-n``, the number of results.

    Parameters
    ----------
    parser
        Of the verb.
    default
        The number without it; None: all.
    about
        What there are so many of.
    """
    shown = "all" if default is None else default
    parser.add_argument(
        "-n",
        type=at_least(1),
        default=default,
        dest="topn",
        metavar="N",
        help=f"{about} (default: {shown})",
    )
