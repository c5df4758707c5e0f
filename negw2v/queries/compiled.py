"""The compiled functions of ``src_cython/ranking.pyx`` for this processor."""

from __future__ import annotations

import importlib
from typing import Any

from negw2v import kernels

__all__ = ["ranking"]

#: The module of the instruction-set level that :func:`negw2v.kernels.isa` names.
ranking: Any = importlib.import_module(f"negw2v.queries._ranking_{kernels.isa()}")
