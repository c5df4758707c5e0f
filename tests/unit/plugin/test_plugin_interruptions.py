"""A patch, or its end, that is interrupted has happened or has not: nothing in between."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import interrupting
import pytest

pytest.importorskip("gensim", reason="there is nothing to patch without gensim")

import gensim.models

import negw2v
from negw2v.gensim_substitution import REPLACED
from negw2v.plugin import namespaces
from negw2v.plugin.table import TABLE

MakeModule = Callable[[str, str], ModuleType]


@pytest.fixture
def user(make_module: MakeModule, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module that has imported gensim's names, and the only one that is looked into."""
    module = make_module("user", "from gensim.models import Word2Vec, KeyedVectors as Vectors")

    def only_this(skip: object) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "user", vars(module)

    monkeypatch.setattr(namespaces, "_namespaces", only_this)
    return module


def state(user: ModuleType) -> bool:
    """Whether gensim is patched: all of it, or nothing."""
    kinds = {type(sys.modules[row.module]) is ModuleType for row in TABLE}
    found = [user.Word2Vec, user.Vectors]
    found += [getattr(sys.modules[row.module], row.name) for row in TABLE]
    ours = {each.__module__.startswith("negw2v.") for each in found}
    assert len(ours) == len(kinds) == 1
    assert ours == {negw2v.is_patched()} == {bool(REPLACED)} == {not kinds.pop()}
    return negw2v.is_patched()


def test_the_patch(user: ModuleType) -> None:
    negw2v.patch_gensim()  # what is imported for it, is imported
    negw2v.unpatch_gensim()
    seen = []
    events = list(interrupting.events(negw2v.patch_gensim))
    negw2v.unpatch_gensim()
    for event in events:
        interrupting.run(negw2v.patch_gensim, event)
        seen.append(state(user))
        negw2v.unpatch_gensim()
        assert not state(user)
    assert not seen[0]
    assert seen == sorted(seen)


def test_its_end(user: ModuleType) -> None:
    negw2v.patch_gensim()
    events = list(interrupting.events(negw2v.unpatch_gensim))
    seen = []
    for event in events:
        negw2v.patch_gensim()
        interrupting.run(negw2v.unpatch_gensim, event)
        seen.append(not state(user))
        negw2v.unpatch_gensim()
        assert not state(user)
    assert not seen[0]
    assert seen == sorted(seen)


def test_a_module_that_cannot_be_patched_leaves_the_others_alone(
    user: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            if name == "__class__":
                raise TypeError("no")
            super().__setattr__(name, value)

    name = TABLE[-1].module
    stubborn = Stubborn(name)
    vars(stubborn).update(vars(sys.modules[name]))
    monkeypatch.setitem(sys.modules, name, stubborn)
    with pytest.raises(TypeError, match="no"):
        negw2v.patch_gensim()
    monkeypatch.undo()
    assert not negw2v.is_patched()
    assert not REPLACED
    assert {type(sys.modules[row.module]) for row in TABLE} == {ModuleType}
    assert user.Word2Vec is gensim.models.Word2Vec
