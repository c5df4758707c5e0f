"""Files of vectors in any format: which one it is, reading, writing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from negw2v.cli.arguments import at_least
from negw2v.errors import ParameterError
from negw2v.io.compression import compression_suffix, is_safetensors
from negw2v.io.kinds import is_pickle
from negw2v.io.reading import opened, read_up_to
from negw2v.keyedvectors import KeyedVectors

__all__ = [
    "FORMATS",
    "READABLE",
    "add_model",
    "add_reading",
    "format_of_content",
    "format_of_name",
    "load",
    "save",
]

#: What each format is called, and what it is.
FORMATS = {
    "native": "negw2v's own file (.model, .vectors); gensim's files are read as such, too",
    "text": "word2vec's text format (.txt, .vec)",
    "binary": "word2vec's binary format (.bin)",
    "glove": "as text, without the first line",
    "npy": "a NumPy array (.npy), and the words beside it (.vocab.txt)",
    "table": "a Parquet or Arrow table (.parquet, .arrow, .feather)",
    "projector": "two files of TensorBoard's projector (.tsv, and .metadata.tsv beside it)",
    "atlas": "a Parquet table for Embedding Atlas, with a map and neighbours; only written",
}
#: What can be read.
READABLE = tuple(name for name in FORMATS if name != "atlas")
SUFFIXES = {
    ".txt": "text",
    ".vec": "text",
    ".bin": "binary",
    ".npy": "npy",
    ".parquet": "table",
    ".arrow": "table",
    ".feather": "table",
    ".tsv": "projector",
}
#: Enough of a file to see its first word and vector.
FIRST_BYTES = 1 << 16


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the argument MODEL, and how it is read."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="vectors or a model, in any format; -: standard input",
    )
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Declare the options of reading."""
    parser.add_argument(
        "--from",
        dest="read_as",
        choices=READABLE,
        help="the format of the file, where it cannot be told from its first bytes",
    )
    parser.add_argument(
        "--limit",
        type=at_least(1),
        metavar="N",
        help="read only the first N words (text and binary)",
    )


def format_of_content(first: bytes) -> str:
    """The format of a file.

    Parameters
    ----------
    first
        Its first bytes, unpacked.

    Returns
    -------
    str
        One of FORMATS. What cannot be told is "text", whose reader says what is wrong.
    """
    if is_safetensors(first) or is_pickle(first):
        return "native"
    if first.startswith((b"PAR1", b"ARROW1")):
        return "table"
    if first.startswith(b"\x93NUMPY"):
        return "npy"
    line, _, rest = first.partition(b"\n")
    if b"\t" in line and all(map(_is_number, line.split(b"\t"))):
        return "projector"
    header = line.split()
    if len(header) != 2 or not all(field.isdigit() for field in header):
        return "glove" if len(header) > 2 else "text"
    _, _, vector = rest.partition(b" ")
    # Numbers as text consist of few characters; four bytes of a float do not stay among them.
    numbers = vector[: 4 * int(header[1])].split(b"\n")[0]
    return "text" if not numbers.translate(None, b"+-.0123456789eEinfaNIF \t\r") else "binary"


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def format_of_name(path: str) -> str:
    """The format to write a file in, by its name without a suffix of compression."""
    packed = compression_suffix(path)
    name = path[: len(path) - len(packed)] if packed else path
    return SUFFIXES.get(Path(name).suffix.lower(), "native")


def load(path: str, read_as: str | None, limit: int | None) -> KeyedVectors:
    """Read vectors from a file of any format.

    Parameters
    ----------
    path
        The file, or a URI; "-" is standard input.
    read_as
        One of FORMATS, or None: by the first bytes.
    limit
        At most so many words, of text and binary formats.

    Raises
    ------
    MissingFileError, ModelFileError
        There is no such file, or it is damaged.
    ParameterError
        The format cannot be cut short, or not be read from standard input.
    """
    if path == "-":
        return _load_stream(read_as, limit)
    if read_as is None:
        with opened(path) as source:
            read_as = format_of_content(read_up_to(source, FIRST_BYTES))
    if limit is not None and read_as not in ("text", "binary", "glove"):
        raise ParameterError(
            f"--limit is for word2vec's formats; {path} is of the format {read_as}, which is read "
            "whole: leave it out"
        )
    whole: dict[str, Callable[[str], KeyedVectors]] = {
        "native": KeyedVectors.load,
        "npy": KeyedVectors.load_npy,
        "projector": KeyedVectors.load_projector,
        "table": KeyedVectors.load_table,
    }
    if read_as in whole:
        return whole[read_as](path)
    return _load_word2vec(path, read_as, limit)


def _load_word2vec(source: Any, read_as: str, limit: int | None) -> KeyedVectors:
    loaded: KeyedVectors = KeyedVectors.load_word2vec_format(
        source, binary=read_as == "binary", no_header=read_as == "glove", limit=limit
    )
    return loaded


def _load_stream(read_as: str | None, limit: int | None) -> KeyedVectors:
    if read_as not in (None, "text", "binary", "glove"):
        raise ParameterError(
            f"the format {read_as} is not read from standard input; give the name of a file"
        )
    stream: Any = sys.stdin.buffer
    if read_as is None:
        read_as = format_of_content(stream.peek(FIRST_BYTES)[:FIRST_BYTES])
        if read_as not in ("text", "binary", "glove"):
            raise ParameterError(
                f"standard input has the format {read_as}, which is read from files alone; give "
                "the name of a file"
            )
    return _load_word2vec(stream, read_as, limit)


def save(vectors: KeyedVectors, path: str, write_as: str | None) -> str:
    """Write vectors to a file.

    Parameters
    ----------
    vectors
        The vectors.
    path
        The file; "-" is standard output, for text and binary.
    write_as
        One of FORMATS, or None: by the name of the file, on standard output text.

    Returns
    -------
    str
        The format.

    Raises
    ------
    SaveError
        The file cannot be written.
    ParameterError
        The format needs a file.
    """
    if path == "-":
        write_as = write_as or "text"
        if write_as not in ("text", "binary", "glove"):
            raise ParameterError(
                f"the format {write_as} is not written to standard output; give the name of a file"
            )
        _save_word2vec(vectors, sys.stdout.buffer, write_as)
        return write_as
    write_as = write_as or format_of_name(path)
    whole: dict[str, Callable[[str], None]] = {
        "native": vectors.save,
        "npy": vectors.save_npy,
        "table": vectors.save_table,
        "projector": vectors.save_projector,
        "atlas": vectors.save_atlas,
    }
    if write_as in whole:
        whole[write_as](path)
    else:
        _save_word2vec(vectors, path, write_as)
    return write_as


def _save_word2vec(vectors: KeyedVectors, target: Any, write_as: str) -> None:
    vectors.save_word2vec_format(
        target, binary=write_as == "binary", write_header=write_as != "glove"
    )
