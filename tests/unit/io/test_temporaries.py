"""Private temporary files go, even after the process that made them was killed."""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from negw2v import KeyedVectors, ModelFileError
from negw2v.io.temporaries import private_file

needs_locks = pytest.mark.skipif(os.name == "nt", reason="there are no locks to tell by")

HOLDER = (
    "from negw2v.io.temporaries import private_file\n"
    "with private_file() as (path, _):\n"
    "    print(path, flush=True); input()\n"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def start_holder() -> tuple[subprocess.Popen[str], Path]:
    """A process that has a private file."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def stop(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.wait()
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()


def test_a_private_file_is_of_this_user_and_goes(temporary: Path) -> None:
    with private_file() as (path, descriptor):
        assert path.parent == temporary
        os.write(descriptor, b"content")
        assert path.read_bytes() == b"content"
        if os.name != "nt":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(temporary.iterdir())
    with pytest.raises(RuntimeError), private_file():
        raise RuntimeError
    assert not list(temporary.iterdir())


@needs_locks
def test_the_next_process_removes_what_a_killed_one_left(temporary: Path) -> None:
    process, path = start_holder()
    with private_file():
        assert path.exists()  # it is in use
    stop(process, signal.SIGKILL)
    assert path.exists()
    with private_file() as (ours, _):
        assert list(temporary.iterdir()) == [ours]


def test_a_folder_for_temporary_files_that_is_gone(temporary: Path, tmp_path: Path) -> None:
    store = KeyedVectors(2)
    store.add_vectors(["a"], np.ones((1, 2)))
    store.save(tmp_path / "v.gz")
    tempfile.gettempdir()
    temporary.rmdir()
    with pytest.raises(ModelFileError, match=r"cannot be unpacked to .*: No such file"):
        KeyedVectors.load(tmp_path / "v.gz")


@needs_locks
def test_loading_removes_what_a_killed_load_left(temporary: Path, tmp_path: Path) -> None:
    store = KeyedVectors(2)
    store.add_vectors(["a"], np.ones((1, 2)))
    store.save(tmp_path / "plain")
    (tmp_path / "v.gz").write_bytes(gzip.compress((tmp_path / "plain").read_bytes()))
    process, path = start_holder()
    stop(process, signal.SIGKILL)
    assert path.exists()
    assert KeyedVectors.load(tmp_path / "v.gz").index_to_key == ["a"]
    assert not list(temporary.iterdir())
