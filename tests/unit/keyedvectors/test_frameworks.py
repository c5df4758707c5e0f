"""Vectors as objects of other libraries."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors
from negw2v.errors import InputTypeError, ParameterError


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


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # with PyTorch
class TestKeras:
    @pytest.fixture(autouse=True)
    def keras(self) -> Any:
        # A library that it computes with: NumPy is one, but Keras imports JAX with it.
        os.environ.setdefault("KERAS_BACKEND", "numpy")
        return pytest.importorskip("keras", reason="too large for the extra test, with JAX")

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_a_frozen_copy(self, vectors: KeyedVectors, keras: Any, dtype: Any) -> None:
        if keras.backend.backend() == "jax" and dtype == np.float64:
            pytest.skip("JAX makes float32 of float64, with a warning")
        vectors.vectors = vectors.vectors.astype(dtype)
        layer = vectors.to_keras_embedding()
        assert isinstance(layer, keras.layers.Embedding)
        assert (layer.input_dim, layer.output_dim, layer.trainable) == (3, 2, False)
        found = keras.ops.convert_to_numpy(layer(np.array([[2, 0]])))
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, [vectors[["c", "a"]]])
        layer.set_weights([np.zeros((3, 2))])
        assert vectors.vectors.all()

    def test_one_that_is_trained(self, vectors: KeyedVectors) -> None:
        layer = vectors.to_keras_embedding(train_embeddings=True)
        assert len(layer.trainable_weights) == 1

    def test_numbers_of_a_tokenizer(self, vectors: KeyedVectors, keras: Any) -> None:
        index = {"": 0, "b": 1, "unknown": 2, "a": np.int64(4)}
        layer = vectors.to_keras_embedding(word_index=index, mask_zero=True)
        found = keras.ops.convert_to_numpy(layer(np.arange(5)))
        np.testing.assert_array_equal(found, [[0, 0], vectors["b"], [0, 0], [0, 0], vectors["a"]])
        mask = keras.ops.convert_to_numpy(layer.compute_mask(np.array([1, 0, 4])))
        assert mask.tolist() == [True, False, True]

    def test_keys_that_are_numbers(self, keras: Any) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors([7, 5], [[1], [2]])
        layer = kv.to_keras_embedding(word_index={5: 0, 1: 1, 7: 2})  # 1 is a row, but no key
        assert keras.ops.convert_to_numpy(layer(np.arange(3))).tolist() == [[2], [0], [1]]

    @pytest.mark.parametrize(
        ("arguments", "kind", "said"),
        [
            ({"word_index": ["a", "b"]}, InputTypeError, "of type list; give a dict"),
            ({"word_index": {}}, ParameterError, "word_index is empty"),
            ({"word_index": {"a": -1}}, ParameterError, "gives 'a' the number -1"),
            ({"word_index": {"a": 1.0}}, ParameterError, r"gives 'a' the number 1\.0"),
            ({"word_index": {"a": True}}, ParameterError, "gives 'a' the number True"),
            ({"word_index": {"a": 2, "b": 2}}, ParameterError, "'a' and 'b' the same number, 2"),
            ({"word_index": {"b": 0}, "mask_zero": True}, ParameterError, "the number of 'b'"),
            ({"mask_zero": True}, ParameterError, "the number of 'a'.*begin with 1"),
        ],
    )
    def test_what_makes_no_layer(
        self, vectors: KeyedVectors, arguments: dict[str, Any], kind: type[Exception], said: str
    ) -> None:
        with pytest.raises(kind, match=said):
            vectors.to_keras_embedding(**arguments)

    def test_numbers_that_it_does_not_have(self, vectors: KeyedVectors) -> None:
        if np.dtype(np.longdouble) == np.float64:
            pytest.skip("long double is double here")
        vectors.vectors = vectors.vectors.astype(np.longdouble)
        with pytest.raises(ParameterError, match=r"Keras has float16.*astype"):
            vectors.to_keras_embedding()


class TestPandas:
    @pytest.fixture(autouse=True)
    def pandas(self) -> Any:
        return pytest.importorskip("pandas", reason="makes the table")

    def test_there_and_back(self, vectors: KeyedVectors) -> None:
        frame = vectors.to_pandas()
        assert frame.index.tolist() == ["a", "b", "c"]
        assert frame.index.name == "key"
        found = KeyedVectors(2)
        found.add_vectors(frame.index, frame.to_numpy())
        assert found.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(found.vectors, vectors.vectors)

    def test_a_column_of_vectors(self, vectors: KeyedVectors, pandas: Any) -> None:
        pytest.importorskip("pyarrow", reason="needs the extra arrow")
        frame = pandas.DataFrame({"id": [7, 5, 3], "v": list(vectors.vectors), "count": [3, 2, 1]})
        found = KeyedVectors.from_arrow(frame, word="id", vector="v")
        assert found.index_to_key == [7, 5, 3]
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        np.testing.assert_array_equal(found.expandos["count"], [3, 2, 1])


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

    def test_and_back(self, vectors: KeyedVectors) -> None:
        found = KeyedVectors.from_arrow(vectors.to_polars())
        assert found.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        assert found.vectors.dtype == np.float32
        np.testing.assert_array_equal(found.expandos["count"], [3, 2, 1])

    def test_nan_is_refused(self, vectors: KeyedVectors) -> None:
        vectors.add_vectors(["d"], [[np.nan, 1]], allow_nonfinite=True)
        vectors.expandos.clear()
        with pytest.raises(ParameterError, match="allow_nonfinite"):
            vectors.to_polars()
        assert len(vectors.to_polars(allow_nonfinite=True)) == 4
