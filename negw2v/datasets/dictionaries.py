"""Text as word ids with two dictionaries, and queries of vectors by these ids.

The functions, and what they print, are those of *Deep Learning from Scratch 2*, chapters 2 to
4, so its programs run as they are. :class:`negw2v.KeyedVectors` has more queries and is faster.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from negw2v.errors import InputTypeError, KeyNotFoundError, ParameterError

__all__ = [
    "analogy",
    "cos_similarity",
    "create_contexts_target",
    "most_similar",
    "number_words",
    "preprocess",
]

Corpus = npt.NDArray[np.int32]
_Number = TypeVar("_Number", bound=np.generic)


def preprocess(text: str) -> tuple[Corpus, dict[str, int], dict[int, str]]:
    """Turn a text into word ids: in lower case, each full stop a word of its own.

    Parameters
    ----------
    text
        Words separated by blanks.

    Returns
    -------
    corpus, word_to_id, id_to_word
        int32 (n,), and two dictionaries. Ids are in order of first appearance.

    Examples
    --------
    >>> preprocess("You say goodbye and I say hello.")[0]
    array([0, 1, 2, 3, 4, 1, 5, 6], dtype=int32)
    """
    if not isinstance(text, str):
        raise InputTypeError(f"a text must be a str, not {type(text).__name__}")
    return number_words(text.lower().replace(".", " .").split())


def number_words(words: Iterable[str]) -> tuple[Corpus, dict[str, int], dict[int, str]]:
    """Turn words into ids, in order of first appearance.

    Parameters
    ----------
    words
        The words of the corpus.

    Returns
    -------
    corpus, word_to_id, id_to_word
        As for :func:`preprocess`.

    Examples
    --------
    >>> corpus, word_to_id, id_to_word = number_words(["no", "pain", "no", "gain"])
    >>> corpus, word_to_id
    (array([0, 1, 0, 2], dtype=int32), {'no': 0, 'pain': 1, 'gain': 2})
    """
    word_to_id: dict[str, int] = {}
    ids = [word_to_id.setdefault(word, len(word_to_id)) for word in words]
    id_to_word = {number: word for word, number in word_to_id.items()}
    return np.array(ids, dtype=np.int32), word_to_id, id_to_word


def create_contexts_target(
    corpus: npt.NDArray[_Number], window_size: int = 1
) -> tuple[npt.NDArray[_Number], npt.NDArray[_Number]]:
    """The words with a complete window around them, and the context words in these windows.

    Parameters
    ----------
    corpus
        Word ids (n,).
    window_size
        Number of context words on each side, at least 1.

    Returns
    -------
    contexts, target : numpy.ndarray
        (n - 2 * window_size, 2 * window_size), left to right, and (n - 2 * window_size,).

    Raises
    ------
    ParameterError
        The corpus is not a vector, or shorter than a window.

    Examples
    --------
    >>> contexts, target = create_contexts_target(np.int32([5, 6, 7, 8]), window_size=1)
    >>> contexts
    array([[5, 7],
           [6, 8]], dtype=int32)
    >>> target
    array([6, 7], dtype=int32)
    """
    corpus = np.asarray(corpus)
    if window_size != int(window_size) or window_size < 1:
        raise ParameterError(f"window_size={window_size}: it must be a whole number >= 1")
    width = 2 * int(window_size) + 1
    if corpus.ndim != 1 or len(corpus) < width:
        raise ParameterError(
            f"a window of {width} words (window_size={window_size}) does not fit a corpus of "
            f"shape {corpus.shape}; it must be a vector of at least that many word ids"
        )
    windows = np.lib.stride_tricks.sliding_window_view(corpus, width)
    centre = int(window_size)
    return np.delete(windows, centre, axis=1), windows[:, centre].copy()


def cos_similarity(x: npt.ArrayLike, y: npt.ArrayLike, eps: float = 1e-8) -> float:
    """The cosine of the angle between two vectors.

    Parameters
    ----------
    x, y
        Numbers (d,).
    eps
        Added to each length, so that a zero vector has the similarity 0.

    Returns
    -------
    float

    Examples
    --------
    >>> round(cos_similarity([1, 0], [3, 4]), 4)
    0.6
    """
    a, b = np.asarray(x), np.asarray(y)
    return float(np.dot(a / (np.linalg.norm(a) + eps), b / (np.linalg.norm(b) + eps)))


def most_similar(
    query: str,
    word_to_id: Mapping[str, int],
    id_to_word: Mapping[int, str],
    word_matrix: npt.ArrayLike,
    top: int = 5,
) -> list[tuple[str, float]]:
    """Print the words whose vectors have the largest cosine with that of a word.

    Parameters
    ----------
    query
        The word.
    word_to_id, id_to_word
        The dictionaries.
    word_matrix
        Vectors (V, d) by id.
    top
        Number of words.

    Returns
    -------
    list of (str, float)
        What is printed: words and cosines, best first.

    Raises
    ------
    KeyNotFoundError
        The word is unknown.

    Examples
    --------
    >>> words = {"king": 0, "queen": 1, "tree": 2}
    >>> ids = {0: "king", 1: "queen", 2: "tree"}
    >>> found = most_similar("king", words, ids, [[1, 0], [3, 4], [0, 1]])
    <BLANKLINE>
    [query] king
     queen: 0.6...
     tree: 0.0
    """
    vectors = np.asarray(word_matrix, dtype=np.float32)
    asked = _ids([query], word_to_id)
    lengths = np.linalg.norm(vectors, axis=1) + 1e-8
    vector = vectors[asked[0]] / lengths[asked[0]]
    found = _best(vectors @ vector / lengths, asked, id_to_word, top)
    _print(f"\n[query] {query}", found)
    return found


def analogy(
    a: str,
    b: str,
    c: str,
    word_to_id: Mapping[str, int],
    id_to_word: Mapping[int, str],
    word_matrix: npt.ArrayLike,
    top: int = 5,
    answer: str | None = None,
) -> list[tuple[str, float]]:
    """Print the answers to "a is to b as c is to what?".

    The score of a word is the dot product of its vector with the normalised b - a + c. As in
    the book, the word's own vector is not normalised.

    Parameters
    ----------
    a, b, c
        The words of the question; they are not answers.
    word_to_id, id_to_word, word_matrix, top
        As for :func:`most_similar`.
    answer
        A word whose score is printed first.

    Returns
    -------
    list of (str, float)
        What is printed: words and scores, best first.

    Raises
    ------
    KeyNotFoundError
        A word is unknown.

    Examples
    --------
    >>> words = {"man": 0, "king": 1, "woman": 2, "queen": 3}
    >>> ids = {number: word for word, number in words.items()}
    >>> vectors = [[0, 0], [2, 0], [0, 2], [2, 2]]
    >>> found = analogy("man", "king", "woman", words, ids, vectors)
    <BLANKLINE>
    [analogy] man:king = woman:?
     queen: 2.828...
    """
    vectors = np.asarray(word_matrix, dtype=np.float32)
    asked = _ids([a, b, c], word_to_id)
    direction = vectors[asked[1]] - vectors[asked[0]] + vectors[asked[2]]
    scores = vectors @ (direction / (np.linalg.norm(direction) + 1e-8))
    title = f"\n[analogy] {a}:{b} = {c}:?"
    if answer is not None:
        title += f"\n==>{answer}:{scores[_ids([answer], word_to_id)[0]]}"
    found = _best(scores, asked, id_to_word, top)
    _print(title, found)
    return found


def _ids(words: list[str], word_to_id: Mapping[str, int]) -> list[int]:
    for word in words:
        if word not in word_to_id:
            raise KeyNotFoundError(f"{word!r} is not found: word_to_id has no such word")
    return [word_to_id[word] for word in words]


def _best(
    scores: npt.NDArray[Any], asked: list[int], id_to_word: Mapping[int, str], top: int
) -> list[tuple[str, float]]:
    if top < 1:
        raise ParameterError(f"top={top}: at least one word must be asked for")
    order = np.argsort(-scores, kind="stable")
    chosen = [i for i in order[: top + len(asked)].tolist() if i not in asked]
    return [(id_to_word[i], float(scores[i])) for i in chosen[:top] if not np.isnan(scores[i])]


def _print(title: str, found: list[tuple[str, float]]) -> None:
    # Users call these functions at a prompt to see this answer, so it is not a log message.
    lines = [title, *(f" {word}: {score}" for word, score in found)]
    sys.stdout.write("".join(line + "\n" for line in lines))
