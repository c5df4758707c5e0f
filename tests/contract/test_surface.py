"""The surface of Word2Vec beside gensim's own: parameters, methods, attributes, values."""

from __future__ import annotations

import inspect
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gensim", reason="gensim is the yardstick")

from gensim.models import Word2Vec as GensimWord2Vec
from gensim.models.callbacks import CallbackAny2Vec as GensimCallback

from negw2v import CallbackAny2Vec, Word2Vec
from negw2v.corpus.options import CORPUS_OPTIONS

# Model files are another part of the library; the rest of the surface is here.
NOT_HERE = {"load", "save"}

METHODS = sorted(
    name
    for name, value in inspect.getmembers(GensimWord2Vec, callable)
    if not name.startswith("_") and name not in NOT_HERE
)


def corpus() -> list[list[str]]:
    """Sentences in which every word has a count of its own: the order is no matter of luck."""
    random = Random(1)
    words = [f"w{i:02d}" for i in range(40) for _ in range(3 * i + 2)]
    random.shuffle(words)
    edges = [0]
    while edges[-1] < len(words):
        edges.append(edges[-1] + random.randint(1, 12))
    return [words[first:last] for first, last in pairwise(edges)]


def parameters(function: Any) -> list[inspect.Parameter]:
    return [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(function).parameters.values()
    ]


def test_the_constructor_has_gensims_parameters_and_ours_come_after_them_by_keyword() -> None:
    theirs, ours = parameters(GensimWord2Vec.__init__), parameters(Word2Vec.__init__)
    assert ours[: len(theirs)] == theirs
    extra = ours[len(theirs) :]
    assert [parameter.name for parameter in extra] == [
        "share_negatives",
        "corrected_cbow",
        "paired_windows",
        "deterministic",
        "progress",
        "phrases",
        *CORPUS_OPTIONS,
    ]
    assert {parameter.kind for parameter in extra} == {inspect.Parameter.KEYWORD_ONLY}


def test_there_are_methods_to_compare() -> None:
    assert {"build_vocab", "train", "score", "add_lifecycle_event"} <= set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_every_public_method_has_gensims_signature(name: str) -> None:
    ours, theirs = getattr(Word2Vec, name), getattr(GensimWord2Vec, name)
    # what is new is given by keyword
    reading = set(CORPUS_OPTIONS)
    new = {
        "train": {"anchor", "checkpoint", "checkpoint_every", *reading},
        "build_vocab": reading,
        "scan_vocab": reading,
    }.get(name, set())
    assert [each for each in parameters(ours) if each.name not in new] == parameters(theirs)
    ours_by_name = inspect.signature(ours).parameters
    assert {ours_by_name[each].kind for each in new} <= {inspect.Parameter.KEYWORD_ONLY}
    assert inspect.getdoc(ours)


@pytest.mark.parametrize("hook", ["train_begin", "epoch_begin", "epoch_end", "train_end"])
def test_callbacks_have_gensims_hooks(hook: str) -> None:
    name = f"on_{hook}"
    assert parameters(getattr(CallbackAny2Vec, name)) == parameters(getattr(GensimCallback, name))


@pytest.fixture(scope="module", params=[0, 1], ids=["cbow", "skip-gram"])
def pair(request: pytest.FixtureRequest) -> tuple[Word2Vec, GensimWord2Vec]:
    """The same model of both libraries, trained on the same sentences."""
    settings: dict[str, Any] = {
        "vector_size": 12,
        "min_count": 3,
        "sg": request.param,
        "hs": 1,
        "negative": 4,
        "epochs": 3,
        "workers": 1,
        "seed": 5,
        "compute_loss": True,
        "comment": "a comment",
    }
    return Word2Vec(corpus(), **settings), GensimWord2Vec(corpus(), **settings)


