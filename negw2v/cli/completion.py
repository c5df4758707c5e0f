"""``negw2v completion``: a script that completes verbs, options and names of files in a shell."""

from __future__ import annotations

import argparse

from negw2v.cli import main
from negw2v.extras import needed

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
The script knows all verbs and options by itself: completion starts no Python. Write it to where
your shell looks for it, once, and again after an update:

  negw2v completion bash > ~/.local/share/bash-completion/completions/negw2v
  negw2v completion zsh > ~/.zsh/completions/_negw2v       # a folder of $fpath
  negw2v completion tcsh >> ~/.tcshrc
"""

SHELLS = ("bash", "zsh", "tcsh")
#: What stands for the name of a file, or of a folder, in help.
FILES = {"MODEL", "CORPUS", "FILE", "TARGET"}
FOLDERS = {"FOLDER"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    with needed("negw2v completion", "shtab"):
        import shtab
    parser, _ = main.parser_of(main.VERBS)
    for action in _all_actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(parser, arguments.shell))
    return 0


def _all_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments of a parser and of the parsers of its verbs."""
    actions = list(parser._actions)  # noqa: SLF001 - argparse lists them nowhere else
    verbs = [each for each in actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    for verb in verbs:
        for own in verb.choices.values():
            actions += _all_actions(own)
    return actions
