"""Modules that are imported at their first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from negw2v.deferred import DeferredModule

#: Run in a process of its own: what the import brings, and what a use of it adds.
PROGRAM = """
import sys
from negw2v import Word2Vec
late = ["keyedvectors.files", "formats.word2vec.reading", "kernels.layer_reference"]
print([name for name in late if f"negw2v.{name}" in sys.modules])
from negw2v import KeyedVectors, kernels
assert kernels.reference.SpanTrainer.__module__ == "negw2v.kernels.reference"
assert kernels.layer_operations("f8").__name__ == "negw2v.kernels.layer_reference"
vectors = KeyedVectors(2)
vectors.add_vectors(["a"], [[3, 4]])
vectors._repr_html_()
print("negw2v.keyedvectors.display" in sys.modules)
"""


def test_what_many_programs_never_need_is_not_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, check=True
    )
    assert run.stdout == "[]\nTrue\n"


def test_it_stands_for_its_module() -> None:
    module = DeferredModule("colorsys")
    assert repr(module) == "<colorsys, imported at its first use>"
    sys.modules.pop("colorsys", None)
    assert module.rgb_to_hsv(1, 1, 1) == (0.0, 0.0, 1)
    assert "colorsys" in sys.modules
    with pytest.raises(AttributeError, match="'colorsys' has no attribute 'rgb_to_cmyk'"):
        module.rgb_to_cmyk  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        DeferredModule("negw2v.no_such_module").anything  # noqa: B018
