"""``negw2v evaluate``: score vectors on analogy questions and word pairs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from negw2v.cli import vector_files
from negw2v.cli.arguments import at_least
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.datasets import benchmarks
from negw2v.errors import DatasetError, ParameterError
from negw2v.evaluation.analogies import read_questions
from negw2v.evaluation.word_pairs import read_judgements
from negw2v.evaluation.word_rows import WordRows
from negw2v.keyedvectors import KeyedVectors

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
Without --analogies and --pairs, all benchmarks that are at hand are used: Google's analogies,
WordSim-353, SimLex-999, MEN and RG-65 (docs/data.md says where they are looked for).

  negw2v evaluate words.model
  negw2v evaluate words.model --analogies questions-words.txt --sections
  negw2v evaluate words.model --pairs wordsim353.tsv --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    vector_files.add_model(parser)
    parser.add_argument(
        "--analogies",
        metavar="FILE",
        action="append",
        default=[],
        help="questions of four words, in sections ': name' (as questions-words.txt)",
    )
    parser.add_argument(
        "--pairs",
        metavar="FILE",
        action="append",
        default=[],
        help="lines of two words and a judgement, separated by tabs",
    )
    parser.add_argument(
        "--restrict-vocab",
        type=at_least(1),
        default=300_000,
        metavar="N",
        help="only the N most frequent words (default: 300000)",
    )
    parser.add_argument(
        "--case-sensitive", action="store_true", help="do not take paris and Paris for one word"
    )
    parser.add_argument("--sections", action="store_true", help="a row for each section, too")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    questions, pairs = _files(arguments)
    vectors = vector_files.load(arguments.model, arguments.read_as, arguments.limit)
    options = {
        "restrict_vocab": arguments.restrict_vocab,
        "case_insensitive": not arguments.case_sensitive,
    }
    results = [_analogies(vectors, path, options) for path in questions]
    results += [_pairs(vectors, path, options) for path in pairs]
    if arguments.json:
        print_json(results)
        return 0
    rows = [
        [
            section["name"] if section is result else f"  {section['name']}",
            section["score"],
            section["used"],
            section["left_out"],
        ]
        for result in results
        for section in (result, *(result.get("sections", ()) if arguments.sections else ()))
    ]
    print_table(("benchmark", "score", "used", "left out"), rows, "accuracy, or Spearman's rho")
    return 0


def _files(arguments: argparse.Namespace) -> tuple[Sequence[str], Sequence[str]]:
    """The files of questions and of pairs: those given, or all benchmarks that are at hand."""
    if arguments.analogies or arguments.pairs:
        return arguments.analogies, arguments.pairs
    questions, pairs = [], []
    missing: DatasetError | None = None
    try:
        questions.append(str(benchmarks.analogies()))
    except DatasetError as error:
        missing = error
    for name in get_args(benchmarks.WordPairs):
        try:
            pairs.append(str(benchmarks.word_pairs(name)))
        except DatasetError as error:
            missing = error
    if missing is not None and not questions and not pairs:
        raise ParameterError(
            f"no benchmark is at hand ({missing}); name a file with --analogies or --pairs"
        )
    return questions, pairs


def _analogies(vectors: KeyedVectors, path: str, options: dict[str, Any]) -> dict[str, Any]:
    score, sections = vectors.evaluate_word_analogies(path, **options)
    questions = read_questions(path, WordRows((), None, False))
    *parts, total = sections
    used = len(total["correct"]) + len(total["incorrect"])
    return {
        "name": Path(path).name,
        "kind": "analogies",
        "score": float(score),
        "used": used,
        "left_out": sum(len(section.questions) for section in questions) - used,
        "sections": [_section(part) for part in parts],
    }


def _section(part: dict[str, Any]) -> dict[str, Any]:
    right, used = len(part["correct"]), len(part["correct"]) + len(part["incorrect"])
    return {
        "name": part["section"],
        "score": right / used if used else None,
        "used": used,
        "left_out": None,
    }


def _pairs(vectors: KeyedVectors, path: str, options: dict[str, Any]) -> dict[str, Any]:
    pearson, spearman, unknown = vectors.evaluate_word_pairs(path, **options)
    judged = len(read_judgements(path, WordRows((), None, False)).gold)
    left_out = round(judged * float(unknown) / 100)
    return {
        "name": Path(path).name,
        "kind": "word pairs",
        "score": float(spearman[0]),
        "pearson": float(pearson[0]),
        "used": judged - left_out,
        "left_out": left_out,
    }
