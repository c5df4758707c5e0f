"""Lists, tuples, arrays and iterables of sentences."""

from __future__ import annotations

import enum
import sysconfig
import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negw2v.corpus import _sentences
from negw2v.corpus import sentences as module
from negw2v.corpus.encoding import ScanProgress, open_corpus
from negw2v.corpus.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP
from negw2v.errors import EmptyCorpusError, InputTypeError, NegW2VWarning, OneShotCorpusError

SENTENCES = [["a", "b", "a"], [], ["дом", "b", "longer than eight"], ["a"], ["é", "ё", "😀"]]


class Restartable:
    """Starts anew each time; yields what it is given."""

    def __init__(self, sentences: Any) -> None:
        self.sentences = sentences

    def __iter__(self) -> Iterator[Any]:
        yield from self.sentences


class Remade(Restartable):
    """Makes every sentence anew each time."""

    def __init__(self, sentences: Any, make: Callable[[Any], Any]) -> None:
        super().__init__(sentences)
        self.make = make

    def __iter__(self) -> Iterator[Any]:
        yield from map(self.make, self.sentences)


class Document:
    """A sentence with more than its words."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)


class RestartingDocument(Document):
    """An iterator that starts anew when it is at its end, as spec2vec's documents do."""

    at = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __len__(self) -> int:
        return len(self.words)

    def __next__(self) -> str:
        if self.at == len(self.words):
            self.at = 0
            raise StopIteration
        self.at += 1
        return self.words[self.at - 1]


