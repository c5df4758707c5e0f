"""Texts as corpora: tokenizers by name and by function, encodings of files, folders, patterns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import Word2Vec
from negw2v.corpus.encoding import CorpusOptions, open_corpus
from negw2v.errors import (
    CorpusDecodeError,
    CorpusError,
    CorpusFileError,
    InputTypeError,
    NegW2VWarning,
    ParameterError,
)
from negw2v.utils import simple_preprocess

Check = Callable[[Callable[[], Any], list[list[Any]]], None]
TEXTS = ["You say: Goodbye!", "", "I say, hello_2 world"]


def corpus_of(given: Any = None, file: Any = None, **options: Any) -> Any:
    return open_corpus(given, file, workers=2, passes=2, options=CorpusOptions(**options))


def test_texts_in_lists_and_iterables(check_corpus: Check) -> None:
    for tokenizer, function in (("whitespace", str.split), ("simple", simple_preprocess)):
        expected = [list(function(text)) for text in TEXTS]  # type: ignore[operator]
        check_corpus(lambda name=tokenizer: corpus_of(TEXTS, tokenizer=name), expected)
        check_corpus(lambda name=tokenizer: corpus_of(np.array(TEXTS), tokenizer=name), expected)
        check_corpus(
            lambda name=tokenizer: corpus_of(dict.fromkeys(TEXTS).keys(), tokenizer=name), expected
        )


def test_the_words_of_unicode() -> None:
    pytest.importorskip("regex", reason="regex is not installed")
    found = corpus_of(["Can't 3.5 €? déjà-vu 你好!"], tokenizer="unicode").scan().words
    assert found == ["Can't", "3.5", "déjà", "vu", "你", "好"]


def test_what_is_not_a_tokenizer() -> None:
    with pytest.raises(ParameterError, match="no tokenizer 'simpel'; give one of 'whitespace'"):
        corpus_of(TEXTS, tokenizer="simpel")
    with pytest.raises(InputTypeError, match="tokenizer must be one of"):
        corpus_of(TEXTS, tokenizer=7)
    for wrong, message in (
        (str.lower, "returned 'you say: goodbye!' of type str for text 0, "),
        (len, "returned 17 of type int for text 0, "),
    ):
        with pytest.raises(InputTypeError, match=message):
            corpus_of(TEXTS, tokenizer=wrong).scan()
    with pytest.raises(InputTypeError, match=r"text 0 .* is a list, but tokenizer= is for texts"):
        corpus_of([["a"]], tokenizer="simple").scan()
    with pytest.raises(ZeroDivisionError):
        corpus_of(TEXTS, tokenizer=lambda text: 1 // 0).scan()
    with pytest.raises(InputTypeError, match="let tokenizer='whitespace' do it"):
        corpus_of(TEXTS)


def test_lines_of_files(tmp_path: Path, check_corpus: Check) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(TEXTS))
    expected = [simple_preprocess(text) for text in TEXTS if text]
    check_corpus(lambda: corpus_of(file=path, tokenizer="simple"), expected)
    assert list(corpus_of(file=path, tokenizer=lambda line: [line]).sentences()) == [
        [text] for text in TEXTS[:2] + TEXTS[2:]
    ]
    with pytest.raises(InputTypeError, match=r"text\.txt, line 1, but it must"):
        corpus_of(file=path, tokenizer=str.upper).scan()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252", "UTF8"])
def test_encodings(tmp_path: Path, encoding: str, check_corpus: Check) -> None:
    path = tmp_path / "text.txt"
    sentences = [["größe", "é"], ["x" * 9]] * 3
    path.write_text("\n".join(map(" ".join, sentences)), encoding=encoding)
    check_corpus(lambda: corpus_of(file=path, encoding=encoding), sentences)
    pruned = corpus_of(file=path, encoding=encoding).scan(max_vocab_size=1)
    assert pruned.corpus_count == len(sentences)


def test_bytes_that_are_not_in_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"a b\nc\xffd \xc3\xb6\n")
    with pytest.raises(CorpusDecodeError, match=r"text\.txt is not valid UTF-8: line 2, byte"):
        corpus_of(file=path).scan()
    with pytest.raises(CorpusDecodeError, match=r"not valid ascii: line 2, byte offset 5"):
        corpus_of(file=path, encoding="ascii").scan()
    for errors, word in (
        ("ignore", "cd"),
        ("replace", "c\ufffdd"),
        ("backslashreplace", "c\\xffd"),
    ):
        assert corpus_of(file=path, errors=errors).scan().words == ["a", "b", word, "ö"]
    with pytest.raises(ParameterError, match="errors must be one of 'strict'"):
        corpus_of(file=path, errors="surrogateescape")
    for encoding in ("no-such", "base64", "hex"):
        with pytest.raises(ParameterError, match="'utf-8', 'latin-1'"):
            corpus_of(file=path, encoding=encoding)
    with pytest.raises(ParameterError, match="encoding='latin-1' is for text files"):
        corpus_of([["a"]], encoding="latin-1")


def test_folders_and_patterns(tmp_path: Path, check_corpus: Check) -> None:
    for name in ("b.txt", "a.txt", "_SUCCESS", ".hidden"):
        (tmp_path / name).write_text(f"{name[0]} words\n")
    expected = [["a", "words"], ["b", "words"]]
    check_corpus(lambda: corpus_of(file=tmp_path), expected)
    check_corpus(lambda: corpus_of(file=tmp_path / "*.txt"), expected)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.txt").write_text("c words\n")
    check_corpus(lambda: corpus_of(file=tmp_path / "**"), [*expected, ["c", "words"]])
    with pytest.warns(NegW2VWarning, match=r"'below'\), whose files are not read"):
        corpus_of(file=tmp_path)
    with pytest.raises(CorpusFileError, match="no file in the pattern"):
        corpus_of(file=tmp_path / "*.csv")
    with pytest.raises(CorpusError, match="does not exist"):
        corpus_of(file=tmp_path / "no.txt")


def test_the_model_takes_the_options_in_every_step(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("Größe é\n" * 20, encoding="latin-1")
    options: dict[str, Any] = {"encoding": "latin-1", "tokenizer": "simple"}
    whole = Word2Vec(corpus_file=path, vector_size=4, workers=1, epochs=1, **options)
    model = Word2Vec(vector_size=4, workers=1, epochs=1)
    model.build_vocab(corpus_file=path, **options)
    model.train(corpus_file=path, total_examples=model.corpus_count, epochs=1, **options)
    assert model.wv.index_to_key == whole.wv.index_to_key == ["größe"]
    np.testing.assert_array_equal(model.wv.vectors, whole.wv.vectors)
    assert Word2Vec().scan_vocab(corpus_file=path, **options) == (20, 20)
    found = Word2Vec.preflight(corpus_file=path, seconds=0.05, **options)
    assert found.words == 20
