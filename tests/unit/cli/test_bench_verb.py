"""The verb bench: figures of every level and algorithm."""

from __future__ import annotations

import json

import pytest

from negw2v import kernels
from negw2v.cli import bench
from negw2v.cli.main import main

SHORT = ["bench", "--seconds", "0.01", "--vocabulary", "1000", "--vector-size", "8"]


def test_every_level_that_is_asked_for_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    others = [level for level in kernels.levels() if level != kernels.isa()][:1]
    options = [f"--level={level}" for level in (kernels.isa(), *others)]
    assert main([*SHORT, *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["levels"]) == [kernels.isa(), *others]
    assert found["vocabulary"] == 1000
    assert found["processor"]
    for figures in found["levels"].values():
        assert [name for name in figures if name.endswith(": words")] == [
            f"{name}: words" for name in bench.ALGORITHMS
        ]
        assert len(figures) == len(bench.ALGORITHMS) + 3
        assert all(figure > 0 for figure in figures.values())


def test_the_table_has_a_column_for_each_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "_figures", lambda arguments: {"a": 1234.5, "b": 7.0})
    assert main([*SHORT, "--level", kernels.isa(), "--workers", "3"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "a\t1,234\nb\t7\n"
    assert captured.err.endswith(": 3 threads, 1,000 words of 8 dimensions\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seconds", "0"], "more than 0 and at most 60"),
        (["--seconds", "61"], "more than 0 and at most 60"),
    ],
)
def test_values_that_make_no_sense(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SHORT, f"--level={kernels.isa()}", *options]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
