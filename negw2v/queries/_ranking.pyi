from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]

def offer_scores(
    scores: Floats,
    first_row: int,
    best: Floats,
    best_rows: Rows,
    filled: Rows,
    excluded_starts: Rows,
    excluded: Rows,
) -> None: ...
def offer_analogies(
    scores: Floats,
    first_row: int,
    terms: Rows,
    product: bool,
    best: Floats,
    best_rows: Rows,
    filled: Rows,
    excluded_starts: Rows,
    excluded: Rows,
) -> None: ...
def offer_rows(
    matrix: Floats,
    norms: Floats,
    query: Floats,
    first_row: int,
    last_row: int,
    best: Floats,
    best_rows: Rows,
    filled: Rows,
    excluded: Rows,
) -> None: ...
def score_rows(
    matrix: Floats,
    norms: Floats,
    query: Floats,
    first_row: int,
    last_row: int,
    scores: Floats,
) -> None: ...
def sort_heaps(best: Floats, best_rows: Rows, filled: Rows) -> None: ...
