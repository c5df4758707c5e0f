"""What the pickles of gensim's files may ask for, and what that becomes here."""

from __future__ import annotations

from typing import Any

from negw2v.formats.gensim.names import CLASSES, IGNORED
from negw2v.formats.pickles import arrays
from negw2v.formats.pickles.objects import Allowlist, GlobalRef, UnpickledObject, hashable

__all__ = ["ALLOWED"]

#: Mentioned as functions or types, never called; protocol 2 has Python 2's names.
BUILTINS = ("object", "int", "long", "float", "hash", "str", "unicode")


def _made(kind: str) -> Any:
    def make(*arguments: Any) -> UnpickledObject:
        if arguments:
            raise ValueError("an object is made with arguments")
        return UnpickledObject(kind)

    return make


def _old_object(kind: Any, base: Any, state: Any) -> Any:
    """copyreg._reconstructor."""
    if getattr(base, "text", "").rpartition(".")[2] != "object" or state is not None:
        raise ValueError("an object with a base of its own")
    if not isinstance(kind, GlobalRef):
        raise ValueError("an object of something that is not a class")
    return kind.new()


def _encoded(text: Any, encoding: Any) -> bytearray:
    """_codecs.encode: bytes in protocol 2."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise ValueError("bytes in another encoding than latin1")
    return bytearray(text, "latin-1")


def _empty_bytes(*arguments: Any) -> bytes:
    if arguments:
        raise ValueError("bytes with arguments")
    return b""


def _dictionary(*arguments: Any) -> dict[Any, Any]:
    """dict, OrderedDict and defaultdict(int)."""
    if arguments and getattr(arguments[0], "text", "").rpartition(".")[2] not in {"int", "long"}:
        raise ValueError("a dict with arguments")
    return {}


def _frozen_set(items: Any = ()) -> frozenset[Any]:
    """frozenset, which protocols before 4 make by a call."""
    if not isinstance(items, (list, tuple)):
        raise ValueError("a frozenset of something that is not a list")
    return frozenset(map(hashable, items))


def _ignored(*arguments: Any) -> UnpickledObject:
    """Random generators: their state is of no use here."""
    del arguments
    return UnpickledObject(IGNORED)


def _forget(made: UnpickledObject, state: Any) -> None:
    """The state of what is ignored."""


def _allowlist() -> Allowlist:
    names: dict[tuple[str, str], Any] = dict(arrays.NAMES)
    for kind, places in CLASSES.items():
        names |= {(f"gensim.models.{module}", name): _made(kind) for module, name in places}
    for builtins in ("builtins", "__builtin__"):
        names |= {(builtins, name): None for name in BUILTINS}
        names |= {(builtins, "dict"): _dictionary, (builtins, "bytes"): _empty_bytes}
        names[builtins, "frozenset"] = _frozen_set
    for copyreg in ("copyreg", "copy_reg"):
        names[copyreg, "_reconstructor"] = _old_object
    for name in ("defaultdict", "OrderedDict"):
        names["collections", name] = _dictionary
    names["_codecs", "encode"] = _encoded
    names["gensim.utils", "call_on_class_only"] = None  # every instance has it as `load`
    for module, name in (
        ("numpy.random", "__RandomState_ctor"),
        ("numpy.random._pickle", "__randomstate_ctor"),
        ("numpy.random._pickle", "__generator_ctor"),
        ("numpy.random._pickle", "__bit_generator_ctor"),
    ):
        names[module, name] = _ignored
    for generator in ("MT19937", "PCG64", "SFC64"):
        names[f"numpy.random._{generator.lower()}", generator] = _ignored
    return Allowlist(names, {**arrays.SET_STATE, IGNORED: _forget})


ALLOWED = _allowlist()
