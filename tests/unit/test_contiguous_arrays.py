"""A model's arrays are C-contiguous, as gensim's are, and at any time those that are trained."""

from __future__ import annotations

import copy
import ctypes
import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.callbacks import CallbackAny2Vec, StopTraining
from negw2v.datasets import synthetic
from negw2v.training.progress import TrainingProgress
from negw2v.training.weights import Workspace

SENTENCES = synthetic.sentences(200, seed=1)
SIZES = [1, 96, 100, 300]
SETTINGS: dict[str, Any] = {
    "hs": 1,
    "min_count": 1,
    "epochs": 3,
    "seed": 5,
    "workers": 1,
    "progress": False,
}


def untrained(**more: Any) -> Word2Vec:
    model = Word2Vec(**{**SETTINGS, **more})
    model.build_vocab(SENTENCES)
    return model


def train(model: Word2Vec, corpus: Any = SENTENCES, **more: Any) -> Word2Vec:
    model.train(corpus, total_examples=len(SENTENCES), epochs=3, **more)
    return model


def arrays_of(model: Word2Vec) -> list[np.ndarray]:
    return [model.wv.vectors, model.syn1neg, model.syn1]


def values_of(model: Word2Vec) -> list[bytes]:
    return [array.tobytes() for array in arrays_of(model)]


def grown(model: Word2Vec) -> Word2Vec:
    model.build_vocab([["a", "few", "more", "words"]], update=True)
    return model


def converted(model: Word2Vec) -> Word2Vec:
    pytest.importorskip("gensim")
    return Word2Vec.from_gensim(model.to_gensim())


MODELS: dict[str, Callable[[Word2Vec, Path], Word2Vec]] = {
    "trained": lambda model, _: model,
    "loaded": lambda model, path: model.save(path) or Word2Vec.load(path),  # type: ignore[func-returns-value]
    "mapped": lambda model, path: model.save(path) or Word2Vec.load(path, mmap="r"),  # type: ignore[func-returns-value]
    "mapped and trained": lambda model, path: (
        model.save(path) or train(Word2Vec.load(path, mmap="r"))  # type: ignore[func-returns-value]
    ),
    "from a checkpoint": lambda model, path: train(model, checkpoint=path) and Word2Vec.load(path),
    "resumed": lambda model, path: (
        train(model, checkpoint=path) and Word2Vec.resume(path, SENTENCES)
    ),
    "grown": lambda model, _: grown(model),
    "grown and trained": lambda model, _: train(grown(model)),
    "copied and trained": lambda model, _: train(copy.deepcopy(model)),
    "from gensim": lambda model, _: converted(model),
    "from gensim and trained": lambda model, _: train(converted(model)),
}


@pytest.mark.parametrize("vector_size", SIZES)
@pytest.mark.parametrize("kind", MODELS)
def test_programs_that_read_memory_get_the_numbers(
    kind: str, vector_size: int, tmp_path: Path
) -> None:
    model = MODELS[kind](train(untrained(vector_size=vector_size)), tmp_path / "model")
    for array in arrays_of(model):
        assert array.shape == (len(model.wv), vector_size)
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
        assert array.flags.aligned
        numbers = array.tolist()
        expected = np.array(numbers, dtype=np.float32)
        flat = [number for row in numbers for number in row]
        # as C has it, as fse has it: row i begins at i * vector_size
        in_c = (ctypes.c_float * array.size).from_address(array.ctypes.data)
        assert list(in_c) == flat
        assert np.frombuffer(array, np.float32).tolist() == flat
        assert hashlib.sha1(array).digest() == hashlib.sha1(expected).digest()
        array.tofile(tmp_path / "raw")
        assert np.fromfile(tmp_path / "raw", np.float32).tolist() == flat
        assert np.shares_memory(array.reshape(-1), array)
        assert bytes(memoryview(array)) == expected.tobytes()


def test_vectors_of_keyed_vectors_are_contiguous(tmp_path: Path) -> None:
    vectors = KeyedVectors(100)
    vectors.add_vectors(["a", "b"], np.ones((2, 100)))
    assert vectors.vectors.flags.carray
    vectors.index_to_key.append("c")
    vectors.resize_vectors(seed=1)
    assert vectors.vectors.flags.carray
    vectors.key_to_index["c"] = 2
    vectors.save(tmp_path / "v")
    assert KeyedVectors.load(tmp_path / "v").vectors.flags.carray


