"""Windows, vocabularies, rates and threads far from the default: no worse than gensim.

The grid is that of ``benchmarks/quality.py --part windows``, on smaller corpora.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import windows
from windows import Setting

SEEDS = (1, 2, 3)

# Wide enough for a hundred comparisons of three seeds each, on any processor, without a false
# alarm; the faults that this is for cost a third of the score and more.
CHANCE = {"errors": 4.0, "slack": 0.04}

SMALL = {"words": 100, "tokens": 9_000, "length": 450}
FEW = {"tokens": 6_000, "length": 300}

SETTINGS = [
    *(
        Setting(f"window {window}", algorithm, **SMALL, parameters={"window": window})
        for window in (2, 5, 10, 20, 50)
        for algorithm in windows.ALGORITHMS
    ),
    *(
        Setting(f"window {window}", algorithm, **SMALL, parameters={"window": window})
        for window in (100, 300, 1000)
        for algorithm in ("SG", "SG, hs", "SG, both", "CBOW", "CBOW, sum")
    ),
    *(
        Setting(f"{words} words", algorithm, words, **FEW, parameters={"window": 50})
        for words in (2, 4, 20, 1000)
        for algorithm in ("SG", "SG, hs", "CBOW", "CBOW, sum")
    ),
    *(
        Setting(
            f"rate {rate}, window {window}",
            algorithm,
            **SMALL,
            parameters={"window": window, "alpha": rate},
        )
        for rate in (0.01, 0.1, 0.3, 1.0)
        for window in (5, 50)
        for algorithm in ("SG", "SG, hs", "CBOW", "CBOW, sum")
    ),
    Setting(
        "20 negatives of 4 words",
        "SG",
        4,
        **FEW,
        parameters={"window": 100, "negative": 20, "sample": 0},
    ),
]
THREADED = [
    Setting(f"window {window}, {threads} threads", algorithm, **SMALL, parameters=parameters)
    for window in (5, 100)
    for threads in (2, 8)
    for algorithm in ("SG", "SG, hs", "CBOW")
    for parameters in [{"window": window, "workers": threads}]
]

pytest.importorskip("gensim", reason="gensim, the yardstick, is not installed")


def scores(library: str, setting: Setting, seeds: Sequence[int] = SEEDS) -> list[float]:
    return [windows.train(library, setting, seed, workers=1) for seed in seeds]


@pytest.mark.parametrize("setting", [*SETTINGS, *THREADED], ids=str)
@pytest.mark.filterwarnings("ignore:the mean loss per pair:negw2v.errors.NegW2VWarning")
def test_no_worse_than_gensim(setting: Setting) -> None:
    ours, theirs = scores("negw2v", setting), scores("gensim", setting)
    assert not windows.below(ours, theirs, **CHANCE), f"ours {ours}, gensim's {theirs}"


def test_worse_is_noticed() -> None:
    """Half the epochs at a fifth of the rate is worse, and NaN is."""
    setting = Setting("window 10", "SG", **SMALL, parameters={"window": 10})
    slow = Setting("slow", "SG", **SMALL, parameters={"window": 10, "alpha": 0.005, "epochs": 1})
    theirs = scores("gensim", setting)
    assert windows.below(scores("negw2v", slow), theirs, **CHANCE)
    assert windows.below([float("nan"), 1.0, 1.0], theirs, **CHANCE)
