"""Weights that are owed updates are never seen without them."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import numpy as np
import pytest

from negw2v.layers import CBOW, SGD, Adam, Embedding, Parameter, SparseGradient


def trained(parameter: Any, optimizer: Any, steps: int = 30, seed: int = 5) -> None:
    """Random gradients for three rows of twenty in each step."""
    random = np.random.default_rng(seed)
    layer = Embedding(parameter)
    for _ in range(steps):
        layer.forward(random.integers(0, 20, 3))
        layer.backward(random.standard_normal((3, 4)))
        optimizer.update(layer.params, layer.grads)


def weights() -> Any:
    return np.random.default_rng(0).standard_normal((20, 4)).astype("f")


@pytest.fixture
def expected() -> Any:
    """What dense Adam makes of the weights."""
    W = weights()
    trained(W, Adam(mode="dense"))
    return W


def test_it_stands_for_its_matrix() -> None:
    W = weights()
    parameter = Parameter(W)
    assert (parameter.shape, parameter.ndim, parameter.size, len(parameter)) == ((20, 4), 2, 80, 20)
    np.testing.assert_array_equal(parameter, W)
    np.testing.assert_array_equal(parameter[3], W[3])
    np.testing.assert_array_equal(2 * parameter + parameter**2, 2 * W + W**2)
    np.testing.assert_array_equal(np.add.reduce(parameter), W.sum(axis=0))
    assert np.zeros_like(parameter).shape == (20, 4)
    assert np.asarray(parameter, dtype=np.float64).dtype == np.float64
    assert not np.shares_memory(np.array(parameter), parameter.memory)
    parameter[3] = 7
    parameter -= 1
    assert isinstance(parameter, Parameter)
    assert (parameter.memory[3] == 6).all()
    np.testing.assert_array_equal(parameter[0], W[0] - 1)
    assert not np.shares_memory(parameter.array, W)
    with pytest.raises(ValueError, match="needs a copy"):
        parameter.__array__(np.float64, copy=False)


@pytest.mark.parametrize("dimensions", [1, 16, 100])
def test_programs_may_read_the_memory_of_a_matrix(dimensions: int) -> None:
    W = np.random.default_rng(0).standard_normal((20, dimensions)).astype("f")
    for array in (Parameter(W).array, Parameter(W.astype(np.float64)).array):
        assert array.flags.c_contiguous
        np.testing.assert_array_equal(np.frombuffer(array, array.dtype), W.reshape(-1))
    network = CBOW(20, dimensions, 2, np.arange(20))
    for array in (network.word_vecs, *map(np.asarray, network.params)):
        assert array.flags.c_contiguous


def test_integers_become_float32() -> None:
    assert Parameter([[1, 2]]).dtype == np.float32
    assert Parameter(np.ones((2, 2), np.float16)).dtype == np.float16


READERS: list[Any] = [
    lambda p: p.array.copy(),
    np.array,
    lambda p: p + 0,
    lambda p: p[:],
    lambda p: p.read(np.arange(20, dtype=np.int32)).copy(),
    lambda p: Embedding(p).forward(range(20)),
    lambda p: copy.deepcopy(p).array,
    lambda p: pickle.loads(pickle.dumps(p)).array,
]


@pytest.mark.parametrize("reader", range(len(READERS)))
def test_every_way_to_read_it_gives_what_dense_steps_give(reader: int, expected: Any) -> None:
    parameter, optimizer = Parameter(weights()), Adam()
    trained(parameter, optimizer)
    assert np.abs(parameter.memory - expected).max() > 1e-4, "nothing was deferred"
    np.testing.assert_allclose(READERS[reader](parameter), expected, rtol=1e-5, atol=1e-7)


def test_an_array_that_was_handed_out_stays_up_to_date(expected: Any) -> None:
    parameter, optimizer = Parameter(weights()), Adam()
    held = parameter.array[:, 1:]  # a view of a view
    trained(parameter, optimizer)
    np.testing.assert_allclose(held, expected[:, 1:], rtol=1e-5, atol=1e-7)
    assert parameter.is_watched
    del held
    gc.collect()
    assert not parameter.is_watched


def test_what_is_written_counts_from_then_on(expected: Any) -> None:
    results = []
    for W in (Parameter(weights()), weights()):
        optimizer = Adam(mode="exact" if isinstance(W, Parameter) else "dense")
        trained(W, optimizer)
        W[5] = 100.0
        trained(W, optimizer, seed=9)
        results.append(np.array(W))
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-6)
    assert abs(results[0][5] - 100).max() < 1


def test_weights_of_the_callers_are_always_up_to_date(expected: Any) -> None:
    W = weights()
    trained(W, Adam())
    np.testing.assert_allclose(W, expected, rtol=1e-5, atol=1e-7)


def test_another_optimizer_finds_them_up_to_date(expected: Any) -> None:
    parameter = Parameter(weights())
    trained(parameter, Adam())
    trained(parameter, SGD(lr=0.5), steps=1)
    W = expected.copy()
    trained(W, SGD(lr=0.5), steps=1)
    np.testing.assert_allclose(parameter, W, rtol=1e-5, atol=1e-6)


def test_a_copy_is_owed_nothing() -> None:
    parameter, optimizer = Parameter(weights()), Adam()
    trained(parameter, optimizer)
    other = copy.deepcopy(parameter)
    before = other.array.copy()
    trained(parameter, optimizer)
    np.testing.assert_array_equal(other, before)


def test_a_sparse_gradient_stands_for_its_matrix() -> None:
    gradient = SparseGradient((5, 2))
    assert gradient.shape == (5, 2)
    assert not np.asarray(gradient).any()
    gradient.rows = np.array([3, 0], np.int32)
    gradient.values = np.array([[1, 2], [3, 4]], np.float32)
    dense = np.array([[3, 4], [0, 0], [0, 0], [1, 2], [0, 0]], "f")
    np.testing.assert_array_equal(gradient, dense)
    np.testing.assert_array_equal(gradient**2, dense**2)
    gradient *= 2
    np.testing.assert_array_equal(gradient.values, [[2, 4], [6, 8]])
    other = copy.deepcopy(gradient)
    other.rows = np.array([4, 0], np.int32)
    total = gradient
    total += other
    assert total is gradient
    assert gradient.rows.tolist() == [3, 0, 4]
    np.testing.assert_array_equal(gradient.values, [[2, 4], [12, 16], [2, 4]])
    total += np.ones((5, 2), "f")
    assert isinstance(total, np.ndarray)
    assert total[1].tolist() == [1, 1]
    with pytest.raises(TypeError):
        np.add(dense, dense, out=gradient)
