"""Hostile native files: each is refused with its name, a reason, and no memory to speak of."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import ModelFileError, NegW2VWarning, TruncatedFileError

Header = dict[str, Any]


@pytest.fixture(scope="module")
def model_file(
    synthetic_sentences: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """The bytes of a model with every kind of array in it."""
    model = Word2Vec(
        synthetic_sentences[:500], vector_size=30, min_count=2, hs=1, workers=1, epochs=1
    )
    model.wv.set_vecattr(0, "tag", "noun")
    path = tmp_path_factory.mktemp("whole") / "model"
    model.save(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def vectors_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    vectors = KeyedVectors(3)
    vectors.add_vectors(["ä", "b", "c"], np.arange(9).reshape(3, 3))
    vectors.add_vectors([5], [[1, 2, 3]], {"count": np.array([7])})
    path = tmp_path_factory.mktemp("whole") / "vectors"
    vectors.save(path)
    return path.read_bytes()


def taken_apart(content: bytes) -> tuple[Header, bytearray]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), bytearray(content[8 + length :])


def put_together(header: Header | bytes, data: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def load(kind: Any, path: Path, mmap: str | None) -> Any:
    """Load, and ask for what may be decoded later."""
    loaded = kind.load(path, mmap=mmap)
    vectors = loaded.wv if isinstance(loaded, Word2Vec) else loaded
    assert len(vectors.index_to_key) == len(vectors.vectors)
    return loaded


def refused(path: Path, content: bytes, message: str, kind: Any = KeyedVectors) -> None:
    path.write_bytes(content)
    for mmap in (None, "r"):
        with pytest.raises(ModelFileError, match=message or None) as caught:
            load(kind, path, mmap)
        assert str(path) in str(caught.value)
        assert Path(caught.value.path) == path
        assert caught.value.reason


@pytest.mark.parametrize("mmap", [None, "r"])
def test_a_file_that_was_cut_off(model_file: bytes, tmp_path: Path, mmap: str | None) -> None:
    path = tmp_path / "cut"
    lengths = [*range(0, len(model_file), 1000), 1, 7, 8, 9, len(model_file) - 1]
    assert len(lengths) > 60
    for length in lengths:
        path.write_bytes(model_file[:length])
        with pytest.raises(TruncatedFileError) as caught:
            Word2Vec.load(path, mmap=mmap)
        assert caught.value.path == path


def test_bytes_too_many(vectors_file: bytes, tmp_path: Path) -> None:
    refused(tmp_path / "f", vectors_file + b"more", "4 bytes follow the end")


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (2**63, "the header is said to take"),
        (2**64 - 1, "the header is said to take"),
        (10**8 + 1, "the header is said to take"),
        (0, "header"),
        (3, "header"),
    ],
)
def test_a_size_of_the_header_that_lies(
    vectors_file: bytes, tmp_path: Path, length: int, message: str
) -> None:
    content = length.to_bytes(8, "little") + vectors_file[8:]
    refused(tmp_path / "f", content, message)


def tensor(name: str, **changes: Any) -> Callable[[Header, bytearray], None]:
    return lambda header, data: header[name].update(changes)


def metadata(**changes: Any) -> Callable[[Header, bytearray], None]:
    return lambda header, data: header["__metadata__"].update(changes)


def content(**changes: Any) -> Callable[[Header, bytearray], None]:
    def change(header: Header, data: bytearray) -> None:
        inner = json.loads(header["__metadata__"]["content"])
        inner.update(changes)
        header["__metadata__"]["content"] = json.dumps(inner)

    return change


def numbers(name: str, values: Any) -> Callable[[Header, bytearray], None]:
    """Other values in an array, in its place."""

    def change(header: Header, data: bytearray) -> None:
        start, end = header[name]["data_offsets"]
        dtype = {"I64": "<i8", "U8": "u1"}[header[name]["dtype"]]
        replaced = np.array(values, dtype=dtype).tobytes()
        assert len(replaced) == end - start
        data[start:end] = replaced

    return change


def swap(header: Header, data: bytearray) -> None:
    one, other = header["vectors"]["data_offsets"], header["keys.offsets"]["data_offsets"]
    header["vectors"]["data_offsets"], header["keys.offsets"]["data_offsets"] = other, one


def drop(name: str) -> Callable[[Header, bytearray], None]:
    return lambda header, data: header.update({name + " of old": header.pop(name)})


LIES: dict[str, tuple[Callable[[Header, bytearray], None], str]] = {
    "10^18 rows": (tensor("vectors", shape=[10**18, 3]), "header"),
    "rows beyond 64 bits": (tensor("vectors", shape=[2**63, 2**63]), "header"),
    "10^30 rows": (tensor("vectors", shape=[10**30, 3]), "header"),
    "a negative shape": (tensor("vectors", shape=[-4, -3]), "header"),
    "no shape": (tensor("vectors", shape=None), "header"),
    "offsets past the end": (tensor("vectors", data_offsets=[10**6, 10**6 + 48]), "header"),
    "offsets that overlap": (tensor("vectors", data_offsets=[0, 48]), "header"),
    "offsets that fall": (tensor("vectors", data_offsets=[88, 40]), "header"),
    "two arrays changed places": (swap, "header"),
    "an unknown type": (tensor("vectors", dtype="F33"), "header"),
    "a type that is not used": (tensor("vectors", dtype="BF16", shape=[8, 3]), "BF16"),
    "vectors of integers": (tensor("vectors", dtype="I32"), "'vectors' has shape"),
    "vectors of one dimension": (tensor("vectors", shape=[12]), "'vectors' has shape"),
    "vectors without dimensions": (
        lambda header, data: header.update({"vectors": {**header["vectors"], "shape": [3, 4]}}),
        "'keys.offsets' has shape",
    ),
    "text of other numbers": (tensor("keys.text", dtype="I8"), "'keys.text' has shape"),
    "a name that is missing": (drop("keys.text"), "'keys.text' is missing"),
    "no vectors": (drop("vectors"), "'vectors' is missing"),
    "an attribute that is missing": (drop("attributes.count"), "'attributes.count' is missing"),
    "an attribute of another length": (
        content(attributes={"count": "arrays"}),
        "attributes.count.offsets",
    ),
    "an attribute in an unknown way": (content(attributes={"count": "pickle"}), "not known"),
    "attributes that are a list": (content(attributes=["count"]), "should be a dict"),
    "events that are a number": (content(vectors_lifecycle_events=5), "should be a list"),
    "events that are numbers": (content(vectors_lifecycle_events=[5]), "should be a dict"),
    "another format": (metadata(format="pt"), "not one of negw2v's"),
    "a later version": (metadata(format_version="2"), "install a newer one"),
    "an endless version": (metadata(format_version="9" * 5000), "install a newer one"),
    "no version": (metadata(format_version=""), "format version"),
    "an unknown kind": (metadata(kind="FastText"), "'FastText'"),
    "bad JSON": (metadata(content="{"), "not valid JSON"),
    "JSON that is too deep": (metadata(content="[" * 100_000), "not valid JSON"),
    "JSON of another type": (metadata(content="[]"), "should be a dict"),
    "metadata that is no text": (metadata(content=5), "header"),
    "offsets of keys that fall": (
        numbers("keys.offsets", [0, 5, 3, 7, 9]),
        "offset of value 2 does not rise",
    ),
    "offsets of keys past the text": (numbers("keys.offsets", [0, 3, 5, 7, 99]), "do not go from"),
    "offsets of keys far past the text": (
        numbers("keys.offsets", [0, 2**62, 2**63 - 1, 7, 9]),
        "does not rise|offset",
    ),
    "negative offsets of keys": (numbers("keys.offsets", [-1, 3, 5, 7, 9]), "do not go from"),
    "offsets in the middle of keys": (numbers("keys.offsets", [0, 1, 5, 7, 9]), "line feed"),
    "bad UTF-8": (numbers("keys.text", list(b"\xff\xfe\nb\nc\n5\n")), "invalid UTF-8 in value 0"),
    "half a character": (numbers("keys.text", list(b"a\xc3\nb\nc\n5\n")), "invalid UTF-8"),
    "a surrogate": (numbers("keys.text", list(b"\xed\xa0\nb\nc\n5\n")), "invalid UTF-8"),
    "an unknown kind of key": (numbers("keys.kinds", [0, 0, 0, 9]), "kind 9"),
    "a key that is no number": (numbers("keys.kinds", [0, 1, 0, 1]), "its text is 'b'"),
    "a key that is no JSON": (numbers("keys.kinds", [0, 3, 0, 1]), "its text is 'b'"),
    "an empty key that is none": (numbers("keys.kinds", [0, 2, 0, 1]), "its text is 'b'"),
    "a word twice": (numbers("keys.text", list("ä\nb\nb\n5\n".encode())), "'b' stands for row 1"),
}


@pytest.fixture(scope="module")
def extended_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of version 1.1, with all that readers of version 1 do not know."""
    vectors = KeyedVectors(3)
    vectors.add_vectors([("a", b"b"), "c", "d"], np.arange(9).reshape(3, 3))
    vectors.expandos["count"] = np.arange(5)
    vectors.key_to_index["alias"] = 1
    vectors.vector_size, vectors.mine, vectors.grid = 4, (1, b"2"), np.eye(2)
    path = tmp_path_factory.mktemp("whole") / "extended"
    with pytest.warns(NegW2VWarning, match="count"):
        vectors.save(path)
    return path.read_bytes()


