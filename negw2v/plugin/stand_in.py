"""Serves modules under gensim's names where gensim is not installed.

A finder in :data:`sys.meta_path`, in front of all others, answers for ``gensim`` and everything
below it: with a module that has our names, or with an error. So modules of gensim's that appear
later are not mixed with ours.

Each served module is a package without files. That is for the error messages: where a package
lacks a name, ``from package import name`` asks the finders for a submodule of that name, and so
the finder can say what is missing; otherwise Python says no more than "cannot import name".
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any

from negw2v.commit import Change
from negw2v.errors import GensimNameError, GensimNeededError
from negw2v.extras import SERVED
from negw2v.plugin import placeholders
from negw2v.plugin.facade import is_pickling
from negw2v.plugin.served import PROGRAMS, SERVED_NAMES, STANDS_FOR, served_rows, submodules
from negw2v.plugin.table import Row

__all__ = ["Finder", "ServedModule", "StandIn", "is_gensims"]


# Classes that pickles of gensim's name. They are not kept in the modules, so that each look-up can
# be told from one by pickle.
_PICKLED = frozenset({"KeyedVectors", "Word2Vec"})


def is_gensims(module: str) -> bool:
    """Whether a module's name is gensim's, or below it."""
    return module == "gensim" or module.startswith("gensim.")


class ServedModule(ModuleType):
    """A module under a name of gensim's; it imports what a name stands for at its first use.

    ``__negw2v__`` is true in such modules, and gensim's own have no such attribute.
    """

    __negw2v__ = True
    _finder: Finder

    def __getattr__(self, name: str) -> Any:
        ours = SERVED_NAMES.get(self.__name__, {}).get(name)
        if name in _PICKLED and ours is not None:
            return self._unless_unpickling(name, ours, sys._getframe(1))  # noqa: SLF001
        if ours is not None:
            value = _resolved(ours)
        elif name in submodules(self.__name__):
            value = self._submodule(name)
        else:
            value = self._other(name)
        vars(self)[name] = value
        return value

    def _unless_unpickling(self, name: str, ours: str, frame: FrameType) -> Any:
        if is_pickling(frame):
            raise GensimNeededError(
                f"this pickle holds a {name} of gensim's, whose contents are not those of "
                f"negw2v.{name}; read the file with negw2v.{name}.load(path), which understands "
                "such pickles and runs no code in them"
            )
        return _resolved(ours)

    def _submodule(self, name: str) -> ModuleType:
        full_name = f"{self.__name__}.{name}"
        if self._finder not in sys.meta_path:
            raise GensimNameError(
                f"{full_name} was not imported before negw2v.unpatch_gensim(), and is not there "
                "any more; import gensim after negw2v.patch_gensim()"
            )
        return importlib.import_module(full_name)

    def _other(self, name: str) -> Any:
        if name.startswith("__"):
            raise GensimNameError(f"{self.__name__} has no {name}: it is {SERVED}")
        if not self._finder.placeholders:
            raise GensimNameError(f"{self.__name__}.{name}{_missing(self.__name__, name)}")
        if placeholders.is_a_module(self.__name__, name):
            return self._submodule(name)
        return placeholders.placeholder(self.__name__, name)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *_names(self.__name__)})


def _resolved(ours: str) -> Any:
    home, _, name = ours.partition(":")
    return getattr(importlib.import_module(home), name)


def _names(module: str) -> list[str]:
    return sorted([*SERVED_NAMES.get(module, ()), *submodules(module)])


def _missing(module: str, name: str) -> str:
    """The end of a message about a name that is not served."""
    there = ", ".join(_names(module)) or "no names"
    return (
        f": gensim is not in use here, negw2v is in its place, and of {module} it has {there}. "
        f"gensim proper is needed for {name} (pip install gensim). If the program imports the name "
        "without using it, let placeholders take the place of such names: "
        "negw2v.patch_gensim(placeholders=True), or negw2v run --placeholders"
    )


class Finder(MetaPathFinder, Loader):
    """Finds and makes the served modules.

    Parameters
    ----------
    placeholders
        Whether names that are not served get a placeholder, which raises when it is used.
    """

    def __init__(self, placeholders: bool = False) -> None:
        self.placeholders = placeholders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of gensim's modules, ours; None for other modules.

        Raises
        ------
        GensimNeededError
            There is no such module here.
        """
        del path, target
        if not is_gensims(fullname):
            return None
        if _program(fullname):
            return ModuleSpec(fullname, self, origin=SERVED)
        if fullname not in SERVED_NAMES and not self.placeholders:
            parent, _, name = fullname.rpartition(".")
            raise GensimNeededError(f"{fullname}{_missing(parent, name)}")
        return ModuleSpec(fullname, self, origin=SERVED, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return ServedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its attributes."""
        name = module.__name__
        vars(module).update(
            _finder=self,
            __all__=_names(name),
            __doc__=f"The names of {name} that negw2v has; gensim itself is not in use.",
        )
        if name == "gensim":
            vars(module)["__version__"] = STANDS_FOR

    def get_code(self, fullname: str) -> CodeType | None:
        """The program of a module, for ``python -m`` and ``negw2v run -m``."""
        home, _, function = _program(fullname).partition(":")
        if not function:
            return None
        code = f"import sys\nfrom {home} import {function}\nsys.exit({function}())"
        return compile(code, SERVED, "exec", dont_inherit=True)


def _program(module: str) -> str:
    """What ``python -m package`` runs, if the module is the package's ``__main__``; else ""."""
    package, _, name = module.rpartition(".")
    return PROGRAMS.get(package, "") if name == "__main__" else ""


class StandIn:
    """The patch where gensim is not used at all, from patch_gensim() to unpatch_gensim().

    Parameters
    ----------
    placeholders
        As for :class:`Finder`.
    """

    version = None
    exchanged: tuple[Any, ...] = ()
    log: tuple[Any, ...] = ()

    def __init__(self, placeholders: bool = False) -> None:
        self.finder = Finder(placeholders)
        self.rows: tuple[Row, ...] = tuple(served_rows())
        self.displaced: dict[str, Any] = {}

    def changes(self) -> list[Change]:
        """The changes that put the finder in front, and take gensim's entries out of the way."""
        self.displaced = {name: each for name, each in sys.modules.items() if is_gensims(name)}
        away = [partial(sys.modules.pop, name, None) for name in self.displaced]
        return [partial(sys.meta_path.insert, 0, self.finder), *away]

    def changes_back(self) -> list[Change]:
        """The changes that restore :data:`sys.meta_path` and :data:`sys.modules`."""
        ours = [
            name
            for name, module in sys.modules.items()
            if isinstance(module, ServedModule) and module._finder is self.finder  # noqa: SLF001
        ]
        back = {name: each for name, each in self.displaced.items() if name not in sys.modules}
        back |= {name: each for name, each in self.displaced.items() if name in ours}
        return [
            *[partial(sys.meta_path.remove, self.finder)] * (self.finder in sys.meta_path),
            *[partial(sys.modules.pop, name, None) for name in ours],
            partial(sys.modules.update, back),
        ]
