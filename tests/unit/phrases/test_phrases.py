"""Phrases: counted, scored and joined as gensim does it, by compiled code."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from negw2v import LineSentence, Word2Vec
from negw2v.errors import (
    CorpusFileError,
    EmptyCorpusError,
    InputTypeError,
    MissingFileError,
    ModelFileError,
    NegW2VWarning,
    OneShotCorpusError,
    ParameterError,
)
from negw2v.phrases import (
    ENGLISH_CONNECTOR_WORDS,
    FrozenPhrases,
    Phrases,
    counting,
    npmi_scorer,
    reference,
)

TEXT = [
    ["in", "new", "york"],
    ["new", "york", "is", "large"],
    ["a", "new", "car", "in", "new", "york"],
    ["bank", "of", "america", "in", "new", "york", "city"],
    ["the", "bank", "of", "america"],
]
WORDS = [*"abcdef", "of", "é", "漢字"]
ODD_WORDS = ["a_b", "b_c", "_", "a_", "_b", "a__b", "b_c_d", "", "a b", "a-+-b"]


def ratio(
    worda_count: int,
    wordb_count: int,
    bigram_count: int,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> float:
    return 9 * bigram_count + worda_count - wordb_count + 0.01 * len_vocab


def corpus(chance: random.Random, count: int, words: list[str]) -> list[list[str]]:
    return [[chance.choice(words) for _ in range(chance.randrange(9))] for _ in range(count)]


def small(**parameters: Any) -> Phrases:
    return Phrases(TEXT, **{"min_count": 1, "threshold": 1, **parameters})


# ---------------------------------------------------------------- the same as the reference


@pytest.mark.filterwarnings("ignore::negw2v.NegW2VWarning")
@pytest.mark.parametrize("seed", range(60))
def test_counts_are_those_of_the_reference(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    words = WORDS + ODD_WORDS * (seed % 2)
    sentences = corpus(chance, chance.choice([0, 3, 40]), words)
    connectors = frozenset(chance.sample(words, chance.randrange(3)))
    delimiter, room = chance.choice(["_", "_", " ", "-+-"]), chance.choice([4, 30, 10_000])
    monkeypatch.setattr(counting, "BLOCK_WORDS", chance.choice([1, 20, 1 << 17]))
    _, expected, n_words = reference.learn(sentences, room, delimiter, connectors)
    phrases = Phrases(
        sentences,
        max_vocab_size=room,
        delimiter=delimiter,
        connector_words=connectors,
        workers=chance.choice([1, 3]),
    )
    assert list(phrases.vocab.items()) == list(expected.items())
    assert list(phrases.vocab) == list(expected)
    assert len(phrases.vocab) == len(expected)
    assert {text: phrases.vocab.get(text) for text in expected} == expected
    assert phrases.corpus_word_count == n_words


@pytest.mark.filterwarnings("ignore::negw2v.NegW2VWarning")
@pytest.mark.parametrize("scoring", ["default", "npmi", "word2phrase", ratio])
@pytest.mark.parametrize("seed", range(12))
def test_joining_is_that_of_the_reference(seed: int, scoring: Any) -> None:
    chance = random.Random(seed)
    words = WORDS + ODD_WORDS * (seed % 2)
    sentences, others = corpus(chance, 60, words), corpus(chance, 20, words)
    phrases = Phrases(
        sentences,
        min_count=1,
        threshold=0.1 if scoring == "npmi" else 12 if scoring is ratio else 1.5,
        scoring=scoring,
        connector_words={"of", "a"} if seed % 3 else (),
    )
    for each in (phrases, phrases.freeze()):
        expected = [
            list(reference.analyze(sentence, each.connector_words, each.score_candidate))
            for sentence in others
        ]
        assert [each[sentence] for sentence in others] == [
            [token for token, _ in analysis] for analysis in expected
        ]
        assert list(each.find_phrases(others).items()) == list(
            {token: s for analysis in expected for token, s in analysis if s is not None}.items()
        )
    exported = reference.export(phrases.vocab, phrases.delimiter, phrases.score_candidate)
    assert list(phrases.export_phrases().items()) == list(exported.items())


# ---------------------------------------------------------------- side by side with gensim


@pytest.fixture(scope="module")
def gensims() -> ModuleType:
    pytest.importorskip("gensim", reason="the yardstick")
    import gensim.models.phrases

    return gensim.models.phrases


@pytest.mark.filterwarnings("ignore::negw2v.NegW2VWarning")
@pytest.mark.parametrize("seed", range(40))
def test_gensim_finds_the_same(seed: int, gensims: Any) -> None:
    chance = random.Random(seed)
    words = WORDS + ODD_WORDS * (seed % 2)
    first, second = corpus(chance, 50, words), corpus(chance, chance.choice([0, 20]), words)
    parameters = {
        "min_count": chance.choice([1, 2, 0.5]),
        "connector_words": frozenset(chance.sample(words, chance.randrange(3))),
        "max_vocab_size": chance.choice([25, 60, 40_000_000]),
        **chance.choice([{"threshold": 1}, {"threshold": 0.1, "scoring": "npmi"}]),
    }
    theirs, ours = gensims.Phrases(first, **parameters), Phrases(first, **parameters)
    theirs.add_vocab(second)
    ours.add_vocab(second)
    assert list(ours.vocab.items()) == list(theirs.vocab.items())
    assert ours.min_reduce == theirs.min_reduce
    assert list(ours.export_phrases().items()) == list(theirs.export_phrases().items())
    assert [ours[sentence] for sentence in first] == [theirs[sentence] for sentence in first]
    assert ours.find_phrases(first) == theirs.find_phrases(first)
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("scoring", ["default", "npmi"])
def test_gensim_finds_the_same_in_the_penn_treebank(
    scoring: str, data_dir: Path, gensims: Any, tmp_path: Path
) -> None:
    path = data_dir / "ptb" / "ptb.valid.txt"
    sentences = list(LineSentence(path))
    parameters: dict[str, Any] = {
        "threshold": 0.3 if scoring == "npmi" else 10,
        "scoring": scoring,
        "connector_words": ENGLISH_CONNECTOR_WORDS,
    }
    theirs = gensims.Phrases(sentences, **parameters)
    for ours in (
        Phrases(sentences, workers=2, **parameters),
        Phrases(corpus_file=path, workers=2, **parameters),
    ):
        assert list(ours.vocab.items()) == list(theirs.vocab.items())
        assert list(ours.export_phrases().items()) == list(theirs.export_phrases().items())
    frozen = ours.freeze()
    joined = list(gensims.FrozenPhrases(theirs)[sentences])
    assert list(frozen[sentences]) == joined
    frozen.save_corpus(path, tmp_path / "joined.txt")
    assert list(LineSentence(tmp_path / "joined.txt")) == joined


def test_files_of_gensim_are_read(gensims: Any, tmp_path: Path) -> None:
    theirs = gensims.Phrases(TEXT, min_count=1, threshold=0.1, scoring="npmi")
    theirs.save(str(tmp_path / "counts"))
    gensims.FrozenPhrases(theirs).save(str(tmp_path / "frozen"))
    counts, frozen = Phrases.load(tmp_path / "counts"), Phrases.load(tmp_path / "frozen")
    assert counts.vocab == theirs.vocab
    assert counts.scoring is npmi_scorer
    assert counts.export_phrases() == theirs.export_phrases() == frozen.phrasegrams
    counts.add_vocab(TEXT)
    theirs.add_vocab(TEXT)
    assert counts.vocab == theirs.vocab


# ---------------------------------------------------------------- corpora


def test_a_corpus_is_joined_when_it_is_read() -> None:
    phrases = small()
    joined = phrases[TEXT]
    assert len(joined) == len(TEXT)
    assert joined[1] == ["new_york", "is", "large"]
    assert list(joined) == list(joined) == [phrases[sentence] for sentence in TEXT]
    assert list(phrases[iter(TEXT)]) == list(joined)
    assert list(phrases[(iter(sentence) for sentence in TEXT)]) == list(joined)
    with pytest.raises(RuntimeError, match="no sentences by number"):
        phrases[iter(TEXT)][0]


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_model_trains_on_phrases(rounds: int, tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in TEXT * 3), encoding="utf8")
    first = small(connector_words={"of"}).freeze()
    second = Phrases(first[TEXT], min_count=1, threshold=1).freeze()
    chosen: Any = first if rounds == 1 else [first, second]
    expected: Any = first[TEXT * 3] if rounds == 1 else second[first[TEXT * 3]]
    settings: dict[str, Any] = {"vector_size": 8, "min_count": 2, "workers": 1, "progress": False}
    plain = Word2Vec(list(expected), **settings)
    for model in (
        Word2Vec(TEXT * 3, phrases=chosen, **settings),
        Word2Vec(corpus_file=path, phrases=chosen, **settings),
        Word2Vec(expected, **settings),
    ):
        assert model.wv.index_to_key == plain.wv.index_to_key
        assert model.corpus_total_words == plain.corpus_total_words
        assert np.array_equal(model.wv.vectors, plain.wv.vectors)
    assert "bank_of_america" in plain.wv


def test_building_and_training_apart_join_phrases_too() -> None:
    frozen = small().freeze()
    plain, model = (
        Word2Vec(vector_size=8, min_count=1, workers=1, progress=False) for _ in range(2)
    )
    for each, sentences in ((plain, list(frozen[TEXT])), (model, frozen[TEXT])):
        each.build_vocab(sentences)
        each.train(sentences, total_examples=each.corpus_count, epochs=2)
    assert np.array_equal(model.wv.vectors, plain.wv.vectors)


def test_max_vocab_size_of_a_model_counts_phrases() -> None:
    frozen = small().freeze()
    settings: dict[str, Any] = {"vector_size": 8, "min_count": 1, "max_vocab_size": 5}
    settings |= {"workers": 1, "progress": False}
    plain = Word2Vec(list(frozen[TEXT]), **settings)
    assert Word2Vec(frozen[TEXT], **settings).wv.index_to_key == plain.wv.index_to_key


def test_a_stream_of_sentences_can_be_joined_once() -> None:
    frozen = small().freeze()
    with pytest.raises(OneShotCorpusError, match="passes are needed"):
        Word2Vec(frozen[iter(TEXT)], min_count=1)


class Shouting(FrozenPhrases):
    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Any:
        return (word_a + word_b).upper(), 1.0


def test_a_subclass_decides_in_training_too() -> None:
    shouting = Shouting(small())
    assert shouting[["in", "new", "york"]] == ["INNEW", "york"]
    model = Word2Vec(TEXT, phrases=shouting, min_count=1, vector_size=4, workers=1, progress=False)
    assert "INNEW" in model.wv


def test_a_subclass_reads_a_file_in_its_encoding(tmp_path: Path) -> None:
    class Shouting(Phrases):
        def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Any:
            return ("".join([word_a, *in_between, word_b]).upper(), 1.0)

    source = tmp_path / "text.txt"
    source.write_text("crème brûlée\n" * 3, encoding="latin-1")
    settings = {"min_count": 1, "vector_size": 4, "workers": 1, "progress": False}
    model = Word2Vec(
        corpus_file=str(source), encoding="latin-1", phrases=Shouting(TEXT), **settings
    )
    assert model.wv.index_to_key == ["CRÈMEBRÛLÉE"]


def test_a_file_keeps_its_lines(tmp_path: Path) -> None:
    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    long = "new york " * 6_000  # more words than a sentence of a reader has
    source.write_text(f"new york\n\n{long}\n", encoding="utf8")
    assert small().freeze().save_corpus(source, target, workers=2) == (2, 6_001)
    first, second = target.read_text(encoding="utf8").splitlines()
    assert first == "new_york"
    assert second.split() == ["new_york"] * 6_000


def test_phrases_of_any_text_are_loaded_and_joined(tmp_path: Path) -> None:
    odd = Phrases([["\ud800", "b"], ["new", "york"]] * 3, min_count=1, threshold=0.5)
    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    source.write_text("in new york\n", encoding="utf8")
    assert odd.save_corpus(source, target) == (1, 2)
    assert target.read_text(encoding="utf8") == "in new_york\n"


def test_a_file_is_joined_as_the_user_decides(tmp_path: Path) -> None:
    class Shouting(Phrases):
        def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Any:
            return ("".join([word_a, *in_between, word_b]).upper(), 1.0)

    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    source.write_text("in new york\n\n" + "a " * 12_001 + "\n", encoding="utf8")
    assert Shouting(TEXT).save_corpus(source, target) == (2, 6_003)
    first, second = target.read_text(encoding="utf8").splitlines()
    assert first == "INNEW york"
    assert second.split() == ["AA"] * 6_000 + ["a"]
    scored = small(scoring=ratio)
    assert scored.save_corpus(source, target) == (
        2,
        sum(map(len, scored[LineSentence(source, 20_000)])),
    )
    source.write_text("\n", encoding="utf8")
    before = target.read_bytes()
    with pytest.raises(EmptyCorpusError):
        scored.save_corpus(source, target)
    assert target.read_bytes() == before


# ---------------------------------------------------------------- state


def test_changes_take_effect_at_once() -> None:
    phrases, frozen = small(), small().freeze()
    phrases[["new", "york"]]
    phrases.threshold = 1e6
    assert phrases[["new", "york"]] == ["new", "york"]
    frozen[["new", "york"]]
    frozen.phrasegrams["a_car"] = 99.0
    del frozen.phrasegrams["new_york"]
    assert frozen[["a", "car", "new", "york"]] == ["a_car", "new", "york"]
    phrases.vocab = {"a": 2, "car": 2, "a_car": 2}
    assert phrases.vocab == {"a": 2, "car": 2, "a_car": 2}


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_objects_can_be_copied(copied: Any) -> None:
    phrases = small(connector_words={"of"})
    phrases[["new", "york"]]
    again = copied(phrases)
    assert list(again.vocab.items()) == list(phrases.vocab.items())
    assert copied(phrases.freeze())[TEXT[3]] == phrases[TEXT[3]]


@pytest.mark.parametrize("name", ["phrases", "phrases.gz"])
@pytest.mark.parametrize("scoring", ["npmi", "word2phrase", ratio])
def test_files_hold_everything(name: str, scoring: Any, tmp_path: Path) -> None:
    phrases = small(threshold=0.2, scoring=scoring, connector_words={"of", "\ud800"})
    phrases.save(tmp_path / name)
    loaded = Phrases.load(tmp_path / name)
    assert list(loaded.vocab.items()) == list(phrases.vocab.items())
    kept = ("min_count", "threshold", "scoring", "connector_words", "corpus_word_count")
    assert [getattr(loaded, each) for each in kept] == [getattr(phrases, each) for each in kept]
    for each in (loaded, phrases):
        each.add_vocab(TEXT)
    assert list(loaded.vocab.items()) == list(phrases.vocab.items())
    phrases.freeze().save(tmp_path / name)
    frozen = FrozenPhrases.load(tmp_path / name)
    assert frozen.phrasegrams == phrases.export_phrases()
    assert frozen.scoring is phrases.scoring


def test_a_scorer_without_a_name_is_given_again(tmp_path: Path) -> None:
    phrases = small()
    phrases.scoring = lambda worda_count, **_: worda_count
    with pytest.warns(NegW2VWarning, match="scoring="):
        phrases.save(tmp_path / "phrases")
    assert Phrases.load(tmp_path / "phrases", scoring=ratio).scoring is ratio


def test_a_file_cannot_name_code_that_is_not_a_scorer(tmp_path: Path) -> None:
    small(scoring=ratio).save(tmp_path / "phrases")
    data = (tmp_path / "phrases").read_bytes()
    name = f"{__name__}:ratio".encode()
    assert name in data
    (tmp_path / "phrases").write_bytes(data.replace(name, b"os:system".ljust(len(name))))
    with pytest.raises(ModelFileError, match="is not a function with the parameters of a scorer"):
        Phrases.load(tmp_path / "phrases")


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "phrases"
    small().save(path)
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(ModelFileError):
            Phrases.load(path)
    Word2Vec(TEXT, min_count=1, vector_size=4, progress=False).save(path)
    with pytest.raises(ModelFileError, match="holds no phrases"):
        Phrases.load(path)
    with pytest.raises(MissingFileError):
        Phrases.load(tmp_path / "nothing")


# ---------------------------------------------------------------- bad input


def test_a_word_with_the_delimiter_is_named() -> None:
    with pytest.warns(NegW2VWarning, match="the word 'new_york' has the delimiter '_'"):
        Phrases([["in", "new_york"]])


def test_an_error_of_the_users_reaches_the_user_and_changes_nothing() -> None:
    def failing() -> Iterator[list[str]]:
        yield ["new", "york"]
        raise ZeroDivisionError("mine")

    phrases = small()
    before = dict(phrases.vocab), phrases.corpus_word_count
    with pytest.raises(ZeroDivisionError, match="mine"):
        phrases.add_vocab(failing())
    assert (dict(phrases.vocab), phrases.corpus_word_count) == before
    with pytest.raises(InputTypeError, match=r"sentence 1 .* holds 7 of type int"):
        phrases.add_vocab([["new"], ["car", 7]])
    assert (dict(phrases.vocab), phrases.corpus_word_count) == before


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"min_count": 0}, ParameterError, "min_count must be more than 0"),
        ({"min_count": "5"}, InputTypeError, "min_count must be a number, got '5'"),
        ({"threshold": 0}, ParameterError, "threshold must be positive"),
        ({"threshold": None}, InputTypeError, "threshold must be a number"),
        ({"threshold": 10, "scoring": "npmi"}, ParameterError, "between -1 and 1"),
        ({"scoring": "pmi"}, ParameterError, "give 'default', 'npmi'"),
        ({"scoring": 7}, InputTypeError, "scoring is a int"),
        ({"scoring": len}, ParameterError, "lacks the parameters worda_count"),
        ({"delimiter": b"_"}, InputTypeError, "delimiter must be a str"),
        ({"delimiter": ""}, ParameterError, "delimiter is empty"),
        ({"connector_words": "of"}, InputTypeError, "give a set of words"),
        ({"max_vocab_size": 0}, ParameterError, "max_vocab_size"),
        ({"progress_per": 0}, ParameterError, "progress_per"),
        ({"sentences": TEXT, "workers": 0}, ParameterError, "workers is 0; it is a whole"),
        ({"sentences": TEXT, "workers": -1}, ParameterError, "workers is -1"),
        ({"sentences": TEXT, "workers": 1.5}, ParameterError, "workers is 1.5"),
        ({"sentences": TEXT, "workers": "2"}, InputTypeError, "workers must be a number"),
        ({"sentences": "new york"}, InputTypeError, "sentences is a str"),
        ({"sentences": ["new", "york"]}, InputTypeError, "a sentence is a list of words"),
        ({"sentences": [[b"new"]]}, InputTypeError, "decode it first"),
        ({"corpus_file": "missing"}, CorpusFileError, "missing"),
    ],
)
def test_wrong_arguments_are_explained(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Phrases(**parameters)


def test_a_class_is_no_phrases() -> None:
    with pytest.raises(InputTypeError, match=r"phrases is <class .* of type type"):
        Word2Vec(TEXT, phrases=Phrases, min_count=1, vector_size=4, progress=False)


def test_numbers_without_bound() -> None:
    """A log that is never written, and more threads than anybody has."""
    endless = small(progress_per=float("inf"), max_vocab_size=float("inf"))
    assert endless.vocab == small().vocab
    many = Phrases(TEXT * (counting.BLOCK_WORDS // 20), workers=1_000_000)
    assert many.vocab == Phrases(TEXT * (counting.BLOCK_WORDS // 20), workers=1).vocab


def test_text_is_not_a_sentence() -> None:
    for given in ("new york", b"new york"):
        with pytest.raises(InputTypeError, match="split text first"):
            small()[given]  # type: ignore[index]
        with pytest.raises(InputTypeError, match="split text first"):
            small().find_phrases(given)  # type: ignore[arg-type]
    with pytest.raises(InputTypeError, match="phrases is 5 of type int"):
        Word2Vec(TEXT, phrases=5)


# ---------------------------------------------------------------- the command line


def test_the_verb_does_what_word2phrase_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from negw2v.cli.main import main

    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    source.write_text("".join(" ".join(sentence) + "\n" for sentence in TEXT), encoding="utf8")
    words = ["phrases", "-train", str(source), "-output", str(target)]
    assert main([*words, "-min-count", "1", "-threshold", "2"]) == 0
    assert "new_york" in target.read_text(encoding="utf8")
    saved = str(tmp_path / "saved")
    options = ["--rounds", "2", "--min-count", "1", "--threshold", "1", "--save", saved, "--quiet"]
    assert main(["phrases", str(source), "--connector-words", "english", *options]) == 0
    capsys.readouterr()
    files = [f"{saved}.1", f"{saved}.2"]
    assert main(["phrases", str(source), "-o", "-", "--quiet", "--load", *files]) == 0
    assert "bank_of_america" in capsys.readouterr().out
    assert main(["phrases", str(source), "--threshold", "-1"]) == 1
    assert "threshold must be positive" in capsys.readouterr().err
    assert main(["phrases", str(source), "-n", "-1"]) == 1
    assert "-n must be 0 or more, not -1" in capsys.readouterr().err
