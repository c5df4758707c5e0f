from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

SECRET: bytes

class WordTable:
    address: int
    def __len__(self) -> int: ...
    def fill(self, words: Iterable[Any]) -> None: ...
    def merge(self, other: WordTable, mapping: npt.NDArray[np.int32]) -> None: ...
    def words(self) -> list[str]: ...
    def counts(self, out: npt.NDArray[np.int64]) -> None: ...

def secret_place(word: bytes) -> int: ...

class LineTokenizer:
    offset: int
    lines: int
    n_words: int
    n_known: int
    in_line: bool
    done: bool
    invalid: int
    def __init__(
        self,
        table: WordTable,
        *,
        grow: bool,
        keep: bool,
        offset: int = 0,
        limit: int = -1,
        block_bytes: int = ...,
        longest: int = ...,
        places: bool = False,
    ) -> None: ...
    def free_space(self) -> memoryview: ...
    def feed(self, n: int, last: bool = False) -> None: ...
    def tokens(self) -> memoryview: ...
    def line_lengths(self) -> bytes: ...
    def places(self) -> bytes: ...

def compact(
    ids: npt.NDArray[np.int32],
    remap: npt.NDArray[np.int32] | None,
    ends: npt.NDArray[np.int64],
    sentence: int,
    position: int,
    out: npt.NDArray[np.int32],
    written: int,
    starts: npt.NDArray[np.int64],
) -> tuple[int, int, int]: ...