class Recorder(CallbackAny2Vec):
    """The values at every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[bytes], list[int]]] = []

    def record(self, name: str, model: Word2Vec) -> None:
        self.calls.append((name, values_of(model), list(map(id, arrays_of(model)))))

    def on_train_begin(self, model: Any) -> None:
        self.record("train begin", model)

    def on_train_end(self, model: Any) -> None:
        self.record("train end", model)

    def on_epoch_begin(self, model: Any) -> None:
        self.record("epoch begin", model)

    def on_epoch_end(self, model: Any) -> None:
        self.record("epoch end", model)


class Stop(CallbackAny2Vec):
    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def on_epoch_end(self, model: Any) -> None:
        self.left -= 1
        if not self.left:
            raise StopTraining


@pytest.mark.parametrize("vector_size", SIZES)
def test_callbacks_see_the_values_of_the_moment(vector_size: int) -> None:
    recorder = Recorder()
    model = untrained(vector_size=vector_size)
    before = values_of(model)
    held = arrays_of(model)
    train(model, callbacks=[recorder])
    names = [name for name, *_ in recorder.calls]
    assert names == ["train begin", *["epoch begin", "epoch end"] * 3, "train end"]
    values = [values for _, values, _ in recorder.calls]
    stopped = [
        values_of(train(untrained(vector_size=vector_size), callbacks=[Stop(epochs)]))
        for epochs in (1, 2, 3)
    ]
    expected = [before, before, *(each for each in stopped for _ in range(2))]
    assert values == expected
    assert stopped[2] == values_of(train(untrained(vector_size=vector_size)))
    # the objects stay, and whoever had them has what was trained
    assert all(ids == list(map(id, held)) for _, _, ids in recorder.calls)
    assert [array.tobytes() for array in held] == values_of(model)
    assert [id(array) for array in arrays_of(model)] == [id(array) for array in held]


class Scale(CallbackAny2Vec):
    """Halves the vectors at one of the calls, in place or with new arrays."""

    def __init__(self, call: str, in_place: bool) -> None:
        setattr(self, call, self.scale)
        self.in_place = in_place

    def scale(self, model: Any) -> None:
        if self.in_place:
            model.wv.vectors *= 0.5
            model.syn1neg[::2] = 0
            model.syn1 += 0.125
        else:
            model.wv.vectors = model.wv.vectors * 0.5
            model.syn1neg = model.syn1neg.copy()
            model.syn1neg[::2] = 0
            model.syn1 = np.asfortranarray(model.syn1.astype(np.float64) + 0.125)


@pytest.mark.parametrize("vector_size", [96, 100])
@pytest.mark.parametrize("call", ["on_train_begin", "on_epoch_begin", "on_epoch_end"])
def test_what_callbacks_change_is_trained_on(call: str, vector_size: int) -> None:
    in_place, exchanged = (
        train(untrained(vector_size=vector_size), callbacks=[Scale(call, each)])
        for each in (True, False)
    )
    # float64 at the end of the last epoch is the user's, and stays
    same = [np.asarray(array, np.float32).tobytes() for array in arrays_of(exchanged)]
    assert values_of(in_place) == same
    assert values_of(in_place) != values_of(train(untrained(vector_size=vector_size)))


@pytest.mark.parametrize("vector_size", [96, 100])
def test_what_callbacks_change_last_is_not_undone(vector_size: int) -> None:
    class Clear(CallbackAny2Vec):
        def on_epoch_end(self, model: Any) -> None:
            for array in arrays_of(model):
                array[:] = 7
            raise RuntimeError

    model = untrained(vector_size=vector_size)
    with pytest.raises(RuntimeError):
        train(model, callbacks=[Clear()])
    assert all((array == 7).all() for array in arrays_of(model))


class Failing:
    """A corpus that ends in an exception, in its second pass."""

    def __init__(self, error: type[BaseException]) -> None:
        self.passes = 0
        self.error = error

    def __iter__(self) -> Iterator[list[str]]:
        self.passes += 1
        yield from SENTENCES
        if self.passes == 2:
            raise self.error


@pytest.mark.parametrize("vector_size", [96, 100])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_was_trained_before_an_exception_is_kept(
    vector_size: int, error: type[BaseException]
) -> None:
    model = untrained(vector_size=vector_size)
    with pytest.raises(error):
        train(model, Failing(error))
    start = untrained(vector_size=vector_size)
    for mine, before in zip(arrays_of(model), arrays_of(start), strict=True):
        assert mine.flags.carray
        assert np.isfinite(mine).all()
        assert (mine != before).any()


@pytest.mark.parametrize("vector_size", [96, 100])
def test_ctrl_c_while_nobody_watches(vector_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    add = TrainingProgress.add
    interrupted = False

    def interrupt(self: TrainingProgress, *done: Any) -> None:
        nonlocal interrupted
        add(self, *done)
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingProgress, "add", interrupt)
    model = untrained(vector_size=vector_size)
    before, held = values_of(model), arrays_of(model)
    with pytest.raises(KeyboardInterrupt):
        train(model)
    after = values_of(model)
    assert all(now != then for now, then in zip(after, before, strict=True))
    assert [array.tobytes() for array in held] == after
    assert model.wv.norms is None


@pytest.mark.parametrize("callbacks", [[], [CallbackAny2Vec()]])
def test_ctrl_c_between_two_arrays(callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = Workspace.publish
    interrupted = False

    def interrupt(self: Workspace) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            matrix, rows = self._pairs[0]
            matrix[...] = rows[:, : matrix.shape[1]]
            raise KeyboardInterrupt
        publish(self)

    monkeypatch.setattr(Workspace, "publish", interrupt)
    model = untrained(vector_size=100)
    with pytest.raises(KeyboardInterrupt):
        train(model, callbacks=callbacks)
    monkeypatch.undo()
    whole = train(untrained(vector_size=100), callbacks=[Stop(1)] if callbacks else [])
    assert values_of(model) == values_of(whole)


@pytest.mark.parametrize(
    ("foreign", "stays"),
    [
        (lambda array: array.copy(), True),
        (lambda array: array.astype(np.float64), False),
        (np.asfortranarray, False),
        (lambda array: np.pad(array, ((0, 0), (0, 12)))[:, : array.shape[1]], False),
        (lambda array: np.frombuffer(array.tobytes(), np.float32).reshape(array.shape), False),
    ],
)
def test_arrays_of_the_user(foreign: Callable[[np.ndarray], np.ndarray], stays: bool) -> None:
    """Those that training can write into are written into; others are replaced."""
    model = untrained(vector_size=100)
    given = [foreign(array) for array in arrays_of(model)]
    before = [array.copy() for array in given]
    model.wv.vectors, model.syn1neg, model.syn1 = given
    train(model)
    assert values_of(model) == values_of(train(untrained(vector_size=100)))
    for now, mine, then in zip(arrays_of(model), given, before, strict=True):
        assert now.flags.carray
        assert (now is mine) == stays
        if not stays:
            np.testing.assert_array_equal(mine, then)


def test_weights_that_are_one_array_are_trained_as_one() -> None:
    models = untrained(vector_size=100, hs=0), untrained(vector_size=96, hs=0)
    for model in models:
        model.syn1neg = model.wv.vectors
        start = model.wv.vectors.copy()
        train(model)
        assert model.syn1neg is model.wv.vectors
        assert (model.wv.vectors != start).any()


@pytest.mark.parametrize(
    ("vector_size", "copies"), [(100, 112 / 100), (96, 0)], ids=["padded", "in place"]
)
@pytest.mark.parametrize("end", ["returns", "raises"])
def test_the_memory_of_train(vector_size: int, copies: float, end: str) -> None:
    """One more copy of each matrix at most, and none afterwards."""
    words = {f"w{number}": 1_000_000 - number for number in range(20_000)}
    model = Word2Vec(vector_size=vector_size, workers=1, seed=1, min_count=1, progress=False)
    model.build_vocab_from_freq(words)
    sentences = [[f"w{number}" for number in range(50)]] * 20
    size = model.wv.vectors.nbytes + model.syn1neg.nbytes
    model.train(sentences, total_examples=20, epochs=1)  # tables that stay are there

    class End(CallbackAny2Vec):
        def on_epoch_end(self, model: Any) -> None:
            if end == "raises":
                raise ZeroDivisionError

    error = None
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        try:
            model.train(sentences, total_examples=20, epochs=3, callbacks=[End()])
        except ZeroDivisionError as caught:
            error = caught  # with its traceback, as an interactive session has it
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (error is not None) == (end == "raises")
    assert peak - before < copies * size + 0.2 * size
    assert after - before < 0.05 * size


def test_a_callback_may_save_and_copy_the_model(tmp_path: Path) -> None:
    class Keep(CallbackAny2Vec):
        def on_epoch_end(self, model: Any) -> None:
            model.save(tmp_path / "model")
            self.copy = copy.deepcopy(model)

    keep = Keep()
    model = train(untrained(vector_size=100), callbacks=[keep])
    assert values_of(keep.copy) == values_of(model)
    assert values_of(Word2Vec.load(tmp_path / "model")) == values_of(model)


def test_a_corpus_of_the_users_sees_the_epochs_before() -> None:
    seen = []

    class Looking:
        def __iter__(self) -> Iterator[list[str]]:
            seen.append(values_of(model))
            yield from SENTENCES

    model = untrained(vector_size=100)
    train(model, Looking())
    assert len({tuple(values) for values in seen}) == 3
    assert tuple(values_of(model)) not in {tuple(values) for values in seen}


@pytest.mark.parametrize("mode", ["r", "c"])
def test_mapped_matrices_are_memmaps(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    train(untrained(vector_size=100)).save(path)
    content = path.read_bytes()
    model = Word2Vec.load(path, mmap=mode)
    for array in [*arrays_of(model), KeyedVectors.load(path, mmap=mode).vectors]:
        assert isinstance(array, np.memmap)
        assert array.flags.writeable == (mode == "c")
        assert array.mode == mode
        assert array.filename == str(path)
        # where a program that maps the file itself would find it
        again = np.memmap(path, np.float32, "r", array.offset, array.shape)
        np.testing.assert_array_equal(again, array)
    train(model)
    assert (model.wv.vectors != Word2Vec.load(path).wv.vectors).any()
    assert path.read_bytes() == content


def test_vectors_of_a_npy_file_are_memmaps(tmp_path: Path) -> None:
    train(untrained(vector_size=100)).wv.save_npy(tmp_path / "v.npy")
    vectors = KeyedVectors.load_npy(tmp_path / "v.npy", mmap="r").vectors
    assert isinstance(vectors, np.memmap)
    assert not vectors.flags.writeable


def test_files_whose_matrices_lie_column_by_column(tmp_path: Path) -> None:
    vectors = train(untrained(vector_size=100)).wv
    expected = vectors.vectors.copy()
    vectors.save_npy(tmp_path / "v.npy")
    np.save(tmp_path / "v.npy", np.asfortranarray(expected))
    loaded = KeyedVectors.load_npy(tmp_path / "v.npy").vectors
    assert loaded.flags.carray
    np.testing.assert_array_equal(loaded, expected)
    mapped = KeyedVectors.load_npy(tmp_path / "v.npy", mmap="r").vectors
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, expected)


@pytest.mark.parametrize("sep_limit", [0, 1 << 30], ids=["beside the pickle", "in the pickle"])
def test_models_of_gensim_whose_matrices_lie_column_by_column(
    sep_limit: int, tmp_path: Path
) -> None:
    gensim = pytest.importorskip("gensim.models")
    theirs = gensim.Word2Vec(SENTENCES, vector_size=100, min_count=1, hs=1, epochs=1, workers=1)
    expected = theirs.wv.vectors.copy(), theirs.syn1neg.copy(), theirs.syn1.copy()
    theirs.wv.vectors, theirs.syn1neg, theirs.syn1 = map(np.asfortranarray, expected)
    theirs.save(str(tmp_path / "model"), sep_limit=sep_limit)
    for model in (Word2Vec.load(tmp_path / "model"), Word2Vec.from_gensim(theirs)):
        for array, values in zip(arrays_of(model), expected, strict=True):
            assert array.flags.carray
            np.testing.assert_array_equal(array, values)
