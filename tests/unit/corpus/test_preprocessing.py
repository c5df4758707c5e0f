"""Text to words; tests/contract/test_utils.py compares these functions with gensim's."""

from __future__ import annotations

import pytest

from negw2v.corpus import preprocessing
from negw2v.errors import InputTypeError


def test_words_are_runs_of_letters() -> None:
    text = "Café, déjà-vu; 2nd word2vec_c 'n' 1.5"
    words = ["Café", "déjà", "vu", "nd", "word", "vec_c", "n"]
    assert list(preprocessing.simple_tokenize(text)) == words
    assert list(preprocessing.tokenize(text.encode(), deacc=True))[:3] == ["Cafe", "deja", "vu"]


def test_short_long_and_private_words_are_left_out() -> None:
    text = "A of _private Unquestionableness incomprehensibilities"
    assert preprocessing.simple_preprocess(text) == ["of"]
    assert preprocessing.simple_preprocess(text, min_len=1, max_len=21) == [
        "a",
        "of",
        "unquestionableness",
        "incomprehensibilities"[:21],
    ]


def test_invalid_bytes() -> None:
    assert preprocessing.simple_preprocess(b"gr\xf6sse") == ["grsse"]
    with pytest.raises(UnicodeDecodeError):
        preprocessing.any2unicode(b"gr\xf6sse")
    assert preprocessing.any2utf8(b"gr\xf6sse", encoding="latin1") == "grösse".encode()


def test_what_is_no_text() -> None:
    with pytest.raises(InputTypeError, match=r"text is a str, or bytes .* not a list"):
        preprocessing.tokenize(["a"])  # type: ignore[arg-type]
