"""Train CBOW on the Penn Treebank, layer by layer, and ask the vectors a few things.

    python examples/ptb_cbow.py                      10 epochs, about a minute
    python examples/ptb_cbow.py --epochs 1 --synthetic

The program of *Deep Learning from Scratch 2*, chapter 4, against negw2v.layers: window 5,
100 dimensions, batches of 100, Adam. examples/ptb_skipgram.py is the same with skip-gram.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from negw2v.datasets import ptb, synthetic
from negw2v.datasets.dictionaries import (
    analogy,
    create_contexts_target,
    most_similar,
    number_words,
)
from negw2v.layers import CBOW, Adam, SkipGram, Trainer

WINDOW_SIZE = 5
HIDDEN_SIZE = 100
BATCH_SIZE = 100

QUERIES = ("you", "year", "car", "toyota")
ANALOGIES = (
    ("king", "man", "queen"),
    ("take", "took", "go"),
    ("car", "cars", "child"),
    ("good", "better", "bad"),
)
SYNTHETIC_QUERIES = ("paris", "dog", "writes", "big")
SYNTHETIC_ANALOGIES = (
    ("paris", "france", "rome"),
    ("writes", "wrote", "sings"),
    ("dog", "dogs", "cat"),
    ("mouse", "mice", "woman"),
)


def main(
    network: type[CBOW | SkipGram] = CBOW,
    arguments: Sequence[str] | None = None,
    description: str | None = __doc__,
) -> int:
    """Train, ask, draw.

    Parameters
    ----------
    network
        CBOW or SkipGram.
    arguments
        Of the command line; None: what the program was called with.
    description
        What ``--help`` says.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--synthetic", action="store_true", help="train on a generated corpus")
    parser.add_argument("--words", type=int, help="train on the first WORDS words alone")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", default=Path(f"{network.__name__.lower()}_loss.png")
    )
    options = parser.parse_args(arguments)

    if options.synthetic:
        words = (word for sentence in synthetic.sentences() for word in sentence)
        corpus, word_to_id, id_to_word = number_words(words)
        queries, analogies = SYNTHETIC_QUERIES, SYNTHETIC_ANALOGIES
    else:
        corpus, word_to_id, id_to_word = ptb.load_data("train")
        queries, analogies = QUERIES, ANALOGIES
    corpus = corpus[: options.words]
    contexts, target = create_contexts_target(corpus, WINDOW_SIZE)

    model = network(len(word_to_id), HIDDEN_SIZE, WINDOW_SIZE, corpus, seed=options.seed)
    trainer = Trainer(model, Adam(), seed=options.seed)
    start = time.perf_counter()
    trainer.fit(contexts, target, options.epochs, BATCH_SIZE)
    seconds = time.perf_counter() - start
    speed = options.epochs * len(target) / seconds
    print(
        f"{options.epochs} epochs of {len(target):,} words in {seconds:.1f} s: {speed:,.0f} words/s"
    )
    print(f"loss: {trainer.loss_list[0]:.2f} at the start, {trainer.loss_list[-1]:.2f} at the end")

    word_vecs = np.array(model.word_vecs)
    for query in queries:
        most_similar(query, word_to_id, id_to_word, word_vecs, top=5)
    for a, b, c in analogies:
        analogy(a, b, c, word_to_id, id_to_word, word_vecs)

    trainer.plot(options.plot)
    print(f"\nlosses: {options.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
