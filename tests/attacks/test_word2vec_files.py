"""Hostile and broken files in word2vec's formats: each names the error that it must give."""

from __future__ import annotations

import errno
import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    FileDecodeError,
    KeyedVectors,
    MissingFileError,
    ModelFileError,
    NegW2VError,
    NegW2VWarning,
    SaveError,
    TruncatedFileError,
)

Confined = Callable[..., subprocess.CompletedProcess[str]]

ONE = np.float32(1).tobytes()
NAN = np.float32(np.nan).tobytes()

# name: text, error, what its message says
TEXT = {
    "empty": (b"", TruncatedFileError, "byte 0: the file is empty"),
    "no header": (b"a 1 2\nb 1 2\n", ModelFileError, "line 1.*no_header=True"),
    "one number in the header": (b"2\na 1\n", ModelFileError, "line 1"),
    "no number in the header": (b"two 1\na 1\n", ModelFileError, "line 1.*b'two 1'"),
    "a header without end": (b"1 " * 3000, ModelFileError, "line 1"),
    "nothing but a header": (b"1 1", TruncatedFileError, "ends in its header"),
    "a negative count": (b"-1 1\na 1\n", ModelFileError, "line 1.*-1 vectors"),
    "no dimensions": (b"1 0\na\n", ModelFileError, "line 1.*0 dimensions"),
    "negative dimensions": (b"1 -5\na\n", ModelFileError, "line 1.*-5 dimensions"),
    "a count too large": (b"4 1\na 1\nb 2\n", TruncatedFileError, "announces 4 vectors"),
    "a count a little too large": (
        b"3 1\nlonger 1.00\nb 2.00\n",
        TruncatedFileError,
        "byte 23: the file ends after 2 of 3 vectors",
    ),
    "10^18 rows": (b"1000000000000000000 1\na 1\n", TruncatedFileError, "1000000000000000000"),
    "10^18 dimensions": (b"1 1000000000000000000\na 1\n", ModelFileError, "line 1|bytes"),
    "10^12 dimensions": (b"1 1000000000000\na 1\n", TruncatedFileError, "1000000000000 dim"),
    "a number of 5,000 digits": (b"1 " + b"9" * 200 + b"\na 1\n", ModelFileError, "line 1"),
    "too few numbers": (b"2 2\na 1 2\nb 1.25\n", ModelFileError, "line 3, byte 10: 1 numbers.*2"),
    "too many numbers": (b"2 2\na 1 2 3\nb 1 2\n", ModelFileError, "line 2, byte 4: 3 numbers"),
    "too many, after blanks": (b"1 1\na 1 \x0b2\n", ModelFileError, "line 2"),
    "a word that ends in a number": (
        b"1 2\nWorld War 2 1 2\n",
        ModelFileError,
        "line 2, byte 4: 3 numbers.*'World War 2' is a word.*allow_blanks=True",
    ),
    "no numbers": (b"2 2\na 1 2\nbbbbbbbbb\n", ModelFileError, "line 3, byte 10: 0 numbers"),
    "text for a number": (b"1 2\na 1 two\n", ModelFileError, "line 2, byte 8: 'two'"),
    "hexadecimal": (b"1 1\na 0x1F\n", ModelFileError, "line 2, byte 6: '0x1F'"),
    "a comma": (b"1 2\na 1,5 2\n", ModelFileError, "line 2, byte 6: '1,5'"),
    "tabs": (b"1 3\na\t1\t2\n", ModelFileError, "line 2, byte 4: 2 numbers where 3"),
    "two blanks": (b"1 3\na  1  2\n", ModelFileError, "line 2, byte 4: 2 numbers where 3"),
    "NaN": (b"1 2\na nan 2\n", ModelFileError, "line 2.*vector of 'a'.*allow_nonfinite"),
    "infinity": (b"1 2\na 1 -inf\n", ModelFileError, "line 2.*vector of 'a'"),
    "too large": (b"1 2\na 1 1e39\n", ModelFileError, "line 2.*too large"),
    "no word": (b"2 1\na 1\n 2 5\n", ModelFileError, "line 3, byte 8: 2 numbers where 1"),
    "no words": (b"2 1\n 1\n 2\n", ModelFileError, "vector 2 has no word, as vector 1"),
    "a blank line": (b"2 1\na 1\n\nb 2\n", ModelFileError, "line 3, byte 8: the line is blank"),
    "invalid UTF-8": (b"1 1\nabc\xff 1\n", FileDecodeError, "line 2, byte 7.*unicode_errors"),
    "half a character": (b"1 1\n\xe4\xb8 1\n", FileDecodeError, "line 2, byte 4"),
    "binary": (
        b"1 2\nword " + bytes(range(128, 136)) + b"\n",
        ModelFileError,
        "line 2.*really the text format",
    ),
}

