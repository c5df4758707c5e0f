"""Arrays that are the user's to change at any time, and what is derived from them nevertheless.

``vectors`` and ``norms`` of a KeyedVectors may be changed in place, and no comparison finds a
change faster than a search does without derived data. So these are kept only while nobody can
have made one: from a search at which nobody else holds an array, or a view of it, up to the next
time that somebody asks for it.
"""

from __future__ import annotations

import functools
import itertools
import logging
import sys
import sysconfig
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.io.memory import PrivateBytes
from negw2v.search import int8_rows

__all__ = ["ByteCopy", "Custody", "Norms"]

logger = logging.getLogger(__name__)

Array = npt.NDArray[Any]

_states = itertools.count()


def _exact_reference_count(implementation: str, has_gil: bool) -> Callable[[object], int] | None:
    """The function that counts references, where every reference is counted at once.

    Only CPython with the GIL promises that. Free-threaded builds have ``sys.getrefcount``, too,
    but they defer some counts and split others between threads: an alias could be missed.
    """
    return sys.getrefcount if implementation == "cpython" and has_gil else None


_reference_count = _exact_reference_count(
    sys.implementation.name, not sysconfig.get_config_var("Py_GIL_DISABLED")
)


class Custody:
    """An array, and whether anybody else may have changed it.

    Not seen are those who keep an address (``array.ctypes.data``) instead of a reference.

    Parameters
    ----------
    array
        Any array.
    """

    def __init__(self, array: Array) -> None:
        self._array = array
        self._links = _links(array)
        self._read_only: Array | None = None
        self._view_is_sure = False
        self._exposed = True
        self._state = next(_states)

    def __reduce__(self) -> tuple[type[Custody], tuple[Array]]:
        return Custody, (self._array,)

    def expose(self) -> Array:
        """The array, for anything."""
        array = self._array  # first: from here on it counts as held
        self._exposed = True
        self._view_is_sure = False
        return array

    def read_only(self) -> Array:
        """The array, for reading alone: who holds views of this one does not count."""
        view = self._read_only
        if view is None or not (self._view_is_sure or _show_the_same(view, self._array)):
            view = _read_only_view(self._array)
            self._read_only = view
        self._view_is_sure = True
        return view

    def state(self) -> int | None:
        """A number that is the same as before only if nobody can have changed the array.

        Returns
        -------
        int or None
            None: somebody holds the array, and may change it at any time.
        """
        if self._exposed:
            # first: another thread may be given the array at any moment
            self._exposed = False
            self._state = next(_states)
            if self._is_held_elsewhere():
                self._exposed = True
                return None
        return self._state

    def _is_held_elsewhere(self) -> bool:
        if not _has_countable_memory(self._links) or any(map(weakref.getweakrefcount, self._links)):
            return True
        self.read_only()
        own, of_others = _lone_references()
        expected = [own] + [of_others] * (len(self._links) - 1)
        found = self.references()
        if isinstance(self._links[-1], bytes):  # nobody can change them
            found[-1] = expected[-1]
        return found != expected

    def references(self) -> list[int]:
        """How many references there are to the array, and to each that it is a view of."""
        assert _reference_count is not None
        return [_reference_count(link) for link in self._links]


def _read_only_view(array: Array) -> Array:
    """One that does not refer to `array` as other views do, but by way of a memoryview."""
    try:
        view = np.asarray(memoryview(array).toreadonly())  # type: ignore[arg-type, unused-ignore]
    except ValueError:  # a type of numbers that Python has no letter for
        view = array.view()
        view.setflags(write=False)
    return view


def _show_the_same(first: Array, second: Array) -> bool:
    return (
        first.shape == second.shape
        and first.strides == second.strides
        and first.__array_interface__["data"][0] == second.__array_interface__["data"][0]
    )


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


def _has_countable_memory(links: list[Any]) -> bool:
    """Whether everybody who can change the memory holds one of the links.

    It is not so where the memory is that of a mapped file or of another program's, and where it
    was given as a memoryview: several of these may share a link that cannot be counted.
    """
    if _reference_count is None:
        return False
    if isinstance(links[-1], (bytes, PrivateBytes)):
        return True
    return bool(all(isinstance(link, np.ndarray) for link in links) and links[-1].flags.owndata)


@functools.cache
def _lone_references() -> tuple[int, int]:
    """The references to an array of which nobody else has one, and to what it is a view of."""
    custody = Custody(np.zeros((1, 2))[:, :1])
    custody.read_only()
    own, of_others = custody.references()
    return own, of_others


class Norms(NamedTuple):
    """Lengths of vectors, and whose they are.

    Parameters
    ----------
    vectors
        The vectors.
    lengths
        Float (V,): the length of each.
    states
        What both Custody said when the lengths were computed; None: they are the user's.
    """

    vectors: Custody
    lengths: Custody
    states: tuple[int | None, int | None] | None


class ByteCopy:
    """The 8-bit copy of the vectors, while nobody can have changed them."""

    # Queries without a change in between after which the copy is made. It takes as long as a
    # few queries do, which would be wasted if no more queries came.
    PATIENCE = 3

    def __init__(self) -> None:
        # taken without waiting: a thread that does not get it searches without the copy
        self._lock = threading.Lock()
        self.forget()

    def __reduce__(self) -> tuple[type[ByteCopy], tuple[()]]:
        return ByteCopy, ()

    def forget(self) -> None:
        """Drop the copy."""
        self._rows: int8_rows.Int8Rows | None = None
        self._states: tuple[int, int] | None = None
        self._queries = 0
        self._pays = True

    def rows(self, vectors: Custody, norms: Custody, queries: int) -> int8_rows.Int8Rows | None:
        """The copy, or None where searches cannot use it now.

        Parameters
        ----------
        vectors, norms
            Float (V, dims), and the rows' lengths.
        queries
            How many queries are about to be answered.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            states = vectors.state(), norms.state()
            if states != self._states or None in states:
                self.forget()
                if states[0] is None or states[1] is None:
                    return None
                self._states = states[0], states[1]
            self._queries += queries
            if self._rows is None and self._pays and self._queries >= self.PATIENCE:
                self._make(vectors.read_only(), norms.read_only())
            return self._rows
        finally:
            self._lock.release()

    def _make(self, matrix: Array, norms: Array) -> None:
        self._pays = int8_rows.encoding_pays(matrix)
        if self._pays:
            try:
                self._rows = int8_rows.encode(matrix, norms)
            except MemoryError:
                self._pays = False
                logger.warning(
                    "there is no memory for an 8-bit copy of vectors of %d bytes; searches "
                    "will take longer without it",
                    matrix.nbytes,
                )
