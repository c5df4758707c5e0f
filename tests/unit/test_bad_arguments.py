"""What cannot be an argument is an error of ours, before anything is changed or read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import interrupting
import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import InputTypeError, ParameterError, SaveError

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e", "a"]] * 6


def vectors() -> KeyedVectors:
    kv = KeyedVectors(3)
    kv.add_vectors(list("abcde"), np.random.default_rng(0).normal(size=(5, 3)))
    return kv


def model(**parameters: Any) -> Word2Vec:
    given: dict[str, Any] = {"vector_size": 3, "min_count": 1, "epochs": 1, "workers": 1}
    return Word2Vec(SENTENCES, **(given | parameters), progress=False)


LISTS_OF_KEYS: dict[str, Callable[[KeyedVectors, Any], Any]] = {
    "subset": lambda kv, keys: kv.subset(keys).index_to_key,
    "drop": lambda kv, keys: kv.drop(keys).index_to_key,
    "vectors_for_all": lambda kv, keys: kv.vectors_for_all(keys).index_to_key,
    "get_mean_vector": lambda kv, keys: kv.get_mean_vector(keys).tolist(),
    "n_similarity": lambda kv, keys: kv.n_similarity(keys, ["c"]),
    "n_similarity, second": lambda kv, keys: kv.n_similarity(["c"], keys),
    "most_similar_to_given": lambda kv, keys: kv.most_similar_to_given("c", keys),
    "doesnt_match": lambda kv, keys: kv.doesnt_match(keys),
    "rank_by_centrality": lambda kv, keys: kv.rank_by_centrality(keys),
    "distances": lambda kv, keys: kv.distances("c", keys).tolist(),
}


@pytest.mark.parametrize("name", LISTS_OF_KEYS)
def test_several_keys_are_anything_that_can_be_iterated_over(name: str) -> None:
    query, kv = LISTS_OF_KEYS[name], vectors()
    expected = query(kv, ["a", "b"])
    for keys in (("a", "b"), iter(["a", "b"]), {"a": 1, "b": 2}, np.array(["a", "b"])):
        assert query(kv, keys) == expected
    for keys in (None, 1.5, object(), np.array(5)):
        if keys is None and name == "distances":
            continue
        with pytest.raises(InputTypeError, match="keys are needed"):
            query(kv, keys)


def test_what_cannot_be_a_key_is_not_added() -> None:
    kv = vectors()
    before = interrupting.snapshot(kv)
    for key in (["x"], {"x": 1}, np.zeros(3), ("x", [])):
        with pytest.raises(InputTypeError, match=r"add_vectors\(\) adds several"):
            kv.add_vector(key, [1, 2, 3])  # type: ignore[arg-type]
        with pytest.raises(InputTypeError, match="cannot be a key"):
            kv.add_vectors([key], [[1, 2, 3]])
    with pytest.raises(InputTypeError, match="keys: a NoneType was given"):
        kv.add_vectors(None, [[1, 2, 3]])
    assert interrupting.snapshot(kv) == before


@pytest.mark.parametrize("limit", [3.5, "3", [3], np.array([1, 2])], ids=str)
def test_numbers_of_rows_are_whole(limit: Any, tmp_path: Path) -> None:
    kv = vectors()
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a\tb\t1\nc\td\t2\nd\te\t3\n", encoding="utf8")
    questions = tmp_path / "questions.txt"
    questions.write_text(": some\na b c d\n", encoding="utf8")
    for query in (
        lambda: kv.most_similar("a", restrict_vocab=limit),
        lambda: kv.most_similar("a", clip_end=limit),
        lambda: kv.most_similar("a", clip_start=limit),
        lambda: kv.similar_by_vector(kv["a"], restrict_vocab=limit),
        lambda: kv.most_similar_cosmul("a", restrict_vocab=limit),
        lambda: kv.evaluate_word_analogies(questions, restrict_vocab=limit),
        lambda: kv.evaluate_word_pairs(pairs, restrict_vocab=limit),
    ):
        if isinstance(limit, np.ndarray):
            with pytest.raises((InputTypeError, ValueError)):
                query()
        else:
            with pytest.raises(InputTypeError, match="must be a whole number"):
                query()
    with pytest.raises(InputTypeError, match="topn is"):
        model().predict_output_word(["a"], topn=limit)


@pytest.mark.parametrize("path", [None, 5, 1.5, ["v"], {}, object()], ids=repr)
def test_paths_are_paths(path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kv, made = vectors(), model()
    for call in (
        lambda: kv.save(path),
        lambda: made.save(path),
        lambda: kv.save_npy(path),
        lambda: kv.save_projector(path),
        lambda: KeyedVectors.load(path),
        lambda: Word2Vec.load(path),
        lambda: KeyedVectors.load_npy(path),
        lambda: KeyedVectors.load_word2vec_format(path),
        lambda: kv.save_word2vec_format(path),
        lambda: kv.evaluate_word_analogies(path),
        lambda: kv.evaluate_word_pairs(path),
        lambda: made.train(SENTENCES, total_examples=12, epochs=1, checkpoint=path or 0),
    ):
        with pytest.raises(InputTypeError, match=r"path|needed"):
            call()
    assert not list(tmp_path.iterdir())


def test_checkpoints_that_cannot_be_written_are_refused_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = model()
    before = interrupting.snapshot(made)
    for path in ("", ".", "/", str(tmp_path)):
        with pytest.raises(SaveError, match="this is a folder"):
            made.train(SENTENCES, total_examples=12, epochs=1, checkpoint=path)
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if not os.access(locked, os.W_OK):  # the superuser may write everywhere
        with pytest.raises(SaveError, match="no permission to make files"):
            made.train(SENTENCES, total_examples=12, epochs=1, checkpoint=locked / "file")
    assert interrupting.snapshot(made) == before


def test_rules_and_models_are_what_they_must_be() -> None:
    made = model()
    before = interrupting.snapshot(made)
    with pytest.raises(InputTypeError, match="trim_rule is 5; it must be a function"):
        made.build_vocab([["never"], ["counted"]], trim_rule=5)  # type: ignore[arg-type]
    with pytest.raises(InputTypeError, match="trim_rule"):
        made.build_vocab_from_freq({"a": 1}, trim_rule="x")  # type: ignore[arg-type]
    for other in (None, made.wv, object()):
        with pytest.raises(InputTypeError, match=r"reset_from\(\) takes a Word2Vec"):
            made.reset_from(other)  # type: ignore[arg-type]
    assert interrupting.snapshot(made) == before


def test_encodings_are_encodings(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\t1\nc\td\t2\nd\te\t3\n", encoding="utf8")
    for encoding in ("klingon", None, 5):
        with pytest.raises(ParameterError, match=r"encoding is .* try 'utf8'"):
            vectors().evaluate_word_pairs(path, encoding=encoding)  # type: ignore[arg-type]
