"""The folder that model2vec, sentence-transformers and tokenizers load, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import (
    InputTypeError,
    MissingFileError,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
    SaveError,
)

FILES = ["README.md", "config.json", "model.safetensors", "modules.json", "tokenizer.json"]


@pytest.fixture
def vectors() -> KeyedVectors:
    made = KeyedVectors(3)
    made.add_vectors(["ä", "the", "日本", "cat"], np.arange(12, dtype=np.float32).reshape(4, 3) - 5)
    made.expandos["count"] = np.array([9, 7, 5, 3])
    made.expandos["tag"] = np.array(["n", "v", None, "x"], dtype=object)
    return made


@pytest.fixture
def folder(vectors: KeyedVectors, tmp_path: Path) -> Path:
    vectors.save_pretrained(tmp_path / "words")
    return tmp_path / "words"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestThereAndBack:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_words_vectors_and_counts(self, tmp_path: Path, dtype: Any) -> None:
        kv = KeyedVectors(2, dtype=dtype)
        kv.add_vectors(["a", "b"], np.array([[1 / 3, 2], [3, 4]], dtype=dtype))
        kv.expandos["count"] = np.array([2, 1])
        kv.save_pretrained(tmp_path)
        found = KeyedVectors.from_pretrained(tmp_path)
        assert found.index_to_key == ["a", "b"]
        assert found.vectors.dtype == dtype
        np.testing.assert_array_equal(found.vectors, kv.vectors)
        np.testing.assert_array_equal(found.expandos["count"], [2, 1])
        assert sorted(path.name for path in tmp_path.iterdir()) == FILES

    def test_a_derived_class(self, folder: Path) -> None:
        class Mine(KeyedVectors):
            pass

        assert type(Mine.from_pretrained(folder)) is Mine

    def test_the_token_of_unknown_words_is_new(self, tmp_path: Path) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors(["[UNK]", "[UNK2]", "a"], [[1], [2], [3]])
        kv.save_pretrained(tmp_path)
        model = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
        assert model["unk_token"] == "[UNK3]"
        assert model["vocab"]["[UNK3]"] == 3
        assert load_file(tmp_path / "model.safetensors")["embeddings"].tolist() == [
            [1],
            [2],
            [3],
            [0],
        ]
        assert KeyedVectors.from_pretrained(tmp_path).index_to_key == ["[UNK]", "[UNK2]", "a"]

    def test_numbers_become_texts(self, tmp_path: Path) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors([7, np.int64(5)], [[1], [2]])
        kv.save_pretrained(tmp_path)
        assert KeyedVectors.from_pretrained(tmp_path).index_to_key == ["7", "5"]

    def test_a_second_save_replaces_the_first(self, vectors: KeyedVectors, folder: Path) -> None:
        (folder / "notes.txt").write_text("mine")
        vectors.subset(["cat"]).save_pretrained(folder)
        assert KeyedVectors.from_pretrained(folder).index_to_key == ["cat"]
        assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "notes.txt"])


class TestWholeModels:
    @pytest.fixture
    def model(self, synthetic_sentences: list[list[str]]) -> Word2Vec:
        return Word2Vec(synthetic_sentences[:300], vector_size=8, min_count=2, workers=1, seed=3)

    def test_training_goes_on(
        self, model: Word2Vec, synthetic_sentences: list[list[str]], tmp_path: Path
    ) -> None:
        model.save_pretrained(tmp_path, license="mit")
        names = sorted([*FILES, "word2vec.safetensors"])
        assert sorted(path.name for path in tmp_path.iterdir()) == names
        assert KeyedVectors.from_pretrained(tmp_path).index_to_key == model.wv.index_to_key
        found = Word2Vec.from_pretrained(tmp_path)
        for each in (model, found):
            each.train(synthetic_sentences[:300], total_examples=300, epochs=1)
        np.testing.assert_array_equal(found.wv.vectors, model.wv.vectors)
        np.testing.assert_array_equal(found.syn1neg, model.syn1neg)

    def test_the_card_has_the_report_of_a_model_that_was_trained(
        self, model: Word2Vec, tmp_path: Path
    ) -> None:
        model.save_pretrained(tmp_path)
        card = (tmp_path / "README.md").read_text(encoding="utf-8")
        assert f"Word2Vec.from_pretrained({tmp_path.name!r})" in card
        assert "## Training" in card
        Word2Vec.from_pretrained(tmp_path).save_pretrained(tmp_path)
        assert "## Training" not in (tmp_path / "README.md").read_text(encoding="utf-8")

    def test_an_error_leaves_all_files(self, model: Word2Vec, tmp_path: Path) -> None:
        model.save_pretrained(tmp_path)
        before = content(tmp_path)
        model.syn1neg[0, 0] = np.nan
        with pytest.raises(ParameterError, match="allow_nonfinite"):
            model.save_pretrained(tmp_path, license="mit")
        assert content(tmp_path) == before

    def test_vectors_alone_cannot_be_trained(self, folder: Path) -> None:
        said = r"the folder has no word2vec.safetensors: .*KeyedVectors.from_pretrained\(\)"
        with pytest.raises(MissingFileError, match=said):
            Word2Vec.from_pretrained(folder)
        with pytest.raises(MissingFileError, match="no such folder"):
            Word2Vec.from_pretrained(folder / "none")


class TestCard:
    def test_metadata_and_report(
        self, synthetic_sentences: list[list[str]], tmp_path: Path
    ) -> None:
        yaml = pytest.importorskip("yaml", reason="reads the metadata")
        model = Word2Vec(synthetic_sentences[:200], vector_size=4, epochs=2, workers=1)
        model.wv.save_pretrained(
            tmp_path,
            license='a "b": c',
            language=["en", "no"],
            datasets="wiki",
            report=model.training_report,
        )
        _, front, text = (tmp_path / "README.md").read_text(encoding="utf-8").split("---\n", 2)
        metadata = yaml.safe_load(front)
        assert metadata["license"] == 'a "b": c'
        assert metadata["language"] == ["en", "no"]
        assert metadata["datasets"] == "wiki"
        assert f"{len(model.wv):,} words in 4 dimensions" in text
        for name, value in model.training_report.rows():
            assert f"| {name.strip()} | {value} |" in text

    def test_without_metadata(self, folder: Path) -> None:
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert "license" not in text
        assert "Training" not in text


class TestErrors:
    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ([5, "5"], "two keys become the token '5'"),
            ([("a", "b"), "c"], r"the key \('a', 'b'\) is of type tuple"),
            (["\ud800", "c"], "half a character"),
        ],
    )
    def test_keys_that_are_no_tokens(
        self, vectors: KeyedVectors, folder: Path, keys: list[Any], said: str
    ) -> None:
        before = content(folder)
        kv = KeyedVectors(1)
        kv.vectors = np.ones((2, 1), dtype=np.float32)
        kv.take_keys(keys)
        with pytest.raises(ParameterError, match=said):
            kv.save_pretrained(folder)
        assert content(folder) == before

    def test_a_key_that_no_text_is_split_into(self, tmp_path: Path) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors(["a", "new york"], [[1], [2]])
        with pytest.warns(NegW2VWarning, match="'new york'.*no text is split into"):
            kv.save_pretrained(tmp_path)
        assert KeyedVectors.from_pretrained(tmp_path).index_to_key == ["a", "new york"]

    def test_nothing_is_written_where_vectors_are_not_finite(self, tmp_path: Path) -> None:
        kv = KeyedVectors(1)
        kv.add_vectors(["a"], [[np.nan]], allow_nonfinite=True)
        with pytest.raises(ParameterError, match="allow_nonfinite"):
            kv.save_pretrained(tmp_path / "new")
        assert not (tmp_path / "new").exists()
        kv.save_pretrained(tmp_path / "new", allow_nonfinite=True)
        with pytest.raises(ModelFileError, match="allow_nonfinite"):
            KeyedVectors.from_pretrained(tmp_path / "new")

    def test_what_is_no_report(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        with pytest.raises(InputTypeError, match=r"report is of type dict.*training_report"):
            vectors.save_pretrained(tmp_path, report={})  # type: ignore[arg-type]
        with pytest.raises(InputTypeError, match="license is 5"):
            vectors.save_pretrained(tmp_path, license=5)  # type: ignore[arg-type]
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_place_of_the_folder(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(SaveError, match="there is a file of this name"):
            vectors.save_pretrained(tmp_path / "file")
        with pytest.raises(MissingFileError, match="this is a file"):
            KeyedVectors.from_pretrained(tmp_path / "file")

    def test_an_error_halfway_leaves_the_old_files(
        self, vectors: KeyedVectors, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("negw2v.formats.native.container.Container.write", fails)
        before = content(folder)
        with pytest.raises(SaveError, match="No space left"):
            vectors.subset(["cat"]).save_pretrained(folder)
        assert content(folder) == before
        with pytest.raises(SaveError, match="No space left"):
            vectors.save_pretrained(tmp_path / "a" / "b")
        assert not (tmp_path / "a").exists()

    @pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
    def test_a_file_is_missing(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        with pytest.raises(MissingFileError, match=f"the folder has no {name}"):
            KeyedVectors.from_pretrained(folder)

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(
            MissingFileError, match="no such folder; models on the Hugging Face Hub are given as"
        ):
            KeyedVectors.from_pretrained(tmp_path / "none")

    def test_files_of_two_saves(self, vectors: KeyedVectors, folder: Path, tmp_path: Path) -> None:
        vectors.take_keys(["x", "the", "日本", "cat"])
        vectors.save_pretrained(tmp_path / "other")
        (tmp_path / "other" / "tokenizer.json").replace(folder / "tokenizer.json")
        with pytest.raises(ModelFileError, match="words of another"):
            KeyedVectors.from_pretrained(folder)

    @pytest.mark.parametrize(
        ("tensors", "said"),
        [
            ({"weight": np.ones((5, 3), np.float32)}, "no tensor 'embeddings' or .*are 'weight'"),
            ({"embeddings": np.ones((4, 3), np.float32)}, "4 vectors, but 5 tokens"),
            ({"embeddings": np.ones((5, 3), np.int32)}, "a matrix of floats"),
            ({"embeddings": np.ones(5, np.float32)}, "a matrix of floats"),
            (
                {"embeddings": np.ones((2, 3), np.float32), "mapping": np.full(5, 2)},
                "'mapping' does not give rows",
            ),
            (
                {"embeddings": np.ones((5, 3), np.float32), "weights": np.ones(4, np.float32)},
                "'weights' has shape",
            ),
        ],
    )
    def test_other_tensors(self, folder: Path, tensors: dict[str, Any], said: str) -> None:
        save_file(tensors, folder / "model.safetensors")
        with pytest.raises(ModelFileError, match=said):
            KeyedVectors.from_pretrained(folder)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "this is not JSON"),
            ("[" * 100_000, "this is not JSON"),
            ("[]", "not a tokenizer with a vocabulary"),
            ('{"model": {"vocab": [1]}}', "not a tokenizer with a vocabulary"),
            ('{"model": {"vocab": {"a": 0, "b": 2}}}', "'b' has the number 2"),
            ('{"model": {"vocab": {"a": 0, "b": 0}}}', "'b' has the number 0"),
            ('{"model": {"vocab": {"a": 0, "b": true}}}', "'b' has the number True"),
        ],
    )
    def test_other_tokenizers(self, folder: Path, text: str, said: str) -> None:
        (folder / "tokenizer.json").write_text(text)
        with pytest.raises(ModelFileError, match=said):
            KeyedVectors.from_pretrained(folder)


class TestFoldersOfOthers:
    def write(self, folder: Path, tokenizer: Any, tensors: dict[str, Any]) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
        save_file(tensors, folder / "model.safetensors")

    def test_sentence_transformers_puts_them_one_below(self, tmp_path: Path) -> None:
        matrix = np.arange(6, dtype=np.float32).reshape(3, 2)
        tokenizer = {
            "model": {"vocab": {"b": 1, "a": 0}},
            "added_tokens": [{"id": 2, "content": "[PAD]"}, {"id": 0, "content": "a"}],
        }
        self.write(tmp_path / "0_StaticEmbedding", tokenizer, {"embedding.weight": matrix})
        found = KeyedVectors.from_pretrained(tmp_path)
        assert found.index_to_key == ["a", "b", "[PAD]"]
        np.testing.assert_array_equal(found.vectors, matrix)

    def test_rows_that_tokens_share(self, tmp_path: Path) -> None:
        tokenizer = {"model": {"vocab": [["a", -1.5], ["b", -2.5], ["c", -3]]}}
        tensors = {
            "embeddings": np.array([[1, 2], [3, 4]], dtype=np.float32),
            "mapping": np.array([1, 0, 1]),
            "weights": np.array([1, 2, 0.5]),
        }
        self.write(tmp_path, tokenizer, tensors)
        found = KeyedVectors.from_pretrained(tmp_path)
        assert found.index_to_key == ["a", "b", "c"]
        assert found.vectors.tolist() == [[3, 4], [2, 4], [1.5, 2]]
        assert found.vectors.dtype == np.float32


class TestTheLibrariesThemselves:
    def test_tokenizers(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        tokenizers = pytest.importorskip("tokenizers", reason="reads tokenizer.json")
        vectors.save_pretrained(tmp_path, lowercase=True)
        tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
        text = "The\u00a0dog Ä\t日本\u3000cat."
        rows = [vectors.key_to_index.get(word, len(vectors)) for word in text.lower().split()]
        assert tokenizer.encode(text).ids == rows

    def test_model2vec(self, vectors: KeyedVectors, folder: Path) -> None:
        model2vec = pytest.importorskip("model2vec", reason="reads the folder")
        model = model2vec.StaticModel.from_pretrained(folder)
        assert list(model.tokens[:-1]) == vectors.index_to_key
        texts = ["ä cat", "unknown words", "the unknown 日本 the", "the " * 1000 + "cat"]
        wanted = [
            np.mean(
                [vectors[word] for word in text.split() if word in vectors] or [[0] * 3], axis=0
            )
            for text in texts
        ]
        np.testing.assert_allclose(model.encode(texts), wanted, rtol=1e-5)
        assert not model.normalize

    def test_what_model2vec_writes(
        self, vectors: KeyedVectors, folder: Path, tmp_path: Path
    ) -> None:
        model2vec = pytest.importorskip("model2vec", reason="writes the folder")
        model2vec.StaticModel.from_pretrained(folder).save_pretrained(tmp_path / "again")
        found = KeyedVectors.from_pretrained(tmp_path / "again")
        assert found.index_to_key == [*vectors.index_to_key, "[UNK]"]
        np.testing.assert_array_equal(found.vectors[:-1], vectors.vectors)

    def test_sentence_transformers(self, vectors: KeyedVectors, folder: Path) -> None:
        sentence_transformers = pytest.importorskip(
            "sentence_transformers", reason="reads the folder; needs torch"
        )
        model = sentence_transformers.SentenceTransformer(str(folder), device="cpu")
        wanted = (vectors["ä"] + vectors["cat"]) / 2
        np.testing.assert_allclose(model.encode("ä cat"), wanted, rtol=1e-6)
