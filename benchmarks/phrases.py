"""Phrases compared with gensim's: counting, from a list and from a file, and joining.

    python benchmarks/phrases.py                        wiki17, three rounds in turn
    python benchmarks/phrases.py --words 2500000        its first words alone
    python benchmarks/phrases.py --workers 1 --only file

Seconds are medians: of the clock, and of the processor in all threads. Ratios alone say something:
machines differ. The results of both libraries are compared, too.
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
from negw2v.parallel import thread_count
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
    sentences: list[list[str]], path: Path, workers: int
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
        "count a list": (
            lambda: GensimPhrases(sentences),
            lambda: Phrases(sentences, workers=workers),
        ),
        "count a file": (
            lambda: GensimPhrases(GensimLineSentence(str(path))),
            lambda: Phrases(corpus_file=path, workers=workers),
        ),
        "export": (theirs.export_phrases, ours.export_phrases),
        "join a list": (
            lambda: deque(their_frozen[sentences], maxlen=0),
            lambda: deque(our_frozen[sentences], maxlen=0),
        ),
        "join a file": (
            write_with_gensim,
            lambda: our_frozen.save_corpus(path, joined, workers=workers),
        ),
    }


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=thread_count(), help="threads of negw2v")
    parser.add_argument("--only", default="", help="tasks with this in their names")
    parser.add_argument("--alone", action="store_true", help="without gensim, for a profiler")
    arguments = parser.parse_args()
    print(f"negw2v {negw2v.__version__}, gensim {gensim.__version__}, {arguments.workers} threads")
    with tempfile.TemporaryDirectory() as folder:
        sentences, path = corpus(arguments.words, Path(folder))
        tasks = contenders(sentences, path, arguments.workers)
        seconds: dict[str, list[list[tuple[float, float]]]] = defaultdict(lambda: [[], []])
        for _ in range(arguments.rounds):
            for name, pair in tasks.items():
                for side, run in enumerate(pair):
                    if arguments.only in name and (side or not arguments.alone):
                        start = time.perf_counter(), time.process_time()
                        run()
                        end = time.perf_counter(), time.process_time()
                        seconds[name][side].append((end[0] - start[0], end[1] - start[1]))
    heads = ("", "gensim", "negw2v", "ratio", "processor:", "gensim", "negw2v", "ratio")
    print("{:<12}{:>8}{:>8}{:>7}{:>12}{:>8}{:>8}{:>7}".format(*heads))
    for name, sides in seconds.items():
        theirs, ours = ([statistics.median(each) for each in zip(*side)] for side in sides)  # noqa: B905
        theirs = theirs or [float("nan")] * 2
        wall, processor = (
            f"{before:>8.2f}{after:>8.3f}{before / after:>7.1f}"
            for before, after in zip(theirs, ours, strict=True)
        )
        print(f"{name:<12}{wall}{'':>12}{processor}")


if __name__ == "__main__":
    main()
