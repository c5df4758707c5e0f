"""Losses and their gradients: the book's formulas, at any score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_libraries import Arrays
from slides import numeric_gradient, sigmoid

from negw2v.errors import InputTypeError, NotTrainableError, ParameterError, RowIndexError
from negw2v.layers import HierarchicalSoftmaxLoss, NegativeSamplingLoss, SigmoidWithLoss

CORPUS = np.array([0, 1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 5, 5, 5])  # six words
TYPES = [np.float32, np.float64]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(1,), (9,), (3, 7)])
def test_sigmoid_with_loss(
    arrays: Arrays, random: np.random.Generator, dtype: Any, shape: Any
) -> None:
    x = (3 * random.standard_normal(shape)).astype(dtype)
    t = random.integers(0, 2, shape)
    layer = SigmoidWithLoss()
    assert layer.y is None
    loss = float(layer.forward(arrays.of(x), arrays.of(t)))
    y = sigmoid(x.astype(np.float64))
    assert loss == pytest.approx(-(t * np.log(y) + (1 - t) * np.log(1 - y)).mean(), rel=1e-5)
    assert layer.y is not None
    np.testing.assert_allclose(layer.y, y, rtol=1e-5)
    np.testing.assert_allclose(layer.backward(2.0), 2 * (y - t) / x.size, rtol=1e-4, atol=1e-8)
    assert np.asarray(layer.backward()).dtype == dtype


@pytest.mark.parametrize("dtype", TYPES)
def test_scores_that_are_far_off(arrays: Arrays, dtype: Any) -> None:
    layer = SigmoidWithLoss()
    x = np.array([-1000.0, 1000, 30, -30, 0], dtype)
    assert float(layer.forward(arrays.of(x), [1, 0, 1, 0, 1])) == pytest.approx(
        (2000 + np.log(2)) / 5, rel=1e-6
    )
    np.testing.assert_allclose(layer.backward(5), [-1, 1, 0, 0, -0.5], atol=1e-6)
    assert layer.y is not None
    np.testing.assert_allclose(np.asarray(layer.y)[3], np.exp(-30), rtol=1e-5)


def test_labels_and_scores_that_make_no_sense() -> None:
    layer = SigmoidWithLoss()
    with pytest.raises(NotTrainableError, match="forward"):
        layer.backward()
    with pytest.raises(ParameterError, match="0 or 1"):
        layer.forward([1.0, 2.0], [1, 2])
    with pytest.raises(ParameterError, match=r"t has the shape \(1,\)"):
        layer.forward([1.0, 2.0], [1])
    with pytest.raises(ParameterError, match="at least one score"):
        layer.forward([], [])


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("targets", [(5,), (5, 3)])
def test_negative_sampling(
    arrays: Arrays, random: np.random.Generator, dtype: Any, targets: Any
) -> None:
    W, h = (random.standard_normal((n, 4)).astype(dtype) for n in (6, 5))
    target = random.integers(0, 6, targets)
    negatives = random.integers(0, 6, (*targets, 2))
    layer = NegativeSamplingLoss(arrays.of(W), CORPUS, sample_size=2)
    loss = float(layer.forward(*map(arrays.of, (h, target, negatives))))
    z = np.einsum("nd,nmd->nm", h, W[target.reshape(5, -1)])
    z_negative = np.einsum("nd,nmd->nm", h, W[negatives.reshape(5, -1)])
    expected = -(np.log(sigmoid(z)).sum() + np.log(sigmoid(-z_negative)).sum()) / 5
    assert loss == pytest.approx(expected, rel=1e-5)
    assert layer.backward().shape == h.shape
    # without negatives given, others are drawn each time
    assert len({float(layer.forward(arrays.of(h), target.tolist())) for _ in range(2)}) == 2


def test_negatives_come_from_the_sampler(arrays: Arrays) -> None:
    W = np.random.default_rng(0).standard_normal((6, 4))
    h, target = arrays.of(np.ones((3, 4))), arrays.of([0, 1, 2])
    layer = NegativeSamplingLoss(arrays.of(W), CORPUS, sample_size=3, seed=4)
    same = NegativeSamplingLoss(arrays.of(W), CORPUS, sample_size=3, seed=4)
    drawn = same.sampler.get_negative_sample(target)
    assert arrays.own(drawn)
    assert float(layer.forward(h, target)) == pytest.approx(
        float(same.forward(h, target, drawn)), rel=1e-12
    )


@pytest.mark.parametrize("targets", [(4,), (4, 3)])
@pytest.mark.parametrize("kind", ["negative-sampling", "hierarchical-softmax"])
def test_gradients_against_numeric_ones(
    arrays: Arrays, random: np.random.Generator, kind: str, targets: Any
) -> None:
    hs = kind == "hierarchical-softmax"
    W, h = random.standard_normal((5 if hs else 6, 3)), random.standard_normal((4, 3))
    target = random.integers(0, 6, targets)
    layer: Any = (HierarchicalSoftmaxLoss if hs else NegativeSamplingLoss)(arrays.of(W), CORPUS)
    extra = [] if hs else [random.integers(0, 6, (*targets, 2))]

    def loss() -> float:
        return float(layer.forward(*map(arrays.of, (h, target, *extra))))

    loss()
    dh = layer.backward(0.5)
    np.testing.assert_allclose(dh, 0.5 * numeric_gradient(loss, h), rtol=1e-6, atol=1e-9)
    expected = 0.5 * numeric_gradient(loss, W)
    np.testing.assert_allclose(np.asarray(layer.grads[0]), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", TYPES)
def test_hierarchical_softmax_is_a_distribution(
    arrays: Arrays, random: np.random.Generator, dtype: Any
) -> None:
    W, h = (random.standard_normal((n, 4)).astype(dtype) for n in (5, 1))
    layer = HierarchicalSoftmaxLoss(arrays.of(W), CORPUS)
    losses = [float(layer.forward(arrays.of(h), [word])) for word in range(6)]
    assert sum(np.exp(-np.array(losses))) == pytest.approx(1, rel=1e-5)
    assert float(layer.forward(arrays.of(h), [[0, 3, 3]])) == pytest.approx(
        losses[0] + 2 * losses[3], rel=1e-5
    )
    both = float(layer.forward(arrays.of(np.repeat(h, 2, axis=0)), [0, 5]))
    assert both == pytest.approx((losses[0] + losses[5]) / 2, rel=1e-5)


def test_what_does_not_fit() -> None:
    W = np.zeros((6, 4), "f")
    layer = NegativeSamplingLoss(W, CORPUS)
    h = np.zeros((2, 4), "f")
    with pytest.raises(NotTrainableError, match="forward"):
        layer.backward()
    for target, error in (
        ([0, 6], RowIndexError),
        ([0.0, 1.0], InputTypeError),
        ([], ParameterError),
    ):
        with pytest.raises(error, match="target"):
            layer.forward(h, target)
        with pytest.raises(error, match="target"):
            HierarchicalSoftmaxLoss(W[:5], CORPUS).forward(h, target)
    with pytest.raises(ParameterError, match=r"h has the shape"):
        layer.forward(h, [1, 2, 3])
    with pytest.raises(ParameterError, match=r"negatives has the shape \(3, 2\)"):
        layer.forward(h, [1, 2], np.zeros((3, 2), int))
    with pytest.raises(RowIndexError, match="negatives"):
        layer.forward(h, [1, 2], [[1], [9]])
    with pytest.raises(RowIndexError, match="corpus hold 4"):
        NegativeSamplingLoss(W[:4], CORPUS)
    with pytest.raises(RowIndexError, match="corpus hold 5"):
        HierarchicalSoftmaxLoss(W[:4], CORPUS)
