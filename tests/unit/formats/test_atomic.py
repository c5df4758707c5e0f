"""Files are written whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from negw2v.errors import SaveError
from negw2v.formats.atomic import replacing

ROOT = os.geteuid() == 0


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]


def write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


def test_the_new_content_replaces_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert leftovers(tmp_path)
    assert path.read_bytes() == b"new"
    assert not leftovers(tmp_path)


def test_the_block_may_seek_and_close(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as file:
        file.write(b"____ content")
        file.seek(0)
        file.write(b"12")
        file.close()
    assert path.read_bytes() == b"12__ content"


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    write(path, b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"new" * 10_000)
            raise error

    with pytest.raises(type(error)) as caught:
        fail()
    assert caught.value is error
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path)


def test_an_error_of_the_system_becomes_ours(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(SaveError, match="room on the disk") as caught, replacing(path):
        raise OSError(28, "No space left on device")
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == 28
    assert caught.value.filename == str(path)
    assert not list(tmp_path.iterdir())


def test_a_limit_of_file_size_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        with pytest.raises(SaveError, match="no larger file"):
            write(path, b"x" * (1 << 17))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path)


def test_what_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="this is a folder"):
        write(tmp_path, b"")
    with pytest.raises(SaveError, match="there is no folder"):
        write(tmp_path / "missing" / "file", b"")
    write(tmp_path / "file", b"")
    with pytest.raises(SaveError, match=r"(?i)not a (folder|directory)"):
        write(tmp_path / "file" / "below", b"")


@pytest.mark.skipif(ROOT, reason="the superuser may write everywhere")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")
    path.chmod(0o444)
    with pytest.raises(SaveError, match="write-protected"):
        write(path, b"new")
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(SaveError, match="no permission to make files"):
            write(path, b"new")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == b"old"


def test_no_permission_in_a_process_that_has_none(tmp_path: Path) -> None:
    """The same for test runs of the superuser: a child gives its rights up."""
    if not ROOT:
        pytest.skip("test_no_permission covers it")
    path = tmp_path / "file"
    write(path, b"old")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    code = (
        "import os, sys; from negw2v.formats.atomic import replacing; os.setgid(65534); "
        "os.setuid(65534); from negw2v.errors import SaveError\n"
        "try:\n    with replacing(sys.argv[1]) as f: f.write(b'new')\n"
        "except SaveError as e: print(e.errno, e)\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    ).stdout
    assert printed.startswith("13 ")
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path)


def test_permission_bits(tmp_path: Path) -> None:
    fresh, opened, private = tmp_path / "fresh", tmp_path / "opened", tmp_path / "private"
    write(fresh, b"")
    opened.write_bytes(b"")
    assert stat.S_IMODE(fresh.stat().st_mode) == stat.S_IMODE(opened.stat().st_mode)
    private.write_bytes(b"")
    private.chmod(0o640)
    write(private, b"new")
    assert stat.S_IMODE(private.stat().st_mode) == 0o640


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "file", tmp_path / "link"
    write(target, b"old")
    link.symlink_to(target)
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_devices_and_pipes_are_written_to(tmp_path: Path) -> None:
    write(Path(os.devnull), b"anything")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through it")
    reader.join()
    assert read == [b"through it"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_very_long_name(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 120)
    write(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    size = 1 << 20
    code = (
        "import sys; from negw2v.formats.atomic import replacing\n"
        "n = 0\nprint('ready', flush=True)\n"
        "while True:\n"
        "    with replacing(sys.argv[1]) as f:\n"
        "        for _ in range(16): f.write(bytes([n % 256]) * (1 << 16))\n"
        "    n += 1\n"
    )
    write(path, b"\xff" * size)
    for attempt in range(8):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.003 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = path.read_bytes()
        assert len(found) == size
        assert found == found[:1] * size
