"""The explorer's file: what is in it, what may run in it; how a notebook shows it."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources

import numpy as np
from page_reading import Reader, words_in

from negw2v.explorer import data, page

WORDS = [f"word{number}" for number in range(40)]
LIBRARY = "const Plotly = 1;"


def page_of(
    words: list[str] = WORDS, title: str = "Map", library: str = LIBRARY
) -> page.ExplorerPage:
    vectors = np.random.default_rng(3).normal(size=(len(words), 6))
    return page.made(data.collect(words, None, vectors, len(words), "pca"), title, library)


def digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_only_the_scripts_of_the_page_may_run() -> None:
    found = Reader(page_of().html)
    (kind, content), *programs = found.scripts
    assert kind == {"type": "application/json", "id": "data"}
    assert words_in(content) == WORDS
    assert len(programs) == 2
    allowed = found.policy.split("script-src ")[1].split(";")[0].split()
    assert allowed == [digest(text) for _, text in programs]
    assert "default-src 'none'" in found.policy
    assert "eval" not in found.policy


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    assert Reader(page_of().html).addresses == ["data:,"]
    own = [(resources.files("negw2v.explorer") / "assets" / name) for name in page.SCRIPTS]
    for source in own:
        assert not re.search(
            r"fetch\(|XMLHttp|https?:|innerHTML|import\(|eval\(", source.read_text()
        )


def test_a_library_may_hold_what_ends_scripts() -> None:
    html = page_of(library='const Plotly = "</SCRIPT><!-- <script>";\r\nPlotly;').html
    safe = 'const Plotly = "<\\/SCRIPT><\\!-- <script>";\nPlotly;'
    assert f"<script>{safe}</script>" in html
    assert digest(safe) in html


def test_words_and_titles_are_no_markup() -> None:
    hostile = "</script><img src=x onerror=alert(1)>"
    found = Reader(page_of([hostile, *WORDS], f"{hostile} \ud800 é").html)
    assert found.tags == Reader(page_of().html).tags
    assert found.title == f"{hostile} \ufffd é"


def test_every_asset_is_in_the_page() -> None:
    html = page_of().html
    names = {source.name for source in (resources.files("negw2v.explorer") / "assets").iterdir()}
    assert names == {*page.SCRIPTS, "page.html", "style.css"}
    for name in names - {"page.html"}:
        assert (resources.files("negw2v.explorer") / "assets" / name).read_text() in html


def test_a_notebook_gets_the_page_in_a_frame_of_its_own() -> None:
    frame = page_of()._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert "<script" not in frame
    assert '"words":' not in frame  # quotation marks are escaped
