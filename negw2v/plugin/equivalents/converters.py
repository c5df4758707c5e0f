"""gensim's scripts that convert files of vectors: glove2word2vec, word2vec2tensor."""

from __future__ import annotations

import argparse
import logging
import os

from negw2v.errors import FilePath
from negw2v.io.writing import writing
from negw2v.keyedvectors import KeyedVectors

__all__ = [
    "get_glove_info",
    "glove2word2vec",
    "run_glove2word2vec",
    "run_word2vec2tensor",
    "word2vec2tensor",
]

logger = logging.getLogger(__name__)


def _glove(path: FilePath) -> KeyedVectors:
    loaded: KeyedVectors = KeyedVectors.load_word2vec_format(path, no_header=True)
    return loaded


def get_glove_info(glove_file_name: FilePath) -> tuple[int, int]:
    """The number of vectors in a file of GloVe's, and their dimensions.

    Parameters
    ----------
    glove_file_name
        A text file without a header; it may be compressed. It is read as a whole.

    Returns
    -------
    tuple of int

    Raises
    ------
    ModelFileError, MissingFileError
        As :meth:`negw2v.KeyedVectors.load_word2vec_format`.
    """
    vectors = _glove(glove_file_name)
    return len(vectors), vectors.vector_size


def glove2word2vec(glove_input_file: FilePath, word2vec_output_file: FilePath) -> tuple[int, int]:
    """Write vectors in GloVe's text format in that of word2vec, which has a header.

    :meth:`negw2v.KeyedVectors.load_word2vec_format` reads both, with ``no_header=True`` the former.

    Parameters
    ----------
    glove_input_file
        A text file without a header; it may be compressed.
    word2vec_output_file
        The file to write.

    Returns
    -------
    tuple of int
        The number of vectors, and their dimensions.

    Raises
    ------
    ModelFileError, MissingFileError, SaveError
        As the methods that load and save.
    """
    vectors = _glove(glove_input_file)
    logger.info("converting %d vectors to %s", len(vectors), word2vec_output_file)
    vectors.save_word2vec_format(word2vec_output_file)
    return len(vectors), vectors.vector_size


def word2vec2tensor(
    word2vec_model_path: FilePath, tensor_filename: FilePath, binary: bool = False
) -> None:
    """Write vectors as the two files that TensorFlow's projector reads.

    Parameters
    ----------
    word2vec_model_path
        A file in word2vec's format.
    tensor_filename
        What the names of the files begin with: ``..._tensor.tsv`` has a vector a line, and
        ``..._metadata.tsv`` its word.
    binary
        Whether the format is the binary one.

    Raises
    ------
    ModelFileError, MissingFileError, SaveError
        As the methods that load and save.
    """
    vectors = KeyedVectors.load_word2vec_format(word2vec_model_path, binary=binary)
    start = os.fsdecode(tensor_filename)
    with writing(f"{start}_tensor.tsv") as rows, writing(f"{start}_metadata.tsv") as words:
        for word, row in zip(vectors.index_to_key, vectors.vectors, strict=True):
            words.write(f"{word}\n".encode())
            rows.write(("\t".join(map(str, row)) + "\n").encode())
    logger.info("wrote %s_tensor.tsv and %s_metadata.tsv", start, start)


def run_glove2word2vec() -> int:
    """The program ``gensim.scripts.glove2word2vec``."""
    parser = argparse.ArgumentParser(description="Write GloVe's vectors in word2vec's text format.")
    parser.add_argument("-i", "--input", required=True, help="the file with GloVe's vectors")
    parser.add_argument("-o", "--output", required=True, help="the file to write")
    arguments = parser.parse_args()
    glove2word2vec(arguments.input, arguments.output)
    return 0


def run_word2vec2tensor() -> int:
    """The program ``gensim.scripts.word2vec2tensor``."""
    parser = argparse.ArgumentParser(description="Write vectors for TensorFlow's projector.")
    parser.add_argument("-i", "--input", required=True, help="a file in word2vec's format")
    parser.add_argument("-o", "--output", required=True, help="what the files' names begin with")
    parser.add_argument("-b", "--binary", action="store_true", help="the input is binary")
    arguments = parser.parse_args()
    word2vec2tensor(arguments.input, arguments.output, arguments.binary)
    return 0
