"""What verbs print: tables for people, JSON for programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["add_json", "print_json", "print_table"]


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare --json."""
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def print_json(value: Any) -> None:
    """Print a value of dicts, lists, strings and numbers; text stays readable."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None
) -> None:
    """Print a table.

    Parameters
    ----------
    columns
        Their names.
    rows
        Of cells: text is aligned left; numbers right, floats with four digits.
    title
        What stands above it, on a terminal alone.

    Notes
    -----
    On a terminal, where the package rich is installed, rich draws it, as wide as the terminal is,
    in colours unless NO_COLOR is set. Everywhere else cells are separated by tabs, without titles
    and names of columns, for programs such as cut and awk.
    """
    cells = list(rows)
    if sys.stdout.isatty() and _print_rich(columns, cells, title):
        return
    for row in cells:
        print("\t".join(_text(cell) for cell in row))


def _print_rich(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None) -> bool:
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        return False
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number], (int, float)) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(cell)) for cell in row))  # Text: brackets are no markup
    Console().print(table)
    return True


def _text(cell: Any) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
