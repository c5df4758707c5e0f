"""Columns of other libraries: the same corpus as the lists that they hold; what is refused."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arrow_arrays import Column, Streamed, int32s, lists, strings

from negw2v import Word2Vec
from negw2v.corpus.arrow import ArrowSource
from negw2v.corpus.columns import ColumnCorpus
from negw2v.corpus.encoding import CorpusOptions, open_corpus
from negw2v.errors import (
    CorpusDecodeError,
    CorpusError,
    CorpusReadError,
    EmptyCorpusError,
    InputTypeError,
    OneShotCorpusError,
    ParameterError,
)

Check = Callable[[Callable[[], Any], list[list[Any]]], None]
SENTENCES = [["a", "bb", "a", "longer than eight bytes"], [], ["ö", "", "a"], ["bb", "x" * 40]]
NUMBERS = [[5, 0, 7], [], [7, 7, 2, 120]]


def corpus_of(given: Any, **options: Any) -> Any:
    return open_corpus(given, workers=2, passes=2, options=CorpusOptions(**options))


def random_sentences(n: int, seed: int = 1) -> list[list[str]]:
    chance = np.random.default_rng(seed)
    words = [f"w{i}" * (1 + i % 4) for i in range(300)]
    return [[words[i] for i in chance.zipf(1.4, size) % 300] for size in chance.integers(0, 40, n)]


# -- by hand, without any library


def test_a_column_by_hand_is_the_lists_that_it_holds(check_corpus: Check) -> None:
    check_corpus(
        lambda: corpus_of(lists(strings("a", "b", "a", "", "ö"), 0, 2, 2, 5)),
        [["a", "b"], [], ["a", "", "ö"]],
    )


def test_offsets_of_slices_are_added(check_corpus: Check) -> None:
    values = Column("u", 3, [None, int32s(0, 1, 2, 3, 4), b"abcd"], offset=1)
    column = Column("+l", 2, [None, int32s(9, 0, 1, 3)], (values,), offset=1, name="words")
    check_corpus(lambda: corpus_of(column), [["b"], ["c", "d"]])
    table = Column("+s", 1, [None], (column,), offset=1)
    check_corpus(lambda: corpus_of(table), [["c", "d"]])


def test_nulls_are_left_out_and_counted() -> None:
    words = Column("u", 4, [bytes([0b1011]), int32s(0, 1, 2, 3, 4), b"abcd"], nulls=1)
    rows = Column("+l", 3, [bytes([0b101]), int32s(0, 1, 2, 4)], (words,), nulls=1)
    corpus = corpus_of(rows)
    assert list(corpus.sentences()) == [["a"], ["d"]]
    assert corpus.scan(keep_tokens=True).words == ["a", "d"]
    assert (corpus.nulls.sentences, corpus.nulls.words) == (1, 1)
    model = Word2Vec(rows, min_count=1, vector_size=4, workers=1, epochs=1)
    report = model.training_report
    assert (report.null_sentences, report.null_words, report.words_read) == (1, 1, 2)
    assert "null sentences, left out  1" in str(report)


def test_a_dictionary_is_looked_up_when_its_entries_occur(check_corpus: Check) -> None:
    words = Column(
        "c", 4, [None, np.array([2, 0, 2, 2], np.int8)], dictionary=strings("a", "b", "c")
    )
    check_corpus(lambda: corpus_of(lists(words, 0, 3, 4)), [["c", "a", "c"], ["c"]])


def test_a_stream_is_released_once_also_after_an_error() -> None:
    for error in (0, 5):
        streamed = Streamed(lists(strings("a", "b"), 0, 1, 2), 3, error)
        corpus = corpus_of(streamed)
        if error:
            with pytest.raises(CorpusReadError, match="the disk is on fire") as raised:
                corpus.scan()
            assert raised.value.errno == 5
            del raised  # its traceback keeps the stream
        else:
            assert corpus.scan().counts.tolist() == [3, 3]
        del corpus
        gc.collect()
        assert streamed.released == 1
        assert streamed.column.released == {"schema": 1, "array": 3, "stream": 0}
    column = lists(strings("a"), 0, 1)
    corpus_of(column).scan()
    gc.collect()
    assert column.released == {"schema": 1, "array": 1, "stream": 0}
    wrong = Column("g", 1, [None, np.zeros(1)])
    with pytest.raises(InputTypeError, match="float64"):
        corpus_of(wrong)
    gc.collect()
    assert wrong.released == {"schema": 1, "array": 1, "stream": 0}


def test_a_stream_that_ends_in_an_error_leaves_the_model_as_it_was() -> None:
    model = Word2Vec([["a", "b"]], min_count=1, vector_size=4, workers=1, epochs=1)
    before = model.wv.vectors.copy()
    streamed = Streamed(lists(strings("c", "d"), 0, 1, 2), 2, 5)
    with pytest.raises(CorpusReadError, match="the disk is on fire"):
        model.build_vocab(streamed, update=True)
    assert model.wv.index_to_key == ["a", "b"]
    np.testing.assert_array_equal(model.wv.vectors, before)


TWO = strings("a", "b")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (lists(TWO, 0, 2, 1), "row 1 .*offsets run backwards"),
        (lists(TWO, -1, 1), "row 0 .*offsets run backwards"),
        (lists(TWO, 0, 1, 3), "row 1 .*beyond the end"),
        (lists(strings("a", "b", offsets=int32s(0, 1, 0)), 0, 2), "row 0 .*offsets run backwards"),
        (
            lists(strings("a", "b", "c", offsets=int32s(0, 1 << 29, 2, 3)), 0, 3),
            "row 0 .*backwards",
        ),
        (strings("a", "b", "c", offsets=int32s(0, 1 << 29, 2, 3)), "row 0 .*backwards"),
        (lists(Column("u", 1, [None, int32s(0, 1), None]), 0, 1), "row 0 .*no bytes"),
        (lists(Column("u", 1, [None, None, b"a"]), 0, 1), "lack buffer 1"),
        (lists(Column("u", 1, [None]), 0, 1), "1 buffers, but 3 are needed"),
        (lists(Column("u", -1, [None, int32s(0), b"a"]), 0, 1), "length -1.*impossible"),
        (lists(Column("u", 1, [None, int32s(0, 1), b"a"], nulls=1), 0, 1), "does not say which"),
        (Column("+l", 1, [None, int32s(0, 1)]), "list<>"),
        (Column("+w:9", 2, [None], (TWO,)), "row 0 .*beyond the end"),
        (Column("+w:9" + "9" * 30, 2, [None], (TWO,)), "impossible length"),
        (Column("+w:two", 2, [None], (TWO,)), "impossible length"),
        (
            lists(Column("c", 1, [None, np.array([3], np.int8)], dictionary=TWO), 0, 1),
            "row 0 .*beyond the end",
        ),
        (
            lists(Column("c", 1, [None, np.array([-1], np.int8)], dictionary=TWO), 0, 1),
            "row 0 .*beyond the end",
        ),
        (Column("+s", 9, [None], (lists(TWO, 0, 1),)), "shorter than its table"),
        (Column("+vl", 1, [None, int32s(1), int32s(-1)], (TWO,)), "row 0 .*backwards"),
        (
            lists(Column("vu", 1, [None, int32s(20, 0, 7, 0), np.zeros(1, np.int64)]), 0, 1),
            "row 0 .*beyond the end",
        ),
    ],
)
def test_arrays_that_contradict_themselves(column: Column, message: str) -> None:
    with pytest.raises((CorpusError, InputTypeError), match=message):
        corpus_of(column).scan()
    with pytest.raises((CorpusError, InputTypeError), match=message):
        next(corpus_of(column).blocks({"a": 0}))


def test_numbers_in_columns(check_corpus: Check) -> None:
    for code, dtype in zip(
        "cCsSiIlL", ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), strict=True
    ):
        values = Column(code, 7, [None, np.array([5, 0, 7, 7, 7, 2, 120], dtype)])
        check_corpus(lambda values=values: corpus_of(lists(values, 0, 3, 3, 7)), NUMBERS)
    values = Column("i", 3, [None, int32s(1, -1, 2)])
    with pytest.raises(CorpusError, match=r"row 0 .*negative number"):
        corpus_of(lists(values, 0, 3)).scan()
    assert corpus_of(lists(values, 0, 3), padding=-1).scan().words == [1, 2]


def test_what_is_not_a_corpus() -> None:
    floats = Column("f", 1, [None, np.zeros(1, np.float32)], name="x")
    words, more = lists(TWO, 0, 2, name="words"), strings("a")
    more.name = "text"
    table = Column("+s", 1, [None], (floats, words, more))
    for given, column, kind, message in (
        (lists(floats, 0, 1), None, InputTypeError, "column of list<float32>, but a corpus is"),
        (words, "x", ParameterError, "column='x' is for tables"),
        (Column("+s", 1, [None], (floats,)), None, InputTypeError, r"no column .*'x' \(float32\)"),
        (table, None, InputTypeError, r"several columns.*'words' \(list<string>\), 'text'"),
        (table, "other", ParameterError, "no column 'other'; its columns: 'x'"),
        (table, "x", InputTypeError, "column 'x' of corpus_iterable has the type float32"),
    ):
        with pytest.raises(kind, match=message):
            corpus_of(given, column=column)
    assert corpus_of(table, column="words").scan().words == ["a", "b"]
    assert corpus_of(table, column="text").scan().words == ["a"]
    with pytest.raises(EmptyCorpusError, match="no sentence"):
        corpus_of(lists(strings(), 0)).scan()
    for options in ({"tokenizer": "simple"}, {"padding": -1}, {"encoding": "utf-8"}):
        with pytest.raises(ParameterError, match="leave it out"):
            corpus_of(words, **options)


def test_strings_that_are_not_utf8() -> None:
    wrong = Column("u", 2, [None, int32s(0, 1, 2), b"a\xff"])
    with pytest.raises(CorpusDecodeError, match="not valid UTF-8"):
        corpus_of(lists(wrong, 0, 1, 2)).scan()
    for options in ({}, {"tokenizer": str.split}):
        with pytest.raises(CorpusDecodeError, match="not valid UTF-8"):
            corpus_of(wrong, **options).scan()
    with pytest.raises(CorpusDecodeError, match="row 1 "):
        corpus_of(wrong).scan()


def test_objects_that_only_say_that_they_have_columns() -> None:
    class Wrong:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return 7

    with pytest.raises(InputTypeError, match="Wrong hands over does not follow Arrow's interface"):
        corpus_of(Wrong())

    class Fails:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ZeroDivisionError("the user's")

    with pytest.raises(ZeroDivisionError, match="the user's"):
        corpus_of(Fails())


# -- texts


def test_texts_are_split_as_by_python(check_corpus: Check) -> None:
    texts = ["a b\nc", "  ", "", "x\u2028ö a\x1cb", "\ufeffa", "c" * 300_000 + " d"]
    check_corpus(lambda: corpus_of(strings(*texts)), [text.split() for text in texts])
    for tokenizer in ("whitespace", lambda text: iter(text.split(" "))):
        function = str.split if tokenizer == "whitespace" else tokenizer
        expected = [list(function(text)) for text in texts]  # type: ignore[operator]
        found = list(corpus_of(strings(*texts), tokenizer=tokenizer).sentences())
        assert found == expected


# -- any number of threads, tasks and rounds


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_result_depends_on_no_cuts(workers: int, check_corpus: Check) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    sentences = random_sentences(400)
    column = pa.chunked_array([sentences[:100], sentences[100:103], sentences[103:]])
    texts = pa.array([" ".join(each) for each in sentences])
    for given in (column, texts):
        for round_words in (100, 1 << 20):
            check_corpus(
                lambda given=given, size=round_words: ColumnCorpus(
                    ArrowSource(given, None, "x"), workers, None, 64, size
                ),
                sentences,
            )


def test_ids_that_do_not_fit_into_memory(
    monkeypatch: pytest.MonkeyPatch, check_corpus: Check
) -> None:
    sentences = random_sentences(200)
    words = [word for sentence in sentences for word in sentence]
    column = lists(strings(*words), *np.cumsum([0, *map(len, sentences)]).tolist())
    for bytes_in_memory in (0, 3_000):
        monkeypatch.setattr("negw2v.corpus.columns.SPILL_BYTES", bytes_in_memory)
        check_corpus(
            lambda: ColumnCorpus(
                ArrowSource(column, None, "x"), workers=2, task_words=50, round_words=400
            ),
            sentences,
        )


def test_every_type_of_pyarrows(check_corpus: Check) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    text, flat = pa.string(), [word for each in SENTENCES for word in each]
    columns = [
        pa.array(SENTENCES, kind)
        for kind in (
            pa.list_(text),
            pa.large_list(pa.large_string()),
            pa.list_(pa.string_view()),
            pa.list_view(text),
            pa.large_list_view(text),
        )
    ]
    offsets = [0, *np.cumsum([len(each) for each in SENTENCES]).tolist()]
    columns.append(pa.ListArray.from_arrays(offsets, pa.array(flat).dictionary_encode()))
    for column in columns:
        split = pa.chunked_array([column[:2], column[2:]])
        for given in (column, split, pa.table({"x": column, "n": range(4)})):
            check_corpus(lambda given=given: corpus_of(given), SENTENCES)
    equal = pa.array([[1, 2], [3, 1]], pa.list_(pa.int64(), 2))
    check_corpus(lambda: corpus_of(equal), [[1, 2], [3, 1]])
    check_corpus(lambda: corpus_of(equal[1:]), [[3, 1]])


def test_polars_and_duckdb(check_corpus: Check) -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed")
    series = pl.Series("words", SENTENCES)
    for given in (series, series.to_frame(), series.to_frame().with_columns(n=1)):
        check_corpus(lambda given=given: corpus_of(given), SENTENCES)


def test_pandas(check_corpus: Check) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    check_corpus(lambda: corpus_of(pd.DataFrame({"x": SENTENCES})), SENTENCES)
    assert corpus_of(pd.Series(SENTENCES)).scan().corpus_count == len(SENTENCES)
    assert corpus_of(pd.Series(["a b", None], dtype="str")).scan().words == ["a", "b"]


def test_a_dataset_is_its_columns_not_the_names_in_its_rows(check_corpus: Check) -> None:
    class Dataset:
        """The part of datasets.Dataset that is used."""

        def with_format(self, name: str) -> Any:
            assert name == "arrow"
            return Whole()

        def __iter__(self) -> Any:
            return iter([{"text": "a b", "label": 1}])

    class Whole:
        def __getitem__(self, key: slice) -> Column:
            assert key == slice(None)
            return lists(strings("a", "b", "c"), 0, 2, 3)

    Dataset.__module__, Dataset.__qualname__ = "datasets.arrow_dataset", "Dataset"
    check_corpus(lambda: corpus_of(Dataset()), [["a", "b"], ["c"]])
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    given = datasets.Dataset.from_dict({"text": ["a b", "c"], "label": [1, 2]})
    check_corpus(lambda: corpus_of(given), [["a", "b"], ["c"]])


def test_what_can_be_read_once() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = pa.table({"x": random_sentences(50)})
    model = Word2Vec(table.to_reader(), min_count=1, vector_size=4, workers=1, epochs=2)
    assert model.training_report.examples == 100
    corpus = corpus_of(table.to_reader())
    corpus.scan()
    with pytest.raises((OneShotCorpusError, CorpusReadError)):
        list(corpus.blocks({"w0": 0}))


def test_columns_train_the_same_vectors_as_lists() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    sentences = random_sentences(300)
    given = (sentences, pa.array(sentences), pa.array([" ".join(each) for each in sentences]))
    for sizes in ({}, {"max_vocab_size": 100}):
        models = [
            Word2Vec(each, vector_size=8, min_count=2, workers=1, epochs=2, **sizes)  # type: ignore[arg-type]
            for each in given
        ]
        for model in models[1:]:
            assert model.wv.index_to_key == models[0].wv.index_to_key
            np.testing.assert_array_equal(model.wv.vectors, models[0].wv.vectors)


def test_files_of_tables(tmp_path: Path, check_corpus: Check) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.feather as feather
    import pyarrow.parquet as parquet

    table = pa.table({"n": [1, 2, 3, 4], "words": SENTENCES})
    for number, rows in enumerate((table[:1], table[1:])):
        parquet.write_table(rows, tmp_path / f"{number}.parquet")
    (tmp_path / "_SUCCESS").write_text("")
    feather.write_feather(table, tmp_path / "table.feather")

    def opened(path: Path | str, **options: Any) -> Any:
        return open_corpus(corpus_file=path, workers=2, passes=2, options=CorpusOptions(**options))

    check_corpus(lambda: opened(tmp_path, column="words"), SENTENCES + SENTENCES)
    check_corpus(lambda: opened(str(tmp_path / "*.parquet")), SENTENCES)
    with pytest.raises(ParameterError, match=r"0\.parquet has no column 'x'"):
        opened(tmp_path / "0.parquet", column="x")
    damaged = bytearray((tmp_path / "0.parquet").read_bytes())
    damaged[-8:-4] = b"\xff\xff\xff\x7f"
    (tmp_path / "damaged.parquet").write_bytes(damaged)
    with pytest.raises(CorpusReadError, match=r"damaged\.parquet cannot be read"):
        opened(tmp_path / "damaged.parquet").scan()
    (tmp_path / "text.txt").write_text("a b\n")
    with pytest.raises(CorpusError, match="files of two kinds"):
        opened(tmp_path)


def test_pieces_of_the_reference() -> None:
    """Rows.encode() against a dict of Python's, for sizes around the batches of look-ups."""
    from negw2v.corpus._rows import NumberTable
    from negw2v.corpus.walks import ArraySource

    for size in (0, 1, 31, 32, 33, 64, 65):
        values = np.random.default_rng(size).integers(0, 1 << 40, 4 * size + 4) % (1 << 34)
        places = np.array([0, 1, 1, size + 1, 4 * size + 4])
        (rows,) = ArraySource(values, places, "x").open().parts
        table, ids, lengths = NumberTable(), np.empty(len(values), np.int32), np.empty(4, np.int64)
        assert rows.encode(table, 0, 4, ids, lengths, grow=True) == (len(values), 4, 0, 0)
        known: dict[int, int] = {}
        assert ids.tolist() == [known.setdefault(each, len(known)) for each in values.tolist()]
        assert lengths.tolist() == [b - a for a, b in pairwise(places.tolist())]
        assert table.words() == list(known)
