"""The native tokenizer against bytes.decode and str.split."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus._tokenizer import LineTokenizer, WordTable

BLANKS = [chr(c) for c in range(sys.maxunicode + 1) if chr(c).isspace()]


def feed(tokenizer: LineTokenizer, data: bytes, pieces: int) -> list[int]:
    """Feed the data in pieces of so many bytes; returns all ids."""
    ids: list[int] = []
    position = 0
    while True:
        space = tokenizer.free_space()
        piece = data[position : position + min(pieces, len(space))]
        space[: len(piece)] = piece
        position += len(piece)
        tokenizer.feed(len(piece), last=position == len(data))
        ids += np.asarray(tokenizer.tokens()).tolist()
        if position == len(data) or tokenizer.invalid >= 0:
            return ids


def tokenize(data: bytes, pieces: int = 1 << 20) -> tuple[list[list[str]], LineTokenizer]:
    """The words of each line, empty lines included."""
    table = WordTable()
    tokenizer = LineTokenizer(table, grow=True, keep=True, block_bytes=64)
    ids = iter(feed(tokenizer, data, pieces))
    words = table.words()
    lengths = np.frombuffer(tokenizer.line_lengths(), np.int64).tolist()
    lines = [[words[i] for i in itertools.islice(ids, n)] for n in lengths]
    assert next(ids, None) is None
    return lines, tokenizer


def split(data: bytes) -> list[list[str]]:
    lines = [line.decode("utf-8").split() for line in data.split(b"\n")]
    return lines if data[-1:] not in (b"\n", b"") else lines[:-1]


def test_every_character_splits_as_in_python() -> None:
    # One line each, so that a wrong one is found at once.
    data = "".join(
        f"a{chr(c)}b{chr(c)}\n" for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000
    ).encode()
    lines, tokenizer = tokenize(data)
    assert tokenizer.invalid == -1
    assert lines == split(data)


TEXT = st.text(
    st.one_of(
        st.sampled_from(BLANKS),
        st.sampled_from("\n \0\x01\x1b!~\x7f\x80éжあ😀\ufeff\u200b"),
        st.sampled_from("abc"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=200,
)


@given(TEXT, st.integers(1, 40))
@settings(max_examples=400, deadline=None)
def test_random_text_splits_as_in_python(text: str, pieces: int) -> None:
    data = text.lstrip("\ufeff").encode()  # a mark of the byte order is not a word
    lines, tokenizer = tokenize(data, pieces)
    assert tokenizer.invalid == -1
    assert lines == split(data)
    assert tokenizer.n_words == sum(map(len, lines))


BROKEN = st.lists(
    st.one_of(
        st.binary(max_size=6),
        st.sampled_from("a é 😀 \u3000 \u2029 \n \ud7ff \ue000 \U0010ffff".split(" ")).map(
            lambda s: s.encode()
        ),
        st.sampled_from(
            [
                b"\xc0\x80",
                b"\xe0\x9f\xbf",
                b"\xed\xa0\x80",
                b"\xf0\x8f\xbf\xbf",
                b"\xf4\x90\x80\x80",
            ]
        ),
        st.sampled_from([b" ", b"\n", b"\xe2\x80", b"\xe2", b"\xf0\x9f\x98", b"\xff", b"word"]),
    ),
    max_size=12,
).map(b"".join)


@given(BROKEN, st.integers(1, 40))
@settings(max_examples=600, deadline=None)
def test_invalid_bytes_are_found_where_python_finds_them(data: bytes, pieces: int) -> None:
    expected = -1
    position = 0
    for line in data.split(b"\n"):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            expected = position + error.start
            break
        position += len(line) + 1
    lines, tokenizer = tokenize_or_stop(data, pieces)
    assert tokenizer.invalid == expected
    if expected >= 0:
        assert tokenizer.lines == data.count(b"\n", 0, expected)
    else:
        assert lines == split(data)


def tokenize_or_stop(data: bytes, pieces: int) -> tuple[list[list[str]], LineTokenizer]:
    table = WordTable()
    tokenizer = LineTokenizer(table, grow=True, keep=True, block_bytes=64)
    ids = feed(tokenizer, data, pieces)
    if tokenizer.invalid >= 0:
        return [], tokenizer
    words = [table.words()[i] for i in ids]
    lines = []
    for n in np.frombuffer(tokenizer.line_lengths(), np.int64).tolist():
        lines.append(words[:n])
        words = words[n:]
    return lines, tokenizer


@pytest.mark.parametrize("length", [*range(20), 63, 64, 65, 1000, 100_000])
def test_words_of_every_length(length: int) -> None:
    # Prefixes of one another, and words that differ in their last or first byte alone.
    words = ["x" * length + end for end in ("", "a", "b", "\0", "é")]
    words += [start + "x" * length for start in ("a", "\0")]
    data = " ".join(words).encode()
    assert tokenize(data, pieces=30)[0] == split(data)


def test_a_table_of_many_words_grows() -> None:
    words = [f"{i:x}" * (1 + i % 3) for i in range(20_000)]
    words = list(dict.fromkeys(words))
    table = WordTable()
    tokenizer = LineTokenizer(table, grow=True, keep=True)
    ids = feed(tokenizer, " ".join(words + words).encode(), 1 << 20)
    assert table.words() == words
    assert ids == list(range(len(words))) * 2
    counts = np.empty(len(words), np.int64)
    table.counts(counts)
    assert (counts == 2).all()


def test_a_known_vocabulary_is_not_changed() -> None:
    table = WordTable()
    # Keys that no text can hold keep their numbers free; of equal ones the first counts.
    table.fill(["b", 7, "", "\ud800", "a", "b", ("a", "b"), "ccccccccccccc"])
    tokenizer = LineTokenizer(table, grow=False, keep=True)
    assert feed(tokenizer, b"a b c\nccccccccccccc d b", 100) == [4, 0, -1, 7, -1, 0]
    assert tokenizer.n_words == 6
    assert tokenizer.n_known == 4
    assert len(table) == 8


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=20), min_size=1, max_size=6))
def test_merged_tables_are_one_table(parts: list[list[str]]) -> None:
    tables = []
    ids = []
    for words in parts:
        table = WordTable()
        tokenizer = LineTokenizer(table, grow=True, keep=True)
        ids.append(feed(tokenizer, " ".join(words).encode(), 50))
        tables.append(table)
    merged = tables[0]
    found = list(ids[0])
    for table, local in zip(tables[1:], ids[1:], strict=True):
        mapping = np.full(len(table), -1, np.int32)
        merged.merge(table, mapping)
        found += mapping[local].tolist() if local else []
    words = [word for part in parts for word in part]
    assert merged.words() == list(dict.fromkeys(words))
    assert [merged.words()[i] for i in found] == words
    counts = np.empty(len(merged), np.int64)
    merged.counts(counts)
    assert counts.tolist() == [words.count(word) for word in merged.words()]


def test_the_limit_stops_at_a_line_and_leaves_the_rest_undecoded() -> None:
    table = WordTable()
    tokenizer = LineTokenizer(table, grow=True, keep=True, limit=2)
    assert feed(tokenizer, b"a b\nc\nd \xff", 100) == [0, 1, 2]
    assert tokenizer.done
    assert tokenizer.invalid == -1
    assert table.words() == ["a", "b", "c"]
