"""The compiled functions of ``src_cython/ranking.pyx`` and ``coding.pyx`` for this processor."""

from __future__ import annotations

import importlib
from typing import Any

from negw2v import kernels

__all__ = ["coding", "ranking"]

#: The modules of the instruction-set level that :mod:`negw2v.kernels` chose.
coding: Any = importlib.import_module(f"negw2v.queries._coding_{kernels.isa_variant()}")
ranking: Any = importlib.import_module(f"negw2v.queries._ranking_{kernels.isa()}")
