"""The log of important moments in an object's life: created, trained, saved, loaded."""

from __future__ import annotations

import contextlib
import copy
import functools
import logging
import os
import platform
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from negw2v import __version__

__all__ = ["LifecycleEvents"]

logger = logging.getLogger(__name__)


@functools.cache
def _platform() -> str:
    """``platform.platform()``, without the processor's name, for which that starts a process."""
    if sys.platform != "linux":
        return platform.platform()
    system = os.uname()
    parts = (system.sysname, system.release, system.machine, "with", "".join(platform.libc_ver()))
    return "-".join(filter(None, parts))


class LifecycleEvents:
    """Mixin with gensim's ``add_lifecycle_event`` and ``lifecycle_events``.

    Attributes
    ----------
    lifecycle_events : list of dict, or None
        One dict per event, oldest first. Set it to None to stop recording.
    """

    lifecycle_events: list[dict[str, Any]] | None

    def add_lifecycle_event(
        self, event_name: str, log_level: int | bool = logging.INFO, **event: Any
    ) -> None:
        """Append an event to `lifecycle_events`, and log it.

        Parameters
        ----------
        event_name
            What happened, such as "created".
        log_level
            Level at which the event is logged; False: not at all.
        **event
            What else there is to know, JSON-serialisable. Added to it are ``datetime``,
            ``negw2v`` (version), ``python``, ``platform`` and ``event`` (the name).

        Examples
        --------
        >>> kv = negw2v.KeyedVectors(2)
        >>> kv.add_lifecycle_event("checked", log_level=False, by="me")
        >>> kv.lifecycle_events[-1]["by"]
        'me'
        """
        record = copy.deepcopy(event)
        record.update(
            datetime=datetime.now().isoformat(),
            negw2v=__version__,
            python=sys.version,
            platform=_platform(),
            event=event_name,
        )
        if log_level:
            logger.log(log_level, "%s lifecycle event %s", type(self).__name__, record)
        events: list[dict[str, Any]] | None = getattr(self, "lifecycle_events", [])
        if events:
            events.append(record)
        elif events is not None:
            self.lifecycle_events = [record]

    @contextlib.contextmanager
    def event_unless_failed(self, event_name: str, **event: Any) -> Iterator[None]:
        """Record an event while it happens; where it fails, it is taken out of the log again.

        Parameters
        ----------
        event_name, **event
            As for :meth:`add_lifecycle_event`.

        Examples
        --------
        >>> kv = negw2v.KeyedVectors(2)
        >>> with kv.event_unless_failed("checking", by="me"):
        ...     pass
        >>> kv.lifecycle_events[-1]["by"]
        'me'
        """
        before = getattr(self, "lifecycle_events", [])
        if not isinstance(before, list):  # None, or what save() refuses
            yield
            return
        was_there, length = hasattr(self, "lifecycle_events"), len(before)
        self.add_lifecycle_event(event_name, **event)
        try:
            yield
        except BaseException:
            if was_there:
                del before[length:]
                self.lifecycle_events = before
            else:
                del self.lifecycle_events
            raise
