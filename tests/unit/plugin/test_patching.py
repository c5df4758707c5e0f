"""The patch: what it exchanges, what it leaves alone, and that it can be undone."""

from __future__ import annotations

import copy
import importlib
import logging
import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import pytest

pytest.importorskip("gensim", reason="there is nothing to patch without gensim")

import gensim
import gensim.models

import negw2v
import negw2v.plugin
from negw2v.errors import ConfigurationError, MissingDependencyError, NegW2VWarning
from negw2v.plugin.table import TABLE, TESTED_VERSIONS, Row

SENTENCES = [["human", "interface", "computer"], ["graph", "trees", "human"]] * 5
SMALL: dict[str, Any] = {"vector_size": 6, "min_count": 1, "epochs": 2, "workers": 1}
MakeModule = Callable[[str, str], ModuleType]


def own(row: Row) -> Any:
    """What gensim itself has there: the module's dict is never changed."""
    return vars(sys.modules[row.module])[row.name]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.module}.{row.name}")
def test_every_name_of_the_table_is_ours_then_and_gensims_again_afterwards(row: Row) -> None:
    module = importlib.import_module(row.module)
    before = getattr(module, row.name)
    assert before.__module__.startswith("gensim.")
    with negw2v.patch_gensim():
        shown = getattr(module, row.name)
        assert shown.__module__.startswith("negw2v.")
        assert own(row) is before
    assert getattr(module, row.name) is before
    assert type(module) is ModuleType


def test_imports_after_the_patch_get_ours(make_module: MakeModule) -> None:
    with negw2v.patch_gensim():
        user = make_module(
            "user_after",
            "from gensim.models import *\n"
            "from gensim.models.word2vec import LineSentence as Lines\n"
            "import gensim.models.keyedvectors as k\n"
            "vectors = k.Word2VecKeyedVectors\n"
            "by_name = getattr(k, 'KeyedVectors')\n",
        )
        assert user.Word2Vec is negw2v.Word2Vec
        assert user.KeyedVectors is user.vectors is user.by_name is negw2v.KeyedVectors
        assert user.Lines is negw2v.LineSentence
        assert user.FastText is gensim.models.FastText
    assert user.Word2Vec is gensim.models.Word2Vec
    assert user.vectors is gensim.models.KeyedVectors
    assert user.Lines is gensim.models.word2vec.LineSentence


def test_names_that_were_imported_before_are_exchanged_and_put_back(
    make_module: MakeModule,
) -> None:
    user = make_module(
        "user_before",
        "from gensim.models import Word2Vec as W, KeyedVectors\n"
        "from gensim.models.word2vec import Text8Corpus\n"
        "from gensim.models.callbacks import CallbackAny2Vec\n"
        "from negw2v import Word2Vec as Fast\n"
        "def train(sentences): return W(sentences, min_count=1, vector_size=4)\n",
    )
    before = dict(vars(user))
    negw2v.patch_gensim()
    assert user.W is negw2v.Word2Vec
    assert user.KeyedVectors is negw2v.KeyedVectors
    assert user.Text8Corpus is negw2v.Text8Corpus
    assert user.CallbackAny2Vec is negw2v.CallbackAny2Vec
    assert type(user.train(SENTENCES)) is negw2v.Word2Vec
    assert ("user_before", "W") in negw2v.plugin.status().exchanged
    negw2v.unpatch_gensim()
    assert vars(user) == before
    assert user.Fast is negw2v.Word2Vec
    assert type(user.train(SENTENCES)) is gensim.models.Word2Vec


def test_names_that_the_program_has_bound_anew_meanwhile_stay(make_module: MakeModule) -> None:
    user = make_module("user_rebinds", "from gensim.models import Word2Vec, KeyedVectors\n")
    with negw2v.patch_gensim():
        user.Word2Vec = "something else"
        del user.KeyedVectors
    assert user.Word2Vec == "something else"
    assert not hasattr(user, "KeyedVectors")


def test_a_module_that_uses_both_keeps_what_it_has_of_negw2v(make_module: MakeModule) -> None:
    user = make_module("user_both", "from negw2v import Word2Vec as Fast\n")
    with negw2v.patch_gensim():
        exec("from gensim.models import Word2Vec as Slow", vars(user))
        assert user.Slow is user.Fast
    assert user.Fast is negw2v.Word2Vec
    assert user.Slow is gensim.models.Word2Vec


def test_patching_twice_and_unpatching_without_a_patch_are_harmless() -> None:
    negw2v.unpatch_gensim()
    before = gensim.models.Word2Vec
    negw2v.patch_gensim()
    negw2v.patch_gensim()
    assert negw2v.is_patched()
    assert gensim.models.Word2Vec is negw2v.Word2Vec
    negw2v.unpatch_gensim()
    assert not negw2v.is_patched()
    assert gensim.models.Word2Vec is before
    negw2v.unpatch_gensim()


