"""Trains and queries with an installed negw2v; says which instruction-set level ran.

Needs the package and its hard dependencies alone. Used on every wheel, once per level
(NEGW2V_ISA), by tools/check_wheel.py and cibuildwheel.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import negw2v
from negw2v import Word2Vec, kernels
from negw2v.datasets import synthetic

# Both ways of prediction with both kinds of output.
OBJECTIVES = (
    {"sg": 1, "hs": 0, "negative": 5},
    {"sg": 0, "hs": 0, "negative": 5},
    {"sg": 1, "hs": 1, "negative": 0},
    {"sg": 0, "hs": 1, "negative": 0},
)


def check(condition: bool, what: str) -> None:
    """Unlike assert, also under python -O."""
    if not condition:
        sys.exit(f"smoke test failed (ISA {kernels.isa()}): {what}")


def main() -> None:
    """Train on a corpus file with each objective, and ask for planted relations."""
    asked = os.environ.get("NEGW2V_ISA")
    check(asked in (None, kernels.isa()), f"NEGW2V_ISA={asked} was not obeyed")
    questions = synthetic.analogies()["capital-country"]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"
        text = "\n".join(" ".join(words) for words in synthetic.sentences(20_000))
        corpus.write_text(text + "\n", encoding="utf-8")
        for objective in OBJECTIVES:
            model = Word2Vec(
                corpus_file=str(corpus), vector_size=48, min_count=1, epochs=8, **objective
            )
            check(bool(np.isfinite(model.wv.vectors).all()), f"vectors not finite: {objective}")
            right = sum(
                model.wv.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] == d
                for a, b, c, d in questions
            )
            check(
                right >= 0.8 * len(questions),
                f"{right} of {len(questions)} planted analogies found: {objective}",
            )
    print(f"smoke test passed: negw2v {negw2v.__version__}, ISA {kernels.isa()}")


if __name__ == "__main__":
    main()
