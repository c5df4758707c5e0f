"""The book's cbow_params.pkl: a pickle of a dict with a matrix and two dictionaries.

It is read by :mod:`negw2v.formats.pickles`, which runs nothing in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import FilePath, ModelFileError
from negw2v.formats.finite import check_finite_file
from negw2v.formats.gensim.allowlist import ALLOWED
from negw2v.formats.pickles.machine import Machine
from negw2v.formats.pickles.objects import plain
from negw2v.formats.records import VectorsRecord
from negw2v.io.reading import opened

__all__ = ["read"]

PARTS = ("word_vecs", "word_to_id", "id_to_word")


def read(
    path: FilePath, *, allow_nonfinite: bool = False
) -> tuple[npt.NDArray[Any], dict[str, int], dict[int, str]]:
    """Implement :func:`negw2v.layers.load_book_vectors`."""
    with opened(path) as source:
        root = Machine(source, ALLOWED).load()
    if not isinstance(root, dict) or not set(PARTS) <= set(root):
        held = f"a dict of {sorted(map(str, root))}" if isinstance(root, dict) else "something else"
        raise ModelFileError(path, f"the pickle must be a dict of {', '.join(PARTS)}; it is {held}")
    word_vecs, word_to_id, id_to_word = (plain(root[name]) for name in PARTS)
    _check(path, word_vecs, word_to_id, id_to_word)
    record = VectorsRecord([id_to_word[row] for row in range(len(word_vecs))], word_vecs)
    check_finite_file(path, record, None, allow_nonfinite)
    return word_vecs, word_to_id, id_to_word


def _check(path: FilePath, word_vecs: Any, word_to_id: Any, id_to_word: Any) -> None:
    if not isinstance(word_vecs, np.ndarray) or word_vecs.ndim != 2 or word_vecs.dtype.kind != "f":
        raise ModelFileError(path, "word_vecs is not a matrix of floating-point numbers")
    if not isinstance(word_to_id, dict) or not isinstance(id_to_word, dict):
        raise ModelFileError(path, "word_to_id and id_to_word are not dictionaries")
    ids = {number: word for word, number in word_to_id.items() if isinstance(word, str)}
    if ids != id_to_word or set(ids) != set(range(len(word_vecs))):
        raise ModelFileError(
            path,
            f"word_to_id and id_to_word must be each other's inverse, with the ids of "
            f"{len(word_vecs)} vectors",
        )
