"""``%load_ext negw2v.notebook``: results of searches are tables in a notebook.

``most_similar()`` returns a plain list of tuples: programs compare it, pickle it, send it as JSON,
and ask for its type. So it cannot say how it wants to be shown. Instead, the extension tells
IPython how to show a list of pairs of a key and a number, wherever it comes from. Models, vectors
and reports show themselves as tables without the extension.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from negw2v.html_tables import table

__all__ = ["load_ipython_extension", "shown", "unload_ipython_extension"]

#: What showed lists before the extension was loaded, for each shell.
_before: dict[int, Callable[[Any], str | None] | None] = {}


def shown(value: list[Any]) -> str | None:
    """A list as HTML, if it is one of pairs of a key and a number; otherwise None.

    Parameters
    ----------
    value
        Any list.

    Examples
    --------
    >>> shown([("rome", 0.75)])
    '<table>...rome...0.7500...</table>'
    >>> shown([("rome", "italy")])
    """
    pairs = (
        type(pair) is tuple
        and len(pair) == 2
        and isinstance(pair[0], (str, int, bytes, tuple))
        and isinstance(pair[1], (float, np.floating))
        for pair in value
    )
    if not value or not all(pairs):
        return None
    return table([(key, float(score)) for key, score in value], ("key", "similarity"))


def load_ipython_extension(shell: Any) -> None:
    """Show results of searches as tables.

    Parameters
    ----------
    shell
        The shell, which IPython gives.
    """
    if id(shell) not in _before:
        formatter = shell.display_formatter.formatters["text/html"]
        _before[id(shell)] = formatter.for_type(list, shown)


def unload_ipython_extension(shell: Any) -> None:
    """Show them as Python does.

    Parameters
    ----------
    shell
        The shell, which IPython gives.
    """
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.pop(list, None)
    before = _before.pop(id(shell), None)
    if before is not None:
        formatter.for_type(list, before)
