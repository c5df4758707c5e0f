from collections.abc import Callable, Iterable, Iterator
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
        lengths: npt.NDArray[np.int64],
        sources: npt.NDArray[np.int32] | None = None,
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

class JoinedSentences(Iterator[Any]):
    def __init__(self, sentences: Iterable[Any], rounds: tuple[Any, ...]) -> None: ...
    def __next__(self) -> Any: ...

def write_lines(
    block: npt.NDArray[np.uint8],
    places: npt.NDArray[np.int64],
    sources: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    text: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    goes_on: bool,
) -> tuple[bytes, int]: ...
