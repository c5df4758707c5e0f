"""The compiled functions of ``src_cython/search/`` for this processor."""

from __future__ import annotations

import importlib
from typing import Any

from negw2v import kernels

__all__ = ["scan_kernel", "topk_kernel"]

#: The modules of the instruction-set level that :mod:`negw2v.kernels` chose.
scan_kernel: Any = importlib.import_module(f"negw2v.search._cosine_scan_{kernels.isa_variant()}")
topk_kernel: Any = importlib.import_module(f"negw2v.search._topk_{kernels.isa()}")
