"""Where gensim is not installed, negw2v takes its place: what is served, and what is refused."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import io
import os
import pickle
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import absence
import interrupting
import pytest

import negw2v
import negw2v.plugin
from negw2v.errors import (
    ConfigurationError,
    GensimNameError,
    GensimNeededError,
    MissingDependencyError,
)
from negw2v.plugin.served import SERVED_NAMES, served_rows
from negw2v.plugin.stand_in import ServedModule, is_gensims

SENTENCES = [["human", "interface", "computer"], ["graph", "trees", "human"]] * 5
SMALL: dict[str, Any] = {"vector_size": 6, "min_count": 1, "epochs": 2, "workers": 1}


def state() -> tuple[list[Any], dict[str, Any]]:
    """What a patch of this kind changes."""
    gensims = {name: module for name, module in sys.modules.items() if is_gensims(name)}
    return list(sys.meta_path), gensims


@pytest.fixture
def no_gensim(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    absence.without(monkeypatch, "gensim")
    yield
    negw2v.unpatch_gensim()


@pytest.fixture
def served(no_gensim: None) -> Iterator[None]:
    """Negw2v in gensim's place; afterwards all is as before."""
    before = state()
    negw2v.patch_gensim()
    yield
    negw2v.unpatch_gensim()
    assert state() == before


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


# What is there


@pytest.mark.parametrize("row", list(served_rows()), ids=lambda row: f"{row.module}.{row.name}")
def test_every_name_of_the_table_can_be_imported(row: Any, served: None) -> None:
    names = run(f"from {row.module} import {row.name}\nimport {row.module} as module")
    home, _, name = row.ours.partition(":")
    assert names[row.name] is getattr(importlib.import_module(home), name)
    assert getattr(names["module"], row.name) is names[row.name]
    assert row.name in dir(names["module"])


@pytest.mark.parametrize("module", list(SERVED_NAMES))
def test_a_star_import_gets_all_names(module: str, served: None) -> None:
    names = run(f"from {module} import *")
    assert set(SERVED_NAMES[module]) <= set(names)


def test_names_are_found_through_the_package_as_in_gensim(served: None) -> None:
    names = run("import gensim\nmodel_class = gensim.models.word2vec.Word2Vec")
    assert names["model_class"] is negw2v.Word2Vec
    gensim = names["gensim"]
    assert gensim.utils.simple_preprocess("Hello, World") == ["hello", "world"]
    assert gensim.models.callbacks.CallbackAny2Vec is negw2v.CallbackAny2Vec


def test_it_says_that_it_is_not_gensim(served: None) -> None:
    gensim = importlib.import_module("gensim")
    assert gensim.__version__ == "4.4.0"
    assert gensim.__negw2v__ is True
    assert "negw2v" in repr(gensim)
    assert "negw2v" in str(gensim.__doc__)
    spec = importlib.util.find_spec("gensim.models")
    assert spec is not None
    assert "negw2v" in str(spec.origin)


def test_installed_distributions_are_as_they_were(no_gensim: None) -> None:
    def found() -> list[str]:
        return sorted(str(each.metadata["Name"]) for each in importlib.metadata.distributions())

    before = found()
    with negw2v.patch_gensim():
        importlib.import_module("gensim")
        assert found() == before


def test_nothing_happens_without_the_patch(no_gensim: None) -> None:
    importlib.import_module("negw2v.plugin.stand_in")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gensim")


def test_the_rest_of_negw2v_knows_that_gensim_is_not_there(served: None) -> None:
    importlib.import_module("gensim.models")
    model = negw2v.Word2Vec(SENTENCES, **SMALL)
    for convert in (model.to_gensim, model.wv.to_gensim):
        with pytest.raises(MissingDependencyError, match="gensim, which is not installed"):
            convert()
    with pytest.raises(MissingDependencyError, match="topic models"):
        _ = negw2v.callbacks.PerplexityMetric
    written = io.StringIO()
    negw2v.show_config(written)
    assert "not installed (pip install gensim)" in written.getvalue()


def test_the_status_lists_the_names(served: None) -> None:
    status = negw2v.plugin.status()
    assert (status.patched, status.gensim, status.fallbacks) == (True, None, ())
    assert "gensim.models.word2vec.LineSentence" in str(status)
    assert "gensim is not in use" in str(status)


# What is not there


