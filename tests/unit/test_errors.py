"""Errors about files say which file, where and why, and survive a process boundary."""

from __future__ import annotations

import errno
import io
import multiprocessing.reduction
import pickle
from pathlib import Path

import pytest

from negw2v.errors import (
    HubError,
    MissingFileError,
    ModelFileError,
    NegW2VError,
    NotAModelError,
    SaveError,
    TruncatedFileError,
    UnsafeFileError,
    shown_path,
)


def test_a_damaged_file() -> None:
    error = ModelFileError(Path("v.bin"), "too short", position=12)
    assert str(error) == "'v.bin', byte 12: too short"
    assert (error.path, error.reason, error.position, error.line) == (
        Path("v.bin"),
        "too short",
        12,
        None,
    )
    assert str(ModelFileError("v.txt", "no number", line=3)) == "'v.txt', line 3: no number"
    assert str(ModelFileError(b"v", "empty")) == "'v': empty"
    assert str(ModelFileError(io.BytesIO(), "empty")) == "a file object (BytesIO): empty"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (ModelFileError, ValueError),
        (TruncatedFileError, EOFError),
        (NotAModelError, AttributeError),
        (UnsafeFileError, ValueError),
        (MissingFileError, FileNotFoundError),
        (SaveError, OSError),
        (HubError, OSError),
    ],
)
def test_kinds(kind: type[NegW2VError], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)
    assert issubclass(kind, NegW2VError)


@pytest.mark.parametrize(
    ("number", "system"),
    [
        (errno.ENOENT, FileNotFoundError),
        (errno.ENOTDIR, NotADirectoryError),
        (errno.EISDIR, IsADirectoryError),
        (errno.EACCES, PermissionError),
        (errno.EPERM, PermissionError),
        (errno.ENOSPC, OSError),
    ],
)
def test_a_file_that_cannot_be_written_is_an_error_of_pythons_class(
    number: int, system: type[OSError]
) -> None:
    error = SaveError("v", "reason", number)
    copied = pickle.loads(pickle.dumps(error))
    for each in (error, copied):
        assert isinstance(each, SaveError)
        assert isinstance(each, system)
        assert type(each).__mro__.count(FileNotFoundError) == (number == errno.ENOENT)
        assert (str(each), each.errno, each.filename) == ("'v': reason", number, "v")
        assert (type(each).__module__, type(each).__name__) == ("negw2v.errors", "SaveError")


def test_a_missing_file_and_one_that_cannot_be_written() -> None:
    missing, unsaved = MissingFileError("a"), SaveError(Path("b"), "disk full", 28)
    assert str(missing) == "'a': there is no such file"
    assert (missing.errno, missing.filename) == (2, "a")
    assert str(unsaved) == "'b': disk full"
    assert (unsaved.errno, unsaved.filename) == (28, "b")


@pytest.mark.parametrize(
    "error",
    [
        ModelFileError("v", "reason", position=5, line=2),
        ModelFileError(io.BytesIO(), "reason"),
        TruncatedFileError("v", "reason", position=0),
        MissingFileError("v"),
        SaveError("v", "reason", 28),
        HubError("owner/name", "reason", 13),
    ],
)
def test_they_can_be_sent_to_another_process(error: Exception) -> None:
    copy = pickle.loads(multiprocessing.reduction.ForkingPickler.dumps(error))
    assert type(copy) is type(error)
    for name in ("reason", "position", "line", "errno", "filename"):
        assert getattr(copy, name, None) == getattr(error, name, None)


def test_how_a_path_is_shown() -> None:
    assert shown_path(Path("ä")) == "'ä'"
    assert shown_path(b"x") == "'x'"
