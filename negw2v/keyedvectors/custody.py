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
        self._links = _links(array)
        self._read_only: Array | None = None
        self._codes: coded.Codes | None = None
        self._norms: Array | None = None
        self._queries = 0
        self._exposed = True

    def __reduce__(self) -> tuple[type[Custody], tuple[Array]]:
        return Custody, (self._array,)

    def expose(self) -> Array:
        """The array, for anything."""
        self._exposed = True
        return self._array

    def read_only(self) -> Array:
        """The array, for reading alone: what views of it refer to does not count as it."""
        if self._read_only is None:
            try:
                memory = memoryview(self._array).toreadonly()  # type: ignore[arg-type, unused-ignore]
            except ValueError:  # a type of numbers that Python has no letter for
                self._read_only = self._array.view()
                self._read_only.setflags(write=False)
            else:
                self._read_only = np.asarray(memory)
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
            self.forget()
            if self._is_held_elsewhere():
                self._exposed = True
                return None
        if self._norms is not norms:
            self.forget()
            self._norms = norms
        self._queries += queries
        if self._codes is None and self._queries >= self.PATIENCE and coded.pays(self._array):
            self._codes = coded.encode(self._array, norms)
        return self._codes

    def forget(self) -> None:
        """Let go of the codes."""
        self._codes = None
        self._queries = 0

    def _is_held_elsewhere(self) -> bool:
        # the memory is that of a mapped file, or a foreign buffer
        if not isinstance(self._links[-1], (np.ndarray, bytearray, bytes)):
            return True
        own, of_others = _lone_references(self._read_only is not None)
        expected = [own] + [of_others] * (len(self._links) - 1)
        found = self.references()
        if isinstance(self._links[-1], bytes):  # nobody can change them
            found[-1] = expected[-1]
        return found != expected

    def references(self) -> list[int]:
        """How many references there are to the array, and to each that it is a view of."""
        return [sys.getrefcount(link) for link in self._links]


def _links(array: Array) -> list[Any]:
    """The array, what it is a view of, and so on down to what has the memory."""
    links: list[Any] = [array]
    while True:
        last = links[-1]
        is_view = isinstance(last, (np.ndarray, memoryview))
        base = (last.base if isinstance(last, np.ndarray) else last.obj) if is_view else None
        if base is None:
            return links
        links.append(base)


@functools.cache
def _lone_references(has_read_only: bool) -> tuple[int, int]:
    """The references to an array of which nobody else has one, and to what it is a view of."""
    custody = Custody(np.zeros((1, 2))[:, :1])
    if has_read_only:
        custody.read_only()
    own, of_others = custody.references()
    return own, of_others