def test_only_the_outermost_block_undoes_the_patch_and_an_error_does_too() -> None:
    with negw2v.patch_gensim():
        with negw2v.patch_gensim():
            pass
        assert negw2v.is_patched()
    assert not negw2v.is_patched()
    with pytest.raises(ZeroDivisionError), negw2v.patch_gensim():
        raise ZeroDivisionError
    assert not negw2v.is_patched()


def test_a_mock_of_a_name_wins_over_the_patch() -> None:
    with negw2v.patch_gensim():
        with mock.patch("gensim.models.word2vec.Word2Vec", "a mock"):
            assert gensim.models.word2vec.Word2Vec == "a mock"
        assert gensim.models.word2vec.Word2Vec is negw2v.Word2Vec


def test_ours_stored_in_a_module_of_gensims_does_not_outlive_the_patch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = gensim.models.Word2Vec
    with negw2v.patch_gensim():
        with monkeypatch.context() as patch:  # it reads the name, and sets it again at its end
            patch.setattr(gensim.models, "Word2Vec", "a mock")
        assert gensim.models.Word2Vec is negw2v.Word2Vec
    assert gensim.models.Word2Vec is before


# isinstance


def test_gensims_own_objects_count_as_instances_while_patched() -> None:
    class Before(gensim.models.Word2Vec):  # type: ignore[misc]
        pass

    fast_text = gensim.models.FastText(SENTENCES, **SMALL)
    earlier = Before(SENTENCES, **SMALL)
    with negw2v.patch_gensim():
        from gensim.models import FastText, KeyedVectors, Word2Vec

        assert isinstance(fast_text, Word2Vec)
        assert isinstance(earlier, Word2Vec)
        assert isinstance(fast_text.wv, KeyedVectors)
        assert isinstance(earlier.wv, KeyedVectors)
        assert isinstance(negw2v.Word2Vec(), Word2Vec)
        assert issubclass(FastText, Word2Vec)
        assert not isinstance(fast_text, KeyedVectors)
        assert not isinstance("text", Word2Vec)

        class After(Word2Vec):  # type: ignore[misc]
            pass

        assert not isinstance(earlier, After)
        assert isinstance(After(), negw2v.Word2Vec)
    assert not isinstance(fast_text, negw2v.Word2Vec)
    assert not issubclass(FastText, negw2v.Word2Vec)


# FastText and Doc2Vec


def document_model() -> Any:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    return Doc2Vec([TaggedDocument(words, [i]) for i, words in enumerate(SENTENCES)], **SMALL)


@pytest.mark.parametrize("patched_first", [True, False])
@pytest.mark.parametrize("kind", ["FastText", "Doc2Vec"])
def test_fasttext_and_doc2vec_stay_gensims_and_work(
    kind: str, patched_first: bool, tmp_path: Any
) -> None:
    def make() -> Any:
        return document_model() if kind == "Doc2Vec" else gensim.models.FastText(SENTENCES, **SMALL)

    model = None if patched_first else make()
    with negw2v.patch_gensim():
        model = model or make()
        cls = getattr(gensim.models, kind)
        assert type(model) is cls
        assert type(model).__module__.startswith("gensim.")
        model.save(str(tmp_path / "model"))
        copies = [
            cls.load(str(tmp_path / "model")),
            pickle.loads(pickle.dumps(model)),
            copy.deepcopy(model),
        ]
        for other in copies:
            assert type(other) is cls
            assert type(other.wv).__module__.startswith("gensim.")
            np.testing.assert_array_equal(other.wv["human"], model.wv["human"])
        model.train(model_corpus(kind), total_examples=len(SENTENCES), epochs=1)
        assert model.wv.most_similar("human")
        similar = model.wv.vectors_for_all(["human", "graph"])
        assert len(similar) == 2
    other = cls.load(str(tmp_path / "model"))
    np.testing.assert_array_equal(other.wv["human"], copies[0].wv["human"])


def model_corpus(kind: str) -> Any:
    from gensim.models.doc2vec import TaggedDocument

    if kind == "FastText":
        return SENTENCES
    return [TaggedDocument(words, [i]) for i, words in enumerate(SENTENCES)]


def test_pickles_of_gensims_models_go_on_working_and_it_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    theirs = gensim.models.Word2Vec
    model = theirs(SENTENCES, **SMALL)
    data = pickle.dumps(model)
    with negw2v.patch_gensim():
        assert type(pickle.loads(data)) is theirs
        assert type(pickle.loads(pickle.dumps(model))) is theirs
        whats = [fallback.what for fallback in negw2v.plugin.status().fallbacks]
    assert "gensim.models.word2vec.Word2Vec in a pickle" in whats
    assert len(whats) == len(set(whats))
    lines = [r for r in caplog.records if "gensim.models.word2vec.Word2Vec in a" in r.message]
    assert len(lines) == 1


