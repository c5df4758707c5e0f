"""What benchmarks print about the machine."""

from __future__ import annotations

import limits
import pytest

from negw2v import kernels


@pytest.mark.parametrize("name", limits.WORK)
def test_several_processes_add_up_what_each_has_done(name: str) -> None:
    step = limits.WORK[name]()
    assert step() == step() > 0
    assert limits.throughput(name, 2, seconds=0.01) > 0


def test_the_table_names_the_levels_and_the_ratio() -> None:
    lines = limits.table(2, rounds=1, seconds=0.01).splitlines()
    assert lines[0].startswith(f"Instruction sets: {', '.join(kernels.levels())}")
    assert lines[2].split(" | ")[-1] == "2 over 1 |"
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| multiply", "| copy"]
    for line in lines[4:]:
        one, two, ratio = (float(cell.split(" ")[0].rstrip("x")) for cell in line.split(" | ")[1:])
        assert one > 0
        assert two > 0
        assert ratio > 0
