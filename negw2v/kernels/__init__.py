r"""The training kernels, and the operations of layers; which level runs is decided here, at import.

::

    Objective, Weights, Tables          problem: what a kernel is given
             |
          checks                        refuses arrays that do not fit together
             |
        SpanTrainer                     spans of a token stream in, changed vectors out
        RoundTrainer                    the same in rounds of shards, which merge unites
         /        \
    reference    _training_*            the specification in NumPy; the same, compiled
    rounds_reference                    that of the rounds
             |
          merge                         the rule by which changes of shards become one
             |
          random                        the streams and alias tables of both
             |
         _sampling                      fills alias tables (compiled)

    layer_operations(dtype)             batches of rows, for negw2v.layers
         /        \
    layer_reference   _layer_ops_*      the specification; the same, compiled, for NumPy's float32
             |
        namespaces                      arrays of other libraries, by the Array API standard

    instruction_sets                    the table of levels: setup.py compiles a module for each
             |
           _cpu                         what this processor supports (compiled)

The sources of what is compiled are in ``src_cython/``, whose README.md is their map. ``_*`` stands
for the name of a level: v2, v3, v4, arm64 or baseline. ``NEGW2V_ISA`` overrides the choice.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import platform
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

try:
    from negw2v.kernels import _cpu
except ImportError as error:  # the first of the compiled modules that anything imports
    import sysconfig

    found = sorted(path.name for path in Path(__file__).parent.glob("_cpu.*[od]"))
    raise ImportError(
        "the compiled modules of negw2v are not for this Python, "
        f"{platform.python_implementation()} {platform.python_version()} on "
        f"{sysconfig.get_platform()}: there is {', '.join(found) or 'none of them'}. Install the "
        "package with this Python: python -m pip install --force-reinstall negw2v; in a clone "
        f"of the repository: python -m pip install --editable . The reason: {error}"
    ) from error

from negw2v.deferred import DeferredModule
from negw2v.errors import ConfigurationError
from negw2v.kernels.instruction_sets import LEVELS, VARIANTS, Level
from negw2v.kernels.merge import MOST_SHARDS, Changes
from negw2v.kernels.problem import (
    BLOCK_WORDS,
    PICKS_PER_DRAW,
    TOTALS,
    WIDEST_BLOCK,
    HuffmanPaths,
    Objective,
    Tables,
    Weights,
    aligned_matrix,
    no_locks,
    padded_length,
    plain_matrix,
)
from negw2v.kernels.random import alias_table, random_streams

if TYPE_CHECKING:
    from negw2v.kernels import layer_reference, reference
else:
    layer_reference = DeferredModule("negw2v.kernels.layer_reference")
    reference = DeferredModule("negw2v.kernels.reference")

__all__ = [
    "BLOCK_WORDS",
    "MOST_SHARDS",
    "PICKS_PER_DRAW",
    "TOTALS",
    "WIDEST_BLOCK",
    "Changes",
    "HuffmanPaths",
    "Objective",
    "RoundTrainer",
    "SpanTrainer",
    "Tables",
    "Team",
    "Weights",
    "alias_table",
    "aligned_matrix",
    "has_teams",
    "isa",
    "isa_variant",
    "layer_level",
    "layer_operations",
    "layer_reference",
    "level",
    "levels",
    "merge_changes",
    "negatives",
    "no_locks",
    "padded_length",
    "plain_matrix",
    "random_streams",
    "reference",
    "variants",
]


def _is_built(name: str) -> bool:
    return importlib.util.find_spec(f"negw2v.kernels._training_{name}") is not None


def _is_built_variant(row: Level) -> bool:
    """Whether the compiler knew the variant: searches gain from each."""
    return importlib.util.find_spec(f"negw2v.search._cosine_scan_{row.name}") is not None


def _is_supported(row: Level) -> bool:
    return all(_cpu.has_feature(feature) for feature in row.features)


def _built_levels() -> tuple[str, ...]:
    return tuple(row.name for row in reversed(LEVELS) if _is_built(row.name))


def levels() -> tuple[str, ...]:
    """The instruction-set levels that are built and that this processor runs, best first."""
    built = _built_levels()
    return tuple(row.name for row in reversed(LEVELS) if row.name in built and _is_supported(row))


def variants() -> tuple[str, ...]:
    """The variants of :func:`levels` that this processor runs, best first."""
    usable = levels()
    return tuple(
        row.name
        for row in reversed(VARIANTS)
        if row.variant_of in usable and _is_supported(row) and _is_built_variant(row)
    )


def level(name: str) -> ModuleType:
    """The training kernel of one level.

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


def layer_level(name: str) -> ModuleType:
    """The operations of layers of one level; see :func:`level`."""
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
    if not levels():
        raise ConfigurationError(
            f"this processor ({platform.machine()}) runs none of the instruction-set levels that "
            f"are built: {', '.join(_built_levels()) or 'none'}. Build the package on this "
            "machine, without NEGW2V_BUILD_LEVELS: python -m pip install --force-reinstall "
            "--no-binary negw2v negw2v"
        )
    if wanted and wanted not in {row.name for row in LEVELS}:
        raise ConfigurationError(
            f"NEGW2V_ISA is {wanted!r}, which is not an instruction-set level: set it to one of "
            f"{', '.join(levels())}, or unset it to use the best of them"
        )
    return wanted or levels()[0]


_chosen = _choose()
_training: Any = level(_chosen)
SpanTrainer = _training.SpanTrainer
negatives = _training.negatives
RoundTrainer = _training.RoundTrainer
Team = _training.Team
merge_changes = _training.merge_changes
has_teams: bool = _training.has_teams


@functools.cache
def _layer_ops() -> Any:
    return layer_level(_chosen)


def layer_operations(dtype: npt.DTypeLike) -> Any:
    """The module of operations of layers for arrays of a type.

    Parameters
    ----------
    dtype
        float32: compiled for this processor; any other: :mod:`layer_reference`.
    """
    return _layer_ops() if np.dtype(dtype) == np.float32 else layer_reference


def isa() -> str:
    """The instruction-set level in use: "v2", "v3", "v4" (x86-64), "arm64" or "baseline"."""
    return _chosen


def isa_variant() -> str:
    """The level in use, or its variant for what this processor has besides: "v4_vnni"."""
    names = (row.name for row in VARIANTS if row.variant_of == _chosen and row.name in variants())
    return next(names, _chosen)
