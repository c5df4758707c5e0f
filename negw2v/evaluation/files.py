"""Files of questions and of judgements: their lines, and a warning about malformed ones."""

from __future__ import annotations

import os

from negw2v.corpus.text_files import decode_error, open_text
from negw2v.errors import ParameterError, warn
from negw2v.io.paths import path_text

__all__ = ["read_lines", "warn_of_malformed"]


def read_lines(path: str | os.PathLike[str], encoding: str = "utf8") -> list[str]:
    """The lines of a text file that may be compressed or remote.

    Parameters
    ----------
    path
        Path or URL.
    encoding
        Encoding of the text.

    Raises
    ------
    ParameterError
        The file is not valid in that encoding; the message names the line.
    """
    with open_text(path_text(path)) as file:
        content = file.read()
    try:
        text = content.decode(encoding)
    except (LookupError, TypeError) as error:
        raise ParameterError(
            f"encoding is {encoding!r}, which Python does not have ({error}); try 'utf8'"
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if error.encoding == "utf-8":
            raise decode_error(
                str(path), line, error.start, content[error.start : error.end]
            ) from None
        raise ParameterError(f"{path}, line {line}: {error}") from None
    return text.removeprefix("\ufeff").split("\n")


def warn_of_malformed(
    path: str | os.PathLike[str], malformed: list[tuple[int, str]], expected: str
) -> None:
    """Warn that lines were left out, if there are any.

    Parameters
    ----------
    path
        The file.
    malformed
        Number and text of each malformed line.
    expected
        What a line must be, for the message.
    """
    if not malformed:
        return
    number, text = malformed[0]
    warn(
        f"{path}: {len(malformed)} lines are not {expected} and were left out, the first of "
        f"them line {number}: {text!r}"
    )
