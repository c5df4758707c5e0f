import numpy as np
import numpy.typing as npt

def merge_lightest(
    weights: npt.NDArray[np.float64],
    parents: npt.NDArray[np.int32],
    signs: npt.NDArray[np.int8],
) -> None: ...
def measure_depths(parents: npt.NDArray[np.int32], depths: npt.NDArray[np.int32]) -> None: ...
def write_paths(
    parents: npt.NDArray[np.int32],
    signs: npt.NDArray[np.int8],
    leaves: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    path_nodes: npt.NDArray[np.int32],
    path_signs: npt.NDArray[np.int8],
) -> None: ...
