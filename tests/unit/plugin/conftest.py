"""Fixtures of the plugin's tests: no test leaves gensim patched."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

import negw2v


@pytest.fixture(autouse=True)
def unpatched() -> Iterator[None]:
    assert not negw2v.is_patched()
    gc.collect()  # classes of earlier tests are reported while they are there
    yield
    negw2v.unpatch_gensim()


@pytest.fixture
def make_module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Makes a module of some code, as an import would."""

    def make(name: str, code: str) -> ModuleType:
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(code, name, "exec"), vars(module))
        return module

    return make
