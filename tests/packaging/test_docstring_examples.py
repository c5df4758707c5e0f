"""The Examples of every public docstring run, and every public method has some.

An example finds these names: ``np``, ``negw2v``, the public names of its own module;
``sentences``, 1,000 lists of words; ``model``, a small Word2Vec trained on them; ``kv``, its
vectors. Each docstring gets copies, and an empty folder as its working directory.
"""

from __future__ import annotations

import copy
import doctest
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import public_names
import pytest

import negw2v
from negw2v.datasets import synthetic

MEMBERS = public_names.public_members()

# Shown results may leave out what differs between machines: "0.98..." for 0.9812345.
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def trained() -> tuple[list[list[str]], negw2v.Word2Vec]:
    """The sentences and the model of the examples."""
    sentences = synthetic.sentences(1_000, seed=1)
    model = negw2v.Word2Vec(
        sentences, vector_size=32, min_count=1, sg=1, epochs=5, workers=1, seed=1, progress=False
    )
    return sentences, model


@pytest.mark.parametrize(
    "member", [pytest.param(m, id=m.name) for m in MEMBERS if ">>> " in m.documentation]
)
def test_the_examples_of_a_docstring_run(
    member: public_names.Member,
    trained: tuple[list[list[str]], negw2v.Word2Vec],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    names = examples_namespace(member.module, *copy.deepcopy(trained))
    failures = run_examples(member.documentation, member.name, names)
    if "MissingDependencyError" in failures:
        pytest.skip("needs an optional package")
    assert not failures, failures


@pytest.mark.parametrize("module", public_names.PUBLIC_MODULES)
def test_the_examples_of_a_module_run(
    module: str,
    trained: tuple[list[list[str]], negw2v.Word2Vec],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    documentation = importlib.import_module(module).__doc__ or ""
    failures = run_examples(
        documentation, module, examples_namespace(module, *copy.deepcopy(trained))
    )
    assert not failures, failures


def test_every_public_method_has_an_example() -> None:
    missing = [m.name for m in MEMBERS if not (m.has_examples or m.of_the_past)]
    assert missing == []


def test_an_example_with_a_wrong_result_is_noticed() -> None:
    assert "Expected:\n    3" in run_examples(">>> 1 + 1\n3", "wrong", {})
    assert run_examples(">>> 1 / 0", "an error", {})
    assert not run_examples(">>> 1 / 3\n0.33...", "left out", {})


def examples_namespace(
    module: str, sentences: list[list[str]], model: negw2v.Word2Vec
) -> dict[str, Any]:
    home = importlib.import_module(module)
    names = {name: getattr(home, name) for name in home.__all__}
    return names | {
        "np": np,
        "negw2v": negw2v,
        "sentences": sentences,
        "model": model,
        "kv": model.wv,
    }


def run_examples(documentation: str, name: str, names: dict[str, Any]) -> str:
    """What failed, as doctest tells it; empty where nothing did."""
    test = doctest.DocTestParser().get_doctest(documentation, names, name, None, None)
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(test, out=told.append)
    return "".join(told)
