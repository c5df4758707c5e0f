"""``negw2v info``: what a file holds."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from negw2v.cli import vector_files
from negw2v.cli.arguments import add_topn
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.errors import ModelFileError
from negw2v.formats import opening
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.io.reading import opened, read_up_to
from negw2v.keyedvectors import KeyedVectors

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
The vectors of files that can be mapped into memory are not read, so that large files take no longer
than small ones; of text and binary files only the first words are.

  negw2v info words.model
  negw2v info GoogleNews-vectors-negative300.bin.gz --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument("model", metavar="MODEL", help="a file of vectors or a model")
    parser.add_argument(
        "--from", dest="read_as", choices=vector_files.READABLE, help="the format of the file"
    )
    add_topn(parser, 10, "so many words")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look into the file and print."""
    path = arguments.model
    with opened(path) as source:
        first = read_up_to(source, vector_files.FIRST_BYTES)
    read_as = arguments.read_as or vector_files.format_of_content(first)
    if read_as in ("text", "binary", "glove"):
        found = _of_word2vec_file(path, read_as, first, arguments.topn)
    elif read_as == "native":
        found = _of_record(_record(path), arguments.topn)
    else:
        found = _of_vectors(vector_files.load(path, read_as, None), arguments.topn)
    found = {"file": path, "format": read_as, **found}
    if arguments.json:
        print_json(found)
        return 0
    words = found.pop("words")
    parameters = found.pop("parameters", {})
    rows = [(name.replace("_", " "), _shown(value)) for name, value in found.items()]
    rows += [(name, _shown(value)) for name, value in parameters.items()]
    rows.append(("first words", " ".join(map(str, words))))
    print_table(("", "value"), rows)
    return 0


def _shown(value: Any) -> str:
    return f"{value:,}" if type(value) is int else str(value)


def _record(path: str) -> VectorsRecord | ModelRecord:
    try:
        return opening.read(path, "r")
    except ModelFileError:  # compressed, or a pickle with its arrays inside: read as a whole
        return opening.read(path)


def _of_record(record: VectorsRecord | ModelRecord, topn: int) -> dict[str, Any]:
    model = record if isinstance(record, ModelRecord) else None
    vectors = record if isinstance(record, VectorsRecord) else record.vectors
    count, size = vectors.vectors.shape
    found: dict[str, Any] = {
        "holds": "a model" if model else "vectors",
        "vocabulary": int(count),
        "dimensions": int(size),
        "numbers": str(vectors.vectors.dtype),
    }
    if model is not None:
        found["checkpoint"] = model.training is not None
        weights = {"syn1neg": model.syn1neg, "syn1": model.syn1}
        found["output_vectors"] = ", ".join(n for n, w in weights.items() if w is not None)
        found |= {
            name: model.state[name]
            for name in ("corpus_count", "corpus_total_words", "train_count", "total_train_time")
            if name in model.state
        }
        found["parameters"] = dict(model.parameters)
    found["attributes"] = ", ".join(vectors.attributes)
    keys = vectors.keys if isinstance(vectors.keys, list) else vectors.keys.decode()
    found["words"] = [str(key) for key in keys[:topn]]
    return found


def _of_word2vec_file(path: str, read_as: str, first: bytes, topn: int) -> dict[str, Any]:
    sample = vector_files.load(path, read_as, max(topn, 1))
    found: dict[str, Any] = {"holds": "vectors"}
    if read_as == "glove":
        found["vocabulary"] = None  # a file without a first line does not say it
    else:
        found["vocabulary"] = int(first.split(maxsplit=1)[0])
    return {
        **found,
        "dimensions": sample.vector_size,
        "words": [str(key) for key in sample.index_to_key[:topn]],
    }


def _of_vectors(vectors: KeyedVectors, topn: int) -> dict[str, Any]:
    return {
        "holds": "vectors",
        "vocabulary": len(vectors),
        "dimensions": vectors.vector_size,
        "numbers": str(np.dtype(vectors.vectors.dtype)),
        "attributes": ", ".join(vectors.expandos),
        "words": [str(key) for key in vectors.index_to_key[:topn]],
    }
