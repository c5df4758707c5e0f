"""What further training does to the words that a model has: with `anchor` and without.

    python benchmarks/growing.py                           both directions; some four minutes
    python benchmarks/growing.py --case "ptb, wiki17" --cbow --anchors none 0.9 1

A model is trained on one text; then its vocabulary is updated with another one, and it is trained
on that alone: without an anchor, with several, and with a tenth of the learning rate. Figures are
of old words, which the model had before the update, and of all words. The loss is that of the new
text in the last epoch: how well it was learned.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from harness import SETTINGS, heading, markdown
from quality import METRICS, scores

from negw2v import KeyedVectors, Word2Vec
from negw2v.datasets import ptb, wiki17

Sentences = list[list[str]]

#: old text, new text -> how many words of each; None: all.
CASES: dict[str, tuple[int | None, int | None]] = {
    "ptb, wiki17": (None, 2_000_000),
    "wiki17, ptb": (8_000_000, None),
}
EPOCHS = {"ptb": 20, "wiki17": 5}
UPDATE_EPOCHS = 5
ANCHORS: tuple[float | None, ...] = (None, 0.5, 0.9, 1.0)
OF_ALL_WORDS = ("analogies", "MEN")


def corpus(name: str, words: int | None) -> Sentences:
    """The beginning of a corpus."""
    path: Path = ptb.path() if name == "ptb" else wiki17.path()
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        sentences = (line.split() for line in lines)
        if words is None:
            return list(sentences)
        lengths = itertools.accumulate(map(len, (found := list(sentences))))
        return [sentence for sentence, end in zip(found, lengths, strict=True) if end <= words]


def first_words(vectors: KeyedVectors, count: int) -> KeyedVectors:
    """The vectors of the first words."""
    result = KeyedVectors(vector_size=vectors.vector_size)
    result.add_vectors(vectors.index_to_key[:count], vectors.vectors[:count])
    return result


def by_count(vectors: KeyedVectors) -> KeyedVectors:
    """All vectors, the most frequent word first: analogies are answered by frequent words."""
    order = np.argsort(-vectors.expandos["count"], kind="stable")
    result = KeyedVectors(vector_size=vectors.vector_size)
    result.add_vectors([vectors.index_to_key[row] for row in order], vectors.vectors[order])
    return result


def cells(vectors: KeyedVectors, metrics: Sequence[str]) -> list[str]:
    """Figures of a table's line."""
    found = scores(vectors)
    return [f"{found[metric]:.3f}" for metric in metrics]


def measure(case: str, anchors: Sequence[float | None], settings: dict[str, Any]) -> None:
    """Train on both texts, and print a table."""
    old_name, new_name = case.split(", ")
    old_words, new_words = CASES[case]
    old, new = corpus(old_name, old_words), corpus(new_name, new_words)
    model = Word2Vec(old, epochs=EPOCHS[old_name], **settings)
    size = len(model.wv)
    rows = [["before", "", "", *cells(model.wv, METRICS), *[""] * len(OF_ALL_WORDS)]]
    examples = []
    alpha = settings["alpha"]
    for anchor, rate in [*((anchor, alpha) for anchor in anchors), (None, alpha / 10)]:
        grown = copy.deepcopy(model)
        grown.build_vocab(new, update=True)
        grown.train(
            new,
            total_examples=grown.corpus_count,
            epochs=UPDATE_EPOCHS,
            start_alpha=rate,
            anchor=anchor,
        )
        report = grown.training_report
        assert report.drift is not None
        name = f"anchor={anchor}" if rate == alpha else f"start_alpha={rate:g}"
        shown = [f"{report.drift.mean:.3f}", f"{report.losses[-1]:.3f}"]
        old_figures = cells(first_words(grown.wv, size), METRICS)
        rows.append([name, *shown, *old_figures, *cells(by_count(grown.wv), OF_ALL_WORDS)])
        examples.append(f"{name}\n{report.drift}")
        print(f"  {case}: {name} done", file=sys.stderr, flush=True)
    about = (
        f"{sum(map(len, old)):,} words of {old_name}, {EPOCHS[old_name]} epochs, {size:,} "
        f"different words; then {sum(map(len, new)):,} words of {new_name}, {UPDATE_EPOCHS} "
        f"epochs, {len(grown.wv) - size:,} new ones. "
        + ", ".join(f"{name}={value}" for name, value in settings.items())
    )
    print(heading(f"{old_name}, then {new_name}", about))
    all_words = (f"{metric}, all words" for metric in OF_ALL_WORDS)
    columns = ("", "mean cosine", "loss", *METRICS, *all_words)
    print(markdown(columns, rows))
    print("\n" + "\n\n".join(examples) + "\n")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--anchors", nargs="+", default=ANCHORS, help="numbers, or none")
    parser.add_argument("--cbow", action="store_true")
    parser.add_argument("--hs", action="store_true")
    parser.add_argument("--alpha", type=float, default=0.025)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    anchors = [None if str(each).lower() == "none" else float(each) for each in arguments.anchors]
    settings = {
        **SETTINGS,
        "sg": int(not arguments.cbow),
        "alpha": arguments.alpha,
        "min_count": arguments.min_count,
        "workers": arguments.workers,
    }
    if arguments.hs:
        settings |= {"hs": 1, "negative": 0}
    for case in arguments.case or CASES:
        measure(case, anchors, settings)


if __name__ == "__main__":
    main()
