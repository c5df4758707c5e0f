"""Phrases compared with gensim's: counting, from a list and from a file, and joining.

    python benchmarks/phrases.py                  wiki17, three rounds in turn
    python benchmarks/phrases.py --words 2000000  its first words alone

Ratios alone say something: machines differ. The results of both libraries are compared, too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import gensim
from gensim.models.phrases import Phrases as GensimPhrases
from gensim.models.word2vec import LineSentence as GensimLineSentence

import negw2v
from negw2v import LineSentence
from negw2v.datasets import wiki17
from negw2v.phrases import Phrases


def corpus(words: int, folder: Path) -> tuple[list[list[str]], Path]:
    """The first sentences of wiki17, as a list and as a file."""
    left = words

    def enough(sentence: list[str]) -> bool:
        nonlocal left
        left -= len(sentence)
        return left > 0

    sentences = list(takewhile(enough, LineSentence(wiki17.path())))
    path = folder / "corpus.txt"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(" ".join(sentence) + "\n" for sentence in sentences)
    return sentences, path


def contenders(
    sentences: list[list[str]], path: Path
) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What is timed: gensim's way, and ours."""
    theirs, ours = GensimPhrases(sentences), Phrases(sentences)
    assert theirs.vocab == dict(ours.vocab.items())
    assert theirs.export_phrases() == ours.export_phrases()
    their_frozen, our_frozen = theirs.freeze(), ours.freeze()
    joined = path.with_suffix(".joined")

    def write_with_gensim() -> None:
        lines = GensimLineSentence(str(path))
        gensim.utils.save_as_line_sentence(their_frozen[lines], str(joined))

    return {
        "count a list": (lambda: GensimPhrases(sentences), lambda: Phrases(sentences)),
        "count a file": (
            lambda: GensimPhrases(GensimLineSentence(str(path))),
            lambda: Phrases(corpus_file=path),
        ),
        "export": (theirs.export_phrases, ours.export_phrases),
        "join a list": (
            lambda: deque(their_frozen[sentences], maxlen=0),
            lambda: deque(our_frozen[sentences], maxlen=0),
        ),
        "join a file": (write_with_gensim, lambda: our_frozen.save_corpus(path, joined)),
    }


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"negw2v {negw2v.__version__}, gensim {gensim.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        sentences, path = corpus(arguments.words, Path(folder))
        tasks = contenders(sentences, path)
        seconds: dict[str, list[list[float]]] = defaultdict(lambda: [[], []])
        for _ in range(arguments.rounds):
            for name, pair in tasks.items():
                for side, run in enumerate(pair):
                    start = time.perf_counter()
                    run()
                    seconds[name][side].append(time.perf_counter() - start)
    print(f"{'':<16}{'gensim':>10}{'negw2v':>10}{'ratio':>8}")
    for name, (theirs, ours) in seconds.items():
        a, b = statistics.median(theirs), statistics.median(ours)
        print(f"{name:<16}{a:>9.2f}s{b:>9.2f}s{a / b:>8.1f}")


if __name__ == "__main__":
    main()
