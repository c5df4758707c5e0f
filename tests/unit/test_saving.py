"""save() and load(): everything comes back, and training goes on as if nothing had happened."""

from __future__ import annotations

import io
import logging
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import (
    InputTypeError,
    MissingFileError,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
    SaveError,
)
from negw2v.extras import OPTIONAL, installed_version
from negw2v.formats import saving

needs_zst = pytest.mark.skipif(
    installed_version(OPTIONAL["backports.zstd"]) is None, reason="needs the extra zst"
)

Sentences = list[list[str]]
WEIGHTS = ("syn1neg", "syn1", "cum_table")


@pytest.fixture(autouse=True)
def nobody_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_told", set())


@pytest.fixture(scope="module")
def sentences(synthetic_sentences: Sentences) -> Sentences:
    return synthetic_sentences[:1500]


def assert_same_vectors(ours: KeyedVectors, theirs: KeyedVectors) -> None:
    assert ours.index_to_key == theirs.index_to_key
    assert [type(key) for key in ours.index_to_key] == [type(key) for key in theirs.index_to_key]
    assert ours.key_to_index == theirs.key_to_index
    assert ours.vectors.dtype == theirs.vectors.dtype
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)
    assert list(ours.expandos) == list(theirs.expandos) or set(ours.expandos) == set(
        theirs.expandos
    )
    for name, values in ours.expandos.items():
        other = theirs.expandos[name]
        assert values.dtype == other.dtype
        assert len(values) == len(other)
        for mine, its in zip(values, other, strict=True):
            assert type(mine) is type(its)
            np.testing.assert_array_equal(mine, its)


def assert_same_model(ours: Word2Vec, theirs: Word2Vec) -> None:
    assert_same_vectors(ours.wv, theirs.wv)
    for name in WEIGHTS:
        assert hasattr(ours, name) == hasattr(theirs, name)
        if getattr(ours, name, None) is not None:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(ours.wv.vectors_lockf, theirs.wv.vectors_lockf)
    special = {"wv", "random", "lifecycle_events", "training_report", "raw_vocab"}
    special |= {"_huffman", "_tables"}  # made anew from the rest
    for name in vars(ours).keys() - special - set(WEIGHTS):
        assert getattr(ours, name) == getattr(theirs, name), name
        assert type(getattr(ours, name)) is type(getattr(theirs, name)), name
    assert dict(ours.raw_vocab or {}) == dict(theirs.raw_vocab or {})


SETTINGS: dict[str, Any] = {"vector_size": 18, "min_count": 3, "workers": 1, "seed": 7, "epochs": 1}
OBJECTIVES = {
    "sg ns": {"sg": 1},
    "cbow ns": {"sg": 0},
    "sg hs": {"sg": 1, "hs": 1, "negative": 0},
    "cbow hs": {"sg": 0, "hs": 1, "negative": 0},
    "sg both": {"sg": 1, "hs": 1, "share_negatives": False},
    "cbow both": {"hs": 1, "cbow_mean": 0, "sample": 0},
}


