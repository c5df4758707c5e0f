from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

class PhraseTable:
    def __init__(
        self,
        prefixes: npt.NDArray[np.uint64],
        nodes: npt.NDArray[np.uint32],
        pairs: npt.NDArray[np.uint64],
        phrases: npt.NDArray[np.uint32],
        connectors: npt.NDArray[np.uint8],
        empty: int = -1,
    ) -> None: ...
    def join_ids(
        self,
        ids: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        phrase_ids: npt.NDArray[np.int32],
        out: npt.NDArray[np.int32],
        lengths: npt.NDArray[np.int64],
    ) -> int: ...

class SentenceJoiner:
    def __init__(
        self,
        table: PhraseTable,
        index: dict[str, int],
        phrases: list[str],
        check_word: Callable[[Any], str],
    ) -> None: ...
    def join(self, sentence: list[Any], hits: list[int] | None = None) -> list[str]: ...

def write_lines(
    ids: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    first: int,
    last: int,
    text: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint8],
) -> tuple[int, int]: ...
