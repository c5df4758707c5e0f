from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

PADDING: int
SOUND: int
NO_WORD: int
TOO_FEW: int
TOO_MANY: int
NO_NUMBER: int
NOT_FINITE: int
UNDECODABLE: int
TOO_LONG: int
LINE_FEED: int
WORD_OR_NUMBER: int
BLANK_IN_WORD: int
REFUSE: int
UNLESS_NUMBER: int
ACCEPT: int

Buffer: TypeAlias = bytes | bytearray | memoryview

def find_lines(block: Buffer, size: int, wanted: int, shortest: int) -> tuple[int, int, bool]: ...
def find_records(
    block: Buffer, size: int, wanted: int, vector_bytes: int
) -> tuple[int, int, bool]: ...
def read_lines(
    block: Buffer,
    size: int,
    out: npt.NDArray[Any],
    encoding: str,
    errors: str,
    finite_only: bool,
    to_number: Callable[[bytes], float],
    blanks: int = ...,
) -> tuple[list[str], int, int, int]: ...
def read_records(
    block: Buffer,
    size: int,
    out: npt.NDArray[np.float32],
    encoding: str,
    errors: str,
    finite_only: bool,
) -> tuple[list[str], int, int, int]: ...
def write_lines(
    rows: npt.NDArray[np.float32], heads: Buffer, edges: npt.NDArray[np.int64], limit: float
) -> bytearray: ...
def write_records(
    rows: npt.NDArray[np.float32], heads: Buffer, edges: npt.NDArray[np.int64]
) -> bytes: ...
