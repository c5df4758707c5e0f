"""Word vectors with their dictionaries: as a KeyedVectors, to a file and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ParameterError
from negw2v.formats import book_files
from negw2v.keyedvectors import KeyedVectors
from negw2v.layers.arrays import Array

__all__ = ["as_keyed_vectors", "load_book_vectors", "load_vectors", "save_vectors"]


def as_keyed_vectors(
    word_vecs: npt.ArrayLike, word_to_id: Mapping[str, int], *, allow_nonfinite: bool = False
) -> KeyedVectors:
    """Vectors for queries and evaluation, by word.

    Parameters
    ----------
    word_vecs
        Numbers (V, d), one row per word id.
    word_to_id
        The id of every word, each of 0..V-1 once.
    allow_nonfinite
        Accept NaN and infinity, which are an error otherwise.

    Returns
    -------
    KeyedVectors
        A copy of the vectors, in the order of ids.

    Raises
    ------
    ParameterError
        The ids are not the rows of the matrix.
    """
    vectors = np.array(word_vecs)
    words = sorted(word_to_id, key=word_to_id.__getitem__)
    if vectors.ndim != 2 or [word_to_id[word] for word in words] != list(range(len(vectors))):
        raise ParameterError(
            f"the vectors have the shape {vectors.shape}, so word_to_id must give the "
            f"{len(vectors) if vectors.ndim else 0} words the ids 0, 1, 2, ..., each once; it "
            f"has {len(word_to_id)} words"
        )
    result = KeyedVectors(vectors.shape[1], dtype=vectors.dtype)
    result.add_vectors(words, vectors, allow_nonfinite=allow_nonfinite)
    return result


def save_vectors(
    path: FilePath,
    word_vecs: npt.ArrayLike,
    word_to_id: Mapping[str, int],
    *,
    allow_nonfinite: bool = False,
) -> None:
    """Save vectors and dictionaries, in the file format of :meth:`negw2v.KeyedVectors.save`.

    Parameters
    ----------
    path
        The file. Its vectors can be had by word, too, with ``KeyedVectors.load(path)``.
    word_vecs, word_to_id, allow_nonfinite
        As for :func:`as_keyed_vectors`. The type of the vectors is kept.

    Raises
    ------
    ParameterError
        The ids are not the rows of the matrix.
    SaveError
        The file cannot be written.
    """
    vectors = as_keyed_vectors(word_vecs, word_to_id, allow_nonfinite=allow_nonfinite)
    vectors.save(path, allow_nonfinite=allow_nonfinite)


def load_vectors(
    path: FilePath, *, allow_nonfinite: bool = False
) -> tuple[Array, dict[str, int], dict[int, str]]:
    """What :func:`save_vectors`, or ``KeyedVectors.save()``, has saved.

    Parameters
    ----------
    path
        The file.
    allow_nonfinite
        Accept NaN and infinity, which are an error otherwise.

    Returns
    -------
    word_vecs, word_to_id, id_to_word
        Numbers (V, d), and two dictionaries.

    Raises
    ------
    MissingFileError
        There is no such file, or it cannot be read.
    ModelFileError
        The file is damaged, or of another kind. Nothing in it is run.
    """
    vectors = KeyedVectors.load(path, allow_nonfinite=allow_nonfinite)
    return vectors.vectors, dict(vectors.key_to_index), dict(enumerate(vectors.index_to_key))


def load_book_vectors(
    path: FilePath, *, allow_nonfinite: bool = False
) -> tuple[Array, dict[str, int], dict[int, str]]:
    """What the book's programs save: cbow_params.pkl, a pickle of vectors and dictionaries.

    Parameters
    ----------
    path
        The file. Nothing in it is run.
    allow_nonfinite
        Accept NaN and infinity, which are an error otherwise.

    Returns
    -------
    word_vecs, word_to_id, id_to_word
        Numbers (V, d), float16 in the book's file, and two dictionaries.

    Raises
    ------
    UnsafeFileError
        The pickle asks for something else than arrays and dictionaries.
    ModelFileError
        It is damaged, or holds something else.
    MissingFileError
        There is no such file.
    """
    return book_files.read(path, allow_nonfinite=allow_nonfinite)
