"""Packages that only some features need: which those are, and the error where one is missing."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import PurePath
from typing import NamedTuple

from negw2v.errors import MissingDependencyError, ParameterError

__all__ = ["OPTIONAL", "Package", "installed_version", "missing", "needed", "needed_to_open"]


class Package(NamedTuple):
    """A package that need not be there.

    Attributes
    ----------
    module
        What is imported.
    distribution
        What pip calls it.
    extra
        negw2v's extra that brings it; None: there is none.
    """

    module: str
    distribution: str
    extra: str | None

    @property
    def command(self) -> str:
        """What installs it, quoted for shells to which brackets mean something, such as zsh."""
        target = self.distribution if self.extra is None else f"'negw2v[{self.extra}]'"
        return f"pip install {target}"


# Each version of smart_open has one of them.
ZST_MODULES = ("compression.zstd", "backports.zstd", "zstandard")

#: By what pip calls them.
OPTIONAL = {
    package.distribution: package
    for package in (
        Package("usearch", "usearch", "ann"),
        Package("pyarrow", "pyarrow", "arrow"),
        Package("threadpoolctl", "threadpoolctl", "batch"),
        Package("pooch", "pooch", "datasets"),
        Package("scipy", "scipy", "evaluation"),
        Package("matplotlib", "matplotlib", "plot"),
        Package("ot", "POT", "wmd"),
        # where Python has no module of its own, smart_open takes this one
        Package(
            "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd",
            "backports.zstd",
            "zst",
        ),
        Package("pandas", "pandas", None),
        Package("gensim", "gensim", None),
    )
}


def installed_version(package: Package) -> str | None:
    """The version of a package that is there; None: it is not."""
    if not _is_there(package.module):
        return None
    try:
        return metadata.version(package.distribution)
    except metadata.PackageNotFoundError:
        return "part of Python" if package.module.startswith("compression.") else "unknown version"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of a.b, a is missing
        return False
    except ImportError:  # it is there, and broken
        return True


def missing(
    purpose: str, package: Package, error: ImportError | None = None
) -> MissingDependencyError:
    """The error for a package that cannot be imported.

    Parameters
    ----------
    purpose
        What needs it.
    package
        The package.
    error
        What importing it raised.
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
        What needs it, for the error.
    distribution
        The package, a key of :data:`OPTIONAL`.

    Raises
    ------
    MissingDependencyError
        It cannot be imported.
    """
    try:
        yield
    except ImportError as error:
        raise missing(purpose, OPTIONAL[distribution], error) from error


@contextmanager
def needed_to_open(path: str, suffix: str | None = None) -> Iterator[None]:
    """A block that lets smart_open open a file, and does nothing else.

    Parameters
    ----------
    path
        The file, for the error.
    suffix
        What says how it is compressed; None: that of `path`.

    Raises
    ------
    MissingDependencyError
        A package is missing that its compression or its place (s3://...) needs.
    ParameterError
        It is a URI of a kind that smart_open does not know.
    """
    purpose = f"opening {path!r}"
    zst = OPTIONAL["backports.zstd"]
    compressed = (suffix or PurePath(path).suffix).lower() == ".zst"
    # Before smart_open opens the file: it would not close it.
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
