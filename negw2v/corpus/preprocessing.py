"""Text to words, as ``gensim.utils`` does it: for programs that are used to these functions.

Training does not need them: it takes lists of words, or a file with words between blanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from negw2v.errors import InputTypeError

__all__ = [
    "any2unicode",
    "any2utf8",
    "deaccent",
    "simple_preprocess",
    "simple_tokenize",
    "to_unicode",
    "to_utf8",
    "tokenize",
]

# Word characters except digits: letters of every alphabet, their marks, and the underscore.
_LETTERS = re.compile(r"[^\W\d]+")


def any2unicode(text: str | bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """Text as a str.

    Parameters
    ----------
    text
        A str is returned as it is; bytes are decoded.
    encoding, errors
        As for :meth:`bytes.decode`.

    Returns
    -------
    str

    Raises
    ------
    InputTypeError
        `text` is neither a str nor bytes.
    UnicodeDecodeError
        The bytes are not in this encoding, and `errors` is "strict".

    Examples
    --------
    >>> any2unicode("größe".encode())
    'größe'
    """
    if isinstance(text, str):
        return text
    if not isinstance(text, (bytes, bytearray)):
        raise InputTypeError(
            f"text is a str, or bytes that can be decoded, not a {type(text).__name__}: {text!r}"
        )
    return str(text, encoding, errors)


def any2utf8(text: str | bytes, errors: str = "strict", encoding: str = "utf8") -> bytes:
    """Text as valid UTF-8.

    Parameters
    ----------
    text
        A str, or bytes in `encoding`.
    errors, encoding
        As for :func:`any2unicode`, in the other order, as in gensim.

    Returns
    -------
    bytes

    Raises
    ------
    InputTypeError, UnicodeDecodeError
        As for :func:`any2unicode`.

    Examples
    --------
    >>> any2utf8("größe".encode("latin1"), encoding="latin1").decode()
    'größe'
    """
    return any2unicode(text, encoding, errors).encode("utf8")


to_unicode = any2unicode
to_utf8 = any2utf8


def deaccent(text: str | bytes) -> str:
    """Text without the accents of its letters.

    Parameters
    ----------
    text
        A str, or bytes in UTF-8.

    Returns
    -------
    str
        In the Unicode form NFC.

    Raises
    ------
    InputTypeError, UnicodeDecodeError
        As for :func:`any2unicode`.

    Examples
    --------
    >>> deaccent("Ångström déjà vu")
    'Angstrom deja vu'
    """
    parts = unicodedata.normalize("NFD", any2unicode(text))
    letters = (part for part in parts if unicodedata.category(part) != "Mn")
    return unicodedata.normalize("NFC", "".join(letters))


def simple_tokenize(text: str) -> Iterator[str]:
    """The runs of letters in a text; digits and everything else separate them.

    Parameters
    ----------
    text
        The text. An underscore counts as a letter.

    Yields
    ------
    str

    Examples
    --------
    >>> list(simple_tokenize("In 2013, word2vec_c was new."))
    ['In', 'word', 'vec_c', 'was', 'new']
    """
    return (found.group() for found in _LETTERS.finditer(text))


def tokenize(
    text: str | bytes,
    lowercase: bool = False,
    deacc: bool = False,
    encoding: str = "utf8",
    errors: str = "strict",
    to_lower: bool = False,
    lower: bool = False,
) -> Iterator[str]:
    """The runs of letters in a text, see :func:`simple_tokenize`.

    Parameters
    ----------
    text
        A str, or bytes.
    lowercase, to_lower, lower
        Whether to return lower case; any of the three.
    deacc
        Whether to remove accents.
    encoding, errors
        For bytes, as for :func:`any2unicode`.

    Yields
    ------
    str

    Raises
    ------
    InputTypeError, UnicodeDecodeError
        As for :func:`any2unicode`.

    Examples
    --------
    >>> list(tokenize("Déjà vu, twice (2x)", lower=True, deacc=True))
    ['deja', 'vu', 'twice', 'x']
    """
    text = any2unicode(text, encoding, errors)
    if lowercase or to_lower or lower:
        text = text.lower()
    if deacc:
        text = deaccent(text)
    return simple_tokenize(text)


def simple_preprocess(
    doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15
) -> list[str]:
    """The words of a text in lower case, without very short and very long ones.

    Parameters
    ----------
    doc
        A str, or bytes in UTF-8; invalid bytes are left out.
    deacc
        Whether to remove accents.
    min_len, max_len
        Shortest and longest words to keep. Words that begin with an underscore are left out.

    Returns
    -------
    list of str

    Raises
    ------
    InputTypeError
        `doc` is neither a str nor bytes.

    Examples
    --------
    >>> simple_preprocess("A corpus, of 2 Short sentences!")
    ['corpus', 'of', 'short', 'sentences']
    """
    words = tokenize(doc, lower=True, deacc=deacc, errors="ignore")
    return [word for word in words if min_len <= len(word) <= max_len and word[0] != "_"]
