"""The Huffman tree: optimal, a tree, and as good as gensim's."""

from __future__ import annotations

import heapq
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from negw2v.corpus import huffman
from negw2v.errors import ParameterError
from negw2v.kernels.problem import HuffmanPaths


def total_cost(counts: list[int]) -> int:
    """Weighted path length of an optimal tree: the sum of all merged weights."""
    heap = list(counts)
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


def code(paths: HuffmanPaths, word: int) -> npt.NDArray[Any]:
    """The word's code bits from the root on."""
    return (1 - paths.signs[paths.starts[word] : paths.starts[word + 1]]) // 2


def point(paths: HuffmanPaths, word: int) -> npt.NDArray[Any]:
    """The inner nodes on the word's path from the root on."""
    return paths.nodes[paths.starts[word] : paths.starts[word + 1]]


def check_tree(paths: HuffmanPaths, counts: list[int]) -> None:
    words = len(counts)
    lengths = np.diff(paths.starts)
    assert int((lengths * counts).sum()) == total_cost(counts)
    assert paths.nodes.dtype == np.int32
    assert paths.signs.dtype == np.int8
    assert set(paths.signs.tolist()) == {1, -1}
    # Kraft: the codes fill the whole tree
    assert sum(2.0 ** -int(n) for n in lengths) == 1.0
    children: dict[tuple[int, int], int | str] = {}
    for word in range(words):
        nodes, bits = point(paths, word), code(paths, word)
        assert nodes[0] == words - 2
        steps = [*nodes[1:].tolist(), f"word {word}"]
        for node, bit, step in zip(nodes.tolist(), bits.tolist(), steps, strict=True):
            # the same branch leads to the same place for all words
            assert children.setdefault((node, bit), step) == step
    assert len(children) == 2 * (words - 1)
    assert len(set(children.values())) == len(children)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60))
def test_optimal_tree(counts: list[int]) -> None:
    paths = huffman.build_paths(counts)
    if sum(c == 0 for c in counts) < 2:
        check_tree(paths, counts)
    assert int((np.diff(paths.starts) * counts).sum()) == total_cost(counts)


def test_by_hand() -> None:
    paths = huffman.build_paths([7, 1, 2, 4])
    # 1 + 2 -> node 0 (3); 3 + 4 -> node 1 (7); 7 + 7 -> node 2, the root; bit 0 is the lighter
    # one, and of equal ones the word.
    assert [code(paths, w).tolist() for w in range(4)] == [
        [0],
        [1, 0, 0],
        [1, 0, 1],
        [1, 1],
    ]
    assert [point(paths, w).tolist() for w in range(4)] == [
        [2],
        [2, 1, 0],
        [2, 1, 0],
        [2, 1],
    ]
    assert paths.signs.dtype == np.int8
    assert paths.nodes.dtype == np.int32
    assert paths.signs[paths.starts[2] : paths.starts[3]].tolist() == [-1, 1, -1]


@pytest.mark.parametrize("words", [0, 1])
def test_too_small_for_a_tree(words: int) -> None:
    paths = huffman.build_paths([5] * words)
    assert paths.starts.tolist() == [0] * (words + 1)
    assert len(paths.nodes) == len(paths.signs) == 0


def test_deep_trees() -> None:
    counts = [1, 1]
    while len(counts) < 60:
        counts.append(counts[-1] + counts[-2])
    paths = huffman.build_paths(counts[::-1])
    assert int(np.diff(paths.starts).max()) == 59
    check_tree(paths, counts[::-1])


@pytest.mark.parametrize("counts", [[1, -1], [1, float("nan")], [[1, 2]]])
def test_bad_counts(counts: list[float]) -> None:
    with pytest.raises(ParameterError, match="finite count"):
        huffman.build_paths(counts)


@given(st.lists(st.integers(1, 50), max_size=30))
def test_paths_from_codes_and_points(counts: list[int]) -> None:
    paths = huffman.build_paths(counts)
    words = range(len(counts))
    again = huffman.paths_from_codes(
        [code(paths, w) for w in words], [point(paths, w) for w in words]
    )
    for one, two in (
        (paths.starts, again.starts),
        (paths.nodes, again.nodes),
        (paths.signs, again.signs),
    ):
        assert one.dtype == two.dtype
        assert one.tolist() == two.tolist()


def test_codes_and_points_that_do_not_fit() -> None:
    with pytest.raises(ParameterError, match="as many points"):
        huffman.paths_from_codes([[0, 1]], [[2]])


@pytest.mark.parametrize("seed", range(3))
def test_as_good_as_that_of_gensim(seed: int, gensim_word2vec: ModuleType) -> None:
    rng = np.random.default_rng(seed)
    raw = {f"w{i}": c for i, c in enumerate(rng.zipf(1.2, 400).clip(max=10**6).tolist())}
    model = gensim_word2vec.Word2Vec(vector_size=1, min_count=1, hs=1, negative=0)
    model.build_vocab_from_freq(raw)
    counts = model.wv.expandos["count"]
    paths = huffman.build_paths(counts)
    theirs = sum(len(model.wv.get_vecattr(i, "code")) * int(c) for i, c in enumerate(counts))
    assert int((np.diff(paths.starts) * counts).sum()) == theirs
    check_tree(paths, counts.tolist())
    # and gensim's own tree can be read
    codes = [model.wv.get_vecattr(i, "code") for i in range(len(counts))]
    points = [model.wv.get_vecattr(i, "point") for i in range(len(counts))]
    check_tree(huffman.paths_from_codes(codes, points), counts.tolist())
