import numpy as np
import numpy.typing as npt

def build_alias_table(
    probabilities: npt.NDArray[np.float64], table: npt.NDArray[np.uint32]
) -> None: ...