BINARY = {
    "empty": (b"", TruncatedFileError, "the file is empty"),
    "no header": (b"a " + ONE, ModelFileError, "line 1"),
    "a count too large": (b"3 1\na " + ONE, TruncatedFileError, "announces 3"),
    "10^18 rows": (b"1000000000000000000 1\na " + ONE, TruncatedFileError, "0 vectors of 1"),
    "10^12 dimensions": (b"1 1000000000000\na " + ONE, TruncatedFileError, "bytes that follow"),
    "a vector cut off": (b"1 2\nabcdefg " + ONE, TruncatedFileError, "after 0 of 1"),
    "no blank": (b"1 1\nabcdefgh", TruncatedFileError, "after 0 of 1"),
    "no words": (b"2 1\n " + ONE + b"\n " + ONE, ModelFileError, "vector 2 has no word"),
    "NaN": (b"2 1\na " + ONE + b"b " + NAN, ModelFileError, "byte 10.*vector of 'b'"),
    "invalid UTF-8": (b"1 1\nabc\xff " + ONE, FileDecodeError, "byte 7"),
    "text": (b"2 2\nword 1.25 2.25\nother 1.5 2.5\n", ModelFileError, "text.*leave binary=True"),
    "text without a header": (b"a 1\n", ModelFileError, "no_header=True.*leave binary=True"),
    "a line feed in a word": (
        b"2 1\na " + ONE + b"b\nc " + ONE,
        ModelFileError,
        "byte 10: the word of vector 2 has a line feed",
    ),
    "dimensions too small": (
        b"2 1\na " + ONE + ONE + b"b " + ONE + ONE,
        ModelFileError,
        "byte|really the binary format",
    ),
}

CASES = [(False, name, *case) for name, case in TEXT.items()]
CASES += [(True, name, *case) for name, case in BINARY.items()]


@pytest.mark.parametrize("way", ["plain", "compressed"])
@pytest.mark.parametrize(
    ("binary", "name", "content", "error", "message"),
    CASES,
    ids=[f"{'binary' if binary else 'text'}: {name}" for binary, name, *_ in CASES],
)
def test_a_broken_file_is_refused(
    way: str,
    binary: bool,
    name: str,
    content: bytes,
    error: type[Exception],
    message: str,
    tmp_path: Path,
) -> None:
    path = tmp_path / ("file" if way == "plain" else "file.gz")
    path.write_bytes(content if way == "plain" else gzip.compress(content))
    # how much a compressed file holds is not known beforehand, so other faults come first
    plain = way == "plain"
    kind, match = (error, message) if plain else (ModelFileError, "file")
    with pytest.raises(kind, match=match) as caught:
        KeyedVectors.load_word2vec_format(path, binary=binary)
    assert str(path) in str(caught.value)
    if error is FileDecodeError:
        assert isinstance(caught.value, UnicodeDecodeError)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n", "no numbers"),
        (b"word\n", "no numbers"),
        (b"a 1 2\nb 1\n", "line 2, byte 6: 1 numbers where 2"),
        (b"a 1 2\nApollo 11 1 2\n", "line 2, byte 6: 3 numbers.*'Apollo 11' is a word"),
        (b"2 2\na 1 2\nb 1 2\n", "line 1, byte 0: 1 numbers.*header: leave no_header=True away"),
        (b"a 1 2\n\n\nb 1 2\n", "line 2, byte 6: the line is blank"),
    ],
)
def test_a_broken_file_without_a_header_is_refused(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        KeyedVectors.load_word2vec_format(path, no_header=True)


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("binary", [False, True])
def test_a_file_cut_anywhere_is_refused(binary: bool, suffix: str, tmp_path: Path) -> None:
    store = KeyedVectors(50)
    random = np.random.default_rng(0)
    store.add_vectors([f"w{i}" for i in range(150)], random.standard_normal((150, 50)))
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    store.save_word2vec_format(whole, binary=binary)
    content = whole.read_bytes()
    # not within its last number: what that lacks cannot be told from a file that ends there
    cuts = range(0, len(content) - 30, 1000)
    assert len(cuts) > 10
    for cut in cuts:
        path.write_bytes(content[:cut])
        with pytest.raises(ModelFileError) as caught:
            KeyedVectors.load_word2vec_format(path, binary=binary)
        assert str(path) in str(caught.value)


def test_words_that_occur_twice_give_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"3 1\na 1\nb 2\na 3\n")
    with pytest.warns(NegW2VWarning, match="1 vectors of words.*vector 3, 'a', which is vector 1"):
        found = KeyedVectors.load_word2vec_format(path)
    assert found.index_to_key == ["a", "b"]
    assert found.vectors.ravel().tolist() == [1, 2]


def test_invalid_utf8_ignored_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1 1\na\xffb 1\n")
    for errors, word in (("ignore", "ab"), ("replace", "a\ufffdb")):
        found = KeyedVectors.load_word2vec_format(path, unicode_errors=errors)
        assert found.index_to_key == [word]


