"""The slides' run, layer by layer: speed compared with plain NumPy, and what the vectors learn.

    python benchmarks/layers.py                           both parts; takes about ten minutes
    python benchmarks/layers.py --part speed              words per second, and the loss curves
    python benchmarks/layers.py --part outcome --seeds 2  10 epochs for each seed

CBOW on the Penn Treebank: window 5, 100 dimensions, batches of 100, 5 negatives, Adam
(benchmarks/slides.py has it in NumPy). For speed all contenders go through the same examples,
in random order, each with its own weights, in turn; a figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from harness import heading, markdown
from slides import DenseOptimizer, NumpyCBOW, VectorisedCBOW, choices, word_probabilities

from negw2v import kernels
from negw2v.datasets import benchmarks, ptb
from negw2v.datasets.dictionaries import create_contexts_target
from negw2v.layers import CBOW, Adam, Trainer

WINDOW, DIMENSIONS, BATCH, NEGATIVES = 5, 100, 100, 5
SETTINGS = (
    "CBOW, Penn Treebank, window 5, 100 dimensions, 5 negatives, batches of 100, Adam (learning "
    "rate 0.001)."
)

#: What counts as a car maker among the neighbours of toyota.
CAR_MAKERS = frozenset(
    """ford honda mazda nissan chrysler gm bmw mercedes porsche lexus subaru mitsubishi volkswagen
    volvo chevrolet hyundai saab jaguar peugeot fiat renault buick cadillac infiniti audi""".split()
)


@dataclass
class Contender:
    """Trains on one batch after the other, and remembers how long it took.

    Parameters
    ----------
    name
        For the tables.
    batches
        In a round: as many as take it a second or some.
    train
        Trains on some examples (contexts, targets); returns the losses of batches.
    """

    name: str
    batches: int
    train: Callable[[Any, Any], list[float]]
    losses: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)

    def run(self, contexts: Any, target: Any, first: int) -> None:
        """A round: the batches from `first` on."""
        order = np.arange(first * BATCH, (first + self.batches) * BATCH) % len(target)
        x, t = contexts[order], target[order]
        start = time.perf_counter()
        self.losses += self.train(x, t)
        self.speeds.append(len(t) / (time.perf_counter() - start))

    @property
    def speed(self) -> float:
        """Words per second."""
        return statistics.median(self.speeds)


def contenders(corpus: Any, words: int) -> list[Contender]:
    """Everyone who takes part, beginning with the same weights."""
    random = np.random.RandomState(1)
    weights = [0.01 * random.randn(words, DIMENSIONS).astype("f") for _ in range(2)]
    p = word_probabilities(corpus)
    plain, dense = NumpyCBOW(*weights), DenseOptimizer("adam", 0.001, 0.9, 0.999)
    vectorised = VectorisedCBOW(*weights, p, NEGATIVES)

    def batches(x: Any, t: Any) -> Any:
        return [(x[i : i + BATCH], t[i : i + BATCH]) for i in range(0, len(t), BATCH)]

    def slides(x: Any, t: Any) -> list[float]:
        losses = []
        for contexts, target in batches(x, t):
            drawn = choices(random, p, target, NEGATIVES)
            losses.append(plain.step(contexts, target, drawn))
            dense.update(plain.params, plain.grads)
        return losses

    def ours(mode: Any) -> Callable[[Any, Any], list[float]]:
        model = CBOW(words, DIMENSIONS, WINDOW, corpus, seed=1)
        for parameter, values in zip(model.params, weights, strict=True):
            parameter[...] = values
        trainer = Trainer(model, Adam(mode=mode), seed=1)

        def train(x: Any, t: Any) -> list[float]:
            before = len(trainer.loss_list)
            trainer.fit(x, t, 1, BATCH, eval_interval=1, progress=False)
            return trainer.loss_list[before:]

        return train

    return [
        Contender("NumPy, the slides' way", 60, slides),
        Contender(
            "NumPy, vectorised, sparse Adam",
            1000,
            lambda x, t: [vectorised.step(*batch) for batch in batches(x, t)],
        ),
        Contender("negw2v, Adam dense", 200, ours("dense")),
        Contender("negw2v, Adam exact", 3000, ours("exact")),
        Contender("negw2v, Adam sparse", 3000, ours("sparse")),
    ]


def speed(rounds: int, plot: Path | None) -> list[Contender]:
    """Measure, print the table, draw the losses."""
    corpus, word_to_id, _ = ptb.load_data("train")
    contexts, target = create_contexts_target(corpus, WINDOW)
    order = np.random.default_rng(0).permutation(len(target))
    contexts, target = contexts[order], target[order]
    taking_part = contenders(corpus, len(word_to_id))
    for contender in taking_part:  # the first calls allocate, and load what is loaded late
        contender.losses += contender.train(contexts[-BATCH:], target[-BATCH:])
    for turn in range(rounds):
        for contender in taking_part:
            contender.run(contexts, target, turn * contender.batches)
            print(
                f"  round {turn + 1}: {contender.name}: {contender.speeds[-1]:,.0f} words/s",
                file=sys.stderr,
                flush=True,
            )
    print(
        heading(
            "The slides' run",
            f"{SETTINGS} Medians of {rounds} rounds; one thread ({kernels.isa()}).",
        )
    )
    slowest, vectorised = taking_part[0], taking_part[1]
    rows = [
        [
            one.name,
            f"{one.speed:,.0f}",
            f"{_ratio(one, slowest):,.0f}",
            f"{_ratio(one, vectorised):.2f}",
        ]
        for one in taking_part
    ]
    print(
        markdown(
            ["", "words/s", "relative to the slides' way", "relative to vectorised NumPy"], rows
        )
    )
    if plot is not None:
        draw(taking_part, plot)
        print(f"\nloss curves: {plot}")
    return taking_part


def _ratio(one: Contender, other: Contender) -> float:
    """The median of the rounds' ratios: what slows a round down slows both."""
    return statistics.median(a / b for a, b in zip(one.speeds, other.speeds, strict=True))


