"""Whole numbers as words: arrays, pairs of arrays, files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import Word2Vec
from negw2v.corpus.encoding import CorpusOptions, open_corpus
from negw2v.corpus.readers import NumberLines
from negw2v.errors import CorpusError, InputTypeError, ParameterError

Check = Callable[[Callable[[], Any], list[list[Any]]], None]


def corpus_of(given: Any, **options: Any) -> Any:
    return open_corpus(given, workers=2, passes=2, options=CorpusOptions(**options))


def test_arrays_of_every_layout(check_corpus: Check) -> None:
    walks = np.arange(24).reshape(4, 6) % 7
    for array in (walks, walks.astype(">i4"), walks.astype(np.uint8), walks[::2, ::-1], walks.T):
        check_corpus(lambda array=array: corpus_of(array), array.tolist())


def test_ids_beyond_32_bits_and_negative_ones() -> None:
    large = np.array([[2**40, 3], [2**64 - 1, 2**26]], np.uint64)
    assert corpus_of(large).scan().words == [2**40, 3, 2**64 - 1, 2**26]
    model = Word2Vec(large, min_count=1, vector_size=4, workers=1, epochs=1)
    assert set(model.wv.index_to_key) == {2**40, 3, 2**64 - 1, 2**26}
    assert all(type(key) is int for key in model.wv.index_to_key)
    with pytest.raises(CorpusError, match=r"row 1 \(counted from 0\): it has a negative number"):
        corpus_of(np.array([[1, 2], [3, -1]])).scan()


def test_numbers_keep_their_ids_when_they_get_places_of_their_own(check_corpus: Check) -> None:
    """Few large numbers are in a hash table; once there are more, they are places in an array."""
    chance = np.random.default_rng(3)
    few = chance.integers(60_000_000, 66_000_000, (20, 10))
    many = chance.integers(0, 200_000, (1_200, 10))
    for walks in (few, many, np.concatenate([few, many, few])):
        check_corpus(lambda walks=walks: corpus_of(walks), walks.tolist())


def test_padding_is_no_word(check_corpus: Check) -> None:
    walks = np.array([[1, 2, -1], [3, -1, -1], [1, 2, 3]])
    check_corpus(lambda: corpus_of(walks, padding=-1), [[1, 2], [3], [1, 2, 3]])
    check_corpus(lambda: corpus_of(walks.astype(np.int8) % 4, padding=3), [[1, 2], [], [1, 2]])
    # no number of this type is the padding
    assert corpus_of(np.array([[255]], np.uint8), padding=-1).scan().words == [255]
    with pytest.raises(InputTypeError, match="padding must be a whole number"):
        corpus_of(walks, padding="-1")
    with pytest.raises(ParameterError, match="padding=-1 is for arrays"):
        corpus_of([["a"]], padding=-1)


def test_pairs_of_indices_and_offsets(check_corpus: Check) -> None:
    indices = np.array([4, 2, 4, 9, 4], np.int32)
    check_corpus(lambda: corpus_of((indices, np.array([0, 2, 2, 5]))), [[4, 2], [], [4, 9, 4]])
    for offsets, message in (
        ([0, 3, 2, 5], "never become smaller, as they do behind row 1"),
        ([1, 5], "begin with 0"),
        ([0, 6], "is the number of indices, 5, not 6"),
        ([], "begin with 0"),
    ):
        with pytest.raises(InputTypeError, match=message):
            corpus_of((indices, np.array(offsets, np.int64)))
    # a list of two arrays is two sentences
    check_corpus(lambda: corpus_of([indices, indices]), [indices.tolist()] * 2)


def test_words_are_the_same_as_those_of_lists() -> None:
    walks = np.random.default_rng(1).integers(0, 50, (200, 11))
    models = [
        Word2Vec(given, vector_size=8, min_count=1, workers=1, epochs=2)
        for given in (walks, walks.tolist(), (walks.ravel(), np.arange(0, 2201, 11)))
    ]
    for model in models[1:]:
        assert model.wv.index_to_key == models[0].wv.index_to_key
        np.testing.assert_array_equal(model.wv.vectors, models[0].wv.vectors)
    assert models[0].wv[7].shape == (8,)


def test_files_of_numbers(tmp_path: Path, check_corpus: Check) -> None:
    path = tmp_path / "walks.txt.gz"
    path.write_bytes(gzip.compress(b"7 3\t4000000000\r\n\n 18446744073709551615\n0 007"))
    expected = [[7, 3, 4000000000], [2**64 - 1], [0, 7]]
    assert list(NumberLines(path)) == expected
    check_corpus(lambda: corpus_of(NumberLines(path)), expected)
    assert list(NumberLines(path, limit=3)) == expected[:2]
    assert list(NumberLines(path, limit=0)) == []
    long = tmp_path / "long.txt"
    long.write_text("\n".join(" ".join(map(str, range(i, i + 300_000))) for i in (0, 5)))
    assert corpus_of(NumberLines(long)).scan().corpus_total_words == 600_000


@pytest.mark.parametrize("word", ["x", "-1", "1.5", "18446744073709551616", "7x", "٣"])
def test_what_is_not_a_number(tmp_path: Path, word: str) -> None:
    path = tmp_path / "walks.txt"
    path.write_text(f"1 2\n3 {word} 4\n")
    with pytest.raises(CorpusError, match=rf"walks\.txt, line 2: '{word}' is not a whole number"):
        list(NumberLines(path))
