"""Everything public says what it does and what each parameter means."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import negw2v


def modules() -> list[str]:
    found = pkgutil.walk_packages(negw2v.__path__, "negw2v.")
    return ["negw2v"] + [
        found_module.name
        for found_module in found
        if not any(part.startswith("_") for part in found_module.name.split("."))
    ]


def public_members(owner: object) -> Iterator[tuple[str, object]]:
    """Functions, and classes with their public methods, that are defined in this module."""
    for name in getattr(owner, "__all__", ()):
        member = getattr(owner, name)
        if not getattr(member, "__module__", "").startswith("negw2v"):
            continue  # a constant, or an alias of someone else's type
        if inspect.isfunction(member):
            yield name, member
        elif inspect.isclass(member):
            yield name, member
            for method_name, method in vars(member).items():
                unwrapped = inspect.unwrap(getattr(method, "__func__", method))
                if not method_name.startswith("_") and inspect.isfunction(unwrapped):
                    yield f"{name}.{method_name}", unwrapped


@pytest.mark.parametrize("module_name", modules())
def test_every_module_and_public_member_has_a_docstring(module_name: str) -> None:
    module = importlib.import_module(module_name)
    assert module.__doc__, f"{module_name} has no docstring"
    bare = [name for name, member in public_members(module) if not inspect.getdoc(member)]
    assert not bare, f"{module_name}: without a docstring: {bare}"


# What each name means is clear without a word.
SELF_EXPLANATORY = {"self", "cls", "args", "kwargs", "_args", "_kwargs"}


@pytest.mark.parametrize("name", ["Word2Vec", "KeyedVectors"])
def test_every_parameter_is_documented(name: str) -> None:
    member = getattr(negw2v, name)
    missing = []
    for qualified, callable_ in [(name, member), *public_members_of(member)]:
        documentation = inspect.getdoc(callable_) or ""
        if documentation.startswith(("Deprecated", "Removed")):
            continue
        for parameter in inspect.signature(callable_).parameters:
            if parameter in SELF_EXPLANATORY:
                continue
            if not re.search(rf"\b{re.escape(parameter)}\b", documentation):
                missing.append(f"{qualified}({parameter})")
    assert not missing


def public_members_of(member: type) -> Iterator[tuple[str, object]]:
    for name, value in inspect.getmembers(member, inspect.isfunction):
        if not name.startswith("_"):
            yield f"{member.__name__}.{name}", value