def draw(taking_part: Sequence[Contender], path: Path, smooth: int = 50) -> None:
    """The loss by words seen, of everyone, means over some batches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    styles = ("o", "s", "--", "-", "-")
    for contender, style in zip(taking_part, styles, strict=True):
        losses = np.array(contender.losses)
        means = losses[: len(losses) // smooth * smooth].reshape(-1, smooth).mean(axis=1)
        seen = (np.arange(len(means)) + 0.5) * smooth * BATCH / 1000
        every = max(1, len(means) // 40) if style in "os" else 1
        axes.plot(
            seen, means, style, markersize=4, markevery=every, alpha=0.8, label=contender.name
        )
    axes.set_xscale("log")
    axes.set_xlabel("words seen (thousands)")
    axes.set_ylabel(f"loss, mean of {smooth} batches")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)


def outcome(seeds: Sequence[int], mode: Any, epochs: int = 10) -> list[dict[str, Any]]:
    """Train with each seed, print what the vectors say."""
    corpus, word_to_id, _ = ptb.load_data("train")
    contexts, target = create_contexts_target(corpus, WINDOW)
    found = []
    for seed in seeds:
        model = CBOW(len(word_to_id), DIMENSIONS, WINDOW, corpus, seed=seed)
        trainer = Trainer(model, Adam(mode=mode), seed=seed)
        start = time.perf_counter()
        trainer.fit(contexts, target, epochs, BATCH, progress=False)
        seconds = time.perf_counter() - start
        found.append({"seed": seed, "seconds": seconds, "loss": trainer.loss_list[-1]})
        found[-1] |= answers(model.to_keyed_vectors(word_to_id))
        print(f"  Adam {mode}, seed {seed}: {seconds:.0f} s", file=sys.stderr, flush=True)
    print(heading(f"What the vectors say: Adam {mode}", f"{SETTINGS} {epochs} epochs."))
    columns = [f"seed {run['seed']}" for run in found]
    rows = [
        [name, *(_shown(run[name]) for run in found)] for name in found[0] if name not in {"seed"}
    ]
    print(markdown(["", *columns], rows))
    for metric in ("WordSim-353", "analogies"):
        print(f"\nmean {metric}: {statistics.mean(run[metric] for run in found):.4f}", end="")
    print()
    for name, passes in CRITERIA.items():
        print(f"{name}: {sum(passes(run) for run in found)} of {len(found)} seeds")
    return found


def answers(vectors: Any) -> dict[str, Any]:
    """The slides' questions, and both evaluations over the whole vocabulary."""
    result: dict[str, Any] = {
        word: [found for found, _ in vectors.most_similar(word, topn=8)]
        for word in ("you", "year", "car", "toyota")
    }
    for a, b, c in (
        ("king", "man", "queen"),
        ("take", "took", "go"),
        ("car", "cars", "child"),
        ("good", "better", "bad"),
    ):
        direction = vectors[b] - vectors[a] + vectors[c]
        order = np.argsort(-(vectors.vectors @ direction))[:8]
        best = [vectors.index_to_key[i] for i in order]
        result[f"{a}:{b} = {c}:?"] = [word for word in best if word not in {a, b, c}][:5]
    everything = len(vectors)
    pairs = vectors.evaluate_word_pairs(
        str(benchmarks.word_pairs("wordsim353")), restrict_vocab=everything
    )
    accuracy, _ = vectors.evaluate_word_analogies(
        str(benchmarks.analogies()), restrict_vocab=everything
    )
    return {**result, "WordSim-353": float(pairs[1][0]), "analogies": float(accuracy)}


#: name -> whether a run's answers are those of the slides.
CRITERIA: dict[str, Callable[[dict[str, Any]], bool]] = {
    "you: we among the first 3": lambda run: "we" in run["you"][:3],
    "year: month and week among the first 4": lambda run: {"month", "week"} <= set(run["year"][:4]),
    "toyota: two car makers among the first 8": lambda run: (
        len(CAR_MAKERS & set(run["toyota"][:8])) >= 2
    ),
    "take:took = go:? went": lambda run: "went" in run["take:took = go:?"],
    "car:cars = child:? children": lambda run: "children" in run["car:cars = child:?"],
    "good:better = bad:? more and less": lambda run: (
        {"more", "less"} <= set(run["good:better = bad:?"])
    ),
}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


def main() -> int:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=["speed", "outcome"])
    parser.add_argument("--rounds", type=int, default=5, help="of speed (default: 5)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the loss curves")
    parser.add_argument("--seeds", type=int, default=5, help="of the outcome (default: 5)")
    parser.add_argument("--mode", default="exact", choices=["exact", "sparse"], help="of Adam")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    arguments = parser.parse_args()
    parts = arguments.part or ["speed", "outcome"]
    figures: dict[str, Any] = {}
    if "speed" in parts:
        taking_part = speed(arguments.rounds, arguments.plot)
        figures["speed"] = {one.name: one.speeds for one in taking_part}
    if "outcome" in parts:
        figures["outcome"] = outcome(range(1, arguments.seeds + 1), arguments.mode)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
