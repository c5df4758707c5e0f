"""The random streams of training: SplitMix64 in NumPy, and what it draws.

SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators")
turns a counter into random bits, so draw ``i`` of a stream is a pure function of the
stream's start and ``i``. ``src_cython/training/random.pxd`` is the same in C.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Int64s, UInt32s, UInt64s
from negw2v.errors import ParameterError
from negw2v.kernels import _sampling

__all__ = ["alias_draws", "alias_table", "below", "draws", "random_streams"]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MASK = 0xFFFFFFFFFFFFFFFF


def _mix(z: UInt64s) -> UInt64s:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: UInt64s = z ^ (z >> np.uint64(31))
    return mixed


def draws(stream: int, count: int, skip: int = 0) -> UInt64s:
    """The draws ``skip .. skip + count - 1`` of a stream, 64 bits each.

    Parameters
    ----------
    stream
        Where the stream starts, an entry of :func:`random_streams`.
    count, skip
        How many draws, and how many to pass over first.
    """
    steps = np.arange(skip + 1, skip + count + 1, dtype=np.uint64)
    return _mix(steps * _GAMMA + np.uint64(stream))


def random_streams(seed: int, epoch: int, first: int, count: int) -> UInt64s:
    """The random streams of spans ``first .. first + count - 1`` of an epoch.

    They depend on (seed, epoch, span) alone, never on which thread trains a span.

    Parameters
    ----------
    seed
        Any integer; its low 64 bits count.
    epoch, first, count
        Epoch number, number of the first span in it, and how many spans.

    Returns
    -------
    numpy.ndarray
        uint64 (count,).
    """
    state = draws(seed & _MASK, 1)
    state = _mix(state ^ (np.uint64(epoch) + _GAMMA))
    return _mix(_mix(state ^ np.arange(first, first + count, dtype=np.uint64)) + _GAMMA)


def below(bits: UInt64s, bound: int) -> Int64s:
    """Whole numbers in [0, bound) from 32 random bits each (Lemire's multiplication)."""
    numbers: Int64s = ((bits * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)
    return numbers


def alias_draws(random: UInt64s, table: UInt32s) -> Int64s:
    """What an alias table gives for each 64-bit draw.

    The low half of a draw decides the slot, the high half between the slot and its alias.
    """
    slots = below(random & np.uint64(0xFFFFFFFF), len(table))
    stay = (random >> np.uint64(32)) < table[slots, 0]
    return np.where(stay, slots, table[slots, 1].astype(np.int64))


def alias_table(weights: npt.ArrayLike) -> UInt32s:
    """The alias table of a distribution: one draw costs two look-ups, whatever its size.

    Parameters
    ----------
    weights
        (V,), non-negative, not all zero; they need not add up to 1.

    Returns
    -------
    numpy.ndarray
        uint32 (V, 2): of each slot the threshold and the alias (Vose 1991).

    Raises
    ------
    ParameterError
        Weights that are negative, not finite, all zero or none at all.
    """
    values = np.ascontiguousarray(weights, dtype=np.float64)
    total = values.sum() if values.ndim == 1 else np.nan
    if not (np.isfinite(total) and total > 0 and (values >= 0).all()):
        raise ParameterError(
            "the weights of a negative-sampling distribution must be a vector of finite, "
            f"non-negative numbers that are not all zero; got {values!r}"
        )
    table = np.empty((len(values), 2), dtype=np.uint32)
    _sampling.build_alias_table(values / total, table)
    return table
