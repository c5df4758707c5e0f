"""KeyedVectors.explore() and negw2v explore, with plotly.js itself."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from page_reading import Reader, words_in

from negw2v import KeyedVectors
from negw2v.cli.main import main
from negw2v.errors import InputTypeError, ParameterError, SaveError

pytest.importorskip("plotly", reason="maps need the extra explore")

WORDS = [f"word{number}" for number in range(40)]


@pytest.fixture
def kv() -> KeyedVectors:
    made = KeyedVectors(6)
    made.add_vectors(WORDS, np.random.default_rng(3).normal(size=(40, 6)).astype(np.float32))
    return made


def test_the_most_frequent_words_come_first(kv: KeyedVectors, tmp_path: Path) -> None:
    for number, word in enumerate(WORDS):
        kv.set_vecattr(word, "count", 7 * (number + 1) % 41)
    made = kv.explore(tmp_path / "map.html", n=5, title="Five")
    assert repr(made).startswith("ExplorerPage(5 words, ")
    written = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert written == made.html
    found = Reader(written)
    assert words_in(found.scripts[0][1]) == ["word34", "word28", "word22", "word16", "word10"]
    assert '"counts":[40,39,38,37,36]' in found.scripts[0][1]
    assert '"vocabulary":40' in found.scripts[0][1]
    assert found.title == "Five"


def test_without_counts_the_order_of_the_keys_holds(kv: KeyedVectors) -> None:
    content = Reader(kv.explore(n=3).html).scripts[0][1]
    assert words_in(content) == WORDS[:3]
    assert '"counts":null' in content


def test_free_rows_are_no_words(kv: KeyedVectors) -> None:
    some = KeyedVectors(6, 50)
    some.add_vectors(WORDS, kv.vectors)
    assert words_in(Reader(some.explore().html).scripts[0][1]) == WORDS


def test_keys_that_are_numbers_are_shown() -> None:
    numbers = KeyedVectors(2)
    numbers.add_vectors([10, 20, 30], np.eye(3, 2, dtype=np.float32))
    assert '"words":["10","20","30"]' in numbers.explore().html


def test_the_same_vectors_give_the_same_bytes(kv: KeyedVectors, tmp_path: Path) -> None:
    kv.save(tmp_path / "kv")
    again = KeyedVectors.load(tmp_path / "kv")
    assert kv.explore().html == again.explore().html


def test_ten_thousand_words_of_a_hundred_dimensions_take_at_most_15_megabytes() -> None:
    many = KeyedVectors(100)
    vectors = np.random.default_rng(0).normal(size=(10_000, 100)).astype(np.float32)
    many.add_vectors([f"a long word {number}" for number in range(10_000)], vectors)
    assert len(many.explore().html.encode()) < 8e6


@pytest.mark.parametrize("n", [0, -1])
def test_n_below_one_is_refused(kv: KeyedVectors, n: int) -> None:
    with pytest.raises(ParameterError, match=f"n is {n}; .* 3 or more"):
        kv.explore(n=n)


def test_too_few_words_are_refused(kv: KeyedVectors, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="needs 3 words or more, not 2"):
        kv.explore(tmp_path / "map.html", n=2)
    assert not (tmp_path / "map.html").exists()
    with pytest.raises(ParameterError, match="needs 3 words or more, not 0"):
        KeyedVectors(6).explore()


def test_wrong_arguments_are_refused(kv: KeyedVectors) -> None:
    with pytest.raises(InputTypeError, match=r"n is 2\.5"):
        kv.explore(n=2.5)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="method is 'mds'"):
        kv.explore(method="mds")
    with pytest.raises(InputTypeError, match="path or a binary file"):
        kv.explore(3)  # type: ignore[arg-type]


def test_a_file_that_cannot_be_written_stays_as_it_was(kv: KeyedVectors, tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="there is no folder"):
        kv.explore(tmp_path / "missing" / "map.html")
    old = tmp_path / "map.html"
    old.write_text("old")
    kv.vectors[0] = np.nan
    with pytest.raises(ParameterError, match="NaN"):
        kv.explore(old)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_an_open_file_is_written_to(kv: KeyedVectors) -> None:
    target = io.BytesIO()
    made = kv.explore(target)
    assert target.getvalue().decode() == made.html


@pytest.fixture
def model(kv: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    kv.save("words.vectors")
    return "words.vectors"


def test_the_verb_writes_a_page(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", model, "-n", "10"]) == 0
    assert "map.html: ExplorerPage(10 words" in capsys.readouterr().err
    found = Reader(Path("map.html").read_text(encoding="utf-8"))
    assert found.title == "words.vectors"
    assert words_in(found.scripts[0][1]) == WORDS[:10]
    assert main(["explore", model, "-o", "b.html", "--title", "My words"]) == 0
    assert Reader(Path("b.html").read_text(encoding="utf-8")).title == "My words"


def test_the_verb_writes_to_standard_output(
    model: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["explore", model, "-o", "-"]) == 0
    printed = capsysbinary.readouterr()
    assert printed.out.startswith(b"<!DOCTYPE html>")
    assert printed.out.rstrip().endswith(b"</html>")
    assert printed.err == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.model"], "'missing.model': there is no such file"),
        (["words.vectors", "-n", "0"], "n is 0"),
        (["words.vectors", "-n", "2"], "needs 3 words or more"),
        (["words.vectors", "-o", "no/map.html"], "there is no folder"),
        (["words.vectors", "-o", "."], "folder"),
    ],
)
def test_the_verb_says_what_is_wrong(
    model: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["explore", *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["-n", "many"], ["--method", "mds"]])
def test_wrong_usage_of_the_verb(model: str, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["explore", model, *arguments])
    assert left.value.code == 2
