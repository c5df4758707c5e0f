"""Names of gensim.utils that are not about text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import negw2v
from negw2v import utils
from negw2v.errors import GensimNeededError, InputTypeError


def test_saveload_says_what_to_do_instead_of_a_pickle(tmp_path: Path) -> None:
    class Mine(utils.SaveLoad):
        pass

    with pytest.raises(GensimNeededError, match=r"Mine\.save\(\) of gensim pickles.*define save"):
        Mine().save(tmp_path / "file")
    with pytest.raises(GensimNeededError, match=r"Word2Vec\.load\(\) or KeyedVectors\.load\(\)"):
        Mine.load("file")
    assert list(tmp_path.iterdir()) == []


def test_what_is_a_saveload() -> None:
    class Mine(utils.SaveLoad):
        pass

    assert isinstance(negw2v.Word2Vec(), utils.SaveLoad)
    assert isinstance(negw2v.KeyedVectors(3), utils.SaveLoad)
    assert issubclass(negw2v.Word2Vec, utils.SaveLoad)
    assert not isinstance([], utils.SaveLoad)
    assert isinstance(Mine(), utils.SaveLoad)
    assert isinstance(Mine(), Mine)
    assert not isinstance(negw2v.Word2Vec(), Mine)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [("a b", "sentence 1 is a str, 'a b'"), (["a", 5], "sentence 1 has a word that is no str: 5")],
)
def test_a_file_of_sentences_is_written_whole_or_not_at_all(
    sentence: Any, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "corpus.txt"
    utils.save_as_line_sentence([["old"]], path)

    def corpus() -> Iterator[Any]:
        yield ["new"]
        yield sentence

    with pytest.raises(InputTypeError, match=message):
        utils.save_as_line_sentence(corpus(), path)
    assert path.read_text() == "old\n"


def test_a_compressed_file_of_sentences(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt.gz"
    utils.save_as_line_sentence([["größe", "b"], ["c"]], path)
    assert list(negw2v.LineSentence(path)) == [["größe", "b"], ["c"]]
