"""What every save() does."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import IO, Any

from negw2v.errors import FilePath, InputTypeError, warn
from negw2v.formats import fitting
from negw2v.formats.finite import check_finite
from negw2v.formats.native.container import Container
from negw2v.formats.native.writing import contained
from negw2v.formats.records import ModelRecord, VectorsRecord
from negw2v.formats.values import as_json
from negw2v.io.writing import writing

__all__ = [
    "PICKLE_PROTOCOL",
    "SEP_LIMIT",
    "checked",
    "save_record",
    "warn_once",
]

# gensim's defaults.
SEP_LIMIT = 10 * 1024**2
PICKLE_PROTOCOL = 4

OPTIONAL_ARRAYS = ("syn1neg", "syn1", "cum_table", "vectors_lockf", "raw_vocab")


_told: set[str] = set()


def warn_once(topic: str, message: str) -> None:
    """Warn, but only the first time that `topic` comes up in this process."""
    if topic not in _told:
        _told.add(topic)
        warn(message)


def save_record(
    target: FilePath | IO[bytes],
    record: VectorsRecord | ModelRecord,
    separately: Any = None,
    sep_limit: int = SEP_LIMIT,
    ignore: Collection[str] = frozenset(),
    pickle_protocol: int = PICKLE_PROTOCOL,
    *,
    allow_nonfinite: bool = False,
) -> None:
    """What every save() does: leave out what is to be ignored, and write a native file.

    Whatever a reader would refuse is refused here, before the target is opened.

    Parameters
    ----------
    target
        As for :func:`negw2v.io.writing.writing`.
    record
        What to write; names to ignore are taken out of it.
    separately, sep_limit, pickle_protocol
        gensim's; anything but their defaults is answered with a warning.
    ignore
        Names of attributes, of the model or of its words, that are not stored.
    allow_nonfinite
        Write NaN and infinity, too: see :mod:`negw2v.formats.finite`.

    Raises
    ------
    ParameterError
        A part of the record cannot be stored; nothing was written.
    """
    if separately or sep_limit != SEP_LIMIT or pickle_protocol != PICKLE_PROTOCOL:
        warn_once(
            "separately",
            "separately, sep_limit and pickle_protocol have no effect: a model is one file, no "
            'pickle, and mmap="r" maps it as it is',
        )
    if isinstance(ignore, str):
        raise InputTypeError(f"ignore={ignore!r} is one name; give a list of names")
    for part in _parts(record):
        for name in ignore:
            if isinstance(part, VectorsRecord):
                part.attributes.pop(name, None)
            else:
                part.parameters.pop(name, None)
                part.state.pop(name, None)
            if name in OPTIONAL_ARRAYS and hasattr(part, name):
                setattr(part, name, None)
            if name == "lifecycle_events":
                part.lifecycle_events = None
    ready = checked(record, ignore, allow_nonfinite=allow_nonfinite)
    fitting.warn_misfits(record, "save()")
    with writing(target) as file:
        ready.write(file)


def checked(
    record: VectorsRecord | ModelRecord,
    ignore: Collection[str] = frozenset(),
    *,
    allow_nonfinite: bool = False,
) -> Container:
    """The file of a record, ready to be written.

    Parameters
    ----------
    record, ignore, allow_nonfinite
        As for :func:`save_record`.

    Raises
    ------
    ParameterError
        A part of the record cannot be stored.
    """
    for part in _parts(record):
        part.extra = _storable(part, ignore)
    ready = contained(record)
    if not allow_nonfinite:
        check_finite(record, "save")
    return ready


def _parts(record: VectorsRecord | ModelRecord) -> list[VectorsRecord | ModelRecord]:
    return [record.vectors, record] if isinstance(record, ModelRecord) else [record]


def _storable(part: VectorsRecord | ModelRecord, ignore: Collection[str]) -> dict[str, Any]:
    """The attributes of the user's that come back from a file; a warning names the others."""
    kept, left = {}, [name for name in part.not_stored if name not in ignore]
    for name, value in part.extra.items():
        if name in ignore:
            continue
        if fitting.is_number_array(value) or _is_json(value):
            kept[name] = value
        else:
            left.append(name)
    if isinstance(part, ModelRecord) and not _is_json(part.parameters.get("comment")):
        part.parameters["comment"] = None  # as any other attribute, and no reason to lose a model
        left.append("comment")
    if left:
        warn(
            f"attributes that are not stored: {', '.join(sorted(left))}; besides "
            "negw2v's own, files hold None, bool, int, float, str, bytes, lists, tuples and dicts "
            "of these, and NumPy's arrays of numbers, under names that are not methods and have "
            "no leading underscore"
        )
    return kept


def _is_json(value: Any) -> bool:
    try:
        json.dumps(as_json(value))
    except (TypeError, ValueError, RecursionError):
        return False
    return True
