import numpy as np
import numpy.typing as npt

class NgramCounter:
    n_pairs: int
    n_prefixes: int
    n_words: int
    position: int
    def __init__(self, part: int = 0, parts: int = 1) -> None: ...
    def count(
        self,
        ids: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
        connectors: npt.NDArray[np.uint8],
        n_words: int,
        limit: int = -1,
        bound: int = 0,
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
