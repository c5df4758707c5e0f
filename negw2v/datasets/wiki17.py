"""The first 17,000,127 words of English Wikipedia articles (2015), a benchmark corpus.

Letters a-z only, lower case, a paragraph a line; 70,934 words occur five times or more.
CC BY-SA 3.0, Wikipedia contributors.
"""

from __future__ import annotations

from pathlib import Path

from negw2v.datasets.files import DataFile

__all__ = ["path"]

_FILE = DataFile(
    "wiki17",
    "wiki17.txt.gz",
    "cb4f225b33aea69a5a1f509acdf95d09f8b3ad708223a42c60e7239b548db89d",
)


def path() -> Path:
    """The compressed text file, for ``Word2Vec(corpus_file=...)``.

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
    >>> model = negw2v.Word2Vec(corpus_file=path(), workers=4)  # doctest: +SKIP
    """
    return _FILE.path()
