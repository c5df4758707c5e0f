"""Versions and settings of this installation."""

from __future__ import annotations

import os
import platform
import sys
from typing import TextIO

import numpy as np

from negw2v import __version__, kernels
from negw2v.extras import OPTIONAL, installed_version

__all__ = ["show_config"]


def show_config(file: TextIO | None = None) -> None:
    """Print versions, instruction-set levels, threads and optional packages.

    Please add the output to bug reports.

    Parameters
    ----------
    file
        The stream to print to; None: standard output.

    Examples
    --------
    >>> negw2v.show_config()
    negw2v ...
    """
    wanted = os.environ.get("NEGW2V_ISA")
    lines = [
        ("negw2v", __version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("NumPy", np.__version__),
        ("platform", platform.platform()),
        ("instruction set in use", kernels.isa() + (" (NEGW2V_ISA)" if wanted else "")),
        ("instruction set of searches", kernels.isa_variant()),
        ("instruction sets available", ", ".join(kernels.levels())),
        ("processors", f"{os.cpu_count()}"),
        ("optional packages", ""),
    ]
    for name, package in OPTIONAL.items():
        version = installed_version(package)
        lines.append((f"  {name}", version or f"not installed ({package.command})"))
    # The user asked for it on this stream: it is not a log line.
    (file or sys.stdout).write(
        "".join(f"{name:<28}{value}".rstrip() + "\n" for name, value in lines)
    )