class OldSequence:
    """What Python can iterate over by row numbers alone."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def __getitem__(self, at: int) -> str:
        return self.words[at]


MAKERS: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "tuple": tuple,
    "iterable": Restartable,
    "tuples in a list": lambda sentences: [tuple(s) for s in sentences],
    "arrays in a list": lambda sentences: [np.array(s, dtype=object) for s in sentences],
    "array of lists": lambda sentences: np.array([*sentences, None], dtype=object)[:-1],
    "dict views in a list": lambda sentences: [dict(enumerate(s)).values() for s in sentences],
    "generators in a list": lambda sentences: [(word for word in s) for s in sentences],
    "maps in a tuple": lambda sentences: tuple(map(str, s) for s in sentences),
    "generators, new ones": lambda sentences: Remade(sentences, lambda s: (word for word in s)),
    "deques in a list": lambda sentences: [deque(s) for s in sentences],
    "a deque of deques": lambda sentences: deque(map(deque, sentences)),
    "documents in a list": lambda sentences: [Document(s) for s in sentences],
    "documents that restart": lambda sentences: [RestartingDocument(s) for s in sentences],
    "old sequences": lambda sentences: [OldSequence(s) for s in sentences],
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_gives_the_same(kind: str, check_corpus: Callable[..., None]) -> None:
    check_corpus(lambda: open_corpus(MAKERS[kind](SENTENCES), workers=2, passes=2), SENTENCES)


@pytest.mark.parametrize("kind", ["list", "iterable"])
def test_blocks_of_a_long_corpus(
    kind: str, check_corpus: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_WORDS", 50)
    rng = np.random.default_rng(3)
    words = [f"w{i}" * (1 + i % 4) for i in range(200)]
    sentences = [[words[i] for i in rng.integers(0, 200, rng.integers(0, 40))] for _ in range(300)]
    check_corpus(lambda: open_corpus(MAKERS[kind](sentences), workers=2, passes=2), sentences)
    corpus = open_corpus(Restartable(sentences), workers=2, passes=2)
    assert corpus.interned is False
    blocks = list(corpus.blocks({"w1w1": 0}))
    assert len(blocks) > 10
    assert sum(int(block.raw_lengths.sum()) for block in blocks) == sum(map(len, sentences))


TOKENS = st.one_of(
    st.text(max_size=12), st.integers(-3, 3), st.binary(max_size=2), st.tuples(st.integers(0, 2))
)


@given(sentences=st.lists(st.lists(TOKENS, max_size=8), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_random_tokens(sentences: list[list[Any]], check_corpus: Callable[..., None]) -> None:
    if any(sentences):
        check_corpus(lambda: open_corpus(sentences, workers=1, passes=2), sentences)
        check_corpus(lambda: open_corpus(Restartable(sentences), workers=1, passes=2), sentences)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16"])
def test_integer_arrays(dtype: str, check_corpus: Callable[..., None]) -> None:
    array = np.arange(3000).reshape(1500, 2).astype(dtype) % 100
    check_corpus(lambda: open_corpus(array, workers=1, passes=2), array.tolist())
    rows = list(array)
    check_corpus(lambda: open_corpus(rows, workers=1, passes=2), array.tolist())
    counts = open_corpus([tuple(row) for row in array], workers=1, passes=1).scan()
    assert {type(word) for word in counts.words} == {int}


def test_kinds_of_str_are_one_word() -> None:
    class Tag(str, enum.Enum):  # noqa: UP042 - a str and an Enum, as older programs have it
        A = "a"

    class Name(str):
        __slots__ = ()

    corpus = open_corpus([[np.str_("a"), "a", Tag.A, Name("a"), Name("b")]], workers=1, passes=1)
    found = corpus.scan()
    assert found.words == ["a", "b"]
    assert {type(word) for word in found.words} == {str}
    assert found.counts.tolist() == [4, 1]
    for vocabulary in ({"b": 0, "a": 1}, {Name("b"): 0, np.str_("a"): 1}):
        (block,) = corpus.blocks(vocabulary)
        assert block.tokens.tolist() == [1, 1, 1, 1, 0]


def test_strings_that_no_file_can_hold_are_words(check_corpus: Callable[..., None]) -> None:
    sentences = [["\ud800", "", "a b", "\0", "a\0", "x" * 100_000, "é" * 9, "\ud800"]]
    check_corpus(lambda: open_corpus(sentences, workers=1, passes=2), sentences)


def test_new_words_of_a_later_pass_are_left_out() -> None:
    class Growing:
        passes = 0

        def __iter__(self) -> Iterator[list[str]]:
            self.passes += 1
            yield [f"w{i}" for i in range(self.passes)]

    corpus = open_corpus(Growing(), workers=1, passes=3)
    vocabulary = {word: i for i, word in enumerate(corpus.scan().words)}
    for number in (2, 3):
        (block,) = corpus.blocks(vocabulary)
        assert block.tokens.tolist() == [0]
        assert block.raw_lengths.tolist() == [number]


def test_a_pass_that_yields_nothing_is_named() -> None:
    class Once:
        def __init__(self) -> None:
            self.left = iter([["a", "b"]])

        def __iter__(self) -> Iterator[list[str]]:
            yield from self.left

    corpus = open_corpus(Once(), workers=1, passes=2)
    corpus.scan()
    with pytest.raises(
        EmptyCorpusError, match=r"pass 2 of corpus_iterable brought no sentence; .* start anew"
    ):
        list(corpus.blocks({"a": 0}))


@pytest.mark.parametrize("empty", [[], (), [[], []], Restartable([]), Restartable([[]])])
def test_an_empty_corpus(empty: Any) -> None:
    for use in (lambda c: c.scan(), lambda c: list(c.blocks({"a": 0}))):
        with pytest.raises(EmptyCorpusError, match=r"brought (no sentence|. sentences without)"):
            use(open_corpus(empty, workers=1, passes=1))


BAD = {
    "a str": ("a sentence", r"is the str 'a sentence'.*line\.split\(\)"),
    "bytes": (b"a sentence", r"is bytes.*decode"),
    "floats": (np.array([0.5, 1.0]), "is an array of float64 with 1 dim"),
    "a matrix": (np.array([[1]]), "is an array of int64 with 2 dim"),
    "a number": (7, "is 7 of type int"),
    "complex numbers": (np.array([1j]), "is an array of complex128 with 1 dim"),
    "bytearray": (bytearray(b"a b"), "is bytearray.*decode"),
    "None": (None, "is None of type NoneType"),
    "None in it": (["a", None], "holds None"),
    "a list in it": (["a", ["b"]], r"holds \['b'\] of type list"),
    "NaN in it": ([float("nan")], "holds nan"),
}


@pytest.mark.parametrize("make", [list, Restartable], ids=["list", "iterable"])
@pytest.mark.parametrize("kind", BAD)
def test_bad_sentences(kind: str, make: Callable[[Any], Any]) -> None:
    sentence, message = BAD[kind]
    given = make([["a"], ["b"], sentence])
    for use in (
        lambda c: c.scan(),
        lambda c: c.scan(max_vocab_size=1),
        lambda c: list(c.blocks({"a": 0, 1: 1})),
    ):
        with pytest.raises(InputTypeError, match=rf"sentence 2 \(counted from 0\) {message}"):
            use(open_corpus(given, workers=1, passes=1))


def test_mappings_sets_and_rows_of_pandas_are_sentences() -> None:
    given = [{"a": 1, "b": 2}, frozenset({"c"}), np.array([True]), np.array(["a", "d"])]
    assert open_corpus(given, workers=1, passes=1).scan().words == ["a", "b", "c", True, "d"]
    pandas = pytest.importorskip("pandas", reason="rows of pandas need it")
    frame = pandas.DataFrame({"x": ["a", "b"], "y": ["c", "a"]})
    for rows in ([row for _, row in frame.iterrows()], list(frame.itertuples(index=False))):
        found = open_corpus(rows, workers=1, passes=1).scan()
        assert dict(zip(found.words, found.counts.tolist(), strict=True)) == {
            "a": 2,
            "b": 1,
            "c": 1,
        }
    column = pandas.Series([["a", "b"], ["b"]])
    assert open_corpus(column, workers=1, passes=2).scan().counts.tolist() == [1, 2]


def test_generators_in_a_list_are_read_once_whatever_is_counted_how_often() -> None:
    corpus = open_corpus([(w for w in words) for words in ("abca", "ad", "")], workers=1, passes=3)
    # more different words than may stay: the corpus is counted again
    found = corpus.scan(max_vocab_size=2)
    assert (found.corpus_count, found.corpus_total_words) == (3, 6)
    for vocabulary in ({"a": 0}, {"a": 0, "d": 1}):
        (block,) = corpus.blocks(vocabulary)
        assert block.raw_lengths.tolist() == [4, 2, 0]
        assert len(block.tokens) == 3 + (len(vocabulary) - 1)


@pytest.mark.parametrize("make", [list, Restartable], ids=["list", "iterable"])
def test_generators_that_were_read_before_are_an_error(make: Callable[[Any], Any]) -> None:
    sentences = [["a"], (word for word in "ab")]
    open_corpus(make(sentences), workers=1, passes=1).scan()
    corpus = open_corpus(make(sentences), workers=1, passes=1)
    with pytest.raises(
        OneShotCorpusError, match=r"sentence 1 .* is a generator that was read.* \[list\(sentence\)"
    ):
        corpus.scan()
    maps = [map(str, "ab"), map(str, "a")]
    open_corpus(make(maps), workers=1, passes=1).scan()
    with pytest.raises(EmptyCorpusError, match=r"brought 2 sentences without a word"):
        open_corpus(make(maps), workers=1, passes=1).scan()
    with pytest.raises(EmptyCorpusError, match="can be read only once: make lists"):
        open_corpus(maps, workers=1, passes=1).scan()
    corpus = open_corpus([["a"], *maps], workers=1, passes=1)
    with pytest.warns(NegW2VWarning, match=r"none of the 2 sentences that are it.* sentence 1 "):
        corpus.scan()


def test_what_a_sentence_raises_reaches_the_caller() -> None:
    def words() -> Iterator[str]:
        yield "a"
        raise TypeError("their own")

    with pytest.raises(TypeError, match="their own"):
        open_corpus([words()], workers=1, passes=1).scan()


def test_an_exception_in_the_iterable_reaches_the_caller() -> None:
    class Broken:
        def __iter__(self) -> Iterator[list[str]]:
            yield ["a"]
            raise ConnectionError("gone")

    for use in (lambda c: c.scan(), lambda c: list(c.blocks({"a": 0}))):
        with pytest.raises(ConnectionError, match="gone"):
            use(open_corpus(Broken(), workers=1, passes=2))


def test_a_word_whose_hash_fails_reaches_the_caller() -> None:
    class Word:
        def __hash__(self) -> int:
            raise LookupError("no hash today")

    with pytest.raises(LookupError, match="no hash today"):
        open_corpus([[Word()]], workers=1, passes=1).scan()


COPIED = bool(sysconfig.get_config_var("Py_GIL_DISABLED")) or ".abi3." in _sentences.__file__


@pytest.mark.skipif(COPIED, reason="without the GIL, or for the stable ABI, lists are copied")
def test_a_sentence_that_shrinks_while_it_is_read() -> None:
    sentence: list[Any] = []

    class Word:
        def __hash__(self) -> int:
            sentence.clear()
            return 1

    sentence += [Word() for _ in range(100)]
    with pytest.raises(RuntimeError, match="became shorter"):
        open_corpus([sentence], workers=1, passes=1).scan()


def test_a_sentence_that_grows_while_it_is_read() -> None:
    sentence = ["a"] * 10
    armed: list[bool] = []

    class Key:
        def __hash__(self) -> int:
            if armed:
                sentence.extend(["a"] * 1_000_000)
            return 1

    vocabulary: dict[Any, int] = {Key(): 0, "a": 1}
    armed.append(True)
    (block,) = open_corpus([sentence], workers=1, passes=1).blocks(vocabulary)
    assert block.tokens.tolist() == [1] * 10


@pytest.mark.parametrize("known", [False, True])
def test_sentences_that_another_thread_changes_while_they_are_read(known: bool) -> None:
    """With the GIL it changes them between two sentences; without it, at any time."""
    words = [f"word{number}" for number in range(200)]
    sentences = [list(words) for _ in range(50)]
    vocabulary = {word: number for number, word in enumerate(words)} if known else None
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for sentence in sentences:
                sentence.extend(f"new {number}" for number in range(30))
                del sentence[50:]
                sentence.extend(words[50:])

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(20):
            corpus = open_corpus(sentences, workers=1, passes=1)
            if vocabulary is None:
                counts = corpus.scan()
                assert len(counts.words) >= len(words)
            else:
                (block,) = corpus.blocks(vocabulary)
                assert set(block.tokens.tolist()) <= set(range(200))
    finally:
        stop.set()
        thread.join()


def test_two_passes_at_the_same_time() -> None:
    corpus = open_corpus(Restartable([["a", "b"]] * 3), workers=1, passes=2)
    vocabulary = {"b": 0}
    for _ in range(2):
        first, second = corpus.blocks(vocabulary), corpus.blocks(vocabulary)
        for blocks in (first, second):
            (block,) = blocks
            assert block.tokens.tolist() == [0, 0, 0]


def test_progress() -> None:
    told: list[ScanProgress] = []
    open_corpus([["a", "b"]] * 200_000, workers=1, passes=1).scan(100_000, told.append)
    assert [p.fraction for p in told] == sorted(p.fraction for p in told if p.fraction)
    assert told[0].words == 2 * told[0].sentences
    assert told[-1].word_types == 2


# ---------------------------------------------------------------- max_vocab_size


def _rule(word: str, count: int, min_count: int) -> int:
    if word.endswith("7"):
        return RULE_KEEP
    return RULE_DISCARD if word.endswith("3") else RULE_DEFAULT


@pytest.mark.parametrize("rule", [None, _rule])
@pytest.mark.parametrize("size", [1, 20, 100, 10_000])
def test_pruned_counts_are_those_of_gensim(
    size: int, rule: Callable[..., int] | None, gensim_word2vec: ModuleType, tmp_path: Any
) -> None:
    rng = np.random.default_rng(size)
    sentences = [
        [f"w{i}" for i in rng.zipf(1.4, rng.integers(0, 30)).clip(max=400)] for _ in range(500)
    ]
    sentences = [sentence for sentence in sentences if sentence]
    model = gensim_word2vec.Word2Vec(max_vocab_size=size)
    total, number = model.scan_vocab(sentences, trim_rule=rule)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(map(" ".join, sentences)))
    for where in (
        {"corpus_iterable": sentences},
        {"corpus_iterable": Restartable(sentences)},
        {"corpus_file": path},
    ):
        corpus = open_corpus(**where, workers=2, passes=1)
        found = corpus.scan(max_vocab_size=size, trim_rule=rule, keep_tokens=True)
        assert dict(zip(found.words, found.counts.tolist(), strict=True)) == model.raw_vocab
        assert found.words == list(model.raw_vocab)
        assert (found.corpus_total_words, found.corpus_count) == (total, number)
        blocks = list(corpus.blocks({"w1": 0}))
        kept = sum(sentence.count("w1") for sentence in sentences)
        assert sum(len(block.tokens) for block in blocks) == kept


class Word(str):
    """Another type of str."""

    __slots__ = ()


@pytest.mark.parametrize("restartable", [False, True])
def test_few_words_are_found_as_many_are(restartable: bool) -> None:
    """In a large vocabulary few words are looked up one by one, many with a table."""
    small: dict[Any, int] = {"a": 7, "ä": 8, 3: 9, ("x", "y"): 10, "": 11, Word("sub"): 12}
    large = small | {f"other{number}": 20 + number for number in range(1000)}
    few = [
        ["a", "b", Word("a"), Word("no"), 3, 4, np.int64(3), 3.0, ("x", "y"), ("x",), "", "ä"],
        ["sub", Word("sub")],
        [],
        ("b", "b"),
    ]
    expected = [7, 7, 9, 9, 9, 10, 11, 8, 12, 12]
    for vocabulary, repeats in ((small, 1), (large, 1), (large, 200)):
        given: Any = few * repeats
        if restartable:
            given = deque(given)
        corpus = open_corpus(given, workers=1, passes=2)
        for _ in range(2):
            (block,) = corpus.blocks(vocabulary)
            assert block.tokens.tolist() == expected * repeats
            assert np.diff(block.sentence_starts).tolist() == [8, 2, 0, 0] * repeats


def test_a_word_that_cannot_be_looked_up_is_refused_in_a_large_vocabulary() -> None:
    vocabulary = {f"word{number}": number for number in range(1000)}
    for word, message in (([1], "not hashable"), (None, "None"), (float("nan"), "equal to itself")):
        with pytest.raises(InputTypeError, match=message):
            list(open_corpus([["word1", word]], workers=1, passes=1).blocks(vocabulary))
