"""What pickles consist of here: names, plain records of objects, and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "FOREIGN",
    "LARGE",
    "MARK",
    "Allowlist",
    "ByteText",
    "GlobalRef",
    "UnpickledObject",
    "hashable",
    "plain",
    "text_size",
]

#: Larger values of bytes can be written to, so that an array need not copy them.
LARGE = 1 << 10
#: Kind of the objects of all classes that are not in the allowlist.
FOREIGN = "an object of another class"


@dataclass(frozen=True, slots=True)
class GlobalRef:
    """A name that a pickle asks for, and what it stands for here.

    Parameters
    ----------
    module, name
        Its two parts.
    make
        Called with the arguments when the pickle calls the name; raises ValueError where they
        are not those expected. None: it is only mentioned.
    foreign
        It is not in the list.
    """

    module: str
    name: str
    make: Callable[..., Any] | None = None
    foreign: bool = False

    @property
    def text(self) -> str:
        """Module and name, shortened where no name is so long."""
        return f"{self.module[:100]}.{self.name[:100]}"

    def new(self, *arguments: Any) -> Any:
        """A bare object of the class that the name stands for."""
        if self.foreign:
            return UnpickledObject(FOREIGN, arguments, of=self)
        if self.make is None:
            raise ValueError(f"{self.text} is made bare")
        return self.make(*arguments)


@dataclass
class UnpickledObject:
    """An object that a pickle makes: what it is called, with what arguments, in what state."""

    kind: str
    arguments: tuple[Any, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    #: What stands for it in the end, where that is something of Python's or NumPy's; the items
    #: of a foreign object that derives from list or dict.
    value: Any = None
    #: The class of a foreign object.
    of: GlobalRef | None = None


@dataclass(frozen=True)
class Allowlist:
    """What pickles may ask for.

    Parameters
    ----------
    names
        By module and name: what is called for it, or None.
    set_state
        By kind of :class:`UnpickledObject`: called with the object and its state.
    """

    names: Mapping[tuple[str, str], Callable[..., Any] | None]
    set_state: Mapping[str, Callable[[UnpickledObject, Any], None]]


class ByteText(str):
    """What Python 2 pickled as bytes: each character stands for one of them."""

    __slots__ = ()


class _Mark:
    pass


#: What stands on the stack where the values of a list, tuple or dict begin.
MARK = _Mark()


def hashable(value: Any, depth: int = 0) -> Any:
    """A value that may be a key of a dict: hashing it takes no more than its size."""
    if value is None or isinstance(value, (str, int, float, bytes)):
        return value
    if isinstance(value, tuple) and len(value) < 100 and depth == 0:
        return tuple(hashable(part, 1) for part in value)
    raise ValueError(f"a key of type {type(value).__name__}")


def text_size(key: Any) -> int:
    """Characters, or bytes, of a key, and of those in it."""
    if isinstance(key, (str, bytes)):
        return len(key)
    return sum(map(text_size, key)) if isinstance(key, tuple) else 0


def plain(value: Any) -> Any:
    """The value itself: of an array in a pickle, the array."""
    if isinstance(value, UnpickledObject) and value.value is not None:
        return value.value
    return value
