"""Pickles, read without running them.

A pickle is a program for a small stack machine. This is that machine without its dangerous
part: a name in the pickle is looked up in a list of what is allowed, and stands for a function
of ours or for a plain record. Any other name is written down, and only as the class of an object
that is made bare and then given attributes: that becomes a plain record, too. Nothing is
imported, and no object's own code runs. What the pickle asks for is refused before memory is
given to it that the bytes read so far do not justify. (Opcodes: the module pickletools of
Python's standard library describes them.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from negw2v.errors import ModelFileError, ParameterError, TruncatedFileError, UnsafeFileError
from negw2v.formats.flooding import KEYED, Flood
from negw2v.formats.memory import PrivateBytes
from negw2v.formats.reading import Source

__all__ = ["FOREIGN", "ByteText", "Known", "Machine", "Made", "Name", "hashable"]

WINDOW_BYTES = 1 << 18
#: Longest line of a text opcode, such as a name.
LONGEST_LINE = 1 << 10
#: Larger values of bytes can be written to, so that an array need not copy them.
LARGE = 1 << 10
#: A pickle of so many bytes per object is no bomb: what gensim writes has more.
BYTES_PER_OBJECT = 6
FREE_OBJECTS = 10_000
#: Of what is compressed: what gensim writes has a twentieth of these at most, however regular
#: its words are.
OPERATIONS_PER_PACKED_BYTE, FREE_OPERATIONS = 64, 1_000_000
OBJECTS_PER_PACKED_BYTE = 8
#: A key is written once, and is in a few dicts.
KEY_BYTES_PER_BYTE, FREE_KEY_BYTES = 16, 1 << 20
#: Kind of the objects of all classes that are not in the list.
FOREIGN = "an object of another class"


@dataclass(frozen=True, slots=True)
class Name:
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
            return Made(FOREIGN, arguments, of=self)
        if self.make is None:
            raise ValueError(f"{self.text} is made bare")
        return self.make(*arguments)


@dataclass
class Made:
    """An object that a pickle makes: what it is called, with what arguments, in what state."""

    kind: str
    arguments: tuple[Any, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    #: What stands for it in the end, where that is something of Python's or NumPy's; the items
    #: of a foreign object that derives from list or dict.
    value: Any = None
    #: The class of a foreign object.
    of: Name | None = None


@dataclass(frozen=True)
class Known:
    """What pickles may ask for.

    Parameters
    ----------
    names
        By module and name: what is called for it, or None.
    set_state
        By kind of :class:`Made`: called with the object and its state.
    """

    names: Mapping[tuple[str, str], Callable[..., Any] | None]
    set_state: Mapping[str, Callable[[Made, Any], None]]


class ByteText(str):
    """What Python 2 pickled as bytes: each character stands for one of them."""

    __slots__ = ()


class _Mark:
    pass


MARK = _Mark()
Operation = Callable[["Machine"], None]


class Machine:
    """Reads one pickle.

    Parameters
    ----------
    source
        The file.
    known
        What it may ask for.
    """

    def __init__(self, source: Source, known: Known) -> None:
        self._source = source
        self._known = known
        self._window = memoryview(b"")
        self._at = 0
        self._before = 0  # bytes of the file before the window
        self._stack: list[Any] = []
        self._memo: list[Any] = []
        self._objects = 0
        self._operations = 0
        self._key_bytes = 0
        # by id: dicts and sets, and what watches over their keys
        self._floods: dict[int, tuple[Any, Flood]] = {}
        # the first name that is not in the list, and where it was
        self._first_foreign: tuple[Name, int] | None = None

    @property
    def position(self) -> int:
        """Bytes that were read."""
        return self._before + self._at

    def load(self) -> Any:
        """What the pickle stands for.

        Raises
        ------
        UnsafeFileError
            It asks for something that is not in the list.
        ModelFileError
            It is damaged (TruncatedFileError: cut off), or would take too much memory.
        """
        operations = OPERATIONS
        try:
            while True:
                code = self.take(1)[0]
                if code == STOP:
                    break
                self._operations += 1
                operation = operations.get(code)
                if operation is None:
                    raise self._fail(f"opcode {bytes((code,))!r} is not one that gensim writes")
                operation(self)
            (result,) = self._stack
        except (IndexError, TypeError, ValueError, struct.error) as error:
            if isinstance(error, ModelFileError):
                raise
            raise self._fail(f"the pickle is damaged: {error}") from None
        return result

    def _fail(self, reason: str, kind: type[ModelFileError] = ModelFileError) -> ModelFileError:
        return kind(self._source.path, reason, position=self.position)

    # -- bytes

    def take(self, size: int) -> bytes | bytearray | memoryview:
        """The next bytes."""
        at = self._at
        end = at + size
        if end <= len(self._window):
            self._at = end
            return self._window[at:end]
        return self._take_more(size)

    def _take_more(self, size: int) -> PrivateBytes:
        self._check_operations()
        known = self._source.size
        if known is not None and self.position + size > known:
            raise self._fail(
                f"{size} more bytes are announced, but the file ends after {known - self.position}",
                TruncatedFileError,
            )
        result = PrivateBytes(self._window[self._at :])
        self._before += len(self._window)
        self._window, self._at = memoryview(b""), 0
        if size - len(result) < WINDOW_BYTES // 2:
            window = bytearray(WINDOW_BYTES)
            read = self._source.read_into(memoryview(window))
            self._window = memoryview(bytes(memoryview(window)[:read]))
            missing = size - len(result)
            if read < missing:
                return self._take_slowly(result, size)
            result += self._window[:missing]
            self._at = missing
            return result
        return self._take_slowly(result, size)

    def _take_slowly(self, result: PrivateBytes, size: int) -> PrivateBytes:
        """Into one piece of memory, which grows as far only as there are bytes to fill it."""
        filled = len(result)
        result += self._window[self._at :]
        filled = len(result)
        self._before += len(self._window)
        self._window, self._at = memoryview(b""), 0
        while filled < size:
            room = size if self._source.size is not None else min(size, 2 * filled + WINDOW_BYTES)
            result += bytes(room - len(result))
            with memoryview(result) as space:
                while filled < room:
                    read = self._source.read_into(space[filled:room])
                    if not read:
                        raise self._fail("the file ends within a value", TruncatedFileError)
                    filled += read
                    self._before += read
        return result

    def line(self) -> str:
        """The text up to the next line feed."""
        text = bytearray()
        while (byte := self.take(1)[0]) != 0x0A:
            text.append(byte)
            if len(text) > LONGEST_LINE:
                raise self._fail("no name is so long")
        return text.decode()

    def number(self, size: int, signed: bool = False) -> int:
        """An integer, the lowest byte first."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    # -- the stack

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Any:
        """Take the uppermost value from the stack."""
        value = self._stack.pop()
        if value is MARK:
            raise ValueError("a mark where a value is due")
        return value

    def drop(self) -> None:
        """Take the uppermost value, or mark, away."""
        self._stack.pop()

    def top(self) -> Any:
        """The uppermost value."""
        return self._stack[-1]

    def pop_mark(self) -> list[Any]:
        """Take the values down to the last mark."""
        stack = self._stack
        for at in range(len(stack) - 1, -1, -1):
            if stack[at] is MARK:
                values = stack[at + 1 :]
                del stack[at:]
                return values
        raise ValueError("there is no mark")

    def count(self, objects: int = 1) -> None:
        """Account for new objects, whose memory the pickle's size must justify."""
        self._objects += objects
        if self._objects > FREE_OBJECTS + self.position // BYTES_PER_OBJECT:
            self._refuse_bomb(self._objects, "objects", self.position, "bytes")

    def _check_operations(self) -> None:
        """The size of what was compressed must justify what it makes, not what it unpacks to."""
        if self._source.packed is None:
            return
        packed = self._source.packed()
        if self._operations > FREE_OPERATIONS + packed * OPERATIONS_PER_PACKED_BYTE:
            self._refuse_bomb(self._operations, "operations", packed, "compressed bytes")
        if self._objects > FREE_OBJECTS + packed * OBJECTS_PER_PACKED_BYTE:
            self._refuse_bomb(self._objects, "objects", packed, "compressed bytes")

    def _refuse_bomb(self, count: int, what: str, size: int, of: str) -> NoReturn:
        raise self._fail(f"{count:,} {what} in {size:,} {of}: this is a bomb, not a model")

    def admitted(self, target: Any, keys: Iterable[Any]) -> list[Any]:
        """Keys that may go into a dict or set, in a time that the pickle's size justifies."""
        checked = [hashable(key) for key in keys]
        # a key may be compared with an equal one, byte by byte
        self._key_bytes += sum(map(text_size, checked))
        if self._key_bytes > FREE_KEY_BYTES + self.position * KEY_BYTES_PER_BYTE:
            self._refuse_bomb(self._key_bytes, "bytes of keys", self.position, "bytes")
        if not KEYED.issuperset(map(type, checked)):
            _, flood = self._floods.setdefault(id(target), (target, Flood()))
            try:
                flood.refuse(checked)
            except ParameterError as error:
                raise self._fail(str(error)) from None
        return checked

    def remember(self, index: int | None = None) -> None:
        """Write the uppermost value down under a number; None: the next one."""
        value = self.top()
        if index is None or index == len(self._memo):
            self._memo.append(value)
        elif index < len(self._memo):
            self._memo[index] = value
        elif index == 1 and not self._memo:  # Python 2 counted from 1
            self._memo += [value, value]
        else:
            raise self._fail(f"value {index} is written down after {len(self._memo)} others")

    def recall(self, index: int) -> None:
        """Put a value that was written down on the stack."""
        if index >= len(self._memo):
            raise self._fail(f"value {index} of {len(self._memo)} is asked for")
        self._stack.append(self._memo[index])

    # -- names and objects

    def look_up(self, module: Any, name: Any) -> None:
        """Put what a name stands for on the stack."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise self._fail("a name that is no text")
        foreign = (module, name) not in self._known.names
        found = Name(module, name, self._known.names.get((module, name)), foreign)
        if foreign:
            self.count()
            self._first_foreign = self._first_foreign or (found, self.position)
        self.push(found)

    def check_names(self) -> None:
        """Raise where the pickle has asked for a name that is not in the list."""
        if self._first_foreign is not None:
            raise self._not_needed(*self._first_foreign)

    def _not_needed(self, name: Name, position: int) -> UnsafeFileError:
        return UnsafeFileError(
            self._source.path,
            f"the pickle asks for {name.text!r}, which vectors do not need; nothing was run. "
            "Only what gensim's own Word2Vec and KeyedVectors consist of is read, and objects "
            "of derived classes that are only filled with attributes; load the file with gensim "
            "if you trust it, and save() what you need",
            position=position,
        )

    def call(self, name: Any, arguments: Any, *, bare: bool = False) -> None:
        """Put what a call makes on the stack; `bare`: an object whose constructor is not called."""
        if not (isinstance(name, Name) and isinstance(arguments, tuple)):
            raise self._fail("something that is no name is called", UnsafeFileError)
        if name.foreign and not bare:
            raise self._not_needed(name, self.position)
        if name.make is None and not name.foreign:
            raise self._fail(f"the pickle calls {name.text!r}; nothing was run", UnsafeFileError)
        self.count()
        try:
            self.push(name.new(*arguments))
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise self._fail(
                f"the pickle calls {name.text!r} with arguments that it never has in gensim's "
                f"files ({error}); nothing was run",
                UnsafeFileError,
            ) from None

    def build(self) -> None:
        """Give the uppermost object its state."""
        state = self.pop()
        made = self.top()
        if not isinstance(made, Made):
            raise self._fail("something that has no state is given one", UnsafeFileError)
        setter = self._known.set_state.get(made.kind)
        if setter is not None:
            try:
                setter(made, state)
            except (TypeError, ValueError, LookupError, OverflowError) as error:
                raise self._fail(f"the state of {made.kind} makes no sense: {error}") from None
        elif isinstance(state, dict):
            made.state.update(state)
        elif made.kind != FOREIGN:  # theirs may be in any form, which only their code knows
            raise self._fail(f"the state of {made.kind} is no dict")


# -- what the opcodes do


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
    if isinstance(value, Made) and value.kind == FOREIGN:
        value.value = [] if value.value is None else value.value
        value = value.value
    if not isinstance(value, list):
        raise TypeError("items are added to what is no list")
    return value


def _dict(value: Any) -> dict[Any, Any]:
    if isinstance(value, Made):  # of a class that derives from dict
        if value.kind == FOREIGN and value.value is None:
            value.value = {}
        value = value.value
    if not isinstance(value, dict):
        raise TypeError("items are added to what is no dict")
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
        raise TypeError("items are added to what is no set")
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
