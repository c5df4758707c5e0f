"""Files of gensim's, 4.x (written by gensim) and 3.8 (written by stand-ins of its classes)."""

from __future__ import annotations

import pickle
import subprocess
import sys
import types
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import (
    FileDecodeError,
    InputTypeError,
    KeyedVectors,
    MissingFileError,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
    Word2Vec,
)

SENTENCES = [["a", "b", "c", "d"], ["b", "ç", "e", "a", "b"]] * 40
OBJECTIVES = [{}, {"hs": 1, "negative": 0, "sg": 1}, {"hs": 1}]


def gensim_model(**parameters: Any) -> Any:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    return models.Word2Vec(
        SENTENCES, vector_size=12, min_count=1, workers=1, epochs=2, seed=3, **parameters
    )


def assert_same_vectors(ours: Any, theirs: Any) -> None:
    assert ours.index_to_key == theirs.index_to_key
    assert ours.key_to_index == theirs.key_to_index
    assert ours.vectors.dtype == theirs.vectors.dtype
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)
    assert ours.expandos.keys() == theirs.expandos.keys()
    for name, values in theirs.expandos.items():
        assert ours.expandos[name].dtype == values.dtype
        for one, other in zip(ours.expandos[name], values, strict=True):
            np.testing.assert_array_equal(one, other)
            assert getattr(one, "dtype", None) == getattr(other, "dtype", None)


