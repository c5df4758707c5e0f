"""Rows looked up, averaged and scored; their gradients added up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_libraries import Arrays
from slides import numeric_gradient

from negw2v.errors import InputTypeError, NotTrainableError, ParameterError, RowIndexError
from negw2v.layers import Embedding, EmbeddingDot, EmbeddingMean, Parameter, SparseGradient

TYPES = [np.float32, np.float64]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


def test_the_books_example() -> None:
    W = np.arange(21).reshape(7, 3)
    layer = Embedding(W)
    expected = [[3, 4, 5], [0, 1, 2], [9, 10, 11], [0, 1, 2]]
    assert layer.forward(np.array([1, 0, 3, 0])).tolist() == expected
    assert Embedding(W.astype("f")).forward([1, 0, 3, 0]).tolist() == expected


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(4,), (1,), (2, 3), (0,), ()])
def test_forward_is_indexing(
    arrays: Arrays, random: np.random.Generator, dtype: Any, shape: Any
) -> None:
    W = random.standard_normal((7, 5)).astype(dtype)
    idx = random.integers(0, 7, shape)
    rows = Embedding(arrays.of(W)).forward(arrays.of(idx))
    np.testing.assert_array_equal(rows, W[idx])
    assert np.asarray(rows).dtype == dtype
    assert not np.shares_memory(np.asarray(rows), W)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("dense", [False, True])
def test_backward_adds_up_repeated_rows(
    arrays: Arrays, random: np.random.Generator, dtype: Any, dense: bool
) -> None:
    W = random.standard_normal((7, 3)).astype(dtype)
    idx, dout = np.array([1, 0, 3, 0, 0]), random.standard_normal((5, 3)).astype(dtype)
    expected = np.zeros_like(W)
    np.add.at(expected, idx, dout)
    layer = Embedding(arrays.of(W), dense=dense)
    held = layer.grads[0]
    layer.forward([6, 6])
    layer.backward(arrays.of(np.ones((2, 3))))  # is gone after the next one
    layer.forward(arrays.of(idx))
    layer.backward(arrays.of(dout))
    assert layer.grads[0] is held
    np.testing.assert_allclose(np.asarray(held), expected, rtol=1e-6)
    if dense:
        assert arrays.own(held)
    else:
        assert isinstance(held, SparseGradient)
        assert np.asarray(held.rows).tolist() == [1, 0, 3]
        assert held.values.shape == (3, 3)
        np.testing.assert_allclose(held.dense(), expected, rtol=1e-6)


def test_weights_given_as_an_array_are_worked_on_in_place(random: np.random.Generator) -> None:
    W = random.standard_normal((7, 3)).astype("f")
    first, second = Embedding(W), Embedding(W)
    assert first.params[0] is second.params[0]
    W[2] = 5
    assert (second.forward([2]) == 5).all()
    assert np.shares_memory(np.asarray(first.params[0]), W)


@pytest.mark.parametrize("dtype", TYPES)
def test_mean(arrays: Arrays, random: np.random.Generator, dtype: Any) -> None:
    W = random.standard_normal((9, 4)).astype(dtype)
    layer = EmbeddingMean(arrays.of(W))
    for n in (3, 2):
        idx, dout = random.integers(0, 9, (n, 6)), random.standard_normal((n, 4)).astype(dtype)
        np.testing.assert_allclose(
            layer.forward(arrays.of(idx)), W[idx].mean(axis=1), rtol=1e-5, atol=1e-6
        )
        layer.backward(arrays.of(dout))
        expected = np.zeros_like(W)
        np.add.at(expected, idx.reshape(-1), np.repeat(dout / 6, 6, axis=0))
        np.testing.assert_allclose(np.asarray(layer.grads[0]), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 4)])
def test_dot(
    arrays: Arrays, random: np.random.Generator, dtype: Any, shape: tuple[int, ...]
) -> None:
    W, h = (random.standard_normal((n, 4)).astype(dtype) for n in (9, 5))
    idx, dout = random.integers(0, 9, shape), random.standard_normal(shape).astype(dtype)
    layer = EmbeddingDot(arrays.of(W))
    scores = layer.forward(arrays.of(h), arrays.of(idx))
    np.testing.assert_allclose(scores, np.einsum("nd,n...d->n...", h, W[idx]), rtol=1e-4)
    dh = layer.backward(arrays.of(dout))
    rows = W[idx].reshape(5, -1, 4)
    expected = np.einsum("nm,nmd->nd", dout.reshape(5, -1), rows)
    np.testing.assert_allclose(dh, expected, rtol=1e-4, atol=1e-6)
    expected = np.zeros_like(W)
    steps = dout.reshape(5, -1, 1) * h[:, None]
    np.add.at(expected, idx.reshape(-1), steps.reshape(-1, 4))
    np.testing.assert_allclose(np.asarray(layer.grads[0]), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [Embedding, EmbeddingMean, EmbeddingDot])
def test_gradients_against_numeric_ones(
    arrays: Arrays, random: np.random.Generator, kind: Any
) -> None:
    W, h = random.standard_normal((6, 3)), random.standard_normal((4, 3))
    idx = random.integers(0, 6, (4, 2))
    layer = kind(arrays.of(W))
    first = [*map(arrays.of, (h, idx) if kind is EmbeddingDot else (idx,))]
    weights = random.standard_normal(layer.forward(*first).shape)

    def loss() -> float:
        return float((weights * np.asarray(layer.forward(*first))).sum())

    returned = layer.backward(arrays.of(weights))
    expected = numeric_gradient(loss, W)
    np.testing.assert_allclose(np.asarray(layer.grads[0]), expected, rtol=1e-7, atol=1e-9)
    if kind is EmbeddingDot:
        np.testing.assert_allclose(returned, numeric_gradient(loss, h), rtol=1e-7, atol=1e-9)


def test_results_do_not_depend_on_the_number_of_threads(
    random: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    W = random.standard_normal((3_000, 64)).astype("f")
    idx = random.integers(0, 3_000, (2_000, 8))
    dout = random.standard_normal((2_000, 64)).astype("f")
    results = []
    for numbers in (1 << 60, 1 << 12):  # one thread, and as many parts as may be
        monkeypatch.setattr("negw2v.layers.arrays.NUMBERS_PER_THREAD", numbers)
        mean, dot = EmbeddingMean(W), EmbeddingDot(W)
        h = mean.forward(idx)
        mean.backward(dout)
        scores = dot.forward(h, idx)
        dh = dot.backward(scores)
        results.append([h, scores, dh, *map(np.asarray, mean.grads + dot.grads)])
    for one, many in zip(*results, strict=True):
        np.testing.assert_array_equal(one, many)


@pytest.mark.parametrize(
    ("idx", "error", "message"),
    [
        ([0.0, 1.0], InputTypeError, r"integers.*not .*float(64|32)"),
        ([True, False], InputTypeError, r"integers.*not .*bool"),
        (["a"], InputTypeError, "integers"),
        ([0, 7], RowIndexError, r"hold 7 at position 1.*there are 7.*0\.\.6"),
        ([-1], RowIndexError, "hold -1"),
        (np.array([2**32 + 1]), RowIndexError, "hold 4294967297"),
        (np.array([2**64 - 1], dtype=np.uint64), RowIndexError, "hold 18446744073709551615"),
    ],
)
@pytest.mark.parametrize("dtype", TYPES)
def test_rows_that_are_none(arrays: Arrays, dtype: Any, idx: Any, error: Any, message: str) -> None:
    h = arrays.of(np.zeros((len(idx), 3)))
    if isinstance(idx, np.ndarray):
        idx = arrays.of(idx)
    with pytest.raises(error, match=message):
        Embedding(arrays.of(np.zeros((7, 3), dtype))).forward(idx)
    with pytest.raises(IndexError if error is RowIndexError else TypeError):
        EmbeddingDot(arrays.of(np.zeros((7, 3), dtype))).forward(h, idx)


def test_shapes_that_do_not_fit() -> None:
    W = np.zeros((7, 3), "f")
    for layer in (Embedding(W), EmbeddingMean(W), EmbeddingDot(W)):
        with pytest.raises(NotTrainableError, match=r"call forward\(\) first"):
            layer.backward(np.zeros((2, 3)))
    layer = Embedding(W)
    layer.forward([1, 2])
    with pytest.raises(ParameterError, match=r"dout has the shape \(3, 3\).*\(2, 3\)"):
        layer.backward(np.zeros((3, 3)))
    with pytest.raises(ParameterError, match=r"h has the shape \(2, 4\).*\(2, 3\)"):
        EmbeddingDot(W).forward(np.zeros((2, 4)), [0, 1])
    with pytest.raises(ParameterError, match=r"\(n,\), or \(n, m\)"):
        EmbeddingDot(W).forward(np.zeros((1, 3)), [[[0]]])
    for idx in ([0, 1], np.zeros((2, 0), int)):
        with pytest.raises(ParameterError, match=r"must be \(n, c\)"):
            EmbeddingMean(W).forward(idx)
    for weights, error in ((np.zeros(3), ParameterError), ([["a"]], InputTypeError)):
        with pytest.raises(error, match="weights must be"):
            Embedding(weights)
    frozen = np.zeros((2, 2))
    frozen.setflags(write=False)
    with pytest.raises(ParameterError, match="read-only"):
        Embedding(frozen)
    assert Embedding(Parameter(frozen)).forward([1]).tolist() == [[0, 0]]
