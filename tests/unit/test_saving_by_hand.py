"""Objects that were changed by hand: save() gives them back whole, or says what is the matter."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import InputTypeError, NegW2VError, NegW2VWarning, ParameterError

WORDS = [f"w{number}" for number in range(20)]
SENTENCES = [WORDS[start : start + 5] for start in range(16)] * 2
SETTINGS: dict[str, Any] = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}


def some_vectors() -> KeyedVectors:
    vectors = KeyedVectors(4)
    random = np.random.default_rng(1)
    counts = np.arange(20, 0, -1)
    vectors.add_vectors(WORDS, random.normal(size=(20, 4)), {"count": counts})
    return vectors


def some_model(**settings: Any) -> Word2Vec:
    return Word2Vec(SENTENCES, **{**SETTINGS, **settings})


def cut(vectors: KeyedVectors, keep: list[str]) -> None:
    """What programs do that keep some words alone."""
    vectors.vectors = np.array([vectors[word] for word in keep])
    vectors.index_to_key = list(keep)
    vectors.key_to_index = {word: row for row, word in enumerate(keep)}


def version(path: Path) -> str:
    with safetensors.safe_open(path, "numpy") as opened:
        return str(opened.metadata()["format_version"])


def there_and_back(made: Any, path: Path) -> Any:
    """The object after save() and load(); what does not fit is warned of both times."""
    with pytest.warns(NegW2VWarning, match="kept as it is"):
        made.save(path)
    with pytest.warns(NegW2VWarning, match="kept as it is"):
        loaded = type(made).load(path)
    with pytest.warns(NegW2VWarning, match="kept as it is"):
        type(made).load(path, mmap="r")
    assert version(path) == "1.1", "readers of version 1 would refuse it without a word of why"
    return loaded


class TestWordsThatWereCutOut:
    def test_of_vectors(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        cut(vectors, ["w1", "w3", "w5", "w7"])
        loaded = there_and_back(vectors, tmp_path / "v")
        assert loaded.index_to_key == ["w1", "w3", "w5", "w7"]
        assert loaded.most_similar("w3") == vectors.most_similar("w3")
        np.testing.assert_array_equal(loaded.expandos["count"], vectors.expandos["count"])

    @pytest.mark.parametrize("settings", [{}, {"hs": 1, "negative": 0}], ids=str)
    def test_of_a_model(self, settings: dict[str, int], tmp_path: Path) -> None:
        model = some_model(**settings)
        cut(model.wv, ["w1", "w3", "w5"])
        loaded = there_and_back(model, tmp_path / "m")
        assert loaded.wv.index_to_key == ["w1", "w3", "w5"]
        weights = "syn1" if settings else "syn1neg"
        np.testing.assert_array_equal(getattr(loaded, weights), getattr(model, weights))
        for each in (model, loaded):
            with pytest.raises(NegW2VError, match=weights):
                each.train(SENTENCES, total_examples=32, epochs=1)

    def test_of_vectors_that_are_exported(self, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow", reason="the extra arrow brings it")
        vectors = some_vectors()
        cut(vectors, ["w1", "w3"])
        with pytest.warns(NegW2VWarning, match="stored in the order of index_to_key"):
            vectors.save_word2vec_format(tmp_path / "text")
        loaded = KeyedVectors.load_word2vec_format(tmp_path / "text")
        assert loaded.index_to_key == ["w1", "w3"]
        vectors.save_npy(tmp_path / "v.npy")
        for export in (vectors.save_projector, vectors.save_table):
            with pytest.raises(ParameterError, match=r"'count' has 20 values for 2 keys.* del kv"):
                export(tmp_path / "none")
        assert not (tmp_path / "none").exists()
        del vectors.expandos["count"]
        vectors.save_projector(tmp_path / "none")

    def test_words_are_predicted_by_weights_of_their_own_alone(self) -> None:
        model = some_model()
        cut(model.wv, ["w1", "w3", "w5"])
        with pytest.raises(NegW2VError, match=r"syn1neg has shape .* different words"):
            model.predict_output_word(["w1"])
        model.syn1neg = None  # type: ignore[assignment]
        for call in (
            lambda: model.predict_output_word(["w1"]),
            lambda: model.train(SENTENCES, total_examples=32, epochs=1),
        ):
            with pytest.raises(NegW2VError, match=r"weights|syn1neg"):
                call()

    def test_an_attribute_of_other_keys_is_not_given_out(self) -> None:
        vectors = some_vectors()
        cut(vectors, ["w1", "w3", "w5", "w7"])
        with pytest.raises(ParameterError, match="'count' has 20 values for 4 keys"):
            vectors.get_vecattr("w3", "count")

    def test_a_rotated_model(self, tmp_path: Path) -> None:
        model = some_model()
        model.wv.vectors = model.wv.vectors.astype(np.float64) @ np.eye(4)[::-1]
        model.save(tmp_path / "m")
        loaded = Word2Vec.load(tmp_path / "m")
        assert loaded.wv.vectors.dtype == np.float64
        np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)

    @pytest.mark.parametrize("said", [False, True])
    def test_fewer_dimensions(self, said: bool, tmp_path: Path) -> None:
        for made in (some_vectors(), some_model()):
            vectors = made.wv if isinstance(made, Word2Vec) else made
            vectors.vectors = vectors.vectors[:, :2]
            if said:
                vectors.vector_size = 2
            if said and isinstance(made, KeyedVectors):
                made.save(tmp_path / "m")
                loaded = KeyedVectors.load(tmp_path / "m")
            else:
                loaded = there_and_back(made, tmp_path / "m")
            back = loaded.wv if isinstance(loaded, Word2Vec) else loaded
            assert back.vector_size == vectors.vector_size
            np.testing.assert_array_equal(back.vectors, vectors.vectors)

    def test_lock_factors_of_a_smaller_vocabulary(self, tmp_path: Path) -> None:
        model = some_model()
        model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
        model.build_vocab([["brand", "new"]], update=True)
        loaded = there_and_back(model, tmp_path / "m")
        assert len(loaded.wv) == 22
        assert len(loaded.wv.vectors_lockf) == 20

    def test_a_distribution_of_ones_own(self, tmp_path: Path) -> None:
        model = some_model()
        model.cum_table = np.linspace(0.1, 1, len(model.wv))
        loaded = there_and_back(model, tmp_path / "m")
        np.testing.assert_array_equal(loaded.cum_table, model.cum_table)
        assert loaded.train(SENTENCES, total_examples=32, epochs=1)[1] > 0


class TestKeysByHand:
    def test_several_keys_for_a_row(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.key_to_index["alias"] = 3
        del vectors.key_to_index["w5"]
        loaded = there_and_back(vectors, tmp_path / "v")
        assert loaded.key_to_index == vectors.key_to_index
        assert loaded.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(loaded["alias"], vectors["w3"])
        assert "w5" not in loaded

    def test_a_row_that_is_not_there(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.key_to_index["w3"] = 20
        with pytest.raises(ParameterError, match="row 20 for key 'w3'"):
            vectors.save(tmp_path / "v")
        assert not list(tmp_path.iterdir())

    def test_a_list_of_keys_that_is_none(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        for keys in (np.array(WORDS), tuple(WORDS)):
            vectors.index_to_key = keys  # type: ignore[assignment]
            vectors.save(tmp_path / "v")
            assert KeyedVectors.load(tmp_path / "v").index_to_key == WORDS
        for keys in ("w0", 5, np.int64(5), np.array(5)):
            vectors.index_to_key = keys  # type: ignore[assignment]
            with pytest.raises(ParameterError, match="index_to_key"):
                vectors.save(tmp_path / "v")
        with pytest.raises(ParameterError, match="index_to_key"):
            vectors.index_to_key = dict.fromkeys(WORDS)  # type: ignore[assignment]

    def test_a_key_twice_is_refused(self) -> None:
        vectors = KeyedVectors(2, count=2)
        vectors.add_vector("a", [1, 2])
        with pytest.raises(ParameterError, match=r"'a' is there already, in row 0; .* kv\[key\]"):
            vectors.add_vector("a", [3, 4])
        assert (vectors.index_to_key, vectors.next_index) == (["a", None], 1)
        assert vectors["a"].tolist() == [1, 2]
        full = KeyedVectors(2)
        full.add_vectors(["a"], [[1, 2]])
        with pytest.raises(ParameterError, match="there already"):
            full.add_vector("a", [3, 4])
        full["a"] = [3, 4]
        assert full["a"].tolist() == [3, 4]

    def test_none_is_no_key(self) -> None:
        for vectors in (KeyedVectors(2, count=1), KeyedVectors(2)):
            for add in (vectors.add_vector, vectors.add_vectors):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    keys = None if add == vectors.add_vector else [None]
                    with pytest.raises(ParameterError, match="None cannot be a key"):
                        add(keys, [1, 2])

    def test_none_as_a_key_is_refused_before_it_is_lost(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.index_to_key = [*vectors.index_to_key[:-1], None]
        vectors.key_to_index = {key: row for row, key in enumerate(vectors.index_to_key)}
        with pytest.raises(ParameterError, match="the key None, which stands for rows without"):
            vectors.save(tmp_path / "file")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("keys", [[np.nan], [float("nan"), float("nan")], [("a", np.nan)]])
    def test_nan_is_no_key_of_a_file(self, keys: list[Any], tmp_path: Path) -> None:
        vectors = KeyedVectors(2)
        vectors.add_vectors(["a", *keys], np.ones((1 + len(keys), 2)))
        with pytest.raises(ParameterError, match="cannot be stored as a key: NaN does not equal"):
            vectors.save(tmp_path / "v")
        vectors = KeyedVectors(2)
        vectors.add_vectors(["a", "b"], np.eye(2))
        vectors.key_to_index[keys[0]] = 1
        with pytest.raises(ParameterError, match="NaN does not equal itself"):
            vectors.save(tmp_path / "v")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("name", ["index_to_key", "key_to_index", "expandos", "vector_size"])
    def test_an_attribute_that_was_deleted(self, name: str, tmp_path: Path) -> None:
        vectors = some_vectors()
        delattr(vectors, name)
        with pytest.raises(ParameterError, match=f"lost their attribute '{name}'"):
            vectors.save(tmp_path / "v")
        model = some_model()
        del model.wv
        with pytest.raises(ParameterError, match=r"model\.wv is a NoneType"):
            model.save(tmp_path / "v")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("array", [None, [[1.0, 2.0, 3.0, 4.0]] * 20], ids=["None", "list"])
    def test_vectors_that_are_no_array(self, array: Any, tmp_path: Path) -> None:
        for made in (some_vectors(), some_model()):
            (made.wv if isinstance(made, Word2Vec) else made).vectors = array
            with pytest.raises(ParameterError, match=f"vectors are of type {type(array).__name__}"):
                made.save(tmp_path / "v")
        assert not list(tmp_path.iterdir())

    def test_vectors_of_another_size(self) -> None:
        vectors = some_vectors()
        vectors.vectors = vectors.vectors[:, :2]
        for size, wanted in ((4, [1, 2, 3, 4]), (4, [1, 2])):
            with pytest.raises(ParameterError, match=f"vector_size is {size}, .* set kv.vector_"):
                vectors.add_vectors(["new"], wanted)
        vectors.vector_size = 2
        vectors.add_vectors(["new"], [1, 2])
        assert vectors["new"].tolist() == [1, 2]


class TestWordsOfAllTypes:
    @pytest.mark.parametrize(
        "words",
        [
            [("walk", "VB"), ("dog", "NN")],
            [b"walk", b"dog"],
            [(0, 0), (0, 1)],
            [((1, "a"), b"x"), (None, 0.5)],
            [1, 2.5],
            [float("inf"), True],
        ],
        ids=str,
    )
    def test_a_model_of_them(self, words: list[Any], tmp_path: Path) -> None:
        model = Word2Vec([words] * 20, **SETTINGS)
        model.build_vocab([words], update=True, keep_raw_vocab=True)
        model.save(tmp_path / "m")
        for mmap in (None, "r"):
            loaded = Word2Vec.load(tmp_path / "m", mmap=mmap)
            assert loaded.wv.key_to_index == model.wv.key_to_index
            assert [type(word) for word in loaded.wv.index_to_key] == [
                type(word) for word in model.wv.index_to_key
            ]
            assert loaded.raw_vocab == model.raw_vocab
            np.testing.assert_array_equal(
                loaded.wv.get_vector(words[0]), model.wv.get_vector(words[0])
            )
        assert loaded.train([words] * 9, total_examples=9, epochs=1)[1] == 18

    @pytest.mark.parametrize(
        "word", [None, frozenset("a"), 1j, object, (1, object), np.nan, (1, np.nan)]
    )
    def test_others_are_refused_before_the_training(self, word: Any) -> None:
        refused = pytest.raises(NegW2VError, match=r"cannot be (stored|a word)|holds (None|nan)")
        with refused:
            Word2Vec([[word, "a"]] * 20, **SETTINGS)
        model = Word2Vec(**SETTINGS)
        with pytest.raises(ParameterError, match=r"cannot be (stored|a word)"):
            model.build_vocab_from_freq({word: 5, "a": 3})
        assert not len(model.wv)
        if word in (None, np.nan):
            return
        model = Word2Vec(**{**SETTINGS, "min_count": 3})
        model.build_vocab([[word, "a", "a", "a"]])
        assert model.wv.index_to_key == ["a"]
        with pytest.raises(ParameterError, match=r"cannot be (stored|a word)"):
            model.build_vocab([[word, "a", "a", "a"]], keep_raw_vocab=True)


class TestAttributesOfTheUsers:
    @pytest.mark.parametrize(
        "value",
        [
            {"epochs": 5, 1: "first"},
            {1: "a", (2, b"b"): [("c",), {"tuple": [1]}]},
            {"tuple": ["looks like one"]},
            {"dict": 5},
            ("a", 1),
            b"\x00\xff",
            [float("inf"), -0.0],
            np.float32(0.1),
            None,
        ],
        ids=str,
    )
    def test_values(self, value: Any, tmp_path: Path) -> None:
        model = some_model(comment=value)
        model.mine, model.wv.mine = value, value
        model.save(tmp_path / "m")
        loaded = Word2Vec.load(tmp_path / "m")
        for found in (loaded.comment, loaded.mine, loaded.wv.mine):
            assert found == value
            assert type(found) is (float if isinstance(value, np.generic) else type(value))

    def test_a_comment_that_no_file_can_hold_loses_no_model(self, tmp_path: Path) -> None:
        model = some_model(comment={1, 2})
        with pytest.warns(NegW2VWarning, match="not stored: comment;"):
            model.save(tmp_path / "m")
        assert model.comment == {1, 2}
        assert Word2Vec.load(tmp_path / "m").comment is None

    @pytest.mark.parametrize("mmap", [None, "r"])
    def test_arrays(self, mmap: str | None, tmp_path: Path) -> None:
        model = some_model()
        model.idf, model.wv.grid = np.arange(3.0), np.eye(3, dtype=np.uint8)
        model.save(tmp_path / "m")
        loaded = Word2Vec.load(tmp_path / "m", mmap=mmap)
        np.testing.assert_array_equal(loaded.idf, model.idf)
        np.testing.assert_array_equal(loaded.wv.grid, np.eye(3))
        assert loaded.wv.grid.dtype == np.uint8

    def test_ordinary_files_are_of_version_1(self, tmp_path: Path) -> None:
        model = some_model(hs=1, comment={"a": [1, None, {"b": "c"}]}, seed=[1, 2])
        model.note = "plain"
        model.save(tmp_path / "m")
        assert version(tmp_path / "m") == "1"

    def test_those_that_are_not_stored_are_named_each_time(self, tmp_path: Path) -> None:
        model = some_model()
        model.made_by, model.score, model._hidden = object(), 0.9, 5  # type: ignore[assignment, method-assign]
        model.wv.odd = {1, 2}
        for _ in range(2):
            with pytest.warns(NegW2VWarning) as caught:
                model.save(tmp_path / "m")
            said = sorted(str(each.message).partition(";")[0] for each in caught)
            assert said == [
                "attributes that are not stored: _hidden, made_by, score",
                "attributes that are not stored: odd",
            ]
            assert {each.filename for each in caught} == {__file__}
        model.save(tmp_path / "m", ignore=["_hidden", "made_by", "score", "odd"])

    def test_defaults_of_a_derived_class(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Mine(Word2Vec):
            domain = "none"

            def title(self) -> str:
                return self.domain

        model = Mine(SENTENCES, **SETTINGS)
        model.domain = "news"
        model.save(tmp_path / "m")
        assert Mine.load(tmp_path / "m").title() == "news"
        other = some_model()
        other.title = "hides a method of the class that loads it"
        other.save(tmp_path / "m")
        with caplog.at_level(logging.WARNING):
            assert Mine.load(tmp_path / "m").title() == "none"
        assert "Mine does not take: title" in caplog.text

    def test_lock_factors_of_vectors_alone(self, tmp_path: Path) -> None:
        vectors = some_vectors()
        vectors.vectors_lockf = np.linspace(0, 1, 20, dtype=np.float32)
        vectors.save(tmp_path / "v")
        loaded = KeyedVectors.load(tmp_path / "v")
        np.testing.assert_array_equal(loaded.vectors_lockf, vectors.vectors_lockf)


def change(name: str, value: Any) -> Callable[[Word2Vec], None]:
    """Assign to an attribute of a model or of its vectors."""

    def assign(model: Word2Vec) -> None:
        owner, _, attribute = name.rpartition(".")
        setattr(getattr(model, owner) if owner else model, attribute, value)

    return assign


REFUSED = {
    "a window that is text": (change("window", "x"), "window"),
    "no seed in a list": (change("seed", []), "seed"),
    "a seed in a list in a list": (change("seed", [[1]]), "seed"),
    "a table of texts": (
        change("wv.expandos", {"tags": np.full((20, 2), "x")}),
        "'tags' has shape",
    ),
    "a negative seed": (change("seed", -1), "seed"),
    "NaN as a rate": (change("alpha", float("nan")), "alpha"),
    "no epochs": (change("epochs", 0), "epochs"),
    "a count that is text": (change("corpus_count", "many"), "corpus_count"),
    "half a word": (change("corpus_total_words", 0.5), "corpus_total_words"),
    "a clock that is a flag": (change("total_train_time", True), "total_train_time"),
    "weights that are a list": (change("syn1neg", [[1.0]]), "syn1neg"),
    "weights of objects": (change("syn1neg", np.array([[None]])), "syn1neg"),
    "weights of one dimension": (change("syn1neg", np.zeros(5)), "syn1neg"),
    "one lock factor": (change("wv.vectors_lockf", 1.0), "vectors_lockf"),
    "a table that is a list": (change("cum_table", [1, 2]), "cum_table"),
    "a log that is text": (change("lifecycle_events", "created"), "lifecycle_events"),
    "a log of texts": (change("wv.lifecycle_events", ["created"]), "lifecycle_events"),
    "words that are a list": (change("raw_vocab", ["a"]), "raw_vocab"),
    "words without counts": (change("raw_vocab", {"a": None}), "raw_vocab"),
    "integer vectors": (change("wv.vectors", np.ones((20, 4), int)), "vectors are an array"),
    "too few vectors": (change("wv.vectors", np.ones((19, 4), np.float32)), "one row per key"),
    "too few keys": (change("wv.index_to_key", WORDS[1:]), "one row per key"),
    "no dictionary": (change("wv.key_to_index", list(WORDS)), "key_to_index"),
    "a size that is text": (change("wv.vector_size", "4"), "vector_size"),
    "attributes in a list": (change("wv.expandos", [1]), "expandos"),
    "an attribute that is a number": (change("wv.expandos", {"count": 5}), "'count'"),
    "an attribute without a name": (change("wv.expandos", {5: np.ones(20)}), "texts"),
    "half a character": (change("wv.expandos", {"\ud800": np.ones(20)}), "half a character"),
    "gensim's vectors": (change("wv", object()), "model.wv"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_again_is_refused_and_the_old_file_stays(
    what: str, tmp_path: Path
) -> None:
    model = some_model()
    model.save(tmp_path / "m")
    before, events = (tmp_path / "m").read_bytes(), list(model.lifecycle_events or [])
    action, message = REFUSED[what]
    action(model)
    with (tmp_path / "open").open("wb") as file:
        for target in (tmp_path / "m", file, f"file://{tmp_path}/m"):
            with pytest.raises((ParameterError, InputTypeError), match=message):
                model.save(target)
    assert (tmp_path / "m").read_bytes() == before
    assert (tmp_path / "open").read_bytes() == b""
    assert len(list(tmp_path.iterdir())) == 2
    if isinstance(model.lifecycle_events, list):
        assert model.lifecycle_events == events, "a save that failed leaves the model as it was"


def test_numbers_of_numpys_and_whole_floats_are_counts(tmp_path: Path) -> None:
    model = some_model()
    model.corpus_count, model.corpus_total_words = np.int64(7), 1e6  # type: ignore[assignment]
    model.alpha, model.window = np.float32(0.5), np.int8(3)  # type: ignore[assignment]
    model.save(tmp_path / "m")
    loaded = Word2Vec.load(tmp_path / "m")
    assert (loaded.corpus_count, loaded.corpus_total_words) == (7, 1_000_000)
    assert (loaded.alpha, loaded.window) == (0.5, 3)
