"""What all tests share: where data lies, a corpus that needs no data, threads in quick turns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from negw2v.datasets import synthetic
from negw2v.datasets.files import data_folder

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The project's root folder."""
    return REPOSITORY


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data sets that $NEGW2V_DATA names; skips where there is none."""
    folder = data_folder()
    if folder is None:
        pytest.skip("needs data sets: set NEGW2V_DATA to the folder that holds ptb/ and eval/")
    if not folder.is_dir():
        pytest.fail(f"NEGW2V_DATA={folder} is not a folder")
    return folder


@pytest.fixture
def switch_often() -> Iterator[None]:
    """Threads change places every ten microseconds, where there is a lock of the interpreter."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture(scope="session")
def ptb_file(data_dir: Path) -> Path:
    """The training part of the Penn Treebank; skips where there is none."""
    path = data_dir / "ptb" / "ptb.train.txt"
    if not path.is_file():
        pytest.skip(f"needs the Penn Treebank at {path}")
    return path


@pytest.fixture(scope="session")
def synthetic_sentences() -> list[list[str]]:
    """5,000 sentences with planted relations; training on them takes well under a second.

    Shared by all tests: do not change them.
    """
    return synthetic.sentences(5_000, seed=1)


@pytest.fixture(scope="session")
def synthetic_file(
    synthetic_sentences: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same sentences as a corpus file."""
    path = tmp_path_factory.mktemp("corpus") / "synthetic.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in synthetic_sentences))
    return path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """An environment with no data, an empty cache and no network; also set in this process.

    Nothing listens on port 9 of this machine, so every download is refused at once.
    """
    changes = {
        "NEGW2V_CACHE": str(tmp_path / "empty-cache"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    monkeypatch.delenv("NEGW2V_DATA", raising=False)
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)
