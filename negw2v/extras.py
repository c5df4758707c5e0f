"""Optional packages: a table of them, and the error if one is missing."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NamedTuple

from negw2v.errors import MissingDependencyError, ParameterError

__all__ = [
    "OPTIONAL",
    "SERVED",
    "Package",
    "installed_version",
    "is_served",
    "missing",
    "needed",
    "needed_to_open",
]


class Package(NamedTuple):
    """An optional package.

    Attributes
    ----------
    module
        The module to import.
    distribution
        Its name for pip.
    extra
        The extra of negw2v that installs it; None: there is none.
    """

    module: str
    distribution: str
    extra: str | None

    @property
    def command(self) -> str:
        """The command that installs it, quoted because brackets are special in zsh."""
        target = self.distribution if self.extra is None else f"'negw2v[{self.extra}]'"
        return f"pip install {target}"


# Each version of smart_open uses one of them.
ZST_MODULES = ("compression.zstd", "backports.zstd", "zstandard")

#: By their names for pip.
OPTIONAL = {
    package.distribution: package
    for package in (
        Package("array_api_compat", "array-api-compat", "array"),
        Package("cupy", "cupy-cuda12x", "gpu"),
        Package("usearch", "usearch", "ann"),
        Package("pyarrow", "pyarrow", "arrow"),
        Package("threadpoolctl", "threadpoolctl", "batch"),
        Package("rich", "rich", "cli"),
        Package("shtab", "shtab", "cli"),
        Package("pooch", "pooch", "datasets"),
        Package("scipy", "scipy", "evaluation"),
        Package("plotly", "plotly", "explore"),
        Package("huggingface_hub", "huggingface_hub", "hub"),
        Package("matplotlib", "matplotlib", "plot"),
        Package("tensorboardX", "tensorboardX", "tensorboard"),
        Package("ray", "ray", "ray"),
        Package("regex", "regex", "unicode"),
        Package("ot", "POT", "wmd"),
        # smart_open uses this one if Python does not have a module of its own
        Package(
            "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd",
            "backports.zstd",
            "zst",
        ),
        Package("pandas", "pandas", None),
        Package("polars", "polars", None),
        Package("torch", "torch", None),
        Package("keras", "keras", None),
        # ways to draw a map of words, beside the one that is always there
        Package("sklearn", "scikit-learn", None),
        Package("umap", "umap-learn", None),
        Package("pacmap", "pacmap", None),
        Package("gensim", "gensim", None),
    )
}


#: ``origin`` of the modules that the plugin serves in gensim's place (:mod:`negw2v.plugin`).
SERVED = "negw2v, in gensim's place"


def installed_version(package: Package) -> str | None:
    """The version of an installed package; None: it is not installed."""
    if not _is_there(package.module):
        return None
    from importlib import metadata

    try:
        return metadata.version(package.distribution)
    except metadata.PackageNotFoundError:
        return "part of Python" if package.module.startswith("compression.") else "unknown version"


def is_served(module: str) -> bool:
    """Whether a module that was imported is one that negw2v serves in gensim's place."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return getattr(spec, "origin", None) == SERVED


def _is_there(module: str) -> bool:
    if is_served(module):
        return False
    try:
        spec = importlib.util.find_spec(module)
        return spec is not None and spec.origin != SERVED  # served, but not imported yet
    except ModuleNotFoundError:  # the parent package is missing
        return False
    except ImportError:  # it is installed, but broken
        return True


def missing(
    purpose: str, package: Package, error: ImportError | None = None
) -> MissingDependencyError:
    """The error for a package that cannot be imported.

    Parameters
    ----------
    purpose
        The feature that needs it.
    package
        The package.
    error
        The exception that its import raised.
    """
    there = error is not None and _is_there(package.module)
    reason = f"cannot be imported ({error})" if there else "is not installed"
    return MissingDependencyError(
        f"{purpose} needs {package.distribution}, which {reason}: {package.command}",
        package.module,
    )


@contextmanager
def needed(purpose: str, distribution: str) -> Iterator[None]:
    """A block that imports an optional package, and does nothing else.

    Parameters
    ----------
    purpose
        The feature that needs it, for the error.
    distribution
        The package, a key of :data:`OPTIONAL`.

    Raises
    ------
    MissingDependencyError
        It cannot be imported.
    """
    package = OPTIONAL[distribution]
    try:
        yield
        if is_served(package.module):
            raise ImportError(f"{package.module} is {SERVED}")
    except ImportError as error:
        raise missing(purpose, package, error) from error


@contextmanager
def needed_to_open(path: str, suffix: str | None = None) -> Iterator[None]:
    """A block that lets smart_open open a file, and does nothing else.

    Parameters
    ----------
    path
        The file, for the error.
    suffix
        The suffix of its compression; None: that of `path`.

    Raises
    ------
    MissingDependencyError
        Its compression or its location (s3://...) needs a package that is missing.
    ParameterError
        smart_open does not know this kind of URI.
    """
    purpose = f"opening {path!r}"
    zst = OPTIONAL["backports.zstd"]
    compressed = (suffix or PurePath(path).suffix).lower() == ".zst"
    # Check before smart_open opens the file: it would not close the file again.
    if compressed and not any(map(_is_there, ZST_MODULES)):
        raise missing(purpose, zst)
    try:
        yield
    except ImportError as error:
        if compressed:
            raise missing(purpose, zst, error) from error
        extra = re.search(r"smart_open\[\w+\]", str(error))
        raise MissingDependencyError(
            f"{purpose} needs packages of smart_open's that are not installed: pip install "
            f"'{extra[0] if extra else 'smart_open[all]'}'"
        ) from error
    except NotImplementedError as error:
        raise ParameterError(
            f"{path!r} is neither a path nor a URI that smart_open knows: {error}"
        ) from error
