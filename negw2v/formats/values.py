"""Keys, and other values that are no numbers, as arrays of bytes.

The values are texts in UTF-8, each followed by a line feed, all in one array; a second array
says where each starts, a third, where it is needed, what kind of value each text stands for.
docs/model_format.md has the details.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import ModelFileError, ParameterError

__all__ = ["StoredValues", "encoded"]

TEXT, INTEGER, NONE, JSON = range(4)
LINE_FEED = 10


@dataclass(frozen=True)
class StoredValues:
    """Values as they lie in a file.

    Parameters
    ----------
    text
        uint8: the texts in UTF-8, each followed by a line feed.
    offsets
        int64 (n + 1,): text i is ``text[offsets[i] : offsets[i + 1] - 1]``.
    kinds
        uint8 (n,): what each text stands for; None: all are str.
    path, name, position
        Of the file, of the values in it, and where `text` starts: for messages.
    """

    text: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8] | None = None
    path: Any = None
    name: str = "keys"
    position: int = 0

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def _fail(self, reason: str, offset: int | None = None) -> ModelFileError:
        position = None if offset is None else self.position + offset
        return ModelFileError(self.path, f"{self.name}: {reason}", position=position)

    def check(self) -> None:
        """Raise unless :meth:`decode` can find every text; far cheaper than that.

        Raises
        ------
        ModelFileError
            Offsets that do not fit the text, or text that is not valid UTF-8.
        """
        offsets, size = self.offsets, len(self.text)
        if offsets.ndim != 1 or not len(offsets) or offsets[0] != 0 or offsets[-1] != size:
            raise self._fail(f"the offsets do not go from 0 to {size}, the size of the text")
        falling = offsets[1:] <= offsets[:-1]
        if falling.any():
            raise self._fail(f"the offset of value {int(falling.argmax()) + 1} does not rise")
        ends = self.text[offsets[1:] - 1]
        if (ends != LINE_FEED).any():
            first = int((ends != LINE_FEED).argmax())
            raise self._fail(f"value {first} is not followed by a line feed", int(offsets[first]))
        if self.kinds is not None and self.kinds.shape != (len(self),):
            raise self._fail(f"there are {len(self.kinds)} kinds for {len(self)} values")
        self._decoded()

    def _decoded(self) -> str:
        try:
            return self.text.tobytes().decode()
        except UnicodeDecodeError as error:
            reason = f"invalid UTF-8 in value {self._value_at(error.start)}: {error.reason}"
            raise self._fail(reason, error.start) from None

    def _value_at(self, offset: int) -> int:
        return int(np.searchsorted(self.offsets, offset, side="right")) - 1

    def decode(self) -> list[Any]:
        """The values; :meth:`check` must have passed.

        Raises
        ------
        ModelFileError
            A text does not stand for what its kind says.
        """
        whole = self._decoded()
        texts = whole.split("\n")
        texts.pop()
        if len(texts) != len(self):  # a value has line feeds in it
            data = self.text.tobytes()
            edges = self.offsets.tolist()
            texts = [data[start : end - 1].decode() for start, end in pairwise(edges)]
        if self.kinds is None:
            return texts
        if (self.kinds == INTEGER).all():
            return self._converted(texts, range(len(texts)))
        values: list[Any] = texts
        return self._converted(values, np.flatnonzero(self.kinds != TEXT).tolist())

    def _converted(self, values: list[Any], places: Iterable[int]) -> list[Any]:
        """`values` with the texts at some places made into what they stand for."""
        assert self.kinds is not None
        readers: dict[int, Callable[[str], Any]] = {INTEGER: int, NONE: _none, JSON: json.loads}
        for place in places:
            kind = int(self.kinds[place])
            try:
                values[place] = readers[kind](values[place])
            except KeyError:
                raise self._fail(f"value {place} is of kind {kind}, which is not known") from None
            except (ValueError, RecursionError):
                raise self._fail(
                    f"value {place} is of kind {kind}, but its text is {values[place][:60]!r}",
                    int(self.offsets[place]),
                ) from None
        return values


def _none(text: str) -> None:
    if text:
        raise ValueError(text)


def encoded(values: Sequence[Any], what: str) -> StoredValues:
    """Values as they are stored.

    Parameters
    ----------
    values
        str, int, None, and whatever comes back from JSON as it was.
    what
        What messages call one of them.

    Raises
    ------
    ParameterError
        A value cannot be stored.
    """
    kinds = None
    texts: Sequence[str] = values
    if set(map(type, values)) - {str}:
        pairs = [_kind_and_text(value, what) for value in values]
        kinds = np.array([kind for kind, _ in pairs], dtype=np.uint8)
        texts = [text for _, text in pairs]
    try:
        return _joined(texts, kinds)
    except UnicodeEncodeError:  # half a character, as os.fsdecode() makes it of odd bytes
        pairs = [_kind_and_text(value, what) for value in values]
        kinds = np.array([kind for kind, _ in pairs], dtype=np.uint8)
        return _joined([text for _, text in pairs], kinds)


def _joined(texts: Sequence[str], kinds: npt.NDArray[np.uint8] | None) -> StoredValues:
    text = "\n".join([*texts, ""])
    data = text.encode()
    if len(data) == len(text):
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    else:
        sizes = (len(part.encode()) for part in texts)
        lengths = np.fromiter(sizes, dtype=np.int64, count=len(texts))
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths + 1, out=offsets[1:])
    return StoredValues(np.frombuffer(data, dtype=np.uint8), offsets, kinds)


def _kind_and_text(value: Any, what: str) -> tuple[int, str]:
    """The kind of a value, and the text that stands for it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return NONE, ""
    if isinstance(value, str):
        value = str.__str__(value)
        return (TEXT, value) if _encodable(value) else (JSON, json.dumps(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return INTEGER, str(int(value))
    try:
        text = json.dumps(value)
        back = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        back = _NOTHING
    if type(back) is not type(value) or back != value:
        raise ParameterError(
            f"the {what} {value!r} of type {type(value).__name__} cannot be stored in a file; "
            "str, int, float and bool can"
        )
    return JSON, text


_NOTHING = object()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
