"""An array that is ours to change, and whether anybody else may have changed it."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.queries import coded

__all__ = ["Custody"]

Array = npt.NDArray[Any]


class Custody:
    """The vectors of a KeyedVectors, and what is derived from them for searches.

    ``vectors`` is the user's as much as ours: it may be changed in place at any time. Derived
    data must not outlive a change, and no comparison finds one faster than a search does
    without. So it is kept only while nobody can have made a change: from a search at which
    nobody else holds the array, or a view of it, up to the next time that somebody asks for it.

    Parameters
    ----------
    array
        Float (V, dims).
    """

    # Queries without a change in between after which the codes are made: making them takes as
    # long as a few queries, which would be in vain if there were no more.
    PATIENCE = 3

    def __init__(self, array: Array) -> None:
        self._array = array
        self._owner = _owner(array)
        self._read_only: Array | None = None
        self._codes: coded.Codes | None = None
        self._norms: Array | None = None
        self._queries = 0
        self._exposed = True

    def __reduce__(self) -> tuple[type[Custody], tuple[Array]]:
        return Custody, (self._array,)

    @property
    def array(self) -> Array:
        """The array, for reading, and not to be given to anybody else."""
        return self._array

    def expose(self) -> Array:
        """The array, for anything."""
        self._exposed = True
        return self._array

    def read_only(self) -> Array:
        """The array, for reading alone: what views of it refer to does not count as it."""
        if self._read_only is None:
            self._read_only = np.asarray(memoryview(self._array).toreadonly())
        return self._read_only

    def codes(self, norms: Array, queries: int) -> coded.Codes | None:
        """The codes of the array, if searches can use them now.

        Parameters
        ----------
        norms
            The lengths of its rows.
        queries
            How many queries are about to be answered.
        """
        if self._exposed:
            # in this order: another thread may be given the array at any moment
            self._exposed = False
            self._forget()
            if self._is_held_elsewhere():
                self._exposed = True
                return None
        if self._norms is not norms:
            self._forget()
            self._norms = norms
        self._queries += queries
        if self._codes is None and self._queries >= self.PATIENCE and coded.pays(self._array):
            self._codes = coded.encode(self._array, norms)
        return self._codes

    def _forget(self) -> None:
        self._codes = None
        self._queries = 0

    def _is_held_elsewhere(self) -> bool:
        # memory that is no array's own: others may have mapped the file, or hold the buffer
        if self._owner.base is not None and type(self._owner.base) is not bytes:
            return True
        expected = _expected_references(self._owner is self._array, self._read_only is not None)
        return self._references() != expected

    def _references(self) -> tuple[int, int]:
        return sys.getrefcount(self._array), sys.getrefcount(self._owner)


def _owner(array: Array) -> Array:
    """The array whose memory `array` shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@functools.cache
def _expected_references(owns: bool, has_read_only: bool) -> tuple[int, int]:
    """What :meth:`Custody._references` returns where nobody else has a reference."""
    custody = Custody(np.zeros((1, 2)) if owns else np.zeros((1, 2))[:, :1])
    if has_read_only:
        custody.read_only()
    return custody._references()
