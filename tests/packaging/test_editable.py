"""An editable install is found from wherever a script lies, also beside the clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

EDITABLE_WHEEL = """
import sys, Cython.Build
Cython.Build.cythonize = lambda extensions, **_: []  # nothing is compiled
sys.argv = ["setup.py", "--quiet", "editable_wheel", "--dist-dir", sys.argv[1]]
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
"""

# Python's libraries without what an editable install of the tests' own environment has put there.
SCRIPT = """
import site, sys
installed, *libraries = sys.argv[1:]
sys.path += libraries
site.addsitedir(installed)
import negw2v
from negw2v import NegW2VError
print(negw2v.__file__)
"""


@pytest.mark.parametrize("shadow", ["the clone", "an empty folder"])
def test_a_folder_of_the_same_name_does_not_shadow_the_package(
    repository: Path, tmp_path: Path, shadow: str
) -> None:
    pytest.importorskip("Cython")
    home = tmp_path if shadow == "the clone" else tmp_path / "elsewhere"
    clone = home / "negw2v"
    shutil.copytree(
        repository / "negw2v", clone / "negw2v", ignore=shutil.ignore_patterns("*.so", "*.pyd")
    )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, clone)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    wheels, installed = tmp_path / "wheels", tmp_path / "installed"
    built = subprocess.run(
        [sys.executable, "-c", EDITABLE_WHEEL, str(wheels)],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    (tmp_path / "negw2v").mkdir(exist_ok=True)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    site_packages = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    found = subprocess.run(
        [sys.executable, "-S", str(script), str(installed), *site_packages],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()) == clone / "negw2v" / "__init__.py"
