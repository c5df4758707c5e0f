"""Random streams and the distribution of negative samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v import kernels
from negw2v.errors import ConfigurationError, ParameterError
from negw2v.kernels import random


def probabilities(table: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """What an alias table draws, computed from its entries."""
    stay = table[:, 0] / 2**32
    result = stay.copy()
    np.add.at(result, table[:, 1], 1 - stay)
    return result / len(table)


def test_draws_are_splitmix64() -> None:
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert random.draws(1234567, 5).tolist() == published
    assert random.draws(1234567, 2, skip=3).tolist() == published[3:]


def test_streams_depend_on_seed_epoch_and_span_alone() -> None:
    streams = kernels.random_streams(7, 3, 0, 100)
    np.testing.assert_array_equal(kernels.random_streams(7, 3, 40, 60), streams[40:])
    others = [
        kernels.random_streams(seed, epoch, 0, 100)
        for seed, epoch in [(7, 3), (7, 4), (8, 3), (3, 7), (-7, 3), (7 + 2**64 - 1, 3)]
    ]
    assert len(np.unique(np.concatenate(others))) == 600


def test_streams_of_neighbouring_spans_share_no_draws() -> None:
    """Two workers never see one random stream, whichever spans they train."""
    drawn = [random.draws(int(s), 5_000) for s in kernels.random_streams(1, 0, 0, 20)]
    assert len(np.unique(np.concatenate(drawn))) == 20 * 5_000
    bits = np.array([np.unpackbits(d.view(np.uint8)) for d in drawn]) * 2.0 - 1
    correlation = np.abs(np.corrcoef(bits) - np.eye(20)).max()
    assert correlation < 6 / np.sqrt(bits.shape[1])


def test_the_books_example() -> None:
    table = kernels.alias_table(np.array([0.7, 0.29, 0.01]) ** 0.75)
    expected = [0.64196878, 0.33150408, 0.02652714]
    np.testing.assert_allclose(probabilities(table), expected, atol=1e-8)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300).filter(lambda w: sum(w) > 0))
def test_alias_table_holds_the_distribution(weights: list[float]) -> None:
    values = np.array(weights)
    table = kernels.alias_table(values)
    drawn = probabilities(table)
    np.testing.assert_allclose(drawn, values / values.sum(), atol=1e-9)
    # Not even rounding makes the impossible possible.
    never = values == 0
    assert not (table[never, 0] > 0).any()
    assert not np.isin(np.flatnonzero(never), table[:, 1]).any()


def test_draws_from_an_alias_table_follow_it() -> None:
    weights = np.arange(1, 51, dtype=np.float64) ** 0.75
    drawn = random.alias_draws(random.draws(5, 200_000), kernels.alias_table(weights))
    counts = np.bincount(drawn, minlength=50)
    expected = 200_000 * weights / weights.sum()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert chi_square < 49 + 5 * np.sqrt(2 * 49)  # five standard deviations of chi-square(49)


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -1.0], [1.0, np.nan], [np.inf], [[1.0]]])
def test_weights_that_are_no_distribution_are_refused(weights: Any) -> None:
    with pytest.raises(ParameterError, match="finite, non-negative numbers"):
        kernels.alias_table(weights)


@pytest.mark.parametrize("dimensions", [1, 15, 16, 17, 100, 300])
def test_aligned_rows_are_whole_cache_lines(dimensions: int) -> None:
    matrix = kernels.aligned_matrix(7, dimensions)
    assert matrix.shape[0] == 7
    assert dimensions <= matrix.shape[1] < dimensions + 16
    assert matrix.ctypes.data % 64 == 0
    assert matrix.strides[0] % 64 == 0
    assert matrix.dtype == np.float32
    assert not matrix.any()


def test_an_unknown_level_is_refused() -> None:
    available = ", ".join(kernels.levels())
    with pytest.raises(ConfigurationError, match=f"level .v9. is not available: .*{available}"):
        kernels.level("v9")
