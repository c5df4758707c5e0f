"""Notebooks: models, vectors and reports are tables; results are, with the extension."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negw2v import KeyedVectors, Word2Vec, notebook
from negw2v.html_tables import table

HOSTILE = ["<script>alert(1)</script>", "\"quoted' & <b>", "مرحبا", "😀", "</td></table>"]


class Cells(HTMLParser):
    """The tags, and the text of the cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def model(synthetic_sentences: list[list[str]]) -> Word2Vec:
    return Word2Vec(synthetic_sentences[:300], vector_size=8, min_count=1, sg=1, workers=1, seed=1)


def test_cells_are_text_whatever_they_hold() -> None:
    found = Cells(table([(word, 0.25, 1234, True) for word in HOSTILE], ("a<b", "n"), "<i>"))
    assert found.tags == {"table", "caption", "b", "tr", "th", "td"}  # none of the words'
    assert found.rows[0] == ["a<b", "n"]
    assert found.rows[1:] == [[word, "0.2500", "1,234", "True"] for word in HOSTILE]


def test_vectors_with_hostile_keys() -> None:
    kv = KeyedVectors(2)
    kv.add_vectors(HOSTILE, np.ones((len(HOSTILE), 2), np.float32))
    found = Cells(kv._repr_html_())
    assert "script" not in found.tags
    assert dict(found.rows)["first keys"] == ", ".join(HOSTILE)
    assert dict(found.rows)["keys"] == "5"


def test_a_model_says_what_it_is_and_how_it_was_trained(model: Word2Vec) -> None:
    found = dict(Cells(model._repr_html_()).rows)
    assert found["algorithm"] == "skip-gram, 5 negative samples"
    assert found["parameters"] == "vector_size=8, min_count=1, workers=1, sg=1"
    assert found["keys"] == str(len(model.wv))
    assert found["mean loss of the last epoch"] == f"{model.training_report.losses[-1]:.4f}"
    untrained = dict(Cells(Word2Vec()._repr_html_()).rows)
    assert untrained["parameters"] == "all as by default"
    assert "epochs" not in untrained


def test_a_comment_of_any_kind_is_shown() -> None:
    model = Word2Vec(comment=np.arange(3))
    assert "comment=[0 1 2]" in model._repr_html_()


def test_reports_have_the_lines_that_are_printed(model: Word2Vec) -> None:
    report = model.training_report
    found = dict(Cells(report._repr_html_()).rows)
    assert found == {name.strip(): value for name, value in report.rows()}
    assert str(report).count("\n") + 1 == len(report.rows())
    flight = Word2Vec.preflight([["<b> x </b>", "a"] * 9] * 9, min_count=1, seconds=0.01)
    assert dict(Cells(flight._repr_html_()).rows)["words"] == "162"


def test_results_are_plain_lists(model: Word2Vec) -> None:
    found = model.wv.most_similar("paris", topn=3)
    assert type(found) is list
    assert all(type(pair) is tuple for pair in found)
    assert pickle.loads(pickle.dumps(found)) == found
    assert b"negw2v" not in pickle.dumps(found)
    assert Cells(notebook.shown(found) or "").rows[0] == ["key", "similarity"]


@pytest.mark.parametrize(
    "value",
    [[], [("a", "b")], [("a", 1)], [["a", 0.5]], [("a", 0.5), "b"], [("a", 0.5, 1)], [(0.5, 0.5)]],
)
def test_other_lists_are_shown_as_ever(value: list[Any]) -> None:
    assert notebook.shown(value) is None


class Formatter:
    """The part of IPython's formatter that is used."""

    def __init__(self) -> None:
        self.printers: dict[type, Any] = {}

    def for_type(self, kind: type, function: Any) -> Any:
        before = self.printers.get(kind)
        self.printers[kind] = function
        return before

    def pop(self, kind: type, default: Any) -> Any:
        return self.printers.pop(kind, default)


def test_the_extension_is_undone() -> None:
    class Shell:
        def __init__(self) -> None:
            self.display_formatter = self
            self.formatters = {"text/html": Formatter()}

    shell = Shell()
    printers = shell.formatters["text/html"].printers
    for before in ({}, {list: repr}):
        printers.clear()
        printers.update(before)
        notebook.load_ipython_extension(shell)
        notebook.load_ipython_extension(shell)
        assert printers[list] is notebook.shown
        notebook.unload_ipython_extension(shell)
        assert printers == before


SENTENCES = "[['<b>', 'x', 'y']] * 50"
CELLS = (
    f"import negw2v; model = negw2v.Word2Vec({SENTENCES}, min_count=1, epochs=1, seed=1); model",
    "model.wv",
    "model.training_report",
    "model.wv.most_similar('x')",
    "%load_ext negw2v.notebook",
    "model.wv.most_similar('x')",
    "[1, 2]",
    "type(_6)",
    "%unload_ext negw2v.notebook",
    "model.wv.most_similar('x')",
)

# In a process of its own, as Jupyter's packages warn of what is theirs.
EXECUTE = """
import json, sys, nbformat, nbclient
cells = [nbformat.v4.new_code_cell(text) for text in json.load(sys.stdin)]
book = nbformat.v4.new_notebook(cells=cells)
nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
print(json.dumps([[dict(o.get("data", {}), text=o.get("text")) for o in c.outputs] for c in cells]))
"""


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "ipykernel")),
    reason="needs nbclient and ipykernel",
)
def test_a_notebook_shows_tables(tmp_path: Path) -> None:
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1"}
    executed = subprocess.run(
        [sys.executable, "-c", EXECUTE],
        input=json.dumps(CELLS),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert executed.returncode == 0, executed.stderr
    shown = [outputs[-1] if outputs else {} for outputs in json.loads(executed.stdout)]
    html = [Cells(output.get("text/html", "")) for output in shown]
    assert dict(html[0].rows)["algorithm"] == "CBOW, 5 negative samples"
    assert dict(html[1].rows)["keys"] == "3"
    assert dict(html[2].rows)["sentences read"] == "50"
    assert "text/html" not in shown[3]
    assert html[5].rows[0] == ["key", "similarity"]
    assert {row[0] for row in html[5].rows[1:]} == {"<b>", "y"}
    assert "text/html" not in shown[6]
    assert shown[7]["text/plain"] == "list"
    assert "text/html" not in shown[9]