def text(name: str, old: bytes, new: bytes) -> Callable[[Header, bytearray], None]:
    """Other characters in the texts of an array."""

    def change(header: Header, data: bytearray) -> None:
        start, end = header[name]["data_offsets"]
        assert data.count(old, start, end) == 1
        assert len(old) == len(new)
        data[start:end] = data[start:end].replace(old, new)

    return change


EXTENDED_LIES: dict[str, tuple[Callable[[Header, bytearray], None], str]] = {
    "a file of version 1": (metadata(format_version="1"), "attributes.count"),
    "an attribute that is not said to be odd": (content(irregular=[]), "attributes.count"),
    "odd parts that are a number": (content(irregular=5), "should be a list"),
    "odd parts that are numbers": (content(irregular=[5]), "should be a str"),
    "a row that is not there": (numbers("lookup.rows", [0, 1, 2, 3]), "lookup.rows"),
    "a row before the first": (numbers("lookup.rows", [0, 1, 2, -1]), "lookup.rows"),
    "rows that are missing": (drop("lookup.rows"), "'lookup.rows' is missing"),
    "a tuple that is none": (text("keys.text", b'["a",', b'{"a":'), "kind 4"),
    "bytes that are none": (text("keys.text", b'"62"', b'"6z"'), "kind 4"),
    "a key that is a list": (text("keys.text", b'{"tuple":', b'{"tuplf":'), "key"),
    "a size that is text": (content(vectors_vector_size="4"), "should be a int"),
    "an attribute with a broken tag": (
        content(vectors_extra={"mine": {"tuple": 5}}),
        "'vectors_extra' in the metadata makes no sense",
    ),
    "a dict with keys that are none": (
        content(vectors_extra={"mine": {"dict": [[[], 1]]}}),
        "'vectors_extra' in the metadata makes no sense",
    ),
    "values that are too deep": (
        content(vectors_extra={"mine": json.loads("[" * 900 + "]" * 900)}),
        "",
    ),
}


