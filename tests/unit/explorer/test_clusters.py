"""K-means on the sphere: what belongs together is in one group, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v.explorer.clusters import spherical_k_means


def bundles(sizes: list[int], dimensions: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of length 1 around directions that are far apart, in random order."""
    generator = np.random.default_rng(5)
    of = generator.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = np.eye(dimensions)[of] + generator.normal(scale=0.1, size=(len(of), dimensions))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), of


def test_bundles_of_vectors_are_found_the_largest_first() -> None:
    rows, of = bundles([30, 90, 60])
    groups, centres = spherical_k_means(rows, 3, seed=0)
    assert groups.tolist() == np.array([2, 0, 1])[of].tolist()
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1)
    assert (rows @ centres.T).argmax(axis=1).tolist() == groups.tolist()


def test_the_same_seed_gives_the_same_groups() -> None:
    rows = np.random.default_rng(2).normal(size=(300, 8))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    first, _ = spherical_k_means(rows, 10, seed=3)
    again, _ = spherical_k_means(rows.copy(), 10, seed=3)
    assert first.tolist() == again.tolist()
    assert np.bincount(first).min() > 0


@pytest.mark.parametrize("rows", [np.zeros((4, 3)), np.tile([1.0, 0, 0], (4, 1))])
def test_vectors_that_do_not_differ_are_few_groups(rows: np.ndarray) -> None:
    groups, centres = spherical_k_means(rows, 10, seed=0)
    assert len(centres) == groups.max() + 1 <= len(rows)
    if rows.any():
        assert groups.tolist() == [0, 0, 0, 0]
