"""What the library says while a verb runs: warnings for people, events for programs."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from negw2v.errors import NegW2VWarning, SaveError

__all__ = ["events_written", "warnings_shown"]

#: The logger above all those of the library.
LIBRARY = logging.getLogger("negw2v")

logger = logging.getLogger(__name__)

Event = Callable[..., None]


@contextlib.contextmanager
def warnings_shown(verb: str) -> Iterator[None]:
    """Within the block, each warning of the library is a line on standard error.

    Parameters
    ----------
    verb
        The verb, which begins the line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter(f"negw2v {verb}: %(message)s"))

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, NegW2VWarning):
            logger.warning("%s", message)
        else:
            shown(message, category, *place, **more)

    LIBRARY.addHandler(handler)
    shown, warnings.showwarning = warnings.showwarning, show
    try:
        yield
    finally:
        warnings.showwarning = shown
        LIBRARY.removeHandler(handler)


class _Lines(logging.Handler):
    """Writes the events of log records, one JSON object a line."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(logging.INFO)
        self._file: IO[str] | None = file

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, if it is an event or a warning."""
        event = getattr(record, "event", None)
        if event is None and record.levelno < logging.WARNING:
            return
        self.write(**(event or {"event": "warning", "message": record.getMessage()}))

    def write(self, **event: Any) -> None:
        """Write one event, with its time; training goes on where that is not possible."""
        if self._file is None:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": at, **event}, ensure_ascii=False, default=str)
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            self._file = None
            logger.warning("--log-json ends here, as writing failed: %s", error.strerror)


@contextlib.contextmanager
def events_written(path: str | None) -> Iterator[Event]:
    """Within the block, each event of training is a JSON object on a line of a file.

    Parameters
    ----------
    path
        The file, which is made anew; "-": standard error; None: nothing is written.

    Yields
    ------
    function
        ``event(event=name, **fields)`` writes a further one.

    Raises
    ------
    SaveError
        The file cannot be written.
    """
    if path is None:
        yield lambda **_event: None
        return
    file: IO[str] = sys.stderr
    if path != "-":
        try:
            file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 - closed below
        except OSError as error:
            raise SaveError(path, error.strerror or str(error), error.errno or errno.EIO) from error
    try:
        lines = _Lines(file)
        level = LIBRARY.level
        LIBRARY.addHandler(lines)
        LIBRARY.setLevel(logging.INFO)
        try:
            yield lines.write
        except BaseException as error:
            lines.write(
                event="interrupted" if isinstance(error, KeyboardInterrupt) else "failed",
                message=str(error),
            )
            raise
        finally:
            LIBRARY.setLevel(level)
            LIBRARY.removeHandler(lines)
    finally:
        if file is not sys.stderr:
            with contextlib.suppress(OSError):  # of what could not be written: see _Lines
                file.close()
