import numpy as np
import numpy.typing as npt

class PairSorter:
    parts: int
    def __init__(self, parts: int) -> None: ...
    def sort(
        self,
        ids: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
        begin: int,
        end: int,
        connectors: npt.NDArray[np.uint8],
        n_words: int,
        position: int,
    ) -> None: ...
    def read_words(self, counts: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]) -> None: ...

class PairTables:
    parts: int
    n_prefixes: int
    def __init__(self, parts: int, expected: int = 0) -> None: ...
    def n_pairs(self) -> list[int]: ...
    def learn_prefixes(self, sorter: PairSorter) -> None: ...
    def count(self, sorter: PairSorter, first: int, last: int) -> None: ...
    def read_pairs(
        self,
        part: int,
        keys: npt.NDArray[np.uint64],
        counts: npt.NDArray[np.int64],
        firsts: npt.NDArray[np.int64],
    ) -> None: ...
    def read_prefixes(self, keys: npt.NDArray[np.uint64]) -> None: ...

class NgramCounter:
    n_pairs: int
    n_prefixes: int
    n_words: int
    position: int
    def __init__(self) -> None: ...
    def count(
        self,
        ids: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
        connectors: npt.NDArray[np.uint8],
        n_words: int,
        limit: int,
        bound: int,
    ) -> int: ...
    def read_words(self, counts: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64]) -> None: ...
    def read_pairs(
        self,
        keys: npt.NDArray[np.uint64],
        counts: npt.NDArray[np.int64],
        firsts: npt.NDArray[np.int64],
    ) -> None: ...
    def read_prefixes(self, keys: npt.NDArray[np.uint64]) -> None: ...
    def load(
        self,
        word_counts: npt.NDArray[np.int64],
        word_firsts: npt.NDArray[np.int64],
        prefixes: npt.NDArray[np.uint64],
        keys: npt.NDArray[np.uint64],
        counts: npt.NDArray[np.int64],
        firsts: npt.NDArray[np.int64],
        position: int,
    ) -> None: ...
