"""The switch of the book's programs to a GPU, and what it switches.

A program of the book runs on a GPU with three lines more::

    from negw2v.layers import config, to_cpu, to_gpu

    config.GPU = True  # before a network is made
    contexts, target = to_gpu(contexts), to_gpu(target)
    ...
    word_vecs = to_cpu(model.word_vecs)

The book's arrays on a GPU are CuPy's. For PyTorch give the networks ``xp=torch``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from negw2v.arrays import Array
from negw2v.errors import ConfigurationError
from negw2v.extras import needed
from negw2v.layers.libraries import HOST, Library, is_foreign, library_of

__all__ = ["GPU", "array_module", "chosen_library", "to_cpu", "to_gpu"]

#: True: networks have their weights on the GPU, as arrays of CuPy's.
GPU = False


def _cupy() -> ModuleType:
    """CuPy, if there is a GPU for it."""
    with needed("config.GPU = True", "cupy-cuda12x"):
        import cupy
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise ConfigurationError(
            f"config.GPU is True, but CuPy finds no GPU ({error}): install the driver and the "
            "CuPy for its version of CUDA, or set config.GPU = False"
        ) from error
    if not devices:
        raise ConfigurationError("config.GPU is True, but there is no GPU: set it to False")
    module: ModuleType = cupy
    return module


def array_module() -> ModuleType:
    """NumPy, or CuPy if :data:`GPU` is True.

    Raises
    ------
    MissingDependencyError, ConfigurationError
        CuPy is not installed, or there is no GPU.

    Examples
    --------
    >>> array_module().__name__
    'numpy'
    """
    return _cupy() if GPU else np


def chosen_library(xp: Any = None, device: Any = None) -> Library:
    """The library for new weights.

    Parameters
    ----------
    xp
        A module of arrays; None: CuPy if :data:`GPU` is True, else NumPy.
    device
        Its device; None: the default.

    Raises
    ------
    MissingDependencyError, ConfigurationError
        A package or a GPU is missing.

    Examples
    --------
    >>> chosen_library()
    NumPy
    """
    if xp is None:
        xp = array_module()
    if xp is np:
        if device not in (None, "cpu"):
            raise ConfigurationError(
                f"device={device!r}: NumPy's arrays are on the CPU; give xp=torch or xp=cupy"
            )
        return HOST
    keywords = {} if device is None else {"device": device}
    return library_of(xp.zeros(1, **keywords))


def to_gpu(array: Any) -> Any:
    """Copy an array to the GPU, as one of CuPy's.

    Parameters
    ----------
    array
        An array of NumPy's; one of CuPy's is returned as it is.

    Raises
    ------
    MissingDependencyError
        CuPy is not installed.
    ConfigurationError
        There is no GPU.

    Examples
    --------
    >>> contexts = to_gpu(contexts)  # doctest: +SKIP
    """
    return _cupy().asarray(array)


def to_cpu(array: Any) -> Array:
    """Copy an array from its device, as one of NumPy's.

    Parameters
    ----------
    array
        Of any library; one of NumPy's is returned as it is.

    Examples
    --------
    >>> to_cpu(np.float32([1, 2]))
    array([1., 2.], dtype=float32)
    """
    return library_of(array).download(array) if is_foreign(array) else np.asarray(array)
