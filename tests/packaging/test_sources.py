"""The compiled sources have a map that names each, and keep the rules that it states."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def sources(repository: Path) -> dict[Path, str]:
    files = [path for path in (repository / "src_cython").glob("*/*") if path.is_file()]
    return {path: path.read_text() for path in files if path.suffix in {".pyx", ".pxd", ".h"}}


def test_the_map_names_every_source_and_no_other(
    repository: Path, sources: dict[Path, str]
) -> None:
    text = (repository / "src_cython" / "README.md").read_text()
    drawn = text.split("## The map")[1].split('"level": compiled')[0]
    named = Counter(re.findall(r"^ +(\w+\.(?:pyx|pxd|h)) ", drawn, re.MULTILINE))
    assert named == Counter(path.name for path in sources)


def test_every_source_begins_with_what_it_is(sources: dict[Path, str]) -> None:
    silent = [path.name for path, text in sources.items() if not text.startswith(('"""', "/*"))]
    assert not silent


def test_one_style_of_pointers_and_one_prefix(sources: dict[Path, str]) -> None:
    broken = {
        path.name: found
        for path, text in sources.items()
        if (found := re.findall(r"\w\*+ \w|\w\*+[)>]|\bnegw2v_\w+|\bNEGW2V_\w+", code(text)))
    }
    assert not broken


def code(text: str) -> str:
    """A source without its comments in C."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_lanes_and_prefetches_are_defined_once(sources: dict[Path, str]) -> None:
    defining = {
        word: {path.name for path, text in sources.items() if re.search(word, text)}
        for word in (r"#define LANES|\bLANES = ", r"__builtin_prefetch")
    }
    assert list(defining.values()) == [{"vector.h"}, {"prefetch.h"}]


def test_what_the_stable_abi_lacks_is_used_in_c_alone(sources: dict[Path, str]) -> None:
    """Otherwise a module compiles for the stable ABI, and cannot be imported."""
    macros = r"\bPy[A-Z][a-z]+_(?:AS_STRING|DATA|GET_\w+|KIND|READ|SET_ITEM)\b"
    cython = {path: text for path, text in sources.items() if path.suffix != ".h"}
    broken = {
        path.name: found
        for path, text in cython.items()
        if (found := re.findall(macros, re.sub(r'""".*?"""', "", text, flags=re.DOTALL)))
    }
    assert not broken
