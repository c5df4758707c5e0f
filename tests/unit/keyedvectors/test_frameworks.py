"""Vectors as objects of other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import ParameterError


@pytest.fixture
def vectors() -> KeyedVectors:
    made = KeyedVectors(2)
    made.add_vectors(["a", "b", "c"], np.arange(6, dtype=np.float32).reshape(3, 2) + 1)
    made.expandos["count"] = np.array([3, 2, 1])
    return made


class TestTorch:
    @pytest.fixture(autouse=True)
    def torch(self) -> Any:
        return pytest.importorskip("torch", reason="too large for the extra test")

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_a_frozen_copy(self, vectors: KeyedVectors, torch: Any, dtype: Any) -> None:
        vectors.vectors = vectors.vectors.astype(dtype)
        layer = vectors.to_torch_embedding()
        assert not layer.weight.requires_grad
        assert layer.padding_idx is None
        assert layer.weight.shape == (3, 2)
        found = layer(torch.tensor([vectors.get_index("c"), 0])).numpy()
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, vectors[["c", "a"]])

    def test_training_leaves_the_vectors_and_the_padding(
        self, vectors: KeyedVectors, torch: Any
    ) -> None:
        before = vectors.vectors.copy()
        layer = vectors.to_torch_embedding(freeze=False, padding=True)
        assert layer.padding_idx == 3
        layer(torch.tensor([1, 3])).sum().backward()
        torch.optim.SGD(layer.parameters(), lr=1.0).step()
        np.testing.assert_array_equal(vectors.vectors, before)
        wanted = [[1, 2], [2, 3], [5, 6], [0, 0]]
        np.testing.assert_array_equal(layer.weight.detach().numpy(), wanted)

    def test_numbers_that_it_does_not_have(self, vectors: KeyedVectors) -> None:
        if np.dtype(np.longdouble) == np.float64:
            pytest.skip("long double is double here")
        vectors.vectors = vectors.vectors.astype(np.longdouble)
        with pytest.raises(ParameterError, match=r"PyTorch has float16.*astype"):
            vectors.to_torch_embedding()


class TestPolars:
    @pytest.fixture(autouse=True)
    def polars(self) -> Any:
        pytest.importorskip("pyarrow", reason="needs the extra arrow")
        return pytest.importorskip("polars", reason="makes the table")

    def test_words_vectors_and_attributes(self, vectors: KeyedVectors, polars: Any) -> None:
        table = vectors.to_polars()
        assert table.columns == ["word", "vector", "count"]
        assert table["word"].to_list() == ["a", "b", "c"]
        assert table["count"].to_list() == [3, 2, 1]
        assert table.schema["vector"] == polars.Array(polars.Float32, 2)
        np.testing.assert_array_equal(table["vector"].to_numpy(), vectors.vectors)

    def test_nan_is_refused(self, vectors: KeyedVectors) -> None:
        vectors.add_vectors(["d"], [[np.nan, 1]], allow_nonfinite=True)
        vectors.expandos.clear()
        with pytest.raises(ParameterError, match="allow_nonfinite"):
            vectors.to_polars()
        assert len(vectors.to_polars(allow_nonfinite=True)) == 4
