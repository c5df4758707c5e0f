"""Vectors with the book's dictionaries: to KeyedVectors, to files and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array
from negw2v.errors import FilePath, ParameterError
from negw2v.formats import book
from negw2v.keyedvectors import KeyedVectors
from negw2v.layers.libraries import library_of

__all__ = ["as_keyed_vectors", "load_book_vectors", "load_vectors", "save_vectors"]


def as_keyed_vectors(
    word_vecs: npt.ArrayLike, word_to_id: Mapping[str, int], *, allow_nonfinite: bool = False
) -> KeyedVectors:
    """Make a KeyedVectors, for queries and evaluation, of vectors and a dictionary.

    Parameters
    ----------
    word_vecs
        Numbers (V, d), one row per word id, of NumPy or another library.
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

    Examples
    --------
    >>> vectors = as_keyed_vectors([[1.0, 0.0], [0.0, 1.0]], {"you": 0, "say": 1})
    >>> vectors["say"]
    array([0., 1.])
    """
    vectors = np.array(library_of(word_vecs).download(word_vecs))
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
        The file. ``KeyedVectors.load(path)`` reads it, too.
    word_vecs, word_to_id, allow_nonfinite
        As for :func:`as_keyed_vectors`. The file keeps the type of the vectors.

    Raises
    ------
    ParameterError
        The ids are not the rows of the matrix.
    SaveError
        The file cannot be written.

    Examples
    --------
    >>> save_vectors("book.model", np.float16([[1, 0], [0, 1]]), {"you": 0, "say": 1})
    >>> negw2v.KeyedVectors.load("book.model").index_to_key
    ['you', 'say']
    """
    vectors = as_keyed_vectors(word_vecs, word_to_id, allow_nonfinite=allow_nonfinite)
    vectors.save(path, allow_nonfinite=allow_nonfinite)


def load_vectors(
    path: FilePath, *, allow_nonfinite: bool = False
) -> tuple[Array, dict[str, int], dict[int, str]]:
    """Load a file that :func:`save_vectors` or ``KeyedVectors.save()`` wrote.

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
        The file does not exist, or cannot be read.
    ModelFileError
        The file is damaged, or of another format. Loading never runs code from a file.

    Examples
    --------
    >>> save_vectors("book.model", np.float32([[1, 0], [0, 1]]), {"you": 0, "say": 1})
    >>> word_vecs, word_to_id, id_to_word = load_vectors("book.model")
    >>> word_vecs[word_to_id["say"]], id_to_word[0]
    (array([0., 1.], dtype=float32), 'you')
    """
    vectors = KeyedVectors.load(path, allow_nonfinite=allow_nonfinite)
    return vectors.vectors, dict(vectors.key_to_index), dict(enumerate(vectors.index_to_key))


def load_book_vectors(
    path: FilePath, *, allow_nonfinite: bool = False
) -> tuple[Array, dict[str, int], dict[int, str]]:
    """Load cbow_params.pkl of the book's programs: a pickle of vectors and dictionaries.

    Parameters
    ----------
    path
        The file. Loading never runs code from it.
    allow_nonfinite
        Accept NaN and infinity, which are an error otherwise.

    Returns
    -------
    word_vecs, word_to_id, id_to_word
        Numbers (V, d), float16 in the book's own file, and two dictionaries.

    Raises
    ------
    UnsafeFileError
        The pickle refers to anything but arrays and dictionaries.
    ModelFileError
        The file is damaged, or has other contents.
    MissingFileError
        The file does not exist.

    Examples
    --------
    >>> import pickle
    >>> book = {"word_vecs": np.float16([[1, 0]]), "word_to_id": {"you": 0}}
    >>> with open("cbow_params.pkl", "wb") as file:
    ...     pickle.dump(book | {"id_to_word": {0: "you"}}, file)
    >>> load_book_vectors("cbow_params.pkl")
    (array([[1., 0.]], dtype=float16), {'you': 0}, {0: 'you'})
    """
    return book.read(path, allow_nonfinite=allow_nonfinite)
