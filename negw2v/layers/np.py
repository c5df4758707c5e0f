"""``np`` as the book's programs import it: NumPy, or CuPy where ``config.GPU`` is True.

::

    from negw2v.layers import config
    config.GPU = True
    from negw2v.layers.np import *  # np
"""

from __future__ import annotations

from types import ModuleType

from negw2v.layers import config

__all__ = ["np"]  # noqa: F822 - __getattr__ finds it


def __getattr__(name: str) -> ModuleType:
    if name != "np":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return config.array_module()
