"""The compiled functions of ``src_cython/passes.pyx`` and ``ranking.pyx`` for this processor."""

from __future__ import annotations

import importlib
from typing import Any

from negw2v import kernels

__all__ = ["passes", "ranking"]

#: The modules of the instruction-set level that :mod:`negw2v.kernels` chose.
passes: Any = importlib.import_module(f"negw2v.queries._passes_{kernels.isa_variant()}")
ranking: Any = importlib.import_module(f"negw2v.queries._ranking_{kernels.isa()}")
