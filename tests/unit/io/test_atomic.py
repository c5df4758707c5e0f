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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import interrupting
import pytest

from negw2v.errors import SaveError
from negw2v.io import temporaries
from negw2v.io.atomic import appending, check_replaceable, replacing

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
        "import os, sys; from negw2v.io.atomic import replacing; os.setgid(65534); "
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
        "import sys; from negw2v.io.atomic import replacing\n"
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


WRITER = (
    "import sys; from negw2v.io.atomic import replacing\n"
    "with replacing(sys.argv[1]) as f:\n"
    "    f.write(b'new'); f.flush(); print('ready', flush=True); sys.stdin.read()\n"
)


def start_writer(path: Path) -> subprocess.Popen[bytes]:
    """A process that is in the middle of writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def end(process: subprocess.Popen[bytes], *, kill: bool) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    if kill:
        process.kill()
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "file.2"
    writers = [start_writer(target) for target in (path, path, other)]
    for writer in writers:
        end(writer, kill=True)
    assert len(leftovers(tmp_path)) == 3
    write(path, b"new")
    assert len(leftovers(tmp_path)) == 1
    assert leftovers(tmp_path)[0].startswith(".file.2.")
    write(other, b"new")
    assert not leftovers(tmp_path)


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    process = start_writer(path)
    in_use = leftovers(tmp_path)
    for name in in_use:
        os.utime(tmp_path / name, (0, 0))  # however old it looks
    write(path, b"mine")
    assert leftovers(tmp_path) == in_use
    end(process, kill=False)
    assert path.read_bytes() == b"new"
    assert not leftovers(tmp_path)


def test_what_another_thread_is_writing_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as file:
        file.write(b"outer")
        file.close()  # which does not end the lock
        write(path, b"inner")
        assert path.read_bytes() == b"inner"
    assert path.read_bytes() == b"outer"
    assert not leftovers(tmp_path)


def test_only_what_is_surely_abandoned_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    monkeypatch.setattr("platform.node", lambda: "another")
    elsewhere = temporaries.new_name(path)
    monkeypatch.undo()
    elsewhere.write_bytes(b"of another machine")
    link, folder = temporaries.new_name(path), temporaries.new_name(path)
    link.symlink_to(elsewhere)
    folder.mkdir()
    pipe = temporaries.new_name(path)
    os.mkfifo(pipe)
    similar = [
        tmp_path / ".file.tmp",
        tmp_path / ".file.1234.tmp",
        tmp_path / f".file.x{temporaries.new_name(path).name[6:]}",
        tmp_path / f"{temporaries.new_name(path).name}.bak",
    ]
    for each in similar:
        each.write_bytes(b"of somebody else")
    kept = {elsewhere, link, folder, pipe, *similar}
    write(path, b"new")
    assert set(tmp_path.iterdir()) == kept | {path}
    old = time.time() - temporaries.ABANDONED_AFTER - 60
    os.utime(elsewhere, (old, old))
    write(path, b"new")
    assert set(tmp_path.iterdir()) == kept - {elsewhere} | {path}


def test_without_locks_only_old_files_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    path = tmp_path / "file"
    end(start_writer(path), kill=True)
    (left,) = leftovers(tmp_path)
    write(path, b"new")
    assert leftovers(tmp_path) == [left]
    os.utime(tmp_path / left, (0, 0))
    write(path, b"new")
    assert not leftovers(tmp_path)
    assert path.read_bytes() == b"new"


def test_a_file_that_is_removed_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, removed = tmp_path / "file", []
    lock = temporaries._lock

    def lock_too_late(descriptor: int, *, wait: bool) -> bool | None:
        if wait and len(removed) < 3:
            removed.extend(leftovers(tmp_path))
            (tmp_path / removed[-1]).unlink()
        return lock(descriptor, wait=wait)

    monkeypatch.setattr(temporaries, "_lock", lock_too_late)
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert len(removed) == 3
    assert not leftovers(tmp_path)


def test_many_writers_at_once(tmp_path: Path) -> None:
    """Nobody removes what another one is writing, at whatever moment."""
    path = tmp_path / "file"

    def keep_writing(number: int) -> None:
        for _ in range(60):
            write(path, bytes([number]) * 5000)
            found = path.read_bytes()
            assert found == found[:1] * 5000

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(keep_writing, range(6))) == [None] * 6
    assert not leftovers(tmp_path)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("action", ["replace", "make", "append", "append to none"])
def test_interrupted_anywhere_nothing_is_left(tmp_path: Path, action: str) -> None:
    path = tmp_path / "file"

    def operation() -> None:
        with appending(path) if "append" in action else replacing(path) as file:
            file.write(b"new")

    def prepare() -> None:
        path.unlink(missing_ok=True)
        if action in {"replace", "append"}:
            path.write_bytes(b"old ")

    prepare()
    before = path.read_bytes() if path.exists() else None
    after = b"old new" if action == "append" else b"new"
    done = []
    for event in interrupting.events(operation, instructions=True):
        prepare()
        place = interrupting.run(operation, event, instructions=True).places[-1]
        assert not leftovers(tmp_path), place
        found = path.read_bytes() if path.exists() else None
        assert found in (before, after), place
        done.append(found == after)
    assert not done[0]
    assert done[-1]


def test_what_is_no_place_for_a_file_is_known_before(tmp_path: Path) -> None:
    old = tmp_path / "file"
    write(old, b"old")
    for path, reason in (
        (tmp_path, "this is a folder"),
        (tmp_path / "missing" / "file", "there is no folder"),
        (old / "below", r"(?i)not a (folder|directory)"),
        (tmp_path / ("x" * 300), "(?i)name too long"),
    ):
        with pytest.raises(SaveError, match=reason):
            check_replaceable(path)
    for path in (old, tmp_path / "new", Path(os.devnull)):
        check_replaceable(path)
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_bytes() == b"old"
