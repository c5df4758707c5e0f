"""What both kernels check before they trust an array; cheap compared with the training itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array
from negw2v.errors import ParameterError
from negw2v.kernels.merge import MOST_SHARDS, Changes
from negw2v.kernels.problem import (
    MOST_NEGATIVES,
    ROW_BYTES,
    TOTALS,
    HuffmanPaths,
    Objective,
    Tables,
    Weights,
)

__all__ = [
    "check_changes",
    "check_draws",
    "check_negatives",
    "check_problem",
    "check_results",
    "check_shards",
    "check_spans",
]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ParameterError(message)


def _check_vector(name: str, array: Array, dtype: npt.DTypeLike, at_least: int) -> None:
    # the name of a type takes longer than all checks: only where it is needed
    if not (array.dtype == dtype and array.ndim == 1 and array.flags.c_contiguous):
        raise ParameterError(
            f"{name} must be a contiguous vector of {np.dtype(dtype)}, "
            f"not {array.ndim}-dimensional {array.dtype}"
        )
    _require(len(array) >= at_least, f"{name} has {len(array)} entries, {at_least} are needed")


def _check_matrix(
    name: str, array: Array | None, like: Array | None, compiled: bool, *, read_only: bool = False
) -> None:
    if array is None:
        raise ParameterError(f"this objective needs {name}, but they are None")
    _require(
        array.ndim == 2 and (read_only or array.flags.writeable),
        f"{name} must be a writeable matrix",
    )
    if like is not None:
        _require(
            array.shape[1] == like.shape[1],
            f"{name} have {array.shape[1]} columns, the input vectors {like.shape[1]}",
        )
    if compiled and not (
        array.dtype == np.float32
        and array.flags.c_contiguous
        and array.shape[1] * array.itemsize % ROW_BYTES == 0
    ):
        raise ParameterError(
            f"{name} must be float32 with rows padded to {ROW_BYTES} bytes "
            f"(kernels.aligned_matrix), not {array.dtype} of shape {array.shape}"
        )


def check_problem(
    objective: Objective, weights: Weights, tables: Tables, threads: int, *, compiled: bool
) -> None:
    """Refuse a problem whose arrays do not fit together.

    Parameters
    ----------
    objective, weights, tables
        The problem.
    threads
        How many threads are going to train it at once.
    compiled
        Whether the arrays must have the layout that compiled kernels need.

    Raises
    ------
    ParameterError
        Names the array or parameter, what it is and what it should be.
    """
    words, huffman = len(weights.input_vectors), tables.huffman
    _require(objective.window >= 1, f"window must be at least 1, not {objective.window}")
    _require(threads >= 1, f"threads must be at least 1, not {threads}")
    _check_negative(objective, least=0)
    _require(
        objective.negative > 0 or huffman is not None,
        "nothing to train: neither negative sampling nor hierarchical softmax is on",
    )
    _check_matrix("input vectors", weights.input_vectors, None, compiled)
    _require(
        0 < weights.dimensions <= weights.input_vectors.shape[1],
        f"{weights.dimensions} dimensions do not fit rows of {weights.input_vectors.shape[1]}",
    )
    locks = weights.lock_factors
    _require(
        locks.ndim == 1 and len(locks) in (1, words),
        f"lock_factors must have 1 or {words} entries, not shape {locks.shape}",
    )
    if compiled:
        _check_vector("lock_factors", locks, np.float32, 1)
    if tables.keep is not None:
        _check_vector("the keep table", tables.keep, np.uint32, words)
    if objective.negative > 0:
        _check_matrix("output vectors", weights.output_vectors, weights.input_vectors, compiled)
        assert weights.output_vectors is not None
        _require(
            len(weights.output_vectors) == words,
            f"there are {len(weights.output_vectors)} output vectors for {words} words",
        )
        if tables.negatives is None:
            _check_alias(tables, words)
        else:
            _check_negatives(tables.negatives, words)
    if huffman is not None:
        _check_matrix("node vectors", weights.node_vectors, weights.input_vectors, compiled)
        assert weights.node_vectors is not None
        _check_paths(huffman, words, len(weights.node_vectors))


def _check_negative(objective: Objective, least: int) -> None:
    _require(
        least <= objective.negative <= MOST_NEGATIVES,
        f"negative must be from {least} to {MOST_NEGATIVES}, not {objective.negative}; "
        "5 to 20 negative samples are usual",
    )


def _check_alias(tables: Tables, words: int) -> None:
    alias = tables.alias
    if alias is None:
        raise ParameterError("negative sampling needs an alias table, but it is None")
    if not (alias.dtype == np.uint32 and alias.shape == (words, 2) and alias.flags.c_contiguous):
        raise ParameterError(
            f"the alias table must be contiguous uint32 of shape ({words}, 2), "
            f"not {alias.dtype} of shape {alias.shape}"
        )
    _require(
        tables.last_alias < words,
        f"the alias table names words beyond the {words} there are",
    )


def _check_negatives(negatives: Array, words: int) -> None:
    _check_vector("negatives", negatives, np.int32, 0)
    if len(negatives):
        low, high = int(negatives.min()), int(negatives.max())
        _require(
            low >= 0 and high < words,
            f"negatives must lie in 0..{words - 1}, the vocabulary; they go from {low} to {high}",
        )


def _check_paths(huffman: HuffmanPaths, words: int, nodes: int) -> None:
    _check_vector("the starts of Huffman paths", huffman.starts, np.int64, words + 1)
    _check_vector("the nodes of Huffman paths", huffman.nodes, np.int32, int(huffman.starts[-1]))
    _check_vector("the signs of Huffman paths", huffman.signs, np.int8, int(huffman.starts[-1]))
    _require(
        huffman.starts[0] == 0 and huffman.starts_rise,
        "the starts of Huffman paths must begin with 0 and never fall",
    )
    low, high = huffman.node_range
    _require(
        low >= 0 and high < nodes,
        f"Huffman paths name nodes {low} to {high}, but there are {nodes} node vectors",
    )


def check_spans(
    words: int,
    tokens: Array,
    sentence_starts: Array,
    span_starts: Array,
    first: int,
    last: int,
    streams: Array,
) -> None:
    """Refuse spans that point outside their arrays, or tokens outside the vocabulary.

    Raises
    ------
    ParameterError
        Names the array, what it holds and what it may hold.
    """
    _check_vector("tokens", tokens, np.int32, 0)
    _check_vector("sentence_starts", sentence_starts, np.int64, 1)
    _check_vector("span_starts", span_starts, np.int64, last + 1)
    _check_vector("streams", streams, np.uint64, last)
    _require(0 <= first <= last, f"spans {first} to {last} are not a range")
    spans = span_starts[first : last + 1]
    low, high = int(spans[0]), int(spans[-1])
    _require(
        bool((np.diff(spans) >= 0).all()) and low >= 0 and high < len(sentence_starts),
        f"span_starts must rise from 0 to at most {len(sentence_starts) - 1}, the number of "
        f"sentences; they go from {low} to {high}",
    )
    bounds = sentence_starts[low : high + 1]
    _require(
        bool((np.diff(bounds) >= 0).all()) and bounds[0] >= 0 and bounds[-1] <= len(tokens),
        f"sentence_starts must rise from 0 to at most {len(tokens)}, the number of tokens",
    )
    used = tokens[int(bounds[0]) : int(bounds[-1])]
    if len(used):
        smallest, largest = int(used.min()), int(used.max())
        _require(
            smallest >= 0 and largest < words,
            f"tokens must lie in 0..{words - 1}, the vocabulary; they go from "
            f"{smallest} to {largest}",
        )


def check_results(last: int, learning_rates: Array, totals: Array) -> None:
    """Refuse learning rates and totals that are not those of `last` spans."""
    _check_vector("learning_rates", learning_rates, np.float32, last)
    _check_vector("totals", totals, TOTALS, last)


def check_draws(objective: Objective, tables: Tables) -> int:
    """Refuse tables from which no negatives can be drawn; return the size of the vocabulary."""
    _require(objective.window >= 1, f"window must be at least 1, not {objective.window}")
    _check_negative(objective, least=1)
    words = 0 if tables.alias is None else len(tables.alias)
    _check_alias(tables, words)
    if tables.keep is not None:
        _check_vector("the keep table", tables.keep, np.uint32, words)
    return words


def check_negatives(given: int, drawn: int) -> None:
    """Refuse negatives that are not as many as training draws."""
    _require(given == drawn, f"{given} negatives are given, but these spans draw {drawn}")


def check_shards(shards: int) -> None:
    """Refuse a number of shards that no round can have."""
    _require(1 <= shards <= MOST_SHARDS, f"shards must be 1 to {MOST_SHARDS}, not {shards}")


def check_changes(matrix: Array, shards: Sequence[Changes]) -> None:
    """Refuse changes that do not fit a matrix.

    Raises
    ------
    ParameterError
        Names what does not fit.
    """
    _check_matrix("rows to merge into", matrix, None, compiled=True)
    _require(
        len(shards) <= MOST_SHARDS, f"{len(shards)} shards are more than the {MOST_SHARDS} allowed"
    )
    for number, (rows, values) in enumerate(shards):
        _check_vector(f"rows of shard {number}", rows, np.int32, 0)
        _check_matrix(f"changes of shard {number}", values, matrix, compiled=True, read_only=True)
        _require(
            len(rows) == len(values), f"shard {number} has {len(rows)} rows, {len(values)} changes"
        )
        _require(
            bool((np.diff(rows) > 0).all())
            and (not len(rows) or (rows[0] >= 0 and rows[-1] < len(matrix))),
            f"rows of shard {number} must rise within 0..{len(matrix) - 1}",
        )
