"""Who else holds an array: whether anybody but its owner can have changed it.

There are two mechanisms, for two kinds of owner:

- :class:`Lease` hands out an array that its owner has made. It keeps a weak reference to what it
  handed out, so the answer costs nothing and is right in every implementation of Python. It cannot
  tell who else holds an array that the owner was *given*. Parameters of layers use it.
- :class:`OwnedArray` takes any array, also one that somebody keeps after giving it, and counts
  references. Only CPython with the GIL counts each reference at once; elsewhere the answer is
  always that somebody may hold the array. KeyedVectors uses it.
"""

from __future__ import annotations

import functools
import itertools
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from negw2v.arrays import Array
from negw2v.io.memory import PrivateBytes

__all__ = ["Lease", "OwnedArray"]

_versions = itertools.count()


class _LeasedMemory:
    """The base of arrays that were handed out: it lives as long as one of them or a view."""

    def __init__(self, array: Array) -> None:
        self._array = array
        self.__array_interface__ = array.__array_interface__


class Lease:
    """Hands out an array, and knows whether anybody still holds it, or a view of it.

    Parameters
    ----------
    array
        The owner must be the only one who holds it.
    """

    def __init__(self, array: Array) -> None:
        self._array = array
        self._handed_out: weakref.ref[_LeasedMemory] | None = None

    def hand_out(self) -> Array:
        """The array for anything: a view, which keeps the lease alive."""
        memory = self._handed_out() if self._handed_out is not None else None
        if memory is None:
            memory = _LeasedMemory(self._array)
            self._handed_out = weakref.ref(memory)
        return np.asarray(memory)

    @property
    def is_held(self) -> bool:
        """Whether anybody holds the array."""
        return self._handed_out is not None and self._handed_out() is not None


def _exact_reference_count(implementation: str, has_gil: bool) -> Callable[[object], int] | None:
    """The function that counts references, where every reference is counted at once.

    Only CPython with the GIL promises that. Free-threaded builds have ``sys.getrefcount``, too,
    but they defer some counts and split others between threads: an alias could be missed.
    """
    return sys.getrefcount if implementation == "cpython" and has_gil else None


def _built_with_gil() -> bool:
    if tuple(sys.version_info) < (3, 13):
        return True
    import sysconfig

    return not sysconfig.get_config_var("Py_GIL_DISABLED")


_reference_count = _exact_reference_count(sys.implementation.name, _built_with_gil())


class OwnedArray:
    """An array, and whether anybody else may have changed it.

    Data that is derived from the array may be kept while its :meth:`version` stays the same. Code
    that keeps an address (``array.ctypes.data``) instead of a reference is not noticed.

    Parameters
    ----------
    array
        Any array.
    """

    def __init__(self, array: Array) -> None:
        #: What :meth:`read_only` returns; None where it must look at the array first.
        self.view: Array | None = None
        self._array = array
        self._links = _links(array)
        self._latest: Array | None = None
        self._exposed = True
        self._version = next(_versions)

    def __reduce__(self) -> tuple[type[OwnedArray], tuple[Array]]:
        return OwnedArray, (self._array,)

    def expose(self) -> Array:
        """The array, for reading and writing; whoever gets it may keep it."""
        array = self._array  # first, so that the reference is counted from here on
        self._exposed = True
        self.view = None
        return array

    def read_only(self) -> Array:
        """A read-only view. Holding it, or views of it, does not count as holding the array."""
        view = self.view
        if view is None:
            view = self._latest
            if view is None or not _show_the_same(view, self._array):
                view = _read_only_view(self._array)
                self._latest = view
            self.view = view
        return view

    def version(self) -> int | None:
        """A number that is the same as before only if nobody can have changed the array.

        Returns
        -------
        int or None
            None: somebody holds the array, and may change it at any time.
        """
        if self._exposed:
            # first: another thread may be given the array at any moment
            self._exposed = False
            self._version = next(_versions)
            if self._is_held_elsewhere():
                self._exposed = True
                return None
        return self._version

    def _is_held_elsewhere(self) -> bool:
        if not _has_countable_memory(self._links) or any(map(weakref.getweakrefcount, self._links)):
            return True
        self.read_only()
        own, of_others = _lone_references()
        expected = [own] + [of_others] * (len(self._links) - 1)
        found = self.references()
        if isinstance(self._links[-1], bytes):  # immutable: other references do no harm
            found[-1] = expected[-1]
        return found != expected

    def references(self) -> list[int]:
        """The numbers of references to the array and to each of its bases."""
        assert _reference_count is not None
        return [_reference_count(link) for link in self._links]


def _read_only_view(array: Array) -> Array:
    """A view that refers to `array` through a memoryview, unlike the views that users make."""
    try:
        view = np.asarray(memoryview(array).toreadonly())  # type: ignore[arg-type, unused-ignore]
    except ValueError:  # the buffer protocol has no code for this dtype
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
    """The array, its base, the base of that, and so on, down to the object with the memory."""
    links: list[Any] = [array]
    while True:
        last = links[-1]
        is_view = isinstance(last, (np.ndarray, memoryview))
        base = (last.base if isinstance(last, np.ndarray) else last.obj) if is_view else None
        if base is None:
            return links
        links.append(base)


def _has_countable_memory(links: list[Any]) -> bool:
    """Whether whoever can change the memory must hold a reference to one of the links.

    This does not hold for the memory of mapped files and of other libraries, nor for a
    memoryview: several memoryviews may share a buffer whose references cannot be counted.
    """
    if _reference_count is None:
        return False
    if isinstance(links[-1], (bytes, PrivateBytes)):
        return True
    return bool(all(isinstance(link, np.ndarray) for link in links) and links[-1].flags.owndata)


@functools.cache
def _lone_references() -> tuple[int, int]:
    """The numbers of references to an array that nobody else holds, and to its base."""
    owned = OwnedArray(np.zeros((1, 2))[:, :1])
    owned.read_only()
    own, of_others = owned.references()
    return own, of_others
