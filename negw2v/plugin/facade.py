"""Makes a module show other code other values of some names than its own code sees.

gensim's FastText and Doc2Vec derive from gensim's own Word2Vec and KeyedVectors, and look them
up by name while they run (``super(Word2Vec, cls).load(...)``). So the names in gensim's modules
must keep their values. Instead, the plugin replaces the *class of the module object*: code that
reads an attribute of the module (``from gensim.models import Word2Vec``,
``gensim.models.Word2Vec``) gets our class, and functions of the module find gensim's class in
their globals.

Pickle must get gensim's class, too: it refers to a class by module and name, and checks that
they lead to the class. Otherwise Doc2Vec models could be neither saved nor loaded.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FrameType, ModuleType
from typing import Any

from negw2v.commit import entries

__all__ = ["Facade", "is_pickling", "putting_up", "taking_down"]

# Modules that look up classes by name for pickle; gensim.utils has gensim's save and load.
_PICKLERS = frozenset(
    {
        "cloudpickle",
        "copyreg",
        "dill",
        "gensim.utils",
        "joblib",
        "multiprocessing",
        "pandas",
        "pickle",
        "torch",
    }
)
_PICKLING = frozenset({"dump", "dumps", "load", "loads"})


@dataclass
class Facade:
    """The names of one module that have another value for other code.

    Parameters
    ----------
    module
        The module.
    replacements
        Name -> (the module's own value, the value that other code gets).
    on_pickle
        Called with (module, name) when pickle gets the module's own value.
    visitors
        The globals of the code that read one of the names, by their id().
    module_class
        The class of the module object without the facade.
    """

    module: ModuleType
    replacements: Mapping[str, tuple[Any, Any]]
    on_pickle: Callable[[str, str], None]
    visitors: dict[int, dict[str, Any]] = field(default_factory=dict)
    module_class: Any = ModuleType

    def seen(self, name: str, value: Any, frame: FrameType) -> Any:
        """The value of the attribute `name` for the code in `frame`; `value` is the present one."""
        own, shown = self.replacements[name]
        if value is not own:  # somebody else replaced it, for example with a mock
            return value
        if is_pickling(frame):
            self.on_pickle(self.module.__name__, name)
            return value
        self.visitors[id(frame.f_globals)] = frame.f_globals
        return shown


def putting_up(facade: Facade) -> partial[None]:
    """The change that puts a facade up; :func:`taking_down` undoes it.

    Parameters
    ----------
    facade
        The module and its replacements.

    Returns
    -------
    functools.partial
        For :func:`negw2v.commit.at_once`.
    """

    def __getattribute__(self: ModuleType, name: str) -> Any:  # noqa: N807
        value = facade.module_class.__getattribute__(self, name)
        if name in facade.replacements:
            return facade.seen(name, value, sys._getframe(1))  # noqa: SLF001
        return value

    shown_class = type(
        facade.module_class.__name__,
        (facade.module_class,),
        {"__getattribute__": __getattribute__, "__doc__": facade.module_class.__doc__},
    )
    return partial(setattr, facade.module, "__class__", shown_class)


def taking_down(facade: Facade) -> list[partial[None]]:
    """The changes that take a facade down.

    If somebody stored one of our values in the module, the module's own value replaces it.
    """
    namespace = vars(facade.module)
    own = {
        name: own
        for name, (own, shown) in facade.replacements.items()
        if namespace.get(name) is shown
    }
    return [
        partial(setattr, facade.module, "__class__", facade.module_class),
        entries(namespace, own),
    ]


def is_pickling(frame: FrameType) -> bool:
    """Whether pickle reads the name: from a module of picklers, or from C code."""
    module = str(frame.f_globals.get("__name__", ""))
    if module in _PICKLERS or module.partition(".")[0] in _PICKLERS:
        return True
    # Pickle in C has no frame of its own: its frame is that of the caller, which executes a call
    # (imports and look-ups of attributes are other instructions) and names a function of pickle.
    instruction = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return instruction.startswith(("CALL", "PRECALL")) and not _PICKLING.isdisjoint(
        frame.f_code.co_names
    )
