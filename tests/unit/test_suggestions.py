"""What Python itself says about a wrong call names classes that users know."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

import negw2v
from negw2v import KeyedVectors, Word2Vec, layers

PUBLIC = {
    name: vars(module)[name] if name in vars(module) else getattr(module, name)
    for module in (negw2v, layers)
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
}


def methods(cls: type) -> Iterator[tuple[str, FunctionType]]:
    for name in dir(cls):
        attribute = inspect.getattr_static(cls, name)
        method = getattr(attribute, "__func__", attribute)
        if isinstance(method, FunctionType) and method.__module__.startswith("negw2v"):
            yield name, method


@pytest.mark.parametrize("public", PUBLIC)
def test_no_method_is_named_after_a_class_that_nobody_knows(public: str) -> None:
    for name, method in methods(PUBLIC[public]):
        internal = name.startswith("_") and not name.endswith("__")
        if internal or name in {"__reduce__", "__str__"}:  # nobody calls these
            continue
        owner, _, rest = method.__qualname__.partition(".")
        assert not rest or owner in PUBLIC, method.__qualname__


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (KeyedVectors, r"KeyedVectors\.__init__\(\)"),
        (lambda: KeyedVectors(3).most_similar(nonsense=1), r"most_similar\(\) has no parameter"),
        (KeyedVectors.load, r"KeyedVectors\.load\(\)"),
        (lambda: KeyedVectors(3).add_vectors(["a"]), r"KeyedVectors\.add_vectors\(\)"),
        (lambda: Word2Vec().save(), r"Word2Vec\.save\(\)"),
        (lambda: Word2Vec().init_weights(3), r"Word2Vec\.init_weights\(\)"),
        (lambda: Word2Vec().add_lifecycle_event(), r" ?add_lifecycle_event\(\)"),
        (layers.CBOW, r"^__init__\(\)"),
    ],
)
def test_errors_of_calls_name_the_public_class(call: Callable[[], Any], name: str) -> None:
    with pytest.raises(TypeError, match=name) as caught:
        call()
    for internal in ("VectorStore", "Neighbours", "Files", "Network"):
        assert internal not in str(caught.value)


def test_methods_are_found_under_their_names() -> None:
    for method in (KeyedVectors.most_similar, Word2Vec.build_vocab, Word2Vec.train):
        assert pickle.loads(pickle.dumps(method)) is method
