"""Phrases: counted, scored and joined as gensim does it, by compiled code."""

from __future__ import annotations

import copy
import pickle
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, LineSentence, Word2Vec
from negw2v.errors import (
    CorpusDecodeError,
    CorpusError,
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
    lines,
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
    monkeypatch.setattr(counting, "SENTENCES_BLOCK_WORDS", chance.choice([25, 1 << 20]))
    monkeypatch.setattr(counting, "ROUND_WORDS", chance.choice([7, 1 << 22]))
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


@pytest.mark.filterwarnings("ignore::negw2v.NegW2VWarning")
@pytest.mark.parametrize("seed", range(30))
def test_gensim_finds_the_same_in_files(
    seed: int, gensims: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of every size, lines that are longer than one, two rounds, several threads."""
    chance = random.Random(seed)
    monkeypatch.setattr(counting, "BLOCK_WORDS", 20)
    monkeypatch.setattr(counting, "WORDS_PER_KNOWN_WORD", chance.choice([0, 2]))
    monkeypatch.setattr(counting, "ENCODED_BLOCK_WORDS", 50)
    monkeypatch.setattr(counting, "ROUND_WORDS", chance.choice([7, 1 << 22]))
    monkeypatch.setattr(lines, "BLOCK_BYTES", chance.choice([3, 10, 40, 1000]))
    monkeypatch.setattr(lines, "CUT_BYTES", chance.choice([5, 20, 100]))
    words = [*WORDS, "a_b", "b_"][: chance.randrange(3, 12)]
    sentences = [sentence for sentence in corpus(chance, 40, words) if sentence]
    path, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    blank = chance.choice(["", "\n", " \u2003\n"])
    path.write_text("".join(f"{' '.join(each)}\n{blank}" for each in sentences), encoding="utf8")
    parameters = {
        "min_count": chance.choice([1, 2]),
        "threshold": chance.choice([0.5, 2]),
        "connector_words": frozenset(chance.sample(words, chance.randrange(3))),
        "max_vocab_size": chance.choice([20, 60, 40_000_000]),
    }
    workers = chance.choice([1, 2, 3])
    theirs = gensims.Phrases(sentences, **parameters)
    ours = Phrases(corpus_file=path, workers=workers, **parameters)
    assert list(ours.vocab.items()) == list(theirs.vocab.items())
    their_rounds, our_rounds = [theirs.freeze()], [ours.freeze()]
    their_rounds.append(gensims.Phrases(their_rounds[0][sentences], **parameters).freeze())
    our_rounds.append(Phrases(our_rounds[0][LineSentence(path)], **parameters).freeze())
    assert our_rounds[1].phrasegrams == their_rounds[1].phrasegrams
    expected = sentences
    for count, frozen in enumerate(their_rounds, 1):
        expected = [frozen[sentence] for sentence in expected]
        written = lines.write_corpus(path, target, our_rounds[:count], workers)
        assert written == (len(expected), sum(map(len, expected)))
        text = "".join(f"{' '.join(sentence)}\n" for sentence in expected)
        assert target.read_text(encoding="utf8") == text


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


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("pairs", ["count and score", "score"])
def test_files_of_older_versions_of_gensim_are_read(
    pairs: str, protocol: int, gensims: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gensim 1 to 3: words are bytes, pairs are tuples, connector words have another name."""
    chance = random.Random(5)
    sentences = corpus(chance, 60, [*"abcd", "of", "é", "漢字"])
    ours = Phrases(sentences, min_count=1, threshold=0.5, connector_words={"of"})

    class Old:
        def __init__(self, **state: Any) -> None:
            vars(self).update(state)

    shared: dict[str, Any] = {"min_count": 1, "threshold": 0.5, "delimiter": b"_"}
    shared |= {"common_terms": frozenset([b"of"]), "scoring": gensims.original_scorer}
    vocab: defaultdict[bytes, int] = defaultdict(int)
    vocab.update({text.encode(): count for text, count in ours.vocab.items()})
    found = {
        tuple(phrase.encode().split(b"_")): (1, score) if pairs == "count and score" else score
        for phrase, score in ours.export_phrases().items()
    }
    counting_state: dict[str, Any] = {"vocab": vocab, "max_vocab_size": 1000, "min_reduce": 1}
    counting_state |= {"progress_per": 10, "corpus_word_count": ours.corpus_word_count}
    for name, state in (("Phrases", counting_state), ("Phraser", {"phrasegrams": found})):
        kind = type(name, (Old,), {"__module__": gensims.__name__, "__qualname__": name})
        monkeypatch.setattr(gensims, name, kind)
        (tmp_path / name).write_bytes(pickle.dumps(kind(**shared, **state), protocol))
    counts, frozen = Phrases.load(tmp_path / "Phrases"), FrozenPhrases.load(tmp_path / "Phraser")
    assert counts.vocab == ours.vocab
    assert counts.connector_words == frozen.connector_words == {"of"}
    assert counts.export_phrases() == frozen.phrasegrams == ours.export_phrases()
    expected = list(ours[sentences])
    assert list(counts[sentences]) == list(frozen[sentences]) == expected


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


def test_a_scorer_of_the_users_reads_tables(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra arrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"text": TEXT, "number": [1, 2, 3, 4, 5]})
    parquet.write_table(table, tmp_path / "text.parquet")
    scored = small(scoring=ratio, threshold=10)
    expected = [scored[sentence] for sentence in TEXT]
    assert any("_" in word for sentence in expected for word in sentence)
    settings: dict[str, Any] = {"vector_size": 4, "min_count": 1, "workers": 1, "progress": False}
    plain = Word2Vec(expected, **settings)
    for chosen in (
        {"sentences": table, "column": "text"},
        {"corpus_file": tmp_path / "text.parquet", "column": "text"},
    ):
        model = Word2Vec(phrases=scored, **chosen, **settings)
        assert model.wv.index_to_key == plain.wv.index_to_key
        assert np.array_equal(model.wv.vectors, plain.wv.vectors)
    column = table["text"]
    assert Phrases(scored[column]).vocab == Phrases(scored[TEXT]).vocab
    assert Word2Vec(scored[column], **settings).wv.index_to_key == plain.wv.index_to_key


def test_a_subclass_may_join_sentences_as_it_likes(tmp_path: Path) -> None:
    class Upper(FrozenPhrases):
        def __getitem__(self, sentence: Any) -> Any:
            joined = super().__getitem__(sentence)
            return [word.upper() for word in joined] if isinstance(joined, list) else joined

    upper = Upper(small())
    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    source.write_text("in new york\n", encoding="utf8")
    upper.save_corpus(source, target)
    assert target.read_text(encoding="utf8") == "IN_NEW YORK\n"
    model = Word2Vec(TEXT, phrases=upper, min_count=1, vector_size=4, workers=1, progress=False)
    assert "IN_NEW" in model.wv


def test_any_number_of_rounds() -> None:
    rounds = [small().freeze() for _ in range(1_500)]
    joined: Any = TEXT
    for each in rounds:
        joined = each[joined]
    assert list(joined) == list(rounds[0][TEXT])
    assert len(joined) == len(TEXT)
    assert joined[1] == ["new_york", "is", "large"]
    assert Phrases(joined).vocab == Phrases(rounds[0][TEXT]).vocab
    model = Word2Vec(TEXT, phrases=rounds, min_count=1, vector_size=4, workers=1, progress=False)
    assert "new_york" in model.wv


@pytest.mark.parametrize("gives", ["utf-8", "length", "nothing"])
def test_a_file_that_cannot_be_joined_is_named(
    gives: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 16)
    monkeypatch.setattr(lines, "LONGEST_WORD", 40)
    source, target = tmp_path / "text.txt", tmp_path / "joined.txt"
    target.write_bytes(b"as before")
    odd = {"utf-8": b"new \xff york", "length": b"x" * 50, "nothing": b""}[gives]
    source.write_bytes((b"in new york\n" * 20 if odd else b"\n") + odd)
    error, message = {
        "utf-8": (CorpusDecodeError, "line 21, byte offset 244"),
        "length": (CorpusError, "line 21, behind byte 240"),
        "nothing": (EmptyCorpusError, "has no word"),
    }[gives]
    with pytest.raises(error, match=message):
        small().freeze().save_corpus(source, target, workers=2)
    assert target.read_bytes() == b"as before"


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
    joined = iter(frozen[[["a", "car"], ["a", "car"], ["a", "car"]]])
    assert next(joined) == ["a_car"]
    frozen.score_candidate = lambda *_: ("mine", 1.0)  # type: ignore[method-assign]
    assert next(joined) == ["mine"]
    del frozen.score_candidate
    assert next(joined) == ["a_car"]
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


def test_files_of_models_and_of_phrases_name_each_other(gensims: Any, tmp_path: Path) -> None:
    import gensim.models

    path = tmp_path / "file"
    for phrases in (small(), gensims.Phrases(TEXT, min_count=1, threshold=1)):
        for each in (phrases, phrases.freeze()):
            each.save(str(path))
            for kind in (Word2Vec, KeyedVectors):
                with pytest.raises(ModelFileError, match=r"phrases.*negw2v.phrases.Phrases.load"):
                    kind.load(path)
    settings: dict[str, Any] = {"vector_size": 4, "min_count": 1, "workers": 1}
    for model in (
        Word2Vec(TEXT, progress=False, **settings),
        gensim.models.Word2Vec(TEXT, **settings),
    ):
        model.save(str(path))
        with pytest.raises(ModelFileError, match=r"load.*Word2Vec.load\(\)"):
            Phrases.load(path)
        model.wv.save(str(path))
        with pytest.raises(ModelFileError, match=r"load.*KeyedVectors.load\(\)"):
            FrozenPhrases.load(path)


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
    assert main(["phrases", str(source), "--rounds", "100000", *options[2:6]]) == 0
    assert "new_york" in capsys.readouterr().out


def test_training_joins_phrases_that_it_reads_or_finds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from negw2v.cli.main import main

    source, model, saved = (str(tmp_path / name) for name in ("text.txt", "model", "saved"))
    lines = "".join(" ".join(sentence) + "\n" for sentence in TEXT * 3)
    Path(source).write_text(lines, encoding="latin-1")
    train = ["train", source, "-o", model, "--vector-size", "4", "--min-count", "1", "--quiet"]
    train += ["--workers", "1", "--encoding", "latin-1"]
    find = ["--find-phrases", "2", "--phrase-min-count", "1", "--phrase-threshold", "1"]
    find += ["--phrase-connector-words", "of", "--save-phrases", saved]
    assert main([*train, *find]) == 0
    found = Word2Vec.load(model).wv
    assert {"new_york", "bank_of_america"} <= set(found.index_to_key)
    rounds = [f"{saved}.1", f"{saved}.2"]
    checkpoint = ["--checkpoint", str(tmp_path / "checkpoint"), "--epochs", "2"]
    assert main([*train, "--phrases", *rounds]) == 0
    again = Word2Vec.load(model).wv
    assert again.index_to_key == found.index_to_key
    assert np.array_equal(again.vectors, found.vectors)
    assert main([*train, *checkpoint, "--phrases", *rounds]) == 0
    resume = ["train", source, "-o", model, "--quiet", "--resume", checkpoint[1]]
    assert main([*resume, "--encoding", "latin-1", "--phrases", *rounds]) == 0
    capsys.readouterr()
    assert main([*train, "--dry-run", "--json", "--phrases", rounds[0]]) == 0
    joined = sum(map(len, Phrases.load(rounds[0])[TEXT * 3]))
    assert f'"words": {joined}' in capsys.readouterr().out
    for wrong, message in (
        (["--phrases", saved, "--find-phrases"], "give --phrases or --find-phrases"),
        (["--save-phrases", saved], "--save-phrases is for what --find-phrases finds"),
        (["--phrases", checkpoint[1]], "holds no phrases"),
        (["--find-phrases", "--save-phrases", source], "is a file that is read, too"),
    ):
        assert main([*train, *wrong]) == 1
        assert re.search(message, capsys.readouterr().err)
