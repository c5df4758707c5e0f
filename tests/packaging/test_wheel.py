"""The sdist holds what it takes to build; the wheel, built from it, holds no source."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("build", reason="builds an sdist and a wheel")
import check_wheel


@pytest.fixture(scope="module")
def dist(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_contents(dist: Path) -> None:
    assert check_wheel.wheel_problems(check_wheel.the_one(dist, "*.whl")) == []
    assert check_wheel.sdist_problems(check_wheel.the_one(dist, "*.tar.gz")) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_has_every_level_of_this_machine(dist: Path) -> None:
    from negw2v import kernels

    with zipfile.ZipFile(check_wheel.the_one(dist, "*.whl")) as archive:
        compiled = [Path(name).name for name in archive.namelist()]
    for level in kernels.levels():
        assert any(name.startswith(f"_training_{level}.") for name in compiled), level


def test_a_source_in_a_wheel_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "negw2v-0-none.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("negw2v/kernels/training.pyx", "")
        archive.writestr("tests/test_it.py", "")
        archive.writestr("negw2v-0.dist-info/METADATA", "")
    problems = check_wheel.wheel_problems(path)
    assert "a source file: negw2v/kernels/training.pyx" in problems
    assert "a second package: tests" in problems
    assert "missing: negw2v/py.typed" in problems
    assert "missing: LICENSE" in problems
    assert "missing: negw2v/errors.py" in problems
    assert "missing: negw2v/explorer/assets/page.html" in problems
    assert any(problem.startswith("no training kernel") for problem in problems)


def test_a_wheel_with_debug_symbols_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "negw2v-0-none.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("negw2v/errors.py", "x" * 5000)
    assert not any("debug symbols" in line for line in check_wheel.wheel_problems(path))
    monkeypatch.setattr(check_wheel, "MOST_BYTES", 4000)
    assert any("debug symbols" in line for line in check_wheel.wheel_problems(path))


def test_an_incomplete_sdist_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "negw2v-0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("negw2v-0/setup.py", "negw2v-0/build/x.c", "negw2v-0/negw2v/y.so"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    problems = check_wheel.sdist_problems(path)
    assert "generated C: build/x.c" in problems
    assert "a compiled file: negw2v/y.so" in problems
    assert "missing: src_cython/training/training.pyx" in problems
    assert "missing: setup.py" not in problems
