"""Files come from $NEGW2V_DATA, the cache or the network, checked; else the error says how."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from negw2v.datasets import files
from negw2v.datasets.files import DataFile, cache_folder, data_folder
from negw2v.errors import DatasetError

CONTENT = b"to be or not to be\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Neither data nor cache; returns where the cache would be."""
    monkeypatch.delenv("NEGW2V_DATA", raising=False)
    monkeypatch.setenv("NEGW2V_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server on this machine that offers hamlet.txt, and its address."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "hamlet.txt").write_bytes(CONTENT)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    handler = partial(QuietHandler, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def write(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_data_folder_comes_first(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write(tmp_path / "mine" / "plays" / "hamlet.txt")
    write(empty / "plays" / "hamlet.txt")
    monkeypatch.setenv("NEGW2V_DATA", str(tmp_path / "mine"))
    assert DataFile("plays", "hamlet.txt", SHA256).path() == mine


def test_the_cache_comes_second(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = write(empty / "plays" / "hamlet.txt")
    monkeypatch.setenv("NEGW2V_DATA", str(tmp_path / "without-it"))
    assert DataFile("plays", "hamlet.txt", SHA256, url="http://127.0.0.1:9/x").path() == cached


def test_the_network_comes_third_and_fills_the_cache(
    empty: Path, server: str, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pooch")
    file = DataFile("plays", "hamlet.txt", SHA256, url=f"{server}/hamlet.txt")
    path = file.path()
    assert capfd.readouterr() == ("", "")
    assert path == empty / "plays" / "hamlet.txt"
    assert path.read_bytes() == CONTENT
    assert file.path(download=False) == path


def test_a_download_with_the_wrong_content_is_refused(empty: Path, server: str) -> None:
    pytest.importorskip("pooch")
    file = DataFile("plays", "hamlet.txt", "0" * 64, url=f"{server}/hamlet.txt")
    with pytest.raises(DatasetError, match="does not match the known hash"):
        file.path()
    assert not (empty / "plays" / "hamlet.txt").exists()


def test_a_damaged_file_is_refused(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = write(tmp_path / "mine" / "plays" / "hamlet.txt", CONTENT[:-5])
    monkeypatch.setenv("NEGW2V_DATA", str(tmp_path / "mine"))
    with pytest.raises(DatasetError, match="cut short") as caught:
        DataFile("plays", "hamlet.txt", SHA256).path()
    assert str(short) in str(caught.value)
    assert SHA256 in str(caught.value)


def test_the_error_names_all_three_ways(offline: dict[str, str]) -> None:
    pytest.importorskip("pooch")
    url = "http://example.invalid/hamlet.txt"
    with pytest.raises(DatasetError) as caught:
        DataFile("plays", "hamlet.txt", SHA256, url=url).path()
    message = str(caught.value)
    assert "the download failed" in message
    assert "set NEGW2V_DATA to the folder that holds plays/hamlet.txt" in message
    assert "$NEGW2V_DATA is not set" in message
    assert str(Path(offline["NEGW2V_CACHE"]) / "plays" / "hamlet.txt") in message
    assert url in message


def test_a_server_that_is_silent_is_given_up(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pooch")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # the look-up of a server's name has no timeout of its own
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: released.wait() and [])
    monkeypatch.setattr(files, "PATIENCE_SECONDS", 0.1)
    released = threading.Event()
    try:
        with pytest.raises(DatasetError, match=r"did not answer within 0\.1 s") as caught:
            DataFile("plays", "hamlet.txt", SHA256, url="http://localhost/hamlet.txt").path()
        assert "set NEGW2V_DATA" in str(caught.value)
    finally:
        released.set()
    assert not (empty / "plays").exists()


def test_the_error_says_what_the_data_folder_lacks(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEGW2V_DATA", str(tmp_path))
    with pytest.raises(DatasetError, match=r"which has no such file"):
        DataFile("plays", "hamlet.txt", SHA256).path()


def test_without_a_public_source_no_network_is_named(empty: Path) -> None:
    with pytest.raises(DatasetError, match="no public source") as caught:
        DataFile("plays", "hamlet.txt", SHA256).path()
    assert "network" not in str(caught.value)


def test_no_download_when_asked_not_to(empty: Path, server: str) -> None:
    file = DataFile("plays", "hamlet.txt", SHA256, url=f"{server}/hamlet.txt")
    with pytest.raises(DatasetError, match="not to be downloaded"):
        file.path(download=False)
    assert not empty.exists()


def test_without_pooch_the_error_names_the_extra(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DatasetError, match=r"pip install 'negw2v\[datasets\]'"):
        DataFile("plays", "hamlet.txt", SHA256, url="http://example.invalid/x").path()


def test_folders_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEGW2V_DATA", "~/sets")
    assert data_folder() == Path.home() / "sets"
    monkeypatch.setenv("NEGW2V_DATA", " ")
    assert data_folder() is None
    monkeypatch.setenv("NEGW2V_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("NEGW2V_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "negw2v"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "negw2v"