class TestTrainingGoesOn:
    @pytest.mark.parametrize("mmap", [None, "r", "c"])
    @pytest.mark.parametrize("objective", OBJECTIVES)
    def test_as_without_the_save(
        self, sentences: Sentences, tmp_path: Path, objective: str, mmap: str | None
    ) -> None:
        model = Word2Vec(sentences, **SETTINGS, **OBJECTIVES[objective])
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model", mmap=mmap)
        assert_same_model(model, loaded)
        for each in (model, loaded):
            each.train(sentences, total_examples=each.corpus_count, epochs=2, start_alpha=0.01)
        assert (loaded.epochs_begun, loaded.train_count) == (3, 2)
        assert loaded.running_training_loss == model.running_training_loss
        loaded.total_train_time = model.total_train_time
        assert_same_model(model, loaded)

    @pytest.mark.parametrize("hs", [0, 1])
    def test_with_lock_factors_and_a_vocabulary_that_grew(
        self, sentences: Sentences, tmp_path: Path, hs: int
    ) -> None:
        model = Word2Vec(sentences, hs=hs, **SETTINGS)
        model.build_vocab([["new", "words", "here"]] * 4 + sentences[:50], update=True)
        model.wv.vectors_lockf = np.linspace(0, 1, len(model.wv)).astype(np.float32)
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model")
        assert_same_model(model, loaded)
        for each in (model, loaded):
            each.build_vocab([["newer", "words"]] * 5, update=True)
            each.wv.vectors_lockf = np.append(each.wv.vectors_lockf, np.float32(0.5))
            each.train(sentences, total_examples=each.corpus_count, epochs=1)
        loaded.total_train_time = model.total_train_time
        assert_same_model(model, loaded)

    def test_from_a_vocabulary_alone(self, sentences: Sentences, tmp_path: Path) -> None:
        model = Word2Vec(**SETTINGS)
        model.build_vocab(sentences, keep_raw_vocab=True)
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model")
        assert_same_model(model, loaded)
        assert loaded.raw_vocab == model.raw_vocab
        for each in (model, loaded):
            each.train(sentences, total_examples=each.corpus_count, epochs=1)
        np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)

    def test_an_untrained_model_without_words(self, tmp_path: Path) -> None:
        model = Word2Vec(vector_size=5, seed=[1, 2], comment={"a": 1})
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model")
        assert_same_model(model, loaded)
        assert loaded.seed == [1, 2]

    def test_other_answers_stay_the_same(self, sentences: Sentences, tmp_path: Path) -> None:
        model = Word2Vec(sentences, hs=1, **SETTINGS)
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model", mmap="r")
        np.testing.assert_array_equal(loaded.score(sentences[:5]), model.score(sentences[:5]))
        context = model.wv.index_to_key[:2]
        assert loaded.predict_output_word(context) == model.predict_output_word(context)
        assert loaded.wv.most_similar(context[0]) == model.wv.most_similar(context[0])


def some_vectors(dtype: str = "f4") -> KeyedVectors:
    vectors = KeyedVectors(3, dtype=np.dtype(dtype))
    vectors.add_vectors(["ä", "b", "c\nd", ""], np.arange(12).reshape(4, 3))
    return vectors


