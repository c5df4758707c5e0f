"""Keys, and other values that are not numbers, as arrays of bytes.

The values are texts in UTF-8, each followed by a line feed, all in one array; a second array
says where each starts, a third, where it is needed, what kind of value each text stands for.
docs/model_format.md has the details.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import offsets_of
from negw2v.errors import ModelFileError, ParameterError
from negw2v.formats.flooding import refuse_flood

__all__ = [
    "TAGGED",
    "StoredValues",
    "as_json",
    "check_storable",
    "encoded",
    "from_json",
    "has_tags",
    "keys_in_order",
    "refuse_nan",
]

TEXT, INTEGER, NONE, JSON, TAGGED = range(5)
LINE_FEED = 10
#: Python makes no text of an integer of thousands of digits.
SURELY_STORABLE = 1 << 64
#: How much of a value messages show.
SHOWN = 100

#: The only name in an object of JSON that stands for what JSON does not have.
TAGS = frozenset({"tuple", "bytes", "dict"})


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
        readers: dict[int, Callable[[str], Any]] = {
            INTEGER: int,
            NONE: _none,
            JSON: json.loads,
            TAGGED: lambda text: from_json(json.loads(text)),
        }
        for place in places:
            kind = int(self.kinds[place])
            try:
                values[place] = readers[kind](values[place])
            except KeyError:
                raise self._fail(f"value {place} is of kind {kind}, which is not known") from None
            except (ValueError, TypeError, RecursionError):
                raise self._fail(
                    f"value {place} is of kind {kind}, but its text is {values[place][:60]!r}",
                    int(self.offsets[place]),
                ) from None
        return values


def _none(text: str) -> None:
    if text:
        raise ValueError(text)


def as_json(value: Any) -> Any:
    """A value as JSON can hold it; :func:`from_json` makes an equal one of it.

    Parameters
    ----------
    value
        None, bool, int, float, str, bytes, NumPy's scalars of these, and lists, tuples and dicts
        of all of them. An object of a derived class becomes one of the class it derives from.

    Returns
    -------
    object
        None, bool, int, float, str, list, and dict with keys of str. A tuple is
        ``{"tuple": [...]}``, bytes are ``{"bytes": "hexadecimal"}``, and a dict that has other
        keys than str, or looks like one of these three, is ``{"dict": [[key, value], ...]}``.

    Raises
    ------
    TypeError
        It is of another type.
    RecursionError
        It contains itself.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, str, int, float)):
        return _of_base_class(value)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (list, tuple)):
        parts = [as_json(part) for part in value]
        return parts if isinstance(value, list) else {"tuple": parts}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value) and not _looks_tagged(value):
            return {str.__str__(key): as_json(part) for key, part in value.items()}
        return {"dict": [[as_json(key), as_json(part)] for key, part in value.items()]}
    raise TypeError(f"a value of type {type(value).__name__}")


