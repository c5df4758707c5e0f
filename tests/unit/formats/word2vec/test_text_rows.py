"""Numbers in text files are read and written exactly: NumPy and Python say what is right."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from negw2v.formats import _text_rows
from negw2v.formats.word2vec.writing import exponent_from

DIGITS = st.text("0123456789", max_size=30)
DECIMALS = st.builds(
    lambda sign, whole, point, part, exponent: sign + whole + point + part + exponent,
    st.sampled_from(["", "-", "+"]),
    DIGITS,
    st.sampled_from(["", "."]),
    DIGITS,
    st.one_of(st.just(""), st.builds("e{}".format, st.integers(-400, 400))),
)
TOKENS = st.one_of(
    DECIMALS,
    st.floats().map(repr),
    st.floats(width=32).map(lambda number: str(np.float32(number))),
    st.floats(-1, 1).map("{:.6f}".format),
    st.sampled_from("inf -Infinity nan 1_000 1__0 0x10 1e --1 ٣.٥ 1e+".split()),
)


def read(tokens: Sequence[str], dtype: Any, dimensions: int = 1) -> tuple[np.ndarray, int]:
    lines = [
        "w " + " ".join(tokens[at : at + dimensions]) + "\n"
        for at in range(0, len(tokens), dimensions)
    ]
    block = "".join(lines).encode()
    out = np.empty((len(lines), dimensions), dtype=dtype)
    words, fault, _, _ = _text_rows.read_lines(
        block + bytes(_text_rows.PADDING),
        len(block),
        out,
        "utf8",
        "strict",
        False,
        lambda text: float(text.decode()),
    )
    return out[: len(words)].ravel(), fault


def same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    return ours.tobytes() == theirs.tobytes() or bool(
        np.array_equal(ours, theirs, equal_nan=True)
        and np.array_equal(np.signbit(ours), np.signbit(theirs))
    )


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=500)
@given(token=TOKENS)
@example("8.5899345920000001e9")
@example("340282356779733661637539395458142568447.9999999")
@example("9007199254740993")
@example("0.000000000000000000000000000000000000011754943508222875079687365372")
@example("2.2250738585072014e-308")
@example("4.9e-324")
def test_a_number_is_what_numpy_makes_of_it(dtype: Any, token: str) -> None:
    try:
        wanted = np.array([dtype(token)]) if token.strip() == token else None
    except ValueError:
        wanted = None
    found, fault = read([token], dtype)
    if wanted is None:
        assert fault in {_text_rows.NO_NUMBER, _text_rows.TOO_FEW}
    else:
        assert fault == _text_rows.SOUND
        assert same(found, wanted)


@pytest.mark.filterwarnings("ignore:overflow")
def test_numbers_next_to_the_middle_between_two_floats() -> None:
    bits = np.random.default_rng(0).integers(0x00800000, 0x7F000000, 2000, dtype=np.uint32)
    tokens = []
    with localcontext() as context:
        context.prec = 200
        for lower in bits.view(np.float32):
            upper = np.nextafter(lower, np.float32(np.inf))
            middle = (Decimal(float(lower)) + Decimal(float(upper))) / 2
            tokens += [str(middle * (1 + Decimal(step))) for step in ("0", "1e-30", "-1e-30")]
            tokens.append(repr(float(middle)))
    found, fault = read(tokens, np.float32, dimensions=4)
    assert fault == _text_rows.SOUND
    assert same(found, np.array([np.float32(token) for token in tokens]))


def written(numbers: np.ndarray) -> list[str]:
    rows = numbers.reshape(-1, 1)
    edges = 2 * np.arange(len(rows) + 1)
    text = bytes(_text_rows.write_lines(rows, b"w " * len(rows), edges, exponent_from()))
    return [line[2:] for line in text.decode().split("\n")[:-1]]


def test_numbers_are_written_as_numpy_writes_them_and_read_back() -> None:
    random = np.random.default_rng(1)
    exponents = np.arange(256, dtype=np.uint32) << 23
    near = exponents[:, np.newaxis] + np.arange(-3, 4, dtype=np.int64)
    bits = np.concatenate(
        [
            random.integers(0, 2**32, 20_000, dtype=np.uint32),
            np.arange(300, dtype=np.uint32),
            (near & 0xFFFFFFFF).astype(np.uint32).ravel(),
        ]
    )
    numbers = np.concatenate(
        [
            bits.view(np.float32),
            -bits.view(np.float32),
            random.standard_normal(20_000).astype(np.float32),
            np.arange(0, 3e7, 9973, dtype=np.float32),
            (10.0 ** np.arange(-45, 39)).astype(np.float32),
            np.float32([0.0, -0.0, np.inf, -np.inf, np.nan, 0.1, 1e-4, 9.9999e-5, 16777216.0]),
        ]
    )
    text = written(numbers)
    assert text == [str(number) for number in numbers]
    finite = np.isfinite(numbers)
    found, fault = read([part for part, keep in zip(text, finite, strict=True) if keep], np.float32)
    assert fault == _text_rows.SOUND
    assert found.tobytes() == numbers[finite].tobytes()


def test_blocks_without_padding_or_whole_lines_are_refused() -> None:
    out = np.empty((1, 1), dtype=np.float32)
    options = ("utf8", "strict", True, float)
    with pytest.raises(ValueError, match="padding"):
        _text_rows.read_lines(b"a 1\n", 4, out, *options)
    with pytest.raises(ValueError, match="padding"):
        _text_rows.find_lines(b"a 1\n", 4, 1, 1)
    with pytest.raises(ValueError, match="does not end"):
        _text_rows.read_lines(b"a 1 " + bytes(_text_rows.PADDING), 4, out, *options)
    with pytest.raises(ValueError, match="fewer"):
        _text_rows.read_lines(bytes(_text_rows.PADDING), 0, out, *options)
    with pytest.raises(ValueError, match="fewer"):
        _text_rows.read_records(b"a 1" + bytes(_text_rows.PADDING), 3, out, "utf8", "strict", True)
    with pytest.raises(ValueError, match="one head per row"):
        _text_rows.write_lines(out, b"w ", np.array([0, 1]), 1e6)
    with pytest.raises(ValueError, match="ascend"):
        _text_rows.write_lines(np.zeros((2, 1), np.float32), b"w ", np.array([0, 5, 2]), 1e6)
