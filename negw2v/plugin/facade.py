"""A module that shows other values for some of its names than its own code sees.

gensim's FastText and Doc2Vec are built on gensim's own Word2Vec and KeyedVectors and look them
up by name while they run (``super(Word2Vec, cls).load(...)``). So the names in gensim's modules
must not be overwritten. Instead the *class of the module object* is exchanged: whoever asks the
module for an attribute (``from gensim.models import Word2Vec``, ``gensim.models.Word2Vec``) gets
ours, while functions of the module find gensim's in their globals.

Pickle must get gensim's, too: it refers to a class by module and name, and checks that this
leads to the class. Otherwise Doc2Vec models could neither be saved nor loaded.
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

__all__ = ["Facade", "putting_up", "taking_down"]

# Modules that look classes up by name for pickle; gensim.utils has gensim's save and load.
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
    """What one module shows.

    Parameters
    ----------
    module
        The module.
    replacements
        Name -> (the module's own value, the value shown instead).
    on_pickle
        Called with a name for which pickle was given the module's own value.
    visitors
        The global names of the code that asked for one of the names, by their id().
    module_class
        The class of the module object without the facade.
    """

    module: ModuleType
    replacements: Mapping[str, tuple[Any, Any]]
    on_pickle: Callable[[str, str], None]
    visitors: dict[int, dict[str, Any]] = field(default_factory=dict)
    module_class: Any = ModuleType

    def seen(self, name: str, value: Any, frame: FrameType) -> Any:
        """What the code in `frame` is to see as the attribute `name`, whose value is `value`."""
        own, shown = self.replacements[name]
        if value is not own:  # somebody has put a value of their own there, such as a mock
            return value
        if _is_pickling(frame):
            self.on_pickle(self.module.__name__, name)
            return value
        self.visitors[id(frame.f_globals)] = frame.f_globals
        return shown


def putting_up(facade: Facade) -> partial[None]:
    """The change after which the module shows other values; :func:`taking_down` ends it.

    Parameters
    ----------
    facade
        What it shall show.

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
    """The changes after which the module shows its own values again.

    That is so where someone has stored ours in it, too.
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


def _is_pickling(frame: FrameType) -> bool:
    """Whether pickle asks: from a module of picklers, or from C that this frame has called."""
    module = str(frame.f_globals.get("__name__", ""))
    if module in _PICKLERS or module.partition(".")[0] in _PICKLERS:
        return True
    # Pickle in C has no frame of its own. An import or a look-up with a dot is another
    # instruction than a call, and a call must be of something that could be pickle.
    instruction = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return instruction.startswith(("CALL", "PRECALL")) and not _PICKLING.isdisjoint(
        frame.f_code.co_names
    )
