"""The stack machine: bytes in, values and plain records out. Nothing is imported or run.

What the pickle asks for is refused before memory is given to it that the bytes read so far do
not justify.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, NoReturn

from negw2v.errors import ModelFileError, ParameterError, TruncatedFileError, UnsafeFileError
from negw2v.formats.flooding import KEYED, Flood
from negw2v.formats.pickles.objects import (
    FOREIGN,
    MARK,
    Allowlist,
    GlobalRef,
    UnpickledObject,
    hashable,
    text_size,
)
from negw2v.formats.pickles.opcodes import OPERATIONS, STOP
from negw2v.io.memory import PrivateBytes
from negw2v.io.reading import Source

__all__ = ["Machine"]

WINDOW_BYTES = 1 << 18
#: Longest line of a text opcode, such as a name.
LONGEST_LINE = 1 << 10
#: A pickle of so many bytes per object is not a bomb: what gensim writes has more.
BYTES_PER_OBJECT = 6
FREE_OBJECTS = 10_000
#: Of what is compressed: what gensim writes has a twentieth of these at most, however regular
#: its words are.
OPERATIONS_PER_PACKED_BYTE, FREE_OPERATIONS = 64, 1_000_000
OBJECTS_PER_PACKED_BYTE = 8
#: A key is written once, and is in a few dicts.
KEY_BYTES_PER_BYTE, FREE_KEY_BYTES = 16, 1 << 20


class Machine:
    """Reads one pickle.

    Parameters
    ----------
    source
        The file.
    known
        What it may ask for.
    """

    def __init__(self, source: Source, known: Allowlist) -> None:
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
        self._first_foreign: tuple[GlobalRef, int] | None = None

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
            raise ValueError("a mark in place of a value")
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
            raise self._fail("a name that is not a text")
        foreign = (module, name) not in self._known.names
        found = GlobalRef(module, name, self._known.names.get((module, name)), foreign)
        if foreign:
            self.count()
            self._first_foreign = self._first_foreign or (found, self.position)
        self.push(found)

    def check_names(self) -> None:
        """Raise where the pickle has asked for a name that is not in the list."""
        if self._first_foreign is not None:
            raise self._not_needed(*self._first_foreign)

    def _not_needed(self, name: GlobalRef, position: int) -> UnsafeFileError:
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
        if not (isinstance(name, GlobalRef) and isinstance(arguments, tuple)):
            raise self._fail("something that is not a name is called", UnsafeFileError)
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
        if not isinstance(made, UnpickledObject):
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
            raise self._fail(f"the state of {made.kind} is not a dict")