def assert_same_model(ours: Any, theirs: Any) -> None:
    assert_same_vectors(ours.wv, theirs.wv)
    for name in ("syn1", "syn1neg"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        if hasattr(theirs, name):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(ours.wv.vectors_lockf, theirs.wv.vectors_lockf)
    for name, value in vars(theirs).items():
        if isinstance(value, (int, float, str, type(None))) and name not in {"cum_table"}:
            assert getattr(ours, name) == value, name


def train_on(model: Any) -> None:
    before = model.wv.vectors.copy()
    model.train(SENTENCES, total_examples=model.corpus_count, epochs=1)
    assert np.isfinite(model.wv.vectors).all()
    assert not np.array_equal(model.wv.vectors, before)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
@pytest.mark.parametrize(
    "saving",
    [{}, {"sep_limit": 0}, {"pickle_protocol": 2}, {"pickle_protocol": 5}],
    ids=str,
)
def test_a_model_of_gensim_4(
    objective: dict[str, Any], suffix: str, saving: dict[str, Any], tmp_path: Path
) -> None:
    theirs = gensim_model(**objective)
    theirs.save(str(tmp_path / f"model{suffix}"), **saving)
    ours = Word2Vec.load(tmp_path / f"model{suffix}")
    assert_same_model(ours, theirs)
    assert ours.lifecycle_events is not None
    assert ours.lifecycle_events[:-1] == [
        {key: value for key, value in event.items() if isinstance(value, (str, int, float))}
        for event in theirs.lifecycle_events
    ]
    train_on(ours)
    theirs.wv.save(str(tmp_path / f"vectors{suffix}"), **saving)
    assert_same_vectors(KeyedVectors.load(tmp_path / f"vectors{suffix}"), theirs.wv)
    assert_same_vectors(KeyedVectors.load(tmp_path / f"model{suffix}"), theirs.wv)


def test_arrays_beside_the_file_can_be_mapped(tmp_path: Path) -> None:
    theirs = gensim_model()
    theirs.save(str(tmp_path / "apart"), sep_limit=0)
    theirs.save(str(tmp_path / "whole"))
    theirs.save(str(tmp_path / "packed.gz"), sep_limit=0)
    for mode in ("r", "c"):
        vectors = KeyedVectors.load(tmp_path / "apart", mmap=mode)
        assert isinstance(vectors.vectors, np.memmap)
        assert vectors.vectors.flags.writeable == (mode == "c")
        assert_same_vectors(vectors, theirs.wv)
    train_on(Word2Vec.load(tmp_path / "apart", mmap="r"))
    for name in ("whole", "packed.gz"):
        with pytest.raises(ModelFileError, match=r"mmap='r' is not possible.*without mmap"):
            KeyedVectors.load(tmp_path / name, mmap="r")
    (tmp_path / "apart.wv.vectors.npy").unlink()
    with pytest.raises(MissingFileError, match=r"apart\.wv\.vectors\.npy"):
        KeyedVectors.load(tmp_path / "apart")


def test_gensim_need_not_be_there(tmp_path: Path) -> None:
    theirs = gensim_model()
    theirs.save(str(tmp_path / "model"))
    code = (
        "import sys; sys.modules['gensim'] = None\n"
        "from negw2v import Word2Vec\n"
        "model = Word2Vec.load(sys.argv[1])\n"
        "assert 'pickle' not in dir(sys.modules['negw2v.formats.pickles.machine'])\n"
        "print(model.wv.most_similar('a', topn=1)[0][0])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.strip() == theirs.wv.most_similar("a", topn=1)[0][0]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_objects_of_gensims_and_back(objective: dict[str, Any]) -> None:
    theirs = gensim_model(**objective)
    ours = Word2Vec.from_gensim(theirs)
    assert_same_model(ours, theirs)
    again = ours.to_gensim()
    assert type(again) is type(theirs)
    assert type(again.wv) is type(theirs.wv)
    assert_same_model(again, theirs)
    train_on(ours)
    train_on(again)
    assert_same_vectors(KeyedVectors.from_gensim(theirs.wv), theirs.wv)
    assert_same_vectors(KeyedVectors.from_gensim(theirs.wv).to_gensim(), theirs.wv)
    assert again.wv.most_similar("a") != theirs.wv.most_similar("a")
    with pytest.raises(InputTypeError):
        Word2Vec.from_gensim(5)
    with pytest.raises(InputTypeError):
        KeyedVectors.from_gensim({"a": 1})


# -- classes derived from gensim's


class Graph:
    """An attribute of a kind that nobody else knows."""

    def __init__(self) -> None:
        self.nodes = np.arange(3)


class Labels(dict):  # type: ignore[type-arg]
    pass


class Names(list):  # type: ignore[type-arg]
    pass


def derived(monkeypatch: pytest.MonkeyPatch, base: Any) -> type:
    """A class derived from gensim's, in a module that is gone when its file is read."""
    module = types.ModuleType("somepackage")
    monkeypatch.setitem(sys.modules, "somepackage", module)
    for kind in (Graph, Labels, Names):
        module.__dict__[kind.__name__] = kind
        monkeypatch.setattr(kind, "__module__", "somepackage")
    module.Skipgram = type(base)("Skipgram", (base,), {"__module__": "somepackage"})  # type: ignore[attr-defined]
    kind = module.Skipgram
    assert isinstance(kind, type)
    return kind


def furnish(one: Any) -> None:
    """Attributes as such classes have them."""
    one.graph, one.labels, one.names = Graph(), Labels(a=1), Names("ab")
    one.window_of_mine = 7


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_model_of_a_derived_class(
    protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    kind = derived(monkeypatch, models.Word2Vec)
    theirs: Any = kind(SENTENCES, vector_size=12, min_count=1, workers=1, epochs=2, hashfxn=len)
    furnish(theirs)
    theirs.save(str(tmp_path / "model"), pickle_protocol=protocol)
    monkeypatch.undo()
    with pytest.warns(NegW2VWarning, match=r"model.* of the class somepackage\.Skipgram; it is re"):
        ours = Word2Vec.load(tmp_path / "model")
    assert "somepackage" not in sys.modules
    assert_same_vectors(ours.wv, theirs.wv)
    np.testing.assert_array_equal(ours.syn1neg, theirs.syn1neg)
    assert (ours.window, ours.epochs, ours.corpus_count) == (5, 2, 80)
    train_on(ours)
    assert_same_vectors(KeyedVectors.load(tmp_path / "model"), theirs.wv)

    class Skipgram(Word2Vec):
        pass

    Skipgram.__module__, Skipgram.__qualname__ = "somepackage", "Skipgram"
    loaded = Skipgram.load(tmp_path / "model")
    assert type(loaded) is Skipgram
    assert_same_vectors(loaded.wv, theirs.wv)


def test_vectors_of_a_derived_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    theirs: Any = derived(monkeypatch, models.KeyedVectors)(3)
    theirs.add_vectors(["a", "b"], np.ones((2, 3), np.float32))
    furnish(theirs)
    theirs.save(str(tmp_path / "apart"), sep_limit=0)
    model = gensim_model()
    model.wv.__class__ = type(theirs)
    model.save(str(tmp_path / "model"))
    monkeypatch.undo()
    with pytest.warns(NegW2VWarning, match=r"somepackage\.Skipgram; it is read as a KeyedVectors"):
        assert_same_vectors(KeyedVectors.load(tmp_path / "apart"), theirs)
    assert_same_vectors(Word2Vec.load(tmp_path / "model").wv, model.wv)
    with pytest.raises(ModelFileError, match="holds vectors, but no model"):
        Word2Vec.load(tmp_path / "apart")


@pytest.mark.parametrize("name", ["FastText", "Doc2Vec"])
def test_gensims_own_derived_classes_stay_gensims(name: str, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    if name == "Doc2Vec":
        tagged = [models.doc2vec.TaggedDocument(words, [0]) for words in SENTENCES]
        model = models.Doc2Vec(tagged, vector_size=4, min_count=1, workers=1, epochs=1)
    else:
        model = models.FastText(SENTENCES, vector_size=4, min_count=1, workers=1, bucket=10)
    model.save(str(tmp_path / "model"))
    for load in (Word2Vec.load, KeyedVectors.load):
        with pytest.raises(ModelFileError, match=rf"holds a gensim\.models\.\w+\.{name}, neither"):
            load(tmp_path / "model")


# -- gensim 3.8


class Old:
    def __init__(self, **state: Any) -> None:
        self.__dict__.update(state)


def old_classes() -> dict[str, type]:
    """Stand-ins in the names of gensim 3.8's classes."""
    places = {
        "Word2Vec": "word2vec",
        "Word2VecVocab": "word2vec",
        "Word2VecTrainables": "word2vec",
        "Word2VecKeyedVectors": "keyedvectors",
        "Vocab": "keyedvectors",
    }
    return {
        name: type(name, (Old,), {"__module__": f"gensim.models.{module}"})
        for name, module in places.items()
    }


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The classes, findable where pickle looks for them."""
    classes = old_classes()
    for module in (
        "gensim",
        "gensim.models",
        "gensim.models.word2vec",
        "gensim.models.keyedvectors",
    ):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    for name, kind in classes.items():
        setattr(sys.modules[kind.__module__], name, kind)
    return types.SimpleNamespace(**classes)


def old_model(old: Any, hs: int, apart: Path | None = None) -> tuple[Any, np.ndarray, np.ndarray]:
    words = ["the", "schön", "of"]
    random = np.random.default_rng(0)
    vectors, output = random.standard_normal((2, 3, 4)).astype(np.float32)
    vocab = {}
    for index, word in enumerate(words):
        state: dict[str, Any] = {"count": 9 - index, "index": index, "sample_int": 2**32 - index}
        if hs:
            state["code"] = np.array([index % 2, 1], dtype=np.uint8)
            state["point"] = np.array([1, 0], dtype=np.uint32)
        vocab[word] = old.Vocab(**state)
    wv = old.Word2VecKeyedVectors(
        vocab=vocab, index2word=words, vector_size=4, vectors_norm=None, vectors=vectors
    )
    trainables = old.Word2VecTrainables(
        hashfxn=hash,
        layer1_size=4,
        seed=7,
        vectors_lockf=np.array([1, 0, 1], dtype=np.float32),
        **{"syn1" if hs else "syn1neg": output},
    )
    if apart is not None:
        for owner, attribute, part in (
            (wv, "vectors", "wv"),
            (trainables, "syn1neg", "trainables"),
        ):
            np.save(f"{apart}.{part}.{attribute}.npy", getattr(owner, attribute))
            delattr(owner, attribute)
            owner.__dict__["__numpys"] = [attribute]
    model = old.Word2Vec(
        wv=wv,
        trainables=trainables,
        vocabulary=old.Word2VecVocab(
            max_vocab_size=None,
            min_count=2,
            sample=0.001,
            sorted_vocab=1,
            null_word=0,
            raw_vocab=defaultdict(int, {"the": 9}),
            max_final_vocab=None,
            ns_exponent=0.75,
            cum_table=None,
        ),
        vector_size=4,
        alpha=0.025,
        min_alpha=0.0001,
        window=6,
        workers=1,
        sg=1,
        hs=hs,
        negative=0 if hs else 5,
        cbow_mean=1,
        epochs=3,
        batch_words=10000,
        compute_loss=False,
        running_training_loss=0,
        train_count=1,
        total_train_time=np.float64(0.5),
        corpus_count=10,
        corpus_total_words=100,
        min_alpha_yet_reached=0.0001,
        callbacks=(),
        random=np.random.RandomState(7),
    )
    model.__dict__["__recursive_saveloads"] = ["wv", "trainables"]
    return model, vectors, output


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("hs", [0, 1])
@pytest.mark.parametrize("apart", [False, True])
def test_a_model_of_gensim_3(
    old: Any, protocol: int, hs: int, apart: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if apart and hs:
        pytest.skip("the same as without hs")
    path = tmp_path / "model"
    model, vectors, output = old_model(old, hs, path if apart else None)
    path.write_bytes(pickle.dumps(model, protocol=protocol))
    monkeypatch.undo()  # the stand-ins are gone: reading needs no classes
    ours = Word2Vec.load(path)
    assert ours.wv.index_to_key == ["the", "schön", "of"]
    np.testing.assert_array_equal(ours.wv.vectors, vectors)
    np.testing.assert_array_equal(ours.syn1 if hs else ours.syn1neg, output)
    assert ours.wv.expandos["count"].tolist() == [9, 8, 7]
    assert ours.wv.expandos["sample_int"].tolist() == [2**32 - 1, 2**32 - 1, 2**32 - 2]
    assert ours.wv.vectors_lockf.tolist() == [1, 0, 1]
    found = ours.window, ours.min_count, ours.seed, ours.epochs, ours.sg, ours.corpus_count
    assert found == (6, 2, 7, 3, 1, 10)
    assert ours.total_train_time == 0.5
    assert ours.raw_vocab == {"the": 9}
    ours.train([["the", "schön", "of"]] * 10, total_examples=10, epochs=2)
    assert np.isfinite(ours.wv.vectors).all()


def test_vectors_of_gensim_3_and_before(old: Any, tmp_path: Path) -> None:
    model, vectors, _ = old_model(old, 0)
    state = model.wv.__dict__
    state["syn0"], state["index2entity"] = state.pop("vectors"), state.pop("index2word")
    (tmp_path / "vectors").write_bytes(pickle.dumps(model.wv, protocol=2))
    found = KeyedVectors.load(tmp_path / "vectors")
    np.testing.assert_array_equal(found.vectors, vectors)
    assert found.key_to_index == {"the": 0, "schön": 1, "of": 2}
    with pytest.raises(ModelFileError, match="holds vectors, but no model"):
        Word2Vec.load(tmp_path / "vectors")


def old_state(old: Any, hs: int = 0) -> tuple[Any, dict[str, Any], np.ndarray, np.ndarray]:
    """A model of gensim 0.13.3: it has its vectors itself."""
    model, vectors, output = old_model(old, hs)
    state = model.__dict__
    wv, trainables, vocabulary = (state.pop(name) for name in ("wv", "trainables", "vocabulary"))
    del state["__recursive_saveloads"], state["epochs"]
    state |= {name: vars(vocabulary)[name] for name in ("min_count", "sample", "raw_vocab")}
    state |= {"syn0": vectors, "vocab": wv.vocab, "index2word": wv.index2word, "iter": 3}
    state |= {"seed": 7, "syn0_lockf": trainables.vectors_lockf, "layer1_size": 4}
    state["syn1" if hs else "syn1neg"] = output
    return model, state, vectors, output


@pytest.mark.parametrize("hs", [0, 1])
@pytest.mark.parametrize("apart", [False, True])
def test_a_model_of_gensim_0_13(
    old: Any, hs: int, apart: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    model, state, vectors, output = old_state(old, hs)
    locks = state["syn0_lockf"]
    if apart:
        state["__numpys"] = ["syn0", "syn0_lockf", "syn1" if hs else "syn1neg"]
        for name in state["__numpys"]:
            np.save(f"{path}.{name}.npy", state.pop(name))
    path.write_bytes(pickle.dumps(model, protocol=2))
    monkeypatch.undo()
    ours = Word2Vec.load(path)
    assert ours.wv.index_to_key == ["the", "schön", "of"]
    np.testing.assert_array_equal(ours.wv.vectors, vectors)
    np.testing.assert_array_equal(ours.syn1 if hs else ours.syn1neg, output)
    assert ours.wv.expandos["count"].tolist() == [9, 8, 7]
    np.testing.assert_array_equal(ours.wv.vectors_lockf, locks)
    assert (ours.window, ours.min_count, ours.seed, ours.epochs) == (6, 2, 7, 3)
    train_on_its_words = [["the", "schön", "of"]] * 10
    ours.train(train_on_its_words, total_examples=10, epochs=2)
    assert np.isfinite(ours.wv.vectors).all()
    np.testing.assert_array_equal(KeyedVectors.load(path).vectors, vectors)
    if apart:
        np.testing.assert_array_equal(KeyedVectors.load(path, mmap="r").vectors, vectors)
        Path(f"{path}.syn0.npy").unlink()
        with pytest.raises(MissingFileError, match=r"\(syn0\).*several files"):
            KeyedVectors.load(path)


# -- words that Python 2 saved as bytes


def python2(content: bytes, encoding: str) -> bytes:
    """A pickle with the word "schön" as Python 2 writes the bytes of it."""
    word = "schön".encode()
    text, data = b"X" + len(word).to_bytes(4, "little") + word, "schön".encode(encoding)
    assert text in content
    return content.replace(text, b"U" + len(data).to_bytes(1, "little") + data)


@pytest.mark.parametrize("version", ["0.13", "3.8"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_words_of_python_2(
    version: str, encoding: str, old: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    if version == "0.13":
        model, state, _, _ = old_state(old)
        state["raw_vocab"] = {"schön": 8}
    else:
        model, _, _ = old_model(old, 0)
        model.vocabulary.raw_vocab = defaultdict(int, {"schön": 8})
    path.write_bytes(python2(pickle.dumps(model, protocol=2), encoding))
    monkeypatch.undo()
    for kind in (Word2Vec, KeyedVectors):
        loaded = kind.load(path, encoding=encoding)
        store = loaded if kind is KeyedVectors else loaded.wv
        assert store.index_to_key == ["the", "schön", "of"]
        assert [type(key) for key in store.index_to_key] == [str] * 3
        assert store.key_to_index["schön"] == 1
        assert store.get_vecattr("schön", "count") == 8
        if kind is Word2Vec:
            loaded.save(tmp_path / "again")
            assert Word2Vec.load(tmp_path / "again").wv.index_to_key == store.index_to_key
        as_gensim_does = ["the", "schön".encode(encoding).decode("latin-1"), "of"]
        if encoding == "utf-8":
            with pytest.warns(NegW2VWarning, match=r"'schÃ¶n'.*'schön'.*encoding='utf8'"):
                loaded = kind.load(path)
        else:
            loaded = kind.load(path)
            with pytest.raises(FileDecodeError, match="encoding='latin1'"):
                kind.load(path, encoding="utf8")
        store = loaded if kind is KeyedVectors else loaded.wv
        assert store.index_to_key == as_gensim_does
        loaded = kind.load(path, encoding="latin1")
        assert len(loaded if kind is KeyedVectors else loaded.wv) == 3
        with pytest.raises(ParameterError, match="encoding='klingon'"):
            kind.load(path, encoding="klingon")


# -- files that got lost, and keys in a dict


def test_a_model_that_has_lost_a_file(tmp_path: Path) -> None:
    theirs = gensim_model()
    theirs.save(str(tmp_path / "model"), sep_limit=0)
    assert (tmp_path / "model.syn1neg.npy").exists()
    (tmp_path / "model.syn1neg.npy").unlink()
    with pytest.raises(MissingFileError, match=r"syn1neg\.npy.*several files.*KeyedVectors\.load"):
        Word2Vec.load(tmp_path / "model")
    for mode in (None, "r"):
        assert_same_vectors(KeyedVectors.load(tmp_path / "model", mmap=mode), theirs.wv)
    (tmp_path / "model.wv.vectors.npy").rename(tmp_path / "moved")
    with pytest.raises(MissingFileError, match=r"vectors\.npy.*several files.*together$"):
        KeyedVectors.load(tmp_path / "model")


DICTS = [lambda key, row: (key, row), lambda key, row: (row, key)]


@pytest.mark.parametrize("entry", DICTS)
def test_keys_in_a_dict(entry: Any, tmp_path: Path) -> None:
    keys = ["c", "a", "b"]
    rows = dict(entry(key, row) for row, key in [(2, "b"), (0, "c"), (1, "a")])
    vectors = KeyedVectors(2)
    vectors.index_to_key = rows
    vectors.key_to_index = {key: row for row, key in enumerate(keys)}
    vectors.vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert vectors.index_to_key == keys
    assert vectors.most_similar("a", topn=2)
    for save, load in (("save", "load"), ("save_word2vec_format", "load_word2vec_format")):
        getattr(vectors, save)(tmp_path / "file")
        assert getattr(KeyedVectors, load)(tmp_path / "file").index_to_key == keys
    with pytest.raises(ParameterError, match=r"index_to_key is a dict of 2 entries.*list"):
        vectors.index_to_key = {"a": 0, "b": 2}
    assert vectors.index_to_key == keys


@pytest.mark.parametrize("entry", DICTS)
def test_gensims_keys_in_a_dict(entry: Any, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models", reason="gensim writes these files")
    theirs = models.KeyedVectors(2)
    theirs.add_vectors(["a", "b"], np.ones((2, 2), np.float32))
    theirs.index_to_key = dict(entry(key, row) for row, key in [(1, "b"), (0, "a")])
    theirs.save(str(tmp_path / "file"))
    assert KeyedVectors.load(tmp_path / "file").index_to_key == ["a", "b"]
    assert KeyedVectors.from_gensim(theirs).index_to_key == ["a", "b"]
