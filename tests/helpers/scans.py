"""The compiled scans of every level, called as the tests of them need it."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from negw2v import kernels
from negw2v.search.topk import Best, Exclusions

DIMENSIONS = (1, 3, 16, 97, 100, 256, 300)
NO_ROWS = Exclusions.of(np.empty((1, 0), np.int64))
LEVELS = [*kernels.levels(), *kernels.variants()]


def module(level: str) -> Any:
    """The compiled scan of a level."""
    return importlib.import_module(f"negw2v.search._cosine_scan_{level}")


def encoded(
    kernel: Any, matrix: np.ndarray, norms: np.ndarray, blocks_now: int | None = None
) -> tuple[Any, ...]:
    """What ``kernel.encode_rows`` makes of a matrix, or of its first blocks, one by one."""
    blocks = -(-len(matrix) // kernel.BLOCK_ROWS)
    quads = -(-matrix.shape[1] // 4)
    made = (
        np.full((blocks, quads * 4 * kernel.BLOCK_ROWS), 77, np.uint8),
        *(np.full(size, np.nan, np.float32) for size in (blocks * 64, blocks, blocks)),
    )
    if blocks_now is None:
        kernel.encode_rows(matrix, norms, 0, blocks, *made)
        return made
    for block in range(blocks_now):
        kernel.encode_rows(matrix, norms, block, block + 1, *made)
    values, scales, *bounds = made
    return values[:blocks_now], scales[: 64 * blocks_now], *(each[:blocks_now] for each in bounds)


def found(
    kernel: Any,
    int8: tuple[Any, ...],
    matrix: np.ndarray,
    norms: np.ndarray,
    queries: np.ndarray,
    topn: int,
    rows: tuple[int, int],
    excluded: Exclusions,
    parts: int = 1,
) -> Best:
    """What ``kernel.scan_int8_rows`` finds."""
    shape = len(queries), topn
    best = Best(np.full(shape, 99, np.int64), np.full(shape, 99, matrix.dtype))
    kernel.scan_int8_rows(
        *int8, matrix, norms, queries, *rows, *excluded, best.scores, best.rows, parts
    )
    return best


def found_plainly(
    kernel: Any,
    matrix: np.ndarray,
    norms: np.ndarray,
    query: np.ndarray,
    topn: int,
    rows: tuple[int, int],
    excluded: np.ndarray,
) -> Best:
    """What ``kernel.scan_rows`` finds."""
    best = Best(np.empty((1, topn), np.int64), np.empty((1, topn), matrix.dtype))
    own = Exclusions.of(excluded[np.newaxis])
    kernel.scan_rows(matrix, norms, query[np.newaxis], *rows, *own, best.scores, best.rows)
    return best
