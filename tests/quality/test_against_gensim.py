"""Vectors of the Penn Treebank are no worse than gensim's, trained side by side.

A light form of benchmarks/quality.py, whose functions it uses: fewer epochs, fewer seeds. Both
libraries train with two threads, so that no two runs are alike; how far a score may lie below
gensim's follows from the spread over the seeds: by chance alone, one run of these tests in a
thousand fails (Student's test, one-sided, Bonferroni over the figures).

That the same check sees what it should see is shown twice: on a kernel whose negatives are
pushed the wrong way, compiled for the purpose, and on half the learning rate.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gensim", reason="gensim is the yardstick")
stats = pytest.importorskip("scipy.stats", reason="evaluate_word_pairs needs scipy")

# benchmarks/ is on the path: pythonpath in pyproject.toml
import quality  # noqa: E402
from harness import markdown  # noqa: E402

from negw2v import KeyedVectors, Word2Vec, kernels  # noqa: E402

SEEDS = (1, 2, 3, 4)
WORKERS = 2
CASES = [quality.Case("ptb", 5, sg) for sg in (1, 0)]
FALSE_ALARMS = 1e-3

# (source, line, its broken form): negatives are trained to score high, like the centre word.
WRONG_SIGN = (
    "src_cython/training/problem.pxd",
    "1.0 if j == 0 else -1.0 if j <= p.negative else 0.0",
    "1.0 if j <= p.negative else 0.0",
)

TRAIN_AND_SAVE = """
import sys
import numpy as np
import negw2v
assert negw2v.__file__.startswith(sys.argv[1]), negw2v.__file__
model = negw2v.Word2Vec(corpus_file=sys.argv[2], **eval(sys.argv[3]))
np.savez(sys.argv[4], keys=np.array(model.wv.index_to_key), vectors=model.wv.vectors)
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

Scores = dict[quality.Case, list[dict[str, float]]]
Train = Callable[..., KeyedVectors]


def train_and_score(train: Train, path: Path, **changes: object) -> Scores:
    return {
        case: [
            quality.scores(train(path, **{**quality.parameters(case, seed, WORKERS), **changes}))
            for seed in SEEDS
        ]
        for case in CASES
    }


@pytest.fixture(scope="module")
def gensim_scores(ptb_file: Path) -> Scores:
    return train_and_score(quality.train_theirs, ptb_file)


def comparisons(ours: Scores, theirs: Scores) -> list[quality.Comparison]:
    """Every metric of every case, and the mean of them all."""
    singles = [
        quality.Comparison(
            f"{case}: {metric}",
            [run[metric] for run in ours[case]],
            [run[metric] for run in theirs[case]],
        )
        for case in CASES
        for metric in quality.METRICS
    ]
    together = quality.Comparison(
        "mean of all",
        [statistics.mean(scores) for scores in zip(*(one.ours for one in singles), strict=True)],
        [statistics.mean(scores) for scores in zip(*(one.theirs for one in singles), strict=True)],
    )
    return [*singles, together]


def lower(ours: Scores, theirs: Scores) -> list[str]:
    """The figures of ours that lie lower than chance explains."""
    compared = comparisons(ours, theirs)
    print(markdown(["", "ours", "theirs", "difference", "z"], [one.row() for one in compared]))  # noqa: T201 - shown on failure
    return [
        one.name
        for one in compared
        if stats.ttest_ind(one.ours, one.theirs, alternative="less").pvalue
        < FALSE_ALARMS / len(compared)
    ]


def test_no_figure_is_lower(ptb_file: Path, gensim_scores: Scores) -> None:
    assert lower(train_and_score(quality.train_ours, ptb_file), gensim_scores) == []


def test_half_the_learning_rate_is_noticed(ptb_file: Path, gensim_scores: Scores) -> None:
    ours = train_and_score(quality.train_ours, ptb_file, alpha=0.0125)
    assert "mean of all" in lower(ours, gensim_scores)


def test_negatives_with_the_wrong_sign_are_noticed(
    ptb_file: Path, gensim_scores: Scores, broken_package: Path, tmp_path: Path
) -> None:
    def train_broken(path: Path, **parameters: object) -> KeyedVectors:
        saved = tmp_path / "vectors.npz"
        subprocess.run(
            [
                sys.executable,
                "-c",
                TRAIN_AND_SAVE,
                str(broken_package),
                str(path),
                repr(parameters),
                str(saved),
            ],
            env={**os.environ, "PYTHONPATH": str(broken_package)},
            cwd=broken_package,
            check=True,
        )
        with np.load(saved) as arrays:
            return quality.as_keyed_vectors(arrays["keys"].tolist(), arrays["vectors"])

    found = lower(train_and_score(train_broken, ptb_file), gensim_scores)
    assert "mean of all" in found
    for case in CASES:
        assert f"{case}: MEN" in found


@pytest.fixture(scope="module")
def broken_package(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one line of the kernel broken, compiled for the level in use."""
    copy = tmp_path_factory.mktemp("broken")
    for folder in ("negw2v", "src_cython"):
        shutil.copytree(
            repository / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(repository / file, copy)
    source = copy / WRONG_SIGN[0]
    text = source.read_text()
    assert text.count(WRONG_SIGN[1]) == 1, "the line to break has changed: update WRONG_SIGN"
    source.write_text(text.replace(*WRONG_SIGN[1:]))
    built = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"],
        cwd=copy,
        env={**os.environ, "NEGW2V_BUILD_LEVELS": kernels.isa()},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"the broken kernel needs Cython and a C compiler: {built.stderr[-500:]}")
    return copy


def test_the_loss_falls_from_epoch_to_epoch(ptb_file: Path) -> None:
    for case in CASES:
        model = Word2Vec(corpus_file=str(ptb_file), **quality.parameters(case, 1, WORKERS))
        losses = model.training_report.losses
        assert losses == sorted(losses, reverse=True)
        # Vectors that know nothing have a loss of ln 2 for each of the six words.
        assert losses[-1] < 0.75 * 6 * math.log(2)
