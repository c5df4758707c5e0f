"""The Huffman tree of hierarchical softmax (Mikolov et al. 2013, section 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.corpus._huffman import measure_depths, merge_lightest, write_paths
from negw2v.errors import ParameterError
from negw2v.kernels.problem import HuffmanPaths

__all__ = ["build_paths", "paths_from_codes"]


def build_paths(counts: npt.ArrayLike) -> HuffmanPaths:
    """Every word's path in a Huffman tree over the words' counts.

    Parameters
    ----------
    counts
        (V,) numbers >= 0, one per word.

    Returns
    -------
    HuffmanPaths
        Inner nodes are numbered 0..V-2 in the order of merging; V-2 is the root. The code
        bit 0 (sign +1) leads to the lighter child.

    Raises
    ------
    ParameterError
        A count is negative or not finite, or `counts` is not one-dimensional.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
        raise ParameterError("a Huffman tree needs one finite count >= 0 per word")
    words = len(values)
    if words < 2:
        # The root of the tree is the word itself: an empty path.
        empty_starts = np.zeros(words + 1, dtype=np.int64)
        return HuffmanPaths(empty_starts, np.empty(0, np.int32), np.empty(0, np.int8))
    order = np.argsort(values, kind="stable")
    leaves = np.empty(words, dtype=np.int64)
    leaves[order] = np.arange(words)
    nodes = 2 * words - 1
    weights = np.empty(nodes, dtype=np.float64)
    weights[:words] = values[order]
    parents = np.zeros(nodes, dtype=np.int32)
    signs = np.zeros(nodes, dtype=np.int8)
    depths = np.empty(nodes, dtype=np.int32)
    merge_lightest(weights, parents, signs)
    measure_depths(parents, depths)
    starts = offsets_of(depths[leaves])
    path_nodes = np.empty(starts[-1], dtype=np.int32)
    path_signs = np.empty(starts[-1], dtype=np.int8)
    write_paths(parents, signs, leaves, starts, path_nodes, path_signs)
    return HuffmanPaths(starts, path_nodes, path_signs)


def paths_from_codes(codes: Sequence[Any], points: Sequence[Any]) -> HuffmanPaths:
    """The paths of a tree that is given as one `code` and one `point` array per word.

    Parameters
    ----------
    codes, points
        V arrays each: the code bits (0 or 1) from the root on, and the inner nodes.

    Raises
    ------
    ParameterError
        A word's code and point differ in length.
    """
    lengths = np.array([len(bits) for bits in codes], dtype=np.int64)
    if [len(nodes) for nodes in points] != lengths.tolist():
        raise ParameterError("every word needs as many points as its code has bits")
    bits = np.concatenate([np.empty(0, np.int8), *codes]).astype(np.int8)
    nodes = np.concatenate([np.empty(0, np.int32), *points]).astype(np.int32)
    return HuffmanPaths(offsets_of(lengths), nodes, (1 - 2 * bits).astype(np.int8))
