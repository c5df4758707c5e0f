"""Vectors to and from other programs."""

from __future__ import annotations

import builtins
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import (
    InputTypeError,
    MissingDependencyError,
    MissingFileError,
    ModelFileError,
    ParameterError,
    SaveError,
)
from negw2v.keyedvectors.gensim_names import prep_vectors

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra arrow")
pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def vectors() -> KeyedVectors:
    made = KeyedVectors(3)
    made.vectors = prep_vectors((4, 3), seed=1)  # rows are padded
    made.take_keys(["ä", "b b", "c", "日本"])
    made.expandos["count"] = np.array([9, 7, 5, 3])
    made.expandos["tag"] = np.array(["n", "v", None, "x"], dtype=object)
    return made


class TestProjector:
    def test_two_files(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        vectors.save_projector(tmp_path / "v.tsv")
        found = np.loadtxt(tmp_path / "v.tsv", dtype=np.float32, delimiter="\t")
        np.testing.assert_array_equal(found, vectors.vectors)
        lines = (tmp_path / "v.metadata.tsv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "word\tcount\ttag"
        assert lines[1] == "ä\t9\tn"
        assert len(lines) == 5

    def test_one_column_has_no_heading(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        vectors.expandos.clear()
        vectors.take_keys(["a\tb", "c\nd", 5, "e"])
        vectors.save_projector(tmp_path / "v.tsv", tmp_path / "m")
        assert (tmp_path / "m").read_text() == "a\\tb\nc\\nd\n5\ne\n"

    def test_a_model_with_a_huffman_tree(
        self, synthetic_sentences: list[list[str]], tmp_path: Path
    ) -> None:
        model = Word2Vec(synthetic_sentences[:200], vector_size=4, hs=1, epochs=1)
        model.wv.save_projector(tmp_path / "v.tsv")
        first = (tmp_path / "v.metadata.tsv").read_text().splitlines()[0]
        assert first == "word\tcount\tsample_int"

    def test_there_and_back(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        vectors.expandos["share"] = np.array([0.5, 1e-300, 3, -1])
        vectors.save_projector(tmp_path / "v.tsv")
        found = KeyedVectors.load_projector(tmp_path / "v.tsv")
        assert found.index_to_key == vectors.index_to_key
        assert found.vectors.dtype == np.float32
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        np.testing.assert_array_equal(found.expandos["count"], [9, 7, 5, 3])
        assert found.expandos["count"].dtype == np.int64
        np.testing.assert_array_equal(found.expandos["share"], vectors.expandos["share"])
        assert found.expandos["tag"].tolist() == ["n", "v", "None", "x"]

    @pytest.mark.parametrize(
        "metadata", ["a\nb\n", "\ufeffa\r\nb\r\n", "a\nb", "label\tword\nx\ta\ny\tb\n"]
    )
    def test_files_of_others(self, tmp_path: Path, metadata: str) -> None:
        vectors, words = tmp_path / "v.tsv.gz", tmp_path / "w"
        vectors.write_bytes(gzip.compress(b"1\t2\n-.5\t1e-3\n"))
        words.write_text(metadata, encoding="utf-8", newline="")
        found = KeyedVectors.load_projector(vectors, words)
        assert found.index_to_key == ["a", "b"]
        np.testing.assert_array_equal(found.vectors, np.float32([[1, 2], [-0.5, 1e-3]]))
        if "label" in metadata:
            assert found.expandos["label"].tolist() == ["x", "y"]

    @pytest.mark.parametrize(
        ("vectors", "metadata", "said"),
        [
            ("", "a\n", r"v\.tsv.*there are no vectors"),
            ("1\tx\n", "a\n", r"v\.tsv.*numbers with tabs between them"),
            ("1\t2\n1\n", "a\nb\n", r"v\.tsv.*numbers with tabs"),
            ("1\tnan\n", "a\n", r"v\.tsv.*(?i:nan)"),
            ("1\t2\n", "a\nb\nc\n", r"words.*there are 3 lines, but 1 vectors"),
            ("1\t2\n", "", r"words.*there are 0 lines"),
            ("1\t2\n3\t4\n", "a\tx\nb\ty\n", r"words.*2 columns need a line of headings"),
            ("1\t2\n3\t4\n", "w\tx\na\t1\nb\n", r"words.*line 3.*1 columns, where 2"),
            ("1\t2\n3\t4\n", "a\na\n", r"'a' stands for row 0 and for row 1"),
            ("1\t2\n", b"\xff\n", r"words.*invalid UTF-8"),
        ],
    )
    def test_files_that_do_not_fit(
        self, tmp_path: Path, vectors: str, metadata: str | bytes, said: str
    ) -> None:
        (tmp_path / "v.tsv").write_text(vectors)
        content = metadata if isinstance(metadata, bytes) else metadata.encode()
        (tmp_path / "words").write_bytes(content)
        with pytest.raises(ModelFileError, match=said):
            KeyedVectors.load_projector(tmp_path / "v.tsv", tmp_path / "words")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        (tmp_path / "v.tsv").write_text("1\n")
        with pytest.raises(MissingFileError, match=r"v\.metadata\.tsv"):
            KeyedVectors.load_projector(tmp_path / "v.tsv")


class TestAtlas:
    def test_the_columns_that_the_program_has_options_for(
        self, vectors: KeyedVectors, tmp_path: Path
    ) -> None:
        vectors.save_atlas(tmp_path / "a.parquet", topn=2)
        table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
        assert table.column_names == [
            "word",
            "vector",
            "count",
            "tag",
            "projection_x",
            "projection_y",
            "neighbors",
        ]
        assert str(table.schema.field("projection_x").type) == "double"
        for row, (key, found) in enumerate(
            zip(vectors.index_to_key, table["neighbors"].to_pylist(), strict=True)
        ):
            expected = vectors.most_similar(key, topn=2)
            assert set(found) == {"ids", "distances"}
            assert row not in found["ids"]
            assert [vectors.index_to_key[near] for near in found["ids"]] == [k for k, _ in expected]
            np.testing.assert_allclose(found["distances"], [1 - c for _, c in expected], atol=1e-6)

    def test_near_words_are_near_in_the_map(self, tmp_path: Path) -> None:
        kv = KeyedVectors(3)
        kv.add_vectors(["a", "b", "c", "d"], [[1, 0, 0], [2, 0.1, 0], [0, 1, 0], [0, 3, 0.1]])
        kv.save_atlas(tmp_path / "a.parquet")
        table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
        points = np.stack([table["projection_x"], table["projection_y"]], axis=1)
        apart = np.linalg.norm(points[:, None] - points, axis=-1) + 9 * np.eye(4)
        assert apart.argmin(axis=1).tolist() == [1, 0, 3, 2]
        assert [len(found["ids"]) for found in table["neighbors"].to_pylist()] == [3] * 4

    def test_the_vectors_can_be_read_again(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        vectors.save_atlas(tmp_path / "a.parquet")
        found = KeyedVectors.load_table(tmp_path / "a.parquet")
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        assert found.expandos["count"].tolist() == [9, 7, 5, 3]

    def test_what_cannot_be_written(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        with pytest.raises(ParameterError, match=r"\.csv"):
            vectors.save_atlas(tmp_path / "a.csv")
        with pytest.raises(ParameterError, match="method is 'lda'"):
            vectors.save_atlas(tmp_path / "a.parquet", method="lda")
        vectors.expandos["neighbors"] = np.arange(4)
        with pytest.raises(ParameterError, match="'neighbors' has the name of a column"):
            vectors.save_atlas(tmp_path / "a.parquet")
        few = KeyedVectors(2)
        few.add_vectors(["a", "b"], np.ones((2, 2)))
        with pytest.raises(ParameterError, match="needs 3 words"):
            few.save_atlas(tmp_path / "a.parquet")
        assert not list(tmp_path.iterdir())


class TestNpy:
    @pytest.mark.parametrize("mmap", [None, "r", "c"])
    def test_there_and_back(self, vectors: KeyedVectors, tmp_path: Path, mmap: str | None) -> None:
        vectors.save_npy(tmp_path / "v.npy")
        np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), vectors.vectors)
        found = KeyedVectors.load_npy(tmp_path / "v.npy", mmap=mmap)
        assert found.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        assert found.vectors.flags.writeable == (mmap != "r")

    @pytest.mark.parametrize(
        ("name", "vocabulary"),
        [("v.npy.gz", None), ("v.csv", None), ("v.npz", None), ("v.npy", "words.txt.gz")],
    )
    def test_a_name_of_another_format_is_refused(
        self, vectors: KeyedVectors, tmp_path: Path, name: str, vocabulary: str | None
    ) -> None:
        words = None if vocabulary is None else tmp_path / vocabulary
        with pytest.raises(ParameterError, match="name of another kind of file"):
            vectors.save_npy(tmp_path / name, words)
        assert not list(tmp_path.iterdir())

    def test_no_advice_to_unpickle(self, tmp_path: Path) -> None:
        (tmp_path / "text.npy").write_text("2 2\na 1 2\nb 3 4\n")
        np.save(tmp_path / "objects.npy", np.array([["a", {}]], dtype=object))
        for name in ("text.npy", "objects.npy"):
            with pytest.raises(ModelFileError, match=r"not a \.npy file|objects|type") as caught:
                KeyedVectors.load_npy(tmp_path / name, tmp_path / "words")
            assert "allow_pickle" not in str(caught.value)

    def test_what_others_wrote(self, tmp_path: Path) -> None:
        np.save(tmp_path / "v.npy", np.eye(2))
        (tmp_path / "words").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
        found = KeyedVectors.load_npy(tmp_path / "v.npy", tmp_path / "words")
        assert found.index_to_key == ["one", "two"]
        assert found.vectors.dtype == np.float64

    def test_errors_name_the_file_that_is_wrong(self, tmp_path: Path) -> None:
        np.save(tmp_path / "v.npy", np.array([[1, 2], [np.nan, 0]]))
        (tmp_path / "words").write_text("a\nb\n")
        with pytest.raises(ModelFileError, match=r"v\.npy'?: the vector of 'b' has NaN"):
            KeyedVectors.load_npy(tmp_path / "v.npy", tmp_path / "words")
        np.save(tmp_path / "v.npy", np.eye(2))
        (tmp_path / "words").write_text("a\na\n")
        with pytest.raises(ModelFileError, match="words"):
            KeyedVectors.load_npy(tmp_path / "v.npy", tmp_path / "words")

    def test_bad_files(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        matrix, words = tmp_path / "v.npy", tmp_path / "v.vocab.txt"
        with pytest.raises(MissingFileError):
            KeyedVectors.load_npy(matrix)
        vectors.save_npy(matrix)
        whole = matrix.read_bytes()
        for content in (b"", whole[:50], whole[:-1], b"text"):
            matrix.write_bytes(content)
            with pytest.raises(ModelFileError, match=r"not a \.npy file|47 follow the header"):
                KeyedVectors.load_npy(matrix)
        np.save(matrix, np.array([object()]), allow_pickle=True)
        with pytest.raises(ModelFileError, match="may hold a pickle"):
            KeyedVectors.load_npy(matrix)
        np.save(matrix, np.arange(4))
        with pytest.raises(ModelFileError, match="a matrix of floats"):
            KeyedVectors.load_npy(matrix)
        matrix.write_bytes(whole)
        for text, message in ((b"a\nb\n", "2 lines"), (b"a\nb\na\nc\n", "'a' stands for row 0")):
            words.write_bytes(text)
            with pytest.raises(ModelFileError, match=message):
                KeyedVectors.load_npy(matrix)
        words.write_bytes(b"a\n\xff\n")
        with pytest.raises(ModelFileError, match="byte 2: invalid UTF-8"):
            KeyedVectors.load_npy(matrix)
        words.unlink()
        with pytest.raises(MissingFileError):
            KeyedVectors.load_npy(matrix)
        with pytest.raises(ParameterError, match="mmap"):
            KeyedVectors.load_npy(matrix, mmap="r+")

    def test_keys_that_would_be_two_lines(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        vectors.take_keys(["a", "b\nc", "d", "e"])
        with pytest.raises(ParameterError, match="line feed"):
            vectors.save_npy(tmp_path / "v.npy")
        vectors.take_keys(["a", None, "d", "e"])
        with pytest.raises(ParameterError, match="row 1"):
            vectors.save_npy(tmp_path / "v.npy")
        assert not list(tmp_path.iterdir())


class TestArrow:
    @pytest.mark.parametrize("name", ["v.parquet", "v.arrow"])
    def test_there_and_back(self, vectors: KeyedVectors, tmp_path: Path, name: str) -> None:
        vectors.expandos["code"] = np.empty(4, dtype=object)
        for row in range(4):
            vectors.expandos["code"][row] = np.arange(row, dtype=np.uint8)
        vectors.save_table(tmp_path / name)
        found = KeyedVectors.load_table(tmp_path / name)
        assert found.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(found.vectors, vectors.vectors)
        assert found.vectors.dtype == np.float32
        assert set(found.expandos) == {"count", "tag", "code"}
        np.testing.assert_array_equal(found.expandos["count"], vectors.expandos["count"])
        assert found.expandos["tag"].tolist() == ["n", "v", None, "x"]
        for ours, theirs in zip(found.expandos["code"], vectors.expandos["code"], strict=True):
            assert ours.dtype == np.uint8
            np.testing.assert_array_equal(ours, theirs)
        assert found.most_similar("c")[0][0] == vectors.most_similar("c")[0][0]

    def test_tables_of_others(self) -> None:
        table = pyarrow.table({"id": [3, 5], "v": [[1.0, 2.0], [3.0, 4.0]], "flag": [True, False]})
        found = KeyedVectors.from_arrow(table, word="id", vector="v")
        assert found.index_to_key == [3, 5]
        assert found.vectors.tolist() == [[1, 2], [3, 4]]
        assert found.get_vecattr(3, "flag") is True
        sliced = KeyedVectors.from_arrow(table.slice(1), word="id", vector="v")
        assert sliced.vectors.tolist() == [[3, 4]]

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"word": ["a"]}, "no column 'vector'; there are word"),
            ({"word": ["a"], "vector": [1.0]}, "lists of floats"),
            ({"word": ["a"], "vector": [["x"]]}, "lists of floats"),
            ({"word": ["a", "b"], "vector": [[1.0], None]}, "lists of floats"),
            ({"word": ["a", "b"], "vector": [[1.0, 2.0], [1.0, None]]}, "missing"),
            ({"word": ["a", "b"], "vector": [[1.0, 2.0, 3.0], [1.0]]}, "1 in row 1"),
            ({"word": ["a", "a"], "vector": [[1.0], [2.0]]}, "'a' stands for"),
            ({"word": [["a"]], "vector": [[1.0]]}, "cannot be a key"),
        ],
    )
    def test_tables_that_are_something_else(self, columns: Any, message: str) -> None:
        with pytest.raises(ModelFileError, match=message):
            KeyedVectors.from_arrow(pyarrow.table(columns))

    @pytest.mark.parametrize("name", ["v.csv", "v.txt", "v.arrow.gz", "v.xlsx", "v.npy"])
    def test_a_name_of_another_format_is_refused(
        self, vectors: KeyedVectors, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(ParameterError, match=r"\.parquet, .*save_word2vec_format.*to_csv"):
            vectors.save_table(tmp_path / name)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("name", "begins"),
        [("v.pq", b"PAR1"), ("v.PARQUET", b"PAR1"), ("v.feather", b"ARROW1"), ("v", b"ARROW1")],
    )
    def test_the_name_says_the_format(
        self, vectors: KeyedVectors, tmp_path: Path, name: str, begins: bytes
    ) -> None:
        vectors.save_table(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)

    @pytest.mark.parametrize("name", ["v.parquet", "v.arrow"])
    def test_errors_name_the_file_that_is_wrong(
        self, vectors: KeyedVectors, tmp_path: Path, name: str
    ) -> None:
        vectors.vectors[1, 2] = np.nan
        vectors.save_table(tmp_path / name, allow_nonfinite=True)
        with pytest.raises(ModelFileError, match=rf"{name}'?: the vector of 'b b' has NaN"):
            KeyedVectors.load_table(tmp_path / name)

    def test_bad_files(self, vectors: KeyedVectors, tmp_path: Path) -> None:
        with pytest.raises(MissingFileError):
            KeyedVectors.load_table(tmp_path / "nothing")
        for name in ("v.parquet", "v.arrow"):
            path = tmp_path / name
            vectors.save_table(path)
            whole = path.read_bytes()
            for content in (b"", whole[:4], whole[: len(whole) // 2], b"x" * 100):
                path.write_bytes(content)
                with pytest.raises(ModelFileError, match="not a Parquet or Arrow"):
                    KeyedVectors.load_table(path)
        with pytest.raises(InputTypeError, match="Table"):
            KeyedVectors.from_arrow([1, 2])

    def test_what_a_table_cannot_hold(self, vectors: KeyedVectors) -> None:
        vectors.expandos["word"] = np.arange(4)
        with pytest.raises(ParameterError, match="rename it"):
            vectors.to_arrow()
        del vectors.expandos["word"]
        vectors.take_keys(["a", 5, "b", "c"])
        with pytest.raises(ParameterError, match="the keys cannot be a column"):
            vectors.to_arrow()
        assert KeyedVectors(3).to_arrow().num_rows == 0

    def test_without_pyarrow(
        self, vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        original = builtins.__import__

        def without(name: str, *rest: Any, **more: Any) -> Any:
            if name.startswith("pyarrow"):
                raise ImportError(name)
            return original(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", without)
        for call in (vectors.to_arrow, lambda: KeyedVectors.load_table(tmp_path)):
            with pytest.raises(MissingDependencyError, match=r"negw2v\[arrow\]"):
                call()


def test_load_names_the_way_to_read_them(vectors: KeyedVectors, tmp_path: Path) -> None:
    vectors.save_npy(tmp_path / "v.npy")
    vectors.save_table(tmp_path / "v.parquet")
    vectors.save_table(tmp_path / "v.arrow")
    for name, method in (("npy", "load_npy"), ("parquet", "load_table"), ("arrow", "load_table")):
        with pytest.raises(ModelFileError, match=method):
            KeyedVectors.load(tmp_path / f"v.{name}")


@pytest.mark.parametrize(
    "write",
    [
        lambda kv, first, second: kv.save_npy(first, second),
        lambda kv, first, second: kv.save_projector(first, second),
        lambda kv, first, second: kv.save_word2vec_format(first, fvocab=second),
    ],
    ids=["npy", "projector", "word2vec"],
)
def test_two_files_are_both_written_or_neither(write: Any, tmp_path: Path) -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b"], np.eye(2), extras={"count": np.array([2, 1])})
    first, second, folder = tmp_path / "first", tmp_path / "second", tmp_path / "folder"
    folder.mkdir()
    for good, paths in ((first, (first, folder)), (second, (folder, second))):
        good.write_text("old")
        with pytest.raises(SaveError):
            write(kv, *paths)
        assert good.read_text() == "old"
    write(kv, first, second)
    assert "old" not in (first.read_text(errors="replace"), second.read_text())
