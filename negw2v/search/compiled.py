"""The compiled functions of ``src_cython/search/`` for this processor."""

from __future__ import annotations

import importlib
from typing import Any

from negw2v import kernels

__all__ = ["cosine_scan", "topk"]

#: The modules of the instruction-set level that :mod:`negw2v.kernels` chose.
cosine_scan: Any = importlib.import_module(f"negw2v.search._cosine_scan_{kernels.isa_variant()}")
topk: Any = importlib.import_module(f"negw2v.search._topk_{kernels.isa()}")
