"""Running a program: beside what ``python`` itself does with it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

RUN = """
import sys
from negw2v.plugin import program
first, *rest = sys.argv[1:]
sys.exit(
    program.run_module(rest[0], rest[1:]) if first == "-m" else program.run_script(first, rest)
)
"""
OURS = [sys.executable, "-c", RUN]


def outcome(command: list[str], folder: Path) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    environment.pop("PYTHONSAFEPATH", None)  # as with sanitizers; python would find no script
    finished = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return finished.returncode, finished.stdout, finished.stderr


def check_same(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """The outcome under python, after a comparison with the outcome under us."""
    expected = outcome([sys.executable, *arguments], folder)
    assert outcome([*OURS, *arguments], folder) == expected
    return expected


def write(path: Path, code: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(code))
    return path


SURROUNDINGS = """
    import sys, threading, time, atexit, pickle
    print(sys.argv, __name__, __file__, __package__, __spec__ and __spec__.name, sys.path[0])
    print(type(__loader__).__name__, __builtins__.__name__, sys.modules["__main__"].__name__)
    class Thing:
        pass
    print(type(pickle.loads(pickle.dumps(Thing()))) is Thing)
    atexit.register(lambda: print("at exit", Thing.__name__))
    def later():
        time.sleep(0.1)
        print("thread", type(pickle.loads(pickle.dumps(Thing()))) is Thing)
    threading.Thread(target=later).start()
"""


def test_a_script_finds_what_it_finds_under_python(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "script.py", SURROUNDINGS)
    status, output, _ = check_same(["sub/script.py", "-m", "--flag", "x y"], tmp_path)
    assert status == 0
    assert "['sub/script.py', '-m', '--flag', 'x y'] __main__" in output
    assert "thread True" in output


def test_a_module_and_a_package_find_what_they_find_under_python(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py", "import sys\nprint('package', sys.argv)")
    write(tmp_path / "pack" / "part.py", SURROUNDINGS)
    write(tmp_path / "pack" / "__main__.py", SURROUNDINGS)
    assert check_same(["-m", "pack.part", "-m", "a"], tmp_path)[0] == 0
    assert "pack.__main__" in check_same(["-m", "pack", "a"], tmp_path)[1]


def test_folders_and_zip_files_run_too(tmp_path: Path) -> None:
    script = write(tmp_path / "folder" / "__main__.py", "import sys; print(sys.argv, __name__)")
    with zipfile.ZipFile(tmp_path / "program.zip", "w") as archive:
        archive.write(script, "__main__.py")
    check_same(["folder", "a"], tmp_path)
    check_same(["program.zip", "a"], tmp_path)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('a message')", 1),
        ("raise SystemExit", 0),
        ("def f():\n    return 1 / 0\nf()", 1),
        ("from negw2v import Word2Vec; Word2Vec(window=0)", 1),
        ("x = (", 1),
        ("import sys; sys.excepthook = lambda *a: print('hook', a[0]); 1 / 0", 1),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e", 1),
    ],
)
def test_exit_status_and_traceback_are_pythons(tmp_path: Path, code: str, status: int) -> None:
    write(tmp_path / "script.py", code)
    assert check_same(["script.py"], tmp_path)[0] == status


def test_an_interrupt_ends_the_program(tmp_path: Path) -> None:
    write(tmp_path / "script.py", "def f():\n    raise KeyboardInterrupt\nf()")
    status, _, errors = outcome([*OURS, "script.py"], tmp_path)
    assert status == 130
    assert errors.startswith("Traceback")
    assert "program.py" not in errors


@pytest.mark.parametrize("name", ["nope", "nope.x", "json", "json.nope", "_socket"])
def test_what_cannot_be_run_as_a_module_is_said(name: str, tmp_path: Path) -> None:
    status, _, errors = outcome([*OURS, "-m", name], tmp_path)
    assert status == 1
    assert "ConfigurationError" in errors
    assert name.partition(".")[0] in errors.splitlines()[-1]


def test_an_import_error_inside_of_a_package_is_the_programs_own(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py", "import something_that_is_not_there")
    write(tmp_path / "pack" / "part.py", "")
    _, _, errors = outcome([*OURS, "-m", "pack.part"], tmp_path)
    assert "No module named 'something_that_is_not_there'" in errors


@pytest.fixture
def user_script(tmp_path: Path) -> Path:
    return write(
        tmp_path / "user.py",
        """
        import sys
        from gensim.models import Word2Vec
        model = Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4)
        print(Word2Vec.__module__, len(model.wv), sys.argv[1:])
        """,
    )


def test_the_command_line_runs_a_program_with_ours(user_script: Path) -> None:
    pytest.importorskip("gensim", reason="there is nothing to patch without gensim")
    folder, command = user_script.parent, [sys.executable, "-m", "negw2v", "run"]
    found = outcome([*command, "user.py", "-m", "x"], folder)
    assert found == (0, "negw2v.word2vec.model 2 ['-m', 'x']\n", "")
    found = outcome([*command, "-m", "user", "--help"], folder)
    assert found == (0, "negw2v.word2vec.model 2 ['--help']\n", "")


def test_the_command_line_says_what_it_cannot_run(tmp_path: Path) -> None:
    pytest.importorskip("gensim", reason="there is nothing to patch without gensim")
    command = [sys.executable, "-m", "negw2v", "run"]
    status, _, errors = outcome([*command, "nope.py"], tmp_path)
    assert status == 2
    assert "nope.py" in errors
    status, _, errors = outcome(command, tmp_path)
    assert status == 1
    assert "name a script" in errors