def test_no_file_a_folder_and_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    for path, number in ((tmp_path / "none", errno.ENOENT), (tmp_path, errno.EISDIR)):
        with pytest.raises(MissingFileError) as caught:
            KeyedVectors.load_word2vec_format(path)
        assert caught.value.errno == number
        with pytest.raises(MissingFileError):
            KeyedVectors(1).intersect_word2vec_format(path)
    secret = tmp_path / "secret"
    secret.write_bytes(b"1 1\na 1\n")
    secret.chmod(0)
    me = os.geteuid()
    try:
        if me == 0:  # who may read everything
            os.seteuid(65534)
        with pytest.raises(MissingFileError, match="denied") as refused:
            KeyedVectors.load_word2vec_format(secret)
    finally:
        os.seteuid(me)
    assert refused.value.errno == errno.EACCES


@pytest.mark.parametrize("damage", [b"\x1f\x8b\x08\x00 no gzip", b"plain text", b"\x1f\x8b"])
def test_what_claims_to_be_compressed(damage: bytes, tmp_path: Path) -> None:
    for suffix in (".gz", ".bz2", ".xz", ".zst"):
        path = tmp_path / f"file{suffix}"
        path.write_bytes(damage)
        with pytest.raises(NegW2VError) as caught:
            KeyedVectors.load_word2vec_format(path)
        assert str(path) in str(caught.value)


# -- memory

LIES = {
    "rows": b"1000000000000000000 10\n" + b"a 1 2 3 4 5 6 7 8 9 10\n" * 50_000,
    "dimensions": b"10 100000000000\n" + b"a 1 2 3\n" * 100_000,
    "rows of little": b"1000000 400000\n" + b"a\n" * 1_000_000,
    "blank lines": b"2000000 100\n" + b"\n" * 2_000_000,
    "one line": b"10 3\n" + b"x" * 10_000_000,
    "one number": b"10 3\na " + b"1" * 10_000_000,
    "blanks": b"10 3\n" + b" " * 10_000_000,
}

LOADER = """
from pathlib import Path
for file in sorted(Path(path).iterdir()):
    path = str(file)
    try:
        {call}
    except ModelFileError as error:
        print(type(error).__name__, error)
"""

CALLS = [
    "KeyedVectors.load_word2vec_format(path)",
    "KeyedVectors.load_word2vec_format(path, no_header=True)",
    "KeyedVectors.load_word2vec_format(path, binary=True)",
    "KeyedVectors.load_word2vec_format(path, fvocab=path)",
    "KeyedVectors(3).intersect_word2vec_format(path)",
]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("call", CALLS)
def test_lies_get_no_memory(call: str, suffix: str, confined: Confined, tmp_path: Path) -> None:
    lies = dict(LIES)
    if "intersect" in call:  # another error, at once
        lies = {name: lies[name] for name in ("one line", "one number", "blanks")}
    if "no_header" in call:  # there, blank lines at the end are no rows
        del lies["blank lines"]
    for name, content in lies.items():
        packed = gzip.compress(content, 1) if suffix else content
        (tmp_path / f"{name}{suffix}").write_bytes(packed)
    finished = confined(LOADER.format(call=call), tmp_path)
    assert finished.returncode == 0, finished.stderr[-2000:]
    messages = finished.stdout.splitlines()
    assert len(messages) == len(lies), finished.stdout[-2000:]
    assert all("Error" in message and len(message) < 500 for message in messages)


def test_a_bomb_is_unpacked_no_further_than_needed(confined: Confined, tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    with gzip.open(path, "wb", 9) as file:
        file.write(b"5 3\n")
        for _ in range(128):
            file.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    for call in CALLS:
        finished = confined(LOADER.format(call=call), tmp_path)
        assert finished.returncode == 0, finished.stderr[-2000:]
        assert "ModelFileError" in finished.stdout


# -- saving

FULL = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = KeyedVectors(50)
store.add_vectors([f"w{i}" for i in range(2000)], np.ones((2000, 50), np.float32))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    store.save_word2vec_format(path, **%s)
except SaveError as error:
    print(error.errno, error)
"""


@pytest.mark.parametrize("options", [{}, {"binary": True}, {"append": True}])
def test_no_space_left(options: dict[str, Any], confined: Confined, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"as it was")
    finished = confined(FULL % options, path)
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert finished.stdout.startswith(str(errno.EFBIG))
    assert str(path) in finished.stdout
    assert path.read_bytes() == b"as it was"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("append", [False, True])
def test_where_nothing_can_be_written(append: bool, tmp_path: Path) -> None:
    store = KeyedVectors(1)
    store.add_vectors(["a"], [[1]])
    for path in (tmp_path, tmp_path / "none" / "file"):
        with pytest.raises(SaveError):
            store.save_word2vec_format(path, append=append)
    assert not list(tmp_path.iterdir())
