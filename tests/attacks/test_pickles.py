"""Hostile pickles: nothing in them is run, and they get no more memory than they are large."""

from __future__ import annotations

import collections
import os
import pickle
import random
import struct
import subprocess
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, ModelFileError, TruncatedFileError, UnsafeFileError, Word2Vec

PROTO = b"\x80\x04"


class Calls:
    """Pickled, it calls a function when it is loaded."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


CODE = {
    "os.system": Calls(os.system, "touch ran"),
    "open": Calls(open, "ran", "w"),
    "subprocess": Calls(subprocess.check_output, ["touch", "ran"]),
    "eval": Calls(eval, "open('ran', 'w')"),
    "exec": Calls(exec, "open('ran', 'w')"),
    "getattr": Calls(getattr, "a", "upper"),
    "__import__": Calls(__import__, "os"),
    "numpy.load": Calls(np.load, "ran"),
    "pickle.loads": Calls(pickle.loads, b"cos\nsystem\n(S'touch ran'\ntR."),
    "a huge range": Calls(range, 10**18),
    "bytes of a size": Calls(bytes, 10**12),
    "bytearray": Calls(bytearray, 10**12),
    "numpy.zeros": Calls(np.zeros, 10**12),
    "map": Calls(map, print, [1]),
    "partial": Calls(__import__("functools").partial, os.system, "touch ran"),
    "Counter": collections.Counter("a"),
    "a function": os.system,
    "random": random.Random(1),
    "a namespace": types.SimpleNamespace(a=1),
    "a path": Path("ran"),
    "defaultdict of a list": collections.defaultdict(list),
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("name", CODE)
def test_code_is_not_run(
    name: str, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps({"a": [CODE[name]]}, protocol=protocol))
    for load in (Word2Vec.load, KeyedVectors.load):
        with pytest.raises(UnsafeFileError, match="nothing was run") as caught:
            load(path)
        assert str(path) in str(caught.value)
        assert caught.value.position is not None
    assert not (tmp_path / "ran").exists()


def test_the_name_that_was_wanted_is_in_the_message(tmp_path: Path) -> None:
    for wanted in ("posix.system", "builtins.eval", "subprocess.check_output"):
        module, name = wanted.split(".")
        for text in (
            b"\x80\x02c" + f"{module}\n{name}\n".encode() + b")R.",
            PROTO + short(module) + short(name) + b"\x93)R.",
        ):
            (tmp_path / "model").write_bytes(text)
            with pytest.raises(UnsafeFileError, match=wanted):
                KeyedVectors.load(tmp_path / "model")


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def array_with(shape: bytes, data: bytes) -> bytes:
    """An array of float32 whose shape and data are given as opcodes."""
    numpy = short("numpy._core.multiarray")
    dtype = short("numpy") + short("dtype") + b"\x93" + short("f4") + b"\x85R"
    return (
        numpy + short("_reconstruct") + b"\x93" + short("numpy") + short("ndarray") + b"\x93"
        + b"K\x00\x85C\x01b\x87R(K\x01" + shape + dtype + b"\x89" + data + b"tb"
    )  # fmt: skip


SIZES = {"four bytes": b"B\xff\xff\xff\x7f", "eight bytes": b"\x8e" + struct.pack("<Q", 1 << 60)}
# name: pickle, error
BROKEN: dict[str, tuple[bytes, type[Exception]]] = {
    "nothing behind the protocol": (PROTO, TruncatedFileError),
    "no result": (PROTO + b".", ModelFileError),
    "two results": (PROTO + b"NN.", ModelFileError),
    "an unknown protocol": (b"\x80\x09N.", ModelFileError),
    "an unknown opcode": (PROTO + b"\xff.", ModelFileError),
    "an empty stack": (PROTO + b"a.", ModelFileError),
    "no mark": (PROTO + b"Nt.", ModelFileError),
    "a mark for a value": (PROTO + b"(\x85.", ModelFileError),
    "something else": (PROTO + b"K\x05.", ModelFileError),
    "a frame of 2^63 bytes": (PROTO + b"\x95" + b"\xff" * 8 + b"N.", ModelFileError),
    "bytes of 2 GB": (PROTO + SIZES["four bytes"] + b"x.", TruncatedFileError),
    "bytes of 2^60": (PROTO + SIZES["eight bytes"] + b"x.", TruncatedFileError),
    "a bytearray of 2^60": (PROTO + b"\x96" + struct.pack("<Q", 1 << 60), TruncatedFileError),
    "text of 2^60": (PROTO + b"\x8d" + struct.pack("<Q", 1 << 60) + b"x.", TruncatedFileError),
    "an integer of 2 GB": (PROTO + b"\x8b\xff\xff\xff\x7f", ModelFileError),
    "a memo of 2^32": (PROTO + b"Nr\xff\xff\xff\xff.", ModelFileError),
    "an unknown memo": (PROTO + b"j\xff\xff\xff\xff.", ModelFileError),
    "invalid text": (PROTO + b"\x8c\x01\xff.", ModelFileError),
    "a name without end": (b"\x80\x02c" + b"a" * 5000, ModelFileError),
    "a number that is called": (PROTO + b"K\x01)R.", UnsafeFileError),
    "a persistent object": (PROTO + b"K\x01Q.", UnsafeFileError),
    "an extension": (PROTO + b"\x82\x01.", UnsafeFileError),
    "an instance": (b"\x80\x02(ios\nsystem\n.", UnsafeFileError),
    "state for a number": (PROTO + b"K\x01}b.", UnsafeFileError),
    "a list as a key": (PROTO + b"}]Ns.", ModelFileError),
    "a nested tuple as a key": (PROTO + b"}N\x85\x85\x85\x85Ns.", ModelFileError),
    "an array of 10^15": (
        PROTO
        + array_with(b"\x8a\x07" + (10**15).to_bytes(7, "little") + b"\x85", b"C\x04abcd")
        + b".",
        ModelFileError,
    ),
    "an array of a shape that overflows": (
        PROTO + array_with(b"(" + b"J\x00\x00\x00\x40" * 4 + b"t", b"C\x04abcd") + b".",
        ModelFileError,
    ),
    "a negative shape": (
        PROTO + array_with(b"J\xff\xff\xff\xff\x85", b"C\x04abcd") + b".",
        ModelFileError,
    ),
    "an array of objects": (PROTO + array_with(b"K\x01\x85", b"]") + b".", ModelFileError),
    "a dtype of objects": (
        PROTO + short("numpy") + short("dtype") + b"\x93" + short("V8") + b"\x85R.",
        UnsafeFileError,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pickle_is_refused(name: str, tmp_path: Path) -> None:
    content, error = BROKEN[name]
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(error) as caught:
        KeyedVectors.load(tmp_path / "model")
    assert isinstance(caught.value, ModelFileError)
    assert str(tmp_path / "model") in str(caught.value)


def model_with(attribute: bytes) -> bytes:
    """Vectors of a class of somebody's, with an attribute that the given opcodes make."""
    row = array_with(b"K\x01K\x03\x86", b"C\x0c" + np.ones(3, np.float32).tobytes())
    state = short("index_to_key") + b"]" + short("a") + b"a" + short("vectors") + row
    return (
        PROTO + short("somewhere") + short("Vectors") + b"\x93)\x81"
        + b"}(" + state + short("more") + attribute + b"ub."
    )  # fmt: skip


