"""What every save() does, and where it writes to: a path, a URI, or an open file."""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Any

from negw2v.corpus.readers import COMPRESSED
from negw2v.errors import FilePath, InputTypeError, NegW2VWarning, SaveError
from negw2v.extras import needed_to_open
from negw2v.formats import native
from negw2v.formats.atomic import replacing
from negw2v.formats.opening import is_remote
from negw2v.formats.records import ModelRecord, VectorsRecord

__all__ = ["PICKLE_PROTOCOL", "SEP_LIMIT", "packing", "save_record", "warn_once", "writing"]

# gensim's defaults.
SEP_LIMIT = 10 * 1024**2
PICKLE_PROTOCOL = 4

OPTIONAL_ARRAYS = ("syn1neg", "syn1", "cum_table", "vectors_lockf", "raw_vocab")


@contextlib.contextmanager
def writing(target: FilePath | IO[bytes]) -> Iterator[IO[bytes]]:
    """A binary file to write to, front to back.

    Parameters
    ----------
    target
        A path: written whole or not at all (:mod:`negw2v.formats.atomic`), compressed if its
        suffix says so (.gz, .bz2, .xz, .zst). A URI that smart_open knows. Or a binary file,
        which is not closed.

    Yields
    ------
    IO[bytes]
        The file.

    Raises
    ------
    SaveError
        It cannot be written.
    InputTypeError
        `target` is none of these.
    """
    given: Any = target
    if hasattr(given, "write"):
        yield given
    elif not isinstance(given, (str, bytes, os.PathLike)):
        raise InputTypeError(f"save() needs a path or a binary file, not a {type(given).__name__}")
    elif is_remote(given):
        import smart_open

        try:
            with needed_to_open(given):
                remote = smart_open.open(given, "wb")
            with remote as file:
                yield file
        except OSError as error:
            raise SaveError(given, f"writing failed: {error}") from error
    else:
        with replacing(given) as plain, packing(plain, Path(os.fsdecode(given)).suffix) as file:
            yield file


@contextlib.contextmanager
def packing(file: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    """The file itself, or one that compresses into it."""
    if suffix not in COMPRESSED:
        yield file
        return
    from smart_open.compression import compression_wrapper

    # A duplicate, because closing the compressed file closes what it writes to.
    with os.fdopen(os.dup(file.fileno()), "wb") as under:
        with needed_to_open(f"*{suffix}"):
            packed = compression_wrapper(under, "wb", compression=suffix)
        with packed:
            yield packed


_told: set[str] = set()


def warn_once(topic: str, message: str) -> None:
    """Warn, but only the first time that `topic` comes up in this process."""
    if topic not in _told:
        _told.add(topic)
        warnings.warn(message, NegW2VWarning, stacklevel=4)


def save_record(
    target: FilePath | IO[bytes],
    record: VectorsRecord | ModelRecord,
    separately: Any = None,
    sep_limit: int = SEP_LIMIT,
    ignore: Collection[str] = frozenset(),
    pickle_protocol: int = PICKLE_PROTOCOL,
) -> None:
    """What every save() does: leave out what is to be ignored, and write a native file.

    Parameters
    ----------
    target
        As for :func:`writing`.
    record
        What to write; names to ignore are taken out of it.
    separately, sep_limit, pickle_protocol
        gensim's; anything but their defaults is answered with a warning.
    ignore
        Names of attributes, of the model or of its words, that are not stored.
    """
    if separately or sep_limit != SEP_LIMIT or pickle_protocol != PICKLE_PROTOCOL:
        warn_once(
            "separately",
            "separately, sep_limit and pickle_protocol have no effect: a model is one file, no "
            'pickle, and mmap="r" maps it as it is',
        )
    if isinstance(ignore, str):
        raise InputTypeError(f"ignore={ignore!r} is one name; give a list of names")
    parts: list[VectorsRecord | ModelRecord] = (
        [record.vectors, record] if isinstance(record, ModelRecord) else [record]
    )
    for part in parts:
        for name in ignore:
            if isinstance(part, VectorsRecord):
                part.attributes.pop(name, None)
            elif name in OPTIONAL_ARRAYS:
                setattr(part, name, None)
            if name == "lifecycle_events":
                part.lifecycle_events = None
        part.extra = _storable(part.extra, ignore)
    with writing(target) as file:
        native.write(file, record)


def _storable(extra: dict[str, Any], ignore: Collection[str]) -> dict[str, Any]:
    """The attributes of the user's that come back from a file; a warning names the others."""
    kept, left = {}, []
    for name, value in extra.items():
        if name in ignore:
            continue
        try:
            if name.startswith("_") or json.loads(json.dumps(value)) != value:
                left.append(name)
            else:
                kept[name] = value
        except (TypeError, ValueError, RecursionError):
            left.append(name)
    if left:
        warn_once(
            f"extra {sorted(left)}",
            f"attributes that are not stored: {', '.join(sorted(left))}; what is stored beside "
            "negw2v's own is what JSON can hold, under names without a leading underscore",
        )
    return kept