def kind(value: Any) -> Any:
    """What code can rely on: the dtype and dimensions of an array, the type of other values."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.ndim
    return type(value).__name__


def test_a_trained_model_has_every_attribute_that_gensims_has(
    pair: tuple[Word2Vec, GensimWord2Vec],
) -> None:
    ours, theirs = pair
    differing = {
        name: (kind(getattr(ours, name, "missing")), kind(value))
        for name, value in vars(theirs).items()
        if name not in NOT_HERE and kind(getattr(ours, name, "missing")) != kind(value)
    }
    assert differing == {}


def test_attributes_that_do_not_depend_on_chance_have_the_same_values(
    pair: tuple[Word2Vec, GensimWord2Vec],
) -> None:
    ours, theirs = pair
    by_chance = {"wv", "syn1", "syn1neg", "random", "total_train_time", "running_training_loss"}
    by_chance |= {"lifecycle_events", "min_alpha_yet_reached", "cum_table"} | NOT_HERE
    for name, value in vars(theirs).items():
        if name not in by_chance:
            assert getattr(ours, name) == value, name
    np.testing.assert_array_equal(ours.cum_table, theirs.cum_table)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.wv.key_to_index == theirs.wv.key_to_index
    for name in ("count", "sample_int"):
        ours_values, theirs_values = ours.wv.expandos[name], theirs.wv.expandos[name]
        assert ours_values.dtype == theirs_values.dtype
        np.testing.assert_array_equal(ours_values, theirs_values)
    assert set(ours.wv.expandos) == set(theirs.wv.expandos)
    assert ours.wv.vectors.shape == theirs.wv.vectors.shape
    assert ours.syn1.shape == theirs.syn1.shape
    np.testing.assert_array_equal(ours.wv.vectors_lockf, theirs.wv.vectors_lockf)
    assert str(ours) == str(theirs)


def test_the_huffman_tree_is_as_good_as_gensims(pair: tuple[Word2Vec, GensimWord2Vec]) -> None:
    lengths = []
    for model in pair:
        code, point = model.wv.expandos["code"], model.wv.expandos["point"]
        assert (code[0].dtype, point[0].dtype) == (np.uint8, np.uint32)
        assert [len(bits) for bits in code] == [len(nodes) for nodes in point]
        lengths.append(sum(model.wv.expandos["count"] * [len(bits) for bits in code]))
    assert lengths[0] == lengths[1]


def test_lifecycle_events_have_the_same_entries(pair: tuple[Word2Vec, GensimWord2Vec]) -> None:
    ours, theirs = pair
    our_keys = {(event["event"], frozenset(event)) for event in ours.lifecycle_events or []}
    their_keys = {
        (event["event"], frozenset(event) - {"gensim"} | {"negw2v"})
        for event in theirs.lifecycle_events
    }
    assert our_keys == their_keys


@pytest.mark.parametrize("seed", [0, 1, 123])
@pytest.mark.parametrize("vector_size", [1, 16, 100])
def test_models_start_from_the_same_vectors(seed: int, vector_size: int) -> None:
    first, second = corpus(), [["new", "words", "w39"]] * 9 + [["new", "words"]] * 2 + [["new"]]
    models = []
    for cls in (Word2Vec, GensimWord2Vec):
        model = cls(vector_size=vector_size, seed=seed, min_count=1)
        assert model.build_vocab(first) is None
        start = model.wv.vectors.copy()
        model.wv.vectors[:3] = 7
        model.syn1neg[:] = 3
        model.build_vocab(second, update=True)
        models.append((model, start))
    (ours, our_start), (theirs, their_start) = models
    np.testing.assert_array_equal(our_start, their_start)
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    np.testing.assert_array_equal(ours.syn1neg, theirs.syn1neg)
    np.testing.assert_array_equal(ours.wv.expandos["count"], theirs.wv.expandos["count"])
    np.testing.assert_array_equal(ours.wv.expandos["sample_int"], theirs.wv.expandos["sample_int"])
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert (ours.corpus_count, ours.corpus_total_words) == (
        theirs.corpus_count,
        theirs.corpus_total_words,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"min_count": 1},
        {"sample": 0},
        {"sample": 1e-2, "min_count": 30},
        {"sample": 20},
        {"max_final_vocab": 10},
        {"max_vocab_size": 12, "min_count": 1, "sorted_vocab": 0},
        {"sorted_vocab": 0},
        {"hs": 1, "negative": 0},
        {"ns_exponent": -0.5},
        {"ns_exponent": 0},
    ],
)
def test_preparing_a_vocabulary_step_by_step_gives_the_same(settings: dict[str, Any]) -> None:
    results = []
    for cls in (Word2Vec, GensimWord2Vec):
        model = cls(**settings)
        results.append(
            [
                model.scan_vocab(corpus()),
                dict(model.raw_vocab),
                model.prepare_vocab(dry_run=True, min_count=20, sample=1e-4),
                len(model.wv),
                model.prepare_vocab(keep_raw_vocab=True),
                dict(model.raw_vocab),
                model.effective_min_count,
                model.wv.index_to_key,
                model.wv.expandos["count"].tolist(),
                model.wv.expandos["sample_int"].tolist(),
                None if model.cum_table is None else model.cum_table.tolist(),
                model.estimate_memory(),
                model.estimate_memory(vocab_size=1000, report={"more": 5}),
                model.prepare_weights(),
                model.get_latest_training_loss(),
                model.corpus_count,
            ]
        )
    for ours, theirs in zip(*results, strict=True):
        assert ours == theirs


@pytest.mark.parametrize("update", [False, True])
def test_counts_can_be_given(update: bool) -> None:
    results = []
    for cls in (Word2Vec, GensimWord2Vec):
        model = cls(min_count=2, vector_size=4)
        assert model.build_vocab_from_freq({"a": 5, "b": 4, "c": 1}, corpus_count=3) is None
        if update:
            model.build_vocab_from_freq({"a": 2, "d": 7, "e": 1}, update=True)
        counts = model.wv.expandos["count"].tolist()
        results.append((model.wv.index_to_key, counts, model.corpus_count, dict(model.raw_vocab)))
    assert results[0] == results[1]


def test_trim_rules_get_the_same_calls_and_have_the_same_effect() -> None:
    results = []
    for cls in (Word2Vec, GensimWord2Vec):
        calls = []

        def rule(word: str, count: int, min_count: int, calls: list[Any] = calls) -> int:
            calls.append((word, count, min_count))
            return {"w00": 2, "w39": 1}.get(word, 0)

        model = cls(min_count=45, vector_size=4)
        model.build_vocab(corpus(), trim_rule=rule)
        results.append((calls, model.wv.index_to_key))
    assert results[0] == results[1]
    assert "w00" in results[0][1]
    assert "w39" not in results[0][1]


def test_the_null_word_has_its_place() -> None:
    ours, theirs = (
        cls(corpus(), null_word=1, min_count=1, vector_size=4, epochs=1)
        for cls in (Word2Vec, GensimWord2Vec)
    )
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.wv.get_vecattr("\0", "count") == theirs.wv.get_vecattr("\0", "count") == 1


def test_train_counts_words_as_gensim_does() -> None:
    results = []
    for cls in (Word2Vec, GensimWord2Vec):
        model = cls(vector_size=8, sample=0, workers=1, min_count=40)
        model.build_vocab(corpus())
        trained = model.train(
            corpus(), total_examples=model.corpus_count, epochs=4, start_alpha=0.02, end_alpha=0.01
        )
        results.append((trained, model.epochs, model.alpha, model.min_alpha, model.train_count))
    assert results[0] == results[1]


def test_callbacks_are_called_in_the_same_order() -> None:
    orders = []
    for cls, base in ((Word2Vec, CallbackAny2Vec), (GensimWord2Vec, GensimCallback)):
        events: list[tuple[str, str]] = []

        class Recorder(base):  # type: ignore[misc, valid-type]
            def __init__(self, name: str, events: list[tuple[str, str]] = events) -> None:
                self.name, self.events = name, events

            def on_train_begin(self, model: Any) -> None:
                self.events.append((self.name, "train begin"))

            def on_epoch_begin(self, model: Any) -> None:
                self.events.append((self.name, "epoch begin"))

            def on_epoch_end(self, model: Any) -> None:
                self.events.append((self.name, "epoch end"))

            def on_train_end(self, model: Any) -> None:
                self.events.append((self.name, f"train end {model.train_count}"))

        cls(corpus(), vector_size=4, epochs=2, callbacks=[Recorder("a"), Recorder("b")])
        orders.append(events)
    assert orders[0] == orders[1]
    assert len(orders[0]) == 12


@pytest.mark.parametrize("cbow_mean", [0, 1])
@pytest.mark.parametrize("sg", [0, 1])
def test_score_agrees_on_the_same_weights(sg: int, cbow_mean: int) -> None:
    settings = {"vector_size": 12, "min_count": 3, "hs": 1, "negative": 0, "window": 2}
    theirs = GensimWord2Vec(corpus(), sg=sg, cbow_mean=cbow_mean, epochs=5, **settings)
    ours = Word2Vec(sg=sg, cbow_mean=cbow_mean, **settings)
    ours.build_vocab(corpus())
    ours.wv.vectors = theirs.wv.vectors.copy()
    ours.syn1 = theirs.syn1.copy()
    for name in ("code", "point"):
        ours.wv.expandos[name] = theirs.wv.expandos[name]
    sentences = [*corpus()[::50], ["w01", "not in the vocabulary", "w02", "w03"] * 3]
    before = ours.wv.vectors.copy(), ours.syn1.copy()
    scores = ours.score(sentences)
    np.testing.assert_array_equal(ours.wv.vectors, before[0])
    np.testing.assert_array_equal(ours.syn1, before[1])
    expected = theirs.score(sentences)
    assert scores.dtype == expected.dtype
    # gensim scores a word without a context in CBOW, as if its context were zero
    several = [len(sentence) > 1 for sentence in sentences]
    # gensim looks the logarithm up in a table that is 0.024 to the left: 2 % near zero
    np.testing.assert_allclose(scores[several], expected[several], rtol=3e-2)
    assert (scores[np.logical_not(several)] == 0).all()


@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_predictions_agree_on_the_same_weights(cbow_mean: int) -> None:
    theirs = GensimWord2Vec(corpus(), vector_size=12, cbow_mean=cbow_mean, epochs=5, alpha=0.1)
    ours = Word2Vec(vector_size=12, cbow_mean=cbow_mean)
    ours.build_vocab(corpus())
    ours.wv.vectors, ours.syn1neg = theirs.wv.vectors.copy(), theirs.syn1neg.copy()
    context = ["w00", "unknown", 3, "w39"]
    for topn in (1, 5, 1000):
        result, expected = (model.predict_output_word(context, topn) for model in (ours, theirs))
        assert [word for word, _ in result] == [word for word, _ in expected]
        assert [p for _, p in result] == pytest.approx([p for _, p in expected], rel=1e-5)
        assert all(type(p) is float for _, p in result)
    assert ours.predict_output_word(context, 0) == theirs.predict_output_word(context, 0) == []
    assert ours.predict_output_word(["unknown"]) is theirs.predict_output_word(["unknown"]) is None


def test_seeded_vectors_agree() -> None:
    vectors = []
    for cls in (Word2Vec, GensimWord2Vec):
        with pytest.warns(DeprecationWarning, match="deprecated|pseudorandom"):
            vectors.append(cls(hashfxn=len).seeded_vector("seventeen letters", 30))
    np.testing.assert_array_equal(*vectors)
    assert vectors[0].dtype == vectors[1].dtype


def test_reset_from_shares_the_vocabulary() -> None:
    results = []
    for cls in (Word2Vec, GensimWord2Vec):
        first, second = cls(corpus(), vector_size=6), cls(vector_size=9, seed=3)
        assert second.reset_from(first) is None
        assert second.wv.key_to_index is first.wv.key_to_index
        assert second.wv.expandos is first.wv.expandos
        assert second.cum_table is first.cum_table
        results.append((second.corpus_count, second.wv.vectors, second.syn1neg))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)
