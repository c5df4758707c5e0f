"""``negw2v config``: versions, instruction-set levels and threads of this installation."""

from __future__ import annotations

import argparse

from negw2v import show_config

__all__ = ["add_arguments", "run"]


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the configuration."""
    show_config()
    return 0
