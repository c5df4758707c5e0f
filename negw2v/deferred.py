"""Modules that are imported when something of them is needed first.

A good part of what it takes to import the package is for files and layers, which many programs
never use.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["DeferredModule"]


class DeferredModule:
    """Stands for a module until something of it is asked for.

    Where it is assigned, type checkers are told of the module itself::

        if TYPE_CHECKING:
            from negw2v.keyedvectors import files
        else:
            files = DeferredModule("negw2v.keyedvectors.files")

    Parameters
    ----------
    name
        The module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)

    def __repr__(self) -> str:
        return f"<{self._name}, imported at its first use>"
