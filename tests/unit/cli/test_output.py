"""Tables: plain between programs, drawn on a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from negw2v.cli.output import print_table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_cells_have_tabs_between_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("word", "similarity"), [("a b", 0.5), ("[red]c", 2)], "title")
    assert capsys.readouterr().out == "a b\t0.5000\n[red]c\t2\n"


def test_a_terminal_gets_a_table_with_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich", reason="tables are drawn with the extra cli")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    print_table(("word", "similarity"), [("[red]c", 0.25)], "title")
    shown = terminal.getvalue()
    assert "similarity" in shown
    assert "[red]c" in shown  # what looks like markup stays as it is
    assert "0.2500" in shown
    assert not re.search(r"\x1b\[[34][0-7]m", shown)  # no colours
    assert max(len(re.sub(r"\x1b\[\d+m", "", line)) for line in shown.splitlines()) <= 40


def test_a_terminal_without_rich_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    print_table(("word",), [("a",)])
    assert terminal.getvalue() == "a\n"