@pytest.mark.filterwarnings("ignore:.*kept as it is")
@pytest.mark.parametrize("lie", EXTENDED_LIES)
def test_lies_about_what_version_1_does_not_have(
    lie: str, extended_file: bytes, tmp_path: Path
) -> None:
    change, message = EXTENDED_LIES[lie]
    header, data = taken_apart(extended_file)
    change(header, data)
    if not message:  # refused, or read
        (tmp_path / "f").write_bytes(put_together(header, bytes(data)))
        with contextlib.suppress(ModelFileError):
            KeyedVectors.load(tmp_path / "f")
        return
    refused(tmp_path / "f", put_together(header, bytes(data)), message)


@pytest.mark.parametrize("lie", LIES)
def test_a_file_that_lies(vectors_file: bytes, tmp_path: Path, lie: str) -> None:
    change, message = LIES[lie]
    header, data = taken_apart(vectors_file)
    change(header, data)
    refused(tmp_path / "f", put_together(header, bytes(data)), message)


@pytest.mark.parametrize(
    "header",
    [b"{", b"[]", b"{\xff}", b'{"vectors": 5}', b"{" * 100_000, b'{"__metadata__": {"a": null}}'],
    ids=["open", "a list", "no UTF-8", "a number", "deep", "no text"],
)
def test_a_header_that_is_none(tmp_path: Path, header: bytes) -> None:
    refused(tmp_path / "f", put_together(header, b""), "")


def test_a_key_that_cannot_be_one(vectors_file: bytes, tmp_path: Path) -> None:
    header, data = taken_apart(vectors_file)
    numbers("keys.text", list(b"[]\nb\nc\n5\n"))(header, data)
    numbers("keys.kinds", [3, 0, 0, 1])(header, data)
    refused(tmp_path / "f", put_together(header, bytes(data)), "cannot be a key")


