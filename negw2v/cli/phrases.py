"""``negw2v phrases``: join words that belong together in a text, as word2phrase does."""

from __future__ import annotations

import argparse
import os
import sys
from itertools import islice
from typing import Any

from negw2v.cli import corpora, finding
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.corpus.readers import LineSentence
from negw2v.errors import ParameterError
from negw2v.phrases import FrozenPhrases
from negw2v.phrases.lines import ANY_LENGTH, write_corpus

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
CORPUS has one sentence a line, words separated by blanks; it may be compressed. Without a file to
write, the phrases and their scores are printed, best first.

  negw2v phrases corpus.txt -n 50
  negw2v phrases corpus.txt -o joined.txt --connector-words english
  negw2v phrases corpus.txt --rounds 2 -o joined.txt.gz --save phrases
  negw2v phrases new.txt --load phrases.1 phrases.2 -o joined.txt

The options of word2phrase do what they do there:

  negw2v phrases -train text8 -output text8-phrases -min-count 5 -threshold 100
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument("corpus", metavar="CORPUS", nargs="?", help="the text; -: standard input")
    parser.add_argument("-train", dest="train", metavar="FILE", help="CORPUS")
    parser.add_argument(
        "-o",
        "--output",
        "-output",
        dest="output",
        metavar="FILE",
        help="write the text with its phrases joined; compressed, if the name says so; -: print it",
    )
    finding.add_options(parser)
    parser.add_argument(
        "--rounds",
        type=int,
        default=1,
        metavar="N",
        help="2: phrases of up to four words, ...; it ends where a round has joined nothing",
    )
    parser.add_argument(
        "--save", metavar="FILE", help="write the phrases, too; several rounds: FILE.1, FILE.2, ..."
    )
    parser.add_argument(
        "--load", nargs="+", metavar="FILE", help="phrases from files, one for each round"
    )
    parser.add_argument("-n", type=int, dest="topn", metavar="N", help="print so many phrases")
    parser.add_argument("-debug", type=int, default=2, dest="verbosity", help="0: as --quiet")
    parser.add_argument("--quiet", action="store_true", help="say nothing of what was found")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="number of threads"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Find phrases, and join or print them."""
    corpus = arguments.train or arguments.corpus
    if not corpus:
        raise ParameterError("name the corpus: negw2v phrases CORPUS -o FILE")
    if arguments.rounds < 1:
        raise ParameterError(f"--rounds must be 1 or more, not {arguments.rounds}")
    if arguments.topn is not None and arguments.topn < 0:
        raise ParameterError(f"-n must be 0 or more, not {arguments.topn}")
    quiet = arguments.quiet or arguments.verbosity == 0
    with corpora.readable(corpus, sys.stdin.buffer) as text:
        if arguments.load:
            rounds = finding.loaded(arguments.load)
        else:
            sentences = LineSentence(text, ANY_LENGTH)
            rounds = finding.found(sentences, arguments.rounds, arguments)
        if arguments.save:
            several = len(arguments.load or ()) > 1 or arguments.rounds > 1
            finding.save(rounds, arguments.save, several=several)
        if arguments.output:
            target: Any = sys.stdout.buffer if arguments.output == "-" else arguments.output
            lines, words = write_corpus(text, target, list(rounds), arguments.workers)
            if not quiet:
                print(f"{lines:,} lines, {words:,} words", file=sys.stderr)
    if not (arguments.output or arguments.save) or arguments.topn is not None or arguments.json:
        _print(rounds, arguments)
    elif not quiet:
        print(f"{sum(len(each.phrasegrams) for each in rounds):,} phrases", file=sys.stderr)
    return 0


def _print(rounds: list[FrozenPhrases], arguments: argparse.Namespace) -> None:
    scores: dict[str, float] = {}
    for each in rounds:
        scores |= each.phrasegrams
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    found = list(islice(best, arguments.topn))
    if arguments.json:
        print_json([{"phrase": phrase, "score": score} for phrase, score in found])
    else:
        print_table(("phrase", "score"), found)
