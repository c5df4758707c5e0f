"""The shape of rounds follows from the vocabulary, and from nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus.base import TokenBlock
from negw2v.kernels import MOST_SHARDS, padded_length
from negw2v.training.rounds import Rounds
from negw2v.training.spans import SpanTable, cut_spans


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        (1, None),
        (2_399, None),
        (2_400, (2, 200)),
        (10_000, (8, 206)),
        (71_000, (8, 384)),
        (1_000_000, (16, 468)),
        (4_000_000, (16, 745)),
    ],
)
def test_the_shape(words: int, shape: tuple[int, int] | None) -> None:
    rounds = Rounds.for_vocabulary(words)
    assert rounds == (shape and Rounds(*shape))
    if rounds is not None:
        assert rounds.shards <= MOST_SHARDS
        assert rounds.longest_sentence >= rounds.shard_tokens
        halves = Rounds.for_vocabulary(words, paths=True)
        assert halves == Rounds(rounds.shards, rounds.shard_tokens // 2)


@pytest.mark.parametrize("words", [2_400, 10_000, 71_000, 1_000_000, 4_000_000])
def test_copies_take_a_quarter_of_the_model_at_most(words: int) -> None:
    rounds = Rounds.for_vocabulary(words)
    assert rounds is not None
    row = 4 * padded_length(100)
    assert rounds.memory(words, row) <= 0.25 * 2 * words * row


def blocks_of(lengths: list[int], edges: list[int]) -> list[TokenBlock]:
    result, token = [], 0
    for first, last in pairwise([0, *sorted(edges), len(lengths)]):
        some = np.array(lengths[first:last], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(some)])
        tokens = np.arange(token, token + starts[-1], dtype=np.int32)
        result.append(TokenBlock(tokens, starts, some))
        token += int(starts[-1])
    return result


def spans_of(tables: list[SpanTable]) -> list[list[int]]:
    return [
        table.tokens[first:last].tolist()
        for table in tables
        for first, last in pairwise(table.token_starts())
    ]


@settings(deadline=None, max_examples=100)
@given(
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=60),
    edges=st.lists(st.integers(0, 60), max_size=5),
    shards=st.integers(1, 5),
    span_tokens=st.integers(1, 20),
)
def test_tables_hold_whole_rounds_in_whatever_blocks_the_corpus_comes(
    lengths: list[int], edges: list[int], shards: int, span_tokens: int
) -> None:
    edges = [edge for edge in edges if edge <= len(lengths)]
    tables = list(cut_spans(blocks_of(lengths, edges), span_tokens, 10, shards))
    whole = list(cut_spans(blocks_of(lengths, []), span_tokens, 10))
    assert spans_of(tables) == spans_of(whole)
    for table in tables[:-1]:
        assert table.span_count % shards == 0
    for table in tables:
        assert table.first_span % shards == 0
        runs = list(table.ranges(2 * span_tokens, shards))
        assert [first for first, _ in runs] == [0, *(end for _, end in runs[:-1])]
        assert all(first % shards == 0 for first, _ in runs)
        assert not runs or runs[-1][1] == table.span_count
