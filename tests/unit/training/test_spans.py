"""Spans: cut from the data alone, nothing lost, nothing counted twice."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus.base import TokenBlock
from negw2v.training.spans import LONGEST_SENTENCE, SpanTable, cut_spans


def block(sentences: list[tuple[int, int]], first_token: int = 0) -> TokenBlock:
    """Sentences given as (tokens in the vocabulary, raw words); tokens count upwards."""
    lengths = np.array([kept for kept, _ in sentences], dtype=np.int64)
    starts = np.zeros(len(sentences) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    tokens = np.arange(first_token, first_token + starts[-1], dtype=np.int32)
    return TokenBlock(tokens, starts, np.array([raw for _, raw in sentences], dtype=np.int64))


def in_blocks(sentences: list[tuple[int, int]], edges: list[int]) -> list[TokenBlock]:
    bounds = [0, *sorted(edges), len(sentences)]
    blocks, token = [], 0
    for first, last in pairwise(bounds):
        blocks.append(block(sentences[first:last], token))
        token += len(blocks[-1].tokens)
    return blocks


def flatten(tables: list[SpanTable]) -> list[tuple[list[list[int]], float, int]]:
    """Each span as (its pieces' tokens, sentences before it, raw words before it)."""
    spans = []
    for table in tables:
        assert table.first_span == len(spans)
        for i in range(table.span_count):
            first, last = table.span_starts[i], table.span_starts[i + 1]
            pieces = [
                table.tokens[table.piece_starts[j] : table.piece_starts[j + 1]].tolist()
                for j in range(first, last)
            ]
            spans.append((pieces, float(table.examples[i]), int(table.words[i])))
    return spans


lengths = st.integers(0, 40)
corpora = st.lists(st.tuples(lengths, st.integers(0, 5)), min_size=1, max_size=60).map(
    lambda pairs: [(kept, kept + missing) for kept, missing in pairs]
)


@settings(deadline=None, max_examples=200)
@given(
    sentences=corpora,
    edges=st.lists(st.integers(0, 60), max_size=5),
    span_tokens=st.integers(1, 50),
    longest=st.integers(1, 30),
)
def test_cutting_loses_nothing_and_ignores_block_boundaries(
    sentences: list[tuple[int, int]], edges: list[int], span_tokens: int, longest: int
) -> None:
    edges = [edge for edge in edges if edge <= len(sentences)]
    whole = list(cut_spans([block(sentences)], span_tokens, longest))
    blocks = list(cut_spans(in_blocks(sentences, edges), span_tokens, longest))
    assert flatten(whole) == flatten(blocks)
    for tables in (whole, blocks):
        spans = flatten(tables)
        tokens = [token for pieces, _, _ in spans for piece in pieces for token in piece]
        assert tokens == list(range(sum(kept for kept, _ in sentences)))
        assert max(len(piece) for pieces, _, _ in spans for piece in pieces) <= longest
        assert all(pieces for pieces, _, _ in spans), "a span without a piece"
        assert tables[-1].examples[-1] == len(sentences)
        assert tables[-1].words[-1] == sum(raw for _, raw in sentences)
        positions = [words for _, _, words in spans]
        assert positions == sorted(positions)
        assert positions[0] == 0
        for before, after in pairwise(tables):
            assert before.examples[-1] == after.examples[0]
            assert before.words[-1] == after.words[0]


def test_pieces_of_a_long_sentence_are_nearly_equal_and_share_its_position() -> None:
    tables = list(cut_spans([block([(2, 2), (10, 20), (1, 1)])], 1, 4))
    spans = flatten(tables)
    assert [[len(piece) for piece in pieces] for pieces, _, _ in spans] == [[2], [3], [3], [4], [1]]
    assert [examples for _, examples, _ in spans] == pytest.approx([0, 1, 4 / 3, 5 / 3, 2])
    assert [words for _, _, words in spans] == [0, 2, 2 + 6, 2 + 13, 22]


def test_a_span_is_the_pieces_that_start_in_its_stretch() -> None:
    spans = flatten(list(cut_spans([block([(4, 4), (4, 4), (4, 4), (9, 9), (1, 1)])], 10)))
    # they start at 0, 4, 8 | 12 | 21
    assert [[len(piece) for piece in pieces] for pieces, _, _ in spans] == [[4, 4, 4], [9], [1]]


def test_sentences_up_to_the_usual_limit_stay_whole() -> None:
    sentences = [(LONGEST_SENTENCE, LONGEST_SENTENCE), (LONGEST_SENTENCE + 1, LONGEST_SENTENCE + 1)]
    spans = flatten(list(cut_spans([block(sentences)], 10_000)))
    pieces = [len(piece) for pieces, _, _ in spans for piece in pieces]
    assert pieces == [10_000, 5_000, 5_001]


def test_a_pass_without_sentences_has_no_spans() -> None:
    assert list(cut_spans([], 10)) == []
    assert list(cut_spans([block([])], 10)) == []


def test_ranges_cover_all_spans_once_in_runs_of_the_wanted_size() -> None:
    (table, last) = cut_spans([block([(5, 5)] * 40)], 10)
    assert last.span_count == 1
    ranges = list(table.ranges(40))
    assert ranges[0][0] == 0
    assert ranges[-1][1] == table.span_count
    assert all(a[1] == b[0] for a, b in pairwise(ranges))
    starts = table.token_starts()
    assert {int(starts[end] - starts[first]) for first, end in ranges[:-1]} == {40}
    assert list(table.ranges(1)) == [(i, i + 1) for i in range(table.span_count)]
