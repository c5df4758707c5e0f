"""What this installation is made of."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from typing import TextIO

import numpy as np

from negw2v import __version__, kernels

__all__ = ["show_config"]

OPTIONAL_PACKAGES = ("smart_open", "tqdm", "pooch", "scipy", "zstandard")


def show_config(file: TextIO | None = None) -> None:
    """Print versions, instruction-set levels and threads: what a bug report needs.

    Parameters
    ----------
    file
        Where to; None: standard output.
    """
    wanted = os.environ.get("NEGW2V_ISA")
    found = [name for name in OPTIONAL_PACKAGES if importlib.util.find_spec(name) is not None]
    lines = [
        ("negw2v", __version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("NumPy", np.__version__),
        ("platform", platform.platform()),
        ("instruction set in use", kernels.isa() + (" (NEGW2V_ISA)" if wanted else "")),
        ("instruction set of searches", kernels.isa_variant()),
        ("instruction sets available", ", ".join(kernels.levels())),
        ("processors", f"{os.cpu_count()}"),
        ("optional packages", ", ".join(found) or "none"),
    ]
    # A document for people on the stream they chose: not a log line.
    (file or sys.stdout).write("".join(f"{name:<28}{value}\n" for name, value in lines))
