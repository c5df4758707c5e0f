"""Word2Vec.preflight(): counts, memory, speed, mistakes; and no trace."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import Preflight, Word2Vec
from negw2v.errors import (
    CorpusDecodeError,
    CorpusFileError,
    InputTypeError,
    OneShotCorpusError,
    ParameterError,
    RemovedNameError,
    VocabularyError,
)
from negw2v.phrases import Phrases
from negw2v.training.weights import Workspace
from negw2v.word2vec import preflight

SMALL: dict[str, Any] = {"vector_size": 20, "min_count": 2, "workers": 2, "seconds": 0.05}


@pytest.fixture
def found(synthetic_sentences: list[list[str]]) -> Preflight:
    return Word2Vec.preflight(synthetic_sentences, epochs=7, **SMALL)


def test_counts_are_those_of_the_model(
    found: Preflight, synthetic_sentences: list[list[str]], synthetic_file: Path
) -> None:
    model = Word2Vec(min_count=2)
    model.build_vocab(synthetic_sentences)
    assert found.sentences == model.corpus_count
    assert found.words == model.corpus_total_words
    assert found.vocabulary == len(model.wv)
    assert found.words_in_vocabulary == model.wv.expandos["count"].sum()
    assert found.min_count == 2
    assert found.epochs == 7
    assert found.mistakes == ()
    from_file = Word2Vec.preflight(corpus_file=synthetic_file, epochs=7, **SMALL)
    for name in ("sentences", "words", "word_types", "vocabulary", "memory", "sample_words"):
        assert getattr(from_file, name) == getattr(found, name)


def test_the_time_follows_from_a_measurement(found: Preflight) -> None:
    assert found.sample_words == found.words  # the corpus is smaller than a sample may be
    assert found.measured_seconds >= 0.05
    assert found.words_per_second is not None
    assert found.words_per_second > 0
    assert found.training_seconds == pytest.approx(7 * found.words / found.words_per_second)


@pytest.mark.parametrize(
    "parameters",
    [
        {"vector_size": 20},
        {"vector_size": 32},
        {"vector_size": 20, "hs": 1},
        {"vector_size": 20, "hs": 1, "negative": 0},
    ],
)
def test_memory_is_that_of_the_arrays(
    synthetic_sentences: list[list[str]], parameters: dict[str, Any]
) -> None:
    model = Word2Vec(synthetic_sentences[:500], min_count=1, epochs=1, **parameters)
    used = preflight.memory(model, 300, 1000, 500, interned=True)
    outputs = [getattr(model, name, np.empty(0)).nbytes for name in ("syn1", "syn1neg")]
    assert used["vectors"] == model.wv.vectors.nbytes
    assert used["output vectors"] == sum(outputs)
    workspace = Workspace()
    model.span_trainer(workspace)
    copies = workspace.take({})  # empty: what was taken is still counted below
    assert copies == {}
    held = sum(copy.nbytes for copy in workspace._copies.values())
    assert used["copies"] == held
    assert used["tokens"] == 4 * 1000 + 500 * preflight.SENTENCE_BYTES
    assert preflight.memory(model, 300, 1000, 500, interned=False)["tokens"] == 0


def test_paths_in_the_tree_take_memory(synthetic_sentences: list[list[str]]) -> None:
    flat, tree = (
        Word2Vec.preflight(synthetic_sentences[:200], hs=hs, **SMALL).memory["word tables"]
        for hs in (0, 1)
    )
    assert tree > 2 * flat


def test_it_leaves_no_trace(
    synthetic_sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    corpus = [list(words) for words in synthetic_sentences[:300]]
    before = [list(words) for words in corpus]
    state = random.getstate()
    Word2Vec.preflight(corpus, **SMALL)
    assert corpus == before
    assert random.getstate() == state
    assert not list(tmp_path.iterdir())


class Again:
    """Sentences that are made anew in each pass."""

    def __init__(self, sentences: list[list[str]]) -> None:
        self.sentences = sentences
        self.given = 0

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in self.sentences:
            self.given += 1
            yield sentence


def test_an_iterable_is_read_anew_in_every_epoch(
    synthetic_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "SAMPLE_WORDS", 1000)
    corpus = Again(synthetic_sentences)
    found = Word2Vec.preflight(corpus, **SMALL)
    assert found.memory["tokens"] == 0
    assert 1000 <= found.sample_words < 1100
    assert len(synthetic_sentences) < corpus.given < len(synthetic_sentences) + 200
    assert found.words_per_second is not None
    assert found.words_per_second <= found.words / found.counting_seconds


def test_where_memory_does_not_suffice_nothing_is_trained(
    synthetic_sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "available_memory", lambda: 1000)
    found = Word2Vec.preflight(synthetic_sentences[:100], **SMALL)
    assert found.words_per_second is None
    assert found.training_seconds is None
    assert [mistake.name for mistake in found.mistakes] == ["too_large"]
    assert "1 kB of memory are free" in str(found)
    assert "not measured" in str(found)


def test_free_memory_where_the_system_tells() -> None:
    found = preflight.available_memory()
    assert (found is not None) is Path("/proc/meminfo").exists()
    assert found is None or found > 1 << 20


def test_a_rate_that_is_too_high_is_a_mistake(synthetic_sentences: list[list[str]]) -> None:
    found = Word2Vec.preflight(synthetic_sentences, alpha=1e5, **SMALL)
    assert [mistake.name for mistake in found.mistakes] == ["learning_rate"]
    assert "alpha=100000" in str(found)


def test_mistakes_are_found_in_the_whole_corpus(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("The cat, the dog and the Cat , the <b> cat </b>\n" * 50)
    found = Word2Vec.preflight(corpus_file=path, **SMALL)
    names = [mistake.name for mistake in found.mistakes]
    assert names == ["markup", "punctuation_attached", "mixed_case"]
    assert [each["name"] for each in found.to_dict()["mistakes"]] == names
    assert str(found).count("\nwarning ") == 3


@pytest.mark.parametrize("of_file", [False, True])
def test_phrases_are_joined_before_anything_is_counted(of_file: bool, tmp_path: Path) -> None:
    text = [["in", "new", "york"], ["new", "york", "is", "large"]] * 20
    path = tmp_path / "text"
    path.write_text("".join(f"{' '.join(line)}\n" for line in text), encoding="utf8")
    phrases = Phrases([["new", "york"], ["in"]] * 20, min_count=1, threshold=0.1)
    corpus: dict[str, Any] = {"corpus_file": path} if of_file else {"sentences": text}
    found = Word2Vec.preflight(phrases=phrases, **corpus, **SMALL)
    model = Word2Vec(text, phrases=phrases, vector_size=20, min_count=2, progress=False)
    assert found.words == model.corpus_total_words == 100
    assert found.vocabulary == len(model.wv) == 4
    with pytest.raises(InputTypeError, match="phrases is 'new_york'"):
        Word2Vec.preflight(phrases="new_york", **corpus, **SMALL)


@pytest.mark.parametrize("seconds", [0, -1, 601, float("nan")])
def test_a_time_that_makes_no_sense(seconds: float) -> None:
    with pytest.raises(ParameterError, match="at most 600 seconds"):
        Word2Vec.preflight([["a", "b"]], seconds=seconds)


def test_what_cannot_be_trained_is_the_error_of_training(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="vectorsize"):
        Word2Vec.preflight([["a", "b"]], vectorsize=3)
    with pytest.raises(VocabularyError, match="min_count"):
        Word2Vec.preflight([["a", "b"]])
    with pytest.raises(OneShotCorpusError):
        Word2Vec.preflight(iter([["a", "b"]]), min_count=1)
    with pytest.raises(RemovedNameError, match="belongs to the class"):
        Word2Vec().preflight([["a", "b"]])
    path = tmp_path / "latin"
    path.write_bytes("caf\xe9 noir\n".encode("latin-1"))
    with pytest.raises(CorpusDecodeError):
        Word2Vec.preflight(corpus_file=path)
    path.write_bytes(b"\x7fELF\0\0\0 \xff\xfe\n")
    with pytest.raises(CorpusFileError, match="is a binary file"):
        Word2Vec.preflight(corpus_file=path)
