"""Functions of gensim.utils, gensim.matutils and gensim.test.utils, side by side with gensim's."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

pytest.importorskip("gensim", reason="gensim is the yardstick")

import gensim.matutils
import gensim.parsing
import gensim.scripts.glove2word2vec as their_scripts
import gensim.scripts.word2vec2tensor as their_tensors
import gensim.test.utils
import gensim.utils

from negw2v import utils
from negw2v.datasets.titles import common_texts
from negw2v.plugin.equivalents import converters, vectors
from negw2v.plugin.served import SERVED_NAMES

TEXTS = some.text() | some.sampled_from(
    [
        "Šéf chomutovských komunistů dostal poštou bílý prášek",
        "déjà vu 2x word2vec_c _private __x__ a1b2",
        "İstanbul ΣΊΣΥΦΟΣ ﬁne ﬂow Å Å Ｆｕｌｌ",
        "हिन्दी ภาษาไทย 한국어 ١٢٣ Ⅻ ² ½",
        "e\u0301 n\u0303 q\u0307\u0323 \u0301alone",
    ]
)
BYTES = some.binary() | TEXTS.map(lambda text: text.encode())


def result(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What a function returns, or the kind of its exception."""
    try:
        found = function(*args, **kwargs)
        return list(found) if hasattr(found, "__next__") else found
    except (UnicodeDecodeError, TypeError) as error:
        return next(kind for kind in (UnicodeDecodeError, TypeError) if isinstance(error, kind))


@pytest.mark.parametrize("name", ["deaccent", "simple_tokenize", "simple_preprocess", "tokenize"])
@given(text=TEXTS)
def test_functions_of_a_text(name: str, text: str) -> None:
    assert result(getattr(utils, name), text) == result(getattr(gensim.utils, name), text)


@given(text=TEXTS | BYTES, flags=some.tuples(*[some.booleans()] * 4))
def test_tokenize_with_every_flag(text: Any, flags: tuple[bool, ...]) -> None:
    names = ("lowercase", "deacc", "to_lower", "lower")
    options = dict(zip(names, flags, strict=True))
    ours, theirs = (result(each.tokenize, text, **options) for each in (utils, gensim.utils))
    assert ours == theirs


@given(
    text=TEXTS | BYTES,
    deacc=some.booleans(),
    lengths=some.tuples(some.integers(0, 5), some.integers(0, 20)),
)
@example(text="a _b __c bb", deacc=False, lengths=(0, 20))
def test_simple_preprocess(text: Any, deacc: bool, lengths: tuple[int, int]) -> None:
    ours, theirs = (
        result(each.simple_preprocess, text, deacc, *lengths) for each in (utils, gensim.utils)
    )
    assert ours == theirs


@pytest.mark.parametrize("name", ["any2unicode", "any2utf8", "to_unicode", "to_utf8"])
@given(
    text=TEXTS | BYTES,
    encoding=some.sampled_from(["utf8", "latin1", "ascii"]),
    errors=some.sampled_from(["strict", "ignore", "replace"]),
)
def test_conversions(name: str, text: Any, encoding: str, errors: str) -> None:
    ours, theirs = (
        result(getattr(each, name), text, encoding=encoding, errors=errors)
        for each in (utils, gensim.utils)
    )
    assert ours == theirs


@pytest.mark.parametrize("wrong", [5, None, ["a"]])
def test_what_is_no_text(wrong: Any) -> None:
    for name in ("any2unicode", "any2utf8", "simple_preprocess"):
        assert result(getattr(utils, name), wrong) is TypeError
        assert result(getattr(gensim.utils, name), wrong) is TypeError


@given(
    some.recursive(
        some.integers() | some.text(max_size=3),
        lambda inner: some.lists(inner, max_size=3) | some.tuples(inner),
        max_leaves=8,
    ).map(lambda value: [value])
)
def test_flatten(nested: list[Any]) -> None:
    assert utils.flatten(nested) == gensim.utils.flatten(nested)
    assert list(utils.lazy_flatten(nested)) == list(gensim.utils.lazy_flatten(nested))


