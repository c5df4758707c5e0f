"""Files of format version 1 stay readable, and are written to the byte as they were.

python tests/golden/test_native_files.py     writes them anew, after a change of the format
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.formats.native import reading, writing
from negw2v.formats.records import ModelRecord, VectorsRecord

FOLDER = Path(__file__).parent / "native"


def objects(values: list[object]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def small_vectors() -> VectorsRecord:
    return VectorsRecord(
        keys=["the", "naïve", "日本", 7, None, "two\nlines", 0.5],
        vectors=np.arange(21, dtype=np.float32).reshape(7, 3) / 8,
        attributes={
            "count": np.arange(70, 0, -10),
            "tag": objects(["DT", "JJ", 0, "CD", None, "x", "y"]),
        },
        lifecycle_events=[{"event": "created", "datetime": "2026-01-01T00:00:00"}],
        extra={"language": "mixed"},
    )


def small_model() -> ModelRecord:
    words = ["a", "b", "c"]
    return ModelRecord(
        VectorsRecord(
            keys=list(words),
            vectors=np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
            attributes={
                "count": np.array([9, 5, 2]),
                "sample_int": np.array([2**32 - 1, 2**31, 7], dtype=np.uint32),
                "code": objects([np.array(code, np.uint8) for code in ([0], [1, 0], [1, 1])]),
                "point": objects([np.array(point, np.uint32) for point in ([1], [1, 0], [1, 0])]),
            },
        ),
        parameters={"vector_size": 4, "seed": [1, 2], "hs": 1, "sample": 0.001, "comment": "ü"},
        state={"corpus_count": 4, "epochs_begun": 2, "total_train_time": 0.25},
        syn1neg=np.ones((3, 4), dtype=np.float32),
        syn1=np.full((3, 4), 0.5, dtype=np.float32),
        cum_table=np.array([5, 9, 2**31 - 1], dtype=np.uint32),
        vectors_lockf=np.array([1, 0, 0.5], dtype=np.float32),
        raw_vocab={"a": 9, "b": 5, "c": 2, "d": 1},
        lifecycle_events=None,
        training={"epoch": 1},
        training_arrays={"loss": np.array([0.5, 0.25])},
    )


RECORDS = {"vectors-v1": small_vectors, "model-v1": small_model}


def written(record: VectorsRecord | ModelRecord) -> bytes:
    buffer = io.BytesIO()
    writing.write(buffer, record)
    return buffer.getvalue()


@pytest.mark.parametrize("name", RECORDS)
def test_they_are_written_as_they_were(name: str) -> None:
    assert written(RECORDS[name]()) == (FOLDER / f"{name}.safetensors").read_bytes()


@pytest.mark.parametrize("mmap", [None, "r", "c"])
def test_vectors_are_read(mmap: str | None) -> None:
    expected = small_vectors()
    found = KeyedVectors.load(FOLDER / "vectors-v1.safetensors", mmap=mmap)
    assert found.index_to_key == expected.keys
    np.testing.assert_array_equal(found.vectors, expected.vectors)
    assert found.vectors.dtype == np.float32
    assert found.get_vecattr(7, "count") == 40
    assert found.expandos["tag"].tolist() == expected.attributes["tag"].tolist()
    assert found.language == "mixed"
    assert [event["event"] for event in found.lifecycle_events or []] == ["created", "loaded"]


@pytest.mark.parametrize("mmap", [None, "r", "c"])
def test_a_model_is_read(mmap: str | None) -> None:
    expected = small_model()
    path = FOLDER / "model-v1.safetensors"
    found = Word2Vec.load(path, mmap=mmap)
    assert found.wv.index_to_key == expected.vectors.keys
    np.testing.assert_array_equal(found.wv.vectors, expected.vectors.vectors)
    for name in ("syn1neg", "syn1", "cum_table"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    np.testing.assert_array_equal(found.wv.vectors_lockf, [1, 0, 0.5])
    for name in ("code", "point"):
        for ours, theirs in zip(
            found.wv.expandos[name], expected.vectors.attributes[name], strict=True
        ):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
    for name, value in {**expected.parameters, **expected.state}.items():
        assert getattr(found, name) == value, name
    assert found.raw_vocab == expected.raw_vocab
    assert found.lifecycle_events is None
    assert found.window == 5, "what is missing gets its default"
    record = reading.read(path)
    assert isinstance(record, ModelRecord)
    assert record.training == {"epoch": 1}
    assert record.training_arrays["loss"].tolist() == [0.5, 0.25]
    found.train(
        [["a", "b", "c", "a"]] * 4, total_examples=4, epochs=1
    )  # a file of this version can be trained on


if __name__ == "__main__":
    for stem, make in RECORDS.items():
        (FOLDER / f"{stem}.safetensors").write_bytes(written(make()))