# subclasses


def test_a_subclass_that_overrides_what_we_never_call_is_built_on_gensims(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = []
    with negw2v.patch_gensim():
        from gensim.models import Word2Vec

        class Counting(Word2Vec):  # type: ignore[misc]
            def _do_train_job(self, sentences: Any, alpha: Any, inits: Any) -> Any:
                calls.append(len(sentences))
                return super()._do_train_job(sentences, alpha, inits)

        model = Counting(SENTENCES, **SMALL)
        (fallback,) = negw2v.plugin.status().fallbacks
        assert str(fallback) in str(negw2v.plugin.status())
        assert isinstance(model, Word2Vec)
    assert sum(calls) == 2 * len(SENTENCES)
    assert isinstance(model, gensim.models.Word2Vec)
    assert "Counting" in fallback.what
    assert "_do_train_job" in fallback.reason
    assert [r.levelno for r in caplog.records if "Counting" in r.message] == [logging.WARNING]


def test_a_subclass_that_names_its_base_in_its_methods_is_not_moved_but_warned_about(
    make_module: MakeModule,
) -> None:
    with negw2v.patch_gensim():
        with pytest.warns(NegW2VWarning, match="Mine overrides _do_train_job"):
            user = make_module(
                "user_names_base",
                "from gensim.models import Word2Vec\n"
                "class Mine(Word2Vec):\n"
                "    def __init__(self, *args, **kwargs):\n"
                "        Word2Vec.__init__(self, *args, **kwargs)\n"
                "    def _do_train_job(self, *args):\n"
                "        raise NotImplementedError\n",
            )
        assert isinstance(user.Mine(SENTENCES, **SMALL), negw2v.Word2Vec)


def test_other_subclasses_are_built_on_ours() -> None:
    with negw2v.patch_gensim():
        from gensim.models import Word2Vec

        class Mine(Word2Vec):  # type: ignore[misc]
            def train(self, *args: Any, **kwargs: Any) -> Any:
                self.trained = True
                return super().train(*args, **kwargs)

        model = Mine(SENTENCES, **SMALL)
        assert negw2v.plugin.status().fallbacks == ()
    assert Mine.__mro__[1] is negw2v.Word2Vec
    assert model.trained


def test_subclasses_from_before_stay_gensims_and_are_listed() -> None:
    class Earlier(gensim.models.Word2Vec):  # type: ignore[misc]
        pass

    with negw2v.patch_gensim():
        model = Earlier(SENTENCES, **SMALL)
        listed = [f for f in negw2v.plugin.status().fallbacks if "Earlier" in f.what]
    assert not isinstance(model, negw2v.Word2Vec)
    assert len(listed) == 1
    assert "before the patch" in listed[0].reason


# the state of things


def test_the_status_says_what_is_patched() -> None:
    assert "not patched" in str(negw2v.plugin.status())
    negw2v.patch_gensim()
    status = negw2v.plugin.status()
    assert (status.patched, status.gensim) == (True, gensim.__version__)
    for row in TABLE:
        assert f"{row.module}.{row.name}" in str(status)
    negw2v.unpatch_gensim()
    assert negw2v.plugin.status().rows == ()


def test_gensims_missing_is_said_with_the_versions_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    with pytest.raises(MissingDependencyError, match=f"tested with gensim {TESTED_VERSIONS[0]}"):
        negw2v.patch_gensim(stand_in=False)
    assert not negw2v.is_patched()


def test_another_major_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gensim, "__version__", "3.8.3")
    with pytest.raises(
        ConfigurationError, match=r"3\.8\.3 .* tested with gensim 4\.4\.0, .* run --stand-in"
    ):
        negw2v.patch_gensim()
    assert not negw2v.is_patched()


def test_an_untested_version_is_patched_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gensim, "__version__", "4.99.0")
    with pytest.warns(NegW2VWarning, match=r"4\.99\.0 was not tested"):
        negw2v.patch_gensim()
    assert negw2v.is_patched()


def test_a_gensim_without_one_of_the_names_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("gensim.models.word2vec.BrownCorpus")
    with pytest.raises(ConfigurationError, match="BrownCorpus"):
        negw2v.patch_gensim()
    assert not negw2v.is_patched()


def test_ipython_can_load_and_unload_it_with_the_names_of_its_shell() -> None:
    class Shell:
        user_ns: ClassVar[dict[str, Any]] = {}

    names = Shell.user_ns
    exec("from gensim.models import Word2Vec as W", names)
    before = names["W"]
    negw2v.load_ipython_extension(Shell())
    assert names["W"] is negw2v.Word2Vec
    exec("from gensim.models import KeyedVectors as K", names)
    assert names["K"] is negw2v.KeyedVectors
    negw2v.unload_ipython_extension(Shell())
    assert not negw2v.is_patched()
    assert names["W"] is before
    assert names["K"] is gensim.models.KeyedVectors
