"""Tables in HTML, for notebooks: what they show is escaped, whatever it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["table"]

# Notebooks style tables; numbers and words of any direction need a little more.
NUMBER = ' style="text-align: right"'
TEXT = ' style="text-align: left" dir="auto"'


def table(rows: Iterable[Sequence[Any]], columns: Sequence[str] = (), caption: str = "") -> str:
    """A table.

    Parameters
    ----------
    rows
        Of cells: text is aligned left; numbers right, floats with four digits.
    columns
        Their names; empty: no heading.
    caption
        What stands above it.

    Examples
    --------
    >>> table([("<b>", 0.5)])
    '<table><tr><td ...>&lt;b&gt;</td><td ...>0.5000</td></tr></table>'
    """
    from html import escape  # here, to keep `import negw2v` light

    def cell(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"<td{TEXT}>{escape(str(value))}</td>"
        shown = f"{value:.4f}" if isinstance(value, float) else f"{value:,}"
        return f"<td{NUMBER}>{shown}</td>"

    parts = ["<table>"]
    if caption:
        parts.append(f'<caption style="text-align: left"><b>{escape(caption)}</b></caption>')
    if columns:
        parts.append(f"<tr>{''.join(f'<th{TEXT}>{escape(name)}</th>' for name in columns)}</tr>")
    parts += [f"<tr>{''.join(map(cell, row))}</tr>" for row in rows]
    return "".join([*parts, "</table>"])
