"""Keys that collide, and pickles that multiply, are refused in a time that their size justifies."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, ModelFileError, ParameterError
from negw2v.corpus._tokenizer import LineTokenizer, WordTable
from negw2v.formats import values
from negw2v.formats._probes import Probes
from negw2v.formats.flooding import Flood, refuse_flood
from negw2v.formats.gensim import reading as gensim_files
from negw2v.formats.native.writing import write as write_native
from negw2v.formats.records import VectorsRecord

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
PRIME = sys.hash_info.modulus


def of_one_hash(count: int) -> list[int]:
    return [PRIME * number for number in range(1, count + 1)]


def native_file(keys: list[Any], path: Path) -> None:
    """What save() would write, were it not refused."""
    record = VectorsRecord(keys, np.zeros((len(keys), 1), np.float32))
    with path.open("wb") as file:
        write_native(file, record)


class Slot:
    """How long a dict takes, counted: each look at a key of the same hash is a comparison."""

    compared = 0

    def __init__(self, hashed: int) -> None:
        self.hashed = hashed

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        Slot.compared += 1
        return self is other


@pytest.mark.parametrize("count", [5, 6, 100, 1000])
def test_probes_are_those_of_a_dict(count: int) -> None:
    """Of one hash, each key is compared with all before it: so many places are looked at."""
    Slot.compared = 0
    dict.fromkeys([Slot(7) for _ in range(count)])
    probes = Probes()
    assert probes.add(np.full(count, 7), 1 << 60)
    assert Slot.compared == count * (count - 1) // 2
    assert len(probes) == count
    assert probes.count >= Slot.compared  # and those of the tables that grew


@pytest.mark.parametrize(
    "keys",
    [
        range(200_000),
        range(-100_000, 100_000),
        [number << 32 for number in range(100_000)],
        [number << 40 for number in range(100_000)],
        [number * 1_000_003 for number in range(100_000)],
        np.random.default_rng(0).integers(-PRIME, PRIME, 100_000).tolist(),
        [number / 8 for number in range(100_000)],
        [number * 1e300 for number in range(50_000)],
        [(number, number % 7) for number in range(100_000)],
        [((number,), "a") for number in range(50_000)],
        [f"w{number}" for number in range(50_000)],
        [True, False, None, 1.5, "a", b"b", (1, "c")],
        [],
    ],
    ids=lambda keys: ascii(keys)[:20],
)
def test_keys_of_programs_are_accepted(keys: Any) -> None:
    refuse_flood(list(keys))
    flood = Flood()
    for start in range(0, len(keys), 1000):
        flood.refuse(list(keys)[start : start + 1000])


@pytest.mark.parametrize(
    "keys",
    [
        of_one_hash(2000),
        [float(key) for key in of_one_hash(30)] + of_one_hash(2000),
        [(key,) for key in of_one_hash(2000)],
        [("a", key, 1) for key in of_one_hash(2000)],
        [*map(str, range(5000)), *of_one_hash(2000)],
        [*range(1, 30_000), *of_one_hash(3000)],
    ],
    ids=["int", "float", "tuple", "tuple of more", "among text", "among others"],
)
def test_keys_of_one_hash_are_refused(keys: list[Any]) -> None:
    with pytest.raises(ParameterError, match=r"hashes which collide .* use their text as keys"):
        refuse_flood(keys)
    flood = Flood()
    with pytest.raises(ParameterError, match="hashes which collide"):  # noqa: PT012
        for start in range(0, len(keys), 100):
            flood.refuse(keys[start : start + 100])


@pytest.mark.parametrize("mmap", [None, "r"])
def test_native_files(mmap: str | None, tmp_path: Path) -> None:
    path = tmp_path / "flood"
    for keys in (of_one_hash(4000), [(key, "a") for key in of_one_hash(4000)]):
        native_file(keys, path)
        with pytest.raises(ModelFileError, match="hashes which collide") as caught:
            len(KeyedVectors.load(path, mmap=mmap).key_to_index)
        assert str(path) in str(caught.value)
    native_file(list(range(20_000)), path)
    assert KeyedVectors.load(path, mmap=mmap).key_to_index[19_999] == 19_999


def test_dicts_in_attributes(tmp_path: Path) -> None:
    vectors = KeyedVectors(1)
    vectors.add_vectors(["a"], [[1]])
    vectors.table = dict.fromkeys([1, 2, "x"])  # type: ignore[attr-defined]
    vectors.save(tmp_path / "v")
    assert KeyedVectors.load(tmp_path / "v").table == dict.fromkeys([1, 2, "x"])
    pairs = [[key, None] for key in of_one_hash(3000)]
    tag = next(iter(values.as_json({1: None, "x": None})))
    assert json.dumps({tag: pairs})
    with pytest.raises(ParameterError, match="hashes which collide"):
        values.from_json({tag: pairs})


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize(
    "value",
    [
        dict.fromkeys(of_one_hash(3000)),
        dict.fromkeys((key,) for key in of_one_hash(3000)),
        set(of_one_hash(3000)),
        frozenset(of_one_hash(3000)),
    ],
    ids=["dict", "tuples", "set", "frozenset"],
)
def test_pickles(value: Any, protocol: int, tmp_path: Path) -> None:
    if isinstance(value, (set, frozenset)) and protocol == 2:
        pytest.skip("a call, of set")
    path = tmp_path / "flood"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    with pytest.raises(ModelFileError, match="hashes which collide") as caught:
        gensim_files.read(path)
    assert str(path) in str(caught.value)


def test_long_keys_that_are_equal(tmp_path: Path) -> None:
    """Each time that one of them is looked up, it is compared with the other, byte by byte."""
    long = 100_000
    text = b"X" + long.to_bytes(4, "little") + b"x" * long
    content = b"\x80\x02}" + text + b"q\0N" + b"s" + text + b"q\x01N" + b"s" + b"h\x01Ns" * 50_000
    path = tmp_path / "keys"
    path.write_bytes(content + b".")
    with pytest.raises(ModelFileError, match=r"bytes of keys in .* this is a bomb"):
        gensim_files.read(path)


BOMBS = {
    "None": b"N",
    "the same again": b"2",
    "marks": b"(",
    "written down": b"\x94",
    "empty tuples": b")",
    "lists": b"]",
    "sets": b"\x8f",
    "dicts": b"}",
}


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("opcode", BOMBS)
def test_opcodes_that_multiply(suffix: str, opcode: str, tmp_path: Path) -> None:
    """What a byte of an unpacked pickle may make, a byte of a packed one may not a thousandfold."""
    path = tmp_path / f"bomb{suffix}"
    path.write_bytes(PACKERS[suffix](b"\x80\x04K\1" + BOMBS[opcode] * 6_000_000 + b"."))
    with pytest.raises(ModelFileError, match="this is a bomb") as caught:
        KeyedVectors.load(path)
    assert caught.value.position is not None
    assert caught.value.position < 3_000_000
    with pytest.raises(ModelFileError, match="this is a bomb"):
        gensim_files.read(path)


@pytest.mark.parametrize("suffix", PACKERS)
def test_regular_pickles_are_no_bombs(suffix: str, tmp_path: Path) -> None:
    """Words that are numbered compress best."""
    words = [str(number) for number in range(300_000)]
    data = pickle.dumps(
        {"a": words, "b": {word: row for row, word in enumerate(words)}}, protocol=4
    )
    path = tmp_path / f"words{suffix}"
    path.write_bytes(PACKERS[suffix](data))
    with pytest.raises(ModelFileError, match="holds a dict, neither a model nor vectors"):
        KeyedVectors.load(path)


def test_words_that_would_share_a_place_without_a_secret() -> None:
    """Two processes put the same words into different places: nobody can choose them."""
    code = (
        "from negw2v.corpus._tokenizer import secret_place; "
        "print(*[secret_place(b'word%d' % i) for i in range(50)])"
    )
    command = [sys.executable, "-c", code]
    runs = {
        subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)
    }
    assert len(runs) == 3


def test_ids_do_not_depend_on_the_secret() -> None:
    table = WordTable()
    tokenizer = LineTokenizer(table, grow=True, keep=True)
    text = b"b a b longer_than_eight a\n"
    tokenizer.free_space()[: len(text)] = text
    tokenizer.feed(len(text), last=True)
    assert table.words() == ["b", "a", "longer_than_eight"]
    assert list(tokenizer.tokens()) == [0, 1, 0, 2, 1]
