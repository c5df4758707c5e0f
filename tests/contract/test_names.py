"""The whole surface beside gensim's, by introspection: 100 %, but for the exceptions below.

Every public name of the modules, every public member of their classes with its kind and its
signature (names, order, defaults), and every attribute of trained objects. Ours may have more:
names of their own, and keyword-only parameters.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gensim", reason="gensim is the yardstick")

MODULES = {
    "gensim.models.word2vec": "negw2v.word2vec",
    "gensim.models.keyedvectors": "negw2v.keyedvectors",
    "gensim.models.callbacks": "negw2v.callbacks",
}
CLASSES = (
    ("gensim.models.word2vec", "Word2Vec"),
    ("gensim.models.word2vec", "LineSentence"),
    ("gensim.models.word2vec", "PathLineSentences"),
    ("gensim.models.word2vec", "Text8Corpus"),
    ("gensim.models.word2vec", "BrownCorpus"),
    ("gensim.models.keyedvectors", "KeyedVectors"),
    ("gensim.models.callbacks", "CallbackAny2Vec"),
)
#: Special methods that make the objects' behaviour; Python has the others on every class.
SPECIAL = ("__init__", "__iter__", "__len__", "__getitem__", "__setitem__", "__contains__")

_PICKLES = (
    "*args, **kwargs handed on to gensim's pickling; ours names what it takes, which begins with "
    "the same parameters"
)

#: What differs from gensim, and why it must.
EXCEPTIONS: dict[str, str] = {
    "word2vec.Word2Vec.save": _PICKLES,
    "word2vec.Word2Vec.load": _PICKLES,
    "keyedvectors.KeyedVectors.save": _PICKLES,
}


def module_names() -> Iterator[tuple[str, str, str]]:
    """(gensim's module, ours, name) of all that gensim's modules define for others.

    Classes, functions and constants of the three modules and of their compiled parts; not what
    they import from Python, NumPy, SciPy and the rest of gensim for their own use.
    """
    for theirs, ours in MODULES.items():
        module = importlib.import_module(theirs)
        for name, value in vars(module).items():
            home = getattr(value, "__module__", theirs if isinstance(value, (int, str)) else "")
            if not name.startswith("_") and (
                name == "REAL" or str(home).startswith(tuple(MODULES))
            ):
                yield theirs, ours, name


def members() -> Iterator[tuple[str, str, str]]:
    """(gensim's module, class, member) of all public members of the classes."""
    for module, cls in CLASSES:
        for name in dir(getattr(importlib.import_module(module), cls)):
            if not name.startswith("_") or name in SPECIAL:
                if name in SPECIAL and name not in _own(module, cls):
                    continue
                yield module, cls, name


def _own(module: str, cls: str) -> set[str]:
    found = getattr(importlib.import_module(module), cls)
    return {name for base in found.__mro__[:-1] for name in vars(base)}


def counterpart(module: str, cls: str) -> Any:
    return getattr(importlib.import_module(MODULES[module]), cls)


def short(*parts: str) -> str:
    return ".".join((parts[0].rpartition(".")[2], *parts[1:]))


NAMES = {short(theirs, name): (ours, name) for theirs, ours, name in module_names()}
MEMBERS = {short(*parts): parts for parts in members()}


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    return [
        (each.name, each.kind, each.default)
        for each in inspect.signature(function).parameters.values()
    ]


def difference_of_name(ours: str, name: str) -> str:
    found = hasattr(importlib.import_module(ours), name)
    return "" if found else f"{ours} has no {name}"


def kind(cls: Any, name: str) -> str:
    static = inspect.getattr_static(cls, name)
    for each in (property, classmethod, staticmethod):
        if isinstance(static, each):
            return each.__name__
    return "method" if callable(getattr(cls, name)) else "attribute"


def difference_of_member(module: str, cls: str, name: str) -> str:
    theirs, ours = getattr(importlib.import_module(module), cls), counterpart(module, cls)
    if not hasattr(ours, name):
        return "is missing"
    if kind(ours, name) != kind(theirs, name):
        return f"is a {kind(ours, name)}, gensim's is a {kind(theirs, name)}"
    if kind(ours, name) in {"property", "attribute"}:
        return ""
    wanted, given = (parameters(getattr(each, name)) for each in (theirs, ours))
    known = {parameter for parameter, _, _ in wanted}
    own = inspect.Parameter.KEYWORD_ONLY  # parameters of ours may be added by keyword
    compared = [each for each in given if each[0] in known or each[1] is not own]
    return "" if compared == wanted else f"has the parameters {given}, gensim's {wanted}"


def difference(short_name: str) -> str:
    if short_name in NAMES:
        return difference_of_name(*NAMES[short_name])
    return difference_of_member(*MEMBERS[short_name])


def test_the_whole_surface_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    every = [*NAMES, *MEMBERS]
    assert len(every) > 100
    assert {"word2vec.Word2Vec.train", "keyedvectors.KeyedVectors.most_similar"} <= set(every)
    compared = [name for name in every if name not in EXCEPTIONS]
    differing = {name: why for name in compared if (why := difference(name))}
    assert differing == {}
    with capsys.disabled():
        print(
            f"\nsurface: {len(compared)} of {len(compared)} names as in gensim, "
            f"{len(EXCEPTIONS)} exceptions"
        )


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_is_still_needed(name: str) -> None:
    assert len(EXCEPTIONS[name]) > 10
    assert name in NAMES or name in MEMBERS, "gensim does not have it"
    assert difference(name), "it is as in gensim: take it off the list"


def test_constants_and_compiled_functions_are_compared() -> None:
    wanted = {
        "word2vec": "FAST_VERSION MAX_WORDS_IN_BATCH CORPUSFILE_VERSION REAL Vocab Heapitem "
        "train_batch_sg score_sentence_cbow train_epoch_cbow pseudorandom_weak_vector",
        "keyedvectors": "Vocab CompatVocab prep_vectors Word2VecKeyedVectors REAL",
        "callbacks": "Callback CoherenceMetric VISDOM_INSTALLED CallbackAny2Vec",
    }
    expected = {f"{module}.{name}" for module, names in wanted.items() for name in names.split()}
    assert expected <= NAMES.keys() - EXCEPTIONS.keys()


def test_a_difference_would_be_found() -> None:
    word2vec = "gensim.models.word2vec"
    assert difference_of_name("negw2v.word2vec", "train_sg_pair")
    assert "gensim's" in difference_of_member("gensim.models.word2vec", "Word2Vec", "save")
    assert parameters(lambda a, b=1: 0) != parameters(lambda a, b=2: 0)
    assert parameters(lambda a, b: 0) != parameters(lambda b, a: 0)
    assert difference_of_member(word2vec, "Word2Vec", "train") == ""


SETTINGS: dict[str, Any] = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1, "seed": 1}
SENTENCES = [["a", "b", "c", "a"], ["b", "a"]] * 5


@pytest.fixture(scope="module", params=[{}, {"hs": 1, "negative": 0}], ids=["ns", "hs"])
def trained(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, Any, Any]]:
    """(what it is, ours, gensim's) of objects that code gets into its hands."""
    ours, theirs = (
        importlib.import_module(module).Word2Vec(SENTENCES, **{**SETTINGS, **request.param})
        for module in ("negw2v.word2vec", "gensim.models.word2vec")
    )
    for model in (ours, theirs):
        model.wv.fill_norms()
    pairs = [("model", ours, theirs), ("vectors", ours.wv, theirs.wv)]
    path = str(tmp_path_factory.mktemp("corpus"))
    for module, cls in CLASSES[1:5]:
        gensims = getattr(importlib.import_module(module), cls)
        pairs.append((cls, counterpart(module, cls)(path), gensims(path)))
    return pairs


def nature(value: Any) -> Any:
    """What code can rely on: dtype and dimensions of an array, the type of other values."""
    return (value.dtype, value.ndim) if isinstance(value, np.ndarray) else type(value).__name__


def test_trained_objects_have_gensims_attributes(trained: list[tuple[str, Any, Any]]) -> None:
    differing = {
        f"{what}.{name}": (nature(getattr(ours, name, "missing")), nature(value))
        for what, ours, theirs in trained
        for name, value in vars(theirs).items()
        if not hasattr(ours, name) or nature(getattr(ours, name)) != nature(value)
    }
    assert differing == {}
