"""An operation that fails or is interrupted, wherever, leaves its object as it was."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import interrupting
import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec
from negw2v.errors import NegW2VError, NegW2VWarning, ParameterError
from negw2v.phrases import Phrases

WORDS = ["red", "green", "blue", "cyan", "pink"]
SENTENCES = [["red", "green", "blue", "green"], ["blue", "cyan", "green", "pink", "red"]] * 4
MORE = [["red", "white", "black", "white"], ["black", "grey", "green", "white"]] * 3


def vectors(free: int = 0) -> KeyedVectors:
    """Five keys, with attributes, norms and lock factors, and some rows that are still free."""
    kv = KeyedVectors(3, count=len(WORDS) + free)
    values = np.random.default_rng(1).standard_normal((len(WORDS), 3))
    for word, row in zip(WORDS, values, strict=True):
        kv.add_vector(word, row)
    for word, count in zip(WORDS, (3, 9, 5, 9, 1), strict=True):
        kv.set_vecattr(word, "count", count)
    kv.set_vecattr("red", "name", "rouge")
    kv.vectors_lockf = np.arange(len(kv), dtype=np.float32)
    kv.fill_norms()
    return kv


def read_only() -> KeyedVectors:
    kv = vectors()
    kv.vectors.setflags(write=False)
    return kv


def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text("3 3\nblue 1 2 3\nnew 4 5 6\nred 7 8 9\n", encoding="utf8")
    return path


ROWS = np.arange(12, dtype=np.float64).reshape(4, 3)
EXTRAS = {"count": np.arange(4), "size": np.arange(4.0)}
KEYS = ["red", "white", "pink", "black"]

OPERATIONS: dict[str, tuple[Callable[[], KeyedVectors], Callable[[KeyedVectors, Path], Any]]] = {
    "add_vector": (lambda: vectors(2), lambda kv, _: kv.add_vector("white", [1, 2, 3])),
    "add_vector, no row": (vectors, lambda kv, _: kv.add_vector("white", [1, 2, 3])),
    "add_vectors": (vectors, lambda kv, _: kv.add_vectors(KEYS, ROWS, EXTRAS)),
    "add_vectors, replace": (vectors, lambda kv, _: kv.add_vectors(KEYS, ROWS, EXTRAS, True)),
    "add_vectors, replace all": (
        vectors,
        lambda kv, _: kv.add_vectors(WORDS[:4], ROWS, EXTRAS, replace=True),
    ),
    "add_vectors, known": (vectors, lambda kv, _: kv.add_vectors(WORDS[:4], ROWS, EXTRAS)),
    "add_vectors, free rows": (lambda: vectors(2), lambda kv, _: kv.add_vectors(KEYS, ROWS)),
    "add_vectors, read-only": (
        read_only,
        lambda kv, _: kv.add_vectors(WORDS[:4], ROWS, replace=True),
    ),
    "setitem": (vectors, lambda kv, _: kv.__setitem__("blue", [7, 8, 9])),
    "setitem, several": (vectors, lambda kv, _: kv.__setitem__(KEYS, ROWS)),
    "vectors": (vectors, lambda kv, _: setattr(kv, "vectors", ROWS[[0, 1, 2, 3, 0]])),
    "norms": (vectors, lambda kv, _: setattr(kv, "norms", None)),
    "fill_norms": (vectors, lambda kv, _: kv.fill_norms(force=True)),
    "resize_vectors": (
        lambda: with_more_keys(vectors()),
        lambda kv, _: kv.resize_vectors(seed=3),
    ),
    "allocate_vecattrs": (
        lambda: with_more_keys(vectors()),
        lambda kv, _: kv.allocate_vecattrs(["new", "count"], [float, int]),
    ),
    "set_vecattr": (vectors, lambda kv, _: kv.set_vecattr("blue", "count", 7)),
    "set_vecattr, new": (vectors, lambda kv, _: kv.set_vecattr("blue", "colour", "bleu")),
    "sort": (vectors, lambda kv, _: kv.sort_by_descending_frequency()),
    "sort, free rows": (lambda: vectors(2), lambda kv, _: kv.sort_by_descending_frequency()),
    "unit_normalize_all": (vectors, lambda kv, _: kv.unit_normalize_all()),
    "unit_normalize_all, read-only": (read_only, lambda kv, _: kv.unit_normalize_all()),
    "init_sims": (vectors, lambda kv, _: kv.init_sims(replace=True)),
    "intersect": (vectors, lambda kv, path: kv.intersect_word2vec_format(text_file(path), 0.5)),
    "take_keys": (vectors, lambda kv, _: kv.take_keys(["a", "b", None, "c", None])),
}


def with_more_keys(kv: KeyedVectors) -> KeyedVectors:
    kv.index_to_key = [*kv.index_to_key, "white"]
    kv.key_to_index = {**kv.key_to_index, "white": len(WORDS)}
    return kv


@pytest.mark.filterwarnings("ignore:every add_vector", "ignore:init_sims")
# of the file that was open when reading it was interrupted
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OPERATIONS)
def test_vectors_are_as_before_or_as_after(name: str, tmp_path: Path) -> None:
    make, operation = OPERATIONS[name]
    whole = make()
    before = interrupting.snapshot(whole)
    operation(whole, tmp_path)
    after = interrupting.snapshot(whole)
    seen = []
    for event in interrupting.events(lambda: operation(make(), tmp_path), instructions=True):
        kv = make()
        done = interrupting.run(lambda kv=kv: operation(kv, tmp_path), event, instructions=True)
        seen.append(is_done(interrupting.snapshot(kv), before, after, done.places[-1]))
        if not seen[-1]:
            operation(kv, tmp_path)
            assert interrupting.snapshot(kv) == after, done.places[-1]
    assert seen == sorted(seen)


def is_done(state: dict[str, Any], before: Any, after: Any, place: tuple[str, int]) -> bool:
    """Whether an operation that was interrupted there was done, all of it."""
    # its last event may not be in the log yet
    log = state["lifecycle_events"]
    assert after["lifecycle_events"][: len(log)] == log, place
    state, before, after = (each | {"lifecycle_events": 0} for each in (state, before, after))
    assert state in (before, after), place
    return bool(state != before)


def model(**parameters: Any) -> Word2Vec:
    given = {"vector_size": 4, "min_count": 1, "workers": 1, "epochs": 1, "sample": 0.01}
    made = Word2Vec(SENTENCES, progress=False, **(given | parameters))
    made.wv.set_vecattr("red", "name", "rouge")
    return made


def untrained() -> Word2Vec:
    return Word2Vec(vector_size=4, min_count=1, workers=1, progress=False)


def counted(**parameters: Any) -> Word2Vec:
    made = model(**parameters)
    made.scan_vocab(MORE)
    return made


def recounted(**parameters: Any) -> Word2Vec:
    made = model(**parameters)
    for count, word in enumerate(made.wv.index_to_key, 1):
        made.wv.set_vecattr(word, "count", count)
    return made


OTHER = model(hs=1)
COUNTS = {"white": 7, "black": 3, "red": 2}

MODEL_OPERATIONS: dict[str, tuple[Callable[[], Word2Vec], Callable[[Word2Vec], Any]]] = {
    "build_vocab": (untrained, lambda m: m.build_vocab(MORE)),
    "build_vocab again": (lambda: model(null_word=1), lambda m: m.build_vocab(MORE)),
    "build_vocab, update": (
        lambda: model(hs=1, vector_size=5),
        lambda m: m.build_vocab(MORE, update=True),
    ),
    "build_vocab_from_freq": (model, lambda m: m.build_vocab_from_freq(COUNTS, update=True)),
    "scan_vocab": (model, lambda m: m.scan_vocab(MORE)),
    "prepare_vocab": (counted, lambda m: m.prepare_vocab(min_count=2, sample=0.5)),
    "prepare_vocab, update": (lambda: counted(hs=1), lambda m: m.prepare_vocab(update=True)),
    "init_weights": (lambda: model(hs=1), lambda m: m.init_weights()),
    "update_weights": (
        lambda: with_more_words(model(hs=1)),
        lambda m: m.prepare_weights(update=True),
    ),
    "add_null_word": (model, lambda m: m.add_null_word()),
    "create_binary_tree": (lambda: recounted(hs=1), lambda m: m.create_binary_tree()),
    "make_cum_table": (recounted, lambda m: m.make_cum_table()),
    "reset_from": (model, lambda m: m.reset_from(OTHER)),
    "set_params": (model, lambda m: m.set_params(window=3, alpha=0.5, sg=1)),
    "init_sims": (model, lambda m: m.init_sims(replace=True)),
}


def with_more_words(made: Word2Vec) -> Word2Vec:
    made.scan_vocab(MORE)
    made.prepare_vocab(update=True)
    return made


@pytest.mark.filterwarnings("ignore:init_sims")
@pytest.mark.parametrize("name", MODEL_OPERATIONS)
def test_models_are_as_before_or_as_after(name: str) -> None:
    make, operation = MODEL_OPERATIONS[name]
    start = make()
    before = interrupting.snapshot(start)
    whole = copy.deepcopy(start)
    assert interrupting.snapshot(whole) == before
    operation(whole)
    after = interrupting.snapshot(whole)
    seen = []
    for event in interrupting.events(lambda: operation(copy.deepcopy(start))):
        made = copy.deepcopy(start)
        done = interrupting.run(lambda made=made: operation(made), event)
        seen.append(is_done(interrupting.snapshot(made), before, after, done.places[-1]))
    assert not seen[0]
    assert seen == sorted(seen)


def phrases(room: int = 100) -> Phrases:
    made = Phrases(
        SENTENCES,
        min_count=1,
        threshold=0.1,
        max_vocab_size=room,
        connector_words={"green"},
        workers=1,
    )
    made[SENTENCES[0]]
    return made


def snapshot_of_phrases(made: Phrases) -> dict[str, Any]:
    """What was counted, what follows from it and is kept, and what was set."""
    state = interrupting.snapshot_of_attributes(made)
    del state["counts"], state["_joiner"]
    return state | {
        "vocab": list(made.vocab.items()),
        "joined": [made[sentence] for sentence in (*SENTENCES, *MORE)],
    }


PHRASES_OPERATIONS: dict[str, tuple[int, Callable[[Phrases], Any]]] = {
    "add_vocab": (100, lambda made: made.add_vocab(MORE)),
    "add_vocab, pruned": (8, lambda made: made.add_vocab(MORE)),
    "vocab": (100, lambda made: setattr(made, "vocab", {"red": 3, "white": 2, "red_white": 2})),
}


@pytest.mark.parametrize("name", PHRASES_OPERATIONS)
def test_phrases_are_as_before_or_as_after(name: str) -> None:
    room, operation = PHRASES_OPERATIONS[name]
    whole = phrases(room)
    before = snapshot_of_phrases(whole)
    operation(whole)
    after = snapshot_of_phrases(whole)
    assert (after["min_reduce"] > 1) == name.endswith("pruned")
    seen = []
    for event in interrupting.events(lambda: operation(phrases(room))):
        made = phrases(room)
        done = interrupting.run(lambda made=made: operation(made), event)
        seen.append(is_done(snapshot_of_phrases(made), before, after, done.places[-1]))
    assert not seen[0]
    assert seen == sorted(seen)


BAD_ARGUMENTS: dict[str, Callable[[KeyedVectors], Any]] = {
    "text": lambda kv: kv.add_vectors(["x"], [["1", "2", "?"]], allow_nonfinite=True),
    "ragged": lambda kv: kv.add_vectors(["x", "y"], [[1, 2, 3], [1]]),
    "objects": lambda kv: kv.add_vectors(["x"], [[1, 2, {}]]),
    "extras of two dimensions": lambda kv: kv.add_vectors(
        ["x"], [[1, 2, 3]], extras={"count": np.array([[1, 2]])}
    ),
    "extras of another type": lambda kv: kv.add_vectors(
        ["x"], [[1, 2, 3]], extras={"size": np.ones(1), "count": np.array(["many"])}
    ),
    "beyond float32": lambda kv: kv.add_vectors(["x"], [[1, 2, 1e300]]),
    "too long": lambda kv: kv.__setitem__("x", [1, 2, 3, 4]),
    "one too long": lambda kv: kv.add_vector("x", [1, 2, 3, 4]),
    "one of text": lambda kv: kv.add_vector("x", ["1", "2", "?"], allow_nonfinite=True),
    "value of another type": lambda kv: kv.set_vecattr("red", "count", "many"),
    "attributes of another type": lambda kv: kv.allocate_vecattrs(["new", "count"], [int, str]),
    "attribute of an unknown key": lambda kv: kv.set_vecattr("x", "new", 1),
    "keys that cannot be": lambda kv: kv.take_keys(["a", None, [], "b", "c"]),
    "keys twice": lambda kv: kv.take_keys(["a", None, "a", "b", "c"]),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
@pytest.mark.parametrize("free", [0, 2])
@pytest.mark.filterwarnings("ignore:every add_vector")
def test_bad_arguments_change_nothing(name: str, free: int) -> None:
    kv = vectors(free)
    before = interrupting.snapshot(kv)
    with pytest.raises(NegW2VError):
        BAD_ARGUMENTS[name](kv)
    assert interrupting.snapshot(kv) == before


def test_sorting_takes_lock_factors_and_free_rows_along() -> None:
    kv = vectors(free=2)
    locks = {word: kv.vectors_lockf[row] for word, row in kv.key_to_index.items()}
    rows = {word: kv[word].copy() for word in WORDS}
    kv.sort_by_descending_frequency()
    assert kv.index_to_key == ["cyan", "green", "blue", "red", "pink", None, None]
    assert kv.get_index("pink") == 4
    assert None not in kv.key_to_index
    for word in WORDS:
        np.testing.assert_array_equal(kv[word], rows[word])
        assert kv.vectors_lockf[kv.get_index(word)] == locks[word]
    assert kv.add_vector("white", [1, 2, 3]) == 5


def test_sorting_without_enough_counts_loses_no_key() -> None:
    kv = vectors()
    kv.expandos["count"] = kv.expandos["count"][:3]
    kv.sort_by_descending_frequency()
    assert sorted(kv.index_to_key) == sorted(WORDS)
    del kv.expandos["count"]
    with pytest.raises(KeyError, match="no attribute 'count' to sort by; stored are: 'name'"):
        kv.sort_by_descending_frequency()


def test_keys_ahead_of_the_vectors_are_named() -> None:
    kv = with_more_keys(vectors())
    for query in (lambda: kv["white"], lambda: kv[["red", "white"]]):
        with pytest.raises(IndexError, match=r"'white' stands for row 5.* only 5 rows.*resize"):
            query()
    for change in (
        lambda: kv.add_vectors(["x"], [[1, 2, 3]]),
        kv.sort_by_descending_frequency,
    ):
        before = dict(vars(kv))
        with pytest.raises(ParameterError, match="5 rows for 6 keys"):
            change()
        assert vars(kv) == before
    kv.index_to_key = kv.index_to_key[:3]
    with pytest.raises(ParameterError, match="5 rows for 3 keys"):
        kv.resize_vectors()


def test_rows_with_infinity_are_not_scaled() -> None:
    kv = vectors()
    kv.vectors[1, 0], kv.vectors[2, 1] = np.inf, np.nan
    before = kv.vectors.copy()
    with pytest.warns(NegW2VWarning, match="2 rows"):
        kv.unit_normalize_all()
    np.testing.assert_array_equal(kv.vectors[[1, 2]], before[[1, 2]])
    np.testing.assert_allclose(np.linalg.norm(kv.vectors[[0, 3, 4]], axis=1), 1, rtol=1e-6)


def test_one_row_is_written_into_the_array_that_there_is() -> None:
    """add_vector() and kv[key] = ... copy no matrix; whoever holds it sees the change."""
    kv = vectors(free=1)
    held = kv.vectors
    kv.add_vector("white", [1, 2, 3])
    kv["red"] = [4, 5, 6]
    assert kv.vectors is held
    assert held[[5, 0]].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_parameters_are_all_set_or_none() -> None:
    made = untrained()
    before = interrupting.snapshot(made)
    with pytest.raises(ParameterError):
        made.set_params(window=2, alpha=-1)
    with pytest.raises(ParameterError):
        made.set_params(window=2, windows=3)
    assert interrupting.snapshot(made) == before


def test_train_that_is_refused_changes_nothing() -> None:
    made = model()
    made.window, made.sample, made.alpha = 3.0, None, -1
    before = interrupting.snapshot(made)
    for arguments in ({}, {"total_examples": 8, "epochs": 1}):
        with pytest.raises(NegW2VError):
            made.train(SENTENCES, **arguments)
        assert interrupting.snapshot(made) == before


class Strict(Word2Vec):
    """Steps of its own, the last of which fails."""

    def prepare_weights(self, update: bool = False) -> None:
        super().prepare_weights(update)
        self.extra = 1
        raise MemoryError


def test_steps_of_subclasses_that_fail_are_undone() -> None:
    made = Strict(vector_size=4, min_count=1, workers=1, progress=False)
    before = interrupting.snapshot(made)
    with pytest.raises(MemoryError):
        made.build_vocab(SENTENCES)
    assert interrupting.snapshot(made) == before
    assert not hasattr(made, "extra")
