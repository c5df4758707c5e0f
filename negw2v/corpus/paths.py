"""The files that ``corpus_file`` stands for: one, those of a folder, those of a pattern."""

from __future__ import annotations

import glob
import logging
import os
from pathlib import Path
from typing import Any

from negw2v.errors import CorpusFileError, InputTypeError, warn
from negw2v.io.paths import is_folder, is_regular

__all__ = ["corpus_paths"]

logger = logging.getLogger(__name__)

#: How names of files begin that other programs put beside those with data: _SUCCESS, .part.crc
ASIDE = (".", "_")


def corpus_paths(corpus_file: Any, iterable_name: str) -> list[str]:
    """The files, in the order of their names.

    Parameters
    ----------
    corpus_file
        Path of a file, or of a folder, of which all files are meant; or a pattern of
        :mod:`glob`'s, where ``**`` stands for any folders. In folders and patterns, files whose
        names begin with "." or "_" are left out: programs write them beside their data.
    iterable_name
        The user's name for sentences in memory, for errors.

    Raises
    ------
    InputTypeError
        It is not a path.
    CorpusFileError
        There is no such file, or none in the folder.
    """
    if not isinstance(corpus_file, (str, os.PathLike)):
        raise InputTypeError(
            f"corpus_file is the path of a text file, not a {type(corpus_file).__name__}; "
            f"sentences in memory are given as {iterable_name}"
        )
    path = os.fsdecode(corpus_file)
    if is_regular(path):
        return [path]
    if is_folder(path):
        return _named(_in_folder(path), f"the folder {path!r}")
    if glob.has_magic(path):
        matches = glob.glob(path, recursive=True)  # noqa: PTH207 - it may be absolute
        found = [each for each in matches if is_regular(each)]
        return _named(sorted(found), f"the pattern {path!r}")
    raise CorpusFileError(f"corpus_file {path!r} does not exist, or is not a file")


def _in_folder(path: str) -> list[str]:
    try:
        entries = sorted(Path(path).iterdir())
    except OSError as error:
        raise CorpusFileError(f"the folder {path!r} cannot be read: {error.strerror}") from error
    folders = [each.name for each in entries if each.is_dir() and not each.name.startswith(ASIDE)]
    if folders:
        warn(
            f"{path!r} has folders in it ({len(folders)}, such as {folders[0]!r}), whose files are "
            f"not read; corpus_file={str(Path(path, '**'))!r} reads them, too"
        )
    return [str(each) for each in entries if each.is_file()]


def _named(paths: list[str], what: str) -> list[str]:
    """Without files that are not data."""
    kept = [path for path in paths if not Path(path).name.startswith(ASIDE)]
    if not kept:
        aside = f" but {len(paths)} whose names begin with '.' or '_'" if paths else ""
        raise CorpusFileError(f"corpus_file: there is no file in {what}{aside}")
    logger.info("files of %s: %s", what, ", ".join(kept))
    return kept
