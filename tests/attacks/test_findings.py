"""What fuzzing found stays found: each file is read again, and is read or refused as it should."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from typing import Any

import pytest

FUZZ = Path(__file__).with_name("fuzz")


@pytest.fixture(scope="module")
def fuzz() -> Any:
    spec = importlib.util.spec_from_file_location("negw2v_fuzz", FUZZ / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "finding",
    sorted((FUZZ / "findings").glob("*/*")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_a_finding_is_no_longer_one(finding: Path, fuzz: Any, tmp_path: Path) -> None:
    fuzz.check(finding.parent.name, finding.read_bytes(), tmp_path)


@pytest.mark.parametrize("target", ["text", "binary", "pickle", "native"])
def test_files_with_changed_bytes(target: str, fuzz: Any, tmp_path: Path) -> None:
    """A few hundred blind changes of whole files; ``make fuzz`` looks for more, with open eyes."""
    chance = random.Random(0)
    seeds = fuzz.seeds(target)
    for seed in seeds:
        fuzz.check(target, seed, tmp_path)
    for _ in range(300):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            change = chance.randrange(3)
            if change == 0:
                data[at] = chance.randrange(256)
            elif change == 1:
                del data[at : at + chance.randint(1, 8)]
            else:
                data[at:at] = data[max(0, at - 8) : at]
            data = data or bytearray(b"x")
        fuzz.check(target, bytes(data), tmp_path)
