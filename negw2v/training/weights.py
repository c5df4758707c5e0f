"""The arrays that training changes: start, growth, lock factors, and the rows that kernels train.

A model's arrays are C-contiguous, as gensim's are: there are programs that read their memory.
Kernels work on rows of whole cache lines. Where an array is not laid out like that, kernels
train a copy of it, which lasts as long as one train().
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from negw2v.arrays import Array, Float32s, Int64s
from negw2v.errors import ParameterError
from negw2v.kernels import aligned_matrix, padded_length, plain_matrix
from negw2v.kernels.problem import ROW_BYTES

__all__ = [
    "Anchor",
    "Seed",
    "Workspace",
    "grown",
    "legacy_seed",
    "lock_factors",
    "seeded_vector",
    "stream_seed",
    "trainable",
]

#: What a model's `seed` may be.
Seed = int | list[int] | tuple[int, ...] | None


class Anchor(NamedTuple):
    """Old words that training holds.

    Attributes
    ----------
    words
        Number of old words; they are the first ones.
    strength
        1: they do not move; 0: they move like all others.
    """

    words: int
    strength: float


def grown(matrix: Array, rows: int) -> Float32s:
    """A matrix of `rows` rows that starts with those of `matrix`; the new ones are zero.

    Parameters
    ----------
    matrix
        (n, dimensions) with ``n <= rows``.
    rows
        Number of rows wanted.
    """
    result = plain_matrix(rows, matrix.shape[1])
    result[: len(matrix)] = matrix
    return result


def seeded_vector(size: int, seed_string: str, hash_function: Callable[[str], int]) -> Float32s:
    """A random vector that depends on a string, uniform in [-0.5, 0.5) / size.

    Parameters
    ----------
    size
        Length.
    seed_string
        The generator (NumPy's SFC64) is seeded with the lower 32 bits of its hash.
    hash_function
        From a string to an integer.

    Returns
    -------
    numpy.ndarray
        float32 (size,).
    """
    bits = np.random.SFC64(hash_function(seed_string) & 0xFFFFFFFF)
    uniform = np.random.Generator(bits).random(size).astype(np.float32)
    result: Float32s = (uniform - np.float32(0.5)) / np.float32(size)
    return result


def stream_seed(seed: Seed) -> int:
    """One 64-bit number for the random streams of training, from whatever the seed is."""
    if isinstance(seed, int) and 0 <= seed < 1 << 64:
        return seed
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def legacy_seed(seed: Seed) -> Any:
    """The seed for ``numpy.random.RandomState``, which takes 32 bits only."""
    return seed & 0xFFFFFFFF if isinstance(seed, int) else seed


def lock_factors(factors: Array, rows: int, anchor: Anchor | None = None) -> Float32s:
    """Lock factors as kernels take them.

    Parameters
    ----------
    factors
        ``wv.vectors_lockf``: one factor for all words, or one for each.
    rows
        Number of words.
    anchor
        Words that are held in addition.

    Raises
    ------
    ParameterError
        Another number of factors, or one that is not finite.
    """
    result = np.ascontiguousarray(factors, dtype=np.float32)
    if result.shape not in {(1,), (rows,)}:
        msg = (
            f"wv.vectors_lockf must hold 1 factor, or one per word ({rows}), but its shape is "
            f"{result.shape}; give it the new length when the vocabulary grows"
        )
        raise ParameterError(msg)
    if not np.isfinite(result).all():
        msg = "wv.vectors_lockf holds NaN or infinity; 0.0 stops a word, 1.0 lets it move"
        raise ParameterError(msg)
    if anchor is None or not anchor.strength:
        return result
    result = np.broadcast_to(result, (rows,)).copy()
    result[: anchor.words] *= 1 - anchor.strength
    return result


def trainable(matrix: Array) -> Float32s:
    """The matrix itself where results can be written into it, otherwise a copy.

    Parameters
    ----------
    matrix
        Real numbers (rows, dimensions).

    Returns
    -------
    numpy.ndarray
        float32 of the same shape and values, C-contiguous and writeable.
    """
    if matrix.dtype == np.float32 and matrix.flags.carray:
        return matrix
    result = plain_matrix(*matrix.shape)
    result[...] = matrix
    return result


# Copies of so few bytes are kept for the next train(): the first use of new memory takes longer
# than the training of some sentences. Nothing else of them is kept, neither values nor padding.
KEPT_BYTES = 8 << 20

_kept: dict[str, Float32s] = {}


# Single rows are copied where training uses at most one in so many of them: one row on its own
# takes several times as long as one among all.
ROWS_PER_PART = 4


def _is_trained_in_place(matrix: Float32s) -> bool:
    dimensions = matrix.shape[1]
    return dimensions == padded_length(dimensions) and matrix.ctypes.data % ROW_BYTES == 0


class Workspace:
    """Rows that kernels can train, in place of a model's arrays.

    Parameters
    ----------
    rows_used
        How many rows of a matrix one thread that trains alone will use, about; None: several
        threads train, or it is not known.
    anchor
        Words that the kernels hold.
    """

    def __init__(self, rows_used: int | None = None, anchor: Anchor | None = None) -> None:
        self.anchor = anchor
        self._rows_used = rows_used
        self._copies: dict[str, Float32s] = {}
        self._pairs: list[tuple[Float32s, Float32s]] = []
        self._parts: dict[str, tuple[Float32s, Int64s, Float32s]] = {}
        self._bring: Callable[[], None] = lambda: None

    def before_publishing(self, bring: Callable[[], None]) -> None:
        """Have a function bring the rows up to date that are trained somewhere else.

        Parameters
        ----------
        bring
            Called at the beginning of :meth:`publish`, until the rows are released.
        """
        self._bring = bring

    @property
    def has_one_thread(self) -> bool:
        """Whether one thread trains alone."""
        return self._rows_used is not None

    def suits_parts(self, matrices: Mapping[str, Float32s]) -> bool:
        """Whether it takes less time to copy the rows that are used than all rows.

        Parameters
        ----------
        matrices
            As for :meth:`take`.
        """
        if self._rows_used is None:
            return False
        addresses = {matrix.ctypes.data for matrix in matrices.values()}
        return len(addresses) == len(matrices) and any(
            not _is_trained_in_place(matrix) and self._rows_used * ROWS_PER_PART <= len(matrix)
            for matrix in matrices.values()
        )

    def take_part(self, name: str, matrix: Float32s, numbers: Int64s, room: int) -> Float32s:
        """Some rows of a matrix, in this order; :meth:`publish` writes them back.

        Parameters
        ----------
        name
            Of the matrix.
        matrix
            As for :meth:`take`.
        numbers
            int64 (n,): the rows, each once.
        room
            Rows of the result, at least n; what the others hold is undefined.

        Returns
        -------
        numpy.ndarray
            float32 (room, padded).
        """
        room = max(room, len(numbers))
        dimensions, padded = matrix.shape[1], padded_length(matrix.shape[1])
        memory = self._copies.get(name)
        if memory is None:
            memory = _kept.pop(name, None)
        if memory is None or len(memory) < room or memory.shape[1] != padded:
            memory = aligned_matrix(room + room // 2, dimensions)
        self._copies[name] = memory
        rows = memory[: len(numbers)]
        rows[:, :dimensions] = matrix[numbers]
        rows[:, dimensions:] = 0
        self._parts[name] = matrix, numbers, rows
        return memory[:room]

    def take(self, matrices: Mapping[str, Float32s]) -> dict[str, Float32s]:
        """Rows with the present values of some matrices.

        Parameters
        ----------
        matrices
            By name, as :func:`trainable` returns them. A matrix under two names is one.

        Returns
        -------
        dict of str to numpy.ndarray
            float32 (rows, padded), see :func:`negw2v.kernels.aligned_matrix`; the matrix itself
            where it is laid out like that. They are those of the last call, as far as names and
            shapes are the same.
        """
        pairs: dict[tuple[int, tuple[int, ...]], tuple[Float32s, Float32s]] = {}
        rows = {}
        for name, matrix in matrices.items():
            memory = matrix.ctypes.data, matrix.shape
            if memory not in pairs:
                pairs[memory] = matrix, self._rows_of(name, matrix)
            rows[name] = pairs[memory][1]
        self._pairs = list(pairs.values())
        self._parts = {}
        return rows

    def publish(self) -> None:
        """Write what the rows hold now into the matrices that they stand for."""
        self._bring()
        for matrix, rows in self._pairs:
            if rows is not matrix:
                matrix[...] = rows[:, : matrix.shape[1]]
        for matrix, numbers, rows in self._parts.values():
            matrix[numbers] = rows[:, : matrix.shape[1]]

    def release(self) -> None:
        """Let go of all rows; nobody trains them any more."""
        copies, self._copies, self._pairs, self._parts = self._copies, {}, [], {}
        self._bring = lambda: None
        _kept.update({name: copy for name, copy in copies.items() if copy.nbytes <= KEPT_BYTES})

    def _rows_of(self, name: str, matrix: Float32s) -> Float32s:
        rows, dimensions = matrix.shape
        padded = padded_length(dimensions)
        if _is_trained_in_place(matrix):
            self._copies.pop(name, None)
            return matrix
        copy = self._copies.get(name)
        if copy is None:
            copy = _kept.pop(name, None)
            if copy is not None and copy.shape == (rows, padded):
                self._copies[name] = copy
                copy[:, dimensions:] = 0
        if copy is None or copy.shape != (rows, padded):
            self._copies.pop(name, None)  # before its successor takes memory
            copy = self._copies[name] = aligned_matrix(rows, dimensions)
        copy[:, :dimensions] = matrix
        return copy
