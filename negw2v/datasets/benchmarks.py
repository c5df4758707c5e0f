"""Benchmarks of word vectors: analogy questions and judgements of similarity."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from negw2v.datasets.files import DataFile
from negw2v.errors import ParameterError

__all__ = ["WordPairs", "analogies", "word_pairs"]

#: "wordsim353" (Finkelstein et al. 2002), "simlex999" (Hill et al. 2015), "men" (Bruni et
#: al. 2014), "rg65" (Rubenstein and Goodenough 1965).
WordPairs = Literal["wordsim353", "simlex999", "men", "rg65"]

_ANALOGIES = DataFile(
    "eval",
    "questions-words.txt",
    "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
)

_WORD_PAIRS: dict[WordPairs, DataFile] = {
    "wordsim353": DataFile(
        "eval",
        "EN-WS-353-ALL.txt",
        "ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c",
    ),
    "simlex999": DataFile(
        "eval",
        "EN-SIMLEX-999.txt",
        "405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685",
    ),
    "men": DataFile(
        "eval",
        "EN-MEN-TR-3k.txt",
        "888b13580faa362c7b11da0a670258cf1b1eb4bf0ecbcd418918729a3bd3f43a",
    ),
    "rg65": DataFile(
        "eval",
        "EN-RG-65.txt",
        "c243f3a91c3f5d8cf67f21a67f6fb80bde8b6bb060851a6a48e6f2d68ec98c9f",
    ),
}


def analogies() -> Path:
    """Google's 19,544 analogy questions (Mikolov et al. 2013), for evaluate_word_analogies.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DatasetError
        The file is neither under ``$NEGW2V_DATA`` nor in the cache, or it is damaged.

    Examples
    --------
    >>> score, sections = kv.evaluate_word_analogies(analogies())  # doctest: +SKIP
    """
    return _ANALOGIES.path()


def word_pairs(name: WordPairs) -> Path:
    """Pairs of words with people's judgement of their similarity, for evaluate_word_pairs.

    Parameters
    ----------
    name
        One of :data:`WordPairs`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ParameterError
        There is no such set.
    DatasetError
        The file is neither under ``$NEGW2V_DATA`` nor in the cache, or it is damaged.

    Examples
    --------
    >>> kv.evaluate_word_pairs(word_pairs("wordsim353"))  # doctest: +SKIP
    """
    if name not in _WORD_PAIRS:
        raise ParameterError(f"name={name!r}: the sets are {', '.join(get_args(WordPairs))}")
    return _WORD_PAIRS[name].path()
