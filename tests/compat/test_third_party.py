"""Packages that have never heard of us train with the plugin on, and come to the same end.

They are none of our dependencies, and some pin old releases of others: each test is skipped
where its package is not installed. docs/benchmarks.md says with which versions they were run.
"""

from __future__ import annotations

import pytest

pytest.importorskip("gensim", reason="the packages import it")

import third_party
from third_party import LEAST

#: How much the score (see benchmarks/third_party.py) may differ from that of gensim's vectors.
TOLERANCE = {"node2vec": 0.05, "karateclub": 0.05, "pecanpy": 0.05, "spec2vec": 0.05, "wefe": 0.1}


@pytest.mark.parametrize("package", third_party.SCENARIOS)
def test_a_package_comes_to_the_same_conclusion(package: str) -> None:
    pytest.importorskip(package)
    theirs, ours = (third_party.run(package, 400, plugin) for plugin in (False, True))
    assert theirs["trained_by"].startswith("gensim.")
    assert ours["trained_by"].startswith("negw2v.")
    assert ours["fallbacks"] == []
    assert ours["score"] > LEAST[package]
    assert ours["score"] == pytest.approx(theirs["score"], abs=TOLERANCE[package])


def test_every_package_has_its_bounds() -> None:
    assert set(TOLERANCE) == set(LEAST) == set(third_party.SCENARIOS)