class TestKeyedVectors:
    @pytest.mark.parametrize("mmap", [None, "r", "c"])
    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_there_and_back(self, tmp_path: Path, dtype: str, mmap: str | None) -> None:
        vectors = some_vectors(dtype)
        for name, value in {"n": 1, "x": 0.5, "flag": True, "tag": "noun"}.items():
            vectors.set_vecattr("b", name, value)
        vectors.expandos["pairs"] = np.arange(8).reshape(4, 2)
        vectors.expandos["fixed"] = np.array(["p", "qq", "", "ü"])
        vectors.save(tmp_path / "v")
        loaded = KeyedVectors.load(tmp_path / "v", mmap=mmap)
        vectors.expandos["fixed"] = vectors.expandos["fixed"].astype(object)
        assert_same_vectors(vectors, loaded)
        assert loaded.vectors.flags.writeable == (mmap != "r")

    @pytest.mark.parametrize(
        "keys",
        [
            [3, 1, -(10**30)],
            ["a", 7, "7"],
            [None, "a", None],
            [1.5, "x", "\udc80"],
            ["\udc80", "\ud800x", "y"],
            ["\u2028", "\r\n", "\n"],
            [np.str_("a"), np.int64(5), True],
            [("walk", "VB"), b"walk", (1, (b"\xff", None, "\udc80"), 0.5)],
            [(), b"", ("", float("inf"))],
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("mmap", [None, "r"])
    def test_keys_of_all_kinds(self, tmp_path: Path, keys: list[Any], mmap: str | None) -> None:
        vectors = KeyedVectors(2, count=3)
        vectors.take_keys(list(keys))
        vectors.save(tmp_path / "v")
        loaded = KeyedVectors.load(tmp_path / "v", mmap=mmap)
        plain = [key.item() if isinstance(key, np.generic) else key for key in keys]
        assert loaded.index_to_key == plain
        assert [type(key) for key in loaded.index_to_key] == [type(key) for key in plain]
        assert loaded.key_to_index == vectors.key_to_index
        assert loaded.next_index == vectors.next_index

    def test_no_vectors(self, tmp_path: Path) -> None:
        KeyedVectors(4).save(tmp_path / "v")
        for mmap in (None, "r"):
            loaded = KeyedVectors.load(tmp_path / "v", mmap=mmap)
            assert (loaded.vectors.shape, loaded.index_to_key) == ((0, 4), [])

    @pytest.mark.parametrize(
        "key", [frozenset("a"), 1j, (1, object()), object(), 10**5000], ids=range(5)
    )
    def test_a_key_that_cannot_be_stored(self, tmp_path: Path, key: Any) -> None:
        vectors = KeyedVectors(2)
        vectors.take_keys([key])
        vectors.vectors = np.zeros((1, 2), np.float32)
        with pytest.raises(ParameterError, match=r"the key .* cannot be stored"):
            vectors.save(tmp_path / "v")
        assert not list(tmp_path.iterdir())
        assert not hasattr(vectors, "lifecycle_events"), "nothing was saved"

    def test_an_attribute_that_cannot_be_stored_can_be_ignored(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.set_vecattr("b", "odd", object())
        vectors.set_vecattr("b", "fine", 3)
        with pytest.raises(ParameterError, match="'odd'"):
            vectors.save(tmp_path / "v")
        vectors.save(tmp_path / "v", ignore=["odd", "lifecycle_events"])
        loaded = KeyedVectors.load(tmp_path / "v")
        assert set(loaded.expandos) == {"fine"}
        assert [event["event"] for event in loaded.lifecycle_events] == ["loaded"]
        assert "odd" in vectors.expandos

    def test_keys_of_a_mapped_file_are_decoded_when_they_are_needed(self, tmp_path: Path) -> None:
        some_vectors().save(tmp_path / "v")
        loaded = KeyedVectors.load(tmp_path / "v", mmap="r")
        assert "index_to_key" not in vars(loaded)
        assert loaded.get_index("b") == 1
        assert vars(loaded)["index_to_key"] == ["ä", "b", "c\nd", ""]

    def test_a_mapped_file_that_is_replaced_stays_as_it_was(self, tmp_path: Path) -> None:
        first = some_vectors()
        first.save(tmp_path / "v")
        mapped = KeyedVectors.load(tmp_path / "v", mmap="r")
        second = some_vectors()
        second.vectors += 1
        second.save(tmp_path / "v")
        np.testing.assert_array_equal(mapped.vectors, first.vectors)
        assert mapped.index_to_key == first.index_to_key

    def test_changes_of_a_copy_stay_in_memory(self, tmp_path: Path) -> None:
        some_vectors().save(tmp_path / "v")
        before = (tmp_path / "v").read_bytes()
        loaded = KeyedVectors.load(tmp_path / "v", mmap="c")
        loaded.unit_normalize_all()
        loaded["new"] = np.ones(3)
        assert (tmp_path / "v").read_bytes() == before

    def test_the_library_reads_the_file(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.save(tmp_path / "v")
        arrays = safetensors.numpy.load_file(tmp_path / "v")
        np.testing.assert_array_equal(arrays["vectors"], vectors.vectors)
        assert bytes(arrays["keys.text"]).decode() == "ä\nb\nc\nd\n\n"
        assert arrays["keys.offsets"].tolist() == [0, 3, 5, 9, 10]

    def test_what_the_library_writes_is_read(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.save(tmp_path / "v")
        with safetensors.safe_open(tmp_path / "v", "numpy") as opened:
            metadata = opened.metadata()
        arrays = safetensors.numpy.load_file(tmp_path / "v")
        safetensors.numpy.save_file(arrays, tmp_path / "w", metadata)
        assert_same_vectors(vectors, KeyedVectors.load(tmp_path / "w", mmap="r"))


class TestWhere:
    @pytest.mark.parametrize(
        "suffix", [".gz", ".bz2", ".xz", pytest.param(".zst", marks=needs_zst)]
    )
    def test_compressed(self, tmp_path: Path, suffix: str) -> None:
        vectors, path = some_vectors(), tmp_path / f"v{suffix}"
        vectors.save(str(path))
        renamed = path.rename(tmp_path / "without a suffix")
        assert b"vectors" not in renamed.read_bytes() or suffix == ".zst"
        assert_same_vectors(vectors, KeyedVectors.load(renamed))
        with pytest.raises(ModelFileError, match="compressed"):
            KeyedVectors.load(renamed, mmap="r")

    def test_an_open_file(self, tmp_path: Path) -> None:
        vectors, buffer = some_vectors(), io.BytesIO()
        vectors.save(buffer)
        (tmp_path / "v").write_bytes(buffer.getvalue())
        assert_same_vectors(vectors, KeyedVectors.load(tmp_path / "v"))

    def test_a_uri(self, tmp_path: Path) -> None:
        vectors, uri = some_vectors(), f"file://{tmp_path / 'v'}"
        vectors.save(uri)
        assert_same_vectors(vectors, KeyedVectors.load(uri))
        with pytest.raises(ModelFileError, match="not on this machine"):
            KeyedVectors.load(uri, mmap="r")

    def test_bytes_as_a_path(self, tmp_path: Path) -> None:
        vectors, path = some_vectors(), bytes(tmp_path / "v")
        vectors.save(path)
        assert_same_vectors(vectors, KeyedVectors.load(path))

    def test_no_path_at_all(self) -> None:
        for call in (some_vectors().save, KeyedVectors.load):
            with pytest.raises(InputTypeError, match="path"):
                call(5)  # type: ignore[operator]

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(MissingFileError, match="no such file"):
            KeyedVectors.load(tmp_path / "nothing")
        with pytest.raises(MissingFileError, match="folder"):
            Word2Vec.load(tmp_path)
        with pytest.raises(SaveError, match="folder"):
            some_vectors().save(tmp_path)

    @pytest.mark.parametrize("mmap", ["r+", "w+", "x", True, 5])
    def test_an_unknown_mmap(self, tmp_path: Path, mmap: Any) -> None:
        some_vectors().save(tmp_path / "v")
        with pytest.raises(ParameterError, match="mmap="):
            KeyedVectors.load(tmp_path / "v", mmap=mmap)


class TestKindsOfFiles:
    def test_the_vectors_of_a_model(self, sentences: Sentences, tmp_path: Path) -> None:
        model = Word2Vec(sentences, **SETTINGS)
        model.save(tmp_path / "m")
        for mmap in (None, "r"):
            assert_same_vectors(model.wv, KeyedVectors.load(tmp_path / "m", mmap=mmap))

    def test_vectors_are_no_model(self, tmp_path: Path) -> None:
        some_vectors().save(tmp_path / "v")
        with pytest.raises(ModelFileError, match=r"KeyedVectors\.load"):
            Word2Vec.load(tmp_path / "v")

    def test_derived_classes(self, sentences: Sentences, tmp_path: Path) -> None:
        class MyModel(Word2Vec):
            def __init__(self, needed: int) -> None:
                super().__init__(sentences, **SETTINGS)
                self.needed = needed

        class MyVectors(KeyedVectors):
            pass

        model = MyModel(5)
        model.save(tmp_path / "m")
        loaded = MyModel.load(tmp_path / "m")
        assert type(loaded) is MyModel
        assert loaded.needed == 5
        assert type(MyVectors.load(tmp_path / "m")) is MyVectors


class TestWhatIsNotStored:
    def test_functions(self, tmp_path: Path) -> None:
        model = Word2Vec(vector_size=2, hashfxn=len)
        with pytest.warns(NegW2VWarning, match="hashfxn") as caught:
            model.save(tmp_path / "m")
        assert caught[0].filename == __file__
        model.save(tmp_path / "m")  # said once
        assert Word2Vec.load(tmp_path / "m").hashfxn is hash

    def test_parameters_of_gensims(self, tmp_path: Path) -> None:
        with pytest.warns(NegW2VWarning, match="no effect"):
            some_vectors().save(tmp_path / "v", separately=["vectors"])
        some_vectors().save(tmp_path / "v", sep_limit=5, pickle_protocol=2)  # said once
        with pytest.raises(InputTypeError, match="one name"):
            some_vectors().save(tmp_path / "v", ignore="vectors")

    def test_attributes_of_the_users(self, tmp_path: Path) -> None:
        model = Word2Vec(vector_size=2)
        model.note, model.made_by = {"a": [1, None]}, object()
        model.wv.language = "en"
        with pytest.warns(NegW2VWarning, match="not stored: made_by"):
            model.save(tmp_path / "m")
        loaded = Word2Vec.load(tmp_path / "m")
        assert loaded.note == {"a": [1, None]}
        assert loaded.wv.language == "en"
        assert not hasattr(loaded, "made_by")

    def test_what_is_ignored(self, sentences: Sentences, tmp_path: Path) -> None:
        model = Word2Vec(sentences, **SETTINGS)
        model.save(tmp_path / "m", ignore={"syn1neg", "cum_table", "sample_int", "unknown"})
        loaded = Word2Vec.load(tmp_path / "m")
        assert not hasattr(loaded, "syn1neg")
        assert loaded.cum_table is None
        assert set(loaded.wv.expandos) == {"count"}

    def test_a_comment_that_cannot_be(self, tmp_path: Path) -> None:
        with pytest.warns(NegW2VWarning, match="not stored: comment"):
            Word2Vec(vector_size=2, comment=object()).save(tmp_path / "m")
        assert Word2Vec.load(tmp_path / "m").comment is None


def test_lifecycle_events_are_stored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = Word2Vec(vector_size=2)
    model.add_lifecycle_event("odd", value=np.float32(1), path=Path("x"))
    with caplog.at_level(logging.INFO):
        model.save(tmp_path / "m")
    loaded = Word2Vec.load(tmp_path / "m")
    assert [event["event"] for event in loaded.lifecycle_events or []] == [
        "created",
        "odd",
        "saving",
        "loaded",
    ]
    model.lifecycle_events = None
    model.save(tmp_path / "m")
    assert Word2Vec.load(tmp_path / "m").lifecycle_events is None


def test_a_process_that_is_killed_while_saving_leaves_the_old_file_or_the_new_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "v"
    code = (
        "import sys; import numpy as np; from negw2v import KeyedVectors\n"
        "v = KeyedVectors(64, count=4096); v.take_keys(list(range(4096)))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    v.vectors += 1; v.lifecycle_events = None; v.save(sys.argv[1])\n"
    )
    first = KeyedVectors(64, count=4096)
    first.take_keys(list(range(4096)))
    first.save(path)
    found = set()
    for attempt in range(30):  # 12 where a save takes milliseconds
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.004 * 1.25**attempt)
            process.send_signal(signal.SIGKILL)
        loaded = KeyedVectors.load(path)
        assert loaded.index_to_key == first.index_to_key
        assert (loaded.vectors == loaded.vectors[0, 0]).all()
        found.add(float(loaded.vectors[0, 0]))
        if attempt > 10 and len(found) > 1:
            break
    assert len(found) > 1, "no save was completed: nothing was tested"


@pytest.mark.parametrize("make", [some_vectors, lambda: Word2Vec(vector_size=4)])
def test_a_limit_of_file_size_leaves_the_old_file(tmp_path: Path, make: Callable[[], Any]) -> None:
    import resource

    path = tmp_path / "v"
    make().save(path)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(SaveError, match="no larger file"):
            make().save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["v"]


def test_loading_warns_of_nothing(sentences: Sentences, tmp_path: Path) -> None:
    Word2Vec(sentences, hs=1, **SETTINGS).save(tmp_path / "m")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Word2Vec.load(tmp_path / "m")
        KeyedVectors.load(tmp_path / "m", mmap="r").most_similar("the")


def test_load_on_an_object_is_refused_since_it_would_leave_the_object_as_it_is(
    tmp_path: Path,
) -> None:
    model = Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4)
    model.save(tmp_path / "model")
    with pytest.raises(AttributeError, match=r"write Word2Vec\.load\(\.\.\.\)"):
        model.load(tmp_path / "model")
    assert len(Word2Vec.load(tmp_path / "model").wv) == 2
