"""What each opcode does with the machine (pickletools in Python's library describes them)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from negw2v.errors import UnsafeFileError
from negw2v.formats.pickles.objects import FOREIGN, LARGE, MARK, ByteText, UnpickledObject
from negw2v.io.memory import PrivateBytes

if TYPE_CHECKING:
    from negw2v.formats.pickles.machine import Machine

__all__ = ["OPERATIONS", "STOP"]

Operation = Callable[["Machine"], None]


def _container(machine: Machine, value: Any) -> None:
    machine.count()
    machine.push(value)


def _tuple(size: int) -> Operation:
    def make(machine: Machine) -> None:
        machine.count()
        values = [machine.pop() for _ in range(size)]
        machine.push(tuple(reversed(values)))

    return make


def _mark_tuple(machine: Machine) -> None:
    _container(machine, tuple(machine.pop_mark()))


def _append(machine: Machine) -> None:
    value = machine.pop()
    _list(machine.top()).append(value)


def _appends(machine: Machine) -> None:
    values = machine.pop_mark()
    _list(machine.top()).extend(values)


def _list(value: Any) -> list[Any]:
    if isinstance(value, UnpickledObject) and value.kind == FOREIGN:
        value.value = [] if value.value is None else value.value
        value = value.value
    if not isinstance(value, list):
        raise TypeError("items are added to something that is not a list")
    return value


def _dict(value: Any) -> dict[Any, Any]:
    if isinstance(value, UnpickledObject):  # of a class that derives from dict
        if value.kind == FOREIGN and value.value is None:
            value.value = {}
        value = value.value
    if not isinstance(value, dict):
        raise TypeError("items are added to something that is not a dict")
    return value


def _set_item(machine: Machine) -> None:
    value, key = machine.pop(), machine.pop()
    target = _dict(machine.top())
    (key,) = machine.admitted(target, [key])
    target[key] = value


def _set_items(machine: Machine) -> None:
    values = machine.pop_mark()
    target = _dict(machine.top())
    target.update(zip(machine.admitted(target, values[::2]), values[1::2], strict=True))


def _mark_dict(machine: Machine) -> None:
    values = machine.pop_mark()
    machine.count()
    made: dict[Any, Any] = {}
    made.update(zip(machine.admitted(made, values[::2]), values[1::2], strict=True))
    machine.push(made)


def _add_items(machine: Machine) -> None:
    values = machine.pop_mark()
    target = machine.top()
    if not isinstance(target, set):
        raise TypeError("items are added to something that is not a set")
    target.update(machine.admitted(target, values))


def _frozen_set(machine: Machine, values: list[Any]) -> None:
    _container(machine, frozenset(machine.admitted(values, values)))


def _text(width: int) -> Operation:
    def read(machine: Machine) -> None:
        machine.push(str(machine.take(machine.number(width)), "utf-8", "surrogatepass"))

    return read


def _latin1(width: int) -> Operation:
    def read(machine: Machine) -> None:
        machine.push(ByteText(machine.take(machine.number(width)), "latin-1"))

    return read


def _bytes(width: int) -> Operation:
    def read(machine: Machine) -> None:
        size = machine.number(width)
        data = machine.take(size)
        if size < LARGE:
            machine.push(bytes(data))
        else:
            machine.push(data if isinstance(data, PrivateBytes) else PrivateBytes(data))

    return read


def _long(width: int) -> Operation:
    def read(machine: Machine) -> None:
        size = machine.number(width)
        if size > LARGE:
            raise ValueError(f"an integer of {size} bytes")
        machine.push(machine.number(size, signed=True))

    return read


def _integer(width: int, signed: bool = False) -> Operation:
    return lambda machine: machine.push(machine.number(width, signed))


def _constant(value: Any) -> Operation:
    return lambda machine: machine.push(value)


def _protocol(machine: Machine) -> None:
    protocol = machine.number(1)
    if not 2 <= protocol <= 5:
        raise ValueError(f"protocol {protocol}")


def _call(machine: Machine) -> None:
    arguments, name = machine.pop(), machine.pop()
    machine.call(name, arguments)


def _new_object(machine: Machine) -> None:
    arguments, name = machine.pop(), machine.pop()
    machine.call(name, arguments, bare=True)


def _new_object_with_keywords(machine: Machine) -> None:
    keywords, arguments, name = machine.pop(), machine.pop(), machine.pop()
    if keywords != {}:
        raise ValueError("an object is made with keywords")
    machine.call(name, arguments, bare=True)


def _drop_mark(machine: Machine) -> None:
    machine.pop_mark()


def _frame(machine: Machine) -> None:
    machine.number(8)  # its size: bytes are read as they are needed


def _stack_name(machine: Machine) -> None:
    name, module = machine.pop(), machine.pop()
    machine.look_up(module, name)


def _unsafe(what: str) -> Operation:
    def refuse(machine: Machine) -> None:
        raise machine._fail(  # noqa: SLF001 - a part of it
            f"the pickle asks for {what}; nothing was run", UnsafeFileError
        )

    return refuse


STOP = ord(".")

OPERATIONS: dict[int, Operation] = {
    ord(code): operation
    for code, operation in {
        "(": lambda machine: machine.push(MARK),
        "0": lambda machine: machine.drop(),
        "1": _drop_mark,
        "2": lambda machine: machine.push(machine.top()),
        "N": _constant(None),
        "\x88": _constant(True),
        "\x89": _constant(False),
        "J": _integer(4, signed=True),
        "K": _integer(1),
        "M": _integer(2),
        "\x8a": _long(1),
        "\x8b": _long(4),
        "G": lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0]),
        "X": _text(4),
        "\x8c": _text(1),
        "\x8d": _text(8),
        "T": _latin1(4),
        "U": _latin1(1),
        "B": _bytes(4),
        "C": _bytes(1),
        "\x8e": _bytes(8),
        "\x96": _bytes(8),
        "]": lambda machine: _container(machine, []),
        "a": _append,
        "e": _appends,
        "l": lambda machine: _container(machine, machine.pop_mark()),
        ")": _constant(()),
        "\x85": _tuple(1),
        "\x86": _tuple(2),
        "\x87": _tuple(3),
        "t": _mark_tuple,
        "}": lambda machine: _container(machine, {}),
        "s": _set_item,
        "u": _set_items,
        "d": _mark_dict,
        "\x8f": lambda machine: _container(machine, set()),
        "\x90": _add_items,
        "\x91": lambda machine: _frozen_set(machine, machine.pop_mark()),
        "q": lambda machine: machine.remember(machine.number(1)),
        "r": lambda machine: machine.remember(machine.number(4)),
        "\x94": lambda machine: machine.remember(),
        "h": lambda machine: machine.recall(machine.number(1)),
        "j": lambda machine: machine.recall(machine.number(4)),
        "c": lambda machine: machine.look_up(machine.line(), machine.line()),
        "\x93": _stack_name,
        "R": _call,
        "\x81": _new_object,
        "\x92": _new_object_with_keywords,
        "b": lambda machine: machine.build(),
        "\x80": _protocol,
        "\x95": _frame,
        "P": _unsafe("an object outside the file"),
        "Q": _unsafe("an object outside the file"),
        "\x82": _unsafe("a registered extension"),
        "\x83": _unsafe("a registered extension"),
        "\x84": _unsafe("a registered extension"),
        "i": _unsafe("an object of a class by its old opcode"),
        "o": _unsafe("an object of a class by its old opcode"),
    }.items()
}
