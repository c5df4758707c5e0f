"""Keys from files that would keep a dict busy for hours.

The hashes of str and bytes are keyed with a secret of the process; those of numbers, and of tuples
of them, anybody can compute. A file may have keys that all fall on the same places of a dict,
which takes a time that grows with the square of their number.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import numpy as np

from negw2v.errors import ParameterError
from negw2v.formats._probes import Probes

__all__ = ["KEYED", "Flood", "refuse_flood"]

#: Places of a dict that are looked at for a key, at most, on average, and so many for nothing.
#: Hashes without a pattern need two; ids that are multiples of a power of two, about ten.
PLACES_PER_KEY = 64
FREE_PLACES = 50_000

#: Types whose hashes nobody can know before (but where PYTHONHASHSEED=0 makes them known).
KEYED: frozenset[type] = frozenset({str, bytes} if sys.flags.hash_randomization else ())


class Flood:
    """Watches over the keys of one dict as they come."""

    def __init__(self) -> None:
        self._probes: Probes | None = None

    def refuse(self, keys: Collection[Any]) -> None:
        """Account for more keys, before they go into the dict.

        Parameters
        ----------
        keys
            The keys.

        Raises
        ------
        ParameterError
            They would take time out of proportion to their number.
        TypeError
            One of them cannot be a key.
        """
        if KEYED.issuperset(map(type, keys)):
            return
        open_keys = [hash(key) for key in keys if type(key) not in KEYED]
        if self._probes is None:
            self._probes = Probes()
        count = len(self._probes) + len(open_keys)
        hashes = np.array(open_keys, dtype=np.int64)
        if not self._probes.add(hashes, FREE_PLACES + PLACES_PER_KEY * count):
            raise ParameterError(
                f"{count:,} keys that are not text have hashes which collide so often that looking "
                "one up would take forever; no program makes such keys by chance. If these are "
                "yours, use their text as keys: str(key)"
            )


def refuse_flood(keys: Collection[Any]) -> None:
    """Raise where a dict of these keys would take time out of proportion to their number.

    Parameters
    ----------
    keys
        The keys.

    Raises
    ------
    ParameterError, TypeError
        As for :meth:`Flood.refuse`.
    """
    Flood().refuse(keys)
