"""Reading question files."""

from __future__ import annotations

import os

from negw2v.corpus.text_files import decode_error, open_text
from negw2v.errors import ParameterError

__all__ = ["read_lines"]


def read_lines(path: str | os.PathLike[str], encoding: str = "utf8") -> list[str]:
    """The lines of a text file that may be compressed or remote.

    Parameters
    ----------
    path
        Path or URL.
    encoding
        Of the text.

    Raises
    ------
    ParameterError
        The bytes are not text of that encoding; the message names the line.
    """
    with open_text(os.fspath(path)) as file:
        content = file.read()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if error.encoding == "utf-8":
            raise decode_error(
                str(path), line, error.start, content[error.start : error.end]
            ) from None
        raise ParameterError(f"{path}, line {line}: {error}") from None
    return text.removeprefix("\ufeff").split("\n")