POSIX = short("posix") + short("system") + b"\x93"


@pytest.mark.parametrize(
    "harmless",
    [
        POSIX,  # mentioned, as a function that a model was given is
        POSIX + b")\x81",
        POSIX + short("touch ran") + b"\x85\x81",
        POSIX + short("touch ran") + b"\x85}\x92",
        POSIX + b")\x81" + short("touch ran") + b"b",
        POSIX + b")\x81" + short("a") + b"a" + short("b") + b"a",
        POSIX + b")\x81" + short("a") + b"Ns",
    ],
)
@pytest.mark.filterwarnings("ignore:.*an object of the class somewhere")
def test_names_that_are_written_down_are_never_called(
    harmless: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").write_bytes(model_with(harmless))
    loaded = KeyedVectors.load(tmp_path / "model")
    assert loaded.index_to_key == ["a"]
    assert not any("posix" in str(vars(loaded)[name]) for name in vars(loaded))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "hostile",
    [
        POSIX + b")R",
        POSIX + short("touch ran") + b"\x85R",
        POSIX + b")\x81" + short("a") + b"a" + short("b") + b"Ns",
        POSIX + b"\x85\x85\x85R",
        b"}" + POSIX + b"Ns",
        short("copyreg") + short("_reconstructor") + b"\x93" + POSIX + POSIX + b"N\x87R",
    ],
)
def test_names_that_are_called_are_refused_wherever_they_are(
    hostile: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").write_bytes(model_with(hostile))
    with pytest.raises(ModelFileError):
        KeyedVectors.load(tmp_path / "model")
    assert not (tmp_path / "ran").exists()


ROW, ROWS = np.ones((1, 3), np.float32), np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"vectors": None},
        {"vectors": "text"},
        {"vectors": np.ones(3)},
        {"vectors": ROWS},
        {"vectors": ROW, "index_to_key": [[1]]},
        {"vectors": np.ones((1, 3), np.int32), "index_to_key": ["a"]},
        {"vectors": ROWS, "index_to_key": ["a", "a"]},
        {"vectors": ROW, "index_to_key": ["a"], "expandos": {"count": 5}},
        {"vectors": ROW, "index_to_key": ["a"], "expandos": {5: np.ones(1)}},
        {"vectors": ROW, "index_to_key": ["a"], "key_to_index": {"a": 1}},
        {"vectors": ROW, "index_to_key": ["a"], "key_to_index": {"a": "row"}},
        {"vectors": ROW, "index_to_key": [[]]},
        {"vectors": ROW, "index_to_key": [((1,) * 9,)]},
        {"vectors": ROW, "index2word": ["a"], "vocab": {}},
        {"vectors": ROW, "index2word": ["a"], "vocab": {"a": 5}},
        {"__numpys": ["../../secret"]},
        {"__numpys": "vectors"},
        {"__recursive_saveloads": ["vectors"]},
        {"__scipys": ["vectors"]},
    ],
)
def test_vectors_whose_parts_do_not_fit(state: dict[str, Any], tmp_path: Path) -> None:
    body = pickle.dumps(state, protocol=4)[2:]
    if body.startswith(b"\x95"):
        body = body[9:]
    made = short("gensim.models.keyedvectors") + short("KeyedVectors") + b"\x93)\x81"
    # the memo of the state begins at 0, so nothing before it is written down
    (tmp_path / "model").write_bytes(PROTO + made + body[:-1] + b"b.")
    with pytest.raises(ModelFileError) as caught:
        KeyedVectors.load(tmp_path / "model")
    assert str(tmp_path / "model") in str(caught.value)


