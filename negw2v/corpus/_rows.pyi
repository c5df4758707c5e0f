from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.corpus._arrow import Batch
from negw2v.corpus._tokenizer import WordTable

class NumberTable:
    def __len__(self) -> int: ...
    def fill(self, keys: Iterable[Any]) -> None: ...
    def merge(self, other: NumberTable, mapping: npt.NDArray[np.int32]) -> None: ...
    def words(self) -> list[int]: ...
    def counts(self, out: npt.NDArray[np.int64]) -> None: ...

class Rows:
    length: int
    first: int
    def cut(self, most: int) -> list[tuple[int, int, int]]: ...
    def encode(
        self,
        table: WordTable | NumberTable,
        start: int,
        stop: int,
        ids: npt.NDArray[np.int32],
        lengths: npt.NDArray[np.int64],
        *,
        grow: bool,
        padding: int | None = None,
    ) -> tuple[int, int, int, int]: ...
    def pack(
        self, space: memoryview | npt.NDArray[np.uint8], row: int, done: int, stop: int
    ) -> tuple[int, int, int, int]: ...
    def objects(self, start: int, stop: int) -> list[Any]: ...

def number_of(key: Any) -> int | None: ...
def rows_of_batch(
    batch: Batch,
    column: int | None,
    row_format: bytes,
    values_format: bytes,
    index_format: bytes,
    first: int,
) -> Rows: ...
def rows_of_array(
    values: Any,
    code: bytes,
    data: int,
    n_values: int,
    offsets: npt.NDArray[np.int64],
    n_rows: int,
    width: int,
) -> Rows: ...
def translate(ids: npt.NDArray[np.int32], mapping: npt.NDArray[np.int32]) -> None: ...
def parse_numbers(text: bytes, limit: int) -> tuple[bytes, bytes, int, int]: ...
