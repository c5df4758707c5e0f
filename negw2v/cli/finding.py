"""Phrases for verbs: found in a corpus as options say, or read from files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from negw2v.cli.arguments import at_least
from negw2v.phrases import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phrases
from negw2v.phrases.corpus import TransformedCorpus
from negw2v.phrases.scorers import NAMED

__all__ = ["add_options", "found", "loaded", "save"]

#: The threshold of each scorer, where none is given.
THRESHOLDS = {"word2phrase": 100.0, "default": 10.0, "npmi": 0.5}


def add_options(group: Any, prefix: str = "") -> None:
    """Declare the options that say what a phrase is.

    Parameters
    ----------
    group
        Where to.
    prefix
        What their names begin with; without it word2phrase's names are known, too.
    """

    def add(name: str, default: Any, about: str, *, short: bool = False, **how: Any) -> None:
        flags = [f"--{prefix}{name}"] + [f"-{name}"] * (short and not prefix)
        group.add_argument(
            *flags,
            dest=f"{prefix}{name}".replace("-", "_"),
            default=default,
            help=about,
            **how,
        )

    add(
        "min-count",
        5,
        "pairs that are rarer are no phrases (default: 5)",
        short=True,
        type=float,
        metavar="N",
    )
    add(
        "threshold",
        None,
        "the score that a phrase must exceed (default: 100 for word2phrase, 10 for default, 0.5 "
        "for npmi)",
        short=True,
        type=float,
        metavar="X",
    )
    add(
        "scoring",
        "word2phrase",
        "how pairs are scored (default: word2phrase); default and npmi are gensim's",
        choices=list(NAMED),
    )
    add("delimiter", "_", "between the words of a phrase (default: _)", metavar="TEXT")
    add(
        "connector-words",
        None,
        "words that may stand within a phrase, separated by commas; english: a list of those",
        metavar="WORDS",
    )
    add(
        "max-vocab-size",
        40_000_000,
        "words and pairs that are counted at a time; rare ones are forgotten (default: 40000000)",
        type=at_least(1),
        metavar="N",
    )


def found(
    sentences: Any, rounds: int, options: argparse.Namespace, prefix: str = ""
) -> list[FrozenPhrases]:
    """The phrases of each round; no more rounds than have something to join.

    Parameters
    ----------
    sentences
        The corpus.
    rounds
        How many rounds at most.
    options
        Those of :func:`add_options`, and `workers`.
    prefix
        What their names begin with.
    """

    def option(name: str) -> Any:
        return getattr(options, f"{prefix}{name}".replace("-", "_"))

    scoring, threshold = option("scoring"), option("threshold")
    connectors = frozenset(filter(None, (option("connector-words") or "").split(",")))
    if connectors == {"english"}:
        connectors = ENGLISH_CONNECTOR_WORDS
    chosen: list[FrozenPhrases] = []
    words = -1
    for _ in range(rounds):
        phrases = Phrases(
            sentences,
            min_count=option("min-count"),
            threshold=THRESHOLDS[scoring] if threshold is None else threshold,
            max_vocab_size=option("max-vocab-size"),
            delimiter=option("delimiter"),
            scoring=scoring,
            connector_words=connectors,
            workers=options.workers,
        )
        if phrases.corpus_word_count == words:  # the last round has joined nothing
            break
        words = phrases.corpus_word_count
        chosen.append(phrases.freeze())
        if not chosen[-1].phrasegrams:
            break
        sentences = TransformedCorpus(chosen[-1], sentences)
    return chosen


def loaded(names: Sequence[str]) -> list[FrozenPhrases]:
    """Phrases from files, one round in each."""
    read = [Phrases.load(name) for name in names]
    return [each.freeze() if isinstance(each, Phrases) else each for each in read]


def save(rounds: Sequence[FrozenPhrases], name: str, *, several: bool) -> None:
    """Write phrases: to this file; several rounds to NAME.1, NAME.2, ..."""
    for number, frozen in enumerate(rounds, 1):
        frozen.save(f"{name}.{number}" if several else name)