@pytest.mark.parametrize(
    "statement",
    [
        "from gensim.models import FastText",
        "from gensim.models.fasttext import FastText",
        "import gensim.models.fasttext",
        "from gensim.models.word2vec import FastText",
        "from gensim import FastText",
    ],
)
def test_an_import_of_what_only_gensim_has_says_what_there_is_and_what_to_do(
    statement: str, served: None
) -> None:
    with pytest.raises(ImportError) as caught:
        run(statement)
    assert isinstance(caught.value, (ModuleNotFoundError, GensimNeededError))
    message = str(caught.value)
    assert "gensim proper is needed for" in message.replace("fasttext", "FastText")
    assert "FastText" in message.replace("fasttext", "FastText")
    assert "it has" in message
    assert "pip install gensim" in message


def test_the_message_names_the_names(served: None) -> None:
    with pytest.raises(
        ImportError, match=r"it has .*KeyedVectors, Phrases, Word2Vec, .*keyedvectors"
    ):
        run("from gensim.models import LdaModel")


def test_an_attribute_that_only_gensim_has(served: None) -> None:
    models = importlib.import_module("gensim.models")
    assert not hasattr(models, "FastText")
    assert getattr(models, "Doc2Vec", None) is None
    with pytest.raises(AttributeError, match="gensim proper is needed for FastText") as caught:
        _ = models.FastText
    assert type(caught.value) is GensimNameError
    with pytest.raises(AttributeError, match="__file__"):
        _ = models.__file__


def test_a_program_that_can_do_without_finds_out(served: None) -> None:
    names = run(
        "try:\n    from gensim.models import FastText\nexcept ImportError:\n    FastText = None\n"
        "try:\n    import gensim.corpora\nexcept ModuleNotFoundError:\n    corpora = None\n"
    )
    assert names["FastText"] is names["corpora"] is None


# Placeholders


def test_placeholders_can_be_imported_and_derived_from_but_not_used(no_gensim: None) -> None:
    negw2v.patch_gensim(placeholders=True)
    names = run(
        "from gensim.models.doc2vec import Doc2Vec, TaggedDocument\n"
        "from gensim.models import FastText, Word2Vec, doc2vec\n"
        "from gensim import corpora, similarities\n"
        "import gensim.parsing.preprocessing\n"
        "class Mine(Doc2Vec):\n    pass\n"
    )
    assert names["Word2Vec"] is negw2v.Word2Vec
    assert isinstance(names["corpora"], ServedModule)
    assert not isinstance(negw2v.Word2Vec(), names["FastText"])
    for use in (names["FastText"], names["Mine"], names["doc2vec"].Doc2Vec):
        with pytest.raises(GensimNeededError, match=r"gensim\.models\..* is a placeholder"):
            use()
    with pytest.raises(GensimNameError, match=r"gensim\.corpora\.Dictionary is a placeholder"):
        names["corpora"].Dictionary.load("file")
    assert not hasattr(importlib.import_module("gensim"), "__file__")


# Pickles


@pytest.mark.parametrize("name", ["Word2Vec", "KeyedVectors"])
def test_a_pickle_of_gensims_is_refused_with_the_method_that_reads_it(
    name: str, served: None
) -> None:
    module = {"Word2Vec": "word2vec", "KeyedVectors": "keyedvectors"}[name]
    data = b"\x80\x02cgensim.models." + f"{module}\n{name}\n".encode() + b")\x81}b."
    importlib.import_module("gensim.models.word2vec")
    run(f"from gensim.models.{module} import {name}")  # a look-up before does not matter
    with pytest.raises(GensimNeededError, match=rf"negw2v\.{name}\.load\(path\)"):
        pickle.loads(data)


def test_our_objects_are_pickled_under_our_names(served: None) -> None:
    model = run("from gensim.models import Word2Vec")["Word2Vec"](SENTENCES, **SMALL)
    data = pickle.dumps(model)
    assert b"gensim.models" not in data
    assert type(pickle.loads(data)) is negw2v.Word2Vec


# On and off


def test_twice_on_once_off(no_gensim: None) -> None:
    before = state()
    with negw2v.patch_gensim():
        with negw2v.patch_gensim():
            importlib.import_module("gensim.models")
        assert negw2v.is_patched()
        assert len([each for each in sys.meta_path if type(each).__name__ == "Finder"]) == 1
    assert not negw2v.is_patched()
    assert state() == before


