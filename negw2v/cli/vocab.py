"""``negw2v vocab``: the words of a text or of a model, with their counts."""

from __future__ import annotations

import argparse
import os
import sys
from itertools import islice

from negw2v.cli import corpora, vector_files
from negw2v.cli.arguments import add_topn, at_least
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.errors import ParameterError
from negw2v.io.reading import opened, read_up_to
from negw2v.word2vec import Word2Vec

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
Words and counts, most frequent first. The output is what 'negw2v train --read-vocab' takes.

  negw2v vocab corpus.txt.gz -n 20
  negw2v vocab corpus.txt --min-count 5 > vocabulary.txt
  negw2v vocab words.model --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument(
        "file", metavar="FILE", help="a text, one sentence a line, or a model; -: standard input"
    )
    parser.add_argument(
        "--from",
        dest="read_as",
        choices=vector_files.READABLE,
        help="FILE holds vectors in this format",
    )
    add_topn(parser, None)
    parser.add_argument(
        "--min-count",
        type=at_least(1),
        default=1,
        metavar="N",
        help="at least so often (default: 1)",
    )
    parser.add_argument(
        "--workers",
        type=at_least(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="threads that count",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Count and print."""
    counts = _counts(arguments)
    found = [(word, count) for word, count in counts if count >= arguments.min_count]
    found = list(islice(found, arguments.topn))
    if arguments.json:
        print_json([{"word": word, "count": count} for word, count in found])
    else:
        print_table(("word", "count"), found)
    return 0


def _counts(arguments: argparse.Namespace) -> list[tuple[str, int]]:
    path, read_as = arguments.file, arguments.read_as
    if read_as is None and path != "-":
        with opened(path) as source:
            content = vector_files.format_of_content(read_up_to(source, vector_files.FIRST_BYTES))
        # Vectors as text look like a text: those are asked for with --from.
        read_as = None if content in ("text", "glove") else content
    if read_as is not None:
        vectors = vector_files.load(path, read_as, None)
        # The readers of word2vec's formats make counts up, as gensim does, to keep the order.
        if read_as in ("text", "binary", "glove") or "count" not in vectors.expandos:
            raise ParameterError(f"{path} holds words without their counts")
        return [
            (str(word), int(vectors.get_vecattr(word, "count"))) for word in vectors.key_to_index
        ]
    with corpora.readable(path, sys.stdin.buffer) as text:
        model = Word2Vec(workers=arguments.workers)
        model.scan_vocab(corpus_file=text)
    return sorted(model.raw_vocab.items(), key=lambda item: -item[1])
