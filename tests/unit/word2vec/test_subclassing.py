"""Classes derived from Word2Vec and KeyedVectors, and objects sent to other processes."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import warnings
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pytest

from negw2v import CallbackAny2Vec, KeyedVectors, NegW2VWarning, ParameterError, Word2Vec
from negw2v.word2vec.subclassing import UNUSED_HOOKS

SENTENCES = [["human", "interface", "computer", "user"], ["graph", "trees", "human"]] * 50
SMALL: dict[str, Any] = {"vector_size": 8, "min_count": 1, "epochs": 2, "workers": 1}

PUBLIC_STEPS = [
    "build_vocab",
    "scan_vocab",
    "prepare_vocab",
    "estimate_memory",
    "prepare_weights",
    "init_weights",
    "create_binary_tree",
    "make_cum_table",
    "train",
    "add_lifecycle_event",
]
PRIVATE_STEPS = ["_check_training_sanity", "_get_next_alpha", "_clear_post_train"]


def recording(names: list[str]) -> tuple[type[Word2Vec], list[str]]:
    """A subclass that writes down which of its methods are called."""
    calls: list[str] = []

    def step(name: str) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return getattr(super(cls, self), name)(*args, **kwargs)

        return method

    cls = type("Recording", (Word2Vec,), {name: step(name) for name in names})
    return cls, calls


@pytest.mark.parametrize("name", PUBLIC_STEPS + PRIVATE_STEPS)
def test_a_step_that_is_overridden_is_called_and_changes_nothing_else(name: str) -> None:
    cls, calls = recording([name])
    model = cls(SENTENCES, hs=1, batch_words=60, **SMALL)
    assert name in calls
    plain = Word2Vec(SENTENCES, hs=1, batch_words=60, **SMALL)
    np.testing.assert_array_equal(model.wv.vectors, plain.wv.vectors)
    np.testing.assert_array_equal(model.syn1, plain.syn1)


@pytest.mark.parametrize("name", ["update_weights", "prepare_weights", "add_null_word"])
def test_steps_of_an_update_are_called(name: str) -> None:
    cls, calls = recording([name])
    model = cls(SENTENCES, **SMALL)
    calls.clear()
    model.null_word = 1
    model.build_vocab([["new", "words"]] * 3, update=True)
    assert name in calls


def test_steps_come_in_gensims_order() -> None:
    cls, calls = recording(["build_vocab", "scan_vocab", "prepare_vocab", "prepare_weights"])
    cls(SENTENCES, **SMALL)
    assert calls == ["build_vocab", "scan_vocab", "prepare_vocab", "prepare_weights"]


def test_train_may_be_replaced() -> None:
    class Lazy(Word2Vec):
        def train(self, *args: Any, **kwargs: Any) -> tuple[int, int]:
            return 0, 0

    model = Lazy(SENTENCES, **SMALL)
    untrained = Word2Vec(**SMALL)
    untrained.build_vocab(SENTENCES)
    np.testing.assert_array_equal(model.wv.vectors, untrained.wv.vectors)


def test_a_subclass_may_compute_the_learning_rate() -> None:
    class Constant(Word2Vec):
        def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
            return 0.01 if cur_epoch else 0.0

    rates: list[float] = []

    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model: Any) -> None:
            rates.append(model.min_alpha_yet_reached)
            if len(rates) == 1:
                np.testing.assert_array_equal(model.wv.vectors, start)

    model = Constant(**SMALL)
    model.build_vocab(SENTENCES)
    start = model.wv.vectors.copy()
    model.train(SENTENCES, total_examples=100, epochs=2, callbacks=[Watch()])
    assert rates == pytest.approx([0.0, 0.01])
    assert not np.array_equal(model.wv.vectors, start)


def test_a_learning_rate_that_makes_no_sense_is_refused() -> None:
    class Wild(Word2Vec):
        def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
            return float("nan")

    with pytest.raises(ParameterError, match="nan"):
        Wild(SENTENCES, **SMALL)


def test_callbacks_may_change_the_learning_rate_between_epochs() -> None:
    class Fall(CallbackAny2Vec):
        def on_epoch_begin(self, model: Any) -> None:
            model.alpha = model.min_alpha = 0.02 / 2 ** len(model.training_report.epochs)

    model = Word2Vec(SENTENCES, callbacks=[Fall()], **{**SMALL, "epochs": 3})
    ends = [epoch.end_alpha for epoch in model.training_report.epochs]  # type: ignore[union-attr]
    assert ends == pytest.approx([0.02, 0.01, 0.005])


def test_the_vectors_may_be_a_class_of_their_own() -> None:
    class Vectors(KeyedVectors):
        def __getitem__(self, key: Any) -> Any:
            return super().__getitem__(key) * 2

    class Model(Word2Vec):
        def __init__(self, *args: Any, vector_size: int = 100, **kwargs: Any) -> None:
            self.wv = Vectors(vector_size)
            super().__init__(*args, vector_size=vector_size, **kwargs)

    model = Model(SENTENCES, **SMALL)
    assert type(model.wv) is Vectors
    np.testing.assert_array_equal(model.wv["human"], 2 * model.wv.get_vector("human"))


def test_an_abstract_base_class_may_stand_beside_ours() -> None:
    class Trained(ABC):
        @abstractmethod
        def name(self) -> str: ...

    class Model(Word2Vec, Trained):
        def name(self) -> str:
            return "model"

    class Vectors(Trained, KeyedVectors): ...

    assert Model(SENTENCES, **SMALL).name() == "model"
    with pytest.raises(TypeError, match="abstract"):
        Vectors(3)  # type: ignore[abstract]


@pytest.mark.parametrize("name", sorted(UNUSED_HOOKS))
def test_overriding_what_is_never_called_warns(name: str) -> None:
    with pytest.warns(NegW2VWarning, match=f"Mine overrides {name}, which") as caught:
        type("Mine", (Word2Vec,), {name: lambda self: None})
    assert caught[0].filename == __file__


def test_other_subclasses_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        type("Mine", (Word2Vec,), {"train": None, "_helper": None, "_get_next_alpha": None})


# copies


class Named(Word2Vec):
    """A subclass with a parameter of its own."""

    def __init__(self, *args: Any, name: str = "unnamed", **kwargs: Any) -> None:
        self.name = name
        super().__init__(*args, **kwargs)


def nearest(model: Word2Vec) -> list[tuple[str, float]]:
    result: list[tuple[str, float]] = model.wv.most_similar("human")
    return result


def trained_on(model: Word2Vec) -> Any:
    model.train(SENTENCES, total_examples=len(SENTENCES), epochs=1, end_alpha=0, start_alpha=0.01)
    return model


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_a_subclass_has_all_it_had(protocol: int) -> None:
    model = Named(SENTENCES, name="mine", hs=1, **SMALL)
    for other in (pickle.loads(pickle.dumps(model, protocol)), copy.deepcopy(model)):
        assert type(other) is Named
        assert other.name == "mine"
        assert set(vars(other)) == set(vars(model))
        np.testing.assert_array_equal(trained_on(other).syn1, trained_on(copy.deepcopy(model)).syn1)


def test_models_go_to_other_processes_and_come_back_trained() -> None:
    model = Word2Vec(SENTENCES, **SMALL)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(nearest, [model]) == [nearest(model)]
        (back,) = pool.map(trained_on, [model])
    np.testing.assert_array_equal(back.wv.vectors, trained_on(model).wv.vectors)


def test_joblib_hands_models_over() -> None:
    joblib = pytest.importorskip("joblib")
    model = Word2Vec(SENTENCES, **SMALL)
    from joblib.externals.loky import get_reusable_executor

    try:
        found = joblib.Parallel(n_jobs=2)(joblib.delayed(nearest)(model) for _ in range(2))
    finally:
        get_reusable_executor().shutdown(wait=True)
    assert found == [nearest(model)] * 2
    assert joblib.hash(copy.deepcopy(model)) == joblib.hash(copy.deepcopy(model))


# parameters


def test_parameters_make_an_equal_model() -> None:
    model = Word2Vec(SENTENCES, window=3, sample=0.0, comment={"a": 1}, hashfxn=len, **SMALL)
    parameters = model.get_params()
    assert parameters["window"] == 3
    assert not {"sentences", "corpus_file", "trim_rule", "callbacks"} & set(parameters)
    other = Word2Vec(SENTENCES, **parameters)
    np.testing.assert_array_equal(other.wv.vectors, model.wv.vectors)


def test_parameters_of_a_subclass_are_its_own_and_those_it_hands_on() -> None:
    model = Named(name="mine", window=3)
    assert model.get_params() == {**Word2Vec(window=3).get_params(), "name": "mine"}

    class Closed(Word2Vec):
        def __init__(self, window: int = 4) -> None:
            super().__init__(window=window)

    assert Closed(7).get_params() == {"window": 7}


def test_parameters_can_be_set_and_are_checked() -> None:
    model = Word2Vec()
    assert model.set_params(window=7, sg=True) is model
    assert (model.window, model.sg) == (7, 1)
    with pytest.raises(ParameterError, match="window must be"):
        model.set_params(window=0)
    with pytest.raises(ParameterError, match="'size' is not a parameter of Word2Vec"):
        model.set_params(size=10)


def test_scikit_learn_clones_models() -> None:
    base = pytest.importorskip("sklearn.base")
    model = Named(SENTENCES, name="mine", alpha=np.float32(0.5), sample=0.0, batch_words=777777)
    other = base.clone(model)
    assert type(other) is Named
    assert other.get_params() == model.get_params()
    assert len(other.wv) == 0