BOMBS = {
    "lists": PROTO + b"(" + b"]" * 3_000_000 + b"t.",
    "dicts": PROTO + b"(" + b"}" * 3_000_000 + b"t.",
    "tuples in tuples": PROTO + b"N" + b"\x85" * 3_000_000 + b".",
    "lists of lists": PROTO + b"]" + b"]a" * 1_500_000 + b".",
    "ten times ten times": PROTO + b"N" + b"(" * 9 + (b"q\x00" + b"h\x00" * 9 + b"t") * 9 + b".",
    "names": PROTO + b"X\x00\x10\x00\x00" + b"x" * 4096 + b"\x94(" + b"h\x00h\x00\x93" * 2_000_000,
    "memo": PROTO + b"N" + b"\x94" * 3_000_000 + b".",
    "copies": PROTO + b"N" + b"2" * 3_000_000 + b".",
}


def test_bombs_get_no_memory(
    confined: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    for name, content in BOMBS.items():
        (tmp_path / name).write_bytes(content)
    code = """
    from pathlib import Path
    for file in sorted(Path(path).iterdir()):
        try:
            KeyedVectors.load(file)
        except ModelFileError as error:
            print(type(error).__name__, error)
    """
    finished = confined(code, tmp_path)
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert len(finished.stdout.splitlines()) == len(BOMBS)


def test_a_pickle_cut_anywhere_is_refused(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes this file")
    model = models.Word2Vec([["a", "b", "c"]] * 20, vector_size=80, min_count=1, workers=1)
    model.save(str(tmp_path / "whole"))
    content, path = (tmp_path / "whole").read_bytes(), tmp_path / "cut"
    for cut in [*range(1, len(content), 101), len(content) - 1]:
        path.write_bytes(content[:cut])
        with pytest.raises(ModelFileError) as caught:
            Word2Vec.load(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ModelFileError),
        (b"\x93NUMPY\x01\x00", ModelFileError),
        ("shape of 24,000", TruncatedFileError),
        ("objects", UnsafeFileError),
        ("cut", TruncatedFileError),
        ("longer", ModelFileError),
    ],
)
def test_arrays_beside_a_pickle(content: Any, error: type[Exception], tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes this file")
    model = models.Word2Vec([["a", "b", "c"]] * 20, vector_size=80, min_count=1, workers=1)
    model.save(str(tmp_path / "model"), sep_limit=0)
    array = tmp_path / "model.wv.vectors.npy"
    whole = array.read_bytes()
    if content == "objects":
        np.save(array, np.array([Calls(os.system, "touch ran")], dtype=object))
    else:
        array.write_bytes(
            {
                "shape of 24,000": whole.replace(b"(3, 80), }  ", b"(3, 8000), }"),
                "cut": whole[:-1],
                "longer": whole + b"x",
            }.get(content, content)
        )  # fmt: skip
    with pytest.raises(error) as caught:
        Word2Vec.load(tmp_path / "model")
    assert str(array) in str(caught.value)
