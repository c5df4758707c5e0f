"""Functions of ``gensim.matutils`` that programs apply to word vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from negw2v.errors import InputTypeError, ParameterError

__all__ = ["argsort", "unitvec"]

_NORMS = ("l1", "l2", "unique")


def argsort(x: Any, topn: int | None = None, reverse: bool = False) -> Any:
    """The indices of the smallest entries, or of the largest ones, in order.

    Parameters
    ----------
    x
        One-dimensional array, or a list of numbers.
    topn
        How many; None: all.
    reverse
        True: the largest first.

    Returns
    -------
    numpy.ndarray of int
        In gensim, equal entries have no defined order; here the first one comes first.
    """
    entries = np.asarray(x)
    topn = entries.size if topn is None else topn
    order = np.argsort(-entries if reverse else entries, kind="stable")
    return order[: max(topn, 0)]


def unitvec(vec: Any, norm: str = "l2", return_norm: bool = False) -> Any:
    """A vector divided by its length.

    Parameters
    ----------
    vec
        A NumPy array, a SciPy sparse matrix, or pairs of an index and a number. Integers become
        float64; a vector of length 0 is returned as it is.
    norm
        "l1" (sum of absolute values), "l2" (Euclid's), or "unique" (number of entries that are
        not 0).
    return_norm
        Whether to return the length, too; it is 1.0 for a vector of length 0.

    Returns
    -------
    vector, or tuple of vector and float
        The vector has the type of `vec`; pairs become a list.

    Raises
    ------
    ParameterError
        There is no such norm.
    InputTypeError
        `vec` is none of these.
    """
    if norm not in _NORMS:
        raise ParameterError(f"norm={norm!r}; the norms are {', '.join(_NORMS)}")
    if isinstance(vec, np.ndarray):
        length = _length(vec, norm)
        result = _divided(vec, length) if length > 0 else vec
    elif hasattr(vec, "tocsr"):
        vec = vec.tocsr()
        length = _length(vec.data, norm)
        result = _divided(vec, length) if length > 0 else vec
    else:
        pairs = _pairs(vec)
        length = _length(np.array([number for _, number in pairs], dtype=np.float64), norm)
        result = [(index, number / length) for index, number in pairs] if length > 0 else vec
    return (result, length if length > 0 else 1.0) if return_norm else result


def _length(entries: Any, norm: str) -> float:
    if norm == "l1":
        return float(np.abs(entries).sum())
    if norm == "l2":
        return float(np.sqrt(np.square(entries, dtype=np.float64).sum()))
    return float(np.count_nonzero(entries))


def _divided(vector: Any, length: float) -> Any:
    """The vector divided by a number, in its own type; integers become float64."""
    if np.issubdtype(vector.dtype, np.integer):
        return vector.astype(np.float64) / length
    return (vector / length).astype(vector.dtype)


def _pairs(vec: Any) -> list[tuple[Any, Any]]:
    try:
        return [(index, number) for index, number in vec]
    except (TypeError, ValueError):
        raise InputTypeError(
            "vec is a NumPy array, a sparse matrix, or a list of pairs (index, number), not "
            f"{vec!r:.80}"
        ) from None