def _of_base_class(value: Any) -> Any:
    """The value of an object of a subclass of str, int or float, without the subclass."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    return value if value is None or isinstance(value, bool) else int.__pos__(value)


def from_json(value: Any) -> Any:
    """The value that :func:`as_json` was given.

    Parameters
    ----------
    value
        What JSON holds.

    Raises
    ------
    ValueError, TypeError
        The value after a tag is not of the type that the tag requires.
    """
    if isinstance(value, list):
        return [from_json(part) for part in value]
    if not isinstance(value, dict):
        return value
    if not _looks_tagged(value):
        return {key: from_json(part) for key, part in value.items()}
    ((tag, inner),) = value.items()
    if tag == "bytes":
        return bytes.fromhex(inner)
    if not isinstance(inner, list):
        raise TypeError(f"a {tag} that is not a list")
    if tag == "tuple":
        return tuple(from_json(part) for part in inner)
    keys = [from_json(key) for key, _ in inner]
    refuse_flood(keys)
    return dict(zip(keys, (from_json(part) for _, part in inner), strict=True))


def _looks_tagged(value: dict[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in TAGS


def has_tags(value: Any) -> bool:
    """Whether a value of :func:`as_json` contains tags, which plain JSON does not have."""
    if isinstance(value, dict):
        return _looks_tagged(value) or any(map(has_tags, value.values()))
    return isinstance(value, list) and any(map(has_tags, value))


def check_storable(values: Collection[Any], what: str) -> None:
    """Raise where :func:`encoded` would; takes no time where all values are str.

    Parameters
    ----------
    values, what
        As for :func:`encoded`.

    Raises
    ------
    ParameterError
        A value cannot be stored.
    """
    if set(map(type, values)) <= {str}:
        return
    refuse_nan(values, what)
    for value in values:
        if type(value) is not str and not (type(value) is int and abs(value) < SURELY_STORABLE):
            _kind_and_text(value, what)


def refuse_nan(keys: Collection[Any], what: str) -> None:
    """Raise where a key is NaN or a tuple with NaN in it.

    NaN equals nothing, not even the NaN that comes back from a file: nobody could ask for it, and
    two of them could not be told apart.

    Parameters
    ----------
    keys, what
        As for :func:`encoded`.

    Raises
    ------
    ParameterError
        There is such a key.
    """
    if set(map(type, keys)) <= {str, int}:
        return
    for key in keys:
        if _has_nan(key):
            raise ParameterError(
                f"{key!r} cannot be stored as a {what}: NaN does not equal itself, so it could "
                "not be found again. If it stands for a missing value, leave it out, or put a "
                "text in its place"
            )


def _has_nan(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_has_nan, value))
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def encoded(values: Sequence[Any], what: str) -> StoredValues:
    """Values as they are stored.

    Parameters
    ----------
    values
        None, str, int, float, bool, bytes, and tuples, lists and dicts of these.
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
    return StoredValues(np.frombuffer(data, dtype=np.uint8), offsets_of(lengths + 1), kinds)


def _kind_and_text(value: Any, what: str) -> tuple[int, str]:
    """The kind of a value, and the text that stands for it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return NONE, ""
    if isinstance(value, str):
        value = str.__str__(value)
        return (TEXT, value) if _encodable(value) else (JSON, json.dumps(value))
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return INTEGER, str(int(value))
        if _is_plain(value):
            return JSON, json.dumps(value)
        return TAGGED, json.dumps(as_json(value), separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"the {what} {_shown(value)} of type {type(value).__name__} cannot be stored in a "
            f"file ({error}); str, int, float, bool, bytes, and tuples of these can"
        ) from None


def _is_plain(value: Any) -> bool:
    """Whether a value comes back from JSON as it was."""
    if type(value) is float:
        return True  # NaN, too
    try:
        back = json.loads(json.dumps(value))
        return type(back) is type(value) and bool(back == value)
    except (TypeError, ValueError, RecursionError):
        return False


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - repr() of an object of the user's may do anything
        return f"(whose repr() is {type(error).__name__})"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def keys_in_order(rows: Iterable[Any]) -> list[Any]:
    """A list of keys, as which a dict may be given, too.

    Parameters
    ----------
    rows
        The keys in order; or a dict with the key of each row, or with the row of each key.

    Raises
    ------
    ParameterError
        It is another dict.
    """
    if not isinstance(rows, Mapping):
        return list(rows)
    numbers = range(len(rows))
    if all(row in rows for row in numbers):
        return [rows[row] for row in numbers]
    keys = {row: key for key, row in rows.items() if isinstance(row, (int, np.integer))}
    if len(keys) == len(rows) and all(row in keys for row in numbers):
        return [keys[row] for row in numbers]
    raise ParameterError(
        f"index_to_key is a dict of {len(rows)} entries that are not the keys of rows 0 to "
        f"{len(rows) - 1}; give a list with one key per row"
    )