def test_what_was_in_sys_modules_comes_back(
    no_gensim: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = ModuleType("gensim.leftover")  # of an import that failed
    monkeypatch.setitem(sys.modules, "gensim.leftover", leftover)
    monkeypatch.setitem(sys.modules, "gensim", None)  # how some programs keep a package away
    before = state()
    with negw2v.patch_gensim():
        assert importlib.import_module("gensim").__negw2v__
        with pytest.raises(ImportError):
            importlib.import_module("gensim.leftover")
    assert state() == before
    assert sys.modules["gensim.leftover"] is leftover


def test_another_finder_and_a_module_that_somebody_added_stay(no_gensim: None) -> None:
    negw2v.patch_gensim()
    other, mine = absence.Absent(["nothing"]), ModuleType("gensim")
    sys.meta_path.insert(0, other)  # type: ignore[arg-type]
    sys.modules["gensim"] = mine
    try:
        negw2v.unpatch_gensim()
        assert sys.meta_path[0] is other
        assert sys.modules["gensim"] is mine
    finally:
        sys.meta_path.remove(other)  # type: ignore[arg-type]
        del sys.modules["gensim"]


def test_names_that_were_imported_work_after_the_end_and_others_say_so(no_gensim: None) -> None:
    with negw2v.patch_gensim():
        gensim = importlib.import_module("gensim")
        word2vec = importlib.import_module("gensim.models.word2vec")
    assert word2vec.Word2Vec is negw2v.Word2Vec
    with pytest.raises(GensimNameError, match=r"not imported before negw2v\.unpatch_gensim\(\)"):
        _ = gensim.utils
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gensim")


def test_it_is_all_or_nothing_at_every_line(no_gensim: None) -> None:
    before = state()
    negw2v.patch_gensim()  # what is imported for it, is imported
    negw2v.unpatch_gensim()
    outcomes = []
    events = list(interrupting.events(negw2v.patch_gensim))
    negw2v.unpatch_gensim()
    for event in events:
        interrupting.run(negw2v.patch_gensim, event)
        outcomes.append(negw2v.is_patched())
        assert (state() == before) is not outcomes[-1]
        negw2v.unpatch_gensim()
        assert state() == before
    assert outcomes == sorted(outcomes)
    assert not outcomes[0]


def test_its_end_is_all_or_nothing_at_every_line(no_gensim: None) -> None:
    before = state()
    negw2v.patch_gensim()
    for event in list(interrupting.events(negw2v.unpatch_gensim)):
        negw2v.patch_gensim()
        importlib.import_module("gensim.models.word2vec")
        during = state()
        interrupting.run(negw2v.unpatch_gensim, event)
        assert state() == (during if negw2v.is_patched() else before)
        negw2v.unpatch_gensim()
    assert state() == before


def test_ipython_can_load_and_unload_it(no_gensim: None) -> None:
    class Shell:
        user_ns: dict[str, Any] = {}  # noqa: RUF012

    negw2v.load_ipython_extension(Shell())
    exec("from gensim.models import Word2Vec", Shell.user_ns)
    assert Shell.user_ns["Word2Vec"] is negw2v.Word2Vec
    negw2v.unload_ipython_extension(Shell())
    assert not negw2v.is_patched()


# Gensims that are there in part, or come later


def package(folder: Path, code: str) -> None:
    """A package gensim of our own making."""
    (folder / "gensim").mkdir(parents=True)
    (folder / "gensim" / "__init__.py").write_text(code)
    (folder / "gensim" / "part.py").write_text("")


@pytest.fixture
def own_gensim(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder at the head of sys.path; no gensim of this process is imported."""
    for name in list(filter(is_gensims, sys.modules)):
        monkeypatch.delitem(sys.modules, name)
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    negw2v.unpatch_gensim()
    for name in list(filter(is_gensims, sys.modules)):
        del sys.modules[name]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import gensim.part, no_such_package", "No module named 'no_such_package'"),
        ("raise ValueError('numpy.dtype size changed')", "numpy.dtype size changed"),
        ("from math import triu", "triu"),
    ],
)
def test_a_gensim_whose_import_fails_is_not_replaced_silently(
    own_gensim: Path, code: str, error: str
) -> None:
    package(own_gensim, code)
    before = state()
    with pytest.raises(MissingDependencyError, match=error) as caught:
        negw2v.patch_gensim()
    assert "gensim is installed, but importing it fails" in str(caught.value)
    assert "repair it" in str(caught.value)
    assert "patch_gensim(stand_in=True)" in str(caught.value)
    assert not negw2v.is_patched()
    assert state() == before
    with negw2v.patch_gensim(stand_in=True):
        assert importlib.import_module("gensim.models").Word2Vec is negw2v.Word2Vec
    assert state() == before


@pytest.mark.parametrize("code", ["__version__ = '3.8.3'", ""])
def test_a_gensim_of_another_version_is_not_replaced_silently(own_gensim: Path, code: str) -> None:
    package(own_gensim, code)
    before = state()
    with pytest.raises(ConfigurationError, match=r"3\.8\.3|unknown version"):
        negw2v.patch_gensim()
    assert state() == before
    with negw2v.patch_gensim(stand_in=True):
        assert importlib.import_module("gensim").__version__ == "4.4.0"
    assert importlib.import_module("gensim").__file__.startswith(str(own_gensim))


def test_an_imported_gensim_cannot_be_replaced_by_modules(own_gensim: Path) -> None:
    package(own_gensim, "__version__ = '3.8.3'")
    importlib.import_module("gensim")
    before = state()
    with pytest.raises(ConfigurationError, match=r"gensim 3\.8\.3 has been imported"):
        negw2v.patch_gensim(stand_in=True)
    assert not negw2v.is_patched()
    assert state() == before


def test_a_folder_of_that_name_without_code_is_no_gensim(
    own_gensim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(own_gensim)])  # any installed gensim would come first
    (own_gensim / "gensim").mkdir()
    with negw2v.patch_gensim():
        assert importlib.import_module("gensim").__negw2v__


def test_a_gensim_that_appears_later_is_found_after_the_end_only(
    own_gensim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = absence.Absent(["gensim"])
    monkeypatch.setattr(sys, "meta_path", [keeper, *sys.meta_path])
    negw2v.patch_gensim()
    package(own_gensim, "__version__ = '3.8.3'")
    sys.meta_path.remove(keeper)  # type: ignore[arg-type]
    importlib.invalidate_caches()
    assert importlib.import_module("gensim").__negw2v__
    with pytest.raises(ImportError, match=r"gensim\.part"):
        importlib.import_module("gensim.part")
    negw2v.patch_gensim()
    assert negw2v.plugin.status().gensim is None
    negw2v.unpatch_gensim()
    assert importlib.import_module("gensim").__version__ == "3.8.3"
    assert importlib.import_module("gensim.part").__name__ == "gensim.part"


def test_a_finder_that_finds_no_module_of_ours(served: None) -> None:
    finder = sys.meta_path[0]
    assert finder.find_spec("gensimple", None) is None
    assert finder.find_spec("json", None) is None
    assert isinstance(finder.find_spec("gensim", None), ModuleSpec)


# The command line


def write(folder: Path, code: str) -> str:
    (folder / "user.py").write_text(code)
    return "user.py"


USER = """
import sys
from gensim.models import Word2Vec
model = Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4)
print(Word2Vec.__module__, len(model.wv), sys.argv[1:])
"""


def test_the_command_line_runs_programs(tmp_path: Path) -> None:
    name = write(tmp_path, USER)
    run_it = absence.command_without_gensim
    for arguments in (["run", name, "-x"], ["run", "-m", "user", "-x"]):
        finished = run_it(*arguments, folder=tmp_path, environment=os.environ)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert finished.stdout == "negw2v.word2vec.model 2 ['-x']\n"


def test_the_command_line_says_what_only_gensim_has(tmp_path: Path) -> None:
    name = write(tmp_path, "from gensim.models.doc2vec import Doc2Vec\n" + USER)
    finished = absence.command_without_gensim("run", name, folder=tmp_path, environment=os.environ)
    assert finished.returncode == 1
    assert "gensim proper is needed for doc2vec" in finished.stderr
    assert "negw2v run --placeholders" in finished.stderr
    finished = absence.command_without_gensim(
        "run", "--placeholders", name, "--flag", folder=tmp_path, environment=os.environ
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "['--flag']" in finished.stdout


def test_the_command_line_can_leave_an_installed_gensim_aside(tmp_path: Path) -> None:
    package(tmp_path, "raise RuntimeError('broken')")
    name = write(tmp_path, USER)
    command = [sys.executable, "-m", "negw2v", "run"]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    finished = absence.outcome([*command, name], tmp_path, environment)
    assert finished.returncode == 1
    assert "importing it fails (RuntimeError: broken)" in finished.stderr
    finished = absence.outcome([*command, "--stand-in", name], tmp_path, environment)
    assert (finished.returncode, finished.stderr) == (0, "")
