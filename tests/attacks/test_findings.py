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


TARGETS = (
    *("text", "binary", "vocabulary", "pickle", "native", "npy", "npz", "sidecar", "compressed"),
    *("projector", "corpus", "tokens", "rows", "arrow"),
)


@pytest.mark.parametrize("target", TARGETS)
def test_files_with_changed_bytes(target: str, fuzz: Any, tmp_path: Path) -> None:
    """A few hundred blind changes of whole files; ``make fuzz`` makes more, and with open eyes."""
    assert set(TARGETS) == set(fuzz.TARGETS)
    chance = random.Random(0)
    seeds = fuzz.seeds(target)
    for seed in seeds:
        fuzz.check(target, seed, tmp_path)
    for _ in range(300):
        fuzz.check(target, fuzz.changed(seeds, chance), tmp_path)
