"""``gensim.downloader`` without downloads: vectors that gensim downloaded before are read.

gensim's downloads come with a module that it imports. Nothing of that is run: vectors are in
word2vec's format, which :class:`~negw2v.KeyedVectors` reads.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from negw2v.errors import DatasetError, GensimNeededError, ParameterError
from negw2v.keyedvectors import KeyedVectors

__all__ = ["BASE_DIR", "base_dir", "info", "load"]

#: Where gensim keeps its downloads.
BASE_DIR = os.environ.get("GENSIM_DATA_DIR", str(Path("~/gensim-data").expanduser()))
base_dir = BASE_DIR

_VECTORS = ("conceptnet-", "fasttext-", "glove-", "word2vec-")
_BINARY = ("word2vec-google-news-300", "word2vec-ruscorpora-300")


def load(name: str, return_path: bool = False) -> KeyedVectors | str:
    """Vectors that gensim downloaded to this machine before.

    Parameters
    ----------
    name
        A name of gensim's, such as "glove-wiki-gigaword-100".
    return_path
        Whether to return the path of the file instead.

    Returns
    -------
    KeyedVectors or str

    Raises
    ------
    ParameterError
        `name` is not the name of a data set.
    DatasetError
        It is not on this machine, or it is not a set of vectors. The message says what to do.
    """
    if name in {"", ".", ".."} or name != Path(name).name:
        raise ParameterError(
            f"name={name!r}: the name of a data set, such as 'glove-wiki-gigaword-100'"
        )
    path = Path(BASE_DIR, name, f"{name}.gz")
    if not path.is_file():
        raise DatasetError(
            f"{name} is not on this machine ({path}), and negw2v downloads nothing in gensim's "
            "place. Ways to get it: download the file in a browser (gensim-data's releases list "
            f"it as {name}.gz), and put it there, or read it with "
            "negw2v.KeyedVectors.load_word2vec_format(path); or let gensim download it where "
            f"gensim can be installed: python -m gensim.downloader --download {name}"
        )
    if return_path:
        return str(path)
    if not name.startswith(_VECTORS):
        raise DatasetError(
            f"{name} is not a set of vectors, and reading it means running the module that was "
            f"downloaded with it; read the file yourself: load({name!r}, return_path=True)"
        )
    loaded: KeyedVectors = KeyedVectors.load_word2vec_format(str(path), binary=name in _BINARY)
    return loaded


def info(
    name: str | None = None, show_only_latest: bool = True, name_only: bool = False
) -> NoReturn:
    """Refuse to download the list of gensim's data sets.

    Parameters
    ----------
    name, show_only_latest, name_only
        gensim's parameters.

    Raises
    ------
    GensimNeededError
        Always.
    """
    del name, show_only_latest, name_only
    raise GensimNeededError(
        "gensim.downloader.info() downloads a list of data sets, and negw2v downloads nothing in "
        "gensim's place; read the list in a browser, in gensim-data's repository, or install "
        f"gensim: pip install gensim. What load() finds without it lies in {BASE_DIR}"
    )
