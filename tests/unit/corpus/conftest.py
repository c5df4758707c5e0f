"""A slow, plain reference for everything that reads sentences, and gensim where installed."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from negw2v.corpus.base import InternedCorpus
from negw2v.corpus.encoding import Corpus, CorpusCounts, TokenBlock


@pytest.fixture(scope="session")
def gensim_word2vec() -> ModuleType:
    """gensim.models.word2vec, the yardstick."""
    return pytest.importorskip("gensim.models.word2vec", reason="gensim is not installed")


def _lines(data: bytes, longest: int = 10_000, limit: int | None = None) -> list[list[str]]:
    sentences = []
    for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n")[:limit]:
        words = line.decode("utf-8").split()
        sentences += [words[i : i + longest] for i in range(0, len(words), longest)]
    return sentences


@pytest.fixture(scope="session")
def sentences_of() -> Callable[..., list[list[str]]]:
    """sentences_of(data, longest, limit): what the lines of a file are as sentences."""
    return _lines


def _words(block: TokenBlock, keys: list[Any]) -> list[list[Any]]:
    starts = block.sentence_starts
    assert starts[0] == 0
    assert starts[-1] == len(block.tokens)
    assert len(starts) == len(block.raw_lengths) + 1
    assert block.tokens.dtype == np.int32
    assert starts.dtype == block.raw_lengths.dtype == np.int64
    return [
        [keys[i] for i in block.tokens[start:stop].tolist()]
        for start, stop in pairwise(starts.tolist())
    ]


def _check(counts: CorpusCounts, sentences: list[list[Any]]) -> None:
    expected = Counter(word for sentence in sentences for word in sentence)
    assert counts.words == list(expected)
    assert counts.counts.tolist() == list(expected.values())
    assert counts.corpus_count == len(sentences)
    assert counts.corpus_total_words == sum(expected.values())


def _check_corpus(make: Callable[[], Corpus], sentences: list[list[Any]]) -> None:
    kept = make()
    _check(kept.scan(keep_tokens=True), sentences)
    anew = make()
    _check(anew.scan(), sentences)
    if isinstance(kept, InternedCorpus):
        again = make()
        assert isinstance(again, InternedCorpus)
        counts, block = again.encode_all()
        _check(counts, sentences)
        assert _words(block, counts.words) == sentences
    words = list(dict.fromkeys(word for sentence in sentences for word in sentence))
    for vocabulary in (words[::-1], words[::2], [*words[:1], "no such word"]):
        key_to_index = {word: index for index, word in enumerate(vocabulary)}
        expected = [[word for word in s if word in key_to_index] for s in sentences]
        for corpus in (kept, anew):
            for _ in range(2):
                blocks = list(corpus.blocks(key_to_index))
                found = [words for block in blocks for words in _words(block, vocabulary)]
                assert found == expected
                raw = [n for block in blocks for n in block.raw_lengths.tolist()]
                assert raw == [len(s) for s in sentences]
                assert len(blocks) == 1 or not corpus.interned


@pytest.fixture(scope="session")
def check_corpus() -> Callable[[Callable[[], Corpus], list[list[Any]]], None]:
    """check_corpus(make, sentences): counts and ids, kept or read anew, pass after pass."""
    return _check_corpus


@pytest.fixture(scope="session")
def expected_counts() -> Callable[[CorpusCounts, Iterable[Any]], None]:
    """expected_counts(counts, sentences): the counts are those of the sentences."""
    return _check
