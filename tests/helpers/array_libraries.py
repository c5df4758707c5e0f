"""Arrays of the libraries that layers are tested with."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

#: module -> why it may be missing
LIBRARIES = {
    "numpy": "",
    "array_api_strict": "the referee of the Array API standard is in the extra `test`",
    "torch": "PyTorch is too large for the extra `test`; its tests run where it is installed",
}


class Arrays:
    """NumPy's arrays as those of another library, on the CPU.

    Attributes
    ----------
    name
        The library's module.
    xp
        What networks are given as ``xp=``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.xp = pytest.importorskip(name, reason=LIBRARIES[name])
        if name != "numpy":
            pytest.importorskip("array_api_compat", reason="it is in the extra `array`")

    def of(self, array: Any) -> Any:
        """The array, or several, in this library: in the same memory."""
        given = np.asarray(array)
        if self.name == "torch":
            return self.xp.from_numpy(given if given.flags.writeable else given.copy())
        return self.xp.asarray(given)

    def own(self, array: Any) -> bool:
        """Whether it is an array of this library."""
        module = importlib.import_module(self.name)
        kind: Any = {"numpy": "ndarray", "torch": "Tensor"}.get(self.name)
        return isinstance(array, getattr(module, kind) if kind else type(self.of(np.zeros(1))))
