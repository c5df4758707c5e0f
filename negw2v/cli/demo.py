"""``negw2v demo``: train on real text, report on the training, query the vectors."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from negw2v.cli.arguments import at_least
from negw2v.datasets import ptb, synthetic
from negw2v.datasets.files import PATIENCE_SECONDS
from negw2v.errors import DatasetError
from negw2v.extras import OPTIONAL, installed_version
from negw2v.keyedvectors import KeyedVectors
from negw2v.word2vec import Word2Vec

__all__ = ["add_arguments", "run"]


#: (a, b, c): a is to b as c is to what?
Question = tuple[str, str, str]


@dataclass(frozen=True)
class Material:
    """The demo's corpus and questions.

    Parameters
    ----------
    title
        The name of the corpus.
    corpus
        The arguments of Word2Vec that give it.
    parameters
        Other parameters of Word2Vec that suit it.
    words
        Words whose nearest words are shown.
    questions
        Analogy questions.
    """

    title: str
    corpus: dict[str, Any]
    parameters: dict[str, Any]
    words: tuple[str, ...]
    questions: tuple[Question, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--synthetic", action="store_true", help="train on the generated corpus in any case"
    )
    parser.add_argument("--epochs", type=at_least(1), help="passes over the corpus")
    parser.add_argument(
        "--workers",
        type=at_least(1),
        default=min(4, os.cpu_count() or 1),
        help="threads (default: %(default)s)",
    )
    parser.add_argument(
        "--quiet",
        action="store_true",
        help="nothing but the results: no progress bar (without this there is one on a terminal), "
        "and no remarks on standard error",
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, print the report, query the vectors."""
    material = _synthetic() if arguments.synthetic else _penn_treebank_or_synthetic(arguments.quiet)
    parameters = dict(material.parameters)
    if arguments.epochs is not None:
        parameters["epochs"] = arguments.epochs
    settings = ", ".join(f"{name}={value}" for name, value in parameters.items())
    print(f"Training on {material.title}: {settings}", flush=True)
    model = Word2Vec(
        **material.corpus,
        **parameters,
        workers=arguments.workers,
        progress=False if arguments.quiet else None,
    )
    print(f"\n{model.training_report}\n{'vocabulary':<28}{len(model.wv):,} words")
    _show_neighbours(model.wv, material.words)
    _show_analogies(model.wv, material.questions)
    return 0


def _penn_treebank_or_synthetic(quiet: bool) -> Material:
    def remark(text: str) -> None:
        if not quiet:
            print(text, file=sys.stderr, flush=True)

    try:
        return _penn_treebank(ptb.path(download=False))
    except DatasetError:  # it is not on this machine
        if installed_version(OPTIONAL["pooch"]) is not None:
            remark(
                "The Penn Treebank is not on this machine: downloading it, if its server answers "
                f"within {PATIENCE_SECONDS} seconds ..."
            )
    try:
        return _penn_treebank(ptb.path())
    except DatasetError as error:
        remark(
            f"{error}\nThe demo goes on with a small corpus that negw2v generates itself.\n",
        )
        return _synthetic()


def _penn_treebank(path: Path) -> Material:
    return Material(
        title=f"the Penn Treebank ({path})",
        corpus={"corpus_file": str(path)},
        # A small corpus: keep every word; use more negatives and a higher rate than usual.
        parameters={
            "sg": 0,
            "vector_size": 100,
            "window": 5,
            "negative": 10,
            "sample": 0,
            "alpha": 0.05,
            "min_count": 1,
            "epochs": 20,
        },
        words=("you", "year", "car", "toyota"),
        questions=(
            ("king", "man", "queen"),
            ("take", "took", "go"),
            ("car", "cars", "child"),
            ("good", "better", "bad"),
        ),
    )


def _synthetic() -> Material:
    return Material(
        title="sentences of a small grammar with planted relations",
        corpus={"sentences": synthetic.sentences()},
        parameters={"sg": 1, "vector_size": 50, "window": 5, "min_count": 1, "epochs": 10},
        words=("big", "paris", "dogs", "wrote"),
        questions=(
            ("paris", "france", "rome"),
            ("dog", "dogs", "child"),
            ("writes", "wrote", "sings"),
            ("tokyo", "japan", "berlin"),
        ),
    )


def _show_neighbours(vectors: KeyedVectors, words: tuple[str, ...]) -> None:
    print("\nNearest words (cosine)")
    for word in words:
        _show(word, vectors, positive=[word], negative=[])


def _show_analogies(vectors: KeyedVectors, questions: tuple[Question, ...]) -> None:
    print("\nAnalogies (cosine)")
    for a, b, c in questions:
        _show(f"{a} : {b} = {c} : ?", vectors, positive=[b, c], negative=[a])


def _show(label: str, vectors: KeyedVectors, positive: list[str], negative: list[str]) -> None:
    found = vectors.most_similar(positive=positive, negative=negative, topn=5)
    print(f"  {label:<28}" + ", ".join(f"{word} {score:.2f}" for word, score in found))
