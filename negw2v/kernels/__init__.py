"""The training kernels: which one runs is decided here, once, at import.

::

    problem     Objective, Weights, Tables: what a kernel is given
    reference   the specification in NumPy
    _training_* the same, compiled per instruction-set level (src_cython/training/training.pyx)
    random      streams, alias tables: shared by both

    batch_reference   the operations of layers, in NumPy
    _layer_ops_*          the same for float32, compiled per level (src_cython/layers/layer_ops.pyx)

``NEGW2V_ISA`` (v2, v3, v4, or baseline where that is what was built) overrides the choice.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ConfigurationError
from negw2v.kernels import _cpu, batch_reference, reference
from negw2v.kernels.problem import (
    TOTALS,
    HuffmanPaths,
    Objective,
    Tables,
    Weights,
    aligned_matrix,
    plain_matrix,
)
from negw2v.kernels.random import alias_table, random_streams

__all__ = [
    "TOTALS",
    "HuffmanPaths",
    "Objective",
    "SpanTrainer",
    "Tables",
    "Weights",
    "alias_table",
    "aligned_matrix",
    "batch_level",
    "batch_operations",
    "batch_reference",
    "isa",
    "isa_variant",
    "level",
    "levels",
    "plain_matrix",
    "random_streams",
    "reference",
]

_KNOWN_LEVELS = ("v4", "v3", "v2", "baseline")


def _built_levels() -> tuple[str, ...]:
    return tuple(
        name
        for name in _KNOWN_LEVELS
        if importlib.util.find_spec(f"negw2v.kernels._training_{name}") is not None
    )


def levels() -> tuple[str, ...]:
    """The instruction-set levels that are built and that this processor runs, best first."""
    return tuple(name for name in _built_levels() if _cpu.supports(name))


def level(name: str) -> ModuleType:
    """The kernel module of one level.

    Parameters
    ----------
    name
        One of :func:`levels`.

    Raises
    ------
    ConfigurationError
        If that level is not built, or this processor does not run it.
    """
    return _module("training", name)


def batch_level(name: str) -> ModuleType:
    """The batch operations of one level, as :func:`level` gives its training kernel."""
    return _module("layer_ops", name)


def _module(kind: str, name: str) -> ModuleType:
    if name not in levels():
        raise ConfigurationError(
            f"instruction-set level {name!r} is not available: built are "
            f"{', '.join(_built_levels()) or 'none'}; of these this processor runs "
            f"{', '.join(levels()) or 'none'}. Unset NEGW2V_ISA, or set it to one of the latter."
        )
    return importlib.import_module(f"negw2v.kernels._{kind}_{name}")


def _choose() -> str:
    """The level to use: what NEGW2V_ISA says, or the best that this processor runs."""
    wanted = os.environ.get("NEGW2V_ISA")
    if wanted and wanted not in _KNOWN_LEVELS:
        raise ConfigurationError(
            f"NEGW2V_ISA is {wanted!r}, which is no instruction-set level: set it to one of "
            f"{', '.join(levels())}, or unset it to use the best of them"
        )
    return wanted or next(iter(levels()), "baseline")


_chosen = _choose()
SpanTrainer: Any = level(_chosen).SpanTrainer
_batch: Any = batch_level(_chosen)


def batch_operations(dtype: npt.DTypeLike) -> Any:
    """The module of batch operations for arrays of a type.

    Parameters
    ----------
    dtype
        float32: compiled for this processor; any other: :mod:`batch_reference`.
    """
    return _batch if np.dtype(dtype) == np.float32 else batch_reference


def isa() -> str:
    """The instruction-set level in use: "v2", "v3", "v4" (x86-64) or "baseline"."""
    return _chosen


def isa_variant() -> str:
    """The level in use, or its variant for what this processor has besides: "v4_vnni"."""
    return "v4_vnni" if _chosen == "v4" and _cpu.supports("v4_vnni") else _chosen
