"""What a kernel is given: the objective, the weights and the look-up tables.

Kernels see arrays and these small records, never a model. Both implementations
(NumPy in :mod:`negw2v.kernels.reference`, compiled in ``src_cython/training/training.pyx``)
are constructed from the same three records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Float32s, Int32s, Int64s, UInt32s

__all__ = [
    "BADLY_WRONG",
    "BLOCK_WORDS",
    "HIGHEST_RATE",
    "MOST_NEGATIVES",
    "PICKS_PER_DRAW",
    "ROW_BYTES",
    "RUN_WORDS",
    "TOTALS",
    "WIDEST_BLOCK",
    "HuffmanPaths",
    "Objective",
    "Tables",
    "Weights",
    "aligned_matrix",
    "no_locks",
    "padded_length",
    "plain_matrix",
]

FLOAT_BYTES = np.dtype(np.float32).itemsize

# Rows start and end on cache lines, so that no row shares a line with another.
ROW_BYTES = 64

# Processors compare the low 12 bits of addresses first: a read waits for an earlier write that
# agrees in them. Of rows of a multiple of 2 KiB, all begin at one or two such addresses. They get
# one more cache line.
ALIASED_BYTES = 2048

#: Largest window of skip-gram of which each side is one block, whose updates are computed from
#: the same values and added up. On natural text the vectors are as good as those of single pairs.
WIDEST_BLOCK = 10

#: Context words per block of a wider window. Each block has negatives of its own, and its rows
#: are trained in order.
BLOCK_WORDS = 12

#: Rows in order are trained in runs of at most so many different words.
RUN_WORDS = 6

#: A score is badly wrong where it is this far on the wrong side, a loss of 6 nats. Then the
#: lengths of the rows bound the step. gensim skips such pairs.
BADLY_WRONG = 6.0

#: Above this learning rate (twice the default, and that of word2vec.c for CBOW) all rows are
#: trained in order, and every step of CBOW is bounded.
HIGHEST_RATE = 0.05

#: Most negative samples per positive one: kernels count the draws of several centres in 32 bits.
MOST_NEGATIVES = 1 << 20

#: In rounds, so many negatives are picked from a pool for each one that is drawn.
PICKS_PER_DRAW = 8

#: What training one span adds up to: tokens that survived subsampling, (context, centre)
#: pairs for skip-gram or windows for CBOW, and the sum of their losses in nats.
TOTALS = np.dtype([("kept", np.int64), ("pairs", np.int64), ("loss", np.float64)])


@dataclass(frozen=True)
class Objective:
    """The training objective: what is predicted from what.

    Parameters
    ----------
    skip_gram
        True: each context word predicts the centre word (Mikolov et al. 2013);
        False: the mean (or sum) of the context words does (CBOW).
    window
        Largest distance between a context word and the centre word.
    shrink_windows
        Draw each window's size uniformly from 1..window instead of always using `window`.
    negative
        Negative samples per positive one; 0 for none.
    share_negatives
        Skip-gram only. True: one draw of negatives serves a whole window (Ji et al. 2016), in
        one block for the words before the centre and one for those after it; in windows of more
        than :data:`WIDEST_BLOCK` words it serves a block of :data:`BLOCK_WORDS` words. False:
        every (context, centre) pair has its own, as in word2vec.c and gensim.
    cbow_mean
        CBOW only. True: the input is the mean of the context rows; False: their sum, whose
        gradient is divided by the square root of their number.
    corrected_cbow
        CBOW with `cbow_mean` only. True: the gradient of a mean is divided by the number
        of context words (Irsoy et al. 2021); False: it is not, as in word2vec.c and gensim.
    paired_windows
        CBOW with negative sampling only. True: the windows of kept words 2i and 2i + 1 of a span
        share one draw of negatives, as in pSGNScc (Rengasamy et al. 2017). They are one block,
        unless an output row would be there twice, the words are of different sentences, a score
        is badly wrong, the learning rate is above :data:`HIGHEST_RATE`, there are Huffman paths
        or more than five negatives, or `cbow_mean` is False. False: every window has its own draw.
    """

    skip_gram: bool
    window: int
    shrink_windows: bool = True
    negative: int = 5
    share_negatives: bool = True
    cbow_mean: bool = True
    corrected_cbow: bool = False
    paired_windows: bool = False

    @property
    def pairs(self) -> bool:
        """Whether two windows share one draw of negatives."""
        return self.paired_windows and not self.skip_gram and self.negative > 0


@dataclass(frozen=True)
class HuffmanPaths:
    """Every word's path from the root of the Huffman tree, one after the other.

    Word ``w`` owns ``nodes[starts[w]:starts[w + 1]]`` (int32, rows of the node vectors)
    and the same slice of ``signs`` (int8: +1 where its code bit is 0, -1 where it is 1).
    ``starts`` is int64 of length V + 1.

    The arrays must not change: what all paths have in common is found once.
    """

    starts: Int64s
    nodes: Int32s
    signs: npt.NDArray[np.int8]

    @cached_property
    def lengths(self) -> Int64s:
        """int64 (V,): the number of nodes on each path."""
        return np.diff(self.starts)

    @cached_property
    def longest(self) -> int:
        """The number of nodes on the longest path."""
        return int(self.lengths.max(initial=0))

    @cached_property
    def starts_rise(self) -> bool:
        """Whether no path ends before it starts."""
        return bool((self.lengths >= 0).all())

    @cached_property
    def node_range(self) -> tuple[int, int]:
        """The lowest and the highest node on any path; (0, -1) where there are no nodes."""
        return (int(self.nodes.min()), int(self.nodes.max())) if len(self.nodes) else (0, -1)

    @cached_property
    def mean_length(self) -> float:
        """The mean length of a path where each word is as probable as its path says, 2^-length."""
        shares = np.exp2(-self.lengths)
        return float(shares @ self.lengths / shares.sum()) if len(shares) else 0.0


@dataclass(frozen=True)
class Tables:
    """What the training loop looks up per word. The alias table must not change.

    Parameters
    ----------
    keep
        uint32 (V,): a token survives subsampling when a 32-bit draw is <= its entry.
        None: every token survives.
    alias
        uint32 (V, 2), the alias table of the negative-sampling distribution
        (:func:`negw2v.kernels.alias_table`): threshold and alias of each slot.
        None without negative sampling.
    huffman
        Paths for hierarchical softmax; None without it.
    negatives
        int32: what :func:`negw2v.kernels.negatives` has drawn for a call of ``train()``, which
        takes them in place of draws from `alias`. None: it draws.
    """

    keep: UInt32s | None = None
    alias: UInt32s | None = None
    huffman: HuffmanPaths | None = None
    negatives: Int32s | None = None

    @cached_property
    def last_alias(self) -> int:
        """The highest word that the alias table names as an alias; -1: it names none."""
        return -1 if self.alias is None else int(self.alias[:, 1].max(initial=0))


@dataclass(frozen=True)
class Weights:
    """The arrays that training changes. Rows are padded, see :func:`aligned_matrix`.

    Parameters
    ----------
    dimensions
        Length of a vector; the columns beyond it are zero, and stay so.
    input_vectors
        float32 (V, padded): one row per word, the vectors that queries use.
    output_vectors
        float32 (V, padded): the rows that negative sampling scores against, or None.
    node_vectors
        float32 (V - 1, padded): the inner nodes of the Huffman tree, or None.
    lock_factors
        float32 (V,): every update of input row ``w`` is multiplied by ``lock_factors[w]``.
        Of length 1: the one factor of all rows.
    """

    dimensions: int
    input_vectors: Array
    output_vectors: Array | None
    node_vectors: Array | None
    lock_factors: Array


def no_locks() -> Float32s:
    """Lock factors with which every word moves freely: float32 (1,), a single 1."""
    return np.ones(1, dtype=np.float32)


def padded_length(dimensions: int) -> int:
    """Floats in a row that kernels train.

    Parameters
    ----------
    dimensions
        Length of a vector.

    Returns
    -------
    int
        `dimensions` rounded up to a multiple of 16; 16 more where that is a multiple of 512.
    """
    size = -(-dimensions * FLOAT_BYTES // ROW_BYTES) * ROW_BYTES
    if size and size % ALIASED_BYTES == 0:
        size += ROW_BYTES
    return size // FLOAT_BYTES


def _aligned_floats(count: int) -> Float32s:
    """Zeros that begin on a cache line."""
    buffer = np.zeros(count * FLOAT_BYTES + ROW_BYTES, dtype=np.uint8)
    offset = -buffer.ctypes.data % ROW_BYTES
    return buffer[offset : offset + count * FLOAT_BYTES].view(np.float32)


def aligned_matrix(rows: int, dimensions: int) -> Float32s:
    """A zero matrix whose rows are whole cache lines: what kernels train.

    Parameters
    ----------
    rows, dimensions
        Its shape, before padding.

    Returns
    -------
    numpy.ndarray
        float32 (rows, padded), C-contiguous, starting on a 64-byte boundary; `padded` is
        :func:`padded_length`.
    """
    padded = padded_length(dimensions)
    return _aligned_floats(rows * padded).reshape(rows, padded)


def plain_matrix(rows: int, dimensions: int) -> Float32s:
    """A zero matrix as users see it; kernels train it in place where its rows need no padding.

    Parameters
    ----------
    rows, dimensions
        Its shape.

    Returns
    -------
    numpy.ndarray
        float32 (rows, dimensions), C-contiguous. Where `dimensions` is a multiple of 16 it starts
        on a 64-byte boundary.
    """
    if dimensions * FLOAT_BYTES % ROW_BYTES:
        return np.zeros((rows, dimensions), dtype=np.float32)
    return _aligned_floats(rows * dimensions).reshape(rows, dimensions)
