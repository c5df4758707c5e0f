"""``gensim.test.utils``: small texts and temporary paths, which examples and tutorials use."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from negw2v.datasets import benchmarks, synthetic
from negw2v.datasets.titles import common_texts
from negw2v.errors import DatasetError, warn
from negw2v.utils import save_as_line_sentence

__all__ = ["common_texts", "datapath", "get_tmpfile", "temporary_file"]

# Files that are generated, and how many sentences of the synthetic corpus each has.
_GENERATED = {"lee.cor": 500, "lee_background.cor": 3_000}
_TITLES = "testcorpus.txt"
_ANALOGIES = "questions-words.txt"


def datapath(fname: str) -> str:
    """The path of a file of gensim's test data, or of one that can take its place.

    Parameters
    ----------
    fname
        "testcorpus.txt": the nine titles, a line each. "lee.cor" and "lee_background.cor":
        generated sentences, not gensim's news articles, with a warning. "questions-words.txt":
        Google's analogy questions, where they are on this machine.

    Returns
    -------
    str

    Raises
    ------
    DatasetError
        It is another file, or the questions are not on this machine.
    """
    if fname == _ANALOGIES:
        return str(benchmarks.analogies())
    if fname == _TITLES:
        return _written(fname)
    if fname in _GENERATED:
        warn(
            f"datapath({fname!r}): gensim's file comes with gensim alone; this one has sentences "
            "that negw2v.datasets.synthetic generates"
        )
        return _written(fname)
    known = ", ".join([_TITLES, *_GENERATED, _ANALOGIES])
    raise DatasetError(
        f"datapath({fname!r}): the file comes with gensim alone; what can be made without it: "
        f"{known}. Write your own file, or install gensim: pip install gensim"
    )


@functools.cache
def _written(fname: str) -> str:
    path = Path(_folder(), fname)
    if fname == _TITLES:
        save_as_line_sentence(common_texts, path)
    else:
        save_as_line_sentence(synthetic.sentences(_GENERATED[fname]), path)
    return str(path)


@functools.cache
def _folder() -> str:
    folder = tempfile.mkdtemp(prefix="negw2v-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def get_tmpfile(suffix: str) -> str:
    """A path for a file in a new folder, which is removed when the process ends.

    Parameters
    ----------
    suffix
        The name of the file; it is not created.

    Returns
    -------
    str
    """
    return str(Path(tempfile.mkdtemp(dir=_folder()), suffix))


@contextmanager
def temporary_file(name: str = "") -> Iterator[str]:
    """A path for a file in a new folder, which is removed at the end of the block.

    Parameters
    ----------
    name
        The name of the file; it is not created.

    Yields
    ------
    str
    """
    with tempfile.TemporaryDirectory(prefix="negw2v-") as folder:
        yield str(Path(folder, name))