def test_line_sentences(tmp_path: Path) -> None:
    for module, name in ((utils, "ours"), (gensim.utils, "theirs")):
        module.save_as_line_sentence([["größe", "a"], [], ["b"]], str(tmp_path / name))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_the_titles() -> None:
    assert common_texts == gensim.test.utils.common_texts


NUMBERS = some.floats(-1e3, 1e3, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3)


@given(
    some.lists(NUMBERS, max_size=20),
    some.sampled_from(["float32", "float64", "int64"]),
    some.sampled_from(["l1", "l2", "unique"]),
)
def test_unit_vectors(numbers: list[float], kind: str, norm: str) -> None:
    array = np.array(numbers).astype(kind)
    if norm == "l1" and kind == "float32":
        array = np.round(array)  # sums that float32 holds
    ours, length = vectors.unitvec(array, norm, return_norm=True)
    theirs, their_length = gensim.matutils.unitvec(array, norm, return_norm=True)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-12)
    assert length == pytest.approx(float(their_length), rel=1e-5)
    pairs = [(index, number) for index, number in enumerate(numbers) if number]
    if pairs:
        assert vectors.unitvec(pairs, norm) == [
            (index, pytest.approx(number)) for index, number in gensim.matutils.unitvec(pairs, norm)
        ]


def test_unit_vectors_of_sparse_rows() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    for norm in ("l1", "l2", "unique"):
        row = sparse.csr_matrix(np.array([[0, 3, 0, -4]]))
        ours, theirs = vectors.unitvec(row, norm), gensim.matutils.unitvec(row, norm)
        np.testing.assert_allclose(ours.toarray(), theirs.toarray())


@given(
    some.lists(some.integers(-50, 50), unique=True, max_size=20),
    some.none() | some.integers(0, 25),
    some.booleans(),
)
def test_argsort(numbers: list[int], topn: int | None, reverse: bool) -> None:
    array = np.array(numbers, dtype=np.float64)
    ours = vectors.argsort(array, topn, reverse)
    assert list(ours) == list(gensim.matutils.argsort(array, topn, reverse))


@pytest.fixture
def glove(tmp_path: Path) -> str:
    path = tmp_path / "glove.txt"
    path.write_text("the 0.5 -1.25 3\ncat 1 2 0.125\n")
    return str(path)


@pytest.mark.filterwarnings("ignore")  # gensim deprecates one of them, and leaves files open
def test_the_scripts(glove: str, tmp_path: Path) -> None:
    files = {}
    for name, scripts, tensors in (
        ("ours", converters, converters),
        ("theirs", their_scripts, their_tensors),
    ):
        text = str(tmp_path / f"{name}.txt")
        assert scripts.get_glove_info(glove) == (2, 3)
        assert scripts.glove2word2vec(glove, text) == (2, 3)
        tensors.word2vec2tensor(text, str(tmp_path / name))
        suffixes = (".txt", "_tensor.tsv", "_metadata.tsv")
        files[name] = [(tmp_path / f"{name}{suffix}").read_text().split() for suffix in suffixes]
    ours, theirs = (
        [[float(x) if x[0] in "-0123456789" else x for x in file] for file in files[name]]
        for name in ("ours", "theirs")
    )
    assert ours == theirs
    assert ours[1] == [0.5, -1.25, 3.0, 1.0, 2.0, 0.125]


def test_every_name_that_is_served_is_one_of_gensims() -> None:
    unknown = [
        f"{module}.{name}"
        for module, names in SERVED_NAMES.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    assert unknown == []


def test_all_names_of_the_modules_of_word_vectors_are_served() -> None:
    for theirs, ours in (
        ("gensim.models.word2vec", "negw2v.word2vec"),
        ("gensim.models.keyedvectors", "negw2v.keyedvectors"),
        ("gensim.utils", "negw2v.utils"),
    ):
        public = set(importlib.import_module(ours).__all__)
        gensims = set(dir(importlib.import_module(theirs)))
        assert (public & gensims) - set(SERVED_NAMES[theirs]) == set()