PARAMETERS: dict[str, Any] = {
    "vector_size": [7, "x", None, -1, 10**30, [1], {"a": 1}],
    "alpha": ["x", -1, [1]],
    "window": [0, "x", 10**30],
    "seed": ["x", -1, {}],
    "unknown_parameter": [5],
    "self": [5],
    "sentences": [["a"]],
    "corpus_file": ["/etc/passwd"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in PARAMETERS.items() for value in values]
)
def test_parameters_that_make_no_sense(
    model_file: bytes, tmp_path: Path, name: str, value: Any
) -> None:
    header, data = taken_apart(model_file)
    inner = json.loads(header["__metadata__"]["content"])
    inner["parameters"][name] = value
    content(parameters=inner["parameters"])(header, data)
    refused(tmp_path / "f", put_together(header, bytes(data)), "", Word2Vec)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": {"corpus_count": "x"}}, "corpus_count"),
        ({"state": {"layer1_size": 10**30, "train_count": []}}, "train_count"),
        ({"state": []}, "should be a dict"),
        ({"parameters": None}, "should be a dict"),
        ({"training": 5}, "should be a dict"),
        ({"extra": "x"}, "should be a dict"),
    ],
)
def test_other_metadata_of_a_model(
    model_file: bytes, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    header, data = taken_apart(model_file)
    content(**changes)(header, data)
    refused(tmp_path / "f", put_together(header, bytes(data)), message, Word2Vec)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("syn1neg", 1), ("syn1", 1), ("cum_table", 1), ("vectors_lockf", 0)],
)
def test_weights_that_do_not_fit(model_file: bytes, tmp_path: Path, name: str, shape: int) -> None:
    header, data = taken_apart(model_file)
    header[name]["shape"] = header[name]["shape"][::-1] + [1] * (1 + shape)
    refused(tmp_path / "f", put_together(header, bytes(data)), f"'{name}' has shape", Word2Vec)


def test_extra_attributes_replace_nothing(model_file: bytes, tmp_path: Path) -> None:
    header, data = taken_apart(model_file)
    content(
        extra={"train": 1, "__class__": 2, "_huffman": 3, "note": 4}, vectors_extra={"vectors": 5}
    )(header, data)
    path = tmp_path / "f"
    path.write_bytes(put_together(header, bytes(data)))
    loaded = Word2Vec.load(path)
    assert callable(loaded.train)
    assert type(loaded) is Word2Vec
    assert loaded._huffman is None
    assert loaded.note == 4
    assert loaded.wv.vectors.ndim == 2


def test_any_byte_may_be_wrong(vectors_file: bytes, model_file: bytes, tmp_path: Path) -> None:
    """Some changes cannot be noticed; those that are, are told in our words."""
    random = np.random.default_rng(1)
    noticed = 0
    path = tmp_path / "f"
    for whole, kind, places in (
        (vectors_file, KeyedVectors, range(len(vectors_file))),
        (model_file, Word2Vec, random.integers(0, 4000, 300).tolist()),
    ):
        for place in places:
            damaged = bytearray(whole)
            damaged[place] ^= int(random.integers(1, 256))
            path.write_bytes(damaged)
            try:
                load(kind, path, "r" if place % 2 else None)
            except ModelFileError:
                noticed += 1
    assert noticed > 300


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04" + b"x" * 60, "zip archive"),
        (b"\x93NUMPY\x01\x00" + b"x" * 60, "npy"),
        (b"100 5\nthe 0.1 0.2 0.3 0.4 0.5\n", r"load_word2vec_format\(\)"),
        (b"just some text that is nothing\n", "neither a file of negw2v"),
        (b"\x00" * 100, "neither a file of negw2v"),
        (b"\x80\x04\x95broken pickle", ""),
        (gzip.compress(b"just some text"), ""),
        (gzip.compress(b"x" * 10_000)[:-20], "cut off"),
    ],
)
def test_other_files(tmp_path: Path, first: bytes, message: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(first)
    for kind in (KeyedVectors, Word2Vec):
        with pytest.raises(ModelFileError, match=message or None) as caught:
            kind.load(path)
        assert str(path) in str(caught.value)


BOUNDED = """
import resource, sys
from pathlib import Path
from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import ModelFileError
import safetensors
KeyedVectors.load(sys.argv[1])
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (32 << 20),) * 2)
for path in sorted(Path(sys.argv[2]).iterdir()):
    for mmap in (None, "r"):
        try:
            len(KeyedVectors.load(path, mmap=mmap).index_to_key)
        except ModelFileError:
            continue
        raise AssertionError(f"{path} was loaded")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("bounded", peak)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and limits the address space")
@pytest.mark.skipif(
    "NEGW2V_SANITIZE" in os.environ, reason="AddressSanitizer takes terabytes of addresses"
)
def test_memory_is_bounded(vectors_file: bytes, tmp_path: Path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "lies"
    whole.write_bytes(vectors_file)
    folder.mkdir()
    for number, (change, _) in enumerate(LIES.values()):
        header, data = taken_apart(vectors_file)
        change(header, data)
        (folder / f"{number}").write_bytes(put_together(header, bytes(data)))
    for length in (10**8, 2**62):
        (folder / f"length {length}").write_bytes(length.to_bytes(8, "little") + vectors_file[8:])
    finished = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(whole), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("bounded")
