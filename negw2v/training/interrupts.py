"""Ctrl-C that is put off until training stands where it can be continued."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["put_off"]


@contextmanager
def put_off(wanted: bool) -> Iterator[Callable[[], bool]]:
    """Within the block, the first Ctrl-C is noted; a second one acts at once.

    The block should end soon after it. If it ends without an exception, KeyboardInterrupt is
    raised behind it.

    Parameters
    ----------
    wanted
        False: Ctrl-C acts as ever. So it does in threads other than the main one, which signals do
        not reach, and where the program has a handler of its own.

    Yields
    ------
    function
        Whether there was a Ctrl-C.
    """
    usual = signal.default_int_handler
    is_ours = wanted and threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not usual:
        yield lambda: False
        return
    noted = False

    def note(number: int, frame: Any) -> None:
        nonlocal noted
        if noted:
            usual(number, frame)
        noted = True

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted
    finally:
        signal.signal(signal.SIGINT, usual)
    if noted:
        raise KeyboardInterrupt
