"""Runs a script or a module as ``python`` itself does, in this process."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import io
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from negw2v.errors import ConfigurationError

__all__ = ["run_module", "run_script"]

# The exit status of a program that was interrupted, as shells report it.
INTERRUPTED = 130


def run_script(path: str, arguments: Sequence[str]) -> int:
    """``python path arguments...``: a file, or a folder or zip file with a ``__main__.py``.

    Parameters
    ----------
    path
        The script.
    arguments
        Its ``sys.argv[1:]``.

    Returns
    -------
    int
        The exit status, unless the program raises SystemExit with one.

    Raises
    ------
    OSError
        The script does not exist, or cannot be read.
    """
    place = Path(path)
    sys.argv = [path, *arguments]
    if place.is_dir() or place.suffix in {".zip", ".pyz"}:
        return _guarded(lambda: runpy.run_path(path, run_name="__main__"), after=runpy.__file__)
    sys.path[0] = str(place.resolve().parent)
    full_path = str(place.absolute())
    loader = SourceFileLoader("__main__", full_path)
    with io.open_code(full_path) as file:
        source = file.read()
    return _run(
        lambda: compile(source, full_path, "exec", dont_inherit=True),
        {"__file__": full_path, "__loader__": loader, "__spec__": None, "__package__": None},
    )


def run_module(name: str, arguments: Sequence[str]) -> int:
    """``python -m name arguments...``.

    Parameters
    ----------
    name
        A module, or a package with a module ``__main__``.
    arguments
        Its ``sys.argv[1:]``.

    Returns
    -------
    int
        The exit status, unless the program raises SystemExit with one.

    Raises
    ------
    ConfigurationError
        There is no such module, or it has no code to run.
    """
    sys.argv = ["-m", *arguments]  # as in Python, while parent packages are imported
    sys.path[0] = str(Path.cwd())
    spec = _find(name)
    assert spec.loader is not None
    get_code = getattr(spec.loader, "get_code", None)
    code = get_code(spec.name) if get_code else None
    if code is None:
        raise ConfigurationError(f"module {name!r} has no Python code that could be run")
    sys.argv[0] = str(spec.origin)
    return _run(
        lambda: code,
        {
            "__file__": spec.origin,
            "__cached__": spec.cached,
            "__loader__": spec.loader,
            "__spec__": spec,
            "__package__": spec.parent,
        },
    )


def _find(name: str) -> ModuleSpec:
    """The module to run for ``-m name``."""
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name = f"{name}.__main__"
            spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a parent package exists, but one of its own imports failed
        spec = None
    if spec is None:
        raise ConfigurationError(f"there is no module named {name!r}")
    return spec


def _run(make_code: Any, attributes: dict[str, Any]) -> int:
    """Run code as ``__main__``. The module stays: threads and exit handlers may need it later."""
    main = ModuleType("__main__")
    vars(main).update(attributes, __builtins__=builtins)
    sys.modules["__main__"] = main

    def program() -> None:
        code: CodeType = make_code()
        exec(code, vars(main))  # noqa: S102 - the user's own program

    return _guarded(program, after=__file__)


def _guarded(program: Any, after: str) -> int:
    """Run `program`; returns its exit status. A traceback begins with the program's own frames."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - shown as the interpreter does
        error.__traceback__ = _own_frames(error.__traceback__, after)
        sys.excepthook(type(error), error, error.__traceback__)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _own_frames(traceback: TracebackType | None, after: str) -> TracebackType | None:
    """The traceback without the frames up to the last one in the file `after`."""
    own = traceback
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        traceback = traceback.tb_next
        if filename in {__file__, after, "<frozen runpy>"}:
            own = traceback
    return own
