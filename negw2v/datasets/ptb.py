"""The Penn Treebank as language-model papers use it (Mikolov et al. 2010).

A million words of the Wall Street Journal from 1989: lower case, no punctuation, numbers
written ``N``, and rare words replaced by ``<unk>``. One sentence a line. 887,521 words of 9,999
kinds in the training part, or 929,589 of 10,000 with one ``<eos>`` a line.
For research use (Linguistic Data Consortium).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from negw2v.datasets.dictionaries import (
    analogy,
    cos_similarity,
    create_contexts_target,
    most_similar,
    number_words,
    preprocess,
)
from negw2v.datasets.files import DataFile
from negw2v.errors import ParameterError

__all__ = [
    "EOS",
    "Part",
    "analogy",
    "cos_similarity",
    "create_contexts_target",
    "load_data",
    "most_similar",
    "path",
    "preprocess",
    "sentences",
]

#: A part of the data set: "train", "valid" or "test".
Part = Literal["train", "valid", "test"]

#: The token that language models put at the end of every sentence.
EOS = "<eos>"

_SOURCE = "https://raw.githubusercontent.com/tomsercu/lstm/master/data"

_SHA256: dict[Part, str] = {
    "train": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "valid": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "test": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}


def path(part: Part = "train", *, download: bool = True) -> Path:
    """The text file of one part, one sentence a line.

    Parameters
    ----------
    part
        "train", "valid" or "test".
    download
        False: only look under ``$NEGW2V_DATA`` and in the cache.

    Raises
    ------
    ParameterError
        There is no such part.
    DatasetError
        The file is not on this machine, and was not downloaded.

    Examples
    --------
    >>> model = negw2v.Word2Vec(corpus_file=path("train"), min_count=1)  # doctest: +SKIP
    """
    if part not in _SHA256:
        raise ParameterError(f"part={part!r}: the parts of PTB are {', '.join(get_args(Part))}")
    name = f"ptb.{part}.txt"
    return DataFile("ptb", name, _SHA256[part], f"{_SOURCE}/{name}").path(download=download)


def sentences(part: Part = "train", *, eos: bool = False, download: bool = True) -> list[list[str]]:
    """The sentences of one part, each a list of words.

    Parameters
    ----------
    part
        "train" (42,068 sentences), "valid" (3,370) or "test" (3,761).
    eos
        Whether each sentence ends with :data:`EOS`.
    download
        False: only look under ``$NEGW2V_DATA`` and in the cache.

    Returns
    -------
    list of list of str

    Raises
    ------
    ParameterError, DatasetError
        As for :func:`path`.

    Examples
    --------
    >>> sentences("valid")[0][:3]  # doctest: +SKIP
    ['consumers', 'may', 'want']
    """
    ending = [EOS] if eos else []
    with path(part, download=download).open(encoding="utf-8") as lines:
        return [line.split() + ending for line in lines]


def load_data(
    part: Part = "train", *, download: bool = True
) -> tuple[npt.NDArray[np.int32], dict[str, int], dict[int, str]]:
    """One part as word ids, as *Deep Learning from Scratch 2* has it.

    Parameters
    ----------
    part
        "train" (929,589 words), "valid" (73,760) or "test" (82,430).
    download
        False: only look under ``$NEGW2V_DATA`` and in the cache.

    Returns
    -------
    corpus, word_to_id, id_to_word
        int32 (n,), with :data:`EOS` at the end of every sentence, and two dictionaries of
        10,000 words. The ids of all parts are in order of first appearance in the training part.

    Raises
    ------
    ParameterError, DatasetError
        As for :func:`path`.

    Examples
    --------
    >>> corpus, word_to_id, id_to_word = load_data("train")  # doctest: +SKIP
    >>> len(corpus), len(word_to_id)  # doctest: +SKIP
    (929589, 10000)
    """
    train = sentences("train", eos=True, download=download)
    corpus, word_to_id, id_to_word = number_words(word for words in train for word in words)
    if part != "train":
        other = sentences(part, eos=True, download=download)
        ids = [word_to_id[word] for words in other for word in words]
        corpus = np.array(ids, dtype=np.int32)
    return corpus, word_to_id, id_to_word
