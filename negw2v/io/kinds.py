"""What a file is that was taken for something else, and what to do with it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from negw2v.errors import FilePath
from negw2v.io.compression import compression_of, is_safetensors

__all__ = [
    "FIRST_BYTES",
    "is_pickle",
    "what_it_is",
    "what_it_is_instead",
    "why_not_a_corpus",
]

#: So many first bytes of a file tell what it is.
FIRST_BYTES = 512

#: Where a tar archive says what it is.
TAR = slice(257, 262), b"ustar"

LOAD = "load it with KeyedVectors.load(), or Word2Vec.load() if it holds a model"
UNPACK = "unpack it first, and load the file that is in it"

#: How a pointer of Git LFS begins, and what it is.
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LFS_REASON = (
    "this is a pointer of Git LFS, not the file itself; get that with 'git lfs pull' in the "
    "repository, or download it from there"
)
#: What messages say of a web page.
WEB_PAGE_REASON = (
    "this is a web page (HTML), not {what}: the address it was downloaded from shows the page "
    "about the file, or an error; download the file itself"
)
#: How web pages begin. A corpus may begin with a word such as <head>; whole pages do not.
WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)

#: First bytes that no text in UTF-8 has.
NO_TEXT = tuple(bytes([byte]) for byte in (*range(0x80, 0xC2), *range(0xF5, 0x100)))

#: How files begin, and what that says.
MARKS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    (
        (b"PK\x03\x04", b"PK\x05\x06"),
        (
            f"this is a zip archive: {UNPACK} (.npz files and PyTorch's are zip archives, too: "
            "load those with what wrote them, and use KeyedVectors.add_vectors())"
        ),
    ),
    ((b"7z\xbc\xaf\x27\x1c",), f"this is a 7z archive: {UNPACK}"),
    ((b"Rar!\x1a\x07",), f"this is a rar archive: {UNPACK}"),
    (
        (b"\x93NUMPY",),
        "this is a .npy file; load it with KeyedVectors.load_npy(), with its vocabulary",
    ),
    ((b"PAR1", b"ARROW1"), "this is a table; load it with KeyedVectors.load_table()"),
    (
        (b"\x89HDF\r\n\x1a\n",),
        (
            "this is an HDF5 file; load it with what wrote it, and add its vectors with "
            "KeyedVectors.add_vectors()"
        ),
    ),
    (
        (b"\xba\x16\x4f\x2f",),
        (
            "this is fastText's own .bin format, which is not read here; its .vec file is, with "
            "KeyedVectors.load_word2vec_format()"
        ),
    ),
    ((LFS_POINTER,), LFS_REASON),
    (
        (b"\xff\xfe", b"\xfe\xff"),
        "this is text in UTF-16; convert it to UTF-8 first, for example with iconv",
    ),
)
#: The same for texts, whose letters may be large, with blanks in front.
TEXT_MARKS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    (
        (b"<!doctype html", b"<html", b"<head", b"<?xml"),
        WEB_PAGE_REASON.format(what="a file of vectors"),
    ),
    (
        (b'{"', b"[{", b'["'),
        (
            "this is JSON; read it with the json module, and add its vectors with "
            "KeyedVectors.add_vectors()"
        ),
    ),
)


def is_pickle(first: bytes) -> bool:
    """Whether a file may be a pickle, by its first bytes."""
    return first[:1] == b"\x80" and not is_safetensors(first)


def what_it_is(first: bytes) -> str | None:
    """What a file is, and what to do with it.

    Parameters
    ----------
    first
        Its first FIRST_BYTES bytes, unpacked.

    Returns
    -------
    str or None
        A sentence for a message; None: nothing of what is known here, which may well be text.
    """
    if is_safetensors(first):
        return f"this is a file that save() wrote; {LOAD}"
    if is_pickle(first):
        return f"this is a pickle, as gensim's save() writes it; {LOAD}"
    place, mark = TAR
    if first[place] == mark:
        return f"this is a tar archive: {UNPACK}"
    suffix = compression_of(first)
    if suffix is not None:
        return (
            f"this is compressed (as {suffix} files are), perhaps twice: unpack it first, and "
            "load what is in it"
        )
    for marks, sentence in MARKS:
        if first.startswith(marks):
            return sentence
    text = first.lstrip().lower()
    for marks, sentence in TEXT_MARKS:
        if text.startswith(marks):
            return sentence
    return None


def why_not_a_corpus(first: bytes) -> str | None:
    """Why a file cannot be the text that it was taken for.

    Parameters
    ----------
    first
        Its first FIRST_BYTES bytes, unpacked.

    Returns
    -------
    str or None
        A sentence for a message; None: it may well be text.
    """
    if first.startswith(LFS_POINTER):
        return LFS_REASON
    if WEB_PAGE.match(first):
        return WEB_PAGE_REASON.format(what="a text")
    # A text may begin with the letters of a mark, such as PAR1; it has no NUL, and its first
    # byte is one of UTF-8's.
    if b"\0" in first or first[:1] in NO_TEXT:
        return what_it_is(first)
    return None


def what_it_is_instead(path: FilePath, wanted: tuple[bytes, ...]) -> str | None:
    """What a file on this machine is that cannot be read as what it was taken for.

    Parameters
    ----------
    path
        The file.
    wanted
        What files of the right kind begin with.

    Returns
    -------
    str or None
        As for :func:`what_it_is`; None for a file of the right kind, too.
    """
    local = Path(os.fsdecode(path))
    try:
        if not local.is_file():  # a pipe cannot be read again
            return None
        with local.open("rb") as file:
            first = file.read(FIRST_BYTES)
    except OSError:  # who called could not read it either, and says so
        return None
    return None if first.startswith(wanted) else what_it_is(first)
